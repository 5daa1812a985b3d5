"""README.txt of a kit: which file is for whom, how often to print it, and in which order it is used."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sim.kit.events import events
from sim.kit.pieces import NO_RIGHT, Source

_WIDTH = 100
_FILE = 24
_CODES = (
    "The number on a card is its number in the events list. The small print below it is for the white cell: 2+04 is move 2, four "
    "minutes into it; 2+04h the same, but by hand, when you see fit; 2c when the condition in the events list is met."
)
_KEYS = (
    "For players: situation-manual.pdf, briefings.pdf, team-sheets.pdf, inject-cards.pdf. slides.pdf shows them one move after "
    "the other, and the model's charts only at its end. Every other file holds keys: keep it from them until the hot wash."
)


@dataclass(frozen=True)
class _File:
    name: str
    print_: str
    """how often"""
    what: str


def readme(source: Source, files: Collection[str], command: str) -> str:
    """A page of plain text. Only files that are in the kit are named."""
    exercise = source.played.exercise.spec
    title = source.played.told(exercise.title)
    moves = f"{exercise.minutes} minutes: {_counted(len(exercise.moves), 'move')} and the hot wash"
    about = f"The facilitator's kit of the exercise {exercise.name}, for {_counted(source.teams, 'team')}. {moves}."
    lines = [*_wrapped(title), "", *_wrapped(about)]
    for part, rows in {"Before": _before(source), "On the day": _during(source), "Afterwards": _after()}.items():
        lines += ["", part.upper(), *(line for each in rows if each.name in files for line in _told(each))]
    made = f"{source.framing} {NO_RIGHT} Every figure in these papers was computed from the files of the exercise; none is typed."
    for paragraph in (_KEYS, _CODES, made, f"Made by: {command}"):
        lines += ["", *_wrapped(paragraph)]
    return "\n".join([*lines, ""])


def _before(source: Source) -> Iterator[_File]:
    teams, roles = source.teams, len(source.played.exercise.spec.roles)
    yield _File(
        "facilitator-guide.pdf", "1 for each of the white cell", "All of the exercise by the clock, with keys and checklists."
    )
    yield _File("answer-key.pdf", "1", "Keys, the coding of the file, and the rival readings run beside it.")
    yield _File("situation-manual.pdf", "1 for each participant", "Objectives, how it runs, and where it begins.")
    yield _File(
        "briefings.pdf", f"{teams}, one a team", f"{_counted(roles, 'page')}, one a role: given out when seats are taken."
    )


def _during(source: Source) -> Iterator[_File]:
    moves, teams = source.played.exercise.spec.moves.values(), source.teams
    observed, sheets = sum(bool(each.observe) for each in moves), sum(bool(each.code or each.decide) for each in moves)
    cards = _counted(len(events(source.played)), "card")
    yield _File(
        "msel.pdf", "2, landscape", "The master scenario events list: what is released when, to whom. Tick off what is out."
    )
    yield _File("msel.csv", "not printed", "The same list for a spreadsheet.")
    yield _File(
        "inject-cards.pdf",
        f"{teams}, one a team, stout paper",
        f"{cards}: cut along the marks, keep in the order of their numbers.",
    )
    yield _File(
        "team-sheets.pdf", f"{teams}, one a team", f"{_counted(sheets, 'sheet')}, one a move: out with the move, in at its end."
    )
    yield _File(
        "observer-sheets.pdf", f"{teams}, one an evaluator", f"{_counted(observed, 'sheet')}, one a move: what to look for."
    )
    yield _File("policies.pdf", "1", "The policies as their files code them: where the exercise says so, or in the hot wash.")
    yield _File("slides.pdf", "not printed", "To project: situations, questions, and for the hot wash the model's charts.")


def _after() -> Iterator[_File]:
    yield _File("lesson.html", "not printed", "Opens in any browser, offline: move the numbers, set two policies side by side.")
    yield _File("aar-template.pdf", "1", "The after-action report, to fill in.")


def _told(file: _File) -> list[str]:
    lead = " " * _FILE
    text = f"Print {file.print_}. {file.what}" if file.print_ != "not printed" else file.what
    return [
        f"{file.name:{_FILE}}{line}" if at == 0 else lead + line for at, line in enumerate(textwrap.wrap(text, _WIDTH - _FILE))
    ]


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, break_on_hyphens=False)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
