"""Measures: pure functions from the paths of a block of runs to counts that add up over blocks (design §4).

All that is counted is an integer, so the sum over blocks does not depend on their order.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim.engine.paths import Paths
from sim.results import PairedPassage

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
    transitions: Ints
    """(transitions, phases): changes by transition and phase left"""

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


def tally(paths: Paths, transitions: int) -> Tally:
    """The counts of one block."""
    phases, days = paths.phases, paths.days
    change = np.zeros((phases, days), np.int64)
    change[paths.initial, 0] = paths.runs
    np.add.at(change, (paths.leaves, paths.day), -1)
    np.add.at(change, (paths.enters, paths.day), 1)
    occupancy = change.cumsum(axis=1)
    first = np.array([_per_day(row, days) for row in first_passages(paths)[0]])
    stays = np.bincount(paths.enters, minlength=phases)
    stays[paths.initial] += paths.runs
    completed = np.bincount(paths.leaves, minlength=phases)
    completed_days = np.zeros(phases, np.int64)
    np.add.at(completed_days, paths.leaves, paths.day - paths.entered)
    by_transition = np.zeros((transitions, phases), np.int64)
    np.add.at(by_transition, (paths.transition, paths.leaves), 1)
    return Tally(paths.runs, occupancy, first, stays, completed, completed_days, occupancy.sum(axis=1), by_transition)


def _per_day(first: NDArray[np.int32], days: int) -> Ints:
    return np.bincount(first[first < days], minlength=days)


def total(tallies: Iterable[Tally]) -> Tally:
    first, *rest = tallies
    for each in rest:
        first = first + each
    return first


def _median(first: NDArray[np.int32], days: int) -> int | None:
    """The first day with cumulative count ≥ N/2, with never counted as later than every day."""
    middle = int(np.sort(first)[(first.size + 1) // 2 - 1])
    return middle if middle < days else None


def paired(
    a: NDArray[np.int32], b: NDArray[np.int32], days: int, *, scenario: str, names: tuple[str, str], phase: str
) -> PairedPassage:
    """First passages (runs,) of two policies on the same draws; the standard error is that of the paired difference."""
    runs = a.size
    reached_a, reached_b = a < days, b < days
    both = reached_a & reached_b
    difference = np.minimum(b, days).astype(np.int64) - np.minimum(a, days)
    spread = float(difference.std(ddof=1)) if runs > 1 else 0.0

    def share(mask: NDArray[np.bool_]) -> float:
        return int(mask.sum()) / runs

    return PairedPassage(
        scenario,
        *names,
        phase,
        a_earlier=share(both & (a < b)),
        b_earlier=share(both & (b < a)),
        same_day=share(both & (a == b)),
        only_a=share(reached_a & ~reached_b),
        only_b=share(reached_b & ~reached_a),
        neither=share(~reached_a & ~reached_b),
        mean_difference=int(difference.sum()) / runs,
        se=spread / runs**0.5,
        median_a=_median(a, days),
        median_b=_median(b, days),
    )
