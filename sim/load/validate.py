"""From tree to record: every mistake in the structure at once, at its place, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from sim.errors import Problem, every, listed, quote, unknown_name
from sim.load.nodes import Node
from sim.load.schema import Kinds, child, fields, is_named, is_number, is_record, keys, required
from sim.load.source import Source, find, locate
from sim.spec.values import SHAPES, Numeric, Weighted, shown

M = TypeVar("M", bound=BaseModel)
Path = tuple[str, ...]

_TAGS = {
    "value": {"number", *SHAPES},
    "lognormal": {"p5", "median"},
    "path": {"waypoints", "csv"},
    "confirm": {"run", "window"},
    "up": {"one", "list"},
    "down": {"one", "list"},
}
"""Parts that pydantic puts behind a field to say which alternative it tried. No file has them."""
ENOUGH = 500
"""Mistakes of one kind in one file after which the rest is left for the next time."""
_CARRIED = frozenset({"value", "unit", "grade", "evidence", "note"})


def validated(model: type[M], root: Node) -> tuple[Source[M], list[Problem]]:
    """The record of all that is whole, and every mistake in the structure of the rest."""
    data = root.plain()
    if not isinstance(data, dict):
        message = f"the file must be a map of `key: value` lines, got {shown(data)}"
        return Source(root, _stand_in(model, {}), frozenset(fields(model))), [Problem(root.place, "", message)]
    try:
        return Source(root, model.model_validate(data)), []
    except ValidationError as error:
        details = error.errors(include_url=False)
    found = [_problem(root, model, each) for each in details[:ENOUGH]]
    found += [(path, problem) for path, problem in _one_of(root, root, (model,), ())]
    items = {_item(model, path) for path, _ in found} | {
        _item(model, _steps(root, model, each["loc"])[0]) for each in details[ENOUGH:]
    }
    for item in sorted(items, key=len, reverse=True):
        _remove(data, item)
    source = Source(root, _stand_in(model, data), frozenset(".".join(item) for item in items))
    return source, list(dict.fromkeys(problem for _, problem in found))


def _steps(root: Node, model: type[BaseModel], loc: Sequence[int | str]) -> tuple[Path, Kinds]:
    """pydantic's location without what no file has: tags and the `value` of a bare number."""
    path: list[str] = []
    node: Node | None = root
    kinds: Kinds = (model,)
    before: int | str | None = None
    for part in loc:
        if part in _TAGS.get(str(before), ()):
            before = None
            continue
        before = part
        if _is_bare(node, kinds, part):
            continue
        kinds = child(kinds, str(part))
        if isinstance(part, int) and node is not None and isinstance(node.value, dict):
            part = list(node.value)[part]  # the n-th weight of a `choice`
        path.append(str(part))
        node = find(node, (str(part),)) if node else None
    return tuple(path), kinds


def _is_bare(node: Node | None, kinds: Kinds, part: int | str) -> bool:
    if any(is_record(kind, Weighted) for kind in kinds):
        return True
    keys_here = node.items.keys() if node else set()
    map_of_number = node is not None and isinstance(node.value, dict) and (not keys_here or bool(keys_here & _CARRIED))
    return part == "value" and any(is_record(kind, Numeric) for kind in kinds) and not map_of_number


def _problem(root: Node, model: type[BaseModel], error: ErrorDetails) -> tuple[Path, Problem]:
    wrong_key = error["type"] != "extra_forbidden" and error["loc"][-1:] == ("[key]",)  # which pydantic adds to the key's own
    loc = error["loc"][:-1] if wrong_key else error["loc"]
    path, kinds = _steps(root, model, loc)
    above, over = find(root, path[:-1]), _steps(root, model, loc[:-1])[1]
    if error["type"] == "missing" and path[-1].isdecimal():
        path, kinds = path[:-1], over  # a list with too few values
    about_key = wrong_key or error["type"] == "extra_forbidden"
    place = above.items[path[-1]].key if about_key and above and path[-1] in above.items else locate(root, path)
    return path, Problem(place, ".".join(path), _words(error, find(root, path), path, kinds, _narrowed(over, above)))


def _narrowed(kinds: Kinds, node: Node | None) -> Kinds:
    """Of the records that may stand here, those that share most keys with what stands here."""
    given = node.items.keys() if node else set()
    shared = [len(given & fields(kind).keys()) for kind in kinds]
    return tuple(kind for kind, number in zip(kinds, shared, strict=True) if number == max(shared))


def _words(error: ErrorDetails, node: Node | None, path: Path, kinds: Kinds, above: Kinds) -> str:
    """What is wrong, what was given, what would be right."""
    given, context = shown(node.plain() if node else error["input"]), error.get("ctx", {})
    match error["type"]:
        case "value_error":
            return str(context["error"])
        case "missing" if node and isinstance(node.value, list):
            return f"must have {_length(kinds)} values, got {len(node.value)}"
        case "missing":
            return _missing(above)
        case "extra_forbidden":
            return unknown_name("key", path[-1], keys(above))
        case "union_tag_invalid":
            return _no_number(node)
        case "literal_error":
            return _one_word(str(context["expected"]), node)
        case "string_type":
            quoting = "; put it in quotes" if node and isinstance(node.value, int | float) else ""
            return f"must be text, got {given}{quoting}"
        case "bool_type":
            return f"must be true or false, got {given}"
        case "tuple_type":
            return f"must be {'a name or ' if path[-1] in ('from', 'while') else ''}a list, got {given}"
        case "dict_type" if path[-1] == "path":
            return f"must be a map of dates and values, such as {{2024-10-24: 3}}, or {{csv: FILE}}, got {given}"
        case "model_type" | "dict_type":
            return f"must be a map{_of_keys(kinds)}, got {given}"
        case "too_short":
            return "must not be empty"
        case "too_long":
            return f"must have {context['max_length']} values, got {context['actual_length']}"
    return f"does not fit, got {given}"


def _length(kinds: Kinds) -> int:
    return max((len(get_args(kind)) for kind in kinds), default=0)


def _missing(above: Kinds) -> str:
    needed = list(dict.fromkeys(key for kind in above for key in required(kind)))
    return "is missing" + (f"; {every(needed)} must be given" if len(needed) > 1 else "")


def _no_number(node: Node | None) -> str:
    """A map that is neither a distribution nor a number with its grade."""
    given = list(node.items) if node else []
    wanted = [*SHAPES, *Numeric.model_fields]
    if len(given) == 1:
        return unknown_name("distribution or key", given[0], wanted)
    got = f"a map of {every(given[:12])}" if given else "an empty map"
    return f"must be a number or a distribution, got {got}; a distribution is one of {listed(SHAPES)}"


def _one_word(expected: str, node: Node | None) -> str:
    choices = [word.strip("'") for word in expected.replace(" or ", ", ").split(", ")]
    if node and isinstance(node.value, str):
        close = unknown_name("word", node.value, choices)
        hint = close.split(";", 1)[1].strip() if "did you mean" in close else ""
        return f"must be {listed(choices)}, got {quote(node.value)}" + (f"; {hint}" if hint else "")
    return f"must be {listed(choices)}, got {shown(node.plain() if node else None)}"


def _of_keys(kinds: Kinds) -> str:
    known = keys(kinds)
    return f" with {every(known)}" if known and not is_number(kinds) else ""


def _one_of(root: Node, node: Node, kinds: Kinds, path: Path) -> Iterator[tuple[Path, Problem]]:
    """Records that need exactly one of some fields. pydantic looks at that only where all fields are whole."""
    for kind in kinds:
        if is_record(kind, BaseModel) and hasattr(kind, "_one") and isinstance(node.value, dict):
            given = {key: True for key, item in node.items.items() if item.node.value is not None}
            try:
                kind.model_construct(**given)._one()
            except ValueError as error:
                yield path, Problem(locate(root, path), ".".join(path), str(error))
    for key, item in node.items.items():
        yield from _one_of(root, item.node, child(kinds, key), (*path, key))


def _item(model: type[BaseModel], path: Path) -> Path:
    """The smallest named thing that a path lies in, and that can be left out: a threshold, a transition, a rival, a field."""
    kinds, end = child((model,), path[0]) if path else (), 1
    for at in range(1, len(path)):
        named = is_named(kinds)
        kinds = child(kinds, path[at])
        if named and not is_number(kinds) and any(is_record(kind, BaseModel) for kind in kinds):
            end = at + 1
    return path[:end]


def _remove(data: Any, path: Path) -> None:
    for part in path[:-1]:
        data = data.get(part) if isinstance(data, dict) else None
    if isinstance(data, dict) and path:
        data.pop(path[-1], None)


def _stand_in(model: type[M], data: dict[str, Any]) -> M:
    """A record of the fields that are whole; the others have their default or are empty."""
    values: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        wanted: Any = Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation
        adapter: TypeAdapter[Any] = TypeAdapter(wanted)
        given = data.get(name, _EMPTY.get(name))
        if name in data or info.is_required():
            try:
                values[name] = adapter.validate_python(given)
            except ValidationError:
                values[name] = {} if name not in _EMPTY else adapter.validate_python(_EMPTY[name])
    return model.model_construct(**values)


_EMPTY: dict[str, Any] = {
    "title": "",
    "name": "x",
    "start": "2000-01-01",
    "days": 1,
    "minutes": 60,
    "debrief": {"minutes": 1, "questions": [""]},
}
"""What stands in for a field that has to be there and is broken or missing."""
