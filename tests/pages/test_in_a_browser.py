"""The page as a reader has it: opened from disk in a real browser, wide, on a phone and on paper."""

from __future__ import annotations

import json
import re
from contextlib import chdir
from itertools import pairwise
from pathlib import Path

import pytest

from tests.browser import Open
from tests.cli.shell import phased

REPORTS = {
    "run": ("run", "surge-to-front-uncertain", "--runs", 60),
    "compare": (
        *("compare", "surge-to-front-uncertain", "ambiguous-intelligence-uncertain", "--runs", 40),
        *("--policy", "phased-approach", "--policy", "restrained", "--policy", "hair-trigger"),
    ),
    "hindcast": ("hindcast",),
}
PAPER = 688
"""pixels of A4 between the margins"""
EVIL = "</title><script>document.title='evil'</script><img src=x onerror=alert(1)>\"'&amp;"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    with chdir(folder):
        for name, words in REPORTS.items():
            phased(*words, "--out", name)
            phased("report", name)
    return {name: folder / name / "report.html" for name in REPORTS}


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [1280, 390])
def test_it_opens_alone_and_anybody_can_read_it(pages: dict[str, Path], in_browser: Open, name: str, width: int) -> None:
    opened = in_browser(pages[name], width=width)
    assert opened.asked == [pages[name].as_uri()]
    assert opened.complaints == []
    assert opened.violations() == []
    assert opened.too_wide == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", REPORTS)
def test_on_paper_nothing_is_cut_off(pages: dict[str, Path], in_browser: Open, name: str) -> None:
    opened = in_browser(pages[name], width=PAPER, media="print")
    if name == "run":  # the others differ in their words only, and this takes long
        assert opened.violations(without=("target-size",)) == [], "nobody taps on paper"
    assert opened.too_wide == []
    boxes = "[...document.querySelectorAll('.scroll')].filter(each => each.scrollWidth > each.clientWidth + 1).length"
    assert opened.page.evaluate(boxes) == 0
    assert opened.page.locator("nav").is_hidden()
    sheets = len(re.findall(rb"/Type\s*/Page\b", opened.page.pdf(prefer_css_page_size=True)))
    assert 4 <= sheets <= 24


@pytest.mark.parametrize("name", REPORTS)
def test_its_parts_are_all_there(pages: dict[str, Path], in_browser: Open, name: str) -> None:
    page = in_browser(pages[name]).page
    folder = pages[name].parent
    charts = [path.stem for path in folder.glob("*.svg")]
    assert page.get_by_role("main").get_by_role("img").count() == len(charts)
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4')].map(each => +each.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    targets = page.evaluate("[...document.querySelectorAll('a[href^=\"#\"]')].map(each => each.getAttribute('href').slice(1))")
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(each => each.id)")
    assert len(set(ids)) == len(ids)
    assert set(targets) <= set(ids)
    shown = page.locator("main").inner_text()
    assert json.loads((folder / "manifest.json").read_text())["command"] in shown
    rests = json.loads((folder / "evidence.json").read_text())
    for each in (number for file in rests["files"] for number in file["numbers"]):
        assert each["path"] in shown.replace("\u200b", "")
    for fact in rests["facts"]:
        assert " ".join(fact["says"].split()) in " ".join(shown.split())


def test_charts_are_drawn_and_can_be_scrolled_by_keyboard(pages: dict[str, Path], in_browser: Open) -> None:
    page = in_browser(pages["compare"], width=390).page
    boxes = page.locator(".chart")
    for index in range(boxes.count()):
        box = boxes.nth(index)
        assert box.locator("svg path").count() > 10
        sizes = box.evaluate("each => [each.scrollWidth, each.clientWidth, each.tabIndex]")
        assert sizes[0] > sizes[1], "text stays legible: the chart is wider than the phone"
        assert sizes[2] == 0
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the report"
    box = boxes.first
    box.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    for _ in range(100):  # it glides; a function that waits in the page would need eval, which the page forbids
        if box.evaluate("each => each.scrollLeft") > 0:
            return
        page.wait_for_timeout(50)
    pytest.fail("the arrow keys do not scroll the chart")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A report of a scenario whose words are an attack, are very long, or run from right to left."""
    (tmp_path / "scenarios").mkdir()
    long = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung" * 4
    scenario = {
        "kind": "scenario",
        "name": "mine",
        "title": f"{EVIL} 북한군의 파병 {long}",
        "extends": "surge-to-front",
        "days": 20,
        "injects": {"rumour": {"on": "day 3", "title": f"{EVIL} שלום \u202eevil", "source": "javascript:alert(1)"}},
        "variables": {"level": {"unit": EVIL, "path": {"day 0": {"value": 2, "note": f"{EVIL} مرحبا {long}"}}}},
    }
    (tmp_path / "scenarios" / "mine.yaml").write_text(json.dumps(scenario, ensure_ascii=False), encoding="utf-8")
    with chdir(tmp_path):
        phased("run", "mine", "--out", "out")
        folder = tmp_path / "out"
        (folder / "path.svg").write_bytes(_evil_svg((folder / "path.svg").read_text("utf-8")).encode())
        (folder / "summary.json").write_text(json.dumps({EVIL: [{EVIL: EVIL, "long": long}], "list": [[[[[{"a": EVIL}]]]]]}))
        phased("report", "out")
    return folder / "report.html"


def _evil_svg(svg: str) -> str:
    attack = (
        "<script>document.title='evil'</script><foreignObject><iframe xmlns='http://www.w3.org/1999/xhtml' src='https://a.test'/>"
        "</foreignObject><image href='https://a.test/x.png' width='9' height='9' onload='alert(1)'/>"
        "<use href='https://a.test/y.svg#z'/><rect width='9' height='9' style='fill:url(https://a.test/z)' onclick='alert(1)'/>"
        "<style>*{background:url(https://a.test/w)}</style><a href='javascript:alert(1)'><text>x</text></a>"
    )
    return svg.replace("<metadata>", f"{attack}<metadata>", 1)


def test_hostile_words_and_pictures_are_inert(hostile: Path, in_browser: Open) -> None:
    for width in (1280, 390):
        opened = in_browser(hostile, width=width)
        assert opened.asked == [hostile.as_uri()]
        assert opened.complaints == []
        assert opened.violations() == []
        assert opened.page.evaluate("document.documentElement.scrollWidth") == width
        page = opened.page
        assert "evil" not in page.title().partition("<script>")[0]
        banned = "script, iframe, object, embed, foreignObject, a[href^=javascript], [onload], [onclick], [onerror], body style"
        assert page.locator(banned).count() == 0
        assert page.locator("img[src=x]").count() == 0
        shown = page.locator("body").inner_text()
        assert EVIL in shown, "the words are shown as they are"
        assert "북한군의 파병" in shown
        assert "path.svg differs" in shown
        assert "summary.json differs" in shown
