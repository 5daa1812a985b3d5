"""The policy machine, all runs of a block at once (design §3.3 to §3.6)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.draws import Ints
from sim.engine.guards import Truth
from sim.engine.paths import Paths
from sim.machine import Machine, Model, Transition
from sim.numbers import Numbers

_NONE = -1


class _Confirmation:
    """Since when, or how often, a guard has held. Days before day 0 count as false."""

    def __init__(self, transition: Transition, numbers: Numbers) -> None:
        self._window = transition.window
        if self._window:
            self._needed: NDArray[np.int32] | int = self._window[0]
            self._past: list[Truth] = []
        else:
            assert transition.confirm is not None  # a transition has either
            self._needed = np.clip(numbers(transition.confirm), 1, 1 << 30).astype(np.int32)
        self._at_once = not self._window and bool(np.all(self._needed == 1))
        self._count = np.zeros(1, np.int32)

    def update(self, truth: Truth) -> Truth:
        if self._at_once:
            return truth
        if self._count.size < truth.size:
            self._count = np.broadcast_to(self._count, truth.size).copy()  # a dated threshold may become uncertain
        self._count += 1 if self._window is None else truth
        if self._window is None:
            self._count *= truth
        else:
            self._past.append(truth)
            if len(self._past) > self._window[1]:
                self._count -= self._past.pop(0)
        return np.asarray(self._count >= self._needed)


class PhaseState:
    """Where the policy stands in each run, what is pending, and the changes so far."""

    def __init__(self, model: Model, numbers: Numbers, runs: int) -> None:
        machine: Machine = model.machine
        self._machine, self._days = machine, model.world.days
        self._confirmations = [_Confirmation(each, numbers) for each in machine.transitions]
        self._lags = [np.minimum(numbers(each.lag), self._days + 1).astype(np.int32) for each in machine.transitions]
        self._leaves = [np.array(each.leaves) for each in machine.transitions]
        self._only = [int(leaves.argmax()) if leaves.sum() == 1 else None for leaves in self._leaves]
        stays = [numbers(phase.min_stay) for phase in machine.phases]
        self._min_stay = None if all(not stay.any() for stay in stays) else np.stack(np.broadcast_arrays(*stays))
        self._provoking = [np.array(each) for each in model.provoking]
        self._after = [numbers(reaction.after) for reaction in model.world.reactions]
        self.phase = np.full(runs, machine.initial, np.int8)
        self.entered = np.zeros(runs, np.int32)
        self._pending = np.full(runs, _NONE, np.int16)
        self._due = np.full(runs, _NONE, np.int32)
        self._decided = np.zeros(runs, np.int32)
        self._free = np.ones(runs, bool)
        self._waiting = 0
        self._done: list[Ints] = []
        self._events: list[tuple[NDArray[np.integer], ...]] = []

    def days_in_phase(self, day: int) -> NDArray[np.float64]:
        return (day - self.entered).astype(np.float64)

    def pushing(self, day: int) -> list[Truth]:
        """For each reaction the runs in which it pushes on `day`, by the phase at the end of the day before."""
        stayed = day - 1 - self.entered
        return [provoking[self.phase] & (stayed >= after) for provoking, after in zip(self._provoking, self._after, strict=True)]

    def step(self, day: int, truths: Sequence[Truth]) -> None:
        """Confirm, let pending transitions lapse or happen, and decide."""
        confirmed = [each.update(truth) for each, truth in zip(self._confirmations, truths, strict=True)]
        self._done = []
        if self._waiting:
            self._lapse(truths)
            self._fall_due(day)
        for index, truth in enumerate(confirmed):
            if truth.size > 1 or truth[0]:
                self._decide(day, index, truth)
        for runs in self._done:
            self._free[runs] = True

    def _lapse(self, truths: Sequence[Truth]) -> None:
        for index, transition in enumerate(self._machine.transitions):
            if transition.revocable:
                runs = np.flatnonzero((self._pending == index) & ~truths[index])
                self._settle(runs)

    def _settle(self, runs: Ints) -> None:
        """Nothing is pending any more; a new decision may be taken from tomorrow on."""
        self._pending[runs] = _NONE
        self._due[runs] = _NONE
        self._waiting -= runs.size
        self._done.append(runs)

    def _fall_due(self, day: int) -> None:
        runs = np.flatnonzero(self._due == day)
        if runs.size:
            transitions = self._pending[runs]
            for index in np.unique(transitions):
                self._happen(day, runs[transitions == index], int(index))
            self._settle(runs)

    def _decide(self, day: int, index: int, confirmed: Truth) -> None:
        only = self._only[index]
        here = self._leaves[index][self.phase] if only is None else self.phase == only
        here &= self._free
        here &= confirmed
        runs = np.flatnonzero(here)
        if runs.size and self._min_stay is not None:
            runs = runs[day - self.entered[runs] >= self._stay(runs)]
        if not runs.size:
            return
        self._free[runs] = False
        self._decided[runs] = day
        lag = self._lags[index] if self._lags[index].size == 1 else self._lags[index][runs]
        at_once = np.broadcast_to(lag == 0, runs.shape)
        self._happen(day, runs[at_once], index)
        self._done.append(runs[at_once])
        later = runs[~at_once]
        self._pending[later] = index
        self._due[later] = day + (lag if lag.size == 1 else lag[~at_once])
        self._waiting += later.size

    def _stay(self, runs: Ints) -> NDArray[np.float64]:
        assert self._min_stay is not None  # asked for only where some phase has one
        column = runs if self._min_stay.shape[1] > 1 else np.zeros_like(runs)
        stay: NDArray[np.float64] = self._min_stay[self.phase[runs], column]
        return stay

    def _happen(self, day: int, runs: Ints, index: int) -> None:
        if not runs.size:
            return
        to = self._machine.transitions[index].to
        days = np.full(runs.size, day, np.int32)
        whole = np.ones(runs.size, np.int16)
        left = self.phase[runs]
        self._events.append(
            (runs, days, self._decided[runs], self.entered[runs], left, (whole * to).astype(np.int8), whole * np.int16(index))
        )
        self.phase[runs] = to
        self.entered[runs] = day

    def paths(self) -> Paths:
        kinds = (np.int32, np.int32, np.int32, np.int32, np.int8, np.int8, np.int16)
        columns = zip(*self._events, strict=True) if self._events else [()] * len(kinds)
        run, day, decided, entered, leaves, enters, transition = (
            np.concatenate([np.empty(0, kind), *parts]).astype(kind) for kind, parts in zip(kinds, columns, strict=True)
        )
        phases = len(self._machine.phases)
        runs, initial = self.phase.size, self._machine.initial
        final = (self.phase.copy(), self.entered.copy())
        return Paths(runs, self._days, phases, initial, run, day, decided, entered, leaves, enters, transition, *final)
