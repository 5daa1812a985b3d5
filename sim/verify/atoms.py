"""Comparisons of a guard: which of them finitely many values decide, and at which values their truth may change."""

from __future__ import annotations

import itertools
import math
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.spec.guard import (
    And,
    Arithmetic,
    Binary,
    Call,
    Compare,
    Condition,
    Constant,
    Negative,
    Node,
    Not,
    Or,
    Ref,
    children,
    names,
)
from sim.verify.domains import FAR, Domain

MOST_SUBSTITUTED = 200
"""Values of other names that are put into a comparison, one after the other, to find where its truth changes."""


def resolved(node: Node, known: Mapping[str, Arithmetic]) -> Node:
    """The tree with some names replaced: thresholds by their numbers, or by the dotted paths of drawn ones."""
    match node:
        case Ref(name):
            return known.get(name, node)
        case Negative(operand, at):
            return Negative(_sum(operand, known), at)
        case Binary(operator, left, right, at):
            return Binary(operator, _sum(left, known), _sum(right, known), at)
        case Call(function, arguments, at):
            return Call(function, tuple(_sum(each, known) for each in arguments), at)
        case Compare(operands, operators, at):
            return Compare(tuple(_sum(each, known) for each in operands), operators, at)
        case Not(operand, at):
            return Not(condition(operand, known), at)
        case And(operands, at):
            return And(tuple(condition(each, known) for each in operands), at)
        case Or(operands, at):
            return Or(tuple(condition(each, known) for each in operands), at)
    return node


def condition(node: Condition, known: Mapping[str, Arithmetic]) -> Condition:
    found = resolved(node, known)
    assert isinstance(found, Compare | Not | And | Or)
    return found


def _sum(node: Arithmetic, known: Mapping[str, Arithmetic]) -> Arithmetic:
    found = resolved(node, known)
    assert not isinstance(found, Compare | Not | And | Or)
    return found


def comparisons(node: Node) -> Iterator[Compare]:
    """Every comparison in a guard, in the order of the text."""
    if isinstance(node, Compare):
        yield node
        return
    for child in children(node):
        yield from comparisons(child)


@dataclass(frozen=True)
class Atom:
    """A comparison, and how finitely many values decide it."""

    compare: Compare
    together: tuple[str, ...] = ()
    """names whose order among each other matters"""
    cuts: Mapping[str, tuple[float, ...]] | None = None
    """per name, the values at which its truth may change; None: it is not decided"""


def atom_of(compare: Compare, domains: Mapping[str, Domain]) -> Atom:
    """How a comparison over these names is decided.

    Comparisons of names, numbers, min, max and medians of odd counts depend on the order of these only. Names with few values
    are gone through. What is left may be any arithmetic of one name, as long as it rises or falls piece by piece.
    """
    used = names(compare)
    if all(map(_is_ordered, compare.operands)):
        numbers = tuple(number for each in compare.operands for number in _numbers(each))
        return Atom(compare, used, dict.fromkeys(used, numbers))
    open_ = [name for name in used if domains[name].values is None]
    others = [name for name in used if name not in open_]
    if not open_:
        return Atom(compare, (), {})
    ways = math.prod(len(domains[name].values or ()) for name in others)
    if len(open_) > 1 or ways > MOST_SUBSTITUTED:
        return Atom(compare)
    found: set[float] = set()
    for values in itertools.product(*(domains[name].values or () for name in others)):
        put = resolved(compare, {name: Constant(value) for name, value in zip(others, values, strict=True)})
        assert isinstance(put, Compare)
        cuts = _cuts(put, open_[0], domains[open_[0]])
        if cuts is None:
            return Atom(compare)
        found |= cuts
    return Atom(compare, (), {open_[0]: tuple(found)})


def _is_ordered(node: Arithmetic) -> bool:
    """A name, a number, or one of several of these."""
    match node:
        case Ref() | Constant():
            return True
        case Call(function, arguments) if function in ("min", "max") or (function == "median" and len(arguments) % 2):
            return all(map(_is_ordered, arguments))
    return not names(node) and _number(node) is not None


def _numbers(node: Arithmetic) -> Iterator[float]:
    if not names(node):
        value = _number(node)
        if value is not None:
            yield value
    elif isinstance(node, Call):
        for each in node.arguments:
            yield from _numbers(each)


def _number(node: Arithmetic) -> float | None:
    """What an expression without names is worth; None where it divides by zero."""
    try:
        return amount(node, {})
    except ZeroDivisionError:
        return None


def amount(node: Arithmetic, values: Mapping[str, float]) -> float:
    """An expression in double precision. Raises ZeroDivisionError."""
    match node:
        case Constant(value):
            return value
        case Ref(name):
            return values[name]
        case Negative(operand):
            return -amount(operand, values)
        case Binary(sign, left, right):
            a, b = amount(left, values), amount(right, values)
            return a + b if sign == "+" else a - b if sign == "-" else a * b if sign == "*" else a / b
        case Call("abs", arguments):
            return abs(amount(arguments[0], values))
        case Call(function, arguments):
            ranked = sorted(amount(each, values) for each in arguments)
    half = len(ranked) // 2
    middle = ranked[half] if len(ranked) % 2 else (ranked[half - 1] + ranked[half]) / 2.0
    return ranked[0] if function == "min" else ranked[-1] if function == "max" else middle


# arithmetic of one name: pieces on which it rises or falls, and the very numbers at which a comparison changes -----------------


def _cuts(compare: Compare, name: str, domain: Domain) -> set[float] | None:
    """Neighbouring numbers between which the truth changes; None where an expression neither rises nor falls by pieces.

    Rounding keeps order, so that a sum of rising parts never falls, and bisection finds the exact double at which it crosses.
    """
    low, high = max(domain.low, -FAR), min(domain.high, FAR)
    cuts = {low, high}
    for operand in compare.operands:
        if not _bend(operand, name, cuts):
            return None
    for left, right in itertools.pairwise(compare.operands):
        crossings: set[float] = set()
        for start, end in itertools.pairwise(sorted(cuts)):
            ways = _way(left, name, start, end), _way(right, name, start, end)
            if None in ways or (0 not in (ways[0], ways[1]) and ways[0] == ways[1]):
                return None
            crossings |= _crossings(_difference(left, right, name), start, end)
        cuts |= crossings
    return {cut for cut in cuts if abs(cut) < FAR}


def _difference(left: Arithmetic, right: Arithmetic, name: str) -> Callable[[float], int]:
    """−1, 0 or 1: how two expressions compare; 2 where one of them divides by zero."""

    def sign(value: float) -> int:
        try:
            a, b = amount(left, {name: value}), amount(right, {name: value})
        except ZeroDivisionError:
            return 2
        return (a > b) - (a < b)

    return sign


def _bend(node: Arithmetic, name: str, cuts: set[float]) -> bool:
    """Add where the parts whose sign decides the way change their sign. False: that cannot be told."""
    for child in children(node):
        assert not isinstance(child, Compare | Not | And | Or)
        if not _bend(child, name, cuts):
            return False
    turning = node.arguments[0] if isinstance(node, Call) and node.function == "abs" else None
    if isinstance(node, Binary) and node.operator == "/":
        turning = node.right
    if turning is None or name not in names(turning):
        return True
    found: set[float] = set()
    for start, end in itertools.pairwise(sorted(cuts)):
        if _way(turning, name, start, end) is None:
            return False
        found |= _crossings(_difference(turning, Constant(0.0), name), start, end)
    cuts |= found
    return True


def _way(node: Arithmetic, name: str, start: float, end: float) -> int | None:
    """Between two neighbouring cuts: 1 does not fall, −1 does not rise, 0 is constant, None is not known."""
    if name not in names(node):
        return 0
    match node:
        case Ref():
            return 1
        case Negative(operand):
            return _times(-1, _way(operand, name, start, end))
        case Call("abs", arguments):
            return _times(_side(arguments[0], name, start, end), _way(arguments[0], name, start, end))
        case Call(_, arguments):
            return _joint([_way(each, name, start, end) for each in arguments])
        case Binary("+", left, right):
            return _joint([_way(left, name, start, end), _way(right, name, start, end)])
        case Binary("-", left, right):
            return _joint([_way(left, name, start, end), _times(-1, _way(right, name, start, end))])
        case Binary("*", left, right):
            factor, other = (left, right) if name not in names(left) else (right, left)
            sign = None if name in names(factor) else _side(factor, name, start, end)
            return _times(sign or None, _way(other, name, start, end))  # 0 times infinity is no number
        case Binary("/", left, right) if name not in names(right):
            return _times(_side(right, name, start, end), _way(left, name, start, end))
        case Binary("/", left, right) if name not in names(left):
            return _times(_side(left, name, start, end), _times(-1, _way(right, name, start, end)))
    return None


def _times(sign: int | None, way: int | None) -> int | None:
    return None if sign is None or way is None else sign * way


def _joint(ways: Sequence[int | None]) -> int | None:
    known = {way for way in ways if way != 0}
    if not known:
        return 0
    return known.pop() if len(known) == 1 else None


def _side(node: Arithmetic, name: str, start: float, end: float) -> int | None:
    """The sign of an expression that does not change it between two neighbouring cuts, taken well inside."""
    inside = _between(start, end)
    try:
        value = amount(node, {name: inside})
    except ZeroDivisionError:
        return 0
    return (value > 0) - (value < 0)


def _between(start: float, end: float) -> float:
    return _from_rank((_rank(start) + _rank(end)) // 2)


def _crossings(sign: Callable[[float], int], start: float, end: float) -> set[float]:
    """The neighbouring doubles between which a sign changes that only rises or only falls, at most two changes."""
    found: set[float] = set()
    stack = [(_rank(start), _rank(end))]
    while stack:
        low, high = stack.pop()
        first, last = sign(_from_rank(low)), sign(_from_rank(high))
        if first == last:
            continue
        if high - low == 1:
            found |= {_from_rank(low), _from_rank(high)}
            continue
        middle = (low + high) // 2
        stack += [(low, middle), (middle, high)]
    return found


def _rank(value: float) -> int:
    """Doubles in their order, as whole numbers without gaps."""
    bits: int = struct.unpack("<q", struct.pack("<d", value + 0.0))[0]
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _from_rank(rank: int) -> float:
    bits = rank if rank >= 0 else -rank | -0x8000000000000000
    value: float = struct.unpack("<d", struct.pack("<q", bits))[0]
    return value + 0.0
