"""What is said of a policy without running it: each rule on a policy made for it, and never a wrong `never`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from sim.engine.guards import compiled
from sim.spec.guard import parse
from sim.spec.policy import Policy
from sim.verify.policies import policy_remarks
from sim.verify.setting import of_policy
from sim.verify.view import Remark
from tests.verify.made import every_world, policies, policy, threshold

THREE = {"low": {}, "middle": {}, "high": {}}


def ladder(up: str = "level >= 1", on: str = "level >= 2", down: str | None = None, **parts: Any) -> Policy:
    transitions = {"up": {"from": "low", "to": "middle", "when": up}, "on": {"from": "middle", "to": "high", "when": on}}
    if down:
        transitions["down"] = {"from": "middle", "to": "low", "when": down}
    return policy(**{"phases": THREE, "transitions": transitions, **parts})


def told(made: Policy) -> dict[str, Remark]:
    """Per rule; a rule is told once in these cases."""
    found = [each for each in policy_remarks(made) if each.rule != "no-way-out"]
    assert len({each.rule for each in found}) == len(found), found
    return {each.rule: each for each in found}


def test_nothing_is_said_of_a_plain_ladder() -> None:
    assert told(ladder()) == {}
    assert [each.message for each in policy_remarks(ladder())] == ["no way leads out of high: a run that is there stays there"]


def test_a_guard_that_can_never_hold_and_what_follows() -> None:
    found = told(ladder(on="level > 2"))
    assert found.keys() == {"never-fires", "unreachable-phase"}
    assert found["never-fires"].field == "transitions.on.when"
    assert "(level 0 to 2)" in found["never-fires"].message
    assert found["unreachable-phase"].field == "phases.high"
    assert {each.level for each in found.values()} == {"warning"}


def test_a_guard_that_always_holds_and_parts_that_never_or_always_do() -> None:
    assert told(ladder(up="level >= 0")).keys() == {"always-holds"}
    found = told(ladder(up="level >= 1 or level > 7"))["constant-comparison"]
    assert found.message == "level > 7 never holds (level 0 to 2)"
    assert found.at == len("level >= 1 or ")
    assert told(ladder(up="level >= 1 and level > -1"))["constant-comparison"].message == "level > -1 always holds (level 0 to 2)"


def test_a_threshold_whose_draws_may_be_out_of_range() -> None:
    found = told(ladder(on="level >= t", thresholds={"t": threshold({"uniform": [1.5, 3]})}))
    assert found.keys() == {"fires-by-draw", "assumed-threshold"}
    witness = found["fires-by-draw"].witness
    assert witness is not None
    assert witness["thresholds.t.value"] > 2
    dated = {"unit": "u", "grade": "assumed", "dated": {"day 0": 1.5, "day 9": 7}}
    assert told(ladder(on="level >= t", thresholds={"t": dated}))["fires-by-draw"].witness == {"t": 7}


@pytest.mark.parametrize(
    ("first", "second", "shadowed"),
    [
        ({"when": "level >= 1"}, {"when": "level >= 1.5"}, True),
        ({"when": "level >= 1.5"}, {"when": "level >= 1"}, False),
        ({"when": "level >= 1", "confirm": 3}, {"when": "level >= 1.5", "confirm": 3}, True),
        ({"when": "level >= 1", "confirm": 3}, {"when": "level >= 1.5", "confirm": 2}, False),
        ({"when": "level >= 1", "confirm": {"days": 2, "of": 4}}, {"when": "level >= 1.5", "confirm": 2}, True),
        ({"when": "level >= 1", "confirm": 2}, {"when": "level >= 1.5", "confirm": {"days": 2, "of": 4}}, False),
        ({"when": "level >= 1", "confirm": {"days": 2, "of": 4}}, {"when": "level >= 1", "confirm": {"days": 3, "of": 4}}, True),
        ({"when": "level >= 1", "confirm": {"days": 2, "of": 4}}, {"when": "level >= 1", "confirm": {"days": 2, "of": 5}}, False),
        ({"when": "level >= 1", "confirm": {"choice": [1, 3]}}, {"when": "level >= 1", "confirm": 2}, False),
    ],
)
def test_what_an_earlier_one_always_takes(first: dict[str, Any], second: dict[str, Any], shadowed: bool) -> None:
    ways = {"first": {"from": "low", "to": "middle", **first}, "second": {"from": "low", "to": "high", **second}}
    found = {each.rule for each in policy_remarks(policy(phases=THREE, transitions=ways))}
    assert ("shadowed" in found) is shadowed
    assert ("overlap" in found) is not shadowed
    assert ("unreachable-phase" in found) is shadowed


def test_two_together_may_shadow_a_third() -> None:
    ways = {
        "below": {"from": "low", "to": "middle", "when": "level < 1"},
        "above": {"from": "low", "to": "middle", "when": "level >= 1"},
        "never": {"from": "low", "to": "high", "when": "level >= 0.5"},
    }
    found = told(policy(phases=THREE, transitions=ways))["shadowed"]
    assert found.field == "transitions.never.when"
    assert "below and above" in found.message


def test_guards_of_one_phase_that_hold_together() -> None:
    found = told(ladder(on="level >= 1.5", down="level <= 1.8"))["overlap"]
    assert found.level == "note"
    assert found.field == "transitions.down.when"
    assert found.witness == {"level": 1.5}
    assert "can hold on the same day as on (level 1.5), which stands before it" in found.message


def test_a_step_down_that_holds_where_the_step_up_does() -> None:
    found = told(ladder(down="level < 1.5"))["chatter"]
    assert found.level == "warning"
    assert found.witness == {"level": 1}
    assert "swing between low and middle" in found.message
    assert "chatter" not in told(ladder(down="level < 1"))
    timed = told(ladder(on="level > 1.5", down="level <= 1.5 and days_in_phase >= 9"))["chatter"]
    assert timed.witness == {"level": 1, "days_in_phase": 9}


def test_chatter_for_some_draws() -> None:
    thresholds = {"enter": threshold({"uniform": [1, 1.5]}), "leave": threshold({"uniform": [0.5, 1.2]})}
    found = told(ladder(up="level >= enter", on="level >= 2", down="level < leave", thresholds=thresholds))["chatter"]
    assert "for some draws" in found.message
    witness = found.witness
    assert witness is not None
    assert witness["thresholds.enter.value"] <= witness["level"] < witness["thresholds.leave.value"]


def test_a_higher_phase_that_is_easier_to_reach() -> None:
    found = told(ladder(up="level >= 2", on="level >= 1"))["out-of-order"]
    assert found.level == "warning"
    assert found.field == "transitions.on.when"
    assert found.witness is not None
    assert 1 <= found.witness["level"] < 2
    assert told(ladder(up="level >= 1", on="level >= 1"))["same-guard"].level == "note"
    drawn = {"a": threshold({"uniform": [0.5, 1.5]}), "b": threshold({"uniform": [1, 2]})}
    found = told(ladder(up="level >= b", on="level >= a", thresholds=drawn))["out-of-order"]
    assert "for some values" in found.message
    assert found.witness is not None
    assert found.witness["thresholds.a.value"] <= found.witness["level"] < found.witness["thresholds.b.value"]


def test_phases_without_a_way_in_or_out() -> None:
    only_up = policy(phases=THREE, transitions={"up": {"from": "low", "to": "middle", "when": "level >= 1"}})
    found = {each.rule: each for each in policy_remarks(only_up)}
    assert found["unreachable-phase"].message == "can never be entered: no transition leads to it"
    assert found["no-way-out"].field == "phases.middle"
    none = {each.rule: each for each in policy_remarks(policy(reads={}, phases=THREE, transitions={}))}
    assert none.keys() == {"no-transitions"}


def test_thresholds_and_signposts_that_no_guard_uses() -> None:
    reads = {"level": {"unit": "u", "range": [0, 2]}, "idle": {"unit": "u"}}
    found = told(ladder(reads=reads, thresholds={"spare": threshold(1)}))
    assert (found["unused-threshold"].field, found["unused-threshold"].level) == ("thresholds.spare", "warning")
    assert (found["unused-signpost"].field, found["unused-signpost"].level) == ("reads.idle", "note")


def test_rival_readings_that_change_what_can_be_entered() -> None:
    rivals = {"never": {"value": 99, "grade": "assumed"}, "sooner": {"value": 1.5, "grade": "assumed"}}
    made = ladder(on="level >= t", thresholds={"t": {**threshold(2), "rivals": rivals}})
    message = told(made)["rival-readings"].message
    assert (
        message
        == "2 rival readings of 1 threshold: with t read as never, high can never be entered; the others change nothing in this"
    )


def test_what_is_not_decided_is_a_note_with_its_place() -> None:
    reads = {"a": {"unit": "u", "range": [0, 2]}, "b": {"unit": "u", "range": [0, 2]}}
    when = "a >= 1 and 0.3 * a + 0.7 * b == 1.1"
    found = told(
        policy(phases={"low": {}, "high": {}}, reads=reads, transitions={"go": {"from": "low", "to": "high", "when": when}})
    )
    assert found.keys() == {"not-decided"}
    assert found["not-decided"].at == when.index("0.3")
    assert "whether it can fire" in found["not-decided"].message


@settings(deadline=None, max_examples=60)
@given(policies())
def test_no_never_is_wrong_and_every_witness_is_right(made: Policy) -> None:
    """Held against every sequence of levels, run by the engine."""
    setting = of_policy(made)
    paths, names = every_world(setting, 4), list(made.transitions)
    taken = {names[index] for index in np.unique(paths.transition)}
    entered = {list(made.phases)[index] for index in np.unique(paths.enters)}
    for each in policy_remarks(made):
        name = each.field.split(".")[1] if "." in each.field else ""
        if each.rule == "never-fires" or (each.rule == "shadowed" and each.level == "warning"):
            assert name not in taken
        if each.rule == "unreachable-phase":
            assert name not in entered
        if each.rule in ("overlap", "always-holds"):
            _holds(made, name, each)


def _holds(made: Policy, transition: str, remark: Remark) -> None:
    values = {name.split(".")[1] if "." in name else name: np.array([value]) for name, value in (remark.witness or {}).items()}
    fixed = {
        name: np.array([each.value.fixed if hasattr(each.value, "fixed") else each.value])
        for name, each in made.thresholds.items()
    }
    days = {"days_in_phase": np.zeros(1)}
    assert compiled(parse(made.transitions[transition].when))({**days, **fixed, **values}).all()
