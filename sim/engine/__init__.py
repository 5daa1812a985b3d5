"""The vectorised engine: one step for all runs of a block, and a loop around it.

It agrees to the bit with `sim.reference`, the plain loop over one run. It knows no file, no YAML and no chart.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.draws import Block, Floats
from sim.engine.course import Course
from sim.engine.guards import compiled, uses_days_in_phase
from sim.engine.paths import Paths
from sim.engine.phases import PhaseState
from sim.engine.signposts import SignpostState
from sim.engine.variables import Streams, VariableState
from sim.machine import Model
from sim.numbers import Numbers
from sim.spec.guard import DAYS_IN_PHASE

__all__ = ["Engine", "Paths", "simulate"]


class Engine:
    """A block of runs, day by day. After `step` the day's `levels`, `observed` and `phase` can be read.

    Each value has shape (runs,), or (1,) where it is the same in all runs. `given` replaces the draws of uncertain numbers
    by dotted path, (runs,) each, in days, per day or the number's own unit.
    """

    def __init__(self, model: Model, seed: int, block: Block, given: Mapping[str, Floats] | None = None) -> None:
        self.model = model
        self.day = -1
        self.numbers = numbers = Numbers(seed, block, given)
        streams = Streams(seed, block)
        with np.errstate(all="ignore"):
            self._variables = [VariableState(each, numbers, streams) for each in model.world.variables]
            self._signposts = [
                SignpostState(each, self._variables[each.observes].x.size, numbers, streams) for each in model.world.signposts
            ]
            self._thresholds = {name: Course(each, numbers) for name, each in model.machine.thresholds.items()}
            self._values = {name: numbers(each) for name, each in model.defaults.items()}
            self._phases = PhaseState(model, numbers, block.size)
        self._guards = [compiled(each.guard) for each in model.machine.transitions]
        self._asks_stay = any(uses_days_in_phase(each.guard) for each in model.machine.transitions)

    @property
    def levels(self) -> list[Floats]:
        """The true value of each variable."""
        return [each.x for each in self._variables]

    @property
    def observed(self) -> list[Floats]:
        """The value of each signpost."""
        return [each.observed for each in self._signposts]

    @property
    def phases(self) -> PhaseState:
        return self._phases

    def step(self) -> None:
        """One day: the world, what is seen of it, the guards, and the policy's answer."""
        self.day += 1
        with np.errstate(all="ignore"):  # a walk may overflow and a guard may divide by zero; both have a meaning
            self._move()
            self._look()
            truths = [guard(self._values) for guard in self._guards]
            self._phases.step(self.day, truths)

    def _move(self) -> None:
        if self.day == 0:
            return  # a variable starts on day 0
        pushing = self._phases.pushing(self.day) if self.model.reactive else []
        for variable in self._variables:
            variable.advance(self.day, pushing)

    def _look(self) -> None:
        for signpost, state in zip(self.model.world.signposts, self._signposts, strict=True):
            state.observe(self.day, self._variables[signpost.observes].x)
            self._values[signpost.name] = state.observed
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
