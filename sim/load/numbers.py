"""What a number must be where it stands: its unit, and the values that make sense."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sim.errors import Problem, quote
from sim.load.nodes import Node
from sim.load.source import Source
from sim.spec.values import Days, Number, Numeric, Rate

MOST_DAYS = 36_525
"""100 years: the longest run and the longest wait (docs/limits.md says what such a run takes)."""
DAY_UNITS = ("day", "days", "week", "weeks")
RATE_UNITS = ("per day", "per week")


def span(source: Source[Any], path: str, number: Days | None, least: int = 0) -> Iterator[Problem]:
    """A count of days: in days or weeks, whole where fixed, not below `least`, not above MOST_DAYS."""
    if number is None:
        return
    yield from _unit(source, path, number, DAY_UNITS, "days or weeks")
    yield from days(source, path, number, least)
    if number.fixed is not None and number.fixed > MOST_DAYS:
        yield source.problem(path, f"must be at most {MOST_DAYS:,} days (100 years), got {number.fixed:g}")


def days(source: Source[Any], path: str, number: Days, least: int = 0, whole: bool = True) -> Iterator[Problem]:
    fixed = number.fixed
    if whole and fixed is not None and not fixed.is_integer():
        yield source.problem(path, f"must be a whole number of days, got {fixed:g}")
    yield from within(source, path, number, least, math.inf)


def memory(source: Source[Any], path: str, number: Days) -> Iterator[Problem]:
    """A count of days that need not be whole."""
    yield from _unit(source, path, number, DAY_UNITS, "days or weeks")
    yield from days(source, path, number, whole=False)


def rate(source: Source[Any], path: str, number: Rate, unit: str | None = None, least: float = -math.inf) -> Iterator[Problem]:
    """Per day or per week, of the unit of a variable if there is one."""
    units = (*RATE_UNITS, *(f"{unit} {each}" for each in RATE_UNITS if unit))
    wanted = "per day or per week" + (f", or {unit} per day" if unit else "")
    yield from _unit(source, path, number, units, wanted)
    yield from within(source, path, number, least, math.inf)


def chance(source: Source[Any], path: str, number: Rate) -> Iterator[Problem]:
    yield from _unit(source, path, number, RATE_UNITS, "per day or per week")
    yield from within(source, path, number, 0, 1)


def plain(
    source: Source[Any], path: str, number: Number | None, unit: str | None, least: float = -math.inf, most: float = math.inf
) -> Iterator[Problem]:
    """In the unit of its place; None: it takes no unit."""
    if number is None:
        return
    yield from _unit(source, path, number, (unit,) if unit else (), quote(unit) if unit else "")
    yield from within(source, path, number, least, most)


def within(source: Source[Any], path: str, number: Numeric, least: float, most: float) -> Iterator[Problem]:
    """Neither the number nor what can be drawn for it lies outside."""
    low, high = number.support
    if low < least:
        what = _reaching(low, "down") if number.fixed is None else f"{low:g}"
        yield source.problem(path, f"must not be below {least:g}, got {what}")
    if high > most:
        what = _reaching(high, "up") if number.fixed is None else f"{high:g}"
        yield source.problem(path, f"must not be above {most:g}, got {what}")


def _reaching(end: float, way: str) -> str:
    return f"a distribution that reaches {way} " + (f"to {end:g}" if math.isfinite(end) else "without end")


def _unit(source: Source[Any], path: str, number: Numeric, units: tuple[str, ...], wanted: str) -> Iterator[Problem]:
    if number.unit is None:
        return
    at = f"{path}.unit"
    if not units:
        yield source.problem(at, f"takes no unit here, got {quote(number.unit)}")
    elif number.unit not in units:
        yield source.problem(at, f"the unit must be {wanted}, got {quote(number.unit)}")
    elif number.kind != "plain" and (text := _text_in(source.node(f"{path}.value"))):
        yield source.problem(at, f"the unit is given twice: here and in {quote(text)}")


def _text_in(node: Node | None) -> str | None:
    """A `2 weeks` somewhere in a number or distribution."""
    if node is None:
        return None
    if isinstance(node.value, str):
        return node.value
    for key in node.items:
        if "day" in key or "week" in key:
            return key  # a weight of a `choice`
    inner = node.value if isinstance(node.value, list) else [item.node for item in node.items.values()]
    return next((text for each in inner if (text := _text_in(each))), None)
