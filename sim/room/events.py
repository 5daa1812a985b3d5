"""What happens in a live exercise, one record at a time: all else follows from these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]

JOINED = "joined"
ADVANCED = "advanced"
EXTENDED = "extended"
PAUSED = "paused"
WENT_ON = "went on"
EXPIRED = "expired"
RELEASED = "released"
IMPROVISED = "improvised"
LEVEL = "level"
NOISE = "noise"
READINGS = "readings"
DECIDED = "decided"
MEASURED = "measured"
WARNED = "warned"
DEBRIEFED = "debriefed"


@dataclass(frozen=True)
class Event:
    """One thing that happened."""

    id: int
    """1, 2, …: also the version of what it leads to"""
    time: float
    """seconds since 1970, for who reads the file; nothing is computed from it"""
    seconds: float
    """for how long the exercise had run"""
    kind: str
    body: Json
