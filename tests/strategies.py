"""Random whole policies and scenarios, in the format of the files, that use everything the design offers.

Values come from small friendly sets, so that ties, divisions by zero and clipping happen often. `files()` gives readable
pairs of files (use it where a failing example is to be read), `models()` the same pairs compiled and bound.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from sim.machine import Model, bind, compile_machine
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.world import CsvRows, compile_world

START = dt.date(2024, 10, 24)
LONGEST = 60

Record = dict[str, Any]
Pool = Sequence[float]


@dataclass(frozen=True)
class Files:
    """A policy and a scenario that fit together, as their YAML files would read, and the rows of the csv paths."""

    policy: Record
    scenario: Record
    tables: Mapping[str, CsvRows]

    @property
    def model(self) -> Model:
        world = compile_world(Scenario.model_validate(self.scenario), self.tables)
        return bind(world, compile_machine(Policy.model_validate(self.policy), START))


@st.composite
def files(draw: DrawFn) -> Files:
    phases = [f"p{index}" for index in range(_pick(draw, (3, 2, 4, 2, 3, 4, 3, 1)))]
    scenario, tables = _scenario(draw, phases)
    return Files(_policy(draw, phases, _observed(scenario)), scenario, tables)


def models() -> SearchStrategy[Model]:
    return files().map(lambda pair: pair.model)


# Small draws ---------------------------------------------------------------------------------------------------------------

_ODDS = {n: st.sampled_from((False,) * (n - 1) + (True,)) for n in (2, 3, 4, 8)}


def _one_in(draw: DrawFn, n: int) -> bool:
    """Shrinks to False."""
    return draw(_ODDS[n])


def _pick(draw: DrawFn, options: Sequence[Any]) -> Any:
    """Shrinks to the first."""
    return options[0] if len(options) == 1 else draw(st.sampled_from(options))


def _some(draw: DrawFn, options: Sequence[str], least: int = 0) -> list[str]:
    """Some of the options, in their order."""
    chosen = [each for each in options if _one_in(draw, 2)]
    return chosen if len(chosen) >= least else list(options[:least])


def _count(draw: DrawFn, low: int, high: int) -> int:
    return low if low == high else draw(st.integers(low, high))


# Numbers -------------------------------------------------------------------------------------------------------------------

LEVELS: Pool = (2, 0, 1, 3, 4, 0.5, 2.5, 3.3)
STEPS: Pool = (0, 1, -1, 0.5, -0.5, 0.1, 3)
SHARES: Pool = (0, 0.5, 0.1, 1)
CHANCES: Pool = (0, 0.25, 0.1, 0.5)
DEVIATIONS: Pool = (0, 0.5, 0.1, 1)
RATES: Pool = (0.5, 0, 0.1, 2)
DAYS: Pool = (0, 1, 2, 3, 5, 7)

BOUNDED = ("uniform", "triangular", "choice", "weights")
"""Distributions that stay between the values that they name."""
POSITIVE = (*BOUNDED, "exponential", "percentiles", "median")
ANY = (*POSITIVE, "normal")


def _number(draw: DrawFn, pool: Pool, shapes: Sequence[str]) -> Any:
    """A number or a distribution, bare or as a record."""
    value = _distribution(draw, pool, _pick(draw, shapes)) if _one_in(draw, 4) else _pick(draw, pool)
    return {"value": value, "grade": "assumed", "note": "a record"} if _one_in(draw, 8) else value


def _distribution(draw: DrawFn, pool: Pool, shape: str) -> Record:
    def ascending(count: int) -> list[float]:
        return sorted(_pick(draw, pool) for _ in range(count))

    match shape:
        case "uniform":
            return {"uniform": ascending(2)}
        case "triangular":
            return {"triangular": ascending(3)}
        case "choice":
            return {"choice": [_pick(draw, pool) for _ in range(3)]}
        case "weights":
            low, high = ascending(2)
            return {"choice": {f"{low}": 1.0} if low == high else {f"{high}": 0.25, f"{low}": 0.75}}
        case "exponential":
            return {"exponential": _pick(draw, (1, 0.5, 2))}
        case "percentiles":
            return {"lognormal": {"p5": 0.5, "p95": _pick(draw, (2, 0.5))}}
        case "median":
            return {"lognormal": {"median": _pick(draw, (1, 2)), "sigma": _pick(draw, (0.5, 0))}}
    return {"normal": [_pick(draw, pool), _pick(draw, (0.5, 0, 1))]}


def _days(draw: DrawFn, pool: Pool = DAYS) -> Any:
    """A count of days, drawn or fixed, in several spellings."""
    number = _number(draw, pool, POSITIVE)
    if isinstance(number, dict) or not _one_in(draw, 4):
        return number
    return _pick(draw, (f"{number} days", f"{number} weeks", {"value": number, "unit": "weeks"}))


def _rate(draw: DrawFn, pool: Pool, shapes: Sequence[str]) -> Any:
    number = _number(draw, pool, shapes)
    return number if isinstance(number, dict) or not _one_in(draw, 4) else f"{number} per {_pick(draw, ('day', 'week'))}"


def _when(draw: DrawFn, day: int) -> str:
    return f"{START + dt.timedelta(days=day)}" if _one_in(draw, 3) else f"day {day}"


def _ascending_days(draw: DrawFn, low: int, high: int, most: int) -> list[int]:
    return sorted({_count(draw, low, high) for _ in range(_count(draw, 1, most))})


# Scenario ------------------------------------------------------------------------------------------------------------------

_BOUNDS = ((0, 4), None, (-1, 3), (0, 1), (2, 2), (0.5, 3.5))


def _scenario(draw: DrawFn, phases: Sequence[str]) -> tuple[Record, dict[str, CsvRows]]:
    days = _count(draw, *_pick(draw, ((1, 10), (11, 30), (31, LONGEST))))
    names = ["a", "b", "c"][: _pick(draw, (1, 2, 3))]
    tables: dict[str, CsvRows] = {}
    bounds = {name: _pick(draw, _BOUNDS) for name in names}
    variables = {name: _variable(draw, name, days, bounds[name], tables) for name in names}
    scenario = {
        "kind": "scenario",
        "name": "random",
        "title": "A random world",
        "start": START.isoformat(),
        "days": days,
        "variables": variables,
        "signposts": _signposts(draw, names),
        "injects": _injects(draw, days, bounds),
        "reactions": _reactions(draw, phases, names),
    }
    _noise(draw, scenario, days)
    return scenario, tables


def _inside(bounds: tuple[float, float] | None, pool: Pool) -> Pool:
    if bounds is None:
        return pool
    return [each for each in pool if bounds[0] <= each <= bounds[1]] or [bounds[0]]


def _variable(draw: DrawFn, name: str, days: int, bounds: tuple[float, float] | None, tables: dict[str, CsvRows]) -> Record:
    variable: Record = {"unit": "u", "path": _path(draw, name, days, bounds, tables)}
    if bounds is not None:
        variable["bounds"] = [*bounds]
    if _one_in(draw, 2):
        variable["between"] = "linear"
    variable["moves"] = {f"m{index}": _move(draw, bounds) for index in range(_pick(draw, (1, 0, 2)))}
    return variable


def _path(draw: DrawFn, name: str, days: int, bounds: tuple[float, float] | None, tables: dict[str, CsvRows]) -> Record:
    pool = _inside(bounds, LEVELS)
    when = _ascending_days(draw, -5, days + 5, 4)
    if _one_in(draw, 4):
        tables[name] = [(START + dt.timedelta(days=day), float(_pick(draw, pool))) for day in when]
        return {"csv": f"{name}.csv"}
    return {_when(draw, day): _number(draw, pool, ANY) for day in when}


def _move(draw: DrawFn, bounds: tuple[float, float] | None) -> Record:
    kinds = ["walk", "relative", "jumps"] + (["ladder"] if bounds is not None and (bounds[1] - bounds[0]) % 1 == 0 else [])
    match _pick(draw, kinds):
        case "walk":
            return {"walk": {"drift": _rate(draw, STEPS, ANY), "volatility": _number(draw, DEVIATIONS, POSITIVE), **_pull(draw)}}
        case "relative":
            drift, volatility = _rate(draw, (0, 0.1, -0.1), BOUNDED), _number(draw, (0, 0.1, 0.2), BOUNDED)
            return {"walk": {"relative": True, "drift": drift, "volatility": volatility, **_pull(draw)}}
        case "jumps":
            return {"jumps": {"rate": _rate(draw, RATES, POSITIVE), "size": _number(draw, STEPS, ANY)}}
    assert bounds is not None
    rungs = int(bounds[1] - bounds[0]) + 1
    return {"ladder": {"up": _chance(draw, rungs), "down": _chance(draw, rungs)}}


def _pull(draw: DrawFn) -> Record:
    if not _one_in(draw, 2):
        return {}
    pull = {"pull": _number(draw, SHARES, BOUNDED)}
    return {**pull, "toward": _number(draw, LEVELS, ANY)} if _one_in(draw, 2) else pull


def _chance(draw: DrawFn, rungs: int) -> Any:
    if _one_in(draw, 3):
        return [_pick(draw, CHANCES) for _ in range(rungs)]
    return _rate(draw, CHANCES, BOUNDED)


def _signposts(draw: DrawFn, variables: Sequence[str]) -> Record:
    """For each variable none (so one of its own name), one or two."""
    signposts: Record = {}
    for variable in variables:
        for name in _some(draw, [variable, f"{variable}_seen"]):
            signposts[name] = _signpost(draw, variable, own=name == variable)
    shared = [each for each in signposts.values() if "error" in each and _one_in(draw, 2)]
    for each in shared:
        each["error"].update(shared="allies", memory=shared[0]["error"].get("memory", 0))
    return signposts


def _signpost(draw: DrawFn, variable: str, *, own: bool) -> Record:
    signpost: Record = {} if own else {"observes": variable}
    if _one_in(draw, 2):
        signpost["delay"] = _pick(draw, (1, 0, 3, "1 week"))
    if _one_in(draw, 2):
        signpost["bias"] = _number(draw, STEPS, ANY)
    if _one_in(draw, 2):
        signpost["error"] = {_pick(draw, ("sd", "log_sd")): _number(draw, DEVIATIONS, POSITIVE)}
        if _one_in(draw, 2):
            signpost["error"]["memory"] = _days(draw)
    if _one_in(draw, 2):
        mean = {"mean": _pick(draw, (2, 1, 3, 7, "2 weeks"))}
        signpost["smooth"] = mean if _one_in(draw, 2) else {"ewma": _number(draw, (0.5, 0.25, 0.1, 1), BOUNDED)}
    if _one_in(draw, 4):
        signpost["change"] = _pick(draw, (1, 2, 7))
    if _one_in(draw, 4):
        signpost["round"] = "nearest"
    return signpost


def _injects(draw: DrawFn, days: int, bounds: Mapping[str, tuple[float, float] | None]) -> Record:
    injects: Record = {}
    taken: set[tuple[str, int]] = set()
    for index in range(_pick(draw, (0, 1, 2, 4))):
        day = 0 if _one_in(draw, 4) else _count(draw, 0, days - 1)
        inject: Record = {"on": _when(draw, day), "title": "An event"}
        for name, bound in bounds.items():
            if _one_in(draw, 3):
                inject.setdefault("add", {})[name] = _number(draw, STEPS, ANY)
            if (name, day) not in taken and _one_in(draw, 3):
                taken.add((name, day))
                inject.setdefault("set", {})[name] = _number(draw, _inside(bound, LEVELS), ANY)
        injects[f"i{index}"] = inject
    return injects


def _noise(draw: DrawFn, scenario: Record, days: int) -> None:
    """For signposts that have an error often an inject that makes it larger or smaller."""
    for name, signpost in scenario["signposts"].items():
        if "error" in signpost and _one_in(draw, 2):
            for day in sorted({_count(draw, 0, days - 1) for _ in range(_pick(draw, (1, 2)))}):
                factor = _number(draw, (2, 0, 1, 0.5), POSITIVE)
                scenario["injects"][f"{name}_{day}"] = {"on": f"day {day}", "title": "Less seen", "noise": {name: factor}}


def _reactions(draw: DrawFn, phases: Sequence[str], variables: Sequence[str]) -> Record:
    return {
        f"r{index}": {
            "while": _pick(draw, (phases[-1], "any", phases[0], [*phases])),
            "after": _days(draw),
            "push": {name: _rate(draw, STEPS, ANY) for name in _some(draw, variables, least=1)},
        }
        for index in range(_pick(draw, (0, 1, 2)))
    }


def _observed(scenario: Record) -> list[str]:
    """The names of the signposts of a scenario, with those of the variables that none observes."""
    behind = {each.get("observes", name) for name, each in scenario["signposts"].items()}
    return [*scenario["signposts"], *(name for name in scenario["variables"] if name not in behind)]


# Policy --------------------------------------------------------------------------------------------------------------------


def _policy(draw: DrawFn, phases: Sequence[str], signposts: Sequence[str]) -> Record:
    reads: Record = {name: {"unit": "u"} for name in signposts}
    if _one_in(draw, 3):
        reads["absent"] = {"unit": "u", "default": _number(draw, LEVELS, ANY)}
    if _one_in(draw, 4):
        reads[signposts[0]]["default"] = 99
    levels = {f"t{index}": _threshold(draw, "u", LEVELS) for index in range(_pick(draw, (1, 2, 3)))}
    patience = {"patience": _threshold(draw, "days", (3, 0, 1, 10))}
    words = _Words(draw, [*reads, *levels], [*patience])
    policy = {
        "kind": "policy",
        "name": "random",
        "title": "A random policy",
        "reads": reads,
        "phases": {name: _phase(draw) for name in phases},
        "thresholds": levels | patience,
        "transitions": _transitions(draw, phases, words),
    }
    return {**policy, "initial": _pick(draw, phases)} if _one_in(draw, 4) else policy


def _threshold(draw: DrawFn, unit: str, pool: Pool) -> Record:
    threshold: Record = {"unit": unit, "grade": "assumed"}
    if _one_in(draw, 3):
        dated = {_when(draw, day): _number(draw, pool, ANY) for day in _ascending_days(draw, -5, LONGEST, 3)}
        return {**threshold, "dated": dated}
    value = _distribution(draw, pool, _pick(draw, ANY)) if _one_in(draw, 4) else _pick(draw, pool)
    return {**threshold, "value": value}


def _phase(draw: DrawFn) -> Record:
    return {"min_stay": _days(draw)} if _one_in(draw, 3) else {}


def _transitions(draw: DrawFn, phases: Sequence[str], words: _Words) -> Record:
    """From one phase often several, up and down."""
    if len(phases) == 1:
        return {}
    return {f"go{index}": _transition(draw, phases, words) for index in range(_pick(draw, (2, 1, 3, 5)))}


def _transition(draw: DrawFn, phases: Sequence[str], words: _Words) -> Record:
    to = _pick(draw, phases[::-1])
    others = [phase for phase in phases if phase != to]
    transition: Record = {
        "from": _pick(draw, (others[0], "any", "any", others, others[-1])),
        "to": to,
        "when": words.condition(2),
    }
    if _one_in(draw, 3):
        transition["confirm"] = _days(draw, (2, 0, 1, 3, 5))
    elif _one_in(draw, 3):
        n = _count(draw, 1, 6)
        transition["confirm"] = {"days": _count(draw, 1, n), "of": n}
    if _one_in(draw, 2):
        transition["lag"] = _days(draw, (2, 0, 1, 3, 7))
        transition["revocable"] = not _one_in(draw, 3)
    return transition


_COMPARISONS = (">=", "<", ">", "<=", ">=", "<", ">", "<=", "==", "!=")


class _Words:
    """Guards whose units fit: levels are in u, days_in_phase in days, the ratio of two levels is a number."""

    def __init__(self, draw: DrawFn, levels: Sequence[str], spans: Sequence[str]) -> None:
        self.draw, self.levels, self.spans = draw, levels, ("days_in_phase", *spans)

    def condition(self, depth: int) -> str:
        match self.pick(("compare", "compare", "and", "or", "not") if depth else ("compare",)):
            case "and":
                return f"{self.part(depth)} and {self.part(depth)}"
            case "or":
                return f"{self.part(depth)} or {self.part(depth)}"
            case "not":
                return f"not {self.part(depth)}"
        return self.comparison()

    def part(self, depth: int) -> str:
        return f"({self.condition(depth - 1)})"

    def comparison(self) -> str:
        kind = self.pick(("level", "level", "level", "span", "ratio"))
        chained = self.pick((1, 1, 2))
        return self.operand(kind) + "".join(f" {self.pick(_COMPARISONS)} {self.operand(kind)}" for _ in range(chained))

    def operand(self, kind: str) -> str:
        match kind:
            case "span":
                return str(self.pick((*self.spans, "3", "days_in_phase / 2")))
            case "ratio":
                difference = f"({self.level(1)} - {self.name()})"
                return str(self.pick(("1", "0.5", f"{self.name()} / {self.name()}", f"{self.name()} / {difference}")))
        return self.level(2)

    def level(self, depth: int) -> str:
        """A quantity in u."""
        if depth == 0:
            return self.name()
        match self.pick(("name", "name", "name", "literal", "sum", "product", "quotient", "call", "abs", "minus")):
            case "literal":
                return f"{self.pick(LEVELS)}"
            case "sum":
                return f"({self.level(depth - 1)} {self.pick('+-')} {self.level(depth - 1)})"
            case "product":
                return f"({self.pick((2, 0, 0.5))} * {self.level(depth - 1)})"
            case "quotient":
                ratio = f"({self.name()} / ({self.name()} / {self.name()}))"
                return str(self.pick((ratio, f"({self.level(depth - 1)} / 2)", f"({self.name()} / 0)")))
            case "call":
                arguments = ", ".join(self.level(depth - 1) for _ in range(self.pick((2, 3, 4))))
                return f"{self.pick(('min', 'max', 'median'))}({arguments})"
            case "abs":
                return f"abs({self.level(depth - 1)})"
            case "minus":
                return f"-{self.level(depth - 1)}"
        return self.name()

    def name(self) -> str:
        return str(self.pick(self.levels))

    def pick(self, options: Sequence[Any]) -> Any:
        return _pick(self.draw, options)
