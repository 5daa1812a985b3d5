"""The page of every chart: headline and subtitle above, small print below, panels between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.transforms import offset_copy

from sim.charts.labels import Margin
from sim.charts.style import GREY, HEADLINE, INK, SMALL
from sim.charts.text import LEADING, height, wrap

_EDGE = 0.14
_SUBTITLE = 8.5
MOST_INCHES = 400.0
"""no side of a picture may exceed this: 60,000 pixels at 150 dpi, below what PNG writers take"""


@dataclass(frozen=True)
class Frame:
    """The words around the panels."""

    headline: Sequence[str]
    subtitle: str
    small_print: Sequence[str]
    notes: Sequence[str] = ()
    """a list between panels and small print"""


class Page:
    """A figure with reserved strips above and below; constrained layout arranges what is between."""

    def __init__(self, wide: float, body: float, frame: Frame) -> None:
        self._blocks = _blocks(frame, wide - 2 * _EDGE)
        self._above = sum(high for _, high, where, _ in self._blocks if where == "top") + _EDGE
        self._below = sum(high for _, high, where, _ in self._blocks if where == "bottom") + _EDGE
        self.figure = Figure(figsize=(wide, body + self._above + self._below), layout="constrained")
        self._write()
        self._reserve()
        self.margins: list[Margin] = []

    def _write(self) -> None:
        figure, down, up = self.figure, _EDGE, self._below
        for text, high, where, options in self._blocks:
            y = -down if where == "top" else up
            transform = offset_copy(figure.transFigure, figure, x=_EDGE, y=y, units="inches")
            figure.text(
                0,
                1 if where == "top" else 0,
                text,
                transform=transform,
                va="top",
                ha="left",
                linespacing=LEADING * 0.93,
                in_layout=False,
                **options,
            )
            down, up = (down + high, up) if where == "top" else (down, up - high)

    def _reserve(self) -> None:
        wide, high = (float(size) for size in self.figure.get_size_inches())
        engine = self.figure.get_layout_engine()
        assert isinstance(engine, ConstrainedLayoutEngine)
        x, y = (_EDGE - 0.05) / wide, self._below / high
        engine.set(rect=(x, y, 1 - 2 * x, 1 - y - self._above / high), w_pad=0.05, h_pad=0.04)

    def margin(self, margin: Margin) -> None:
        self.margins.append(margin)

    def finish(self) -> Figure:
        """Arrange once, make the page higher where labels need it, put the labels in place, and keep that arrangement."""
        self._arrange()
        lacking = self._lacking()
        if lacking > 0.01:
            wide, high = (float(size) for size in self.figure.get_size_inches())
            self.figure.set_size_inches(wide, min(high + lacking, MOST_INCHES))
            self._reserve()
            self._arrange()
        for margin in self.margins:
            margin.place()
        self.figure.set_layout_engine("none")
        return self.figure

    def _arrange(self) -> None:
        engine = self.figure.get_layout_engine()
        assert engine is not None
        engine.execute(self.figure)
        for ax in self.figure.axes:
            # The solver's last bits vary from one drawing to the next, and would vary the names of clip paths in an SVG.
            left, bottom, wide, high = (round(float(edge), 6) for edge in ax.get_position(original=True).bounds)
            ax.set_position((left, bottom, wide, high))
            ax.set_in_layout(True)

    def _lacking(self) -> float:
        """Inches: each panel grows by its share of the body, so the neediest panel decides."""
        worst = max((margin.needs / axes_height(margin.ax) for margin in self.margins), default=0.0)
        body = float(self.figure.get_size_inches()[1]) - self._above - self._below
        return max(0.0, worst - 1) * body


def axes_height(ax: Axes) -> float:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return float(ax.get_window_extent().height / figure.dpi)


def _blocks(frame: Frame, room: float) -> list[tuple[str, float, str, dict[str, Any]]]:
    """Every text block: wrapped, its height, where it goes, how it looks; from top to bottom within each strip."""
    bold = {"fontsize": HEADLINE, "fontweight": "bold", "color": INK}
    plain = {"fontsize": _SUBTITLE, "color": GREY}
    small = {"fontsize": SMALL, "color": GREY}
    notes = {"fontsize": 7.5, "color": INK}
    wanted = [(line, "top", bold, 0.02) for line in frame.headline]
    wanted += [(frame.subtitle, "top", plain, 0.10)]
    wanted += [(line, "bottom", notes, 0.1 * (line is frame.notes[-1])) for line in frame.notes]
    wanted += [(line, "bottom", small, 0.0) for line in frame.small_print]
    blocks = []
    for text, where, options, after in wanted:
        # Drawn letters stand on whole pixels, which makes small print a little wider than it is measured.
        lines = wrap(text, 0.97 * room, options["fontsize"], "fontweight" in options)  # type: ignore[arg-type]
        blocks.append((lines, height(lines, options["fontsize"]) + after, where, dict(options)))  # type: ignore[arg-type]
    return blocks
