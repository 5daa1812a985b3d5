"""Small random policies, and every world of a few values on them: an oracle that knows no cells and no search."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from sim.draws import Block
from sim.engine import Paths, simulate
from sim.machine import bind
from sim.spec.policy import Policy
from sim.spec.values import Uniform
from sim.verify.setting import Setting
from sim.world import Quantity, Signpost, Steps, Variable, World, quantities
from tests.strategies import START

LEVELS = (0.0, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
"""With thresholds of 0.5, 1 and 1.5 only, and a range of 0 to 2, these are one value of every cell."""
Record = dict[str, Any]


def policy(**parts: Any) -> Policy:
    """A policy from its parts, with names and units filled in."""
    record = {"kind": "policy", "name": "made", "title": "Made", "reads": {"level": {"unit": "u", "range": [0, 2]}}, **parts}
    return Policy.model_validate(record)


def threshold(value: Any, unit: str = "u") -> Record:
    return {"value": value, "unit": unit, "grade": "assumed"}


@st.composite
def policies(draw: DrawFn, phases: int = 3) -> Policy:
    """Ladders of some phases that read one level, with every rule of time that there is."""
    names = [f"p{index}" for index in range(phases)]
    count = draw(st.integers(1, 4))
    return policy(
        phases={name: {"min_stay": draw(st.sampled_from((0, 0, 0, 1, 2)))} for name in names},
        thresholds={"a": threshold(draw(_value)), "b": threshold(draw(_value))},
        transitions={f"t{index}": draw(_transitions(names)) for index in range(count)},
    )


_value = st.sampled_from((0.5, 1, 1.5, 0.5, 1, {"choice": [0.5, 1.5]}))
_atoms = st.sampled_from(
    (
        "level >= a",
        "level > b",
        "level < a",
        "level <= b",
        "level == 1",
        "days_in_phase >= 1",
        "days_in_phase < 2",
        "days_in_phase == 2",
        "a <= b",
        "2 * level >= 2 * a",
        "abs(level - 1) >= 0.5",
        "min(level, b) >= a",
    )
)


@st.composite
def _transitions(draw: DrawFn, names: list[str]) -> Record:
    to = draw(st.sampled_from(names))
    others = [name for name in names if name != to]
    when = draw(_atoms)
    for word in draw(st.lists(st.sampled_from(("and", "or", "and not")), max_size=2)):
        when = f"({when}) {word} ({draw(_atoms)})"
    confirm = draw(st.sampled_from((1, 1, 2, 3, 1, {"days": 2, "of": 3}, {"days": 1, "of": 2}, 2, {"choice": [1, 2]})))
    return {
        "from": draw(st.sampled_from(("any", others, others[0]))),
        "to": to,
        "when": when,
        "confirm": confirm,
        "lag": draw(st.sampled_from((0, 0, 1, 2, 0, 0, 1, {"choice": [0, 2]}))),
        "revocable": draw(st.booleans()),
    }


def every_world(setting: Setting, days: int) -> Paths:
    """What the policy does on any sequence of levels, under any draw: all of them, run by the engine."""
    uncertain = {each.path: each for each in quantities(setting.machine) if each.shape}
    choices = [[value.value for value in each.shape.choice] for each in uncertain.values()]  # type: ignore[union-attr]
    every = np.array(list(itertools.product(*[LEVELS] * days, *choices))).T
    path = Steps(tuple(range(days)), tuple(Quantity(f"day {day}", None, Uniform(uniform=(0, 1))) for day in range(days)))
    level = Variable("level", "u", -math.inf, math.inf, path, (), (), {}, {})
    world = World("every", "Every world", START, days, (level,), (Signpost("level", "u", 0),), ())
    given = dict(zip([*(f"day {day}" for day in range(days)), *uncertain], every, strict=True))
    runs = every.shape[1]
    return simulate(bind(world, setting.machine), 1, Block.plain(0, runs), given)


def soonest(setting: Setting, days: int) -> dict[int, int]:
    """Per phase the first day on which any world reaches it."""
    paths = every_world(setting, days)
    above = range(setting.machine.initial + 1, len(setting.machine.phases))
    days_of = {reached: paths.day[paths.enters >= reached] for reached in above}
    return {reached: int(entries.min()) for reached, entries in days_of.items() if entries.size}
