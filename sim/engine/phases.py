"""The policy machine, all runs of a block at once (design §3.3 to §3.6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim import kernels
from sim.draws import Ints
from sim.engine.guards import Truth
from sim.engine.paths import Paths
from sim.machine import Machine, Model, Transition
from sim.numbers import Numbers

_NOWHERE = -1
"""Where a run stands while it cannot decide: something is pending, or happened or lapsed today."""


_NOBODY: Ints = np.empty(0, np.int64)
_Days = NDArray[np.signedinteger]


def _days(values: ArrayLike, horizon: int) -> _Days:
    """Counts of days in a type that holds twice the horizon; the smaller, the faster."""
    return np.asarray(values).astype(np.int16 if horizon < 1 << 14 else np.int32)


class _Confirmation:
    """Since when, or how often, a guard has held. Days before day 0 count as false."""

    def __init__(self, transition: Transition, numbers: Numbers, days: int) -> None:
        self._window = transition.window
        if self._window:
            self._needed = _days([min(self._window[0], days + 1)], days)
            self._past: list[Truth] = []
        else:
            assert transition.confirm is not None  # a transition has either
            self._needed = _days(np.clip(numbers(transition.confirm), 1, days + 1), days)
        self._at_once = not self._window and bool(np.all(self._needed == 1))
        self._count = _days([0], days)
        self._leaves = np.array([*transition.leaves, False])  # the last entry is NOWHERE's
        self._only = np.int8(self._leaves.argmax()) if sum(transition.leaves) == 1 else None

    def runs(self, truth: Truth, stands: NDArray[np.int8]) -> Ints:
        """Count the day, and give the runs in which the guard is confirmed and that stand in a phase that it leaves."""
        if self._count.size < truth.size:
            self._count = np.broadcast_to(self._count, truth.size).copy()  # a dated threshold may become uncertain
        if self._only is not None and not self._at_once and not self._window and truth.size == stands.size:
            found: Ints = kernels.active.confirmed_here(truth, self._count, self._needed, stands, self._only)
            return found
        confirmed = self._counted(truth)
        if confirmed.size == 1 and not confirmed[0]:
            return _NOBODY
        here = stands == self._only if self._only is not None else self._leaves[stands]
        here &= confirmed
        return here.nonzero()[0]

    def _counted(self, truth: Truth) -> Truth:
        if self._at_once:
            return truth
        if self._window is None:
            self._count += 1
            self._count *= truth
        else:
            self._count += truth
            self._past.append(truth)
            if len(self._past) > self._window[1]:
                self._count -= self._past.pop(0)
        return np.asarray(self._count >= self._needed)


class PhaseState:
    """Where the policy stands in each run, what is pending, and the changes so far."""

    def __init__(self, model: Model, numbers: Numbers, runs: int) -> None:
        machine: Machine = model.machine
        self._machine, self._days = machine, model.world.days
        self._confirmations = [_Confirmation(each, numbers, self._days) for each in machine.transitions]
        self._lags = [_days(np.minimum(numbers(each.lag), self._days), self._days) for each in machine.transitions]
        self._to = np.array([each.to for each in machine.transitions], np.int8)
        stays = [numbers(phase.min_stay) for phase in machine.phases]
        self._min_stay = None if all(not stay.any() for stay in stays) else np.stack(np.broadcast_arrays(*stays))
        self._provoking = [np.array(each) for each in model.provoking]
        self._after = [numbers(reaction.after) for reaction in model.world.reactions]
        self.phase = np.full(runs, machine.initial, np.int8)
        self.entered = np.zeros(runs, np.int32)
        self._stands = self.phase.copy()
        self._pending = np.full(runs, -1, np.int16)
        self._due = _days(np.full(runs, -1), self._days)
        self._settled: list[Ints] = []
        self._events: list[tuple[Ints, int, NDArray[np.int16], NDArray[np.int8], NDArray[np.int32]]] = []

    def days_in_phase(self, day: int) -> NDArray[np.float64]:
        return (day - self.entered).astype(np.float64)

    def pushing(self, day: int) -> list[Truth]:
        """For each reaction the runs in which it pushes on `day`, by the phase at the end of the day before."""
        stayed = day - 1 - self.entered
        return [provoking[self.phase] & (stayed >= after) for provoking, after in zip(self._provoking, self._after, strict=True)]

    def step(self, day: int, truths: Sequence[Truth]) -> None:
        """Confirm, let pending transitions lapse or happen, and decide."""
        self._settled = []
        self._lapse(truths)
        self._fall_due(day)
        for index, (confirmation, truth) in enumerate(zip(self._confirmations, truths, strict=True)):
            self._decide(day, index, confirmation.runs(truth, self._stands))
        for runs in self._settled:
            self._stands[runs] = self.phase[runs]

    def _lapse(self, truths: Sequence[Truth]) -> None:
        for index, transition in enumerate(self._machine.transitions):
            if transition.revocable:
                self._settle(((self._pending == index) & ~truths[index]).nonzero()[0])

    def _fall_due(self, day: int) -> None:
        runs: Ints = kernels.active.due(self._due, day)
        if runs.size:
            self._happen(day, runs, self._pending[runs])
            self._settle(runs)

    def _settle(self, runs: Ints) -> None:
        """Nothing is pending any more; a new decision may be taken from tomorrow on."""
        self._pending[runs] = self._due[runs] = -1
        self._settled.append(runs)

    def _decide(self, day: int, index: int, runs: Ints) -> None:
        if runs.size and self._min_stay is not None:
            runs = runs[day - self.entered[runs] >= self._stay(runs)]
        if not runs.size:
            return
        self._stands[runs] = _NOWHERE
        lags = self._lags[index]
        if lags.size > 1:
            lags = lags[runs]
            self._take(day, index, runs[lags == 0], 0)
            self._take(day, index, runs[lags > 0], lags[lags > 0])
        else:
            self._take(day, index, runs, int(lags[0]))

    def _take(self, day: int, index: int, runs: Ints, lag: int | _Days) -> None:
        """The runs take a transition: today where the lag is 0, else all lags are above 0."""
        if isinstance(lag, int) and lag == 0:
            self._happen(day, runs, np.full(runs.size, index, np.int16))
            self._settled.append(runs)
        else:
            self._pending[runs] = index
            self._due[runs] = day + lag  # after the last day: never

    def _stay(self, runs: Ints) -> NDArray[np.float64]:
        assert self._min_stay is not None  # asked for only where some phase has one
        column = runs if self._min_stay.shape[1] > 1 else np.zeros_like(runs)
        stay: NDArray[np.float64] = self._min_stay[self.phase[runs], column]
        return stay

    def _happen(self, day: int, runs: Ints, transitions: NDArray[np.int16]) -> None:
        self._events.append((runs, day, transitions, self.phase[runs], self.entered[runs]))
        self.phase[runs] = self._to[transitions]
        self.entered[runs] = day

    def paths(self) -> Paths:
        """What happened so far."""
        runs, days, transitions, leaves, entered = zip(*self._events, strict=True) if self._events else [()] * 5
        run = np.concatenate([np.empty(0, np.int32), *runs], dtype=np.int32, casting="same_kind")
        day = np.repeat(np.array(days, np.int32), [each.size for each in runs])
        transition = np.concatenate([np.empty(0, np.int16), *transitions])
        return Paths(
            self.phase.size,
            self._days,
            len(self._machine.phases),
            self._machine.initial,
            run,
            day,
            day - self._lag(run, transition),
            np.concatenate([np.empty(0, np.int32), *entered]),
            np.concatenate([np.empty(0, np.int8), *leaves]),
            self._to[transition],
            transition,
            self.phase.copy(),
            self.entered.copy(),
        )

    def _lag(self, run: NDArray[np.int32], transition: NDArray[np.int16]) -> NDArray[np.int32]:
        lag = np.zeros(run.size, np.int32)
        for index, lags in enumerate(self._lags):
            chosen = transition == index
            lag[chosen] = lags[0] if lags.size == 1 else lags[run[chosen]]
        return lag
