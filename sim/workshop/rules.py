"""A compiled policy as data for the page's own implementation of the day's rules (rules.js), with one run's numbers in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.draws import Block
from sim.machine import Machine, Model, Transition
from sim.numbers import Numbers
from sim.spec import guard
from sim.spec.policy import Policy
from sim.world import Quantity, Steps

Data = dict[str, Any]


def rules(model: Model, policy: Policy, seed: int, run: int) -> Data:
    """What rules.js needs to know of a policy: numbers as run `run` has them, guards as trees."""
    machine, numbers = model.machine, Numbers(seed, Block.plain(run, 1))

    def number(quantity: Quantity) -> float:
        return float(numbers(quantity)[0])

    return {
        "initial": machine.initial,
        "phases": [{"name": each.name, "label": each.label, "min_stay": number(each.min_stay)} for each in machine.phases],
        "thresholds": {name: _threshold(policy, name, each, number) for name, each in machine.thresholds.items()},
        "transitions": [_transition(each, number) for each in machine.transitions],
        "defaults": {name: number(each) for name, each in model.defaults.items()},
    }


def _threshold(policy: Policy, name: str, steps: Steps, number: Any) -> Data:
    told = policy.thresholds[name]
    graded = list(told.numbers(name).values())
    values = [
        [day, number(each), one.grade, list(one.evidence)]
        for day, each, one in zip(steps.days, steps.values, graded, strict=True)
    ]
    return {"unit": told.unit, "steps": values}


def _transition(each: Transition, number: Any) -> Data:
    return {
        "name": each.name,
        "leaves": [int(leaf) for leaf in each.leaves],
        "to": each.to,
        "guard": tree(each.guard),
        "text": each.text,
        "confirm": None if each.confirm is None else number(each.confirm),
        "window": None if each.window is None else list(each.window),
        "lag": number(each.lag),
        "revocable": each.revocable,
    }


def tree(node: guard.Node) -> list[Any]:
    """A guard as nested lists: what it is, then its parts. A comparison says itself that nothing is divided by zero in it, which
    makes it false as a whole (design §2.3)."""
    match node:
        case guard.Constant(value):
            return ["number", value]
        case guard.Ref(name):
            return ["name", name]
        case guard.Compare(operands, operators):
            sides = [tree(each) for each in operands]
            links = [[operator, *sides[at : at + 2]] for at, operator in enumerate(operators)]
            links += [["!=", tree(each), ["number", 0]] for operand in operands for each in _divisors(operand)]
            return links[0] if len(links) == 1 else ["and", *links]
        case guard.Binary(operator, left, right):
            return [operator, tree(left), tree(right)]
        case guard.Call(function, arguments):
            return [function, *map(tree, arguments)]
        case guard.Negative(operand):
            return ["minus", tree(operand)]
        case guard.Not(operand):
            return ["not", tree(operand)]
        case guard.And(operands):
            return ["and", *map(tree, operands)]
        case guard.Or(operands):
            return ["or", *map(tree, operands)]


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
