"""`--set PATH=YAML`: one value changed in a merged tree, by the same checks. What it changes counts as assumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pydantic import BaseModel

from sim.errors import BadInput, Place, Problem, quote, unknown_name
from sim.load.merge import with_item
from sim.load.nodes import Item, Node, read
from sim.load.schema import Kinds, child, is_graded, is_named, is_number, is_record, keys
from sim.load.source import find
from sim.spec.policy import Rival, Threshold
from sim.spec.values import SHAPES, Numeric, day_of

FIXED = ("kind", "extends")
RIVAL = "rival:"
Trees = Mapping[str, tuple[type[BaseModel], Node]]
"""By kind (`policy`, `scenario`): the record and the tree."""


@dataclass(frozen=True)
class Setting:
    """One `--set` as it was typed."""

    place: Place
    path: tuple[str, ...]
    value: Node

    @property
    def dotted(self) -> str:
        return ".".join(self.path)

    def fail(self, message: str) -> BadInput:
        return BadInput([Problem(self.place, self.dotted, message)])


def parsed(text: str, number: int) -> Setting:
    """The n-th `--set`. Raises BadInput."""
    place = Place(f"--set #{number}")
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise BadInput([Problem(place, "", f"must be PATH=VALUE, such as thresholds.front_line.value=2, got {quote(text)}")])
    if not value.strip():
        raise BadInput([Problem(place, path, "has no value after the =; null takes the field away")])
    return Setting(place, tuple(path.strip().split(".")), read(value.encode(errors="surrogatepass"), place.file, len(path) + 1))


def apply(trees: Trees, sets: list[str] | tuple[str, ...]) -> tuple[dict[str, Node], list[Problem]]:
    """The trees with every setting made, and what is wrong with the settings."""
    roots = {kind: root for kind, (_, root) in trees.items()}
    problems: list[Problem] = []
    for number, text in enumerate(sets, 1):
        try:
            setting = parsed(text, number)
            kind, path = _addressed({kind: (model, roots[kind]) for kind, (model, _) in trees.items()}, setting)
            roots[kind] = _Change(trees[kind][0], roots[kind], setting).made(path)
        except BadInput as error:
            problems += error.problems
    return roots, problems


def led_to(trees: Trees, text: str) -> str | None:
    """In which of the trees the path of a `--set` leads to a value, or to a field that may stand there; None: in no one alone."""
    try:
        return _addressed(trees, parsed(text, 1))[0]
    except BadInput:
        return None


def _addressed(trees: Trees, setting: Setting) -> tuple[str, tuple[str, ...]]:
    """Which file the path is in, and the path there."""
    first, *rest = setting.path
    if setting.path[-1] == "policy" and setting.path[:-1] in ((), ("scenario",)):
        raise setting.fail("cannot be set; choose the policy with --policy")
    if first in ("policy", "scenario") and rest:
        if first not in trees:
            raise setting.fail(f"there is no {first} here to set anything in")
        trees, path = {first: trees[first]}, tuple(rest)
    else:
        path = setting.path
    missed = {kind: _missing(model, root, path) for kind, (model, root) in trees.items()}
    found = [kind for kind, miss in missed.items() if miss is None]
    if len(found) == 1:
        return found[0], path
    if found:
        raise setting.fail(f"is in both files; write {' or '.join(f'{kind}.{setting.dotted}' for kind in found)}")
    raise setting.fail(_nearest([miss for miss in missed.values() if miss]))


@dataclass(frozen=True)
class _Miss:
    """How far a path led, and what it could have gone on with."""

    at: int
    part: str
    known: tuple[str, ...]


def _nearest(misses: list[_Miss]) -> str:
    deepest = max(miss.at for miss in misses)
    known = [name for miss in misses if miss.at == deepest for name in miss.known]
    part = next(miss.part for miss in misses if miss.at == deepest)
    return unknown_name("name", part, list(dict.fromkeys(known)))


def _missing(model: type[BaseModel], root: Node, path: tuple[str, ...]) -> _Miss | None:
    """Where a path leaves the file; None if it leads to a value, or to a field that the file leaves out."""
    node: Node | None = root
    kinds: Kinds = (model,)
    for at, part in enumerate(path):
        inner, known = child(kinds, part), _siblings(root, node, kinds, path[:at])
        last = at == len(path) - 1
        there = find(node, (part,)) if node else None
        bare = part == "value" and is_number(kinds) and node is not None and not node.items
        listed = node is not None and isinstance(node.value, list)
        new = last and not listed and (not is_named(kinds) or is_number(inner))
        if not inner or (there is None and not (new or bare or part in known)):
            return _Miss(at, part, tuple(known))
        node, kinds = there, inner
    return None


def _siblings(root: Node, node: Node | None, kinds: Kinds, path: tuple[str, ...]) -> list[str]:
    """What could stand here: the names in the file, or the keys of the record that it has or may have."""
    if path == ("signposts",):  # a variable without a signpost is one of its own name
        variables = root.get("variables")
        return [*(node.items if node else {}), *(variables.items if variables else {})]
    if node is not None and isinstance(node.value, list):
        return [str(index) for index in range(len(node.value))]
    names = list(node.items) if node is not None else []
    return names if is_named(kinds) and names else list(dict.fromkeys([*names, *(keys(kinds) if not is_number(kinds) else [])]))


class _Change:
    """One setting, made in a tree."""

    def __init__(self, model: type[BaseModel], root: Node, setting: Setting) -> None:
        self.model, self.root, self.setting = model, root, setting

    def made(self, path: tuple[str, ...]) -> Node:
        if path[0] in FIXED:
            raise self.setting.fail(f"{path[0]} cannot be set; it belongs to the file")
        path = self._without_bare_value(path)
        self.root = self._carrying(path)
        if self.setting.value.value is None:
            return self._settled(self._put(self.root, path, None), path)
        return self._settled(self._put(self.root, path, self._value(path)), path)

    def _kinds(self, path: tuple[str, ...]) -> Kinds:
        kinds: Kinds = (self.model,)
        for part in path:
            kinds = child(kinds, part)
        return kinds

    def _without_bare_value(self, path: tuple[str, ...]) -> tuple[str, ...]:
        """A bare number or distribution is its own `value`."""
        above = find(self.root, path[:-1])
        number = any(is_record(kind, Numeric) for kind in self._kinds(path[:-1]))
        bare = number and path[-1] == "value" and (above is None or "value" not in above.items)
        return path[:-1] if bare else path

    def _carrying(self, path: tuple[str, ...]) -> Node:
        """A bare number whose unit or note is set becomes a map with a value."""
        above = find(self.root, path[:-1])
        number = any(is_record(kind, Numeric) for kind in self._kinds(path[:-1]))
        known = Numeric.model_fields.keys()
        if not number or path[-1] not in known or above is None or above.items.keys() & known:
            return self.root
        carrying = Node(above.place, {"value": Item(above.place, above)})
        return self._put(self.root, path[:-1], carrying) or self.root

    def _value(self, path: tuple[str, ...]) -> Node:
        """What is put there: the value as given, every number in it assumed."""
        kinds, value = self._kinds(path), self.setting.value
        level = any(is_record(kind, Threshold | Rival) for kind in kinds)
        if level and isinstance(value.value, str) and value.value.startswith(RIVAL):
            return self._rival(path, value.value.removeprefix(RIVAL))
        if level and (not value.items or value.items.keys() & set(SHAPES)):
            return self._level(path, {"value": Item(value.place, value)})
        value = _all_assumed(value, kinds)
        if "dated" in path[:-1] and is_number(kinds) and "value" not in value.items:
            value = replace(value, value={"value": Item(value.place, value)}, lead=None)  # else it had the threshold's grade
        return _weakest(value) if level or ("dated" in path[:-1] and is_number(kinds)) else value

    def _level(self, path: tuple[str, ...], new: dict[str, Item]) -> Node:
        """The threshold with another value; its unit and rivals stay."""
        old = find(self.root, path)
        kept = {key: item for key, item in (old.items if old else {}).items() if key in ("unit", "rivals")}
        grade = {"grade": Item(self.setting.place, Node(self.setting.value.place, "assumed"))}
        return Node(self.setting.value.place, {**grade, **new, **kept})

    def _rival(self, path: tuple[str, ...], name: str) -> Node:
        """The threshold as a rival reads it, with the grade and the evidence that the file gives the rival."""
        rivals = find(self.root, (*path, "rivals"))
        known = rivals.items if rivals else {}
        if name not in known:
            raise BadInput([Problem(self.setting.value.place, self.setting.dotted, unknown_name("rival", name, list(known)))])
        return self._level(path, dict(known[name].node.items))

    def _put(self, node: Node | None, path: tuple[str, ...], value: Node | None) -> Node | None:
        """The tree with `value` at the path; None takes away."""
        if not path:
            return value
        key, rest = path[0], path[1:]
        inner = self._put(find(node, (key,)) if node else None, rest, value)
        if node is not None and isinstance(node.value, list):
            return replace(node, value=[inner or each if str(at) == key else each for at, each in enumerate(node.value)])
        base = node if node is not None and isinstance(node.value, dict) else Node(self.setting.place, {})
        if inner is None:
            return replace(base, value={name: item for name, item in base.items.items() if name != key})
        after = with_item(base, key, inner)
        if not rest:  # what is wrong with the new value is not the old key's mistake
            after.items[key] = Item(inner.place, inner)
        return self._in_order(base, key, after)

    def _in_order(self, before: Node, key: str, after: Node) -> Node:
        """A new waypoint stands in the order of the dates."""
        day = self._day(key)
        if key in before.items or day is None:
            return after
        later = [name for name in before.items if (other := self._day(name)) is not None and other > day]
        order = list(before.items)
        order.insert(order.index(later[0]) if later else len(order), key)
        return replace(after, value={name: after.items[name] for name in order})

    def _day(self, key: str) -> int | None:
        start = self.root.get("start")
        try:
            return day_of(key, dt.date.fromisoformat(str(start.value)) if start else dt.date(1, 1, 1))
        except ValueError:
            return None

    def _settled(self, root: Node | None, path: tuple[str, ...]) -> Node:
        """The nearest graded thing around the change loses grade and evidence, and `value` and `dated` displace each other."""
        assert root is not None
        around = next((path[:at] for at in range(len(path) - 1, 0, -1) if is_graded(self._kinds(path[:at]))), None)
        node = find(root, around) if around else None
        if node is None or around is None or is_graded(self._kinds(path)) or path[-1] in ("note", "rivals"):
            return root
        other = {"value": "dated", "dated": "value"}.get(path[-1], "") if len(path) == len(around) + 1 else ""
        slim = replace(node, value={key: item for key, item in node.items.items() if key != other})
        if any(is_record(kind, Numeric) for kind in self._kinds(around)) and slim.items.keys() & set(SHAPES):
            slim = Node(slim.place, {"value": Item(slim.place, slim)})  # a bare distribution
        return self._put(root, around, _assumed(slim)) or root


def _assumed(node: Node) -> Node:
    """The graded thing without evidence and with the weakest grade."""
    slim = {key: item for key, item in node.items.items() if key != "evidence"}
    return _weakest(replace(node, value=slim))


def _weakest(node: Node) -> Node:
    """The graded thing with the weakest grade; the facts it cites are checked all the same."""
    return with_item(node, "grade", Node(node.place, "assumed"))


def _all_assumed(node: Node, kinds: Kinds) -> Node:
    """Everything graded in a value that was given on the command line."""
    if isinstance(node.value, dict):
        inner = {key: Item(item.key, _all_assumed(item.node, child(kinds, key))) for key, item in node.value.items()}
        node = replace(node, value=inner)
        graded = is_graded(kinds) and node.items.keys() & {"grade", "evidence"}
        return _weakest(node) if graded else node
    return node
