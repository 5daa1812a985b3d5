"""Factors have names, units, grades and values as the engine draws them; designs give each factor its values."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import api
from sim.analysis.designs import design
from sim.analysis.factors import Factor, factors_of, matrix
from sim.draws import Block
from sim.engine import Engine
from sim.errors import BadUsage
from sim.library import Library
from sim.machine import Model
from sim.spec.values import Choice, Exponential, Normal, Shape, Uniform
from tests.strategies import models


def found(scenario: str, policy: str, *sets: str) -> dict[str, Factor]:
    pair = Library().load_pair(scenario, policy, sets)
    return {each.path: each for each in factors_of(api.model_of(pair), pair.policy.spec, pair.scenario.spec)}


def test_factors_have_unit_and_grade() -> None:
    factors = found(
        "surge-to-front-uncertain",
        "phased-approach",
        "transitions.arm_defensively.confirm={uniform: [1, 14]}",
        "transitions.arm_defensively.lag={value: {uniform: [1, 2]}, unit: weeks}",
        "variables.deployment_level.moves.rungs.ladder.up={value: {uniform: [0.001, 0.01]}, unit: per day}",
        "signposts.deployment_level.error.sd={uniform: [0.1, 0.4]}",
        "thresholds.front_line.value={choice: [2, 3]}",
    )
    units = {
        "variables.deployment_level.path.2024-10-31": "rung",
        "variables.troops_in_russia.path.2024-10-24": "troops",
        "variables.deployment_level.moves.rungs.ladder.up": "per day",
        "signposts.deployment_level.bias": "rung",
        "signposts.deployment_level.error.sd": "rung",
        "transitions.arm_defensively.confirm": "days",
        "transitions.arm_defensively.lag": "days",
        "thresholds.front_line.value": "rung",
    }
    assert {path: factors[path].unit for path in units} == units
    assert {each.grade for each in factors.values()} == {"assumed"}
    assert factors["transitions.arm_defensively.lag"].support == (7, 14)
    assert factors["thresholds.front_line.value"].choices == (2, 3)
    assert found("withdrawal-uncertain", "phased-approach") != {}


@settings(deadline=None, max_examples=30, suppress_health_check=list(HealthCheck))
@given(models(), st.integers(0, 2**32))
def test_a_random_design_is_what_the_engine_draws(model: Model, seed: int) -> None:
    """With its values given, every day of every run is the same as without: to the bit, whatever the distribution and unit."""
    factors = [Factor(each.path, each.shape, each.scale, each.whole) for each in model.uncertain if each.shape]
    block = Block.plain(0, 20)
    values = design("random", factors, 20, seed).values if factors else {}
    drawn, told = Engine(model, seed, block), Engine(model, seed, block, values)
    for factor in factors:
        number = next(each for each in model.uncertain if each.path == factor.path)
        np.testing.assert_array_equal(matrix([factor], values)[:, 0], drawn.numbers(number))
    for _ in range(min(model.world.days, 10)):
        drawn.step()
        told.step()
        for one, other in zip(drawn.levels, told.levels, strict=True):
            np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(drawn.paths().day, told.paths().day)


SHAPES: list[Shape] = [Uniform(uniform=(2, 4)), Normal(normal=(0, 1)), Choice.model_validate({"choice": [1, 2, 3]})]
FACTORS = [Factor(name, shape) for name, shape in zip("abc", SHAPES, strict=True)]


@pytest.mark.parametrize("kind", ["random", "lhs", "sobol", "grid"])
def test_a_design_is_named_by_its_seed_and_is_finite(kind: str) -> None:
    one, same, other = (design(kind, FACTORS, 64, seed) for seed in (1, 1, 2))
    for path in "abc":
        np.testing.assert_array_equal(one.values[path], same.values[path])
        assert np.isfinite(one.values[path]).all()
        assert len(one.values[path]) == one.cases
    assert kind == "grid" or any((one.values[path] != other.values[path]).any() for path in "abc")


def test_a_latin_hypercube_has_one_case_in_each_slice() -> None:
    values = design("lhs", FACTORS, 50, 7).values["a"]
    assert sorted(((values - 2) / 2 * 50).astype(int)) == list(range(50))


def test_sobol_points_fill_every_dyadic_box() -> None:
    """A digital net: of 64 points each of the 8 × 8 squares has one, in the first two dimensions."""
    unit = [Factor(name, Uniform(uniform=(0, 1))) for name in "ab"]
    values = design("sobol", unit, 64, 3).values
    cells = {(int(8 * a), int(8 * b)) for a, b in zip(values["a"], values["b"], strict=True)}
    assert len(cells) == 64
    with pytest.raises(BadUsage, match="--cases 64 or 128, got 100"):
        design("sobol", FACTORS, 100, 1)


def test_a_grid_has_every_combination_of_values_and_middles_of_likely_stretches() -> None:
    made = design("grid", FACTORS, 100, 1)
    levels = {path: sorted(set(values.tolist())) for path, values in made.values.items()}
    assert made.cases == 75  # 3 × 5 × 5; six levels would be 108
    assert dict(made.levels) == {"a": 5, "b": 5, "c": 3}
    assert levels["c"] == [1, 2, 3]
    np.testing.assert_allclose(levels["a"], [2.2, 2.6, 3.0, 3.4, 3.8])
    cases = set(zip(*(made.values[path].tolist() for path in "abc"), strict=True))
    assert cases == set(itertools.product(levels["a"], levels["b"], levels["c"]))
    with pytest.raises(BadUsage, match="the discrete factors alone has 3 cases"):
        design("grid", FACTORS, 2, 1)


@given(st.floats(0, 1))
def test_the_ends_of_the_unit_cube_give_finite_values_inside_the_support(u: float) -> None:
    for shape in (*SHAPES, Exponential(exponential=5)):
        factor = Factor("x", shape)
        (value,) = factor.at(np.array([u]))
        low, high = factor.support
        assert math.isfinite(value)
        assert low <= value <= high


def test_choices_are_those_that_a_run_uses() -> None:
    factor = Factor("lag", Choice.model_validate({"choice": {1.2: 0.5, 1.4: 0.3, 2.6: 0.2}}), whole=True)
    assert factor.choices == (1, 3)
    assert factor.support == (1, 3)
