"""The vectorised engine: one step for all runs of a block, and a loop around it.

It agrees to the bit with `sim.reference`, the plain loop over one run. It knows no file, no YAML and no chart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from sim.draws import Block, Floats
from sim.engine.course import Course
from sim.engine.guards import compiled, uses_days_in_phase
from sim.engine.paths import Paths
from sim.engine.phases import PhaseState
from sim.engine.signposts import SignpostState
from sim.engine.variables import Masks, Streams, VariableState
from sim.machine import Model
from sim.numbers import Numbers
from sim.spec.guard import DAYS_IN_PHASE
from sim.world import World

__all__ = ["Engine", "Paths", "Sharing", "WorldState", "simulate"]


class WorldState:
    """The world of a block of runs, and what is seen of it, day by day."""

    def __init__(
        self,
        world: World,
        seed: int,
        block: Block,
        given: Mapping[str, Floats] | None = None,
        *,
        levels_of: WorldState | None = None,
    ) -> None:
        """`levels_of` is the state of another world with the same variables: this one only sees them by signposts of its own."""
        self.world = world
        self.day = -1
        self._moves = levels_of is None
        numbers = Numbers(seed, block, given)
        streams = Streams(seed, block)
        with np.errstate(all="ignore"):
            self._variables: list[VariableState] = (
                levels_of._variables if levels_of else [VariableState(each, numbers, streams) for each in world.variables]
            )
            widths = [state.x.size for state in self._variables]
            self._signposts = [SignpostState(each, widths[each.observes], numbers, streams) for each in world.signposts]

    @property
    def levels(self) -> list[Floats]:
        """The true value of each variable."""
        return [each.x for each in self._variables]

    @property
    def observed(self) -> list[Floats]:
        """The value of each signpost."""
        return [each.observed for each in self._signposts]

    def step(self, pushing: Masks) -> None:
        """One day; `pushing` tells for each reaction in which runs it pushes."""
        self.day += 1
        if self._moves and self.day > 0:  # a variable starts on day 0
            for variable in self._variables:
                variable.advance(self.day, pushing)
        for signpost, state in zip(self.world.signposts, self._signposts, strict=True):
            state.observe(self.day, self._variables[signpost.observes].x)


class Sharing(Protocol):
    """Whoever has a world that engines of other policies may share: an engine, or a record of one that was stepped before."""

    @property
    def model(self) -> Model: ...
    @property
    def world(self) -> WorldState: ...


class Engine:
    """A policy in a block of runs, day by day. After `step` the day's `levels`, `observed` and `phases` can be read.

    Each value has shape (runs,), or (1,) where it is the same in all runs. `given` replaces the draws of uncertain numbers
    by dotted path, (runs,) each, in days, per day or the number's own unit. `beside` is an engine of the same runs that is
    stepped before this one and whose variables this one shares: another policy that meets the same world, by the same signposts
    or others. A world that answers to the policy can be shared only as `held`: it answers to the other policy alone.
    """

    def __init__(
        self,
        model: Model,
        seed: int,
        block: Block,
        given: Mapping[str, Floats] | None = None,
        *,
        beside: Sharing | None = None,
        held: bool = False,
    ) -> None:
        if beside and ((model.reactive and not held) or beside.model.world.variables != model.world.variables):
            raise ValueError("only one world that does not answer to the policy can be shared")
        self.model: Model = model
        self.day = -1
        self.numbers = numbers = Numbers(seed, block, given)
        self._shared = beside is not None and beside.model.world == model.world
        levels_of = beside.world if beside else None
        self.world: WorldState = (
            beside.world if beside and self._shared else WorldState(model.world, seed, block, given, levels_of=levels_of)
        )
        with np.errstate(all="ignore"):
            self._thresholds = {name: Course(each, numbers) for name, each in model.machine.thresholds.items()}
            self._values = {name: numbers(each) for name, each in model.defaults.items()}
            self._phases = PhaseState(model, numbers, block.size)
        self._guards = [compiled(each.guard) for each in model.machine.transitions]
        self._asks_stay = any(uses_days_in_phase(each.guard) for each in model.machine.transitions)

    @property
    def levels(self) -> list[Floats]:
        return self.world.levels

    @property
    def observed(self) -> list[Floats]:
        return self.world.observed

    @property
    def phases(self) -> PhaseState:
        return self._phases

    def step(self) -> None:
        """One day: the world, what is seen of it, the guards, and the policy's answer."""
        self.day += 1
        with np.errstate(all="ignore"):  # a walk may overflow and a guard may divide by zero; both have a meaning
            if not self._shared:
                self.world.step(self._phases.pushing(self.day) if self.model.reactive else [])
            self._look()
            self._phases.step(self.day, [guard(self._values) for guard in self._guards])

    def _look(self) -> None:
        for signpost, observed in zip(self.model.world.signposts, self.world.observed, strict=True):
            self._values[signpost.name] = observed
        for name, course in self._thresholds.items():
            self._values[name] = course.at(self.day)
        if self._asks_stay:
            self._values[DAYS_IN_PHASE] = self._phases.days_in_phase(self.day)

    def paths(self) -> Paths:
        return self._phases.paths()


def simulate(model: Model, seed: int, block: Block, given: Mapping[str, Floats] | None = None) -> Paths:
    """The phase changes of a block of runs up to the horizon."""
    engine = Engine(model, seed, block, given)
    for _ in range(model.world.days):
        engine.step()
    return engine.paths()
