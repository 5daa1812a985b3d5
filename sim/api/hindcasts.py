"""Statement against behaviour (`hindcast`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from sim import measures
from sim.analysis.courses import Course, Standing, Stay, standings
from sim.analysis.outcome import grades
from sim.analysis.statements import deeds, readings, statement
from sim.api.pairs import DEFAULT_SEED, gathered, model_of
from sim.draws import Block
from sim.engine import simulate
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.machine import Model, bind, compile_machine
from sim.results import Deed, Grades, Reading, Statement
from sim.spec.values import date_of
from sim.world import days_of


@dataclass(frozen=True)
class Hindcast:
    """Statement against behaviour, for each coding of what was reported and each reading of the trigger."""

    codings: tuple[Pair, ...]
    statements: tuple[Statement, ...]
    courses: tuple[Course, ...]
    """where each reading of the rule stands, day by day"""
    standings: tuple[Standing, ...]
    """each deed against each reading of the rule on its day"""
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
    read = [each for pair in codings for each in _readings(pair, done)]
    statements = [each for told, _ in read for each in told]
    courses = [course for _, course in read]
    labels = {phase.name: phase.label for phase in model_of(codings[0]).machine.phases}
    stood = [each for course in courses for each in standings(course, done, labels)]
    starts = [pair.scenario.spec.start for pair in codings]
    ends = [date_of(days_of(pair.scenario.spec.days) - 1, pair.scenario.spec.start) for pair in codings]
    counts = grades(codings[0].policy.spec, codings[0].scenario.spec)
    return Hindcast(tuple(codings), tuple(statements), tuple(courses), tuple(stood), done, min(starts), max(ends), counts)


def _readings(pair: Pair, done: Sequence[Deed]) -> Iterator[tuple[list[Statement], Course]]:
    """Each reading of the rule on one coding: a statement for each phase above the lowest, and its course."""
    phases = list(pair.policy.spec.phases)
    unknown = sorted({deed.phase for deed in done} - set(phases))
    if unknown:
        raise BadUsage(f"the ledgers' facts name phases that {pair.policy.spec.name} does not have: {', '.join(unknown)}")
    world = model_of(pair).world
    for name, note, policy in readings(pair.policy.spec):
        model = bind(world, compile_machine(policy, world.start))
        if not model.single_path:
            raise BadUsage(f"hindcast needs a plain scenario: {pair.scenario.spec.name} on {pair.policy.spec.name} is uncertain")
        paths = simulate(model, DEFAULT_SEED, Block.plain(0, 1))
        first, strip = measures.first_passages(paths)[0][:, 0], measures.strips(paths, 1)[0]
        told = []
        for index, phase in enumerate(model.machine.phases[1:], start=1):
            due, until = _asked(int(first[index]), strip < index, world.start)
            reading = Reading(pair.scenario.spec.name, pair.scenario.spec.title, name, note, phase.name, phase.label, due, until)
            told.append(statement(reading, done, phases))
        yield told, Course(pair.scenario.spec.name, pair.scenario.spec.title, name, _stays(model, strip))


def _asked(day: int, below: NDArray[np.bool_], start: dt.date) -> tuple[dt.date | None, dt.date | None]:
    """When a phase falls due, and the first day after that on which the rule is below it again. `below`: (days,)."""
    if day == measures.NEVER:
        return None, None
    left = np.flatnonzero(below[day:])
    return date_of(day, start), date_of(day + int(left[0]), start) if left.size else None


def _stays(model: Model, strip: NDArray[np.int8]) -> tuple[Stay, ...]:
    """`strip`: (days,), the phase at the end of each day."""
    ends = [0, *(int(day) + 1 for day in np.flatnonzero(np.diff(strip))), strip.size]
    phases, start = model.machine.phases, model.world.start
    spans = [(phases[strip[first]], first, end - 1) for first, end in pairwise(ends)]
    return tuple(Stay(phase.name, phase.label, date_of(first, start), date_of(last, start)) for phase, first, last in spans)
