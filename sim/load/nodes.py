"""Strict YAML: bytes to a tree that knows where each thing stands. Nothing in a file can run code, recurse or hang."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from sim.errors import BadInput, Place, Problem, quote
from sim.load.syntax import plain_words

MAX_BYTES = 1 << 20
MAX_DEPTH = 30
MAX_VALUES = 20_000
"""Keys and values; the scanner is plain Python and takes most of a second for so many."""

Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a map: where its key stands, and its value."""

    key: Place
    node: Node


@dataclass(frozen=True, slots=True)
class Node:
    """A value of the file and the place where it begins."""

    place: Place
    value: Scalar | dict[str, Item] | list[Node]
    lead: int | None = field(default=None, compare=False)
    """how far into the source the text of a one-line scalar begins (1 after a quote); None where offsets do not carry over"""

    @property
    def items(self) -> dict[str, Item]:
        """The entries of a map; of anything else, none."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, key: str) -> Node | None:
        item = self.items.get(key)
        return item.node if item else None

    def inside(self, at: int) -> Place:
        """The place of a character of this text."""
        shift = 0 if self.lead is None else self.lead + at
        return Place(self.place.file, self.place.line, self.place.column + shift)

    def plain(self) -> Any:
        """The tree as Python's own maps, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: item.node.plain() for key, item in self.value.items()}
        if isinstance(self.value, list):
            return [each.plain() for each in self.value]
        return self.value


def read(raw: bytes, file: str, shift: int = 0) -> Node:
    """The tree of a file. Raises BadInput. `shift` is added to the columns of the first line."""
    node, problems = read_all(raw, file, shift)
    if problems:
        raise BadInput(problems)
    return node


def read_all(raw: bytes, file: str, shift: int = 0) -> tuple[Node, list[Problem]]:
    """The tree, and the duplicate keys in it (of which the first counts). Raises BadInput for what leaves no tree."""
    text = _text(raw, file)
    reader = _Reader(file, text, shift)
    try:
        return reader.document(), reader.problems
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = reader.place(mark.line, mark.column) if mark else Place(file)
        raise BadInput([Problem(place, "", plain_words(error))]) from None
    except YAMLError as error:  # the reader's: a character that no YAML file may hold
        raise BadInput([_odd_character(error, text, reader)]) from None


def _text(raw: bytes, file: str) -> str:
    if len(raw) > MAX_BYTES:
        raise BadInput([Problem(Place(file), "", f"the file is too large: more than {MAX_BYTES:,} bytes (1 MiB)")])
    text = decoded(raw, file).replace("\r\n", "\n").replace("\r", "\n")
    for pattern, message in _REFUSED:
        if match := pattern.search(text):
            at = match.start(1)
            place = Place(file, text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at))
            raise BadInput([Problem(place, "", message)])
    return text


_REFUSED = (
    (re.compile(r"^ *(\t)[\t ]*[^\s#]", re.MULTILINE), "the line is indented with a tab; indent with spaces"),
    # the scanner takes quadratic time for a long tag
    (re.compile(r"(?:^|[\s\[{,:-])(!\S{500})", re.MULTILINE), "tags (!name) are not allowed; write the plain value"),
)


def decoded(raw: bytes, file: str) -> str:
    """The text of a UTF-8 file, with or without a byte order mark. Raises BadInput."""
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode("utf-8").removeprefix("\ufeff")
        place = Place(file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"the file is not UTF-8 text: byte 0x{raw[error.start]:02x} at offset {error.start}; save it as UTF-8"
        raise BadInput([Problem(place, "", message)]) from None


def _odd_character(error: YAMLError, text: str, reader: _Reader) -> Problem:
    at = int(getattr(error, "position", 0))
    line = text.count("\n", 0, at)
    code = getattr(error, "character", "?")
    shown = f"U+{code if isinstance(code, int) else ord(code):04X}"
    place = reader.place(line, at - (text.rfind("\n", 0, at) + 1))
    return Problem(place, "", f"the file holds the control character {shown}; remove it")


class _Reader:
    """Builds the tree from the parser's events, one at a time, so that it can stop before the parser is in trouble."""

    def __init__(self, file: str, text: str, shift: int) -> None:
        self.file, self.text, self.shift = file, text, shift
        self.events: Iterator[Event] = iter(YAML(typ="safe", pure=True).parse(text))
        self.count = 0
        self.problems: list[Problem] = []

    def place(self, line: int, column: int) -> Place:
        return Place(self.file, line + 1, column + 1 + (self.shift if line == 0 else 0))

    def at(self, event: Event) -> Place:
        mark = event.start_mark
        return self.place(mark.line, mark.column)

    def fail(self, event: Event, message: str) -> BadInput:
        return BadInput([Problem(self.at(event), "", message)])

    def document(self) -> Node:
        next(self.events)  # the start of the stream
        start = next(self.events)
        if not isinstance(start, DocumentStartEvent):
            raise BadInput([Problem(Place(self.file), "", "the file is empty")])
        if start.explicit and (directive := self._directive(start)):
            raise BadInput([Problem(Place(self.file, directive), "", "directives (%YAML) are not allowed; remove the line")])
        root = self.node(next(self.events), 1, "")
        next(self.events)  # the end of the document
        after = next(self.events)
        if isinstance(after, DocumentStartEvent):
            raise self.fail(after, "a second document begins here (---); a file holds only one")
        return root

    def _directive(self, start: Event) -> int | None:
        lines = self.text.split("\n")[: start.start_mark.line + 1]
        return next((number for number, line in enumerate(lines, 1) if line.startswith("%")), None)

    def node(self, event: Event, depth: int, path: str) -> Node:
        self._count(event)
        self._no_extras(event)
        if isinstance(event, ScalarEvent):
            return self._scalar(event)
        if depth > MAX_DEPTH:
            raise self.fail(event, f"maps and lists are nested deeper than {MAX_DEPTH} here")
        make = self._map if isinstance(event, MappingStartEvent) else self._list
        return Node(self.at(event), make(depth, path))

    def _count(self, event: Event) -> None:
        self.count += 1
        if self.count > MAX_VALUES:
            raise self.fail(event, f"the file holds more than {MAX_VALUES:,} keys and values; put long series into a csv file")

    def _no_extras(self, event: Event) -> None:
        if isinstance(event, AliasEvent):
            raise self.fail(event, f"aliases such as *{quote(str(event.anchor))[1:-1]} are not allowed; write the value out")
        anchor, tag = getattr(event, "anchor", None), getattr(event, "ctag", None)
        if anchor is not None:
            raise self.fail(event, f"anchors such as &{quote(anchor)[1:-1]} are not allowed; write the value out")
        if tag is not None:
            tag = str(tag).replace("tag:yaml.org,2002:", "!!")
            raise self.fail(event, f"tags such as {quote(tag)[1:-1]} are not allowed; write the plain value")

    def _map(self, depth: int, path: str) -> dict[str, Item]:
        found: dict[str, Item] = {}
        while not isinstance(event := next(self.events), MappingEndEvent):
            self._count(event)
            place, key = self.at(event), self._key(event)
            inner = f"{path}.{key}" if path else key
            node = self.node(next(self.events), depth + 1, inner)
            if key in found:
                first = found[key].key
                self.problems.append(Problem(place, inner, f"the key is here twice; it first stands in line {first.line}"))
            else:
                found[key] = Item(place, node)
        return found

    def _key(self, event: Event) -> str:
        self._no_extras(event)
        if isinstance(event, SequenceStartEvent | MappingStartEvent):
            raise self.fail(event, "a key must be a plain name, got a list or a map")
        assert isinstance(event, ScalarEvent)
        if event.value == "" and event.style is None:
            raise self.fail(event, "a key is missing before the colon")
        return str(event.value)

    def _list(self, depth: int, path: str) -> list[Node]:
        found: list[Node] = []
        while not isinstance(event := next(self.events), SequenceEndEvent):
            found.append(self.node(event, depth + 1, f"{path}.{len(found)}"))
        return found

    def _scalar(self, event: ScalarEvent) -> Node:
        start, end, text = event.start_mark, event.end_mark, str(event.value)
        quotes = 0 if event.style is None else 1
        verbatim = start.line == end.line and end.column - start.column == len(text) + 2 * quotes
        value = resolved(text) if event.style is None else text
        return Node(self.at(event), value, quotes if verbatim else None)


_INT = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_WORDS: dict[str, Scalar] = dict.fromkeys(("", "~", "null", "Null", "NULL"))
_WORDS |= {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
_WORDS |= {f"{sign}.{word}": float(f"{sign}inf") for sign in ("", "+", "-") for word in ("inf", "Inf", "INF")}
_WORDS |= dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan)
_EXACT = 300
"""Digits up to which an int is read as such; a longer one overflows a float anyway."""


def resolved(text: str) -> Scalar:
    """A plain scalar by the core schema of YAML 1.2 and nothing else: `no` and dates stay text."""
    if text in _WORDS:
        return _WORDS[text]
    if len(text) <= _EXACT and _BASED.fullmatch(text):
        return int(text, 0)
    if len(text) <= _EXACT and _INT.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text
