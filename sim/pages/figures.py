"""Charts as figures of a page: SVG in the page where that is not too large, else the picture's own bytes."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace

from sim.pages.html import Element, el, serialised
from sim.pages.records import File, Report
from sim.pages.svg import Drawing, drawing
from sim.pages.tables import Ids
from sim.pages.words import human

LARGEST = 700_000
"""bytes of one SVG in the page, from which its PNG takes less room"""
BUDGET = 2_000_000
"""bytes of all charts together"""
_HEADINGS = {
    "run": "What was seen, and the phases",
    "path": "One run, day by day",
    "first-passage": "First passage",
    "disagreement": "Where policies disagree",
    "overview": "Every run as a strip",
    "hindcast": "Statement against behaviour",
}
"""of known charts, in the order in which they come first"""
_OF_A_MEASURE = {"indices": "Sobol' indices", "tornado": "One factor at a time"}
"""of charts of which there is one a measure: `indices-MEASURE`"""
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Figure:
    """A chart and how large it is in the page."""

    heading: str
    drawing: Drawing | None
    png: bytes | None
    size: int

    @property
    def as_picture(self) -> Figure:
        """The same by its PNG, where there is one."""
        return replace(self, size=len(self.png) * 4 // 3) if self.png and self.drawing else self

    @property
    def is_picture(self) -> bool:
        return self.drawing is None or bool(self.png and self.size == len(self.png) * 4 // 3)


def figures(report: Report) -> list[Figure]:
    """Every chart once, in an order that suits readers; overlarge ones by their PNG, so that all fit the budget."""
    stems = list(dict.fromkeys(each.stem for each in report.files if each.form in ("svg", "png") and each.content))
    order = list(_HEADINGS)
    stems.sort(key=lambda stem: order.index(stem) if stem in order else len(order))
    found = [figure for index, stem in enumerate(stems, start=1) for figure in _figure(report, stem, f"chart-{index}")]
    found = [min(each, each.as_picture, key=lambda one: one.size) if each.size > LARGEST else each for each in found]
    for each in sorted(found, key=lambda each: -each.size):
        if sum(other.size for other in found) > BUDGET and each.as_picture.size < each.size:
            found[found.index(each)] = each.as_picture
    return found


def _figure(report: Report, stem: str, prefix: str) -> Iterator[Figure]:
    svg, png = _content(report.file(f"{stem}.svg")), _content(report.file(f"{stem}.png"))
    made = drawing(svg, prefix) if svg else None
    png = png if png and png.startswith(_PNG) else None
    if made or png:
        size = len(serialised(made.svg)) if made else len(png or b"") * 4 // 3
        yield Figure(_heading(stem), made, png, size)


def _heading(stem: str) -> str:
    kind, _, measure = stem.partition("-")
    if kind in _OF_A_MEASURE:
        return f"{_OF_A_MEASURE[kind]}: {measure}"
    return _HEADINGS.get(stem) or human(stem.rpartition("/")[2])


def _content(file: File | None) -> bytes | None:
    return file.content if file else None


def element(ids: Ids, figure: Figure) -> Element:
    """The chart in a box that scrolls on a phone, and what it says of itself in words, to open."""
    told = figure.drawing
    title, description = (told.title, told.description) if told else ("", "")
    title = title or f"Chart: {figure.heading}"
    picture = _image(figure, title) if figure.is_picture else _drawn(ids, figure, title, description)
    box = el("div", picture, class_="scroll chart", role="region", aria_label=f"Chart: {figure.heading}", tabindex=0)
    words = el("details", el("summary", "This chart in words"), el("p", description)) if description else None
    return el("figure", box, el("figcaption", words) if words is not None else None)


def _image(figure: Figure, title: str) -> Element:
    content = base64.b64encode(figure.png or b"").decode("ascii")
    return el("img", src=f"data:image/png;base64,{content}", alt=title)


def _drawn(ids: Ids, figure: Figure, title: str, description: str) -> Element:
    """The drawing with its name and description, by which a screen reader tells it."""
    assert figure.drawing is not None
    svg, name, about = figure.drawing.svg, ids.new("chart-title"), ids.new("chart-words")
    told = [el("title", title, id=name), *([el("desc", description, id=about)] if description else [])]
    svg[:0] = told
    svg.attrib |= {"aria-labelledby": name} | ({"aria-describedby": about} if description else {})
    return svg
