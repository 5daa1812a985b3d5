"""SCXML documents walked by python-statemachine: the same phases as ours, from nothing but the raw truth of the guards."""

from __future__ import annotations

import re
from random import Random
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from sim import api, reference
from sim.api.diagrams import diagram_of
from sim.errors import BadInput
from sim.library import Library
from sim.machine import Model
from sim.spec.policy import Policy
from tests.diagram.made import restless
from tests.diagram.walker import walked
from tests.strategies import Files, files

S = "{http://www.w3.org/2005/07/scxml}"
LIBRARY = Library([])
POLICIES = [each.name for each in LIBRARY.entries("policy")]
PATHS = 260
"""generated of either kind, in parts that run side by side"""
PARTS = 2


def same(model: Model, policy: Policy, run: int, days: int | None = None) -> tuple[bool, int]:
    """Does the document walk as we do, and how many changes are there? The raw guards are those of our own walk: one that names
    days_in_phase depends on the phases so far, which are the same up to the first day on which the two would part."""
    trace = reference.walk(model, 1, run, run)
    names = [each.name for each in model.machine.phases]
    held = dict(zip((each.name for each in model.machine.transitions), trace.guards, strict=True))
    ours = [names[phase] for phase in trace.phases][:days]
    return walked(diagram_of(policy, "scxml", run=run), held, len(ours)) == ours, len(trace.changes)


@pytest.mark.parametrize("part", range(PARTS))
def test_generated_policies_are_walked_as_by_the_engine(part: int) -> None:
    """As the engine's own tests generate them: guards of every kind, in worlds where most change rarely."""
    met: list[int] = []

    @seed(part)
    @settings(
        max_examples=PATHS // PARTS // 2,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(files())
    def walk(pair: Files) -> None:
        model, policy = pair.model, Policy.model_validate(pair.policy)
        for run in (2 * len(met), 2 * len(met) + 1):
            equal, changes = same(model, policy, run)
            assert equal, (pair, run)
            met.append(changes)

    walk()
    assert len(met) >= PATHS // PARTS
    assert sum(1 for changes in met if changes) >= len(met) // 4


@pytest.mark.parametrize("part", range(PARTS))
def test_restless_guards_are_walked_as_by_the_engine(part: int) -> None:
    """Every guard is a coin on every day, so that most is confirmed, pending, revoked and overtaken."""
    chance, met = Random(part), []
    for run in range(PATHS // PARTS):
        files = restless(chance)
        equal, changes = same(files.model, Policy.model_validate(files.policy), run)
        assert equal, files
        met.append(changes)
    assert sum(1 for changes in met if changes > 2) >= len(met) // 3


@pytest.mark.parametrize("name", POLICIES)
def test_shipped_policies_are_walked_as_by_the_engine(name: str) -> None:
    """On every fourth shipped scenario that fits, another fourth for the next policy. Drawn numbers are those of the run."""
    policy, met = LIBRARY.load_policy(name).spec, set()
    for scenario in LIBRARY.entries("scenario")[POLICIES.index(name) % 4 :: 4]:
        try:
            model = api.model_of(LIBRARY.load_pair(scenario.name, name))
        except BadInput:  # of another case, with other signposts
            continue
        guards = reference.walk(model, 1, 3, 3).guards
        if guards not in met:
            met.add(guards)
            assert same(model, policy, run=3, days=100)[0], scenario.name
    assert met


ONE = {
    "kind": "policy",
    "name": "one",
    "title": "Guards -- with < & \" ' and \x07",
    "reads": {"level": {"unit": "rung"}, "absent": {"unit": "rung", "default": 2}},
    "phases": {"low": {"label": "Low & <b>"}, "day": {"min_stay": 2}, "high": {}},
    "thresholds": {"line": {"dated": {"day 0": 3, "day 9": 4}, "unit": "rung", "grade": "assumed"}},
    "transitions": {
        "up": {"from": "low", "to": "day", "when": "level >= line", "confirm": {"days": 2, "of": 3}},
        "class": {"from": "any", "to": "high", "when": "level --1 > line", "confirm": 2, "lag": "1 week", "revocable": True},
        "down": {"from": ["day", "high"], "to": "low", "when": "days_in_phase > 3", "lag": {"uniform": [2, 4]}},
    },
}


def test_by_hand() -> None:
    """Two of three days; a stay of two; a lag that lapses and starts anew; names that are words of some language."""
    up = [False, True, False, True, False, False, False, False, False, False, False, False, False, False, False, False]
    other = [False, False, False, False, True, True, True, True, False, True, True, True, True, True, True, True]
    document = diagram_of(Policy.model_validate(ONE), "scxml")
    phases = walked(document, {"up": up, "class": other, "down": [False] * 16}, 16)
    # up: days 1 and 3 are two of the last three. class: confirmed on day 5, when the stay of two days is over;
    # it lapses on day 8, is confirmed again on day 10 and would be due on day 17.
    assert phases == ["low"] * 3 + ["day"] * 13
    other[8] = True
    assert walked(document, {"up": up, "class": other, "down": [False] * 16}, 16) == ["low"] * 3 + ["day"] * 9 + ["high"] * 4


def test_what_scxml_cannot_carry_is_said() -> None:
    text = diagram_of(Policy.model_validate(ONE), "scxml").decode()
    root = ElementTree.fromstring(text)
    known = root.find("{urn:phased:diagram:1}known")
    assert known is not None
    guards = {each.get("transition"): each.get("when") for each in known.iter("{urn:phased:diagram:1}guard")}
    assert guards == {name: each["when"] for name, each in ONE["transitions"].items()}  # type: ignore[index]
    (threshold,) = known.iter("{urn:phased:diagram:1}threshold")
    assert threshold.get("value") == "3 from day 0, 4 from day 9, rung, assumed"
    comment = text.partition("<!--")[2].partition("-->")[0]
    assert "--" not in comment
    for said in (
        "Teaching model",
        "numbers are assumed",
        "draws",
        "days_in_phase",
        "horizon",
        "the middle of their distributions",
    ):
        assert said in comment
    assert "as run 5 of seed 1 draws them" in diagram_of(Policy.model_validate(ONE), "scxml", run=5).decode()


def test_the_document_is_w3c_scxml() -> None:
    """Its elements, their order and attributes, as far as the recommendation fixes them; expressions in the shared subset."""
    root = ElementTree.fromstring(diagram_of(Policy.model_validate(ONE), "scxml"))
    assert (root.tag, root.get("version"), root.get("datamodel")) == (f"{S}scxml", "1.0", "ecmascript")
    own = [each for each in root.iter() if each.tag.startswith(S)]
    ids = [each.get("id") for each in own if each.tag in (f"{S}state", f"{S}data")]
    assert len(set(ids)) == len(ids)
    states = {each.get("id") for each in own if each.tag == f"{S}state"}
    allowed = {
        "scxml": {"datamodel", "state"},
        "datamodel": {"data"},
        "state": {"transition", "state"},
        "transition": {"assign", "raise", "if"},
        "if": {"assign", "raise", "elseif", "else"},
    }
    for each in own:
        parts = [part.tag.removeprefix(S) for part in each if part.tag.startswith(S)]
        assert set(parts) <= allowed.get(each.tag.removeprefix(S), set())
        assert each.get("target") in {*states, None}
        for expression in filter(None, (each.get("cond"), each.get("expr"))):
            assert re.fullmatch(r"(?:[A-Za-z_][\w.]*|'\w*'|\d+|[<>=+-]|>=|==|&&|\s)+", expression), expression
    events = {each.get("event") for each in own if each.tag == f"{S}transition"}
    assert events == {"day", "phased.decide", "phased.effect"}


def test_the_numbers_of_a_run() -> None:
    """A lag of 14 to 56 days: the middle, or what the run draws, which is what the engine waits for."""
    policy = LIBRARY.load_policy("allied-coordinated").spec
    lag = re.compile(rb'id="lag_arm_defensively" expr="(\d+)"')
    drawn = [int(lag.findall(diagram_of(policy, "scxml", run=run))[0]) for run in range(5)]
    assert len(set(drawn)) > 1
    assert all(14 <= days <= 56 for days in drawn)
    assert int(lag.findall(diagram_of(policy, "scxml"))[0]) == 35
    for run, days in enumerate(drawn):  # what our own walk of that run waits for
        changes = reference.walk(api.model_of(LIBRARY.load_pair("surge-to-front", "allied-coordinated")), 1, run, run).changes
        assert [each.day - each.decided for each in changes[:1]] == [days]
