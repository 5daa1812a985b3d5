"""Every transition of a run: each decision with what decided it, and how near it came where it was not taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from sim.analysis.explain.behind import Behind, Cited, behind_days, behind_threshold, cited
from sim.analysis.explain.margins import Bools, Ints, Known, Margins, margins
from sim.draws import Floats
from sim.machine import Model, Transition
from sim.numbers import Numbers
from sim.reference import Trace
from sim.spec import guard
from sim.spec.evidence import Fact
from sim.spec.policy import Policy

Outcome = Literal["taken", "pending", "lapsed"]


@dataclass(frozen=True)
class Decision:
    """A confirmed guard, decided on a day: taken on its day of effect, still pending at the end, or lapsed."""

    outcome: Outcome
    decided: int
    until: int
    """day of effect, also of one that is pending; of a lapse, its day"""
    from_phase: str
    to_phase: str
    held_since: int
    """in a row: since when the guard had held without a break; m of n: its first true day in the window"""
    days_in_phase: int
    """on the day of decision"""
    behind: tuple[Behind, ...]
    """every threshold in the guard, as it was on the day of decision"""


@dataclass(frozen=True)
class Blocked:
    """Days on which the guard was confirmed and the transition was not decided all the same."""

    why: str
    days: int


@dataclass(frozen=True)
class Near:
    """How near a transition came on the days on which the run stood where it leaves, in stays that it did not end."""

    days: int
    """how many days these were"""
    day: int
    """of the smallest shortfall; of equals, the one on which all comparisons together lacked least; of these, the first"""
    held_days: int
    """of these days, on how many the guard held"""
    count: int
    """the confirmation counter at its highest"""
    count_day: int
    blocked: tuple[Blocked, ...]
    behind: tuple[Behind, ...]
    """every threshold in the guard, as it was on `day`"""


@dataclass(frozen=True)
class Story:
    """One transition over the days of a run."""

    name: str
    to_phase: str
    leaves: tuple[str, ...]
    guard: str
    margins: Margins
    needed: int
    """days that the guard must hold"""
    window: int | None
    """of how many last days; None: in a row"""
    count: Ints
    """(days,): how many days it had held by then, as `needed` counts"""
    lag: int
    revocable: bool
    confirm_behind: Behind | None
    """None: the confirmation is a window"""
    lag_behind: Behind
    facts: tuple[Cited, ...]
    """that the policy cites for the transition itself"""
    possible: Bools
    """(days,): before the day's decision the run stood in a phase that it leaves"""
    decisions: tuple[Decision, ...]
    near: Near | None
    """None: the run was never where it leaves, or it ended every such stay"""


@dataclass(frozen=True)
class Teller:
    """All that the stories of a run are told from."""

    policy: Policy
    model: Model
    trace: Trace
    numbers: Numbers
    known: Known
    facts: Mapping[str, Fact]

    def days(self, transition: Transition) -> tuple[int, int | None]:
        """(needed, window) of a confirmation."""
        if transition.window:
            return transition.window
        assert transition.confirm is not None  # a transition has either
        return max(int(self.numbers(transition.confirm)[0]), 1), None

    def thresholds(self, transition: Transition, day: int) -> tuple[Behind, ...]:
        names = [name for name in guard.names(transition.guard) if name in self.policy.thresholds]
        return tuple(behind_threshold(name, day, self.policy, self.model, self.numbers, self.facts) for name in names)

    @property
    def before(self) -> Ints:
        """(days,): the phase before the day's decision."""
        return np.array([self.model.machine.initial, *self.trace.phases[:-1]])


def stories(teller: Teller) -> tuple[Story, ...]:
    """Of every transition, in the order of the file."""
    transitions = teller.model.machine.transitions
    counts = [_counts(teller, index) for index in range(len(transitions))]
    decisions = [[*_decisions(teller, index, count)] for index, count in enumerate(counts)]
    busy = _Busy(teller, decisions)
    return tuple(_story(teller, index, count, decisions[index], busy) for index, count in enumerate(counts))


def _story(teller: Teller, index: int, count: Ints, decisions: Sequence[Decision], busy: _Busy) -> Story:
    machine = teller.model.machine
    transition = machine.transitions[index]
    needed, window = teller.days(transition)
    confirm, lag = behind_days(transition, teller.policy, teller.numbers, teller.facts)
    possible = np.array(transition.leaves)[teller.before]
    found = margins(transition.guard, teller.known)
    return Story(
        transition.name,
        machine.phases[transition.to].name,
        tuple(phase.name for phase, leaves in zip(machine.phases, transition.leaves, strict=True) if leaves),
        transition.text,
        found,
        needed,
        window,
        count,
        int(lag.value),
        transition.revocable,
        confirm,
        lag,
        cited(teller.policy.transitions[transition.name].evidence, teller.facts),
        possible,
        tuple(decisions),
        _near(teller, transition, found, count, possible & ~_ended(teller, decisions), busy),
    )


# Confirmation --------------------------------------------------------------------------------------------------------------


def _counts(teller: Teller, index: int) -> Ints:
    """(days,): days in a row up to each day, or days within the window."""
    held = np.array(teller.trace.guards[index], np.int64)
    _, window = teller.days(teller.model.machine.transitions[index])
    total = np.concatenate([[0], np.cumsum(held)])
    days = np.arange(held.size)
    if window:
        return np.asarray(total[1:] - total[np.maximum(days + 1 - window, 0)])
    broken = np.maximum.accumulate(np.where(held == 0, days + 1, 0))  # the day after the last on which it did not hold
    return np.asarray(days + 1 - broken)


# Decisions -----------------------------------------------------------------------------------------------------------------


def _decisions(teller: Teller, index: int, count: Ints) -> Iterator[Decision]:
    """Of one transition, in order of the day."""
    trace = teller.trace
    found: list[tuple[int, int, Outcome]] = [
        (change.decided, change.day, "taken") for change in trace.changes if change.transition == index
    ]
    found += [
        (_lapse_decided(teller, index, count, lapse.day), lapse.day, "lapsed")
        for lapse in trace.lapsed
        if lapse.transition == index
    ]
    if trace.pending and trace.pending.transition == index:
        found.append((trace.pending.decided, trace.pending.due, "pending"))
    yield from (_decision(teller, index, count, *each) for each in sorted(found))


def _decision(teller: Teller, index: int, count: Ints, decided: int, until: int, outcome: Outcome) -> Decision:
    phases, transition = teller.model.machine.phases, teller.model.machine.transitions[index]
    return Decision(
        outcome,
        decided,
        until,
        phases[int(teller.before[decided])].name,
        phases[transition.to].name,
        _held_since(teller, index, count, decided),
        int(teller.known.seen[guard.DAYS_IN_PHASE][decided]),
        teller.thresholds(transition, decided),
    )


def _held_since(teller: Teller, index: int, count: Ints, decided: int) -> int:
    _, window = teller.days(teller.model.machine.transitions[index])
    if window is None:
        return decided - int(count[decided]) + 1
    first = max(decided - window + 1, 0)
    return teller.trace.guards[index].index(True, first)


def _lapse_decided(teller: Teller, index: int, count: Ints, day: int) -> int:
    """When a transition was decided that lapsed on a day.

    It is the first day since the last change or lapse on which it could be: had another been decided on an earlier one, that
    one would have been pending.
    """
    trace = teller.trace
    events = [change.day for change in trace.changes] + [lapse.day for lapse in trace.lapsed]
    free = max((each + 1 for each in events if each < day), default=0)
    needed, _ = teller.days(teller.model.machine.transitions[index])
    return next(each for each in range(free, day) if count[each] >= needed and _stayed(teller, each))


def _stayed(teller: Teller, day: int) -> bool:
    """Had the phase lasted its min_stay?"""
    phase = teller.model.machine.phases[int(teller.before[day])]
    return bool(teller.known.seen[guard.DAYS_IN_PHASE][day] >= teller.numbers(phase.min_stay)[0])


def _ended(teller: Teller, decisions: Sequence[Decision]) -> Bools:
    """(days,): days of stays that this transition ended, or is about to."""
    days = len(teller.trace.phases)
    ended = np.zeros(days, np.bool_)
    entries = [0, *(change.day + 1 for change in teller.trace.changes), days]
    ending = [min(each.until, days - 1) for each in decisions if each.outcome != "lapsed"]
    for since, until in pairwise(entries):
        ended[since:until] = any(since <= day < until for day in ending)
    return ended


# What did not happen -------------------------------------------------------------------------------------------------------


class _Busy:
    """Why nothing, or another transition, was decided on a day."""

    def __init__(self, teller: Teller, decisions: Sequence[Sequence[Decision]]) -> None:
        last = len(teller.trace.phases) - 1
        names = [each.name for each in teller.model.machine.transitions]
        self._teller = teller
        self._decided = {each.decided: name for name, those in zip(names, decisions, strict=True) for each in those}
        self._waiting = {
            day: name
            for name, those in zip(names, decisions, strict=True)
            for each in those
            for day in range(each.decided + 1, min(each.until, last) + 1)
        }

    def why(self, day: int) -> str:
        if day in self._waiting:
            return f"{self._waiting[day]} was pending"
        if not _stayed(self._teller, day):
            return "the phase had not lasted its min_stay"
        return f"{self._decided[day]} was taken first"


def _near(teller: Teller, transition: Transition, found: Margins, count: Ints, where: Bools, busy: _Busy) -> Near | None:
    days = np.flatnonzero(where)
    if not days.size:
        return None
    needed, _ = teller.days(transition)
    nearest = int(days[np.lexsort((days, _lacking(found)[days], ~found.seen.held[days], -found.seen.share[days]))[0]])
    highest = int(days[count[days].argmax()])
    confirmed = [busy.why(int(day)) for day in days if count[day] >= needed]
    blocked = tuple(Blocked(why, confirmed.count(why)) for why in dict.fromkeys(confirmed))
    held = int(found.seen.held[days].sum())
    return Near(days.size, nearest, held, int(count[highest]), highest, blocked, teller.thresholds(transition, nearest))


def _lacking(found: Margins) -> Floats:
    """(days,): the shortfalls of all comparisons that do not work in the guard's favour, added up in shares of their scales."""
    with np.errstate(all="ignore"):
        shares = [each.seen.margin / each.scale * (-1 if each.negated else 1) for each in found.comparisons]
    return np.asarray(sum(np.maximum(-share, 0.0) for share in shares))
