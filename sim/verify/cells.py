"""The finitely many values over which guards are evaluated, so that whatever they can do, they do at one of them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from sim.engine.guards import compiled
from sim.results import Floats
from sim.spec.guard import DAYS_IN_PHASE, And, Compare, Condition, Constant, Not, Or, names
from sim.verify.atoms import Atom, atom_of, comparisons
from sim.verify.domains import Domain
from sim.verify.setting import Setting

MOST_CELLS = 200_000
"""Cells of one question; beyond, it is not decided."""
MOST_CANDIDATES = 2_000
"""Values of one name."""
MOST_KEPT = 24
"""Grids kept at a time, each of up to MOST_CELLS values a name."""
MOST_OPEN = 6
"""Comparisons of one question that are not decided: each is taken as true and as false."""

Truth = NDArray[np.bool_]
PerEpoch = Sequence[Condition]
"""A condition, resolved for each epoch."""


@dataclass(frozen=True)
class Table:
    """Conditions over cells. A case is an epoch with one value of every drawn number."""

    seen: Mapping[str, Floats]
    """(cells,): the values of each signpost, the roundest and smallest first"""
    drawn: Sequence[Mapping[str, float]]
    """per case, by dotted path"""
    epochs: Sequence[int]
    """per case"""
    sure: Truth
    """(conditions, cases, cells, days in the phase): at these very values"""
    may: Truth
    """the same over more cells, where what is not decided is taken as true and as false: what is false here never holds"""
    exact: bool
    """`sure` shows all that can be"""

    def values(self, cell: int) -> dict[str, float]:
        return {name: float(values[cell]) for name, values in self.seen.items()}


class Cells:
    """Values for every name of the guards of a setting."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        found = dict.fromkeys(each for guards in setting.guards for guard in guards for each in comparisons(guard))
        self.atoms: list[Atom] = [atom_of(each, setting.domains) for each in found]
        self._named: dict[int, tuple[Condition, tuple[str, ...]]] = {}
        """by identity; the condition is kept, so that no other can come to have the same"""
        self._undecided = {each.compare for each in self.atoms if each.cuts is None}
        self.candidates: dict[str, tuple[float, ...]] = _candidates(self.atoms, setting.domains)
        self._grid = lru_cache(maxsize=MOST_KEPT)(lambda *seen: _grid([self.candidates[name] for name in seen]))

    @cached_property
    def longest(self) -> int:
        """Days in a phase from which on no guard changes with more of them."""
        compared = next(group for group in _groups(self.atoms, list(self.setting.domains)) if DAYS_IN_PHASE in group)
        return math.ceil(max(value for name in compared for value in self.candidates[name])) + (len(compared) > 1)

    def names_in(self, one: Condition) -> tuple[str, ...]:
        """Each condition is walked once: pairs of long guards ask again and again."""
        if id(one) not in self._named:
            self._named[id(one)] = (one, names(one))
        return self._named[id(one)][1]

    def decided(self, conditions: Sequence[PerEpoch]) -> bool:
        return not any(each in self._undecided for per_epoch in conditions for one in per_epoch for each in comparisons(one))

    def table(self, conditions: Sequence[PerEpoch]) -> Table | None:
        """The conditions over every cell of the names that they use; None where these are too many."""
        used = dict.fromkeys(name for per_epoch in conditions for one in per_epoch for name in self.names_in(one))
        paths = [each.path for each in self.setting.drawn if each.path in used]
        seen = [name for name in used if name not in paths and name != DAYS_IN_PHASE]
        days = np.arange(self.longest + 1.0) if DAYS_IN_PHASE in used else np.zeros(1)
        sizes = [len(self.candidates[name]) for name in [*paths, *seen]]
        if max(sizes, default=1) > MOST_CANDIDATES or math.prod([*sizes, len(days), len(self.setting.epochs)]) > MOST_CELLS:
            return None
        draws = [dict(zip(paths, each, strict=True)) for each in itertools.product(*(self.candidates[path] for path in paths))]
        cases = [(epoch, draw) for epoch in range(len(self.setting.epochs)) for draw in draws]
        grid = self._grid(*seen)
        values = dict(zip(seen, grid, strict=True))
        sure = _truths(conditions, cases, values, days)
        pending = [each for each in self._undecided if any(each in comparisons(one) for per in conditions for one in per)]
        if len(pending) > MOST_OPEN:
            return None
        may = (
            sure
            if not pending
            else np.concatenate(
                [
                    _truths(
                        [[_put(one, dict(zip(pending, way, strict=True))) for one in per] for per in conditions],
                        cases,
                        values,
                        days,
                    )
                    for way in itertools.product((False, True), repeat=len(pending))
                ],
                axis=2,
            )
        )
        return Table(values, [draw for _, draw in cases], [epoch for epoch, _ in cases], sure, may, not pending)


def _truths(
    conditions: Sequence[PerEpoch], cases: Sequence[tuple[int, Mapping[str, float]]], seen: Mapping[str, Floats], days: Floats
) -> Truth:
    """(conditions, cases, cells, days in the phase), by the engine's own evaluation."""
    cells = len(next(iter(seen.values()), np.zeros(1)))
    out = np.empty((len(conditions), len(cases), cells, len(days)), np.bool_)
    compiled_ones = [[compiled(one) for one in per_epoch] for per_epoch in conditions]
    values = {name: each[:, None] for name, each in seen.items()} | {DAYS_IN_PHASE: days[None, :]}
    with np.errstate(all="ignore"):
        for case, (epoch, draw) in enumerate(cases):
            known = values | {path: np.array([[value]]) for path, value in draw.items()}
            for index, per_epoch in enumerate(compiled_ones):
                out[index, case] = per_epoch[epoch](known)
    return out


def _put(condition: Condition, truths: Mapping[Compare, bool]) -> Condition:
    """With some comparisons taken as true or false."""
    match condition:
        case Compare():
            if condition not in truths:
                return condition
            return Compare((Constant(1.0), Constant(1.0)), ("==" if truths[condition] else "!=",))
        case Not(operand, at):
            return Not(_put(operand, truths), at)
        case And(operands, at):
            return And(tuple(_put(each, truths) for each in operands), at)
        case Or(operands, at):
            return Or(tuple(_put(each, truths) for each in operands), at)


def _grid(candidates: Sequence[Sequence[float]]) -> list[Floats]:
    """Every combination, as one array per name, the simplest combinations first."""
    if not candidates:
        return []
    grid = [each.ravel() for each in np.meshgrid(*candidates, indexing="ij")]
    broken = sum((each != np.floor(each)).astype(np.int64) for each in grid)
    size = sum(np.abs(each) for each in grid)
    order = np.lexsort((size, broken))
    return [each[order] for each in grid]


# candidates -------------------------------------------------------------------------------------------------------------------


def _candidates(atoms: Sequence[Atom], domains: Mapping[str, Domain]) -> dict[str, tuple[float, ...]]:
    """For every name values that show all it can do in comparisons: alone, and in order with those it is compared with."""
    found: dict[str, tuple[float, ...]] = {}
    for group in _groups(atoms, list(domains)):
        cuts = {cut for each in atoms for name, its in (each.cuts or {}).items() if name in group for cut in its}
        for name in group:
            domain = domains[name]
            cuts |= {end for end in (*(domain.values or ()), domain.low, domain.high) if math.isfinite(end)}
        open_ = [name for name in group if domains[name].values is None]
        whole = [name for name in open_ if domains[name].whole]

        def crowd(low: float, high: float, open_: Sequence[str] = open_) -> int:
            return sum(domains[name].overlaps(low, high) for name in open_)

        for name in [*whole, *(each for each in group if each not in whole)]:
            found[name] = domains[name].candidates(sorted(cuts), crowd)
            if name in whole and len(open_) > 1:
                cuts |= set(found[name])
    return found


def _groups(atoms: Sequence[Atom], every: Sequence[str]) -> list[list[str]]:
    """Names that are compared with each other, directly or by way of others."""
    group = {name: {name} for name in every}
    for each in atoms:
        joined = set[str]().union(*(group[name] for name in each.together)) if each.together else set()
        for name in joined:
            group[name] = joined
    return [list(each) for each in {id(each): sorted(each) for each in group.values()}.values()]
