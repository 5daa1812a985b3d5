"""A compiled policy as data for the page's own implementation of the day's rules (rules.js), with one run's numbers in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.analysis.thresholds import threshold_lines
from sim.charts.style import phase_colours
from sim.draws import Block
from sim.machine import Machine, Model, Transition
from sim.numbers import Numbers
from sim.spec import guard
from sim.spec.policy import Policy
from sim.workshop.words import label
from sim.world import Quantity, Steps

Data = dict[str, Any]


def rules(model: Model, policy: Policy, seed: int, run: int) -> Data:
    """What rules.js needs to know of a policy: numbers as run `run` has them, guards as trees."""
    machine, numbers = model.machine, Numbers(seed, Block.plain(run, 1))

    def number(quantity: Quantity) -> float:
        return float(numbers(quantity)[0])

    return {
        "initial": machine.initial,
        "phases": [
            {**told, "min_stay": number(each.min_stay)} for told, each in zip(phases(policy), machine.phases, strict=True)
        ],
        "thresholds": {name: _threshold(policy, name, each, number) for name, each in machine.thresholds.items()},
        "transitions": [_transition(each, machine.thresholds, number) for each in machine.transitions],
        "lines": [[line.name, line.signpost] for line in threshold_lines(policy, machine, 1)],
        "defaults": {name: number(each) for name, each in model.defaults.items()},
    }


def phases(policy: Policy) -> list[Data]:
    """Lowest first: names, labels, colours."""
    colours = phase_colours(len(policy.phases))
    named = zip(policy.phases.items(), colours, strict=True)
    return [{"name": name, **label(name, each), "colour": colour} for (name, each), colour in named]


def _threshold(policy: Policy, name: str, steps: Steps, number: Any) -> Data:
    """How it is said, with its grade and facts: from its first day, and from each day on which it has another value."""
    told = policy.thresholds[name]
    rows = []
    for day, each, one in zip(steps.days, steps.values, told.numbers(name).values(), strict=True):
        value = number(each)
        rows.append([day, value, f"{name} {value:g} {told.unit} ({', '.join((one.grade, *one.evidence))})"])
    return {"text": rows[0][2] + (" …" if len(rows) > 1 else ""), "steps": rows}


def _transition(each: Transition, thresholds: Mapping[str, Any], number: Any) -> Data:
    names = guard.names(each.guard)
    return {
        "name": each.name,
        "leaves": [int(leaf) for leaf in each.leaves],
        "to": each.to,
        "guard": tree(each.guard),
        "text": each.text,
        "reads": [name for name in names if name not in thresholds],
        "against": [name for name in names if name in thresholds],
        **_held(each, number),
        "lag": number(each.lag),
        "revocable": each.revocable,
    }


def _held(each: Transition, number: Any) -> Data:
    """How long its guard must hold: so many days in a row, at least one, or on so many of so many."""
    return {"window": list(each.window)} if each.window else {"confirm": max(number(each.confirm), 1) if each.confirm else 1}


def tree(node: guard.Node) -> Any:
    """A guard as nested lists: what it is, then its parts; a number and a name stand for themselves. A comparison says itself
    that nothing is divided by zero in it, which makes it false as a whole (design §2.3)."""
    match node:
        case guard.Constant(value):
            return value
        case guard.Ref(name):
            return name
        case guard.Compare(operands, operators):
            sides = [tree(each) for each in operands]
            links = [_compared(operator, *sides[at : at + 2]) for at, operator in enumerate(operators)]
            links += [_compared("!=", tree(each), 0) for operand in operands for each in _divisors(operand)]
            return links[0] if len(links) == 1 else ["and", *links]
        case guard.Binary(operator, left, right):
            return [operator, tree(left), tree(right)]
        case guard.Call(function, arguments):
            return [function, *map(tree, arguments)]
        case guard.Negative(operand):
            return ["-", 0, tree(operand)]
        case guard.Not(operand):
            return ["not", tree(operand)]
        case guard.And(operands):
            return ["and", *map(tree, operands)]
        case guard.Or(operands):
            return ["or", *map(tree, operands)]


def _compared(operator: str, left: Any, right: Any) -> list[Any]:
    return ["not", ["==", left, right]] if operator == "!=" else [operator, left, right]


def _divisors(node: guard.Node) -> Iterator[guard.Node]:
    """All that is divided by, anywhere in an amount."""
    match node:
        case guard.Binary(operator, left, right):
            yield from (*_divisors(left), *_divisors(right), *([right] if operator == "/" else []))
        case guard.Call(_, arguments):
            for each in arguments:
                yield from _divisors(each)
        case guard.Negative(operand):
            yield from _divisors(operand)


def parts(data: Mapping[str, Any]) -> dict[str, Any]:
    """The rules cut into parts that a slider may change, each by its place."""
    found: dict[str, Any] = {}
    for key, each in data["thresholds"].items():
        found[f"thresholds/{key}"] = each
    for kind in ("phases", "transitions"):
        for index, each in enumerate(data[kind]):
            found |= {f"{kind}/{index}/{key}": value for key, value in each.items()}
    return found | {f"defaults/{key}": value for key, value in data["defaults"].items()}


def changes(stated: Mapping[str, Any], moved: Mapping[str, Any]) -> dict[str, Any]:
    """What differs between the rules as stated and with one number moved."""
    before = parts(stated)
    return {key: value for key, value in parts(moved).items() if before.get(key) != value}


def can_step_down(machine: Machine) -> bool:
    return any(any(each.leaves[each.to + 1 :]) for each in machine.transitions)
