"""A ledger of facts (design §2.2): what was said, by whom, when, and how much weight it can lend."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema

from sim.spec.values import Date, FileName, Frozen, Grade, Name


def _no_date(raw: object) -> object:
    return None if raw == "none" else raw


_DATE_SCHEMA = {"anyOf": [{"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}, {"enum": ["none", None]}], "default": None}


class Fact(Frozen):
    says: str
    """the fact, in the project's own words"""
    who: str | None = None
    """who said or did it"""
    outlet: str | None = None
    """where it was published"""
    date: Annotated[Date | None, BeforeValidator(_no_date), WithJsonSchema(_DATE_SCHEMA)] = None
    """the day of the fact, or none"""
    source: str | None = None
    """an address, where there is one"""
    supports: Grade
    """the strongest grade that the fact can lend to a number"""
    hindsight: bool = False
    """true: known only after the policy's statement"""
    phase: Name | None = None
    """the phase in which this fact shows the government; read by `phased hindcast`"""


class Evidence(Frozen):
    kind: Literal["evidence"]
    name: FileName
    title: str
    facts: Annotated[dict[Name, Fact], Field(min_length=1)]
