"""Two policies on the same draws: who reaches a phase first, by how much, and how sure that is."""

from __future__ import annotations

from sim.measures import PairTally, capped_variance, mean_error, variance
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
    )
