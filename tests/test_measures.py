"""Measures of paths made by hand, as design §4 words them; then laws that hold for any paths."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from numpy.typing import NDArray

from sim.analysis.pairs import paired
from sim.engine import Paths
from sim.measures import (
    NEVER,
    Parting,
    PartingTally,
    Tally,
    capped_variance,
    days_in_phases,
    days_that_cost,
    first_passages,
    mean_error,
    pair_tally,
    products,
    strips,
    tally,
    transition_counts,
    variance,
)
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


def test_days_are_kept_in_four_bytes() -> None:
    """A million runs of five phases keep ten million of them."""
    assert {each.dtype for each in first_passages(FOUR)} == {np.dtype(np.int32)}


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


def test_all_that_is_counted_is_a_whole_number() -> None:
    """So that the sum over blocks does not depend on their order."""
    counts = tally(FOUR, 4) + tally(FOUR, 4)
    assert all(getattr(counts, field.name).dtype == np.int64 for field in fields(Tally) if field.name != "runs")
    apart = parted([["x"], ["y"]], [["x"], ["x"]])
    assert all(getattr(apart, field.name).dtype == np.int64 for field in fields(PartingTally) if field.name != "runs")
    costs = days_that_cost(FOUR, *(np.zeros((3, 4), np.int32),) * 2, np.zeros(4, np.int32))
    assert all(each.dtype == np.int64 for each in (costs, products([costs], 4)))


def test_first_passages_made_before_are_taken_and_the_horizon_is_not_reached() -> None:
    first = np.array([[0, 0, 0, 0], [9, DAYS, 2, NEVER], [DAYS, DAYS + 1, 2, NEVER]], np.int32)
    counts = tally(FOUR, 4, first)
    assert counts.first.shape == (3, DAYS)
    assert [{day: row[day] for day in np.flatnonzero(row)} for row in counts.first] == [{0: 4}, {2: 1, 9: 1}, {2: 1}]


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


def test_a_passage_on_the_horizon_is_none() -> None:
    never = np.array([DAYS], np.int32)
    for a, b, only_a, only_b in ((never - 1, never, 1, 0), (never, never - 1, 0, 1), (never, never, 0, 0)):
        counts = pair_tally(a, b, DAYS)
        assert (counts.only_a, counts.only_b, counts.neither) == (only_a, only_b, 1 - only_a - only_b)
        assert counts.difference == only_a - only_b


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


# Parting -------------------------------------------------------------------------------------------------------------------

LADDERS = (("x", "y", "z"), ("x", "y"), ("z", "y", "x"), ("new", "y"), ("x",), ("x", "y", "z", "top"), ("other", "x", "new"))


def parted(a: list[list[str]], b: list[list[str]], names: tuple[tuple[str, ...], tuple[str, ...]] | None = None) -> PartingTally:
    """From the names of the phases of each day, run by run."""
    ladders = names or (("x", "y", "z"), ("x", "y", "z"))
    count = Parting(len(a), *ladders)
    for day, both in enumerate(zip(a, b, strict=True)):
        one, other = (np.array([names.index(each) for each in row], np.int8) for names, row in zip(ladders, both, strict=True))
        count.add(day, one, other)
    return count.tally()


def parted_by_loop(a: list[list[str]], b: list[list[str]], names: tuple[tuple[str, ...], tuple[str, ...]]) -> PartingTally:
    """The same, one run and one day after the other."""
    days, runs = len(a), max(len(a[0]), len(b[0]))
    apart, first = [0] * days, [0] * days
    phases = [[0] * len(names[1]) for _ in names[0]]
    for run in range(runs):
        parted_before = False
        for day in range(days):
            one, other = (row[day][run if len(row[day]) > 1 else 0] for row in (a, b))
            if one == other:
                continue
            apart[day] += 1
            if not parted_before:
                first[day] += 1
                phases[names[0].index(one)][names[1].index(other)] += 1
            parted_before = True
    return PartingTally(runs, *map(np.array, (apart, first, phases)))


def assert_parted_alike(one: PartingTally, other: PartingTally) -> None:
    for field in fields(PartingTally):
        np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), field.name)


@pytest.mark.parametrize("widths", [(6, 6), (1, 6), (6, 1), (1, 1)])
def test_policies_part_as_run_by_run(widths: tuple[int, int]) -> None:
    dice = np.random.default_rng(3)
    for both in itertools.product(LADDERS, LADDERS):
        one, other = (dice.choice(names, (8, width)).tolist() for names, width in zip(both, widths, strict=True))
        assert_parted_alike(parted(one, other, both), parted_by_loop(one, other, both))


def test_parting_by_hand() -> None:
    """Of three runs one parts on day 1 and comes together again, one parts on day 2, and one never does."""
    found = parted(
        [["x", "x", "x"], ["y", "x", "x"], ["y", "y", "x"], ["y", "y", "x"]], [["x"] * 3, ["x"] * 3, ["x"] * 3, ["y", "x", "x"]]
    )
    assert found.runs == 3
    assert (found.apart.tolist(), found.first.tolist()) == ([0, 1, 2, 1], [0, 1, 1, 0])
    assert found.phases.tolist() == [[0, 0, 0], [2, 0, 0], [0, 0, 0]]


def test_partings_of_blocks_add_up() -> None:
    dice = np.random.default_rng(4)
    a, b = dice.choice(["x", "y", "z"], (2, 5, 9)).tolist()
    one, other = (parted([row[cut] for row in a], [row[cut] for row in b]) for cut in (slice(4), slice(4, 9)))
    assert_parted_alike(one + other, parted(a, b))


# Days that cost, and sums of products --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mine", "twins"), [(4, 4), (1, 4), (4, 1)])
def test_days_that_cost_as_run_by_run(mine: int, twins: int) -> None:
    dice = np.random.default_rng(5)
    days = [0, 1, 4, 9, DAYS, DAYS + 1, NEVER]
    for _ in range(20):
        first, twin = dice.choice(days, (3, mine)).astype(np.int32), dice.choice(days, (3, twins)).astype(np.int32)
        above = dice.integers(0, DAYS, 4).astype(np.int32)
        found = days_that_cost(FOUR, first, twin, above)
        assert found.shape == (6, 4)
        for run, strip in enumerate(strips(FOUR, 4).tolist()):
            own, perfect = first[:, run % mine].tolist(), twin[:, run % twins].tolist()
            late = [max(min(own[phase], DAYS) - min(perfect[phase], DAYS), 0) for phase in (1, 2)]
            assert found[:, run].tolist() == [*late, above[run], *(strip.count(phase) for phase in range(3))]


@pytest.mark.parametrize("runs", [1, 3, 4_096, 4_097, 9_000])
def test_products_as_run_by_run(runs: int) -> None:
    dice = np.random.default_rng(6)
    rows = [dice.integers(0, 400, (2, runs)), dice.integers(0, 400, (1, 1))]
    expected = [[0] * 4 for _ in range(4)]
    for run in range(runs):
        counts = [1, int(rows[0][0, run]), int(rows[0][1, run]), int(rows[1][0, 0])]
        expected = [[sum_ + x * y for sum_, y in zip(row, counts, strict=True)] for row, x in zip(expected, counts, strict=True)]
    assert products(iter(rows), runs).tolist() == expected
    assert products([], runs).tolist() == [[runs]]


def test_variances_are_the_statistics_librarys() -> None:
    """From integer sums; a passage after the horizon counts as on it."""
    for days in ([3, 3, 8], [1, 7], [0, 0, 2, NEVER], [NEVER, NEVER, 4, 9, 9]):
        capped = [min(day, DAYS) for day in days]
        total, squared = sum(capped), sum(day * day for day in capped)
        expected = statistics.variance(capped)
        assert variance(total, squared, len(days)) == pytest.approx(expected)
        assert mean_error(total, squared, len(days)) == pytest.approx((expected / len(days)) ** 0.5)
        assert capped_variance(passage(days).counts, len(days)) == pytest.approx(expected)
    assert variance(7, 49, 1) == mean_error(7, 49, 1) == 0


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
