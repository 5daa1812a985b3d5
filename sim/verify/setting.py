"""What a policy is verified in: the values that its signposts may take, its thresholds over time, and the horizon."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sim.machine import Machine, Model, compile_machine
from sim.spec.guard import DAYS_IN_PHASE, Arithmetic, Condition, Constant, Ref, names
from sim.spec.policy import Policy
from sim.verify.atoms import condition
from sim.verify.domains import Domain, support
from sim.world import Jumps, Ladder, Quantity, Signpost, Steps, Variable, Walk

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_ANY_START = dt.date(2000, 1, 1)


@dataclass(frozen=True)
class Epoch:
    """Days on which every threshold keeps one value: the number, or that it is drawn, of each."""

    thresholds: Mapping[str, Quantity]


@dataclass(frozen=True)
class Setting:
    """A policy, alone or on a scenario, as far as static checks and the search go.

    Values of different signposts are taken to be independent, and each day's of the day before. So what is found impossible is
    impossible; what is found possible is so in some world that stays inside these values. Values are finite numbers.
    """

    machine: Machine
    domains: Mapping[str, Domain]
    """of every name in a resolved guard: signposts, `days_in_phase`, and drawn numbers by dotted path"""
    drawn: tuple[Quantity, ...]
    """the uncertain numbers that guards use, each drawn once per run"""
    epochs: tuple[Epoch, ...]
    """every combination of threshold values that some day has"""
    defaults: Mapping[str, Quantity]
    """signposts that the scenario lacks: constants"""
    timeline: tuple[tuple[int, int], ...]
    """(first day, index of the epoch), from day 0"""
    guards: tuple[tuple[Condition, ...], ...]
    """per transition and epoch, with numbers in place of thresholds"""
    days: int | None = None
    """the horizon of the scenario; None: any day counts"""
    start: dt.date | None = None
    """the date of day 0; None: it does not matter"""
    assumed_start: bool = False
    """no scenario gives the start, and dated thresholds need one"""

    @property
    def signposts(self) -> tuple[str, ...]:
        """Every signpost that a guard uses and that is not the same on all days."""
        drawn = {each.path for each in self.drawn}
        used = dict.fromkeys(name for guards in self.guards for guard in guards for name in names(guard))
        return tuple(name for name in used if name != DAYS_IN_PHASE and name not in drawn)


def of_policy(policy: Policy) -> Setting:
    """A policy alone: each signpost takes any value in its range, on any day.

    Where thresholds are dated, day 0 is taken to be the first of their dates.
    """
    dates = [
        dt.date.fromisoformat(when) for each in policy.thresholds.values() for when in each.dated or () if _DATE.fullmatch(when)
    ]
    start = min(dates, default=_ANY_START)
    machine = compile_machine(policy, start)
    ranges = {name: _range(each.range) for name, each in policy.reads.items()}
    by_date = {name for name, each in policy.thresholds.items() if all(map(_DATE.fullmatch, each.dated or ()))}
    groups = [{n: s for n, s in machine.thresholds.items() if (n in by_date) is dated} for dated in (True, False)]
    combined = [
        {name: quantity for part in parts for name, quantity in part.items()}
        for parts in itertools.product(*(_epochs(group, None) for group in groups))
    ]
    return _setting(machine, ranges, {}, combined, None, start if dates else None, assumed=bool(dates))


def of_model(model: Model) -> Setting:
    """A policy on a scenario: each signpost takes any value that its variable's bounds and its errors leave."""
    world, machine = model.world, model.machine
    variables = world.variables
    seen = {each.name: _observed(each, variables[each.observes]) for each in world.signposts}
    combined = _epochs(machine.thresholds, world.days)
    return _setting(machine, seen, model.defaults, combined, world.days, world.start, assumed=False)


def _range(bounds: Sequence[object] | None) -> Domain:
    low, high = (getattr(each, "fixed", None) for each in bounds) if bounds else (None, None)
    return Domain(-math.inf if low is None else low, math.inf if high is None else high)


def _key(epoch: Mapping[str, Quantity]) -> tuple[tuple[str, str, float], ...]:
    return tuple(sorted((name, "" if each.fixed is not None else each.path, each.fixed or 0.0) for name, each in epoch.items()))


def _changes(thresholds: Mapping[str, Steps], days: int | None) -> list[int]:
    """Days on which a threshold is restated. A horizon leaves out what comes after it, and what was over before."""
    changes = sorted({day for each in thresholds.values() for day in each.days})
    return [0, *(day for day in changes if 0 < day < days)] if days is not None else (changes or [0])


def _epochs(thresholds: Mapping[str, Steps], days: int | None) -> list[dict[str, Quantity]]:
    """Every combination of their values, each once."""
    found = (_at(thresholds, day) for day in _changes(thresholds, days))
    return list({_key(each): each for each in found}.values())


def _at(thresholds: Mapping[str, Steps], day: int) -> dict[str, Quantity]:
    return {name: each.values[each.before(day)] for name, each in thresholds.items()}


def _setting(
    machine: Machine,
    seen: Mapping[str, Domain],
    defaults: Mapping[str, Quantity],
    combined: Sequence[Mapping[str, Quantity]],
    days: int | None,
    start: dt.date | None,
    *,
    assumed: bool,
) -> Setting:
    known = [_replacements(each, defaults) for each in combined]
    guards = tuple(tuple(condition(each.guard, values) for values in known) for each in machine.transitions)
    used = {name for per_epoch in guards for guard in per_epoch for name in names(guard)}
    numbers = [quantity for each in combined for quantity in each.values()] + [*defaults.values()]
    drawn = {each.path: each for each in numbers if each.fixed is None and each.path in used}
    domains = {name: domain for name, domain in seen.items() if name in used}
    domains |= {path: support(each) for path, each in drawn.items()} | {DAYS_IN_PHASE: Domain(0, whole=True)}
    keys = [_key(each) for each in combined]
    changes = sorted({0, *(day for day in _changes(machine.thresholds, days) if day > 0)})
    timeline = tuple((day, keys.index(_key(_at(machine.thresholds, day)))) for day in changes)
    epochs = tuple(Epoch(each) for each in combined)
    return Setting(machine, domains, tuple(drawn.values()), epochs, defaults, timeline, guards, days, start, assumed)


def _replacements(epoch: Mapping[str, Quantity], defaults: Mapping[str, Quantity]) -> dict[str, Arithmetic]:
    return {
        name: Ref(each.path) if each.fixed is None else Constant(each.fixed) for name, each in [*epoch.items(), *defaults.items()]
    }


# what a scenario lets its signposts show --------------------------------------------------------------------------------------


def _observed(signpost: Signpost, variable: Variable) -> Domain:
    """Delay and smoothing stay inside the variable's bounds; bias shifts them, an error of observation may lift them."""
    bias = support(signpost.bias)
    low, high = variable.low + bias.low, variable.high + bias.high
    if signpost.error and not signpost.error.sd.is_zero:
        low, high = _blurred(low, high, multiplicative=signpost.error.multiplicative)
    if signpost.change is not None:
        low, high = low - high, high - low
    if signpost.rounded:
        return Domain(_half_up(low), _half_up(high), whole=True)
    return Domain(low, high, whole=_stays_whole(signpost, variable))


def _blurred(low: float, high: float, *, multiplicative: bool) -> tuple[float, float]:
    if not multiplicative:
        return -math.inf, math.inf
    return (0.0 if low >= 0 else -math.inf), (0.0 if high <= 0 else math.inf)


def _half_up(value: float) -> float:
    return value if math.isinf(value) else float(math.floor(value + 0.5))


def _stays_whole(signpost: Signpost, variable: Variable) -> bool:
    """Certain to be a whole number every day: whole waypoints and events, whole steps, and nothing that blurs them."""
    exact = signpost.error is None or signpost.error.sd.is_zero
    if not exact or signpost.mean is not None or signpost.ewma is not None or not _is_whole(signpost.bias):
        return False
    numbers = [*variable.path.values, *variable.sets.values(), *(each for adds in variable.adds.values() for each in adds)]
    ends = [end for end in (variable.low, variable.high) if math.isfinite(end)]
    still = all(push.is_zero for _, push in variable.pushes) and not variable.path.linear
    return (
        still
        and all(map(_is_whole, numbers))
        and all(end == math.floor(end) for end in ends)
        and all(map(_steps, variable.moves))
    )


def _steps(move: Walk | Jumps | Ladder) -> bool:
    match move:
        case Ladder():
            return True
        case Jumps():
            return _is_whole(move.size)
        case Walk():
            return not move.relative and all(each.is_zero for each in (move.drift, move.volatility, move.pull))


def _is_whole(quantity: Quantity) -> bool:
    return quantity.fixed is not None and quantity.fixed == math.floor(quantity.fixed)
