"""Overview: sorted phase strips, one row a run, as small multiples of policies and scenarios."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from sim.charts.dates import MONTHS, date_axis, edges, number
from sim.charts.labels import Label, Margin
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import GREY, LABEL, SMALL, phase_colours, styled
from sim.charts.text import wrap
from sim.charts.words import Names, compare_headline, compare_subtitle, joined, listed, passage_words, small_print, stretch
from sim.errors import BadUsage
from sim.results import Result

_SIDE = 1.6
_MARGIN = 1.7


def sorted_strips(result: Result) -> NDArray[np.int8]:
    """The runs in order of their first passages, those that reached the lower phases earliest on top."""
    highest = np.maximum.accumulate(result.strips, axis=1)
    days = [
        np.where((reached := highest >= rank).any(axis=1), reached.argmax(axis=1), result.days)
        for rank in range(1, len(result.phases))
    ]
    return result.strips[np.lexsort(days[::-1])] if days else result.strips


def overview_chart(results: Sequence[Result], imprint: Imprint) -> Chart:
    """Policies × scenarios; the longer of the two runs downwards, so that names stay readable."""
    if not results:
        raise BadUsage("there is no result to draw")
    names = Names(results)
    headline = compare_headline(results, names)
    frame = Frame(headline, compare_subtitle(results), small_print(results, imprint, _extra(results), shares=False))
    with styled():
        page = _draw(results, names, frame)
        return Chart(page.finish(), joined(headline), _description(results, names, headline), imprint)


def _extra(results: Sequence[Result]) -> list[str]:
    rows, runs = max(len(r.strips) for r in results), max(r.runs for r in results)
    some = f" (the first {rows:,} of {runs:,})" if rows < runs else ""
    return [f"Each row of a strip is one simulated run{some}; runs that reached a phase earliest are on top."]


def _grid(results: Sequence[Result], names: Names) -> tuple[list[str], list[str], dict[tuple[str, str], Result]]:
    down = len(names.policies) >= len(names.scenarios)
    rows, columns = list(names.policies), list(names.scenarios)
    cells = {(result.policy, result.scenario): result for result in results}
    if down:
        return rows, columns, cells
    return columns, rows, {(scenario, policy): result for (policy, scenario), result in cells.items()}


def _draw(results: Sequence[Result], names: Names, frame: Frame) -> Page:
    rows, columns, cells = _grid(results, names)
    across, along = (names.policies, names.scenarios) if rows == list(names.policies) else (names.scenarios, names.policies)
    wide, high = _cell_size(len(rows), len(columns))
    page = Page(_SIDE + _MARGIN + wide * len(columns), high * len(rows) + 0.6, frame)
    axes = page.figure.subplots(len(rows), len(columns), squeeze=False)
    spans = [{stretch(cell) for (_, at), cell in cells.items() if at == column} for column in columns]
    shared = all(len(span) == 1 for span in spans)
    for line, row in zip(axes, rows, strict=True):
        for ax, column in zip(line, columns, strict=True):
            _cell(ax, cells.get((row, column)), wide, show=not shared or row == rows[-1])
        line[0].set_ylabel(wrap(across[row], _SIDE - 0.2, LABEL), rotation=0, ha="right", va="center", fontsize=LABEL, labelpad=6)
    for ax, column in zip(axes[0], columns, strict=True):
        ax.set_title(wrap(along[column], wide - 0.1, LABEL), fontsize=LABEL)
    _phase_labels(page, axes, results)
    return page


def _cell_size(rows: int, columns: int) -> tuple[float, float]:
    """Inches: large where there are few, and still readable where there are a hundred."""
    return float(np.clip(7.0 / columns, 1.15, 6.0)), float(np.clip(4.0 / rows, 0.62, 3.2))


def _cell(ax: Axes, result: Result | None, wide: float, show: bool) -> None:
    ax.set_yticks([])
    if result is None:
        ax.set_axis_off()
        return
    strips, x = sorted_strips(result), edges(result.start, result.days)
    colours = ListedColormap(list(phase_colours(len(result.phases))))
    # Nearest, not smoothed: a blend of two phases would look like a third.
    ax.imshow(
        strips,
        cmap=colours,
        vmin=-0.5,
        vmax=len(result.phases) - 0.5,
        aspect="auto",
        interpolation="none",
        extent=(x[0], x[-1], len(strips), 0),
    )
    for spine in ax.spines.values():
        spine.set(visible=True, edgecolor=GREY, linewidth=0.6)
    if wide >= 2:
        date_axis(ax, result.start, result.days, wide, show)
    else:
        _ends(ax, result, show)


def _ends(ax: Axes, result: Result, show: bool) -> None:
    """Small panels date the first and the last day only: there may be a hundred of them."""
    dates = list(dict.fromkeys([result.start, result.date(result.days - 1)]))
    names = [f"{date.day} {MONTHS[date.month - 1]}\n{date.year}" for date in dates]
    ax.set_xlim(number(result.start), number(result.start) + result.days)
    ax.set_xticks([number(result.start), number(result.start) + result.days][: len(dates)], names if show else [])
    ax.tick_params(axis="x", labelsize=SMALL, pad=2, length=3 if show else 0)
    for text, last in zip(ax.get_xticklabels(), (False, True), strict=False):
        text.set_horizontalalignment("right" if last else "left")


def _phase_labels(page: Page, axes: NDArray[np.object_], results: Sequence[Result]) -> None:
    """Beside the last column, lowest phase at the bottom as in the other charts."""
    named = {
        (phase.label, colour): None
        for result in results
        for phase, colour in zip(result.phases, phase_colours(len(result.phases)), strict=True)
    }
    beside = page.figure.add_subplot(axes[0, -1].get_gridspec()[:, -1], frame_on=False, xticks=[], yticks=[])
    labels = [Label(1.0, label, swatch=colour) for label, colour in named]
    page.margin(Margin(beside, labels, _MARGIN, leaders=False))


def _description(results: Sequence[Result], names: Names, headline: Sequence[str]) -> str:
    each = listed(
        (
            f"{names.policies[r.policy]} on {names.scenarios[r.scenario]}: {phase.label} {passage_words(r, phase.name)}"
            for r in results
            for phase in r.phases[1:]
        ),
        most=12,
    )
    return f"Phase of every simulated run on every day, as sorted strips, {len(results)} panels. {joined(headline)}. {each}."
