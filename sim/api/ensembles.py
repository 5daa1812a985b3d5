"""Ensembles: a policy on a scenario (`run`), as many runs as are wanted or as precision takes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Protocol

from sim.analysis.outcome import result
from sim.analysis.precision import Precision, runs_for, standard_error
from sim.analysis.readings import rival_readings
from sim.api.pairs import DEFAULT_SEED, model_of
from sim.ensemble import Job, Merged, PairOf, Part, RunTable, merged
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.machine import Model, bind, compile_machine
from sim.results import Result
from sim.work import How, parts

DEFAULT_RUNS = 1_000
HERE = How()
"""One block after the other in this process; nothing is kept."""


class Meter(Protocol):
    """Who shows how far the work is."""

    def expect(self, runs: int) -> None:
        """So many more runs are to be done."""

    def add(self, runs: float) -> None:
        """So many runs are done since the last call."""


@dataclass(frozen=True)
class Run:
    """An ensemble of one policy on one scenario."""

    pair: Pair
    model: Model
    result: Result


class Rows(Protocol):
    """Who keeps a row of each run."""

    at_most: float
    """of ensembles with at most so many runs"""

    def __call__(self, model: Model, runs: range, table: RunTable) -> None:
        """The rows of some runs of a model, which come in order."""


def run(
    scenario: str,
    policy: str | None = None,
    *,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    how: How = HERE,
    precision: Precision | None = None,
    rows: Rows | None = None,
    meter: Meter | None = None,
) -> Run:
    """Simulate a policy (default: the scenario's) on a scenario, by name or path. Raises BadInput, BadUsage or WorkFailed."""
    pair = (library or Library()).load_pair(scenario, policy, sets)
    return run_pair(pair, runs=runs, seed=seed, how=how, precision=precision, rows=rows, meter=meter)


def run_pair(
    pair: Pair,
    *,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    how: How = HERE,
    precision: Precision | None = None,
    rows: Rows | None = None,
    meter: Meter | None = None,
) -> Run:
    """As `run`, of a pair that is already loaded."""
    checked(runs, precision)
    job = job_of([pair], seed)
    (ensemble,) = _simulated(job, runs, how, precision, rows, meter).ensembles
    return Run(pair, job.models[0], result(pair.policy.spec, pair.scenario.spec, ensemble))


def job_of(pairs: Sequence[Pair], seed: int) -> Job:
    """Policies on one scenario, compared two by two, each with its rival readings beside it."""
    models = tuple(map(model_of, pairs))
    rivals = tuple(
        tuple(bind(model.world, compile_machine(each.policy, model.world.start)) for each in rival_readings(pair.policy.spec))
        for pair, model in zip(pairs, models, strict=True)
    )
    both = list(combinations(range(len(models)), 2))
    passages = (each for a, b in both for each in pairs_between(models[a], models[b], a, b))
    return Job(models, seed, tuple(passages), rivals, partings=tuple(both))


def pairs_between(one: Model, other: Model, a: int, b: int) -> Iterator[PairOf]:
    """Of the models at places `a` and `b` of a job: the phases above the lowest that both have."""
    names = [phase.name for phase in other.machine.phases]
    for index, phase in enumerate(one.machine.phases[1:], start=1):
        if phase.name in names[1:]:
            yield PairOf(a, b, index, names.index(phase.name))


def checked(runs: int, precision: Precision | None) -> None:
    if runs < 1:
        raise BadUsage(f"--runs must be at least 1, got {runs}")
    if precision and not precision.error > 0:
        raise BadUsage(f"--precision must be above 0, got {precision.error:g}")


def _size(job: Job, runs: int) -> int:
    return sum(map(len, job.blocks(runs)))


def _simulated(
    job: Job, runs: int, how: How, precision: Precision | None = None, rows: Rows | None = None, meter: Meter | None = None
) -> Merged:
    """All that an ensemble leaves; with a `precision`, one of as many runs from `runs` on as it takes."""
    with keeping(how, precision) as how:
        if precision:
            runs = precise(job, runs, how, precision, meter)
        job = replace(job, table=rows is not None and runs <= rows.at_most)
        return gathered(job, runs, how, meter, rows)


@contextmanager
def keeping(how: How, precision: Precision | None) -> Iterator[How]:
    """With a folder for finished blocks where the number of runs is sought, so that none is computed twice."""
    if precision is None or how.unfinished:
        yield how
        return
    with tempfile.TemporaryDirectory(prefix="phased-") as folder:
        yield replace(how, unfinished=Path(folder))


def precise(job: Job, runs: int, how: How, precision: Precision, meter: Meter | None) -> int:
    """The number of runs that makes the measure precise enough."""
    how = replace(how, trajectories=None)
    while not job.single_path:
        found = gathered(job, runs, how, meter)
        error = max(standard_error(ensemble, precision.measure) for ensemble in found.ensembles)
        if error <= precision.error:
            break
        runs = runs_for(precision.error, runs, error)
    return runs


def gathered(job: Job, runs: int, how: How, meter: Meter | None, rows: Rows | None = None) -> Merged:
    if meter:
        meter.expect(_size(job, runs))
    with closing(parts(job, runs, how, meter.add if meter else None)) as found:  # so that workers end with an interrupt here
        return merged(job, _handed_on(job, found, rows))


def _handed_on(job: Job, found: Iterator[Part], rows: Rows | None) -> Iterator[Part]:
    """The same parts; the rows of each go to where they are kept, so that they need not stay in memory."""
    for part in found:
        for model, tally, table in zip(job.models, part.tallies, part.tables, strict=False):  # there may be no tables
            assert rows is not None  # a job has tables only for somebody who wants them
            if tally:  # one path has one row, whatever stands beside it
                rows(model, part.runs[: tally.runs], table)
        yield replace(part, tables=())
