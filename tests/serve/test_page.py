"""The served page as participants use it: in Chromium, several at once, by keys, on a phone, in Korean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.library import Library
from tests.browser import Opened
from tests.serve.conftest import FOUNDING, RUNS
from tests.workshop.made import move, saved, table

SCENARIO = FOUNDING["scenarios"][0]
WAIT, THRESHOLD, ERROR = "#sliders-A-0", "#sliders-A-1", "#world-0"
Visit = Callable[..., Opened]


@pytest.fixture
def visit(chromium: Any, lesson: str) -> Iterator[Visit]:
    """Opens the lesson in a browser of its own."""
    contexts = []

    def visited(width: int = 1280, height: int = 900) -> Opened:
        contexts.append(context := chromium.new_context(viewport={"width": width, "height": height}))
        found = Opened(context.new_page())
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.goto(lesson)
        found.page.wait_for_selector("body[data-ready]", timeout=30_000)
        return found

    yield visited
    for context in contexts:
        context.close()


def answered(page: Any, old: str) -> None:
    """Wait until the headline says something else."""
    page.wait_for_function("old => document.querySelector('#headline').textContent !== old", arg=old, timeout=20_000)


def reached(*sets: str) -> str:
    """The headline's first words for policy A, from the command."""
    passage = api.run(SCENARIO, "phased-approach", runs=RUNS, sets=sets).result.first_passage["defensive_weapons"]
    share, low, high = (math.floor(100 * each + 0.5) for each in (passage.reached, *passage.interval))  # as a browser rounds
    return f"{share}% ({low}–{high}) of simulated runs"


def test_twenty_browsers_move_any_number_and_ask_only_this_server(visit: Visit, lesson: str) -> None:
    """Each shows what the command finds for its own number, though no grid holds it."""
    pages = [visit() for _ in range(20)]
    waits = range(3, 23)
    for found, wait in zip(pages, waits, strict=True):
        found.old = found.page.text_content("#headline")  # type: ignore[attr-defined]
        move(found.page, ERROR, 0.37)
        move(found.page, WAIT, wait)
    for found, wait in zip(pages, waits, strict=True):
        answered(found.page, found.old)  # type: ignore[attr-defined]
        wanted = reached(f"transitions.arm_defensively.confirm={wait}", "signposts.deployment_level.error.sd=0.37")
        found.page.wait_for_function("words => document.querySelector('#headline').textContent.includes(words)", arg=wanted)
        assert f"confirm={wait} --set signposts.deployment_level.error.sd=0.37" in found.page.text_content("#command-A")
        assert found.complaints == []
        assert all(each.startswith(lesson) for each in found.asked)
        assert len([each for each in found.asked if each.endswith(".js")]) == 2


def test_a_moved_slider_changes_chart_and_table(visit: Visit) -> None:
    page = visit().page
    drawn = "document.querySelector('#reached-0 .mark-line.role-mark path').getAttribute('d')"
    before, old, headline = page.evaluate(drawn), table(page, "reached-0")["A"], page.text_content("#headline")
    move(page, WAIT, 29)
    answered(page, headline)
    page.wait_for_function(f"old => {drawn} !== old", arg=before)
    assert table(page, "reached-0")["A"] != old


def test_a_number_is_typed_and_saved(visit: Visit, tmp_path: Path) -> None:
    page = visit().page
    field = page.locator(f"{THRESHOLD} + input")
    old = page.text_content("#headline")
    field.fill("2.125")
    assert page.get_attribute(THRESHOLD, "aria-valuetext") == "2.125 rung"
    page.locator("#sliders-A-0 + input").fill("9")
    answered(page, old)
    path = saved(page, "#save-A", tmp_path)
    spec = Library().load_policy(str(path)).spec
    assert (spec.thresholds["front_line"].value, spec.thresholds["front_line"].grade) == (2.125, "assumed")
    assert getattr(spec.transitions["arm_defensively"].confirm, "fixed", None) == 9
    field.fill("7")  # beyond TO: not taken
    assert page.evaluate(f"document.querySelector('{THRESHOLD} + input').validity.valid") is False
    assert page.get_attribute(THRESHOLD, "aria-valuetext") == "2.125 rung"
    field.fill("")
    assert page.get_attribute(THRESHOLD, "aria-valuetext") == "3 rung, as stated"


def test_a_server_that_does_not_answer_is_said_and_tried_again(visit: Visit) -> None:
    page = visit().page
    page.route("**/outcome", lambda route: route.abort())
    move(page, WAIT, 20)
    page.wait_for_function("() => document.querySelector('#trouble').textContent.includes('did not answer')")
    page.unroute("**/outcome")
    old = page.text_content("#headline")
    move(page, WAIT, 21)
    answered(page, old)
    assert page.text_content("#trouble") == ""


def test_what_comes_late_is_not_drawn_for_another_scenario(visit: Visit) -> None:
    """The answer of a move arrives when another scenario has been chosen, whose own answer is not there yet."""
    found = visit()
    page, held = found.page, []
    old = page.text_content("#headline")
    page.evaluate("performance.now = () => 0")  # or the page would ask no longer for what is late
    page.route("**/outcome", lambda route: held.append(route))
    move(page, WAIT, 22)
    page.wait_for_timeout(300)
    page.select_option("#scenario", "2")
    first = len(held)
    assert first > 0
    for each in held[:first]:
        each.continue_()
    for _ in range(100):
        if len(held) > first:
            break
        page.wait_for_timeout(100)
    assert len(held) > first
    assert page.text_content("#headline") == old
    for each in held[first:]:
        each.continue_()
    page.unroute("**/outcome")
    answered(page, old)
    assert found.complaints == []


def test_a_world_that_answers_is_explained_at_any_setting(visit: Visit) -> None:
    page = visit().page
    old = page.text_content("#headline")
    page.select_option("#scenario", "2")
    answered(page, old)
    assert page.is_visible("#answers")
    move(page, WAIT, 8)
    sets = ("transitions.arm_defensively.confirm=8",)
    report = api.path(FOUNDING["scenarios"][2], "phased-approach", run=0, sets=sets).report
    start = f"{report.path[0].date} (day {report.path[0].day}): "
    page.wait_for_function("start => document.querySelector('#why-A li').textContent.startsWith(start)", arg=start)
    assert len(page.query_selector_all("#why-A li")) == len(report.path)


def test_the_page_speaks_korean_where_the_files_do(visit: Visit) -> None:
    found = visit()
    page = found.page
    old = page.text_content("#headline")
    move(page, WAIT, 15)
    answered(page, old)
    page.select_option("#language", "ko")
    page.wait_for_function("() => document.querySelector('#headline strong').textContent === '방어용 무기'")
    assert page.evaluate("document.documentElement.lang") == "ko"
    assert "예측이 아닙니다" in page.text_content("header")
    assert page.text_content("#explore-head") == "숫자 바꿔 보기"
    assert "모의 실행의" in page.text_content("#headline")
    assert page.get_attribute(WAIT, "aria-valuetext") == "15일"  # what was moved stays
    assert page.eval_on_selector("#policy-A option", "each => each.textContent") == "2024년 10월에 밝힌 서울의 단계적 접근"
    page.select_option("#language", "en")
    page.wait_for_function("() => document.querySelector('#headline strong').textContent === 'Defensive weapons'")
    assert page.text_content("#explore-head") == "Move the numbers"
    assert found.complaints == []


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_against_the_guidelines(visit: Visit, width: int) -> None:
    found = visit(width=width)
    found.page.evaluate("document.querySelectorAll('#seen details').forEach(each => { each.open = true; })")
    against = found.violations()
    assert not against, "\n".join(against)
    assert found.too_wide == []
    assert found.page.evaluate("document.documentElement.scrollWidth") <= width


def test_keys_alone(visit: Visit) -> None:
    page = visit().page

    def reach(id_: str) -> None:
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.id") == id_:
                assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
                return
        raise AssertionError(f"no Tab reaches {id_}")

    old = page.text_content("#headline")
    reach("sliders-A-0")
    page.keyboard.press("End")
    assert page.get_attribute(WAIT, "aria-valuetext") == "29 days"
    answered(page, old)
    old = page.text_content("#headline")
    page.keyboard.press("Tab")  # to the number itself
    page.keyboard.press("Control+A")
    page.keyboard.type("3")
    assert page.get_attribute(WAIT, "aria-valuetext") == "3 days"
    answered(page, old)
