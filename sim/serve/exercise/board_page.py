"""What stands on the wall: of all that the facilitator knows, only what every table has been told."""

from __future__ import annotations

from sim.room.script import EVERYBODY
from sim.serve.exercise.parts import Json, Part, el, inject, listed, note
from sim.serve.exercise.team_page import WAITING, clock

_MOVE = ("number", "of", "title", "date")


def board_page(view: Json, address: str) -> Json:
    """The page for the projector, from `Room.facilitator_view`: no inject for some roles, no decision, no team's code, no key."""
    exercise, injects = view["exercise"], [each for each in view["msel"] if _for_all(each)]
    return {
        "version": view["version"],
        "title": exercise["title"],
        "clock": clock(view),
        "news": [(each["id"], f"New: {each['title']}.") for each in injects],
        "parts": {
            "title": [exercise["title"]],
            "framing": [f"{exercise['framing']} {exercise['assumed']}"],
            "join": _join(view["room"]["code"], address, small=view["status"] == "move")
            if view["status"] in ("lobby", "move")
            else [],
            "now": _now(view),
            "injects": [inject(each) for each in reversed(injects)],
        },
    }


def _for_all(told: Json) -> bool:
    """Has every role got it?"""
    return bool(told["status"] == "released" and told["to"] == [EVERYBODY])


def _join(code: str, address: str, *, small: bool) -> list[Part]:
    picture = el("img.qr", src="/facilitator/qr.svg", alt=f"QR code of {address}", width=200, height=200)
    told = [el("p", "Join at ", el("strong", address)), el("p", "Room code ", el("span.code", code))]
    return [el("div.join.small" if small else "div.join", picture, el("div", *told))]


def _now(view: Json) -> list[Part]:
    teams, move = view["teams"], view["move"]
    if not move:
        return [el("h2", WAITING[view["status"]]), *_between(view)]
    move = {**next(each for each in view["moves"] if each["name"] == move["name"]), **{key: move[key] for key in _MOVE}}
    return [
        el("h2", f"Move {move['number']} of {move['of']}: {move['title']}"),
        note(f"Nothing later than {move['date']} is known."),
        el("p", move["situation"]),
        *([el("p", el("strong", move["question"]))] if move["question"] else []),
        note(f"Teams that have decided: {sum(each['decided'] for each in teams)} of {len(teams)}."),
    ]


def _between(view: Json) -> list[Part]:
    """Before the first move how to join, after the last one what to talk about."""
    if view["status"] == "debrief":
        return [listed(view["hot_wash"]["questions"])]
    if view["status"] == "closed":
        return [el("p", "The exercise is over. Thank you.")]
    count = len(view["teams"])
    how = (
        "In the network of this room: scan the picture, or type the address and the room code.",
        "The first of a table types the name of the team.",
        "Who comes second to a table joins with the team code that the first one sees.",
    )
    return [el("ol", *(el("li", each) for each in how)), note(f"{count} {'team is' if count == 1 else 'teams are'} here.")]
