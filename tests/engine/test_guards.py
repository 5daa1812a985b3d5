"""Guards of a whole block say the same as the plain loop does of one run, for any values, undefined ones among them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.guards import compiled, uses_days_in_phase
from sim.reference import _holds
from sim.spec.guard import parse

NAMES = ("a", "b", "c")
VALUES = st.sampled_from((-math.inf, -1.5, -0.0, 0.0, 1.0, 2.0, math.inf, math.nan))


def _amounts() -> st.SearchStrategy[str]:
    leaves = st.sampled_from((*NAMES, "1", "0"))

    def deeper(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        calls = st.tuples(st.sampled_from(("min", "max", "median")), st.lists(inner, min_size=2, max_size=4))
        return st.one_of(
            calls.map(lambda call: f"{call[0]}({', '.join(call[1])})"),
            inner.map(lambda one: f"abs({one})"),
            inner.map(lambda one: f"-({one})"),
            st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda three: "({} {} {})".format(*three)),
        )

    return st.recursive(leaves, deeper, max_leaves=6)


def _conditions() -> st.SearchStrategy[str]:
    signs = st.sampled_from(("<", "<=", ">", ">=", "==", "!="))
    compared = st.tuples(_amounts(), signs, _amounts()).map(" ".join)
    return st.recursive(
        compared,
        lambda inner: st.one_of(
            inner.map(lambda one: f"not ({one})"),
            st.tuples(inner, st.sampled_from(("and", "or")), inner).map(lambda three: "({}) {} ({})".format(*three)),
        ),
        max_leaves=3,
    )


@settings(deadline=None)
@given(_conditions(), st.lists(st.tuples(VALUES, VALUES, VALUES), min_size=1, max_size=6))
def test_a_block_says_what_each_run_says(text: str, runs: list[tuple[float, float, float]]) -> None:
    condition = parse(text)
    columns = {name: np.array([run[index] for run in runs]) for index, name in enumerate(NAMES)}
    with np.errstate(all="ignore"):
        found = np.broadcast_to(compiled(condition)(columns), len(runs))
    assert found.tolist() == [_holds(condition, dict(zip(NAMES, run, strict=True))) for run in runs]


def test_what_is_made_of_an_undefined_value_is_undefined() -> None:
    infinite = {"a": np.array([math.inf, 1.0]), "b": np.array([0.0, 0.0])}
    with np.errstate(all="ignore"):
        assert compiled(parse("min(a - a, b) <= 1"))(infinite).tolist() == [False, True]
        assert compiled(parse("not median(a - a, b, 3) <= 1"))(infinite).tolist() == [True, False]
        assert compiled(parse("min(a - a, b, 3) <= 1"))(infinite).tolist() == [False, True]
        assert compiled(parse("max(3, a - a, b, 2) >= 1"))(infinite).tolist() == [False, True]


@pytest.mark.parametrize(
    ("amount", "value"),
    [
        ("min(5, 3, 4)", 3),
        ("max(3, 5, 4)", 5),
        ("median(9, 1, 2)", 2),
        ("median(9, 1, 2, 7, 8)", 7),
        ("median(1, 9)", 5),
        ("median(2, 9, 1, 4)", 3),
        ("abs(2 - 5)", 3),
        ("-(2 - 5)", 3),
        ("2 * 3 - 4 + 1", 3),
        ("7 / 2", 3.5),
        ("min(a, 3) + max(a, 3)", 5),
    ],
)
def test_amounts_by_hand(amount: str, value: float) -> None:
    values = {"a": np.array([2.0])}
    for sign, truth in (("==", True), ("<=", True), (">=", True), ("<", False), (">", False), ("!=", False)):
        assert compiled(parse(f"{amount} {sign} {value}"))(values).tolist() == [truth]


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("a < 2", [True, False, False]),
        ("a <= b", [True, True, False]),
        ("a < 2 and b > 1", [True, False, False]),
        ("a < 2 or a == 3", [True, False, True]),
        ("not a < 2", [False, True, True]),
        ("1 <= a < b + 1 <= 3", [True, True, False]),
        ("1 / (a - 2) >= 1", [False, False, True]),
        ("not 1 / (a - 2) >= 1", [True, True, False]),
        ("not (a - 2) / (a - 2) == 1", [False, True, False]),
        ("3 >= a != 1 / (a - 3)", [True, True, False]),
        ("1 / (a - 2) + 2 > 2", [False, False, True]),
        ("2 - 1 / (a - 2) > 2", [True, False, False]),
        ("min(a, 1 / (a - 1)) < 9", [False, True, True]),
        ("abs(b / (a - 1)) < 9", [False, True, True]),
        ("-(b / (a - 1)) < 9", [False, True, True]),
    ],
)
def test_conditions_by_hand(text: str, truth: list[bool]) -> None:
    """Where a comparison divides by zero it is false, and its negation true."""
    with np.errstate(all="ignore"):
        assert compiled(parse(text))({"a": np.array([1.0, 2.0, 3.0]), "b": np.array([2.0])}).tolist() == truth


@pytest.mark.parametrize(
    ("text", "asks"),
    [("a < 2", False), ("days_in_phase > 2", True), ("a > 1 or not a < max(3, days_in_phase)", True)],
)
def test_a_guard_tells_whether_it_asks_for_the_days_in_the_phase(text: str, asks: bool) -> None:
    assert uses_days_in_phase(parse(text)) is asks
