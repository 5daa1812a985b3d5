"""Text that is measured before it is drawn: wrapping, and which characters the fonts have."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

LEADING = 1.25
"""height of a line over the size of its letters"""

_WIDE = (
    "Noto Sans CJK KR",
    "Noto Sans KR",
    "Source Han Sans KR",
    "NanumGothic",
    "Malgun Gothic",
    "Apple SD Gothic Neo",
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "WenQuanYi Zen Hei",
    "Arial Unicode MS",
)


@functools.cache
def _font(bold: bool) -> FT2Font:
    family = font_manager.FontProperties(family="DejaVu Sans", weight="bold" if bold else "normal")
    font = FT2Font(font_manager.findfont(family))
    font.set_size(100, 72)
    return font


@functools.cache
def _advance(character: str, bold: bool) -> float:
    """Width in ems. What the font lacks is as a rule as wide as high (Hangul, Han)."""
    font = _font(bold)
    if not font.get_char_index(ord(character)):
        return 1.0
    return float(font.load_char(ord(character)).linearHoriAdvance) / 65536 / 100


def width(text: str, size: float, bold: bool = False) -> float:
    """Inches that the widest line of the text takes."""
    return max(sum(_advance(character, bold) for character in line) for line in text.split("\n")) * size / 72


def height(text: str, size: float) -> float:
    """Inches."""
    return (text.count("\n") + 1) * size * LEADING / 72


def wrap(text: str, room: float, size: float, bold: bool = False) -> str:
    """Break into lines of at most `room` inches: at spaces, then after `-_/`, and only then inside a word.

    Line breaks that are there stay.
    """
    return "\n".join(_wrap(line, room, size, bold) for line in text.split("\n"))


def _wrap(text: str, room: float, size: float, bold: bool) -> str:
    lines = [""]
    for piece in _pieces(" ".join(text.split()), room, size, bold):
        if lines[-1] and width((lines[-1] + piece).rstrip(), size, bold) > room:
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return "\n".join(line.rstrip() for line in lines)


def _pieces(text: str, room: float, size: float, bold: bool) -> Iterator[str]:
    for word in re.findall(r"\s*\S+", text):
        if width(word.strip(), size, bold) <= room:
            yield word
            continue
        for part in re.findall(r"\s*[^-_/]*[-_/]+|\s*[^-_/]+", word):
            yield from [part] if width(part.strip(), size, bold) <= room else part


def texts(figure: Figure) -> list[Text]:
    """Every text that is drawn."""
    found = figure.findobj(lambda artist: isinstance(artist, Text) and artist.get_visible() and bool(artist.get_text().strip()))
    return [artist for artist in found if isinstance(artist, Text)]


def fallback_fonts(strings: Iterable[str]) -> tuple[str, ...]:
    """An installed font for characters that DejaVu Sans lacks; none where it has them all: same bytes everywhere."""
    if not any(not _font(False).get_char_index(ord(character)) for character in set("".join(strings)) - {"\n"}):
        return ()
    installed = set(font_manager.fontManager.get_font_names())
    return tuple(name for name in _WIDE if name in installed)[:1]
