"""What a page shows, as JSON: the parts that a team and the facilitator have in common."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sim.framing import TEACHING
from sim.room.alongside import Alongside, Course
from sim.room.script import Card, Script, told
from sim.room.state import Decided, Release, State
from sim.spec.exercise import Blank, Coding, ExerciseMove

Json = dict[str, Any]


@dataclass(frozen=True)
class Scene:
    """A live exercise at one moment."""

    script: Script
    alongside: Alongside
    state: State
    seconds: float
    """for how long it has run by now"""
    assumed: str
    """how many numbers of the model are"""

    @cached_property
    def course(self) -> Course:
        return self.alongside.course(self.state.changes)

    @property
    def status(self) -> str:
        return self.script.status(self.state.step)

    @property
    def running(self) -> bool:
        return is_running(self.script, self.state)

    @property
    def remaining(self) -> float:
        """Seconds to the deadline of the current move, not below 0."""
        return max(self.script.deadline(self.state) - self.seconds, 0.0)

    def told(self, text: str | None) -> str:
        return told(text or "", self.state.figures)


def is_running(script: Script, state: State) -> bool:
    """Does the clock run? Not in the lobby, in a pause and after the end."""
    return script.status(state.step) in ("move", "debrief") and not state.paused


def head(scene: Scene) -> Json:
    """What every view begins with."""
    exercise = scene.script.exercise
    return {
        "version": scene.state.version,
        "status": scene.status,
        "exercise": {
            "name": exercise.name,
            "title": scene.told(exercise.title),
            "minutes": exercise.minutes,
            "objectives": [scene.told(text) for text in exercise.objectives.values()],
            "framing": TEACHING,
            "assumed": scene.assumed,
        },
        "clock": {"running": scene.running, "paused": scene.state.paused, "seconds": round(scene.seconds, 1)},
    }


def current(scene: Scene) -> Json | None:
    """The current move and its clock; None outside of one."""
    move = scene.script.move(scene.state.step)
    if move is None:
        return None
    return {
        "name": scene.script.names[scene.state.step],
        "number": scene.state.step + 1,
        "of": len(scene.script.moves),
        "title": scene.told(scene.script.title(scene.state.step)),
        "date": move.on.isoformat(),
        "remaining": round(scene.remaining, 1),
        "open": scene.remaining > 0,
    }


def asked(scene: Scene, move: ExerciseMove) -> Json:
    """What a move asks of a team."""
    return {
        "situation": scene.told(move.situation),
        "question": scene.told(move.decide.question) if move.decide else None,
        "options": [scene.told(each) for each in move.decide.options] if move.decide else [],
        "coding": coding(scene, move.code) if move.code else None,
    }


def coding(scene: Scene, code: Coding) -> Json:
    blanks = ({"name": name, **_blank(scene, blank)} for name, blank in code.blanks.items())
    return {"question": scene.told(code.question), "blanks": list(blanks)}


def _blank(scene: Scene, blank: Blank) -> Json:
    """What may be answered, without the values that the words stand for."""
    steps = {"from": blank.from_, "to": blank.to, "step": blank.step}
    return {"ask": scene.told(blank.ask), "options": list(blank.options), **steps}


def phases(scene: Scene) -> list[Json]:
    return [{"name": each.name, "label": each.label} for each in scene.course.model.machine.phases]


def decisions(scene: Scene, team: str) -> list[Json]:
    """Those of a team, in the order of the moves."""
    found = sorted((step, each) for (name, step), each in scene.state.decisions.items() if name == team)
    return [_decision(scene, step, each) for step, each in found]


def _decision(scene: Scene, step: int, each: Decided) -> Json:
    return {
        "move": scene.script.names[step],
        "title": scene.told(scene.script.title(step)),
        "option": each.option,
        "phase": each.phase,
        "reason": each.reason,
        "confidence": each.confidence,
        "answers": dict(each.answers),
        "seconds": round(each.seconds, 1),
        "role": scene.script.role(each.role),
    }


def injects(scene: Scene) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Each inject that was released, in that order, with the names of the roles that got it; no name: all."""
    for release in scene.state.releases:
        improvised = scene.state.improvised.get(release.id)
        if improvised:
            texts = improvised.title, improvised.text, improvised.source, improvised.reliability
            yield improvised.to, _given(scene, release, texts, improvised.to, improvised=True)
        else:
            card = scene.script.cards[release.id]
            yield card.roles, _given(scene, release, texts_of(card), card.roles, improvised=False)


def texts_of(card: Card) -> tuple[str, str, str, str]:
    return card.inject.title, card.inject.text, card.inject.source, card.inject.reliability


def _given(scene: Scene, release: Release, texts: tuple[str, ...], to: tuple[str, ...], *, improvised: bool) -> Json:
    written = texts if improvised else tuple(map(scene.told, texts))
    date = scene.script.date(release.step)
    return {
        "id": release.id,
        "move": scene.script.names[release.step],
        "move_title": scene.told(scene.script.title(release.step)),
        **dict(zip(("title", "text", "source", "reliability"), written, strict=True)),
        "date": date.isoformat() if date else None,
        "seconds": round(release.seconds, 1),
        "improvised": improvised,
        "to": scene.script.labels(to),
    }


def numbers(values: Iterable[float]) -> list[float | None]:
    """JSON knows no infinity."""
    return [round(value, 6) if math.isfinite(value) else None for value in values]
