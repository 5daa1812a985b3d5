"""What must hold between the parts of a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sim.errors import Problem, quote, unknown_name
from sim.load import moves, numbers
from sim.load.dates import ascending
from sim.load.source import Source
from sim.spec.guard import RESERVED
from sim.spec.scenario import CsvPath, Inject, Reaction, Scenario, Signpost, Variable
from sim.spec.values import Number, Numeric, day_of

ScenarioSource = Source[Scenario]
_LAST = dt.date(9899, 12, 31).toordinal()
"""The last day that a run may have."""
MOST = {"variables": 100, "signposts": 100, "injects": 10_000}
"""Entries of a section, those of the files that it extends among them."""


def scenario_problems(source: ScenarioSource) -> Iterator[Problem]:
    yield from numbers.span(source, "days", source.spec.days, 1)
    yield from _horizon(source)
    for section, most in MOST.items():
        yield from source.at_most(section, most)
    for section in ("variables", "signposts"):
        for name in source.names(section):
            if name in RESERVED:
                yield source.at_key(f"{section}.{name}", f"{quote(name)} is a word of the guard language; choose another name")
    for name, variable in source.spec.variables.items():
        yield from _variable(source, f"variables.{name}", variable)
    for name, signpost in source.spec.signposts.items():
        yield from _signpost(source, name, signpost)
    yield from _shared(source)
    for name, inject in source.spec.injects.items():
        yield from _inject(source, f"injects.{name}", inject)
    yield from _two_sets(source)
    for name, reaction in source.spec.reactions.items():
        yield from _reaction(source, f"reactions.{name}", reaction)


def scenario_warnings(source: ScenarioSource) -> Iterator[Problem]:
    for name, variable in source.spec.variables.items():
        yield from moves.warnings(source, f"variables.{name}", variable)


def _horizon(source: ScenarioSource) -> Iterator[Problem]:
    """Every day of the run has a date, and so has the end of a wait that goes on beyond it."""
    days = source.spec.days.fixed or 0
    if source.whole("start", "days") and days <= numbers.MOST_DAYS and source.spec.start.toordinal() + days - 1 > _LAST:
        yield source.problem("days", f"the run must end before the year 9900; it begins on {source.spec.start}")


def start_of(source: ScenarioSource) -> dt.date | None:
    return source.spec.start if source.whole("start") else None


def bounds_of(variable: Variable) -> tuple[float, float] | None:
    low, high = (each.fixed for each in variable.bounds) if variable.bounds else (None, None)
    return None if low is None or high is None else (low, high)


def _variable(source: ScenarioSource, path: str, variable: Variable) -> Iterator[Problem]:
    for index, bound in enumerate(variable.bounds or ()):
        yield from numbers.plain(source, f"{path}.bounds.{index}", bound, variable.unit)
    bounds = bounds_of(variable)
    if bounds and bounds[0] > bounds[1]:
        yield source.problem(f"{path}.bounds", f"low must not be above high, got [{bounds[0]:g}, {bounds[1]:g}]")
        bounds = None
    if not isinstance(variable.path, CsvPath):
        yield from ascending(source, f"{path}.path", list(variable.path), start_of(source))
        for when, number in variable.path.items():
            yield from _level(source, f"{path}.path.{when}", number, variable)
    for name, move in variable.moves.items():
        yield from moves.problems(source, f"{path}.moves.{name}", move, variable, bounds)


def _level(source: ScenarioSource, path: str, number: Number, variable: Variable) -> Iterator[Problem]:
    """A value of a variable: in its unit and, where it is fixed, inside its bounds."""
    yield from numbers.plain(source, path, number, variable.unit)
    bounds = bounds_of(variable)
    if bounds and bounds[0] <= bounds[1] and number.fixed is not None and not bounds[0] <= number.fixed <= bounds[1]:
        yield source.problem(path, f"must lie inside the bounds {bounds[0]:g} to {bounds[1]:g}, got {number.fixed:g}")


def _known(source: ScenarioSource, path: str, name: str) -> Iterator[Problem]:
    if source.whole("variables") and name not in source.names("variables"):
        yield source.at_key(path, unknown_name("variable", name, [*source.names("variables")]))


def _signpost(source: ScenarioSource, name: str, signpost: Signpost) -> Iterator[Problem]:
    path, observed = f"signposts.{name}", signpost.observes or name
    at = f"{path}.observes" if signpost.observes else path
    if source.whole("variables") and observed not in source.names("variables"):
        yield source.problem(at, unknown_name("variable", observed, [*source.names("variables")]))
    if observed != name and name in source.names("variables"):
        yield source.at_key(path, f"{quote(name)} is a variable, but this signpost observes {quote(observed)}; rename it")
    variable = source.spec.variables.get(observed)
    yield from numbers.span(source, f"{path}.delay", signpost.delay)
    yield from numbers.span(source, f"{path}.change", signpost.change, 1)
    if variable:
        yield from numbers.plain(source, f"{path}.bias", signpost.bias, variable.unit)
    yield from _error(source, f"{path}.error", signpost)
    yield from _smooth(source, f"{path}.smooth", signpost)


def _error(source: ScenarioSource, path: str, signpost: Signpost) -> Iterator[Problem]:
    if signpost.error:
        yield from numbers.plain(source, f"{path}.sd", signpost.error.sd, None, least=0)
        yield from numbers.plain(source, f"{path}.log_sd", signpost.error.log_sd, None, least=0)
        yield from numbers.memory(source, f"{path}.memory", signpost.error.memory)


def _smooth(source: ScenarioSource, path: str, signpost: Signpost) -> Iterator[Problem]:
    if signpost.smooth:
        yield from numbers.span(source, f"{path}.mean", signpost.smooth.mean, 1)
        yield from numbers.plain(source, f"{path}.ewma", signpost.smooth.ewma, None, least=0, most=1)
        if signpost.smooth.ewma and signpost.smooth.ewma.fixed == 0:
            yield source.problem(f"{path}.ewma", "must be above 0, got 0")


def _shared(source: ScenarioSource) -> Iterator[Problem]:
    """Errors that several signposts share must fade alike."""
    first: dict[str, tuple[str, Numeric]] = {}
    for name, signpost in source.spec.signposts.items():
        if not signpost.error or not signpost.error.shared:
            continue
        memory = signpost.error.memory
        other, wanted = first.setdefault(signpost.error.shared, (name, memory))
        if (memory.fixed, memory.distribution, memory.scale) != (wanted.fixed, wanted.distribution, wanted.scale) and (
            memory.fixed is None or memory.fixed != wanted.fixed
        ):
            message = f"must be the memory of {quote(other)}, which shares the error {quote(signpost.error.shared)}"
            yield source.problem(f"signposts.{name}.error.memory", message)


def _inject(source: ScenarioSource, path: str, inject: Inject) -> Iterator[Problem]:
    days = source.spec.days.fixed
    if source.whole("start", "days") and days and days > 0:
        day = day_of(inject.on, source.spec.start)
        if not 0 <= day < days:
            last = source.spec.start + dt.timedelta(days=min(int(days), 10**6) - 1)
            message = f"must lie inside the run, {source.spec.start} to {last}, got {quote(inject.on)}"
            yield source.problem(f"{path}.on", message)
    for field, changes in (("set", inject.set), ("add", inject.add)):
        for name, number in changes.items():
            at = f"{path}.{field}.{name}"
            yield from _known(source, at, name)
            if name in source.spec.variables:
                yield from _change(source, at, field, number, source.spec.variables[name])
    yield from _noise(source, path, inject)


def _noise(source: ScenarioSource, path: str, inject: Inject) -> Iterator[Problem]:
    """Factors of the errors of signposts that have one."""
    for name, number in inject.noise.items():
        at = f"{path}.noise.{name}"
        yield from numbers.plain(source, at, number, None, least=0)
        if not source.whole("signposts"):
            continue
        signpost = source.spec.signposts.get(name)
        if signpost is None and name not in source.names("signposts"):
            yield source.at_key(at, unknown_name("signpost", name, [*source.names("signposts")]))
        elif signpost and signpost.error is None:
            yield source.at_key(
                at, f"{quote(name)} has no error that could be larger or smaller; give it one, such as error: {{sd: 0.5}}"
            )


def _change(source: ScenarioSource, path: str, field: str, number: Number, variable: Variable) -> Iterator[Problem]:
    if field == "set":
        yield from _level(source, path, number, variable)
    else:
        yield from numbers.plain(source, path, number, variable.unit)


def _two_sets(source: ScenarioSource) -> Iterator[Problem]:
    if not source.whole("start"):
        return
    seen: dict[tuple[str, str, int], str] = {}
    for name, inject in source.spec.injects.items():
        day = day_of(inject.on, source.spec.start)
        for field, changes, verb in (("set", inject.set, "sets"), ("noise", inject.noise, "sets the noise of")):
            for each in changes:
                other = seen.setdefault((field, each, day), name)
                if other != name:
                    message = f"{quote(other)} {verb} {quote(each)} on the same day; one {field} a day"
                    yield source.at_key(f"injects.{name}.{field}.{each}", message)


def _reaction(source: ScenarioSource, path: str, reaction: Reaction) -> Iterator[Problem]:
    yield from numbers.span(source, f"{path}.after", reaction.after)
    for name, push in reaction.push.items():
        at = f"{path}.push.{name}"
        yield from _known(source, at, name)
        if name in source.spec.variables:
            yield from numbers.rate(source, at, push, source.spec.variables[name].unit)
