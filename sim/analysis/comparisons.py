"""Comparisons as tables: what each policy came to on each scenario, and each two policies against each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim.analysis.tables import csv_bytes
from sim.results import DAY_QUANTILES, PairedPassage, Result

COMPARISON = ("scenario", "policy", "order", "phase", "statistic", "value")
_PAIR = (
    "runs a_earlier b_earlier same_day only_a only_b neither mean_difference se median_a median_b told_apart more_runs "
    "variance_reduction"
).split()
PAIRS = ("scenario", "a", "b", "order", "phase", *_PAIR)


def comparison_csv(results: Sequence[Result]) -> bytes:
    """Long: one row a scenario, policy, phase and statistic. `order` is the place of the phase in its ladder, the lowest 0."""
    return csv_bytes(COMPARISON, (row for result in results for row in _rows(result)))


def _rows(result: Result) -> Iterator[tuple[object, ...]]:
    for order, phase in enumerate(result.phases):
        for statistic, value in _statistics(result, phase.name).items():
            yield result.scenario, result.policy, order, phase.name, statistic, "" if value is None else value


def _statistics(result: Result, phase: str) -> Mapping[str, float | None]:
    """Of the lowest phase there is no first passage."""
    dwell, passage = result.dwell[phase], result.first_passage.get(phase)
    stay: dict[str, float | None] = {"mean_days": dwell.phase_days / result.runs, "mean_days_se": dwell.se}
    if passage is None:
        return stay
    low, high = passage.interval
    least, greatest = result.range_over_readings(phase) or (None, None)
    reached: dict[str, float | None] = {"reached": passage.reached, "reached_low": low, "reached_high": high}
    reached |= {"over_readings_least": least, "over_readings_greatest": greatest}
    return reached | {f"first_q{level}": passage.quantile(level) for level in DAY_QUANTILES} | stay


def pairs_csv(pairs: Sequence[PairedPassage], results: Sequence[Result]) -> bytes:
    """One row a scenario, two policies and a phase that both have; `order` is its place in the ladder of `a`."""
    ladders = {result.policy: [phase.name for phase in result.phases] for result in results}
    return csv_bytes(PAIRS, (_pair(each, ladders[each.a].index(each.phase)) for each in pairs))


def _pair(each: PairedPassage, order: int) -> tuple[object, ...]:
    values = (getattr(each, name) for name in _PAIR)
    return (each.scenario, each.a, each.b, order, each.phase, *("" if value is None else value for value in values))
