"""A policy in the DOT language of Graphviz."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.analysis.diagrams import UNSAID, Diagram
from sim.diagram.words import ORDER, label, text_on

_WIDE = 44
"""characters in a line: Graphviz breaks none by itself"""


def dot(diagram: Diagram, colours: Sequence[str]) -> str:
    """A digraph: a node a phase, lowest first, and an edge for each phase that a transition leaves.

    `colours` are `#rrggbb`, one a phase. The language: https://graphviz.org/doc/info/lang.html.
    """
    return "\n".join(["digraph policy {", *(f"  {line}" for line in _lines(diagram, colours)), "}"]) + "\n"


def _lines(diagram: Diagram, colours: Sequence[str]) -> Iterator[str]:
    below = [diagram.framing, ORDER, UNSAID]
    yield f"label={_quoted([diagram.title, *below])}; labelloc=b; rankdir=LR; nodesep=0.6; ranksep=1.2;"
    yield 'fontname="DejaVu Sans,sans-serif"; fontsize=10;'
    yield 'node [shape=box, style="rounded,filled", fontname="DejaVu Sans,sans-serif", fontsize=11, color="#5b6670"];'
    yield 'edge [fontname="DejaVu Sans,sans-serif", fontsize=9, color="#5b6670"];'
    yield '"start." [shape=point, width=0.12, fillcolor=black, xlabel="initial"];'
    for phase, fill in zip(diagram.phases, colours, strict=True):
        lines = _quoted([phase.label, *([phase.stay] if phase.stay else [])])
        yield f'{_quoted([phase.name])} [label={lines}, fillcolor="{fill}", fontcolor="{text_on(fill)}"];'
    yield f'"start." -> {_quoted([diagram.phases[diagram.initial].name])};'
    for number, each in enumerate(diagram.transitions, 1):
        told = label(number, each, _WIDE)
        for at, index in enumerate(each.leaves):
            ends = f"{_quoted([diagram.phases[index].name])} -> {_quoted([diagram.phases[each.to].name])}"
            yield f"{ends} [label={_quoted(told if at == 0 else told[:1])}];"


def _quoted(lines: Sequence[str]) -> str:
    r"""A quoted string with its lines: a backslash or quote is kept as it is, `\n` is a new line."""
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ") for line in lines)
    return '"' + "\\n".join(escaped) + '"'
