"""An ensemble: blocks of runs, each computed on its own wherever that may be, and merged in order (design §4).

A `Job` says what is to be simulated, `compute` does it for one block and gives a `Part`, and `merged` adds the parts up. What
adds up is integers; quantiles of signposts and variables come from the first block alone. So the answer does not depend on who
computes which block when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from sim import measures
from sim.draws import Block, Floats
from sim.engine import Engine, Paths
from sim.machine import Model
from sim.measures import PairTally, Tally
from sim.results import FAN_LEVELS, Fan

BLOCK = 65_536
"""Runs computed at once. Quantiles of signposts and variables are exact over the first block (design §4)."""
STRIPS = 400
"""Runs whose phases are kept day by day, for pictures."""
SAMPLES = 12
"""Single runs drawn over a fan."""

Progress = Callable[[int], None]
"""Called with the number of run-days done since the last call."""
Watch = Callable[[range, Engine], None]
"""Called at the end of each day of a block, with its runs and the engine of the first model."""


@dataclass(frozen=True)
class PairOf:
    """Two models of a job and the phase, by its index in each, whose first passages are compared run by run."""

    a: int
    b: int
    phase_a: int
    phase_b: int


@dataclass(frozen=True)
class Job:
    """Policies on one scenario, simulated on the same draws."""

    models: tuple[Model, ...]
    seed: int
    pairs: tuple[PairOf, ...] = ()
    rivals: tuple[tuple[Model, ...], ...] = ()
    """per model: the same with a rival reading of one threshold each, simulated beside it in the first block"""
    table: bool = False
    """keep a row for each run"""

    @property
    def single_path(self) -> bool:
        """Nothing in any of its models and rivals is uncertain."""
        return all(model.single_path for model in (*self.models, *(model for those in self.rivals for model in those)))

    @property
    def days(self) -> int:
        return self.models[0].world.days

    def blocks(self, runs: int, first: int = 0) -> list[range]:
        """Runs first … first+runs−1, a block each. What is not uncertain is one path, whatever `runs` says."""
        end = first + (1 if self.single_path else runs)
        return [range(start, min(start + BLOCK, end)) for start in range(first, end, BLOCK)]

    def compute(self, runs: range, progress: Progress | None = None, watch: Watch | None = None) -> Part:
        """Simulate one block; the one that begins with run 0 leads."""
        return compute(self, runs, leading=runs.start == 0, progress=progress, watch=watch)


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
class Look:
    """What is kept of the first block for pictures: quantiles and a few single runs."""

    signposts: dict[str, Fan]
    variables: dict[str, Fan]


@dataclass(frozen=True)
class Part:
    """What one block of a job leaves: all that `merged` needs, a few kilobytes unless rows are kept."""

    runs: range
    tallies: tuple[Tally | None, ...]
    """per model; None where a model that is one path was counted in the first block"""
    pairs: tuple[PairTally, ...]
    rivals: tuple[tuple[Tally, ...], ...] = ()
    looks: tuple[Look, ...] = ()
    """of the first block: one for all models that share their world, or one each"""
    strips: tuple[NDArray[np.int8], ...] = ()
    """per model, of the first block"""
    tables: tuple[RunTable, ...] = ()


@dataclass(frozen=True)
class Ensemble:
    """What an ensemble of one model leaves: counts over all runs, fans over the first block, and a table if asked for."""

    model: Model
    seed: int
    tally: Tally
    signposts: dict[str, Fan]
    variables: dict[str, Fan]
    strips: NDArray[np.int8]
    rivals: tuple[tuple[Model, Tally], ...] = ()
    """with a rival reading of one threshold each, over the first block"""
    table: RunTable | None = None


def run_ensemble(model: Model, seed: int, runs: int, *, first: int = 0, table: bool = False) -> Ensemble:
    """Runs first … first+runs−1 of one model, here and now. A model without uncertainty is one path."""
    job = Job((model,), seed, table=table)
    parts = [compute(job, block, leading=block.start == first) for block in job.blocks(runs, first)]
    (ensemble,) = merged(job, parts).ensembles
    return replace(ensemble, table=_joined([part.tables[0] for part in parts]) if table else None)


# One block -----------------------------------------------------------------------------------------------------------------


def compute(job: Job, runs: range, *, leading: bool, progress: Progress | None = None, watch: Watch | None = None) -> Part:
    """Simulate one block of a job. The `leading` one also leaves what pictures need, and the rival readings."""
    rivals = job.rivals if leading else ()
    engines = _engines(job, (*job.models, *(model for those in rivals for model in those)), runs)
    fans = _worlds(engines[: len(job.models)]) if leading else []
    for day in range(job.days):
        for engine in engines:
            engine.step()
        for fan in fans:
            fan.add(day)
        if watch:
            watch(runs, engines[0])
        if progress:
            progress(len(runs))
    paths = [engine.paths() for engine in engines]
    passages = [measures.first_passages(each) for each in paths]
    tallies = [
        measures.tally(path, len(engine.model.machine.transitions), first)
        for engine, path, (first, _) in zip(engines, paths, passages, strict=True)
    ]
    count = len(job.models)
    once = [model.single_path and not leading for model in job.models]
    return Part(
        runs,
        tuple(None if done else tally for done, tally in zip(once, tallies[:count], strict=True)),
        tuple(_pair(job, pair, [first for first, _ in passages]) for pair in job.pairs),
        _nested(tallies[count:], [len(those) for those in rivals]),
        tuple(fan.look() for fan in fans),
        tuple(measures.strips(path, min(path.runs, STRIPS)) for path in paths[:count]) if leading else (),
        tuple(_table(*each) for each in zip(engines[:count], paths[:count], passages[:count], strict=True)) if job.table else (),
    )


def _engines(job: Job, models: Iterable[Model], runs: range) -> list[Engine]:
    """An engine for each model. Those whose world does not answer to the policy share one: it is drawn and stepped once."""
    engines: list[Engine] = []
    for model in models:
        block = Block.plain(0, 1) if model.single_path and not job.single_path else Block.plain(runs.start, len(runs))
        first = engines[0] if engines else None
        share = first is not None and not model.reactive and first.model.world == model.world
        engines.append(Engine(model, job.seed, block, beside=first if share else None))
    return engines


def _worlds(engines: list[Engine]) -> list[_Fans]:
    """One for each world that the engines do not share."""
    return [
        _Fans(engine) for index, engine in enumerate(engines) if all(engine.world is not each.world for each in engines[:index])
    ]


def _pair(job: Job, pair: PairOf, first: list[NDArray[np.int32]]) -> PairTally:
    return measures.pair_tally(first[pair.a][pair.phase_a], first[pair.b][pair.phase_b], job.days)


def _nested(tallies: list[Tally], sizes: list[int]) -> tuple[tuple[Tally, ...], ...]:
    rest = iter(tallies)
    return tuple(tuple(next(rest) for _ in range(size)) for size in sizes)


def _table(engine: Engine, paths: Paths, passages: tuple[NDArray[np.int32], NDArray[np.int32]]) -> RunTable:
    return RunTable(
        {each.path: engine.numbers(each) for each in engine.model.uncertain},
        *passages,
        paths.final_phase,
        measures.days_in_phases(paths),
        measures.transition_counts(paths),
    )


def _joined(tables: list[RunTable]) -> RunTable:
    names = [field.name for field in fields(RunTable) if field.name != "factors"]
    return RunTable(
        {path: np.concatenate([each.factors[path] for each in tables]) for path in tables[0].factors},
        *(np.concatenate([getattr(each, name) for each in tables], axis=-1) for name in names),
    )


class _Fans:
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
    """One series over the first runs. Days are ranked several at a time: ranking one alone costs mostly the call."""

    _TOGETHER = 16

    def __init__(self, days: int, runs: int) -> None:
        self.samples = np.empty((min(runs, SAMPLES), days))
        self._quantiles = np.empty((len(FAN_LEVELS), days))
        self._waiting = np.empty((self._TOGETHER, runs))
        self._days: list[int] = []

    def add(self, day: int, values: Floats) -> None:
        self.samples[:, day] = values[: len(self.samples)]
        if values.size == 1:
            self._quantiles[:, day] = values
            return
        self._waiting[len(self._days)] = values
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


_SAMPLED = 64
"""One value in so many is looked at first, to learn where the quantiles lie."""


def _quantiles(values: Floats) -> Floats:
    """(levels, rows): as `np.quantile(values, FAN_LEVELS, axis=1)`, several times faster."""
    place = np.array(FAN_LEVELS) * (values.shape[1] - 1)
    below, above = np.floor(place).astype(np.intp), np.ceil(place).astype(np.intp)
    if values.shape[1] < 64 * _SAMPLED:
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


# All blocks ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Merged:
    """A job's ensembles, one a model, and its pairs of first passages."""

    ensembles: tuple[Ensemble, ...]
    pairs: tuple[PairTally, ...]


def merged(job: Job, parts: Iterable[Part]) -> Merged:
    """Add up the parts of all blocks, the leading one first. One part at a time is held."""
    rest: Iterator[Part] = iter(parts)
    lead = next(rest)
    tallies, pairs = [tally for tally in lead.tallies if tally], list(lead.pairs)
    for part in rest:
        tallies = [total + more if more else total for total, more in zip(tallies, part.tallies, strict=True)]
        pairs = [total + more for total, more in zip(pairs, part.pairs, strict=True)]
    looks = lead.looks * len(job.models) if len(lead.looks) == 1 else lead.looks
    beside = [tuple(zip(*each, strict=True)) for each in zip(job.rivals, lead.rivals, strict=True)] or [()] * len(tallies)
    ensembles = (
        Ensemble(model, job.seed, tally, look.signposts, look.variables, strips, rivals)
        for model, tally, look, strips, rivals in zip(job.models, tallies, looks, lead.strips, beside, strict=True)
    )
    return Merged(tuple(ensembles), tuple(pairs))
