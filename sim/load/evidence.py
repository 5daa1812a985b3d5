"""Numbers and the facts they cite."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from sim.errors import Problem, every, quote, unknown_name
from sim.load.source import Source
from sim.spec.evidence import Fact
from sim.spec.values import GRADES, Graded

Facts = Mapping[str, Fact]


def evidence_problems(source: Source[Any], facts: Facts | None) -> Iterator[Problem]:
    """Facts that no ledger has, and grades stronger than the facts cited. `facts` is None where a ledger cannot be read."""
    for path, record in records(source.spec):
        cited: tuple[str, ...] = getattr(record, "evidence", ())
        if not path or (not cited and not isinstance(record, Graded)):
            continue
        unknown = [] if facts is None else [fact for fact in cited if fact not in facts]
        for fact in unknown:
            yield source.problem(f"{path}.evidence.{cited.index(fact)}", _unknown_fact(fact, facts or {}))
        if isinstance(record, Graded) and not unknown:
            yield from _grade(source, path, record, facts)


def _unknown_fact(fact: str, facts: Facts) -> str:
    if not facts:
        return f"unknown fact {quote(fact)}; the file lists no ledger under evidence"
    return unknown_name("fact", fact, list(facts))


def _grade(source: Source[Any], path: str, record: Graded, facts: Facts | None) -> Iterator[Problem]:
    if record.grade == "assumed":
        return
    if not record.evidence:
        message = f"a number graded {record.grade} must cite a fact in evidence; without one it is assumed"
        yield source.problem(f"{path}.grade", message)
    elif facts is not None:
        strongest = max((facts[fact].supports for fact in record.evidence), key=GRADES.index)
        if GRADES.index(record.grade) > GRADES.index(strongest):
            message = f"{record.grade} is stronger than {every(record.evidence)} can support, which is {strongest}"
            yield source.problem(f"{path}.grade", message)


def records(record: BaseModel, path: str = "") -> Iterator[tuple[str, BaseModel]]:
    """Every record in a record, with its dotted path, in the order of the fields and of the file."""
    yield path, record
    for field, info in type(record).model_fields.items():
        yield from _records_in(getattr(record, field), f"{path}.{info.alias or field}".lstrip("."))


def _records_in(value: object, path: str) -> Iterator[tuple[str, BaseModel]]:
    if isinstance(value, BaseModel):
        yield from records(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _records_in(item, f"{path}.{key}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _records_in(item, f"{path}.{index}")
