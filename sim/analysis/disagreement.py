"""The futures on which two policies disagree: in how many they ever stand in different phases, from which day, and where."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from sim.intervals import wilson
from sim.results import DAY_QUANTILES, FirstPassage, Floats, Ints


@dataclass(frozen=True)
class Parted:
    """Where two policies stand on the first day on which they stand in different phases."""

    phase_a: str
    phase_b: str
    runs: int


@dataclass(frozen=True)
class Disagreement:
    """Two policies on the same draws of one scenario: when they stand in different phases, which are told apart by name."""

    scenario: str
    a: str
    b: str
    start: dt.date
    first: FirstPassage
    """of the first day of difference; `never` are the runs without one"""
    apart: Ints
    """(days,): runs that stand in different phases at the end of each day"""
    parted: tuple[Parted, ...]
    """the most frequent first"""

    @property
    def runs(self) -> int:
        return self.first.runs

    @property
    def days(self) -> int:
        return len(self.apart)

    @property
    def single_path(self) -> bool:
        return self.first.single_path

    def date(self, day: int) -> dt.date:
        return self.start + dt.timedelta(days=day)

    @property
    def share(self) -> float:
        """Of the runs, those on which the two ever stand in different phases."""
        return self.first.reached

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high of `share`: its Monte Carlo interval (Wilson) at intervals.LEVEL."""
        return self.first.interval

    @property
    def daily(self) -> Floats:
        """(days,): share of runs that stand in different phases at the end of each day."""
        return self.apart / self.runs

    @property
    def daily_interval(self) -> Floats:
        """(2, days): low and high of `daily`, each day by itself."""
        return np.stack([self.daily, self.daily] if self.single_path else wilson(self.apart, self.runs))

    @property
    def quantiles(self) -> dict[float, int | None]:
        """Of the first day of difference among all runs: a run without one counts as later than every day (None)."""
        return {level: self.first.quantile(level) for level in DAY_QUANTILES}
