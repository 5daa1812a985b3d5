"""The state of a live exercise: a pure fold over what happened."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sim.errors import BadUsage, quote
from sim.room import events
from sim.room.events import Event

LOBBY = -1
"""the step before the first move; moves count from 0, then come the debrief and, after it, the end"""


@dataclass(frozen=True)
class Team:
    name: str
    code: str


@dataclass(frozen=True)
class Place:
    """A seat as it is kept."""

    team: str
    """as `codes.known_as` gives it"""
    role: str | None


@dataclass(frozen=True)
class Release:
    """An inject that was given out."""

    id: str
    """MOVE.NAME, or `improvised.N`"""
    step: int
    """the move in which it was given out"""
    seconds: float
    by: str
    """clock, condition or facilitator"""


@dataclass(frozen=True)
class Improvised:
    """An inject that the facilitator made up."""

    title: str
    text: str
    source: str
    reliability: str
    to: tuple[str, ...]
    """names of roles; none: all"""


@dataclass(frozen=True)
class Change:
    """What was put into the world: a true level, or how large the error of a signpost is, from a move's date on."""

    kind: str
    """`level` or `noise`"""
    name: str
    value: float
    step: int
    """from the date of this move on"""
    inject: str | None
    """the inject that did it; None: the facilitator"""


@dataclass(frozen=True)
class Decided:
    """What a team decided in a move, as it last stood."""

    option: str | None
    phase: str | None
    reason: str
    confidence: int
    answers: Mapping[str, str]
    role: str | None
    """of the seat that sent it"""
    seconds: float
    times: int
    """how often it was sent, with changes"""


@dataclass(frozen=True)
class State:
    """All that is known of a live exercise. A fold over its events and nothing else."""

    version: int = 0
    seconds: float = 0.0
    """for how long the exercise had run at the last event"""
    step: int = LOBBY
    started: tuple[float, ...] = ()
    """per step since the first move: the second at which it began"""
    extended: Mapping[int, int] = field(default_factory=dict)
    """minutes added, by move"""
    expired: frozenset[int] = frozenset()
    """moves whose deadline has been announced"""
    paused: bool = False
    teams: Mapping[str, Team] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    """by the sha256 of a seat's token, in the order in which people joined"""
    releases: tuple[Release, ...] = ()
    improvised: Mapping[str, Improvised] = field(default_factory=dict)
    changes: tuple[Change, ...] = ()
    readings_shown: bool = False
    decisions: Mapping[tuple[str, int], Decided] = field(default_factory=dict)
    """by team and move"""
    figures: Mapping[str, str] | None = None
    """texts of the key figures; None: not measured yet"""
    warnings: tuple[str, ...] = ()
    debriefs: tuple[str, ...] = ()
    """folders into which a debrief was written"""

    def released(self, inject: str) -> Release | None:
        return next((each for each in self.releases if each.id == inject), None)

    def seats(self, team: str) -> list[Place]:
        return [each for each in self.places.values() if each.team == team]


def folded(happened: Iterable[Event]) -> State:
    """Where all events lead to."""
    state = State()
    for event in happened:
        state = applied(state, event)
    return state


def applied(state: State, event: Event) -> State:
    """The state after one more event. Raises BadUsage for a kind that this version does not know."""
    state = replace(state, version=event.id, seconds=event.seconds)
    body, at = event.body, event.seconds
    match event.kind:
        case events.JOINED:
            return _joined(state, body)
        case events.ADVANCED:
            return replace(state, step=state.step + 1, started=(*state.started, at), paused=False)
        case events.EXTENDED:
            more = state.extended.get(state.step, 0) + body["minutes"]
            return replace(state, extended={**state.extended, state.step: more}, expired=state.expired - {state.step})
        case events.PAUSED | events.WENT_ON:
            return replace(state, paused=event.kind == events.PAUSED)
        case events.EXPIRED:
            return replace(state, expired=state.expired | {state.step})
        case events.RELEASED:
            return _released(state, body, at)
        case events.IMPROVISED:
            return _improvised(state, body, at)
        case events.LEVEL | events.NOISE:
            kind = "level" if event.kind == events.LEVEL else "noise"
            return _changed(state, Change(kind, body["name"], body["value"], state.step, None))
        case events.READINGS:
            return replace(state, readings_shown=body["shown"])
        case events.DECIDED:
            return _decided(state, body, at)
        case events.MEASURED:
            return replace(state, figures=dict(body["figures"]))
        case events.WARNED:
            return replace(state, warnings=tuple(dict.fromkeys((*state.warnings, *body["warnings"]))))
        case events.DEBRIEFED:
            return replace(state, debriefs=tuple(dict.fromkeys((*state.debriefs, body["folder"]))))
    raise BadUsage(f"this room was kept by a later version of phased, which knows an event {quote(event.kind)}")


def _joined(state: State, body: Mapping[str, Any]) -> State:
    teams = state.teams if body["team"] in state.teams else {**state.teams, body["team"]: Team(body["name"], body["code"])}
    return replace(state, teams=teams, places={**state.places, body["token"]: Place(body["team"], body["role"])})


def _released(state: State, body: Mapping[str, Any], at: float) -> State:
    release = Release(body["inject"], state.step, at, body["by"])
    state = replace(state, releases=(*state.releases, release))
    for name, value in body["sets"].items():
        state = _changed(state, Change("level", name, value, state.step, release.id))
    return state


def _improvised(state: State, body: Mapping[str, Any], at: float) -> State:
    id_ = f"improvised.{len(state.improvised) + 1}"
    made = Improvised(body["title"], body["text"], body["source"], body["reliability"], tuple(body["to"]))
    release = Release(id_, state.step, at, "facilitator")
    return replace(state, releases=(*state.releases, release), improvised={**state.improvised, id_: made})


def _changed(state: State, change: Change) -> State:
    return replace(state, changes=(*state.changes, change))


def _decided(state: State, body: Mapping[str, Any], at: float) -> State:
    key = body["team"], state.step
    before = state.decisions.get(key)
    made = Decided(
        body["option"],
        body["phase"],
        body["reason"],
        body["confidence"],
        dict(body["answers"]),
        body["role"],
        at,
        before.times + 1 if before else 1,
    )
    return replace(state, decisions={**state.decisions, key: made})
