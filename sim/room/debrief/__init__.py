"""The debrief of a live exercise: what was known, what was decided and why, what the policy did, and where they parted."""

from __future__ import annotations

from sim.room.debrief.made import debrief_of
from sim.room.debrief.page import page
from sim.room.debrief.records import Debrief
from sim.room.debrief.table import csv_of

NAMES = ("debrief.html", "debrief.csv", "debrief.pdf", "played.yaml")

__all__ = ["NAMES", "Debrief", "debrief_of", "files_of"]


def files_of(debrief: Debrief, *, pdf: bool) -> dict[str, bytes]:
    """The debrief as files, by name. Raises MissingExtra for a PDF without typst."""
    made = {"debrief.html": page(debrief).encode(), "debrief.csv": csv_of(debrief), "played.yaml": debrief.played.encode()}
    if pdf:
        from sim.room.debrief.sheet import pdf_of

        made["debrief.pdf"] = pdf_of(debrief)
    return {name: made[name] for name in NAMES if name in made}
