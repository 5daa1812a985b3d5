"""The master scenario events list (MSEL): every inject of an exercise in the order of the clock."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.analysis.tables import csv_bytes, safe_cell
from sim.api import PlayedExercise
from sim.spec.exercise import BY_HAND, START, Exercise, ExerciseInject, ExerciseMove, begins, clock

COLUMNS = (
    "number",
    "clock",
    "release",
    "move",
    "knowledge_date",
    "to",
    "inject",
    "title",
    "text",
    "source",
    "reliability",
    "facts",
    "sets",
    "objectives",
    "expected",
    "card",
)


@dataclass(frozen=True)
class Event:
    """One inject as the white cell needs it. Every text is told, with the key figures in it."""

    number: int
    """from 1, in the order of the clock"""
    clock: str
    """`0:24`, when it is planned for; of one that waits for a condition, when its move begins"""
    release: str
    """`by the clock`, `by hand`, or `when deployment_level >= 3`"""
    move: str
    """the title of its move"""
    at: int
    """the number of its move, from 1"""
    date: dt.date
    """knowledge date of the move"""
    to: tuple[str, ...]
    """labels of the roles that get it; empty: all"""
    name: str
    title: str
    text: str
    source: str
    reliability: str
    facts: tuple[str, ...]
    sets: str
    """what the model's world is set to"""
    objectives: tuple[str, ...]
    """by their short names: O1, O2"""
    expected: tuple[str, ...]
    """what evaluators look for of the same objectives, in this move or the next that does"""
    card: str
    """the small print on its card, which tells the white cell when, and players nothing: `2+04`, `2+09h`, `3c`"""


def events(played: PlayedExercise) -> tuple[Event, ...]:
    """All injects, move by move, each move in the order of its minutes."""
    found: list[Event] = []
    exercise = played.exercise.spec
    for (name, move), begin in zip(exercise.moves.items(), begins(exercise), strict=False):
        for inject in sorted(move.injects.items(), key=lambda item: item[1].minute):
            found.append(_event(played, len(found) + 1, (name, move, begin), inject))
    return tuple(found)


def _event(played: PlayedExercise, number: int, where: tuple[str, ExerciseMove, int], named: tuple[str, ExerciseInject]) -> Event:
    (key, move, begin), (name, inject) = where, named
    exercise, told = played.exercise.spec, played.told
    at = list(exercise.moves).index(key) + 1
    served = inject.objective or ()
    return Event(
        number=number,
        clock=clock(begin + inject.minute),
        release={START: "by the clock", BY_HAND: BY_HAND}.get(inject.when, f"when {inject.when}"),
        move=title_of(played, key),
        at=at,
        date=move.on,
        to=tuple(told(exercise.roles[role].label) for role in inject.to or ()),
        name=name,
        title=told(inject.title),
        text=told(inject.text),
        source=told(inject.source),
        reliability=told(inject.reliability),
        facts=inject.evidence,
        sets=", ".join(f"{variable} = {level.value:g}" for variable, level in inject.set.items()),
        objectives=tuple(map(short_names(played).__getitem__, served)),
        expected=tuple(map(told, _expected(exercise, at, served))),
        card=_card(at, inject),
    )


def _expected(exercise: Exercise, at: int, served: Sequence[str]) -> list[str]:
    """What is looked for of these objectives: in this move, or else in the next one that looks for any of it."""
    for number, move in list(enumerate(exercise.moves.values(), 1))[at - 1 :]:
        if found := [each.sees for each in move.observe if set(each.objective) & set(served)]:
            return found if number == at else [f"In move {number}: {each}" for each in found]
    return []


def _card(at: int, inject: ExerciseInject) -> str:
    if inject.when == START:
        return f"{at}+{inject.minute:02}"
    return f"{at}+{inject.minute:02}h" if inject.when == BY_HAND else f"{at}c"


def title_of(played: PlayedExercise, move: str) -> str:
    """What players read above a move."""
    return played.told(played.exercise.spec.moves[move].title or move.replace("_", " ").capitalize())


def short_names(played: PlayedExercise) -> dict[str, str]:
    """O1, O2, … for the objectives, by their names."""
    return {name: f"O{number}" for number, name in enumerate(played.exercise.spec.objectives, 1)}


def msel_csv(played: PlayedExercise) -> bytes:
    """The list as a table, an inject a row. A cell that a spreadsheet would take for a formula begins with an apostrophe."""
    return csv_bytes(COLUMNS, [[*map(safe_cell, _row(each))] for each in events(played)])


def _row(each: Event) -> Iterator[str]:
    yield from (str(each.number), each.clock, each.release, f"{each.at}. {each.move}", each.date.isoformat())
    yield from ("; ".join(each.to) or "all", each.name, each.title, each.text, each.source, each.reliability)
    yield from (" ".join(each.facts), each.sets, " ".join(each.objectives), " / ".join(each.expected), each.card)
