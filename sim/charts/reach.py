"""Fastest possible days: a world that brings them about, the phases on it, and how soon each phase can be reached at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.charts.dates import date_axis, edges, held, number
from sim.charts.labels import GAP, Label, Margin
from sim.charts.page import Frame, Page
from sim.charts.panels import MOST_PANELS, left_out, set_range, threshold_words
from sim.charts.records import Chart, Imprint
from sim.charts.run import MARGIN, PLOT, WIDE
from sim.charts.style import BODY, FAINT, GREY, INK, LABEL, SIGNPOST, phase_colours, styled
from sim.charts.text import height, wrap
from sim.charts.words import joined, listed, made_by, plain
from sim.framing import TEACHING, assumed
from sim.results import Change, ThresholdLine
from sim.verify.picture import ReachPicture, Seen, Soonest

_PANEL = 1.45
_STRIP = 0.34
_ROW = 0.3
_UNDATED = dt.date(2000, 1, 1)
"""stands for day 0 where days have no dates"""


def reach_chart(picture: ReachPicture, imprint: Imprint) -> Chart:
    """The signposts of one fastest world against their thresholds, its phases as a strip, and a row for each phase."""
    shown, headline = _panels(picture), _headline(picture)
    frame = Frame(headline, _subtitle(picture), _small_print(picture, imprint), _notes(picture))
    with styled():
        heights = [_PANEL] * len(shown) + ([_strip_height(picture)] if shown else []) + [_rows_height(picture)]
        page = Page(WIDE, sum(heights) + 0.28 * len(heights) + 0.3, frame)
        axes = page.figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        for ax, seen in zip(axes, shown, strict=False):
            _signpost(page, ax, picture, seen)
        if shown:
            _strip(page, axes[-2], picture)
        _soonest(page, axes[-1], picture)
        return Chart(page.finish(), joined(headline), _description(picture, shown, headline), imprint)


def _panels(picture: ReachPicture) -> list[Seen]:
    """Signposts with thresholds first."""
    with_lines = [each for each in picture.seen if each.thresholds]
    return (with_lines or list(picture.seen))[:MOST_PANELS]


# words ------------------------------------------------------------------------------------------------------------------------


def _headline(picture: ReachPicture) -> list[str]:
    if not picture.soonest:
        return [f"No phase stands above {picture.phases[picture.initial].label}: there is nothing to reach"]
    shown = dict.fromkeys((0, len(picture.soonest) - 1))
    return [f"{picture.soonest[index].label}: {_words(picture, picture.soonest[index])}" for index in shown]


def _words(picture: ReachPicture, soonest: Soonest) -> str:
    if not soonest.decided:
        return "not decided" + (f", but not before {_day(picture, soonest.not_before)}" if soonest.not_before else "")
    if soonest.day is None:
        return "no world reaches it" + (
            f" within {picture.horizon} day{'' if picture.horizon == 1 else 's'}" if picture.horizon else ""
        )
    return f"{_day(picture, soonest.day)} at the soonest"


def _day(picture: ReachPicture, day: int) -> str:
    return f"day {day}" if picture.start is None else f"day {day} ({picture.start + dt.timedelta(days=day)})"


def _subtitle(picture: ReachPicture) -> str:
    where = picture.scenario_title or "no scenario"
    world = ", and one world that is as fast" if picture.seen else ""
    return f"{picture.policy_title} · {where} · the fastest possible{world}"


def _notes(picture: ReachPicture) -> list[str]:
    steps = [
        f"{_day(picture, each.day).capitalize()}: {plain(each.transition)}, {_effect(picture, each)}." for each in picture.changes
    ]
    drawn = [f"Drawn numbers of this world: {listed(picture.drawn)}."] if picture.drawn else []
    return [listed(steps, join=" ".join), *drawn] if steps else drawn


def _effect(picture: ReachPicture, change: Change) -> str:
    decided = "" if change.day == change.decided else f", decided on {_day(picture, change.decided)}"
    return f"to {change.to_label}{decided}"


def _small_print(picture: ReachPicture, imprint: Imprint) -> list[str]:
    extra = " ".join([picture.premise, *left_out([each.name for each in picture.seen if each.thresholds])])
    meant = "What is possible, not what is likely: no ensemble is simulated."
    return [f"{TEACHING} {assumed([picture.grades])} {meant}", extra, made_by(imprint)]


def _description(picture: ReachPicture, shown: Sequence[Seen], headline: Sequence[str]) -> str:
    panels = ", ".join(plain(each.name) for each in shown) or "no signpost"
    rows = listed(f"{each.label}: {_words(picture, each)}" for each in picture.soonest)
    over = (
        f"{picture.policy_title} on {picture.scenario_title}"
        if picture.scenario_title
        else f"{picture.policy_title}, no scenario"
    )
    return (
        f"{over}. {joined(headline)}. Panels of one fastest world: {panels}, and a strip of its phases. Rows: {rows or 'none'}."
    )


# panels -----------------------------------------------------------------------------------------------------------------------


def _axis(ax: Axes, picture: ReachPicture, *, show: bool) -> None:
    """Dates; or days, where no scenario gives them a date."""
    date_axis(ax, picture.start or _UNDATED, picture.days, PLOT, show=show and picture.start is not None)
    if picture.start is None:
        ticks = [tick for tick in MaxNLocator(8, integer=True).tick_values(0, picture.days - 1) if 0 <= tick < picture.days]
        middle = 0.5 if picture.days <= 14 else 0.0
        labels = [f"day {tick:g}" for tick in ticks] if show else []
        ax.set_xticks([number(_UNDATED) + tick + middle for tick in ticks], labels)


def _x(picture: ReachPicture) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return edges(picture.start or _UNDATED, picture.days)


def _at(picture: ReachPicture, day: int) -> float:
    return number(picture.start or _UNDATED) + day


def _signpost(page: Page, ax: Axes, picture: ReachPicture, seen: Seen) -> None:
    _axis(ax, picture, show=False)
    set_range(ax, np.append(seen.values, seen.ends), bool(np.all(seen.values == np.round(seen.values))), seen.thresholds)
    for change in picture.changes:
        ax.axvline(_at(picture, change.day), color=FAINT, linewidth=0.7)
    ax.plot(_x(picture), held(seen.values), drawstyle="steps-post", color=SIGNPOST, linewidth=1.8)
    ax.set_title(wrap(f"{plain(seen.name)}, as observed ({seen.unit})", PLOT, BODY), fontsize=BODY)
    labels = [Label(float(seen.values[-1]), "this world", SIGNPOST), *(_threshold(ax, picture, line) for line in seen.thresholds)]
    page.margin(Margin(ax, labels, MARGIN))


def _threshold(ax: Axes, picture: ReachPicture, line: ThresholdLine) -> Label:
    low, high = ax.get_ylim()
    ax.plot(_x(picture), held(line.middle), drawstyle="steps-post", color=INK, linewidth=0.9, linestyle=(0, (5, 2.5)))
    last = float(line.middle[-1])
    where = " ↑ above this panel" if last > high else " ↓ below this panel" if last < low else ""
    return Label(last, threshold_words(line) + where)


def _strip_height(picture: ReachPicture) -> float:
    return max(_STRIP, sum(height(wrap(each.label, MARGIN - 0.3, LABEL), LABEL) + GAP for each in picture.phases))


def _strip(page: Page, ax: Axes, picture: ReachPicture) -> None:
    """The phases of the world above."""
    colours, x = phase_colours(len(picture.phases)), _x(picture)
    starts = np.flatnonzero(np.append(True, np.diff(picture.strip) != 0))
    for start, end in zip(starts, np.append(starts[1:], picture.days), strict=True):
        ax.fill_between([x[start], x[end]], 0, 1, facecolor=colours[picture.strip[start]], edgecolor=GREY, linewidth=0.6)
    _axis(ax, picture, show=False)
    _bare(ax)
    ax.set_title("the phase in this world", fontsize=BODY)
    labels = [Label(1 - at / len(colours), each.label, swatch=colours[at]) for at, each in enumerate(picture.phases)]
    page.margin(Margin(ax, labels, MARGIN, leaders=False))


def _bare(ax: Axes) -> None:
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def _rows_height(picture: ReachPicture) -> float:
    wanted = (height(wrap(_row_label(picture, each), MARGIN - 0.3, LABEL), LABEL) + 2 * GAP for each in picture.soonest)
    return max(_ROW, sum(max(_ROW, each) for each in wanted))


def _row_label(picture: ReachPicture, soonest: Soonest) -> str:
    return f"{soonest.label}: {_words(picture, soonest)}"


def _soonest(page: Page, ax: Axes, picture: ReachPicture) -> None:
    """A row for each phase: hatched as long as no world can have brought it about, empty where that is not decided."""
    colours = phase_colours(len(picture.phases))[picture.initial + 1 :]
    x, count, labels = _x(picture), max(len(picture.soonest), 1), []
    for index, (soonest, colour) in enumerate(zip(picture.soonest, colours, strict=True)):
        low, high = 1 - (index + 0.82) / count, 1 - (index + 0.18) / count
        first = soonest.day if soonest.day is not None else picture.days if soonest.decided else soonest.not_before
        if first:
            ax.fill_between(
                [x[0], x[min(first, picture.days)]], low, high, facecolor="none", edgecolor="#9aa5b1", hatch="////", linewidth=0.5
            )
        if first < picture.days:
            filled = colour if soonest.decided else "none"
            ax.fill_between([x[first], x[-1]], low, high, facecolor=filled, edgecolor=GREY, linewidth=0.6)
        labels.append(Label((low + high) / 2, _row_label(picture, soonest), swatch=colour))
    _axis(ax, picture, show=True)
    _bare(ax)
    ax.set_title("how soon at all: hatched where no world can have brought the phase about", fontsize=BODY)
    page.margin(Margin(ax, labels, MARGIN, leaders=False))
