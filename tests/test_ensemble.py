"""Ensembles: what adds up, what is one path, and laws of order and symmetry on the same draws."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from sim.draws import Block
from sim.engine import Paths, simulate
from sim.ensemble import Job, compute, run_ensemble
from sim.ensemble.fans import quantiles
from sim.machine import Model
from sim.measures import NEVER, days_in_phases, first_passages, strips, tally, transition_counts
from sim.numbers import Numbers
from sim.results import FAN_LEVELS
from tests.strategies import Record, models
from tests.test_reference import model

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large)
RUNS = 40

WALK: Record = {"path": {"day 0": 0}, "moves": {"w": {"walk": {"volatility": 0.5}}}}


def climbing(value: Any = 1, **transition: Any) -> Model:
    """One way up, on a walk seen through noise."""
    return model(
        {"x": WALK},
        days=40,
        signposts={"x": {"error": {"sd": 0.2}}},
        thresholds={"t": {"value": value}},
        transitions={"go": {"from": "low", "to": "middle", "when": "x >= t", **transition}},
    )


def first_days(made: Model, seed: int, runs: int) -> NDArray[np.int32]:
    """(runs,) first passages of the second phase."""
    table = run_ensemble(made, seed, runs, table=True).table
    assert table is not None
    found: NDArray[np.int32] = table.first[1]
    return found


# Quantiles -----------------------------------------------------------------------------------------------------------------


@given(hnp.arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 100)), elements=st.floats(-1e6, 1e6)))
@settings(max_examples=200, deadline=None)
def test_quantiles_are_numpys(values: NDArray[np.float64]) -> None:
    np.testing.assert_allclose(quantiles(values), np.quantile(values, FAN_LEVELS, axis=1), rtol=1e-12, atol=1e-9)


@pytest.mark.parametrize("kind", ["smooth", "ties", "one value", "infinite", "undefined", "sorted", "periodic"])
def test_quantiles_of_many_values_are_those_of_sorting_them(kind: str) -> None:
    """Values are sought where a sample says; whatever the sample says, the rank is exact."""
    rng = np.random.default_rng(2)
    values = rng.lognormal(size=(3, 20_001))
    if kind == "ties":
        values = np.round(values)
    elif kind == "one value":
        values[:] = 3.3
    elif kind == "infinite":
        values[:, :3000] = np.inf
    elif kind == "undefined":
        values[:, 100:19_000] = np.nan
    elif kind == "sorted":
        values.sort(axis=1)
    elif kind == "periodic":  # every value that the sample sees is an outlier
        values[:, ::64] = 1e9
    ranked = np.sort(values, axis=1)
    np.testing.assert_array_equal(quantiles(values)[:3], ranked[:, [1000, 5000, 10_000]].T)


@pytest.mark.parametrize("size", [1, 2, 3, 20, 21, 1000, 1001])
def test_quantiles_of_whole_ranks_are_exact(size: int) -> None:
    values = np.random.default_rng(1).permutation(size).astype(float)
    np.testing.assert_allclose(quantiles(values[np.newaxis])[:, 0], np.array(FAN_LEVELS) * (size - 1), rtol=1e-14)


def test_fans_are_the_quantiles_and_the_first_runs_of_every_day() -> None:
    found = run_ensemble(climbing(), 3, 300)
    seen = [run_ensemble(climbing(), 3, 1, first=run).signposts["x"].samples[0] for run in range(12)]
    np.testing.assert_array_equal(found.signposts["x"].samples, seen)
    level = found.variables["x"]
    assert level.quantiles.shape == (len(FAN_LEVELS), 40)
    assert (level.quantiles[:, 0] == 0).all()
    assert (np.diff(level.quantiles[:, 1:], axis=0) > 0).all()
    assert (level.runs, level.unit) == (300, "u")


# One path ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("runs", [1, 2, 5000])
def test_model_without_uncertainty_is_one_path(runs: int) -> None:
    certain = model(
        {"x": {"path": {"day 0": 0, "day 3": 2}}},
        thresholds={"t": {"value": 1}},
        transitions={"go": {"from": "low", "to": "high", "when": "x >= t"}},
    )
    found = run_ensemble(certain, 1, runs, table=True)
    assert certain.single_path
    assert found.tally.runs == 1
    assert found.strips.tolist() == [[0, 0, 0, 2, 2, 2]]
    assert found.variables["x"].runs == 1
    assert found.variables["x"].quantiles.tolist() == [[0, 0, 0, 2, 2, 2]] * len(FAN_LEVELS)
    assert found.table is not None
    assert found.table.first.tolist() == [[0], [3], [3]]
    assert found.table.factors == {}


def test_one_uncertain_number_or_any_noise_is_an_ensemble() -> None:
    uncertain = model({"x": {"path": {"day 0": 1}}}, thresholds={"t": {"value": {"uniform": [0, 2]}}})
    noisy = model({"x": WALK})
    for each in (uncertain, noisy):
        assert not each.single_path
        assert run_ensemble(each, 1, 7).tally.runs == 7


def test_noise_of_no_size_is_one_path() -> None:
    """A volatility, a rate and an sd of 0 do not make runs differ."""
    still: Record = {"w": {"walk": {"drift": 1, "volatility": 0}}, "j": {"jumps": {"rate": 0, "size": {"exponential": 1}}}}
    quiet = model({"x": {"path": {"day 0": 0}, "moves": still}}, signposts={"x": {"error": {"sd": 0}}})
    assert quiet.single_path
    assert run_ensemble(quiet, 1, 9).tally.runs == 1


# What adds up --------------------------------------------------------------------------------------------------------------


@given(models(), st.integers(0, 2**32))
@settings(max_examples=80, deadline=None, suppress_health_check=SLOW)
def test_counts_add_up(made: Model, seed: int) -> None:
    found = run_ensemble(made, seed, RUNS, table=True)
    counts, table = found.tally, found.table
    runs = 1 if made.single_path else RUNS
    days = made.world.days
    assert table is not None
    assert counts.runs == runs
    assert (counts.occupancy >= 0).all()
    assert (counts.occupancy.sum(axis=0) == runs).all()
    assert counts.phase_days.sum() == runs * days
    assert (counts.first.sum(axis=1) == (table.first < days).sum(axis=1)).all()
    assert (table.first[: made.machine.initial + 1] == 0).all()
    assert (np.diff(table.first.astype(np.int64), axis=0) >= 0).all()  # a higher phase is not reached before a lower one
    assert (table.decided <= table.first).all()
    assert ((table.decided == NEVER) == (table.first == NEVER)).all()
    assert (counts.stays - counts.completed).sum() == runs
    assert (counts.completed <= counts.stays).all()
    assert (counts.completed_days <= counts.phase_days).all()
    assert counts.transitions.sum() == counts.completed.sum() == table.transitions.sum()
    assert (table.transitions <= days).all()
    assert (table.days.sum(axis=0) == days).all()
    assert (table.days.sum(axis=1) == counts.phase_days).all()
    assert (found.strips[:, -1] == table.final_phase).all()
    assert np.array_equal([(found.strips == phase).sum(axis=0) for phase in range(len(counts.stays))], counts.occupancy)


@given(models(), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_a_change_goes_along_its_transition_and_there_is_one_a_day(made: Model, seed: int) -> None:
    paths = simulate(made, seed, Block.plain(0, RUNS))
    for index, leaves, enters in zip(paths.transition, paths.leaves, paths.enters, strict=True):
        way = made.machine.transitions[index]
        assert way.leaves[leaves]
        assert way.to == enters != leaves
    assert (paths.entered <= paths.decided).all()
    assert (paths.decided <= paths.day).all()
    assert len({*zip(paths.run.tolist(), paths.day.tolist(), strict=True)}) == paths.run.size


# Symmetry ------------------------------------------------------------------------------------------------------------------


def rows(paths: Paths) -> list[NDArray[Any]]:
    """Everything that has one entry a run, runs last."""
    first, decided = first_passages(paths)
    by_day = strips(paths, paths.runs).T
    return [first, decided, by_day, days_in_phases(paths), transition_counts(paths), paths.final_phase, paths.final_entered]


@given(models(), st.integers(0, 2**32), st.permutations(range(12)))
@settings(max_examples=60, deadline=None, suppress_health_check=SLOW)
def test_permuting_a_block_permutes_its_results(made: Model, seed: int, order: list[int]) -> None:
    cases, replications = (
        np.array([0, 1, 2, 3, 5, 8, 0, 1, 2, 3, 900, 901]),
        np.array([0, 1, 2, 3, 4, 4, 1023, 1024, 7, 7, 0, 5000]),
    )
    plain = simulate(made, seed, Block(cases, replications))
    permuted = simulate(made, seed, Block(cases[order], replications[order]))
    for one, other in zip(rows(plain), rows(permuted), strict=True):
        np.testing.assert_array_equal(one[..., order], other)
    transitions = len(made.machine.transitions)
    np.testing.assert_array_equal(tally(plain, transitions).occupancy, tally(permuted, transitions).occupancy)


@given(models(), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None, suppress_health_check=SLOW)
def test_what_is_given_in_place_of_draws_is_used(made: Model, seed: int) -> None:
    """Giving every uncertain number the value that it would have changes nothing."""
    assume(made.uncertain)
    block = Block.plain(3, 12)
    numbers = Numbers(seed, block)
    raw = {each.path: numbers(each) for each in made.uncertain}
    for one, other in zip(rows(simulate(made, seed, block)), rows(simulate(made, seed, block, raw)), strict=True):
        np.testing.assert_array_equal(one, other)


# Order ---------------------------------------------------------------------------------------------------------------------

LEVEL = st.floats(-1, 3)


@given(LEVEL, LEVEL, st.sampled_from([1, 2, 5, {"days": 2, "of": 4}]), st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_a_higher_threshold_is_never_met_earlier(one: float, other: float, confirm: Any, seed: int) -> None:
    """On the same draws: one way up, no lag, no way down, no reaction."""
    low, high = (first_days(climbing(each, confirm=confirm), seed, 200) for each in sorted((one, other)))
    assert (low <= high).all()


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_longer_confirmation_is_never_earlier(one: int, other: int, seed: int) -> None:
    short, long_ = (first_days(climbing(confirm=each), seed, 200) for each in sorted((one, other)))
    assert (short <= long_).all()


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_a_window_lies_between_one_day_and_a_row(m: int, n: int, seed: int) -> None:
    m, n = sorted((m, n))
    once, window, row = (first_days(climbing(confirm=each), seed, 200) for each in (1, {"days": m, "of": n}, m))
    assert (once <= window).all()
    assert (window <= row).all()  # m days in a row are m of the last n


@given(st.integers(0, 45), st.integers(0, 2**32))
@settings(max_examples=30, deadline=None)
def test_lag_puts_off_the_effect_and_not_the_decision(lag: int, seed: int) -> None:
    at_once, later = (run_ensemble(climbing(lag=each), seed, 200, table=True).table for each in (0, lag))
    assert at_once is not None
    assert later is not None
    due = at_once.first[1].astype(np.int64) + lag
    in_time = due < 40
    np.testing.assert_array_equal(later.first[1][in_time], due[in_time])
    np.testing.assert_array_equal(later.decided[1][in_time], at_once.decided[1][in_time])
    assert (later.first[1][~in_time] == NEVER).all()


def test_the_same_seed_repeats_itself_and_another_does_not() -> None:
    one, again = first_days(climbing(), 8, 500), first_days(climbing(), 8, 500)
    np.testing.assert_array_equal(one, again)
    assert (first_days(climbing(), 9, 500) != one).any()


# Confirmation while a threshold becomes uncertain --------------------------------------------------------------------------


@pytest.mark.parametrize(("confirm", "day"), [(5, 4), ({"days": 4, "of": 6}, 3)])
def test_days_counted_before_a_restated_threshold_becomes_uncertain_still_count(confirm: Any, day: int) -> None:
    restated = {"dated": {"day 0": 0, "day 3": {"uniform": [0, 0.5]}}}
    made = model(
        {"x": {"path": {"day 0": 1}}},
        days=20,
        thresholds={"t": restated},
        transitions={"go": {"from": "low", "to": "middle", "when": "x >= t", "confirm": confirm}},
    )
    assert simulate(made, 1, Block.plain(0, 3)).day.tolist() == [day] * 3


# Progress ------------------------------------------------------------------------------------------------------------------


def test_progress_counts_every_day_of_every_run() -> None:
    done: list[int] = []
    compute(Job((climbing(),), 1), range(450), leading=True, progress=done.append)
    assert sum(done) == 450 * 40


def test_a_walk_that_overflows_has_infinite_quantiles_and_no_warning() -> None:
    run = {"walk": {"relative": True, "drift": 100, "volatility": 1}}
    made = model({"x": {"path": {"day 0": 1}, "moves": {"burst": run}}}, days=20, transitions={})
    fan = run_ensemble(made, 1, 50).variables["x"]
    assert np.isposinf(fan.quantiles[2, -1])
