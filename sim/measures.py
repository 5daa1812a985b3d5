"""Measures: pure functions from the paths of a block of runs to counts that add up over blocks (design §4).

All that is counted is an integer, so the sum over blocks does not depend on their order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim.engine.paths import Paths

Ints = NDArray[np.int64]
NEVER = np.iinfo(np.int32).max
"""A first passage after the horizon: later than every day."""


def first_passages(paths: Paths) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Days of effect and of decision, (phases, runs) each, at which a phase or a higher one was first reached.

    0 for the initial phase and all below it, NEVER for those not reached.
    """
    first = np.full((paths.phases, paths.runs), NEVER, np.int32)
    decided = first.copy()
    first[: paths.initial + 1] = decided[: paths.initial + 1] = 0
    for phase in range(paths.initial + 1, paths.phases):
        up = np.flatnonzero(paths.enters >= phase)[::-1]  # backwards, so that the earliest change of a run is written last
        first[phase, paths.run[up]] = paths.day[up]
        decided[phase, paths.run[up]] = paths.decided[up]
    return first, decided


def days_in_phases(paths: Paths) -> Ints:
    """(phases, runs): days that each run spent in each phase, up to the horizon."""
    total = np.zeros((paths.phases, paths.runs), np.int64)
    np.add.at(total, (paths.leaves, paths.run), paths.day - paths.entered)
    total[paths.final_phase, np.arange(paths.runs)] += paths.days - paths.final_entered
    return total


def strips(paths: Paths, runs: int) -> NDArray[np.int8]:
    """(runs, days): the phase at the end of each day of the first `runs` runs."""
    strip = np.full((runs, paths.days), paths.initial, np.int8)
    for index in np.flatnonzero(paths.run < runs):
        strip[paths.run[index], paths.day[index] :] = paths.enters[index]
    return strip


def transition_counts(paths: Paths) -> NDArray[np.int64]:
    """(runs,): phase changes of each run."""
    return np.bincount(paths.run, minlength=paths.runs)


@dataclass(frozen=True)
class Tally:
    """Integer counts over runs; the tallies of two blocks add up."""

    runs: int
    occupancy: Ints
    """(phases, days): runs in each phase at the end of each day"""
    first: Ints
    """(phases, days): runs whose first passage is that day"""
    stays: Ints
    """(phases,): stays begun, the one on day 0 included"""
    completed: Ints
    """(phases,): stays that ended before the horizon"""
    completed_days: Ints
    """(phases,)"""
    phase_days: Ints
    """(phases,)"""
    squared_days: Ints
    """(phases,): sum over runs of the square of the days that a run spent in the phase"""
    transitions: Ints
    """(transitions, phases): changes by transition and phase left"""

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


def tally(paths: Paths, transitions: int, first: NDArray[np.int32] | None = None) -> Tally:
    """The counts of one block; `first` are its first passages, where somebody has made them already."""
    first = first_passages(paths)[0] if first is None else first
    phases, days = paths.phases, paths.days
    change = np.zeros((phases, days), np.int64)
    change[paths.initial, 0] = paths.runs
    np.add.at(change, (paths.leaves, paths.day), -1)
    np.add.at(change, (paths.enters, paths.day), 1)
    occupancy = change.cumsum(axis=1)
    stays = np.bincount(paths.enters, minlength=phases)
    stays[paths.initial] += paths.runs
    completed = np.bincount(paths.leaves, minlength=phases)
    completed_days = np.zeros(phases, np.int64)
    np.add.at(completed_days, paths.leaves, paths.day - paths.entered)
    by_transition = np.zeros((transitions, phases), np.int64)
    np.add.at(by_transition, (paths.transition, paths.leaves), 1)
    return Tally(
        paths.runs,
        occupancy,
        np.array([_per_day(row, days) for row in first]),
        stays,
        completed,
        completed_days,
        occupancy.sum(axis=1),
        (days_in_phases(paths) ** 2).sum(axis=1),
        by_transition,
    )


def _per_day(first: NDArray[np.int32], days: int) -> Ints:
    return np.bincount(first[first < days], minlength=days)


@dataclass(frozen=True)
class PairTally:
    """Integer counts over runs of two policies on the same draws, for one phase; those of two blocks add up."""

    a_earlier: int
    b_earlier: int
    same_day: int
    only_a: int
    only_b: int
    neither: int
    difference: int
    """sum of the days b − a, each first passage capped at the horizon"""
    squared: int
    """sum of the squares of these"""

    @property
    def runs(self) -> int:
        return self.a_earlier + self.b_earlier + self.same_day + self.only_a + self.only_b + self.neither

    def __add__(self, other: PairTally) -> PairTally:
        return PairTally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


def pair_tally(a: NDArray[np.int32], b: NDArray[np.int32], days: int) -> PairTally:
    """The counts of one block from first passages, (runs,) each; one that is (1,) is the same in all runs."""
    a, b = np.broadcast_arrays(a, b)
    reached_a, reached_b = a < days, b < days
    both = reached_a & reached_b
    difference = np.minimum(b, days).astype(np.int64) - np.minimum(a, days)
    return PairTally(
        a_earlier=_count(both & (a < b)),
        b_earlier=_count(both & (b < a)),
        same_day=_count(both & (a == b)),
        only_a=_count(reached_a & ~reached_b),
        only_b=_count(reached_b & ~reached_a),
        neither=_count(~reached_a & ~reached_b),
        difference=int(difference.sum()),
        squared=int((difference * difference).sum()),
    )


def _count(mask: NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(mask))


@dataclass(frozen=True)
class PartingTally:
    """Integer counts over runs of the days on which two policies stand in different phases; those of two blocks add up."""

    runs: int
    apart: Ints
    """(days,): runs that stand in different phases at the end of each day"""
    first: Ints
    """(days,): runs whose first such day is that day"""
    phases: Ints
    """(phases of a, phases of b): where the two stand on the first such day"""

    def __add__(self, other: PartingTally) -> PartingTally:
        return PartingTally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


class Parting:
    """Counts a `PartingTally` as the days go by, from the phases of the runs at the end of each."""

    def __init__(self, days: int, a: tuple[str, ...], b: tuple[str, ...]) -> None:
        """`a` and `b` are the names of the two policies' phases: phases are the same if their names are."""
        self._alike = np.array([a.index(name) if name in a else -1 for name in b], np.int8)  # −1: no phase of a
        self._same = a[: len(b)] == b
        self._apart, self._first = np.zeros(days, np.int64), np.zeros(days, np.int64)
        self._phases = np.zeros((len(a), len(b)), np.int64)
        self._parted = np.zeros(1, np.bool_)

    def add(self, day: int, a: NDArray[np.int8], b: NDArray[np.int8]) -> None:
        """(runs,) each; one that is (1,) is the same in all runs."""
        differs = a != (b if self._same else self._alike[b])
        self._apart[day] = _count(differs)
        new = differs > self._parted
        self._first[day] = _count(new)
        if self._first[day] or self._parted.size < new.size:
            self._parted = self._parted | new
            there = np.broadcast_to(a, new.shape)[new], np.broadcast_to(b, new.shape)[new]
            np.add.at(self._phases, there, 1)

    def tally(self) -> PartingTally:
        return PartingTally(self._parted.size, self._apart, self._first, self._phases)


def days_that_cost(paths: Paths, first: NDArray[np.int32], twin: NDArray[np.int32], above: NDArray[np.int32]) -> Ints:
    """(2 × phases, runs), in days: late for each phase above the lowest, in false alarm, and in each phase.

    Late: from the first passage of the `twin`, (phases, runs), to `first`, the policy's own, each capped at the horizon.
    `above` are the days in a higher phase than the twin's, (runs,). What is (…, 1) is the same in all runs.
    """
    late = np.maximum(np.minimum(first, paths.days) - np.minimum(twin, paths.days), 0)
    rows = (late[1:], above[np.newaxis], days_in_phases(paths))
    return np.concatenate([np.broadcast_to(each, (len(each), above.size)) for each in rows]).astype(np.int64)


_CHUNK = 4_096
"""Runs whose products are summed at once: whole numbers, far below 2^53, so that the sum is exact in any order."""


def products(rows: Iterable[Ints], runs: int) -> Ints:
    """(k + 1, k + 1): sums over runs of the products of every two of k counts, and of 1, which comes first.

    Each of `rows` is (some, runs), or (some, 1) where they are the same in all runs. So the first row holds the number of runs
    and the sum of each count.
    """
    wide = [np.broadcast_to(each, (len(each), runs)) for each in (np.ones((1, 1), np.int64), *rows)]
    total = np.zeros((sum(map(len, wide)),) * 2, np.int64)
    for start in range(0, runs, _CHUNK):
        chunk = np.concatenate([each[:, start : start + _CHUNK] for each in wide]).astype(np.float64)
        total += (chunk @ chunk.T).astype(np.int64)
    return total


def capped_variance(first: Ints, runs: int) -> float:
    """Variance over runs of a first passage capped at the horizon, from its counts per day, (days,)."""
    counts = [*first.tolist(), runs - int(first.sum())]
    total = sum(day * count for day, count in enumerate(counts))
    squared = sum(day * day * count for day, count in enumerate(counts))
    return variance(total, squared, runs)


def variance(total: int, squared: int, runs: int) -> float:
    """Over runs, the unbiased estimate, from integer sums and so without cancellation; 0 for a single run."""
    return (runs * squared - total * total) / (runs * (runs - 1)) if runs > 1 else 0.0


def mean_error(total: int, squared: int, runs: int) -> float:
    """Standard error of a mean, from the sum and the sum of squares."""
    return float((variance(total, squared, runs) / runs) ** 0.5)
