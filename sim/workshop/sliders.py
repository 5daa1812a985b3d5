"""Which numbers can be moved on a page, over which values: those that its author names, or sensible ones."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.analysis.thresholds import number_text, threshold_lines
from sim.errors import BadUsage, quote
from sim.machine import Machine, Transition, compile_machine
from sim.results import Floats, ThresholdLine
from sim.spec import guard
from sim.spec.policy import Policy, Threshold, WithinWindow
from sim.spec.scenario import Error, Scenario
from sim.spec.values import Numeric

Side = Literal["policy", "scenario"]
_SIDES: dict[str, Side] = {
    "reads": "policy",
    "phases": "policy",
    "thresholds": "policy",
    "transitions": "policy",
    "variables": "scenario",
    "signposts": "scenario",
    "injects": "scenario",
    "reactions": "scenario",
}
"""Where a path lies, by its first part."""
DAYS = ("confirm", "lag", "min_stay", "after", "memory", "delay")
"""Numbers that count days, by the last part of their paths."""
WEEKS = 28
"""Days that a default slider of a confirmation or a lag goes up to."""
FLAG = "flag"
"""The unit of what is there or not: no slider."""
MOST = 30
"""Values of one slider."""


@dataclass(frozen=True)
class Asked:
    """`--slider NAME=PATH:FROM:TO[:STEP]`, as its author typed it; several paths with commas between move together."""

    name: str
    side: Side
    paths: tuple[str, ...]
    low: float
    high: float
    step: float | None


@dataclass(frozen=True)
class Stated:
    """A number as a file states it."""

    value: float | None
    """None: uncertain, or m of n days"""
    unit: str
    grade: str
    evidence: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Slider:
    """One number, or several that move together, and the values that the grid holds."""

    name: str
    paths: tuple[str, ...]
    """dotted, as `--set` takes them"""
    values: tuple[float | None, ...]
    """None: as stated, where that is not one number; it comes first"""
    stated: Stated

    @property
    def start(self) -> int:
        """Index of the value as stated."""
        return self.values.index(self.stated.value)

    def sets(self, index: int) -> tuple[str, ...]:
        """The `--set` settings of a value; none where it is as stated."""
        value = self.values[index]
        return () if value is None or value == self.stated.value else tuple(f"{path}={value:.10g}" for path in self.paths)


def asked(text: str) -> Asked:
    """One `--slider`. Raises BadUsage."""
    match = re.fullmatch(r"([^=]+)=([^:=]+):([^:]+):([^:]+)(?::([^:]+))?", text)
    if match is None:
        raise BadUsage(f"--slider must be NAME=PATH:FROM:TO or NAME=PATH:FROM:TO:STEP, got {quote(text)}")
    name, where, *numbers = match.groups()
    low, high, step = (None if each is None else _finite(text, each) for each in numbers)
    assert low is not None  # the pattern has both
    assert high is not None
    if not low < high or (step is not None and step <= 0):
        raise BadUsage(f"--slider {quote(text)}: FROM must be below TO, and STEP above 0")
    sides, paths = zip(*(_side(text, path.strip()) for path in where.split(",")), strict=True)
    if len(set(sides)) > 1:
        raise BadUsage(f"--slider {quote(text)}: its paths must all lie in the policy or all in the scenario")
    return Asked(name.strip(), sides[0], tuple(paths), low, high, step)


def _finite(text: str, number: str) -> float:
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise BadUsage(f"--slider {quote(text)}: {quote(number)} is not a number")
    return value


def _side(text: str, path: str) -> tuple[Side, str]:
    first, _, rest = path.partition(".")
    if first in ("policy", "scenario") and rest:
        path = rest
        first = path.split(".")[0]
    if first not in _SIDES or "." not in path:
        raise BadUsage(f"--slider {quote(text)}: {quote(path)} is no number of a policy or a scenario")
    return _SIDES[first], path.removesuffix(".value")  # the number is replaced whole, its unit too


def of_author(wanted: Asked, spec: Policy | Scenario, steps: int) -> Slider | None:
    """The slider for one file; None where the file has no such number."""
    found = {path: told for path in wanted.paths if (told := stated(spec, path))}
    if not found:
        return None
    first = next(iter(found.values()))
    values = _asked_values(wanted, steps)
    whole = all(path.split(".")[-1] in DAYS for path in found)
    return Slider(wanted.name, tuple(found), _values(np.round(values) if whole else values, first), first)


def _asked_values(wanted: Asked, steps: int) -> Floats:
    if wanted.step is None:
        return np.asarray(np.linspace(wanted.low, wanted.high, steps), np.float64)
    count = math.floor((wanted.high - wanted.low) / wanted.step + 1e-9) + 1
    if count > MOST:
        raise BadUsage(f"--slider {wanted.name}: {count:,} values are more than {MOST}; choose a larger STEP")
    return np.asarray(wanted.low + wanted.step * np.arange(count), np.float64)


def _values(values: Iterable[float], told: Stated) -> tuple[float | None, ...]:
    """In ascending order and each once, the stated one among them."""
    ascending = sorted({float(f"{value:.6g}") for value in values} | ({told.value} if told.value is not None else set()))
    return (*ascending,) if told.value is not None else (None, *ascending)


def stated(spec: Policy | Scenario, path: str) -> Stated | None:
    """The number that stands at a dotted path; None where there is none."""
    node: object = spec
    for part in path.split("."):
        node = node.get(part) if isinstance(node, dict) else getattr(node, part, None)
    match node:
        case Threshold():
            numbers = list(node.numbers("").values())
            text = " → ".join(map(number_text, numbers))
            return Stated(numbers[0].fixed if len(numbers) == 1 else None, node.unit, node.grade, node.evidence, text)
        case WithinWindow():
            days, of = node.days.fixed or 0, node.of.fixed or 0
            return Stated(None, "days", "assumed", (), f"on {days:g} of {of:g} days")
        case Numeric():
            unit = "days" if path.split(".")[-1] in DAYS else node.unit or ""
            text = number_text(node) if node.fixed is None else f"{node.fixed:g}"
            return Stated(node.fixed, unit, node.grade, node.evidence, text)
    return None


# Sensible ones -------------------------------------------------------------------------------------------------------------


def first_step(machine: Machine) -> Transition | None:
    """The first transition up, from the initial phase if there is one."""
    up = [each for each in machine.transitions if any(each.leaves[: each.to])]
    return next((each for each in up if each.leaves[machine.initial]), up[0] if up else None)


def of_policy(policy: Policy, scenario: Scenario, steps: int) -> Iterator[Slider]:
    """The threshold of the first step up, its confirmation and its lag."""
    machine = compile_machine(policy, scenario.start)
    step = first_step(machine)
    if step is None:
        return
    names = guard.names(step.guard)
    lines = [line for line in threshold_lines(policy, machine, 1) if line.name in names and line.signpost in names]
    if line := next((each for each in lines if each.unit != FLAG), None):
        yield _threshold(policy, line, steps)
    for key, low, count in (("confirm", 1, steps), ("lag", 0, max(steps - 2, 2))):
        path = f"transitions.{step.name}.{key}"
        told = stated(policy, path)
        assert told is not None  # every transition has both
        top = max(WEEKS, told.value or 0)
        values = np.maximum(np.round(np.linspace(0, top, count)), low)
        yield Slider(f"{key} ({step.name})", (path,), _values(values, told), told)


def _threshold(policy: Policy, line: ThresholdLine, steps: int) -> Slider:
    """Over the range of what it is held against, the rival readings among the values."""
    path = f"thresholds.{line.name}"
    told = stated(policy, path)
    assert told is not None  # the line is of this threshold
    read = policy.reads.get(line.signpost)
    if read and read.range:
        low, high = (float(end.fixed or 0) for end in read.range)
        even = np.linspace(low, high, max(steps, 2))[1:]
    else:
        low, high = sorted((line.low[0] * 0.5, line.high[0] * 1.5))
        even = np.linspace(low, high, max(steps, 2))
    rivals = [number.fixed for each in policy.thresholds[line.name].rivals.values() for number in each.numbers("").values()]
    near = [value for value in rivals if value is not None and low <= value <= high]
    return Slider(f"threshold {line.name}", (path,), _values([*even, *near], told), told)


def of_world(scenario: Scenario, policies: Sequence[Policy], steps: int) -> Iterator[Slider]:
    """The error of the signposts that the first steps up read, all those of one size together."""
    names = dict.fromkeys(
        name
        for policy in policies
        if (step := first_step(compile_machine(policy, scenario.start)))
        for name in guard.names(step.guard)
    )
    errors = [(name, error) for name in names if (each := scenario.signposts.get(name)) and (error := each.error)]
    sizes = [(f"signposts.{name}.error.{kind}", told) for name, error in errors for kind, told in _size(error, name, scenario)]
    if not sizes:
        return
    first = sizes[0][1]
    paths = tuple(path for path, told in sizes if told.value == first.value and path.split(".")[-1] == sizes[0][0].split(".")[-1])
    size = first.value or 1.0
    yield Slider("error of intelligence", paths, _values(size * np.linspace(0, 2, max(steps - 2, 3)), first), first)


def _size(error: Error, name: str, scenario: Scenario) -> Iterator[tuple[str, Stated]]:
    kind = "sd" if error.sd is not None else "log_sd"
    told = stated(scenario, f"signposts.{name}.error.{kind}")
    if told and told.value != 0:
        yield kind, told
