"""The numbers of a policy that a flip may change, and the policy in thousands of variants of one run at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from sim import reference
from sim.analysis.explain.margins import Known, amount, spread, widest
from sim.analysis.explain.records import Event, Kind, Varied
from sim.analysis.thresholds import shape_text
from sim.draws import Block, Floats
from sim.engine import Engine, Paths
from sim.machine import Machine, Model
from sim.numbers import Numbers
from sim.spec import guard
from sim.spec.values import date_of
from sim.world import Quantity

_COLUMNS = 4_096
"""Variants simulated at once."""


class Meter(Protocol):
    """Who shows how far the work is."""

    def expect(self, runs: int) -> None:
        """So many more variants are to be simulated."""

    def add(self, runs: float) -> None:
        """So many are done since the last call."""


def varied(model: Model, known: Known, numbers: Numbers, units: Mapping[str, str]) -> tuple[Varied, ...]:
    """The thresholds that guards use, then the confirmations and lags of all transitions, in the order of the file."""
    machine, used = model.machine, {name for each in model.machine.transitions for name in guard.names(each.guard)}
    thresholds = [one for name in machine.thresholds if name in used for one in _threshold(name, model, known, numbers, units)]
    days = [
        _days(kind, f"{each.name}.{kind}", quantity, model, numbers)
        for each in machine.transitions
        for kind, quantity in (("confirm", each.confirm), ("lag", each.lag))
        if quantity is not None
    ]
    return (*thresholds, *days)


def windows(machine: Machine) -> tuple[str, ...]:
    """The transitions whose confirmation is m of the last n days, which is fixed and not varied."""
    return tuple(each.name for each in machine.transitions if each.window)


def _days(kind: str, label: str, quantity: Quantity, model: Model, numbers: Numbers) -> Varied:
    kind_: Kind = "confirm" if kind == "confirm" else "lag"
    value = float(numbers(quantity)[0])
    return Varied(quantity.path, label, kind_, value, "days", float(model.world.days), _drawn(quantity), None, fixed_sides=True)


def _drawn(quantity: Quantity) -> str | None:
    return None if quantity.shape is None else shape_text(quantity.shape)


def _threshold(name: str, model: Model, known: Known, numbers: Numbers, units: Mapping[str, str]) -> Iterator[Varied]:
    steps = model.machine.thresholds[name]
    spans = [0, *(min(max(day, 0), model.world.days) for day in steps.days[1:]), model.world.days]
    others = [[*_compared(each.guard, name)] for each in model.machine.transitions]
    beside = [node for those in others for node in those]
    alone = all(node is not None for node in beside)
    sides = [node for node in beside if node is not None]
    values = [np.broadcast_to(amount(node, known.seen, []), (model.world.days,)) for node in sides]
    own = not model.reactive and not any(guard.DAYS_IN_PHASE in guard.names(node) for node in sides)
    for index, quantity in enumerate(steps.values):
        since, until = spans[index : index + 2]
        if since >= until:
            continue  # it holds on no day of the run
        against = np.unique(np.concatenate([np.empty(0), *(each[since:until] for each in values)])) if alone else None
        dated = f" from {date_of(steps.days[index], model.world.start)}" if len(steps.values) > 1 else ""
        scale = _scale(units[name], sides, known, against)
        value = float(numbers(quantity)[0])
        yield Varied(quantity.path, name + dated, "threshold", value, units[name], scale, _drawn(quantity), against, own)


def _compared(node: guard.Condition, name: str) -> Iterator[guard.Arithmetic | None]:
    """What a threshold is compared with; None for a comparison in which it does not stand alone on one side."""
    if not isinstance(node, guard.Compare):
        for child in guard.children(node):
            yield from _compared(child, name)  # type: ignore[arg-type]  # the children of a condition are conditions
        return
    for left, right in zip(node.operands, node.operands[1:], strict=False):
        inside = [name in guard.names(side) for side in (left, right)]
        if inside == [True, True]:
            yield None
        elif any(inside):
            own, other = (left, right) if inside[0] else (right, left)
            yield other if isinstance(own, guard.Ref) else None


def _scale(unit: str, sides: Sequence[guard.Arithmetic], known: Known, against: Floats | None) -> float:
    """The widest range of the signposts that it is compared with; where none has its unit, how far the values range, or 1."""
    names = [name for side in sides for name in guard.names(side)]
    return widest(names, unit, known.ranges, known.units) or spread(np.empty(0) if against is None else against)


# Variants ------------------------------------------------------------------------------------------------------------------


class Variants:
    """One run under a policy in which one number at a time is another, all else and all draws the same."""

    def __init__(self, model: Model, numbers: Sequence[Varied], seed: int, run: int, meter: Meter | None = None) -> None:
        self._numbers, self._seed, self._run, self._meter = numbers, seed, run, meter
        self._model = _opened(model, {each.path for each in numbers})
        self._at = {each.path: index for index, each in enumerate(numbers)}
        self.base = self.paths([])[0]

    def paths(self, changes: Sequence[tuple[str, float]]) -> list[tuple[Event, ...]]:
        """The transitions of the run as it was (first), then with each change of one number, by the engine."""
        found: list[tuple[Event, ...]] = []
        every = [("", 0.0), *changes]
        if self._meter:
            self._meter.expect(len(every))
        for first in range(0, len(every), _COLUMNS):
            found += self._simulated(every[first : first + _COLUMNS])
        return found

    def _simulated(self, changes: Sequence[tuple[str, float]]) -> list[tuple[Event, ...]]:
        block = Block(*(np.full(len(changes), self._run) for _ in range(2)))
        engine = Engine(self._model, self._seed, block, self._given(changes))
        for _ in range(self._model.world.days):
            engine.step()
        if self._meter:
            self._meter.add(len(changes))
        return _events(engine.paths())

    def _given(self, changes: Sequence[tuple[str, float]]) -> dict[str, Floats]:
        given = {each.path: np.full(len(changes), each.value) for each in self._numbers}
        for column, (path, value) in enumerate(changes):
            if path:
                given[path][column] = value
        return given

    def walked(self, path: str, value: float) -> tuple[Event, ...]:
        """The same with one change, by the plain loop."""
        given = {each.path: value if each.path == path else each.value for each in self._numbers}
        trace = reference.walk(self._model, self._seed, self._run, self._run, given)
        return tuple(Event(each.transition, each.decided, each.day) for each in trace.changes)


def _opened(model: Model, paths: set[str]) -> Model:
    """The model with some of its numbers left open, to be given."""

    def opened(quantity: Quantity) -> Quantity:
        return replace(quantity, fixed=None) if quantity.path in paths else quantity

    machine = model.machine
    thresholds = {name: replace(steps, values=tuple(map(opened, steps.values))) for name, steps in machine.thresholds.items()}
    transitions = tuple(
        replace(each, confirm=opened(each.confirm) if each.confirm else None, lag=opened(each.lag))
        for each in machine.transitions
    )
    return replace(model, machine=replace(machine, thresholds=thresholds, transitions=transitions))


def _events(paths: Paths) -> list[tuple[Event, ...]]:
    """Per run of a block its changes, in order of the day."""
    found: list[list[Event]] = [[] for _ in range(paths.runs)]
    for run, transition, decided, day in zip(
        paths.run.tolist(), paths.transition.tolist(), paths.decided.tolist(), paths.day.tolist(), strict=True
    ):
        found[run].append(Event(transition, decided, day))
    return [*map(tuple, found)]


# Readable numbers ----------------------------------------------------------------------------------------------------------


def simplest(low: float, high: float) -> float:
    """A number above `low` and at most `high` with as few digits as can be, and of these the one nearest to `low`."""
    for digits in range(-12, 17):
        step = 10.0**-digits
        found = round((math.floor(low / step) + 1) * step, digits)
        if low < found <= high:
            return found + 0.0
    return high


def simplest_beyond(bound: float, end: float, reach: float) -> float:
    """A readable number strictly between a bound and what lies beyond it (`end` may be infinite), near the bound.

    Where no number lies between the two, `end` itself.
    """
    if end < bound:
        return -simplest_beyond(-bound, -end, reach)
    following, last = float(np.nextafter(bound, end)), float(np.nextafter(end, bound))
    return simplest(bound, max(min(last, bound + reach), following))
