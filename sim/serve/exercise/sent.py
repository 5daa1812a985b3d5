"""What a page sends, taken apart: each field has its kind, and what does not fit is refused in words."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from starlette.exceptions import HTTPException

from sim.room import Refused, Room
from sim.serve.exercise.team_page import ANSWER

Json = dict[str, Any]


def _wrong(field: str, wanted: str) -> HTTPException:
    return HTTPException(400, f"{field} must be {wanted}.")


def text(sent: Json, field: str) -> str:
    """A text that must be there. Like all of these it raises HTTPException 400 for anything else."""
    found = sent.get(field)
    if not isinstance(found, str):
        raise _wrong(field, "a text")
    return found


def optional_text(sent: Json, field: str) -> str | None:
    """A text; none where it is empty or left out."""
    return text(sent, field) or None if sent.get(field) is not None else None


def number(sent: Json, field: str) -> float:
    """A finite number, also as somebody wrote it into a field."""
    found = sent.get(field)
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        raise _wrong(field, "a number")
    try:
        value = float(found)
    except (ValueError, OverflowError):
        raise _wrong(field, "a number") from None
    if not math.isfinite(value):
        raise _wrong(field, "a number")
    return value


def whole(sent: Json, field: str) -> int:
    found = number(sent, field)
    if found != int(found):
        raise _wrong(field, "a whole number")
    return int(found)


def begins_with(sent: Json, prefix: str) -> dict[str, str]:
    """The fields whose names begin so, without that; those left empty are left out."""
    return {
        field.removeprefix(prefix): text(sent, field) for field in sent if field.startswith(prefix) and text(sent, field).strip()
    }


def decision(sent: Json) -> Json:
    """The fields of `Room.decide` after the move."""
    if "confidence" not in sent:
        raise HTTPException(400, "Say how sure you are.")
    return {
        "option": optional_text(sent, "option"),
        "phase": optional_text(sent, "phase"),
        "reason": text(sent, "reason"),
        "confidence": whole(sent, "confidence"),
        "answers": begins_with(sent, ANSWER),
    }


def _advance(room: Room, sent: Json) -> None:
    """From where the page stood, so that a second click, or a second page, does not skip a move."""
    view = room.facilitator_view()
    here = view["move"]["name"] if view["status"] == "move" else view["status"]
    if text(sent, "at") != here:
        raise Refused(409, "The exercise has already gone on. Look where it stands now.")
    room.advance()


def _improvise(room: Room, sent: Json) -> None:
    title, about, source, reliability = (text(sent, field) for field in ("title", "text", "source", "reliability"))
    room.improvise(title, about, source, reliability, tuple(begins_with(sent, "to:")))


def _readings(room: Room, sent: Json) -> None:
    shown = sent.get("shown")
    if not isinstance(shown, bool):
        raise _wrong("shown", "true or false")
    room.show_readings(shown)


ACTIONS: dict[str, Callable[[Room, Json], None]] = {
    "advance": _advance,
    "extend": lambda room, sent: room.extend(whole(sent, "minutes")),
    "pause": lambda room, _: room.pause(),
    "go_on": lambda room, _: room.go_on(),
    "release": lambda room, sent: room.release(text(sent, "inject")),
    "improvise": _improvise,
    "set_level": lambda room, sent: room.set_level(text(sent, "variable"), number(sent, "value")),
    "set_noise": lambda room, sent: room.set_noise(text(sent, "signpost"), number(sent, "factor")),
    "show_readings": _readings,
}
"""What the facilitator's page may do, by name."""
