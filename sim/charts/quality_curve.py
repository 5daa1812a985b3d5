"""The false-alarm/delay curve of one varied number: a panel for each memory of error and transition, on the same axes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.analysis.quality import Column, Quality, TriggerQuality, Varied
from sim.charts.beside import Named, name_points
from sim.charts.page import Frame, Page
from sim.charts.quality_words import due_words
from sim.charts.style import BODY, FAINT, GREY, INK, LABEL
from sim.charts.text import wrap
from sim.charts.words import plain
from sim.intervals import Z

MOST_ROWS = 3
"""transitions in a chart"""
_WIDE_SPAN = 20.0
"""the longest delay over the shortest, from which on the axis is logarithmic"""
_LINEAR = 1.0
"""days up to which that axis is linear, since a delay may be 0"""
_LOG_TICKS = (0, 1, 3, 10, 30, 100, 300, 1000, 3000)


def delays(done: TriggerQuality) -> bool:
    """Is anything due, so that it may be late? Else the varied value itself is the x axis."""
    assert done.varied is not None  # asked for only then
    names = done.varied.transitions
    return any(
        point.quality.of(name).delay.value is not None for column in done.columns for point in column.points for name in names
    )


def curves(done: TriggerQuality, varied: Varied, frame: Frame) -> Figure:
    names = varied.transitions[:MOST_ROWS]
    columns, rows = len(done.columns), len(names)
    wide = 6.6 if columns == 1 else 3.1 * columns + 0.6
    page = Page(wide, rows * 3.0 + 0.3, frame)
    axes = page.figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    drawn = [
        (ax, _curve(ax, done, varied, column, name))
        for line, name in zip(axes, names, strict=True)
        for ax, column in zip(line, done.columns, strict=True)
    ]
    for row, (line, name) in enumerate(zip(axes, names, strict=True)):
        for ax, column in zip(line, done.columns, strict=True):
            _title(ax, done, column, name, first=row == 0)
        line[0].set_ylabel(wrap(f"share of simulated runs with a false alarm of {plain(name)}", 2.4, LABEL))
    _limits(axes[0][0], [dot for _, dots in drawn for dot in dots], late=delays(done))
    scale = f"\n(log scale beyond {_LINEAR:g} day)" if axes[0][0].get_xscale() == "symlog" else ""
    for ax in axes[-1]:
        ax.set_xlabel(f"mean delay where due, in days{scale}" if delays(done) else _axis_name(varied))
    figure = page.finish()
    for ax, dots in drawn:
        name_points(ax, [Named(dot.x, dot.y, dot.text, bool(dot.given)) for dot in dots])
    return figure


def _title(ax: Axes, done: TriggerQuality, column: Column, name: str, *, first: bool) -> None:
    """How long errors last, above the first row, and on how many runs the mean delays rest."""
    memory = [f"Error memory {column.label}"] if first and done.blurred else []
    due = [f"due in {due_words(*done.due(name, column), done.runs)}"] if delays(done) and not done.single_path else []
    ax.set_title("\n".join([*memory, *due]) or " ", fontsize=BODY)


def _axis_name(varied: Varied) -> str:
    return f"{varied.name}, in {varied.unit}" if varied.unit else varied.name


def _limits(ax: Axes, dots: Sequence[Dot], *, late: bool) -> None:
    """The same for all panels, with room around the points. Long delays stand on a logarithmic axis beside short ones."""
    highest = max((dot.span_y[1] for dot in dots), default=0.0) or 1.0
    ax.set_ylim(-0.04 * highest, 1.08 * highest)
    shares = _ticks(0.0, min(highest, 1.0), (1, 2, 2.5, 5, 10))
    ax.set_yticks(shares, [f"{100 * share:g}%" for share in shares])
    left = 0.0 if late else min((dot.span_x[0] for dot in dots), default=0.0)
    right = max([dot.span_x[1] for dot in dots if dot.span_x[1] > left], default=left + 1)
    if late and right > _WIDE_SPAN * max(1.0, min(dot.x for dot in dots)):
        ax.set_xscale("symlog", linthresh=_LINEAR, linscale=0.4)
        ax.set_xticks(days := [tick for tick in _LOG_TICKS if tick <= right], [f"{day:g}" for day in days])
        ax.minorticks_off()
        ax.set_xlim(-0.1, 1.6 * right)
        return
    pad = 0.05 * ((right - left) or 1.0)
    ax.set_xlim(left - pad, right + 2 * pad)
    ticks = _ticks(left, right, (1, 2, 5, 10))
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])


def _ticks(low: float, high: float, steps: Sequence[float]) -> list[float]:
    """Round numbers between the two."""
    found = MaxNLocator(5, steps=list(steps)).tick_values(low, high)
    return [round(float(tick), 9) for tick in found if low <= round(float(tick), 9) <= high]


def _x(done: TriggerQuality, value: float, quality: Quality, name: str) -> float | None:
    return quality.of(name).delay.value if delays(done) else value


def _curve(ax: Axes, done: TriggerQuality, varied: Varied, column: Column, name: str) -> list[Dot]:
    """The points in order of the value, joined; the one as given ringed, wherever it lies."""
    dots = [_dot(done, varied, name, point.text, point.value, point.quality) for point in column.points]
    if varied.stated is not None and all(point.value != varied.stated for point in column.points):
        given = _dot(done, varied, name, f"{varied.stated:g}", varied.stated, column.quality)
    else:
        given = None
    found = _merged([dot for dot in dots if dot is not None])
    ax.plot([dot.x for dot in found], [dot.y for dot in found], color=GREY, linewidth=0.8, clip_on=False, zorder=2)
    shown = found + ([given] if given else [])
    for dot in shown:
        ax.plot(dot.span_x, [dot.y, dot.y], color=FAINT, linewidth=0.9, zorder=1, clip_on=False)
        ax.plot([dot.x, dot.x], dot.span_y, color=FAINT, linewidth=0.9, zorder=1, clip_on=False)
        ax.plot(
            [dot.x],
            [dot.y],
            marker="o",
            markersize=6.0 if dot.given else 3.2,
            markerfacecolor="white" if dot.given else INK,
            markeredgecolor=INK,
            markeredgewidth=1.2 if dot.given else 0,
            clip_on=False,
            zorder=4 if dot.given else 3,
        )
    return shown


def _dot(done: TriggerQuality, varied: Varied, name: str, text: str, value: float, quality: Quality) -> Dot | None:
    x = _x(done, value, quality, name)
    if x is None:
        return None
    each = quality.of(name)
    reach = Z * each.delay.se if delays(done) else 0.0
    stated = value == varied.stated
    low = max(x - reach, 0.0) if delays(done) else x
    return Dot(x, each.false_alarm.value, (low, x + reach), each.false_alarm.interval, text, text, text if stated else None)


@dataclass(frozen=True)
class Dot:
    """A point of a curve."""

    x: float
    y: float
    span_x: tuple[float, float]
    span_y: tuple[float, float]
    first: str
    """the varied value, or the first of several that come to the same"""
    last: str
    given: str | None
    """the one among them that is as given"""

    @property
    def text(self) -> str:
        if self.first == self.last:
            return f"{self.first} (as given)" if self.given else self.first
        return f"{self.first}–{self.last}{f' ({self.given} as given)' if self.given else ''}"


def _merged(dots: Sequence[Dot]) -> list[Dot]:
    """Neighbours in the same place become one dot: a threshold between two whole rungs is as good as the upper one."""
    merged: list[Dot] = []
    for dot in dots:
        before = merged[-1] if merged else None
        if before and (before.x, before.y) == (dot.x, dot.y):
            merged[-1] = replace(before, last=dot.last, given=before.given or dot.given)
        else:
            merged.append(dot)
    return merged
