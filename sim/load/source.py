"""A file as it was read: its tree, the record made of it, and what of it is broken."""

from __future__ import annotations

from collections.abc import Iterator, KeysView, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from sim.errors import Place, Problem
from sim.load.nodes import Node

M = TypeVar("M", bound=BaseModel)


def locate(root: Node, path: Sequence[str]) -> Place:
    """Where a path stands: a scalar where it begins, a map or list at its key, an absent one at its nearest ancestor."""
    node, key = root, root.place
    for part in path:
        if isinstance(node.value, list) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
            key = node.place
        elif item := node.items.get(part):
            node, key = item.node, item.key
        else:
            return key
    return key if isinstance(node.value, dict | list) else node.place


def find(root: Node, path: Sequence[str]) -> Node | None:
    """The node at a path."""
    node: Node | None = root
    for part in path:
        if node is None:
            return None
        if isinstance(node.value, list):
            node = node.value[int(part)] if part.isdecimal() and int(part) < len(node.value) else None
        else:
            node = node.get(part)
    return node


@dataclass(frozen=True)
class Source(Generic[M]):
    """`spec` holds what of the file is whole; `broken` are the dotted paths of what had to be left out of it."""

    root: Node
    spec: M
    broken: frozenset[str] = frozenset()

    def node(self, dotted: str) -> Node | None:
        return find(self.root, dotted.split("."))

    def place(self, dotted: str) -> Place:
        return locate(self.root, dotted.split(".") if dotted else ())

    def key_place(self, dotted: str) -> Place:
        """Where the key stands, whatever its value."""
        *above, last = dotted.split(".")
        node = find(self.root, above)
        item = node.items.get(last) if node else None
        return item.key if item else self.place(dotted)

    def problem(self, dotted: str, message: str) -> Problem:
        return Problem(self.place(dotted), dotted, message)

    def at_key(self, dotted: str, message: str) -> Problem:
        return Problem(self.key_place(dotted), dotted, message)

    def at_most(self, section: str, most: int) -> Iterator[Problem]:
        """That a section holds more than it may, at the first entry too many."""
        names = list(self.names(section))
        if len(names) > most:
            yield self.at_key(f"{section}.{names[most]}", f"there are {len(names):,} {section}; at most {most:,} may be")

    def whole(self, *dotted: str) -> bool:
        return self.broken.isdisjoint(dotted)

    def names(self, section: str) -> KeysView[str]:
        """Every name in a section, of broken items too, so that a reference to one is no mistake of its own."""
        node = self.node(section)
        return (node.items if node else {}).keys()
