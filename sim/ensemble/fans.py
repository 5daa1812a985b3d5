"""Quantiles per day of every variable and signpost over the runs of a block, and a few single runs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.draws import Floats
from sim.engine import Engine
from sim.results import FAN_LEVELS, Fan

SAMPLES = 12
"""Single runs drawn over a fan."""


@dataclass(frozen=True)
class Look:
    """What is kept of the first block for pictures: quantiles and a few single runs."""

    signposts: dict[str, Fan]
    variables: dict[str, Fan]


def worlds(engines: list[Engine]) -> list[Fans]:
    """One for each world that the engines do not share."""
    return [
        Fans(engine) for index, engine in enumerate(engines) if all(engine.world is not each.world for each in engines[:index])
    ]


class Fans:
    """Quantiles per day of every variable and signpost of a world over the runs of its block."""

    def __init__(self, engine: Engine) -> None:
        self._state, self._runs = engine.world, engine.phases.phase.size
        world = engine.model.world
        self._levels = [_Series(world.days, self._runs) for _ in world.variables]
        self._observed = [_Series(world.days, self._runs) for _ in world.signposts]

    def add(self, day: int) -> None:
        for series, values in zip(self._levels, self._state.levels, strict=True):
            series.add(day, values)
        for series, values in zip(self._observed, self._state.observed, strict=True):
            series.add(day, values)

    def look(self) -> Look:
        world = self._state.world
        return Look(
            self._fans([(each.name, each.unit) for each in world.signposts], self._observed),
            self._fans([(each.name, each.unit) for each in world.variables], self._levels),
        )

    def _fans(self, names: list[tuple[str, str]], found: list[_Series]) -> dict[str, Fan]:
        pairs = zip(names, found, strict=True)
        return {name: Fan(unit, each.quantiles(), each.samples, self._runs) for (name, unit), each in pairs}


class _Series:
    """One series over the first runs. Of few runs several days are ranked at a time: ranking one costs mostly the call."""

    _TOGETHER = 16

    def __init__(self, days: int, runs: int) -> None:
        self.samples = np.empty((min(runs, SAMPLES), days))
        self._quantiles = np.empty((len(FAN_LEVELS), days))
        self._waiting = np.empty((self._TOGETHER if runs < _MANY else 1, runs))
        self._days: list[int] = []

    def add(self, day: int, values: Floats) -> None:
        self.samples[:, day] = values[: len(self.samples)]
        if values.size == 1:
            self._quantiles[:, day] = values
            return
        self._waiting[len(self._days)] = values
        self._days.append(day)
        if len(self._days) == len(self._waiting):
            self._rank()

    def _rank(self) -> None:
        self._quantiles[:, self._days] = quantiles(self._waiting[: len(self._days)])
        self._days = []

    def quantiles(self) -> Floats:
        """(levels, days)"""
        if self._days:
            self._rank()
        return self._quantiles


_SAMPLED = 64
"""Of many runs one value in so many is looked at first, to learn where the quantiles lie."""
_MANY = 64 * _SAMPLED


def quantiles(values: Floats) -> Floats:
    """(levels, rows): as `np.quantile(values, FAN_LEVELS, axis=1)`, several times faster."""
    place = np.array(FAN_LEVELS) * (values.shape[1] - 1)
    below, above = np.floor(place).astype(np.intp), np.ceil(place).astype(np.intp)
    if values.shape[1] < _MANY:
        ranked = np.sort(values, axis=1)
        lower, upper = ranked[:, below], ranked[:, above]
    else:
        pairs = list(zip(below.tolist(), above.tolist(), strict=True))
        found = np.array([_ranked(row, pairs) for row in values])
        lower, upper = found[..., 0], found[..., 1]
    with np.errstate(invalid="ignore"):  # between two infinities, where a walk overflowed
        between: Floats = lower + (upper - lower) * (place - below)
    return np.where(lower == upper, lower, between).T


def _ranked(row: Floats, pairs: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """The values of pairs of neighbouring ranks: sought only where a sample says that they lie, which is most often right.

    (Floyd and Rivest 1975, "Expected time bounds for selection", Communications of the ACM 18, 165–172.)
    """
    sample = np.sort(row[::_SAMPLED])
    found = []
    for below, above in pairs:
        share = (below + above) / 2 / row.size
        middle, spread = share * sample.size, 3 * (sample.size * share * (1 - share)) ** 0.5 + 2
        low, high = sample[int(max(middle - spread, 0))], sample[int(min(middle + spread, sample.size - 1))]
        near = row[((row >= low) & (row <= high)).nonzero()[0]]
        less = int(np.count_nonzero(row < low))
        if not less <= below <= above < less + near.size:
            near, less = row.copy(), 0
        near.partition((below - less, above - less))
        found.append((near[below - less], near[above - less]))
    return found
