"""Factors: the uncertain numbers of a policy on a scenario, which every design and sensitivity analysis varies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.thresholds import shape_text
from sim.draws import Floats, quantile
from sim.machine import Model
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.spec.values import Choice, Numeric, Shape, numbers
from sim.world import Quantity

_OPEN = (2.0**-53, 1 - 2.0**-53)
"""Design points are kept inside (0, 1): at its ends some inverse CDFs are infinite."""


@dataclass(frozen=True)
class Factor:
    """An uncertain number, as a design varies it."""

    path: str
    """dotted: its name"""
    shape: Shape
    scale: float = 1.0
    """from the unit of the file to days, or per day"""
    whole: bool = False
    """a count of days: rounded half up"""
    unit: str = ""
    grade: str = "assumed"

    def at(self, u: Floats) -> Floats:
        """Its values at points of a design, (cases,) in [0, 1], by the inverse CDF; in days, per day or its own unit."""
        return quantile(self.shape, np.clip(u, *_OPEN)) * self.scale

    def used(self, values: Floats) -> Floats:
        """As a run uses them: a count of days is rounded half up."""
        return np.floor(values + 0.5) if self.whole else values

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value that a run can use."""
        low, high = self.used(np.array(self.shape.support) * self.scale).tolist()
        return low, high

    @property
    def choices(self) -> tuple[float, ...]:
        """The values of a discrete factor as a run uses them, ascending; none of a continuous one."""
        if not isinstance(self.shape, Choice):
            return ()
        values = np.array([each.value for each in self.shape.choice if each.weight > 0]) * self.scale
        return tuple(sorted(set(self.used(values).tolist())))

    @property
    def law(self) -> str:
        """The distribution in words, as the file gives it."""
        return shape_text(self.shape)


def factors_of(model: Model, policy: Policy, scenario: Scenario) -> tuple[Factor, ...]:
    """The factors of a pair, in the order of its records, with unit and grade."""
    written = dict(numbers(scenario)) | dict(numbers(policy))
    written |= {
        path: each for name, level in policy.thresholds.items() for path, each in level.numbers(f"thresholds.{name}").items()
    }
    return tuple(_factor(each, written.get(each.path), policy, scenario) for each in model.uncertain)


def _factor(number: Quantity, written: Numeric | None, policy: Policy, scenario: Scenario) -> Factor:
    assert number.shape is not None  # only uncertain numbers are factors
    unit = _unit(number.path, written, policy, scenario)
    grade = "assumed" if written is None or number.path.startswith("reads.") else written.grade
    return Factor(number.path, number.shape, number.scale, number.whole, unit, grade)


def _unit(path: str, written: Numeric | None, policy: Policy, scenario: Scenario) -> str:
    """As engine and tables have the number: in days, per day, or the unit of the variable or threshold that it belongs to."""
    own = _own_unit(path.split("."), policy, scenario)
    if written is None or written.kind == "plain":
        return (written.unit if written else None) or own
    if written.kind == "span":
        return "days"
    return f"{own} per day" if own else "per day"


def _own_unit(parts: Sequence[str], policy: Policy, scenario: Scenario) -> str:
    variables = scenario.variables
    match parts:
        case ["thresholds", name, *_]:
            return policy.thresholds[name].unit
        case ["reads", name, *_]:
            return policy.reads[name].unit
        case ["variables", name, "moves", *_, "ladder", _] | ["variables", name, "moves", *_, "ladder", _, _]:
            return ""
        case ["variables", name, "moves", *_, "volatility" | "pull" | "rate"]:
            return ""
        case ["variables", name, *_]:
            return variables[name].unit
        case ["signposts", name, "bias"] | ["signposts", name, "error", "sd"]:
            return variables[scenario.signposts[name].observes or name].unit
        case ["reactions", _, "push", name] | ["injects", _, "add" | "set", name]:
            return variables[name].unit
    return ""


def values_at(factors: Sequence[Factor], points: Floats) -> dict[str, Floats]:
    """Per dotted path the (cases,) values of a design's points, (cases, factors) in [0, 1]."""
    return {factor.path: factor.at(points[:, index]) for index, factor in enumerate(factors)}


def matrix(factors: Sequence[Factor], values: Mapping[str, Floats]) -> Floats:
    """(cases, factors): the values as a run uses them."""
    return np.column_stack([factor.used(values[factor.path]) for factor in factors])
