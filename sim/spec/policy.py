"""A policy file (design §2.3): phases, thresholds and the transitions between phases."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sim.spec.values import (
    Amount,
    Days,
    FileName,
    FixedDays,
    FixedNumber,
    Frozen,
    Graded,
    Language,
    Name,
    Names,
    Number,
    When,
)

ANY = "any"
"""In `from` and `while`: every phase (for `from`, every phase but `to`)."""


class Read(Frozen):
    """A signpost that guards may name."""

    unit: str
    range: Annotated[tuple[FixedNumber, FixedNumber], Field(strict=False)] | None = None
    """[least, greatest] value, for static checks"""
    default: Number | None = None
    """used, and reported as assumed, where a scenario has no such signpost"""


class Phase(Frozen):
    label: str | None = None
    """how charts name it; default: its name"""
    labels: dict[Language, str] = {}
    """the same in other languages, such as {ko: 조치 없음}; pages offer these"""
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    min_stay: Days = Days(value=0)
    """days that the phase lasts at least"""


class _Level(Graded):
    """A value, or values by date, of which exactly one is given."""

    value: Amount | None = None
    """the number, in the threshold's unit"""
    dated: Annotated[dict[When, Number], Field(min_length=1)] | None = None
    """values by the date from which they hold; the first also holds before its date"""

    @model_validator(mode="after")
    def _one(self) -> _Level:
        if (self.value is None) == (self.dated is None):
            raise ValueError("needs either value or dated" + ("" if self.value is None else ", not both"))
        return self

    def numbers(self, path: str) -> dict[str, Number]:
        """The numbers by dotted path; a dated one without a grade of its own has the threshold's."""
        if self.value is not None:
            return {f"{path}.value": self._graded(Number.model_construct(value=self.value))}
        dated = self.dated or {}
        return {
            f"{path}.dated.{when}": number if "grade" in number.model_fields_set else self._graded(number)
            for when, number in dated.items()
        }

    def _graded(self, number: Number) -> Number:
        return number.model_copy(update={"grade": self.grade, "evidence": self.evidence, "note": self.note})


class Rival(_Level):
    """Another reading of the same words, chosen by `--set thresholds.NAME=rival:RIVAL`."""

    grade: Literal["quoted", "reported", "implied", "assumed"]


class Threshold(_Level):
    unit: str
    grade: Literal["quoted", "reported", "implied", "assumed"]
    rivals: dict[Name, Rival] = {}
    """other readings of the same words, kept side by side"""


class WithinWindow(Frozen):
    """The guard must hold on `days` of the last `of` days."""

    days: FixedDays
    of: FixedDays


def _confirm_form(raw: Any) -> str:
    if isinstance(raw, WithinWindow) or (isinstance(raw, dict) and raw.keys() & {"days", "of"}):
        return "window"
    return "run"


class Transition(Frozen):
    from_: Names = Field(alias="from")
    """the phase or phases that it leaves; `any`: every phase but `to`"""
    to: Name
    """the phase that it enters"""
    when: str
    """the guard: a condition over signposts and thresholds"""
    confirm: Annotated[Annotated[Days, Tag("run")] | Annotated[WithinWindow, Tag("window")], Discriminator(_confirm_form)] = Days(
        value=1
    )
    """days in a row that the guard must hold, or {days: m, of: n}"""
    lag: Days = Days(value=0)
    """days from decision to effect"""
    revocable: bool = False
    """true: lapses on a day after its decision on which the guard is false"""
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    before: Name | None = None
    """in a variant: the inherited transition before which this new one stands"""


class Policy(Frozen):
    kind: Literal["policy"]
    name: FileName
    title: str
    titles: dict[Language, str] = {}
    """the same in other languages"""
    extends: str | None = None
    """a policy of which this file says only what differs"""
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """ledgers, by name or path, whose facts the numbers cite"""
    reads: dict[Name, Read] = {}
    phases: Annotated[dict[Name, Phase], Field(min_length=1)]
    """lowest first"""
    initial: Name | None = None
    """default: the first phase"""
    thresholds: dict[Name, Threshold] = {}
    transitions: dict[Name, Transition]
    """in order: the first confirmed one is taken"""
