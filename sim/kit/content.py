"""What stands in each paper of the kit, as plain data for its template, and nobody else's secrets."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sim.framing import TEACHING
from sim.kit.events import events, short_names, title_of
from sim.kit.pieces import (
    BRACKETS,
    NO_RIGHT,
    Data,
    Source,
    coding,
    decision,
    event,
    facts_of,
    figures_of,
    heading_of,
    hot_wash,
    moves_of,
    objectives_of,
    roles_of,
    sources_of,
)
from sim.spec.exercise import CONFIDENCE, START, ExerciseMove, begins, clock
from sim.spec.exercise_texts import cited, cited_in

# for participants: nothing of the key, of later moves or of what evaluators look for ------------------------------------------


def situation_manual(source: Source) -> Data:
    """What participants know before the first move."""
    played, exercise = source.played, source.played.exercise.spec
    (first, move), starts = next(iter(exercise.moves.items())), begins(exercise)
    ids = dict.fromkeys(fact for text in _public(move) for _, fact in cited_in(text))
    return source.head("Situation manual") | {
        "minutes": exercise.minutes,
        "objectives": [played.told(each) for each in exercise.objectives.values()],
        "timetable": [
            [f"{clock(begin)}–{clock(end)}", f"Move {number}"] for number, (begin, end) in enumerate(pairwise(starts), 1)
        ]
        + [[f"{clock(starts[-1])}–{clock(exercise.minutes)}", "Hot wash"]],
        "roles": [played.told(each.label) for each in exercise.roles.values()],
        "first": {"title": title_of(played, first), "on": move.on.isoformat(), "situation": played.told(move.situation)},
        "sources": sources_of(played, tuple(ids)),
    }


def _public(move: ExerciseMove) -> list[str]:
    """What everybody is told at once: the situation, and reports that go to all as the move begins."""
    at_once = [each for each in move.injects.values() if each.when == START and each.minute == 0 and each.to is None]
    return [move.situation, *(each.text for each in at_once)]


def role_briefings(source: Source) -> Data:
    """A page a role, with the facts that its briefing cites."""
    played, exercise = source.played, source.played.exercise.spec
    cites = [tuple(dict.fromkeys(fact for _, fact in cited_in(each.briefing))) for each in exercise.roles.values()]
    roles = [{**role, "sources": sources_of(played, ids)} for role, ids in zip(roles_of(played), cites, strict=True)]
    return source.head("Role briefing") | {"roles": roles, "moves": len(exercise.moves)}


def team_sheets(source: Source) -> Data:
    """A sheet a move to write on: the coding, the decision with its reason and confidence."""
    played = source.played
    moves = [(number, *named) for number, named in enumerate(played.exercise.spec.moves.items(), 1)]
    return source.head("Team sheet") | {
        "confidence": [f"{value} {words}" for value, words in CONFIDENCE.items()],
        "moves": [
            {
                "number": number,
                "title": title_of(played, name),
                "on": move.on.isoformat(),
                "code": coding(played, move.code) if move.code else None,
                "decide": decision(played, move),
            }
            for number, name, move in moves
            if move.code or move.decide
        ],
    }


def inject_cards(source: Source) -> Data:
    """The cards, each with what players may read."""
    cards = [
        {
            "number": each.number,
            "to": ", ".join(each.to) or "All",
            "title": each.title,
            "text": each.text,
            "source": each.source,
            "reliability": each.reliability,
            "date": each.date.isoformat(),
            "code": each.card,
        }
        for each in events(source.played)
    ]
    return source.head("Inject cards") | {"cards": cards}


# for the white cell and the evaluators ----------------------------------------------------------------------------------------


def facilitator_guide(source: Source) -> Data:
    """All of the exercise in the order in which it is played."""
    played, exercise = source.played, source.played.exercise.spec
    plays = f"{exercise.policies[0]} on {exercise.scenarios[0]}"
    return source.head("Facilitator's guide") | {
        "about": played.told(exercise.about or ""),
        "minutes": exercise.minutes,
        "teams": source.teams,
        "plays": plays,
        "scenarios": list(exercise.scenarios),
        "policies": list(exercise.policies),
        "objectives": objectives_of(source),
        "roles": roles_of(played),
        "moves": moves_of(source),
        "hot_wash": hot_wash(source),
        "figures": figures_of(played),
        "brackets": BRACKETS,
        "facts": facts_of(played, cited(exercise)),
        "without": played.told(exercise.paper or ""),
        "no_right": NO_RIGHT,
    }


def msel(source: Source) -> Data:
    """The master scenario events list, as a table a move."""
    found = events(source.played)
    moves = [
        {**each, "injects": [event(one) for one in found if one.at == each["number"]]}
        for each in (heading_of(source, number) for number in range(1, len(source.played.exercise.spec.moves) + 1))
    ]
    return source.head("Master scenario events list (MSEL)") | {"moves": moves, "objectives": objectives_of(source)}


def observer_sheets(source: Source) -> Data:
    """A sheet a move, with what is looked for."""
    moves = [each for each in moves_of(source) if each["observe"]]
    return source.head("Observer sheet") | {"moves": moves, "objectives": objectives_of(source)}


def answer_key(source: Source, codings: Sequence[Data], policies: Sequence[Data]) -> Data:
    """The keys with their figures; each coding with the file's own answers and the rival readings run beside them."""
    moves = [{**each, "coding": found} for each in moves_of(source) for found in [_of_move(codings, each["name"])]]
    return source.head("Answer key") | {
        "moves": [each for each in moves if each["key"] or each["coding"]],
        "hot_wash": hot_wash(source),
        "figures": figures_of(source.played),
        "policies": list(policies),
        "brackets": BRACKETS,
        "no_right": NO_RIGHT,
    }


def _of_move(codings: Sequence[Data], name: str) -> Data | None:
    return next((each for each in codings if each["move"] == name), None)


def policy_pages(source: Source, policies: Sequence[Data]) -> Data:
    """The policies, a page each."""
    return source.head("Policy") | {"policies": list(policies)}


def after_action(source: Source) -> Data:
    """The report to fill in afterwards."""
    played, exercise = source.played, source.played.exercise.spec
    planned = [
        {
            "title": title_of(played, name),
            "clock": f"{clock(begin)}–{clock(begin + move.minutes)}",
            "question": played.told(move.decide.question) if move.decide else "",
        }
        for (name, move), begin in zip(exercise.moves.items(), begins(exercise), strict=False)
    ]
    questions = [played.told(each) for each in exercise.debrief.questions]
    return source.head("After-action report") | {
        "objectives": objectives_of(source),
        "seen": {
            key: [played.told(each.sees) for move in exercise.moves.values() for each in move.observe if name in each.objective]
            for name, key in short_names(played).items()
        },
        "moves": planned,
        "questions": questions,
        "minutes": exercise.minutes,
    }


def slides(source: Source, charts: Sequence[Data]) -> Data:
    """What is projected: the situation of each move, the questions of the hot wash, and charts of the model for it."""
    exercise = source.played.exercise.spec
    return source.head("Slides") | {
        "minutes": exercise.minutes,
        "objectives": [source.played.told(each) for each in exercise.objectives.values()],
        "moves": moves_of(source),
        "hot_wash": hot_wash(source),
        "charts": list(charts),
        "brackets": BRACKETS,
        "no_right": NO_RIGHT,
        "teaching": TEACHING,
    }
