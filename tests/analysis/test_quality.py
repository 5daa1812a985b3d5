"""Trigger quality against plain Python over the reference loop, closed forms, and itself in other blocks and processes."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import api, reference
from sim.analysis.counting import Counts, quality
from sim.analysis.matching import Matched, Matching, blurred, needed, remembering
from sim.analysis.quality import OUTCOMES, Quality, TransitionQuality, TriggerQuality
from sim.analysis.quality_files import HEADER, document, rows
from sim.analysis.twin import seen_perfectly
from sim.draws import Block
from sim.engine import simulate
from sim.errors import BadInput, BadUsage
from sim.intervals import wilson
from sim.library import Library
from sim.machine import Model
from sim.measures import transition_counts
from sim.work import How, parts
from sim.world import Quantity, Steps, Variable
from tests.strategies import START, Files, models

SEED = 3


def model_of(scenario: str, policy: str | None = None, *sets: str) -> Model:
    return api.model_of(Library([]).load_pair(scenario, policy, sets))


def counts_of(model: Model, runs: int, seed: int = SEED) -> Counts:
    work = Matching((model,), model.machine, seed, runs, 1)
    return work.merged(work.compute(block) for block in work.blocks(work.runs))[0]


def records_of(model: Model, runs: int, tolerance: int = 0) -> Quality:
    return quality(model.machine, counts_of(model, runs), tolerance, single_path=model.single_path)


# by hand ----------------------------------------------------------------------------------------------------------------------


def held(model: Model, trace: reference.Trace) -> Model:
    """The policy in a world whose every day is written down as the other policy met it, and which it sees as it is."""
    written = tuple(
        Variable(
            each.name,
            each.unit,
            -math.inf,
            math.inf,
            Steps(tuple(range(model.world.days)), tuple(Quantity("", value) for value in trace.variables[each.name])),
            (),
            (),
            {},
            {},
        )
        for each in model.world.variables
    )
    return replace(seen_perfectly(model), world=replace(seen_perfectly(model).world, variables=written))


@dataclass
class ByHand:
    """One run: per transition the first days of effect, and per phase the days above and below the twin."""

    taken: list[int | None]
    due: list[int | None]
    takings: list[int]
    above: list[int]
    below: list[int]


def by_hand(model: Model, run: int) -> ByHand:
    actual = reference.walk(model, SEED, run, run)
    twin = reference.walk(held(model, actual), SEED, run, run)
    names = range(len(model.machine.transitions))

    def first(trace: reference.Trace, index: int) -> int | None:
        return min((change.day for change in trace.changes if change.transition == index), default=None)

    pairs = list(zip(actual.phases, twin.phases, strict=True))
    return ByHand(
        [first(actual, index) for index in names],
        [first(twin, index) for index in names],
        [sum(change.transition == index for change in actual.changes) for index in names],
        [sum(here == phase and there < phase for here, there in pairs) for phase in range(len(model.machine.phases))],
        [sum(there == phase and here < phase for here, there in pairs) for phase in range(len(model.machine.phases))],
    )


def outcome(taken: int | None, due: int | None, tolerance: int) -> str:
    if taken is None:
        return "neither" if due is None else "missed"
    if due is None:
        return "false"
    if abs(taken - due) <= tolerance:
        return "on_time"
    return "early" if taken < due else "late"


def check(each: TransitionQuality, taken: Sequence[int | None], due: Sequence[int | None], days: int, tolerance: int) -> None:
    found = [outcome(a, b, tolerance) for a, b in zip(taken, due, strict=True)]
    assert {name: each.outcome(name).count for name in OUTCOMES} == {name: found.count(name) for name in OUTCOMES}
    assert sum(each.outcome(name).value for name in OUTCOMES) == pytest.approx(1)
    both = [a - b for a, b in zip(taken, due, strict=True) if a is not None and b is not None]
    late = sorted(each for each in both if each > tolerance)
    early = sorted(-each for each in both if each < -tolerance)
    delays = [max((days if a is None else a) - b, 0) for a, b in zip(taken, due, strict=True) if b is not None]
    for told, values in (
        (each.difference, both),
        (each.delay, delays),
        (each.late_days.mean, late),
        (each.early_days.mean, early),
    ):
        assert told.runs == len(values)
        assert told.value == (pytest.approx(statistics.mean(values)) if values else None)
        if len(values) > 1:
            assert told.se == pytest.approx(statistics.stdev(values) / math.sqrt(len(values)))
    for told_by, values in ((each.late_days, late), (each.early_days, early)):
        for level, day in told_by.quantiles.items():
            wanted = next((value for at, value in enumerate(values, 1) if at >= level * len(values)), None)
            assert day == wanted


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(models(), st.sampled_from([0, 1, 4]))
def test_agrees_with_plain_python_over_the_reference_loop(model: Model, tolerance: int) -> None:
    """Every kind of policy, reactions too: the twin's world is written down day by day, so that it cannot but stay."""
    runs = 1 if model.single_path else 5
    found = records_of(model, runs, tolerance)
    hand = [by_hand(model, run) for run in range(runs)]
    for index, each in enumerate(found.transitions):
        check(each, [run.taken[index] for run in hand], [run.due[index] for run in hand], model.world.days, tolerance)
        assert each.takings.value == pytest.approx(statistics.mean(run.takings[index] for run in hand))
    for phase, told in enumerate(found.phases, start=1):
        assert told.above.value == pytest.approx(statistics.mean(run.above[phase] for run in hand))
        assert told.below.value == pytest.approx(statistics.mean(run.below[phase] for run in hand))
        assert told.ever_above.count == sum(run.above[phase] > 0 for run in hand)
        assert told.ever_below.count == sum(run.below[phase] > 0 for run in hand)
    assert found.every.above.value == pytest.approx(statistics.mean(sum(run.above) for run in hand))
    assert found.every.ever_below.count == sum(sum(run.below) > 0 for run in hand)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(models())
def test_who_sees_perfectly_is_always_on_time(model: Model) -> None:
    found = records_of(seen_perfectly(model), 20)
    for each in found.transitions:
        assert each.on_time.count + each.neither.count == each.on_time.runs
        assert each.takings == each.twin_takings
    assert found.every.ever_above.count == found.every.ever_below.count == 0


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(models())
def test_what_nobody_sees_can_be_left_out(model: Model) -> None:
    block = Block.plain(0, 8)
    whole, slim = simulate(model, SEED, block), simulate(needed(model), SEED, block)
    for name in ("run", "day", "transition", "final_phase"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(slim, name))


# closed forms -----------------------------------------------------------------------------------------------------------------


def watching(days: int, confirm: int) -> Model:
    """A level that stays at 0, seen with a fresh standard normal error each day; the guard asks for 1."""
    policy = {
        "kind": "policy",
        "name": "p",
        "title": "P",
        "reads": {"a": {"unit": "u"}},
        "phases": {"low": {}, "high": {}},
        "thresholds": {"t": {"unit": "u", "grade": "assumed", "value": 1}},
        "transitions": {"go": {"from": "low", "to": "high", "when": "a >= t", "confirm": confirm}},
    }
    scenario = {
        "kind": "scenario",
        "name": "s",
        "title": "S",
        "start": START.isoformat(),
        "days": days,
        "variables": {"a": {"unit": "u", "path": {"day 0": 0}}},
        "signposts": {"a": {"error": {"sd": 1}}},
    }
    return Files(policy, scenario, {}).model


def run_of_successes(p: float, length: int, trials: int) -> float:
    """That trials hold a run of so many successes, by how many stand in a row (Feller 1968, vol. 1, chapter XIII.7)."""
    chance = [1.0] + [0.0] * length
    for _ in range(trials):
        stays = chance[:-1]
        chance = [sum(stays) * (1 - p), *(each * p for each in stays[:-1]), chance[-1] + stays[-1] * p]
    return chance[-1]


def test_the_formula_of_runs_itself() -> None:
    """Of 2³ outcomes of three trials three have two successes in a row."""
    assert run_of_successes(0.5, 2, 3) == pytest.approx(3 / 8)
    assert run_of_successes(0.3, 1, 4) == pytest.approx(1 - 0.7**4)


@pytest.mark.parametrize("confirm", [1, 2, 3])
def test_false_alarms_of_fresh_errors_follow_the_theory_of_runs(confirm: int) -> None:
    runs, days = 20_000, 40
    (each,) = records_of(watching(days, confirm), runs).transitions
    wanted = run_of_successes(statistics.NormalDist().cdf(-1), confirm, days)
    assert each.false.count + each.neither.count == runs
    assert abs(each.false.value - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / runs)
    low, high = wilson(each.false.count, runs)
    assert each.false.interval == (low, high)


# the work ---------------------------------------------------------------------------------------------------------------------


def total(found: Iterable[Matched], work: Matching) -> list[dict[str, list[int]]]:
    return [{name: np.asarray(value).tolist() for name, value in vars(each).items()} for each in work.merged(found)]


@pytest.mark.parametrize("scenario", ["ambiguous-intelligence-uncertain", "reciprocity-provoking-uncertain"])
def test_the_answer_does_not_depend_on_blocks_groups_or_workers(scenario: str) -> None:
    given_ = model_of(scenario, "step-down", "days=60")
    others = [model_of(scenario, "step-down", "days=60", f"transitions.arm_defensively.confirm={days}") for days in (2, 5)]
    several = tuple(remembering(model, days) for days in (0, 7) for model in (given_, *others))
    whole = Matching(several, given_.machine, SEED, 300, len(several))
    wanted = total([whole.compute(block) for block in whole.blocks(300)], whole)
    assert len(whole.blocks(300)) == 1
    assert any(sum(sum(row) for row in each["differences"]) for each in wanted)
    small = replace(whole, together=4, block=110)
    assert [len(group) for group in small.groups] == [3, 3]
    assert total([small.compute(block) for block in small.blocks(300)], small) == wanted
    if scenario.startswith("ambiguous"):
        assert total(parts(small, 300, How(2)), small) == wanted


def test_sharing_a_world_changes_nothing() -> None:
    """Each memory alone, and all beside each other."""
    model = model_of("ambiguous-intelligence-uncertain", None, "days=120")
    several = [remembering(model, days) for days in (0, 7, 30)]
    together = Matching(tuple(several), model.machine, SEED, 200, 3)
    found = total([together.compute(block) for block in together.blocks(200)], together)
    for each, memory in zip(found, several, strict=True):
        alone = Matching((memory,), model.machine, SEED, 200, 1)
        assert total([alone.compute(range(200))], alone) == [each]


@pytest.mark.parametrize("scenario", ["ambiguous-intelligence-uncertain", "reciprocity-provoking-uncertain"])
def test_the_policy_that_acts_is_the_one_that_runs_alone(scenario: str) -> None:
    model = model_of(scenario, "step-down", "days=200")
    alone = simulate(model, SEED, Block.plain(0, 300))
    found = counts_of(model, 300)
    assert found.takings.sum() == transition_counts(alone).sum() > 0
    assert reduce(np.add, found.takings2) >= found.takings.sum()


def test_the_twin_does_not_see_the_errors() -> None:
    done = api.quality("ambiguous-intelligence-uncertain", runs=300, memories=["0", "30", "as-given"])
    blind = api.quality("ambiguous-intelligence-uncertain", runs=300, memories=["0"], sets=["signposts.deployment_level.delay=2"])
    for column in (*done.columns, *blind.columns):
        for each, wanted in zip(column.quality.transitions, done.columns[0].quality.transitions, strict=True):
            assert (each.due, each.twin_takings) == (wanted.due, wanted.twin_takings)
    assert len({column.quality.of("arm_defensively").false_alarm for column in done.columns}) == 3


# what is asked ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def curve() -> TriggerQuality:
    return api.quality("ambiguous-intelligence-uncertain", varied="transitions.arm_defensively.confirm=1:28:9", runs=1_000)


def test_waiting_buys_fewer_false_alarms_and_costs_delay(curve: TriggerQuality) -> None:
    """The same draws for every value: each step of waiting can only help the one and hurt the other."""
    assert [column.memory for column in curve.columns] == [0, 7, 30]
    for column in curve.columns:
        those = [point.quality.of("arm_defensively") for point in column.points]
        alarms = [each.false_alarm.count for each in those]
        delays = [each.delay.value or 0.0 for each in those]
        assert alarms == sorted(alarms, reverse=True)
        assert delays == sorted(delays)
        assert len({each.due for each in those}) == 1  # the twin keeps the policy as given
    fresh, _, lasting = (column.points[1].quality.of("arm_defensively").false_alarm.value for column in curve.columns)
    assert fresh < 0.01 < lasting


def test_the_value_as_given_is_the_policy_as_given(curve: TriggerQuality) -> None:
    assert curve.varied is not None
    assert (curve.varied.stated, curve.varied.unit, curve.varied.name) == (1, "days", "confirm")
    assert curve.varied.transitions == ("arm_defensively",)
    for column in curve.columns:
        assert [point.value for point in column.points] == [1, 10, 19, 28]
        assert column.points[0].quality == column.quality
    assert not curve.still


def test_a_varied_threshold_is_as_setting_it() -> None:
    """By hand: the policy with another threshold against the twin of the policy as stated."""
    done = api.quality("surge-to-front-uncertain", varied="thresholds.front_line.value=2:3", runs=200, memories=["as-given"])
    stated = model_of("surge-to-front-uncertain")
    work = Matching((model_of("surge-to-front-uncertain", None, "thresholds.front_line.value=2"),), stated.machine, 1, 200, 1)
    (wanted,) = work.merged([work.compute(range(200))])
    assert done.columns[0].points[0].quality == quality(stated.machine, wanted, 0, single_path=False)
    assert done.columns[0].points[0].quality.of("arm_defensively").false_alarm.value > 0.5
    assert done.varied is not None
    assert (done.varied.unit, done.varied.stated) == ("rung", 3)


def test_a_number_of_the_scenario_moves_the_twin_too() -> None:
    done = api.quality("surge-to-front", varied="scenario.variables.deployment_level.path.2024-10-31=2:3")
    below, at = (point.quality.of("arm_defensively") for point in done.columns[0].points)
    assert (below.neither.count, at.on_time.count) == (1, 1)
    assert done.single_path
    assert not done.blurred


def test_what_changes_nothing_is_said() -> None:
    varied = "signposts.troops_in_russia.delay=0:2"
    assert api.quality("ambiguous-intelligence-uncertain", varied=varied, runs=50).still


def test_one_column_where_no_error_is_seen() -> None:
    """The errors that there are stand on signposts that the policy does not read."""
    sets = ["signposts.deployment_level.error=null"]
    done = api.quality("rear-labour-uncertain", runs=20, sets=sets)
    assert not done.blurred
    assert [column.memory for column in done.columns] == [None]
    assert not blurred(model_of("surge-to-front"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"memories": ["-1"]}, "--memory takes a number of days, 0 or more, or as-given, got '-1'"),
        ({"memories": ["nan"]}, "got 'nan'"),
        ({"memories": ["two weeks"]}, "got 'two weeks'"),
        ({"tolerance": -1}, "--tolerance must not be below 0"),
        ({"runs": 0}, "--runs must be at least 1"),
        ({"varied": "scenario.days=10:20"}, "cannot be varied"),
        ({"varied": "signposts.troops_in_russia.error.memory=0:9:3", "memories": ["0"]}, "both set how long errors last"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, object], message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        api.quality("rear-labour-uncertain", **options)  # type: ignore[arg-type]


def test_every_wrong_value_is_named() -> None:
    with pytest.raises(BadInput) as error:
        api.quality("rear-labour-uncertain", varied="transitions.arm_defensively.confirm=1:2:0.25")
    places = [problem.place.file for problem in error.value.problems]
    assert places == [f"--vary transitions.arm_defensively.confirm={value}" for value in ("1.25", "1.5", "1.75")]


def test_a_wrong_path_is_named_once() -> None:
    with pytest.raises(BadInput) as error:
        api.quality("rear-labour-uncertain", varied="transitions.arm_defensvely.confirm=1:28")
    (problem,) = error.value.problems
    assert "did you mean 'arm_defensively'?" in problem.message


def test_files_hold_what_the_records_hold(curve: TriggerQuality) -> None:
    told = document(curve)
    for column, records in zip(told["columns"], curve.columns, strict=True):
        assert column["memory"] == records.memory
        for point, record in zip(column["points"], records.points, strict=True):
            each, wanted = point["transitions"][0], record.quality.transitions[0]
            assert (point["value"], each["name"]) == (record.value, "arm_defensively")
            assert sum(each[name]["share"] for name in OUTCOMES) == pytest.approx(1)
            assert each["false_alarm"]["share"] == pytest.approx(wanted.early.value + wanted.false.value)
            assert each["delay"]["mean"] == wanted.delay.value
    table = list(rows(curve))
    assert {len(row) for row in table} == {len(HEADER)}
    assert len(table) == len({row[:4] for row in table})
    found = next(row for row in table if row[:4] == ("30", "28", "transition.arm_defensively", "false_alarm"))
    wanted = curve.columns[2].points[3].quality.of("arm_defensively").false_alarm
    assert found[4:] == (wanted.value, *wanted.interval)
