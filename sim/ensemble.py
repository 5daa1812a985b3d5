"""An ensemble: blocks of runs, computed one after the other and added up (design §4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import measures
from sim.draws import Block, Floats
from sim.engine import Engine, Paths
from sim.machine import Model
from sim.results import FAN_LEVELS, Fan

BLOCK = 32_768
"""Runs computed at once."""
FAN_RUNS = 65_536
"""Quantiles of signposts and variables are exact over so many first runs."""
STRIPS = 400
"""Runs whose phases are kept day by day, for pictures."""
SAMPLES = 12
"""Single runs drawn over a fan."""

Progress = Callable[[int], None]
"""Called with the number of run-days done since the last call."""


@dataclass(frozen=True)
class RunTable:
    """One row a run, as `runs.csv` has it."""

    factors: dict[str, Floats]
    """uncertain numbers by dotted path, (runs,) each"""
    first: NDArray[np.int32]
    """(phases, runs); measures.NEVER where a phase is not reached"""
    decided: NDArray[np.int32]
    final_phase: NDArray[np.int8]
    days: NDArray[np.int64]
    """(phases, runs)"""
    transitions: NDArray[np.int64]


@dataclass(frozen=True)
class Ensemble:
    """What an ensemble of one model leaves: counts over all runs, fans over the first, and a table if it was asked for."""

    model: Model
    seed: int
    tally: measures.Tally
    signposts: dict[str, Fan]
    variables: dict[str, Fan]
    strips: NDArray[np.int8]
    first: NDArray[np.int32]
    """(phases, runs); measures.NEVER where a phase is not reached"""
    table: RunTable | None


def run_ensemble(
    model: Model, seed: int, runs: int, *, first: int = 0, table: bool = False, progress: Progress | None = None
) -> Ensemble:
    """Runs first … first+runs−1 of a model. A model without uncertainty is one path, whatever `runs` says."""
    runs = 1 if model.single_path else runs
    fans = _Fans(model, min(runs, FAN_RUNS))
    tallies, firsts, tables = [], [], []
    strips = np.empty((0, 0), np.int8)
    for engine in _blocks(model, seed, range(first, first + runs), fans, progress):
        paths = engine.paths()
        passages = measures.first_passages(paths)
        tallies.append(measures.tally(paths, len(model.machine.transitions)))
        firsts.append(passages[0])
        if len(tallies) == 1:
            strips = measures.strips(paths, min(runs, STRIPS))
        if table:
            tables.append(_table(engine, paths, passages))
    return Ensemble(
        model,
        seed,
        measures.total(tallies),
        fans.signposts(),
        fans.variables(),
        strips,
        np.concatenate(firsts, axis=1),
        _joined(tables) if tables else None,
    )


def _blocks(model: Model, seed: int, runs: range, fans: _Fans, progress: Progress | None) -> Iterator[Engine]:
    """The first FAN_RUNS runs day by day side by side, so that no day of them need be kept; then block after block."""
    blocks = [Block.plain(first, min(BLOCK, runs.stop - first)) for first in range(runs.start, runs.stop, BLOCK)]
    leading = FAN_RUNS // BLOCK
    for group in [blocks[:leading], *([block] for block in blocks[leading:])]:
        engines = [Engine(model, seed, block) for block in group]
        for day in range(model.world.days):
            for engine in engines:
                engine.step()
            if group[0].cases[0] == runs.start:
                fans.add(day, engines)
            if progress:
                progress(sum(block.size for block in group))
        yield from engines


class _Fans:
    """Quantiles per day of every variable and signpost over the first runs."""

    def __init__(self, model: Model, runs: int) -> None:
        self._model, self._runs = model, runs
        self._levels = [_Series(model.world.days, runs) for _ in model.world.variables]
        self._observed = [_Series(model.world.days, runs) for _ in model.world.signposts]

    def add(self, day: int, engines: list[Engine]) -> None:
        for index, series in enumerate(self._levels):
            series.add(day, [engine.levels[index] for engine in engines])
        for index, series in enumerate(self._observed):
            series.add(day, [engine.observed[index] for engine in engines])

    def variables(self) -> dict[str, Fan]:
        return self._fans([(each.name, each.unit) for each in self._model.world.variables], self._levels)

    def signposts(self) -> dict[str, Fan]:
        return self._fans([(each.name, each.unit) for each in self._model.world.signposts], self._observed)

    def _fans(self, names: list[tuple[str, str]], found: list[_Series]) -> dict[str, Fan]:
        pairs = zip(names, found, strict=True)
        return {name: Fan(unit, each.quantiles(), each.samples, self._runs) for (name, unit), each in pairs}


class _Series:
    """One series over the first runs. Days are ranked several at a time: ranking one alone costs mostly the call."""

    _TOGETHER = 16

    def __init__(self, days: int, runs: int) -> None:
        self.samples = np.empty((min(runs, SAMPLES), days))
        self._quantiles = np.empty((len(FAN_LEVELS), days))
        self._waiting = np.empty((self._TOGETHER, runs))
        self._days: list[int] = []

    def add(self, day: int, parts: list[Floats]) -> None:
        self.samples[:, day] = parts[0][: len(self.samples)]
        if parts[0].size == 1:
            self._quantiles[:, day] = parts[0]
            return
        np.concatenate(parts, out=self._waiting[len(self._days)])
        self._days.append(day)
        if len(self._days) == self._TOGETHER:
            self._rank()

    def _rank(self) -> None:
        self._quantiles[:, self._days] = _quantiles(self._waiting[: len(self._days)])
        self._days = []

    def quantiles(self) -> Floats:
        """(levels, days)"""
        if self._days:
            self._rank()
        return self._quantiles


def _quantiles(values: Floats) -> Floats:
    """(levels, rows): as `np.quantile(values, FAN_LEVELS, axis=1)`, in a third of its time."""
    ranked = np.sort(values, axis=1)
    place = np.array(FAN_LEVELS) * (values.shape[1] - 1)
    below, above = np.floor(place).astype(np.intp), np.ceil(place).astype(np.intp)
    lower, upper = ranked[:, below], ranked[:, above]
    with np.errstate(invalid="ignore"):  # between two infinities, where a walk overflowed
        between: Floats = lower + (upper - lower) * (place - below)
    return np.where(lower == upper, lower, between).T


def _table(engine: Engine, paths: Paths, passages: tuple[NDArray[np.int32], NDArray[np.int32]]) -> RunTable:
    return RunTable(
        {each.path: engine.numbers(each) for each in engine.model.uncertain},
        *passages,
        paths.final_phase,
        measures.days_in_phases(paths),
        measures.transition_counts(paths),
    )


def _joined(tables: list[RunTable]) -> RunTable:
    return RunTable(
        {path: np.concatenate([each.factors[path] for each in tables]) for path in tables[0].factors},
        *(
            np.concatenate([getattr(each, name) for each in tables], axis=-1)
            for name in ("first", "decided", "final_phase", "days", "transitions")
        ),
    )
