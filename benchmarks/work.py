"""The benchmark's workload, what is random in its runs, and what the engine makes of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.api import model_of
from sim.draws import Arrivals, Block, Normals, quantile
from sim.engine import simulate
from sim.library import Library
from sim.machine import Model
from sim.numbers import Numbers
from sim.world import Jumps, Walk

HERE = Path(__file__).resolve().parent
SCENARIO, POLICY = HERE / "workload.yaml", HERE / "workload-policy.yaml"
SEED = 1

Change = tuple[int, int, int]
"""A dated change of phase: day of effect, day of decision, transition by its place in the file."""


class Thresholds(NamedTuple):
    """The uncertain numbers of one run."""

    up_1: float
    up_2: float
    down_2: float
    down_1: float


@dataclass(frozen=True)
class Future:
    """The daily noise of one run, as drawn."""

    walk: NDArray[np.float32]
    """(days,) standard normals"""
    error: NDArray[np.float32]
    jumps: Mapping[int, Sequence[float]]
    """by day, in order of time"""


@dataclass(frozen=True)
class Work:
    """The first runs of the workload: their random numbers, and the changes of phase that the engine dates."""

    thresholds: Sequence[Thresholds]
    futures: Sequence[Future]
    changes: Sequence[Sequence[Change]]

    @property
    def runs(self) -> int:
        return len(self.futures)

    def first(self, runs: int) -> Work:
        return Work(self.thresholds[:runs], self.futures[:runs], self.changes[:runs])


def workload() -> Model:
    return model_of(Library().load_pair(str(SCENARIO), str(POLICY)))


def work(model: Model, runs: int) -> Work:
    block = Block.plain(0, runs)
    return Work(_thresholds(model, block), _futures(model, block), _changes(model, block))


def noises(model: Model) -> tuple[str, str, Jumps]:
    """The names of the two normals of a run-day, and the jumps."""
    walk, jumps = model.world.variables[0].moves
    error = model.world.signposts[0].error
    assert isinstance(walk, Walk)
    assert isinstance(jumps, Jumps)
    assert error is not None
    return walk.noise, error.noise, jumps


def _thresholds(model: Model, block: Block) -> list[Thresholds]:
    numbers = Numbers(SEED, block)
    drawn = [numbers(model.machine.thresholds[name].values[0]).tolist() for name in Thresholds._fields]
    return [Thresholds(*each) for each in zip(*drawn, strict=True)]


def _futures(model: Model, block: Block) -> list[Future]:
    walk, error, jumps = noises(model)
    return [
        Future(*parts)
        for parts in zip(_normals(model, walk, block), _normals(model, error, block), _jumps(model, jumps, block), strict=True)
    ]


def _normals(model: Model, name: str, block: Block) -> NDArray[np.float32]:
    """(runs, days)"""
    source = Normals(SEED, name, block)
    days = [source.day(day).copy() for day in range(model.world.days)]
    return np.stack(days, axis=1)


def _jumps(model: Model, jumps: Jumps, block: Block) -> list[dict[int, list[float]]]:
    assert jumps.size.shape is not None  # exponential in this workload
    drawn = Arrivals(SEED, jumps.noise, block, Numbers(SEED, block)(jumps.rate)).ahead(model.world.days - 1)
    sizes = quantile(jumps.size.shape, drawn.u) * jumps.size.scale
    found: list[dict[int, list[float]]] = [defaultdict(list) for _ in range(block.size)]
    for run, day, size in zip(drawn.run.tolist(), drawn.day.tolist(), sizes.tolist(), strict=True):
        found[run][day].append(size)
    return [dict(each) for each in found]


def _changes(model: Model, block: Block) -> list[list[Change]]:
    paths = simulate(model, SEED, block)
    found: list[list[Change]] = [[] for _ in range(block.size)]
    columns = (paths.run, paths.day, paths.decided, paths.transition)
    for run, *change in zip(*(column.tolist() for column in columns), strict=True):
        day, decided, transition = change
        found[run].append((day, decided, transition))
    return found
