"""What guards can and cannot do: never fire, always hold, hold together, or be taken by an earlier one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sim.errors import every
from sim.verify.cells import Truth
from sim.verify.view import Remark, View
from sim.verify.words import text_of, values_text

FEW = 12
"""Open questions of one transition that are told."""


def guard_remarks(view: View) -> Iterator[Remark]:
    for index in range(len(view.transitions)):
        yield from _holds(view, index)
    for index in range(len(view.transitions)):
        yield from _shadowed(view, index)
    for index in range(len(view.transitions)):
        yield from _overlap(view, index)


def _holds(view: View, index: int) -> Iterator[Remark]:
    """Never, always, or never for some draws; else the comparisons of which that is so."""
    table, field = view.table(index), view.field(index)
    if table is None:
        view.not_decided(index, "whether it can fire")
        return
    over = view.over(view.transitions[index].guard, view.setting.guards[index])
    if not table.may.any():
        yield Remark("warning", "never-fires", field, f"can never fire: the guard holds for no value ({over})")
        return
    if table.exact and table.sure.all():
        values = view.witness(table, 0, 0, 0)
        yield Remark(
            "warning", "always-holds", field, f"the guard holds for every value ({over}), so nothing need happen", None, values
        )
        return
    if not table.sure.any():
        view.not_decided(index, "whether it can fire")
    yield from _by_draw(view, index)
    for written, resolved in view.pieces(index):
        piece = view.cells.table([resolved])
        if piece is not None and (not piece.may.any() or (piece.exact and piece.sure.all())):
            how = "always" if piece.sure.all() else "never"
            told = f"{text_of(written)} {how} holds ({view.over(written, resolved)})"
            yield Remark("warning", "constant-comparison", field, told, written.at)


def _by_draw(view: View, index: int) -> Iterator[Remark]:
    """A guard that never holds for some values of drawn or dated thresholds."""
    table = view.table(index)
    assert table is not None
    never = np.flatnonzero(~table.may.any(axis=(2, 3)).ravel())
    if never.size:
        values = view.witness(table, int(never[0]), 0)
        fixed = {name: value for name, value in values.items() if name not in table.seen}
        told = f"can fire for some values of its drawn or dated thresholds, and never for others, such as {values_text(fixed)}"
        yield Remark("note", "fires-by-draw", view.field(index), told, None, fixed)


# an earlier one is always taken -----------------------------------------------------------------------------------------------


def shadowing(view: View, later: int, phase: int) -> list[int]:
    """Earlier transitions that leave the phase and of which one is confirmed whenever this one is; none: that is not certain."""
    if (later, phase) not in view.shadows:  # several rules ask, for each pair of transitions
        view.shadows[later, phase] = _shadowing(view, later, phase)
    return view.shadows[later, phase]


def _shadowing(view: View, later: int, phase: int) -> list[int]:
    earlier = [index for index in range(later) if view.transitions[index].leaves[phase] and view.can_fire(index)]
    for index in (each for each in earlier if _confirmed_with(view, each, later)):
        table = view.table(index, later)
        if table is not None and not (table.may[1] & ~table.may[0]).any():
            return [index]
    at_once = [index for index in earlier if _at_once(view, index)]
    if len(at_once) > 1 and view.confirm(later):
        table = view.table(*at_once, later)
        if table is not None and not (table.may[-1] & ~table.may[:-1].any(axis=0)).any():
            return at_once
    return []


def _at_once(view: View, index: int) -> bool:
    confirm = view.confirm(index)
    return confirm is not None and confirm.high == 1


def _confirmed_with(view: View, earlier: int, later: int) -> bool:
    """Whether, if the guard of the earlier holds wherever that of the later does, it is also confirmed whenever that is."""
    first, second = view.confirm(earlier), view.confirm(later)
    first_window, second_window = view.transitions[earlier].window, view.transitions[later].window
    if first_window is None:
        assert first is not None
        days = second.low if second else _unbroken(second_window)
        return first.high is not None and first.high <= days
    if second_window is None:
        return second is not None and first_window[0] <= second.low
    return first_window[0] <= second_window[0] and first_window[1] >= second_window[1]


def _unbroken(window: tuple[int, int] | None) -> int:
    """Days in a row up to today that a confirmed window certainly has."""
    return window[0] if window and window[0] == window[1] else 0


def _leaving(view: View, index: int) -> list[int]:
    return [phase for phase, leaves in enumerate(view.transitions[index].leaves) if leaves]


def _shadowed(view: View, index: int) -> Iterator[Remark]:
    if not view.can_fire(index):
        return
    by = {phase: shadowing(view, index, phase) for phase in _leaving(view, index)}
    told = [phase for phase, earlier in by.items() if earlier]
    if not told:
        return
    names = every(list(dict.fromkeys(view.transitions[each].name for phase in told for each in by[phase])))
    whole = len(told) == len(by)
    where = "" if whole else f" in {every([view.phases[phase] for phase in told])}"
    message = f"is never taken{where}: whenever its guard is confirmed, so is that of {names}, which stands before it"
    yield Remark("warning" if whole else "note", "shadowed", view.field(index), message)


# two at a time ----------------------------------------------------------------------------------------------------------------


def _overlap(view: View, later: int) -> Iterator[Remark]:
    """Earlier transitions that leave the same phase and whose guards can hold on the same day, in one note."""
    found = {earlier: values for earlier in range(later) if (values := _together(view, earlier, later)) is not None}
    if not found:
        return
    names = [view.transitions[earlier].name for earlier in found]
    values = next(iter(found.values()))
    one = f"{names[0]} ({values_text(values)})"
    stands = "stands" if len(names) == 1 else "stand"
    message = (
        f"can hold on the same day as {every([one, *names[1:]])}, which {stands} before it and can leave the same phase: "
        "whichever is confirmed first is taken, and on the same day the first in the file"
    )
    yield Remark("note", "overlap", view.field(later), message, None, values)


def _together(view: View, earlier: int, later: int) -> dict[str, float] | None:
    """Values at which two transitions of one phase hold on one day; none where there are none, or one is always taken."""
    both = [phase for phase in _leaving(view, later) if view.transitions[earlier].leaves[phase]]
    open_ = [phase for phase in both if not shadowing(view, later, phase)]
    if not open_ or not (view.can_fire(earlier) and view.can_fire(later)):
        return None
    table, question = view.table(earlier, later), f"whether it can hold together with {view.transitions[earlier].name}"
    found = where(table.sure[0] & table.sure[1]) if table else None
    if table is None or (found is None and (table.may[0] & table.may[1]).any()):
        view.not_decided(later, question)
    return view.witness(table, *found) if table and found else None


def where(truth: Truth) -> tuple[int, int, int] | None:
    """The simplest cell at which something is so: case, cell, days in the phase."""
    places = np.argwhere(truth)
    if not len(places):
        return None
    case, cell, days = min(places.tolist(), key=lambda each: (each[1], each[2], each[0]))
    return int(case), int(cell), int(days)


def undecided_remarks(view: View) -> Iterator[Remark]:
    """What could not be decided, per transition, and why."""
    open_ = {each.compare for each in view.cells.atoms if each.cuts is None}
    for index, questions in view.undecided.items():
        why = next((written for written, resolved in view.pieces(index) if any(each in open_ for each in resolved)), None)
        asked = list(dict.fromkeys(questions))
        more = [f"{len(asked) - FEW} more such questions"] if len(asked) > FEW + 1 else asked[FEW:]
        told = f"not decided: {every([*asked[:FEW], *more])}"
        reason = f"{text_of(why)} is arithmetic of several signposts" if why else "there are too many combinations of values"
        yield Remark("note", "not-decided", view.field(index), f"{told}; {reason}", why.at if why else None)
