"""The world's variables, all runs of a block at once (design §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.draws import Arrivals, Block, Floats, Ints, Normals, Uniforms, quantile
from sim.engine.course import Course
from sim.engine.guards import Truth
from sim.numbers import Numbers
from sim.world import Jumps, Ladder, Quantity, Variable, Walk

Masks = Sequence[Truth]


class Streams:
    """The block's daily noise by name, each made when first asked for."""

    def __init__(self, seed: int, block: Block) -> None:
        self.seed, self.block = seed, block
        self._normals: dict[str, Normals] = {}

    def normals(self, name: str) -> Normals:
        if name not in self._normals:
            self._normals[name] = Normals(self.seed, name, self.block)
        return self._normals[name]


_Noise = NDArray[np.float32]
"""What is made of daily normals is in single precision, as these are (docs/semantics.md); levels are in double."""


class _Product:
    """An increment of factor · level in each run, multiplied out only where it is added: one pass for two."""

    def __init__(self, factor: _Noise, levels: Floats) -> None:
        self._factor, self._levels = factor, levels

    def still(self, runs: Ints) -> Truth:
        return np.equal(self._factor[runs] * self._levels[runs], 0)

    def add_to(self, d: Floats) -> None:
        kernels.active.add_product(d, self._factor, self._levels)


class _Few:
    """An increment for each of a few runs, of which some may be named more than once."""

    def __init__(self, runs: Ints, amounts: Floats, marks: Truth) -> None:
        """`marks` is (all runs,) and False: a scratch."""
        self._runs, self._amounts, self._marks = runs, amounts, marks

    def still(self, runs: Ints) -> Truth:
        moved = self._runs[self._amounts != 0]
        self._marks[moved] = True
        found = ~self._marks[runs]
        self._marks[moved] = False
        return found

    def add_to(self, d: Floats) -> None:
        kernels.active.add_few(d, self._runs, self._amounts)


_Increment = Floats | _Noise | _Product | _Few
"""Arrays have shape (1,) or (runs,)."""


class _Move(Protocol):
    width: int

    def increment(self, day: int, x: Floats, path: Floats) -> _Increment:
        """The day's increment at the level and path of the day before."""
        ...


class _Walk:
    def __init__(self, walk: Walk, numbers: Numbers, streams: Streams) -> None:
        self.drift, self.volatility = numbers(walk.drift), numbers(walk.volatility)
        self.relative = walk.relative
        self.pull = None if walk.pull.is_zero else numbers(walk.pull)
        self.toward = None if walk.toward is None else numbers(walk.toward)
        parts = (self.drift, self.volatility, self.pull, self.toward if self.pull is not None else None)
        self.width = max(part.size for part in parts if part is not None)
        self.normals = None
        if not walk.volatility.is_zero:
            self.normals, self.width = streams.normals(walk.noise), streams.block.size
            self.drift32, self.volatility32 = self.drift.astype(np.float32), self.volatility.astype(np.float32)
            self.noise = np.empty(self.width, np.float32)

    def increment(self, day: int, x: Floats, path: Floats) -> _Increment:
        step = self._step(day)
        if self.relative:
            np.expm1(step, out=step)
            if self.normals and self.pull is None:
                return _Product(self.noise, x)
            step = step * x
        if self.pull is None:
            return step
        gap = (path if self.toward is None else self.toward) - x
        return step + self.pull * gap

    def _step(self, day: int) -> Floats | _Noise:
        """drift + volatility·z"""
        if self.normals is None:
            return self.drift.copy()
        kernels.active.line(self.normals.day(day), self.volatility32, self.drift32, self.noise)
        return self.noise


class _Jumps:
    """Jumps are looked ahead for, many days at a time, since a call costs more than the few jumps of one day."""

    _AHEAD = 16

    def __init__(self, jumps: Jumps, numbers: Numbers, streams: Streams) -> None:
        self.size = jumps.size
        self.arrivals = Arrivals(streams.seed, jumps.noise, streams.block, numbers(jumps.rate))
        self.width = streams.block.size
        self.marks = np.zeros(self.width, np.bool_)
        self.jumping: list[_Few] = []

    def increment(self, day: int, x: Floats, path: Floats) -> _Increment:
        within = (day - 1) % self._AHEAD
        if within == 0:
            self._look_ahead(day)
        return self.jumping[within]

    def _look_ahead(self, day: int) -> None:
        self.jumping = []  # before memory is asked for the next
        jumps = self.arrivals.ahead(day + self._AHEAD - 1)
        sizes = self._sizes(jumps.u)
        ends, runs, amounts = kernels.active.by_day(jumps.day, day, self._AHEAD, jumps.run, sizes)
        self.jumping = [_Few(runs[a:b], amounts[a:b], self.marks) for a, b in pairwise([0, *ends.tolist()])]

    def _sizes(self, u: Floats) -> Floats:
        if self.size.shape is None:
            return np.full(u.size, self.size.fixed)
        return quantile(self.size.shape, u) * self.size.scale


class _Ladder:
    def __init__(self, ladder: Ladder, variable: Variable, numbers: Numbers, streams: Streams) -> None:
        self.low = variable.low
        self.uniforms = Uniforms(streams.seed, ladder.noise, streams.block)
        self.up, self.down = self._chances(ladder.up, numbers), self._chances(ladder.down, numbers)
        self.width = streams.block.size

    @staticmethod
    def _chances(chances: Sequence[Quantity], numbers: Numbers) -> Floats | tuple[Floats]:
        """One chance (1,) or (runs,); or, boxed, one for each rung."""
        values = [numbers(each) for each in chances]
        return values[0] if len(values) == 1 else (np.concatenate(values),)

    def _chance(self, chances: Floats | tuple[Floats], x: Floats) -> Floats:
        if isinstance(chances, tuple):
            rungs = np.floor(x - self.low).astype(np.int64)
            return chances[0][np.clip(rungs, 0, chances[0].size - 1)]
        return chances

    def increment(self, day: int, x: Floats, path: Floats) -> _Increment:
        u = self.uniforms.day(day)
        up, down = self._chance(self.up, x), self._chance(self.down, x)
        return np.where(u < up, 1.0, np.where(u >= 1 - down, -1.0, 0.0))


def _still(move: Walk | Jumps | Ladder) -> bool:
    """Does the move never move anything?"""
    match move:
        case Walk():
            never = move.drift.is_zero and move.volatility.is_zero and move.pull.is_zero
            return never and not move.relative  # 0 times an infinite level is undefined
        case Jumps():
            return move.rate.is_zero or move.size.is_zero
        case Ladder():
            return all(chance.is_zero for chance in move.up + move.down)


class VariableState:
    """The level `x` and the deviation `d` from the path of one variable.

    Arrays have shape (1,) while the variable is the same in all runs: no noise, nothing uncertain, no reaction.
    """

    def __init__(self, variable: Variable, numbers: Numbers, streams: Streams) -> None:
        self._low, self._high = variable.low, variable.high
        self._bounded = bool(np.isfinite([variable.low, variable.high]).any())
        self._course = Course(variable.path, numbers)
        self._moves = [_compiled(move, variable, numbers, streams) for move in variable.moves if not _still(move)]
        self._pushes = [(index, numbers(rate)) for index, rate in variable.pushes if not rate.is_zero]
        self._adds = {day: [numbers(each) for each in added] for day, added in variable.adds.items()}
        self._sets = {day: numbers(each) for day, each in variable.sets.items()}
        width = self._width(streams.block.size)
        self._path: Floats
        self._d = np.zeros(width)
        self._held: Ints = np.empty(0, np.int64)
        self.x = np.zeros(width)
        self._enter(0, [])

    def _width(self, runs: int) -> int:
        if self._pushes:
            return runs
        injected = [value for added in self._adds.values() for value in added] + list(self._sets.values())
        return max([self._course.width, *(move.width for move in self._moves), *(value.size for value in injected)])

    def advance(self, day: int, pushing: Masks) -> None:
        """From day − 1 to `day`; `pushing` tells for each reaction in which runs it pushes."""
        increments = [move.increment(day, self.x, self._path) for move in self._moves]
        increments += [np.where(pushing[index], rate, 0.0) for index, rate in self._pushes]
        self._enter(day, increments)

    def _enter(self, day: int, increments: list[_Increment]) -> None:
        increments += self._adds.get(day, [])
        still, before = self._stay(day, increments)
        self._path = self._course.at(day)
        self._held = self._moved(increments)
        if day in self._sets or still.size:
            self.x[still] = before
            if day in self._sets:
                self.x[:] = np.clip(self._sets[day], self._low, self._high)
            self._held = (self.x != self._path + self._d).nonzero()[0]
        if self._held.size:  # where clip or `set` changed the level, the rest is carried
            self._d[self._held] = self.x[self._held] - _at(self._path, self._held)

    def _moved(self, increments: list[_Increment]) -> Ints:
        """Move the level by the increments; the runs in which it lies at a bound."""
        for increment in increments:
            if isinstance(increment, np.ndarray):
                self._d += increment
            else:
                increment.add_to(self._d)
        if self._bounded:
            held: Ints = kernels.active.bounded_sum(self._path, self._d, self._low, self._high, self.x)
            return held
        np.add(self._path, self._d, out=self.x)
        return np.empty(0, np.int64)

    def _stay(self, day: int, increments: list[_Increment]) -> tuple[Ints, Floats]:
        """Runs that keep exactly the value set or clipped to, and that value: nothing has moved them since."""
        held = self._held
        if held.size:
            path = self._course.at(day)
            if path is not self._path:
                held = _those(held, _at(path, held) == _at(self._path, held))
            for increment in increments:
                if held.size:
                    held = _those(held, _still_in(increment, held))
        return held, self.x[held]


def _at(values: Floats | _Noise, runs: Ints) -> Floats | _Noise:
    return values if values.size == 1 else values[runs]


def _those(runs: Ints, chosen: Truth) -> Ints:
    """Of some runs those chosen: each for itself, or all or none."""
    if chosen.size == runs.size:
        return runs[chosen]
    return runs if chosen[0] else runs[:0]


def _still_in(increment: _Increment, runs: Ints) -> Truth:
    """Which of some runs an increment does not move; (1,) where that is the same in all."""
    return _at(increment, runs) == 0 if isinstance(increment, np.ndarray) else increment.still(runs)


def _compiled(move: Walk | Jumps | Ladder, variable: Variable, numbers: Numbers, streams: Streams) -> _Move:
    match move:
        case Walk():
            return _Walk(move, numbers, streams)
        case Jumps():
            return _Jumps(move, numbers, streams)
        case Ladder():
            return _Ladder(move, variable, numbers, streams)
