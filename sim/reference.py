"""The reference: one run, day by day, as design §3 words it. Slow, plain, and the oracle of the vectorised engine.

Every sentence of §3 "One day, exactly" is one small function here. All arithmetic is in double precision, in the order in
which it is written, left to right; sums run oldest first, one at a time. Only what is made of daily normals alone is in
single precision, as these are: the drift of a noisy walk, its volatility, and errors. The trace keeps what an explanation needs.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.draws import Arrivals, Block, Normals, Uniforms, quantile
from sim.machine import Model, Transition
from sim.numbers import Numbers
from sim.spec import guard
from sim.world import Error, Jumps, Ladder, Move, Quantity, Signpost, Steps, Variable, Walk


@dataclass(frozen=True)
class Change:
    """A change of phase and what was known when it was decided."""

    day: int
    """of effect"""
    decided: int
    """day of decision"""
    from_phase: int
    to_phase: int
    transition: int
    """index in the order of the file"""
    held_since: int
    """k days in a row: since when the guard had been true without a break; m of n: its first true day in the window"""
    days_in_phase: int
    """on the day of decision"""
    observed: Mapping[str, float]
    """on the day of decision: every signpost in the guard"""
    true: Mapping[str, float]
    """on the day of decision: the variables behind those signposts, by name"""
    thresholds: Mapping[str, float]
    """on the day of decision: every threshold in the guard"""


@dataclass(frozen=True)
class Pending:
    """A transition that is decided and has not happened."""

    transition: int
    decided: int
    due: int


@dataclass(frozen=True)
class Lapse:
    """A pending transition that was revoked."""

    day: int
    transition: int


@dataclass(frozen=True)
class Trace:
    """All that happened in one run. Every series has one entry per day."""

    phases: tuple[int, ...]
    """index of the phase at the end of each day"""
    changes: tuple[Change, ...]
    pending: Pending | None
    """at the end of the last day"""
    lapsed: tuple[Lapse, ...]
    variables: Mapping[str, tuple[float, ...]]
    """the true values x"""
    signposts: Mapping[str, tuple[float, ...]]
    """as observed: those of the world, without the policy's defaults"""
    guards: tuple[tuple[bool, ...], ...]
    """per transition: did its guard (not its confirmation) hold on each day?"""


@np.errstate(all="ignore")  # a number may lie beyond all others, as in the engine
def walk(model: Model, seed: int, case: int, replication: int, given: Mapping[str, float] | None = None) -> Trace:
    """One run. `given` replaces the draws of some uncertain numbers, by dotted path."""
    draws = _Draws(seed, case, replication, given or {})
    levels = [_Level() for _ in model.world.variables]
    sights = [_Sight() for _ in model.world.signposts]
    policy = _Policy(model.machine.initial, [[] for _ in model.machine.transitions])
    for day in range(model.world.days):
        pushing = _pushing(model, policy, day, draws)
        for variable, level in zip(model.world.variables, levels, strict=True):
            _move_on(variable, level, day, pushing, draws)
        for signpost, sight in zip(model.world.signposts, sights, strict=True):
            _observe(signpost, sight, levels[signpost.observes].x, day, draws)
        _decide(model, policy, day, _Known(model, levels, sights, day, draws))
    return Trace(
        tuple(policy.phases),
        tuple(policy.changes),
        policy.pending.promise if policy.pending else None,
        tuple(policy.lapsed),
        {variable.name: tuple(level.x) for variable, level in zip(model.world.variables, levels, strict=True)},
        {signpost.name: tuple(sight.observed) for signpost, sight in zip(model.world.signposts, sights, strict=True)},
        tuple(map(tuple, policy.guards)),
    )


# Draws ---------------------------------------------------------------------------------------------------------------------


class _Draws:
    """Everything random in one run: a block of one column."""

    def __init__(self, seed: int, case: int, replication: int, given: Mapping[str, float]) -> None:
        self._seed = seed
        self._block = Block(np.array([case]), np.array([replication]))
        self._numbers = Numbers(seed, self._block, {path: np.array([value]) for path, value in given.items()})
        self._normals: dict[str, Normals] = {}
        self._uniforms: dict[str, Uniforms] = {}
        self._arrivals: dict[str, Arrivals] = {}
        self._drawn: dict[tuple[str, int], np.float32] = {}

    def number(self, quantity: Quantity) -> float:
        """What a number is worth in this run: the same on every day."""
        return float(self._numbers(quantity)[0])

    def days(self, quantity: Quantity) -> int:
        return int(self.number(quantity))

    def normal(self, name: str, day: int) -> np.float32:
        """z of the day. Those who share a name share it. What is made of it alone is in single precision, as it is."""
        if (name, day) not in self._drawn:
            if name not in self._normals:
                self._normals[name] = Normals(self._seed, name, self._block)
            self._drawn[name, day] = self._normals[name].day(day)[0]
        return self._drawn[name, day]

    def uniform(self, name: str, day: int) -> float:
        """u of the day."""
        if name not in self._uniforms:
            self._uniforms[name] = Uniforms(self._seed, name, self._block)
        return float(self._uniforms[name].day(day)[0])

    def jump_sizes(self, jumps: Jumps, day: int) -> list[float]:
        """The sizes of the day's Poisson(rate) jumps, in order of time."""
        if jumps.noise not in self._arrivals:
            self._arrivals[jumps.noise] = Arrivals(self._seed, jumps.noise, self._block, self._numbers(jumps.rate))
        u = self._arrivals[jumps.noise].ahead(day).u
        if jumps.size.shape is None:
            return [self.number(jumps.size) for _ in u]
        return [float(quantile(jumps.size.shape, np.array([each]))[0]) * jumps.size.scale for each in u]


def _exp(value: float) -> float:
    return float(np.exp(np.float64(value)))


def _exp32(value: np.float32) -> np.float32:
    return np.float32(np.exp(value))


def _floor(value: float) -> float:
    """Infinite and undefined values stay what they are."""
    return float(np.floor(np.float64(value)))


# 1. World ------------------------------------------------------------------------------------------------------------------


@dataclass
class _Level:
    """A variable so far: its path and x on each day, and d of the last one."""

    path: list[float] = field(default_factory=list)
    x: list[float] = field(default_factory=list)
    d: float = 0.0


def _move_on(variable: Variable, level: _Level, day: int, pushing: Sequence[bool], draws: _Draws) -> None:
    """xₜ = clip(pathₜ + dₜ), then `set`."""
    path = _steps(variable.path, day, draws)
    increments = _increments(variable, level, day, pushing, draws)
    # "xₜ keeps exactly the value set or clipped to until pathₜ changes or a non-zero move, push or add comes"
    if day > 0 and path == level.path[-1] and all(increment == 0 for increment in increments):
        x = level.x[-1]
    else:
        for increment in increments:  # "summed in that order, file order within"
            level.d = level.d + increment
        x = _clip(path + level.d, variable)
        if x != path + level.d:  # "Only where clip or `set` changed xₜ is the rest carried: dₜ = xₜ − pathₜ"
            level.d = x - path
    if day in variable.sets:  # "`set` replaces xₜ after that (day 0 too)"; "clipped where drawn"
        value = _clip(draws.number(variable.sets[day]), variable)
        if value != x:
            x = value
            level.d = x - path
    level.path.append(path)
    level.x.append(x)


def _increments(variable: Variable, level: _Level, day: int, pushing: Sequence[bool], draws: _Draws) -> list[float]:
    """Moves, pushes and adds of a day; on day 0 only adds."""
    adds = [draws.number(add) for add in variable.adds.get(day, ())]
    if day == 0:
        return adds
    moves = [increment for move in variable.moves for increment in _move(move, variable, level, day, draws)]
    pushes = [draws.number(push) if pushing[reaction] else 0.0 for reaction, push in variable.pushes]
    return moves + pushes + adds


def _move(move: Move, variable: Variable, level: _Level, day: int, draws: _Draws) -> list[float]:
    """A move is taken at xₜ₋₁. Jumps are as many increments as there are jumps."""
    x, path = level.x[-1], level.path[-1]
    match move:
        case Walk():
            return [_walk(move, x, path, day, draws)]
        case Jumps():
            return draws.jump_sizes(move, day)
        case Ladder():
            return [_ladder(move, x - variable.low, draws.uniform(move.noise, day), draws)]


def _walk(move: Walk, x: float, path: float, day: int, draws: _Draws) -> float:
    """drift + volatility·z, or x·(exp(drift + volatility·z) − 1) where relative, then + pull·(toward − x)."""
    step = _relative(move, x, day, draws) if move.relative else float(_drifted(move, day, draws))
    if move.pull.is_zero:
        return step
    toward = path if move.toward is None else draws.number(move.toward)
    return step + draws.number(move.pull) * (toward - x)


def _relative(move: Walk, x: float, day: int, draws: _Draws) -> float:
    return x * float(np.expm1(_drifted(move, day, draws)))


def _drifted(move: Walk, day: int, draws: _Draws) -> np.float64 | np.float32:
    """drift + volatility·z"""
    drift = np.float64(draws.number(move.drift))
    if move.volatility.is_zero:
        return drift
    return np.float32(draws.number(move.volatility)) * draws.normal(move.noise, day) + np.float32(drift)


def _ladder(move: Ladder, height: float, u: float, draws: _Draws) -> float:
    """ "One uniform u, +1 if u < up, −1 if u ≥ 1 − down"; `height` is xₜ₋₁ − lower bound."""
    if u < draws.number(_rung(move.up, height)):
        return 1.0
    if u >= 1.0 - draws.number(_rung(move.down, height)):
        return -1.0
    return 0.0


def _rung(chances: Sequence[Quantity], height: float) -> Quantity:
    """One chance for all rungs, or one for each, "indexed by floor(xₜ₋₁ − lower bound)"."""
    for index in range(len(chances) - 1):
        if height < index + 1:
            return chances[index]
    return chances[-1]


def _pushing(model: Model, policy: _Policy, day: int, draws: _Draws) -> list[bool]:
    """Per reaction: does it push today? By the phase at the end of yesterday, and the days it had lasted then."""
    yesterday = day - 1
    return [
        day >= 1 and provoking[policy.phase] and yesterday - policy.entered >= draws.days(reaction.after)
        for reaction, provoking in zip(model.world.reactions, model.provoking, strict=True)
    ]


def _steps(steps: Steps, day: int, draws: _Draws) -> float:
    """A path or a dated threshold: the last value, or linear between two; before the first its value, so after the last."""
    last = 0
    for index, since in enumerate(steps.days):
        if since <= day:
            last = index
    value = draws.number(steps.values[last])
    if not steps.linear or day <= steps.days[last] or last == len(steps.days) - 1:
        return value
    since, until = steps.days[last], steps.days[last + 1]
    return value + (draws.number(steps.values[last + 1]) - value) * ((day - since) / (until - since))


def _clip(value: float, variable: Variable) -> float:
    return min(max(value, variable.low), variable.high)


def _sum(values: Sequence[float]) -> float:
    """Oldest first, one at a time, from 0."""
    total = 0.0
    for value in values:
        total = total + value
    return total


# 2. Signposts --------------------------------------------------------------------------------------------------------------


@dataclass
class _Sight:
    """A signpost so far: with its error (v), smoothed (s) and as observed on each day, and the error e of the last one."""

    v: list[float] = field(default_factory=list)
    s: list[float] = field(default_factory=list)
    observed: list[float] = field(default_factory=list)
    e: np.float32 = field(default_factory=np.float32)


def _observe(signpost: Signpost, sight: _Sight, x: Sequence[float], day: int, draws: _Draws) -> None:
    """Delay and bias, then error, then smoothing, then change, then round."""
    v = x[max(day - signpost.delay, 0)] + draws.number(signpost.bias)
    if signpost.error and not signpost.error.sd.is_zero:
        v = _blurred(signpost.error, v, sight, day, draws)
    sight.v.append(v)
    s = _smoothed(signpost, sight, draws)
    sight.s.append(s)
    if signpost.change is not None:
        s = s - sight.s[max(day - signpost.change, 0)]
    sight.observed.append(_floor(s + 0.5) if signpost.rounded else s)


def _blurred(error: Error, v: float, sight: _Sight, day: int, draws: _Draws) -> float:
    """+ sd·eₜ, or ·exp(log_sd·eₜ); e₀ = z₀, eₜ = ρeₜ₋₁ + √(1−ρ²)·zₜ, ρ = exp(−1/memory), 0 for memory 0."""
    z = draws.normal(error.noise, day)
    memory = draws.number(error.memory)
    rho = 0.0 if memory == 0 else _exp(-1.0 / memory)
    fresh = float(np.sqrt(1.0 - rho * rho))
    sight.e = z if day == 0 else np.float32(rho) * sight.e + np.float32(fresh) * z
    blur = np.float32(_sd(error, day, draws)) * sight.e
    return v * float(_exp32(blur)) if error.multiplicative else v + float(blur)


def _sd(error: Error, day: int, draws: _Draws) -> float:
    """As stated, times the last factor that an inject has set by this day."""
    until = [each for each in error.factors if each <= day]
    sd = draws.number(error.sd)
    return sd * draws.number(error.factors[max(until)]) if until else sd


def _smoothed(signpost: Signpost, sight: _Sight, draws: _Draws) -> float:
    """Over the values so far; a constant comes out unchanged."""
    v = sight.v[-1]
    if signpost.mean is not None:
        window = sight.v[-signpost.mean :]  # "fewer at the start"
        oldest = window[0]
        return oldest + _sum([each - oldest for each in window]) / len(window)
    if signpost.ewma is not None and sight.s:  # "s₀ = v₀"
        s = sight.s[-1]
        return s + draws.number(signpost.ewma) * (v - s)
    return v


# 3. Guards -----------------------------------------------------------------------------------------------------------------


class _Known:
    """What a guard may name, on one day."""

    def __init__(self, model: Model, levels: Sequence[_Level], sights: Sequence[_Sight], day: int, draws: _Draws) -> None:
        self.draws = draws
        self.thresholds = {name: _steps(steps, day, draws) for name, steps in model.machine.thresholds.items()}
        self.observed = {each.name: sight.observed[day] for each, sight in zip(model.world.signposts, sights, strict=True)}
        self.observed.update({name: draws.number(default) for name, default in model.defaults.items()})
        self.behind = {each.name: model.world.variables[each.observes].name for each in model.world.signposts}
        self.true = {each.name: level.x[day] for each, level in zip(model.world.variables, levels, strict=True)}

    def values(self, days_in_phase: int) -> dict[str, float]:
        return {**self.observed, **self.thresholds, guard.DAYS_IN_PHASE: float(days_in_phase)}


class _DividedByZeroError(Exception):
    """Somewhere in a comparison."""


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def _holds(condition: guard.Condition, values: Mapping[str, float]) -> bool:
    match condition:
        case guard.Not(operand):
            return not _holds(operand, values)
        case guard.And(operands):
            return all(_holds(each, values) for each in operands)
        case guard.Or(operands):
            return any(_holds(each, values) for each in operands)
        case guard.Compare(parts, operators):
            return _compare([*parts], operators, values)


def _compare(parts: Sequence[guard.Arithmetic], operators: Sequence[str], values: Mapping[str, float]) -> bool:
    """ "A comparison (or chain) over a division by zero is false as a whole"."""
    try:
        amounts = [_amount(part, values) for part in parts]
    except _DividedByZeroError:
        return False
    return all(_COMPARE[each](amounts[index], amounts[index + 1]) for index, each in enumerate(operators))


def _amount(node: guard.Arithmetic, values: Mapping[str, float]) -> float:
    match node:
        case guard.Constant(value):
            return value
        case guard.Ref(name):
            return values[name]
        case guard.Negative(operand):
            return -_amount(operand, values)
        case guard.Binary(sign, left, right):
            return _binary(sign, _amount(left, values), _amount(right, values))
        case guard.Call(function, arguments):
            return _call(function, [_amount(each, values) for each in arguments])


def _binary(sign: str, left: float, right: float) -> float:
    match sign:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    if right == 0:
        raise _DividedByZeroError
    return left / right


def _call(function: str, amounts: Sequence[float]) -> float:
    if any(map(math.isnan, amounts)):  # what is made of an undefined value is undefined
        return math.nan
    match function:
        case "abs":
            return abs(amounts[0])
        case "min":
            return min(amounts)
        case "max":
            return max(amounts)
    ranked, middle = sorted(amounts), len(amounts) // 2  # median
    return ranked[middle] if len(ranked) % 2 else (ranked[middle - 1] + ranked[middle]) / 2.0


# 4. and 5. Pending and deciding ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Awaited:
    """A pending transition and the change that it will be."""

    promise: Pending
    change: Change


@dataclass
class _Policy:
    """The policy so far."""

    phase: int
    guards: list[list[bool]]
    """per transition, its guard on each day so far"""
    entered: int = 0
    pending: _Awaited | None = None
    phases: list[int] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    lapsed: list[Lapse] = field(default_factory=list)


def _decide(model: Model, policy: _Policy, day: int, known: _Known) -> None:
    """Guards, pending, decide, record."""
    values = known.values(day - policy.entered)
    for transition, held in zip(model.machine.transitions, policy.guards, strict=True):
        held.append(_holds(transition.guard, values))  # "every day, whatever the phase"
    if policy.pending is not None:  # so nothing else is decided today, whether it happens, lapses or waits
        _count_down(model, policy, policy.pending, day)
    else:
        _take_first(model, policy, day, known)
    policy.phases.append(policy.phase)


def _count_down(model: Model, policy: _Policy, pending: _Awaited, day: int) -> None:
    """On reaching 0 it happens today. "A revocable one lapses first if its guard is false today"."""
    index = pending.promise.transition
    if model.machine.transitions[index].revocable and not policy.guards[index][day]:
        policy.lapsed.append(Lapse(day, index))
        policy.pending = None
    elif day == pending.promise.due:
        _enter(policy, pending.change)
        policy.pending = None


def _take_first(model: Model, policy: _Policy, day: int, known: _Known) -> None:
    """The first transition in file order that leaves the current phase and whose guard is confirmed is taken."""
    if day - policy.entered < known.draws.days(model.machine.phases[policy.phase].min_stay):
        return
    for index, transition in enumerate(model.machine.transitions):
        if transition.leaves[policy.phase] and _confirmed(transition, policy.guards[index], known.draws):
            due = day + known.draws.days(transition.lag)
            change = _change(model, policy, index, day, due, known)
            if due == day:
                _enter(policy, change)
            else:
                policy.pending = _Awaited(Pending(index, day, due), change)
            return


def _confirmed(transition: Transition, held: Sequence[bool], draws: _Draws) -> bool:
    """On m of the last n days, or k days in a row (0 means 1); days before day 0 count as false."""
    if transition.window is not None:
        m, n = transition.window
        return held[-n:].count(True) >= m
    k = _days_in_a_row(transition, draws)
    return len(held) >= k and all(held[-k:])


def _days_in_a_row(transition: Transition, draws: _Draws) -> int:
    assert transition.confirm is not None  # it has either a window or days in a row
    return max(draws.days(transition.confirm), 1)


def _enter(policy: _Policy, change: Change) -> None:
    policy.phase, policy.entered = change.to_phase, change.day
    policy.changes.append(change)


def _change(model: Model, policy: _Policy, index: int, day: int, due: int, known: _Known) -> Change:
    transition = model.machine.transitions[index]
    used = guard.names(transition.guard)
    observed = {name: known.observed[name] for name in used if name in known.observed and name not in known.thresholds}
    behind = [known.behind[name] for name in observed if name in known.behind]
    return Change(
        day=due,
        decided=day,
        from_phase=policy.phase,
        to_phase=transition.to,
        transition=index,
        held_since=_held_since(transition, policy.guards[index]),
        days_in_phase=day - policy.entered,
        observed=observed,
        true={name: known.true[name] for name in behind},
        thresholds={name: known.thresholds[name] for name in used if name in known.thresholds},
    )


def _held_since(transition: Transition, held: Sequence[bool]) -> int:
    """In a row: the first day of the unbroken stretch up to today; in a window: its first true day."""
    today = len(held) - 1
    if transition.window is not None:
        first = max(today - transition.window[1] + 1, 0)
        return held.index(True, first)
    while today > 0 and held[today - 1]:
        today -= 1
    return today
