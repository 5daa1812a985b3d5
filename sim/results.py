"""Typed records of what came out: the arrays that measures make and that charts and reports read."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.intervals import Z_POWER, Z, wilson

FAN_LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)
DAY_QUANTILES = (0.05, 0.5, 0.95)

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


def _interval(counts: Ints, runs: int, single_path: bool) -> Floats:
    """(2, *counts.shape): low and high, at intervals.LEVEL, of the shares counts/runs; both are the share of one path."""
    low, high = (counts / runs, counts / runs) if single_path else wilson(counts, runs)
    return np.stack([low, high])


def _first_day(reached: NDArray[np.bool_]) -> int | None:
    """None: on no day up to the horizon."""
    days = np.flatnonzero(reached)
    return int(days[0]) if days.size else None


@dataclass(frozen=True)
class Fan:
    """A series over runs, per day: quantiles at FAN_LEVELS and a few single runs."""

    unit: str
    quantiles: Floats
    """(len(FAN_LEVELS), days), in `unit`"""
    samples: Floats
    """(a few, days): the first runs, one row a run"""
    runs: int
    """over how many runs the quantiles are exact"""


@dataclass(frozen=True)
class FirstPassage:
    """When a phase, or a higher one, first took effect; right-censored at the horizon (design §1)."""

    runs: int
    counts: Ints
    """(days,): runs whose first passage is that day"""
    single_path: bool = False
    """every run is the same, so that there is no Monte Carlo error"""

    @property
    def never(self) -> int:
        return self.runs - int(self.counts.sum())

    @property
    def reached(self) -> float:
        """Share of runs."""
        return int(self.counts.sum()) / self.runs

    @property
    def se(self) -> float:
        """Monte Carlo standard error of `reached`: √(p(1−p)/N)."""
        return float(np.sqrt(self.reached * (1 - self.reached) / self.runs))

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high of `reached`: its Monte Carlo interval (Wilson) at intervals.LEVEL."""
        low, high = self.cumulative_interval[:, -1]
        return float(low), float(high)

    @property
    def cumulative(self) -> Floats:
        """(days,): share of runs that reached the phase by the end of each day."""
        return np.cumsum(self.counts) / self.runs

    @property
    def cumulative_interval(self) -> Floats:
        """(2, days): low and high of `cumulative`, each day by itself."""
        return _interval(np.cumsum(self.counts), self.runs, self.single_path)

    def quantile(self, level: float) -> int | None:
        """The first day with cumulative count ≥ level·N; None if that is after the horizon."""
        return _first_day(np.cumsum(self.counts) >= level * self.runs)

    def quantile_interval(self, level: float) -> tuple[int | None, int | None]:
        """Low and high of `quantile(level)`: from the first day on which the share may be as high as `level`, to the first on
        which it cannot be lower; None is after the horizon.

        A day lies outside where the score test rejects that `level` of runs have reached the phase by it (too early), or that
        fewer had by the day before (too late). So this is the interval of the shares read at `level` instead of at a day: the
        same error, and nothing further is assumed of the distribution of days or of what comes after the horizon.
        """
        low, high = self.cumulative_interval
        return _first_day(high >= level), _first_day(low >= level)


@dataclass(frozen=True)
class Dwell:
    """Stays in one phase. A stay lasts from entry to leaving; one still open at the horizon counts in `stays` only."""

    stays: int
    completed: int
    completed_days: int
    phase_days: int
    """days in the phase over all runs, up to the horizon"""
    se: float
    """Monte Carlo standard error of the mean days in the phase a run"""


@dataclass(frozen=True)
class TransitionCount:
    name: str
    from_phase: str
    to_phase: str
    count: int


@dataclass(frozen=True)
class ThresholdLine:
    """A threshold that a guard compares with one signpost; `low` = `high` = `middle` where it is fixed."""

    name: str
    signpost: str
    unit: str
    grade: str
    sources: tuple[str, ...]
    """fact ids"""
    low: Floats
    """(days,): 5% quantile of an uncertain one"""
    middle: Floats
    high: Floats
    uncertain: bool
    text: str
    """the number as the file gives it: `3`, or `uniform 3–4`"""


@dataclass(frozen=True)
class PhaseName:
    name: str
    label: str


@dataclass(frozen=True)
class Grades:
    """How many numbers of a pair have which grade."""

    quoted: int
    reported: int
    implied: int
    assumed: int

    @property
    def total(self) -> int:
        return self.quoted + self.reported + self.implied + self.assumed


@dataclass(frozen=True)
class RivalResult:
    """The same pair with a rival reading of one threshold, on the same draws (of the first block of runs)."""

    threshold: str
    rival: str
    grade: str
    text: str
    """the number as the file gives it"""
    first_passage: Mapping[str, FirstPassage]
    """per phase above the lowest"""


@dataclass(frozen=True)
class Result:
    """One policy on one scenario: an ensemble, or one path where nothing is uncertain."""

    scenario: str
    scenario_title: str
    policy: str
    policy_title: str
    start: dt.date
    days: int
    phases: tuple[PhaseName, ...]
    """lowest first"""
    runs: int
    seed: int
    single_path: bool
    """no uncertain number and no noise: every run is the same"""
    reactive: bool
    """the world answers to the policy, so two policies may face different worlds"""
    grades: Grades
    occupancy: Ints
    """(phases, days): runs in each phase at the end of each day"""
    first_passage: Mapping[str, FirstPassage]
    """per phase above the lowest"""
    dwell: Mapping[str, Dwell]
    transitions: tuple[TransitionCount, ...]
    signposts: Mapping[str, Fan]
    variables: Mapping[str, Fan]
    thresholds: tuple[ThresholdLine, ...]
    rivals: tuple[RivalResult, ...]
    """one at a time, the other thresholds as stated; empty where no threshold has a rival reading"""
    strips: NDArray[np.int8]
    """(up to 400, days): index of the phase at the end of each day, one row a run, the first runs"""
    lead_passage: Mapping[str, FirstPassage] | None = None
    """`first_passage` over the first block alone, where `rivals` were simulated; None: that were all runs"""

    @property
    def beside_rivals(self) -> Mapping[str, FirstPassage]:
        """First passages of the stated reading, over the same runs as those of the rival readings."""
        return self.first_passage if self.lead_passage is None else self.lead_passage

    @property
    def occupancy_interval(self) -> Floats:
        """(2, phases, days): low and high of the share of runs in each phase at the end of each day, each by itself."""
        return _interval(self.occupancy, self.runs, self.single_path)

    def range_over_readings(self, phase: str) -> tuple[float, float] | None:
        """Least and greatest share of runs that reach a phase, over the stated and every rival reading; None without rivals.

        All over the same runs: the first block, in which the rivals were simulated.
        """
        if not self.rivals:
            return None
        shares = [self.beside_rivals[phase].reached, *(rival.first_passage[phase].reached for rival in self.rivals)]
        return min(shares), max(shares)

    def date(self, day: int) -> dt.date:
        return self.start + dt.timedelta(days=day)


@dataclass(frozen=True)
class Change:
    """One change of phase in one run, as a chart labels it."""

    day: int
    """of effect"""
    decided: int
    transition: str
    from_label: str
    to_label: str


@dataclass(frozen=True)
class PairedPassage:
    """Two policies on the same draws of one scenario: who reaches a phase first, as shares of runs (they sum to 1)."""

    scenario: str
    a: str
    b: str
    phase: str
    a_earlier: float
    b_earlier: float
    same_day: float
    only_a: float
    only_b: float
    neither: float
    mean_difference: float
    """days b − a, each capped at the horizon (restricted mean)"""
    se: float
    """Monte Carlo standard error of `mean_difference`, from the paired differences"""
    median_a: int | None
    median_b: int | None
    runs: int
    variance_reduction: float | None
    """how many times fewer runs the same draws need for this `se` than separate draws would; None if nothing differs"""
    single_path: bool = False
    """both policies are one path, so that nothing is left to sampling"""

    @property
    def told_apart(self) -> bool:
        """Is the mean difference further from 0 than its Monte Carlo interval (intervals.LEVEL) reaches?

        Two that are one path each are told apart by any difference at all.
        """
        return (self.single_path or self.runs > 1) and abs(self.mean_difference) > Z * self.se

    @property
    def sooner(self) -> str | None:
        """The policy that reaches the phase sooner in the restricted mean; None if the two are not told apart."""
        return (self.a if self.mean_difference > 0 else self.b) if self.told_apart else None

    @property
    def more_runs(self) -> int | None:
        """About how many more runs would tell the two apart with a chance of 80%, were the difference as it was found here.

        n·((z₀.₉₇₅ + z₀.₈)·se/|mean|)² − n, the sample size of a paired z test (Julious 2004, Statistics in Medicine 23,
        1921–1986). None if they are told apart, if no difference was seen, or if they are the same in every run.
        """
        if self.told_apart or self.se == 0 or self.mean_difference == 0:
            return None
        return math.ceil(self.runs * ((Z + Z_POWER) * self.se / self.mean_difference) ** 2) - self.runs


@dataclass(frozen=True)
class Reading:
    """One reading of the trigger on one coding of what was reported: when the rule falls due, and what was done."""

    coding: str
    coding_title: str
    reading: str
    """`as stated`, or the rival readings chosen"""
    note: str
    phase: str
    phase_label: str
    due: dt.date | None
    """None: the rule does not fall due within the run"""
    until: dt.date | None = None
    """the first day after `due` on which the rule stands below the phase again; None: it stays, or never was due"""


@dataclass(frozen=True)
class Deed:
    """What the government was seen to do: a dated fact that shows it in a phase."""

    id: str
    date: dt.date
    phase: str
    says: str
    source: str | None


@dataclass(frozen=True)
class Statement:
    """A reading against behaviour: the first deed on or after the due date, and the first that shows the phase."""

    reading: Reading
    next_deed: Deed | None
    shown: Deed | None
    """the first deed on or after the due date that shows the phase or a higher one"""
    last_seen_below: Deed | None
    """the latest deed that shows a lower phase while the rule asks for this one, where none shows the phase itself"""

    @property
    def gap(self) -> int | None:
        """Days from the due date to `shown`, or (at least) to `last_seen_below`."""
        end = self.shown or self.last_seen_below
        return (end.date - self.reading.due).days if end and self.reading.due else None
