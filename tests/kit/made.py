"""Exercises without simulation, and what stands in a PDF."""

from __future__ import annotations

import re
from functools import cache
from itertools import product
from typing import Any

import pypdfium2

from sim.analysis.figures import Measured
from sim.analysis.outcome import grades
from sim.api import PlayedExercise
from sim.framing import TEACHING, assumed
from sim.kit.pieces import Source
from sim.library import Library

SHIPPED = ("fog", "hot-wash", "live-table-top", "policy-tournament", "ratchet", "read-the-trigger")
FIGURE = "12% (11–14) of simulated runs"
"""stands for every key figure"""


def source(ref: str) -> Source:
    """An exercise whose key figures all read the same."""
    library = Library()
    loaded = library.load_exercise(ref)
    figures = {name: Measured(FIGURE, 0.12, 0.11, 0.14, "share", 9) for name in loaded.spec.figures}
    pairs = [library.pair_in(loaded, *each) for each in product(loaded.spec.scenarios, loaded.spec.policies)]
    framing = f"{TEACHING} {assumed(grades(each.policy.spec, each.scenario.spec) for each in pairs)}"
    return Source(PlayedExercise(loaded, figures), "a4", framing, 4)


@cache
def shipped(name: str) -> Source:
    return source(name)


def pages(pdf: bytes) -> list[str]:
    """The text of each page, as a reader other than ours takes it out, without the places where a long word may break."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range().replace("\u200b", "") for page in document]


def letters(text: str) -> str:
    """Only letters and digits, since lines, hyphens and ligatures are the page's own."""
    return re.sub(r"[\W_]+", "", text).lower()


def texts_in(data: Any) -> list[str]:
    """Every string anywhere in some data, the charts left out."""
    if isinstance(data, str):
        return [] if "<svg" in data else [data]
    if isinstance(data, dict):
        return [text for each in data.values() for text in texts_in(each)]
    return [text for each in data for text in texts_in(each)] if isinstance(data, list | tuple) else []


def outside(pdf: bytes) -> list[str]:
    """Every character that does not stand whole on its page."""
    found = []
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document, 1):
            wide, high = page.get_size()
            text = page.get_textpage()
            for at in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(at)
                if left < 0 or bottom < 0 or right > wide or top > high:
                    found.append(f"page {number}: {text.get_text_range(at, 1)!r} at {left:.0f}, {bottom:.0f}")
    return found
