"""What a ladder of phases can and cannot do: phases out of reach, without a way out, in the wrong order, or swinging."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.errors import every, listed
from sim.spec.guard import DAYS_IN_PHASE
from sim.verify.guards import shadowing
from sim.verify.view import Remark, View
from sim.verify.words import values_text


def edges(view: View) -> set[tuple[int, int]]:
    """From one phase to another, by a transition that may be taken there."""
    return {
        (phase, each.to)
        for index, each in enumerate(view.transitions)
        for phase, leaves in enumerate(each.leaves)
        if leaves and view.can_fire(index) and not shadowing(view, index, phase)
    }


def entered(view: View) -> set[int]:
    """The phases that a run may be in; the others it is never in."""
    inside, ways = {view.machine.initial}, edges(view)
    while grown := {to for start, to in ways if start in inside} - inside:
        inside |= grown
    return inside


def ladder_remarks(view: View) -> Iterator[Remark]:
    if len(view.phases) > 1 and not view.transitions:
        others = [name for index, name in enumerate(view.phases) if index != view.machine.initial]
        told = f"there is none: every run stays in {view.phases[view.machine.initial]}, and {every(others)} cannot be entered"
        yield Remark("note", "no-transitions", "transitions", told)
        return
    yield from _out_of_reach(view)
    yield from _traps(view)
    for up in _steps(view, upward=True):
        for down in _steps(view, upward=False):
            yield from _chatter(view, up, down)
        for higher in _steps(view, upward=True):
            yield from _out_of_order(view, up, higher)


def _out_of_reach(view: View) -> Iterator[Remark]:
    inside = entered(view)
    for index, name in enumerate(view.phases):
        if index in inside:
            continue
        ways = [each.name for each in view.transitions if each.to == index]
        why = f"{listed(ways)} is never taken" if ways else "no transition leads to it"
        yield Remark("warning", "unreachable-phase", f"phases.{name}", f"can never be entered: {why}")


def _traps(view: View) -> Iterator[Remark]:
    inside, ways = entered(view), edges(view)
    stuck = [name for index, name in enumerate(view.phases) if index in inside and not any(start == index for start, _ in ways)]
    if stuck and len(view.phases) > 1:
        told = f"no way leads out of {every(stuck)}: a run that is there stays there"
        yield Remark("note", "no-way-out", "phases" if len(stuck) > 1 else f"phases.{stuck[0]}", told)


def _steps(view: View, *, upward: bool) -> list[int]:
    """Transitions that lead up from (or down from) some phase that they leave."""
    return [
        index
        for index, each in enumerate(view.transitions)
        if any(leaves and (each.to > phase) is upward for phase, leaves in enumerate(each.leaves))
    ]


def _chatter(view: View, up: int, down: int) -> Iterator[Remark]:
    """A step down that holds where the step up holds: the phase swings although nothing changes."""
    rise, fall = view.transitions[up], view.transitions[down]
    if up == down or not (rise.leaves[fall.to] and fall.leaves[rise.to] and rise.to > fall.to):
        return
    table = view.table(up, down)
    question = f"whether it can hold where {rise.name} does"
    if table is None:
        view.not_decided(down, question)
        return
    found = np.argwhere(table.sure[0].any(axis=2) & table.sure[1].any(axis=2))
    if not len(found):
        if (table.may[0].any(axis=2) & table.may[1].any(axis=2)).any():
            view.not_decided(down, question)
        return
    case, cell = min(found.tolist(), key=lambda each: (each[1], each[0]))
    values = view.witness(table, case, cell, int(np.argmax(table.sure[1, case, cell])))
    draws = " for some draws" if view.setting.drawn and not (table.sure[0] & table.sure[1]).any(axis=(1, 2)).all() else ""
    message = (
        f"holds where {rise.name} holds{draws} ({values_text(values)}): the phase can swing between "
        f"{view.phases[fall.to]} and {view.phases[rise.to]} while nothing changes"
    )
    yield Remark("warning", "chatter", view.field(down), message, None, values)


def _out_of_order(view: View, lower: int, higher: int) -> Iterator[Remark]:
    """A step to a higher phase whose guard holds wherever that of a lower one does, and elsewhere too."""
    first, second = view.transitions[lower], view.transitions[higher]
    follows = second.leaves[first.to] or any(a and b for a, b in zip(first.leaves, second.leaves, strict=True))
    if second.to <= first.to or not follows or any(DAYS_IN_PHASE in view.cells.names_in(each.guard) for each in (first, second)):
        return
    table = view.table(lower, higher)
    if table is None or not table.exact:
        return
    easy, hard = table.sure[0, :, :, 0], table.sure[1, :, :, 0]
    implied = easy.any(axis=1) & ~(easy & ~hard).any(axis=1)
    case = next((int(each) for each in np.flatnonzero(implied) if (hard[each] & ~easy[each]).any()), None)
    if case is not None:
        cell = int(np.argmax(hard[case] & ~easy[case]))
        values = view.witness(table, case, cell)
        draws = "" if implied.all() else " for some values of drawn or dated thresholds"
        told = (
            f"{view.phases[second.to]} is easier to reach than {view.phases[first.to]}{draws}: the guard holds wherever that of "
        )
        told += f"{first.name} does, and elsewhere ({values_text(values)})"
        yield Remark("warning", "out-of-order", view.field(higher), told, None, values)
    elif implied.all():
        told = f"{view.phases[second.to]} is no harder to reach than {view.phases[first.to]}: "
        told += f"the guard holds where that of {first.name} does"
        yield Remark("note", "same-guard", view.field(higher), told)
