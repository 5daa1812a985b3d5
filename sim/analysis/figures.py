"""Key figures of an exercise: one number of a model with its interval, in words that a text can hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.quality import Share
from sim.intervals import Z, wilson
from sim.results import FAN_LEVELS, FirstPassage, Grades, PairedPassage, Result
from sim.spec.exercise_texts import FIGURE

ONE_PATH = "a single path"
"""what stands in brackets where nothing is uncertain, so that there is no interval"""


@dataclass(frozen=True)
class Measured:
    """A key figure. `low` and `high` are its Monte Carlo interval (intervals.LEVEL), or the readings or runs between which it
    lies. None: there is no such number (a phase that is never reached has no first day), or no interval.
    """

    text: str
    """as it stands in a text: `12% (11–14) of simulated runs`"""
    value: float | None
    low: float | None
    high: float | None
    unit: str
    """`share`, `day` (of the run, from 0), `days`, the unit of a variable, or empty"""
    runs: int


@dataclass(frozen=True)
class RuleResult:
    """One rule on one scenario, as a row of the table that sets the teams' rules side by side."""

    name: str
    kind: str
    """`stated` (the file's own), `rival` (another reading in the file) or `team`"""
    sets: tuple[str, ...]
    first_passage: Mapping[str, FirstPassage]
    """per phase above the lowest"""
    start: dt.date

    def told(self, phase: str) -> str:
        """When, and in which share of runs, the rule reaches a phase."""
        passage = self.first_passage[phase]
        reached = of_reached(passage, self.start, None).text
        if passage.single_path or passage.quantile(0.5) is None:
            return reached
        return f"{reached}; half of them by {_dated(passage.quantile(0.5), self.start)}"


def filled(text: str, figures: Mapping[str, Measured]) -> str:
    """A text of an exercise with every key figure in its place. Raises KeyError for one that was not measured."""
    return FIGURE.sub(lambda found: figures[found[1]].text, text)


def percent(share: float) -> str:
    """`12`, and `0.4` or `99.6` where a whole number would say none or all."""
    whole = f"{100 * share:.0f}"
    return whole if share in (0.0, 1.0) or whole not in ("0", "100") else f"{100 * share:.1f}"


def _share(value: float, low: float, high: float, runs: int, *, single_path: bool) -> Measured:
    if single_path:
        return Measured(f"{'yes' if value else 'no'} ({ONE_PATH})", value, None, None, "share", runs)
    text = f"{percent(value)}% ({percent(low)}–{percent(high)}) of simulated runs"
    return Measured(text, value, low, high, "share", runs)


def of_share(share: Share) -> Measured:
    return _share(share.value, *share.interval, share.runs, single_path=share.single_path)


def of_reached(passage: FirstPassage, start: dt.date, by: dt.date | None) -> Measured:
    """The share of runs that reach a phase, by the end of a day or of the run; of a single path the day on which it does."""
    last = passage.counts.size - 1 if by is None else (by - start).days
    count = int(passage.counts[: last + 1].sum())
    if passage.single_path:
        day = int(np.flatnonzero(passage.counts)[0]) if count else None
        text = f"{_dated(day, start)} ({ONE_PATH})" if day is not None else f"not by {_date(last, start)} ({ONE_PATH})"
        return Measured(text, float(count), None, None, "share", passage.runs)
    low, high = wilson(count, passage.runs)
    return _share(count / passage.runs, float(low), float(high), passage.runs, single_path=False)


def of_first(passage: FirstPassage, start: dt.date) -> Measured:
    """The day by which half of the runs have reached a phase."""
    day = passage.quantile(0.5)
    if passage.single_path:
        return of_reached(passage, start, None)
    if day is None:
        text = f"in fewer than half of the simulated runs by {_date(passage.counts.size - 1, start)}"
        return Measured(text, None, None, None, "day", passage.runs)
    low, high = passage.quantile_interval(0.5)
    ends = f"{low}+" if high is None else f"{low}–{high}"
    text = f"{_dated(day, start)} ({ends}), for half of the simulated runs"
    return Measured(text, day, low, high, "day", passage.runs)


def of_days(value: float, se: float, runs: int, *, single_path: bool) -> Measured:
    """Days in a phase a run."""
    if single_path:
        return Measured(f"{value:.0f} days ({ONE_PATH})", value, None, None, "days", runs)
    low, high = max(value - Z * se, 0.0), value + Z * se
    return Measured(f"{value:.0f} days ({low:.0f}–{high:.0f}) a run on average", value, low, high, "days", runs)


def of_later(pair: PairedPassage) -> Measured:
    """By how many days on average b reaches a phase later than a, never counted as the end of the run."""
    mean = pair.mean_difference
    low, high = mean - Z * pair.se, mean + Z * pair.se
    way = "later" if mean > 0 else "sooner"
    if pair.single_path:
        text = f"{abs(mean):.0f} days {way} ({ONE_PATH})" if mean else f"on the same day, or neither at all ({ONE_PATH})"
        return Measured(text, mean, None, None, "days", pair.runs)
    if not pair.told_apart:
        text = f"no later and no sooner as far as the runs can tell ({low:.1f} to {high:.1f} days)"
    else:
        ends = sorted((abs(low), abs(high)))
        text = f"{abs(mean):.0f} days {way} ({ends[0]:.0f}–{ends[1]:.0f}) on average"
    return Measured(text, mean, low, high, "days", pair.runs)


def of_readings(result: Result, phase: str) -> Measured:
    """Between which shares of runs the stated and the rival readings lie."""
    ends = result.range_over_readings(phase)
    if ends is None:
        return of_reached(result.first_passage[phase], result.start, None)
    low, high = ends
    passages = [result.beside_rivals[phase], *(rival.first_passage[phase] for rival in result.rivals)]
    if all(each.single_path for each in passages):
        text = f"under {sum(each.reached > 0 for each in passages)} of {len(passages)} readings"
    else:
        text = f"from {percent(low)}% to {percent(high)}% of simulated runs over {len(passages)} readings"
    return Measured(text, result.beside_rivals[phase].reached, low, high, "share", result.beside_rivals[phase].runs)


def of_last(result: Result, variable: str) -> Measured:
    """The true level on the last day: the median, and between what it lies in nine runs of ten."""
    fan = result.variables[variable]
    low, middle, high = (float(fan.quantiles[FAN_LEVELS.index(level), -1]) for level in (0.05, 0.5, 0.95))
    text = _level(middle, fan.unit)
    if not result.single_path:
        text += f" ({_amount(low, fan.unit)} to {_amount(high, fan.unit)} in nine runs of ten)"
    return Measured(text, middle, low, high, fan.unit, fan.runs)


def _level(value: float, unit: str) -> str:
    return f"{unit} {_amount(value, unit)}" if unit in _STEPPED else f"{_amount(value, unit)} {unit}"


def _amount(value: float, unit: str) -> str:
    """A rung to a digit after the point; anything else by its size."""
    return f"{round(value, 1):g}" if unit in _STEPPED else f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


_STEPPED = ("rung", "flag")


def of_changes(counts: Sequence[int], *, single_path: bool) -> Measured:
    """Changes of phase a run."""
    runs, mean = len(counts), float(np.mean(counts))
    if single_path or runs == 1:
        return Measured(f"{mean:.0f} ({ONE_PATH})", mean, None, None, "", runs)
    half = Z * float(np.std(counts, ddof=1)) / runs**0.5
    text = f"{mean:.1f} ({max(mean - half, 0):.1f}–{mean + half:.1f}) a run on average"
    return Measured(text, mean, mean - half, mean + half, "", runs)


def of_grades(grades: Grades) -> Measured:
    return Measured(f"{grades.assumed} of {grades.total}", grades.assumed, None, None, "", 0)


def _date(day: int, start: dt.date) -> str:
    return (start + dt.timedelta(days=day)).isoformat()


def _dated(day: int | None, start: dt.date) -> str:
    return "never" if day is None else f"{_date(day, start)}, day {day}"
