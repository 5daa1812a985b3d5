"""Which injects are to be given out now, by the clock or because the model met a condition."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sim.room.script import Card, Script
from sim.room.state import State
from sim.spec.exercise import BY_HAND, START


def due(script: Script, state: State, seconds: float, met: Callable[[str], bool]) -> Iterator[tuple[Card, str]]:
    """Injects of the current move, with who gives them out: `clock` or `condition`.

    `seconds`: for how long the exercise has run; `met`: has a condition come true by the move's date? An inject belongs to its
    move: one that was not given out in it waits for the facilitator's hand.
    """
    for card in script.cards.values():
        if card.step != state.step or state.released(card.id):
            continue
        if card.inject.when == START:
            if seconds >= state.started[state.step] + 60 * card.inject.minute:
                yield card, "clock"
        elif card.inject.when != BY_HAND and met(card.inject.when):
            yield card, "condition"


def sets_of(card: Card) -> dict[str, float]:
    """The true levels that an inject sets."""
    return {name: float(number.fixed or 0) for name, number in card.inject.set.items()}
