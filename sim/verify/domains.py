"""The values that a signpost or a drawn number may take: an interval, whole numbers, or a few numbers."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sim.spec.values import Choice, Lognormal, Shape
from sim.world import Quantity

MOST_WHOLE = 64
"""A whole domain with at most so many values is gone through value by value."""
FAR = 1e150
"""Beyond this no value is looked for, so that arithmetic on it stays finite."""


@dataclass(frozen=True)
class Domain:
    """Closed at finite ends, unless said otherwise."""

    low: float = -math.inf
    high: float = math.inf
    whole: bool = False
    only: tuple[float, ...] | None = None
    """these numbers and no others, ascending"""
    above_low: bool = False
    """`low` itself is no value"""

    @property
    def values(self) -> tuple[float, ...] | None:
        """All values in ascending order, where they are few."""
        if self.only is not None:
            return self.only
        if self.low == self.high:
            return (self.low,)
        first, last = math.ceil(max(self.low, -FAR)), math.floor(min(self.high, FAR))
        if self.whole and last - first < MOST_WHOLE:
            return tuple(float(each) for each in range(first, last + 1))
        return None

    def holds(self, value: float) -> bool:
        inside = self.low <= value <= self.high and not (self.above_low and value == self.low)
        return inside and (not self.whole or value == math.floor(value)) and (self.only is None or value in self.only)

    def overlaps(self, low: float, high: float) -> bool:
        return self.low < high and self.high > low

    def candidates(self, cuts: Sequence[float], crowd: Callable[[float, float], int]) -> tuple[float, ...]:
        """Each cut inside, and from each open interval between cuts as many values as `crowd` tells (as far as there are)."""
        if self.values is not None:
            return self.values
        edges = sorted({self.low, self.high, *(cut for cut in cuts if self.low < cut < self.high)})
        found = [edge for edge in edges if math.isfinite(edge) and self.holds(edge)]
        inside = _whole_inside if self.whole else _inside
        for low, high in itertools.pairwise(edges):
            found += inside(low, high, max(crowd(low, high), 1))
        return tuple(sorted(set(found)))

    def __str__(self) -> str:
        whole = "whole, " if self.whole else ""
        if self.low == self.high:
            return f"{self.low:g}"
        if self.only is not None:
            return "one of " + ", ".join(f"{each:g}" for each in self.only)
        if math.isinf(self.low) and math.isinf(self.high):
            return "any whole number" if self.whole else "any value"
        if math.isinf(self.high):
            return f"{whole}{self.low:g} or more"
        return f"{whole}{self.high:g} or less" if math.isinf(self.low) else f"{whole}{self.low:g} to {self.high:g}"


def _inside(low: float, high: float, count: int) -> list[float]:
    """Values strictly between, as round as they can be; fewer only where there are not so many numbers."""
    if math.isinf(low) and math.isinf(high):
        wanted = [float(index - count // 2) for index in range(count)]
    elif math.isinf(high):
        wanted = [math.floor(low) + _step(low) * (index + 1) for index in range(count)]
    elif math.isinf(low):
        wanted = [math.ceil(high) - _step(high) * (index + 1) for index in range(count)]
    else:
        wanted = [_round((low + high) / 2, low, high)] if count == 1 else []
        wanted = wanted or [low + (high - low) * ((index + 1) / (count + 1)) for index in range(count)]
    return [each for each in wanted if low < each < high]


def _step(edge: float) -> float:
    return max(1.0, abs(edge) * 1e-6)


def _round(value: float, low: float, high: float) -> float:
    nearest = float(math.floor(value + 0.5))
    return nearest if low < nearest < high else value


def _whole_inside(low: float, high: float, count: int) -> list[float]:
    first = -math.inf if math.isinf(low) else math.floor(low) + 1
    last = math.inf if math.isinf(high) else math.ceil(high) - 1
    if math.isinf(first) and math.isinf(last):
        return [float(index - count // 2) for index in range(count)]
    if math.isinf(first):
        return [last - float(index) for index in range(count)]
    if math.isinf(last) or last - first < count:
        return [first + float(index) for index in range(int(min(last - first + 1, count)))]
    middle = first + float((last - first - count + 1) // 2)
    return [middle + index for index in range(count)]


def support(quantity: Quantity) -> Domain:
    """The values that a number may be worth in a run."""
    if quantity.shape is None:
        fixed = float(quantity.fixed or 0.0)
        return Domain(fixed, fixed)
    low, high = (end * quantity.scale for end in quantity.shape.support)
    return Domain(
        low, high, only=_choices(quantity.shape, quantity.scale), above_low=isinstance(quantity.shape, Lognormal) and low < high
    )


def _choices(shape: Shape, scale: float) -> tuple[float, ...] | None:
    if not isinstance(shape, Choice):
        return None
    return tuple(sorted({each.value * scale for each in shape.choice if each.weight > 0}))


@dataclass(frozen=True)
class Count:
    """A count of days that may be drawn: from `low` on, `high` is None where it has no end."""

    path: str
    low: int
    high: int | None
    values: tuple[int, ...] | None = None
    """a few, where only these are drawn"""

    @property
    def fixed(self) -> bool:
        return self.low == self.high

    @property
    def all(self) -> tuple[int, ...] | None:
        """Every value, or None where they have no end."""
        if self.values is not None:
            return self.values
        return None if self.high is None else tuple(range(self.low, self.high + 1))


def count_of(quantity: Quantity, least: int = 0) -> Count:
    """The days that a count may be worth; draws are rounded half up, and never below `least`."""
    domain = support(quantity)

    def days(value: float) -> int:
        return max(math.floor(value + 0.5), least)

    values = tuple(sorted({days(each) for each in domain.only})) if domain.only else None
    return Count(quantity.path, days(domain.low), None if math.isinf(domain.high) else days(domain.high), values)
