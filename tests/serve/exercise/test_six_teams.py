"""A complete exercise of six teams, played through its pages to the debrief, with the server killed in the middle."""

from __future__ import annotations

import csv
import io
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.shell import command

TEAMS = ("Alder", "Birch", "Cedar", "Durian", "Elm", "전나무")
MOVES = ("rule_first", "first_reports", "same_again", "the_price")


@contextmanager
def running(room: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """`phased serve`, and the facilitator's link that it printed."""
    words = ("serve", "--exercise", "fog", "--room", room, "--port", port)
    with subprocess.Popen(command(*words), stdout=subprocess.PIPE, text=True, encoding="utf-8") as server:
        try:
            assert server.stdout is not None
            link = next(found[0] for line in server.stdout if (found := re.search(r"http://\S+/facilitator#\S+", line)))
            yield server, link
        finally:
            server.kill()


def free_port() -> int:
    with socket.socket() as asking:
        asking.bind(("127.0.0.1", 0))
        return int(asking.getsockname()[1])


def opened(chromium: Any, address: str) -> Any:
    """A browser of its own; it may come a moment too early."""
    page = chromium.new_context(viewport={"width": 1000, "height": 800}).new_page()
    for _ in range(50):
        try:
            page.goto(address)
            return page
        except Exception as error:
            if "ERR_CONNECTION_REFUSED" not in str(error):
                raise
            page.wait_for_timeout(100)
    raise AssertionError("the server does not answer")


def until(page: Any, place: str, words: str) -> None:
    """Waits until a place says something."""
    page.wait_for_function("([place, words]) => document.querySelector(place)?.textContent.includes(words)", arg=[place, words])


def decide(page: Any, team: str, number: int, *, send: bool = True) -> None:
    """Fill in the form of the move and send it."""
    page.locator("input[name=option]").nth(number % 3).check()
    for blank in page.locator("input[type=number]").all():
        blank.fill(str(7 * (number % 3) + 1))
    page.select_option("#phase", index=1 + number % 3)
    page.locator("input[name=confidence]").nth(number % 5).check()
    page.fill("#reason", f"{team} says why in {page.text_content('#where')}")
    if send:
        page.click("[data-key=send]")
        until(page, "#kept", "is kept")


def go_on(page: Any, says: str) -> None:
    """The facilitator's first button, and the question that it asks."""
    page.click("[data-key=advance]")
    assert says in page.text_content("#confirm-text")
    page.click("#confirm-yes")
    until(page, "#bar-told", "Gone on.")


def test_six_teams_play_to_the_debrief(chromium: Any, tmp_path: Path) -> None:
    room, port = tmp_path / "fog.room", free_port()
    with running(room, port) as (server, link):
        leader = opened(chromium, link)
        until(leader, "#where", "Before the first move")
        assert leader.url == f"http://127.0.0.1:{port}/facilitator"
        code = leader.text_content("#room .code")
        tables = [joined(chromium, port, code, team) for team in TEAMS]
        go_on(leader, "Move 1 of 4")
        for number, (team, page) in enumerate(zip(TEAMS, tables, strict=True)):
            until(page, "#where", "Move 1 of 4")
            decide(page, team, number)
        leader.wait_for_selector("form[data-confirm*='decided: 6 of 6']")
        go_on(leader, "decided: 6 of 6")
        until(tables[0], "#where", "Move 2 of 4")
        until(tables[1], "#where", "Move 2 of 4")
        decide(tables[0], TEAMS[0], 0)
        decide(tables[1], TEAMS[1], 1, send=False)
        server.kill()  # SIGKILL: nothing can be tidied up
        server.wait()
        tables[1].wait_for_selector("#lost:not([hidden])")
        tables[1].click("[data-key=send]")
        until(tables[1], "#kept", "No connection")
    with running(room, port) as (_, again):
        assert again == link
        for page in (*tables, leader):
            page.wait_for_selector("#lost", state="hidden")
            until(page, "#where", "Move 2 of 4")
        tables[1].reload()  # what was typed is still there
        until(tables[1], "#where", "Move 2 of 4")
        assert tables[1].input_value("#reason").startswith("Birch says why")
        assert "Alder" in tables[0].text_content("#who")
        assert "Alder says why in Move 2" in tables[0].text_content("#own")
        for move in range(2, 5):
            for number, (team, page) in enumerate(zip(TEAMS, tables, strict=True)):
                until(page, "#where", f"Move {move} of 4")
                decide(page, team, number)
            go_on(leader, f"Move {move + 1} of 4" if move < 4 else "Hot wash")
        until(tables[5], "#where", "Hot wash")
        assert "closed" not in tables[5].text_content("#situation")
        assert tables[5].locator("#form form").count() == 0
        held(leader.context.request, f"http://127.0.0.1:{port}/facilitator")
    for page in (*tables, leader):
        page.context.close()


def joined(chromium: Any, port: int, code: str, team: str) -> Any:
    page = opened(chromium, f"http://127.0.0.1:{port}/#{code}")
    until(page, "#title", "What waiting for confirmation buys")
    assert page.input_value("#code") == code
    page.fill("#team", team)
    page.click("button[type=submit]")
    page.wait_for_url("**/team")
    until(page, "#who", team)
    return page


def held(asking: Any, address: str) -> None:
    """The debrief has every decision of every team, with its reason, and every move."""
    page = asking.get(f"{address}/debrief.html").text()
    rows = list(csv.DictReader(io.StringIO(asking.get(f"{address}/debrief.csv").body().decode("utf-8-sig"))))
    for team in TEAMS:
        for number in range(1, 5):
            reason = f"{team} says why in Move {number} of 4"
            assert reason in page
            assert sum(reason in json.dumps(row, ensure_ascii=False) for row in rows) == 1
    assert asking.get(f"{address}/debrief.pdf").body().startswith(b"%PDF")
