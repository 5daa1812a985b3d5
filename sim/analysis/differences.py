"""What differs between two policies' files, and each difference as a change of the first policy that can be tried alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from sim.analysis.disagreement import Disagreement
from sim.analysis.thresholds import number_text
from sim.machine import Machine, compile_machine
from sim.results import PairedPassage
from sim.spec import guard
from sim.spec.policy import Policy, Threshold, Transition, WithinWindow
from sim.spec.values import Numeric

Kind = Literal["number", "rule", "structure"]
"""A number; a guard or a transition; or what cannot stand alone: phases, their order, thresholds without a guard."""


@dataclass(frozen=True)
class Difference:
    """One thing that differs from policy a to policy b."""

    path: str
    """dotted, in the files of the two"""
    text: str
    """`front_line 3 → 2.5 rung`"""
    kind: Kind
    trial: Policy | None = None
    """policy a with just this difference; None where it cannot stand alone"""


@dataclass(frozen=True)
class Effect:
    """What a change of a policy changes, run by run on the same draws."""

    passages: tuple[PairedPassage, ...]
    """per phase above the lowest that both have"""
    parting: Disagreement


@dataclass(frozen=True)
class Tried:
    """A difference, and what it changes alone."""

    difference: Difference
    effect: Effect | None
    """None: it cannot stand alone, or was not tried"""


@dataclass(frozen=True)
class Differences:
    """All that differs from policy a to policy b, and what it changes on one scenario."""

    scenario: str
    a: str
    b: str
    parts: tuple[Tried, ...]
    whole: Effect


def differences(a: Policy, b: Policy, start: dt.date) -> tuple[Difference, ...]:
    """What differs from `a` to `b` in what shapes a run, in the order of the file: not in grades, notes, labels or evidence.

    `start` is the first day of the runs, on which dates in thresholds hang. Empty: the two behave alike.
    """
    one, other = compile_machine(a, start), compile_machine(b, start)
    parts = (_phases, _thresholds, _defaults, _transitions)
    return tuple(difference for part in parts for difference in part(a, b, one, other))


def behaviour(machine: Machine) -> str:
    """Equal for two machines that cannot behave differently: without names and thresholds that no guard uses."""
    used = {name for each in machine.transitions for name in guard.names(each.guard)}
    thresholds = {name: steps for name, steps in machine.thresholds.items() if name in used}
    defaults = {name: number for name, number in machine.defaults.items() if name in used}
    phases = [(each.name, each.min_stay) for each in machine.phases]
    rules = [(each.name, each.leaves, each.to, _meaning(each.guard), *_manner(each)) for each in machine.transitions]
    return repr((phases, machine.initial, sorted(thresholds.items()), sorted(defaults.items()), rules))


def _meaning(node: Any) -> Any:
    """A guard without the places of its words in the text."""
    if isinstance(node, tuple):
        return tuple(map(_meaning, node))
    if not is_dataclass(node):
        return node
    return type(node).__name__, *(_meaning(getattr(node, each.name)) for each in fields(node) if each.name != "at")


def _manner(each: Any) -> tuple[object, ...]:
    return each.confirm, each.window, each.lag, each.revocable


# phases -----------------------------------------------------------------------------------------------------------------------


def _phases(a: Policy, b: Policy, one: Machine, other: Machine) -> Iterator[Difference]:
    yield from (Difference(f"phases.{name}", f"phase {name} added", "structure") for name in b.phases if name not in a.phases)
    yield from (Difference(f"phases.{name}", f"phase {name} removed", "structure") for name in a.phases if name not in b.phases)
    common = [name for name in a.phases if name in b.phases]
    order = [name for name in b.phases if name in a.phases]
    if common != order:
        yield Difference("phases", f"order of the phases {_listed(common)} → {_listed(order)}", "structure")
    first = one.phases[one.initial].name, other.phases[other.initial].name
    if first[0] != first[1]:
        trial = a.model_copy(update={"initial": first[1]}) if first[1] in a.phases else None
        yield Difference("initial", f"initial phase {first[0]} → {first[1]}", "number" if trial else "structure", trial)
    stays = {phase.name: phase.min_stay for phase in other.phases}
    for phase in one.phases:
        if phase.name in stays and phase.min_stay != stays[phase.name]:
            text = f"{phase.name} min_stay {_change(a.phases[phase.name].min_stay, b.phases[phase.name].min_stay)}"
            changed = a.phases[phase.name].model_copy(update={"min_stay": b.phases[phase.name].min_stay})
            yield Difference(f"phases.{phase.name}.min_stay", text, "number", _with(a, "phases", phase.name, changed))


# thresholds and reads -----------------------------------------------------------------------------------------------------------


def _thresholds(a: Policy, b: Policy, one: Machine, other: Machine) -> Iterator[Difference]:
    for name, threshold in a.thresholds.items():
        path = f"thresholds.{name}"
        if name not in b.thresholds:
            yield Difference(path, f"threshold {name} removed ({_level(threshold)} {threshold.unit})", "structure")
            continue
        changed, units = b.thresholds[name], (threshold.unit, b.thresholds[name].unit)
        if units[0] != units[1]:
            text = f"{name} {_level(threshold)} {units[0]} → {_level(changed)} {units[1]}"
            yield Difference(path, text, "structure")
        elif one.thresholds[name] != other.thresholds[name]:
            text = f"{name} {_level(threshold)} → {_level(changed)} {units[0]}"
            yield Difference(path, text, "number", _with(a, "thresholds", name, changed))
    for name, threshold in b.thresholds.items():
        if name not in a.thresholds:
            text = f"threshold {name} added ({_level(threshold)} {threshold.unit})"
            yield Difference(f"thresholds.{name}", text, "structure")


def _level(threshold: Threshold) -> str:
    """`3`, or `4, 3.5 from 2024-11-07`."""
    if not threshold.dated:
        return " ".join(number_text(each) for each in threshold.numbers("").values())
    first, *rest = threshold.dated.items()
    return ", ".join([number_text(first[1]), *(f"{number_text(number)} from {when}" for when, number in rest)])


def _defaults(a: Policy, b: Policy, one: Machine, other: Machine) -> Iterator[Difference]:
    for name, number in one.defaults.items():
        default = b.reads[name].default if name in b.reads else None
        if default is not None and other.defaults[name] != number:
            changed = a.reads[name].model_copy(update={"default": default})
            before = a.reads[name].default
            assert before is not None  # it was compiled
            text = f"{name} default {number_text(before)} → {number_text(default)}"
            yield Difference(f"reads.{name}.default", text, "number", _with(a, "reads", name, changed))


# transitions --------------------------------------------------------------------------------------------------------------------


def _transitions(a: Policy, b: Policy, one: Machine, other: Machine) -> Iterator[Difference]:
    rules = {each.name: each for each in other.transitions}
    for rule in one.transitions:
        name, path = rule.name, f"transitions.{rule.name}"
        if name not in rules:
            left = {each: transition for each, transition in a.transitions.items() if each != name}
            text = f"transition {name} removed ({_way(a.transitions[name])})"
            yield Difference(path, text, "rule", a.model_copy(update={"transitions": left}))
            continue
        before, after = a.transitions[name], b.transitions[name]
        yield from _way_changed(a, name, before, after)
        if _meaning(rule.guard) != _meaning(rules[name].guard):
            text = f"{name} when `{before.when}` → `{after.when}`"
            yield Difference(f"{path}.when", text, "rule", _ruled(a, b, name, before.model_copy(update={"when": after.when})))
        if (rule.confirm, rule.window) != (rules[name].confirm, rules[name].window):
            text = f"{name} confirm {_change(before.confirm, after.confirm)}"
            yield Difference(f"{path}.confirm", text, "number", _with_rule(a, name, before, "confirm", after.confirm))
        if rule.lag != rules[name].lag:
            text = f"{name} lag {_change(before.lag, after.lag)}"
            yield Difference(f"{path}.lag", text, "number", _with_rule(a, name, before, "lag", after.lag))
        if rule.revocable != rules[name].revocable:
            text = f"{name} revocable {_said(before.revocable)} → {_said(after.revocable)}"
            yield Difference(f"{path}.revocable", text, "number", _with_rule(a, name, before, "revocable", after.revocable))
    for name, transition in b.transitions.items():
        if name not in a.transitions:
            trial = _ruled(a, b, name, transition) if _known(transition, a) else None
            yield Difference(f"transitions.{name}", f"transition {name} added ({_way(transition)})", "rule", trial)
    yield from _order(a, b)


def _way_changed(a: Policy, name: str, before: Transition, after: Transition) -> Iterator[Difference]:
    """From which phases to which."""
    if (set(before.from_), before.to) != (set(after.from_), after.to):
        changed = before.model_copy(update={"from_": after.from_, "to": after.to})
        trial = _with(a, "transitions", name, changed) if _known(changed, a) else None
        text = f"{name} from {_ends(before)} → from {_ends(after)}"
        yield Difference(f"transitions.{name}", text, "rule", trial)


def _order(a: Policy, b: Policy) -> Iterator[Difference]:
    """Of two confirmed transitions the first is taken, so that their order is part of the rule."""
    common = [name for name in a.transitions if name in b.transitions]
    order = [name for name in b.transitions if name in a.transitions]
    if common != order:
        whole = len(common) == len(a.transitions)
        trial = a.model_copy(update={"transitions": {name: a.transitions[name] for name in order}}) if whole else None
        yield Difference("transitions", f"order of the transitions {_listed(common)} → {_listed(order)}", "rule", trial)


def _ruled(a: Policy, b: Policy, name: str, rule: Transition) -> Policy:
    """Policy `a` with a transition or guard of `b`, in b's place of it, with what its guard names and `a` lacks."""
    named = guard.names(guard.parse(rule.when))
    lacking = {key: each for key, each in b.thresholds.items() if key in named and key not in a.thresholds}
    reads = {key: each for key, each in b.reads.items() if key in named and key not in a.reads}
    order = list(a.transitions)
    if name not in order:
        above = list(b.transitions)[: list(b.transitions).index(name)]
        order.insert(max((order.index(each) + 1 for each in above if each in order), default=0), name)
    transitions = {each: rule if each == name else a.transitions[each] for each in order}
    sections = {"thresholds": {**a.thresholds, **lacking}, "reads": {**a.reads, **reads}, "transitions": transitions}
    return a.model_copy(update=sections)


def _with_rule(a: Policy, name: str, before: Transition, field: str, value: object) -> Policy:
    return _with(a, "transitions", name, before.model_copy(update={field: value}))


def _with(a: Policy, section: str, name: str, value: object) -> Policy:
    """Policy `a` with one entry of a section replaced."""
    entries: Mapping[str, object] = getattr(a, section)
    return a.model_copy(update={section: {**entries, name: value}})


def _known(transition: Transition, policy: Policy) -> bool:
    """Does the policy have all phases of a transition, and is it none that a change makes lead nowhere?"""
    named = {*transition.from_, transition.to} - {"any"}
    return named <= policy.phases.keys() and transition.to not in transition.from_


# words --------------------------------------------------------------------------------------------------------------------------


def _ends(transition: Transition) -> str:
    return f"{_listed(transition.from_)} to {transition.to}"


def _way(transition: Transition) -> str:
    return f"from {_ends(transition)} when `{transition.when}`"


def _listed(names: Any) -> str:
    return ", ".join(names)


def _said(value: bool) -> str:
    return "true" if value else "false"


def _change(before: Numeric | WithinWindow, after: Numeric | WithinWindow) -> str:
    """`1 → 21 days`."""
    first, last = _span(before), _span(after)
    return (
        f"{first} → {last}" if isinstance(before, WithinWindow) or isinstance(after, WithinWindow) else f"{first} → {last} days"
    )


def _span(number: Numeric | WithinWindow) -> str:
    """In days, whatever unit it was given in."""
    if isinstance(number, WithinWindow):
        return f"{_span(number.days)} of {_span(number.of)} days"
    if number.fixed is not None:
        return f"{number.fixed:g}"
    return number_text(number) + ("" if number.scale == 1 else f" × {number.scale:g}")
