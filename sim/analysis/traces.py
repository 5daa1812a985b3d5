"""One run's dated transitions, and why each was taken: the guard, what was seen, the thresholds and their evidence."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sim.machine import Model
from sim.reference import Change, Trace
from sim.results import Change as Step
from sim.spec.policy import Policy
from sim.spec.values import date_of


@dataclass(frozen=True)
class ThresholdSeen:
    value: float
    unit: str
    grade: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class TakenTransition:
    day: int
    date: dt.date
    from_phase: str
    to_phase: str
    transition: str
    decided: int
    guard: str
    values: Mapping[str, float]
    """every signpost in the guard, as observed on the day of decision"""
    thresholds: Mapping[str, ThresholdSeen]
    held_since: dt.date


@dataclass(frozen=True)
class PendingTransition:
    """Decided, and due after the last day."""

    transition: str
    decided: int
    due: int


@dataclass(frozen=True)
class PathReport:
    seed: int
    run: int
    start: dt.date
    path: tuple[TakenTransition, ...]
    pending: PendingTransition | None
    phase: tuple[str, ...]
    """the phase at the end of each day"""
    steps: tuple[Step, ...]
    """the same transitions, as a chart labels them"""


def path_report(policy: Policy, model: Model, trace: Trace, *, seed: int, run: int) -> PathReport:
    names = [phase.name for phase in model.machine.phases]
    pending = trace.pending
    return PathReport(
        seed,
        run,
        model.world.start,
        tuple(_taken(policy, model, change) for change in trace.changes),
        None
        if pending is None
        else PendingTransition(model.machine.transitions[pending.transition].name, pending.decided, pending.due),
        tuple(names[phase] for phase in trace.phases),
        tuple(_step(model, change) for change in trace.changes),
    )


def _taken(policy: Policy, model: Model, change: Change) -> TakenTransition:
    machine, start = model.machine, model.world.start
    transition = machine.transitions[change.transition]
    return TakenTransition(
        change.day,
        date_of(change.day, start),
        machine.phases[change.from_phase].name,
        machine.phases[change.to_phase].name,
        transition.name,
        change.decided,
        transition.text,
        change.observed,
        {name: _seen(policy, model, name, value, change.decided) for name, value in change.thresholds.items()},
        date_of(change.held_since, start),
    )


def _seen(policy: Policy, model: Model, name: str, value: float, day: int) -> ThresholdSeen:
    threshold = policy.thresholds[name]
    number = list(threshold.numbers(name).values())[model.machine.thresholds[name].before(day)]
    return ThresholdSeen(value, threshold.unit, number.grade, number.evidence)


def _step(model: Model, change: Change) -> Step:
    machine = model.machine
    labels = [phase.label for phase in machine.phases]
    name = machine.transitions[change.transition].name
    return Step(change.day, change.decided, name, labels[change.from_phase], labels[change.to_phase])
