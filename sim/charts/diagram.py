"""Diagram of a policy: its phases side by side, lowest first, and below them an arrow and its words for each transition."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.analysis.diagrams import UNSAID, Diagram, DrawnTransition
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import FAINT, GREY, INK, LABEL, SMALL, phase_colours, styled
from sim.charts.text import height, wrap
from sim.charts.words import joined, listed, made_by, plain
from sim.errors import BadUsage

MOST_PHASES, MOST_TRANSITIONS = 12, 40
"""beyond which a picture is no help to a reader"""

_NARROW = 9.0
_TEXT = 4.3
"""inches for the words of a transition"""
_COLUMN = (1.05, 1.5)
"""inches from one phase to the next: at least, and at most"""
_GAP = 0.3
_BAND, _PAD = 0.13, 0.07
_ROW = 0.13
"""inches between the words of two transitions"""
_ORDER = "Transitions in the order of the file: of those that are confirmed, the first is taken, one a day."


def diagram_chart(diagram: Diagram, imprint: Imprint) -> Chart:
    """The ladder of a policy. Raises BadUsage where there is more in it than a picture can show."""
    _refuse(diagram)
    headline = [_headline(diagram)]
    read = [f"{_ORDER} {UNSAID}"] if diagram.transitions else []
    small_print = [diagram.framing, *read, made_by(imprint)]
    with styled():
        sizes = _Sizes(diagram)
        page = Page(sizes.wide, sizes.body, Frame(headline, f"{diagram.title} · {diagram.name}", small_print))
        ax = page.figure.add_subplot()
        ax.set_axis_off()
        ax.set(xlim=(0, sizes.wide - 0.4), ylim=(-sizes.body + 0.1, 0))
        _draw(ax, diagram, sizes)
        return Chart(page.finish(), joined(headline), _description(diagram, headline), imprint)


def _refuse(diagram: Diagram) -> None:
    phases, transitions = len(diagram.phases), len(diagram.transitions)
    if phases > MOST_PHASES or transitions > MOST_TRANSITIONS:
        raise BadUsage(
            f"a picture shows up to {MOST_PHASES} phases and {MOST_TRANSITIONS} transitions, and {diagram.name} has {phases} "
            f"and {transitions}; --format dot or mermaid gives it to a program that can draw it larger"
        )


def _headline(diagram: Diagram) -> str:
    """How the ladder can be climbed, and whether it can be stepped down."""
    phases = f"{len(diagram.phases)} phase{'' if len(diagram.phases) == 1 else 's'}"
    if not diagram.transitions:
        return f"{phases} and no transition: the policy stays in {diagram.phases[diagram.initial].label}"
    ways = Counter(_way(each) for each in diagram.transitions)
    count = len(diagram.transitions)
    told = ", ".join(f"{ways[way] or 'none'} {way}" for way in ("up", "down", "either way") if ways[way] or way != "either way")
    return f"{phases}, {count} transition{'' if count == 1 else 's'}: {told}"


def _way(each: DrawnTransition) -> str:
    """Of one that leaves phases on both sides of the one that it enters: either way."""
    if max(each.leaves) < each.to:
        return "up"
    return "down" if min(each.leaves) > each.to else "either way"


class _Sizes:
    """Where everything stands, in inches from the upper left corner of the panel."""

    def __init__(self, diagram: Diagram) -> None:
        count = len(diagram.phases)
        self.column = min(max((_NARROW - 0.4 - _TEXT - _GAP) / count, _COLUMN[0]), _COLUMN[1])
        self.left = self.column * count
        self.wide = max(_NARROW, self.left + _GAP + _TEXT + 0.4)
        self.room = self.wide - 0.4 - self.left - _GAP
        inner = self.column - 0.3
        self.heads = [
            [wrap(each.label, inner, LABEL, True), "\n".join(wrap(line, inner, SMALL) for line in _below(diagram, index))]
            for index, each in enumerate(diagram.phases)
        ]
        self.head = max(self._head(*lines) for lines in self.heads)
        self.told = [self._told(number, each) for number, each in enumerate(diagram.transitions, 1)]
        self.rows = [sum(height(text, LABEL) for text in texts) + 2 * _ROW for texts in self.told]
        self.body = self.head + sum(self.rows) + 0.25

    def _head(self, name: str, below: str) -> float:
        return _BAND + 2 * _PAD + height(name, LABEL) + (height(below, SMALL) if below else 0)

    def _told(self, number: int, each: DrawnTransition) -> list[str]:
        texts = [f"{number}. {plain(each.name)}", each.resolved, ", ".join(each.terms)]
        return [wrap(text, 0.95 * self.room, LABEL, bold) for text, bold in zip(texts, (True, False, False), strict=True) if text]

    def x(self, phase: int) -> float:
        return (phase + 0.5) * self.column


def _below(diagram: Diagram, index: int) -> list[str]:
    """What stands below a phase's name."""
    return [*(["● starts here"] if index == diagram.initial else []), *filter(None, [diagram.phases[index].stay])]


def _draw(ax: Axes, diagram: Diagram, sizes: _Sizes) -> None:
    bottom = -sizes.head - sum(sizes.rows)
    for index, colour in enumerate(phase_colours(len(diagram.phases))):
        ax.plot([sizes.x(index)] * 2, [-sizes.head, bottom], color=FAINT, linewidth=1.0, zorder=1)
        _phase(ax, sizes, index, colour)
    top = -sizes.head
    for number, (each, texts, row) in enumerate(zip(diagram.transitions, sizes.told, sizes.rows, strict=True), 1):
        ax.plot([0, sizes.wide - 0.4], [top - row] * 2, color=FAINT, linewidth=0.4, zorder=0)
        _arrow(ax, sizes, each, top - row / 2, number)
        _words(ax, sizes.left + _GAP, top - _ROW, texts)
        top -= row


def _phase(ax: Axes, sizes: _Sizes, index: int, colour: str) -> None:
    """A box with a band of the phase's colour on top."""
    left, wide = sizes.x(index) - sizes.column / 2 + 0.08, sizes.column - 0.16
    for high, fill, above in ((sizes.head, "white", 2), (_BAND, colour, 3)):
        ax.add_patch(Rectangle((left, -high), wide, high, facecolor=fill, edgecolor=GREY, linewidth=0.7, zorder=above))
    name, below = sizes.heads[index]
    text: dict[str, Any] = {"ha": "center", "va": "top", "linespacing": 1.15, "zorder": 4}
    ax.text(sizes.x(index), -_BAND - _PAD, name, fontsize=LABEL, fontweight="bold", color=INK, **text)
    ax.text(sizes.x(index), -_BAND - _PAD - height(name, LABEL), below, fontsize=SMALL, color=GREY, **text)


def _arrow(ax: Axes, sizes: _Sizes, each: DrawnTransition, y: float, number: int) -> None:
    """A dot on every phase that it leaves, and a head on the one that it enters, from the left, the right or both."""
    to = sizes.x(each.to)
    ends = {min(each.leaves), max(each.leaves)}
    for end in (sizes.x(index) for index in ends if index != each.to):
        style = {"arrowstyle": "-|>,head_width=0.25,head_length=0.5", "color": INK, "linewidth": 1.2, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", xy=(to, y), xytext=(end, y), arrowprops=style, zorder=3)
    at = [sizes.x(index) for index in each.leaves]
    ax.plot(at, [y] * len(at), linestyle="none", marker="o", markersize=4.5, color=INK, zorder=4)
    ax.text(min([*at, to]) + 0.07, y + 0.04, str(number), fontsize=SMALL, fontweight="bold", color=INK, ha="left", va="bottom")


def _words(ax: Axes, x: float, y: float, texts: Sequence[str]) -> None:
    for text, weight in zip(texts, ("bold", "normal", "normal"), strict=False):
        ax.text(x, y, text, fontsize=LABEL, fontweight=weight, color=INK, ha="left", va="top", linespacing=1.15)
        y -= height(text, LABEL)


def _description(diagram: Diagram, headline: Sequence[str]) -> str:
    labels = [each.label for each in diagram.phases]
    ladder = ", ".join(f"{each.label} ({each.stay})" if each.stay else each.label for each in diagram.phases)
    steps = listed((_told(number, each, labels) for number, each in enumerate(diagram.transitions, 1)), most=MOST_TRANSITIONS)
    start = f"It starts in {labels[diagram.initial]}."
    return f"{diagram.title}. {joined(headline)}. Phases, lowest first: {ladder}. {start} Transitions: {steps or 'none'}."


def _told(number: int, each: DrawnTransition, labels: Sequence[str]) -> str:
    ends = f"from {' or '.join(labels[index] for index in each.leaves)} to {labels[each.to]}"
    return ", ".join([f"{number} {plain(each.name)} {ends} when {each.resolved}", *each.terms])
