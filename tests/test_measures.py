"""Measures of paths made by hand, as design §4 words them; then laws that hold for any paths."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray

from sim.analysis.pairs import paired
from sim.engine import Paths
from sim.measures import NEVER, Tally, days_in_phases, first_passages, pair_tally, strips, tally, transition_counts
from sim.results import FirstPassage, PairedPassage

DAYS = 10
Change = tuple[int, int, int, int]
"""day of effect, day of decision, phase entered, transition"""


def paths(runs: list[list[Change]], *, initial: int = 0, phases: int = 3, days: int = DAYS) -> Paths:
    """The paths of runs given by their changes, in order of the day as the engine leaves them."""
    rows: list[tuple[int, ...]] = []
    finals, entries = [], []
    for run, changes in enumerate(runs):
        phase, entered = initial, 0
        for day, decided, enters, transition in changes:
            rows.append((run, day, decided, entered, phase, enters, transition))
            phase, entered = enters, day
        finals.append(phase)
        entries.append(entered)
    rows.sort(key=lambda row: row[1])
    table = np.array(rows, np.int64).reshape(-1, 7).T
    run, day, decided, entered = (column.astype(np.int32) for column in table[:4])
    leaves, enters_ = table[4].astype(np.int8), table[5].astype(np.int8)
    final_phase, final_entered = np.array(finals, np.int8), np.array(entries, np.int32)
    return Paths(
        len(runs),
        days,
        phases,
        initial,
        run,
        day,
        decided,
        entered,
        leaves,
        enters_,
        table[6].astype(np.int16),
        final_phase,
        final_entered,
    )


CLIMBS = [(3, 2, 1, 0), (7, 5, 2, 1)]
SKIPS = [(4, 4, 2, 2)]
RETURNS = [(2, 2, 2, 2), (5, 5, 0, 3), (8, 6, 1, 0)]
STAYS: list[Change] = []
FOUR = paths([CLIMBS, SKIPS, RETURNS, STAYS])


# First passages ------------------------------------------------------------------------------------------------------------


def test_first_passage_is_the_day_of_effect_and_skipped_phases_count_as_reached() -> None:
    first, decided = first_passages(FOUR)
    assert first.tolist() == [[0, 0, 0, 0], [3, 4, 2, NEVER], [7, 4, 2, NEVER]]
    assert decided.tolist() == [[0, 0, 0, 0], [2, 4, 2, NEVER], [5, 4, 2, NEVER]]


def test_stepping_down_never_counts() -> None:
    """From the initial phase 2 down to 1 and up again: all were reached on day 0."""
    first, decided = first_passages(paths([[(3, 2, 1, 0), (6, 5, 2, 1)]], initial=2))
    assert first.tolist() == decided.tolist() == [[0], [0], [0]]
    down_from_the_top = paths([[(1, 1, 3, 0), (4, 4, 1, 1), (6, 6, 2, 2)]], phases=4)
    assert first_passages(down_from_the_top)[0].tolist() == [[0], [1], [1], [1]]


def test_initial_and_all_below_are_reached_on_day_0() -> None:
    first, _ = first_passages(paths([[(4, 1, 2, 0)], [(2, 2, 0, 0)]], initial=1))
    assert first.tolist() == [[0, 0], [0, 0], [4, NEVER]]


def test_earliest_of_several_entries_counts() -> None:
    there_and_back = [(1, 1, 1, 0), (2, 2, 0, 1), (3, 3, 1, 0), (4, 4, 0, 1), (5, 5, 2, 2)]
    assert first_passages(paths([there_and_back, []]))[0].tolist() == [[0, 0], [1, NEVER], [5, NEVER]]


# Days and strips -----------------------------------------------------------------------------------------------------------


def test_days_in_phases_add_up_to_the_horizon() -> None:
    spent = days_in_phases(FOUR)
    assert spent.tolist() == [[3, 4, 5, 10], [4, 0, 2, 0], [3, 6, 3, 0]]
    assert spent.sum(axis=0).tolist() == [DAYS] * 4


def test_change_on_day_0_leaves_no_day_behind() -> None:
    at_once = paths([[(0, 0, 1, 0)]])
    assert days_in_phases(at_once).tolist() == [[0], [10], [0]]
    assert strips(at_once, 1).tolist() == [[1] * 10]
    assert first_passages(at_once)[0].tolist() == [[0], [0], [NEVER]]
    counts = tally(at_once, 1)
    assert counts.occupancy[:, 0].tolist() == [0, 1, 0]
    assert (counts.stays.tolist(), counts.completed.tolist(), counts.completed_days.tolist()) == ([1, 1, 0], [1, 0, 0], [0, 0, 0])


def test_strips_show_the_phase_at_the_end_of_each_day() -> None:
    assert strips(FOUR, 4).tolist() == [
        [0, 0, 0, 1, 1, 1, 1, 2, 2, 2],
        [0, 0, 0, 0, 2, 2, 2, 2, 2, 2],
        [0, 0, 2, 2, 2, 0, 0, 0, 1, 1],
        [0] * 10,
    ]
    assert strips(FOUR, 2).tolist() == strips(FOUR, 4)[:2].tolist()


def test_transitions_are_counted_by_run() -> None:
    assert transition_counts(FOUR).tolist() == [2, 1, 3, 0]


# Tally ---------------------------------------------------------------------------------------------------------------------


def test_tally_counts_what_the_design_says() -> None:
    counts = tally(FOUR, 4)
    assert counts.runs == 4
    assert counts.occupancy.tolist() == [
        [4, 4, 3, 2, 1, 2, 2, 2, 1, 1],
        [0, 0, 0, 1, 1, 1, 1, 0, 1, 1],
        [0, 0, 1, 1, 2, 1, 1, 2, 2, 2],
    ]
    assert counts.first[0].tolist() == [4] + [0] * 9
    assert counts.first[1].tolist() == [0, 0, 1, 1, 1, 0, 0, 0, 0, 0]
    assert counts.first[2].tolist() == [0, 0, 1, 0, 1, 0, 0, 1, 0, 0]
    assert counts.stays.tolist() == [5, 2, 3]  # the one on day 0 included
    assert counts.completed.tolist() == [4, 1, 1]  # not those open at the horizon
    assert counts.completed_days.tolist() == [3 + 4 + 2 + 3, 4, 3]  # day of leaving − day of entry
    assert counts.phase_days.tolist() == [22, 6, 12]
    assert counts.transitions.tolist() == [[2, 0, 0], [0, 1, 0], [2, 0, 0], [0, 0, 1]]


def test_without_changes_all_runs_stay() -> None:
    counts = tally(paths([[], []], initial=1), 0)
    assert counts.occupancy[1].tolist() == [2] * DAYS
    assert (counts.stays.tolist(), counts.completed.tolist(), counts.phase_days.tolist()) == ([0, 2, 0], [0, 0, 0], [0, 20, 0])
    assert counts.transitions.shape == (0, 3)


def assert_equal(one: Tally, other: Tally) -> None:
    for field in fields(Tally):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), field.name)


@st.composite
def histories(draw: DrawFn, initial: int = 1) -> list[list[Change]]:
    """Changes of a few runs among three phases, at most one a day."""
    runs = []
    for _ in range(draw(st.integers(1, 6))):
        phase = initial
        changes: list[Change] = []
        for day in sorted(draw(st.sets(st.integers(0, DAYS - 1), max_size=6))):
            decided = draw(st.integers(changes[-1][0] + 1 if changes else 0, day))
            phase = draw(st.sampled_from([each for each in range(3) if each != phase]))
            changes.append((day, decided, phase, draw(st.integers(0, 3))))
        runs.append(changes)
    return runs


@given(histories(), histories(), histories())
@settings(max_examples=100, deadline=None)
def test_tallies_of_blocks_add_up_to_that_of_all(a: list[list[Change]], b: list[list[Change]], c: list[list[Change]]) -> None:
    blocks = [tally(paths(each, initial=1), 4) for each in (a, b, c)]
    joined = tally(paths([*a, *b, *c], initial=1), 4)
    assert_equal(blocks[0] + blocks[1] + blocks[2], joined)
    assert_equal(blocks[2] + (blocks[1] + blocks[0]), joined)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_measures_of_one_block_agree_with_its_strips(runs: list[list[Change]]) -> None:
    """Everything once more, the slow way, from the phase on each day."""
    made = paths(runs, initial=1)
    rows = strips(made, len(runs))
    counts = tally(made, 4)
    first, _ = first_passages(made)
    spent = days_in_phases(made)
    for phase in range(3):
        assert counts.occupancy[phase].tolist() == (rows == phase).sum(axis=0).tolist()
        assert spent[phase].tolist() == (rows == phase).sum(axis=1).tolist()
        for run, row in enumerate(rows):
            reached = np.flatnonzero(row >= phase)
            # phases at or below the initial one are reached on day 0, even where they are left at once
            expected = 0 if phase <= 1 else (int(reached[0]) if reached.size else NEVER)
            assert first[phase, run] == expected
    assert counts.first.sum(axis=1).tolist() == (first < DAYS).sum(axis=1).tolist()
    assert counts.phase_days.tolist() == spent.sum(axis=1).tolist()
    assert counts.squared_days.tolist() == (spent**2).sum(axis=1).tolist()
    assert counts.transitions.sum() == transition_counts(made).sum() == sum(map(len, runs))
    assert (counts.stays - counts.completed).tolist() == np.bincount(made.final_phase, minlength=3).tolist()


# Pairs ---------------------------------------------------------------------------------------------------------------------


def pair(a: list[int], b: list[int], days: int = DAYS) -> PairedPassage:
    counts = pair_tally(np.array(a, np.int32), np.array(b, np.int32), days)
    return paired(counts, passage(a), passage(b), scenario="s", names=("p", "q"), phase="high")


def shares(found: PairedPassage) -> list[float]:
    return [found.a_earlier, found.b_earlier, found.same_day, found.only_a, found.only_b, found.neither]


def test_each_run_falls_into_one_of_six() -> None:
    found = pair([1, 5, 3, 2, NEVER, NEVER, 0, 9], [2, 4, 3, NEVER, 7, NEVER, 0, NEVER])
    assert shares(found) == [1 / 8, 1 / 8, 2 / 8, 2 / 8, 1 / 8, 1 / 8]
    differences = np.array([1, -1, 0, 8, -3, 0, 0, 1])  # b − a, capped at the horizon of 10 days
    assert found.mean_difference == differences.mean()
    assert found.se == pytest.approx(differences.std(ddof=1) / 8**0.5)
    assert (found.scenario, found.a, found.b, found.phase) == ("s", "p", "q", "high")


def test_medians_take_never_as_later_than_every_day() -> None:
    assert pair([1, 2, NEVER], [4, NEVER, NEVER]).median_a == 2
    assert pair([1, 2, NEVER], [4, NEVER, NEVER]).median_b is None
    assert pair([3, NEVER], [NEVER, NEVER]).median_a == 3  # first day with cumulative count ≥ N/2
    assert pair([3, 7, 8, 9], [0, 0, 1, 1]).median_a == 7
    assert pair([3, 7, 8, 9], [0, 0, 1, 1]).median_b == 0
    assert pair([9], [NEVER]).median_a == 9


def test_pair_tallies_of_blocks_add_up() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, DAYS + 3, (2, 40)).astype(np.int32)
    whole = pair_tally(a, b, DAYS)
    assert pair_tally(a[:13], b[:13], DAYS) + pair_tally(a[13:], b[13:], DAYS) == whole
    assert whole.runs == 40
    assert pair_tally(a[:1], b, DAYS) == pair_tally(np.repeat(a[:1], 40), b, DAYS)


def test_more_runs_would_tell_two_policies_apart() -> None:
    """By the sample size of a paired z test: n·((1.96 + 0.84)·se/mean)² in all."""
    found = pair([0, 5, 2, 8, 4, 4], [1, 3, 4, 7, 5, 4])
    assert not found.told_apart
    wanted = 6 * (2.8015852 * found.se / found.mean_difference) ** 2
    assert found.more_runs == math.ceil(wanted) - 6
    sure = pair([0, 1, 2, 3], [5, 6, 7, 9])
    assert (sure.told_apart, sure.more_runs) == (True, None)
    same = pair([0, 1, 2], [0, 1, 2])
    assert (same.told_apart, same.more_runs, same.variance_reduction) == (False, None, None)


def test_common_draws_reduce_the_variance_by_the_factor_that_is_told() -> None:
    a, b = [0, 5, 2, 8, 4, 4], [1, 6, 3, 9, 5, 7]
    apart = np.var(a, ddof=1) + np.var(b, ddof=1)
    together = np.var(np.subtract(b, a), ddof=1)
    assert pair(a, b).variance_reduction == pytest.approx(apart / together)


def test_one_run_has_no_spread() -> None:
    assert pair([1], [4]).se == 0
    assert pair([1], [4]).mean_difference == 3


DAY = st.one_of(st.integers(0, DAYS - 1), st.just(int(NEVER)))


@given(st.lists(st.tuples(DAY, DAY), min_size=1, max_size=40))
@settings(max_examples=200, deadline=None)
def test_pairs_add_up_and_mirror(days: list[tuple[int, int]]) -> None:
    a, b = [each for each, _ in days], [each for _, each in days]
    found, mirrored = pair(a, b), pair(b, a)
    assert sum(shares(found)) == pytest.approx(1, abs=1e-12)
    one, other = shares(found), shares(mirrored)
    assert other == [one[1], one[0], one[2], one[4], one[3], one[5]]
    assert (mirrored.mean_difference, mirrored.se) == pytest.approx((-found.mean_difference, found.se))
    assert (mirrored.median_a, mirrored.median_b) == (found.median_b, found.median_a)
    assert found.median_a == passage(a).quantile(0.5)


# First passages as results -------------------------------------------------------------------------------------------------


def passage(first: list[int]) -> FirstPassage:
    kept: NDArray[np.int64] = np.array([each for each in first if each < DAYS], np.int64)
    return FirstPassage(len(first), np.bincount(kept, minlength=DAYS))


def test_first_passage_counts_shares_and_quantiles() -> None:
    found = passage([2, 2, 5, 8, NEVER])
    assert (found.never, found.reached) == (1, 0.8)
    assert found.se == pytest.approx((0.8 * 0.2 / 5) ** 0.5)
    assert found.cumulative.tolist() == [0, 0, 0.4, 0.4, 0.4, 0.6, 0.6, 0.6, 0.8, 0.8]
    assert [found.quantile(level) for level in (0.05, 0.4, 0.41, 0.5, 0.8, 0.81, 0.95)] == [2, 2, 5, 5, 8, None, None]


def test_nobody_and_everybody() -> None:
    nobody, everybody = passage([NEVER] * 3), passage([0] * 3)
    assert (nobody.never, nobody.reached, nobody.se, nobody.quantile(0.05)) == (3, 0, 0, None)
    assert (everybody.never, everybody.reached, everybody.se, everybody.quantile(0.95)) == (0, 1, 0, 0)


@given(st.lists(DAY, min_size=1, max_size=60), st.sampled_from([(1, 0.05), (10, 0.5), (19, 0.95)]))
@settings(max_examples=200, deadline=None)
def test_quantile_is_the_first_day_with_enough_runs(first: list[int], level: tuple[int, float]) -> None:
    """In whole numbers, so that no rounding of the level can shift it."""
    twentieths, share = level
    expected = next((day for day in range(DAYS) if 20 * sum(each <= day for each in first) >= twentieths * len(first)), None)
    assert passage(first).quantile(share) == expected
