"""An exercise file (design §2.5): what a facilitator plays with people, in moves, beside what the model plays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, GetJsonSchemaHandler, WithJsonSchema, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.errors import quote
from sim.spec.values import Date, FileName, FixedNumber, Frozen, Name, Names, Plain, shown

LEAST, MOST = 60, 90
"""minutes that an exercise takes"""
OBJECTIVES = 3
"""at least so many"""
START, BY_HAND = "start", "by hand"
"""the two words that `when` of an inject knows beside conditions"""
CONFIDENCE = {1: "a guess", 2: "doubtful", 3: "as likely as not", 4: "fairly sure", 5: "sure"}
"""how sure a team is of its decision"""
MAX_RUNS = 20_000
"""of a key figure: it is measured while somebody waits"""


def _whole(raw: object) -> object:
    if isinstance(raw, bool) or not isinstance(raw, int | float) or raw != raw // 1:
        raise ValueError(f"must be a whole number, got {shown(raw)}")
    if raw < 1:
        raise ValueError(f"must be at least 1, got {raw:g}")
    return int(raw)


def _runs(raw: object) -> object:
    if isinstance(raw, int | float) and raw > MAX_RUNS:
        raise ValueError(f"must not be above {MAX_RUNS:,}, since it is measured while somebody waits, got {raw:g}")
    return _whole(raw)


def _from_zero(raw: object) -> object:
    if isinstance(raw, int | float) and not isinstance(raw, bool) and raw < 0:
        raise ValueError(f"must not be below 0, got {raw:g}")
    return 0 if raw == 0 and not isinstance(raw, bool) else _whole(raw)


def by_position(texts: Sequence[object]) -> dict[str, object]:
    """A list of objectives by the names that it counts as: o1, o2, …"""
    return {f"o{number}": text for number, text in enumerate(texts, 1)}


def _objectives(raw: object) -> object:
    return by_position(raw) if isinstance(raw, list | tuple) else raw


def _setting(raw: object) -> object:
    """A value as it stands after the = of `--set`."""
    if isinstance(raw, bool) or raw is None or not isinstance(raw, str | int | float):
        raise ValueError(f"must be a number or a word, as after the = of --set, got {shown(raw)}")
    return f"{raw:g}" if isinstance(raw, float) else str(raw)


_COUNT_SCHEMA = WithJsonSchema({"type": "integer", "minimum": 1})
Count = Annotated[int, BeforeValidator(_whole), _COUNT_SCHEMA]
Runs = Annotated[int, BeforeValidator(_runs), WithJsonSchema({"type": "integer", "minimum": 1, "maximum": MAX_RUNS})]
Minute = Annotated[int, BeforeValidator(_from_zero), WithJsonSchema({"type": "integer", "minimum": 0})]
Setting = Annotated[str, BeforeValidator(_setting), WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string"}]})]
_MAP_OR_LIST: dict[str, Any] = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"type": "string"}},
        {"type": "array", "items": {"type": "string"}},
    ]
}
Objectives = Annotated[dict[Name, str], BeforeValidator(_objectives), WithJsonSchema(_MAP_OR_LIST)]
Listed = Annotated[tuple[str, ...], Field(strict=False)]


class Steps(Frozen):
    """The values from one number to another, a step apart."""

    from_: Plain = Field(alias="from")
    """the least value"""
    to: Plain
    """the greatest"""
    step: Plain
    """how far apart the values are; it leads from the one to the other exactly"""

    @property
    def values(self) -> tuple[str, ...]:
        """As they stand after the = of `--set`."""
        return stepped(self.from_, self.to, self.step)


def stepped(low: float, high: float, step: float) -> tuple[str, ...]:
    """Each value from `low` to `high`, `step` apart; none where there are more than a thousand, or no sense in it."""
    count = (high - low) / step if step > 0 else -1
    return tuple(f"{low + at * step:.10g}" for at in range(round(count) + 1)) if 0 <= count <= 1_000 else ()


class Slider(Steps):
    """What participants may move on the lesson page."""

    path: Names
    """the dotted path of a number, as for `--set`; or a list of paths, which are moved together"""
    label: str | None = None
    """what it is called; default: its name"""


class Blank(Frozen):
    """One number of a rule that a team writes down before it sees the file's: exactly one of options and from, to, step."""

    ask: str
    """what the team is asked"""
    path: Names
    """the dotted path that the answer sets, as for `--set`; or a list of paths"""
    options: dict[str, Setting] = {}
    """what may be answered, in words, and the value that each stands for"""
    from_: Plain | None = Field(default=None, alias="from")
    """the least number that may be answered"""
    to: Plain | None = None
    """the greatest"""
    step: Plain | None = None
    """how far apart the answers are"""

    @model_validator(mode="after")
    def _one(self) -> Blank:
        steps = [each is not None for each in (self.from_, self.to, self.step)]
        if bool(self.options) == any(steps) or (any(steps) and not all(steps)):
            raise ValueError("needs either options, or from, to and step")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """What each answer sets, as after the = of `--set`."""
        if self.from_ is None or self.to is None or self.step is None:
            return tuple(self.options.values())
        return stepped(self.from_, self.to, self.step)


class Coding(Frozen):
    """A step in which each team turns words into a rule; the teams' rules are then run beside the file's own."""

    question: str
    """what the teams are asked to write down"""
    scenario: str | None = None
    """on which the rules are run; default: the exercise's first"""
    policy: str | None = None
    """the rule whose numbers are left blank; default: the exercise's first"""
    blanks: Annotated[dict[Name, Blank], Field(min_length=1)]
    """the numbers that a team fills in"""


class KeyFigure(Frozen):
    """A number that the model gives. In any text of the file `{NAME}` stands for it; none is ever typed."""

    scenario: str
    """one of those that the exercise lists"""
    policy: str
    """one of those that the exercise lists"""
    measure: str
    """of a PHASE: .reached, .first, .days, .later, .readings; of a TRANSITION: .false_alarm, .missed; of a VARIABLE: .last; or
    changes, assumed"""
    against: str | None = None
    """of PHASE.later: the policy that it is compared with, on the same draws"""
    by: Date | None = None
    """of PHASE.reached: by the end of this day; default: of the run"""
    set: Listed = ()
    """changes as for `--set`, such as transitions.arm_defensively.confirm=7"""
    runs: Runs = 2_000
    """how many futures are simulated for it, at most 20,000"""
    seed: Minute = 1
    """names the random draws"""


class Role(Frozen):
    """Whom participants play."""

    label: str
    """what the role is called"""
    briefing: str
    """what the role is told before the first move"""


class ExerciseInject(Frozen):
    """An inject: a report or event that the white cell gives to the players."""

    title: str
    """what stands above it on the card"""
    text: str
    """what it says"""
    source: str
    """where the report comes from; of an invented one, that it is invented"""
    reliability: str
    """a word on how far it can be trusted"""
    evidence: Listed = ()
    """ids of the facts that it reports; none may be later than the move's knowledge date"""
    to: Names | None = None
    """the roles that get it; default: all"""
    when: str = START
    """`start` (of the move), `by hand`, `phase == PHASE` (of the policy that the model plays), or a condition on signposts"""
    minute: Minute = 0
    """minutes into the move: when `start` and `by hand` are planned for"""
    objective: Names | None = None
    """the objective or objectives that it serves"""
    set: dict[Name, FixedNumber] = {}
    """variables of the scenarios that take this value when it is released"""


class Decision(Frozen):
    question: str
    """what each team decides, with a reason"""
    options: Listed
    """two or more"""


class Observation(Frozen):
    """What an evaluator can see or hear, and what it is evidence of; in one line: `OBJECTIVE: what is seen`."""

    sees: str
    """what is done or said in the room"""
    objective: Names
    """the objective or objectives that it is evidence of"""

    @model_validator(mode="before")
    @classmethod
    def _in_a_line(cls, raw: Any) -> Any:
        if not isinstance(raw, str):
            return raw
        objective, colon, sees = raw.partition(":")
        return {"objective": objective.strip(), "sees": sees.strip()} if colon else {"sees": raw}

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler.resolve_ref_schema(handler(core)), {"type": "string", "pattern": "^[^:]+:."}]}


class ExerciseMove(Frozen):
    """A stretch of the exercise with one knowledge date: nothing later is shown in it."""

    title: str | None = None
    """what players read above it; default: its name"""
    minutes: Count
    """how long it takes"""
    on: Date
    """knowledge date: nothing later is shown"""
    situation: str
    """what all players are told at the start of the move"""
    injects: dict[Name, ExerciseInject] = {}
    code: Coding | None = None
    """the teams' own coding of the words, before they see that of the file"""
    decide: Decision | None = None
    """what the teams decide in this move"""
    observe: Annotated[tuple[Observation, ...], Field(strict=False)] = ()
    """what the evaluator looks for"""
    key: str | None = None
    """for the facilitator alone: what the sources and the model say, told after the decision"""


class Debrief(Frozen):
    """The hot wash."""

    minutes: Count
    """how long it takes"""
    questions: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """for all, teams first"""
    findings: Listed = ()
    """what the model shows, told after the teams have answered"""


class Exercise(Frozen):
    kind: Literal["exercise"]
    name: FileName
    title: str
    about: str | None = None
    """for who looks for an exercise: what it is about, in a sentence or two"""
    minutes: Count
    """60 to 90; the moves and the debrief add up to it"""
    objectives: Objectives
    """three or more, by name (a list counts as o1, o2, …); each is served by an inject and seen by an observation"""
    evidence: Listed = ()
    """ledgers, by name or path, whose facts the texts cite: (F08)"""
    scenarios: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """by name or path; the model plays the first"""
    policies: Annotated[tuple[str, ...], Field(strict=False, min_length=1)]
    """by name or path; the model plays the first, and each fits every scenario"""
    figures: dict[Name, KeyFigure] = {}
    """key figures, computed from the model; `{NAME}` in a text stands for one"""
    roles: Annotated[dict[Name, Role], Field(min_length=1)]
    """whom participants play, by name"""
    moves: Annotated[dict[Name, ExerciseMove], Field(min_length=1)]
    """in the order in which they are played"""
    debrief: Debrief
    """the hot wash, after the last move"""
    sliders: dict[Name, Slider] = {}
    """what may be moved on the lesson page"""
    paper: str | None = None
    """how to play it without any computer: what to print, and who counts the days"""


def begins(exercise: Exercise) -> tuple[int, ...]:
    """The minute at which each move begins, and last that of the hot wash."""
    return (0, *accumulate(move.minutes for move in exercise.moves.values()))


def clock(minute: int) -> str:
    """`1:05`: hours and minutes since the start, as a plan gives them."""
    return f"{minute // 60}:{minute % 60:02}"


OF_PHASE = ("reached", "first", "days", "later", "readings")
OF_TRANSITION = ("false_alarm", "missed")
OF_VARIABLE = ("last",)
BARE = ("changes", "assumed")


def measures(phases: Sequence[str], transitions: Sequence[str], variables: Sequence[str]) -> list[str]:
    """Every measure that a key figure may have. The lowest phase is always reached: it only has days."""
    above = [f"{phase}.{kind}" for phase in phases[1:] for kind in OF_PHASE]
    days = [f"{phase}.days" for phase in phases[:1]]
    taken = [f"{name}.{kind}" for name in transitions for kind in OF_TRANSITION]
    return [*above, *days, *taken, *(f"{name}.{kind}" for name in variables for kind in OF_VARIABLE), *BARE]


def role_names(exercise: Exercise, inject: ExerciseInject) -> tuple[str, ...]:
    """Who gets an inject."""
    return inject.to or tuple(exercise.roles)


_PHASE = re.compile(r"\s*phase\s*(\W+)\s*(\w+)\s*")


def phase_of(when: str) -> str | None:
    """The phase in a `phase == PHASE`; None: another condition. Raises ValueError where it is written in another way."""
    if not re.match(r"\s*phase\b", when):
        return None
    match = _PHASE.fullmatch(when)
    if match is None or match[1].strip() != "==":
        raise ValueError(f"a condition on the phase is written phase == NAME, got {quote(when)}")
    return match[2]
