"""A small exercise, a clock that a test moves, and rooms of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim.library import Library
from sim.room import Room

EXERCISE = """
kind: exercise
name: small
title: A small exercise
minutes: 60
objectives: {one: Objective one., two: Objective two., three: Objective three.}
evidence: [article-2024-10]
scenarios: [surge-to-front-uncertain]
policies: [phased-approach]
figures:
  share: {scenario: surge-to-front-uncertain, policy: phased-approach, measure: offensive_measures.reached, runs: 50}
roles:
  cabinet: {label: Cabinet, briefing: CABINET-BRIEFING (F16)}
  desk: {label: Desk, briefing: DESK-BRIEFING}
moves:
  first:
    title: Move A
    minutes: 20
    on: 2024-10-24
    situation: SITUATION-A (F08)
    injects:
      at_once: {title: T-at-once, text: at once (F10), source: S, reliability: R, evidence: [F10], objective: [one, two, three]}
      later: {title: T-later, text: later, source: S, reliability: R, minute: 5, to: [desk]}
      hand: {title: T-hand, text: by hand, source: S, reliability: R, when: by hand, minute: 3, to: [cabinet]}
      front: {title: T-front, text: front, source: S, reliability: R, when: "deployment_level >= 3"}
    code:
      question: CODE-A
      blanks:
        wait: {ask: How many days?, path: transitions.arm_defensively.confirm, from: 1, to: 28, step: 1}
        front: {ask: Which rung?, path: thresholds.front_line, options: {At the front: 3, In Russia: rival:sent}}
    decide: {question: QUESTION-A, options: [Wait, Act]}
    observe: [{sees: OBSERVE-A, objective: [one, two, three]}]
    key: KEY-A {share}
  second:
    title: Move B
    minutes: 20
    on: 2024-11-12
    situation: SITUATION-B
    injects:
      sets: {title: T-sets, text: sets, source: S, reliability: R, when: by hand, set: {deployment_level: 4, special_forces: 1}}
      special: {title: T-special, text: special, source: S, reliability: R, when: special_forces >= 1}
      phase: {title: T-phase, text: phase, source: S, reliability: R, when: phase == offensive_measures}
    decide: {question: QUESTION-B, options: [Wait, Act]}
    observe: [{sees: OBSERVE-B, objective: one}]
    key: KEY-B
debrief:
  minutes: 20
  questions: [QUESTION-C]
  findings: ["FINDING {share}"]
paper: Print it.
"""


class Watch:
    """A clock that stands until a test moves it."""

    def __init__(self) -> None:
        self.time = 1_000_000.0

    def __call__(self) -> float:
        return self.time

    def run(self, room: Room, seconds: float) -> None:
        """Time passes while the server ticks."""
        while seconds > 0:
            self.time += min(seconds, 30.0)
            seconds -= 30.0
            room.tick()


def exercise_file(folder: Path, text: str = EXERCISE) -> Path:
    path = folder / "small.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def room_of(folder: Path, watch: Watch | None = None, *, measure: bool = False) -> Room:
    """A room of the small exercise: a copy of one that was made once, since reading an exercise takes its time."""
    path = folder / "small.room"
    path.write_bytes(_fresh())
    return Room.open(path, now=watch or Watch(), measure=measure)


@cache
def _fresh() -> bytes:
    """The file of a room in which nothing has happened. In run 1 the offensive phase is not reached by the second move."""
    folder = Path(_KEEP.name)
    made = folder / "small.room"
    Room.create(made, str(exercise_file(folder)), run=1, library=Library([folder]), now=Watch(), measure=False).close()
    return made.read_bytes()


_KEEP = tempfile.TemporaryDirectory(prefix="phased-test-room-")
"""the exercise stays where its room says that it was"""


def decide(room: Room, token: str, move: str = "first", **more: Any) -> None:
    """A decision that fits."""
    given: dict[str, Any] = {"option": "Wait", "phase": "no_action", "reason": "because", "confidence": 3, **more}
    room.decide(token, move, **given)


@pytest.fixture
def watch() -> Watch:
    """The clock of the room."""
    return Watch()


@pytest.fixture
def room(tmp_path: Path, watch: Watch) -> Iterator[Room]:
    """A room of the small exercise, in its lobby."""
    made = room_of(tmp_path, watch)
    yield made
    made.close()
