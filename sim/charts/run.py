"""Default of `run`: what guards saw, as fans, above the shares of runs per phase."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from sim.charts.dates import date_axis
from sim.charts.labels import Label, Margin
from sim.charts.page import Frame, Page
from sim.charts.panels import (
    MOST_PANELS,
    draw_fan,
    draw_shares,
    draw_threshold,
    guarded,
    is_whole,
    left_out,
    lines_of,
    set_range,
    signpost_title,
    threshold_words,
)
from sim.charts.records import Chart, Imprint
from sim.charts.style import BODY, styled
from sim.charts.text import wrap
from sim.charts.words import (
    INTERVAL,
    between,
    joined,
    listed,
    percent,
    plain,
    readings_words,
    run_headline,
    small_print,
    stretch,
    subtitle,
    width,
)
from sim.results import Result

WIDE = 9.0
MARGIN = 2.0
PLOT = WIDE - MARGIN - 0.7
_PANEL = 1.95


def run_chart(result: Result, imprint: Imprint) -> Chart:
    """Fans of the signposts that guards compare with thresholds, above the stacked shares of runs per phase."""
    names = guarded(result)
    shown, headline = names[:MOST_PANELS], run_headline(result)
    frame = Frame(headline, subtitle(result), small_print([result], imprint, _extra(result, names)), readings_words(result))
    with styled():
        page = Page(WIDE, _PANEL * (len(shown) + 1) + 0.3, frame)
        axes = page.figure.subplots(len(shown) + 1, 1, squeeze=False)[:, 0]
        for ax, name in zip(axes, shown, strict=False):
            date_axis(ax, result.start, result.days, PLOT, show=False)
            ax.set_title(wrap(signpost_title(name, result.signposts[name]), PLOT, BODY), fontsize=BODY)
            page.margin(Margin(ax, _signpost(ax, result, name), MARGIN))
        _phases(page, axes[-1], result)
        return Chart(page.finish(), joined(headline), _description(result, shown, headline), imprint)


def _signpost(ax: Axes, result: Result, name: str) -> list[Label]:
    fan, thresholds = result.signposts[name], lines_of(result, name)
    set_range(ax, np.concatenate([fan.quantiles.ravel(), fan.samples.ravel()]), is_whole(fan), thresholds)
    labels = draw_fan(ax, result, fan)
    return [*(draw_threshold(ax, result, line) for line in thresholds), *labels]


def _phases(page: Page, ax: Axes, result: Result) -> None:
    date_axis(ax, result.start, result.days, PLOT)
    what = "Phase" if result.single_path else "Share of simulated runs in each phase,"
    ax.set_title(f"{what} at the end of each day", fontsize=BODY)
    page.margin(Margin(ax, draw_shares(ax, result), MARGIN))


def _extra(result: Result, names: Sequence[str]) -> list[str]:
    words = left_out(names)
    if result.single_path:
        return words
    runs = sorted({result.signposts[name].runs for name in names[:MOST_PANELS]})
    if runs:
        over = " to ".join(f"{count:,}" for count in runs)
        words.append(f"Bands hold the middle 50% and 90% of {over} runs; thin lines are single runs.")
    narrow = " More runs narrow these, not the range over readings." if result.rivals else ""
    return [*words, f"{INTERVAL}s of the shares are {width([result.occupancy_interval])}.{narrow}"]


def _description(result: Result, shown: Sequence[str], headline: Sequence[str]) -> str:
    lines = [threshold_words(line) for name in shown for line in lines_of(result, name)]
    over = f"{result.policy_title} on {result.scenario_title}, {stretch(result)}"
    panels = ", ".join(plain(name) for name in shown) or "no signpost"
    told = (
        f"{over}. {joined(headline)}. Panels: {panels}, and the shares of simulated runs per phase. "
        f"Thresholds: {listed(lines) or 'none'}. On the last day: {_last_shares(result)}."
    )
    return " ".join([told, *readings_words(result)])


def _last_shares(result: Result) -> str:
    last = zip(result.phases, result.occupancy[:, -1] / result.runs, *result.occupancy_interval[:, :, -1], strict=True)
    if result.single_path:
        return listed(f"{phase.label} {percent(share)}" for phase, share, _, _ in last)
    shares = listed(f"{phase.label} {percent(share)} ({between(low, high)})" for phase, share, low, high in last)
    return f"{shares}; in brackets {INTERVAL}s"
