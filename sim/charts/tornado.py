"""Tornado: how far each factor alone moves a measure, in the measure's own unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from sim.analysis.sensitivity import ENDS, Swing, Tornado
from sim.charts.factors import About, name_rows, row_height, short, with_unit, without_effect
from sim.charts.labels import Label, Margin
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import FAINT, GREY, INK, LABEL, SMALL, styled
from sim.charts.text import width
from sim.charts.words import joined, listed

_WIDE, _LABELS = 9.6, 1.5
_BAR = 0.15
_LOW, _HIGH = "#d9dee3", "#4b5661"
"""towards a factor's low and its high quantile: light and dark, in greyscale too"""
_PLOT = 4.4
"""inches that the panel has, about"""


def tornado_chart(found: Tornado, about: About, imprint: Imprint) -> Chart:
    """A bar for each factor that moves the measure, the widest on top."""
    swings, median = found.swings, found.median
    drawn = [each for each in swings if each.difference or each.se]
    headline = [_headline(drawn, about)]
    still = [each.factor.path for each in swings if each not in drawn]
    frame = Frame(
        headline, about.subtitle, about.small_print(imprint, _extra(drawn)), without_effect(still, "between these quantiles")
    )
    with styled():
        page = Page(_WIDE, sum(row_height(each.factor) for each in drawn) + 0.9, frame)
        _draw(page, drawn, median, about)
        return Chart(page.finish(), joined(headline), _description(drawn, median, about, headline), imprint)


def _headline(swings: Sequence[Swing], about: About) -> str:
    if not swings:
        return f"{about.measure}: no factor moves it by itself"
    most = swings[0]
    low, high = (with_unit(value, most.factor.unit) for value in most.at)
    return f"{about.measure}: {about.moved(most.difference)} with {most.factor.path} at {high} than at {low}"


def _extra(swings: Sequence[Swing]) -> list[str]:
    words = [f"Each factor at its {ENDS[0]:.0%} and {ENDS[1]:.0%} quantile, the others at their medians."]
    if any(each.se for each in swings):
        words.append("After ±: Monte Carlo standard errors, from paired replications.")
    return words


def _draw(page: Page, swings: Sequence[Swing], median: float, about: About) -> None:
    ax = page.figure.subplots()
    middles = name_rows(ax, [each.factor for each in swings])
    _axis(ax, swings, median, about)
    for each, y in zip(swings, middles, strict=True):
        _bar(ax, each, median, y)
    labels = [Label(y, about.change(each.difference, each.se)) for each, y in zip(swings, middles, strict=True)]
    page.margin(Margin(ax, labels, _LABELS, leaders=False))


def _axis(ax: Axes, swings: Sequence[Swing], median: float, about: About) -> None:
    ends = np.array([median, *(value for each in swings for value in each.means)])
    low, high = float(ends.min()), float(ends.max())
    if low == high:
        low, high = low - 0.5, high + 0.5
    first, last = _room(low, high, [label for each in swings for label in _labels(each, median)])
    ax.set_xlim(first, last)
    most = 1.0 if about.is_share else np.inf  # room for labels is no room for values
    ax.set_xticks([tick for tick in ax.get_xticks() if max(0.0, first) <= tick <= min(most, last)])
    if about.is_share:
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.axvline(median, color=INK, linewidth=0.8, zorder=3)
    ax.set_title(f"{about.measure}; line: {about.level(median)}, all factors at their medians", fontsize=LABEL)
    ax.grid(axis="x", color=FAINT, linewidth=0.5)
    ax.set_axisbelow(True)


@dataclass(frozen=True)
class _End:
    """The label at the end of a bar."""

    at: float
    text: str
    right: bool


def _room(low: float, high: float, labels: Sequence[_End]) -> tuple[float, float]:
    """Limits that leave room for the labels: each pass makes the panel wider, and so an inch of it longer."""
    first, last = low, high
    for _ in range(12):
        inch = (last - first) / _PLOT
        first = min([low, *(each.at - (width(each.text, SMALL) + 0.1) * inch for each in labels if not each.right)])
        last = max([high, *(each.at + (width(each.text, SMALL) + 0.1) * inch for each in labels if each.right)])
    return first, last


def _bar(ax: Axes, each: Swing, median: float, y: float) -> None:
    """The two ends each from the middle; where both lie on one side, the farther one behind."""
    for side in _farthest(each, median):
        width_ = each.means[side] - median
        ax.barh(y, width_, 2 * _BAR, left=median, color=(_LOW, _HIGH)[side], edgecolor=GREY, linewidth=0.6, zorder=2)
    for label in _labels(each, median):
        ax.annotate(
            label.text,
            xy=(label.at, y),
            xytext=(3 if label.right else -3, 0),
            textcoords="offset points",
            ha="left" if label.right else "right",
            va="center",
            fontsize=SMALL,
            color=INK,
            annotation_clip=False,
        )


def _farthest(each: Swing, median: float) -> tuple[int, int]:
    """Its two ends, the one farther from the middle first."""
    return (0, 1) if abs(each.means[0] - median) >= abs(each.means[1] - median) else (1, 0)


def _labels(each: Swing, median: float) -> list[_End]:
    """The factor's value at each end; where both lie on one side of the middle, both at the farther one."""
    far, near = _farthest(each, median)
    right = each.means[far] >= median
    if (each.means[near] > median) == right and each.means[near] != median:
        return [_End(each.means[far], f"{short(each.at[far])} (and {short(each.at[near])})", right)]
    return [_End(each.means[far], short(each.at[far]), right), _End(each.means[near], short(each.at[near]), not right)]


def _description(swings: Sequence[Swing], median: float, about: About, headline: Sequence[str]) -> str:
    each = listed(
        f"{s.factor.path} ({s.factor.grade}) from {with_unit(s.at[0], s.factor.unit)} to {with_unit(s.at[1], s.factor.unit)}: "
        f"{about.change(s.difference, s.se)}"
        for s in swings
    )
    return (
        f"Tornado of {about.measure}, {about.level(median)} with all factors at their medians. {joined(headline)}. "
        f"{each or 'No factor'}."
    )
