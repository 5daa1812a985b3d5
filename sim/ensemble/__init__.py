"""An ensemble: blocks of runs, each computed on its own wherever that may be, and merged in order (design §4).

A `Job` says what is to be simulated, `compute` does it for one block and gives a `Part`, and `merged` adds the parts up. What
adds up is integers; quantiles of signposts and variables come from the first block alone. So the answer does not depend on who
computes which block when.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sim import measures
from sim.draws import Block, Floats
from sim.engine import Engine, Paths
from sim.ensemble.daily import Alarm, PartingOf
from sim.ensemble.fans import Fans, worlds
from sim.ensemble.fans import Look as Look
from sim.machine import Model
from sim.measures import PairTally, PartingTally, Tally
from sim.results import Fan

BLOCK = 65_536
"""Runs computed at once. Quantiles of signposts and variables are exact over the first block (design §4)."""
STRIPS = 400
"""Runs whose phases are kept day by day, for pictures."""
Progress = Callable[[int], None]
"""Called with the number of run-days done since the last call."""
Watch = Callable[[range, Engine], None]
"""Called at the end of each day of a block, with its runs and the engine of the first model."""


@dataclass(frozen=True)
class PairOf:
    """Two models of a job, by their places in `Job.all`, and the phase, by its index in each, whose first passages are compared
    run by run."""

    a: int
    b: int
    phase_a: int
    phase_b: int


Two = tuple[int, int]
"""Two models of a job, by their places in `Job.all`, whose phases are compared day by day."""


@dataclass(frozen=True)
class Beside:
    """What is tried beside the models of a job in its first block alone, to see what it would change."""

    trials: tuple[Model, ...] = ()
    pairs: tuple[PairOf, ...] = ()
    partings: tuple[Two, ...] = ()


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
    partings: tuple[Two, ...] = ()
    beside: Beside = Beside()
    twins: tuple[Model, ...] = ()
    """per model: a policy with the same phases that sees the model's own world perfectly; days late and of false alarm are
    counted against it"""

    @property
    def all(self) -> tuple[Model, ...]:
        """Its models, then their rivals, then what else is tried beside them."""
        return (*self.models, *(model for those in self.rivals for model in those), *self.beside.trials)

    @property
    def single_path(self) -> bool:
        """Nothing in any of its models, their rivals, trials and twins is uncertain."""
        return all(model.single_path for model in (*self.all, *self.twins))

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
class Part:
    """What one block of a job leaves: all that `merged` needs, a few kilobytes unless rows are kept."""

    runs: range
    tallies: tuple[Tally | None, ...]
    """per model; None where a model that is one path was counted in the first block"""
    pairs: tuple[PairTally | None, ...]
    """None where both models are one path, which was counted in the first block; so in `partings`"""
    rivals: tuple[tuple[Tally, ...], ...] = ()
    looks: tuple[Look, ...] = ()
    """of the first block: one for all models that share their world, or one each"""
    strips: tuple[NDArray[np.int8], ...] = ()
    """per model, of the first block"""
    tables: tuple[RunTable, ...] = ()
    partings: tuple[PartingTally | None, ...] = ()
    beside: tuple[tuple[Tally, ...], tuple[PairTally, ...], tuple[PartingTally, ...]] = ((), (), ())
    """of the first block: of its trials, pairs and partings"""
    products: NDArray[np.int64] | None = None
    """of `measures.days_that_cost` of all models, where the job has twins"""


@dataclass(frozen=True)
class Ensemble:
    """What an ensemble of one model leaves: counts over all runs, fans over the first block, and a table if asked for."""

    model: Model
    seed: int
    tally: Tally
    signposts: dict[str, Fan]
    variables: dict[str, Fan]
    strips: NDArray[np.int8]
    lead: Tally
    """over the first block alone, as `rivals` are"""
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
    """Simulate one block of a job. The `leading` one also leaves what pictures need, the rival readings and the trials."""
    done = _stepped(job, runs, leading, progress, watch)
    models, count = job.all if leading else job.models, len(job.models)
    once = done.once
    passages = [measures.first_passages(each) for each in done.paths]
    first = [each for each, _ in passages]
    tallies = [
        measures.tally(path, len(model.machine.transitions), own)
        for model, path, own in zip(models, done.paths, first, strict=True)
    ]
    return Part(
        runs,
        tuple(None if counted else tally for counted, tally in zip(once[:count], tallies, strict=False)),
        tuple(None if once[pair.a] and once[pair.b] else _pair(job, pair, first) for pair in job.pairs),
        _nested(tallies[count:], [len(those) for those in job.rivals]) if leading else (),
        done.looks,
        tuple(measures.strips(path, min(path.runs, STRIPS)) for path in done.paths[:count]) if leading else (),
        tuple(_table(*each) for each in zip(done.factors, done.paths, passages, strict=False)),
        done.partings,
        _beside(job, tallies, first, done.tried) if leading else ((), (), ()),
        _products(done, first, len(runs)) if done.twins else None,
    )


@dataclass(frozen=True)
class _Stepped:
    """What the engines of a block leave. They are gone when it is measured, since that needs memory of its own."""

    once: list[bool]
    """which models are one path that the first block has counted"""
    paths: list[Paths]
    factors: list[dict[str, Floats]]
    """per model the values of its uncertain numbers, where rows are kept"""
    looks: tuple[Look, ...]
    partings: tuple[PartingTally | None, ...]
    tried: tuple[PartingTally, ...]
    twins: list[Paths]
    above: list[NDArray[np.int32]]
    """per twin the days on which its policy stands above it"""


def _stepped(job: Job, runs: range, leading: bool, progress: Progress | None, watch: Watch | None) -> _Stepped:
    engines = _engines(job, job.all if leading else job.models, runs)
    twins = _twins(job, engines, runs)
    models = len(job.models)
    once = [not leading and engine.model.single_path for engine in engines]
    fans = worlds(engines[:models]) if leading else []
    partings = [None if once[a] and once[b] else PartingOf(engines[a], engines[b]) for a, b in job.partings]
    tried = [PartingOf(engines[a], engines[b]) for a, b in job.beside.partings] if leading else []
    alarms = [Alarm(*each) for each in zip(engines, twins, strict=False)]
    daily: list[Fans | PartingOf | Alarm] = [*fans, *(each for each in partings if each), *tried, *alarms]
    for day in range(job.days):
        for engine in (*engines, *twins):
            engine.step()
        for each in daily:
            each.add(day)
        if watch:
            watch(runs, engines[0])
        if progress:
            progress(len(runs))
    return _Stepped(
        once,
        [engine.paths() for engine in engines],
        [{each.path: engine.numbers(each) for each in engine.model.uncertain} for engine in engines[:models] if job.table],
        tuple(fan.look() for fan in fans),
        tuple(each.tally() if each else None for each in partings),
        tuple(each.tally() for each in tried),
        [twin.paths() for twin in twins],
        [each.days for each in alarms],
    )


def _beside(
    job: Job, tallies: list[Tally], first: list[NDArray[np.int32]], partings: tuple[PartingTally, ...]
) -> tuple[tuple[Tally, ...], tuple[PairTally, ...], tuple[PartingTally, ...]]:
    trials = tallies[len(tallies) - len(job.beside.trials) :]
    pairs = (_pair(job, pair, first) for pair in job.beside.pairs)
    return tuple(trials), tuple(pairs), partings


def _products(done: _Stepped, first: list[NDArray[np.int32]], runs: int) -> NDArray[np.int64]:
    rows = (
        measures.days_that_cost(path, own, measures.first_passages(twin)[0], above)
        for path, own, twin, above in zip(done.paths, first, done.twins, done.above, strict=False)
    )
    return measures.products(rows, runs)


def _engines(job: Job, models: Iterable[Model], runs: range) -> list[Engine]:
    """An engine for each model. Those whose world does not answer to the policy share one: it is drawn and stepped once."""
    engines: list[Engine] = []
    alone = job.single_path
    for model in models:
        first = engines[0] if engines else None
        share = first is not None and not model.reactive and first.model.world == model.world
        engines.append(Engine(model, job.seed, _block(model, runs, alone=alone), beside=first if share else None))
    return engines


def _twins(job: Job, engines: list[Engine], runs: range) -> list[Engine]:
    """Each in the world of its policy, held at what that makes of it."""
    alone = bool(job.twins) and job.single_path
    found = []
    for engine, twin in zip(engines, job.twins, strict=False):
        block = _block(twin if engine.model.single_path else engine.model, runs, alone=alone)
        found.append(Engine(twin, job.seed, block, beside=engine, held=True))
    return found


def _block(model: Model, runs: range, *, alone: bool) -> Block:
    """Of a model that is one path beside others that are not (they are all `alone`), one run is enough."""
    return Block.plain(0, 1) if not alone and model.single_path else Block.plain(runs.start, len(runs))


def _pair(job: Job, pair: PairOf, first: list[NDArray[np.int32]]) -> PairTally:
    return measures.pair_tally(first[pair.a][pair.phase_a], first[pair.b][pair.phase_b], job.days)


def _nested(tallies: list[Tally], sizes: list[int]) -> tuple[tuple[Tally, ...], ...]:
    rest = iter(tallies)
    return tuple(tuple(next(rest) for _ in range(size)) for size in sizes)


def _table(factors: dict[str, Floats], paths: Paths, passages: tuple[NDArray[np.int32], NDArray[np.int32]]) -> RunTable:
    return RunTable(
        factors,
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


# All blocks ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Merged:
    """A job's ensembles, one a model, and what was counted between them."""

    ensembles: tuple[Ensemble, ...]
    pairs: tuple[PairTally, ...]
    partings: tuple[PartingTally, ...]
    lead: Part
    """the first block, without what the ensembles have of it"""
    products: NDArray[np.int64] | None


def merged(job: Job, parts: Iterable[Part]) -> Merged:
    """Add up the parts of all blocks, the leading one first. One part at a time is held."""
    rest: Iterator[Part] = iter(parts)
    lead = next(rest)
    tallies, pairs, partings = _there(lead.tallies), _there(lead.pairs), _there(lead.partings)
    products = lead.products
    for part in rest:
        tallies = [total + more if more else total for total, more in zip(tallies, part.tallies, strict=True)]
        pairs = [total + more if more else total for total, more in zip(pairs, part.pairs, strict=True)]
        partings = [total + more if more else total for total, more in zip(partings, part.partings, strict=True)]
        products = None if products is None or part.products is None else products + part.products
    looks = lead.looks * len(job.models) if len(lead.looks) == 1 else lead.looks
    beside = [tuple(zip(*each, strict=True)) for each in zip(job.rivals, lead.rivals, strict=True)] or [()] * len(tallies)
    ensembles = (
        Ensemble(model, job.seed, tally, look.signposts, look.variables, strips, first, rivals)
        for model, tally, look, strips, first, rivals in zip(
            job.models, tallies, looks, lead.strips, _there(lead.tallies), beside, strict=True
        )
    )
    kept = replace(lead, looks=(), strips=(), tables=(), rivals=())
    return Merged(tuple(ensembles), tuple(pairs), tuple(partings), kept, products)


T = TypeVar("T")


def _there(counts: Iterable[T | None]) -> list[T]:
    """Of the leading block, which leaves out nothing."""
    return [each for each in counts if each is not None]
