"""The grid of `--vary`, and what in a model its path is about."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import api
from sim.analysis.vary import MOST, concerned, parsed, stated
from sim.errors import BadUsage
from sim.library import Library


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("a.b=1:4", ("1", "2", "3", "4")),
        ("a.b=2.5:4:0.5", ("2.5", "3", "3.5", "4")),
        ("a.b = 2.5 : 3.2 : 0.3", ("2.5", "2.8", "3.1")),
        ("a.b=-1:1:1.0", ("-1", "0", "1")),
        ("a.b=7:7", ("7",)),
        ("a.b=1e1:2e1:5", ("10", "15", "20")),
        ("a.b=100:300:100", ("100", "200", "300")),
    ],
)
def test_values(text: str, values: tuple[str, ...]) -> None:
    found = parsed(text)
    assert found.values == values
    assert found.sets() == tuple(f"a.b={value}" for value in values)


@given(st.integers(-500, 500), st.integers(0, MOST - 1), st.integers(1, 99), st.integers(0, 2))
def test_decimal_steps_are_exact(low: int, count: int, step: int, digits: int) -> None:
    first, each = Decimal(low).scaleb(-digits), Decimal(step).scaleb(-digits)
    found = parsed(f"x={first}:{first + count * each}:{each}")
    assert [Decimal(value) for value in found.values] == [first + index * each for index in range(count + 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a.b", "must be PATH=FROM:TO"),
        ("=1:2", "must be PATH=FROM:TO"),
        ("a.b=1", "must be PATH=FROM:TO"),
        ("a.b=1:2:3:4", "must be PATH=FROM:TO"),
        ("a.b=one:2", "'one' is not a number"),
        ("a.b=1:inf", "'inf' is not a number"),
        ("a.b=1:2:0", "step must be above 0"),
        ("a.b=1:2:-1", "step must be above 0"),
        ("a.b=2:1", "write 1:2"),
        ("a.b=1:101", "more than 100 values"),
        ("a.b=0:1:1e-9", "more than 100 values"),
    ],
)
def test_what_is_no_grid(text: str, message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        parsed(text)


@pytest.mark.parametrize(
    ("path", "value", "transitions"),
    [
        ("transitions.arm_defensively.confirm", 1, (0,)),
        ("policy.transitions.go_offensive.lag", 0, (1,)),
        ("thresholds.front_line.value", 3, (0,)),
        ("thresholds.front_line", 3, (0,)),
        ("thresholds.sustained_combat.value", 4, (1,)),
        ("signposts.deployment_level.error.sd", 0.25, (0, 1)),
        ("signposts.troops_in_russia.error.memory", 21, (0, 1)),
        ("signposts.deployment_level.bias", None, (0, 1)),
        ("variables.troops_in_russia.moves.contingents.jumps.rate", 0.5 / 7, (0, 1)),
    ],
)
def test_what_a_path_is_about(path: str, value: float | None, transitions: tuple[int, ...]) -> None:
    model = api.model_of(Library([]).load_pair("rear-labour-uncertain"))
    vary = parsed(f"{path}=1:2")
    assert stated(model, vary) == (None if value is None else pytest.approx(value))
    assert concerned(model, vary) == transitions


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("signposts.deployment_level.delay", 5),
        ("signposts.deployment_level.delay.value", 5),
        ("scenario.signposts.deployment_level.delay", 5),
        ("signposts.deployment_level.error.sd", 0.25),
        ("signposts.deployment_level.bias", None),
        ("transitions.stand_down.confirm", 21),
    ],
)
def test_a_number_that_only_a_file_holds_is_found_there(path: str, value: float | None) -> None:
    pair = Library([]).load_pair("reciprocity-provoking-uncertain", "step-down")
    files = (pair.policy.spec, pair.scenario.spec)
    assert stated(api.model_of(pair), parsed(f"{path}=1:2"), files) == value
