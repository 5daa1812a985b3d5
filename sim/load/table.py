"""A path read from a csv file: rows of date and value, every mistake in them at its line and column."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math

from sim.errors import Place, Problem, quote, unknown_name
from sim.load.nodes import decoded
from sim.load.validate import ENOUGH

Rows = tuple[tuple[dt.date, float], ...]


def rows(raw: bytes, file: str, date: str, value: str, bounds: tuple[float, float] | None) -> tuple[Rows, list[Problem]]:
    """The rows that have a value, and what is wrong with the table. Raises BadInput if it is not UTF-8."""
    lines = csv.reader(io.StringIO(decoded(raw, file), newline=""), strict=True)
    try:
        return _Table(file, date, value, bounds).read(lines)
    except csv.Error as error:
        return (), [Problem(Place(file, lines.line_num), "", f"cannot be read as csv: {error}")]


class _Table:
    def __init__(self, file: str, date: str, value: str, bounds: tuple[float, float] | None) -> None:
        self.file, self.columns, self.bounds = file, (date, value), bounds
        self.problems: list[Problem] = []
        self.line = 1

    def read(self, lines: csv._reader) -> tuple[Rows, list[Problem]]:  # type: ignore[name-defined]  # only typeshed has it
        header = [cell.strip() for cell in next(lines, [])]
        for name in self.columns:
            if name not in header:
                self.problems.append(Problem(Place(self.file), "", _no_column(name, header)))
        if self.problems:
            return (), self.problems
        at = [header.index(name) for name in self.columns]
        found: list[tuple[dt.date, float]] = []
        last: dt.date | None = None
        for cells in lines:
            self.line = lines.line_num
            if len(self.problems) >= ENOUGH:
                break
            if any(cell.strip() for cell in cells):
                last = self._row(cells, at, last, found)
        if not found and not self.problems:
            self.problems.append(Problem(Place(self.file), self.columns[1], "the table holds no value; it needs at least one"))
        return tuple(found), self.problems

    def _row(self, cells: list[str], at: list[int], last: dt.date | None, found: list[tuple[dt.date, float]]) -> dt.date | None:
        """The row's date, or the last one before it."""
        day = self._date(cells, at[0], last)
        value = self._value(cells, at[1])
        if day and value is not None:
            found.append((day, value))
        return day or last

    def _complain(self, cells: list[str], at: int, field: int, message: str) -> None:
        column = sum(len(cell) + 1 for cell in cells[:at]) + 1
        self.problems.append(Problem(Place(self.file, self.line, column), self.columns[field], message))

    def _date(self, cells: list[str], at: int, last: dt.date | None) -> dt.date | None:
        text = cells[at].strip() if at < len(cells) else ""
        try:
            day = _day(text)
        except ValueError:
            self._complain(cells, at, 0, f"must be a date, such as 2024-10-24, got {quote(text)}")
            return None
        if last and day <= last:
            what = "stands twice; one row a date" if day == last else f"comes after {last}; dates must ascend"
            self._complain(cells, at, 0, f"{day} {what}")
        return day

    def _value(self, cells: list[str], at: int) -> float | None:
        text = cells[at].strip() if at < len(cells) else ""
        if not text:
            return None
        try:
            value = float(text) if "_" not in text else math.nan
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            self._complain(cells, at, 1, f"must be a finite number, or empty for a gap, got {quote(text)}")
            return None
        if self.bounds and not self.bounds[0] <= value <= self.bounds[1]:
            self._complain(cells, at, 1, f"must lie inside the bounds {self.bounds[0]:g} to {self.bounds[1]:g}, got {text}")
        return value


def _day(text: str) -> dt.date:
    """A date, `2024-1-5` too. Most are written in full, and those are read ten times as fast. Raises ValueError."""
    if len(text) == 10 and text[4] == text[7] == "-":
        return dt.date.fromisoformat(text)
    return dt.datetime.strptime(text, "%Y-%m-%d").date()


def _no_column(name: str, header: list[str]) -> str:
    if not any(header):
        return "the table is empty; it needs a header line"
    return unknown_name("column", name, [cell for cell in header if cell])
