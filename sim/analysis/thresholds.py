"""The thresholds that a policy's guards hold against its signposts, as lines over the days of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sim.draws import Floats, quantile
from sim.machine import Machine
from sim.results import FAN_LEVELS, ThresholdLine
from sim.spec import guard
from sim.spec.policy import Policy, Threshold
from sim.spec.values import Choice, Exponential, Lognormal, MedianSigma, Normal, Numeric, Percentiles, Shape, Triangular, Uniform
from sim.world import Quantity, Steps

_BAND = np.array([FAN_LEVELS[0], 0.5, FAN_LEVELS[-1]])


def threshold_lines(policy: Policy, machine: Machine, days: int) -> tuple[ThresholdLine, ...]:
    """One line for each pair of a signpost and a threshold that a guard compares, each pair once."""
    pairs = dict.fromkeys(pair for transition in machine.transitions for pair in _compared(transition.guard, policy.thresholds))
    return tuple(_line(policy.thresholds[name], name, signpost, machine.thresholds[name], days) for signpost, name in pairs)


def _compared(node: guard.Node, thresholds: Mapping[str, Threshold]) -> Iterator[tuple[str, str]]:
    if isinstance(node, guard.Compare):
        for left, right in [*zip(node.operands, node.operands[1:], strict=False)]:
            for side, other in ((left, right), (right, left)):
                if isinstance(side, guard.Ref) and side.name in thresholds:
                    yield from ((name, side.name) for name in guard.names(other) if name not in thresholds)
    for child in guard.children(node):
        yield from _compared(child, thresholds)


def _line(threshold: Threshold, name: str, signpost: str, steps: Steps, days: int) -> ThresholdLine:
    values = [_band(each) for each in steps.values]
    low, middle, high = np.array([values[steps.before(day)] for day in range(days)]).T
    numbers = list(threshold.numbers(name).values())
    facts = dict.fromkeys(fact for number in numbers for fact in number.evidence)
    uncertain = any(each.shape for each in steps.values)
    text = " → ".join(number_text(number) for number in numbers)
    return ThresholdLine(name, signpost, threshold.unit, threshold.grade, tuple(facts), low, middle, high, uncertain, text)


def _band(number: Quantity) -> Floats:
    if number.shape is None:
        return np.full(3, number.fixed)
    return quantile(number.shape, _BAND) * number.scale


def number_text(number: Numeric) -> str:
    """`3`, `uniform 3–4`, `normal 0 ± 0.2`: a number in the words of a chart or table."""
    return shape_text(number.value) if isinstance(number.value, Shape) else f"{number.value:g}"


def shape_text(shape: Shape) -> str:
    match shape:
        case Uniform(uniform=(low, high)):
            return f"uniform {low:g}–{high:g}"
        case Triangular(triangular=(low, mode, high)):
            return f"triangular {low:g}–{mode:g}–{high:g}"
        case Normal(normal=(mean, sd)):
            return f"normal {mean:g} ± {sd:g}"
        case Lognormal(lognormal=Percentiles(p5=low, p95=high)):
            return f"lognormal {low:g}–{high:g} (5–95%)"
        case Lognormal(lognormal=MedianSigma(median=median, sigma=sigma)):
            return f"lognormal, median {median:g}, sigma {sigma:g}"
        case Exponential(exponential=mean):
            return f"exponential, mean {mean:g}"
        case Choice(choice=choices):
            return "one of " + ", ".join(f"{each.value:g}" for each in choices)
    raise TypeError(f"unknown distribution {type(shape).__name__}")
