"""What shows only when a policy meets a scenario."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.errors import Problem, quote, suggestion
from sim.load.dates import ascending
from sim.load.policy import PolicySource, bounds_of, used_names
from sim.load.scenario import ScenarioSource, start_of
from sim.load.table import Rows
from sim.spec.policy import ANY
from sim.spec.scenario import CsvPath, Scenario


def pair_problems(policy: PolicySource, scenario: ScenarioSource) -> Iterator[Problem]:
    yield from _reads(policy, scenario)
    yield from _phases(policy, scenario)
    for name, threshold in policy.spec.thresholds.items():
        if start := start_of(scenario):
            yield from ascending(policy, f"thresholds.{name}.dated", list(threshold.dated or ()), start)
            for rival, reading in threshold.rivals.items():
                yield from ascending(policy, f"thresholds.{name}.rivals.{rival}.dated", list(reading.dated or ()), start)


def signposts(scenario: Scenario) -> dict[str, str]:
    """Every signpost and the variable that it observes: those of the file, and the variables that none observes."""
    named = {name: signpost.observes or name for name, signpost in scenario.signposts.items()}
    return named | {name: name for name in scenario.variables if name not in named.values()}


def _reads(policy: PolicySource, scenario: ScenarioSource) -> Iterator[Problem]:
    known, called = signposts(scenario.spec), f"scenario {quote(scenario.spec.name)}"
    maybe = {*scenario.names("signposts"), *scenario.names("variables")} - known.keys() if scenario.broken else set()
    used = used_names(policy.spec)
    for name, read in policy.spec.reads.items():
        variable = scenario.spec.variables.get(known.get(name, ""))
        if name in known and variable and variable.unit != read.unit:
            units = f"{quote(read.unit)} here but in {quote(variable.unit)} in {called}"
            yield policy.problem(f"reads.{name}.unit", f"{quote(name)} is in {units}; the units must be the same")
        needed = name in used and read.default is None and scenario.whole("variables", "signposts")
        if needed and name not in known and name not in maybe:
            hint = suggestion(name, list(known))
            yield policy.at_key(
                f"reads.{name}", f"{called} has no signpost {quote(name)}; add one there or a default here; {hint}"
            )


def _phases(policy: PolicySource, scenario: ScenarioSource) -> Iterator[Problem]:
    phases = policy.names("phases")
    if not policy.whole("phases"):
        return
    for name, reaction in scenario.spec.reactions.items():
        path = f"reactions.{name}.while"
        node = scenario.node(path)
        for index, phase in enumerate(reaction.while_):
            if phase != ANY and phase not in phases:
                at = f"{path}.{index}" if node and isinstance(node.value, list) else path
                message = f"policy {quote(policy.spec.name)} has no phase {quote(phase)}; {suggestion(phase, [*phases])}"
                yield scenario.problem(at, message)


def pair_warnings(policy: PolicySource, scenario: ScenarioSource, tables: Mapping[str, Rows]) -> Iterator[Problem]:
    """Values of the world outside the range that the policy's static checks go by."""
    known = signposts(scenario.spec)
    for name, read in policy.spec.reads.items():
        bounds = bounds_of(read)
        variable = scenario.spec.variables.get(known.get(name, ""))
        signpost = scenario.spec.signposts.get(name)
        if not bounds or not variable or (signpost and signpost.change):
            continue
        for when, value in _values(variable.path, tables.get(known[name], ())):
            if not bounds[0] <= value <= bounds[1]:
                where = f"{value:g} on {when} in scenario {quote(scenario.spec.name)}"
                yield policy.problem(f"reads.{name}.range", f"{where} lies outside the range {bounds[0]:g} to {bounds[1]:g}")
                break


def _values(path: object, rows: Rows) -> list[tuple[str, float]]:
    if isinstance(path, CsvPath):
        return [(day.isoformat(), value) for day, value in rows]
    assert isinstance(path, dict)
    return [(when, number.fixed) for when, number in path.items() if number.fixed is not None]
