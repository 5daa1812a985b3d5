"""How many numbers of a policy on a scenario have which grade (design §2.1): those that shape its runs.

Not counted: the horizon, bounds, ranges, rival readings, thresholds that no guard uses, and a default that the scenario does
not need.
"""

from __future__ import annotations

from collections.abc import Iterator

from sim.spec import guard
from sim.spec.policy import Policy
from sim.spec.scenario import CsvPath, Scenario
from sim.spec.values import numbers


def policy_grades(policy: Policy) -> Iterator[tuple[str, str]]:
    """(dotted path, grade) of each number that the policy's file writes; one written into a guard is assumed."""
    trees = {name: guard.parse(each.when) for name, each in policy.transitions.items()}
    used = {ref for tree in trees.values() for ref in guard.names(tree)}
    yield from ((f"transitions.{name}.when", "assumed") for name, tree in trees.items() for _ in guard.constants(tree))
    for name, threshold in ((name, each) for name, each in policy.thresholds.items() if name in used):
        yield from ((path, number.grade) for path, number in threshold.numbers(f"thresholds.{name}").items())
    for path, number in numbers(policy):
        if path.split(".")[0] not in ("reads", "thresholds"):
            yield path, number.grade


def default_grades(policy: Policy, scenario: Scenario) -> Iterator[tuple[str, str]]:
    """Defaults that stand in for a signpost that the scenario lacks: reported as assumed."""
    observed = {each.observes or name for name, each in scenario.signposts.items()}
    seen = {*scenario.signposts, *(scenario.variables.keys() - observed)}
    for name, read in policy.reads.items():
        if read.default is not None and name not in seen:
            yield f"reads.{name}.default", "assumed"


def scenario_grades(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """(dotted path, grade) of each number that the scenario's file writes; a csv counts as one."""
    for path, number in numbers(scenario):
        parts = path.split(".")
        if parts[0] != "days" and not (parts[0] == "variables" and parts[2] == "bounds"):
            yield path, number.grade
    for name, variable in scenario.variables.items():
        if isinstance(variable.path, CsvPath):
            yield f"variables.{name}.path", variable.path.grade
