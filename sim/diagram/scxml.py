"""A policy as W3C SCXML 1.0: fed with the raw truth of its guards day by day, it walks the phases as the engine does.

The document (https://www.w3.org/TR/scxml/) keeps confirmation, lag, stay and what is pending in a datamodel of its own. Its
expressions are the few that ECMAScript and Python share, once `&&` is read as `and`: names, numbers, texts, `+`, `-`
and comparisons. What guards compute from signposts it cannot know; that stands beside, in a namespace of its own, as text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from sim.analysis.diagrams import Diagram
from sim.diagram.notes import NAMESPACE, assumptions, known
from sim.machine import Machine, Transition
from sim.world import Quantity

LADDER = "phased.ladder"
"""The state around all phases."""
PHASE = "phase."
"""Before the name of a phase in the id of its state. In XML no two ids are equal, and those of data are plain names."""
_DECIDE, _EFFECT = "phased.decide", "phased.effect"
_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot carry, escaped or not."""

Days = Callable[[Quantity], int]


def scxml(diagram: Diagram, machine: Machine, days: Days, drawn: str) -> bytes:
    """The document. `days` gives each count of days; `drawn` says where uncertain ones come from, and is empty if none is.

    It takes one event a day, `day`, with a boolean `holds_NAME` for each transition. Its active states are then the ladder and
    `phase.NAME`, the phase at the end of that day.
    """
    steps = [_step(each, days) for each in machine.transitions]
    stays = [days(phase.min_stay) for phase in machine.phases]
    root = Element("scxml", {"xmlns": "http://www.w3.org/2005/07/scxml", "xmlns:phased": NAMESPACE, "version": "1.0"})
    root.attrib |= {"datamodel": "ecmascript", "name": diagram.name, "initial": LADDER}
    root.append(ElementTree.Comment(assumptions(diagram, drawn)))
    root.append(known(diagram, machine))
    model = SubElement(root, "datamodel")
    model.extend(Element("data", id=name, expr=value) for name, value in _data(machine, steps, stays))
    ladder = SubElement(root, "state", id=LADDER, initial=PHASE + machine.phases[machine.initial].name)
    ladder.append(_day(steps))
    ladder.extend(_phase(index, machine, steps, stays[index]) for index in range(len(machine.phases)))
    _clean(root)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ElementTree.tostring(root, encoding="unicode")}\n'.encode()


@dataclass(frozen=True)
class _Step:
    """A transition with its counts of days."""

    name: str
    transition: Transition
    confirm: int
    """days in a row, at least 1; in a window the days that are needed"""
    window: int | None
    """of so many days; None: in a row"""
    lag: int

    @property
    def confirmed(self) -> str:
        """On k days in a row; or the m-th last day on which the guard held is one of the last n."""
        if self.window is None:
            return f"row_{self.name} >= confirm_{self.name}"
        return f"last_{self.name}_{self.confirm} > day - {self.window}"


def _step(each: Transition, days: Days) -> _Step:
    lag = days(each.lag)
    if each.window is not None:
        return _Step(each.name, each, *each.window, lag)
    assert each.confirm is not None  # it has either a window or days in a row
    return _Step(each.name, each, max(days(each.confirm), 1), None, lag)


def _data(machine: Machine, steps: Sequence[_Step], stays: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Names and first values. A guard counts as false on the days before day 0."""
    yield from (("day", "-1"), ("entered", "0"), ("pending", "''"), ("due", "-1"))
    yield from ((f"stay_{phase.name}", str(stay)) for phase, stay in zip(machine.phases, stays, strict=True) if stay)
    for step in steps:
        if step.window is None:
            yield from ((f"confirm_{step.name}", str(step.confirm)), (f"row_{step.name}", "0"))
        else:
            yield from ((f"last_{step.name}_{at}", str(-step.window)) for at in range(1, step.confirm + 1))
        if step.lag:
            yield f"lag_{step.name}", str(step.lag)


def _day(steps: Sequence[_Step]) -> Element:
    """Whatever the phase: count what every guard showed, then what is pending, and only if nothing is, decide."""
    found = Element("transition", event="day")
    _assign(found, "day", "day + 1")
    for step in steps:
        _count(found, step)
    pending = SubElement(found, "if", cond="pending == ''")
    SubElement(pending, "raise", event=_DECIDE)
    for step in (each for each in steps if each.lag and each.transition.revocable):
        SubElement(pending, "elseif", cond=f"pending == '{step.name}' && _event.data.holds_{step.name} == false")
        _assign(pending, "pending", "''")
    SubElement(pending, "elseif", cond="day == due")
    SubElement(pending, "raise", event=_EFFECT)
    return found


def _count(parent: Element, step: _Step) -> None:
    """What the guard showed today, and so far."""
    name = step.name
    holds = SubElement(parent, "if", cond=f"_event.data.holds_{name} == true")
    if step.window is None:
        _assign(holds, f"row_{name}", f"row_{name} + 1")
        SubElement(holds, "else")
        _assign(holds, f"row_{name}", "0")
        return
    for at in range(step.confirm, 1, -1):
        _assign(holds, f"last_{name}_{at}", f"last_{name}_{at - 1}")
    _assign(holds, f"last_{name}_1", "day")


def _phase(index: int, machine: Machine, steps: Sequence[_Step], stay: int) -> Element:
    """A state: what takes effect in it, and what is decided, in the order of the file."""
    phase = machine.phases[index]
    state = Element("state", {"id": PHASE + phase.name, "phased:label": phase.label})
    leaving = [step for step in steps if step.transition.leaves[index]]
    for step in (each for each in leaving if each.lag):
        effect = _arrow(state, step, _EFFECT, f"pending == '{step.name}'", machine)
        _assign(effect, "pending", "''")
        _assign(effect, "entered", "day")
    stayed = f"day - entered >= stay_{phase.name} && " if stay else ""
    for step in leaving:
        decided = _arrow(state, step, _DECIDE, stayed + step.confirmed, None if step.lag else machine)
        if step.lag:
            _assign(decided, "pending", f"'{step.name}'")
            _assign(decided, "due", f"day + lag_{step.name}")
        else:
            _assign(decided, "entered", "day")
    return state


def _arrow(state: Element, step: _Step, event: str, cond: str, machine: Machine | None) -> Element:
    """A transition of the document; without `machine` it stays in its state."""
    found = SubElement(state, "transition", {"event": event, "cond": cond, "phased:transition": step.name})
    if machine is not None:
        found.set("target", PHASE + machine.phases[step.transition.to].name)
    return found


def _assign(parent: Element, location: str, expr: str) -> None:
    SubElement(parent, "assign", location=location, expr=expr)


def _clean(root: Element) -> None:
    """Put a mark in the place of characters that XML cannot carry."""
    for each in root.iter():
        each.text = _FORBIDDEN.sub("\ufffd", each.text) if each.text else each.text
        each.attrib.update({key: _FORBIDDEN.sub("\ufffd", value) for key, value in each.items()})
