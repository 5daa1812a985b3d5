"""The headline of a false-alarm/delay curve: what its first and last values come to, as far as the runs carry it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sim.analysis.quality import Column, Point, TriggerQuality, Varied
from sim.charts.words import percent, plain
from sim.errors import every

FEW = 30
"""A mean delay over fewer runs is not told in a headline: one late run moves it by days."""


def curve_headline(done: TriggerQuality, varied: Varied, errors: str) -> list[str]:
    """`errors`: with which errors, in the order of the columns."""
    first, last = (done.columns[0].points[index].text for index in (0, -1))
    words = f"{varied.name} {first} → {last}{f' {varied.unit}' if varied.unit else ''}"
    if done.still:
        return [f"{words}: changes nothing here"]
    lines = [f"{words}: {_alarms(done, varied.transitions[0])}", *_delays(done, varied.transitions[0])]
    return [*lines[:-1], f"{lines[-1]}, {errors}"]


def _alarms(done: TriggerQuality, name: str) -> str:
    points = [point for column in done.columns for point in column.points]
    if not any(point.quality.of(name).false_alarm.count for point in points):
        return f"no false alarm of {plain(name)} at any value"
    return f"false alarms of {plain(name)} in {_over(done.columns, lambda point: _alarm(point, name), ' of runs')}"


def _alarm(point: Point, name: str) -> str:
    return percent(point.quality.of(name).false_alarm.value)


def _delays(done: TriggerQuality, name: str) -> list[str]:
    """One line, or none where nothing is due."""
    shown = [_delay(done, column.points[index], name) for column in done.columns for index in (0, -1)]
    if any(each != "–" for each in shown):
        return [f"Mean delay: {_over(done.columns, lambda point: _delay(done, point, name), ' days')}"]
    low, high = (pick(done.due(name, column)[at] for column in done.columns) for at, pick in enumerate((min, max)))
    if not high:
        return []
    return [f"Due in only {due_words(low, high, done.runs)}: too few for a mean delay"]


def _delay(done: TriggerQuality, point: Point, name: str) -> str:
    delay = point.quality.of(name).delay
    return "–" if delay.runs < FEW and not done.single_path else days(delay.value)


def _over(columns: Sequence[Column], told: Callable[[Point], str], unit: str) -> str:
    """`80% → 0% and 80% → 8% of runs`; where every value comes to the same, `80% and 70% of runs at every value`."""
    if all(len({told(point) for point in column.points}) == 1 for column in columns):
        same = [told(column.points[0]) for column in columns]
        return f"{same[0] if len(set(same)) == 1 else every(same)}{unit} at every value"
    ends = [(told(column.points[0]), told(column.points[-1])) for column in columns]
    if len({end for both in ends for end in both}) == 1:
        return f"{ends[0][0]}{unit} at both ends, not between them"
    return every([f"{first} → {last}" for first, last in ends]) + unit


def due_words(low: int, high: int, runs: int) -> str:
    """`14 of 300 runs`, or `13–15 of 300 runs`."""
    return f"{low:,}{f'–{high:,}' if high != low else ''} of {runs:,} run{'' if runs == 1 else 's'}"


def days(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}" if value >= 9.95 or value % 1 == 0 else f"{value:.1f}"
