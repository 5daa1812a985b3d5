"""A policy as a diagram: its phases and transitions, each with its numbers in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sim.analysis.thresholds import number_text, shape_text
from sim.framing import TEACHING, assumed
from sim.results import Grades
from sim.spec import guard
from sim.spec.grading import policy_grades
from sim.spec.policy import ANY, Policy, Threshold, Transition, WithinWindow
from sim.spec.values import Days, Shape

UNSAID = "Where nothing is said of it, a guard is confirmed in one day and takes effect on the same day."
"""Of every diagram: what `DrawnTransition.terms` leaves out."""


@dataclass(frozen=True)
class DrawnPhase:
    """A phase as a diagram shows it."""

    name: str
    label: str
    stay: str
    """`at least 28 days (assumed)`; empty where the phase may end on its first day"""


@dataclass(frozen=True)
class DrawnTransition:
    """A transition as a diagram shows it."""

    name: str
    leaves: tuple[int, ...]
    """indices of the phases that it leaves, lowest first"""
    to: int
    when: str
    """the guard as written"""
    resolved: str
    """the guard, each threshold with its value, unit and grade where it is named first"""
    terms: tuple[str, ...]
    """confirmation, lag and whether it can be revoked; what takes a day or none and nothing else is left out"""


@dataclass(frozen=True)
class Diagram:
    """All that a diagram of a policy shows, in words."""

    name: str
    title: str
    phases: tuple[DrawnPhase, ...]
    """lowest first"""
    initial: int
    transitions: tuple[DrawnTransition, ...]
    """in the order of the file: the first confirmed one is taken"""
    thresholds: Mapping[str, str]
    """`3 rung, implied`: each threshold that a guard names"""
    grades: Grades

    @property
    def framing(self) -> str:
        """What every diagram says of itself, and how much of this policy is assumed."""
        return " ".join([TEACHING, *([assumed([self.grades])] if self.grades.total else [])])


def diagram_of(policy: Policy) -> Diagram:
    """What a diagram shows of a checked policy."""
    names = list(policy.phases)
    transitions = tuple(_transition(name, each, names, policy) for name, each in policy.transitions.items())
    used = {ref for each in policy.transitions.values() for ref in guard.names(guard.parse(each.when))}
    return Diagram(
        policy.name,
        policy.title,
        tuple(DrawnPhase(name, each.label or name, _stay(each.min_stay)) for name, each in policy.phases.items()),
        names.index(policy.initial) if policy.initial else 0,
        transitions,
        {name: threshold_words(each) for name, each in policy.thresholds.items() if name in used},
        _grades(policy),
    )


def _grades(policy: Policy) -> Grades:
    counted = Counter(grade for _, grade in policy_grades(policy))
    return Grades(counted["quoted"], counted["reported"], counted["implied"], counted["assumed"])


def _transition(name: str, each: Transition, names: list[str], policy: Policy) -> DrawnTransition:
    everywhere = each.from_ == (ANY,)
    leaves = tuple(at for at, phase in enumerate(names) if phase in each.from_ or (everywhere and phase != each.to))
    return DrawnTransition(name, leaves, names.index(each.to), each.when, _resolved(each.when, policy), tuple(_terms(each)))


def _resolved(text: str, policy: Policy) -> str:
    """`level >= front_line [3 rung, implied]`. From the end, so that the places of the names before it hold."""
    first: dict[str, int] = {}
    for ref in guard.refs(guard.parse(text)):
        if ref.name in policy.thresholds:
            first[ref.name] = min(ref.at, first.get(ref.name, ref.at))
    for name, at in sorted(first.items(), key=lambda pair: -pair[1]):
        end = at + len(name)
        text = f"{text[:end]} [{threshold_words(policy.thresholds[name])}]{text[end:]}"
    return " ".join(text.split())


def threshold_words(threshold: Threshold) -> str:
    """`3 rung, implied`; of one that is restated `4 from 2024-10-24, 3.5 from 2024-11-07, rung, assumed`."""
    numbers = threshold.numbers("")
    texts = {path.rsplit(".", 1)[-1]: number_text(number) for path, number in numbers.items()}
    grades = " and ".join(dict.fromkeys(number.grade for number in numbers.values()))
    if threshold.value is not None:
        return f"{texts['value']} {threshold.unit}, {grades}"
    return ", ".join([*(f"{text} from {when}" for when, text in texts.items()), threshold.unit, grades])


def _terms(each: Transition) -> Iterator[str]:
    if isinstance(each.confirm, WithinWindow):
        days, of = (number_text(number) for number in (each.confirm.days, each.confirm.of))
        yield f"confirm on {days} of {of} days ({each.confirm.days.grade})"
    elif each.confirm.fixed not in (0, 1):
        yield f"confirm {days_words(each.confirm)}"
    if each.lag.fixed != 0:
        yield f"lag {days_words(each.lag)}"
    if each.revocable and each.lag.fixed != 0:
        yield "revocable"


def _stay(days: Days) -> str:
    return "" if days.fixed == 0 else f"at least {days_words(days)}"


def days_words(days: Days) -> str:
    """`21 days (assumed)`, `uniform 14–56 days (assumed)`."""
    if not isinstance(days.value, Shape):
        return f"{days.fixed:g} day{'' if days.fixed == 1 else 's'} ({days.grade})"
    return f"{shape_text(days.value)} {'days' if days.scale == 1 else 'weeks'} ({days.grade})"
