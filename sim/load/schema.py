"""What the records of `sim.spec` allow at a path: which keys, whether a number stands there, what a name stands for."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from sim.spec.values import Graded, Numeric, Shape

Kinds = tuple[Any, ...]
"""The alternatives that may stand at a place: record classes, and dict, tuple or scalar types."""

WHOLE = frozenset({"path", "smooth", "error", "confirm"})
"""Fields that a variant replaces as a whole, as it does numbers."""


def alternatives(annotation: Any) -> Kinds:
    """The types behind Annotated, unions and Optional."""
    if isinstance(annotation, FieldInfo):
        return alternatives(annotation.annotation)
    origin = get_origin(annotation)
    if origin is Annotated:
        return alternatives(get_args(annotation)[0])
    if origin is Union or origin is UnionType:
        return tuple(kind for each in get_args(annotation) for kind in alternatives(each))
    return () if annotation is NoneType else (annotation,)


def fields(kind: Any) -> dict[str, Any]:
    """The keys of a record, as a file writes them, and their annotations; of anything else, none."""
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        return {}
    return {info.alias or name: info.annotation for name, info in kind.model_fields.items()}


def keys(kinds: Kinds) -> list[str]:
    """Every key that a map may have here; empty where the keys are names."""
    found = dict.fromkeys(key for kind in _unwrapped(kinds) for key in fields(kind))
    return sorted(found, key=lambda key: key in Graded.model_fields)  # what any number may have, last


def required(kind: Any) -> list[str]:
    """The keys that a record cannot do without."""
    if not is_record(kind, BaseModel):
        return []
    return [info.alias or name for name, info in kind.model_fields.items() if info.is_required()]


def _unwrapped(kinds: Kinds) -> Kinds:
    """A number may stand bare: what may stand in its `value` may stand in its place."""
    bare = [each for kind in kinds if is_record(kind, Numeric) for each in alternatives(kind.model_fields["value"])]
    return (*kinds, *bare)


def child(kinds: Kinds, key: str) -> Kinds:
    """What may stand under a key or, in a list, under an index. Empty: no such key."""
    return tuple(each for kind in _unwrapped(kinds) for each in _child(kind, key))


def _child(kind: Any, key: str) -> Kinds:
    arguments = get_args(kind)
    origin: Any = get_origin(kind)
    if origin is dict:
        return alternatives(arguments[1])
    if origin is tuple and key.isdecimal():
        index = int(key)
        known = arguments[:1] if Ellipsis in arguments else arguments[index : index + 1]
        return tuple(each for item in known for each in alternatives(item))
    return alternatives(fields(kind)[key]) if key in fields(kind) else ()


def is_record(kind: Any, base: type[BaseModel] | UnionType) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)


def is_number(kinds: Kinds) -> bool:
    """Whether a number or a distribution stands here."""
    return any(kind is float or is_record(kind, Numeric) or is_record(kind, Shape) for kind in kinds)


def is_graded(kinds: Kinds) -> bool:
    """Whether a thing with a grade stands here: a number, a threshold, a rival or a csv path."""
    return any(is_record(kind, Graded) for kind in kinds)


def is_named(kinds: Kinds) -> bool:
    """Whether this is a map of names, or of dates."""
    origins: list[Any] = [get_origin(kind) for kind in kinds]
    return dict in origins
