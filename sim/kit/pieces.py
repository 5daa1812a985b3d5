"""What the papers of the kit are made of: moves, injects, objectives and figures as plain data, every text with its figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sim.analysis.figures import RuleResult
from sim.api import PlayedExercise
from sim.intervals import LEVEL
from sim.kit.events import Event, events, short_names, title_of
from sim.spec.exercise import Blank, Coding, ExerciseMove, begins, clock
from sim.spec.exercise_texts import every_text

Data = dict[str, Any]
NO_RIGHT = "No phase and no policy is called right."
BRACKETS = (
    f"In brackets: {LEVEL:.0%} Monte Carlo intervals: how well the model was sampled, not how true it is. "
    "Shares are shares of simulated runs."
)


@dataclass(frozen=True)
class Source:
    """An exercise as the papers need it."""

    played: PlayedExercise
    paper: str
    """`a4` or `us-letter`"""
    framing: str
    """what stands at the foot of each page: what the model is, and how much of it is assumed"""
    teams: int

    def head(self, heading: str) -> Data:
        """What every template needs: the words around the page."""
        title = self.played.told(self.played.exercise.spec.title)
        language = language_of(text for _, text in every_text(self.played.exercise.spec))
        return {"title": title, "heading": heading, "paper": self.paper, "framing": self.framing, "language": language}


def language_of(texts: Any) -> str:
    """`ko` where Hangul prevails, else `en`: the exercise file does not say."""
    letters = [letter for text in texts for letter in text if letter.isalpha()]
    return "ko" if 2 * sum("\uac00" <= letter <= "\ud7a3" for letter in letters) > len(letters) else "en"


def moves_of(source: Source) -> list[Data]:
    """Every move with all that belongs to it."""
    found = events(source.played)
    return [
        {**heading_of(source, number), "injects": [event(each) for each in found if each.at == number], **_of(source, move)}
        for number, move in enumerate(source.played.exercise.spec.moves.values(), 1)
    ]


def heading_of(source: Source, number: int) -> Data:
    """When a move is played, and on which date."""
    played, exercise = source.played, source.played.exercise.spec
    (name, move), begin = list(exercise.moves.items())[number - 1], begins(exercise)[number - 1]
    return {
        "number": number,
        "name": name,
        "title": title_of(played, name),
        "clock": f"{clock(begin)}–{clock(begin + move.minutes)}",
        "minutes": move.minutes,
        "on": move.on.isoformat(),
        "situation": played.told(move.situation),
    }


def _of(source: Source, move: ExerciseMove) -> Data:
    played, short = source.played, short_names(source.played)
    return {
        "code": coding(played, move.code) if move.code else None,
        "decide": decision(played, move),
        "observe": [
            {"sees": played.told(each.sees), "objectives": " ".join(short[one] for one in each.objective)}
            for each in move.observe
        ],
        "key": played.told(move.key or ""),
    }


def decision(played: PlayedExercise, move: ExerciseMove) -> Data | None:
    if move.decide is None:
        return None
    return {"question": played.told(move.decide.question), "options": [played.told(each) for each in move.decide.options]}


def coding(played: PlayedExercise, code: Coding) -> Data:
    blanks = [{"ask": played.told(each.ask), **_answers(played, each)} for each in code.blanks.values()]
    return {"question": played.told(code.question), "blanks": blanks}


def _answers(played: PlayedExercise, blank: Blank) -> Data:
    if blank.options:
        return {"options": [played.told(each) for each in blank.options], "range": ""}
    return {"options": [], "range": f"{blank.from_:g} to {blank.to:g}, in steps of {blank.step:g}"}


def event(each: Event) -> Data:
    return {
        "number": each.number,
        "clock": each.clock,
        "release": each.release,
        "to": ", ".join(each.to) or "all",
        "name": each.name,
        "title": each.title,
        "text": each.text,
        "source": each.source,
        "reliability": each.reliability,
        "facts": " ".join(each.facts),
        "sets": each.sets,
        "objectives": " ".join(each.objectives),
        "expected": list(each.expected),
        "card": each.card,
    }


def roles_of(played: PlayedExercise) -> list[Data]:
    roles = played.exercise.spec.roles.values()
    return [{"label": played.told(each.label), "briefing": played.told(each.briefing)} for each in roles]


def objectives_of(source: Source) -> list[Data]:
    """Each with its short name, the injects that serve it and the moves in which it is seen."""
    played, found = source.played, events(source.played)
    moves = played.exercise.spec.moves.values()
    return [
        {
            "short": short,
            "text": played.told(played.exercise.spec.objectives[name]),
            "injects": ", ".join(str(each.number) for each in found if short in each.objectives),
            "moves": ", ".join(
                str(at) for at, move in enumerate(moves, 1) if any(name in each.objective for each in move.observe)
            ),
        }
        for name, short in short_names(played).items()
    ]


def hot_wash(source: Source) -> Data:
    exercise, told = source.played.exercise.spec, source.played.told
    return {
        "clock": f"{clock(exercise.minutes - exercise.debrief.minutes)}–{clock(exercise.minutes)}",
        "minutes": exercise.debrief.minutes,
        "questions": [told(each) for each in exercise.debrief.questions],
        "findings": [told(each) for each in exercise.debrief.findings],
    }


def figures_of(played: PlayedExercise) -> list[list[str]]:
    """Name, what was measured, the measure, and of what."""
    rows = []
    for name, each in played.exercise.spec.figures.items():
        against = f" than {each.against}" if each.against else ""
        by = f" by {each.by}" if each.by else ""
        of = "; ".join([f"{each.policy} on {each.scenario}", *each.set])
        rows.append([name, played.figures[name].text + against, each.measure + by, of])
    return rows


def facts_of(played: PlayedExercise, ids: Sequence[str]) -> list[list[str]]:
    """Id, what it says, and who says it, where and when."""
    return [[id_, played.exercise.facts[id_].says, source] for id_, source in sources_of(played, ids)]


def sources_of(played: PlayedExercise, ids: Sequence[str]) -> list[list[str]]:
    """Id, and who says it, where and when. The ledger's own words may hold a remark that gives a key away, so they stay out."""
    facts = played.exercise.facts
    return [[id_, ", ".join(filter(None, (each.who, each.outlet, str(each.date or ""))))] for id_ in ids for each in [facts[id_]]]


def rules_table(rules: Sequence[RuleResult], labels: dict[str, str]) -> Data:
    """Rules side by side: a row each, and when each reaches each phase above the lowest."""
    phases = list(rules[0].first_passage)
    return {
        "header": ["Rule", *(labels.get(phase, phase) for phase in phases)],
        "rows": [[re.sub(r"^as stated$", "as the file states it", rule.name), *map(rule.told, phases)] for rule in rules],
    }
