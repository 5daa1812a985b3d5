"""What every written diagram says of a transition."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sim.analysis.diagrams import DrawnTransition

ORDER = "Numbers of transitions are their order in the file: of those that are confirmed, the first is taken, one a day."


def label(number: int, each: DrawnTransition, wide: int) -> list[str]:
    """The lines beside an arrow: number and name, guard, and what waits. `number` counts from 1."""
    return [f"{number}. {each.name}", *broken(each.resolved, wide), *broken(", ".join(each.terms), wide)]


def broken(text: str, wide: int) -> Iterator[str]:
    """At spaces, in lines of about `wide` characters, a threshold's value and grade in one piece; none of no text."""
    line = ""
    for word in re.findall(r"\[[^\]]*\]\S*|\S+", text):
        if line and len(line) + 1 + len(word) > wide:
            yield line
            line = ""
        line = f"{line} {word}".lstrip()
    if line:
        yield line


def text_on(fill: str) -> str:
    """Black or white, whichever has the higher contrast on a colour `#rrggbb` (WCAG 2: at least 4.5 to 1 on any)."""
    red, green, blue = (_linear(int(fill[at : at + 2], 16) / 255) for at in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) else "#ffffff"


def _linear(part: float) -> float:
    """sRGB to light."""
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)
