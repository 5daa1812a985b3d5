"""The verbs of phased, for the command line, a notebook and a page alike: names in, typed records out."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from sim import measures
from sim.analysis.outcome import grades, result
from sim.analysis.statements import deeds, readings, statement
from sim.draws import Block
from sim.engine import simulate
from sim.ensemble import Ensemble, run_ensemble
from sim.errors import BadInput, BadUsage, Problem
from sim.library import Library, Loaded, Pair, shipped_root
from sim.machine import Model, bind, compile_machine
from sim.results import Deed, Grades, PairedPassage, Reading, Result, Statement
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.spec.values import date_of
from sim.world import compile_world, days_of

if TYPE_CHECKING:
    from sim.analysis.traces import PathReport

DEFAULT_RUNS = 1_000
DEFAULT_SEED = 1

Progress = Callable[[float], None]
"""Called with the share of the work done since the last call."""


def model_of(pair: Pair) -> Model:
    """The compiled meeting of a checked scenario and policy."""
    world = compile_world(pair.scenario.spec, pair.scenario.tables)
    return bind(world, compile_machine(pair.policy.spec, world.start))


@dataclass(frozen=True)
class Run:
    """An ensemble of one policy on one scenario."""

    pair: Pair
    model: Model
    ensemble: Ensemble
    result: Result


def run(
    scenario: str,
    policy: str | None = None,
    *,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    table: bool = False,
    library: Library | None = None,
    progress: Progress | None = None,
) -> Run:
    """Simulate a policy (default: the scenario's) on a scenario, by name or path. Raises BadInput or BadUsage."""
    pair = (library or Library()).load_pair(scenario, policy, sets)
    return run_pair(pair, runs=runs, seed=seed, table=table, progress=progress)


def run_pair(pair: Pair, *, runs: int, seed: int, table: bool = False, progress: Progress | None = None) -> Run:
    """As `run`, of a pair that is already loaded."""
    if runs < 1:
        raise BadUsage(f"--runs must be at least 1, got {runs}")
    model = model_of(pair)
    work = (1 if model.single_path else runs) * model.world.days
    step = None if progress is None else (lambda done: progress(done / work))
    ensemble = run_ensemble(model, seed, runs, table=table, progress=step)
    return Run(pair, model, ensemble, result(pair.policy.spec, pair.scenario.spec, ensemble))


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
    progress: Progress | None = None,
) -> Comparison:
    """Every policy on every scenario, on the same draws. Raises BadInput with the mistakes of all files, or BadUsage."""
    library = library or Library()
    loaded = _all_pairs(library, scenarios, policies, sets)
    share = None if progress is None else (lambda done: progress(done / len(loaded)))
    _told_apart(loaded)
    cells = tuple(run_pair(pair, runs=runs, seed=seed, progress=share) for pair in loaded)
    width = len(policies)
    found = (each for start in range(0, len(cells), width) for each in _paired(cells[start : start + width]))
    return Comparison(cells, tuple(found))


def _all_pairs(library: Library, scenarios: Sequence[str], policies: Sequence[str], sets: Sequence[str]) -> list[Pair]:
    if len(set(policies)) < len(policies) or len(set(scenarios)) < len(scenarios):
        raise BadUsage("each scenario and each policy can be named once")
    if not policies or not scenarios:
        raise BadUsage("compare needs at least one scenario and one --policy")
    with gathered() as attempt:
        return [pair for scenario in scenarios for policy in policies for pair in attempt(library, scenario, policy, sets)]


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


def _paired(cells: Sequence[Run]) -> Iterator[PairedPassage]:
    """Every two policies on one scenario; a single path stands beside an ensemble as that many equal runs."""
    for index, a in enumerate(cells):
        for b in cells[index + 1 :]:
            a_phases = [phase.name for phase in a.result.phases]
            b_phases = [phase.name for phase in b.result.phases]
            for phase in a_phases[1:]:
                if phase in b_phases[1:]:
                    first_a = a.ensemble.first[a_phases.index(phase)]
                    first_b = b.ensemble.first[b_phases.index(phase)]
                    runs = max(first_a.size, first_b.size)
                    yield measures.paired(
                        first_a if first_a.size == runs else first_a.repeat(runs),
                        first_b if first_b.size == runs else first_b.repeat(runs),
                        a.result.days,
                        scenario=a.result.scenario,
                        names=(a.result.policy, b.result.policy),
                        phase=phase,
                    )


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
    statements = [
        each for pair, name in zip(codings, scenarios, strict=True) for each in _statements(library, pair, name, sets, done)
    ]
    starts = [pair.scenario.spec.start for pair in codings]
    ends = [date_of(days_of(pair.scenario.spec.days) - 1, pair.scenario.spec.start) for pair in codings]
    counts = grades(codings[0].policy.spec, codings[0].scenario.spec)
    return Hindcast(tuple(codings), tuple(statements), done, min(starts), max(ends), counts)


def _statements(library: Library, pair: Pair, scenario: str, sets: Sequence[str], done: Sequence[Deed]) -> Iterator[Statement]:
    policy = str(pair.policy.path)
    phases = list(pair.policy.spec.phases)
    unknown = sorted({deed.phase for deed in done} - set(phases))
    if unknown:
        raise BadUsage(f"the ledgers' facts name phases that {pair.policy.spec.name} does not have: {', '.join(unknown)}")
    for name, note, chosen in readings(pair.policy.spec):
        model = model_of(library.load_pair(scenario, policy, [*sets, *chosen]) if chosen else pair)
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
