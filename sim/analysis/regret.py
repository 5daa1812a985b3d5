"""Regret: what each policy loses on each scenario beyond the least loss of those compared, by losses that a user states.

The days that cost are counted in every run against a twin that sees the policy's own world perfectly: by the policy's own rule,
or by one rule for all where the losses name it. Minimax regret is Savage's (1951, "The theory of statistical decision", Journal
of the American Statistical Association 46, 55–67; cited from memory): the policy whose greatest regret over the scenarios is
least. It gives no scenario a probability.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.intervals import Z
from sim.machine import Machine
from sim.results import Grades, Ints
from sim.spec.losses import Losses, Weights
from sim.spec.values import Number, numbers


@dataclass(frozen=True)
class Loss:
    """What one policy is expected to lose on one scenario, in the unit of the losses, over a whole run."""

    scenario: str
    policy: str
    late: float
    """the part of it for days late"""
    false_alarm: float
    in_phase: float
    se: float
    """Monte Carlo standard error of the whole"""
    regret: float
    """the loss less the least of the policies compared on this scenario"""
    regret_se: float
    """Monte Carlo standard error of `regret`, from the paired differences to the policy that loses least; 0 for that one"""

    @property
    def loss(self) -> float:
        return self.late + self.false_alarm + self.in_phase


@dataclass(frozen=True)
class Worst:
    """The greatest regret of a policy over the scenarios."""

    policy: str
    regret: float
    se: float
    scenario: str
    """on which it is greatest; the first of several"""
    rank: int
    """1: the least of all policies; policies with equal regret have equal ranks"""


@dataclass(frozen=True)
class RegretTable:
    """One set of losses: every policy on every scenario."""

    weights: str
    """`as stated`, or the name of another set"""
    title: str | None
    cells: tuple[Loss, ...]
    """scenario by scenario, policy by policy"""
    worst: tuple[Worst, ...]
    """per policy, in the order given"""

    @property
    def minimax(self) -> tuple[str, ...]:
        """The policies with the least greatest regret: one, or several that are equal."""
        return tuple(each.policy for each in self.worst if each.rank == 1)

    @property
    def told_apart(self) -> bool:
        """Is the least greatest regret further from the next than sampling alone makes likely (two independent normal errors)?

        Two scenarios share their draws, whose covariance is not counted: where it is positive, this is on the safe side.
        """
        ranked = sorted(self.worst, key=lambda each: each.rank)
        first, second = [each for each in ranked if each.rank == 1], [each for each in ranked if each.rank > 1]
        if not second:
            return True
        return second[0].regret - first[0].regret > Z * math.hypot(first[0].se, second[0].se)


@dataclass(frozen=True)
class Regret:
    """All sets of losses of a file, on the same runs."""

    losses: str
    title: str
    unit: str
    against: str | None
    """the policy by whose rule a phase is due; None: each policy by its own"""
    grades: Grades
    """of the numbers in the file"""
    tables: tuple[RegretTable, ...]
    """the losses as stated, then the other weights"""


@dataclass(frozen=True)
class Counted:
    """What one scenario's runs leave: sums of products of the days that cost, of all policies together."""

    scenario: str
    machines: tuple[Machine, ...]
    """of the policies, in order"""
    products: Ints
    """(k + 1, k + 1), as `measures.products` of the rows of `measures.days_that_cost` of each policy"""


def regret(losses: Losses, counted: Sequence[Counted]) -> Regret:
    """Every set of losses of a file, on scenarios that have the same policies."""
    grades = Counter(number.grade for _, number in numbers(losses))
    told = Grades(grades["quoted"], grades["reported"], grades["implied"], grades["assumed"])
    tables = tuple(_table(name, each, counted) for name, each in losses.sets.items())
    return Regret(losses.name, losses.title, losses.unit, losses.against, told, tables)


def _table(name: str, weights: Weights, counted: Sequence[Counted]) -> RegretTable:
    cells = tuple(cell for each in counted for cell in _scenario(each, weights))
    policies = [machine.name for machine in counted[0].machines]
    return RegretTable(name, weights.title, cells, _worst(policies, cells))


def _worst(policies: Sequence[str], cells: Sequence[Loss]) -> tuple[Worst, ...]:
    most = [max((cell for cell in cells if cell.policy == policy), key=lambda cell: cell.regret) for policy in policies]
    ranks = [1 + sum(other.regret < each.regret for other in most) for each in most]
    return tuple(
        Worst(each.policy, each.regret, each.regret_se, each.scenario, rank) for each, rank in zip(most, ranks, strict=True)
    )


Costs = Mapping[int, float]
"""What a day costs, by the count of days (its place in `Counted.products`) that it is counted in; 0 for all others."""


def _scenario(counted: Counted, weights: Weights) -> list[Loss]:
    """The policies on one scenario. Those that spend their days alike have no regret against each other, to the last bit."""
    parts = list(_per_day(weights, counted.machines))
    means = [[_mean(costs, counted.products) for costs in each] for each in parts]
    losses = [math.fsum(each) for each in means]
    best = losses.index(min(losses))
    whole = [dict(item for costs in each for item in costs.items()) for each in parts]
    found = []
    for index, machine in enumerate(counted.machines):
        apart = dict(whole[index]) if index != best else {}
        for place, cost in whole[best].items() if index != best else ():
            apart[place] = apart.get(place, 0.0) - cost
        alone, paired = (_error(each, counted.products) for each in (whole[index], apart))
        late, alarm, there = means[index]
        more = losses[index] - losses[best]
        found.append(Loss(counted.scenario, machine.name, late, alarm, there, alone, more, paired))
    return found


def _per_day(weights: Weights, machines: Sequence[Machine]) -> Iterator[tuple[Costs, Costs, Costs]]:
    """Per policy, for days late, of false alarm and in phases: in the order of `measures.days_that_cost`, after the 1."""
    start = 1
    for machine in machines:
        names = [phase.name for phase in machine.phases]
        late = {start + at: cost for at, cost in _costs(weights.late, names[1:])}
        alarm = {start + len(names) - 1: weights.false_alarm.fixed or 0.0}
        yield late, alarm, {start + len(names) + at: cost for at, cost in _costs(weights.in_phase, names)}
        start += 2 * len(names)


def _costs(costs: Mapping[str, Number], phases: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Of the phases that a policy has."""
    yield from ((at, costs[phase].fixed or 0.0) for at, phase in enumerate(phases) if phase in costs)


def _mean(costs: Costs, products: Ints) -> float:
    """Per run."""
    return math.fsum(cost * int(products[0, at]) for at, cost in costs.items()) / int(products[0, 0])


def _error(costs: Costs, products: Ints) -> float:
    """Monte Carlo standard error of the mean of a weighted sum of days, from whole numbers and so without cancellation."""
    runs = int(products[0, 0])
    if runs < 2:
        return 0.0
    terms = (
        costs[a] * costs[b] * (runs * int(products[a, b]) - int(products[0, a]) * int(products[0, b]))
        for a in costs
        for b in costs
    )
    return math.sqrt(max(0.0, math.fsum(terms)) / (runs - 1)) / runs
