"""An exercise as a room plays it: its steps, its injects by id, and its texts with the key figures in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from sim.library import Loaded
from sim.room.state import LOBBY, State
from sim.spec.evidence import Fact
from sim.spec.exercise import Exercise, ExerciseInject, ExerciseMove, begins, role_names
from sim.spec.exercise_texts import FIGURE

UNKNOWN = "…"
"""stands for a key figure that is still being measured"""
EVERYBODY = "All roles"


@dataclass(frozen=True)
class Card:
    """An inject of the file, and where it belongs."""

    id: str
    """MOVE.NAME"""
    step: int
    inject: ExerciseInject
    roles: tuple[str, ...]
    """names of those who get it"""


class Script:
    """What the file says, by the step at which an exercise stands: -1 the lobby, then the moves, the debrief and the end."""

    def __init__(self, loaded: Loaded[Exercise]) -> None:
        self.loaded, self.exercise = loaded, loaded.spec
        self.names = tuple(self.exercise.moves)
        self.moves = tuple(self.exercise.moves.values())
        self.begins = begins(self.exercise)

    @property
    def facts(self) -> Mapping[str, Fact]:
        return self.loaded.facts

    @property
    def debrief_step(self) -> int:
        return len(self.moves)

    @property
    def closed_step(self) -> int:
        return len(self.moves) + 1

    def status(self, step: int) -> str:
        """lobby, move, debrief or closed"""
        if step == LOBBY:
            return "lobby"
        return "move" if step < self.debrief_step else "debrief" if step == self.debrief_step else "closed"

    def move(self, step: int) -> ExerciseMove | None:
        return self.moves[step] if 0 <= step < len(self.moves) else None

    def title(self, step: int) -> str:
        return self.moves[step].title or self.names[step].replace("_", " ").capitalize()

    def date(self, step: int) -> dt.date | None:
        """The knowledge date: of the move, after the last move its own, and none before the first."""
        return self.moves[min(step, len(self.moves) - 1)].on if step >= 0 else None

    def deadline(self, state: State) -> float:
        """The running second at which the current move ends."""
        minutes = self.moves[state.step].minutes + state.extended.get(state.step, 0)
        return state.started[state.step] + 60.0 * minutes

    @cached_property
    def cards(self) -> Mapping[str, Card]:
        """Every inject of the file, by id."""
        return {card.id: card for card in self._cards()}

    def _cards(self) -> Iterator[Card]:
        for step, (name, move) in enumerate(self.exercise.moves.items()):
            for key, inject in move.injects.items():
                yield Card(f"{name}.{key}", step, inject, role_names(self.exercise, inject))

    def labels(self, roles: tuple[str, ...]) -> list[str]:
        """Of some roles, or that it is all of them."""
        everybody = not roles or set(roles) == set(self.exercise.roles)
        return [EVERYBODY] if everybody else [self.exercise.roles[each].label for each in roles]

    def role(self, name: str | None) -> str:
        return EVERYBODY if name is None else self.exercise.roles[name].label


def told(text: str, figures: Mapping[str, str] | None) -> str:
    """A text with the key figures in it, as far as they are measured."""
    return FIGURE.sub(lambda found: (figures or {}).get(found[1], UNKNOWN), text)
