"""Exercises: their key figures, and the rules that teams wrote beside the file's own (`show`, and what plays them)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sim.analysis import figures
from sim.analysis.figures import Measured, RuleResult
from sim.analysis.outcome import grades, result
from sim.analysis.pairs import paired
from sim.api.ensembles import HERE, Meter, gathered, job_of
from sim.api.pairs import DEFAULT_SEED, model_of
from sim.api.qualities import QualityQuestion, quality_of
from sim.ensemble import RunTable
from sim.errors import BadInput, BadUsage, Problem, listed, quote, unknown_name
from sim.library import Library, Loaded, Pair
from sim.machine import Model
from sim.results import Result
from sim.spec.exercise import Blank, Coding, Exercise, KeyFigure

READING_RUNS = 1_000


@dataclass(frozen=True)
class PlayedExercise:
    """An exercise with its key figures measured."""

    exercise: Loaded[Exercise]
    figures: Mapping[str, Measured]

    def told(self, text: str) -> str:
        """One of its texts with the key figures in it."""
        return figures.filled(text, self.figures)


def exercise(ref: str, *, runs: int | None = None, library: Library | None = None) -> PlayedExercise:
    """Read an exercise and measure its key figures, with so many runs each (default: as many as the file says).

    Raises BadInput with every mistake, BadUsage if there is no such exercise.
    """
    library = library or Library()
    loaded = library.load_exercise(ref)
    return PlayedExercise(loaded, figures_of(loaded, runs=runs, library=library))


def exercise_problems(ref: str, *, library: Library | None = None) -> tuple[tuple[Problem, ...], tuple[Problem, ...]]:
    """Errors and warnings of an exercise, in it and between it and what it plays. Raises BadUsage if there is none."""
    try:
        loaded = (library or Library()).load_exercise(ref)
    except BadInput as error:
        return error.problems, ()
    return (), loaded.warnings


def figures_of(
    loaded: Loaded[Exercise], *, runs: int | None = None, library: Library | None = None, meter: Meter | None = None
) -> dict[str, Measured]:
    """Every key figure of an exercise by its name. What rests on the same runs is simulated once."""
    bench = _Bench(loaded, library or Library())
    wanted = {name: _with_runs(figure, runs) for name, figure in loaded.spec.figures.items()}
    if meter:
        meter.expect(sum(figure.runs for figure in wanted.values()))
    found: dict[str, Measured] = {}
    for name, figure in wanted.items():
        found[name] = bench.measured(figure)
        if meter:
            meter.add(figure.runs)
    return found


def _with_runs(figure: KeyFigure, runs: int | None) -> KeyFigure:
    """The same figure over another number of runs; None: as it is."""
    return figure if runs is None else figure.model_copy(update={"runs": runs})


@dataclass
class _Changes:
    """Keeps how often the phase changes in each run."""

    at_most: float = float("inf")
    counts: list[int] = field(default_factory=list)

    def __call__(self, model: Model, runs: range, table: RunTable) -> None:  # noqa: ARG002
        self.counts += table.transitions.tolist()


_Key = tuple[str, str, tuple[str, ...], int, int]


class _Bench:
    """Measures figures; keeps what it has simulated."""

    def __init__(self, loaded: Loaded[Exercise], library: Library) -> None:
        self.loaded, self.library = loaded, library
        self.done: dict[tuple[_Key, bool], tuple[Result, _Changes]] = {}

    def pair(self, figure: KeyFigure, policy: str) -> Pair:
        return self.library.pair_in(self.loaded, figure.scenario, policy, figure.set)

    def simulated(self, figure: KeyFigure, *, rivals: bool = False) -> tuple[Result, _Changes]:
        key = ((figure.scenario, figure.policy, figure.set, figure.runs, figure.seed), rivals)
        if key not in self.done:
            self.done[key] = _simulated(self.pair(figure, figure.policy), figure.runs, figure.seed, rivals=rivals)
        return self.done[key]

    def measured(self, figure: KeyFigure) -> Measured:
        name, _, kind = figure.measure.rpartition(".")
        if kind == "assumed":
            pair = self.pair(figure, figure.policy)
            return figures.of_grades(grades(pair.policy.spec, pair.scenario.spec))
        if kind in ("false_alarm", "missed"):
            return self._quality(figure, name, kind)
        if kind == "later" and figure.against:
            return self._later(figure, name, figure.against)
        found, changes = self.simulated(figure, rivals=kind == "readings")
        match kind:
            case "reached":
                return figures.of_reached(found.first_passage[name], found.start, figure.by)
            case "first":
                return figures.of_first(found.first_passage[name], found.start)
            case "days":
                dwell = found.dwell[name]
                return figures.of_days(dwell.phase_days / found.runs, dwell.se, found.runs, single_path=found.single_path)
            case "readings":
                return figures.of_readings(found, name)
            case "last":
                return figures.of_last(found, name)
        return figures.of_changes(changes.counts, single_path=found.single_path)

    def _later(self, figure: KeyFigure, phase: str, against: str) -> Measured:
        """By the same draws, and without all else that `compare` finds out."""
        pairs = [self.pair(figure, against), self.pair(figure, figure.policy)]
        job = replace(job_of(pairs, figure.seed), rivals=((), ()), partings=())
        found = gathered(job, figure.runs, HERE, None)
        results = [result(pair.policy.spec, pair.scenario.spec, each) for pair, each in zip(pairs, found.ensembles, strict=True)]
        first = results[0].first_passage[phase], results[1].first_passage[phase]
        phases = [each.name for each in job.models[0].machine.phases]
        counts = next(each for pair, each in zip(job.pairs, found.pairs, strict=True) if phases[pair.phase_a] == phase)
        names = results[0].policy, results[1].policy
        return figures.of_later(paired(counts, *first, scenario=results[0].scenario, names=names, phase=phase))

    def _quality(self, figure: KeyFigure, transition: str, kind: str) -> Measured:
        """Against the twin that sees the world perfectly."""
        pair = self.pair(figure, figure.policy)
        asked = QualityQuestion(pair, model_of(pair), vary=None, points=(), memories=(None,), tolerance=0)
        (column,) = quality_of(asked, runs=figure.runs, seed=figure.seed).columns
        found = next(each for each in column.quality.transitions if each.name == transition)
        return figures.of_share(found.false_alarm if kind == "false_alarm" else found.missed)


def _simulated(pair: Pair, runs: int, seed: int, *, rivals: bool) -> tuple[Result, _Changes]:
    changes = _Changes()
    job = replace(job_of([pair], seed), table=True)
    job = job if rivals else replace(job, rivals=((),))
    (ensemble,) = gathered(job, runs, HERE, None, changes).ensembles
    return result(pair.policy.spec, pair.scenario.spec, ensemble), changes


# the rules of the teams -----------------------------------------------------------------------------------------------------

Answers = Mapping[str, str]
"""By the name of a blank: an option in words, or a number as it was written down. A blank left out stays as the file has it."""


def coding_of(exercise: Exercise, move: str) -> Coding:
    """The coding of a move. Raises BadUsage where it has none."""
    coded = [name for name, each in exercise.moves.items() if each.code]
    found = exercise.moves[move].code if move in exercise.moves else None
    if found is None:
        raise BadUsage(unknown_name("move with a coding", move, coded) if coded else "no move of this exercise has a coding")
    return found


def sets_of(coding: Coding, answers: Answers) -> tuple[str, ...]:
    """What a team wrote down, as `--set` changes. Raises BadUsage for a blank or a value that there is not."""
    for name in answers:
        if name not in coding.blanks:
            raise BadUsage(unknown_name("blank", name, list(coding.blanks)))
    told = {name: _value(blank, answers[name]) for name, blank in coding.blanks.items() if name in answers}
    return tuple(f"{path}={value}" for name, value in told.items() for path in coding.blanks[name].path)


def _value(blank: Blank, answer: str) -> str:
    if answer in blank.options:
        return blank.options[answer]
    if blank.options:
        raise BadUsage(unknown_name("answer", answer, list(blank.options)))
    found = next((value for value in blank.values if _same(value, answer)), None)
    if found is None:
        raise BadUsage(f"an answer is {_range(blank)}, got {quote(answer)}")
    return found


def _same(value: str, answer: str) -> bool:
    try:
        return abs(float(value) - float(answer)) < 1e-9
    except ValueError:
        return False


def _range(blank: Blank) -> str:
    values = blank.values
    return listed(values) if len(values) <= 12 else f"from {values[0]} to {values[-1]}, in steps of {blank.step:g}"


def side_by_side(
    loaded: Loaded[Exercise],
    move: str,
    teams: Mapping[str, Answers],
    *,
    runs: int = READING_RUNS,
    seed: int = DEFAULT_SEED,
    library: Library | None = None,
) -> tuple[RuleResult, ...]:
    """The file's own rule, its rival readings one at a time and each team's rule, on the same draws of the coding's scenario.

    Raises BadUsage for an answer that there is not, BadInput where the numbers of a team do not fit together.
    """
    library, coding = library or Library(), coding_of(loaded.spec, move)
    scenario, policy = coding.scenario or loaded.spec.scenarios[0], coding.policy or loaded.spec.policies[0]
    stated = library.pair_in(loaded, scenario, policy).policy.spec
    rules = [("as stated", "stated", ()), *_rivals(stated.thresholds)]
    rules += [(name, "team", sets_of(coding, answers)) for name, answers in teams.items()]
    pairs = [library.pair_in(loaded, scenario, policy, sets) for _, _, sets in rules]
    return tuple(_rule(pair, *rule, runs=runs, seed=seed) for pair, rule in zip(pairs, rules, strict=True))


def _rivals(thresholds: Mapping[str, object]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for name, threshold in thresholds.items():
        for rival in getattr(threshold, "rivals", {}):
            yield f"{name}: {rival}", "rival", (f"thresholds.{name}=rival:{rival}",)


def _rule(pair: Pair, name: str, kind: str, sets: Sequence[str], *, runs: int, seed: int) -> RuleResult:
    found, _ = _simulated(pair, runs, seed, rivals=False)
    return RuleResult(name, kind, tuple(sets), found.first_passage, found.start)
