"""A file of losses: what its user counts a day late, a day of false alarm and a day in a phase as. No loss is the right one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from sim.spec.values import FileName, FixedNumber, Frozen, Name, Number


class Weights(Frozen):
    """One set of losses, whole in itself: what it does not name costs nothing."""

    title: str | None = None
    """one line for tables"""
    late: dict[Name, FixedNumber] = {}
    """per phase, for each day from the day on which perfect sight would have led there until it is reached"""
    false_alarm: FixedNumber = Number(value=0)
    """for each day in a higher phase than perfect sight would have led to"""
    in_phase: dict[Name, FixedNumber] = {}
    """per phase, for each day in it; below 0: a gain"""


class Losses(Frozen):
    kind: Literal["losses"]
    name: FileName
    title: str
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """ledgers, by name or path, whose facts the numbers cite"""
    unit: str = "points"
    """what a loss is counted in; the numbers themselves take no unit"""
    against: str | None = None
    """the policy whose rule, with perfect sight, says when a phase is due, for all compared; default: each by its own rule"""
    late: dict[Name, FixedNumber] = {}
    """per phase, for each day from the day on which perfect sight would have led there until it is reached"""
    false_alarm: FixedNumber = Number(value=0)
    """for each day in a higher phase than perfect sight would have led to"""
    in_phase: dict[Name, FixedNumber] = {}
    """per phase, for each day in it; below 0: a gain"""
    weights: dict[Name, Weights] = {}
    """other sets of losses, by name, under which the policies are ranked too"""

    @property
    def sets(self) -> dict[str, Weights]:
        """Every set of losses; the file's own is called `as stated`."""
        own = Weights.model_construct(title=None, late=self.late, false_alarm=self.false_alarm, in_phase=self.in_phase)
        return {AS_STATED: own, **self.weights}


AS_STATED = "as stated"
"""What the losses that a file states first are called beside its other sets; no name in a file can have a space."""
