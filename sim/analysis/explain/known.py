"""What the guards of one run could name, day by day, and how the run stood on each day."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from sim.analysis.explain.margins import Known, spread
from sim.draws import Block, Floats
from sim.machine import Model
from sim.numbers import Numbers
from sim.reference import Trace
from sim.spec.guard import DAYS_IN_PHASE
from sim.spec.policy import Policy
from sim.world import Signpost, Steps


def numbers_of_run(seed: int, run: int) -> Numbers:
    """The uncertain numbers of run number `run` of a plain ensemble."""
    return Numbers(seed, Block.plain(run, 1))


def known(policy: Policy, model: Model, trace: Trace, numbers: Numbers) -> Known:
    """Signposts, thresholds and `days_in_phase` of a run, (days,) each."""
    days = model.world.days
    thresholds = {name: _course(steps, numbers, days) for name, steps in model.machine.thresholds.items()}
    defaults = {name: np.full(days, float(numbers(each)[0])) for name, each in model.defaults.items()}
    stayed = {DAYS_IN_PHASE: days_in_phase(trace)}
    seen = {name: np.array(series) for name, series in trace.signposts.items()}
    true = {each.name: _exact(each, model, trace) for each in model.world.signposts}
    rest = {**defaults, **thresholds, **stayed}
    return Known({**seen, **rest}, {**true, **rest}, _units(policy, model), _ranges(policy, model, seen))


def _course(steps: Steps, numbers: Numbers, days: int) -> Floats:
    values = [float(numbers(each)[0]) for each in steps.values]
    return np.array([values[steps.before(day)] for day in range(days)])


def _exact(signpost: Signpost, model: Model, trace: Trace) -> Floats:
    """What the signpost would show without delay, bias, error, smoothing and rounding: as its twin sees it."""
    x = np.array(trace.variables[model.world.variables[signpost.observes].name])
    if signpost.change is None:
        return x
    before = np.maximum(np.arange(x.size) - signpost.change, 0)
    with np.errstate(all="ignore"):
        return np.asarray(x - x[before])


def days_in_phase(trace: Trace) -> Floats:
    """(days,): the count that the guards of a day see, which is that before the day's decision."""
    entered = np.zeros(len(trace.phases), np.int64)
    for change in trace.changes:
        entered[change.day + 1 :] = change.day
    return (np.arange(len(trace.phases)) - entered).astype(np.float64)


def _units(policy: Policy, model: Model) -> dict[str, str | None]:
    reads = {name: each.unit for name, each in policy.reads.items()}
    seen = {each.name: each.unit for each in model.world.signposts}
    thresholds = {name: each.unit for name, each in policy.thresholds.items()}
    return {**reads, **seen, **thresholds, DAYS_IN_PHASE: "days"}


def _ranges(policy: Policy, model: Model, seen: Mapping[str, Floats]) -> dict[str, float]:
    """As the policy states it (`reads`); else the variable's bounds; else how far the signpost ranges in this run; else 1."""
    ranges = dict.fromkeys(policy.reads, 1.0) | {each.name: _range(each, model, seen) for each in model.world.signposts}
    for name, read in policy.reads.items():
        if read.range:
            low, high = (float(end.fixed or 0) for end in read.range)
            ranges[name] = high - low or 1.0
    return {**ranges, DAYS_IN_PHASE: float(model.world.days)}


def _range(signpost: Signpost, model: Model, seen: Mapping[str, Floats]) -> float:
    variable = model.world.variables[signpost.observes]
    if math.isfinite(variable.high - variable.low) and variable.high > variable.low and signpost.change is None:
        return variable.high - variable.low
    return spread(seen[signpost.name])
