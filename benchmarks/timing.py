"""Tasks measured in turn, so that whatever else the machine does falls on all of them alike."""

from __future__ import annotations

import gc
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

Clock = Callable[[], float]
Times = Mapping[str, Sequence[float]]
"""By task: seconds of CPU, or of the clock, for one unit; an entry a round."""


@dataclass(frozen=True)
class Task:
    name: str
    units: int
    """of work in one call"""
    call: Callable[[], object]


@dataclass(frozen=True)
class Spread:
    """What several rounds found."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        found = list(values)
        return cls(statistics.median(found), min(found), max(found))


def interleaved(tasks: Sequence[Task], rounds: int, clock: Clock = time.process_time) -> Times:
    """Each round calls every task once. CPU time by default: what one core needs, whoever else uses it."""
    times: dict[str, list[float]] = {task.name: [] for task in tasks}
    for number in range(rounds):
        note(f"round {number + 1} of {rounds}: {tasks[0].name} to {tasks[-1].name}")
        for task in tasks:
            gc.collect()
            start = clock()
            task.call()
            times[task.name].append((clock() - start) / task.units)
    return times


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Of two tasks, round by round: the two of one round met the same machine."""
    return Spread.of(a / b for a, b in zip(above, below, strict=True))


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
