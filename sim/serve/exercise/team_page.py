"""What a team's page shows: what the team was told, what it decides, and until when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from sim.serve.exercise.parts import Given, Json, Part, after, card, chart, el, inject, listed, note, table

ANSWER = "answer:"
"""what the name of a blank's field begins with"""


def team_page(view: Json) -> Json:
    """The page of a seat, from `Room.team_view`. Nothing stands in it that is not in the view."""
    move, exercise = view["move"], view["exercise"]
    return {
        "version": view["version"],
        "title": f"{view['team']['name']}: {exercise['title']}",
        "clock": clock(view),
        "news": list(_news(view)),
        "lock": _lock(view),
        "kept": _kept(view),
        "parts": {
            "title": [exercise["title"]],
            "framing": [f"{exercise['framing']} {exercise['assumed']}"],
            "where": where(view),
            "who": _who(view),
            "situation": _situation(view),
            "injects": [inject(each) for each in reversed(view["injects"])],
            "form": [_form(view)] if move else [],
            "own": [_decided(view, each) for each in view["decisions"]],
            "readings": _readings(view),
            "briefing": [part for each in view["roles"] for part in (el("h3", each["label"]), el("p", each["briefing"]))],
            "facts": _facts(view),
        },
    }


WAITING = {"lobby": "Before the first move", "debrief": "Hot wash", "closed": "The end"}


def clock(view: Json) -> Json | None:
    """Seconds to the deadline and whether they run, which the page counts on by itself; None outside of a move."""
    return {"remaining": view["move"]["remaining"], "running": view["clock"]["running"]} if view["move"] else None


def where(view: Json) -> list[Part]:
    """Which move it is."""
    move = view["move"]
    return (
        [f"Move {move['number']} of {move['of']}: ", el("strong", move["title"])]
        if move
        else [el("strong", WAITING[view["status"]])]
    )


def _who(view: Json) -> list[Part]:
    team = view["team"]
    return [
        "You sit with ",
        el("strong", team["name"]),
        ". Others at your table join with the team code ",
        el("span.code", team["code"]),
    ]


def _news(view: Json) -> Iterator[tuple[str, str]]:
    """What is announced when it comes, with its key."""
    yield (
        (f"move {view['move']['name']}", f"A new move: {view['move']['title']}.")
        if view["move"]
        else (view["status"], f"{WAITING[view['status']]}.")
    )
    yield from ((each["id"], f"New: {each['title']}.") for each in view["injects"])
    if view["readings"]:
        yield "readings", "What the model's signposts read is shown below."


_LOCKED = {
    "lobby": "The first move has not begun. Your role stands below.",
    "debrief": "The last move is over. Now everybody talks: the hot wash.",
    "closed": "The exercise is over. Thank you.",
}


def _lock(view: Json) -> Json:
    """Whether the form is open, and why not. The page closes it by itself when its clock runs out."""
    move = view["move"]
    if not move:
        return {"open": False, "until": "", "over": _LOCKED[view["status"]]}
    stays = "What your team sent is kept." if _own(view) else "Your team sent nothing in this move."
    over = f"The time of this move is up, so nothing can be changed. {stays}"
    return {"open": move["open"], "until": "What you send may be replaced until the deadline.", "over": over}


def _own(view: Json) -> Json | None:
    """The team's decision in the current move."""
    return next((each for each in view["decisions"] if view["move"] and each["move"] == view["move"]["name"]), None)


def _kept(view: Json) -> Json:
    """The fields of the form as they were sent."""
    own = _own(view)
    if not own:
        return {}
    answers = {ANSWER + name: answer for name, answer in own["answers"].items()}
    return {
        "option": own["option"] or "",
        "phase": own["phase"] or "",
        "reason": own["reason"],
        "confidence": str(own["confidence"]),
        **answers,
    }


def _situation(view: Json) -> list[Part]:
    move = view["move"]
    if move:
        return [el("p", move["situation"]), note(f"Nothing later than {move['date']} is known.")]
    if view["status"] == "lobby":
        return [el("p", "The exercise begins when everybody is here. What it is about:"), listed(view["exercise"]["objectives"])]
    return [el("p", "For all to talk about:"), listed(view["hot_wash"]["questions"])]


# the form -------------------------------------------------------------------------------------------------------------------


def _form(view: Json) -> Part:
    move = view["move"]
    question = (
        el("fieldset", el("legend", move["question"]), *(_choice("option", each, each) for each in move["options"]))
        if move["question"]
        else None
    )
    phases = el(
        "select",
        el("option", "We name none", value=""),
        *(el("option", each["label"], value=each["name"]) for each in view["phases"]),
        id="phase",
        name="phase",
    )
    sure = (_choice("confidence", str(each["value"]), each["words"]) for each in view["confidence"])
    fields = el(
        "fieldset",
        el("legend", move["title"]),
        _coding(move["coding"]) if move["coding"] else None,
        question,
        el("label", "Which phase are you in after this? You may leave it open.", for_="phase"),
        phases,
        el("label", "Why? A sentence or two", for_="reason"),
        el("textarea", id="reason", name="reason", rows=4, maxlength=2000, required=True),
        el("fieldset", el("legend", "How sure are you?"), el("div.scale", *sure)),
        el("p.buttons", el("button.main", "Send the decision", type="submit", data_key="send")),
        data_lock=True,
    )
    done = "Your decision is kept. You may replace it until the deadline."
    draft = f"phased/{view['team']['code']}/{move['name']}"
    return el(
        "form",
        fields,
        el("p.told", id="kept", role="status"),
        data_post="/decide",
        data_said="kept",
        data_done=done,
        data_draft=draft,
        data_fixed=json.dumps({"move": move["name"]}),
        autocomplete="off",
    )


def _choice(name: str, value: str, text: str, *, required: bool = True) -> Part:
    return el("label.choice", el("input", type="radio", name=name, value=value, required=required), el("span", text))


def _coding(coding: Json) -> Part:
    return el(
        "fieldset",
        el("legend", "Your rule"),
        el("p", coding["question"]),
        *(part for each in coding["blanks"] for part in _blank(each)),
    )


def _blank(blank: Json) -> list[Given]:
    """A blank of the rule: words to choose from, or a number."""
    name = ANSWER + blank["name"]
    if blank["options"]:
        choices = (_choice(name, each, each, required=False) for each in blank["options"])
        return [el("fieldset", el("legend", blank["ask"]), *choices)]
    ends = {key: f"{blank[key]:g}" for key in ("from", "to", "step")}
    field = el(
        "input",
        id=name,
        name=name,
        type="number",
        min=ends["from"],
        max=ends["to"],
        step=ends["step"],
        aria_describedby=f"{name}-note",
    )
    return [el("label", blank["ask"], for_=name), field, el("p.note", f"From {ends['from']} to {ends['to']}.", id=f"{name}-note")]


# what there is to read ------------------------------------------------------------------------------------------------------


def words(value: int, scale: list[Json]) -> str:
    """How sure a team was."""
    return str(next((each["words"] for each in scale if each["value"] == value), value))


def _decided(view: Json, each: Json) -> Part:
    labels = {phase["name"]: phase["label"] for phase in view["phases"]}
    when = f"{words(each['confidence'], view['confidence'])}; sent {after(each['seconds'])} after the start"
    return card(
        each["title"],
        *decision(each, labels),
        el("p", each["reason"]),
        note(when + (f", by {each['role']}" if each["role"] else "")),
    )


def decision(each: Json, labels: Json) -> list[Part]:
    """What was decided, in a line each."""
    lines = [each["option"], f"Phase: {labels.get(each['phase'], each['phase'].replace('_', ' '))}" if each["phase"] else None]
    lines += [f"{name.replace('_', ' ')}: {answer}" for name, answer in each["answers"].items()]
    return [el("p", line) for line in lines if line]


def readings(signposts: Sequence[Json], dates: Sequence[str]) -> list[Part]:
    """Those that moved, as charts; then those that did not."""
    drawn = sorted(signposts, key=lambda each: len(set(each["values"])) < 2)
    return [el("div.charts", *(el("div", *chart(each["name"], each["unit"], dates, each["values"])) for each in drawn))]


def _readings(view: Json) -> list[Part]:
    told = view["readings"]
    if not told:
        return []
    return readings(told["signposts"], told["dates"])


def _facts(view: Json) -> list[Part]:
    if not view["facts"]:
        return [note("No text has cited a fact yet.")]
    rows = [
        (each["id"], ", ".join(filter(None, (each["who"], each["outlet"], each["date"]))), each["grade"])
        for each in view["facts"]
    ]
    return [table(("Fact", "Who, where, when", "Grade"), rows, "Facts")]
