"""Wilson's interval against published values, against the test that it inverts, and by how often it holds the true share."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.intervals import LEVEL, wilson

Z = NormalDist().inv_cdf((1 + LEVEL) / 2)


@pytest.mark.parametrize(
    ("count", "runs", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_published_values(count: int, runs: int, low: float, high: float) -> None:
    """Newcombe 1998, Statistics in Medicine 17, 857–872, table I, method 3."""
    assert [round(float(bound), 4) for bound in wilson(count, runs)] == [low, high]


@pytest.mark.parametrize("runs", [1, 2, 30, 10**10])
def test_no_run_and_every_run(runs: int) -> None:
    """By hand: with no hit the score test leaves p²·runs = z²·p(1 − p), so p = z²/(runs + z²)."""
    low, high = wilson([0, runs], runs)
    assert (low[0], high[1]) == (0, 1)
    assert high[0] == pytest.approx(Z**2 / (runs + Z**2), rel=1e-12)
    assert low[1] == pytest.approx(runs / (runs + Z**2), rel=1e-12)


def test_bounds_have_the_shape_of_the_counts() -> None:
    counts = np.arange(12, dtype=np.int64).reshape(3, 4)
    low, high = wilson(counts, 20)
    assert low.shape == high.shape == (3, 4)
    assert (low[1, 2], high[1, 2]) == wilson(6, 20)


COUNTS = st.integers(1, 10**10).flatmap(lambda runs: st.tuples(st.integers(0, runs), st.just(runs)))


@given(COUNTS)
def test_the_estimate_lies_within(counts: tuple[int, int]) -> None:
    count, runs = counts
    low, high = wilson(count, runs)
    assert 0 <= low <= count / runs <= high <= 1
    assert high - low > 0


@given(COUNTS)
def test_bounds_are_where_the_score_test_just_rejects(counts: tuple[int, int]) -> None:
    """(share − p)² = z²·p(1 − p)/runs at both ends; found here in counts, which keeps the digits of rare events."""
    count, runs = counts
    for bound, exact in zip(wilson(count, runs), (count == 0, count == runs), strict=True):
        if not exact:
            p = float(bound)
            assert abs(count - p * runs) == pytest.approx(Z * (p * (1 - p) * runs) ** 0.5, rel=1e-4, abs=1e-4)


@given(COUNTS)
def test_one_run_more_moves_both_bounds_up(counts: tuple[int, int]) -> None:
    count, runs = counts
    low, high = wilson([count, min(count + 1, runs)], runs)
    assert (low[0] < low[1]) == (high[0] < high[1]) == (count < runs)


@given(COUNTS)
def test_misses_mirror_hits(counts: tuple[int, int]) -> None:
    count, runs = counts
    low, high = wilson([count, runs - count], runs)
    assert low[0] == pytest.approx(1 - high[1], abs=1e-15)
    assert high[0] == pytest.approx(1 - low[1], abs=1e-15)


def wald(count: np.ndarray, runs: int) -> tuple[np.ndarray, np.ndarray]:
    """Share ± z·se: what Wilson's interval is used instead of."""
    share = count / runs
    half = Z * np.sqrt(share * (1 - share) / runs)
    return share - half, share + half


SAMPLES = 200_000


def coverage(interval: object, runs: int, low: float, high: float) -> float:
    """How often it holds a true share drawn between low and high."""
    rng = np.random.default_rng(1)
    share = rng.uniform(low, high, SAMPLES)
    bottom, top = interval(rng.binomial(runs, share), runs)  # type: ignore[operator]
    return float(np.mean((bottom <= share) & (share <= top)))


@pytest.mark.parametrize("runs", [10, 30, 100, 1_000, 100_000])
def test_it_holds_the_true_share_in_95_of_100_experiments(runs: int) -> None:
    """On average over all shares. By summing the binomial law: 0.9541 for 10 runs, and less for more."""
    error = 4 * (LEVEL * (1 - LEVEL) / SAMPLES) ** 0.5
    assert LEVEL - error <= coverage(wilson, runs, 0, 1) <= 0.9541 + error


def test_near_0_it_still_holds_where_the_simple_interval_does_not() -> None:
    assert coverage(wilson, 100, 0, 0.05) > 0.945
    assert coverage(wald, 100, 0, 0.05) < 0.85
