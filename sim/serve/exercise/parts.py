"""Parts of a page as data: the server says what stands in a section, and the page's script draws it, texts as texts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]
Part = str | list[Any]
"""A text, or [`tag.class`, {attribute: value}, child, …]."""
Given = Part | None
"""None: left out"""


def el(name: str, /, *children: Given, **about: str | int | bool | None) -> Part:
    """An element. Attributes: `for_`, `data_key`, …; True stands for one without a value, None and False leave it out."""
    told = {key.rstrip("_").replace("_", "-"): value for key, value in about.items() if value is not None and value is not False}
    plain = {key: "" if value is True else str(value) for key, value in told.items()}
    return [name, plain, *(each for each in children if each is not None)]


def listed(texts: Iterable[str]) -> Part:
    return el("ul", *(el("li", text) for text in texts))


def note(text: str) -> Part:
    return el("p.note", text)


def fold(key: str, summary: str, *parts: Given) -> Part:
    """What is opened by a click; it stays open when its section is drawn anew."""
    return el("details", el("summary", summary, data_key=f"{key}-summary"), *parts, data_key=key)


def table(heads: Sequence[str], rows: Iterable[Sequence[Part]], label: str) -> Part:
    """A table in a box that scrolls by itself, with its first column as heads of the rows."""
    head = el("thead", el("tr", *(el("th", each, scope="col") for each in heads)))
    body = el("tbody", *(el("tr", el("th", row[0], scope="row"), *(el("td", each) for each in row[1:])) for row in rows))
    return el(
        "div.scroll", el("table.broad" if len(heads) > 3 else "table", head, body), tabindex=0, role="region", aria_label=label
    )


def button(text: str, key: str, said: str, fixed: Json, done: str, *, main: bool = False, **about: str) -> Part:
    """A button that sends one of the facilitator's actions; the element `said` tells how that went."""
    sends = {"data_post": "/facilitator/act", "data_said": said, "data_done": done, "data_fixed": json.dumps(fixed)}
    return el("form", el("button.main" if main else "button", text, type="submit", data_key=key), **sends, **about)


def state(text: str, *, done: bool) -> Part:
    """A word in a pill: filled where something is done, so that no colour is needed to tell."""
    return el("span.state.done" if done else "span.state", text)


def card(title: str, *parts: Given, key: str | None = None) -> Part:
    return el("li.card", el("h3", title), *parts, data_key=key)


def inject(told: Json) -> Part:
    """An inject as everybody reads it who gets it."""
    source = f"Source: {told['source']}. Reliability: {told['reliability']}."
    improvised = "improvised by the facilitator" if told.get("improvised") else None
    where = ", ".join(filter(None, (told["move_title"], told.get("date"), improvised)))
    return card(told["title"], el("p", told["text"]), note(source), note(where), key=told["id"])


def after(seconds: float) -> str:
    """754 → 0:12:34, since the first move began."""
    return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02}:{int(seconds) % 60:02}"


def number(value: float | None) -> str:
    """A level or reading, short enough for a label."""
    if value is None:
        return "–"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


_WIDTH, _HEIGHT, _LEFT, _TOP = 320, 90, 54, 20


def chart(name: str, unit: str, dates: Sequence[str], values: Sequence[float | None]) -> list[Part]:
    """What was read day by day: a line for the eye, and the same as a table."""
    known = [(day, value) for day, value in enumerate(values) if value is not None]
    rows = [(date, number(value)) for date, value in zip(dates, values, strict=True)]
    last = number(known[-1][1]) if known else "nothing yet"
    if len({value for _, value in known}) < 2:
        return [el("p", f"{name} ({unit}): {last}" + (" on every day so far" if len(known) > 1 else ""))]
    found = [el("h3", f"{name} ({unit}): {last}"), _line(dates, known)]
    return [*found, fold(f"table-{name}", f"{name} as a table", table(("Date", unit), rows, f"{name} by date"))]


def _line(dates: Sequence[str], known: Sequence[tuple[int, float]]) -> Part:
    low, high = min(value for _, value in known), max(value for _, value in known)

    def x(day: int) -> str:
        return f"{_LEFT + _WIDTH * day / max(1, len(dates) - 1):.1f}"

    def y(value: float, down: int = 0) -> str:
        return f"{_TOP + _HEIGHT * (high - value) / (high - low) + down:.1f}"

    ends = [(value, number(value)) for value in (low, high)]
    lines = [el("line", x1=_LEFT, x2=_LEFT + _WIDTH, y1=y(value), y2=y(value)) for value, _ in ends]
    words = [el("text", text, x=_LEFT - 8, y=y(value, 4), text_anchor="end") for value, text in ends]
    first = el("text", dates[0], x=_LEFT, y=_TOP + _HEIGHT + 18)
    last = el("text", dates[-1], x=_LEFT + _WIDTH, y=_TOP + _HEIGHT + 18, text_anchor="end")
    line = el("polyline", points=" ".join(f"{x(day)},{y(value)}" for day, value in known))
    return el(
        "svg.seen",
        *lines,
        *words,
        line,
        first,
        last,
        viewBox=f"0 0 {_LEFT + _WIDTH + 10} {_TOP + _HEIGHT + 24}",
        aria_hidden="true",
    )
