"""Every text of an exercise: who is shown it, which facts it cites and which key figures stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sim.spec.exercise import Exercise, ExerciseMove

FIGURE = re.compile(r"\{([^{}\n]*)\}")
"""a key figure in a text: `{armed}`"""
CITED = re.compile(r"\(([A-Z]{1,3}\d{1,3}(?:, ?[A-Z]{1,3}\d{1,3})*)\)")
"""facts cited in a text: `(F08)` or `(H03, H04)`"""

Shown = tuple[str, str]
"""Where a text stands (dotted path), and the text."""


def shown_in(name: str, move: ExerciseMove) -> list[Shown]:
    """Every text of a move that players see."""
    at = f"moves.{name}"
    texts: list[tuple[str, str | None]] = [(f"{at}.title", move.title), (f"{at}.situation", move.situation)]
    for key, inject in move.injects.items():
        texts += [(f"{at}.injects.{key}.{field}", getattr(inject, field)) for field in ("title", "text", "source", "reliability")]
    if move.code:
        texts.append((f"{at}.code.question", move.code.question))
        texts += [(f"{at}.code.blanks.{key}.ask", blank.ask) for key, blank in move.code.blanks.items()]
    if move.decide:
        texts.append((f"{at}.decide.question", move.decide.question))
        texts += [(f"{at}.decide.options.{index}", text) for index, text in enumerate(move.decide.options)]
    return [(path, text) for path, text in texts if text]


def kept_in(name: str, move: ExerciseMove) -> list[Shown]:
    """Every text of a move that only the white cell and the evaluators see."""
    seen = [(f"moves.{name}.observe.{index}.sees", each.sees) for index, each in enumerate(move.observe)]
    return seen + ([(f"moves.{name}.key", move.key)] if move.key else [])


def every_text(exercise: Exercise) -> list[Shown]:
    """Every text of an exercise, in the order of the file's fields: wherever `{FIGURE}` or `(FACT)` may stand."""
    texts: list[tuple[str, Any]] = [("about", exercise.about or "")]
    texts += [(f"objectives.{name}", text) for name, text in exercise.objectives.items()]
    texts += briefings(exercise)
    for name, move in exercise.moves.items():
        texts += [*shown_in(name, move), *kept_in(name, move)]
    texts += [(f"debrief.questions.{index}", text) for index, text in enumerate(exercise.debrief.questions)]
    texts += [(f"debrief.findings.{index}", text) for index, text in enumerate(exercise.debrief.findings)]
    return [*texts, ("paper", exercise.paper or "")]


def briefings(exercise: Exercise) -> list[Shown]:
    """What the roles are told before the first move."""
    return [(f"roles.{name}.briefing", role.briefing) for name, role in exercise.roles.items()]


def cited_in(text: str) -> Iterator[tuple[int, str]]:
    """Each fact that a text cites, with its offset."""
    for match in CITED.finditer(text):
        for each in re.finditer(r"\w+", match[1]):
            yield match.start(1) + each.start(), each[0]


def cited(exercise: Exercise) -> tuple[str, ...]:
    """Every fact that a text or an inject cites, each once, in the order of their first use."""
    found = [fact for _, text in every_text(exercise) for _, fact in cited_in(text)]
    shown = [fact for move in exercise.moves.values() for inject in move.injects.values() for fact in inject.evidence]
    return tuple(dict.fromkeys([*found, *shown]))
