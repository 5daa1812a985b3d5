from __future__ import annotations

import re
from pathlib import Path

from tests.cli.shell import phased

QUICK = ("surge-to-front", "--policy", "phased-approach", "--steps", "2", "--runs", "10")


def test_one_file_and_what_it_holds(here: Path) -> None:
    text = phased("page", *QUICK).stdout
    assert "16 settings, 10 runs each, every day kept" in text
    assert re.search(r"Wrote lesson\.html: 0\.\d\d MB, one file that works offline", text)
    assert [path.name for path in here.iterdir()] == ["lesson.html"]
    page = (here / "lesson.html").read_text("utf-8")
    assert "phased page surge-to-front --policy phased-approach --steps 2 --runs 10 --seed 1" in page


def test_the_command_on_the_page_makes_the_same_page(here: Path) -> None:
    sliders = ("--slider", "wait=transitions.arm_defensively.confirm:1:15:7", "--title", "Wie lange warten? & <b>")
    phased("page", *QUICK, *sliders, "-o", "a/b.html")
    page = (here / "a" / "b.html").read_text("utf-8")
    assert "3 settings" not in page or "wait: 3 values" in page
    assert "<title>Wie lange warten? &amp; &lt;b&gt;</title>" in page
    phased("page", *QUICK, *sliders, "-o", "again.html")
    assert (here / "again.html").read_bytes() == page.encode()


def test_mistakes_leave_no_file(here: Path) -> None:
    for words, message in (
        (("surge-to-frnt", "--policy", "phased-approach"), "did you mean 'surge-to-front'"),
        (("surge-to-front",), "Missing option '--policy'"),
        ((*QUICK, "--slider", "x=1"), "--slider must be NAME=PATH:FROM:TO"),
        ((*QUICK, "--slider", "x=thresholds.nowhere:1:2"), "no policy or scenario here has a number at thresholds.nowhere"),
        ((*QUICK, "--slider", "x=transitions.arm_defensively.lag:-3:2"), "transitions.arm_defensively.lag"),
        ((*QUICK, "--runs", "100000"), "--runs must be from 1 to 65,535 on a page"),
        ((*QUICK, "--steps", "1"), "1 is not in the range"),
    ):
        result = phased("page", *words, code=2)
        assert message in result.output, result.output
        assert list(here.iterdir()) == []


def test_a_page_that_is_there_stays_when_the_next_fails(here: Path) -> None:
    phased("page", *QUICK)
    before = (here / "lesson.html").read_bytes()
    phased("page", *QUICK, "--slider", "x=thresholds.nowhere:1:2", code=2)
    assert (here / "lesson.html").read_bytes() == before
