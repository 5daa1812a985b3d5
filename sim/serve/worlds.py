"""Worlds that are stepped once and looked at again: a policy's slider moves only the machine, and meets the same days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.draws import Block, Floats
from sim.engine import Engine, Paths, WorldState
from sim.engine.variables import Masks
from sim.ensemble.fans import quantiles
from sim.machine import Model, bind
from sim.results import FAN_LEVELS
from sim.workshop.own import WATCHER
from sim.world import World

_UNREAD = np.zeros(1)
"""Stands for a signpost that no guard reads."""


class Record(WorldState):
    """What is seen of a world, day by day, as it was stepped before. The levels behind it are not kept."""

    def __init__(self, world: World, seen: Mapping[str, Floats]) -> None:
        """`seen`: (days, runs) or (days, 1) for each signpost that some guard reads."""
        self.world, self.day, self._seen = world, -1, seen

    @property
    def observed(self) -> list[Floats]:
        return [self._seen[each.name][self.day] if each.name in self._seen else _UNREAD for each in self.world.signposts]

    def step(self, pushing: Masks) -> None:  # noqa: ARG002 - what answers to a policy is not recorded
        self.day += 1


@dataclass(frozen=True)
class Shared:
    """A record on its way along the days, as an engine of another policy takes it."""

    model: Model
    world: Record


@dataclass(frozen=True)
class Days:
    """What guards see of a world in every run."""

    model: Model
    seed: int
    seen: Mapping[str, Floats]
    """(days, runs) for each signpost that some guard reads, or (days, 1) where it is the same in all runs"""

    @property
    def size(self) -> int:
        """Bytes."""
        return sum(each.nbytes for each in self.seen.values())

    def fan(self, name: str) -> Floats:
        """(levels, days): its quantiles over the runs."""
        values = self.seen[name]
        return quantiles(values) if values.shape[1] > 1 else np.repeat(values.T, len(FAN_LEVELS), axis=0)

    def singles(self, name: str, count: int) -> Floats:
        """(a few, days): the first runs."""
        return self.seen[name][:, :count].T

    def met_by(self, model: Model, runs: int) -> Paths:
        """The changes of a policy that meets these days. Raises ValueError where its world is another, or answers to it."""
        record = Record(self.model.world, self.seen)
        engine = Engine(model, self.seed, _block(model, runs), beside=Shared(self.model, record))
        for _ in range(model.world.days):
            record.step([])
            engine.step()
        return engine.paths()


def watched(world: World, seed: int, runs: int, names: Sequence[str]) -> Days:
    """A world that does not answer to a policy, stepped once; of its signposts the days of those named are kept."""
    return stepped(bind(world, WATCHER), seed, runs, names)[0]


def stepped(model: Model, seed: int, runs: int, names: Sequence[str]) -> tuple[Days, Paths]:
    """A policy in its world: what was seen, and what it did."""
    engine = Engine(model, seed, _block(model, runs))
    days: dict[str, list[Floats]] = {each.name: [] for each in model.world.signposts if each.name in names}
    for _ in range(model.world.days):
        engine.step()
        for each, seen in zip(model.world.signposts, engine.observed, strict=True):
            if each.name in days:
                days[each.name].append(seen.copy())
    return Days(model, seed, {name: np.stack(np.broadcast_arrays(*those)) for name, those in days.items()}), engine.paths()


def _block(model: Model, runs: int) -> Block:
    return Block.plain(0, 1 if model.single_path else runs)
