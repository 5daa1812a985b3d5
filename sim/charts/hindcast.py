"""Statement against behaviour: when each reading of a rule falls due, and what was seen done. Never a fit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from sim.analysis.courses import STATED, Course
from sim.analysis.sentences import days
from sim.charts.dates import date_axis, number
from sim.charts.labels import lanes
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import FAINT, GREY, INK, LABEL, ink_on, phase_colours, styled
from sim.charts.text import height, width, wrap
from sim.charts.words import joined, listed, made_by, plain
from sim.framing import TEACHING, assumed
from sim.results import Deed, Grades, Reading, Statement

_WIDE, _SIDE, _ROW, _HEAD, _STRIP = 10.0, 2.2, 0.34, 0.30, 0.42
_PLOT = _WIDE - _SIDE - 0.5
_NUMBER = 0.17
_TITLE = LABEL + 0.5


def hindcast_chart(
    statements: Sequence[Statement],
    deeds: Sequence[Deed],
    start: dt.date,
    end: dt.date,
    imprint: Imprint,
    grades: Grades | None = None,
    courses: Sequence[Course] = (),
) -> Chart:
    """Per coding and reading a row for each phase; the dated deeds along the bottom, numbered and listed beneath.

    `courses`: those of the rule as stated are drawn as a strip of phases at the top of their coding.

    Phases rank as they first appear in `statements`, above the lowest, which no statement makes due.
    """
    headline = _headline(statements, deeds, start, end)
    seen = sorted((deed for deed in deeds if start <= deed.date <= end), key=lambda deed: (deed.date, deed.id))
    frame = Frame(
        headline,
        f"Statement against behaviour, {start.isoformat()} to {end.isoformat()}",
        _small_print(grades, imprint, len(deeds) - len(seen)),
        _notes(seen, statements),
    )
    with styled():
        strips = {each.coding_title: each for each in courses if each.reading == STATED and len(each.stays) > 1}
        page = _draw(statements, seen, start, end, frame, strips)
        return Chart(page.finish(), joined(headline), _description(statements, seen, headline), imprint)


def _labels(statements: Sequence[Statement]) -> dict[str, str]:
    return {statement.reading.phase: statement.reading.phase_label for statement in statements}


def _headline(statements: Sequence[Statement], deeds: Sequence[Deed], start: dt.date, end: dt.date) -> list[str]:
    """Two phases at most: the first that is not due from the first day under every reading, and the highest."""
    labels = _labels(statements)
    later = [name for name in labels if any(each.reading.due != start for each in statements if each.reading.phase == name)]
    chosen = later if len(later) > 1 else list(labels)
    lines = []
    for phase in dict.fromkeys([*chosen[:1], *chosen[-1:]]):
        label = labels[phase]
        those = [statement for statement in statements if statement.reading.phase == phase]
        lines.append(f"{label}: {_due_words(those)}; {_seen_words(those, deeds, end)}")
    return lines or ["No statement to set against behaviour"]


def _due_words(statements: Sequence[Statement]) -> str:
    due = sorted(statement.reading.due for statement in statements if statement.reading.due)
    if not due:
        return "not due under any reading shown"
    span = due[0].isoformat() if due[0] == due[-1] else f"{due[0].isoformat()} to {due[-1].isoformat()}"
    return f"due {span} ({len(due)} of {len(statements)} readings)" if len(statements) > 1 else f"due {span}"


def _seen_words(statements: Sequence[Statement], deeds: Sequence[Deed], end: dt.date) -> str:
    shown = sorted(statement.shown.date for statement in statements if statement.shown)
    last = max((deed.date for deed in deeds if deed.date <= end), default=None)
    if shown:
        return f"first seen on {shown[0].isoformat()}"
    return f"not seen by {last.isoformat()}" if last else "no deed is recorded"


def _small_print(grades: Grades | None, imprint: Imprint, outside: int) -> list[str]:
    words = [
        TEACHING,
        *([assumed([grades])] if grades else []),
        "A line runs from the due date to the deed that shows the phase (upright end), or to the last deed seen below it",
        "(arrow): it measures what was seen, and fits nothing.",
    ]
    return [" ".join([*words, *([f"{outside} deeds lie outside these dates."] if outside else [])]), made_by(imprint)]


def _notes(deeds: Sequence[Deed], statements: Sequence[Statement]) -> list[str]:
    """One line a deed; what it shows is said once where all show the same."""
    labels = _labels(statements)
    shows = [f"shows: {labels.get(deed.phase, plain(deed.phase))}" for deed in deeds]
    same = len(set(shows)) == 1
    lines = [
        f"{index}  {deed.date.isoformat()}  {deed.says} ({deed.id if same else f'{show}; {deed.id}'})"
        for index, (deed, show) in enumerate(zip(deeds, shows, strict=True), 1)
    ]
    return [f"Every deed {shows[0]}.", *lines] if same else lines


def _rows(statements: Sequence[Statement]) -> list[tuple[str, str, list[Statement]]]:
    """Coding title, readings, and their statements; readings under which all falls due on the same days share a row."""
    rows: dict[tuple[str, str], list[Statement]] = {}
    for statement in statements:
        rows.setdefault((statement.reading.coding, statement.reading.reading), []).append(statement)
    alike: dict[tuple[object, ...], list[list[Statement]]] = {}
    for (coding, _), those in rows.items():
        alike.setdefault((coding, *((each.reading.due, each.reading.until) for each in those)), []).append(those)
    told = [(those, "; ".join(each[0].reading.reading for each in those)) for those in alike.values()]
    return [(those[0][0].reading.coding_title, readings, those[0]) for those, readings in told]


def _draw(
    statements: Sequence[Statement],
    deeds: Sequence[Deed],
    start: dt.date,
    end: dt.date,
    frame: Frame,
    strips: Mapping[str, Course],
) -> Page:
    colours = dict(zip(_labels(statements), phase_colours(len(_labels(statements)) + 1)[1:], strict=True))
    lowest = phase_colours(len(colours) + 1)[0]
    rows, days = _rows(statements), (end - start).days + 1
    tall = sum(_row_height(reading, those) for _, reading, those in rows) + len({title for title, *_ in rows}) * _head(rows)
    tall += _STRIP * len(strips)
    levels = lanes([_at(deed.date, start, days) for deed in deeds], [_NUMBER] * len(deeds))
    below = 0.30 + _NUMBER * (max(levels, default=0) + 1)
    page = Page(_WIDE, tall + below + 0.5, frame)
    ax = page.figure.subplots()
    ax.set_ylim(-tall - below, 0)
    date_axis(ax, start, days, _PLOT)
    _frame(ax)
    y, before = 0.0, None
    for title, reading, those in rows:
        if title != before:
            _heading(ax, title, y)
            y, before = y - _head(rows), title
            if title in strips:
                _strip(ax, strips[title], [lowest, *colours.values()], list(colours), y)
                y -= _STRIP
        _reading(ax, reading, those, colours, y, (start, end))
        y -= _row_height(reading, those)
    _deeds(ax, deeds, levels, y, colours)
    return page


def _frame(ax: Axes) -> None:
    ax.set_yticks([])
    for side in ("left", "top", "right"):
        ax.spines[side].set_visible(False)


def _at(date: dt.date, start: dt.date, days: int) -> float:
    """Inches from the left, reckoned for a panel a little narrower than it comes out."""
    return (date - start).days / days * _PLOT * 0.95


def _head(rows: Sequence[tuple[str, str, list[Statement]]]) -> float:
    lines = max((wrap(title, _WIDE - 0.6, _TITLE, True).count("\n") for title, *_ in rows), default=0)
    return _HEAD + lines * height("", _TITLE)


def _row_height(reading: str, statements: Sequence[Statement]) -> float:
    return max(_ROW * len(_told(statements)), height(wrap(plain(reading), _SIDE - 0.2, LABEL), LABEL) + 0.1)


def _heading(ax: Axes, title: str, y: float) -> None:
    _at_left(ax, wrap(title, _WIDE - 0.6, _TITLE, True), y - 0.09, fontsize=_TITLE, fontweight="bold", va="top")


def _at_left(ax: Axes, text: str, y: float, **look: Any) -> None:
    """In the column left of the panel."""
    ax.annotate(
        text,
        xy=(0, y),
        xycoords=ax.get_yaxis_transform(),
        xytext=(-_SIDE * 72, 0),
        textcoords="offset points",
        annotation_clip=False,
        **look,
    )


def _strip(ax: Axes, course: Course, colours: Sequence[str], above: Sequence[str], y: float) -> None:
    """The rule's phase on each day; a stay is named where its name has room. `above`: the phases above the lowest."""
    ax.axhline(y, color=FAINT, linewidth=0.5)
    _at_left(ax, "the rule's phase, as stated", y - _STRIP / 2, fontsize=LABEL, va="center")
    whole = (course.stays[-1].last - course.stays[0].first).days + 1
    for stay in course.stays:
        colour = colours[above.index(stay.phase) + 1 if stay.phase in above else 0]
        days = (stay.last - stay.first).days + 1
        first = number(stay.first)
        ax.fill_between([first, first + days], y - _STRIP + 0.08, y - 0.08, facecolor=colour, edgecolor=GREY, linewidth=0.6)
        if width(stay.label, LABEL) + 0.1 < days / whole * _PLOT * 0.9:
            ink = ink_on(colour)
            ax.text(first + days / 2, y - _STRIP / 2, stay.label, fontsize=LABEL, color=ink, ha="center", va="center_baseline")


def _reading(
    ax: Axes, reading: str, statements: Sequence[Statement], colours: dict[str, str], y: float, span: tuple[dt.date, dt.date]
) -> None:
    high = _row_height(reading, statements)
    ax.axhline(y, color=FAINT, linewidth=0.5)
    _at_left(ax, wrap(plain(reading), _SIDE - 0.2, LABEL), y - high / 2, fontsize=LABEL, va="center")
    told = _told(statements)
    for index, statement in enumerate(told):
        middle = y - high * (index + 0.5) / len(told)
        if statement is None:
            _beside(ax, _never(statements), None, middle - 0.05, span)
        else:
            _statement(ax, statement, colours[statement.reading.phase], middle, span)


def _told(statements: Sequence[Statement]) -> list[Statement | None]:
    """A line for each phase that falls due, and one (None) for all that do not."""
    due: list[Statement | None] = [statement for statement in statements if statement.reading.due]
    return due if len(due) == len(statements) else [*due, None]


def _never(statements: Sequence[Statement]) -> str:
    return f"Not due: {', '.join(statement.reading.phase_label for statement in statements if not statement.reading.due)}"


def _statement(ax: Axes, statement: Statement, colour: str, y: float, span: tuple[dt.date, dt.date]) -> None:
    due, seen = statement.reading.due, statement.shown or statement.last_seen_below
    # A due date before the first day is marked at the edge; its label says when it was.
    mark = max(number(due), number(span[0])) if due and due <= span[1] else None
    low = y - 0.05
    if mark is not None and seen is not None:
        until = min(number(seen.date), number(span[1]))
        ax.plot([mark, until], [low, low], color=colour, linewidth=2.2, solid_capstyle="butt", clip_on=False)
        ax.plot(
            [until],
            [low],
            marker="|" if statement.shown else ">",
            color=colour,
            markersize=7 if statement.shown else 4.5,
            markeredgewidth=1.6,
            clip_on=False,
        )
    if mark is not None:
        ax.plot(
            [mark],
            [low],
            marker="o",
            markersize=6,
            markerfacecolor=colour,
            markeredgecolor=INK,
            markeredgewidth=0.7,
            clip_on=False,
        )
    _beside(ax, _words(statement), mark, y + 0.01, span)


def _words(statement: Statement) -> str:
    reading: Reading = statement.reading
    if reading.due is None:
        return f"{reading.phase_label}: not due"
    words = f"{reading.phase_label}: due {reading.due.isoformat()}"
    if reading.until and statement.shown is None:
        words += f" until {reading.until.isoformat()}"
    if statement.gap is None:
        return f"{words}; no deed meanwhile" if reading.until else f"{words}; no later deed"
    later = f"seen below it for at least {days(statement.gap)}"
    if statement.shown:
        later = f"seen {days(statement.gap)} later" if statement.gap else "seen that day"
    return f"{words}; {later}"


def _beside(ax: Axes, words: str, mark: float | None, y: float, span: tuple[dt.date, dt.date]) -> None:
    """Above the line, from the marker to the right, or to the left of it where the right has no room."""
    first, days = number(span[0]), (span[1] - span[0]).days + 1
    at = first if mark is None else mark
    right = (at - first) / days * _PLOT + width(words, LABEL) > _PLOT
    ax.annotate(
        words,
        xy=(at, y),
        xytext=(-6 if right else 6, 0),
        textcoords="offset points",
        fontsize=LABEL,
        color=GREY if mark is None else INK,
        ha="right" if right else "left",
        va="bottom",
        annotation_clip=False,
    )


def _deeds(ax: Axes, deeds: Sequence[Deed], levels: Sequence[int], y: float, colours: dict[str, str]) -> None:
    ax.axhline(y, color=GREY, linewidth=0.6)
    _at_left(ax, "What was seen done", y - 0.09, fontsize=LABEL, fontweight="bold", va="top")
    lowest = phase_colours(len(colours) + 1)[0]
    for index, (deed, level) in enumerate(zip(deeds, levels, strict=True), 1):
        down = y - 0.14
        ax.plot(
            [number(deed.date)],
            [down],
            marker="s",
            markersize=5,
            markerfacecolor=colours.get(deed.phase, lowest),
            markeredgecolor=INK,
            markeredgewidth=0.7,
            clip_on=False,
        )
        ax.text(number(deed.date), down - 0.10 - level * _NUMBER, str(index), fontsize=LABEL, ha="center", va="top")


def _description(statements: Sequence[Statement], deeds: Sequence[Deed], headline: Sequence[str]) -> str:
    each = listed((f"{s.reading.coding_title}, {s.reading.reading}: {_words(s)}" for s in statements), most=12)
    done = listed(f"{deed.date.isoformat()} {deed.says}" for deed in deeds)
    return (
        f"Statement against behaviour, not a fit. {joined(headline)}. {each or 'No statement'}. "
        f"Seen done: {done or 'nothing recorded'}."
    )
