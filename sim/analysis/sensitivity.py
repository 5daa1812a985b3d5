"""Which uncertainty matters: Sobol' indices with intervals, the noise's share, and a one-at-a-time tornado."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sim.analysis.designs import generator
from sim.analysis.extras import optional
from sim.analysis.factors import Factor, matrix, values_at
from sim.draws import Floats
from sim.errors import BadUsage
from sim.intervals import LEVEL, Z

Evaluate = Callable[[Floats], Floats]
"""What is studied: values of the factors, (cases, factors), to measures, (measures, cases, replications); a test function too."""

RESAMPLES = 500
"""Bootstrap samples behind an interval."""
ENDS = (0.05, 0.95)
"""The quantiles of a factor between which a tornado moves it, the others at their medians."""


@dataclass(frozen=True)
class Spread:
    """How much a measure varies over cases, and how much of that is daily noise."""

    mean: float
    variance: float
    """over cases, of the mean over replications"""
    noise: float | None
    """share of `variance` that is left-over noise; None where one replication cannot tell"""
    noise_of_run: float | None
    """share of the variance of a single run that is daily noise"""

    @property
    def constant(self) -> bool:
        """It never varies: no factor can matter, and no index is defined."""
        return self.variance == 0


@dataclass(frozen=True)
class Index:
    """A factor's share of the variance over cases, with the half-widths of bootstrap intervals at intervals.LEVEL."""

    factor: Factor
    first: float
    """by itself: what fixing it would take away on average"""
    first_half: float
    total: float
    """with all its interactions: what would be left if all others were fixed"""
    total_half: float


@dataclass(frozen=True)
class Swing:
    """A factor at its 5% and 95% quantile, the others at their medians, on the same replications."""

    factor: Factor
    at: tuple[float, float]
    """its values"""
    means: tuple[float, float]
    """of the measure there"""
    difference: float
    se: float | None
    """standard error of `difference`, from paired replications; None where there is one replication"""

    @property
    def span(self) -> float:
        return abs(self.difference)


@dataclass(frozen=True)
class Shares:
    """Of one measure: its spread over cases, and who makes it."""

    spread: Spread
    indices: tuple[Index, ...]
    """in the order of the factors; none where the measure never varies"""


@dataclass(frozen=True)
class Tornado:
    """Of one measure: how far each factor alone moves it."""

    median: float
    """the measure's mean with all factors at their medians"""
    swings: tuple[Swing, ...]
    """the widest first"""


def shares(factors: Sequence[Factor], study: Evaluate, samples: int, seed: int, *, noisy: bool) -> tuple[Shares, ...]:
    """Per measure the Sobol' indices of its mean over replications; `factors` are at least one. See `sobol_points` for errors."""
    values = study(matrix(factors, values_at(factors, sobol_points(len(factors), samples, seed))))
    return tuple(
        Shares(spread(independent(each, len(factors)), noisy=noisy), sobol_indices(factors, each, seed)) for each in values
    )


def tornado(factors: Sequence[Factor], study: Evaluate) -> tuple[Tornado, ...]:
    """Per measure how far each factor moves it from its 5% to its 95% quantile, the others at their medians."""
    points = tornado_points(len(factors))
    at = matrix(factors, values_at(factors, points)) if factors else points
    return tuple(Tornado(float(each[0].mean()), swings(factors, at, each)) for each in study(at))


# Sobol' indices ---------------------------------------------------------------------------------------------------------------


def sobol_points(factors: int, samples: int, seed: int) -> Floats:
    """(samples × (factors + 2), factors) points in [0, 1): for each sample A, then A with one column of B each, then B.

    Saltelli et al. (2010, Computer Physics Communications 181, 259–270), on scrambled Sobol' points; SALib's order. `samples`
    is a power of two. Raises BadUsage or MissingExtra.
    """
    power = max(samples.bit_length() - 1, 1)
    if samples != 1 << power:
        raise BadUsage(f"--samples must be a power of two, such as {1 << power} or {2 << power}, got {samples}")
    saltelli = optional("SALib.sample.sobol", "a sensitivity analysis")
    return np.asarray(
        saltelli.sample(_problem(factors), samples, calc_second_order=False, seed=generator(seed, "sensitivity sobol"))
    )


def cases_of(factors: int, samples: int) -> int:
    """How many cases so many samples take."""
    return samples * (factors + 2) if factors else 0


def _problem(factors: int) -> dict[str, object]:
    return {"num_vars": factors, "names": [f"x{each}" for each in range(factors)], "bounds": [[0.0, 1.0]] * factors}


def sobol_indices(factors: Sequence[Factor], values: Floats, seed: int) -> tuple[Index, ...]:
    """The indices of the mean over replications, from values (cases, replications) at `sobol_points`; none where it is constant.

    First order by Saltelli et al. (2010, table 2 b), total by Jansen (1999, Computer Physics Communications 117, 35–43), as SALib
    has them; intervals by bootstrap over samples, which takes Sobol' points for independent ones and so errs on the wide side.
    """
    means = values.mean(axis=1)
    if not factors or np.ptp(means) == 0:
        return ()
    analyze = optional("SALib.analyze.sobol", "a sensitivity analysis").analyze
    seed_of = int(generator(seed, "sensitivity bootstrap").integers(1, 2**31))  # SALib takes 0 for no seed
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # a bootstrap sample of a rare event may not vary: 0 by 0
        found = analyze(
            _problem(len(factors)),
            means,
            calc_second_order=False,
            num_resamples=RESAMPLES,
            conf_level=LEVEL,
            keep_resamples=True,
            seed=seed_of,
        )
    halves = [_half(found[f"{name}_conf_all"]) for name in ("S1", "ST")]
    columns = zip(factors, found["S1"].tolist(), halves[0], found["ST"].tolist(), halves[1], strict=True)
    return tuple(Index(factor, *map(float, rest)) for factor, *rest in columns)


def _half(resampled: Floats) -> list[float]:
    """Half-widths of normal intervals from bootstrap samples, (samples, factors), without those that did not vary."""
    halves = []
    for column in resampled.T:
        usable = column[np.isfinite(column)]
        halves.append(Z * float(usable.std(ddof=1)) if usable.size > 1 else 0.0)
    return halves


def spread(values: Floats, *, noisy: bool = True) -> Spread:
    """Of independent cases, (cases, replications), all with the same replications: a two-way layout with one run per cell.

    Y[c,r] = μ + case[c] + replication[r] + rest[c,r]. MS is the mean square of the rest, Σ(Y − Ȳc − Ȳr + Ȳ)²/((C−1)(R−1)).
    What replications have in common shifts all cases alike, so the noise in the variance V of case means is MS/R, and `noise` is
    MS/(R·V). `noise_of_run` is (replication + rest)/(case + replication + rest) of the estimated components
    case = V − MS/R, replication = variance of Ȳr − MS/C, rest = MS, none below 0 (Searle, Casella and McCulloch 1992,
    Variance Components, ch. 4).
    """
    cases, replications = values.shape
    means = values.mean(axis=1)
    mean = float(means.mean())
    variance = float(means.var(ddof=1)) if cases > 1 and np.ptp(means) > 0 else 0.0
    if not noisy:
        return Spread(mean, variance, 0.0, 0.0)
    if replications < 2 or cases < 2:
        return Spread(mean, variance, None, None)
    by_replication = values.mean(axis=0)
    rest = values - means[:, None] - by_replication + mean
    square = float((rest**2).sum()) / ((cases - 1) * (replications - 1))
    case = max(0.0, variance - square / replications)
    common = max(0.0, float(by_replication.var(ddof=1)) - square / cases)
    total = case + common + square
    return Spread(
        mean,
        variance,
        min(1.0, square / replications / variance) if variance else None,
        (common + square) / total if total else None,
    )


def independent(values: Floats, factors: int) -> Floats:
    """Those of the cases of `sobol_points` that are independent draws: A and B of each sample."""
    by_sample = values.reshape(-1, factors + 2, values.shape[-1])
    return by_sample[:, (0, -1)].reshape(-1, values.shape[-1])


# Tornado ----------------------------------------------------------------------------------------------------------------------


def tornado_points(factors: int) -> Floats:
    """(1 + 2 × factors, factors): all at their medians, then each at its two ENDS in turn."""
    points = np.full((1 + 2 * factors, factors), 0.5)
    for index in range(factors):
        points[1 + 2 * index : 3 + 2 * index, index] = ENDS
    return points


def swings(factors: Sequence[Factor], points: Floats, values: Floats) -> tuple[Swing, ...]:
    """From values (cases, replications) at `tornado_points`; `points` are the factors' values there. The widest first."""
    found = []
    for index, factor in enumerate(factors):
        low, high = 1 + 2 * index, 2 + 2 * index
        apart = values[high] - values[low]
        se = float(apart.std(ddof=1) / np.sqrt(apart.size)) if apart.size > 1 else None
        at = float(points[low, index]), float(points[high, index])
        found.append(Swing(factor, at, (float(values[low].mean()), float(values[high].mean())), float(apart.mean()), se))
    return tuple(sorted(found, key=lambda each: -each.span))
