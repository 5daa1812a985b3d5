"""Tables that a screen reader can follow and a phone can scroll: a caption, header cells with a scope, a box of their own."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from sim.pages.html import Child, Element, breakable, el
from sim.pages.words import NOTHING, is_number, shorter

Cell = Child | Sequence[Child]
MOST_ROWS = 120
"""of a table that is not asked for whole"""
_SHORT, _LONG = 26, 45
"""letters of a cell below which it stands in one line, and from which it is a sentence"""
_WIDE = 9
"""columns from which a table is printed smaller"""


@dataclass
class Ids:
    """Gives out ids, each once."""

    used: dict[str, int] = field(default_factory=dict)

    def new(self, kind: str) -> str:
        self.used[kind] = self.used.get(kind, 0) + 1
        return f"{kind}-{self.used[kind]}"


def table(
    ids: Ids,
    caption: str,
    header: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    note: str = "",
    anchors: Sequence[str | None] = (),
    whole: bool = False,
) -> Element:
    """A table in a box that scrolls sideways. The first cell of a row is its header; `anchors` are ids of rows.

    One that is not asked for `whole` is cut where it is very long, and says so.
    """
    name = ids.new("table")
    note, rows = (note, rows) if whole or len(rows) <= MOST_ROWS else (f"{cut(MOST_ROWS, len(rows))} {note}", rows[:MOST_ROWS])
    kinds = [_kind([_text(row[index]) for row in rows]) for index in range(len(header))]
    head = el("tr", (el("th", text, scope="col", class_=kind) for text, kind in zip(header, kinds, strict=True)))
    lines = (_row(cells, kinds, anchor) for cells, anchor in itertools.zip_longest(rows, anchors))
    words = el("div", el("span", caption, class_="what"), el("span", f" {note}", class_="note") if note else None, id=name)
    made = el(
        "table", el("caption", words), el("thead", head), el("tbody", lines), class_="wide" if len(header) >= _WIDE else None
    )
    return el("div", made, class_="scroll", role="region", aria_labelledby=name, tabindex=0)


def cut(shown: int, there: int) -> str:
    """That not all is shown."""
    return f"The first {shown:,} of {there:,}; all are in the file."


def is_wide(made: Element) -> bool:
    """Whether a table has so many columns that paper is too narrow for it."""
    return made.find("table[@class='wide']") is not None


def _row(cells: Sequence[Cell], kinds: Sequence[str], anchor: str | None) -> Element:
    first, *rest = (breakable(each) if isinstance(each, str) else each for each in cells)
    tag, scope = ("td", None) if first in ("", NOTHING) else ("th", "row")
    others = (el("td", each, class_=kind) for each, kind in zip(rest, kinds[1:], strict=True))
    return el("tr", el(tag, first, scope=scope, class_=kinds[0]), others, id=anchor)


def _text(cell: Cell) -> str:
    if cell is None or isinstance(cell, str):
        return cell or ""
    return "".join(cell.itertext()) if isinstance(cell, Element) else "".join(map(_text, cell))


def _kind(column: Sequence[str]) -> str:
    """How a column is set: numbers from the right, sentences with room to read, short words in one line."""
    told = [each for each in column if each not in ("", NOTHING)]
    if told and all(map(is_number, told)):
        return "number"
    longest = max(map(len, told), default=0)
    if longest < _SHORT:
        return "short"
    return "long" if any(" " in each for each in told if len(each) >= _LONG) else "names"


def of_csv(ids: Ids, caption: str, raw: bytes, most: int) -> Element | None:
    """The first rows of a csv file, and how many there are; None where it is none."""
    text = raw.decode("utf-8-sig", errors="replace")
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""))
    except (ValueError, csv.Error):
        return None
    if not header:
        return None
    shown = [[*map(shorter, row), *[""] * len(header)][: len(header)] for row in rows[:most]]
    count = f"{len(rows):,} row{'' if len(rows) == 1 else 's'}"
    note = (
        f"The first {len(shown):,} of {count}; all are in the file, with all their digits."
        if len(rows) > len(shown)
        else f"{count}."
    )
    return table(ids, caption, [each or NOTHING for each in header], [[cell or NOTHING for cell in row] for row in shown], note)
