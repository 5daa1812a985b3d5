"""Trigger quality: on time, early, late, false or missed for each memory of error; or the false-alarm/delay curve of a number."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.analysis.quality import Column, Point, Share, TransitionQuality, TriggerQuality, Varied
from sim.charts.page import Frame, Page
from sim.charts.quality_curve import MOST_ROWS, curves, delays
from sim.charts.quality_words import curve_headline, days
from sim.charts.records import Chart, Imprint
from sim.charts.style import BODY, FAINT, GREY, INK, LABEL, styled
from sim.charts.text import LEADING, height, width, wrap
from sim.charts.words import INTERVAL, ONE_PATH, between, joined, listed, made_by, percent, plain
from sim.errors import every
from sim.framing import TEACHING, assumed

_NAMES = {"on_time": "on time", "early": "early", "late": "late", "false": "false", "missed": "missed", "neither": "neither"}
_ROW = 0.22
_SIDE = 0.75


def quality_chart(done: TriggerQuality, imprint: Imprint) -> Chart:
    """One panel for each memory of error side by side, on the same axes. Without `varied`: the six shares of each transition."""
    headline = curve_headline(done, done.curve, _errors(done)) if done.curve else _headline(done)
    frame = Frame(headline, _subtitle(done), _small_print(done, imprint))
    with styled():
        figure = curves(done, done.curve, frame) if done.curve else _bars(done, frame)
        return Chart(figure, joined(headline), _description(done, headline), imprint)


# words ----------------------------------------------------------------------------------------------------------------------


def _subtitle(done: TriggerQuality) -> str:
    return f"{done.scenario_title} · {done.policy_title} · {done.start.isoformat()} to {done.date(done.days - 1).isoformat()}"


def _small_print(done: TriggerQuality, imprint: Imprint) -> list[str]:
    sampled = f"Share of simulated runs: {done.runs:,} runs, seed {done.seed}."
    first = " ".join([TEACHING, assumed([done.grades]), ONE_PATH if done.single_path else sampled])
    return [first, " ".join(filter(None, _notes(done))), made_by(imprint)]


def _notes(done: TriggerQuality) -> Iterator[str]:
    yield "Held against its twin: the same policy in the same simulated futures, which sees the world perfectly."
    if done.curve:
        yield "The twin keeps the policy as given. False alarm: taken before it was due, or never due by the end."
        if delays(done):
            yield "Delay: days late over the runs in which it is due; a missed one counts up to the end."
        yield f"Whiskers: {INTERVAL}s." if not done.single_path else ""
        if more := done.curve.transitions[MOST_ROWS:]:
            yield f"Not drawn: {', '.join(map(plain, more))}."
    else:
        tolerance = f" On time: within {_in_days(done.tolerance)}." if done.tolerance else ""
        yield f"By the first taking in a run.{tolerance} False: never due by the end. Missed: due, and not taken by the end."
        yield f"Thin lines: {INTERVAL}s." if not done.single_path else ""
        if idle := _idle(done):
            yield f"Not drawn, as they are neither due nor taken in any run: {', '.join(map(plain, idle))}."
    if not done.blurred:
        yield "No signpost that this policy reads has an error here."
    if done.reactive:
        yield "The world answers to the policy; each twin is held to the world that its policy made."


def _errors(done: TriggerQuality) -> str:
    """With which errors, in the order of the columns."""
    if not done.blurred:
        return "without errors of observation"
    fixed = [f"{column.memory:g}" for column in done.columns if column.memory is not None]
    days = f"that last {every(fixed)} day{'' if fixed == ['1'] else 's'}" if fixed else ""
    given = "as given" if len(fixed) < len(done.columns) else ""
    return f"with errors {every([part for part in (days, given) if part])}"


def _idle(done: TriggerQuality) -> list[str]:
    """Transitions that nothing can be drawn of: neither due nor taken in any run. The first stays where all are so."""
    names = [each.name for each in done.columns[0].quality.transitions]
    active = [name for name in names if any(column.quality.of(name).neither.value < 1 for column in done.columns)]
    return [name for name in names if name not in (active or names[:1])]


def _headline(done: TriggerQuality) -> list[str]:
    transitions = done.columns[0].quality.transitions
    if not transitions:
        return ["This policy has no transition"]
    shown = transitions if len(transitions) <= 2 else (transitions[0], transitions[-1])
    lines = [f"{plain(each.name)}: {_alarms(done, each.name)}" for each in shown]
    return lines if done.single_path else [*lines[:-1], f"{lines[-1]}, {_errors(done)}"]


def _alarms(done: TriggerQuality, name: str) -> str:
    those = [column.quality.of(name) for column in done.columns]
    if done.single_path:
        return _happened(those[0])
    if not any(each.due.count + each.false_alarm.count for each in those):
        return "neither due nor taken in any simulated run"
    told = every([percent(each.false_alarm.value) for each in those])
    return f"false alarms, early or never due, in {told} of simulated runs"


def _happened(each: TransitionQuality) -> str:
    """Of one path."""
    what = next(word for name, word in _NAMES.items() if each.outcome(name).count)
    by = next((apart.mean.value for apart in (each.early_days, each.late_days) if apart.mean.value is not None), None)
    if what == "neither":
        return "neither due nor taken"
    return what if by is None else f"{what} by {_in_days(by)}"


def _in_days(number: float) -> str:
    return f"{number:.0f} day{'' if number == 1 else 's'}"


def _description(done: TriggerQuality, headline: Sequence[str]) -> str:
    what = (
        "The triggers of a policy against those of its twin, which sees the world perfectly, one panel for each memory of error."
    )
    if done.curve:
        what = f"Share of runs with a false alarm against the mean delay, for each value of {done.curve.path}."
        each = listed((_point_words(done.curve, column, point) for column in done.columns for point in _ends(column)), most=12)
        return f"{what} {joined(headline)}. {each}."
    told = (
        f"{transition.name}, error memory {column.label}: {_outcome_words(transition)}"
        for column in done.columns
        for transition in column.quality.transitions
    )
    return f"{what} {joined(headline)}. {listed(told, most=12)}."


def _ends(column: Column) -> list[Point]:
    return [column.points[0], *column.points[1:][-1:]]


def _point_words(varied: Varied, column: Column, point: Point) -> str:
    each = point.quality.of(varied.transitions[0])
    alarms = f"{percent(each.false_alarm.value)} ({between(*each.false_alarm.interval)})"
    delay = f"due in {each.due.count:,} runs, delay {days(each.delay.value)} days"
    return f"{point.text}, error memory {column.label}: false alarm {alarms}, {delay}"


def _outcome_words(each: TransitionQuality) -> str:
    return ", ".join(f"{word} {percent(each.outcome(name).value)}" for name, word in _NAMES.items() if each.outcome(name).count)


# the six shares -------------------------------------------------------------------------------------------------------------


def _bars(done: TriggerQuality, frame: Frame) -> Figure:
    transitions = [each for each in done.columns[0].quality.transitions if each.name not in _idle(done)]
    columns, rows = len(done.columns), max(len(transitions), 1)
    wide = 7.6 if columns == 1 else max(3.0 * columns + _SIDE, 6.4)
    page = Page(wide, rows * (_ROW * len(_NAMES) + 0.55) + 0.35, frame)
    axes = page.figure.subplots(rows, columns, squeeze=False)
    for row, (line, each) in enumerate(zip(axes, transitions, strict=False)):
        for ax, column in zip(line, done.columns, strict=True):
            _outcomes(ax, column.quality.of(each.name), done, 0.88 * (wide - _SIDE) / columns)
        for ax in line[1:]:
            ax.set_yticklabels([])
        title = f"{plain(each.name)}: {' or '.join(each.from_labels)} → {each.to_label}"
        _titles(line, done, wrap(title, wide - _SIDE - 0.3, BODY + 0.5, bold=True), memories=row == 0 and done.blurred)
    for ax in axes[-1]:
        ax.set_xlabel("share of simulated runs" if transitions else "")
        ax.set_axis_on() if transitions else ax.set_axis_off()
    return page.finish()


def _titles(line: Sequence[Axes], done: TriggerQuality, title: str, *, memories: bool) -> None:
    """The memories over the panels of the first row, and the transition across all of its panels."""
    above = 5.0
    if memories:
        above += BODY * LEADING + 5
        for ax, column in zip(line, done.columns, strict=True):
            ax.set_title(f"Error memory {column.label}", fontsize=BODY)
    where: dict[str, Any] = {"xy": (0, 1), "xycoords": "axes fraction", "textcoords": "offset points", "annotation_clip": False}
    across = line[0].annotate(title, xytext=(0, above), va="bottom", fontsize=BODY + 0.5, fontweight="bold", **where)
    across.set_in_layout(False)  # it is wider than its panel; a blank keeps room for it above
    line[0].annotate(" ", xytext=(0, above + 72 * height(title, BODY + 0.5)), va="center", fontsize=1, **where)


def _outcomes(ax: Axes, each: TransitionQuality, done: TriggerQuality, room: float) -> None:
    """`room`: inches that the panel is wide at least."""
    names = list(_NAMES)
    ax.set_xlim(0, 1)
    ax.set_ylim(len(names) - 0.4, -0.6)
    ax.set_xticks([0, 0.5, 1], ["0", "50%", "100%"])
    ax.set_yticks(range(len(names)), list(_NAMES.values()), fontsize=LABEL)
    ax.tick_params(axis="y", length=0)
    for row, name in enumerate(names):
        share = each.outcome(name)
        ax.barh(row, share.value, height=0.62, color=FAINT, linewidth=0)
        if not done.single_path:
            ax.plot(share.interval, [row, row], color=INK, linewidth=1.0, solid_capstyle="butt", clip_on=False)
        _beside(ax, share, row, _told(name, each, done), room)


def _beside(ax: Axes, share: Share, row: int, words: Sequence[str], room: float) -> None:
    """Right of the bar, or where that has no room left of its end; the first of the words that fits, or else the last."""
    start, end = share.interval[0], max(share.value, share.interval[1])
    places = ((text, inside, start if inside else 1 - end) for text in words for inside in (False, True))
    fits = [(text, inside) for text, inside, free in places if width(text, LABEL) + 0.1 < room * free]
    text, inside = fits[0] if fits else (words[-1], end > 0.5)
    ax.annotate(
        text,
        xy=(start if inside else end, row),
        xytext=(-4 if inside else 4, 0),
        textcoords="offset points",
        ha="right" if inside else "left",
        va="center",
        fontsize=LABEL,
        color=INK if share.count else GREY,
    )


def _told(name: str, each: TransitionQuality, done: TriggerQuality) -> list[str]:
    """The longest first."""
    share, apart = each.outcome(name), {"early": each.early_days, "late": each.late_days}.get(name)
    middle = apart.quantiles[0.5] if apart and share.count else None
    if done.single_path:
        short = "yes" if share.count else ""
        return [short] if middle is None else [f"{short}, by {_in_days(middle)}", short]
    short = percent(share.value)
    return [short] if middle is None else [f"{short}, median {_in_days(middle)}", short]
