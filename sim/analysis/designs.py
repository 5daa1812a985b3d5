"""Designs: which cases are run. Each gives every factor a value per case, by the inverse CDF of a point of the unit cube."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sim.analysis.extras import optional
from sim.analysis.factors import Factor, values_at
from sim.draws import Floats, uniforms
from sim.errors import BadUsage

KINDS = ("random", "lhs", "sobol", "grid")
DEFAULT_CASES = 1_024


@dataclass(frozen=True)
class Design:
    """The cases of a design: what each factor is worth in each."""

    kind: str
    """one of KINDS, or `table`: values that a file gives"""
    cases: int
    values: Mapping[str, Floats]
    """by dotted path, (cases,) each; a factor that is missing is drawn by the number of the case, as in any ensemble"""
    levels: Mapping[str, int] = field(default_factory=dict)
    """of a grid, by dotted path"""

    @property
    def weighted(self) -> bool:
        """Do its cases follow the distributions, so that a mean over them estimates that of the model?"""
        return self.kind in ("random", "lhs", "sobol")


def generator(seed: int, what: str) -> np.random.Generator:
    """Random numbers for a library that wants a generator, named by what they are for."""
    digest = hashlib.blake2b(f"{seed}\x00{what}".encode(), digest_size=16).digest()
    return np.random.default_rng(int.from_bytes(digest, "little"))


def design(kind: str, factors: Sequence[Factor], cases: int, seed: int, what: str = "design") -> Design:
    """A design of one of KINDS; a grid has the most cases that `cases` leaves room for.

    random: the draws of cases 0, 1, … of a plain ensemble. lhs: Latin hypercube (McKay, Beckman and Conover 1979,
    Technometrics 21, 239–245). sobol: scrambled Sobol' points (Owen 1998, ACM TOMACS 8, 71–102), whose number must be a power of
    two. grid: full factorial, see `_grid`. Raises BadUsage or MissingExtra.
    """
    if cases < 1:
        raise BadUsage(f"--cases must be at least 1, got {cases}")
    if not factors:
        return Design(kind, 1, {})
    if kind == "grid":
        return _grid(factors, cases)
    points = {"random": _random, "lhs": _latin_hypercube, "sobol": _sobol}[kind](factors, cases, seed, what)
    return Design(kind, cases, values_at(factors, points))


def _random(factors: Sequence[Factor], cases: int, seed: int, what: str) -> Floats:  # noqa: ARG001 - all kinds take the same
    return np.column_stack([uniforms(seed, factor.path, np.arange(cases)) for factor in factors])


def _latin_hypercube(factors: Sequence[Factor], cases: int, seed: int, what: str) -> Floats:
    qmc = optional("scipy.stats.qmc", "a Latin hypercube")
    return np.asarray(qmc.LatinHypercube(len(factors), seed=generator(seed, f"{what} lhs")).random(cases))


def _sobol(factors: Sequence[Factor], cases: int, seed: int, what: str) -> Floats:
    power = cases.bit_length() - 1
    if cases != 1 << power:
        raise BadUsage(f"a sobol design has a power of two of cases: --cases {1 << power} or {2 << power}, got {cases}")
    qmc = optional("scipy.stats.qmc", "a Sobol' design")
    return np.asarray(qmc.Sobol(len(factors), seed=generator(seed, f"{what} sobol")).random_base2(power))


def _grid(factors: Sequence[Factor], cases: int) -> Design:
    """Full factorial: each discrete factor at every value that it can take, each continuous one at the same number of levels.

    L levels are the (i + ½)/L quantiles: the middles of L stretches that are equally likely. L is the greatest that keeps the
    number of cases within `cases`. The first factor varies slowest.
    """
    discrete = math.prod(len(each.choices) for each in factors if each.choices)
    continuous = sum(not each.choices for each in factors)
    if discrete > cases:
        raise BadUsage(
            f"a grid of the discrete factors alone has {discrete:,} cases: --cases must be at least that, got {cases:,}"
        )
    steps = _root(cases // discrete, continuous) if continuous else 1
    axes = [_levels(each, steps) for each in factors]
    mesh = np.meshgrid(*axes, indexing="ij")
    values = {factor.path: each.ravel() for factor, each in zip(factors, mesh, strict=True)}
    levels = {factor.path: axis.size for factor, axis in zip(factors, axes, strict=True)}
    return Design("grid", mesh[0].size, values, levels)


def _root(number: int, degree: int) -> int:
    """The greatest whole number whose power `degree` is at most `number`."""
    root = max(1, round(math.pow(number, 1 / degree)))
    while math.pow(root, degree) > number:
        root -= 1
    while math.pow(root + 1, degree) <= number:
        root += 1
    return root


def _levels(factor: Factor, steps: int) -> Floats:
    if factor.choices:
        return np.array(factor.choices)
    return factor.at((np.arange(steps) + 0.5) / steps)
