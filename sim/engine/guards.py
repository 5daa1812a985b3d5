"""Guards evaluated for all runs of a block at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.draws import Floats
from sim.spec import guard

Truth = NDArray[np.bool_]

_COMPARE: dict[str, np.ufunc] = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "==": np.equal,
    "!=": np.not_equal,
}
_BINARY: dict[str, np.ufunc] = {"+": np.add, "-": np.subtract, "*": np.multiply}


Values = Mapping[str, Floats]
Guard = Callable[[Values], Truth]
"""Where a condition is true: shape (1,) or (runs,), as wide as the widest value it uses."""
_Amount = Callable[[Values, list[Truth]], Floats]
"""The value of an expression; where it divides by zero is added to the list."""


def compiled(condition: guard.Condition) -> Guard:
    """The condition as a function of the day's values, so that its tree is walked once and not every day."""
    match condition:
        case guard.Not(operand):
            inner = compiled(operand)
            return lambda values: ~inner(values)
        case guard.And(operands):
            return _joined([compiled(each) for each in operands], np.logical_and)
        case guard.Or(operands):
            return _joined([compiled(each) for each in operands], np.logical_or)
        case guard.Compare((guard.Ref(left), guard.Ref(right)), (operator,)):  # by far the most common
            compare = _COMPARE[operator]
            return lambda values: compare(values[left], values[right])
        case guard.Compare(operands, operators):
            return _comparison([_amount(each) for each in operands], [_COMPARE[each] for each in operators])


def _joined(parts: Sequence[Guard], join: np.ufunc) -> Guard:
    return lambda values: reduce(join, [part(values) for part in parts])


def _comparison(operands: Sequence[_Amount], operators: Sequence[np.ufunc]) -> Guard:
    def truth(values: Values) -> Truth:
        undefined: list[Truth] = []
        amounts = [operand(values, undefined) for operand in operands]
        pairs = zip(operators, amounts, amounts[1:], strict=False)
        compared: list[Truth] = [compare(left, right) for compare, left, right in pairs]
        return reduce(np.logical_and, [*compared, *(~each for each in undefined)])

    return truth


def _amount(node: guard.Arithmetic) -> _Amount:
    match node:
        case guard.Constant(value):
            constant = np.array([value])
            return lambda _values, _undefined: constant
        case guard.Ref(name):
            return lambda values, _undefined: values[name]
        case guard.Negative(operand):
            inner = _amount(operand)
            return lambda values, undefined: -inner(values, undefined)
        case guard.Binary(operator, left, right):
            return _binary(operator, _amount(left), _amount(right))
        case guard.Call(function, arguments):
            parts = [_amount(each) for each in arguments]
            return lambda values, undefined: _call(function, [part(values, undefined) for part in parts])


def _binary(operator: str, left: _Amount, right: _Amount) -> _Amount:
    def amount(values: Values, undefined: list[Truth]) -> Floats:
        a, b = left(values, undefined), right(values, undefined)
        if operator != "/":
            return _typed(_BINARY[operator](a, b))
        undefined.append(b == 0)
        return a / b

    return amount


def _call(function: str, arguments: list[Floats]) -> Floats:
    if function == "abs":
        return np.abs(arguments[0])
    ranked = np.sort(np.stack(np.broadcast_arrays(*arguments)), axis=0)
    ranked[:, np.isnan(ranked[-1])] = np.nan  # what is made of an undefined value is undefined; sorting has put it last
    if function == "min":
        return _typed(ranked[0])
    if function == "max":
        return _typed(ranked[-1])
    half = len(arguments) // 2
    return _typed(ranked[half]) if len(arguments) % 2 else (ranked[half - 1] + ranked[half]) / 2


def _typed(values: Any) -> Floats:
    """numpy's stubs lose the type of a ufunc's result."""
    return values  # type: ignore[no-any-return]


def uses_days_in_phase(condition: guard.Condition) -> bool:
    return guard.DAYS_IN_PHASE in guard.names(condition)
