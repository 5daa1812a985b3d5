"""Whole records: what a file says is what comes out again, and how many of its numbers have which grade."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from sim.analysis.outcome import grades
from sim.library import Library
from sim.spec.evidence import Evidence
from sim.spec.grading import default_grades, policy_grades, scenario_grades
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from tests.strategies import Files, files

POLICY: dict[str, Any] = {
    "kind": "policy",
    "name": "p",
    "title": "T",
    "reads": {
        "level": {"unit": "rung", "range": [0, 4]},
        "flag": {"unit": "flag", "default": 0},
        "absent": {"unit": "u", "default": 2},
    },
    "phases": {"low": {"min_stay": "1 week"}, "high": {}},  # 1 assumed
    "thresholds": {
        # 1 implied; the rival reading does not shape a run
        "front": {"value": 3, "unit": "rung", "grade": "implied", "rivals": {"sent": {"value": 2, "grade": "quoted"}}},
        # 2: one with a grade of its own, the other with that of the threshold
        "combat": {
            "dated": {"day 0": 4, "2024-11-07": {"value": 3.5, "grade": "quoted"}},
            "unit": "rung",
            "grade": "reported",
        },
    },
    "transitions": {
        "up": {"from": "low", "to": "high", "when": "level >= front", "confirm": {"days": 2, "of": 3}},  # 2 assumed
        "down": {
            "from": "high",
            "to": "low",
            "when": "level < min(combat, 3.5)",  # 1 assumed
            "lag": {"value": {"uniform": [1, 2]}, "grade": "implied"},  # 1 implied
        },
    },
}
SCENARIO: dict[str, Any] = {
    "kind": "scenario",
    "name": "s",
    "title": "T",
    "start": "2024-10-24",
    "days": {"value": 100, "grade": "quoted"},  # the horizon is not counted
    "variables": {
        "level": {
            "unit": "rung",
            "bounds": [0, 4],  # nor are bounds
            "path": {"day 0": {"value": 2, "grade": "reported"}, "day 9": 3},  # 1 reported, 1 assumed
            "moves": {"rungs": {"ladder": {"up": [0.1, 0.1, 0.1, 0.1, 0], "down": 0}}},  # 6 assumed
        },
        "flag": {"unit": "flag", "path": {"csv": "flag.csv", "grade": "implied"}},  # 1 implied
    },
    "signposts": {"level": {"delay": 3, "error": {"sd": 0.5, "memory": "3 weeks"}, "smooth": {"mean": 7}}},  # 4 assumed
    "injects": {"clash": {"on": "day 20", "title": "C", "set": {"level": {"value": 4, "grade": "quoted"}}}},  # 1 quoted
}


def test_policy_grades() -> None:
    found = dict(policy_grades(Policy.model_validate(POLICY)))
    assert found == {
        "thresholds.front.value": "implied",
        "thresholds.combat.dated.day 0": "reported",
        "thresholds.combat.dated.2024-11-07": "quoted",
        "transitions.down.when": "assumed",  # the 3.5 in it
        "phases.low.min_stay": "assumed",
        "transitions.up.confirm.days": "assumed",
        "transitions.up.confirm.of": "assumed",
        "transitions.down.lag": "implied",
    }


def test_a_threshold_that_no_guard_uses_does_not_count() -> None:
    idle = {"idle": {"value": 1, "unit": "rung", "grade": "quoted"}}
    more = {**POLICY, "thresholds": {**POLICY["thresholds"], **idle}}
    assert list(policy_grades(Policy.model_validate(more))) == list(policy_grades(Policy.model_validate(POLICY)))


def test_scenario_grades() -> None:
    found = list(scenario_grades(Scenario.model_validate(SCENARIO)))
    assert Counter(grade for _, grade in found) == {"assumed": 11, "reported": 1, "implied": 1, "quoted": 1}
    assert ("variables.flag.path", "implied") in found
    assert not [path for path, _ in found if path.startswith("days") or ".bounds" in path]


def test_only_a_default_that_is_needed_counts() -> None:
    assert list(default_grades(Policy.model_validate(POLICY), Scenario.model_validate(SCENARIO))) == [
        ("reads.absent.default", "assumed")
    ]


def test_the_count_of_a_pair() -> None:
    count = grades(Policy.model_validate(POLICY), Scenario.model_validate(SCENARIO))
    assert (count.quoted, count.reported, count.implied, count.assumed, count.total) == (2, 2, 3, 16, 23)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(files())
def test_from_a_file_to_a_record_and_back(pair: Files) -> None:
    for model, raw in ((Policy, pair.policy), (Scenario, pair.scenario)):
        record = model.model_validate(raw)
        dumped = record.model_dump(by_alias=True, exclude_unset=True, mode="json")
        assert model.model_validate(dumped) == record


shipped = Library([])


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        pytest.param(Policy, "policy", id="policy"),
        pytest.param(Scenario, "scenario", id="scenario"),
        pytest.param(Evidence, "evidence", id="evidence"),
    ],
)
def test_shipped_files_and_back(model: Any, kind: str) -> None:
    for entry in shipped.entries(kind):
        record = shipped.load_any(entry.name).spec
        dumped = record.model_dump(by_alias=True, exclude_unset=True, mode="json")
        assert model.model_validate(dumped) == record, entry.name


@pytest.mark.parametrize(
    ("model", "raw"),
    [
        (Policy, {**POLICY, "phases": {}}),
        (Policy, {**POLICY, "colour": "red"}),
        (Policy, {**POLICY, "thresholds": {"t": {"value": 1, "unit": "u"}}}),
        (Policy, {**POLICY, "thresholds": {"t": {"value": 1, "grade": "implied"}}}),
        (Policy, {**POLICY, "thresholds": {"t": {"value": 1, "dated": {"day 0": 1}, "unit": "u", "grade": "implied"}}}),
        (Policy, {**POLICY, "thresholds": {"t": {"unit": "u", "grade": "implied"}}}),
        (Policy, {**POLICY, "name": "two words"}),
        (Policy, {**POLICY, "kind": "scenario"}),
        (Scenario, {**SCENARIO, "variables": {"9lives": SCENARIO["variables"]["level"]}}),
        (Scenario, {**SCENARIO, "start": "24 October"}),
        (Evidence, {"kind": "evidence", "name": "e", "title": "t", "facts": {}}),
        (Evidence, {"kind": "evidence", "name": "e", "title": "t", "facts": {"F1": {"says": "s"}}}),
    ],
)
def test_records_without_sense(model: Any, raw: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=model.__name__):
        model.model_validate(raw)
