"""Scenario discovery: boxes of factors in which a phase is reached, found by PRIM.

Friedman and Fisher (1999), "Bump hunting in high-dimensional data", Statistics and Computing 9, 123–143; Bryant and Lempert
(2010), "Thinking inside the box", Technological Forecasting and Social Change 77, 34–49.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.designs import design
from sim.analysis.extras import optional
from sim.analysis.factors import Factor, matrix
from sim.draws import Floats
from sim.errors import BadUsage
from sim.intervals import wilson

Truth = NDArray[np.bool_]

PEEL = 0.05
"""Share of the cases in a box that one step peels off: patience (Friedman and Fisher 1999, section 8.3)."""
LEAST_MASS = 0.05
"""No box holds a smaller share of all cases."""
MOST_BOXES = 3
SIGNIFICANT = 0.05
"""A restriction whose quasi-p value is above this is dropped."""
_WHAT = "scenario discovery"


@dataclass(frozen=True)
class Limit:
    """A box's condition on one factor."""

    factor: Factor
    low: float | None
    """None: not limited from below"""
    high: float | None
    quasi_p: float = 0.0
    """how likely so many cases of interest, or more, would be in the box if the condition did nothing"""

    def holds(self, values: Floats) -> Truth:
        low, high = -np.inf if self.low is None else self.low, np.inf if self.high is None else self.high
        return np.asarray((values >= low) & (values <= high))

    @property
    def choices(self) -> tuple[float, ...]:
        """Of a discrete factor: the values inside."""
        return tuple(each for each in self.factor.choices if bool(self.holds(np.array([each]))[0]))


@dataclass(frozen=True)
class Score:
    """How well a box tells the cases of interest from the others. Counts, so that shares and intervals follow."""

    cases: int
    """in all"""
    interest: int
    """of them, of interest"""
    inside: int
    """in the box"""
    found: int
    """in the box and of interest"""

    @property
    def coverage(self) -> float:
        """Share of the cases of interest that the box holds."""
        return self.found / self.interest if self.interest else 0.0

    @property
    def density(self) -> float:
        """Share of the cases in the box that are of interest."""
        return self.found / self.inside if self.inside else 0.0

    @property
    def mass(self) -> float:
        """Share of all cases that the box holds."""
        return self.inside / self.cases

    @property
    def share(self) -> float:
        """Share of all cases that are of interest: the density of a box that tells nothing."""
        return self.interest / self.cases

    @property
    def denser(self) -> bool:
        """Does the density's interval lie above the share of all cases? Not where the box holds no case."""
        return self.density_interval[0] > self.share

    @property
    def coverage_interval(self) -> tuple[float, float]:
        return _interval(self.found, self.interest)

    @property
    def density_interval(self) -> tuple[float, float]:
        return _interval(self.found, self.inside)

    @property
    def harmonic(self) -> float:
        """The harmonic mean of coverage and density."""
        both = self.coverage + self.density
        return 2 * self.coverage * self.density / both if both else 0.0


def _interval(count: int, of: int) -> tuple[float, float]:
    if not of:
        return 0.0, 1.0
    low, high = wilson(count, of)
    return float(low), float(high)


@dataclass(frozen=True)
class Step:
    """A box of the peeling and pasting trajectory."""

    score: Score
    limits: tuple[Limit, ...]


@dataclass(frozen=True)
class Box:
    """One box: conditions under which the phase is reached, and how far they hold on cases that did not shape them."""

    limits: tuple[Limit, ...]
    """the most telling first"""
    score: Score
    fresh: Score
    """of the same conditions on a fresh design"""
    trajectory: tuple[Step, ...]
    chosen: int
    """index of the step taken, before restrictions that tell nothing were dropped"""


@dataclass(frozen=True)
class Sample:
    """A design's cases: (cases, factors) values, and which cases are of interest."""

    values: Floats
    interest: Truth

    def without(self, inside: Truth) -> Sample:
        return Sample(self.values[~inside], self.interest[~inside])

    def inside(self, factors: Sequence[Factor], limits: Sequence[Limit]) -> Truth:
        truth = np.ones(len(self.values), dtype=bool)
        for each in limits:
            truth &= each.holds(self.values[:, factors.index(each.factor)])
        return truth

    def score(self, inside: Truth, of: Sample) -> Score:
        """`of` is the whole sample, of which this may be what earlier boxes left."""
        found = np.count_nonzero(inside & self.interest)
        return Score(len(of.values), int(of.interest.sum()), int(np.count_nonzero(inside)), int(found))


def require() -> None:
    """Raises MissingExtra, before any work is done."""
    for module in ("prim", "pandas", "scipy.stats"):
        optional(module, _WHAT)


def sampled(factors: Sequence[Factor], cases: int, seed: int, what: str, interest: Callable[[Floats], Truth]) -> Sample:
    """A Latin hypercube of cases, and which of them are of interest; `what` names its draws. Raises MissingExtra."""
    values = matrix(factors, design("lhs", factors, cases, seed, what).values)
    return Sample(values, interest(values))


def discover(
    factors: Sequence[Factor], sample: Sample, fresh: Sample, *, most: int = MOST_BOXES, step: int | None = None
) -> tuple[Box, ...]:
    """Boxes, each sought among the cases that earlier ones left; none where no condition tells anything.

    Of each trajectory the step with the greatest harmonic mean of coverage and density is taken, the one with the fewest
    conditions where several are equal (or, for the first box, `step`). Then conditions with a quasi-p value above SIGNIFICANT are
    dropped, the least telling first. A further box counts while it is denser than the sample as a whole and covers LEAST_MASS of
    the cases of interest. Raises MissingExtra, or BadUsage where the first trajectory has no such step.
    """
    boxes: list[Box] = []
    if sample.interest.all() or not sample.interest.any():
        _check(step, 0, f", as {'every' if sample.interest.all() else 'no'} case is of interest")
    rest, unseen = sample, fresh
    while len(boxes) < most and 0 < rest.interest.sum() < len(rest.interest):
        trajectory = _trajectory(factors, rest, sample)
        if not boxes:
            _check(step, len(trajectory) - 1)
        chosen = _best(trajectory) if step is None or boxes else step
        limits = _telling(factors, trajectory[chosen].limits, rest)
        inside, outside = rest.inside(factors, limits), unseen.inside(factors, limits)
        score = rest.score(inside, sample)
        if not limits or (boxes and (score.density <= sample.interest.mean() or score.coverage < LEAST_MASS)):
            break
        boxes.append(Box(limits, score, unseen.score(outside, fresh), trajectory, chosen))
        rest, unseen = rest.without(inside), unseen.without(outside)
    return tuple(boxes)


def _check(step: int | None, last: int, why: str = "") -> None:
    """Where every case is of interest, or none, the trajectory is the box of all cases alone."""
    if step is not None and not 0 <= step <= last:
        raise BadUsage(f"--step is a step of the first trajectory, 0 to {last}{why}, got {step}")


def _best(trajectory: Sequence[Step]) -> int:
    return max(range(len(trajectory)), key=lambda at: (trajectory[at].score.harmonic, -len(trajectory[at].limits)))


def _trajectory(factors: Sequence[Factor], rest: Sample, whole: Sample) -> tuple[Step, ...]:
    """Every box from all cases down, as the package finds them; limits at the edge of the sample are none."""
    box = _peeled(rest, LEAST_MASS * len(whole.values) / len(rest.values))
    if box is None:
        return (Step(rest.score(np.ones(len(rest.values), dtype=bool), whole), ()),)
    steps = []
    for index in range(len(box)):
        box.select(index)
        found = _limits(factors, rest, {str(name): (row["min"], row["max"]) for name, row in box.limits.iterrows()})
        steps.append(Step(rest.score(rest.inside(factors, found), whole), found))
    return tuple(steps)


def _peeled(rest: Sample, mass: float) -> Any:
    if mass >= 1:
        return None
    prim, pandas = optional("prim", _WHAT), optional("pandas", _WHAT)  # PRIM brings pandas along
    logging.getLogger("prim").setLevel(logging.WARNING)
    table = pandas.DataFrame(rest.values, columns=[_column(index) for index in range(rest.values.shape[1])])
    return prim.Prim(table, rest.interest, peel_alpha=PEEL, paste_alpha=PEEL, mass_min=mass).find_box()


def _column(index: int) -> str:
    """Dotted paths and dates would be odd names for the fields of a record array."""
    return f"f{index}"


def _limits(factors: Sequence[Factor], rest: Sample, found: Mapping[str, tuple[float, float]]) -> tuple[Limit, ...]:
    limits = []
    for index, factor in enumerate(factors):
        if _column(index) in found:
            low, high = map(float, found[_column(index)])
            values = rest.values[:, index]
            limits.append(Limit(factor, low if low > values.min() else None, high if high < values.max() else None))
    return tuple(each for each in limits if each.low is not None or each.high is not None)


def _telling(factors: Sequence[Factor], limits: Sequence[Limit], rest: Sample) -> tuple[Limit, ...]:
    """With quasi-p values, the smallest first, and without the conditions that tell nothing."""
    while limits:
        rated = [_rated(factors, limits, index, rest) for index in range(len(limits))]
        worst = max(rated, key=lambda each: each.quasi_p)
        if worst.quasi_p <= SIGNIFICANT:
            return tuple(sorted(rated, key=lambda each: each.quasi_p))
        limits = [each for each in rated if each is not worst]
    return ()


def _rated(factors: Sequence[Factor], limits: Sequence[Limit], index: int, rest: Sample) -> Limit:
    """One-sided binomial test of one condition, given the others (Bryant and Lempert 2010, appendix)."""
    binomial = optional("scipy.stats", _WHAT).binom
    each = limits[index]
    inside = rest.inside(factors, limits)
    without = rest.inside(factors, [*limits[:index], *limits[index + 1 :]])
    density = rest.interest[without].mean()
    found, cases = np.count_nonzero(inside & rest.interest), np.count_nonzero(inside)
    return Limit(each.factor, each.low, each.high, float(binomial.sf(found - 1, cases, density)))
