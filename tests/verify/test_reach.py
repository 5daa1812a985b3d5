"""The fastest possible day: against every world tried one by one, and against runs of whole random models."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sim import reference
from sim.api import model_of
from sim.draws import Block
from sim.engine import simulate
from sim.library import Library
from sim.machine import Model
from sim.spec.policy import Policy
from sim.verify import search
from sim.verify.reach import Reach, Reaches, reach
from sim.verify.setting import Setting, of_model, of_policy
from sim.verify.worlds import world_of
from tests.strategies import models
from tests.verify.made import policies, policy, soonest, threshold

LIBRARY = Library()
SLOW = settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
DAYS = 4
TWO = {"low": {}, "high": {}}


def shipped(name: str) -> Reaches:
    return reach(of_policy(LIBRARY.load_policy(name).spec))


def days(reaches: Reaches) -> list[int | None]:
    assert all(each.decided for each in reaches.phases)
    return [each.day for each in reaches.phases]


def one(when: str, **parts: Any) -> Policy:
    """Two phases and one transition."""
    rest = {key: parts.pop(key) for key in ("confirm", "lag", "revocable") if key in parts}
    return policy(**{"phases": TWO, "transitions": {"go": {"from": "low", "to": "high", "when": when, **rest}}, **parts})


def holds(setting: Setting, each: Reach) -> None:
    """The witness, run by the engine and by the reference, reaches the phase on the very day and not before."""
    assert each.witness is not None
    assert each.day is not None
    index = [phase.name for phase in setting.machine.phases].index(each.phase)
    model = world_of(setting, each.witness.path, each.witness.drawn, each.day + 3)
    assert model.single_path
    trace = reference.walk(model, 1, 0, 0)
    assert next(day for day, phase in enumerate(trace.phases) if phase >= index) == each.day
    paths = simulate(model, 1, Block.plain(0, 1))
    assert paths.day[paths.enters >= index].min() == each.day
    assert [(step.day, step.decided) for step in each.witness.steps] == [
        (change.day, change.decided) for change in trace.changes if change.day <= each.day
    ]


# against everything that there is -----------------------------------------------------------------------------------------------


@SLOW
@given(policies())
def test_no_world_is_faster_and_one_is_as_fast(made: Policy) -> None:
    setting = of_policy(made)
    every = soonest(setting, DAYS)
    for index, each in enumerate(reach(setting).phases, start=setting.machine.initial + 1):
        found = every.get(index)
        if not each.decided:
            assert found is None or (each.least is not None and found >= each.least)
        elif each.day is None or each.day >= DAYS:
            assert found is None
        else:
            assert found == each.day
        if each.witness:
            holds(setting, each)


@SLOW
@given(models(), st.integers(0, 9))
def test_no_run_of_any_model_is_faster(model: Model, run: int) -> None:
    setting = of_model(model)
    trace = reference.walk(model, 1, run, run)
    for index, each in enumerate(reach(setting).phases, start=setting.machine.initial + 1):
        first = next((day for day, phase in enumerate(trace.phases) if phase >= index), None)
        least = each.least if not each.decided else each.day
        assert first is None or (least is not None and first >= least)
        if each.witness:
            holds(setting, each)


FOUNDING = [each.name for each in LIBRARY.entries("policy") if "/" not in each.name]
AUSTIN = [each.name for each in LIBRARY.entries("policy") if each.name.startswith("austin/")]
SHIPPED = [(name, scenario) for name in FOUNDING for scenario in (None, "surge-to-front-uncertain", "hindcast-kursk-counts")]
SHIPPED += [(name, scenario) for name in AUSTIN for scenario in (None, "austin/since-the-chart", "austin/summer-wave-uncertain")]


@pytest.mark.parametrize(("name", "scenario"), SHIPPED)
def test_every_witness_of_a_shipped_policy_does_what_is_said(name: str, scenario: str | None) -> None:
    setting = of_model(model_of(LIBRARY.load_pair(scenario, name))) if scenario else of_policy(LIBRARY.load_policy(name).spec)
    for each in reach(setting).phases:
        assert each.decided
        if each.witness:
            holds(setting, each)


def test_no_run_of_the_founding_case_is_faster() -> None:
    for name in ("phased-approach", "step-down", "allied-coordinated", "ambiguity-tolerant"):
        model = model_of(LIBRARY.load_pair("surge-to-front-uncertain", name))
        paths = simulate(model, 1, Block.plain(0, 2000))
        for index, each in enumerate(reach(of_model(model)).phases, start=1):
            assert each.day is not None
            first = paths.day[paths.enters >= index]
            assert not first.size or first.min() >= each.day


# cases worked out by hand -------------------------------------------------------------------------------------------------------


def test_the_founding_case() -> None:
    assert days(shipped("phased-approach")) == [0, 1]  # one change a day
    assert days(shipped("ambiguity-tolerant")) == [20, 21]  # 21 days in a row; both counts run at once
    assert days(shipped("step-down")) == [0, 28]  # four weeks at least
    assert days(shipped("allied-coordinated")) == [14, 29]  # the least lags of two weeks; decided on day 15
    assert days(shipped("capacity-limited")) == [0, 1]  # a lag without a least value
    assert days(shipped("restrained")) == [None, None]


def test_no_shipped_pair_has_a_warning() -> None:
    """docs/check.md says so, and which reading takes the last phase away."""
    from sim import api

    names = [each.name for kind in ("policy", "scenario") for each in LIBRARY.entries(kind)]
    found = api.check([name for name in names if "/" not in name])
    assert {each.level for each in found} == {"note"}
    assert {each.level for each in api.check([name for name in names if name.startswith("austin/")])} == {"note"}
    told = [each.problem.message for each in found if each.rule == "rival-readings"]
    assert len(told) == 7
    assert all("read as discretion, offensive_measures can never be entered; the others change nothing" in each for each in told)


def test_the_median_of_three_needs_two_observers() -> None:
    witness = shipped("ambiguity-tolerant").phases[1].witness
    assert witness is not None
    (path,) = witness.path
    assert (path.first, path.last) == (0, 21)
    assert sorted(path.values.values()) == [0, 4, 4]


@pytest.mark.parametrize(
    ("rules", "day"),
    [
        ({}, 0),
        ({"confirm": 3}, 2),
        ({"confirm": 0}, 0),
        ({"confirm": {"days": 2, "of": 9}}, 1),
        ({"lag": 4}, 4),
        ({"confirm": "1 week", "lag": 4}, 10),
        ({"confirm": {"uniform": [2.6, 9]}}, 2),  # rounded half up to 3 at least
        ({"lag": {"exponential": 30}}, 0),
    ],
)
def test_waits_add_up(rules: dict[str, Any], day: int) -> None:
    assert days(reach(of_policy(one("level >= 1", **rules)))) == [day]


def test_a_revocable_step_needs_its_guard_to_the_end() -> None:
    """The guard holds on its first two days in the phase only, so that a lag of three is revoked."""
    made = one("days_in_phase < 2", lag=3, revocable=True)
    assert days(reach(of_policy(made))) == [None]
    assert days(reach(of_policy(one("days_in_phase < 2", lag=3)))) == [3]


def test_a_phase_that_only_waiting_keeps_out_of_reach() -> None:
    """The guard can hold, and the phase that it leaves lasts longer."""
    made = one("days_in_phase <= 4", phases={"low": {"min_stay": 5}, "high": {}})
    assert days(reach(of_policy(made))) == [None]


def test_a_skipped_phase_counts_as_reached() -> None:
    phases = {"low": {}, "middle": {}, "high": {}}
    transitions = {
        "slow": {"from": "low", "to": "middle", "when": "level >= 1", "confirm": 5},
        "leap": {"from": "low", "to": "high", "when": "level >= 1", "confirm": 2},
    }
    found = reach(of_policy(policy(phases=phases, transitions=transitions)))
    assert days(found) == [1, 1]


def test_a_draw_is_the_same_on_all_days() -> None:
    """Above one threshold and, the next day, at or below it in a way that no single draw allows."""
    transitions = {
        "up": {"from": "low", "to": "middle", "when": "t >= 1.5"},
        "on": {"from": "middle", "to": "high", "when": "t < 1.5"},
    }
    made = policy(
        phases={"low": {}, "middle": {}, "high": {}}, thresholds={"t": threshold({"uniform": [1, 2]})}, transitions=transitions
    )
    middle, high = reach(of_policy(made)).phases
    assert (middle.day, high.day) == (0, None)
    assert middle.witness is not None
    assert 1.5 <= middle.witness.drawn["thresholds.t.value"] <= 2


def test_a_longer_wait_of_another_transition_may_be_needed() -> None:
    """`down` stands first and holds wherever `up` does; only where it needs the longer wait can `up` go first."""
    transitions = {
        "down": {"from": "middle", "to": "low", "when": "level >= 1", "confirm": {"choice": [1, 3]}},
        "up": {"from": "middle", "to": "high", "when": "level >= 1", "confirm": 2},
    }
    made = policy(phases={"low": {}, "middle": {}, "high": {}}, initial="middle", transitions=transitions)
    (high,) = reach(of_policy(made)).phases
    assert high.day == 1
    assert high.witness is not None
    assert high.witness.drawn == {"transitions.down.confirm": 3}


def test_dated_thresholds_and_the_horizon_of_a_scenario() -> None:
    dated = {"unit": "u", "grade": "assumed", "dated": {"2024-10-24": 9, "2024-11-03": 1}}
    setting = of_policy(one("level >= t", thresholds={"t": dated}))
    assert setting.assumed_start
    assert days(reach(setting)) == [10]
    for horizon, day in ((10, None), (11, 10)):
        limited = Setting(**{**vars(setting), "days": horizon})
        assert days(reach(limited)) == [day]


def test_a_world_may_be_unable_to_go_where_a_policy_looks(tmp_path: Any) -> None:
    """The scenario's bounds keep the level below the threshold; an error of observation lets it be seen above."""
    (tmp_path / "configs").mkdir()
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "configs/p.yaml").write_text(
        "kind: policy\nname: p\ntitle: P\nreads: {level: {unit: u}}\nphases: {a: {}, b: {}}\n"
        "transitions: {go: {from: a, to: b, when: level >= 3, confirm: 2 days}}\n"
    )
    text = "kind: scenario\nname: s\ntitle: S\npolicy: p\nstart: 2024-10-24\ndays: 30\n"
    text += "variables: {level: {unit: u, bounds: [0, 2], path: {day 0: 1}}}\n"
    for signpost, day in (
        ("{}", None),
        ("{error: {sd: 0.1}}", 1),
        ("{bias: 1}", 1),
        ("{round: nearest}", None),
        ("{bias: 0.6, round: nearest}", 1),
    ):
        (tmp_path / "scenarios/s.yaml").write_text(f"{text}signposts: {{level: {signpost}}}\n")
        setting = of_model(model_of(Library([tmp_path]).load_pair("s")))
        assert days(reach(setting)) == [day], signpost


def test_what_is_not_decided_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Arithmetic of two signposts is not guessed at, and a search that grows too large stops."""
    reads = {"a": {"unit": "u", "range": [0, 2]}, "b": {"unit": "u", "range": [0, 2]}}
    (found,) = reach(of_policy(one("a * 0.3 + b * 0.7 == 1.1", reads=reads))).phases
    assert (found.decided, found.day, found.least) == (False, None, 0)
    assert days(reach(of_policy(one("a + b >= 4", reads=reads)))) == [0]  # shown by a value
    monkeypatch.setattr(search, "MOST_STATES", 20)
    (slow,) = reach(of_policy(one("level >= 1", confirm={"days": 9, "of": 14}))).phases
    assert not slow.decided
    assert slow.least is not None
    assert 0 < slow.least <= 8


def test_values_are_kept_where_they_may_be() -> None:
    """A witness is as plain as it can be: one stretch of days, whole values."""
    witness = shipped("step-down").phases[1].witness
    assert witness is not None
    assert [(each.first, each.last, dict(each.values)) for each in witness.path] == [
        (0, 28, {"deployment_level": 4.0, "special_forces": 0.0})
    ]
    assert np.isfinite(list(witness.path[0].values.values())).all()


@example(7)
@settings(max_examples=5, deadline=None)
@given(st.integers(1, 40))
def test_a_search_finds_any_wait(confirm: int) -> None:
    assert days(reach(of_policy(one("level >= 1", confirm=confirm)))) == [confirm - 1]
