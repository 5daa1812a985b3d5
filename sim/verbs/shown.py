"""Answers as a notebook shows them: a chart as a picture, tables with styles of their own, and the framing."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from sim.errors import BadUsage
from sim.pages.html import Element, el, serialised
from sim.pages.tables import Ids

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.charts import Chart
    from sim.verbs.answer import Answer

_COLOURS = 64
"""enough for the edges of letters; the file that the command writes has all"""
_HEAD = ("What this is", "What is assumed")
_CELLS = {
    "td": "padding: 0.2em 1em 0.2em 0; vertical-align: top",
    "th": "padding: 0.2em 1em 0.2em 0; vertical-align: top",
    "caption": "text-align: left; caption-side: top; padding: 0.4em 0",
}
_KINDS = {
    "number": "; white-space: nowrap",
    "short": "; white-space: nowrap",
    "names": "; min-width: 10em",
    "long": "; min-width: 14em",
}
_LOOK = {
    "scroll": "overflow-x: auto; margin: 0.6em 0",
    "what": "font-weight: bold",
    "assumed": "font-weight: bold",
    "apart": "opacity: 0.75",
}
_NEAR = "position: sticky; left: 0; width: fit-content; max-width: min(90vw, 60em)"
"""the words above a table stay where they can be read while it scrolls sideways"""


class _OwnIds(Ids):
    """Ids that no other output in the same notebook has."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix

    def new(self, kind: str) -> str:
        return f"{self._prefix}-{super().new(kind)}"


def html(answer: Answer[Any]) -> str:
    """A fragment without scripts and without a style sheet: notebooks that are not trusted lose both."""
    ids = _OwnIds(f"phased-{blake2b(repr(answer).encode() + answer.command.encode(), digest_size=4).hexdigest()}")
    body = [
        el("p", el("strong", answer.about)),
        *_first_chart(answer),
        *map(_styled, answer._body(ids)),
        el("p", answer.framing),
        *_aside(answer),
    ]
    return serialised(el("div", body, class_="phased", style="max-width: 62em; overflow-wrap: break-word"))


def _first_chart(answer: Answer[Any]) -> Iterator[Element]:
    """The picture, or why there is none: what is too much to draw can be shown all the same."""
    if answer.charts:
        try:
            yield _image(answer._chart(None))
        except BadUsage as error:
            yield el("p", f"No chart: {error}")


def displayed(chart: Chart) -> Figure:
    """The figure of a chart; a notebook shows it as a picture with its alt text, without pyplot."""
    figure = chart.figure
    setattr(figure, "_repr_html_", lambda: serialised(_image(chart)))  # noqa: B010 - of this figure, not of its class
    return figure


def _png(chart: Chart) -> bytes:
    """The picture in few colours, which takes a third of the room: a notebook keeps it in its file."""
    import io

    from PIL import Image

    from sim.charts import render

    buffer = io.BytesIO()
    with Image.open(io.BytesIO(render(chart, "png"))) as picture:
        picture.convert("RGB").quantize(_COLOURS).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def _image(chart: Chart) -> Element:
    content = base64.b64encode(_png(chart)).decode("ascii")
    style = "width: 100%; min-width: 34em; height: auto; background: white"
    picture = el("img", src=f"data:image/png;base64,{content}", alt=f"{chart.title} {chart.description}", style=style)
    return el("div", picture, role="region", aria_label=f"Chart: {chart.title}", tabindex=0, style=_LOOK["scroll"])


def _aside(answer: Answer[Any]) -> Iterator[Element]:
    """Warnings, what it cannot say, and the command, to open."""
    if answer.warnings:
        yield el("p", el("strong", "Warnings"), el("ul", (el("li", each) for each in answer.warnings)))
    told = [el("div", el("dt", about), el("dd", words)) for about, words in answer.cautions.items() if about not in _HEAD]
    if told:
        yield el("details", el("summary", "What this cannot say"), el("dl", told))
    yield el("p", "The same on the command line: ", el("code", answer.command))


def _styled(part: Element) -> Element:
    """A table of a report page, whose style sheet is not here."""
    for caption in part.iter("caption"):
        for words in caption:
            words.set("style", _NEAR)
    for each in part.iter():
        kind = each.get("class", "")
        look = _CELLS.get(each.tag, "") if each.tag in _CELLS else _LOOK.get(kind.partition(" ")[0], "")
        if each.tag in ("td", "th"):
            look += "; text-align: right" if kind == "number" else "; text-align: left"
        if each.tag == "td" or each.get("scope") == "row":
            look += _KINDS.get(kind, "")
        if look:
            each.set("style", look)
    return part
