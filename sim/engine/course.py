"""Waypoints and dated thresholds, as a value per day."""

from __future__ import annotations

from sim.draws import Floats
from sim.numbers import Numbers
from sim.world import Steps


class Course:
    """The value of `Steps` on each day: shape (1,) where it is the same in all runs, else (runs,)."""

    def __init__(self, steps: Steps, numbers: Numbers) -> None:
        self._steps = steps
        self._values = [numbers(value) for value in steps.values]
        self._constant = len(self._values) == 1

    @property
    def width(self) -> int:
        return max(value.size for value in self._values)

    def at(self, day: int) -> Floats:
        """The same array as the day before wherever the value stands still between two waypoints of a step path."""
        if self._constant:
            return self._values[0]
        days = self._steps.days
        index = self._steps.before(day)
        value = self._values[index]
        if not self._steps.linear or index + 1 == len(days) or day <= days[index]:
            return value
        return value + (self._values[index + 1] - value) * ((day - days[index]) / (days[index + 1] - days[index]))
