"""Numbers as files give them: fixed or uncertain, plain, in days or per day, with unit, grade and evidence."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetJsonSchemaHandler,
    Tag,
    WithJsonSchema,
    field_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.errors import quote

GRADES = ("assumed", "implied", "reported", "quoted")
"""Weakest first."""
Grade = Literal["quoted", "reported", "implied", "assumed"]

NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
WEEK = 7.0

_AMOUNT = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_SPAN = re.compile(rf"({_AMOUNT})\s*(day|week)s?")
_RATE = re.compile(rf"({_AMOUNT})\s*per\s+(day|week)")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DAY = re.compile(r"day (-?\d{1,6})")


class Frozen(BaseModel):
    """A record that cannot change and knows all its keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class _Misfit:
    """Stands where a leaf does not fit its kind, until the leaf's own place can report it."""

    def __init__(self, message: str) -> None:
        self.message = message


def shown(raw: object) -> str:
    """What was given, in a word or two."""
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, dict):
        return "a map"
    if isinstance(raw, list | tuple):
        return "a list"
    return quote(raw)


def _number(raw: object) -> float:
    if isinstance(raw, _Misfit):
        raise ValueError(raw.message)
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise ValueError(f"must be a number, got {shown(raw)}")
    try:
        value = float(raw)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise ValueError(f"must be a finite number, got {shown(raw)}")
    return value


Kind = Literal["plain", "span", "rate"]
_WORDS: dict[Kind, tuple[re.Pattern[str], str]] = {
    "span": (_SPAN, "days or weeks, such as 14 days or 8 weeks"),
    "rate": (_RATE, "a rate, such as 0.01 per day or 700 per week"),
}


def _in_days(raw: Any, kind: Kind) -> Any:
    """`2 weeks` as 14.0 and `700 per week` as 100.0, at every leaf of a number or distribution."""
    if isinstance(raw, list):
        return [_in_days(item, kind) for item in raw]
    if isinstance(raw, dict):
        return {_in_days(key, kind) if _is_leaf(key, kind) else key: _in_days(item, kind) for key, item in raw.items()}
    if not isinstance(raw, str):
        return raw
    pattern, wanted = _WORDS[kind]
    match = pattern.fullmatch(raw.strip())
    if match is None:
        return _Misfit(f"must be {wanted}, got {quote(raw)}")
    weeks = match[2] == "week"
    return float(match[1]) * ((WEEK if kind == "span" else 1 / WEEK) if weeks else 1.0)


def _is_leaf(key: object, kind: Kind) -> bool:
    return isinstance(key, str) and _WORDS[kind][0].fullmatch(key.strip()) is not None


Plain = Annotated[float, BeforeValidator(_number), WithJsonSchema({"type": "number"})]
"""A finite number."""
_LEAF_SCHEMA = {"anyOf": [{"type": "number"}, {"type": "string", "pattern": f"^({_SPAN.pattern}|{_RATE.pattern})$"}]}
Leaf = Annotated[float, BeforeValidator(_number), WithJsonSchema(_LEAF_SCHEMA)]
"""A finite number; in a count of days also `2 weeks`, in a rate also `700 per week`."""


class Shape(Frozen):
    """A distribution, drawn once per run by the inverse CDF of one uniform number (design §2.1)."""

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value that can come out."""
        raise NotImplementedError


class Uniform(Shape):
    uniform: Annotated[tuple[Leaf, Leaf], Field(strict=False)]
    """[low, high]"""

    @model_validator(mode="after")
    def _sense(self) -> Uniform:
        low, high = self.uniform
        if low > high:
            raise ValueError(f"low must not be above high, got [{low:g}, {high:g}]")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return self.uniform


class Triangular(Shape):
    triangular: Annotated[tuple[Leaf, Leaf, Leaf], Field(strict=False)]
    """[low, mode, high]"""

    @model_validator(mode="after")
    def _sense(self) -> Triangular:
        low, mode, high = self.triangular
        if not low <= mode <= high:
            raise ValueError(f"must be [low, mode, high] in this order, got [{low:g}, {mode:g}, {high:g}]")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return self.triangular[0], self.triangular[2]


class Normal(Shape):
    normal: Annotated[tuple[Leaf, Leaf], Field(strict=False)]
    """[mean, sd]"""

    @model_validator(mode="after")
    def _sense(self) -> Normal:
        if self.normal[1] < 0:
            raise ValueError(f"sd must not be below 0, got {self.normal[1]:g}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        mean, sd = self.normal
        return (-math.inf, math.inf) if sd > 0 else (mean, mean)


class Percentiles(Frozen):
    """A lognormal by two of its percentiles."""

    p5: Leaf
    p95: Leaf

    @model_validator(mode="after")
    def _sense(self) -> Percentiles:
        if not 0 < self.p5 <= self.p95:
            raise ValueError(f"needs 0 < p5 <= p95, got p5 {self.p5:g} and p95 {self.p95:g}")
        return self


class MedianSigma(Frozen):
    """A lognormal by its median and the standard deviation of its logarithm."""

    median: Leaf
    sigma: Plain

    @model_validator(mode="after")
    def _sense(self) -> MedianSigma:
        if self.median <= 0 or self.sigma < 0:
            raise ValueError(f"needs median > 0 and sigma >= 0, got median {self.median:g} and sigma {self.sigma:g}")
        return self


def _lognormal_form(raw: object) -> str:
    keys = raw if isinstance(raw, dict) else ()
    return "median" if isinstance(raw, MedianSigma) or "median" in keys or "sigma" in keys else "p5"


class Lognormal(Shape):
    lognormal: Annotated[
        Annotated[Percentiles, Tag("p5")] | Annotated[MedianSigma, Tag("median")], Discriminator(_lognormal_form)
    ]
    """{p5:, p95:} or {median:, sigma:}"""

    @property
    def support(self) -> tuple[float, float]:
        form = self.lognormal
        if isinstance(form, MedianSigma):
            return (0.0, math.inf) if form.sigma > 0 else (form.median, form.median)
        return (0.0, math.inf) if form.p5 < form.p95 else (form.p5, form.p95)


class Exponential(Shape):
    exponential: Leaf
    """mean"""

    @model_validator(mode="after")
    def _sense(self) -> Exponential:
        if self.exponential <= 0:
            raise ValueError(f"mean must be above 0, got {self.exponential:g}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        return 0.0, math.inf


def _choices(raw: object) -> object:
    """A list of values, or a map of value to weight, as pairs in ascending order of value."""
    if isinstance(raw, list):
        return [{"value": value, "weight": 1.0 / len(raw)} for value in raw]
    if isinstance(raw, dict):
        return [{"value": _key_number(value), "weight": weight} for value, weight in raw.items()]
    raise ValueError(f"must be a list of values or a map of value to weight, got {shown(raw)}")


def _key_number(raw: object) -> object:
    """Map keys arrive as text; those that are numbers are meant as numbers."""
    return float(raw) if isinstance(raw, str) and re.fullmatch(_AMOUNT, raw.strip()) else raw


class Weighted(Frozen):
    value: Leaf
    weight: Plain


class Choice(Shape):
    choice: Annotated[
        tuple[Weighted, ...],
        Field(strict=False),
        BeforeValidator(_choices),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "array", "minItems": 1, "items": {"type": ["number", "string"]}},
                    {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number"}},
                ]
            }
        ),
    ]
    """[a, b, c], or {a: weight, b: weight} whose weights sum to 1"""

    @field_serializer("choice")
    def _as_written(self, choice: tuple[Weighted, ...]) -> object:
        alike = all(each.weight == 1.0 / len(choice) for each in choice)
        return [each.value for each in choice] if alike else {str(each.value): each.weight for each in choice}

    @model_validator(mode="after")
    def _sense(self) -> Choice:
        weights = [each.weight for each in self.choice]
        if not weights:
            raise ValueError("needs at least one value")
        if min(weights) < 0:
            raise ValueError(f"weights must not be below 0, got {min(weights):g}")
        if abs(sum(weights) - 1) > 1e-9:
            raise ValueError(f"weights must sum to 1, they sum to {sum(weights):g}")
        return self

    @property
    def support(self) -> tuple[float, float]:
        values = [each.value for each in self.choice if each.weight > 0]
        return min(values), max(values)


SHAPES = ("uniform", "triangular", "normal", "lognormal", "exponential", "choice")


def _shape(raw: object) -> str:
    if isinstance(raw, Shape):
        return next(iter(type(raw).model_fields))
    if not isinstance(raw, dict):
        return "number"
    named = [key for key in SHAPES if key in raw]
    return named[0] if named else "unknown"


Amount = Annotated[
    Annotated[Leaf, Tag("number")]
    | Annotated[Uniform, Tag("uniform")]
    | Annotated[Triangular, Tag("triangular")]
    | Annotated[Normal, Tag("normal")]
    | Annotated[Lognormal, Tag("lognormal")]
    | Annotated[Exponential, Tag("exponential")]
    | Annotated[Choice, Tag("choice")],
    Discriminator(_shape),
]
"""A number, or a distribution drawn once per run."""


class Graded(Frozen):
    """What lends a number its weight."""

    grade: Grade = "assumed"
    """quoted > reported > implied > assumed; never stronger than the strongest `supports` of the facts cited"""
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """ids of facts in the ledgers that the file lists"""
    note: str | None = None
    """what a reader should know of the choice"""


class Numeric(Graded):
    """A number with, if wanted, its unit, grade and evidence. A bare one counts as assumed."""

    unit: str | None = None
    value: Amount
    kind: ClassVar[Kind] = "plain"

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, raw: Any) -> Any:
        if isinstance(raw, Numeric):
            return raw
        carried = isinstance(raw, dict) and (not raw or bool(raw.keys() & {"value", "unit", "grade", "evidence", "note"}))
        record = raw if carried else {"value": raw}
        if cls.kind != "plain" and "value" in record:
            record = {**record, "value": _in_days(record["value"], cls.kind)}
        return record

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        schema = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [schema["properties"]["value"], schema]}

    @property
    def scale(self) -> float:
        """What a number must be multiplied with to be in days, or per day."""
        if self.kind == "rate":  # also `troops per week`
            return 1 / WEEK if (self.unit or "").endswith("per week") else 1.0
        return WEEK if self.kind == "span" and self.unit in ("week", "weeks") else 1.0

    @property
    def fixed(self) -> float | None:
        """The number in days, per day or its own unit; None where it is uncertain."""
        return None if isinstance(self.value, Shape) else self.value * self.scale

    @property
    def distribution(self) -> Shape | None:
        return self.value if isinstance(self.value, Shape) else None

    @property
    def support(self) -> tuple[float, float]:
        """The least and the greatest value that can come out."""
        if isinstance(self.value, Shape):
            low, high = self.value.support
            return low * self.scale, high * self.scale
        return self.value * self.scale, self.value * self.scale


class Number(Numeric):
    """In the unit of its place."""


class Days(Numeric):
    """A count of days: `14`, `14 days` or `2 weeks`."""

    kind = "span"


class Rate(Numeric):
    """A change or a chance per day: `0.01`, `0.01 per day` or `0.07 per week`."""

    kind = "rate"


def _only_fixed(raw: Any) -> Any:
    value = raw.get("value") if isinstance(raw, dict) and "value" in raw else raw
    if isinstance(value, dict):
        raise ValueError("must be a fixed number here, got a distribution or a map")
    return raw


FixedNumber = Annotated[Number, BeforeValidator(_only_fixed)]
FixedDays = Annotated[Days, BeforeValidator(_only_fixed)]
FixedRate = Annotated[Rate, BeforeValidator(_only_fixed)]


def _date(raw: object) -> object:
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise ValueError(f"must be a date, such as 2024-10-24, got {shown(raw)}")
    try:
        return dt.date.fromisoformat(raw)
    except ValueError:
        raise ValueError(f"there is no such date: {raw}") from None


Date = Annotated[dt.date, BeforeValidator(_date), WithJsonSchema({"type": "string", "pattern": f"^{_DATE.pattern}$"})]


def _when(raw: object) -> object:
    if isinstance(raw, str) and _DAY.fullmatch(raw):
        return raw
    if isinstance(raw, str) and _DATE.fullmatch(raw):
        _date(raw)
        return raw
    raise ValueError(f"must be a date, such as 2024-10-24, or a day of the run, such as day 7, got {shown(raw)}")


When = Annotated[
    str, BeforeValidator(_when), WithJsonSchema({"type": "string", "pattern": f"^({_DATE.pattern}|{_DAY.pattern})$"})
]
"""A date, or `day 7` counted from the start of the run (day 0)."""


def day_of(when: str, start: dt.date) -> int:
    """The day of the run that a `When` names; may be negative."""
    match = _DAY.fullmatch(when)
    return int(match[1]) if match else (dt.date.fromisoformat(when) - start).days


def date_of(day: int, start: dt.date) -> dt.date:
    return start + dt.timedelta(days=day)


def _name(raw: str) -> str:
    if not NAME.fullmatch(raw):
        raise ValueError(f"a name has letters, digits and _ and starts with no digit, got {shown(raw)}")
    return raw


Name = Annotated[str, AfterValidator(_name)]
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*(/[A-Za-z0-9_][A-Za-z0-9_.\-]*)*", re.ASCII)


def _file_name(raw: str) -> str:
    if not FILE_NAME.fullmatch(raw):
        raise ValueError(f"a file's name has letters, digits, - and _, got {shown(raw)}")
    return raw


FileName = Annotated[str, AfterValidator(_file_name)]


def _language(raw: str) -> str:
    if not re.fullmatch("[a-z]{2,3}", raw):
        raise ValueError(f"a language has two or three small letters, such as ko (ISO 639), got {shown(raw)}")
    return raw


Language = Annotated[str, AfterValidator(_language)]


def _names(raw: object) -> object:
    return [raw] if isinstance(raw, str) else raw


Names = Annotated[
    tuple[str, ...],
    Field(strict=False, min_length=1),
    BeforeValidator(_names),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""One name, or a list of names."""


def numbers(record: BaseModel, path: str = "") -> Iterator[tuple[str, Numeric]]:
    """Every number that a file wrote into a record, with its dotted path, in the order of the fields and of the file."""
    for field, info in type(record).model_fields.items():
        if field in record.model_fields_set:
            yield from _numbers_in(getattr(record, field), _join(path, info.alias or field))


def _numbers_in(value: object, path: str) -> Iterator[tuple[str, Numeric]]:
    if isinstance(value, Numeric):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from numbers(value, path)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _numbers_in(item, _join(path, str(key)))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _numbers_in(item, _join(path, str(index)))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
