"""The data dictionary: every column and key of the files that commands write, from results.txt, and as JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

Json = dict[str, Any]

_TYPES: Mapping[str, Json] = {
    "text": {"type": "string"},
    "phase": {"type": "string"},
    "date": {"type": "string", "format": "date"},
    "day": {"type": "integer", "minimum": 0},
    "whole number": {"type": "integer"},
    "number": {"type": "number"},
    "share": {"type": "number", "minimum": 0, "maximum": 1},
    "true or false": {"type": "boolean"},
    "map": {},
    "any": {},
}


@dataclass(frozen=True)
class Field:
    """A column, or a key of a document by its path."""

    path: str
    type: str
    unit: str = ""
    meaning: str = ""
    empty: str = ""
    """what it means where it is null, or an empty cell; none: it never is"""


@dataclass(frozen=True)
class Table:
    """A file, or what --json prints."""

    name: str
    commands: str
    about: str
    fields: tuple[Field, ...]

    @property
    def is_tree(self) -> bool:
        """Keys in maps, rather than columns?"""
        return self.name.endswith("json")


@cache
def sections() -> tuple[Table, ...]:
    """As results.txt has them: files, and the parts that several of them share (`@NAME`)."""
    return tuple(_sections((files("sim.cli") / "results.txt").read_text("utf-8")))


@cache
def tables() -> tuple[Table, ...]:
    """Every file, parts put in their places."""
    found = sections()
    parts = {each.name[1:]: each.fields for each in found if each.name.startswith("@")}
    return tuple(replace(each, fields=tuple(_whole(each.fields, parts))) for each in found if not each.name.startswith("@"))


def _sections(text: str) -> Iterator[Table]:
    for section in re.split(r"^== ", text, flags=re.MULTILINE)[1:]:
        head, *lines = section.splitlines()
        name, commands, about = (part.strip() for part in (*head.split(" | "), "", "")[:3])
        yield Table(name, commands, about, tuple(Field(*_cells(line)) for line in lines if line.strip()))


def _cells(line: str) -> list[str]:
    return [part.strip() for part in line.split("|")]


def _whole(fields: tuple[Field, ...], parts: Mapping[str, tuple[Field, ...]]) -> Iterator[Field]:
    """The fields with those of each part below the path that names it; a part named at `@` stands on its own level."""
    for each in fields:
        if not each.type.startswith("@"):
            yield each
            continue
        above = "" if each.path == "@" else f"{each.path}."
        yield from (replace(inner, path=above + inner.path) for inner in _whole(parts[each.type[1:]], parts))


def document() -> Json:
    """What `phased schema results` prints: for each file its columns, or its JSON Schema."""
    return {"schema": 1, "files": {each.name: _file(each) for each in tables()}}


def _file(table: Table) -> Json:
    about = {"commands": table.commands, "about": table.about}
    if table.is_tree:
        return about | {"json_schema": json_schema(table)}
    return about | {"columns": [_column(each) for each in table.fields]}


def _column(each: Field) -> Json:
    optional = each.path.endswith("?")
    named = {"name": each.path.rstrip("?"), "type": each.type, "unit": each.unit or None, "meaning": each.meaning}
    return named | {"empty": each.empty or None, "always": not optional}


@dataclass
class _Node:
    """A place in a document: keys of a map, or what each of a list is."""

    told: Field | None = None
    keys: dict[str, _Node] = field(default_factory=dict)
    each: _Node | None = None

    def at(self, step: str) -> _Node:
        if step == "[]":
            self.each = self.each or _Node()
            return self.each
        return self.keys.setdefault(step, _Node())


def json_schema(table: Table) -> Json:
    """JSON Schema (2020-12) of a document. No key may stand in it that is not documented."""
    root = _Node()
    for each in table.fields:
        node = root
        for step in re.findall(r"\[\]|[^.\[\]]+", each.path):
            node = node.at(step)
        node.told = each
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": table.name, **_schema(root)}


def _schema(node: _Node) -> Json:
    told = _told(node.told) if node.told else {}
    if node.each:
        shape: Json = {"type": "array", "items": _schema(node.each)}
    elif node.keys:
        shape = _map(node.keys)
    else:
        shape = dict(_TYPES[node.told.type]) if node.told else {}
    if node.told and node.told.empty and "type" in shape:
        shape["type"] = [shape["type"], "null"]
    return shape | told


def _map(keys: Mapping[str, _Node]) -> Json:
    named = {key: node for key, node in keys.items() if not key.startswith("<")}
    free = next((node for key, node in keys.items() if key.startswith("<")), None)
    return {
        "type": "object",
        "properties": {key.rstrip("?"): _schema(node) for key, node in named.items()},
        "required": [key for key in named if not key.endswith("?")],
        "additionalProperties": _schema(free) if free else False,
    }


def _told(each: Field) -> Json:
    null = f" Null: {each.empty}." if each.empty else ""
    unit = {"unit": each.unit} if each.unit else {}
    return {"description": f"{each.meaning}.{null}", **unit}
