"""The verbs of phased, for the command line, a notebook and a page alike: names in, typed records out."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import combinations, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sim import measures
from sim.analysis.outcome import grades, result
from sim.analysis.pairs import paired
from sim.analysis.precision import Precision, runs_for, standard_error
from sim.analysis.readings import rival_readings
from sim.analysis.statements import deeds, readings, statement
from sim.draws import Block
from sim.engine import simulate
from sim.ensemble import Job, Merged, PairOf, Part, RunTable, merged, run_ensemble
from sim.errors import BadInput, BadUsage, Problem
from sim.library import Library, Loaded, Pair, shipped_root
from sim.machine import Model, bind, compile_machine
from sim.results import Deed, Grades, PairedPassage, Reading, Result, Statement
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.spec.values import date_of
from sim.work import How, parts
from sim.world import compile_world, days_of

if TYPE_CHECKING:
    from sim.analysis.traces import PathReport

DEFAULT_RUNS = 1_000
DEFAULT_SEED = 1
HERE = How()
"""One block after the other in this process; nothing is kept."""


class Meter(Protocol):
    """Who shows how far the work is."""

    def expect(self, runs: int) -> None:
        """So many more runs are to be done."""

    def add(self, runs: float) -> None:
        """So many runs are done since the last call."""


def model_of(pair: Pair) -> Model:
    """The compiled meeting of a checked scenario and policy."""
    world = compile_world(pair.scenario.spec, pair.scenario.tables)
    return bind(world, compile_machine(pair.policy.spec, world.start))


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
    job = _job([pair], seed)
    (ensemble,) = _simulated(job, runs, how, precision, rows, meter).ensembles
    return Run(pair, job.models[0], result(pair.policy.spec, pair.scenario.spec, ensemble))


def _job(pairs: Sequence[Pair], seed: int) -> Job:
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
class SinglePath:
    """One run of a policy on a scenario, day by day."""

    pair: Pair
    result: Result
    """of this run alone"""
    report: PathReport


def path(
    scenario: str,
    policy: str | None = None,
    *,
    run: int = 0,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
) -> SinglePath:
    """The dated transitions of run number `run` of an ensemble under `seed`. Raises BadInput or BadUsage."""
    if run < 0:
        raise BadUsage(f"--run must not be below 0, got {run}")
    return path_of((library or Library()).load_pair(scenario, policy, sets), run=run, seed=seed)


def path_of(pair: Pair, *, run: int = 0, seed: int = DEFAULT_SEED) -> SinglePath:
    """As `path`, of a pair that is already loaded."""
    from sim import reference  # only here, so that an ensemble starts without it
    from sim.analysis.traces import path_report

    model = model_of(pair)
    number = 0 if model.single_path else run
    trace = reference.walk(model, seed, number, number)
    alone = run_ensemble(model, seed, 1, first=number)
    outcome = result(pair.policy.spec, pair.scenario.spec, alone)
    return SinglePath(pair, outcome, path_report(pair.policy.spec, model, trace, seed=seed, run=number))


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
    jobs = [_job(those, seed) for those in scenarios]
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


def pairs_of(
    scenarios: Sequence[str], policies: Sequence[str], *, sets: Sequence[str] = (), library: Library | None = None
) -> list[Pair]:
    """Every policy with every scenario, scenario by scenario. Raises BadInput with the mistakes of all files, or BadUsage."""
    if len(set(policies)) < len(policies) or len(set(scenarios)) < len(scenarios):
        raise BadUsage("each scenario and each policy can be named once")
    if not policies or not scenarios:
        raise BadUsage("compare needs at least one scenario and one --policy")
    library = library or Library()
    with gathered() as attempt:
        loaded = [pair for scenario in scenarios for policy in policies for pair in attempt(library, scenario, policy, sets)]
    _told_apart(loaded)
    return loaded


def _told_apart(loaded: Sequence[Pair]) -> None:
    """Two files may bear one `name:`, and tables and charts could not tell them apart."""
    names = Counter((pair.scenario.spec.name, pair.policy.spec.name) for pair in loaded)
    for (scenario, policy), times in names.items():
        if times > 1:
            raise BadUsage(f"two of the files bear the same name: {scenario} with {policy}; give each its own `name:`")


@contextmanager
def gathered() -> Iterator[Callable[..., list[Pair]]]:
    """Load several pairs and report the mistakes of all of them at once."""
    problems: list[Problem] = []

    def attempt(library: Library, scenario: str, policy: str | None, sets: Sequence[str]) -> list[Pair]:
        try:
            return [library.load_pair(scenario, policy, sets)]
        except BadInput as error:
            problems.extend(error.problems)
            return []

    yield attempt
    if problems:
        raise BadInput(problems)


@dataclass(frozen=True)
class Hindcast:
    """Statement against behaviour, for each coding of what was reported and each reading of the trigger."""

    codings: tuple[Pair, ...]
    statements: tuple[Statement, ...]
    deeds: tuple[Deed, ...]
    start: dt.date
    end: dt.date
    """the last day that a coding covers"""
    grades: Grades
    """of the first coding"""


def hindcast(
    scenarios: Sequence[str], policy: str | None = None, *, sets: Sequence[str] = (), library: Library | None = None
) -> Hindcast:
    """When a rule falls due under each reading of it, on each coding of what was reported. Raises BadInput or BadUsage."""
    if not scenarios:
        raise BadUsage("hindcast needs at least one scenario")
    library = library or Library()
    with gathered() as attempt:
        codings = [pair for scenario in scenarios for pair in attempt(library, scenario, policy, sets)]
    done = deeds({id_: fact for pair in codings for id_, fact in pair.scenario.facts.items()})
    statements = [each for pair in codings for each in _statements(pair, done)]
    starts = [pair.scenario.spec.start for pair in codings]
    ends = [date_of(days_of(pair.scenario.spec.days) - 1, pair.scenario.spec.start) for pair in codings]
    counts = grades(codings[0].policy.spec, codings[0].scenario.spec)
    return Hindcast(tuple(codings), tuple(statements), done, min(starts), max(ends), counts)


def _statements(pair: Pair, done: Sequence[Deed]) -> Iterator[Statement]:
    phases = list(pair.policy.spec.phases)
    unknown = sorted({deed.phase for deed in done} - set(phases))
    if unknown:
        raise BadUsage(f"the ledgers' facts name phases that {pair.policy.spec.name} does not have: {', '.join(unknown)}")
    world = model_of(pair).world
    for name, note, policy in readings(pair.policy.spec):
        model = bind(world, compile_machine(policy, world.start))
        if not model.single_path:
            raise BadUsage(f"hindcast needs a plain scenario: {pair.scenario.spec.name} on {pair.policy.spec.name} is uncertain")
        first, _ = measures.first_passages(simulate(model, DEFAULT_SEED, Block.plain(0, 1)))
        for index, phase in enumerate(model.machine.phases[1:], start=1):
            day = int(first[index, 0])
            due = None if day == measures.NEVER else date_of(day, model.world.start)
            reading = Reading(pair.scenario.spec.name, pair.scenario.spec.title, name, note, phase.name, phase.label, due)
            yield statement(reading, done, phases)


def inputs_of(pairs: Sequence[Pair]) -> Mapping[str, str]:
    """Every file that was read, with its sha256: `shipped:scenarios/…`, or the path as seen from the own folder."""
    return {_shown(each.path.resolve()): each.sha256 for pair in pairs for each in pair.inputs}


def _shown(file: Path) -> str:
    """Shipped files by their place among these, so that a manifest is the same on every machine."""
    for prefix, folder in (("shipped:", shipped_root().resolve()), ("", Path.cwd())):
        if file.is_relative_to(folder):
            return prefix + file.relative_to(folder).as_posix()
    return file.as_posix()


@dataclass(frozen=True)
class Finding:
    """What `check` has to say of a file."""

    level: Literal["error", "warning", "note"]
    rule: str
    problem: Problem


def check(files: Sequence[str], *, library: Library | None = None) -> tuple[Finding, ...]:
    """Read files by name or path: every mistake in each, and in each scenario with the policies named (or its own)."""
    library = library or Library()
    findings: dict[Finding, None] = {}
    scenarios: list[tuple[str, Scenario]] = []
    policies: list[str] = []
    for file in files:
        found, loaded = _tried(library.load_any, file)
        findings |= dict.fromkeys(found)
        spec = loaded.spec if isinstance(loaded, Loaded) else None
        if isinstance(spec, Scenario):
            scenarios.append((file, spec))
        elif isinstance(spec, Policy):
            policies.append(file)
    for file, scenario in scenarios:
        own: list[str | None] = [None] if scenario.policy else []
        for policy in policies or own:
            findings |= dict.fromkeys(_tried(library.load_pair, file, policy)[0])
    return tuple(findings)


def _tried(load: Callable[..., Loaded[Any] | Pair], *names: str | None) -> tuple[list[Finding], Loaded[Any] | Pair | None]:
    """What is wrong with a file or a pair, and the record where nothing is."""
    try:
        loaded = load(*names)
    except BadInput as error:
        return [Finding("error", "file", problem) for problem in error.problems], None
    return [Finding("warning", "file", problem) for problem in loaded.warnings], loaded
