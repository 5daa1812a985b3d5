"""Questions asked of finished runs: threshold lines, one run's reasons, statements against behaviour."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.analysis.courses import Course, Stay, standings
from sim.analysis.statements import deeds, readings, statement
from sim.analysis.thresholds import number_text, threshold_lines
from sim.library import Library
from sim.machine import compile_machine
from sim.results import Deed, Reading, ThresholdLine
from sim.spec.evidence import Fact
from sim.spec.policy import Policy
from sim.spec.values import Number

START = dt.date(2024, 10, 24)
shipped = Library([])


def policy(thresholds: dict[str, Any], *guards: str) -> Policy:
    """A policy over signposts a and b."""
    transitions = {f"t{at}": {"from": "low", "to": "high", "when": guard} for at, guard in enumerate(guards)}
    return Policy.model_validate(
        {
            "kind": "policy",
            "name": "p",
            "title": "T",
            "reads": {"a": {"unit": "u"}, "b": {"unit": "u"}},
            "phases": {"low": {}, "high": {}},
            "thresholds": {name: {"unit": "u", "grade": "assumed", **each} for name, each in thresholds.items()},
            "transitions": transitions,
        }
    )


def lines(thresholds: dict[str, Any], *guards: str, days: int = 10) -> tuple[ThresholdLine, ...]:
    spec = policy(thresholds, *guards)
    return threshold_lines(spec, compile_machine(spec, START), days)


# threshold lines --------------------------------------------------------------------------------------------------------------


def test_a_fixed_threshold_is_one_level_line() -> None:
    (line,) = lines({"x": {"value": 3, "grade": "implied", "evidence": ["F1", "F2"]}}, "a >= x")
    assert (line.name, line.signpost, line.unit, line.grade, line.sources) == ("x", "a", "u", "implied", ("F1", "F2"))
    assert (line.uncertain, line.text) == (False, "3")
    for each in (line.low, line.middle, line.high):
        assert each.tolist() == [3] * 10


def test_a_dated_threshold_steps() -> None:
    (line,) = lines({"x": {"dated": {"2024-10-26": 4, "day 5": {"value": 3.5, "evidence": ["F9"]}}}}, "a >= x")
    assert line.middle.tolist() == [4] * 5 + [3.5] * 5
    assert line.text == "4 → 3.5"


def test_an_uncertain_threshold_is_a_band() -> None:
    (line,) = lines({"x": {"value": {"uniform": [2, 4]}}}, "a >= x")
    assert line.uncertain
    assert line.text == "uniform 2–4"
    assert line.low[0] == pytest.approx(2.1)
    assert line.middle[0] == pytest.approx(3)
    assert line.high[-1] == pytest.approx(3.9)


@pytest.mark.parametrize(
    ("guards", "pairs"),
    [
        (("a >= x",), [("x", "a")]),
        (("x <= a",), [("x", "a")]),
        (("a >= x", "a < x"), [("x", "a")]),  # each pair once
        (("a >= x or b >= y",), [("x", "a"), ("y", "b")]),
        (("not (a >= x and b < x)",), [("x", "a"), ("x", "b")]),
        (("x <= a < y",), [("x", "a"), ("y", "a")]),
        (("max(a, b) >= x",), [("x", "a"), ("x", "b")]),
        (("a >= 3",), []),
        (("a >= b",), []),
        (("x > y",), []),
    ],
)
def test_which_thresholds_meet_which_signposts(guards: tuple[str, ...], pairs: list[tuple[str, str]]) -> None:
    found = lines({"x": {"value": 1}, "y": {"value": 2}}, *guards)
    assert [(line.name, line.signpost) for line in found] == pairs


@pytest.mark.parametrize("guard", ["a + b > x", "2 * a > x", "a - b > x", "abs(a) > x"])
def test_a_threshold_of_an_expression_is_still_told_with_its_signposts(guard: str) -> None:
    assert {line.name for line in lines({"x": {"value": 1}}, guard)} == {"x"}


def test_a_threshold_of_time_in_phase_is_no_line_over_a_signpost() -> None:
    spec = policy({"patience": {"value": 3, "unit": "days"}}, "days_in_phase > patience")
    found = threshold_lines(spec, compile_machine(spec, START), 5)
    assert all(line.signpost == "days_in_phase" for line in found)


def test_shipped_lines_carry_their_source() -> None:
    pair = shipped.load_pair("surge-to-front")
    found = {line.name: line for line in api.run_pair(pair, runs=1, seed=1).result.thresholds}
    assert {name: line.sources for name, line in found.items()} == {
        "front_line": ("F10",),
        "special_forces_sent": ("F14",),
        "sustained_combat": ("F11",),
    }
    assert all(line.low.shape == (365,) for line in found.values())


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (3, "3"),
        (0.25, "0.25"),
        ({"uniform": [3, 4]}, "uniform 3–4"),
        ({"triangular": [1, 2, 3.5]}, "triangular 1–2–3.5"),
        ({"normal": [0, 0.2]}, "normal 0 ± 0.2"),
        ({"lognormal": {"p5": 3000, "p95": 10000}}, "lognormal 3000–10000 (5–95%)"),
        ({"lognormal": {"median": 2, "sigma": 0.5}}, "lognormal, median 2, sigma 0.5"),
        ({"exponential": 1500}, "exponential, mean 1500"),
        ({"choice": [3, 1]}, "one of 3, 1"),
    ],
)
def test_numbers_in_words(raw: Any, text: str) -> None:
    assert number_text(Number.model_validate(raw)) == text


# traces -----------------------------------------------------------------------------------------------------------------------


def test_a_transition_tells_its_reasons() -> None:
    (step,) = api.path("surge-to-front", sets=["transitions.arm_defensively.lag=3"], library=shipped).report.path
    assert (step.day, step.decided, step.held_since) == (10, 7, dt.date(2024, 10, 31))
    assert step.date == dt.date(2024, 11, 3)
    assert dict(step.values) == {"deployment_level": 3, "special_forces": 0}
    seen = step.thresholds["front_line"]
    assert (seen.value, seen.unit, seen.grade, seen.evidence) == (3, "rung", "implied", ("F10",))


def test_a_restated_threshold_is_told_as_it_was_on_the_day_of_decision() -> None:
    dated = "thresholds.front_line.dated={2024-10-24: 4, 2024-11-07: 3}"
    (step,) = api.path("surge-to-front", sets=[dated], library=shipped).report.path
    assert step.date == dt.date(2024, 11, 7)
    assert step.thresholds["front_line"].value == 3
    assert step.thresholds["front_line"].grade == "assumed"


def test_drawn_thresholds_are_told_as_drawn() -> None:
    sets = ["thresholds.front_line.value={uniform: [2.1, 2.9]}"]
    told = [api.path("surge-to-front", run=run, sets=sets, library=shipped).report.path[0] for run in range(5)]
    values = {step.thresholds["front_line"].value for step in told}
    assert len(values) == 5
    assert all(2.1 <= value <= 2.9 for value in values)


def test_the_reasons_hold_on_the_day_of_decision() -> None:
    single = api.path("hindcast-kursk-counts-uncertain", "step-down", run=2, library=shipped)
    assert single.report.path
    for step in single.report.path:
        for name, value in step.values.items():
            if name != "days_in_phase":
                assert single.result.signposts[name].samples[0, step.decided] == value
    assert [step.day for step in single.report.path] == [step.day for step in single.report.steps]
    strip = np.array([phase.name for phase in single.result.phases])[single.result.strips[0]]
    assert tuple(strip) == single.report.phase


# statements -------------------------------------------------------------------------------------------------------------------

PHASES = ("none", "some", "more")


def deed(id_: str, day: str, phase: str) -> Deed:
    return Deed(id_, dt.date.fromisoformat(day), phase, "said", None)


def reading(due: str | None, phase: str = "some") -> Reading:
    return Reading("c", "C", "as stated", "", phase, phase, dt.date.fromisoformat(due) if due else None)


DONE = (
    deed("A", "2024-01-01", "none"),
    deed("B", "2024-02-01", "some"),
    deed("C", "2024-03-01", "none"),
    deed("D", "2024-04-01", "more"),
)


@pytest.mark.parametrize(
    ("due", "phase", "next_deed", "shown", "below", "gap"),
    [
        ("2023-12-31", "some", "A", "B", None, 32),
        ("2024-02-01", "some", "B", "B", None, 0),  # the day itself counts
        ("2024-02-02", "some", "C", "D", None, 59),  # a higher phase shows the lower one
        ("2024-02-01", "more", "B", "D", None, 60),
        ("2024-04-02", "some", None, None, None, None),  # nothing reported since
        (None, "some", None, None, None, None),
    ],
)
def test_statement(
    due: str | None, phase: str, next_deed: str | None, shown: str | None, below: str | None, gap: int | None
) -> None:
    found = statement(reading(due, phase), DONE, PHASES)
    ids = [each and each.id for each in (found.next_deed, found.shown, found.last_seen_below)]
    assert ids == [next_deed, shown, below]
    assert found.gap == gap


def test_a_phase_that_is_never_shown_is_at_least_so_late() -> None:
    found = statement(reading("2024-01-11"), DONE[:1] + DONE[2:3], PHASES)
    assert found.shown is None
    assert found.last_seen_below is not None
    assert found.last_seen_below.id == "C"
    assert found.gap == 50


def test_a_rule_that_steps_down_asks_only_while_it_stands() -> None:
    """B shows it, yet a month before; C shows less, yet after the rule has left."""
    asked = replace(reading("2024-02-02", "more"), until=dt.date(2024, 2, 20))
    found = statement(asked, DONE[:3], PHASES)
    assert (found.shown, found.last_seen_below, found.gap) == (None, None, None)
    longer = statement(replace(asked, until=dt.date(2024, 3, 2)), DONE[:3], PHASES)
    assert longer.last_seen_below is not None
    assert (longer.last_seen_below.id, longer.gap) == ("C", 28)


def test_each_deed_is_met_by_the_stay_of_its_day() -> None:
    spans = (("none", "2024-01-15", "2024-01-31"), ("some", "2024-02-01", "2024-02-29"), ("none", "2024-03-01", "2024-03-31"))
    stays = [Stay(name, name, dt.date.fromisoformat(first), dt.date.fromisoformat(last)) for name, first, last in spans]
    found = list(standings(Course("c", "C", "as stated", tuple(stays)), DONE, {name: name for name in PHASES}))
    assert [(each.deed.id, each.rule.phase, each.same, each.days) for each in found] == [
        ("B", "some", True, 0),
        ("C", "none", True, 0),
    ], "A comes before the first day and D after the last"


def test_deeds_are_dated_facts_with_a_phase_in_order() -> None:
    def fact(**more: object) -> Fact:
        return Fact.model_validate({"says": "s", "supports": "reported", **more})

    facts = {
        "late": fact(date="2024-03-01", phase="none"),
        "undated": fact(phase="none"),
        "no_phase": fact(date="2024-02-01"),
        "early": fact(date="2024-01-01", phase="some", source="there"),
        "also_late": fact(date="2024-03-01", phase="some"),
    }
    found = deeds(facts)
    assert [each.id for each in found] == ["early", "also_late", "late"]
    assert (found[0].phase, found[0].source) == ("some", "there")


def test_readings_are_the_policy_and_each_rival_alone() -> None:
    found = list(readings(shipped.load_policy("phased-approach").spec))
    assert [name for name, _, _ in found] == [
        "as stated",
        "front_line: sent",
        "front_line: deployed_to_war",
        "special_forces_sent: support_without_weapons",
        "sustained_combat: any_combat",
        "sustained_combat: discretion",
    ]
    stated, sent = found[0][2], found[1][2]
    assert stated == shipped.load_policy("phased-approach").spec
    assert sent.thresholds["front_line"].numbers("x")["x.value"].fixed == 2
    assert {name: each for name, each in sent.thresholds.items() if name != "front_line"} == {
        name: each for name, each in stated.thresholds.items() if name != "front_line"
    }
