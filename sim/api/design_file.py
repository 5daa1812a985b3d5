"""A design read from a csv file: a column for each factor that it sets, a row for each case; every mistake at its place."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.analysis.designs import Design
from sim.analysis.factors import Factor
from sim.errors import BadInput, Place, Problem, quote, unknown_name
from sim.load.files import file_bytes
from sim.load.nodes import decoded

_OWN = frozenset(("run", "case", "replication", "replications"))
"""Columns that phased writes itself beside factors and measures."""
_MOST = 100
"""Mistakes of one file after which no further row is looked at."""


def read_design(path: Path, factors: Sequence[Factor], measures: Collection[str]) -> Design:
    """The cases of a csv file, in days, per day or the factors' own units, as `cases.csv` and `runs.csv` have them.

    Columns are dotted paths of factors; a factor without one is drawn by the number of the case. `measures` are columns that
    phased writes into its own tables: they are left out, as `run`, `case` and `replication` are. A value must be one that the
    distribution in the file allows. Raises BadInput with every mistake.
    """
    file = str(path)
    lines = csv.reader(io.StringIO(decoded(file_bytes(path, file), file), newline=""), strict=True)
    table = _Table(file, factors, _OWN | set(measures))
    try:
        return table.read(lines)
    except csv.Error as error:  # what follows cannot be told apart, what came before can
        broken = Problem(Place(file, lines.line_num), "", f"cannot be read as csv: {error}")
        raise BadInput([*table.problems, broken]) from None


@dataclass
class _Table:
    file: str
    factors: Sequence[Factor]
    ignored: Collection[str]

    def __post_init__(self) -> None:
        self.problems: list[Problem] = []
        self.known = {each.path: each for each in self.factors}

    def read(self, lines: csv._reader) -> Design:  # type: ignore[name-defined]  # only typeshed has it
        header = [cell.strip() for cell in next(lines, [])]
        columns = self._columns(header)
        rows: list[list[float]] = []
        for cells in lines:
            if any(cell.strip() for cell in cells) and (not rows or len(self.problems) < _MOST):
                rows.append([self._value(cells, at, factor, lines.line_num) for at, factor in columns])
        if not rows and any(header):
            self._complain(1, 1, "", "the table holds no case; it needs at least one row below the header")
        if self.problems:
            raise BadInput(self.problems)
        found = np.array(rows, dtype=np.float64).reshape(len(rows), len(columns))
        return Design("table", len(rows), {factor.path: found[:, index] for index, (_, factor) in enumerate(columns)})

    def _complain(self, line: int, column: int, field: str, message: str) -> None:
        self.problems.append(Problem(Place(self.file, line, column), field, message))

    def _columns(self, header: Sequence[str]) -> list[tuple[int, Factor]]:
        """Place and factor of each column that sets one."""
        found: list[tuple[int, Factor]] = []
        seen: set[str] = set()
        column = 1
        for at, name in enumerate(header):
            if len(self.problems) >= _MOST:
                break
            if name in seen:
                self._complain(1, column, name, "stands twice in the header")
            elif name in self.known:
                found.append((at, self.known[name]))
            elif name not in self.ignored:
                self._complain(1, column, name, self._unknown(name))
            seen.add(name)
            column += len(name) + 1
        if not found and not self.problems:
            self._complain(1, 1, "", self._none(header))
        return found

    def _unknown(self, name: str) -> str:
        if not name:
            return "a column without a name; name it by a factor's dotted path"
        told = unknown_name("factor", name, list(self.known))
        return f"{told}{'' if told.endswith('?') else '.'} Only uncertain numbers are factors"

    def _none(self, header: Sequence[str]) -> str:
        if not any(header):
            return "the table is empty; it needs a header line with the dotted paths of factors"
        return "no column is a factor; name at least one by its dotted path"

    def _value(self, cells: Sequence[str], at: int, factor: Factor, line: int) -> float:
        text = cells[at].strip() if at < len(cells) else ""
        value = _number(text)
        wrong = _wrong(text, value, factor)
        if wrong:
            self._complain(line, _column(cells, at), factor.path, wrong)
        return value


def _column(cells: Sequence[str], at: int) -> int:
    return sum(len(cell) + 1 for cell in cells[:at]) + 1


def _number(text: str) -> float:
    try:
        return float(text) if "_" not in text else math.nan
    except ValueError:
        return math.nan


def _wrong(text: str, value: float, factor: Factor) -> str:
    """What is wrong with a value, if anything; `law` says what the distribution allows."""
    if not math.isfinite(value):
        return f"must be a finite number, got {quote(text) if text else 'an empty cell'}"
    law = f"{factor.path} is {factor.law}"
    if factor.choices and not any(math.isclose(value, each, rel_tol=1e-12) for each in factor.choices):
        return f"must be a value that can come out, got {text}: {law}"
    low, high = factor.support
    if not low <= value <= high:
        return f"must lie within {low:g} to {high:g}, got {text}: {law}"
    return ""
