"""Labels in the right margin of a panel, beside what they name, spread so that none overlaps another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle
from matplotlib.text import Annotation
from numpy.typing import NDArray

from sim.charts.style import GREY, INK, LABEL, LineStyle
from sim.charts.text import height, wrap

GAP = 0.035
"""inches between two labels"""
_SLOT = 0.085
"""inches from one bar to the next"""
_LEADER = 0.14
_KEY = 0.36
_SWATCH = 0.10


def spread(centres: Sequence[float], sizes: Sequence[float], low: float, high: float) -> list[float]:
    """New centres, as near to the old as can be (least squares), in the same order, apart, and between low and high."""
    if not centres:
        return []
    order = np.argsort(np.asarray(centres), kind="stable")
    heights = np.asarray(sizes, dtype=np.float64)[order]
    offset = np.cumsum(heights) - heights / 2
    shifted = _isotonic(np.asarray(centres, dtype=np.float64)[order] - offset)
    placed = np.clip(shifted, low, max(low, high - heights.sum())) + offset
    out = np.empty(len(order))
    out[order] = placed
    return [float(value) for value in out]


def _isotonic(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nearest non-decreasing sequence (pool adjacent violators)."""
    pools: list[list[float]] = []
    for value in values:
        pools.append([float(value), 1.0])
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (mean, n), (other, m) = pools[-2:]
            pools[-2:] = [[(mean * n + other * m) / (n + m), n + m]]
    return np.concatenate([np.full(int(count), mean) for mean, count in pools])


@dataclass(frozen=True)
class Label:
    y: float
    """where the thing named stands, in the panel's data coordinates"""
    text: str
    colour: str = INK
    swatch: str | None = None
    """a phase's colour"""
    style: LineStyle | None = None
    """a policy's line"""


@dataclass(frozen=True)
class Bar:
    """A range of a panel's values, upright between the panel and its labels."""

    low: float
    high: float
    slot: int
    """0 is nearest to the panel"""
    style: LineStyle
    """a policy's line"""


def strip(slots: int) -> float:
    """Inches that so many bars take."""
    return slots * _SLOT + 0.04 if slots else 0.0


class Margin:
    """The labels of one panel, and bars beside it. Made before the layout, which leaves room for them, and placed after it."""

    def __init__(
        self, ax: Axes, labels: Sequence[Label], room: float, leaders: bool = True, bars: Sequence[Bar] = (), slots: int = 0
    ) -> None:
        """`room`: inches in all; `slots`: how many bars there may be beside any panel of the page, so that labels align."""
        self.ax = ax
        self.leaders = leaders
        self.labels = list(labels)
        self.bars = list(bars)
        self._strip = strip(slots)
        # A blank that takes part in the layout keeps the margin as wide as said, whatever the labels are.
        ax.annotate(
            " ",
            xy=(1, 0.5),
            xycoords="axes fraction",
            xytext=((room - 0.05) * 72, 0),
            textcoords="offset points",
            annotation_clip=False,
            fontsize=1,
        )
        self._texts = [self._text(label, room) for label in self.labels]

    def _start(self, label: Label) -> float:
        """Inches from the panel's edge to the text."""
        return self._strip + _LEADER + (_SWATCH + 0.06 if label.swatch else _KEY + 0.06 if label.style else 0.02)

    def _text(self, label: Label, room: float) -> Annotation:
        return self.ax.annotate(
            wrap(label.text, room - self._start(label), LABEL),
            xy=(1, 0.5),
            xycoords="axes fraction",
            xytext=(self._start(label) * 72, 0),
            textcoords="offset points",
            ha="left",
            va="center",
            fontsize=LABEL,
            color=label.colour,
            linespacing=1.15,
            annotation_clip=False,
        )

    @property
    def needs(self) -> float:
        """Inches of height."""
        return sum(self._sizes())

    def _sizes(self) -> list[float]:
        return [height(text.get_text(), LABEL) + GAP for text in self._texts]

    def place(self) -> None:
        """After the layout: the panel has its size now."""
        box = self.ax.get_window_extent()
        dpi = self.ax.get_figure(root=True).dpi  # type: ignore[union-attr]
        wide, high = box.width / dpi, box.height / dpi
        low, top = self.ax.get_ylim()
        wanted = [float(np.clip((label.y - low) / (top - low), 0, 1)) * high for label in self.labels]
        spare = max(0.0, self.needs - high) / 2
        centres = spread(wanted, self._sizes(), -spare, high + spare)
        for label, text, start, end in zip(self.labels, self._texts, wanted, centres, strict=True):
            text.xy = (1, end / high)
            self._leader(label, start / high, end / high, wide, high)
        for bar in self.bars:
            self._bar(bar, [(value - low) / (top - low) for value in (bar.low, bar.high)], wide)

    def _leader(self, label: Label, start: float, end: float, wide: float, high: float) -> None:
        """Straight across the bars, then to the label."""
        out = 1 + (self._strip + _LEADER) / wide
        if self.leaders:
            bend = [1 + (self._strip + 0.02) / wide] if self._strip else []
            x, y = [1 + 0.02 / wide, *bend, out - 0.02 / wide], [start, *(start for _ in bend), end]
            self._line(x, y, Line2D([], [], color=GREY, linewidth=0.5))
        if label.swatch:
            corner, size = (out, end - _SWATCH / 2 / high), (_SWATCH / wide, _SWATCH / high)
            self.ax.add_artist(
                Rectangle(
                    corner,
                    *size,
                    facecolor=label.swatch,
                    edgecolor=GREY,
                    linewidth=0.5,
                    transform=self.ax.transAxes,
                    clip_on=False,
                )
            )
        if label.style:
            line = Line2D(
                [],
                [],
                color=INK,
                linewidth=1.4,
                linestyle=label.style.dashes,
                marker=label.style.marker or "None",
                markersize=3.2,
                markevery=[1],
            )
            self._line([out, out + _KEY / 2 / wide, out + _KEY / wide], [end] * 3, line)

    def _bar(self, bar: Bar, ends: list[float], wide: float) -> None:
        """In the line style of its policy; the ends are capped, so that a short one shows too."""
        x, cap = 1 + (0.07 + bar.slot * _SLOT) / wide, 0.028 / wide
        self._line([x, x], ends, Line2D([], [], color=GREY, linewidth=1.1, linestyle=bar.style.dashes))
        for end in ends:
            self._line([x - cap, x + cap], [end, end], Line2D([], [], color=GREY, linewidth=1.1))

    def _line(self, x: list[float], y: list[float], line: Line2D) -> None:
        line.set_data(x, y)
        line.set_transform(self.ax.transAxes)
        line.set_clip_on(False)
        line.set_in_layout(False)
        self.ax.add_artist(line)


def lanes(starts: Sequence[float], widths: Sequence[float]) -> list[int]:
    """A lane per label, 0 nearest to the axis, for labels that begin at their leader.

    From right to left, so that a label which must give way lies deeper and its leader passes left of those above it.
    """
    begins: list[float] = []
    chosen = [0] * len(starts)
    for index in sorted(range(len(starts)), key=lambda at: starts[at], reverse=True):
        end = starts[index] + widths[index]
        lane = next((lane for lane, begin in enumerate(begins) if end <= begin), len(begins))
        begins[lane : lane + 1] = [starts[index]]
        chosen[index] = lane
    return chosen
