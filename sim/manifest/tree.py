"""Strict JSON: bytes to a tree that knows where each thing stands, as `sim.load.nodes` does for YAML."""

from __future__ import annotations

import re
from bisect import bisect_right
from json import JSONDecodeError, JSONDecoder
from typing import NoReturn

from sim.errors import BadInput, Place, Problem
from sim.load.nodes import MAX_DEPTH, MAX_VALUES, Item, Node, Scalar, decoded

_SPACE = re.compile(r"[ \t\r\n]*")
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""What a terminal could take for an order, and halves of characters."""
_EXACT = 300
"""Digits up to which an int is read as such."""
_IN_A_TEXT = {
    "Unterminated string starting at": "the text that begins here is not closed",
    "Invalid control character at": "a line break or control character stands inside a text; close the text before it",
    "Expecting value": "a value is expected here: a text in double quotes, a number, true, false, null, a map or a list",
}


def read_json(raw: bytes, file: str) -> tuple[Node, list[Problem]]:
    """The tree, and the duplicate keys in it (of which the first counts). Raises BadInput for what leaves no tree."""
    reader = _Reader(decoded(raw, file), file)
    return reader.document(), reader.problems


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON")


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= _EXACT else float(digits)


class _Reader:
    """Goes through the text once. Maps and lists are read here, texts and numbers by Python's own decoder."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        self.lines = [0, *(found.end() for found in re.finditer("\n", text))]
        self.scalars = JSONDecoder(parse_constant=_not_json, parse_int=_whole)
        self.at = 0
        self.count = 0
        self.problems: list[Problem] = []

    def place(self) -> Place:
        line = bisect_right(self.lines, self.at)
        return Place(self.file, line, self.at - self.lines[line - 1] + 1)

    def fail(self, message: str) -> BadInput:
        return BadInput([Problem(self.place(), "", message)])

    def peek(self) -> str:
        """The next sign that is no space; empty at the end."""
        space = _SPACE.match(self.text, self.at)
        self.at = space.end() if space else self.at
        return self.text[self.at : self.at + 1]

    def document(self) -> Node:
        if not self.peek():
            raise self.fail("the file is empty")
        root = self.value(1, "")
        if self.peek():
            raise self.fail("the file goes on after its end; it holds one JSON value")
        return root

    def value(self, depth: int, path: str) -> Node:
        sign, place = self.peek(), self.place()
        self.count += 1
        if self.count > MAX_VALUES:
            raise self.fail(f"the file holds more than {MAX_VALUES:,} values")
        if sign not in ("{", "["):
            return Node(place, self.scalar())
        if depth > MAX_DEPTH:
            raise self.fail(f"maps and lists are nested deeper than {MAX_DEPTH} here")
        return Node(place, self.map(depth, path) if sign == "{" else self.list(depth, path))

    def map(self, depth: int, path: str) -> dict[str, Item]:
        found: dict[str, Item] = {}
        more = self.opened("}")
        while more:
            if self.peek() != '"':
                raise self.fail("a key in double quotes is expected here")
            place, key = self.place(), str(self.scalar())
            if self.peek() != ":":
                raise self.fail("a colon is expected here, between a key and its value")
            self.at += 1
            inner = f"{path}.{key}" if path else key
            node = self.value(depth + 1, inner)
            if key in found:
                message = f"the key is here twice; it first stands in line {found[key].key.line}"
                self.problems.append(Problem(place, " ".join(inner.split()), message))
            found.setdefault(key, Item(place, node))
            more = self.another("}")
        return found

    def list(self, depth: int, path: str) -> list[Node]:
        found: list[Node] = []
        more = self.opened("]")
        while more:
            found.append(self.value(depth + 1, f"{path}.{len(found)}"))
            more = self.another("]")
        return found

    def opened(self, close: str) -> bool:
        """Past the opening bracket; whether anything stands inside."""
        self.at += 1
        if self.peek() != close:
            return True
        self.at += 1
        return False

    def another(self, close: str) -> bool:
        """Past the comma or the closing bracket; whether another value comes."""
        sign = self.peek()
        if sign not in (",", close):
            raise self.fail(f"a comma or the closing {close} is expected here")
        self.at += 1
        return sign == ","

    def scalar(self) -> Scalar:
        value: Scalar
        try:
            value, end = self.scalars.raw_decode(self.text, self.at)
        except JSONDecodeError as error:
            self.at = error.pos
            raise self.fail(_IN_A_TEXT.get(error.msg, "a backslash in a text begins an unknown or unfinished escape")) from None
        except ValueError as error:
            raise self.fail(str(error)) from None
        if isinstance(value, str) and (odd := _ODD.search(value)):
            raise self.fail(f"the text holds the character U+{ord(odd.group()):04X}, which may not stand there; remove it")
        self.at = end
        return value
