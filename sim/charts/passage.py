"""Default of `compare`: the share of runs that reached a phase by each day, one line a policy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sim.charts.dates import date_axis, edges, held, number
from sim.charts.labels import Bar, Label, Margin, strip
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import BODY, FAINT, GREY, INK, LineStyle, line_style, styled
from sim.charts.text import wrap
from sim.charts.words import (
    INTERVAL,
    OVER_READINGS,
    Names,
    between,
    compare_headline,
    compare_subtitle,
    joined,
    listed,
    over,
    passage_words,
    percent,
    small_print,
    upper_phases,
    width,
)
from sim.errors import BadUsage
from sim.results import Result

_COLUMNS = 3
_PANEL = 2.1
_LABELS = {1: 2.1, 2: 1.9, 3: 1.85}
_PLOT = {1: 6.2, 2: 3.0, 3: 2.4}
_MOST_BANDS = 4
"""policies in a chart: the bands of more would lie over each other and tell nothing"""
_RANGE = f"range {OVER_READINGS[0].lower()}{OVER_READINGS[1:]}"


def first_passage_chart(results: Sequence[Result], imprint: Imprint) -> Chart:
    """Rows: phases above the lowest. Columns: scenarios, three at most side by side. Lines: policies; bands: their intervals."""
    if not results:
        raise BadUsage("there is no result to draw")
    names, phases = Names(results), upper_phases(results)
    headline = compare_headline(results, names)
    frame = Frame(headline, compare_subtitle(results), small_print(results, imprint, _extra(results, names, phases)))
    with styled():
        page = _draw(results, names, phases, frame)
        return Chart(page.finish(), joined(headline), _description(results, names, phases, headline), imprint)


def _extra(results: Sequence[Result], names: Names, phases: Mapping[str, str]) -> list[str]:
    words = []
    if phases:
        words = ["White dots: reached by half of all runs.", *_interval_words(results, names), *_bar_words(results, names)]
    if any(name not in result.first_passage for result in results for name in phases):
        words.append("A policy without a phase of that name has no line.")
    if any(result.reactive for result in results):
        words.append("The world answers to the policy: beside the same draws, two policies may face different worlds.")
    return words


def _interval_words(results: Sequence[Result], names: Names) -> list[str]:
    """What the bands are; or how wide they would be, where there are too many policies to draw them."""
    sampled = [each for result in results if not result.single_path for each in result.first_passage.values()]
    if not sampled:
        return []
    if _banded(names):
        return [f"Bands: {INTERVAL}s, each day by itself."]
    return [f"{INTERVAL}s are not drawn; they are {width([each.cumulative_interval for each in sampled])}."]


def _bar_words(results: Sequence[Result], names: Names) -> list[str]:
    if not any(result.rivals for result in results):
        return []
    if not _banded(names):
        return ["Ranges over rival readings of the thresholds are not drawn for so many policies."]
    sampled = any(not result.single_path for result in results)
    return [f"Bars beside a panel: {_RANGE}." + (" More runs narrow the bands, not the bars." if sampled else "")]


def _banded(names: Names) -> bool:
    return len(names.policies) <= _MOST_BANDS


@dataclass(frozen=True)
class _Plan:
    """What all panels share."""

    names: Names
    columns: int
    slots: Mapping[str, int]
    """of the bars, by policy"""

    @property
    def room(self) -> float:
        """Inches right of a panel."""
        return _LABELS[self.columns] + strip(len(self.slots))

    @property
    def plot(self) -> float:
        return _PLOT[self.columns]


def _plan(results: Sequence[Result], names: Names, columns: int) -> _Plan:
    rivalled = {result.policy for result in results if result.rivals} if _banded(names) else set()
    return _Plan(
        names, columns, {policy: slot for slot, policy in enumerate(each for each in names.policies if each in rivalled)}
    )


def _draw(results: Sequence[Result], names: Names, phases: Mapping[str, str], frame: Frame) -> Page:
    scenarios = list(names.scenarios)
    columns = -(-len(scenarios) // -(-len(scenarios) // _COLUMNS))  # as many rows as three columns need, evenly filled
    blocks = [scenarios[at : at + columns] for at in range(0, len(scenarios), columns)]
    rows = [(phase, block) for block in blocks for phase in phases] or [("", scenarios[:columns])]
    plan = _plan(results, names, columns)
    page = Page(0.7 + columns * (plan.plot + plan.room), len(rows) * (_PANEL + 0.3) + 0.2, frame)
    axes = page.figure.subplots(len(rows), columns, squeeze=False)
    for line, (phase, block) in zip(axes, rows, strict=True):
        for ax in line[len(block) :]:
            ax.remove()
        for ax, scenario in zip(line, block, strict=False):
            those = [result for result in results if result.scenario == scenario]
            _panel(page, ax, those, plan, phase, phases.get(phase, ""))
    return page


def _panel(page: Page, ax: Axes, results: Sequence[Result], plan: _Plan, phase: str, label: str) -> None:
    first, names = results[0], plan.names
    date_axis(ax, first.start, max(result.days for result in results), plan.plot)
    ax.set_ylim(-0.02, 1.02)
    ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
    ax.axhline(0.5, color=FAINT, linewidth=0.7)
    title = f"{label}, {names.scenarios[first.scenario]}" if len(names.scenarios) > 1 else label
    ax.set_title(wrap(title, plan.plot + _LABELS[plan.columns] * 0.6, BODY), fontsize=BODY)
    alike: dict[bytes, list[Result]] = {}
    for result in results:
        if phase in result.first_passage:
            alike.setdefault(result.first_passage[phase].cumulative.tobytes(), []).append(result)
    labels = [_curve(ax, group, plan, phase) for group in alike.values()]
    where = ax.get_subplotspec()
    if where is not None and where.is_first_col():
        ax.set_ylabel("share of simulated runs")
    bars = [bar for group in alike.values() for bar in _bars(group, plan, phase)]
    page.margin(Margin(ax, labels, plan.room, bars=bars, slots=len(plan.slots)))


def _style(plan: _Plan, policy: str) -> LineStyle:
    return line_style(list(plan.names.policies).index(policy))


def _bars(alike: Sequence[Result], plan: _Plan, phase: str) -> list[Bar]:
    """The ranges over rival readings; one bar for policies that share their line and their range."""
    ranges = {result.range_over_readings(phase): result.policy for result in reversed(alike) if result.policy in plan.slots}
    return [Bar(*each, plan.slots[policy], _style(plan, policy)) for each, policy in ranges.items() if each and each[0] < each[1]]


def _curve(ax: Axes, alike: Sequence[Result], plan: _Plan, phase: str) -> Label:
    """One line for policies whose curves are the same: drawn over each other, only one would be seen."""
    result, names = alike[0], plan.names
    passage, style = result.first_passage[phase], _style(plan, result.policy)
    index = list(names.policies).index(result.policy)
    x, y = edges(result.start, result.days), held(passage.cumulative)
    ax.plot(
        x,
        y,
        drawstyle="steps-post",
        color=INK,
        linewidth=1.4,
        linestyle=style.dashes,
        marker=style.marker or "None",
        markersize=3.2,
        markevery=(0.03 + 0.02 * (index % 6), 0.13),
        clip_on=False,
    )
    sampled = next((each for each in alike if not each.single_path), None)
    if sampled and _banded(names):
        low, high = sampled.first_passage[phase].cumulative_interval
        ax.fill_between(x, held(low), held(high), step="post", facecolor=GREY, alpha=0.18, linewidth=0)
    half = passage.quantile(0.5)
    if half is not None:
        ax.plot(
            [number(result.date(half))],
            [0.5],
            marker="o",
            markersize=4.5,
            markerfacecolor="white",
            markeredgecolor=INK,
            markeredgewidth=1.0,
            linestyle="none",
            clip_on=False,
            zorder=5,
        )
    who = " = ".join(names.policies[each.policy] for each in alike)
    told = [f"{who}: {_share(result, phase, half)}", *_ranges(alike, plan, phase)]
    return Label(float(y[-1]), "\n".join(told), style=style)


def _ranges(alike: Sequence[Result], plan: _Plan, phase: str) -> list[str]:
    """`0–72% over readings`, with the policies that have it unless these are all whose line this is."""
    found: dict[str, list[str]] = {}
    for result in alike:
        span = result.range_over_readings(phase)
        if span and result.policy in plan.slots:
            found.setdefault(over(*span), []).append(plan.names.policies[result.policy])
    whose = {span: "" if len(those) == len(alike) else f"{', '.join(those)}: " for span, those in found.items()}
    return [f"{names}{span} over readings" for span, names in whose.items()]


def _share(result: Result, phase: str, half: int | None) -> str:
    passage = result.first_passage[phase]
    if not passage.reached:
        return "not reached"
    if half is None:
        return percent(passage.reached)
    return f"{percent(passage.reached)}\nhalf by {result.date(half).isoformat()}"


def _description(results: Sequence[Result], names: Names, phases: Mapping[str, str], headline: Sequence[str]) -> str:
    each = listed(
        (
            f"{names.policies[r.policy]} on {names.scenarios[r.scenario]}: {label} {passage_words(r, name)}{_bounds(r, name)}"
            for name, label in phases.items()
            for r in results
            if name in r.first_passage
        ),
        most=12,
    )
    intervals = "" if all(result.single_path for result in results) else f" In brackets: {INTERVAL}s of the shares."
    if any(result.rivals for result in results):
        intervals += f" Over readings: {_RANGE}."
    what = "Share of simulated runs that had reached a phase by each day, one line per policy."
    return f"{what} {joined(headline)}. {each}.{intervals}"


def _bounds(result: Result, phase: str) -> str:
    interval = "" if result.single_path else f" (share {between(*result.first_passage[phase].interval)})"
    readings = result.range_over_readings(phase)
    return f"{interval}, {between(*readings)} over readings" if readings else interval
