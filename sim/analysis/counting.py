"""A policy's paths beside its twin's, run by run: counts that add up over blocks, and the records made of them."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from sim.analysis.quality import Apart, Mean, PhaseQuality, Quality, Share, TransitionQuality
from sim.engine import Paths
from sim.machine import Machine
from sim.measures import NEVER, mean_error
from sim.results import DAY_QUANTILES

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """Integers over runs of one policy against its twin; those of two blocks add up. Sums and sums of squares end in `2`."""

    runs: int
    differences: Ints
    """(transitions, 2·days − 1): runs in which both take it, by days taken − due; 0 is in the middle"""
    false: Ints
    """(transitions,)"""
    missed: Ints
    neither: Ints
    delay: Ints
    """(transitions,): days late over the runs in which it is due, a missed one up to the horizon"""
    delay2: Ints
    takings: Ints
    takings2: Ints
    due: Ints
    """the twin's takings"""
    due2: Ints
    above: Ints
    """(phases + 1,): days in which the policy stands in a phase and the twin in a lower one; the last: any phase"""
    above2: Ints
    ever_above: Ints
    """runs with any such day"""
    below: Ints
    """(phases + 1,): days in which the twin stands in a phase and the policy in a lower one"""
    below2: Ints
    ever_below: Ints

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))


# One block ------------------------------------------------------------------------------------------------------------------


def counts(actual: Paths, twin: Paths, transitions: int) -> Counts:
    """What one block of runs leaves. Both paths are of the same runs."""
    taken, due = _firsts(actual, transitions), _firsts(twin, transitions)
    takings, twin_takings = _takings(actual, transitions), _takings(twin, transitions)
    above, below = (_with_total(each) for each in days_apart(actual, twin))
    happens, should, days = taken < NEVER, due < NEVER, actual.days
    delay = np.where(should, np.clip(np.minimum(taken, days).astype(np.int64) - due, 0, None), 0)
    return Counts(
        actual.runs,
        _differences(taken, due, days),
        _count(happens & ~should),
        _count(~happens & should),
        _count(~happens & ~should),
        *_sums(delay),
        *_sums(takings),
        *_sums(twin_takings),
        *_sums(above),
        _count(above > 0),
        *_sums(below),
        _count(below > 0),
    )


def _firsts(paths: Paths, transitions: int) -> NDArray[np.int32]:
    """(transitions, runs): day of effect of the first taking, or NEVER."""
    first = np.full((transitions, paths.runs), NEVER, np.int32)
    np.minimum.at(first, (paths.transition, paths.run), paths.day)
    return first


def _takings(paths: Paths, transitions: int) -> Ints:
    """(transitions, runs)"""
    place = paths.transition.astype(np.int64) * paths.runs + paths.run
    found: Ints = np.bincount(place, minlength=transitions * paths.runs).reshape(transitions, paths.runs)
    return found


def _differences(taken: NDArray[np.int32], due: NDArray[np.int32], days: int) -> Ints:
    width = 2 * days - 1
    both = (taken < NEVER) & (due < NEVER)
    found = [np.bincount(t[here] - d[here] + days - 1, minlength=width) for t, d, here in zip(taken, due, both, strict=True)]
    return np.array(found, np.int64).reshape(len(taken), width)


def days_apart(actual: Paths, twin: Paths) -> tuple[Ints, Ints]:
    """(phases, runs) each: days in which the policy stands in the phase and the twin in a lower one; and the reverse.

    Between two changes of either nothing changes, so that only the changes are gone through, run by run.
    """
    runs, days, none = actual.runs, actual.days, np.int8(-1)
    begin = np.full(runs, actual.initial, np.int8)
    run = np.concatenate([np.arange(runs, dtype=np.int32), actual.run, twin.run])
    day = np.concatenate([np.zeros(runs, np.int32), actual.day, twin.day])
    here = np.concatenate([begin, actual.enters, np.full(twin.run.size, none)])
    there = np.concatenate([begin, np.full(actual.run.size, none), twin.enters])
    order = np.lexsort((day, run))  # stable: where a run begins stays before its changes of day 0
    run, day, here, there = run[order], day[order], _held(here[order]), _held(there[order])
    until = np.full(run.size, days, np.int64)
    again = run[1:] == run[:-1]
    until[:-1][again] = day[1:][again]
    lasts = until - day
    return _days_in(here, run, lasts * (here > there), actual), _days_in(there, run, lasts * (there > here), actual)


def _held(phases: NDArray[np.int8]) -> NDArray[np.int8]:
    """Every −1 replaced by what stands before it."""
    last = np.maximum.accumulate(np.where(phases >= 0, np.arange(phases.size), 0))
    held: NDArray[np.int8] = phases[last]
    return held


def _days_in(phase: NDArray[np.int8], run: NDArray[np.int32], lasts: Ints, paths: Paths) -> Ints:
    place = phase.astype(np.int64) * paths.runs + run
    summed = np.bincount(place, weights=lasts, minlength=paths.phases * paths.runs)  # whole numbers, so exact
    whole: Ints = summed.astype(np.int64).reshape(paths.phases, paths.runs)
    return whole


def _with_total(days: Ints) -> Ints:
    return np.vstack([days, days.sum(axis=0, keepdims=True)])


def _sums(values: Ints) -> tuple[Ints, Ints]:
    return values.sum(axis=1), (values * values).sum(axis=1)


def _count(mask: NDArray[np.bool_]) -> Ints:
    found: Ints = mask.sum(axis=1, dtype=np.int64)
    return found


# Records --------------------------------------------------------------------------------------------------------------------


def quality(machine: Machine, found: Counts, tolerance: int, *, single_path: bool) -> Quality:
    """The records of one policy's counts. Within `tolerance` days of the twin's counts as on time."""
    phases = [
        _phase(found, index, phase.name, phase.label, single_path)
        for index, phase in enumerate(machine.phases)
        if index > 0  # nobody stands above another in the lowest
    ]
    return Quality(
        tuple(_transition(machine, found, index, tolerance, single_path) for index in range(len(machine.transitions))),
        tuple(phases),
        _phase(found, len(machine.phases), "all", "All phases", single_path),
    )


def _phase(found: Counts, index: int, name: str, label: str, single_path: bool) -> PhaseQuality:
    above = _mean(found.above[index], found.above2[index], found.runs)
    below = _mean(found.below[index], found.below2[index], found.runs)
    ever = (Share(int(each[index]), found.runs, single_path) for each in (found.ever_above, found.ever_below))
    return PhaseQuality(name, label, above, below, *ever)


def _transition(machine: Machine, found: Counts, index: int, tolerance: int, single_path: bool) -> TransitionQuality:
    each, runs = machine.transitions[index], found.runs
    both = found.differences[index]
    apart = np.arange(both.size) - both.size // 2
    early, late = apart < -tolerance, apart > tolerance
    total = int(both.sum())

    def share(count: int | np.int64) -> Share:
        return Share(int(count), runs, single_path)

    return TransitionQuality(
        each.name,
        tuple(phase.label for phase, leaves in zip(machine.phases, each.leaves, strict=True) if leaves),
        machine.phases[each.to].label,
        share(both[~early & ~late].sum()),
        share(both[early].sum()),
        share(both[late].sum()),
        share(found.false[index]),
        share(found.missed[index]),
        share(found.neither[index]),
        _apart(-apart[early][::-1], both[early][::-1]),
        _apart(apart[late], both[late]),
        _mean(int((apart * both).sum()), int((apart * apart * both).sum()), total),
        _mean(found.delay[index], found.delay2[index], total + int(found.missed[index])),
        _mean(found.takings[index], found.takings2[index], runs),
        _mean(found.due[index], found.due2[index], runs),
    )


def _apart(days: Ints, runs: Ints) -> Apart:
    """`days` ascending, and in how many runs each."""
    total, reached = int(runs.sum()), np.cumsum(runs)
    mean = _mean(int((days * runs).sum()), int((days * days * runs).sum()), total)
    levels = {level: int(days[np.searchsorted(reached, level * total)]) if total else None for level in DAY_QUANTILES}
    return Apart(mean, levels)


def _mean(total: int | np.int64, squared: int | np.int64, runs: int) -> Mean:
    if not runs:
        return Mean(None, 0.0, 0)
    return Mean(int(total) / runs, mean_error(int(total), int(squared), runs), runs)
