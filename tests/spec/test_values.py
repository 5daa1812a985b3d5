"""Numbers as files give them: time, rates, distributions, dates."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from sim.spec.values import Days, FixedDays, Name, Number, Numeric, Rate, When, date_of, day_of

fixed_days: TypeAdapter[Any] = TypeAdapter(FixedDays)
when: TypeAdapter[str] = TypeAdapter(When)
name: TypeAdapter[str] = TypeAdapter(Name)


@pytest.mark.parametrize(
    ("raw", "days"),
    [
        (14, 14),
        (1.5, 1.5),
        ("14 days", 14),
        ("1 day", 1),
        ("2 weeks", 14),
        ("1 week", 7),
        ("0.5 weeks", 3.5),
        ("8weeks", 56),
        ({"value": 2, "unit": "weeks"}, 14),
        ({"value": "2 weeks"}, 14),
        ({"value": 3, "unit": "days", "grade": "implied", "evidence": ["F1"]}, 3),
    ],
)
def test_days(raw: Any, days: float) -> None:
    assert Days.model_validate(raw).fixed == days


@pytest.mark.parametrize(
    ("raw", "rate"),
    [
        (0.01, 0.01),
        ("0.01 per day", 0.01),
        ("700 per week", 100),
        ("-7 per week", -1),
        ({"value": 700, "unit": "per week"}, 100),
        ({"value": 700, "unit": "troops per week"}, 100),
        ({"value": 2, "unit": "troops per day"}, 2),
    ],
)
def test_rates(raw: Any, rate: float) -> None:
    assert Rate.model_validate(raw).fixed == pytest.approx(rate, rel=1e-15)


@pytest.mark.parametrize(
    "raw", ["3 months", "two weeks", "7 per day", "", "days", "7 d", True, None, [], "nan", math.nan, math.inf]
)
def test_what_is_no_count_of_days(raw: Any) -> None:
    with pytest.raises(ValidationError):
        Days.model_validate(raw)


@pytest.mark.parametrize("raw", ["3 days", "3 per month", "per day", False, None])
def test_what_is_no_rate(raw: Any) -> None:
    with pytest.raises(ValidationError):
        Rate.model_validate(raw)


@pytest.mark.parametrize(
    "raw", ["3", "3 days", True, None, math.inf, -math.inf, math.nan, 10**400, [], {}, {"value": 3, "color": 1}]
)
def test_what_is_no_number(raw: Any) -> None:
    with pytest.raises(ValidationError):
        Number.model_validate(raw)


def test_a_bare_number_is_assumed() -> None:
    number = Number.model_validate(3)
    assert (number.value, number.grade, number.evidence, number.unit, number.fixed) == (3, "assumed", (), None, 3)
    with pytest.raises(ValidationError):
        Number.model_validate({"value": 3, "grade": "certain"})


def test_units_of_time_reach_into_distributions() -> None:
    assert Days.model_validate({"uniform": ["2 weeks", 28]}).support == (14, 28)
    assert Days.model_validate({"value": {"uniform": [2, 8]}, "unit": "weeks"}).support == (14, 56)
    assert Days.model_validate({"choice": {"1 week": 0.5, "3 days": 0.5}}).support == (3, 7)
    assert Rate.model_validate({"uniform": ["7 per week", 2]}).support == (1, 2)
    assert Rate.model_validate({"uniform": [1, 2]}).fixed is None


INF = math.inf


@pytest.mark.parametrize(
    ("raw", "support"),
    [
        (3, (3, 3)),
        ({"uniform": [3, 4]}, (3, 4)),
        ({"uniform": [3, 3]}, (3, 3)),
        ({"triangular": [1, 2, 5]}, (1, 5)),
        ({"triangular": [1, 1, 1]}, (1, 1)),
        ({"normal": [0, 1]}, (-INF, INF)),
        ({"normal": [2, 0]}, (2, 2)),
        ({"lognormal": {"p5": 3000, "p95": 10000}}, (0, INF)),
        ({"lognormal": {"p5": 5, "p95": 5}}, (5, 5)),
        ({"lognormal": {"median": 2, "sigma": 1}}, (0, INF)),
        ({"lognormal": {"median": 2, "sigma": 0}}, (2, 2)),
        ({"exponential": 4}, (0, INF)),
        ({"choice": [3, 1, 2]}, (1, 3)),
        ({"choice": {"3": 0.25, "-1": 0.75}}, (-1, 3)),
        ({"choice": {"3": 0, "1": 1}}, (1, 1)),
    ],
)
def test_support(raw: Any, support: tuple[float, float]) -> None:
    assert Number.model_validate(raw).support == support


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({"uniform": [4, 3]}, "low must not be above high"),
        ({"triangular": [1, 6, 5]}, "in this order"),
        ({"triangular": [1, 2]}, "required|length"),
        ({"normal": [0, -1]}, "sd must not be below 0"),
        ({"lognormal": {"p5": 10, "p95": 3}}, "0 < p5 <= p95"),
        ({"lognormal": {"p5": 0, "p95": 3}}, "0 < p5 <= p95"),
        ({"lognormal": {"median": 0, "sigma": 1}}, "median > 0"),
        ({"lognormal": {"median": 1, "sigma": -1}}, "sigma >= 0"),
        ({"lognormal": {"median": 1, "p95": 2}}, "required|not permitted"),
        ({"exponential": 0}, "mean must be above 0"),
        ({"exponential": -1}, "mean must be above 0"),
        ({"choice": []}, "at least one value"),
        ({"choice": {"1": 0.5, "2": 0.6}}, "weights must sum to 1"),
        ({"choice": {"1": 1.5, "2": -0.5}}, "weights must not be below 0"),
        ({"choice": {"one": 1.0}}, "must be a number"),
        ({"choice": 3}, "must be a list of values or a map"),
        ({"uniform": [0, 1], "normal": [0, 1]}, "not permitted"),
        ({"uniform": [0, "1"]}, "must be a number"),
        ({"uniform": [0, True]}, "must be a number"),
    ],
)
def test_distributions_without_sense(raw: Any, message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        Number.model_validate(raw)


def test_choices_of_a_list_are_equally_likely() -> None:
    shape: Any = Number.model_validate({"choice": [4, 2]}).distribution
    assert [(each.value, each.weight) for each in shape.choice] == [(4, 0.5), (2, 0.5)]


@pytest.mark.parametrize("raw", [{"uniform": [1, 2]}, {"value": {"uniform": [1, 2]}, "unit": "days"}])
def test_where_a_number_must_be_fixed(raw: Any) -> None:
    with pytest.raises(ValidationError, match="must be a fixed number here"):
        fixed_days.validate_python(raw)
    assert fixed_days.validate_python("2 weeks").fixed == 14


@pytest.mark.parametrize(
    ("raw", "day"), [("2024-10-24", 0), ("2024-10-31", 7), ("2024-10-01", -23), ("day 0", 0), ("day -3", -3)]
)
def test_when(raw: str, day: int) -> None:
    start = dt.date(2024, 10, 24)
    assert when.validate_python(raw) == raw
    assert day_of(raw, start) == day
    assert day_of(date_of(day, start).isoformat(), start) == day


@pytest.mark.parametrize(
    "raw", ["2024-02-30", "24-10-24", "day", "day 1.5", "Day 7", "20241024", "2024-10-24T00:00", 7, dt.date(2024, 1, 1)]
)
def test_what_is_no_day(raw: Any) -> None:
    with pytest.raises(ValidationError):
        when.validate_python(raw)


@pytest.mark.parametrize("raw", ["3a", "a-b", "a b", "", "é", "a.b", "a\n"])
def test_what_is_no_name(raw: str) -> None:
    with pytest.raises(ValidationError, match="a name has letters"):
        name.validate_python(raw)


def test_records_cannot_change() -> None:
    number: Numeric = Number.model_validate(3)
    with pytest.raises(ValidationError, match="frozen"):
        number.value = 4
