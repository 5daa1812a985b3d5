"""The look: the shipped style in a context that restores rcParams, the colours of phases, the line styles of policies."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

import matplotlib
import numpy as np
from numpy.typing import NDArray

INK = "#1f2933"
GREY = "#5b6670"
FAINT = "#c3cad1"
SIGNPOST = "#2b6ca3"
PHASES = ("#f1f3f5", "#c4780f", "#5c1033")
"""three phases, lightest first: checked for colour blindness and in greyscale"""

SMALL, LABEL, BODY, HEADLINE = 7.0, 7.5, 8.5, 11.5

_lock = threading.RLock()


@functools.cache
def _sheet() -> Any:
    with as_file(files("sim.charts") / "phased.mplstyle") as path:
        return matplotlib.rc_params_from_file(path, use_default_template=False)


@contextmanager
def styled(fallback: Sequence[str] = ()) -> Iterator[None]:
    """Draw as phased does, whatever the user's settings. rcParams are global to the process, so one thread at a time."""
    with _lock, matplotlib.rc_context(), warnings.catch_warnings():
        # A character that no font at hand has is drawn as a box; `render` looks for a fallback first.
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from")
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_sheet())
        matplotlib.rcParams["font.sans-serif"] = [*_sheet()["font.sans-serif"], *fallback]
        yield


# Linear sRGB to OKLab (Ottosson): steps that are even to the eye, in lightness too.
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _linear(colour: str) -> NDArray[np.float64]:
    rgb = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.asarray(np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4))


def _lab(colour: str) -> NDArray[np.float64]:
    return np.asarray(_TO_LAB @ np.cbrt(_TO_LMS @ _linear(colour)))


def ink_on(colour: str) -> str:
    """White or black for text on a `#rrggbb` fill, whichever contrasts more: above 4.5:1 either way (WCAG 2)."""
    return "white" if float(_linear(colour) @ (0.2126, 0.7152, 0.0722)) < 0.18 else "black"


def _hex(lab: NDArray[np.float64]) -> str:
    linear = np.clip(np.linalg.solve(_TO_LMS, np.linalg.solve(_TO_LAB, lab) ** 3), 0, 1)
    rgb = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(float(part) * 255):02x}" for part in rgb)


@functools.cache
def phase_colours(count: int) -> tuple[str, ...]:
    """From light to dark, evenly spaced between the three that were checked; two phases take the first and the last."""
    anchors = np.array([_lab(colour) for colour in PHASES])
    at = np.linspace(0, 1, count) if count > 1 else np.zeros(1)
    mixed = np.array([np.interp(at, np.linspace(0, 1, len(PHASES)), part) for part in anchors.T]).T
    return tuple(_hex(row) for row in mixed)


@dataclass(frozen=True)
class LineStyle:
    dashes: Any
    marker: str


_DASHES: tuple[Any, ...] = ("solid", (0, (6, 2)), (0, (1.2, 1.4)), (0, (7, 2, 1.2, 2)))
_MARKERS = ("", "o", "s", "^", "D", "v")


def line_style(index: int) -> LineStyle:
    """Four dash patterns; from the fifth policy on, the same with a small marker."""
    return LineStyle(_DASHES[index % len(_DASHES)], _MARKERS[index // len(_DASHES) % len(_MARKERS)])
