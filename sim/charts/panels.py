"""The panels that several charts share: a signpost with its thresholds, and the shares of runs per phase."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from sim.charts.dates import edges, held
from sim.charts.labels import Label
from sim.charts.style import GREY, INK, SIGNPOST, phase_colours
from sim.charts.words import percent, plain
from sim.results import FAN_LEVELS, Fan, Floats, Result, ThresholdLine

MOST_PANELS = 4
_SINGLE_RUNS = 5


def guarded(result: Result) -> list[str]:
    """The signposts that guards compare with thresholds; the first signpost where there is none."""
    names = [name for name in dict.fromkeys(line.signpost for line in result.thresholds) if name in result.signposts]
    return names or list(result.signposts)[:1]


def lines_of(result: Result, signpost: str) -> list[ThresholdLine]:
    return list({line.name: line for line in result.thresholds if line.signpost == signpost}.values())


def left_out(names: Sequence[str]) -> list[str]:
    """Said in the small print."""
    rest = [plain(name) for name in names[MOST_PANELS:]]
    return [f"Not shown: {', '.join(rest)}."] if rest else []


def draw_fan(ax: Axes, result: Result, fan: Fan) -> list[Label]:
    """Bands, median and a few single runs; labels for the last day. One path has no bands."""
    if result.single_path:
        return [draw_single(ax, result, fan)]
    x = edges(result.start, result.days)
    q05, q25, q50, q75, q95 = (held(row) for row in fan.quantiles)
    ax.fill_between(x, q05, q95, step="post", color=SIGNPOST, alpha=0.16, linewidth=0)
    ax.fill_between(x, q25, q75, step="post", color=SIGNPOST, alpha=0.30, linewidth=0)
    for sample in fan.samples[:_SINGLE_RUNS]:
        ax.plot(x, held(sample), drawstyle="steps-post", color=SIGNPOST, alpha=0.55, linewidth=0.45)
    ax.plot(x, q50, drawstyle="steps-post", color=SIGNPOST, linewidth=1.8)
    ends = [(q95[-1], "middle 90%"), (q75[-1], "middle 50%"), (q50[-1], "median")]
    return _merged([(float(y), text) for y, text in ends if np.isfinite(y)], ax.get_ylim())


def _merged(ends: list[tuple[float, str]], limits: tuple[float, float]) -> list[Label]:
    """One label where values coincide."""
    labels: list[Label] = []
    near = (limits[1] - limits[0]) * 0.02
    for y, text in ends:
        if labels and abs(labels[-1].y - y) <= near:
            labels[-1] = Label(labels[-1].y, f"{labels[-1].text}, {text}", SIGNPOST)
        else:
            labels.append(Label(y, text, SIGNPOST))
    return labels


def is_whole(fan: Fan) -> bool:
    row = fan.samples[np.isfinite(fan.samples)]
    return bool(np.all(row == np.round(row)))


def first_run(fan: Fan) -> Floats:
    row: Floats = fan.samples[0] if len(fan.samples) else fan.quantiles[FAN_LEVELS.index(0.5)]
    return row


def draw_single(ax: Axes, result: Result, fan: Fan) -> Label:
    row = first_run(fan)
    ax.plot(edges(result.start, result.days), held(row), drawstyle="steps-post", color=SIGNPOST, linewidth=1.8)
    return Label(float(row[-1]) if np.isfinite(row[-1]) else 0.0, "observed", SIGNPOST)


def set_range(ax: Axes, data: Floats, whole: bool, thresholds: Sequence[ThresholdLine]) -> None:
    """Show the data and the thresholds near them; one far away (`never by rule`) must not flatten the rest.

    `whole`: rungs and flags, which have no value between two whole numbers, get no tick there.
    """
    finite = data[np.isfinite(data)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    spans = [(float(np.min(line.low)), float(np.max(line.high))) for line in thresholds]
    for bottom, top in sorted(spans, key=lambda span: max(low - span[0], span[1] - high)):
        gap, range_ = max(low - bottom, top - high), high - low
        if gap <= 0 or range_ == 0 or gap <= 3 * range_:
            low, high = min(low, bottom), max(high, top)
    pad = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    ax.set_ylim(low - pad, high + pad)
    ticks = [float(tick) for tick in MaxNLocator(4, integer=whole).tick_values(low, high) if low - pad <= tick <= high + pad]
    ax.set_yticks(ticks, [f"{tick:,.10g}" for tick in ticks])


def draw_threshold(ax: Axes, result: Result, line: ThresholdLine) -> Label:
    x = edges(result.start, result.days)
    low, high = ax.get_ylim()
    if line.uncertain:
        ax.fill_between(
            x, held(line.low), held(line.high), step="post", facecolor="none", edgecolor="#9aa5b1", hatch="////", linewidth=0.4
        )
    ax.plot(x, held(line.middle), drawstyle="steps-post", color=INK, linewidth=0.9, linestyle=(0, (5, 2.5)))
    last = float(line.middle[-1])
    where = " ↑ above this panel" if last > high else " ↓ below this panel" if last < low else ""
    return Label(last, threshold_words(line) + where)


def threshold_words(line: ThresholdLine) -> str:
    """Name, value, unit, grade and sources: a threshold is never shown without where it comes from."""
    return f"{plain(line.name)}: {line.text} {line.unit} ({', '.join([line.grade, *line.sources])})"


def signpost_title(name: str, fan: Fan) -> str:
    return f"{plain(name)}, as observed ({fan.unit})"


def draw_shares(ax: Axes, result: Result) -> list[Label]:
    """Stacked shares of runs per phase, the lowest at the bottom."""
    x = edges(result.start, result.days)
    shares = result.occupancy / result.runs
    tops = np.cumsum(shares, axis=0)
    labels = []
    for index, (phase, colour) in enumerate(zip(result.phases, phase_colours(len(result.phases)), strict=True)):
        bottom, top = held(tops[index] - shares[index]), held(tops[index])
        ax.fill_between(x, bottom, top, step="post", facecolor=colour, linewidth=0)
        # An outline on every boundary keeps the lightest phase visible on white, and neighbours apart in greyscale.
        if index:
            ax.plot(x, bottom, drawstyle="steps-post", color=GREY, linewidth=0.5)
        share = "" if result.single_path else f" {percent(float(shares[index, -1]))}"
        labels.append(Label(float((bottom[-1] + top[-1]) / 2), phase.label + share, swatch=colour))
    ax.set_ylim(0, 1)
    ax.set_yticks(*(([], []) if result.single_path else ([0, 0.5, 1], ["0%", "50%", "100%"])))
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)
    return labels
