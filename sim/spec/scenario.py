"""A scenario file (design §2.4): what the world does, how it is seen, and how it answers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sim.spec.values import (
    Date,
    Days,
    FileName,
    FixedDays,
    FixedNumber,
    FixedRate,
    Frozen,
    Graded,
    Language,
    Name,
    Names,
    Number,
    Rate,
    When,
)


class CsvPath(Graded):
    """A path read from a table beside the file or below it; an empty cell is a gap."""

    csv: str
    date: str = "date"
    """the column of dates, ascending, one row a date"""
    value: str = "value"
    """the column of values"""


class Walk(Frozen):
    """A daily step: drift + volatility·z + pull·(toward − x); relative: of the level itself."""

    relative: bool = False
    drift: Rate = Rate(value=0)
    volatility: Number = Number(value=0)
    pull: Number = Number(value=0)
    """share of the gap to `toward` that is closed per day"""
    toward: Number | None = None
    """default: the path"""


class Jumps(Frozen):
    """A Poisson number of jumps a day."""

    rate: Rate
    size: Number
    """a distribution is drawn anew for each jump"""


_Chance = Annotated[
    Annotated[Rate, Tag("one")] | Annotated[tuple[FixedRate, ...], Field(strict=False), Tag("list")],
    Discriminator(lambda raw: "list" if isinstance(raw, list | tuple) else "one"),
]


class Ladder(Frozen):
    """Whole steps between the bounds: the chance per day of one up and of one down."""

    up: _Chance = Rate(value=0)
    """one chance, or a list with one for each rung"""
    down: _Chance = Rate(value=0)


class Move(Frozen):
    """A daily increment: exactly one of walk, jumps and ladder."""

    walk: Walk | None = None
    jumps: Jumps | None = None
    ladder: Ladder | None = None

    @model_validator(mode="after")
    def _one(self) -> Move:
        given = [kind for kind in ("walk", "jumps", "ladder") if getattr(self, kind) is not None]
        if len(given) != 1:
            raise ValueError(f"needs exactly one of walk, jumps and ladder, got {' and '.join(given) or 'none'}")
        return self


def _path_form(raw: Any) -> str:
    return "csv" if isinstance(raw, CsvPath) or (isinstance(raw, dict) and "csv" in raw) else "waypoints"


class Variable(Frozen):
    """A true quantity of the world."""

    unit: str
    bounds: Annotated[tuple[FixedNumber, FixedNumber], Field(strict=False)] | None = None
    """[least, greatest] value; the level is kept inside"""
    path: Annotated[
        Annotated[dict[When, Number], Field(min_length=1), Tag("waypoints")] | Annotated[CsvPath, Tag("csv")],
        Discriminator(_path_form),
    ]
    """values by date, or {csv: FILE, date: COLUMN, value: COLUMN}"""
    between: Literal["step", "linear"] = "step"
    """step holds the last waypoint"""
    moves: dict[Name, Move] = {}
    """daily increments, added together"""


class Error(Frozen):
    """Error of observation that lasts: exactly one of sd (additive) and log_sd (multiplicative, median 1)."""

    sd: Number | None = None
    log_sd: Number | None = None
    memory: Days = Days(value=0)
    """days over which the error fades; 0: fresh each day"""
    shared: Name | None = None
    """signposts that name the same `shared` draw the same error"""

    @model_validator(mode="after")
    def _one(self) -> Error:
        if (self.sd is None) == (self.log_sd is None):
            raise ValueError("needs either sd or log_sd" + ("" if self.sd is None else ", not both"))
        return self


class Smooth(Frozen):
    """Exactly one of a trailing mean and an exponentially weighted one."""

    mean: FixedDays | None = None
    """days of a trailing mean"""
    ewma: Number | None = None
    """weight of the newest value, above 0 and up to 1"""

    @model_validator(mode="after")
    def _one(self) -> Smooth:
        if (self.mean is None) == (self.ewma is None):
            raise ValueError("needs either mean or ewma" + ("" if self.mean is None else ", not both"))
        return self


class Signpost(Frozen):
    """A variable as observed: delayed, biased, noisy, smoothed."""

    observes: Name | None = None
    """default: the variable of its own name"""
    delay: FixedDays = Days(value=0)
    bias: Number = Number(value=0)
    error: Error | None = None
    smooth: Smooth | None = None
    change: FixedDays | None = None
    """the signpost is its own change over so many days"""
    round: Literal["nearest"] | None = None


class Inject(Frozen):
    """A dated event."""

    on: When
    title: str
    text: str | None = None
    source: str | None = None
    reliability: str | None = None
    set: dict[Name, Number] = {}
    """variables that take this value on the day"""
    add: dict[Name, Number] = {}
    """variables that change by this much on the day"""
    noise: dict[Name, Number] = {}
    """signposts whose error is, from the day on, so many times as large as stated; 0: none"""


class Reaction(Frozen):
    """The other side answers: a push per day while the policy stands in a phase."""

    while_: Names = Field(alias="while")
    """a phase, a list of phases, or any"""
    after: Days = Days(value=0)
    """days in the phase before the push begins"""
    push: Annotated[dict[Name, Rate], Field(min_length=1)]
    """variables and their change per day"""


class Scenario(Frozen):
    kind: Literal["scenario"]
    name: FileName
    title: str
    titles: dict[Language, str] = {}
    """the same in other languages"""
    extends: str | None = None
    """a scenario of which this file says only what differs"""
    policy: str | None = None
    """the default policy, by name or path"""
    evidence: Annotated[tuple[str, ...], Field(strict=False)] = ()
    """ledgers, by name or path, whose facts the numbers cite"""
    start: Date
    """day 0"""
    days: FixedDays
    """how long the run lasts"""
    variables: Annotated[dict[Name, Variable], Field(min_length=1)]
    signposts: dict[Name, Signpost] = {}
    """a variable that none observes is a signpost of its own name, exact and on the day"""
    injects: dict[Name, Inject] = {}
    reactions: dict[Name, Reaction] = {}
