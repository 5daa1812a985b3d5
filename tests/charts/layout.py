"""What every chart must be, wherever its texts stand: whole, and each apart from the others."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from sim.charts.style import styled
from sim.charts.text import texts

_BLUR = 1.5
"""pixels by which the boxes of two texts may meet, as letters do not fill theirs"""


def whole_and_apart(draw: Callable[[], Figure]) -> tuple[Figure, dict[Text, Bbox]]:
    """Draw a figure in its style; no text is cut off or overlaps another. The figure, and the box of each text."""
    with styled():
        figure = draw()
        boxes = {text: text.get_window_extent() for text in texts(figure)}
    width, height = figure.bbox.size
    for text, box in boxes.items():
        assert box.x0 >= -1, text
        assert box.y0 >= -1, text
        assert box.x1 <= width + 1, text
        assert box.y1 <= height + 1, text
    for (one, a), (other, b) in itertools.combinations(boxes.items(), 2):
        wide, high = min(a.x1, b.x1) - max(a.x0, b.x0), min(a.y1, b.y1) - max(a.y0, b.y0)
        assert min(wide, high) <= _BLUR, f"{one.get_text()!r} overlaps {other.get_text()!r} by {wide:.1f} × {high:.1f} pixels"
    return figure, boxes
