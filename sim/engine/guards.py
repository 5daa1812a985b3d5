"""Guards evaluated for all runs of a block at once."""

from __future__ import annotations

from collections.abc import Mapping
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


def holds(condition: guard.Condition, values: Mapping[str, Floats]) -> Truth:
    """Where the condition is true: shape (1,) or (runs,), as wide as the widest value it uses."""
    match condition:
        case guard.Not(operand):
            return ~holds(operand, values)
        case guard.And(operands):
            return _all([holds(each, values) for each in operands], np.logical_and)
        case guard.Or(operands):
            return _all([holds(each, values) for each in operands], np.logical_or)
        case guard.Compare(operands, operators):
            undefined: list[Truth] = []
            parts = [_number(each, values, undefined) for each in operands]
            pairs = zip(operators, parts, parts[1:], strict=False)
            truth = _all([_COMPARE[operator](left, right) for operator, left, right in pairs], np.logical_and)
            return _all([truth, *(~each for each in undefined)], np.logical_and)


def _all(truths: list[Truth], join: np.ufunc) -> Truth:
    result = truths[0]
    for truth in truths[1:]:
        result = join(result, truth)
    return result


def _number(node: guard.Arithmetic, values: Mapping[str, Floats], undefined: list[Truth]) -> Floats:
    """The value of an expression; where it divides by zero is added to `undefined`."""
    match node:
        case guard.Constant(value):
            return np.array([value])
        case guard.Ref(name):
            return values[name]
        case guard.Negative(operand):
            return -_number(operand, values, undefined)
        case guard.Binary(operator, left, right):
            a, b = _number(left, values, undefined), _number(right, values, undefined)
            if operator != "/":
                return _typed(_BINARY[operator](a, b))
            undefined.append(b == 0)
            return a / b
        case guard.Call(function, arguments):
            return _call(function, [_number(each, values, undefined) for each in arguments])


def _call(function: str, arguments: list[Floats]) -> Floats:
    if function == "abs":
        return np.abs(arguments[0])
    ranked = np.sort(np.stack(np.broadcast_arrays(*arguments)), axis=0)
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
