"""JSON Schema of each kind of file, with the text under each field as its description."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache
from typing import Any

from pydantic import BaseModel

from sim.spec.evidence import Evidence
from sim.spec.exercise import Exercise
from sim.spec.losses import Losses
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario

KINDS: dict[str, type[BaseModel]] = {
    "evidence": Evidence,
    "exercise": Exercise,
    "losses": Losses,
    "policy": Policy,
    "scenario": Scenario,
}


def json_schema(kind: str) -> dict[str, Any]:
    """The schema of `evidence`, `exercise`, `losses`, `policy` or `scenario` files."""
    schema = KINDS[kind].model_json_schema(by_alias=True)
    _describe(schema, KINDS[kind].__name__)
    for name, definition in schema.get("$defs", {}).items():
        _describe(definition, name)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"phased {kind}"}
    if "extends" not in schema["properties"]:
        return {**schema, **head}
    whole, variant = dict(schema), _variant(schema)
    definitions = {**whole.pop("$defs"), **variant.pop("$defs")}
    return {**head, "if": {"required": ["extends"]}, "then": variant, "else": whole, "$defs": definitions}


_OF_VARIANTS = ("kind", "name", "title")
"""What a file that extends another must still say."""


def _variant(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of a file that says only what differs: nothing inherited is required, and null removes a key."""
    variant: dict[str, Any] = _loosened(schema)
    variant["required"] = [key for key in schema["required"] if key in _OF_VARIANTS]
    variant["$defs"] = {f"{name}Variant": definition for name, definition in variant["$defs"].items()}
    return variant


def _loosened(part: Any) -> Any:
    if isinstance(part, list):
        return [_loosened(each) for each in part]
    if not isinstance(part, dict):
        return f"{part}Variant" if isinstance(part, str) and part.startswith("#/$defs/") else part
    loose = {key: _loosened(value) for key, value in part.items() if key != "required"}
    if isinstance(part.get("properties"), dict):
        loose["properties"] = {key: _or_null(_loosened(value)) for key, value in part["properties"].items()}
    if isinstance(part.get("additionalProperties"), dict):
        loose["additionalProperties"] = _or_null(_loosened(part["additionalProperties"]))
    return loose


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}], **{key: schema[key] for key in ("description",) if key in schema}}


def _describe(definition: dict[str, Any], name: str) -> None:
    """Give the properties of a record the texts that stand under its fields in the source."""
    for part in [definition, *definition.get("anyOf", [])]:
        for key, prop in part.get("properties", {}).items():
            text = field_texts(name).get(key)
            if text:
                prop["description"] = text


@cache
def _all_texts() -> dict[str, dict[str, str]]:
    """Record → field → text, of every record in the modules of the spec."""
    modules = {record.__module__ for record in _records(BaseModel)}
    texts: dict[str, dict[str, str]] = {}
    for module in sorted(each for each in modules if each.startswith("sim.spec.")):
        for node in ast.parse(inspect.getsource(sys.modules[module])).body:
            if isinstance(node, ast.ClassDef):
                texts[node.name] = _own_texts(node)
    return texts


def _own_texts(node: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for field, following in zip(node.body, node.body[1:], strict=False):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and _is_text(following):
            texts[field.target.id.rstrip("_")] = inspect.cleandoc(following.value.value)  # type: ignore[attr-defined]  # is a text
    return texts


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _records(base: type[BaseModel]) -> list[type[BaseModel]]:
    return [each for sub in base.__subclasses__() for each in (sub, *_records(sub))]


def field_texts(name: str) -> dict[str, str]:
    """Field → text of a record by its name, inherited ones included."""
    record = {each.__name__: each for each in _records(BaseModel)}.get(name)
    if record is None:
        return {}
    texts: dict[str, str] = {}
    for each in reversed(record.__mro__):
        texts |= _all_texts().get(each.__name__, {})
    return texts
