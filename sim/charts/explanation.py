"""One run explained: how far each guard was from turning, day by day, above the phases; beside it what would have changed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from sim.analysis.explain import words
from sim.analysis.explain.margins import Bools, Verdict
from sim.analysis.explain.records import Explanation, Flip
from sim.analysis.explain.stories import Decision, Story
from sim.charts.dates import date_axis, edges, held, number
from sim.charts.labels import GAP, Label, Margin, lanes
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import BODY, GREY, INK, LABEL, SIGNPOST, phase_colours, styled
from sim.charts.text import height, width, wrap
from sim.charts.words import ONE_PATH, joined, listed, made_by, plain, stretch, subtitle
from sim.framing import TEACHING, assumed
from sim.results import Floats, Result

MOST_PANELS = 5
_MOST_FLIPS = 3
"""beside one panel"""
_MOST_LANES = 3
"""of dates above one panel"""
_WIDE, _MARGIN = 10.0, 2.75
_PLOT = _WIDE - _MARGIN - 0.75
_PANEL, _STRIP = 1.55, 0.34
_SHADE = "#e9edf1"
_DOTTED = (0, (1.2, 1.6))
_KEY = (
    "Above the line at 0 a guard holds, below it does not; shaded: it held. Solid: as observed, bold while the run stood where "
    "the transition leaves. Dotted: by the true values of the day. "
    "Marks: ▷ held since, ● decided, ◆ in effect, ◇ lapsed, × nearest to it by the margin."
)


@dataclass(frozen=True)
class _Panel:
    """A transition as it is drawn."""

    story: Story
    flips: tuple[Flip, ...]
    seen: Floats
    true: Floats

    @property
    def title(self) -> str:
        story = self.story
        units = {each.unit for each in story.margins.comparisons if each.unit}
        unit = "shares of each range" if story.margins.mixed else next(iter(units), "a number")
        days = f"{story.needed} of {story.window} days" if story.window else f"{story.needed} in a row"
        confirm = "" if story.needed == 1 and not story.window else f"; confirmed after {days}"
        return f"{plain(story.name)}: {story.guard}{confirm} (margin, {unit})"


def explanation_chart(result: Result, told: Explanation, imprint: Imprint) -> Chart:
    """A panel for each transition that could have been taken in this run: its margin, and the nearest flips beside it."""
    possible = [story for story in told.stories if story.possible.any()]
    shown = _told_first(told, possible)
    panels = [_panel(told, story) for story in shown]
    headline = _headline(result, told)
    with styled():
        frame = Frame(headline, subtitle(result), _small_print(result, told, imprint, shown), [_KEY] if panels else [])
        strip = max(_STRIP, sum(height(wrap(phase.label, _MARGIN - 0.3, LABEL), LABEL) + GAP for phase in result.phases))
        heights = [_PANEL + _above(result, panel) for panel in panels] + [strip]
        page = Page(_WIDE, sum(heights) + 0.32 * len(panels) + 0.5, frame)
        axes = page.figure.subplots(len(heights), 1, squeeze=False, height_ratios=heights)[:, 0]
        for ax, panel, high in zip(axes, panels, heights, strict=False):
            _draw(page, ax, result, told, panel, high)
        _strip(page, axes[-1], result)
        return Chart(page.finish(), joined(headline), _description(result, told, headline), imprint)


def _told_first(told: Explanation, possible: Sequence[Story]) -> list[Story]:
    """As many as have room, in the order of the file; those that were taken before those that were not."""
    taken = {each.transition for each in told.report.path}
    chosen = sorted(possible, key=lambda story: story.name not in taken)[:MOST_PANELS]
    return [story for story in possible if any(story is each for each in chosen)]


# words ----------------------------------------------------------------------------------------------------------------------


def _headline(result: Result, told: Explanation) -> list[str]:
    names = [each.transition for each in told.report.path]
    labels = {phase.name: phase.label for phase in result.phases}
    if not told.report.path:
        first = f"No transition: {labels[told.report.phase[0]]} throughout"
    else:
        more = f", and {len(names) - 1} more" if len(names) > 1 else ""
        one = told.report.path[0]
        first = f"{labels[one.from_phase]} → {labels[one.to_phase]} on {one.date.isoformat()}{more}"
    flip = told.flips.nearest
    if flip is None:
        return [
            first,
            "No change of one threshold, confirm or lag alters it"
            if told.flips.searches
            else "There is no threshold, confirm or lag to vary",
        ]
    return [first, f"Nearest flip: {_flip_words(told, flip)}"]


def _flip_words(told: Explanation, flip: Flip) -> str:
    """`front line 3 → 2.9 rung: arm defensively 4 days sooner`"""
    names = [plain(story.name) for story in told.stories]
    effect = words.effect(told.flips.base, flip.path, names, told.report.start)
    label = flip.number.label
    return f"{words.changed(flip).replace(label, plain(label).replace('.', ' '))}: {effect}"


def _small_print(result: Result, told: Explanation, imprint: Imprint, shown: Sequence[Story]) -> list[str]:
    which = ONE_PATH if result.single_path else f"One simulated run of many (run {told.report.run}, seed {result.seed})."
    drawn = [story.name for story in shown]
    rest = [story.name for story in told.stories if story.possible.any() and story.name not in drawn]
    never = [story.name for story in told.stories if not story.possible.any()]
    extra = [f"Not shown: {', '.join(map(plain, rest))}."] if rest else []
    extra += [f"Never where the run stood: {', '.join(map(plain, never))}."] if never else []
    if told.flips.searches:
        extra.append("Beside each panel: the smallest changes of one number, all else as it was, that change this transition.")
    return [f"{TEACHING} {assumed([result.grades])} {which}", *([" ".join(extra)] if extra else []), made_by(imprint)]


def _description(result: Result, told: Explanation, headline: Sequence[str]) -> str:
    over = f"{result.policy_title} on {result.scenario_title}, {stretch(result)}, one run"
    return f"{over}. {joined(headline)}. {listed(_told(result, story) for story in told.stories if story.possible.any())}."


def _told(result: Result, story: Story) -> str:
    """A transition in a phrase, for those who do not see the chart."""
    if story.decisions:
        days = ", ".join(f"{result.date(each.decided).isoformat()} ({each.outcome})" for each in story.decisions[:3])
        return f"{plain(story.name)} decided on {days}"
    assert story.near is not None  # it was possible, and no stay ended by it
    when = result.date(story.near.day).isoformat()
    margin = _shown(float(story.margins.seen.margin[story.near.day]))
    counter = _counter(result, story)
    return f"{plain(story.name)} not taken, nearest on {when}, margin {margin}" + (f", held for {counter}" if counter else "")


def _shown(margin: float) -> str:
    return words.amount(margin).replace("-", "−") if np.isfinite(margin) else "undefined"


# a panel --------------------------------------------------------------------------------------------------------------------


def _panel(told: Explanation, story: Story) -> _Panel:
    return _Panel(story, tuple(_beside(told, story)), _drawn(story, story.margins.seen), _drawn(story, story.margins.true))


def _drawn(story: Story, verdict: Verdict) -> Floats:
    """What the panel shows: nothing where the margin is undefined."""
    values = verdict.share if story.margins.mixed else verdict.margin
    return np.where(np.isfinite(values), values, np.nan)


def _beside(told: Explanation, story: Story) -> Iterator[Flip]:
    """The smallest flips that add, remove or move this transition, each of another number or direction."""
    index = [each.name for each in told.stories].index(story.name)
    base = [each for each in told.flips.base if each.transition == index]
    flips = [flip for search in told.flips.searches for flip in search.told]
    concerned = [flip for flip in flips if [each for each in flip.path if each.transition == index] != base]
    seen: set[tuple[str, str]] = set()
    for flip in sorted(concerned, key=lambda flip: flip.size):
        key = flip.number.path, flip.direction
        if key not in seen and len(seen) < _MOST_FLIPS:
            seen.add(key)
            yield flip


def _draw(page: Page, ax: Axes, result: Result, told: Explanation, panel: _Panel, high: float) -> None:
    x = edges(result.start, result.days)
    date_axis(ax, result.start, result.days, _PLOT, show=False)
    low, top = _range(ax, panel, high, _above(result, panel))
    for since, until in _stretches(panel.story.margins.seen.held):
        ax.fill_between([x[since], x[until]], low, top, color=_SHADE, linewidth=0)
    ax.axhline(0, color=INK, linewidth=0.8)
    ax.plot(x, held(panel.seen), drawstyle="steps-post", color=SIGNPOST, linewidth=0.8, alpha=0.55)
    bold = np.where(panel.story.possible, panel.seen, np.nan)
    ax.plot(x, held(bold), drawstyle="steps-post", color=SIGNPOST, linewidth=2.0)
    ax.plot(x, held(panel.true), drawstyle="steps-post", color=INK, linewidth=1.1, linestyle=_DOTTED)
    _markers(ax, result, panel)
    ax.set_title(wrap(panel.title, _PLOT, BODY), fontsize=BODY)
    page.margin(Margin(ax, _labels(told, panel, low), _MARGIN, leaders=False))


def _stretches(held: Bools) -> Iterator[tuple[int, int]]:
    """(first day, day after the last) of each unbroken stretch."""
    turns = np.flatnonzero(np.diff(np.concatenate([[False], held, [False]]).astype(np.int8)))
    yield from zip(turns[::2].tolist(), turns[1::2].tolist(), strict=True)


def _range(ax: Axes, panel: _Panel, high: float, above: float) -> tuple[float, float]:
    """Low and top of the panel: the margins and 0, and room above them for dates."""
    finite = np.concatenate([panel.seen, panel.true, [0.0]])
    finite = finite[np.isfinite(finite)]
    low, top = float(finite.min()), float(finite.max())
    pad = 0.1 * (top - low) or 0.5
    low, top = low - pad, top + pad
    ticks = [float(each) for each in MaxNLocator(4).tick_values(low, top) if low <= each <= top]
    top += (top - low) * above / (high - above)
    ax.set_ylim(low, top)
    ax.set_yticks(ticks)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, panel.story.margins.mixed)))
    return low, top


def _tick(value: float, mixed: bool) -> str:
    return (f"{value:.3g}" if not mixed else f"{100 * value:.3g}%").replace("-", "−") if abs(value) < 1000 else f"{value:,.0f}"


def _labels(told: Explanation, panel: _Panel, low: float) -> list[Label]:
    """What the lines are, at their ends, and the flips below these."""
    ends = [float(each[np.isfinite(each)][-1]) if np.isfinite(each).any() else 0.0 for each in (panel.seen, panel.true)]
    same = bool(np.array_equal(panel.seen, panel.true, equal_nan=True))
    lines = [Label(ends[0], "observed, and in truth" if same else "observed", SIGNPOST)]
    if not same:
        lines.append(Label(ends[1], "in truth (dotted)", GREY))  # above the other where they end at one place
    flips = [Label(low, f"{'↓' if flip.direction == 'down' else '↑'} {_flip_words(told, flip)}") for flip in panel.flips[::-1]]
    return [*lines, *(flips or [Label(low, "no change of one number alters it", GREY)])]


# the dates of a panel -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Dated:
    """A date with its words above a panel."""

    day: int
    text: str

    def left(self, result: Result) -> float:
        """Inches from the left edge: a label that would run out of the panel ends at its date."""
        at = self.day / result.days * _PLOT
        return at if at + self.wide <= _PLOT else at - self.wide

    @property
    def wide(self) -> float:
        return width(self.text, LABEL) + 0.12


def _dated(result: Result, panel: _Panel) -> list[tuple[_Dated, int]]:
    """What is dated above a panel, and the lane of each; as many as there is room for."""
    wanted = [each for decision in panel.story.decisions for each in _of_decision(result, decision)]
    wanted += _of_near(result, panel)
    wanted.sort(key=lambda each: each.day)
    kept: list[_Dated] = []
    for each in wanted:
        longer = [*kept, each]
        kept = longer if max(_lanes(result, longer)) < _MOST_LANES else kept
    return [*zip(kept, _lanes(result, kept), strict=True)]


def _lanes(result: Result, dated: Sequence[_Dated]) -> list[int]:
    return lanes([each.left(result) for each in dated], [each.wide for each in dated])


def _of_decision(result: Result, each: Decision) -> Iterator[_Dated]:
    decided = result.date(each.decided).isoformat()
    if each.outcome == "taken" and each.until == each.decided:
        yield _Dated(each.decided, f"taken {decided}")
        return
    yield _Dated(each.decided, f"decided {decided}" + (", pending at the end" if each.outcome == "pending" else ""))
    if each.outcome != "pending":
        yield _Dated(each.until, f"{'in effect' if each.outcome == 'taken' else 'lapsed'} {result.date(each.until).isoformat()}")


def _of_near(result: Result, panel: _Panel) -> Iterator[_Dated]:
    """The greatest margin, and the highest that the confirmation counter got: each has a day of its own."""
    story, near = panel.story, panel.story.near
    if near is None:
        return
    margin, of = float(panel.seen[near.day]), " of range" if story.margins.mixed else ""
    shown = f"margin {_tick(margin, story.margins.mixed)}{of}" if np.isfinite(margin) else "undefined"
    yield _Dated(near.day, f"nearest {result.date(near.day).isoformat()}, {shown}")
    if counter := _counter(result, story):
        yield _Dated(near.count_day, counter)


def _counter(result: Result, story: Story) -> str:
    """`at most 17 of 21 days, 2025-07-09`; nothing where the guard never held, or one day is enough."""
    near = story.near
    if near is None or not near.count or (story.needed == 1 and not story.window):
        return ""
    return f"at most {near.count} of {story.needed} days, {result.date(near.count_day).isoformat()}"


def _lane() -> float:
    return height("x", LABEL) + 0.04


def _above(result: Result, panel: _Panel) -> float:
    """Inches for the dates."""
    return _lane() * (max((lane for _, lane in _dated(result, panel)), default=-1) + 1)


def _markers(ax: Axes, result: Result, panel: _Panel) -> None:
    for each in panel.story.decisions:
        if each.held_since < each.decided:
            _mark(ax, result, each.held_since, 0, ">", markerfacecolor="white")
        _mark(ax, result, each.decided, 0, "o")
        if each.outcome == "lapsed" or (each.outcome == "taken" and each.until > each.decided):
            _mark(ax, result, each.until, 0, "D", markerfacecolor=INK if each.outcome == "taken" else "white")
    near = panel.story.near
    if near:
        y = float(panel.seen[near.day])
        _mark(ax, result, near.day, y if np.isfinite(y) else 0.0, "x", markersize=6, markeredgewidth=1.4)
    top = ax.get_ylim()[1]
    for dated, lane in _dated(result, panel):
        _date(ax, result, dated, lane, top)


def _mark(ax: Axes, result: Result, day: int, y: float, marker: str, **look: Any) -> None:
    look = {"markersize": 5, "markerfacecolor": INK, "markeredgecolor": INK, **look}
    ax.plot([number(result.date(day)) + 0.5], [y], marker=marker, linestyle="none", zorder=4, clip_on=False, **look)


def _date(ax: Axes, result: Result, dated: _Dated, lane: int, top: float) -> None:
    x = number(result.date(dated.day)) + 0.5
    right = dated.left(result) < dated.day / result.days * _PLOT
    ax.axvline(x, color=GREY, linewidth=0.5, zorder=1.2)  # above the shades
    ax.annotate(
        dated.text,
        xy=(x, top),
        xytext=(-3 if right else 3, -lane * _lane() * 72 - 1),
        textcoords="offset points",
        ha="right" if right else "left",
        va="top",
        fontsize=LABEL,
        color=INK,
        annotation_clip=False,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.3, "alpha": 0.85},
    ).set_in_layout(False)


# the strip ------------------------------------------------------------------------------------------------------------------


def _strip(page: Page, ax: Axes, result: Result) -> None:
    """The phase at the end of each day."""
    colours, strip, x = phase_colours(len(result.phases)), result.strips[0], edges(result.start, result.days)
    starts = np.flatnonzero(np.append(True, np.diff(strip) != 0))
    for start, end in zip(starts, np.append(starts[1:], result.days), strict=True):
        ax.fill_between([x[start], x[end]], 0, 1, facecolor=colours[strip[start]], edgecolor=GREY, linewidth=0.6)
    ax.set_ylim(0, 1)
    ax.set_yticks([])
    date_axis(ax, result.start, result.days, _PLOT)
    for spine in ax.spines.values():
        spine.set_visible(False)
    labels = [Label(1, phase.label, swatch=colour) for phase, colour in zip(result.phases, colours, strict=True)]
    page.margin(Margin(ax, labels, _MARGIN, leaders=False))
