"""The nearest flips: the smallest change of one threshold, confirmation or lag that changes what happens in a run.

Every number is varied alone, and every variant is simulated whole. Where a threshold stands alone on one side of its comparisons,
the search is exact: until the path changes, the world is the run's own, so a guard can turn first only where the threshold
passes one of the values that it was compared with. The values tried are therefore each of these, and one between each two.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from sim.analysis.explain.records import Flip, Flips, Method, Path, Search, Varied
from sim.analysis.explain.varied import Variants, simplest_beyond

_FEW_DIGITS = 6
"""a number with no more characters is printed as it is"""
_REACH = 0.025
"""how far beyond an exact bound a readable number may lie, in shares of the scale"""
_STEPS = 200
_FINEST = 1e-6
_WIDEST = 2.0
"""a numeric search looks from _FINEST to _WIDEST of the scale on both sides"""
_SECTIONS = 64
_ROUNDS = 6
"""64⁶ = 7·10¹⁰: how much finer than the grid a numeric search gets"""


@dataclass(frozen=True)
class _Point:
    """A value to be tried: the bound that it stands for, and whether it is that bound or lies beyond."""

    value: float
    bound: float
    at_bound: bool


def nearest_flips(numbers: Sequence[Varied], variants: Variants, days: int) -> Flips:
    """The nearest flips of every number. Raises AssertionError if the engine and the plain loop ever disagree on one."""
    points = [(number, way, [*_points(number, way, days)]) for number in numbers for way in (-1, 1)]
    paths = iter(variants.paths([(number.path, point.value) for number, _, those in points for point in those])[1:])
    tried = [_Tried(number, way, those, [*islice(paths, len(those))]) for number, way, those in points]
    pairs = zip(tried[::2], tried[1::2], strict=True)
    return Flips(variants.base, tuple(_searched(both, variants) for both in pairs))


@dataclass(frozen=True)
class _Tried:
    """A number in one direction, with the path under each value."""

    number: Varied
    way: int
    """−1 down, 1 up"""
    points: Sequence[_Point]
    paths: Sequence[Path]


def _searched(both: Sequence[_Tried], variants: Variants) -> Search:
    kinds: tuple[_Differs, ...] = (_any_change, _other_transitions)
    first, turning = (tuple(flip for tried in both if (flip := _first(tried, variants, differs))) for differs in kinds)
    number = both[0].number
    return Search(number, _method(number), sum(len(tried.points) for tried in both), first, turning)


_Differs = Callable[[Path, Path], bool]


def _any_change(one: Path, other: Path) -> bool:
    return one != other


def _other_transitions(one: Path, other: Path) -> bool:
    """Not the same transitions as often: days aside."""
    return sorted(each.transition for each in one) != sorted(each.transition for each in other)


def _method(number: Varied) -> Method:
    if number.kind != "threshold":
        return "every whole day"
    return "numeric search" if number.against is None else "every value"


# What is tried -------------------------------------------------------------------------------------------------------------


def _points(number: Varied, way: int, days: int) -> Iterator[_Point]:
    """In order of their distance. `way` is −1 down and 1 up."""
    match _method(number):
        case "every whole day":
            least = 1 if number.kind == "confirm" else 0  # a confirmation of 0 days means 1
            own = max(int(number.value), least)
            stops = range(own - 1, least - 1, -1) if way < 0 else range(own + 1, days + 2)  # one more than the run has: never
            yield from (_Point(float(stop), float(stop), at_bound=True) for stop in stops)
        case "every value":
            assert number.against is not None  # so the method says
            yield from _between(number.value, number.against, way, _REACH * number.scale)
        case _:
            near = np.geomspace(_FINEST, _WIDEST, _STEPS) * number.scale
            far = np.linspace(0, _WIDEST, _STEPS + 1)[1:] * number.scale
            for distance in np.unique(np.concatenate([near, far])).tolist():
                value = number.value + way * distance
                yield _Point(value, value, at_bound=True)


def _between(
    value: float, against: np.ndarray[tuple[int, ...], np.dtype[np.float64]], way: int, reach: float
) -> Iterator[_Point]:
    """Each value beyond the number's own, and one in each gap. In a gap no comparison differs, so one stands for all."""
    finite = against[np.isfinite(against)]
    stops = sorted({each for each in finite.tolist() if (each - value) * way >= 0}, key=lambda each: each * way)
    for stop, after in zip(stops, [*stops[1:], way * math.inf], strict=False):
        if stop != value:
            yield _Point(stop, stop, at_bound=True)
        if np.nextafter(stop, after) != after:
            yield _Point(simplest_beyond(stop, after, reach), stop, at_bound=False)


# What is found -------------------------------------------------------------------------------------------------------------


def _first(tried: _Tried, variants: Variants, differs: _Differs) -> Flip | None:
    number, points, paths = tried.number, tried.points, tried.paths
    at = next((index for index, path in enumerate(paths) if differs(variants.base, path)), None)
    if at is None:
        return None
    if _method(number) == "numeric search":
        same = points[at - 1].value if at else number.value
        return _bisected(number, tried.way, same, points[at].value, variants, differs)
    point, path = points[at], paths[at]
    # a bound with many digits is printed by a shorter number beyond it, where that leads to the same
    beyond = at + 1 < len(points) and not points[at + 1].at_bound and paths[at + 1] == path
    if point.at_bound and beyond and len(repr(point.value).removesuffix(".0")) > _FEW_DIGITS:
        point = _Point(points[at + 1].value, point.bound, at_bound=True)
    exact = number.kind != "threshold" or differs is _any_change or number.fixed_sides
    return _flip(number, tried.way, point, path, variants, exact=exact)


def _bisected(number: Varied, way: int, same: float, other: float, variants: Variants, differs: _Differs) -> Flip:
    """Between a value that changes nothing and one that does: closer, then a readable number where one does the same."""
    far = other
    for _ in range(_ROUNDS):
        values = [each for each in np.linspace(same, other, _SECTIONS + 1).tolist() if each not in (same, other)]
        paths = variants.paths([(number.path, each) for each in values])[1:]
        hit = next((index for index, path in enumerate(paths) if differs(variants.base, path)), len(values))
        same, other = (values[hit - 1] if hit else same), (values[hit] if hit < len(values) else other)
    shown = simplest_beyond(other, far + way * _REACH * number.scale, _REACH * number.scale)
    path, short = variants.paths([(number.path, other), (number.path, shown)])[1:]
    point = _Point(shown if short == path else other, other, at_bound=True)
    return _flip(number, way, point, path, variants, exact=False)


def _flip(number: Varied, way: int, point: _Point, path: Path, variants: Variants, *, exact: bool) -> Flip:
    if variants.walked(number.path, point.value) != path:
        raise AssertionError(f"the engine and the plain loop disagree on {number.path} = {point.value}")
    return Flip(number, "down" if way < 0 else "up", point.value, point.bound, point.at_bound, exact, path)
