"""`extends`: a base file's tree with a variant's laid over it, before validation, so that every place survives."""

from __future__ import annotations

from dataclasses import replace

from pydantic import BaseModel

from sim.errors import Problem, unknown_name
from sim.load.nodes import Item, Node
from sim.load.schema import WHOLE, Kinds, child, is_number

OWN = ("name", "title", "titles", "extends")
"""Fields that a variant does not inherit."""
_DISPLACED = {"value": "dated", "dated": "value"}


def merged(model: type[BaseModel], base: Node, over: Node, base_name: str) -> tuple[Node, list[Problem]]:
    """The variant in full, and what in it cannot be laid over the base."""
    inherited = Node(base.place, {key: item for key, item in base.items.items() if key not in OWN})
    problems: list[Problem] = []
    node = _Overlay(base_name, problems).lay(inherited, over, (model,), ())
    return _reordered(node, inherited, over, problems), problems


class _Overlay:
    def __init__(self, base_name: str, problems: list[Problem]) -> None:
        self.base_name, self.problems = base_name, problems

    def lay(self, base: Node, over: Node, kinds: Kinds, path: tuple[str, ...]) -> Node:
        if not (isinstance(base.value, dict) and isinstance(over.value, dict)) or _is_whole(kinds, path):
            return over
        found = dict(base.value)
        for key, item in over.value.items():
            if item.node.value is None:
                self._remove(found, key, item, (*path, key))
                continue
            inner = child(kinds, key)
            if key in found:
                found[key] = Item(item.key, self.lay(found[key].node, item.node, inner, (*path, key)))
            else:
                found[key] = item
        return Node(over.place, _displaced(found, over, kinds))

    def _remove(self, found: dict[str, Item], key: str, item: Item, path: tuple[str, ...]) -> None:
        if found.pop(key, None) is None and not (len(path) == 1 and key in OWN):
            message = f"there is nothing to remove: {self.base_name} has no such key"
            self.problems.append(Problem(item.key, ".".join(path), message))


def _is_whole(kinds: Kinds, path: tuple[str, ...]) -> bool:
    """Whether what stands here is replaced as a whole; a threshold's name may be `path` or `error`, its fields not."""
    field = len(path) > 2 and path[-1] in WHOLE
    return field or is_number(kinds)


def _displaced(found: dict[str, Item], over: Node, kinds: Kinds) -> dict[str, Item]:
    """A new `value` displaces an inherited `dated`, and the other way round."""
    for key, other in _DISPLACED.items():
        both = child(kinds, key) and child(kinds, other)
        if both and key in over.items and other not in over.items and over.items[key].node.value is not None:
            found.pop(other, None)
    return found


def _reordered(node: Node, base: Node, over: Node, problems: list[Problem]) -> Node:
    """Transitions that the variant adds come last, or before the one that they name."""
    section, old = node.get("transitions"), base.get("transitions")
    if section is None or not section.items:
        return node
    known = old.items if old else {}
    order = [key for key in section.items if key in known]
    for key in (key for key in section.items if key not in known):
        target = _target(key, section, order, problems)
        order.insert(order.index(target) if target else len(order), key)
    for key, item in ((over.get("transitions") or section).items).items():
        if key in known and (before := item.node.items.get("before")):
            message = "only a transition that the variant adds may say before; this one keeps its place"
            problems.append(Problem(before.key, f"transitions.{key}.before", message))
    placed = {key: Item(section.items[key].key, without_before(section.items[key].node)) for key in order}
    return with_item(node, "transitions", replace(section, value=placed))


def _target(key: str, section: Node, order: list[str], problems: list[Problem]) -> str | None:
    before = section.items[key].node.get("before")
    if before is None or not isinstance(before.value, str):
        return None
    if before.value in order:
        return before.value
    message = unknown_name("transition", before.value, order)
    problems.append(Problem(before.place, f"transitions.{key}.before", message))
    return None


def without_before(node: Node) -> Node:
    """A transition that has found its place. A `before` that is no name stays, to be reported."""
    before = node.get("before")
    if before is None or not isinstance(before.value, str):
        return node
    return replace(node, value={key: item for key, item in node.items.items() if key != "before"})


def with_item(node: Node, key: str, value: Node) -> Node:
    """The map with one entry replaced, in its place, or added at the end."""
    place = node.items[key].key if key in node.items else value.place
    return replace(node, value={**node.items, key: Item(place, value)})


def stray_before(root: Node) -> list[Problem]:
    """`before` in a file that extends nothing."""
    section = root.get("transitions")
    return [
        Problem(before.key, f"transitions.{key}.before", "before is only for what a variant adds; move the transition up instead")
        for key, item in (section.items if section else {}).items()
        if (before := item.node.items.get("before"))
    ]
