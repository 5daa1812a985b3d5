"""One run: what guards saw as step lines, above the phases as a strip with its dated transitions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.charts.dates import date_axis, edges, number
from sim.charts.labels import GAP, Label, Margin, lanes
from sim.charts.page import Frame, Page
from sim.charts.panels import (
    MOST_PANELS,
    draw_single,
    draw_threshold,
    first_run,
    guarded,
    is_whole,
    left_out,
    lines_of,
    set_range,
    signpost_title,
)
from sim.charts.records import Chart, Imprint
from sim.charts.run import MARGIN, PLOT, WIDE
from sim.charts.style import BODY, FAINT, GREY, INK, LABEL, phase_colours, styled
from sim.charts.text import height, width, wrap
from sim.charts.words import (
    ONE_PATH,
    joined,
    last_date,
    listed,
    made_by,
    plain,
    readings_words,
    shown_phases,
    stretch,
    subtitle,
)
from sim.framing import TEACHING, assumed
from sim.results import Change, Result

_PANEL = 1.75
_STRIP = 0.34
_MOST_LANES = 8
_ROOM = 2.4
_END = PLOT + MARGIN - 0.15
"""A label begins at its date and may run into the right margin, below the names of the phases."""
_SPAN = PLOT * 0.97
"""inches reckoned with for the strip: it may come out a little narrower than PLOT, and labels must keep apart all the same"""

Placed = tuple[int, str, float]
"""day, text, left edge in inches of _SPAN"""


def path_chart(result: Result, changes: Sequence[Change], imprint: Imprint) -> Chart:
    """A single run: the signposts of the guards, and the phases beneath with every transition dated."""
    names = guarded(result)
    shown, headline = names[:MOST_PANELS], _headline(result)
    with styled():
        texts, rows = _labels(result, changes)
        small_print = _small_print(result, imprint, names, len(changes), len(texts))
        frame = Frame(headline, subtitle(result), small_print, readings_words(result))
        strip = _strip_height(result)
        below = strip + 0.06 + _lane(texts) * (max(rows, default=-1) + 1)
        page = Page(WIDE, _PANEL * len(shown) + below + 0.55, frame)
        axes = page.figure.subplots(len(shown) + 1, 1, squeeze=False, height_ratios=[_PANEL] * len(shown) + [below])[:, 0]
        for ax, name in zip(axes, shown, strict=False):
            _signpost(page, ax, result, name, changes)
        _strip(page, axes[-1], result, strip, below)
        for (day, text, _), row in zip(texts, rows, strict=True):
            _transition(axes[-1], number(result.date(day)), text, -0.06 - row * _lane(texts))
        return Chart(page.finish(), joined(headline), _description(result, shown, changes, headline), imprint)


def _headline(result: Result) -> list[str]:
    highest = np.maximum.accumulate(result.strips[0])
    lines = []
    for name, label in shown_phases({phase.name: phase.label for phase in result.phases[1:]}, [result]).items():
        rank = next(index for index, phase in enumerate(result.phases) if phase.name == name)
        days = np.flatnonzero(highest >= rank)
        when = f"reached on {result.date(int(days[0])).isoformat()}" if days.size else f"not reached by {last_date(result)}"
        lines.append(f"{label}: {when}")
    return lines or [f"Only one phase, {result.phases[0].label}: there is nothing to reach"]


def _signpost(page: Page, ax: Axes, result: Result, name: str, changes: Sequence[Change]) -> None:
    fan, thresholds = result.signposts[name], lines_of(result, name)
    date_axis(ax, result.start, result.days, PLOT, show=False)
    set_range(ax, first_run(fan), is_whole(fan), thresholds)
    for change in changes:
        ax.axvline(number(result.date(change.day)), color=FAINT, linewidth=0.7)
    seen = draw_single(ax, result, fan)
    ax.set_title(wrap(signpost_title(name, fan), PLOT, BODY), fontsize=BODY)
    page.margin(Margin(ax, [seen, *(draw_threshold(ax, result, line) for line in thresholds)], MARGIN))


def _words(result: Result, change: Change, how: bool) -> str:
    words = f"{result.date(change.day).isoformat()} → {change.to_label}"
    if how:
        words += f"\n{plain(change.transition)}"
    if how and change.decided != change.day:
        words += f", decided {result.date(change.decided).isoformat()}"
    return wrap(words, min(_ROOM, _END - change.day / result.days * PLOT), LABEL)


def _labels(result: Result, changes: Sequence[Change]) -> tuple[list[Placed], list[int]]:
    """The labels and the lane of each: shorter where they are many, and where they are too many, as many as fit."""
    full = [_placed(result, change, how=True) for change in changes]
    if max(rows := _lanes(full), default=0) < _MOST_LANES:
        return full, rows
    kept: list[Placed] = []
    for change in changes:
        longer = [*kept, _placed(result, change, how=False)]
        kept = longer if max(_lanes(longer)) < _MOST_LANES else kept
    return kept, _lanes(kept)


def _placed(result: Result, change: Change, how: bool) -> Placed:
    return change.day, _words(result, change, how), change.day / result.days * _SPAN


def _lanes(labels: Sequence[Placed]) -> list[int]:
    return lanes([left for *_, left in labels], [width(text, LABEL) + 0.12 for _, text, _ in labels])


def _strip_height(result: Result) -> float:
    """As high as the names of the phases beside it."""
    names = (wrap(phase.label, MARGIN - 0.3, LABEL) for phase in result.phases)
    return max(_STRIP, sum(height(name, LABEL) + GAP for name in names))


def _lane(texts: Sequence[Placed]) -> float:
    return max((height(text, LABEL) + 0.07 for _, text, _ in texts), default=0.0)


def _strip(page: Page, ax: Axes, result: Result, high: float, panel: float) -> None:
    """The strip hangs at the top of its panel, with room for labels below it; inches are the unit of y."""
    colours = phase_colours(len(result.phases))
    strip, x = result.strips[0], edges(result.start, result.days)
    starts = np.flatnonzero(np.append(True, np.diff(strip) != 0))
    ends = np.append(starts[1:], result.days)
    for start, end in zip(starts, ends, strict=True):
        ax.fill_between([x[start], x[end]], 0, high, facecolor=colours[strip[start]], edgecolor=GREY, linewidth=0.6)
    ax.set_ylim(high - panel, high)
    _strip_frame(ax, result)
    labels = [Label(high, phase.label, swatch=colour) for phase, colour in zip(result.phases, colours, strict=True)]
    page.margin(Margin(ax, labels, MARGIN, leaders=False))


def _transition(ax: Axes, x: float, text: str, y: float) -> None:
    """Where a leader must cross another label, it passes behind it."""
    ax.plot([x, x], [0, y - 0.13], color=GREY, linewidth=0.6, clip_on=False)
    label = ax.annotate(
        text,
        xy=(x, y),
        xytext=(3, 0),
        textcoords="offset points",
        fontsize=LABEL,
        color=INK,
        va="top",
        ha="left",
        linespacing=1.15,
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},
    )
    label.set_in_layout(False)


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
    told = f"{over}. {joined(headline)}. Panels: {panels}, above a strip of the phases. Transitions: {steps or 'none'}."
    return " ".join([told, *readings_words(result)])
