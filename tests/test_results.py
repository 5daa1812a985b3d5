"""Intervals of first passages: made by hand, as laws for any counts, and by how often they hold the truth."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.intervals import wilson
from sim.results import DAY_QUANTILES, FirstPassage
from tests.charts.made import result

HORIZON = 60
SAMPLES = 4_000


def passage(*counts: int, runs: int, single_path: bool = False) -> FirstPassage:
    return FirstPassage(runs, np.array(counts, np.int64), single_path)


def test_intervals_of_the_shares_are_wilson_s_day_by_day() -> None:
    found = passage(0, 3, 0, 7, runs=40)
    low, high = wilson([0, 3, 3, 10], 40)
    assert found.cumulative_interval.tolist() == [low.tolist(), high.tolist()]
    assert found.interval == (low[3], high[3])


def test_the_interval_of_a_quantile_by_hand() -> None:
    """Of 20 runs 0, 4, 10, 16, 16 by each day: lows 0, 8.1, 29.9, 58.4, 58.4%; highs 16.1, 41.6, 70.1, 91.9, 91.9%."""
    found = passage(0, 4, 6, 6, 0, runs=20)
    assert [found.quantile(level) for level in (0.05, 0.5, 0.95)] == [1, 2, None]
    assert found.quantile_interval(0.05) == (0, 1)
    assert found.quantile_interval(0.5) == (2, 3)
    assert found.quantile_interval(0.6) == (2, None)
    assert found.quantile_interval(0.9) == (3, None)
    assert found.quantile_interval(0.95) == (None, None)


def test_a_quantile_after_the_horizon_may_have_been_missed_by_chance() -> None:
    """49 of 100 runs: less than half, and yet half may be reached within the horizon."""
    found = passage(0, 30, 0, 19, runs=100)
    assert found.quantile(0.5) is None
    assert found.quantile_interval(0.5) == (3, None)


def test_one_path_has_no_monte_carlo_error() -> None:
    found = passage(0, 1, 0, runs=1, single_path=True)
    assert found.interval == (1, 1)
    assert found.cumulative_interval.tolist() == [[0, 1, 1], [0, 1, 1]]
    assert found.quantile_interval(0.5) == (1, 1)
    never = passage(0, 0, 0, runs=1, single_path=True)
    assert (never.interval, never.quantile_interval(0.5)) == ((0, 0), (None, None))


def test_one_run_of_many_that_might_be_has_nearly_all_of_it() -> None:
    low, high = passage(0, 1, 0, runs=1).interval
    assert (round(low, 3), high) == (0.207, 1)


@pytest.mark.parametrize("single_path", [False, True])
def test_intervals_of_the_shares_in_each_phase(single_path: bool) -> None:
    made = result(days=30, runs=1 if single_path else 50, single_path=single_path)
    low, high = made.occupancy_interval
    assert low.shape == high.shape == made.occupancy.shape
    expected = [made.occupancy] * 2 if single_path else wilson(made.occupancy, 50)
    assert [low.tolist(), high.tolist()] == [each.tolist() for each in expected]


COUNTS = st.lists(st.integers(0, 30), min_size=1, max_size=20).flatmap(
    lambda counts: st.tuples(st.just(counts), st.integers(max(1, sum(counts)), 1 + 2 * sum(counts)))
)


@given(COUNTS, st.sampled_from([*DAY_QUANTILES, 0.25, 0.9]), st.booleans())
@settings(deadline=None)
def test_intervals_hold_the_estimates_and_never_fall(made: tuple[list[int], int], level: float, single_path: bool) -> None:
    counts, runs = made
    found = passage(*counts, runs=runs, single_path=single_path)
    low, high = found.cumulative_interval
    assert np.all(low <= found.cumulative)
    assert np.all(found.cumulative <= high)
    assert np.all(np.diff(found.cumulative_interval) >= 0)
    days = len(counts)
    first, last = (days if day is None else day for day in found.quantile_interval(level))
    day = found.quantile(level)
    assert first <= (days if day is None else day) <= last


def law(hazard: float) -> np.ndarray:
    """(HORIZON + 1,): shares of first passage on each day, and never within the horizon; a bump on day 5 makes it lumpy."""
    days = np.append((1 - hazard) ** np.arange(HORIZON) * hazard, (1 - hazard) ** HORIZON)
    lumpy = 0.8 * days
    lumpy[5] += 0.2
    return lumpy


def misses(hazard: float, runs: int, level: float) -> tuple[float, float]:
    """In which share of experiments the interval lies wholly before, or after, the true quantile of the law."""
    shares = law(hazard)
    reached = np.flatnonzero(np.cumsum(shares[:-1]) >= level)
    true = int(reached[0]) if reached.size else HORIZON
    drawn = np.random.default_rng(1).multinomial(runs, shares, SAMPLES)[:, :-1]
    found = [FirstPassage(runs, counts).quantile_interval(level) for counts in drawn]
    days = np.array([[HORIZON if day is None else day for day in each] for each in found])
    return float(np.mean(days[:, 1] < true)), float(np.mean(days[:, 0] > true))


def exact_misses(hazard: float, runs: int, level: float) -> tuple[float, float]:
    """The same by summing the binomial law of how many runs have reached the phase by a day."""
    cumulative = np.cumsum(law(hazard)[:-1])
    reached = np.flatnonzero(cumulative >= level)
    true = int(reached[0]) if reached.size else HORIZON
    low, high = wilson(np.arange(runs + 1), runs)
    early = binomial(runs, cumulative[true - 1])[low >= level].sum() if true > 0 else 0.0
    late = binomial(runs, cumulative[true])[high < level].sum() if true < HORIZON else 0.0
    return float(early), float(late)


def binomial(runs: int, share: float) -> np.ndarray:
    return np.array([comb(runs, count) * share**count * (1 - share) ** (runs - count) for count in range(runs + 1)])


CASES = [(hazard, runs, level) for hazard in (0.01, 0.03, 0.2) for runs in (30, 200) for level in DAY_QUANTILES]


@pytest.mark.parametrize(("hazard", "runs", "level"), CASES)
def test_the_interval_of_a_quantile_misses_it_no_oftener_than_that_of_a_share_would(
    hazard: float, runs: int, level: float
) -> None:
    """With hazard 0.01 the 95% day is censored. Where few runs count, Wilson's interval may miss in a little over 1 of 20."""
    found = misses(hazard, runs, level)
    assert sum(found) < 0.06
    for share, exact in zip(found, exact_misses(hazard, runs, level), strict=True):
        assert share == pytest.approx(exact, abs=4 * (max(exact, 1 / SAMPLES) / SAMPLES) ** 0.5)


def test_and_is_no_wider_than_it_has_to_be() -> None:
    """Where a day is a small step of the share, it misses on either side as often as it may."""
    early, late = misses(0.01, 200, 0.5)
    assert early > 0.015
    assert late > 0.015
