"""Sobol' indices: each factor's share of the variance of a measure, by itself and with its interactions."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.analysis.sensitivity import Index, Spread
from sim.charts.factors import About, name_rows, row_height, short, without_effect
from sim.charts.labels import Label, Margin
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import FAINT, GREY, INK, LABEL, styled
from sim.charts.words import joined, listed, percent

_WIDE, _LABELS = 9.6, 1.9
_BAR = 0.13
_FIRST, _TOTAL = "#96a1ab", "#e6e9ec"


def indices_chart(indices: Sequence[Index], spread: Spread, about: About, imprint: Imprint) -> Chart:
    """Two bars for each factor that matters, total above first order, with intervals; the greatest total on top."""
    drawn = sorted((each for each in indices if each.total or each.first), key=lambda each: -each.total)
    still = [each.factor.path for each in indices if each not in drawn]
    headline = [_headline(drawn, about)]
    frame = Frame(
        headline, about.subtitle, about.small_print(imprint, _extra(spread, about)), without_effect(still, "in any case")
    )
    with styled():
        page = Page(_WIDE, sum(row_height(each.factor) for each in drawn) + 0.9, frame)
        _draw(page, drawn, about)
        return Chart(page.finish(), joined(headline), _description(drawn, about, headline), imprint)


def _headline(indices: Sequence[Index], about: About) -> str:
    if not indices:
        return f"{about.measure}: no factor makes any of its variance"
    most = indices[0]
    share = percent(min(max(most.total, 0.0), 1.0))
    return f"{about.measure}: {most.factor.path} has a hand in {share} of its variance over cases"


def _extra(spread: Spread, about: About) -> list[str]:
    words = ["Lines: 95% bootstrap intervals."]
    if about.noisy and spread.noise is not None and spread.noise_of_run is not None:
        words.append(
            f"Daily noise makes {percent(spread.noise_of_run)} of the variance of a single run, and {percent(spread.noise)} of "
            "that of case means."
        )
    return words


def _draw(page: Page, indices: Sequence[Index], about: About) -> None:
    ax = page.figure.subplots()
    middles = name_rows(ax, [each.factor for each in indices])
    _axis(ax, indices, about)
    for each, y in zip(indices, middles, strict=True):
        _bar(ax, y + _BAR / 2, each.total, each.total_half, _TOTAL)
        _bar(ax, y - _BAR / 2, each.first, each.first_half, _FIRST)
    labels = []
    for each, y in zip(indices, middles, strict=True):
        labels += [Label(y + _BAR / 2, _told("total", each.total, each.total_half), swatch=_TOTAL)]
        labels += [Label(y - _BAR / 2, _told("first order", each.first, each.first_half), swatch=_FIRST)]
    page.margin(Margin(ax, labels, _LABELS, leaders=False))


def _axis(ax: Axes, indices: Sequence[Index], about: About) -> None:
    low = min((each.first - each.first_half for each in indices), default=0.0)
    high = max((max(each.total + each.total_half, each.first + each.first_half) for each in indices), default=1.0)
    ax.set_xlim(min(-0.02, low - 0.02), max(1.02, high + 0.02))
    ticks = [0, 0.25, 0.5, 0.75, 1]
    ax.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks])
    ax.axvline(0, color=GREY, linewidth=0.8)
    ax.set_title(f"{about.measure}: shares of the variance of case means", fontsize=LABEL)
    ax.grid(axis="x", color=FAINT, linewidth=0.5)
    ax.set_axisbelow(True)


def _bar(ax: Axes, y: float, value: float, half: float, colour: str) -> None:
    ax.barh(y, value, _BAR, color=colour, edgecolor=GREY, linewidth=0.6)
    if half:
        ax.plot([value - half, value + half], [y, y], color=INK, linewidth=0.9)
        ax.plot(
            [value - half, value + half], [y, y], linestyle="none", marker="|", markersize=3.5, color=INK, markeredgewidth=0.9
        )


def _told(name: str, value: float, half: float) -> str:
    return f"{name} {value:.2f} ± {half:.2f}".replace("-0.00", "0.00").replace("-", "−")


def _description(indices: Sequence[Index], about: About, headline: Sequence[str]) -> str:
    told = listed(
        f"{each.factor.path} ({each.factor.grade}): {_told('first order', each.first, each.first_half)}, "
        f"{_told('total', each.total, each.total_half)}"
        for each in indices
    )
    return f"Sobol' indices of {about.measure}, over {short(about.cases)} cases. {joined(headline)}. {told or 'No factor'}."
