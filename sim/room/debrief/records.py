"""The debrief of a live exercise as plain records, before it is a page, a table or a PDF."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """An inject that was released: what could be known."""

    seconds: float
    title: str
    text: str
    source: str
    reliability: str
    to: str
    """labels of the roles that got it"""
    by: str
    """clock, condition or facilitator"""
    improvised: bool


@dataclass(frozen=True)
class TeamDecision:
    """What a team decided in a move."""

    team: str
    seconds: float
    option: str
    """empty where it chose none; so are the others"""
    phase: str
    """label"""
    reason: str
    confidence: str
    """a number and a word"""
    answers: str
    """blanks of a coding, filled in, a line each"""
    role: str
    times: int
    """how often it was sent, with changes"""


@dataclass(frozen=True)
class Step:
    """A change of phase of the policy."""

    date: str
    came_from: str
    to: str
    transition: str
    why: tuple[str, ...]


@dataclass(frozen=True)
class PlayedMove:
    """One move of the timeline."""

    number: int
    name: str
    title: str
    date: str
    seconds: float
    """at which it began"""
    lasted: float
    """seconds; to the end, or to now"""
    situation: str
    question: str
    known: tuple[Known, ...]
    decisions: tuple[TeamDecision, ...]
    silent: tuple[str, ...]
    """teams that sent nothing"""
    phase: str
    """of the policy by the move's date: its label"""
    steps: tuple[Step, ...]
    """changes of the policy's phase since the move before"""
    pending: str
    parted: tuple[str, ...]
    """sentences: who stood where, and who stood apart from the policy"""
    changes: tuple[str, ...]
    """what was put into the world"""


@dataclass(frozen=True)
class Rule:
    """A row of the table that sets the teams' codings beside the file's own."""

    name: str
    kind: str
    """`as stated`, `rival reading` or `team`"""
    answers: str
    reached: tuple[str, ...]
    """per phase above the lowest: when, or in which share of runs"""


@dataclass(frozen=True)
class Coded:
    """The codings of a move side by side."""

    move: str
    question: str
    phases: tuple[str, ...]
    """labels"""
    rules: tuple[Rule, ...]
    note: str
    """over how many runs, or that it is a single path"""


@dataclass(frozen=True)
class Picture:
    """A chart."""

    title: str
    alt: str
    """what it shows, in words"""
    svg: str


@dataclass(frozen=True)
class Debrief:
    """All of it."""

    exercise: str
    title: str
    framing: str
    assumed: str
    policy: str
    scenario: str
    """titles"""
    phases: tuple[str, ...]
    """labels, lowest first"""
    which: str
    """which run the model played alongside"""
    command: str
    """that shows the model's path again"""
    state: str
    """how far the exercise had come"""
    teams: tuple[str, ...]
    moves: tuple[PlayedMove, ...]
    summary: tuple[str, ...]
    """where the teams and the policy parted, over all moves"""
    coded: tuple[Coded, ...]
    questions: tuple[str, ...]
    findings: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]
    """facts that thresholds and injects cite, by id, each in a sentence with its source"""
    picture: Picture | None
    """the model alongside, up to the last date that was played"""
    played: str
    """the scenario as played, as a file"""
