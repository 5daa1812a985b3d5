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
from sim.numbers import Numbers
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
    for block, paths in _blocks(model, seed, range(first, first + runs), fans, progress):
        tallies.append(measures.tally(paths, len(model.machine.transitions)))
        firsts.append(measures.first_passages(paths)[0])
        if len(tallies) == 1:
            strips = measures.strips(paths, min(runs, STRIPS))
        if table:
            tables.append(_table(model, seed, block, paths))
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


def _blocks(model: Model, seed: int, runs: range, fans: _Fans, progress: Progress | None) -> Iterator[tuple[Block, Paths]]:
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
        for block, engine in zip(group, engines, strict=True):
            yield block, engine.paths()


class _Fans:
    """Quantiles per day of every variable and signpost over the first runs."""

    def __init__(self, model: Model, runs: int) -> None:
        self._model, self._runs = model, runs
        days, samples = model.world.days, min(runs, SAMPLES)

        def room(count: int) -> tuple[Floats, Floats]:
            return np.empty((count, len(FAN_LEVELS), days)), np.empty((count, samples, days))

        self._levels, self._observed = room(len(model.world.variables)), room(len(model.world.signposts))

    def add(self, day: int, engines: list[Engine]) -> None:
        self._put(self._levels, day, [engine.levels for engine in engines])
        self._put(self._observed, day, [engine.observed for engine in engines])

    def _put(self, room: tuple[Floats, Floats], day: int, blocks: list[list[Floats]]) -> None:
        quantiles, samples = room
        for index, parts in enumerate(zip(*blocks, strict=True)):
            values = parts[0] if len(parts) == 1 or parts[0].size == 1 else np.concatenate(parts)
            quantiles[index, :, day] = values if values.size == 1 else _quantiles(values)
            samples[index, :, day] = values[: samples.shape[1]]

    def variables(self) -> dict[str, Fan]:
        return self._fans([(each.name, each.unit) for each in self._model.world.variables], self._levels)

    def signposts(self) -> dict[str, Fan]:
        return self._fans([(each.name, each.unit) for each in self._model.world.signposts], self._observed)

    def _fans(self, names: list[tuple[str, str]], room: tuple[Floats, Floats]) -> dict[str, Fan]:
        quantiles, samples = room
        return {name: Fan(unit, quantiles[i], samples[i], self._runs) for i, (name, unit) in enumerate(names)}


def _quantiles(values: Floats) -> Floats:
    """As `np.quantile(values, FAN_LEVELS)`, a tenth of its time on a thousand runs."""
    ranked = np.sort(values)
    below, share = np.divmod(np.array(FAN_LEVELS) * (values.size - 1), 1)
    lower = ranked[below.astype(np.intp)]
    upper = ranked[np.ceil(np.array(FAN_LEVELS) * (values.size - 1)).astype(np.intp)]
    quantiles: Floats = lower + (upper - lower) * share
    return quantiles


def _table(model: Model, seed: int, block: Block, paths: Paths) -> RunTable:
    numbers = Numbers(seed, block)
    first, decided = measures.first_passages(paths)
    return RunTable(
        {each.path: numbers(each) for each in model.uncertain},
        first,
        decided,
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
