"""A scenario compiled for the engine: numbers with their dotted paths, days instead of dates, no file and no YAML left."""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass

from sim.spec import scenario as spec
from sim.spec.values import Numeric, Shape, day_of

CsvRows = Sequence[tuple[dt.date, float]]


@dataclass(frozen=True)
class Quantity:
    """A number as a run uses it, in its unit, in days or per day."""

    path: str
    """dotted: names its draw"""
    fixed: float | None
    """None: uncertain, by `shape`"""
    shape: Shape | None = None
    scale: float = 1.0
    whole: bool = False
    """a count of days: a draw is rounded half up"""

    @classmethod
    def of(cls, path: str, number: Numeric, *, whole: bool = False) -> Quantity:
        return cls(path, number.fixed, number.distribution, number.scale, whole)

    @property
    def is_zero(self) -> bool:
        return self.fixed == 0


@dataclass(frozen=True)
class Steps:
    """Values from days on: a path's waypoints, or a dated threshold's restatements. At least one, in ascending order."""

    days: tuple[int, ...]
    values: tuple[Quantity, ...]
    linear: bool = False

    def before(self, day: int) -> int:
        """Index of the last value whose day is not after `day`; 0 before the first."""
        return max(bisect_right(self.days, day) - 1, 0)


@dataclass(frozen=True)
class Walk:
    noise: str
    relative: bool
    drift: Quantity
    volatility: Quantity
    pull: Quantity
    toward: Quantity | None


@dataclass(frozen=True)
class Jumps:
    noise: str
    rate: Quantity
    size: Quantity
    """an uncertain one is drawn anew for each jump"""


@dataclass(frozen=True)
class Ladder:
    noise: str
    up: tuple[Quantity, ...]
    """one chance, or one for each rung"""
    down: tuple[Quantity, ...]


Move = Walk | Jumps | Ladder


@dataclass(frozen=True)
class Variable:
    name: str
    unit: str
    low: float
    high: float
    path: Steps
    moves: tuple[Move, ...]
    pushes: tuple[tuple[int, Quantity], ...]
    """(index of the reaction, change per day)"""
    adds: Mapping[int, tuple[Quantity, ...]]
    """by day, in the order of the file"""
    sets: Mapping[int, Quantity]
    """by day"""


@dataclass(frozen=True)
class Error:
    noise: str
    multiplicative: bool
    sd: Quantity
    memory: Quantity
    factors: Mapping[int, Quantity]
    """by day: from it on, what `sd` is multiplied by"""


@dataclass(frozen=True)
class Signpost:
    name: str
    unit: str
    observes: int
    """index of the variable"""
    delay: int = 0
    bias: Quantity = Quantity("", 0.0)
    error: Error | None = None
    mean: int | None = None
    ewma: Quantity | None = None
    change: int | None = None
    rounded: bool = False


@dataclass(frozen=True)
class Reaction:
    name: str
    phases: tuple[str, ...]
    after: Quantity


@dataclass(frozen=True)
class World:
    name: str
    title: str
    start: dt.date
    days: int
    variables: tuple[Variable, ...]
    signposts: tuple[Signpost, ...]
    """all of them: those declared, then a variable of its own name for each that none observes"""
    reactions: tuple[Reaction, ...]


def compile_world(scenario: spec.Scenario, tables: Mapping[str, CsvRows]) -> World:
    """The world of a checked scenario; `tables` holds the rows of each variable whose path is a csv."""
    reactions = tuple(
        Reaction(name, each.while_, Quantity.of(f"reactions.{name}.after", each.after, whole=True))
        for name, each in scenario.reactions.items()
    )
    variables = tuple(_variable(scenario, name, tables) for name in scenario.variables)
    signposts = _signposts(scenario, variables)
    return World(scenario.name, scenario.title, scenario.start, days_of(scenario.days), variables, signposts, reactions)


def days_of(number: Numeric) -> int:
    """A fixed count of days."""
    return int(number.fixed or 0)


def steps(values: Mapping[str, Numeric], path: str, start: dt.date, *, linear: bool = False) -> Steps:
    return Steps(
        tuple(day_of(when, start) for when in values),
        tuple(Quantity.of(f"{path}.{when}", number) for when, number in values.items()),
        linear,
    )


def _variable(scenario: spec.Scenario, name: str, tables: Mapping[str, CsvRows]) -> Variable:
    spec_variable = scenario.variables[name]
    path = f"variables.{name}.path"
    linear = spec_variable.between == "linear"
    if isinstance(spec_variable.path, spec.CsvPath):
        rows = tables[name]
        waypoints = Steps(
            tuple((date - scenario.start).days for date, _ in rows), tuple(Quantity(path, value) for _, value in rows), linear
        )
    else:
        waypoints = steps(spec_variable.path, path, scenario.start, linear=linear)
    low, high = (each.fixed for each in spec_variable.bounds) if spec_variable.bounds else (-math.inf, math.inf)
    moves = tuple(_move(f"variables.{name}.moves.{key}", move) for key, move in spec_variable.moves.items())
    pushes = tuple(
        (index, Quantity.of(f"reactions.{reaction}.push.{name}", each.push[name]))
        for index, (reaction, each) in enumerate(scenario.reactions.items())
        if name in each.push
    )
    adds, sets = _events(scenario, name)
    return Variable(name, spec_variable.unit, float(low or 0), float(high or 0), waypoints, moves, pushes, adds, sets)


def _events(scenario: spec.Scenario, variable: str) -> tuple[dict[int, tuple[Quantity, ...]], dict[int, Quantity]]:
    adds: dict[int, tuple[Quantity, ...]] = {}
    sets: dict[int, Quantity] = {}
    for name, inject in scenario.injects.items():
        day = day_of(inject.on, scenario.start)
        if variable in inject.add:
            added = Quantity.of(f"injects.{name}.add.{variable}", inject.add[variable])
            adds[day] = (*adds.get(day, ()), added)
        if variable in inject.set:
            sets[day] = Quantity.of(f"injects.{name}.set.{variable}", inject.set[variable])
    return adds, sets


def _move(path: str, move: spec.Move) -> Move:
    if move.walk is not None:
        walk = move.walk

        def part(key: str, number: Numeric) -> Quantity:
            return Quantity.of(f"{path}.walk.{key}", number)

        toward = None if walk.toward is None else part("toward", walk.toward)
        return Walk(
            path,
            walk.relative,
            part("drift", walk.drift),
            part("volatility", walk.volatility),
            part("pull", walk.pull),
            toward,
        )
    if move.jumps is not None:
        return Jumps(path, Quantity.of(f"{path}.jumps.rate", move.jumps.rate), Quantity.of(f"{path}.jumps.size", move.jumps.size))
    assert move.ladder is not None  # the spec holds exactly one of the three
    return Ladder(path, _chances(f"{path}.ladder.up", move.ladder.up), _chances(f"{path}.ladder.down", move.ladder.down))


def _chances(path: str, chance: Numeric | tuple[Numeric, ...]) -> tuple[Quantity, ...]:
    if isinstance(chance, tuple):
        return tuple(Quantity.of(f"{path}.{index}", each) for index, each in enumerate(chance))
    return (Quantity.of(path, chance),)


def _signposts(scenario: spec.Scenario, variables: Sequence[Variable]) -> tuple[Signpost, ...]:
    index = {variable.name: number for number, variable in enumerate(variables)}
    observed = {each.observes or name for name, each in scenario.signposts.items()}
    declared = [_signpost(scenario, name, index, variables) for name in scenario.signposts]
    implied = [Signpost(each.name, each.unit, index[each.name]) for each in variables if each.name not in observed]
    return tuple(declared + implied)


def _signpost(scenario: spec.Scenario, name: str, index: Mapping[str, int], variables: Sequence[Variable]) -> Signpost:
    path, each = f"signposts.{name}", scenario.signposts[name]
    observes = index[each.observes or name]
    smooth = each.smooth
    mean = days_of(smooth.mean) if smooth and smooth.mean else None
    ewma = Quantity.of(f"{path}.smooth.ewma", smooth.ewma) if smooth and smooth.ewma else None
    return Signpost(
        name,
        variables[observes].unit,
        observes,
        days_of(each.delay),
        Quantity.of(f"{path}.bias", each.bias),
        None if each.error is None else _error(path, each.error, _factors(scenario, name)),
        mean,
        ewma,
        None if each.change is None else days_of(each.change),
        each.round is not None,
    )


def _factors(scenario: spec.Scenario, signpost: str) -> dict[int, Quantity]:
    return {
        day_of(inject.on, scenario.start): Quantity.of(f"injects.{name}.noise.{signpost}", inject.noise[signpost])
        for name, inject in scenario.injects.items()
        if signpost in inject.noise
    }


def _error(path: str, error: spec.Error, factors: Mapping[int, Quantity]) -> Error:
    noise = f"shared.{error.shared}" if error.shared else f"{path}.error"
    memory = Quantity.of(f"{path}.error.memory", error.memory)
    if error.log_sd is not None:
        return Error(noise, True, Quantity.of(f"{path}.error.log_sd", error.log_sd), memory, factors)
    assert error.sd is not None  # the spec holds exactly one of the two
    return Error(noise, False, Quantity.of(f"{path}.error.sd", error.sd), memory, factors)


def quantities(record: object) -> Iterator[Quantity]:
    """Every number inside a compiled record, in its order."""
    if isinstance(record, Quantity):
        yield record
    elif isinstance(record, tuple):
        for item in record:
            yield from quantities(item)
    elif isinstance(record, Mapping):
        for item in record.values():
            yield from quantities(item)
    elif is_dataclass(record):
        for field in fields(record):
            yield from quantities(getattr(record, field.name))
