"""Comparisons, values and ranges in the words of a finding."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sim.spec.guard import Binary, Call, Compare, Constant, Negative, Node, Ref, names
from sim.verify.domains import Domain
from sim.verify.setting import Setting


def text_of(node: Node) -> str:
    """A comparison or an expression, as it may be written."""
    match node:
        case Constant(value):
            return f"{value:g}"
        case Ref(name):
            return name
        case Negative(operand):
            return f"-{_inner(operand)}"
        case Binary(operator, left, right):
            return f"{_inner(left)} {operator} {_inner(right)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(text_of, arguments))})"
        case Compare(operands, operators):
            rest = (f" {operator} {text_of(each)}" for operator, each in zip(operators, operands[1:], strict=True))
            return text_of(operands[0]) + "".join(rest)
    raise TypeError(f"no comparison: {type(node).__name__}")


def _inner(node: Node) -> str:
    return f"({text_of(node)})" if isinstance(node, Binary) else text_of(node)


def ranges(nodes: Iterable[Node], domains: Mapping[str, Domain]) -> str:
    """`deployment_level 0 to 4, special_forces 0 to 1`: what the names of some conditions may be worth."""
    used = dict.fromkeys(name for node in nodes for name in names(node) if name in domains)
    return "; ".join(f"{_short(name)} {domains[name]}" for name in used)


def _short(path: str) -> str:
    """`thresholds.front_line.value` as its name."""
    return path.split(".")[1] if "." in path else path


def values_text(values: Mapping[str, float]) -> str:
    """`deployment_level 3, special_forces 0`, in as many digits as tell a number from its neighbours."""
    return ", ".join(f"{_short(name)} {repr(value).removesuffix('.0')}" for name, value in values.items())


def reach_premise(setting: Setting) -> str:
    """What worlds a search goes through, in a sentence or two."""
    seen = "; ".join(f"{name} {setting.domains[name]}" for name in setting.signposts)
    told = f"Each signpost may take any value that it can have, on any day: {seen}." if seen else "No guard uses a signpost."
    if setting.days is not None:
        return (
            f"{told} The scenario gives the bounds, the dates and the horizon of {times(setting.days, 'day')}, and not the path."
        )
    assumed = f" Day 0 is taken to be {setting.start}, the first date of a threshold." if setting.assumed_start else ""
    return f"{told} No scenario limits the days.{assumed}"


def times(count: int, one: str, many: str = "") -> str:
    """`1 rival reading`, `5 rival readings`"""
    return f"{count} {one if count == 1 else many or one + 's'}"
