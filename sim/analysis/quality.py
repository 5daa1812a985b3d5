"""Trigger quality as typed records: how a policy's transitions fall against those of the twin that sees perfectly."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sim.intervals import wilson
from sim.results import Grades

OUTCOMES = ("on_time", "early", "late", "false", "missed", "neither")
"""Each run is one of these for each transition, by its first taking: the six shares sum to 1."""


@dataclass(frozen=True)
class Share:
    """A share of simulated runs."""

    count: int
    runs: int
    single_path: bool = False
    """every run is the same, so that there is no Monte Carlo error"""

    @property
    def value(self) -> float:
        return self.count / self.runs

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high (Wilson) at intervals.LEVEL."""
        if self.single_path:
            return self.value, self.value
        low, high = wilson(self.count, self.runs)
        return float(low), float(high)


@dataclass(frozen=True)
class Mean:
    """A mean over runs and its Monte Carlo standard error. None: over no run at all."""

    value: float | None
    se: float
    runs: int


@dataclass(frozen=True)
class Apart:
    """By how many days, over the runs in which a transition was early, or late."""

    mean: Mean
    quantiles: Mapping[float, int | None]
    """the least number of days with cumulative count ≥ level·n; None over no run"""


@dataclass(frozen=True)
class TransitionQuality:
    """One transition, by the day of effect of its first taking in each run, against its first in the twin."""

    name: str
    from_labels: tuple[str, ...]
    to_label: str
    on_time: Share
    """within the tolerance"""
    early: Share
    late: Share
    false: Share
    """taken, and never due up to the horizon"""
    missed: Share
    """due, and never taken up to the horizon"""
    neither: Share
    early_days: Apart
    late_days: Apart
    difference: Mean
    """days taken − due over the runs in which both happen"""
    delay: Mean
    """days late over the runs in which it is due: 0 where early, and one that is missed counted up to the horizon"""
    takings: Mean
    """per run, all of them"""
    twin_takings: Mean

    @property
    def false_alarm(self) -> Share:
        """Taken before it was due, or without ever being due."""
        return Share(self.early.count + self.false.count, self.false.runs, self.false.single_path)

    @property
    def due(self) -> Share:
        return Share(self.delay.runs, self.false.runs, self.false.single_path)

    def outcome(self, name: str) -> Share:
        """One of OUTCOMES."""
        found = getattr(self, name)
        assert isinstance(found, Share)
        return found


@dataclass(frozen=True)
class PhaseQuality:
    """Days a run in which the policy stands above or below its twin."""

    name: str
    label: str
    above: Mean
    """false-alarm days: the policy stands in this phase while the twin stands in a lower one"""
    below: Mean
    """days of delay: the twin stands in this phase while the policy stands in a lower one"""
    ever_above: Share
    """of runs with a day of it"""
    ever_below: Share


@dataclass(frozen=True)
class Quality:
    """One policy against its twin."""

    transitions: tuple[TransitionQuality, ...]
    phases: tuple[PhaseQuality, ...]
    """those above the lowest"""
    every: PhaseQuality
    """all phases together"""

    def of(self, transition: str) -> TransitionQuality:
        return next(each for each in self.transitions if each.name == transition)


@dataclass(frozen=True)
class Point:
    """The policy with one value of what is varied, against the twin of the policy as given."""

    text: str
    """the value as it was set"""
    value: float
    quality: Quality


@dataclass(frozen=True)
class Column:
    """What comes out with one memory of the signposts' errors."""

    memory: float | None
    """days, in all signposts; None: as the scenario gives it"""
    quality: Quality
    """of the policy as given"""
    points: tuple[Point, ...] = ()

    @property
    def label(self) -> str:
        if self.memory is None:
            return "as given"
        return f"{self.memory:g} day{'' if self.memory == 1 else 's'}"


@dataclass(frozen=True)
class Varied:
    """What `--vary` varies."""

    path: str
    name: str
    """in words"""
    unit: str
    stated: float | None
    """its value in the policy as given, where it is fixed"""
    transitions: tuple[str, ...]
    """those that it concerns"""


@dataclass(frozen=True)
class TriggerQuality:
    """A policy on a scenario against its twin, for several memories of error side by side."""

    scenario: str
    scenario_title: str
    policy: str
    policy_title: str
    start: dt.date
    days: int
    runs: int
    seed: int
    single_path: bool
    reactive: bool
    blurred: bool
    """some signpost that the policy reads has an error; without one there is nothing to remember, and one column"""
    tolerance: int
    grades: Grades
    columns: tuple[Column, ...]
    varied: Varied | None = None
    behind: tuple[str, ...] = ()
    """signposts that the policy reads late or as a trailing mean; its twin does not, so that this counts as delay"""

    @property
    def still(self) -> bool:
        """Does what is varied change nothing?"""
        return all(point.quality == column.quality for column in self.columns for point in column.points)

    @property
    def curve(self) -> Varied | None:
        """What is varied, where the policy has a transition to draw a curve of."""
        return self.varied if self.varied and self.varied.transitions else None

    def due(self, transition: str, column: Column) -> tuple[int, int]:
        """In the fewest and the most runs in which a transition is due, over the values of what is varied."""
        runs = [point.quality.of(transition).due.count for point in column.points]
        return min(runs), max(runs)

    def date(self, day: int) -> dt.date:
        return self.start + dt.timedelta(days=day)
