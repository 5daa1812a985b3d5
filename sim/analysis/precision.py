"""How exactly a measure of an ensemble is known, and how many runs would make it as exact as wanted."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sim.ensemble import Ensemble
from sim.errors import BadUsage, unknown_name
from sim.measures import capped_variance, mean_error

MEASURES = ("reached", "first", "days")
_ROUND = 1_000
_MARGIN = 1.05
"""Runs beyond those that the standard error so far asks for, since it is itself an estimate."""


@dataclass(frozen=True)
class Precision:
    """A standard error that a measure is to come below.

    `measure` is PHASE.reached (share of runs that reach it), PHASE.first (first passage in days, capped at the horizon) or
    PHASE.days (days in the phase); None: the share that reaches the highest phase.
    """

    error: float
    measure: str | None = None


def standard_error(ensemble: Ensemble, measure: str | None) -> float:
    """Of a measure, by its name. That of a share is never 0: two runs are added that reach the phase and two that do not.

    (Agresti and Coull 1998, The American Statistician 52, 119–126.) Raises BadUsage if the model has no such measure.
    """
    tally = ensemble.tally
    phase, kind = _found(measure, [each.name for each in ensemble.model.machine.phases])
    if kind == "days":
        return mean_error(int(tally.phase_days[phase]), int(tally.squared_days[phase]), tally.runs)
    if kind == "first":
        return math.sqrt(capped_variance(tally.first[phase], tally.runs) / tally.runs)
    runs = tally.runs + 4
    share = (int(tally.first[phase].sum()) + 2) / runs
    return math.sqrt(share * (1 - share) / runs)


def _found(measure: str | None, phases: list[str]) -> tuple[int, str]:
    """Index of the phase, and which of its measures."""
    known = [f"{phase}.{kind}" for phase in phases for kind in MEASURES]
    if measure is None:
        return len(phases) - 1, "reached"
    if measure not in known:
        raise BadUsage(unknown_name("measure", measure, known))
    phase, kind = measure.rsplit(".", 1)
    return phases.index(phase), kind


def runs_for(error: float, runs: int, found: float) -> int:
    """How many runs to try next where `runs` of them left a standard error of `found`, in whole thousands."""
    wanted = runs * (found / error) ** 2 * _MARGIN
    return math.ceil(max(wanted, runs * _MARGIN) / _ROUND) * _ROUND
