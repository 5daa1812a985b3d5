"""Elements of a page. Text is escaped by the serialiser of the standard library, so that no name or note can become markup."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator

Element = ET.Element
Child = Element | str | None
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LONG_WORD = re.compile(r"\S{14}")
_BREAK = re.compile(r"(?<=[^\W\d_][./_])(?=\w)|(?<=\d[./_])(?=[^\W\d_])")
"""after a dot, slash or underscore, but not inside a number"""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy: the page asks for nothing but itself and runs nothing."""


def clean(text: str) -> str:
    """Without the characters that no page may hold."""
    return _ODD.sub("\ufffd", text)


def el(tag: str, *children: Child | Iterable[Child], **attributes: str | int | None) -> Element:
    """An element. `class_` is class, `_` in a name is `-`; an attribute that is None is left out."""
    given = {key.rstrip("_").replace("_", "-"): clean(str(value)) for key, value in attributes.items() if value is not None}
    made = ET.Element(tag, given)
    for child in _flat(children):
        _append(made, child)
    return made


def _flat(children: Iterable[Child | Iterable[Child]]) -> Iterator[Element | str]:
    for each in children:
        if each is None or isinstance(each, str | Element):
            yield from () if each is None else (each,)
        else:
            yield from _flat(each)


def _append(parent: Element, child: Element | str) -> None:
    if isinstance(child, Element):
        parent.append(child)
    elif len(parent):
        parent[-1].tail = (parent[-1].tail or "") + clean(child)
    else:
        parent.text = (parent.text or "") + clean(child)


def breakable(text: str) -> Child:
    """Text whose long words may break after dots, slashes and underscores, as dotted paths and names of files have them."""
    parts = re.split(_BREAK, text) if _LONG_WORD.search(text) else [text]
    return text if len(parts) == 1 else el("span", _with_breaks(parts), class_="path")


def _with_breaks(parts: Iterable[str]) -> Iterator[Child]:
    for index, part in enumerate(parts):
        yield from (el("wbr"), part) if index else (part,)


def link(text: str, address: str | None) -> Child:
    """A link to a page on the web; other addresses stay text, as does text without one."""
    if address and re.match(r"https?://[^\s/]", address):
        return el("a", text, href=address, rel="external noopener noreferrer")
    return text


def site(address: str | None) -> Child:
    """A link that bears the name of its site; printed, its address stands beside it."""
    found = re.match(r"https?://(?:www\.)?([^\s/?#]+)", address or "")
    return link(found[1], address) if found else address


def document(title: str, style: str, body: Iterable[Child], maker: str) -> str:
    """A whole page."""
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", http_equiv="Content-Security-Policy", content=POLICY),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="referrer", content="no-referrer"),
        el("meta", name="generator", content=maker),
        el("link", rel="icon", href="data:,"),
        el("title", title),
        el("style", style),
    )
    whole = el("html", head, el("body", body), lang="en")
    return f"<!DOCTYPE html>\n{serialised(whole)}\n"


def serialised(element: Element) -> str:
    """An element as it stands in a page."""
    return ET.tostring(element, encoding="unicode", method="html")
