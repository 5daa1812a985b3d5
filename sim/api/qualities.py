"""Trigger quality: a policy against the twin that sees the world perfectly (`quality`)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from sim.analysis import counting, matching, vary
from sim.analysis.outcome import grades
from sim.analysis.quality import Column, Point, Quality, TriggerQuality, Varied
from sim.api.ensembles import DEFAULT_RUNS, HERE, Meter
from sim.api.pairs import DEFAULT_SEED, model_of
from sim.errors import BadInput, BadUsage, Place, Problem, quote
from sim.library import Library, Pair
from sim.machine import Model
from sim.work import How, parts

MEMORIES = ("0", "7", "30")
"""Days that an error lasts, side by side: how long misjudgement lasts is assumed in every scenario, and much hangs on it."""
AS_GIVEN = "as-given"


@dataclass(frozen=True)
class QualityQuestion:
    """All that is asked of a pair, read and checked, and nothing simulated yet."""

    pair: Pair
    model: Model
    vary: vary.Vary | None
    points: tuple[Model, ...]
    """the model with each value of what is varied"""
    memories: tuple[float | None, ...]
    """None: as the scenario gives it"""
    tolerance: int


def quality(
    scenario: str,
    policy: str | None = None,
    *,
    varied: str | None = None,
    memories: Sequence[str] = (),
    tolerance: int = 0,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    how: How = HERE,
    meter: Meter | None = None,
) -> TriggerQuality:
    """How a policy's transitions fall against those of its twin. Raises BadInput, BadUsage or WorkFailed."""
    asked = quality_question(scenario, policy, varied=varied, memories=memories, tolerance=tolerance, sets=sets, library=library)
    return quality_of(asked, runs=runs, seed=seed, how=how, meter=meter)


def quality_question(
    scenario: str,
    policy: str | None = None,
    *,
    varied: str | None = None,
    memories: Sequence[str] = (),
    tolerance: int = 0,
    sets: Sequence[str] = (),
    library: Library | None = None,
) -> QualityQuestion:
    """Read and check all that is asked. `varied` is PATH=FROM:TO[:STEP]; each value is checked as `--set` would be.

    Raises BadInput or BadUsage.
    """
    if tolerance < 0:
        raise BadUsage(f"--tolerance must not be below 0, got {tolerance}")
    library = library or Library()
    pair = library.load_pair(scenario, policy, sets)
    model = model_of(pair)
    grid = vary.parsed(varied) if varied else None
    points = tuple(_points(library, (scenario, policy, sets), model, grid)) if grid else ()
    chosen = tuple(_memory(each) for each in dict.fromkeys(memories)) or _default(model, points, grid)
    if grid and grid.bare.endswith(".error.memory") and chosen != (None,):
        raise BadUsage("--vary and --memory both set how long errors last: leave out --memory, or give it once for each length")
    return QualityQuestion(pair, model, grid, points, chosen, tolerance)


def _points(library: Library, names: tuple[str, str | None, Sequence[str]], model: Model, grid: vary.Vary) -> Iterator[Model]:
    """The model of each value. Where the path itself is wrong the first value tells; else every wrong value is told."""
    scenario, policy, sets = names
    problems: list[Problem] = []
    for index, (value, changed) in enumerate(zip(grid.values, grid.sets(), strict=True)):
        try:
            point = model_of(library.load_pair(scenario, policy, (*sets, changed)))
            if point.world.days != model.world.days or point.world.start != model.world.start:
                raise BadUsage(f"--vary {grid.path}: how long a run is cannot be varied; its days must be comparable")
            yield replace(point, world=model.world) if point.world == model.world else point
        except BadInput as error:
            problems += [_told(each, f"--set #{len(sets) + 1}", f"--vary {grid.path}={value}") for each in error.problems]
            if index == 0 and len(grid.values) > 1 and not _sound(library, names, grid):
                break
    if problems:
        raise BadInput(problems)


def _sound(library: Library, names: tuple[str, str | None, Sequence[str]], grid: vary.Vary) -> bool:
    """Does the last value do? Then the path is right and the first value alone may be wrong."""
    try:
        library.load_pair(names[0], names[1], (*names[2], grid.sets()[-1]))
    except BadInput:
        return False
    return True


def _told(problem: Problem, ours: str, shown: str) -> Problem:
    return replace(problem, place=Place(shown)) if problem.place.file == ours else problem


def _memory(text: str) -> float | None:
    if text == AS_GIVEN:
        return None
    try:
        days = float(text)
    except ValueError:
        days = -1.0
    if not (math.isfinite(days) and days >= 0):
        raise BadUsage(f"--memory takes a number of days, 0 or more, or {AS_GIVEN}, got {quote(text)}")
    return days


def _default(model: Model, points: Sequence[Model], grid: vary.Vary | None) -> tuple[float | None, ...]:
    """Three memories side by side, or one column where no error is seen or where memory is what varies."""
    if (grid and grid.bare.endswith(".error.memory")) or not any(map(matching.blurred, (model, *points))):
        return (None,)
    return tuple(map(float, MEMORIES))


def quality_of(
    asked: QualityQuestion, *, runs: int = DEFAULT_RUNS, seed: int = DEFAULT_SEED, how: How = HERE, meter: Meter | None = None
) -> TriggerQuality:
    """Simulate what was asked. Raises BadUsage or WorkFailed."""
    if runs < 1:
        raise BadUsage(f"--runs must be at least 1, got {runs}")
    work = matching.matching(tuple(_models(asked)), asked.model.machine, seed, runs)
    if meter:
        meter.expect(sum(map(len, work.blocks(work.runs))))
    with closing(parts(work, work.runs, how, meter.add if meter else None)) as found:
        counts = iter(work.merged(found))
    scenario, policy = asked.pair.scenario.spec, asked.pair.policy.spec
    columns = tuple(_column(asked, memory, counts, single_path=work.single_path) for memory in asked.memories)
    return TriggerQuality(
        scenario.name,
        scenario.title,
        policy.name,
        policy.title,
        asked.model.world.start,
        work.days,
        work.runs,
        seed,
        work.single_path,
        asked.model.reactive,
        any(map(matching.blurred, (asked.model, *asked.points))),
        asked.tolerance,
        grades(policy, scenario),
        columns,
        _varied(asked, asked.vary) if asked.vary else None,
        tuple(dict.fromkeys(name for model in (asked.model, *asked.points) for name in matching.behind(model))),
    )


def _models(asked: QualityQuestion) -> Iterator[Model]:
    """Per memory the policy as given, then with each value. Models of one world share it, so that it need not be compared."""
    for memory in asked.memories:
        given = _remembering(asked.model, memory)
        yield given
        for point in asked.points:
            same = point.world is asked.model.world
            yield replace(point, world=given.world) if same else _remembering(point, memory)


def _remembering(model: Model, memory: float | None) -> Model:
    return model if memory is None else matching.remembering(model, memory)


def _column(asked: QualityQuestion, memory: float | None, counts: Iterator[counting.Counts], *, single_path: bool) -> Column:
    """The next models' counts, as records."""
    machine = asked.model.machine

    def following() -> Quality:
        return counting.quality(machine, next(counts), asked.tolerance, single_path=single_path)

    given = following()
    return Column(
        memory, given, tuple(Point(value, float(value), following()) for value in asked.vary.values) if asked.vary else ()
    )


def _varied(asked: QualityQuestion, grid: vary.Vary) -> Varied:
    transitions = asked.model.machine.transitions
    concerned = tuple(transitions[index].name for index in vary.concerned(asked.model, grid))
    kind, *rest = grid.bare.split(".")
    name = " ".join(rest[1:] if kind == "transitions" and len(rest) > 1 else rest) or kind
    stated = vary.stated(asked.model, grid, (asked.pair.policy.spec, asked.pair.scenario.spec))
    return Varied(grid.path, name.replace("_", " "), _unit(asked, grid), stated, concerned)


def _unit(asked: QualityQuestion, grid: vary.Vary) -> str:
    """Of a threshold its own; days where a policy counts days; else none is told."""
    kind, _, rest = grid.bare.partition(".")
    if kind == "thresholds" and rest in asked.pair.policy.spec.thresholds:
        return asked.pair.policy.spec.thresholds[rest].unit
    return "days" if grid.bare.rpartition(".")[2] in ("confirm", "lag", "min_stay", "delay", "memory", "after") else ""
