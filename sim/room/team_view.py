"""What one seat of a team may know, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from sim.room.state import Place
from sim.room.views import Json, Scene, asked, current, decisions, head, injects, numbers, phases
from sim.spec.evidence import Fact
from sim.spec.exercise import CONFIDENCE
from sim.spec.exercise_texts import cited_in


def team_view(scene: Scene, place: Place) -> Json:
    """The JSON of `Room.team_view`:

    {"version": 17, "status": "lobby" | "move" | "debrief" | "closed",
     "exercise": {"name", "title", "minutes", "objectives": [text], "framing", "assumed": "40 of 44 numbers are assumed."},
     "clock": {"running": bool, "paused": bool, "seconds": 312.4},                    since the first move began
     "team": {"name", "code"}, "roles": [{"name", "label", "briefing"}],              the seat's own role, or all of the table
     "move": null | {"name", "number": 1, "of": 4, "title", "date": "2024-11-12", "remaining": seconds, not below 0,
                     "open": may it still be decided, "situation", "question": text | null, "options": [text],
                     "coding": null | {"question", "blanks": [{"name", "ask", "options": [text], "from", "to", "step"}]}},
                                                                                      without options: a number by from, to, step
     "phases": [{"name", "label"}], "confidence": [{"value": 1, "words": "a guess"}, …],
     "decisions": [{"move", "title", "option", "phase", "reason", "confidence", "answers": {blank: answer}, "seconds",
                    "role": label}],                                                  the team's own, in the order of the moves
     "injects": [{"id", "move", "move_title", "title", "text", "source", "reliability", "date", "seconds", "improvised",
                  "to": [label]}],                                                    in the order in which they were released
     "facts": [{"id", "who", "outlet", "date", "source", "grade"}],                   that the seat has read of
     "readings": null | {"dates": […], "signposts": [{"name", "unit", "values": [number | null]}]},
     "hot_wash": null | {"questions": [text]}}
    """
    team = scene.state.teams[place.team]
    roles = [place.role] if place.role else list(scene.script.exercise.roles)
    given = [each for to, each in injects(scene) if not to or set(to) & set(roles)]
    return {
        **head(scene),
        "team": {"name": team.name, "code": team.code},
        "roles": [_role(scene, each) for each in roles],
        "move": _move(scene),
        "phases": phases(scene),
        "confidence": [{"value": value, "words": words} for value, words in CONFIDENCE.items()],
        "decisions": decisions(scene, place.team),
        "injects": given,
        "facts": _facts(scene, roles, given),
        "readings": _readings(scene),
        "hot_wash": _hot_wash(scene),
    }


def _role(scene: Scene, name: str) -> Json:
    role = scene.script.exercise.roles[name]
    return {"name": name, "label": role.label, "briefing": scene.told(role.briefing)}


def _move(scene: Scene) -> Json | None:
    now, move = current(scene), scene.script.move(scene.state.step)
    return None if now is None or move is None else {**now, **asked(scene, move)}


def _hot_wash(scene: Scene) -> Json | None:
    if scene.status not in ("debrief", "closed"):
        return None
    return {"questions": [scene.told(each) for each in scene.script.exercise.debrief.questions]}


def _readings(scene: Scene) -> Json | None:
    """What the signposts read up to the move's date, where the facilitator shows it."""
    date = scene.script.date(scene.state.step)
    if not scene.state.readings_shown or date is None:
        return None
    course = scene.course
    count = course.day(date) + 1
    units = {each.name: each.unit for each in course.model.world.signposts}
    return {
        "dates": [(course.start + dt.timedelta(days=day)).isoformat() for day in range(count)],
        "signposts": [
            {"name": name, "unit": units[name], "values": numbers(values[:count])}
            for name, values in course.trace.signposts.items()
        ],
    }


# the evidence so far ----------------------------------------------------------------------------------------------------------


def _facts(scene: Scene, roles: list[str], given: list[Json]) -> list[Json]:
    """Facts that the seat has read of, once each, none later than the knowledge date."""
    date = scene.script.date(scene.state.step)
    found = dict.fromkeys(_cited(scene, roles, given))
    known = {id_: scene.script.facts[id_] for id_ in found if id_ in scene.script.facts}
    return [fact(id_, each) for id_, each in known.items() if is_public(each, date)]


def is_public(fact: Fact, date: dt.date | None) -> bool:
    """Could it be known on a day? In the lobby, what needs no hindsight; a fact without a date is one of the statement."""
    if fact.date is None or date is None:
        return not fact.hindsight
    return fact.date <= date


def fact(id_: str, each: Fact) -> Json:
    """Where it comes from. What the ledger says of it has remarks of ours that give keys away; injects tell what players know."""
    return {
        "id": id_,
        "who": each.who,
        "outlet": each.outlet,
        "date": each.date.isoformat() if each.date else None,
        "source": each.source,
        "grade": each.supports,
    }


def _cited(scene: Scene, roles: list[str], given: list[Json]) -> Iterator[str]:
    texts = [scene.script.exercise.roles[each].briefing for each in roles]
    for move in scene.script.moves[: scene.state.step + 1]:
        texts += [move.situation, move.code.question if move.code else "", move.decide.question if move.decide else ""]
    for text in texts:
        yield from (id_ for _, id_ in cited_in(text))
    for inject in given:
        card = scene.script.cards.get(inject["id"])
        yield from card.inject.evidence if card else ()
        yield from (id_ for _, id_ in cited_in(f"{inject['text']} {inject['source']}"))
