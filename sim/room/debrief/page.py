"""The debrief as one page that needs nothing else: no script, no request, everything that people wrote as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files as resources

from sim import __version__
from sim.charts.style import phase_colours
from sim.pages.figures import Figure, element
from sim.pages.html import Child, Element, document, el
from sim.pages.svg import drawing
from sim.pages.tables import Cell, Ids, table
from sim.room.clock import shown
from sim.room.debrief.records import Coded, Debrief, Known, Picture, PlayedMove, Rule, Step, TeamDecision

_BY = {"clock": "by the clock", "condition": "when its condition came true", "facilitator": "by hand"}


def page(debrief: Debrief) -> str:
    """The whole page as HTML."""
    ids = Ids()
    parts = list(_parts(ids, debrief))
    head = el("header", el("h1", f"Debrief: {debrief.title}"), _head(debrief))
    body: list[Child] = [
        el("a", "Skip to the debrief", href="#main", class_="skip"),
        head,
        el("nav", el("h2", "On this page", id="contents"), _contents(parts), aria_labelledby="contents"),
        el("main", parts, id="main", tabindex=-1),
        el(
            "footer",
            el("p", f"{debrief.framing} {debrief.assumed} Made by phased {__version__} from the room of a live exercise."),
        ),
    ]
    style = "".join((resources(package) / name).read_text("utf-8") for package, name in _STYLES)
    style += "".join(
        f".phase-{index} {{ background: {colour}; }}\n" for index, colour in enumerate(phase_colours(len(debrief.phases)))
    )
    return document(f"Debrief: {debrief.title}", style, body, f"phased debrief {__version__}")


_STYLES = (("sim.pages", "page.css"), ("sim.room.debrief", "page.css"))


def _head(debrief: Debrief) -> Iterator[Element]:
    yield el(
        "p",
        f"{debrief.framing} {debrief.assumed} Teams and the policy are set side by side; neither is called right, and no phase "
        "is called a success.",
        class_="framing",
    )
    yield el("p", f"The model played “{debrief.policy}” on “{debrief.scenario}”, as the world was played: {debrief.which}.")
    yield el("p", "The same path again: ", el("code", debrief.command))
    yield el("p", debrief.state, class_="quiet")


def _contents(parts: Sequence[Element]) -> Element:
    found = [part.find("h2") for part in parts]
    return el("ul", (el("li", el("a", each.text, href=f"#{each.get('id')}")) for each in found if each is not None))


def _parts(ids: Ids, debrief: Debrief) -> Iterator[Element]:
    yield _section(ids, "Where teams and policy parted", [*_summary(ids, debrief)])
    if debrief.picture:
        yield _section(ids, "The model alongside", [*_picture(ids, debrief.picture)])
    for move in debrief.moves:
        yield _move(ids, move)
    if debrief.coded:
        yield _section(ids, "The teams' rules side by side", [each for coded in debrief.coded for each in _coded(ids, coded)])
    yield _section(ids, "Hot wash", [*_hot_wash(debrief)])
    if debrief.facts:
        caption = "Facts that the reports and thresholds rest on"
        yield _section(ids, "Facts", [table(ids, caption, ("Fact", "What it says"), debrief.facts, whole=True)])


def _section(ids: Ids, heading: str, body: Sequence[Child]) -> Element:
    name = ids.new("part")
    return el("section", el("h2", heading, id=name), body, aria_labelledby=name)


def _summary(ids: Ids, debrief: Debrief) -> Iterator[Child]:
    if not debrief.moves:
        yield el("p", "No move has been played yet.")
        return
    if debrief.teams:
        yield el("ul", (el("li", each) for each in debrief.summary))
        yield _grid(ids, debrief)
    else:
        yield el("p", "No team joined.")


def _grid(ids: Ids, debrief: Debrief) -> Element:
    """Who named which phase in which move, the policy first."""
    header = ("Who", *(f"{move.number}. {move.title}, {move.date}" for move in debrief.moves))
    policy = (_shaded(debrief, move.phase, el("strong", move.phase)) for move in debrief.moves)
    rows: list[Sequence[Cell]] = [("The policy as played", *policy)]
    for team in debrief.teams:
        rows.append((team, *(_stand(debrief, move, team) for move in debrief.moves)))
    note = "Underlined: another phase than the policy's."
    return table(ids, "Phases by move", header, rows, note=note, whole=True)


def _picture(ids: Ids, picture: Picture) -> Iterator[Child]:
    yield el("p", "What the policy's guards saw and which phase it was in, up to the last date that was played.")
    drawn = drawing(picture.svg.encode(), "model")
    yield element(ids, Figure("the model alongside", drawn, None, len(picture.svg)))


def _shaded(debrief: Debrief, phase: str, words: Child) -> Cell:
    """A phase with its shade, from light to dark as in every chart."""
    shade = f"phase phase-{debrief.phases.index(phase)}"
    return [el("span", class_=shade, aria_hidden="true"), words]


def _stand(debrief: Debrief, move: PlayedMove, team: str) -> Cell:
    found = next((each for each in move.decisions if each.team == team), None)
    if found is None or not found.phase:
        return el("span", "named none" if found else "sent nothing", class_="quiet")
    return _shaded(debrief, found.phase, found.phase if found.phase == move.phase else el("u", found.phase))


# one move -------------------------------------------------------------------------------------------------------------------


def _move(ids: Ids, move: PlayedMove) -> Element:
    heading = f"Move {move.number}: {move.title}"
    when = f"Played as {move.date}. Began at {shown(move.seconds)} and took {shown(move.lasted)} (minutes and seconds of play)."
    body: list[Child] = [el("p", when, class_="quiet"), *_prose(move.situation)]
    body += [el("h3", "What was known"), *_known(ids, move)]
    body += [el("h3", "What the teams decided"), *_decided(ids, move)]
    body += [el("h3", "What the policy had done by then"), *_policy(move)]
    body += [el("h3", "Where they parted"), el("ul", (el("li", each) for each in move.parted))]
    return _section(ids, heading, body)


def _prose(text: str) -> list[Child]:
    """Paragraphs, with the line breaks that were written."""
    return [el("p", each, class_="written") for each in text.split("\n\n") if each.strip()]


def _known(ids: Ids, move: PlayedMove) -> Iterator[Child]:
    if not move.known:
        yield el("p", "No inject was released.")
        return
    header = ("Clock", "Report", "Source", "Reliability", "To", "Released")
    yield table(ids, f"Injects of move {move.number}", header, [_inject(each) for each in move.known], whole=True)
    if move.changes:
        yield el("ul", (el("li", each) for each in move.changes))


def _inject(each: Known) -> Sequence[Cell]:
    report = el("span", el("strong", each.title), "\n", each.text, class_="written")
    by = "improvised" if each.improvised else _BY[each.by]
    return shown(each.seconds), report, each.source, each.reliability, each.to, by


def _decided(ids: Ids, move: PlayedMove) -> Iterator[Child]:
    if move.question:
        yield el("p", el("em", move.question))
    if move.decisions:
        header = ("Team", "Clock", "Decision", "Phase", "Why", "How sure")
        yield table(ids, f"Decisions of move {move.number}", header, [_decision(each) for each in move.decisions], whole=True)
    if move.silent:
        yield el("p", f"No decision from {', '.join(move.silent)}.")
    if not (move.decisions or move.silent):
        yield el("p", "No team was there.")


def _decision(each: TeamDecision) -> Sequence[Cell]:
    chosen: list[Child] = [el("span", each.option or "–", class_="written")]
    if each.answers:
        chosen.append(el("span", each.answers, class_="written answers"))
    changed = f", sent {each.times} times" if each.times > 1 else ""
    reason = el("span", each.reason or "–", class_="written")
    return each.team, f"{shown(each.seconds)}{changed}", chosen, each.phase or "named none", reason, each.confidence


def _policy(move: PlayedMove) -> Iterator[Child]:
    yield el("p", f"By {move.date} it was in the phase ", el("strong", move.phase), ".")
    if not move.steps:
        yield el(
            "p", "It had not changed its phase since the move before." if move.number > 1 else "It had not changed its phase."
        )
    for step in move.steps:
        yield from _step(step)
    if move.pending:
        yield el("p", f"Decided and not yet in effect: {move.pending}.")


def _step(step: Step) -> Iterator[Child]:
    yield el("p", f"{step.date}: {step.came_from} → {step.to} ", el("code", step.transition))
    yield el("ul", (el("li", each) for each in step.why))


# codings and hot wash -------------------------------------------------------------------------------------------------------


def _coded(ids: Ids, coded: Coded) -> Iterator[Child]:
    yield el("p", el("em", coded.question))
    header = ("Rule", "Whose", "What it fills in", *coded.phases)
    rows = [_rule(each) for each in coded.rules]
    yield table(ids, f"Rules written in “{coded.move}”, and when each reaches a phase", header, rows, note=coded.note, whole=True)


def _rule(each: Rule) -> Sequence[Cell]:
    return each.name, each.kind, el("span", each.answers or "–", class_="written"), *each.reached


def _hot_wash(debrief: Debrief) -> Iterator[Child]:
    yield el("h3", "Questions, teams first")
    yield el("ul", (el("li", each) for each in debrief.questions))
    if debrief.findings:
        yield el("h3", "What the model shows, told after the teams have answered")
        yield el("ul", (el("li", each) for each in debrief.findings))
