"""A chart's SVG made fit to stand inside a page: nothing that runs or asks for anything, ids of its own, no wasted bytes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass

from sim.pages.html import Element, clean

_DRAWN = frozenset(
    "svg g path defs use text tspan clipPath rect line polyline polygon circle ellipse image "
    "linearGradient radialGradient stop pattern marker mask".split()
)
_PAINT = frozenset(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-dasharray stroke-dashoffset stroke-linecap "
    "stroke-linejoin stroke-miterlimit opacity clip-path clip-rule mask stop-color stop-opacity font font-size font-family "
    "font-style font-weight font-variant font-stretch text-anchor dominant-baseline letter-spacing white-space "
    "image-rendering shape-rendering display visibility mix-blend-mode isolation".split()
)
_PLACE = frozenset(
    "id d x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy width height viewBox transform points offset rotate href style "
    "gradientUnits gradientTransform patternUnits patternTransform patternContentUnits clipPathUnits maskUnits "
    "markerWidth markerHeight markerUnits orient refX refY preserveAspectRatio spreadMethod".split()
)
_ROUNDED = frozenset("d points x y".split())
_LOCAL = re.compile(r"url\(\s*[\"']?#([^\s\"')]+)[\"']?\s*\)")
_UNSAFE = re.compile(r"url\((?!#)|[\\@<>{}]|/\*|:", re.IGNORECASE)
_PICTURE = re.compile(r"data:image/(?:png|jpeg);base64,[A-Za-z0-9+/=\s]+")
_MOST_DEPTH = 60


@dataclass(frozen=True)
class Drawing:
    """A chart's picture and what it says of itself."""

    svg: Element
    title: str
    description: str
    wide: float
    high: float


def drawing(raw: bytes, prefix: str) -> Drawing | None:
    """A safe copy whose ids begin with `prefix`; None where the file is no SVG, or one that hides what it holds."""
    if b"<!ENTITY" in raw:
        return None
    try:
        root = ET.fromstring(raw)
    except (ET.ParseError, ValueError, LookupError):  # LookupError: an encoding that nobody knows
        return None
    size = _size(root)
    if _name(root.tag) != "svg" or size is None or _depth(root) > _MOST_DEPTH:
        return None
    made = _copied(root, prefix, frozenset(_references(root)))
    made.attrib = {"viewBox": f"0 0 {size[0]:g} {size[1]:g}", "role": "img"}
    return Drawing(made, _text(root, "title"), _text(root, "desc"), *size)


def _name(tag: object) -> str:
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _depth(root: Element) -> int:
    """Levels of nesting, without recursion."""
    level, depth = [root], 0
    while level and depth <= _MOST_DEPTH:
        level, depth = [child for each in level for child in each], depth + 1
    return depth


def _size(root: Element) -> tuple[float, float] | None:
    try:
        left, top, wide, high = map(float, re.split(r"[\s,]+", root.get("viewBox", "").strip()))
    except ValueError:
        return None
    return (wide, high) if 0 == left == top and 0 < wide < 1e5 and 0 < high < 1e5 else None


def _text(root: Element, name: str) -> str:
    found = next((child for child in root if _name(child.tag) == name), None)
    return "" if found is None else clean(" ".join("".join(found.itertext()).split()))


def _references(root: Element) -> Iterator[str]:
    """Ids that something in the picture points to; the others only cost bytes."""
    for each in root.iter():
        for key, value in each.attrib.items():
            yield from _LOCAL.findall(value)
            if _name(key) == "href" and value.startswith("#"):
                yield value[1:]


def _copied(node: Element, prefix: str, wanted: frozenset[str]) -> Element:
    made = ET.Element(_name(node.tag), dict(_attributes(node, prefix, wanted)))
    if made.tag in ("text", "tspan"):
        made.text = clean(node.text or "")
    for child in node:
        if _name(child.tag) in _DRAWN:
            copy = _copied(child, prefix, wanted)
            copy.tail = clean(child.tail or "") if made.tag in ("text", "tspan") else None
            made.append(copy)
    return made


def _attributes(node: Element, prefix: str, wanted: frozenset[str]) -> Iterator[tuple[str, str]]:
    for key, value in node.attrib.items():
        name, value = _name(key), clean(value)
        if name == "id":
            if value in wanted:
                yield name, f"{prefix}-{value}"
        elif name == "href":
            yield from ((name, address) for address in _address(node, value, prefix))
        elif name == "style":
            yield name, ";".join(f"{each}:{paint}" for each, paint in _declared(value, prefix))
        elif name in _PAINT:
            yield from ((name, paint) for paint in _safe(value, prefix))
        elif name in _PLACE:
            yield name, _shorter(value) if name in _ROUNDED else value


def _address(node: Element, value: str, prefix: str) -> Iterator[str]:
    """Only places in the same picture; an image holds its own bytes."""
    if value.startswith("#"):
        yield f"#{prefix}-{value[1:]}"
    elif _name(node.tag) == "image" and _PICTURE.fullmatch(value):
        yield "".join(value.split())


def _declared(style: str, prefix: str) -> Iterator[tuple[str, str]]:
    for each in style.split(";"):
        name, _, value = each.partition(":")
        if name.strip() in _PAINT:
            yield from ((name.strip(), paint) for paint in _safe(value.strip(), prefix))


def _safe(value: str, prefix: str) -> Iterator[str]:
    """A paint that points nowhere but into its own picture."""
    local = _LOCAL.sub(lambda found: f"url(#{prefix}-{found[1]})", value)
    if not _UNSAFE.search(local):
        yield local


def _shorter(numbers: str) -> str:
    """Two digits after the point are a hundredth of a point on paper."""
    rounded = re.sub(r"-?\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}".rstrip("0").rstrip("."), numbers)
    return re.sub(r"\s*([A-Za-z])\s*", r"\1", " ".join(rounded.split()))
