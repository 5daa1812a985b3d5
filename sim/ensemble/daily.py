"""What is counted between policies as the days go by: where they part, and where one stands above its twin."""

from __future__ import annotations

import numpy as np

from sim.engine import Engine
from sim.measures import Parting, PartingTally


class PartingOf:
    """The days on which two policies stand in different phases."""

    def __init__(self, a: Engine, b: Engine) -> None:
        self._a, self._b = a.phases, b.phases
        names = (tuple(phase.name for phase in each.model.machine.phases) for each in (a, b))
        self._parting = Parting(a.model.world.days, *names)

    def add(self, day: int) -> None:
        self._parting.add(day, self._a.phase, self._b.phase)

    def tally(self) -> PartingTally:
        return self._parting.tally()


class Alarm:
    """The days on which a policy stands above its twin that sees the world perfectly."""

    def __init__(self, engine: Engine, twin: Engine) -> None:
        self._twin, self._phases = twin.phases, engine.phases
        self.days = np.zeros(max(engine.phases.phase.size, twin.phases.phase.size), np.int32)
        """(runs,), or (1,) where both are one path"""

    def add(self, day: int) -> None:  # noqa: ARG002  # whoever counts days is told which it is
        self.days += self._phases.phase > self._twin.phase
