"""What a chart of fastest possible days is given: the days, one witness path, and what the policy does on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sim.results import Change, Floats, Grades, Ints, PhaseName, ThresholdLine


@dataclass(frozen=True)
class Soonest:
    """How soon one phase, or a higher one, can take effect."""

    label: str
    day: int | None
    """None: in no world, or not decided"""
    decided: bool
    not_before: int = 0
    """where it is not decided"""


@dataclass(frozen=True)
class Seen:
    """A signpost on the witness path."""

    name: str
    unit: str
    values: Floats
    """(days,)"""
    thresholds: Sequence[ThresholdLine]
    ends: tuple[float, ...]
    """the finite ends of the values that it may take"""


@dataclass(frozen=True)
class ReachPicture:
    policy_title: str
    scenario_title: str | None
    """None: no scenario"""
    start: dt.date | None
    """None: days have no dates"""
    days: int
    """that are shown"""
    horizon: int | None
    """of the scenario"""
    premise: str
    phases: Sequence[PhaseName]
    initial: int
    soonest: Sequence[Soonest]
    """the phases above the initial one, lowest first"""
    seen: Sequence[Seen]
    """on the way to the highest phase that can be reached; none where none can"""
    strip: Ints
    """(days,): the phase at the end of each day on that way"""
    changes: Sequence[Change]
    drawn: Sequence[str]
    """the drawn numbers of that way, as text"""
    grades: Grades
