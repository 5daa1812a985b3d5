"""Names beside points inside a panel, where there is room for them. Placed after the layout, when a panel has its size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product

from matplotlib.axes import Axes

from sim.charts.style import INK, SMALL
from sim.charts.text import height, width

_AROUND = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (1, -1), (0, -1), (-1, -1))
"""where a label may stand beside its point, the best first"""
_Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Named:
    """A point in a panel's data coordinates."""

    x: float
    y: float
    text: str
    first: bool
    """named before all others, larger and in bold"""


def name_points(ax: Axes, dots: Sequence[Named]) -> None:
    """Values beside their points, where there is room: the one as given first, then the ends, then those halfway between."""
    frame = ax.get_window_extent()
    figure = ax.get_figure(root=True)
    assert figure is not None
    dpi = figure.dpi
    places = [tuple(float(each) / dpi for each in ax.transData.transform((dot.x, dot.y))) for dot in dots]
    taken: list[_Box] = [(x - 0.035, y - 0.035, x + 0.035, y + 0.035) for x, y in places]
    panel = (frame.x0 / dpi + 0.02, frame.y0 / dpi + 0.02, frame.x1 / dpi + 0.05, frame.y1 / dpi + 0.1)
    for index in _in_turn(dots):
        own, text, stated = places[index], dots[index].text, dots[index].first
        gaps = (0.09, 0.3) if stated else (0.05,)
        for gap, (across, up) in product(gaps, _AROUND):
            box = _box(own, width(text, SMALL, stated), height(text, SMALL), across, up, gap)
            others = (each for at, each in enumerate(taken) if at != index)
            if _inside(box, panel) and not any(map(partial(_overlap, box), others)):
                taken.append(box)
                _write(ax, text, ((box[0] + box[2]) / 2 * dpi, (box[1] + box[3]) / 2 * dpi), bold=stated)
                break


def _in_turn(dots: Sequence[Named]) -> list[int]:
    """Indexes by rank: as given, ends, then midpoints, coarse before fine."""
    if not dots:
        return []
    order = [index for index, dot in enumerate(dots) if dot.first] + [0, len(dots) - 1]
    step = len(dots) - 1
    while step > 1:
        step = -(-step // 2)
        order += range(0, len(dots), step)
    return list(dict.fromkeys([*order, *range(len(dots))]))


def _box(place: tuple[float, ...], wide: float, high: float, across: int, up: int, gap: float) -> _Box:
    """Of a text beside a place: left, bottom, right, top, in inches."""
    x = place[0] + across * (gap + wide / 2)
    y = place[1] + up * ((gap if not across else 0.02) + high / 2)
    return x - wide / 2, y - high / 2, x + wide / 2, y + high / 2


def _inside(box: _Box, panel: _Box) -> bool:
    return box[0] >= panel[0] and box[1] >= panel[1] and box[2] <= panel[2] and box[3] <= panel[3]


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _write(ax: Axes, text: str, place: tuple[float, float], *, bold: bool) -> None:
    x, y = ax.transAxes.inverted().transform(place)
    ax.text(
        x,
        y,
        text,
        transform=ax.transAxes,
        ha="center",
        va="center",
        fontsize=SMALL,
        fontweight="bold" if bold else "normal",
        color=INK,
        clip_on=False,
        zorder=2.5,
        bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4},  # the line passes behind it
    )
