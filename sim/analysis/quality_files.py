"""What quality.json and quality.csv hold: the records of trigger quality as plain values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.analysis.quality import OUTCOMES, Apart, Column, Mean, PhaseQuality, Quality, Share, TransitionQuality, TriggerQuality
from sim.intervals import LEVEL, Z

Json = dict[str, Any]
SCHEMA = 1
HEADER = ("memory", "varied", "series", "statistic", "value", "low", "high")
"""`memory` in days, or `as given`; `varied` empty for the policy as given; `low` and `high` at intervals.LEVEL."""
Row = tuple[object, ...]


def document(done: TriggerQuality) -> Json:
    """quality.json."""
    varied = done.varied
    return {
        "schema": SCHEMA,
        "scenario": done.scenario,
        "policy": done.policy,
        "runs": done.runs,
        "single_path": done.single_path,
        "seed": done.seed,
        "start": done.start.isoformat(),
        "days": done.days,
        "reactive": done.reactive,
        "errors": done.blurred,
        "tolerance": done.tolerance,
        "interval_level": LEVEL,
        "varied": varied
        and {
            "path": varied.path,
            "unit": varied.unit or None,
            "stated": varied.stated,
            "transitions": list(varied.transitions),
        },
        "columns": [_column(each) for each in done.columns],
        "evidence": {
            "numbers": done.grades.total,
            "quoted": done.grades.quoted,
            "reported": done.grades.reported,
            "implied": done.grades.implied,
            "assumed": done.grades.assumed,
        },
    }


def _column(each: Column) -> Json:
    points = [{"value": point.value, **_quality(point.quality)} for point in each.points]
    return {"memory": each.memory, "as_given": _quality(each.quality), "points": points}


def _quality(each: Quality) -> Json:
    return {
        "transitions": [_transition(one) for one in each.transitions],
        "phases": [_phase(one) for one in (*each.phases, each.every)],
    }


def _transition(each: TransitionQuality) -> Json:
    return {
        "name": each.name,
        **{name: _share(each.outcome(name)) for name in OUTCOMES},
        "false_alarm": _share(each.false_alarm),
        "due": _share(each.due),
        "early_days": _apart(each.early_days),
        "late_days": _apart(each.late_days),
        "difference": _mean(each.difference),
        "delay": _mean(each.delay),
        "takings": _mean(each.takings),
        "twin_takings": _mean(each.twin_takings),
    }


def _phase(each: PhaseQuality) -> Json:
    return {
        "name": each.name,
        "days_above": _mean(each.above),
        "ever_above": _share(each.ever_above),
        "days_below": _mean(each.below),
        "ever_below": _share(each.ever_below),
    }


def _share(each: Share) -> Json:
    return {"share": each.value, "interval": list(each.interval), "count": each.count}


def _mean(each: Mean) -> Json:
    return {"mean": each.value, "se": each.se, "runs": each.runs}


def _apart(each: Apart) -> Json:
    return {**_mean(each.mean), "quantiles": {str(level): days for level, days in each.quantiles.items()}}


def rows(done: TriggerQuality) -> Iterator[Row]:
    """quality.csv, long: one row for each memory, value, series and statistic, under HEADER."""
    for column in done.columns:
        memory = "as given" if column.memory is None else f"{column.memory:g}"
        for value, each in (("", column.quality), *((point.text, point.quality) for point in column.points)):
            for series, statistic, numbers in _statistics(each):
                yield memory, value, series, statistic, *numbers


def _statistics(each: Quality) -> Iterator[tuple[str, str, Row]]:
    for one in each.transitions:
        series = f"transition.{one.name}"
        for name in OUTCOMES:
            yield series, name, _bounds(one.outcome(name))
        yield series, "false_alarm", _bounds(one.false_alarm)
        yield series, "due", _bounds(one.due)
        for name, mean in (("difference", one.difference), ("delay", one.delay)):
            yield series, name, _reach(mean)
        for name, apart in (("early_days", one.early_days), ("late_days", one.late_days)):
            yield series, name, _reach(apart.mean)
            yield from ((series, f"{name}.q{level}", (_or_empty(days), "", "")) for level, days in apart.quantiles.items())
        yield series, "takings", _reach(one.takings)
        yield series, "twin_takings", _reach(one.twin_takings)
    for phase in (*each.phases, each.every):
        series = "phases" if phase is each.every else f"phase.{phase.name}"
        yield series, "days_above", _reach(phase.above)
        yield series, "ever_above", _bounds(phase.ever_above)
        yield series, "days_below", _reach(phase.below)
        yield series, "ever_below", _bounds(phase.ever_below)


def _bounds(share: Share) -> Row:
    return share.value, *share.interval


def _reach(mean: Mean) -> Row:
    """A mean and its normal interval; empty over no run."""
    if mean.value is None:
        return "", "", ""
    return mean.value, mean.value - Z * mean.se, mean.value + Z * mean.se


def _or_empty(days: int | None) -> object:
    return "" if days is None else days
