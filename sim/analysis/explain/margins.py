"""How far each comparison of a guard was from turning, day by day: as observed and as it truly was."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from sim.draws import Floats
from sim.spec import guard
from sim.spec.guard import Unit

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Values = Mapping[str, Floats]
"""What guards may name: (days,) each."""


@dataclass(frozen=True)
class Sides:
    """Both sides of a comparison, (days,) each.

    `margin` is how far it was from turning, in the unit of its sides: left − right for > and >=, right − left for < and <=, minus
    the distance for ==, the distance for !=. It is positive where the comparison held and negative where it did not; at 0 the
    operator says (3 >= 3 holds, 3 > 3 does not). −∞ where something in it divides by zero: it does not hold, whatever the rest.
    """

    left: Floats
    right: Floats
    margin: Floats
    held: Bools
    divides_by_zero: Bools


@dataclass(frozen=True)
class Comparison:
    """Two neighbouring sides in a guard."""

    text: str
    unit: str | None
    """of both sides; None for a bare number"""
    scale: float
    """what its margin is counted in beside comparisons of other units: the range of its signposts, or the spread of its margin"""
    names: tuple[str, ...]
    """the signposts and thresholds in it, in the order of the text"""
    negated: bool
    """under `not`: it works in the guard's favour where it does not hold"""
    seen: Sides
    true: Sides


@dataclass(frozen=True)
class Verdict:
    """A guard as a whole, (days,) each. Its margin is that of the comparison that decided."""

    margin: Floats
    share: Floats
    """the margin as compared with others: in the unit that all share, or in shares of each one's scale"""
    held: Bools
    decided_by: Ints
    """index of the comparison"""


@dataclass(frozen=True)
class Margins:
    """A guard over the days of a run."""

    comparisons: tuple[Comparison, ...]
    seen: Verdict
    true: Verdict
    mixed: bool
    """its comparisons are in several units, so that the deciding one is chosen by shares of their scales"""


@dataclass(frozen=True)
class Known:
    """What the guards of a run could name, by day, and what each name is."""

    seen: Values
    """signposts as observed, thresholds, `days_in_phase`"""
    true: Values
    """the same, with the exact value of each signpost on the day"""
    units: Mapping[str, Unit]
    ranges: Mapping[str, float]
    """of each signpost, and of `days_in_phase`: from its least to its greatest value"""


def margins(condition: guard.Condition, known: Known) -> Margins:
    """Every comparison of a guard, and which of them decided on each day."""
    leaves = [*_leaves(condition, negated=False)]
    comparisons = tuple(_comparison(chain, index, negated, known) for chain, index, negated in leaves)
    mixed = len({each.unit for each in comparisons if each.unit}) > 1
    numbers = {(id(chain), index): at for at, (chain, index, _) in enumerate(leaves)}
    seen, true = (_verdict(condition, comparisons, numbers, mixed, side) for side in ("seen", "true"))
    return Margins(comparisons, seen, true, mixed)


# One comparison ------------------------------------------------------------------------------------------------------------


def _leaves(node: guard.Condition, *, negated: bool) -> Iterator[tuple[guard.Compare, int, bool]]:
    """(comparison, which neighbouring pair of it, whether it stands under an odd number of `not`)."""
    match node:
        case guard.Not(operand):
            yield from _leaves(operand, negated=not negated)
        case guard.And(operands) | guard.Or(operands):
            for each in operands:
                yield from _leaves(each, negated=negated)
        case guard.Compare(_, operators):
            yield from ((node, index, negated) for index in range(len(operators)))


def _comparison(chain: guard.Compare, index: int, negated: bool, known: Known) -> Comparison:
    left, right = chain.operands[index : index + 2]
    operator = chain.operators[index]
    seen = _sides(chain, index, known.seen)
    names = tuple(dict.fromkeys((*guard.names(left), *guard.names(right))))
    unit = unit_of(left, known.units) or unit_of(right, known.units)
    return Comparison(
        f"{worded(left)} {operator} {worded(right)}",
        unit,
        widest(names, unit, known.ranges, known.units) or spread(seen.margin),
        names,
        negated,
        seen,
        _sides(chain, index, known.true),
    )


def widest(names: Iterable[str], unit: str | None, ranges: Mapping[str, float], units: Mapping[str, Unit]) -> float:
    """The widest range of the signposts that have a unit; 0 where none has."""
    return max((ranges[name] for name in names if name in ranges and units.get(name) == unit), default=0.0)


def spread(values: Floats) -> float:
    """From the least to the greatest; 1 where they do not differ."""
    finite = values[np.isfinite(values)]
    return float(np.ptp(finite)) or 1.0 if finite.size else 1.0


def _sides(chain: guard.Compare, index: int, values: Values) -> Sides:
    """A division by zero anywhere in a chain makes each pair of it false."""
    days = max(each.size for each in values.values())
    undefined: list[Bools] = []
    amounts = [np.broadcast_to(amount(each, values, undefined), (days,)) for each in chain.operands]
    divides = np.broadcast_to(reduce(np.logical_or, undefined, np.zeros(1, np.bool_)), (days,))
    left, right = amounts[index], amounts[index + 1]
    held = _COMPARE[chain.operators[index]](left, right) & ~divides
    with np.errstate(all="ignore"):
        margin = np.where(left == right, 0.0, _margin(chain.operators[index], left, right))
    undecided = divides | np.isnan(margin)
    return Sides(left, right, np.where(undecided, np.where(held, math.inf, -math.inf), margin), held, divides)


_COMPARE: Mapping[str, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}


def _margin(operator: str, left: Floats, right: Floats) -> Floats:
    match operator:
        case ">" | ">=":
            return left - right
        case "<" | "<=":
            return right - left
        case "==":
            return -np.abs(left - right)
    return np.abs(left - right)


def amount(node: guard.Arithmetic, values: Values, undefined: list[Bools]) -> Floats:
    """The value of an expression, by day; where it divides by zero is added to the list."""
    with np.errstate(all="ignore"):
        match node:
            case guard.Constant(value):
                return np.array([value])
            case guard.Ref(name):
                return values[name]
            case guard.Negative(operand):
                return -amount(operand, values, undefined)
            case guard.Binary(operator, left, right):
                return _binary(operator, amount(left, values, undefined), amount(right, values, undefined), undefined)
            case guard.Call(function, arguments):
                return _call(function, [amount(each, values, undefined) for each in arguments])


def _binary(operator: str, left: Floats, right: Floats, undefined: list[Bools]) -> Floats:
    match operator:
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
    undefined.append(right == 0)
    return left / right


def _call(function: str, arguments: Sequence[Floats]) -> Floats:
    if function == "abs":
        return np.abs(arguments[0])
    rows = np.stack(np.broadcast_arrays(*arguments))
    if function in ("min", "max"):
        least: Floats = rows.min(axis=0) if function == "min" else rows.max(axis=0)
        return least
    ranked, half = np.sort(rows, axis=0), len(rows) // 2
    middle = ranked[half] if len(rows) % 2 else (ranked[half - 1] + ranked[half]) / 2
    return np.where(np.isnan(rows).any(axis=0), math.nan, middle)  # what is made of an undefined value is undefined


# A guard as a whole --------------------------------------------------------------------------------------------------------


def _verdict(
    condition: guard.Condition, comparisons: Sequence[Comparison], numbers: Mapping[tuple[int, int], int], mixed: bool, side: str
) -> Verdict:
    def leaf(chain: guard.Compare, index: int) -> Verdict:
        at = numbers[id(chain), index]
        sides: Sides = getattr(comparisons[at], side)
        share = sides.margin / comparisons[at].scale if mixed else sides.margin
        return Verdict(sides.margin, share, sides.held, np.full(sides.held.shape, at))

    def whole(node: guard.Condition) -> Verdict:
        match node:
            case guard.Not(operand):
                inner = whole(operand)
                return Verdict(-inner.margin, -inner.share, ~inner.held, inner.decided_by)
            case guard.And(operands):
                return reduce(_least, map(whole, operands))
            case guard.Or(operands):
                return reduce(_greatest, map(whole, operands))
            case guard.Compare(_, operators):
                return reduce(_least, [leaf(node, index) for index in range(len(operators))])

    return whole(condition)


def _least(one: Verdict, other: Verdict) -> Verdict:
    """Of an `and`: the least margin decides; of two that are equal, one that does not hold."""
    return _chosen(one, other, (other.share < one.share) | ((other.share == one.share) & one.held & ~other.held))


def _greatest(one: Verdict, other: Verdict) -> Verdict:
    """Of an `or`: the greatest margin decides; of two that are equal, one that holds."""
    return _chosen(one, other, (other.share > one.share) | ((other.share == one.share) & other.held & ~one.held))


def _chosen(one: Verdict, other: Verdict, of_other: Bools) -> Verdict:
    return Verdict(
        np.where(of_other, other.margin, one.margin),
        np.where(of_other, other.share, one.share),
        np.where(of_other, other.held, one.held),
        np.where(of_other, other.decided_by, one.decided_by),
    )


# Words and units -----------------------------------------------------------------------------------------------------------

_BINDS = {"+": 1, "-": 1, "*": 2, "/": 2}


def worded(node: guard.Arithmetic, binding: int = 0) -> str:
    """An expression as text, with no more brackets than it needs."""
    match node:
        case guard.Constant(value):
            return f"{value:.10g}"
        case guard.Ref(name):
            return name
        case guard.Negative(operand):
            return f"-{worded(operand, 3)}"
        case guard.Call(function, arguments):
            return f"{function}({', '.join(worded(each) for each in arguments)})"
        case guard.Binary(operator, left, right):
            binds = _BINDS[operator]
            text = f"{worded(left, binds)} {operator} {worded(right, binds + 1)}"
            return f"({text})" if binds < binding else text


def unit_of(node: guard.Arithmetic, units: Mapping[str, Unit]) -> Unit:
    """The unit of an expression that was checked; None for a bare number."""
    match node:
        case guard.Ref(name):
            return units.get(name)
        case guard.Constant():
            return None
        case guard.Binary("/", left, right):
            above, below = unit_of(left, units), unit_of(right, units)
            return None if above == below else above if below is None else f"1/{below}"
    return next((unit for unit in (unit_of(each, units) for each in _parts(node)) if unit), None)


def _parts(node: guard.Arithmetic) -> tuple[guard.Arithmetic, ...]:
    match node:
        case guard.Negative(operand):
            return (operand,)
        case guard.Binary(_, left, right):
            return (left, right)
        case guard.Call(_, arguments):
            return arguments
    return ()
