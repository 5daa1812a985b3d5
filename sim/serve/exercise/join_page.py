"""What the first page shows: which exercise it is, its roles, and the table at which this browser sits already."""

from __future__ import annotations

from sim.room import Room
from sim.serve.exercise.parts import Json, el


def join_page(room: Room, team: str | None) -> Json:
    """For anybody who can reach the server; `team` is the browser's own."""
    seated = (
        el("p", "This browser sits with ", el("strong", team), ". ", el("a.button", "Go on there", href="/team"))
        if team
        else None
    )
    return {
        "version": room.version,
        "title": f"Join: {room.title}",
        "clock": None,
        "news": [],
        "parts": {
            "title": [f"Join: {room.title}"],
            "seated": [seated] if seated else [],
            "role": [
                el("option", "All roles: we share one device", value=""),
                *(el("option", label, value=name) for name, label in room.roles.items()),
            ],
        },
    }
