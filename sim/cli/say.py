"""What commands print: tables and lines on stdout, progress on stderr; plain where nobody looks at a terminal."""

from __future__ import annotations

import datetime as dt
import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from typing import TYPE_CHECKING

import click
from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from rich.progress import Progress, Task, TaskID

if TYPE_CHECKING:
    from sim.results import FirstPassage

NOT_REACHED = "not reached by the end"
_PLAIN_WIDTH = 10_000
"""Wide enough that nothing wraps where no terminal sets a width."""
_SENTENCE = 118


def _reader_gone() -> None:
    """Whoever read stdout has left (`| head`): what is printed from now on goes nowhere, and files are written all the same."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """rich would end the process."""
        _reader_gone()


def _console() -> Console:
    terminal = sys.stdout.isatty()
    return _Console(file=sys.stdout, width=None if terminal else _PLAIN_WIDTH, highlight=False, markup=False, soft_wrap=False)


def _echo(text: str) -> None:
    try:
        click.echo(text)
    except BrokenPipeError:
        _reader_gone()


def width() -> int:
    """Of sentences: the terminal's, and no wider than is read well."""
    return min(_console().width, _SENTENCE)


def line(text: str = "") -> None:
    _echo(text)


def heading(scenario: str, scenario_name: str, policy: str, policy_name: str) -> None:
    """Which policy on which scenario: their titles and names."""
    line(f"{scenario}  [{scenario_name}]")
    line(f"{policy}  [{policy_name}]")


def paragraph(text: str) -> None:
    """Text that wraps at the terminal's width."""
    _console().print(text)


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """A table; `right` names the columns of numbers. In a pipe: plain columns, one row a line."""
    console = _console()
    gap, widths = _layout([header, *rows], console.width) if console.is_terminal else (2, [None] * len(header))
    grid = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, padding=(0, gap, 0, 0), header_style="bold")
    for index, name in enumerate(header):
        grid.add_column(name, justify="right" if index in right else "left", overflow="fold", width=widths[index])
    for row in rows:
        grid.add_row(*map(str, row))
    console.print(grid)


def _layout(rows: Sequence[Sequence[object]], width: int) -> tuple[int, list[int | None]]:
    """The gap between columns and their widths on a terminal: no word is broken where the words have room.

    The widest columns give way first; where even the longest words have no room together, the longest of them are broken.
    """
    columns = [[str(each) for each in column] for column in zip_longest(*rows, fillvalue="")]
    whole = [max(map(cell_len, column)) for column in columns]
    word = [max((cell_len(each) for cell in column for each in cell.split()), default=1) for column in columns]
    gap = 2 if sum(word) <= width - 3 * len(columns) + 1 else 1  # the box takes a cell beside each column too
    room = max(width - (gap + 1) * len(columns) - 1 + gap, len(columns))
    cap = next(cap for cap in range(room, 0, -1) if sum(min(each, cap) for each in word) <= room)
    level = next(level for level in range(room, 0, -1) if sum(_widths(word, whole, cap, level)) <= room)
    return gap, [*_widths(word, whole, cap, level)]


def _widths(word: Sequence[int], whole: Sequence[int], cap: int, level: int) -> list[int]:
    return [max(min(least, cap), min(most, level)) for least, most in zip(word, whole, strict=True)]


def as_json(document: object) -> None:
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeError, LookupError):  # a stream that knows fewer letters gets them spelled out, and none as a `?`
        text = json.dumps(document, allow_nan=False, indent=1)
    _echo(text)


def date(day: int | None, start: dt.date) -> str:
    """`2024-10-31 (day 7)`."""
    return NOT_REACHED if day is None else f"{(start + dt.timedelta(days=day)).isoformat()} (day {day})"


def quantile(passage: FirstPassage, level: float, start: dt.date) -> str:
    """`2024-10-31, day 7 (6–9)`: a quantile of the day of first passage, with its interval; `6+` where that has no end."""
    low, high = passage.quantile_interval(level)
    day = passage.quantile(level)
    told = NOT_REACHED if day is None else f"{(start + dt.timedelta(days=day)).isoformat()}, day {day}"
    return told if low is None else f"{told} ({low}+)" if high is None else f"{told} ({low}–{high})"


def share(value: float, runs: int) -> str:
    """A share of runs in per cent, with a digit after the point only where the runs can carry it."""
    return f"{value:.0%}" if runs < 1_000 else f"{value:.1%}"


def reached(passage: FirstPassage) -> str:
    """`41.2% (40.1–42.3)`: a share of runs with its interval."""
    low, high = (share(each, passage.runs).rstrip("%") for each in passage.interval)
    return f"{share(passage.reached, passage.runs)} ({low}–{high})"


def brackets() -> str:
    """What stands in brackets after a share or a day."""
    from sim.intervals import LEVEL

    return (
        f"In brackets: {LEVEL:.0%} Monte Carlo intervals (`70+`: day 70 or later): "
        "how well the model was sampled, not how true it is."
    )


class Meter:
    """How far the work is, on a bar of rich's. Without a bar it says nothing."""

    def __init__(self, bar: Progress | None, task: TaskID | None) -> None:
        self._bar, self._task = bar, task
        self._total = 0

    def expect(self, runs: int) -> None:
        self._total += runs
        if self._bar and self._task is not None:
            self._bar.update(self._task, total=self._total)

    def add(self, runs: float) -> None:
        if self._bar and self._task is not None:
            self._bar.advance(self._task, runs)


@contextmanager
def meter(what: str, *, speed: bool = True) -> Iterator[Meter]:
    """A bar on stderr while somebody looks at it, with the time left; what it counts are runs, unless no `speed` is wanted."""
    if not sys.stderr.isatty():
        yield Meter(None, None)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # a third of rich's time to start

    class Speed(TextColumn):
        def render(self, task: Task) -> Text:
            return Text(f"{task.speed or 0:,.0f} runs a second" if speed and task.speed else "")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        Speed(""),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield Meter(bar, bar.add_task(what, total=None))


@contextmanager
def busy(what: str) -> Iterator[None]:
    """`drawing …` on stderr while somebody looks at it, for work whose length nobody knows."""
    if not sys.stderr.isatty():
        yield
        return
    with Console(stderr=True).status(f"{what} …"):
        yield
