"""The pages of a live exercise in a real Chromium: keys alone, 390 px, the guidelines, hostile texts, a lost connection."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sim.room import Room
from tests.browser import Opened
from tests.room.made import Watch
from tests.serve.exercise.made import act, joined, leading
from tests.serve.exercise.test_hostile import EVIL, FORMULA
from tests.serve.exercise.test_six_teams import until

Go = Callable[..., Opened]


@pytest.fixture
def go(chromium: Any) -> Iterator[Go]:
    """Opens an address in a browser of its own, or in one that another page is in."""
    contexts = []

    def opened(address: str, beside: Opened | None = None, width: int = 1280) -> Opened:
        context = beside.page.context if beside else chromium.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        found = Opened(context.new_page())
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        found.page.goto(address)
        return found

    yield opened
    for each in contexts:
        each.close()


def sat(go: Go, base: str, room: Room, team: str, role: str = "", width: int = 1280) -> Opened:
    """A table's page."""
    found = go(f"{base}/#{room.code}", width=width)
    until(found.page, "#role", "All roles")
    found.page.fill("#team", team)
    found.page.select_option("#role", role)
    found.page.click("button[type=submit]")
    found.page.wait_for_url("**/team")
    until(found.page, "#who", team[:10])
    return found


def led(go: Go, base: str, room: Room, width: int = 1280) -> Opened:
    """The facilitator's page."""
    found = go(f"{base}/facilitator#{room.secret}", width=width)
    until(found.page, "#room", room.code)
    return found


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_against_the_guidelines(go: Go, base: str, room: Room, watch: Watch, width: int) -> None:
    """Join, a table with injects and a form, the facilitator's page with all opened, the board, and the debrief."""
    first = go(base + "/", width=width)
    until(first.page, "#role", "All roles")
    leader = led(go, base, room, width)
    board = go(base + "/board", beside=leader)
    until(board.page, "#join", room.code)
    in_lobby = board.violations()
    room.advance()
    watch.run(room, 400)
    room.release("first.hand")
    room.show_readings(True)
    table = sat(go, base, room, "Reds", width=width)
    until(table.page, "#injects", "T-later")
    until(leader.page, "#model", "it is in")
    until(leader.page, "#teams", "Reds")
    until(board.page, "#now", "Move A")
    debrief = go(f"{base}/facilitator/debrief.html", beside=leader)
    pages = {"join": first, "table": table, "leader": leader, "board": board, "debrief": debrief}
    for each in (table, leader):
        each.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert in_lobby == []
    for name, each in pages.items():
        assert each.violations() == [], name
        assert each.page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert {address.split("/")[2] for address in each.asked} == {base.split("/")[2]}, name
    assert [each.too_wide for name, each in pages.items() if name != "debrief"] == [[]] * 4


def test_keys_alone_join_and_decide(go: Go, base: str, room: Room) -> None:
    room.advance()
    page = go(base + "/").page
    until(page, "#role", "All roles")

    def reach(wanted: str, most: int = 40) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            here = page.evaluate("(({id, name, dataset, type}) => [id, name, dataset.key, type])(document.activeElement)")
            if wanted in here:
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"no Tab reaches {wanted}")

    reach("code")
    page.keyboard.type(room.code)
    reach("team")
    page.keyboard.type("Keys")
    page.keyboard.press("Enter")
    page.wait_for_url("**/team")
    until(page, "#form", "QUESTION-A")
    reach("answer:wait")
    page.keyboard.type("14")
    reach("option")
    page.keyboard.press("Space")
    reach("reason")
    page.keyboard.type("By keys alone")
    reach("confidence")
    page.keyboard.press("ArrowRight")
    reach("send")
    page.keyboard.press("Enter")
    until(page, "#kept", "is kept")
    (team,) = room.facilitator_view()["teams"]
    (decided,) = team["decisions"]
    assert (decided["option"], decided["reason"], decided["answers"]) == ("Wait", "By keys alone", {"wait": "14"})


def test_nothing_that_is_written_runs(go: Go, base: str, room: Room) -> None:
    """Names, reasons and improvised injects are shown as they were written, on every page."""
    room.advance()
    name = EVIL[9:49]
    table, leader = sat(go, base, room, name), led(go, base, room)
    board = go(base + "/board", beside=leader)
    with joined(base, room, FORMULA[:40]), leading(base, room) as acting:
        assert act(acting, "improvise", title=EVIL[:100], text=EVIL, source=EVIL[:100], reliability=EVIL[:100]).status_code == 200
    page = table.page
    page.locator("input[name=option]").first.check()
    page.fill("#reason", EVIL)
    page.locator("input[name=confidence]").first.check()
    page.click("[data-key=send]")
    until(page, "#kept", "is kept")
    until(page, "#own", EVIL)
    until(page, "#injects", EVIL)
    until(leader.page, "#teams", EVIL)
    until(leader.page, "#teams", name)
    until(board.page, "#injects", EVIL)
    debrief = go(f"{base}/facilitator/debrief.html", beside=leader)
    assert EVIL[9:50] in debrief.page.text_content("body")
    for each in (table, leader, board, debrief):
        assert each.page.evaluate("window.hacked") is None
        assert each.page.evaluate("document.querySelectorAll('body script, img[src=x]').length") == 0
        assert each.complaints == []


def test_a_table_after_its_deadline_reads_only(go: Go, base: str, room: Room, watch: Watch) -> None:
    """The page closes the form by its own clock, says why, and keeps what was typed."""
    room.advance()
    watch.run(room, 1_195)
    page = sat(go, base, room, "Reds").page
    until(page, "#form", "QUESTION-A")
    page.fill("#reason", "Not sent in time")
    until(page, ".clock", "Time is up")
    until(page, "#why-not", "nothing can be changed")
    assert page.is_disabled("#reason")
    assert page.is_disabled("[data-key=send]")
    room.extend(5)
    until(page, "#why-not", "until the deadline")
    page.reload()
    until(page, "#form", "QUESTION-A")
    assert page.input_value("#reason") == "Not sent in time"
    assert page.is_enabled("[data-key=send]")


def test_new_injects_are_announced_and_what_is_typed_stays(go: Go, base: str, room: Room) -> None:
    room.advance()
    page = sat(go, base, room, "Reds", "cabinet").page
    until(page, "#injects", "T-at-once")
    assert page.text_content("#news") == ""
    assert page.get_attribute("#news", "role") == "status"
    page.fill("#reason", "half a sen")
    room.release("first.hand")
    until(page, "#news", "New: T-hand.")
    assert page.text_content(".card.new h3") == "T-hand"
    page.keyboard.type("tence")
    assert page.input_value("#reason") == "half a sentence"


def test_the_facilitator_is_asked_before_what_cannot_be_undone(go: Go, base: str, room: Room) -> None:
    page = led(go, base, room).page
    page.click("[data-key=advance]")
    page.click("text=Not yet")
    page.click("[data-key=advance]")
    page.keyboard.press("Escape")
    assert room.facilitator_view()["status"] == "lobby"
    page.click("[data-key=advance]")
    page.click("#confirm-yes")
    until(page, "#where", "Move 1 of 2")
    page.click("[data-key='release-first.hand']")
    until(page, "#msel-told", "Released: T-hand.")
    page.fill("#l-value", "99")
    page.click("#level button")
    until(page, "#level-told", "0 to 4")
    assert "refused" in page.get_attribute("#level-told", "class")
    page.fill("#l-value", "4")
    page.click("#level button")
    until(page, "#level-told", "Changed.")
    until(page, "#model", "deployment_level")
