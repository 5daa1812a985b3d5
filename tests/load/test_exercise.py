"""Exercises as files: what is refused and warned of, and that nothing in one crashes."""

from __future__ import annotations

import copy
import datetime as dt
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.api.exercises import figures_of
from sim.errors import BadInput
from sim.library import Library, load_any, load_evidence, load_exercise
from sim.spec.exercise import measures

LEDGER = "later-reporting"
SCENARIO = "hindcast-kursk-counts"
FACTS = load_evidence(LEDGER).spec.facts


def minimal() -> dict[str, Any]:
    """A whole exercise with one of everything."""
    return {
        "kind": "exercise",
        "name": "made",
        "title": "Made for a test",
        "minutes": 60,
        "objectives": {"one": "See one", "two": "See two", "three": "See three"},
        "evidence": ["article-2024-10", LEDGER],
        "scenarios": [SCENARIO],
        "policies": ["phased-approach"],
        "figures": {
            "due": {"scenario": "hindcast-kursk-counts", "policy": "phased-approach", "measure": "defensive_weapons.first"}
        },
        "roles": {"cabinet": {"label": "Cabinet", "briefing": "You decide (F10)."}},
        "moves": {
            "first": {
                "title": "First",
                "minutes": 45,
                "on": "2024-11-12",
                "situation": "It is known (H06).",
                "injects": {
                    "report": {
                        "title": "Report",
                        "text": "They fight (H07).",
                        "source": "A department",
                        "reliability": "contested",
                        "evidence": ["H07"],
                        "objective": ["one", "two", "three"],
                        "to": "cabinet",
                        "when": "deployment_level >= 3",
                        "minute": 3,
                        "set": {"deployment_level": 3.5},
                    }
                },
                "code": {
                    "question": "Code it.",
                    "blanks": {
                        "wait": {"ask": "Days?", "path": "transitions.arm_defensively.confirm", "from": 1, "to": 3, "step": 1},
                        "read": {"ask": "Which?", "path": "thresholds.front_line", "options": {"Sent": "rival:sent"}},
                    },
                },
                "decide": {"question": "What now?", "options": ["Act", "Wait"]},
                "observe": [{"sees": "They look.", "objective": ["one", "two", "three"]}],
                "key": "By the rule: {due}.",
            }
        },
        "debrief": {"minutes": 15, "questions": ["What was it?"], "findings": ["{due}"]},
        "sliders": {"wait": {"path": "transitions.arm_defensively.confirm", "from": 1, "to": 28, "step": 1}},
        "paper": "Print it.",
    }


def told(document: Mapping[str, Any]) -> list[str]:
    """Every mistake in an exercise, each as field and message."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.yaml"
        path.write_text(json.dumps(document), "utf-8")
        try:
            warnings = Library([]).load_exercise(str(path)).warnings
        except BadInput as error:
            return [f"{each.field}: {each.message}" for each in error.problems]
        return [f"warning: {each.field}: {each.message}" for each in warnings]


def changed(value: object, *path: str) -> dict[str, Any]:
    """The minimal exercise with one value replaced."""
    document = minimal()
    place = document
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    return document


def test_the_minimal_one_is_whole() -> None:
    assert told(minimal()) == []


@pytest.mark.parametrize("fact", [name for name, each in FACTS.items() if each.date is None or each.date > dt.date(2024, 10, 24)])
@pytest.mark.parametrize("on", ["2024-10-31", "2024-12-16"])
def test_nothing_later_than_the_knowledge_date_is_shown(fact: str, on: str) -> None:
    """Each fact of the ledger, in a situation and in a briefing, against the plain comparison of dates."""
    document = changed(on, "moves", "first", "on")
    document["moves"]["first"] |= {"situation": f"So it is ({fact}).", "injects": minimal()["moves"]["first"]["injects"]}
    document["moves"]["first"]["injects"]["report"] |= {"text": "X", "evidence": []}
    document["roles"]["cabinet"]["briefing"] = f"You know ({fact})."
    date = FACTS[fact].date
    known = date is not None and date <= dt.date.fromisoformat(on)
    mistakes = [each for each in told(document) if fact in each]
    assert len(mistakes) == (0 if known else 2), mistakes
    assert all(("nothing later is shown" if date else "has no date") in each for each in mistakes)


def test_the_white_cell_may_know_more() -> None:
    assert told(changed("No transfer was reported (S13). {due}", "moves", "first", "key")) == []


@pytest.mark.parametrize("on", ["2024-10-24", "2026-02-20"])
def test_the_ends_of_the_run_are_inside(on: str) -> None:
    document = changed(on, "moves", "first", "on")
    document["moves"]["first"] |= {"situation": "X"}
    document["moves"]["first"]["injects"]["report"] |= {"text": "X", "evidence": []}
    assert told(document) == []


@pytest.mark.parametrize(
    ("text", "warned"),
    [
        ("It ends on 16 December 2024.", "names 2024-12-16, which is after the move's knowledge date, 2024-11-12"),
        ("It ends on 2024-12-16.", "names 2024-12-16"),
        ("It began on 24 October 2024 and 2024-11-12.", ""),
        ("There is no 31 February 2025.", ""),
        ("It is 12 % of all.", "'12 %' is typed; let the model give it, as a figure, or cite the fact that it is from"),
        ("By a poll 64% are against (S03).", ""),
    ],
)
def test_warnings_of_a_text(text: str, warned: str) -> None:
    found = told(changed(text, "moves", "first", "situation"))
    assert len(found) == bool(warned)
    assert all(warned in each for each in found)


def test_a_figure_that_no_text_uses() -> None:
    document = changed("X", "moves", "first", "key")
    document["debrief"]["findings"] = []
    assert told(document) == ["warning: figures.due: no text uses this figure; write {due} where it is told, or leave it out"]


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        ({"measure": "no_action.reached"}, "unknown measure 'no_action.reached'"),
        ({"measure": "level.last"}, "unknown measure 'level.last'"),
        ({"measure": "defensive_weapons.first", "by": "2024-12-01"}, "goes with the measure PHASE.reached alone"),
        ({"measure": "defensive_weapons.first", "against": "phased-approach"}, "goes with the measure PHASE.later alone"),
        ({"measure": "changes", "set": ["thresholds.front_line=rival:snet"]}, "unknown rival 'snet'"),
        ({"measure": "changes", "set": ["phases.offensive_measures=null"]}, "unknown phase 'offensive_measures'"),
        ({"measure": "arm_defensively.missed", "set": ["transitions.arm_defensively=null"]}, "unknown measure"),
        ({"measure": "defensive_weapons.reached", "by": "2026-02-21"}, "must lie inside the run"),
    ],
)
def test_figures_that_cannot_be_measured(figure: dict[str, Any], said: str) -> None:
    whole = {"scenario": SCENARIO, "policy": "phased-approach", **figure}
    (mistake,) = told(changed(whole, "figures", "due"))
    assert said in mistake


def test_an_objective_needs_an_inject_and_an_observation() -> None:
    document = changed([{"sees": "They look.", "objective": ["one", "two"]}], "moves", "first", "observe")
    assert told(document) == ["objectives.three: no observation shows this objective; name it there under objective: three"]


def test_an_inject_of_which_nothing_is_expected() -> None:
    """An observation of its own move or of a later one will do; one before it will not."""
    document = minimal()
    first = document["moves"]["first"]
    second = {**first, "injects": {"again": {**first["injects"]["report"], "objective": ["three"]}}}
    document["moves"]["second"] = {**second, "observe": [{"sees": "They talk.", "objective": "one"}]}
    first["minutes"], document["moves"]["second"]["minutes"] = 30, 15
    assert told(document) == [
        "warning: moves.second.injects.again.objective: is shown by no observation of this move or a later one; "
        "add one under observe, or nothing is expected here"
    ]
    document["moves"]["first"]["observe"] = [{"sees": "They look.", "objective": ["two"]}]
    document["moves"]["second"]["observe"] = [{"sees": "They talk.", "objective": ["one", "three"]}]
    assert told(document) == []


def test_objectives_as_a_list_and_observations_in_a_line() -> None:
    """The short forms: a list counts as o1, o2, …"""
    document = changed(["See one", "See two", "See three"], "objectives")
    document["moves"]["first"]["injects"]["report"]["objective"] = ["o1", "o2", "o3"]
    document["moves"]["first"]["observe"] = ["o1: They look.", {"sees": "They talk.", "objective": ["o2", "o3"]}]
    assert told(document) == []
    document["moves"]["first"]["observe"][0] = "o4: They look."
    assert told(document) == [
        "objectives.o1: no observation shows this objective; name it there under objective: o1",
        "moves.first.observe.0.objective: unknown objective 'o4'; choose o1, o2 or o3",
    ]
    document["moves"]["first"]["observe"][0] = "They look."
    assert "moves.first.observe.0.objective: is missing; sees and objective must be given" in told(document)


def test_without_a_paper_path_there_is_a_warning() -> None:
    document = minimal()
    del document["paper"], document["moves"]["first"]["title"]
    (warning,) = told(document)
    assert warning.startswith("warning: paper: is missing: how is it played without any computer")


def test_a_slider_must_lead_to_one_number_everywhere() -> None:
    slider = {"path": "signposts.deployment_level.delay", "from": 0, "to": 14, "step": 7}
    assert told(changed(slider, "sliders", "wait")) == []
    several = {**slider, "path": ["transitions.arm_defensively.lag", "transitions.go_offensive.lag"]}
    assert told(changed(several, "sliders", "wait")) == []
    outside = {"path": "thresholds.front_line.value", "from": "x", "to": 4, "step": 1}
    assert told(changed(outside, "sliders", "wait")) == ["sliders.wait.from: must be a number, got 'x'"]


def test_files_beside_the_exercise_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A scenario of one's own in the exercise's folder, and the exercise named from elsewhere."""
    folder = tmp_path / "scenarios" / "exercises"
    folder.mkdir(parents=True)
    own = "kind: scenario\nname: mine\ntitle: Mine\nextends: hindcast-kursk-counts\ndays: 600\n"
    (folder / "mine.yaml").write_text(own, "utf-8")
    document = changed(["mine"], "scenarios")
    document["figures"]["due"]["scenario"] = "mine"
    (folder / "made.yaml").write_text(json.dumps(document), "utf-8")
    monkeypatch.chdir(tmp_path)
    library = Library()
    loaded = library.load_exercise("made")
    assert library.pair_in(loaded, "mine", "phased-approach").scenario.spec.days.fixed == 600
    assert "made" in [each.name for each in library.entries("exercise")]
    assert load_any("made").spec == loaded.spec


_TEXTS = ["", "x", "{", "{due}", "{nothing}", "(H10)", "(F99)", "phase == ", "phase == no_action", "level >=", "\u0000x", "a.b.c"]
_WORDS = ["2024-10-24", "9999-12-31", "by hand", "any", "rival:sent", "1 day"]
ODD = st.sampled_from([*_TEXTS, *_WORDS, None, True, 0, -1, 0.5, 1e308, [], {}, ["x"], [[]], {"x": 1}, {"x": {}}])


def _paths(value: object, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [at, *(path for key, item in inner for path in _paths(item, (*at, key)))]


PATHS = _paths(minimal())[1:]


def _inside(place: Any, part: Any) -> Any:
    """What stands there; None where an earlier change took it away."""
    if isinstance(place, list):
        return place[part] if isinstance(part, int) and part < len(place) else None
    return place.get(part) if isinstance(place, dict) else None


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(PATHS), st.one_of(ODD, st.just("REMOVE"), st.just("RENAME"))), min_size=1, max_size=3))
def test_no_file_crashes(changes: list[tuple[tuple[Any, ...], object]]) -> None:
    """Whatever is put in whatever place: mistakes at a place, or none."""
    document: Any = minimal()
    for path, new in changes:
        place = document
        for part in path[:-1]:
            place = _inside(place, part)
        last = path[-1]
        if isinstance(place, dict) and last in place:
            old = place.pop(last)
            if new == "RENAME":
                place[f"{last}_x"] = old
            elif new != "REMOVE":
                place[last] = copy.deepcopy(new)
    for each in told(document):
        assert each.strip()


def test_the_shipped_ones_are_read_as_any_file() -> None:
    assert load_any("fog").spec == load_exercise("fog").spec


def test_whatever_may_be_asked_can_be_measured(tmp_path: Path) -> None:
    """Every measure of a pair, on a single path and on an ensemble; each in words without a gap."""
    policy, scenarios = Library([]).load_policy("step-down").spec, ["reciprocity-neutral", "reciprocity-neutral-uncertain"]
    known = measures(list(policy.phases), list(policy.transitions), ["deployment_level", "troops_in_russia"])
    document = minimal() | {"scenarios": scenarios, "policies": ["step-down", "restrained"], "sliders": {}}
    document["figures"] = {
        f"f{number}": {"scenario": scenario, "policy": "step-down", "measure": measure, "runs": 20}
        | ({"against": "restrained"} if measure.endswith(".later") else {})
        for number, (scenario, measure) in enumerate((scenario, measure) for scenario in scenarios for measure in known)
    }
    document["moves"]["first"]["key"] = " ".join(f"{{{name}}}" for name in document["figures"])
    document["debrief"]["findings"] = []
    (tmp_path / "made.yaml").write_text(json.dumps(document), "utf-8")
    library = Library([])
    loaded = library.load_exercise(str(tmp_path / "made.yaml"))
    found = figures_of(loaded, library=library)
    assert len(found) == 2 * len(known)
    for name, each in found.items():
        assert each.text
        assert "nan" not in each.text
        assert "None" not in each.text
        plain = document["figures"][name]["scenario"] == scenarios[0]
        assert not plain or each.low is None or each.low == each.high or "readings" in document["figures"][name]["measure"]
