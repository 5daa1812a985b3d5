"""Policies and their twins simulated side by side, as work that can be shared out in blocks."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sim.analysis.counting import Counts, counts
from sim.analysis.twin import seen_perfectly
from sim.draws import Block
from sim.engine import Engine
from sim.machine import Machine, Model, bind
from sim.spec import guard
from sim.world import Quantity, World

BLOCK = 65_536
"""Runs computed at once."""
TOGETHER = 20
"""Policies computed at once where there is much to do. Few runs of many policies cost mostly calls, so policies are shared out
rather than runs; each group steps the world again."""
WORTH_SHARING = 500_000_000
"""From so many days of a policy in a run on, which take some four seconds, policies are shared out in groups."""
_WEIGHT = 6
"""How much longer a day takes where the world answers and each policy has its own."""


@dataclass(frozen=True)
class Matched:
    """What one block leaves: the counts of each model of its group, in their order."""

    runs: range
    """the block, as `Matching.blocks` numbers it"""
    counts: tuple[Counts, ...]


@dataclass(frozen=True)
class Matching:
    """Policies that act, each against the twin of `given`, the policy as given, in the world of the one that acts.

    Policies whose world does not answer meet one world, drawn and stepped once, however each of them sees it.
    """

    models: tuple[Model, ...]
    given: Machine
    seed: int
    wanted: int
    """runs; what is not uncertain is one path, whatever this says"""
    together: int
    """models that are computed at once"""
    block: int = BLOCK
    """runs that are computed at once"""

    @property
    def single_path(self) -> bool:
        return all(model.single_path for model in self.models)

    @property
    def runs(self) -> int:
        return 1 if self.single_path else self.wanted

    @property
    def days(self) -> int:
        return self.models[0].world.days

    @property
    def groups(self) -> tuple[tuple[Model, ...], ...]:
        """The models, in order, that are computed together: as even as can be."""
        count = -(-len(self.models) // self.together)
        edges = [len(self.models) * index // count for index in range(count + 1)]
        return tuple(self.models[low:high] for low, high in pairwise(edges))

    def blocks(self, runs: int) -> list[range]:
        """One group after the other, each over all runs: run k of group g has the number g·runs + k."""
        if runs != self.runs:
            raise ValueError(f"this is about {self.runs} runs")
        ends = [(at, min(at + self.block, runs)) for at in range(0, runs, self.block)]
        return [range(group * runs + low, group * runs + high) for group in range(len(self.groups)) for low, high in ends]

    def compute(self, runs: range, progress: Callable[[int], None] | None = None) -> Matched:
        """Simulate one block. Which blocks there are decides nothing: counts are integers and every run has its own draws."""
        group, first = divmod(runs.start, self.runs)
        crowd = _Crowd(self.seed, Block.plain(first, len(runs)))
        models = self.groups[group]
        worlds = {id(model.world): needed(model).world for model in models}
        pairs = [crowd.pair(replace(model, world=worlds[id(model.world)]), self.given) for model in models]
        for _ in range(self.days):
            for engine in crowd.engines:
                engine.step()
            if progress:
                progress(len(runs))
        paths = {id(engine): engine.paths() for engine in crowd.engines}
        transitions = len(self.given.transitions)
        return Matched(runs, tuple(counts(paths[id(actual)], paths[id(twin)], transitions) for actual, twin in pairs))

    def merged(self, parts: Iterable[Matched]) -> tuple[Counts, ...]:
        """The counts of all runs, per model. One part at a time is held."""
        totals: dict[int, tuple[Counts, ...]] = {}
        for part in parts:
            group = part.runs.start // self.runs
            before = totals.get(group)
            totals[group] = tuple(map(operator.add, before, part.counts)) if before else part.counts
        return tuple(each for group in sorted(totals) for each in totals[group])


def matching(models: Sequence[Model], given: Machine, seed: int, runs: int) -> Matching:
    """The work, in groups where there is enough of it to share out."""
    weight = sum(_WEIGHT if model.reactive else 1 for model in models)
    shared = runs * models[0].world.days * weight >= WORTH_SHARING
    return Matching(tuple(models), given, seed, runs, TOGETHER if shared else len(models))


def needed(model: Model) -> Model:
    """The model without signposts that no guard names, and without variables that nobody then sees: what happens stays the same.

    Every draw goes by its name, so leaving some out moves no other.
    """
    named = {name for each in model.machine.transitions for name in guard.names(each.guard)}
    signposts = [each for each in model.world.signposts if each.name in named]
    kept = sorted({each.observes for each in signposts})
    variables = tuple(model.world.variables[index] for index in kept)
    moved = tuple(replace(each, observes=kept.index(each.observes)) for each in signposts)
    return replace(model, world=replace(model.world, variables=variables, signposts=moved))


class _Crowd:
    """Engines in the order in which they are stepped; those that may, meet one world."""

    def __init__(self, seed: int, block: Block) -> None:
        self._seed, self._block = seed, block
        self.engines: list[Engine] = []
        self._twins: list[Engine] = []
        self._worlds: list[Engine] = []
        """the first to meet each world that does not answer, or to see it by signposts of its own"""

    def pair(self, model: Model, given: Machine) -> tuple[Engine, Engine]:
        """The engine of a policy and that of the twin that belongs to it."""
        actual = self._add(model, None if model.reactive else self._beside(model.world))
        twin = seen_perfectly(bind(model.world, given))
        if model.reactive:
            return actual, self._add(twin, actual)
        there = next((each for each in self._twins if each.model.world == twin.world), None)
        if there is None:
            there = self._add(twin, self._beside(twin.world))
            self._twins.append(there)
        return actual, there

    def _beside(self, world: World) -> Engine | None:
        """An engine that meets the same world: by the same signposts, or else by others."""
        alike = (engine for engine in self._worlds if engine.model.world == world)
        return next(alike, None) or next((each for each in self._worlds if each.model.world.variables == world.variables), None)

    def _add(self, model: Model, beside: Engine | None) -> Engine:
        engine = Engine(model, self._seed, self._block, beside=beside, held=beside is not None)
        self.engines.append(engine)
        if not model.reactive and (beside is None or beside.model.world != model.world):
            self._worlds.append(engine)
        return engine


def remembering(model: Model, days: float) -> Model:
    """The same model with errors of this memory in all signposts: those that share an error must agree on it."""

    def changed(memory: Quantity) -> Quantity:
        return Quantity(memory.path, float(days))

    signposts = tuple(
        replace(each, error=replace(each.error, memory=changed(each.error.memory))) if each.error else each
        for each in model.world.signposts
    )
    return replace(model, world=replace(model.world, signposts=signposts))


def blurred(model: Model) -> bool:
    """Does any signpost that a guard names have an error?"""
    return any(each.error is not None and not each.error.sd.is_zero for each in needed(model).world.signposts)


def behind(model: Model) -> tuple[str, ...]:
    """Signposts that a guard names and that tell of earlier days: reported late, or a trailing mean. Their twins do not."""
    return tuple(each.name for each in needed(model).world.signposts if each.delay or (each.mean or 1) > 1 or each.ewma)
