"""A policy as a Mermaid state diagram, for Markdown pages that draw it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sim.analysis.diagrams import UNSAID, Diagram
from sim.diagram.words import ORDER, broken, label, text_on

_WIDE = 24
"""characters in a line: newer releases of Mermaid break at about as many by themselves, older ones not at all"""
_PLAIN = re.compile(r"[\w .,()\[\]+*/=–-]", re.ASCII)


def mermaid(diagram: Diagram, colours: Sequence[str]) -> str:
    """A `stateDiagram-v2`: a state a phase, lowest first, and an arrow for each phase that a transition leaves.

    `colours` are `#rrggbb`, one a phase. States are named `phase_NAME`, so that no name is a word of Mermaid's.
    """
    return "\n".join(_lines(diagram, colours)) + "\n"


def _lines(diagram: Diagram, colours: Sequence[str]) -> Iterator[str]:
    about = diagram.framing
    yield "stateDiagram-v2"
    yield f"  accTitle: {_escaped(diagram.title)}"
    yield f"  accDescr: {_escaped(' '.join([about, ORDER, UNSAID]))}"
    yield "  direction TB"
    for index, phase in enumerate(diagram.phases):
        box = _text([phase.label, *([phase.stay] if phase.stay else [])])
        yield f'  state "{box}" as {_id(diagram, index)}'
    note = _text([*broken(diagram.title, _WIDE), *broken(about, _WIDE)])
    yield f"  note right of {_id(diagram, len(diagram.phases) - 1)} : {note}"
    yield f"  [*] --> {_id(diagram, diagram.initial)}"
    for number, each in enumerate(diagram.transitions, 1):
        told = label(number, each, _WIDE)
        for at, index in enumerate(each.leaves):
            text = _text(told if at == 0 else told[:1])
            yield f"  {_id(diagram, index)} --> {_id(diagram, each.to)} : {text}"
    for index, fill in enumerate(colours):
        yield f"  classDef rung{index} fill:{fill},stroke:#5b6670,color:{text_on(fill)}"
        yield f"  class {_id(diagram, index)} rung{index}"


def _id(diagram: Diagram, index: int) -> str:
    return f"phase_{diagram.phases[index].name}"


def _text(lines: Sequence[str]) -> str:
    return "<br/>".join(map(_escaped, lines))


def _escaped(text: str) -> str:
    """Whatever Mermaid may take for a sign of its own as a number, `#62;` for `>`: it draws the character."""
    plain = " ".join(text.split())
    return "".join(each if _PLAIN.fullmatch(each) or each.isalnum() else f"#{ord(each)};" for each in plain)
