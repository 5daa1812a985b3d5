"""A witness as a world that can be run: exact signposts that take the values found, and the drawn numbers fixed."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sim.machine import Machine, Model, bind
from sim.verify.domains import support
from sim.verify.setting import Setting
from sim.world import Quantity, Signpost, Steps, Variable, World

_ANY_DATE = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Stretch:
    """Days on which no signpost changes."""

    first: int
    last: int
    values: Mapping[str, float]
    """of every signpost that guards use"""


def stretches(values: Sequence[Mapping[str, float]]) -> tuple[Stretch, ...]:
    """Values per day, run-length coded."""
    found: list[Stretch] = []
    for day, each in enumerate(values):
        if found and found[-1].values == each:
            found[-1] = Stretch(found[-1].first, day, each)
        else:
            found.append(Stretch(day, day, dict(each)))
    return tuple(found)


def world_of(setting: Setting, path: Sequence[Stretch], drawn: Mapping[str, float], days: int) -> Model:
    """The model in which exact signposts follow `path` for `days` days (the last values hold on) and draws are as given.

    What no guard of importance uses keeps one value of its domain; what is not in `drawn` keeps its least value.
    """
    machine = fixed(setting.machine, drawn)
    constant = {name: resting(setting, name) for name in setting.signposts}
    signposts = [*constant]
    variables = tuple(
        Variable(name, "", -math.inf, math.inf, _course(name, path, constant[name]), (), (), {}, {}) for name in signposts
    )
    seen = tuple(Signpost(name, "", index) for index, name in enumerate(signposts))
    world = World("witness", "A witness path", setting.start or _ANY_DATE, days, variables, seen, ())
    return replace(bind(world, machine), defaults={name: _fixed(each, drawn) for name, each in setting.defaults.items()})


def resting(setting: Setting, name: str) -> float:
    """A plain value of a signpost: 0, or the value nearest to it."""
    return min(setting.domains[name].candidates([], lambda *_: 1), key=abs)


def fixed(machine: Machine, drawn: Mapping[str, float]) -> Machine:
    """The machine with every uncertain number fixed: as drawn, or else at its least value."""
    return replace(
        machine,
        phases=tuple(replace(each, min_stay=_fixed(each.min_stay, drawn)) for each in machine.phases),
        thresholds={
            name: replace(each, values=tuple(_fixed(value, drawn) for value in each.values))
            for name, each in machine.thresholds.items()
        },
        defaults={name: _fixed(each, drawn) for name, each in machine.defaults.items()},
        transitions=tuple(
            replace(each, confirm=each.confirm and _fixed(each.confirm, drawn), lag=_fixed(each.lag, drawn))
            for each in machine.transitions
        ),
    )


def _fixed(quantity: Quantity, drawn: Mapping[str, float]) -> Quantity:
    if quantity.fixed is not None:
        return quantity
    value = drawn.get(quantity.path)
    least = support(quantity).candidates([], lambda *_: 1)[0] if value is None else value
    return replace(quantity, fixed=float(math.floor(least + 0.5)) if quantity.whole else float(least), shape=None)


def _course(name: str, path: Sequence[Stretch], otherwise: float) -> Steps:
    values = [(each.first, each.values.get(name, otherwise)) for each in path] or [(0, otherwise)]
    changes = [at for index, at in enumerate(values) if index == 0 or values[index - 1][1] != at[1]]
    return Steps(tuple(day for day, _ in changes), tuple(Quantity(f"variables.{name}.path", value) for _, value in changes))
