"""Two policies on the same draws, from their counts: who reaches a phase first, by how much, how surely, and where they part."""

from __future__ import annotations

import datetime as dt

import numpy as np

from sim.analysis.disagreement import Disagreement, Parted
from sim.measures import PairTally, PartingTally, capped_variance, mean_error, variance
from sim.results import FirstPassage, PairedPassage


def paired(
    counts: PairTally, a: FirstPassage, b: FirstPassage, *, scenario: str, names: tuple[str, str], phase: str
) -> PairedPassage:
    """Shares of runs, which sum to 1, and the mean difference with the standard error of the paired differences."""
    runs = counts.runs
    apart = sum(capped_variance(each.counts, each.runs) for each in (a, b))
    together = variance(counts.difference, counts.squared, runs)
    return PairedPassage(
        scenario,
        *names,
        phase,
        a_earlier=counts.a_earlier / runs,
        b_earlier=counts.b_earlier / runs,
        same_day=counts.same_day / runs,
        only_a=counts.only_a / runs,
        only_b=counts.only_b / runs,
        neither=counts.neither / runs,
        mean_difference=counts.difference / runs,
        se=mean_error(counts.difference, counts.squared, runs),
        median_a=a.quantile(0.5),
        median_b=b.quantile(0.5),
        runs=runs,
        variance_reduction=apart / together if together else None,
        single_path=a.single_path and b.single_path,
    )


def disagreement(
    counts: PartingTally,
    *,
    scenario: str,
    names: tuple[str, str],
    phases: tuple[tuple[str, ...], tuple[str, ...]],
    start: dt.date,
    single_path: bool,
) -> Disagreement:
    """`phases` are the names of each policy's phases, lowest first."""
    where = [
        Parted(phases[0][a], phases[1][b], int(counts.phases[a, b])) for a, b in np.argwhere(counts.phases).tolist()
    ]  # argwhere goes up both ladders, and the sort below keeps that order among equals
    first = FirstPassage(counts.runs, counts.first, single_path)
    parted = tuple(sorted(where, key=lambda each: -each.runs))
    return Disagreement(scenario, *names, start, first, counts.apart, parted)
