"""What an SCXML document says beside its states: what it assumes, and what it cannot carry, as text."""

from __future__ import annotations

from xml.etree.ElementTree import Element, SubElement

from sim.analysis.diagrams import Diagram
from sim.machine import Machine

NAMESPACE = "urn:phased:diagram:1"

_ASSUMES = """
A policy of phased as a W3C SCXML 1.0 document (ECMAScript datamodel; nothing but names, numbers, texts, +, -, and
comparisons, so that other datamodels can read it too).

Once a day, from day 0 on, send the event "day" with the raw truth of every guard, whatever the phase:
_event.data.holds_NAME is true or false for each transition NAME. Then the active state inside "phased.ladder", "phase.NAME",
is the phase at the end of that day. Send nothing else: the events that begin with "phased." are raised in here.

In this document, and so not yours to keep: confirmation (row_NAME days in a row against confirm_NAME; of a window the last
days on which the guard held, last_NAME_1 the latest), lag (pending, due), whether a pending transition lapses (revocable),
the least stay (entered, stay_PHASE), at most one change a day, and the order of the file.

What SCXML cannot carry, and who sends the event must know:
- what a guard compares: signposts, thresholds that are dated or drawn, and arithmetic. They stand in phased:known as text.
- days_in_phase, where a guard names it: the count before the day's decision, here day + 1 - entered before the event is sent.
- the horizon: a run ends when no event comes any more. What is pending then stays pending.
- what a default stands for: a signpost that the world lacks (phased:default).
- draws: a document holds the numbers of one run. {drawn}
"""
_NONE_DRAWN = "No count of days of this policy is uncertain."


def assumptions(diagram: Diagram, drawn: str) -> str:
    """The comment at the top. It holds no text of a file, which might hold two hyphens."""
    return f"\n{diagram.framing}\n{_ASSUMES.format(drawn=drawn or _NONE_DRAWN)}"


def known(diagram: Diagram, machine: Machine) -> Element:
    """Guards, thresholds and defaults as text, for people and for who feeds the document. No interpreter reads it."""
    root = Element("phased:known", {"title": diagram.title})
    for name, text in diagram.thresholds.items():
        SubElement(root, "phased:threshold", name=name, value=text)
    for each in machine.transitions:
        waits = next(drawn.terms for drawn in diagram.transitions if drawn.name == each.name)
        SubElement(root, "phased:guard", {"transition": each.name, "when": each.text, "waits": ", ".join(waits)})
    for phase in diagram.phases:
        if phase.stay:
            SubElement(root, "phased:stay", phase=phase.name, value=phase.stay)
    for name, number in machine.defaults.items():
        value = f"{number.fixed:g}" if number.fixed is not None else "drawn"
        SubElement(root, "phased:default", signpost=name, value=value)
    return root
