"""What stands behind a number of a policy: its grade, its facts with who said them, and the rival readings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.analysis.thresholds import number_text
from sim.machine import Model, Transition
from sim.numbers import Numbers
from sim.spec.evidence import Fact
from sim.spec.policy import Policy, WithinWindow
from sim.spec.values import Numeric


@dataclass(frozen=True)
class Cited:
    """A fact by its id, as a ledger holds it."""

    id: str
    fact: Fact


@dataclass(frozen=True)
class RivalValue:
    """Another reading of the same words."""

    name: str
    text: str
    """its number as the file gives it"""
    grade: str
    note: str | None
    facts: tuple[Cited, ...]


@dataclass(frozen=True)
class Behind:
    """A number of the policy as this run used it, and what it rests on."""

    path: str
    """dotted"""
    name: str
    """of the threshold, or the dotted path"""
    value: float
    unit: str
    grade: str
    drawn: str | None
    """the distribution that it was drawn from; None: it is fixed"""
    note: str | None
    facts: tuple[Cited, ...]
    rivals: tuple[RivalValue, ...] = ()


def cited(ids: Sequence[str], facts: Mapping[str, Fact]) -> tuple[Cited, ...]:
    """The facts of some ids. One that no ledger has cannot occur in a checked file."""
    return tuple(Cited(id_, facts[id_]) for id_ in ids if id_ in facts)


def behind_threshold(name: str, day: int, policy: Policy, model: Model, numbers: Numbers, facts: Mapping[str, Fact]) -> Behind:
    """The value of a threshold that holds on a day, with the rival readings of the threshold."""
    threshold, steps = policy.thresholds[name], model.machine.thresholds[name]
    quantity = steps.values[steps.before(day)]
    number = threshold.numbers(f"thresholds.{name}")[quantity.path]
    rivals = tuple(_rivals(policy, name, facts))
    return _behind(quantity.path, name, float(numbers(quantity)[0]), threshold.unit, number, facts, rivals)


def _rivals(policy: Policy, name: str, facts: Mapping[str, Fact]) -> Iterator[RivalValue]:
    for rival, reading in policy.thresholds[name].rivals.items():
        text = " → ".join(number_text(number) for number in reading.numbers("").values())
        yield RivalValue(rival, text, reading.grade, reading.note, cited(reading.evidence, facts))


def behind_days(
    transition: Transition, policy: Policy, numbers: Numbers, facts: Mapping[str, Fact]
) -> tuple[Behind | None, Behind]:
    """The confirmation (None where it is a window, m of the last n days) and the lag of a transition."""
    stated, path = policy.transitions[transition.name], f"transitions.{transition.name}"
    confirm = None
    if transition.confirm is not None and not isinstance(stated.confirm, WithinWindow):
        days = float(numbers(transition.confirm)[0])
        confirm = _behind(f"{path}.confirm", f"{path}.confirm", days, "days", stated.confirm, facts)
    lag = _behind(f"{path}.lag", f"{path}.lag", float(numbers(transition.lag)[0]), "days", stated.lag, facts)
    return confirm, lag


def _behind(
    path: str, name: str, value: float, unit: str, number: Numeric, facts: Mapping[str, Fact], rivals: tuple[RivalValue, ...] = ()
) -> Behind:
    drawn = None if number.distribution is None else number_text(number)
    return Behind(path, name, value, unit, number.grade, drawn, number.note, cited(number.evidence, facts), rivals)
