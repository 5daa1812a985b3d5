"""Finitely many cells show all that guards can do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.guards import compiled
from sim.spec.guard import DAYS_IN_PHASE, Compare, names, parse
from sim.verify.atoms import atom_of, comparisons
from sim.verify.cells import Cells
from sim.verify.domains import Count, Domain, count_of, support
from sim.verify.setting import of_policy
from sim.world import Quantity
from tests.verify.made import policy, threshold

REAL, WHOLE, OPEN = Domain(0, 4), Domain(0, 4, whole=True), Domain()
EDGES = (-1.0, 0.0, 0.5, 1.0, 2.0, 3.0, 4.0)

_sums = st.sampled_from(
    "x, y, z, 1, 2.5, x + 1, 2 * x, 3 - y, abs(x - 2), x / 3, 1 / x, 6 / (y - 2), min(x; y), max(x; 2; z), median(x; y; z), "
    "median(x; 3), -x, x + y, x - z, x + x, x * (0 - 0.1), abs(abs(x - 1) - 1), (x + 1) / 2, 0 * x".replace("; ", ";").split(", ")
).map(lambda text: text.replace(";", ", "))
_comparisons = st.builds(lambda a, op, b: f"{a} {op} {b}", _sums, st.sampled_from(("<", "<=", ">", ">=", "==", "!=")), _sums)
_guards = st.recursive(
    st.one_of(_comparisons, st.builds(lambda c, s: f"{c} <= {s}", _comparisons, _sums)),
    lambda inner: st.one_of(
        st.builds(lambda a, word, b: f"({a}) {word} ({b})", inner, st.sampled_from(("and", "or")), inner),
        inner.map("not ({})".format),
    ),
    max_leaves=3,
)


@settings(deadline=None, max_examples=150)
@given(st.lists(_guards, min_size=1, max_size=3), st.sampled_from(([0, 4], [-1, 2], None)), st.integers(0, 99))
def test_whatever_guards_do_at_some_values_they_do_at_a_cell(guards: list[str], bounds: Any, seed: int) -> None:
    """Values are tried at random, many of them just where something may change."""
    reads = {name: {"unit": "u", **({"range": bounds} if bounds else {})} for name in "xyz"}
    made = policy(
        reads=reads,
        phases={"low": {}, "high": {}},
        transitions={f"t{index}": {"from": "low", "to": "high", "when": when} for index, when in enumerate(guards)},
    )
    setting = of_policy(made)
    table = Cells(setting).table(setting.guards)
    if table is None:
        return
    low, high = bounds or (-9, 9)
    near = [each for edge in EDGES for each in (edge, math.nextafter(edge, 9), math.nextafter(edge, -9)) if low <= each <= high]

    random = np.random.default_rng(seed)
    mixed = {name: (random.choice(near, 3000), random.uniform(low, high, 3000), random.random(3000) < 0.6) for name in "xyz"}
    seen = {name: np.where(at_edge, edge, inside) for name, (edge, inside, at_edge) in mixed.items()}
    with np.errstate(all="ignore"):
        truth = np.array([np.broadcast_to(compiled(parse(each))(seen), (3000,)) for each in guards])
    found = {tuple(column) for column in truth.T.tolist()}
    possible = {tuple(column) for column in table.may[:, 0, :, 0].T.tolist()}
    assert found <= possible
    assert {tuple(column) for column in table.sure[:, 0, :, 0].T.tolist()} <= possible


def atom(text: str, **domains: Domain) -> Any:
    (compare,) = comparisons(parse(text))
    assert isinstance(compare, Compare)
    return atom_of(compare, {name: domains.get(name, REAL) for name in names(compare)})


def test_arithmetic_of_one_signpost_is_cut_at_the_very_number() -> None:
    """0.1 * x reaches 0.3 at a double that is not 3; the cut is where the engine's own product does."""
    cuts = sorted(cut for cut in atom("0.1 * x >= 0.3").cuts["x"] if 1 < cut < 3.5)
    first = next(cut for cut in cuts if 0.1 * cut >= 0.3)
    assert first < 3
    assert math.nextafter(first, 0) in cuts
    assert not 0.1 * math.nextafter(first, 0) >= 0.3


@pytest.mark.parametrize(
    "text", ["x >= 3", "median(x, y, z) > y", "2 * x - 1 >= 3", "abs(x - 2) <= 1", "1 / x > 2", "x / 0 > 1", "1 < x < 3"]
)
def test_what_is_decided(text: str) -> None:
    assert atom(text).cuts is not None


@pytest.mark.parametrize("text", ["x + y >= 3", "x * y > 1", "median(x, y) > 1", "x - x / 2 > 1", "abs(x - y) < 1"])
def test_what_is_not_decided(text: str) -> None:
    assert atom(text).cuts is None


def test_few_whole_values_are_gone_through() -> None:
    assert atom("x + y >= 3", x=WHOLE, y=WHOLE).cuts == {}
    assert atom("x + y >= 3", x=WHOLE).cuts is not None
    assert atom("x + y >= 3", x=Domain(0, 1000, whole=True), y=Domain(0, 1000, whole=True)).cuts is None


def test_candidates_are_round_where_they_can_be() -> None:
    assert REAL.candidates([3], lambda *_: 1) == (0, 2, 3, 3.5, 4)
    assert WHOLE.candidates([2.5], lambda *_: 1) == (0, 1, 2, 3, 4)
    assert OPEN.candidates([3], lambda *_: 1) == (2, 3, 4)
    assert Domain(low=0, above_low=True).candidates([2], lambda *_: 1) == (1, 2, 3)
    assert len(REAL.candidates([2], lambda *_: 3)) == 3 + 2 * 3
    assert Domain(0, math.nextafter(0, 1)).candidates([], lambda *_: 1) == (0, math.nextafter(0, 1))


def test_draws_reach_over_their_support() -> None:
    from sim.spec.values import Days, Number

    def of(raw: Any, kind: Any = Number) -> Quantity:
        return Quantity.of("p", kind.model_validate(raw), whole=kind is Days)

    assert support(of({"uniform": [1, 2]})) == Domain(1, 2)
    assert support(of({"choice": {"1": 0.5, "3": 0.5, "9": 0.0}})).values == (1, 3)
    assert support(of({"lognormal": {"median": 2, "sigma": 1}})).above_low
    assert count_of(of({"uniform": [1.4, 2.6]}, Days)) == Count("p", 1, 3)
    assert count_of(of({"uniform": ["1 week", "2 weeks"]}, Days)) == Count("p", 7, 14)
    assert count_of(of({"exponential": 3}, Days), 1) == Count("p", 1, None)


def test_an_uncertain_threshold_is_ordered_against_signposts_and_others() -> None:
    """Every order of a level and two thresholds that their supports allow is a cell, and no other."""
    made = policy(
        phases={"low": {}, "high": {}},
        thresholds={"a": threshold({"uniform": [0.5, 1]}), "b": threshold({"uniform": [1, 1.5]})},
        transitions={
            "one": {"from": "low", "to": "high", "when": "level >= a"},
            "two": {"from": "low", "to": "high", "when": "level >= b"},
            "three": {"from": "low", "to": "high", "when": "a == b"},
        },
    )
    setting = of_policy(made)
    table = Cells(setting).table(setting.guards)
    assert table is not None
    assert table.exact
    found = {tuple(each) for each in table.sure[:, :, :, 0].reshape(3, -1).T.tolist()}
    assert found == {(False, False, False), (True, False, False), (True, True, False), (False, False, True), (True, True, True)}


def test_days_in_the_phase_are_cells_too() -> None:
    made = policy(
        phases={"low": {}, "high": {}},
        thresholds={"patience": threshold({"choice": [2, 5]}, "days")},
        transitions={"go": {"from": "low", "to": "high", "when": "days_in_phase >= patience"}},
    )
    setting = of_policy(made)
    cells = Cells(setting)
    table = cells.table(setting.guards)
    assert table is not None
    assert DAYS_IN_PHASE not in table.seen
    first = {draw["thresholds.patience.value"]: int(np.argmax(table.sure[0, case, 0])) for case, draw in enumerate(table.drawn)}
    assert first == {2: 2, 5: 5}
    assert cells.longest > 5
