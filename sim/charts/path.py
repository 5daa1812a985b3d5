"""One run: what guards saw as step lines, above the phases as a strip with its dated transitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.charts.dates import date_axis, edges, number
from sim.charts.labels import Label, Margin, lanes
from sim.charts.page import Frame, Page
from sim.charts.panels import MOST_PANELS, draw_single, draw_threshold, guarded, left_out, lines_of, set_range, signpost_title
from sim.charts.records import Chart, Imprint
from sim.charts.run import MARGIN, PLOT, WIDE
from sim.charts.style import BODY, FAINT, GREY, INK, LABEL, phase_colours, styled
from sim.charts.text import height, width, wrap
from sim.charts.words import (
    ONE_PATH,
    TEACHING,
    assumed,
    joined,
    last_date,
    listed,
    made_by,
    plain,
    shown_phases,
    stretch,
    subtitle,
)
from sim.results import Change, Result

_PANEL = 1.75
_STRIP = 0.34
_MOST_LANES = 8
_ROOM = 2.4
_SPAN = PLOT * 0.9
"""inches reckoned with for the strip: it may come out narrower than PLOT, and labels must keep apart all the same"""

Placed = tuple[int, str, float]
"""day, text, left edge in inches of _SPAN"""


def path_chart(result: Result, changes: Sequence[Change], imprint: Imprint) -> Chart:
    """A single run: the signposts of the guards, and the phases beneath with every transition dated."""
    names = guarded(result)
    shown, headline = names[:MOST_PANELS], _headline(result)
    texts, rows = _labels(result, changes)
    frame = Frame(headline, subtitle(result), _small_print(result, imprint, names, len(changes), len(texts)))
    with styled():
        below = _strip_height(rows, texts)
        page = Page(WIDE, _PANEL * len(shown) + below + 0.55, frame)
        axes = page.figure.subplots(len(shown) + 1, 1, squeeze=False, height_ratios=[_PANEL] * len(shown) + [below])[:, 0]
        for ax, name in zip(axes, shown, strict=False):
            _signpost(page, ax, result, name, changes)
        _strip(page, axes[-1], result, texts, rows, below)
        return Chart(page.finish(), joined(headline), _description(result, shown, changes, headline), imprint)


def _headline(result: Result) -> list[str]:
    highest = np.maximum.accumulate(result.strips[0])
    lines = []
    for name, label in shown_phases({phase.name: phase.label for phase in result.phases[1:]}).items():
        rank = next(index for index, phase in enumerate(result.phases) if phase.name == name)
        days = np.flatnonzero(highest >= rank)
        when = f"reached on {result.date(int(days[0])).isoformat()}" if days.size else f"not reached by {last_date(result)}"
        lines.append(f"{label}: {when}")
    return lines or [f"Only one phase, {result.phases[0].label}: there is nothing to reach"]


def _signpost(page: Page, ax: Axes, result: Result, name: str, changes: Sequence[Change]) -> None:
    fan, thresholds = result.signposts[name], lines_of(result, name)
    date_axis(ax, result.start, result.days, PLOT, show=False)
    set_range(ax, fan.samples[0], thresholds)
    for change in changes:
        ax.axvline(number(result.date(change.day)), color=FAINT, linewidth=0.7)
    draw_single(ax, result, fan)
    ax.set_title(wrap(signpost_title(name, fan), PLOT, BODY), fontsize=BODY)
    page.margin(Margin(ax, [draw_threshold(ax, result, line) for line in thresholds], MARGIN))


def _words(result: Result, change: Change) -> str:
    decided = result.date(change.decided).isoformat()
    how = plain(change.transition) + (f", decided {decided}" if change.decided != change.day else "")
    return f"{wrap(f'{result.date(change.day).isoformat()}  → {change.to_label}', _ROOM, LABEL)}\n{wrap(how, _ROOM, LABEL)}"


def _labels(result: Result, changes: Sequence[Change]) -> tuple[list[Placed], list[int]]:
    """As many labels as fit in the lanes, the first changes first, and the lane of each."""
    every = [(change.day, _words(result, change)) for change in changes]
    for count in range(len(every), -1, -1):
        placed = [(day, text, min(day / result.days * _SPAN, _SPAN - width(text, LABEL))) for day, text in every[:count]]
        rows = lanes([left for *_, left in placed], [width(text, LABEL) + 0.12 for _, text, _ in placed])
        if max(rows, default=0) < _MOST_LANES:
            return placed, rows
    return [], []


def _strip_height(rows: Sequence[int], texts: Sequence[Placed]) -> float:
    return _STRIP + 0.06 + _lane(texts) * (max(rows, default=-1) + 1)


def _lane(texts: Sequence[Placed]) -> float:
    return max((height(text, LABEL) + 0.07 for _, text, _ in texts), default=0.0)


def _strip(page: Page, ax: Axes, result: Result, texts: Sequence[Placed], rows: Sequence[int], high: float) -> None:
    """The strip hangs at the top of its panel, the labels below it; inches are the unit of y."""
    colours = phase_colours(len(result.phases))
    strip, x = result.strips[0], edges(result.start, result.days)
    starts = np.flatnonzero(np.append(True, np.diff(strip) != 0))
    ends = np.append(starts[1:], result.days)
    for start, end in zip(starts, ends, strict=True):
        ax.fill_between([x[start], x[end]], 0, _STRIP, facecolor=colours[strip[start]], edgecolor=GREY, linewidth=0.6)
    ax.set_ylim(_STRIP - high, _STRIP)
    for (day, text, left), row in zip(texts, rows, strict=True):
        _transition(ax, result, day, text, left, -0.06 - row * _lane(texts))
    _strip_frame(ax, result)
    labels = [Label(_STRIP / 2, phase.label, swatch=colour) for phase, colour in zip(result.phases, colours, strict=True)]
    page.margin(Margin(ax, labels, MARGIN))


def _transition(ax: Axes, result: Result, day: int, text: str, left: float, y: float) -> None:
    x, at = number(result.date(day)), number(result.start) + left / _SPAN * result.days
    ax.plot([x, x], [0, y - 0.13], color=GREY, linewidth=0.6, clip_on=False)
    ax.annotate(text, xy=(at, y), xytext=(3, 0), textcoords="offset points", fontsize=LABEL, color=INK, va="top", ha="left",
                linespacing=1.15, annotation_clip=False, bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6})


def _strip_frame(ax: Axes, result: Result) -> None:
    """Dates between the strip and the panel above it: beneath stand the labels."""
    ax.set_yticks([])
    ax.xaxis.tick_top()
    date_axis(ax, result.start, result.days, PLOT)
    for spine in ax.spines.values():
        spine.set_visible(False)


def _small_print(result: Result, imprint: Imprint, names: Sequence[str], changes: int, labelled: int) -> list[str]:
    which = ONE_PATH if result.single_path else f"One simulated run of many (seed {result.seed}): others differ."
    rest = [f"{labelled} of {changes} transitions are labelled."] if labelled < changes else []
    extra = " ".join([*left_out(names), *rest])
    return [f"{TEACHING} {assumed([result.grades])} {which}", *([extra] if extra else []), made_by(imprint)]


def _description(result: Result, shown: Sequence[str], changes: Sequence[Change], headline: Sequence[str]) -> str:
    steps = listed(f"{result.date(change.day).isoformat()} from {change.from_label} to {change.to_label}" for change in changes)
    over = f"{result.policy_title} on {result.scenario_title}, {stretch(result)}, one run"
    panels = ", ".join(plain(name) for name in shown) or "no signpost"
    return f"{over}. {joined(headline)}. Panels: {panels}, above a strip of the phases. Transitions: {steps or 'none'}."
