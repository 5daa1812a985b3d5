"""What commands print: tables and lines on stdout, progress on stderr; plain where nobody looks at a terminal."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_PLAIN_WIDTH = 10_000
"""Wide enough that nothing wraps where no terminal sets a width."""


def _console() -> Console:
    terminal = sys.stdout.isatty()
    return Console(file=sys.stdout, width=None if terminal else _PLAIN_WIDTH, highlight=False, markup=False, soft_wrap=False)


def line(text: str = "") -> None:
    click.echo(text)


def paragraph(text: str) -> None:
    """Text that wraps at the terminal's width."""
    _console().print(text)


def table(header: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> None:
    """A table; `right` names the columns of numbers. In a pipe: plain columns, one row a line."""
    console = _console()
    grid = Table(box=SIMPLE_HEAD if console.is_terminal else None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for index, name in enumerate(header):
        grid.add_column(name, justify="right" if index in right else "left", overflow="fold")
    for row in rows:
        grid.add_row(*map(str, row))
    console.print(grid)


def as_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1))


def date(day: int | None, start: dt.date, never: str = "–") -> str:
    """`2024-10-31 (day 7)`."""
    return never if day is None else f"{(start + dt.timedelta(days=day)).isoformat()} (day {day})"


def share(value: float, runs: int) -> str:
    """A share of runs in per cent, with a digit after the point only where the runs can carry it."""
    return f"{value:.0%}" if runs < 1_000 else f"{value:.1%}"


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """A bar on stderr while somebody looks at it; yields a function that takes the share done since the last call."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn  # a third of rich's time to start

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=1.0)
        yield lambda done: bar.advance(task, done)
