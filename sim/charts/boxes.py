"""Discovery boxes: the conditions under which a phase is reached, each within the factor's full range, and how far they hold."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.analysis.discovery import Box, Limit, Sample, Score
from sim.analysis.factors import Factor
from sim.charts.factors import About, dotted, name_rows, row_height, short, with_unit
from sim.charts.labels import Label, Margin
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import FAINT, GREY, INK, LABEL, SMALL, styled
from sim.charts.words import joined, percent
from sim.errors import BadUsage

_WIDE, _LABELS = 9.6, 1.9
_BAR = 0.07
_INSIDE, _RANGE = "#4b5661", "#e3e7eb"
_BELOW = 2.9
"""inches of the panels below the boxes"""
_LETTERS = 120
"""of conditions in a headline"""
_DOTS = 1_500
"""cases drawn in a scatter"""


def boxes_chart(
    boxes: Sequence[Box], factors: Sequence[Factor], sample: Sample, fresh: Sample, about: About, imprint: Imprint
) -> Chart:
    """Per box a bar for each condition in the factor's range over the cases; below, the cases over the two most telling factors,
    and the trade of coverage for density along the first trajectory."""
    if not boxes:
        raise BadUsage("there is no box to draw")
    headline = _headline(boxes, sample, about)
    frame = Frame(headline, about.subtitle, about.small_print(imprint, _extra(sample)), _notes(boxes, fresh))
    with styled():
        page = _draw(boxes, factors, sample, frame)
        return Chart(page.finish(), joined(headline), _description(boxes, headline), imprint)


def _headline(boxes: Sequence[Box], sample: Sample, about: About) -> list[str]:
    box = boxes[0]
    shown = 2 if sum(len(condition(each)) for each in box.limits[:2]) < _LETTERS else 1
    told = " and ".join(condition(each) for each in box.limits[:shown])
    more = f" and {len(box.limits) - shown} more" if len(box.limits) > shown else ""
    fresh = f"Of fresh cases with {told}{more}: {percent(box.fresh.density)}"
    if not box.fresh.inside:
        fresh = f"No fresh case has {told}{more}"
    return [f"{about.measure}: {percent(sample.interest.mean())} of cases", fresh]


def condition(limit: Limit) -> str:
    """A box's condition on a factor, in words: `x at least 2.5 rung`, `x 3 or 4 rung`."""
    return f"{limit.factor.path} {bounds(limit)}"


def bounds(limit: Limit) -> str:
    """`at least 0.05 rung`, `0.1 to 0.4`, `3 or 4 rung`."""
    unit = limit.factor.unit
    if limit.choices:
        values = [short(each) for each in limit.choices]
        return f"{' or '.join(filter(None, [', '.join(values[:-1]), values[-1]]))} {unit}".rstrip()
    if limit.low is None or limit.high is None:
        return (
            with_unit(limit.high, f"{unit} or less".strip())
            if limit.high is not None
            else with_unit(limit.low or 0.0, f"{unit} or more".strip())
        )
    return f"{short(limit.low)} to {with_unit(limit.high, unit)}"


def _extra(sample: Sample) -> list[str]:
    words = ["Coverage: share of the cases of interest that a box holds. Density: share of its cases that are of interest."]
    words.append("Found by PRIM. In brackets: 95% Monte Carlo intervals.")
    if len(sample.values) > _DOTS:
        words.append(f"Dots: the first {_DOTS:,} cases.")
    return words


def _notes(boxes: Sequence[Box], fresh: Sample) -> list[str]:
    notes = []
    for number, box in enumerate(boxes, 1):
        scores = f"{_score(box.score)}. On {len(fresh.values):,} fresh cases: {_score(box.fresh, intervals=True)}"
        notes += [f"Box {number}: {scores}.", *_doubts(number, box)]
    return notes


def doubt(number: int, box: Box) -> str:
    """Of a box whose density on fresh cases may be no more than that of all cases."""
    if not box.fresh.inside:
        return f"Box {number}: no fresh case falls in it: do not rely on it."
    share = percent(box.fresh.share)
    return f"Box {number}: on fresh cases not clearly denser than all cases ({share} of interest): do not rely on it."


def _doubts(number: int, box: Box) -> list[str]:
    return [] if box.fresh.denser else [doubt(number, box)]


def _score(score: Score, intervals: bool = False) -> str:
    coverage, density = percent(score.coverage), percent(score.density)
    if intervals:
        coverage += f" ({_between(score.coverage_interval)})"
        density += f" ({_between(score.density_interval)})"
    return f"coverage {coverage}, density {density}"


def _between(interval: tuple[float, float]) -> str:
    low, high = (f"{100 * each:.3g}" for each in interval)
    return f"{low}–{high}"


# panels -----------------------------------------------------------------------------------------------------------------------


def _draw(boxes: Sequence[Box], factors: Sequence[Factor], sample: Sample, frame: Frame) -> Page:
    heights = [sum(row_height(each.factor) for each in box.limits) + 0.35 for box in boxes]
    page = Page(_WIDE, sum(heights) + _BELOW, frame)
    grid = page.figure.add_gridspec(len(boxes) + 1, 2, height_ratios=[*heights, _BELOW])
    for number, box in enumerate(boxes):
        ax = page.figure.add_subplot(grid[number, :])
        _box(page, ax, number + 1, box, factors, sample)
    _scatter(page.figure.add_subplot(grid[-1, 0]), boxes[0], factors, sample)
    _trade(page.figure.add_subplot(grid[-1, 1]), boxes[0])
    return page


def _box(page: Page, ax: Axes, number: int, box: Box, factors: Sequence[Factor], sample: Sample) -> None:
    """Every range runs over the whole width, from the least to the greatest value among the cases."""
    middles = name_rows(ax, [each.factor for each in box.limits])
    ax.set_xlim(-0.01, 1.01)
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_title(f"Box {number}: {_score(box.score)}, {percent(box.score.mass)} of all cases", fontsize=LABEL)
    for each, y in zip(box.limits, middles, strict=True):
        values = sample.values[:, factors.index(each.factor)]
        _range(ax, each, float(values.min()), float(values.max()), y)
    labels = [Label(y, bounds(each)) for each, y in zip(box.limits, middles, strict=True)]
    page.margin(Margin(ax, labels, _LABELS, leaders=False))


def _range(ax: Axes, limit: Limit, low: float, high: float, y: float) -> None:
    """A discrete factor's values as dots, a continuous one's stretch as a bar; ends labelled below it."""
    span = (high - low) or 1.0

    def at(value: float) -> float:
        return (value - low) / span

    ax.barh(y, 1, 2 * _BAR, left=0, color=_RANGE, edgecolor=GREY, linewidth=0.5)
    if limit.choices:
        for value in limit.factor.choices:
            inside = value in limit.choices
            ax.plot(
                [at(value)], [y], "o", markersize=8, color=_INSIDE if inside else "white", markeredgecolor=GREY, clip_on=False
            )
            _under(ax, at(value), y, short(value), bold=inside)
        return
    first, last = (low if limit.low is None else limit.low), (high if limit.high is None else limit.high)
    ax.barh(y, at(last) - at(first), 2 * _BAR, left=at(first), color=_INSIDE, edgecolor=INK, linewidth=0.6)
    ends = [(low, limit.low is None), (high, limit.high is None)]
    marks = [*((value, True) for value in (limit.low, limit.high) if value is not None)]
    marks += [(value, bold) for value, bold in ends if all(abs(at(value) - at(mark)) > 0.09 for mark, _ in marks)]
    for value, bold in marks:
        _under(ax, at(value), y, short(value), bold=bold)


def _under(ax: Axes, x: float, y: float, text: str, *, bold: bool) -> None:
    ax.annotate(
        text,
        xy=(x, y - _BAR),
        xytext=(0, -3),
        textcoords="offset points",
        ha="left" if x < 0.02 else "right" if x > 0.98 else "center",
        va="top",
        fontsize=SMALL,
        color=INK if bold else GREY,
        annotation_clip=False,
    )


def _scatter(ax: Axes, box: Box, factors: Sequence[Factor], sample: Sample) -> None:
    """The cases over the two factors that tell most; over one, spread up and down, where there is only one."""
    limits = box.limits[:2]
    columns = [_column(each, factors, sample) for each in limits]
    if len(columns) == 1:
        columns.append(_spread(len(columns[0])))
    x, y = columns
    interest = sample.interest[: len(x)]
    ax.scatter(x[~interest], y[~interest], s=6, facecolor="none", edgecolor="#a9b2ba", linewidth=0.5)
    ax.scatter(x[interest], y[interest], s=6, facecolor=_INSIDE, edgecolor="none", alpha=0.75)
    ax.margins(0.05)
    _ticks_inside(ax)
    for limit, set_ticks in zip(limits, (ax.set_xticks, ax.set_yticks), strict=False):
        if 1 < len(limit.factor.choices) < 9:
            set_ticks(limit.factor.choices, [short(each) for each in limit.factor.choices])
    _outline(ax, limits)
    ax.set_xlabel(dotted(_axis(limits[0].factor), 3.6, SMALL), fontsize=SMALL)
    if len(limits) > 1:
        ax.set_ylabel(dotted(_axis(limits[1].factor), 2.3, SMALL), fontsize=SMALL)
    else:
        ax.set_yticks([])
        ax.set_ylabel("Spread evenly, only to be legible", fontsize=SMALL)
    ax.set_title("Cases: full ones are of interest; dashed: box 1", fontsize=LABEL)


def _ticks_inside(ax: Axes) -> None:
    """A few, none beyond the ends, whose number might stand in another panel."""
    for axis in (ax.xaxis, ax.yaxis):
        low, high = sorted(axis.get_view_interval())
        axis.set_ticks([tick for tick in MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high) if low <= tick <= high])


def _axis(factor: Factor) -> str:
    return f"{factor.path}, {factor.unit}" if factor.unit else factor.path


def _column(limit: Limit, factors: Sequence[Factor], sample: Sample) -> np.ndarray:
    """A discrete factor's values are spread a little, so that dots do not hide each other."""
    values = sample.values[:_DOTS, factors.index(limit.factor)]
    choices = limit.factor.choices
    if len(choices) < 2:
        return values
    return values + (_spread(len(values), 0.7548776662466927) - 0.5) * 0.5 * float(np.diff(choices).min())


def _spread(count: int, step: float = 0.618033988749895) -> np.ndarray:
    """Even in [0, 1), without chance: multiples of an irrational number."""
    return np.arange(count) * step % 1


def _outline(ax: Axes, limits: Sequence[Limit]) -> None:
    for limit, line in zip(limits, (ax.axvline, ax.axhline), strict=False):
        for value in (limit.low, limit.high):
            if value is not None:
                line(value, color=INK, linewidth=0.9, linestyle=(0, (4, 2)))


def _trade(ax: Axes, box: Box) -> None:
    scores = [step.score for step in box.trajectory]
    ax.plot([s.coverage for s in scores], [s.density for s in scores], color=FAINT, linewidth=0.8)
    ax.plot([s.coverage for s in scores], [s.density for s in scores], "o", markersize=3, color="#8a949e")
    chosen = box.score
    ax.plot(
        [chosen.coverage], [chosen.density], "o", markersize=7, markerfacecolor="none", markeredgecolor=INK, markeredgewidth=1.2
    )
    ax.plot([box.fresh.coverage], [box.fresh.density], "x", markersize=6, color=INK, markeredgewidth=1.2)
    least = min(min(s.density for s in scores), box.fresh.density)
    ax.set_xlim(-0.02, 1.05)
    ax.set_ylim(least - 0.08 * (1.02 - least), 1 + 0.06 * (1.02 - least))
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_formatter(lambda value, _: f"{100 * value:.4g}%")
    _ticks_inside(ax)
    ax.set_xlabel("Coverage", fontsize=SMALL)
    ax.set_ylabel("Density", fontsize=SMALL)
    ax.set_title("Steps of PRIM; ring: box 1; cross: on fresh cases", fontsize=LABEL)
    ax.grid(color=FAINT, linewidth=0.4)
    ax.set_axisbelow(True)


def _description(boxes: Sequence[Box], headline: Sequence[str]) -> str:
    words = [f"Scenario discovery. {joined(headline)}."]
    for number, box in enumerate(boxes, 1):
        conditions = "; ".join(map(condition, box.limits))
        words += [f"Box {number}: {conditions}; {_score(box.score)}; on fresh cases {_score(box.fresh)}.", *_doubts(number, box)]
    return " ".join(words)
