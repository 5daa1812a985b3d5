"""Is the cost linear in runs, days, transitions and signposts? Each is varied alone, from the workload."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from timing import Spread, Task, Times, interleaved
from work import HERE, SEED

from sim import __version__
from sim.charts.records import Chart, Imprint
from sim.draws import Block
from sim.engine import simulate
from sim.ensemble import BLOCK
from sim.machine import Model, Transition
from sim.spec import guard
from sim.world import Signpost, Steps

FIGURE = HERE / "curves.svg"
BUSY = 16
"""Transitions of every model of the curve over signposts: so that each signpost is read, and all else stays the same."""


@dataclass(frozen=True)
class Axis:
    """What is varied, and how the cost is told."""

    title: str
    sizes: Sequence[int]
    task: Callable[[int], Task]
    shown: str
    """the cost on the y axis"""
    factor: float
    """from seconds for a unit of the task to `shown`"""
    slope: str
    """what one more costs"""
    slope_factor: float
    """from `shown` for one more to nanoseconds for a run-day of one more"""


@dataclass(frozen=True)
class Curve:
    axis: str
    shown: str
    slope_name: str
    sizes: Sequence[int]
    cost: Sequence[Spread]
    slope: float
    intercept: float
    slope_ns: float
    deviation: float
    """largest, relative to the line"""


def measured(axes: Sequence[Axis], rounds: int) -> list[Curve]:
    """Every size of one curve in turn, curve after curve."""
    return [_curve(axis, interleaved([axis.task(size) for size in axis.sizes], rounds)) for axis in axes]


def _curve(axis: Axis, times: Times) -> Curve:
    cost = [Spread.of(each * axis.factor for each in found) for found in times.values()]
    slope, intercept, deviation = fitted(axis.sizes, [each.median for each in cost])
    return Curve(axis.title, axis.shown, axis.slope, axis.sizes, cost, slope, intercept, slope * axis.slope_factor, deviation)


def fitted(sizes: Sequence[int], costs: Sequence[float]) -> tuple[float, float, float]:
    """Slope, intercept and largest relative deviation of the line with the least squares of relative deviations."""
    x, y = np.array(sizes, float), np.array(costs)
    slope, intercept = np.polyfit(x, y, 1, w=1 / y)
    line = slope * x + intercept
    return float(slope), float(intercept), float(np.max(np.abs(y / line - 1)))


def axes(model: Model, ensemble: Callable[[Model, int], object], *, quick: bool) -> list[Axis]:
    block = BLOCK // 4 if quick else BLOCK

    def engine(name: str, varied: Model, units: int) -> Task:
        return Task(name, units, lambda: simulate(varied, SEED, Block.plain(0, block)))

    def runs(size: int) -> Task:
        return Task(f"{size:,} runs", 1, lambda: ensemble(model, size))

    def days(size: int) -> Task:
        return engine(f"{size} days", with_days(model, size), block)

    def transitions(size: int) -> Task:
        return engine(f"{size} transitions", with_transitions(model, size), block * model.world.days)

    def signposts(size: int) -> Task:
        return engine(f"{size} signposts", with_signposts(model, size), block * model.world.days)

    year = model.world.days
    sizes = [BLOCK * 2**step for step in range(3 if quick else 5)]  # fewer runs would make smaller fans
    return [
        Axis("Runs", sizes, runs, "s of CPU", 1, "ns a run-day", 1e9 / year),
        Axis("Days", [90, 180, 365, 730, 1460], days, "µs a run", 1e6, "ns a run-day", 1e3),
        Axis("Transitions", [2, 4, 8, 16, 32, 64], transitions, "ns a run-day", 1e9, "ns a run-day and transition", 1),
        Axis("Signposts", [1, 2, 4, 8, 16], signposts, "ns a run-day", 1e9, "ns a run-day and signpost", 1),
    ]


# Variants of the workload --------------------------------------------------------------------------------------------------


def with_days(model: Model, days: int) -> Model:
    return replace(model, world=replace(model.world, days=days))


def with_transitions(model: Model, count: int) -> Model:
    """The workload's transitions again and again, each time with thresholds of their own."""
    base = model.machine.transitions
    transitions: list[Transition] = []
    thresholds: dict[str, Steps] = {}
    for index in range(count):
        again, place = divmod(index, len(base))
        suffix = f"_{again}" if again else ""
        used = {name: name + suffix for name in guard.names(base[place].guard) if name in model.machine.thresholds}
        thresholds |= {new: _drawn_anew(model.machine.thresholds[old], suffix) for old, new in used.items()}
        transitions.append(_reworded(base[place], base[place].name + suffix, used))
    return replace(model, machine=replace(model.machine, thresholds=thresholds, transitions=tuple(transitions)))


def with_signposts(model: Model, count: int) -> Model:
    """So many signposts of the one variable, each with an error of its own, read in turn by the transitions."""
    busy = with_transitions(model, BUSY)
    first = model.world.signposts[0]
    names = [first.name, *(f"{first.name}_{index}" for index in range(1, count))]
    transitions = tuple(
        _reworded(each, each.name, {first.name: names[index % count]}) for index, each in enumerate(busy.machine.transitions)
    )
    world = replace(busy.world, signposts=tuple(_seen_anew(first, name) for name in names))
    return replace(busy, world=world, machine=replace(busy.machine, transitions=transitions))


def _drawn_anew(steps: Steps, suffix: str) -> Steps:
    """A number's draw goes by its path."""
    return replace(steps, values=tuple(replace(each, path=each.path + suffix) for each in steps.values))


def _reworded(transition: Transition, name: str, words: Mapping[str, str]) -> Transition:
    text = re.sub(r"\w+", lambda word: words.get(word[0], word[0]), transition.text)
    return replace(transition, name=name, text=text, guard=guard.parse(text))


def _seen_anew(signpost: Signpost, name: str) -> Signpost:
    assert signpost.error is not None
    return replace(signpost, name=name, error=replace(signpost.error, noise=f"signposts.{name}.error"))


# Picture -------------------------------------------------------------------------------------------------------------------


def draw(curves: Sequence[Curve], path: Path = FIGURE) -> None:
    from matplotlib.figure import Figure

    from sim.charts.render import render
    from sim.charts.style import styled

    with styled():
        figure = Figure(figsize=(7.2, 5.2), layout="constrained")
        for panel, curve in zip(figure.subplots(2, 2).flat, curves, strict=True):
            _panel(panel, curve)
    farthest = max(curve.deviation for curve in curves)
    title = f"Cost against runs, days, transitions and signposts: within {farthest:.0%} of a line"
    chart = Chart(figure, title, " ".join(map(described, curves)), Imprint("python benchmarks/throughput.py", __version__))
    path.write_bytes(render(chart, "svg"))


def described(curve: Curve) -> str:
    return (
        f"{curve.axis}: {curve.sizes[0]:,} to {curve.sizes[-1]:,}, {curve.slope_ns:.2g} {curve.slope_name}, "
        f"at most {curve.deviation:.0%} off the line."
    )


def _panel(panel: Any, curve: Curve) -> None:
    from sim.charts.style import GREY, INK

    middle = np.array([each.median for each in curve.cost])
    below = middle - [each.low for each in curve.cost]
    above = [each.high for each in curve.cost] - middle
    ends = np.array([0, curve.sizes[-1]])
    panel.plot(ends, curve.slope * ends + curve.intercept, color=GREY, lw=1)
    panel.errorbar(curve.sizes, middle, yerr=[below, above], fmt="o", ms=4, color=INK, elinewidth=0.8, capsize=2)
    panel.set_title(f"{curve.slope_ns:.2g} {curve.slope_name}; at most {curve.deviation:.0%} off the line", fontsize=8)
    panel.set_xlabel(curve.axis)
    panel.set_ylabel(curve.shown)
    panel.set_ylim(bottom=0)
    panel.set_xlim(0, curve.sizes[-1] * 1.05)
    panel.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
