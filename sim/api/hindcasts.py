"""Statement against behaviour (`hindcast`)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim import measures
from sim.analysis.outcome import grades
from sim.analysis.statements import deeds, readings, statement
from sim.api.pairs import DEFAULT_SEED, gathered, model_of
from sim.draws import Block
from sim.engine import simulate
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.machine import bind, compile_machine
from sim.results import Deed, Grades, Reading, Statement
from sim.spec.values import date_of
from sim.world import days_of


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
