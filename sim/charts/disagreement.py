"""Where policies part: the share of futures in which they stand in different phases, day by day, as small multiples."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes

from sim.analysis.disagreement import Disagreement
from sim.analysis.sentences import parting
from sim.charts.dates import MONTHS, date_axis, edges, held, number
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import FAINT, GREY, INK, LABEL, SMALL, styled
from sim.charts.text import height as text_height
from sim.charts.text import wrap
from sim.charts.words import INTERVAL, Names, between, compare_subtitle, joined, listed, percent, small_print, width
from sim.errors import BadUsage
from sim.results import Result

_SIDE = 1.7
_TOP = 1.24
"""of a panel's height in shares: above 100% lies the bar of the first days"""
_BAR = 1.12
_WIDE = 2.4
"""inches from which on a panel has room for a sentence"""


def disagreement_chart(partings: Sequence[Disagreement], results: Sequence[Result], imprint: Imprint) -> Chart:
    """Pairs of policies × scenarios; the longer of the two runs downwards. `results` are those of the policies compared."""
    if not partings:
        raise BadUsage("there are no two policies to compare")
    names = Names(results)
    headline = _headline(partings, names)
    frame = Frame(headline, compare_subtitle(results), small_print(results, imprint, _extra(partings, results)))
    with styled():
        page = _draw(partings, names, frame)
        return Chart(page.finish(), joined(headline), _description(partings, results, headline), imprint)


def _headline(partings: Sequence[Disagreement], names: Names) -> list[str]:
    shares = [each.share for each in partings]
    low, high = (next(each for each in partings if each.share == end) for end in (min(shares), max(shares)))
    if max(shares) == 0:
        return ["The policies stand in the same phase on every day of every simulated run"]
    who = _pair(high, names) + (f" on {names.scenarios[high.scenario]}" if len(names.scenarios) > 1 else "")
    if len(partings) == 1:
        return [f"{who} disagree in {percent(high.share)} of simulated runs"]
    if low.share == high.share:
        return [f"The policies disagree in {percent(high.share)} of simulated runs of every pair shown"]
    return [f"Policies disagree in {percent(low.share)} to {percent(high.share)} of simulated runs, the most: {who}"]


def _pair(each: Disagreement, names: Names) -> str:
    return f"{names.policies[each.a]} and {names.policies[each.b]}"


def _extra(partings: Sequence[Disagreement], results: Sequence[Result]) -> list[str]:
    words = [
        "Areas: share of runs in which the two stand in different phases at the end of the day.",
        "Bars above: from the day by which 5% of all runs have parted to that by which 95% have, the dot at half of them; "
        "a bar that goes on to the edge has no such day up to the end.",
    ]
    if len({policy for each in partings for policy in (each.a, each.b)}) > len({each.a for each in partings}) + 1:
        words.append("Each policy against the first.")
    sampled = [each for each in partings if not each.single_path]
    if sampled:
        words.append(f"{INTERVAL}s of the areas are {width([each.daily_interval for each in sampled])}.")
    if any(result.reactive for result in results):
        words.append("The world answers to the policy: beside the same draws, two policies may face different worlds.")
    return words


def _draw(partings: Sequence[Disagreement], names: Names, frame: Frame) -> Page:
    pairs = list(dict.fromkeys((each.a, each.b) for each in partings))
    scenarios = list(names.scenarios)
    cells = {((each.a, each.b), each.scenario): each for each in partings}
    said = {pair: f"{names.policies[pair[0]]} and {names.policies[pair[1]]}" for pair in pairs}
    sides = ([*said.values()], [names.scenarios[each] for each in scenarios])
    grid = [[cells.get((pair, scenario)) for scenario in scenarios] for pair in pairs]
    if len(scenarios) > len(pairs):
        sides, grid = (sides[1], sides[0]), [list(row) for row in zip(*grid, strict=True)]
    rows, columns = sides
    wide, high = min(max(7.4 / len(columns), 1.25), 6.4), min(max(3.6 / len(rows), 0.62), 2.2)
    told = max(wrap(_told(each, wide), wide - 0.3, SMALL).count("\n") for row in grid for each in row if each)
    above = told * text_height("", SMALL)
    page = Page(_SIDE + 0.3 + wide * len(columns), (high + 0.24 + above) * len(rows) + 0.7, frame)
    axes = page.figure.subplots(len(rows), len(columns), squeeze=False)
    for line, row, row_cells in zip(axes, rows, grid, strict=True):
        for ax, each in zip(line, row_cells, strict=True):
            _panel(ax, each, wide, last=row == rows[-1], first=ax is line[0])
        line[0].set_ylabel(wrap(row, _SIDE - 0.35, LABEL), rotation=0, ha="right", va="center", fontsize=LABEL, labelpad=4)
    for ax, column in zip(axes[0], columns, strict=True):
        ax.set_title(wrap(column, wide - 0.3, LABEL), fontsize=LABEL, pad=13 + 72 * above)
    return page


def _panel(ax: Axes, each: Disagreement | None, wide: float, *, last: bool, first: bool) -> None:
    if each is None:
        ax.set_axis_off()
        return
    x = edges(each.start, each.days)
    ax.fill_between(x, held(each.daily), step="post", facecolor=FAINT, linewidth=0)
    ax.plot(x, held(each.daily), drawstyle="steps-post", color=GREY, linewidth=1.0)
    ax.axhline(1, color=FAINT, linewidth=0.6)
    _bar(ax, each)
    ax.set_ylim(0, _TOP)
    ax.set_yticks([0, 0.5, 1], ["0%", "", "100%"] if first else [])
    ax.tick_params(axis="y", labelsize=SMALL)
    if wide >= _WIDE:
        date_axis(ax, each.start, each.days, wide, last)
    else:
        _ends(ax, each, last)
    ax.text(
        1,
        1.03,
        wrap(_told(each, wide), wide - 0.3, SMALL),
        transform=ax.transAxes,
        ha="right",
        va="bottom",
        fontsize=SMALL,
        color=INK,
    )


def _bar(ax: Axes, each: Disagreement) -> None:
    """From the 5% to the 95% quantile of the first day of difference, with a dot at the median."""
    early, middle, late = each.quantiles.values()
    if early is None:
        return
    begin, end = number(each.start), number(each.start) + each.days
    ax.plot([begin + early, end if late is None else begin + late], [_BAR, _BAR], color=INK, linewidth=1.2, solid_capstyle="butt")
    for day in (early, late):
        if day is not None:
            ax.plot([begin + day] * 2, [_BAR - 0.06, _BAR + 0.06], color=INK, linewidth=1.2, clip_on=False)
    if middle is not None:
        dot = {"marker": "o", "markersize": 4.2, "markerfacecolor": "white", "markeredgecolor": INK, "zorder": 5}
        ax.plot([begin + middle], [_BAR], linestyle="none", clip_on=False, **dot)  # type: ignore[arg-type]  # as matplotlib has it


def _ends(ax: Axes, each: Disagreement, show: bool) -> None:
    """Small panels date the first and the last day only."""
    begin = number(each.start)
    names = [f"{date.day} {MONTHS[date.month - 1]}\n{date.year}" for date in (each.start, each.date(each.days - 1))]
    ax.set_xlim(begin, begin + each.days)
    ax.set_xticks([begin, begin + each.days], names if show else [])
    ax.tick_params(axis="x", labelsize=SMALL, pad=2)
    for text, last in zip(ax.get_xticklabels(), (False, True), strict=False):
        text.set_horizontalalignment("right" if last else "left")


def _told(each: Disagreement, wide: float) -> str:
    if each.single_path:
        return "one path, " + ("differs" if each.share else "the same")
    if wide < _WIDE:
        return f"{percent(each.share)} ever"
    half = each.quantiles[0.5]
    when = "in half of all runs never" if half is None else f"in half of all runs by {each.date(half).isoformat()}"
    return f"ever in {percent(each.share)} ({between(*each.interval)}), {when}" if each.share else "never"


def _description(partings: Sequence[Disagreement], results: Sequence[Result], headline: Sequence[str]) -> str:
    labels = {phase.name: phase.label for result in reversed(results) for phase in result.phases}
    told = listed((f"{each.scenario}: {parting(each, labels).rstrip('.')}" for each in partings), most=8)
    what = "Share of simulated runs in which two policies stand in different phases, day by day, one panel a pair and scenario."
    return f"{what} {joined(headline)}. {told}."
