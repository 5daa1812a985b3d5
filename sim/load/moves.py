"""The daily moves of a variable: units, chances, and ladders that fit their bounds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sim.errors import Problem
from sim.load import numbers
from sim.load.source import Source
from sim.spec.scenario import Jumps, Ladder, Move, Variable, Walk
from sim.spec.values import Choice, Number, Rate

Bounds = tuple[float, float] | None
STEPPED = ("rung", "flag")
"""Units whose values are whole: continuous moves make no sense in them."""


def problems(source: Source[Any], path: str, move: Move, variable: Variable, bounds: Bounds) -> Iterator[Problem]:
    if move.walk:
        yield from _walk(source, f"{path}.walk", move.walk, variable.unit)
    if move.jumps:
        yield from numbers.rate(source, f"{path}.jumps.rate", move.jumps.rate, least=0)
        yield from numbers.plain(source, f"{path}.jumps.size", move.jumps.size, variable.unit)
    if move.ladder:
        yield from _ladder(source, f"{path}.ladder", move.ladder, variable, bounds)


def _walk(source: Source[Any], path: str, walk: Walk, unit: str) -> Iterator[Problem]:
    yield from numbers.rate(source, f"{path}.drift", walk.drift, None if walk.relative else unit)
    yield from numbers.plain(source, f"{path}.volatility", walk.volatility, None, least=0)
    yield from numbers.plain(source, f"{path}.pull", walk.pull, None)
    yield from numbers.plain(source, f"{path}.toward", walk.toward, unit)


def _ladder(source: Source[Any], path: str, ladder: Ladder, variable: Variable, bounds: Bounds) -> Iterator[Problem]:
    yield from _rungs(source, path, ladder, variable, bounds)
    for side in ("up", "down"):
        for at, number in _chances(ladder, side, path):
            yield from numbers.chance(source, at, number)
    total, rung = _worst(ladder)
    each = [number.support[1] for side in ("up", "down") for _, number in _chances(ladder, side, path)]
    if total > 1 + 1e-9 and max(each) <= 1:
        where = f" on rung {rung}" if rung is not None else ""
        yield source.problem(path, f"the chances up and down must not sum to more than 1, they reach {total:g}{where}")


def _rungs(source: Source[Any], path: str, ladder: Ladder, variable: Variable, bounds: Bounds) -> Iterator[Problem]:
    """Both bounds, a whole number apart, and in a list one chance for each rung."""
    if variable.bounds is None:
        yield source.problem(path, "a ladder needs bounds, such as bounds: [0, 4]")
    if bounds is None:
        return
    apart = bounds[1] - bounds[0]
    if not apart.is_integer():
        yield source.problem(path, f"a ladder needs bounds a whole number apart, got {bounds[0]:g} to {bounds[1]:g}")
        return
    for side, chances in (("up", ladder.up), ("down", ladder.down)):
        if isinstance(chances, tuple) and len(chances) != apart + 1:
            wanted = f"{apart + 1:g} rungs from {bounds[0]:g} to {bounds[1]:g}"
            yield source.problem(f"{path}.{side}", f"needs one chance for each of the {wanted}, got {len(chances)}")


def _chances(ladder: Ladder, side: str, path: str) -> list[tuple[str, Rate]]:
    chances: Rate | tuple[Rate, ...] = getattr(ladder, side)
    if isinstance(chances, tuple):
        return [(f"{path}.{side}.{index}", number) for index, number in enumerate(chances)]
    return [(f"{path}.{side}", chances)]


def _worst(ladder: Ladder) -> tuple[float, int | None]:
    """The greatest sum of both chances, and its rung where there are lists."""
    up, down = ([number.support[1] for _, number in _chances(ladder, side, "")] for side in ("up", "down"))
    longest = max(len(up), len(down))
    sums = [a + b for a, b in zip(_spread(up, longest), _spread(down, longest), strict=False)]
    if not sums:
        return 0.0, None
    return max(sums), sums.index(max(sums)) if longest > 1 else None


def _spread(chances: list[float], length: int) -> list[float]:
    return chances * length if len(chances) == 1 else chances


def warnings(source: Source[Any], path: str, variable: Variable) -> Iterator[Problem]:
    """Continuous moves of a variable whose values are whole."""
    if variable.unit not in STEPPED:
        return
    for name, move in variable.moves.items():
        if move.walk or (move.jumps and not _whole(move.jumps)):
            kind = "walk" if move.walk else "jumps"
            message = f"a {variable.unit} takes whole values, but this move is continuous; a ladder steps by whole ones"
            yield source.at_key(f"{path}.moves.{name}.{kind}", message)


def _whole(jumps: Jumps) -> bool:
    size: Number = jumps.size
    if isinstance(size.distribution, Choice):
        return all(each.value.is_integer() for each in size.distribution.choice)
    return size.fixed is not None and size.fixed.is_integer()
