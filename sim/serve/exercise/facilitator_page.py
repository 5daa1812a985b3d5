"""What the facilitator's page shows: the clock, the events list, the teams, the world, and the model alongside."""

from __future__ import annotations

from collections.abc import Iterator

from sim.serve.exercise.parts import Json, Part, after, button, card, el, fold, listed, note, number, state, table
from sim.serve.exercise.team_page import WAITING, clock, decision, readings, where
from sim.spec.exercise import CONFIDENCE


def facilitator_page(view: Json, address: str) -> Json:
    """The page of the facilitator, from `Room.facilitator_view`, and the address that people join."""
    exercise, model = view["exercise"], view["model"]
    played = bool(view["move"])  # else nothing can be given out or changed, and the forms for it are not there
    noisy = [each for each in model["readings"] if each["noisy"]]
    return {
        "version": view["version"],
        "title": f"Facilitator: {exercise['title']}",
        "clock": clock(view),
        "news": list(_news(view)),
        "parts": {
            "title": [exercise["title"]],
            "framing": [f"{exercise['framing']} {exercise['assumed']}"],
            "where": where(view),
            "actions": list(_actions(view)),
            "warnings": [card(text) for text in view["warnings"]],
            "now": _now(view),
            "room": list(_room(view, address)),
            "teams": list(_teams(view)),
            "msel": [_msel(view["msel"], played=played)],
            "i-to": [_tick(each) for each in view["roles"]],
            "i-note": ["None ticked: to all."] if played else [],
            "model": list(_model(model)),
            "levels": list(_levels(model)),
            "l-name": [el("option", _level(each), value=each["name"]) for each in model["levels"] if played],
            "n-name": [el("option", f"{each['name']}: now × {each['factor']:g}", value=each["name"]) for each in noisy if played],
            "shown": [_shown(view)],
            "wash": _wash(view),
            "moves": [
                fold(
                    f"move-{each['name']}", f"{each['planned']} {each['title']} ({each['date']}): {each['status']}", *_brief(each)
                )
                for each in view["moves"]
            ],
        },
    }


def _news(view: Json) -> Iterator[tuple[str, str]]:
    if not view["move"]:
        yield view["status"], f"{WAITING[view['status']]}."
    for team in view["teams"]:
        yield f"joined {team['name']}", f"{team['name']} is here."
        yield from ((f"{team['name']} {each['move']}", f"{team['name']} has decided.") for each in team["decisions"])
    yield from ((f"out {each['id']}", f"Out: {each['title']}.") for each in view["msel"] if each["status"] == "released")


# the bar --------------------------------------------------------------------------------------------------------------------


def _actions(view: Json) -> Iterator[Part]:
    """The buttons that are always there. Going on cannot be undone, so that it is asked twice."""
    move, paused = view["move"], view["clock"]["paused"]
    if view["next"]:
        fixed = {"action": "advance", "at": move["name"] if move else view["status"]}
        yield button(
            f"Go on: {view['next']}",
            "advance",
            "bar-told",
            fixed,
            "Gone on.",
            main=True,
            data_confirm=_confirmed(view),
            data_yes=f"Yes: {view['next']}",
        )
    if move:
        if paused:
            yield button("Let the clock run", "pause", "bar-told", {"action": "go_on"}, "The clock runs again.")
        else:
            yield button("Pause the clock", "pause", "bar-told", {"action": "pause"}, "The clock stands still.")
        yield button("5 more minutes", "extend", "bar-told", {"action": "extend", "minutes": 5}, "Five more minutes.")
    yield el("a.button", "Board for the projector", href="/board", target="_blank")


def _confirmed(view: Json) -> str:
    if not view["move"]:
        return f"Go on? {view['next']}. This cannot be undone."
    decided = sum(each["decided"] for each in view["teams"])
    over = f"“{view['move']['title']}” is over then, and nobody can decide in it any more"
    return f"Go on? {view['next']}. This cannot be undone: {over}. Teams that have decided: {decided} of {len(view['teams'])}."


# now ------------------------------------------------------------------------------------------------------------------------


def _now(view: Json) -> list[Part]:
    move = next((each for each in view["moves"] if each["status"] == "now"), None)
    if move:
        return _brief(move)
    return [el("p", _SAID[view["status"]]), el("h3", "Objectives"), listed(each["text"] for each in view["objectives"])]


_SAID = {
    "lobby": "Let everybody join. Then begin with the first button above.",
    "debrief": "All moves have been played. The questions stand on the board: teams speak first. "
    "Then tell what the model shows; it stands below, under Hot wash and debrief.",
    "closed": "The exercise is closed. Save the debrief, below under Hot wash and debrief, or write it later from the room file.",
}


def _brief(move: Json) -> list[Part]:
    """A move for who leads it."""
    found = [el("p", move["situation"])]
    if move["coding"]:
        found.append(el("p", f"The teams write a rule. {move['coding']['question']}"))
    if move["question"]:
        found += [el("p", el("strong", move["question"])), listed(move["options"])]
    if move["observe"]:
        found += [el("h3", "What evaluators look for"), listed(each["sees"] for each in move["observe"])]
    if move["key"]:
        found.append(fold(f"key-{move['name']}", "The key, for you alone: told after the decision", el("p", move["key"])))
    return found


def _room(view: Json, address: str) -> Iterator[Part]:
    said = (("Room code", el("span.code", view["room"]["code"])), ("Join at", address), ("Kept in", view["room"]["file"]))
    yield el("dl", *(part for name, told in said for part in (el("dt", name), el("dd", told))))
    if "//127.0.0.1" in address or "//localhost" in address:
        yield el(
            "p.card", "Only this machine can join. To open the room, start the server with ", el("code", "--host 0.0.0.0"), "."
        )
    yield el("img.qr", src="/facilitator/qr.svg", alt=f"QR code of {address}", width=176, height=176)


def _teams(view: Json) -> Iterator[Part]:
    teams, labels = view["teams"], {each["name"]: each["label"] for each in view["phases"]}
    if not teams:
        yield el("p", "Nobody has joined yet.")
        return
    yield table(
        ("Team", "Team code", "Seats", "This move", "Decision", "Why", "How sure"),
        (_team(each, view["move"], labels) for each in teams),
        "Teams in this move",
    )
    for each in teams:
        rows = [
            (
                one["title"],
                el("div", *decision(one, labels)),
                one["reason"],
                CONFIDENCE[one["confidence"]],
                after(one["seconds"]),
            )
            for one in each["decisions"]
        ]
        told = (
            table(("Move", "Decision", "Why", "How sure", "Sent after"), rows, f"Decisions of {each['name']}")
            if rows
            else note("None yet.")
        )
        yield fold(f"team-{each['name']}", f"{each['name']}: every decision", told)


def _team(team: Json, move: Json | None, labels: Json) -> list[Part]:
    now = next((each for each in team["decisions"] if move and each["move"] == move["name"]), None)
    done = state("decided", done=True) if now else state("open", done=False) if move else "–"
    told: list[Part] = [el("div", *decision(now, labels)), now["reason"], CONFIDENCE[now["confidence"]]] if now else ["", "", ""]
    return [team["name"], el("span.code", team["code"]), ", ".join(team["seats"]), done, *told]


# the events list ------------------------------------------------------------------------------------------------------------


def _msel(events: list[Json], *, played: bool) -> Part:
    rows = (_event(each, played=played) for each in events)
    return table(("Planned", "Inject", "To", "State", "By hand"), rows, "Events list")


def _event(each: Json, *, played: bool) -> list[Part]:
    sets = "".join(f"; sets {name} to {value:g}" for name, value in each["sets"].items())
    about = f"{each['move_title']}; {'improvised' if each['improvised'] else each['when']}{sets}"
    source = f"Source: {each['source']}. Reliability: {each['reliability']}."
    told = fold(each["id"], each["title"], el("p", each["text"]), note(source), note(about))
    out = each["status"] == "released"
    done = state(f"out at {after(each['released'])}, by the {each['by']}" if out else each["status"], done=out)
    release = button(
        "Release",
        f"release-{each['id']}",
        "msel-told",
        {"action": "release", "inject": each["id"]},
        f"Released: {each['title']}.",
    )
    return [
        each["planned"] or "–",
        told,
        ", ".join(each["to"]) or "all",
        done,
        release if played and not out and each["status"] != "to come" else "",
    ]


def _tick(role: Json) -> Part:
    return el("label.choice", el("input", type="checkbox", name=f"to:{role['name']}"), el("span", role["label"]))


# the model ------------------------------------------------------------------------------------------------------------------


def _model(model: Json) -> Iterator[Part]:
    yield el("p", f"{model['policy']}, on {model['scenario']} (run {model['run']}, seed {model['seed']}).")
    if model["phase"]:
        yield el("p", f"On {model['date']} it is in: ", el("strong", model["phase"]["label"]), ".")
    else:
        yield note("It begins with the first move.")
    if model["pending"]:
        yield el("p", model["pending"])
    steps = [card(f"{each['date']}: {each['from']} → {each['to']}", listed(each["why"])) for each in model["path"]]
    if steps:
        yield el("ol.cards", *steps)
    if model["changes"]:
        yield el("h3", "Put into the world")
        yield listed(model["changes"])


def _levels(model: Json) -> Iterator[Part]:
    seen = {each["name"]: each for each in model["readings"]}
    rows = [(f"{each['name']} ({each['unit']})", number(each["value"])) for each in model["levels"]]
    read = [
        (f"{name} ({each['unit']})", number(each["value"]), f"error × {each['factor']:g}" if each["noisy"] else "exact")
        for name, each in seen.items()
    ]
    if not rows:
        yield note("They are told from the first move on.")
        return
    yield table(("True level", "On this move's date"), rows, "True levels")
    yield table(("Reading", "On this move's date", "Noise"), read, "Readings")
    yield fold("charts", "Readings day by day", *readings(model["readings"], model["dates"]))


def _level(each: Json) -> str:
    low, high = ("…" if end is None else f"{end:g}" for end in (each["low"], each["high"]))
    bounds = "" if low == high == "…" else f", {low} to {high}"
    return f"{each['name']} ({each['unit']}{bounds})"


def _shown(view: Json) -> Part:
    shown = view["readings_shown"]
    text = "Hide the readings from the teams" if shown else "Show the readings to the teams"
    return button(
        text, "readings", "readings-told", {"action": "show_readings", "shown": not shown}, "Hidden." if shown else "Shown."
    )


def _wash(view: Json) -> list[Part]:
    wash = view["hot_wash"]
    found = [el("h3", "Questions"), listed(wash["questions"])]
    return [*found, fold("findings", "What the model shows: told after the teams have answered", listed(wash["findings"]))]
