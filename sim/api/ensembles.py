"""Ensembles: a policy on a scenario (`run`), and every policy on every scenario on the same draws (`compare`)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import combinations, groupby
from pathlib import Path
from typing import Protocol

from sim.analysis.outcome import result
from sim.analysis.pairs import paired
from sim.analysis.precision import Precision, runs_for, standard_error
from sim.analysis.readings import rival_readings
from sim.api.pairs import DEFAULT_SEED, model_of, pairs_of
from sim.ensemble import Job, Merged, PairOf, Part, RunTable, merged
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.machine import Model, bind, compile_machine
from sim.results import PairedPassage, Result
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
    _checked(runs, precision)
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
    return Job(models, seed, tuple(_comparisons(models)), rivals)


def _comparisons(models: Sequence[Model]) -> Iterator[PairOf]:
    """Per two policies the phases above the lowest that both have."""
    for (a, one), (b, other) in combinations(enumerate(models), 2):
        names = [phase.name for phase in other.machine.phases]
        for index, phase in enumerate(one.machine.phases[1:], start=1):
            if phase.name in names[1:]:
                yield PairOf(a, b, index, names.index(phase.name))


def _checked(runs: int, precision: Precision | None) -> None:
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
    with _keeping(how, precision) as how:
        if precision:
            runs = _precise(job, runs, how, precision, meter)
        job = replace(job, table=rows is not None and runs <= rows.at_most)
        return _gathered(job, runs, how, meter, rows)


@contextmanager
def _keeping(how: How, precision: Precision | None) -> Iterator[How]:
    """With a folder for finished blocks where the number of runs is sought, so that none is computed twice."""
    if precision is None or how.unfinished:
        yield how
        return
    with tempfile.TemporaryDirectory(prefix="phased-") as folder:
        yield replace(how, unfinished=Path(folder))


def _precise(job: Job, runs: int, how: How, precision: Precision, meter: Meter | None) -> int:
    """The number of runs that makes the measure precise enough."""
    how = replace(how, trajectories=None)
    while not job.single_path:
        found = _gathered(job, runs, how, meter)
        error = max(standard_error(ensemble, precision.measure) for ensemble in found.ensembles)
        if error <= precision.error:
            break
        runs = runs_for(precision.error, runs, error)
    return runs


def _gathered(job: Job, runs: int, how: How, meter: Meter | None, rows: Rows | None = None) -> Merged:
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


@dataclass(frozen=True)
class Comparison:
    """Policies on scenarios, all on the same draws."""

    cells: tuple[Run, ...]
    """scenario by scenario, policy by policy"""
    pairs: tuple[PairedPassage, ...]
    """per scenario, pair of policies and phase above the lowest that both have"""


def compare(
    scenarios: Sequence[str],
    policies: Sequence[str],
    *,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    how: How = HERE,
    precision: Precision | None = None,
    meter: Meter | None = None,
) -> Comparison:
    """Every policy on every scenario, on the same draws. Raises BadInput with the mistakes of all files, BadUsage, WorkFailed."""
    loaded = pairs_of(scenarios, policies, sets=sets, library=library)
    return compare_pairs(loaded, runs=runs, seed=seed, how=how, precision=precision, meter=meter)


def compare_pairs(
    loaded: Sequence[Pair],
    *,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    how: How = HERE,
    precision: Precision | None = None,
    meter: Meter | None = None,
) -> Comparison:
    """As `compare`, of pairs that `pairs_of` loaded."""
    _checked(runs, precision)
    scenarios = [list(those) for _, those in groupby(loaded, key=lambda pair: pair.scenario.spec.name)]
    jobs = [job_of(those, seed) for those in scenarios]
    cells: list[Run] = []
    pairs: list[PairedPassage] = []
    with _keeping(how, precision) as how:
        places = [replace(how, unfinished=how.unfinished / str(each)) if how.unfinished else how for each in range(len(jobs))]
        if precision:  # all have as many runs as the one that needs the most
            runs = max(_precise(job, runs, place, precision, meter) for job, place in zip(jobs, places, strict=True))
        for those, job, place in zip(scenarios, jobs, places, strict=True):
            found = _gathered(job, runs, place, meter)
            here = _cells(those, found)
            cells += here
            pairs += _pairs(job, found, here)
    return Comparison(tuple(cells), tuple(pairs))


def _cells(loaded: Sequence[Pair], found: Merged) -> list[Run]:
    return [
        Run(pair, each.model, result(pair.policy.spec, pair.scenario.spec, each))
        for pair, each in zip(loaded, found.ensembles, strict=True)
    ]


def _pairs(job: Job, found: Merged, cells: Sequence[Run]) -> Iterator[PairedPassage]:
    for each, counts in zip(job.pairs, found.pairs, strict=True):
        a, b = cells[each.a].result, cells[each.b].result
        phase = a.phases[each.phase_a].name
        first = a.first_passage[phase], b.first_passage[phase]
        yield paired(counts, *first, scenario=a.scenario, names=(a.policy, b.policy), phase=phase)
