"""What the facilitator sees: everything."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from pathlib import Path

from sim.room.alongside import Course, why
from sim.room.script import Card
from sim.room.state import LOBBY, State
from sim.room.views import Json, Scene, asked, current, decisions, head, injects, numbers, phases, texts_of
from sim.spec.exercise import BY_HAND, START, clock


def facilitator_view(scene: Scene, code: str, file: Path) -> Json:
    """The JSON of `Room.facilitator_view`; version, status, exercise and clock are as in a team's:

    {…, "room": {"code", "file"}, "warnings": [text], "roles": [{"name", "label"}], "objectives": [{"name", "text"}],
     "moves": [{"name", "number", "title", "date", "minutes", "planned": "0:20–0:35", "status": "to come" | "now" | "done",
                "extended": minutes, "started": seconds | null, "situation", "question", "options", "coding",
                "observe": [{"sees", "objectives": [text]}], "key": text | null}],
     "move": null | {"name", "number", "of", "title", "date", "remaining", "open"},
     "next": "Move 1 of 4: …" | "Hot wash" | "Close the exercise" | null,             what `advance` does
     "msel": [{"id", "move", "move_title", "planned": "0:24" | null, "title", "text", "source", "reliability", "to": [label],
               "when", "status": "to come" | "waiting" | "due" (by hand, its minute has come) | "released" | "not given" (its
               move is over), "released": seconds | null, "by": "clock" | "condition" | "facilitator" | null, "improvised",
               "sets": {variable: value}}],
     "teams": [{"name", "code", "seats": [role label | "All roles"], "decided": bool (in the current move), "decisions": […]}],
     "model": {"policy", "scenario" (titles), "seed", "run", "single_path", "date" | null, "phase": {"name", "label"} | null,
               "pending": text | null, "path": [{"date", "from", "to", "transition", "why": [text]}],
               "changes": [text] (what was put into the world), "dates": […],
               "levels": [{"name", "unit", "value", "low" | null, "high" | null, "values": […]}],
               "readings": [{"name", "unit", "value", "noisy": may its noise be changed, "factor", "values": […]}]},
     "phases": [{"name", "label"}], "readings_shown": bool, "figures": null (being measured) | {name: text},
     "hot_wash": {"questions": [text], "findings": [text]}}

    Until they are measured, "…" stands for key figures in texts.
    """
    script, state = scene.script, scene.state
    exercise = script.exercise
    return {
        **head(scene),
        "room": {"code": code, "file": str(file)},
        "warnings": list(state.warnings),
        "roles": [{"name": name, "label": role.label} for name, role in exercise.roles.items()],
        "objectives": [{"name": name, "text": scene.told(text)} for name, text in exercise.objectives.items()],
        "moves": [_move(scene, step) for step in range(len(script.moves))],
        "move": current(scene),
        "next": _next(scene),
        "msel": list(_msel(scene)),
        "teams": [_team(scene, name) for name in state.teams],
        "model": _model(scene),
        "phases": phases(scene),
        "readings_shown": state.readings_shown,
        "figures": None if state.figures is None else dict(state.figures),
        "hot_wash": {
            "questions": [scene.told(each) for each in exercise.debrief.questions],
            "findings": [scene.told(each) for each in exercise.debrief.findings],
        },
    }


def _next(scene: Scene) -> str | None:
    """What `advance` does."""
    script, step = scene.script, scene.state.step + 1
    if step < len(script.moves):
        return f"Move {step + 1} of {len(script.moves)}: {scene.told(script.title(step))}"
    return {script.debrief_step: "Hot wash", script.closed_step: "Close the exercise"}.get(step)


def _move(scene: Scene, step: int) -> Json:
    script, state = scene.script, scene.state
    move = script.moves[step]
    begin = script.begins[step]
    objectives = script.exercise.objectives
    return {
        "name": script.names[step],
        "number": step + 1,
        "title": scene.told(script.title(step)),
        "date": move.on.isoformat(),
        "minutes": move.minutes,
        "planned": f"{clock(begin)}–{clock(begin + move.minutes)}",
        "status": "now" if step == state.step else "done" if step < state.step else "to come",
        "extended": state.extended.get(step, 0),
        "started": round(state.started[step], 1) if step < len(state.started) else None,
        **asked(scene, move),
        "observe": [
            {"sees": scene.told(each.sees), "objectives": [scene.told(objectives[name]) for name in each.objective]}
            for each in move.observe
        ],
        "key": scene.told(move.key) if move.key else None,
    }


def _team(scene: Scene, name: str) -> Json:
    team = scene.state.teams[name]
    return {
        "name": team.name,
        "code": team.code,
        "seats": [scene.script.role(each.role) for each in scene.state.seats(name)],
        "decided": (name, scene.state.step) in scene.state.decisions,
        "decisions": decisions(scene, name),
    }


# the events list ------------------------------------------------------------------------------------------------------------


def _msel(scene: Scene) -> Iterator[Json]:
    """All injects in the order of the plan, improvised ones at the end of the move in which they were given."""
    given = {each["id"]: each for _, each in injects(scene)}
    ordered = sorted(scene.script.cards.values(), key=lambda card: (card.step, card.inject.minute))
    rows = [(card.step, _line(scene, card, given.get(card.id))) for card in ordered]
    rows += [(scene.state.released(id_).step, _made_up(given[id_])) for id_ in scene.state.improvised]  # type: ignore[union-attr]
    yield from (row for _, row in sorted(rows, key=lambda each: each[0]))


def _line(scene: Scene, card: Card, given: Json | None) -> Json:
    release = scene.state.released(card.id)
    minute = scene.script.begins[card.step] + card.inject.minute
    timed = card.inject.when in (START, BY_HAND)
    return {
        "id": card.id,
        "move": scene.script.names[card.step],
        "move_title": scene.told(scene.script.title(card.step)),
        "planned": clock(minute) if timed else None,
        **dict(zip(("title", "text", "source", "reliability"), map(scene.told, texts_of(card)), strict=True)),
        "to": scene.script.labels(card.roles),
        "when": card.inject.when,
        "status": "released" if given else _waiting(scene, card),
        "released": round(release.seconds, 1) if release else None,
        "by": release.by if release else None,
        "improvised": False,
        "sets": {name: number.fixed for name, number in card.inject.set.items()},
    }


def _waiting(scene: Scene, card: Card) -> str:
    """Of an inject that was not given out."""
    if card.step != scene.state.step:
        return "to come" if card.step > scene.state.step else "not given"
    reached = scene.seconds >= scene.state.started[card.step] + 60 * card.inject.minute
    return "due" if card.inject.when == BY_HAND and reached else "waiting"


def _made_up(given: Json) -> Json:
    shown = {
        key: given[key] for key in ("id", "move", "move_title", "title", "text", "source", "reliability", "to", "improvised")
    }
    release = {"when": BY_HAND, "status": "released", "released": given["seconds"], "by": "facilitator"}
    return {**shown, **release, "planned": None, "sets": {}}


# the model ------------------------------------------------------------------------------------------------------------------


def _model(scene: Scene) -> Json:
    course, date = scene.course, scene.script.date(scene.state.step)
    shown = {
        "policy": course.pair.policy.spec.title,
        "scenario": scene.alongside.base.scenario.spec.title,
        "seed": course.report.seed,
        "run": course.report.run,
        "single_path": course.model.single_path,
        "date": None,
        "phase": None,
        "pending": None,
        "path": [],
        "changes": scene.alongside.told(scene.state),
        "dates": [],
        "levels": [],
        "readings": [],
    }
    return shown if date is None else {**shown, **_by(scene, course, date)}


def _by(scene: Scene, course: Course, date: dt.date) -> Json:
    """The model up to a day."""
    count, phase = course.day(date) + 1, course.phase(date)
    return {
        "date": date.isoformat(),
        "phase": {"name": phase, "label": course.label(phase)},
        "pending": course.pending(date),
        "path": [
            {
                "date": each.date.isoformat(),
                "from": course.label(each.from_phase),
                "to": course.label(each.to_phase),
                "transition": each.transition,
                "why": list(why(each)),
            }
            for each in course.taken(date)
        ],
        "dates": [(course.start + dt.timedelta(days=day)).isoformat() for day in range(count)],
        "levels": list(_levels(course, count)),
        "readings": list(_readings(scene.state, course, count)),
    }


def _levels(course: Course, count: int) -> Iterator[Json]:
    for variable in course.model.world.variables:
        values = numbers(course.trace.variables[variable.name][:count])
        ends = (each if math.isfinite(each) else None for each in (variable.low, variable.high))
        shown = dict(zip(("low", "high"), ends, strict=True))
        yield {"name": variable.name, "unit": variable.unit, "value": values[-1], **shown, "values": values}


def _readings(state: State, course: Course, count: int) -> Iterator[Json]:
    factors = {each.name: each.value for each in state.changes if each.kind == "noise" and state.step > LOBBY}
    for signpost in course.model.world.signposts:
        values = numbers(course.trace.signposts[signpost.name][:count])
        noise = {"noisy": signpost.error is not None, "factor": factors.get(signpost.name, 1.0)}
        yield {"name": signpost.name, "unit": signpost.unit, "value": values[-1], **noise, "values": values}
