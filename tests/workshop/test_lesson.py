"""What is in a page, without a browser: the engine's own counts, nothing from elsewhere, the same bytes each time."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.errors import BadInput, BadUsage, MissingExtra
from sim.work import How
from sim.workshop import html, lesson
from sim.workshop import words as words_module
from sim.workshop.pack import Packer, unpacked, words
from tests.workshop.made import FOUNDING, RUNS, Page, made


def told(page: Page) -> dict[str, Any]:
    text = page.path.read_text("utf-8")
    found = re.search(r'<script type="application/json" id="told">(.*?)</script>', text, re.DOTALL)
    assert found is not None
    document: dict[str, Any] = json.loads(found[1])
    return document


def numbers(page: Page) -> bytes:
    found = re.search(r'<script type="text/plain" id="packed">(.*?)</script>', page.path.read_text("utf-8"))
    assert found is not None
    return unpacked(found[1])


@pytest.mark.parametrize("policy", [0, 1])
@pytest.mark.parametrize(("world", "sd"), [(0, 0), (1, 0.25), (3, 1)])
@pytest.mark.parametrize(("point", "sets"), [(0, (1, 2)), (4, (15, 3)), (8, (29, 4))])
def test_counts_are_those_of_the_command(
    founding: Page, policy: int, world: int, sd: float, point: int, sets: tuple[int, int]
) -> None:
    data = told(founding)
    scenario = data["scenarios"][0]
    pair = scenario["pairs"][policy]
    assert (pair["runs"], scenario["worlds"], pair["points"]) == (RUNS, 4, 9)
    shape = (4, 9, 2, len(pair["days"]))
    found, above = (words(numbers(founding), pair[kind]["at"], shape)[world, point] for kind in ("reached", "above"))
    changed = (
        f"transitions.arm_defensively.confirm={sets[0]}",
        f"thresholds.front_line={sets[1]}",
        f"signposts.deployment_level.error.sd={sd}",
    )
    result = api.run(FOUNDING["scenarios"][0], FOUNDING["policies"][policy], runs=RUNS, sets=changed).result
    reached = [np.cumsum(each.counts) for each in result.first_passage.values()]
    np.testing.assert_array_equal(found, reached)
    np.testing.assert_array_equal(above - np.vstack([above[1:], above[:1] * 0]), result.occupancy[1:])
    assert (pair["above"] == pair["reached"]) == (policy == 0)  # the other can step down


def test_workers_change_no_byte(tmp_path: Path, founding: Page) -> None:
    again = made(tmp_path, **FOUNDING, how=How(2))
    assert again.path.read_bytes() == founding.path.read_bytes()


def test_a_page_asks_for_nothing(founding: Page) -> None:
    """No address to load from stands in what is ours; what the libraries hold is forbidden by the page's policy."""
    text = founding.path.read_text("utf-8")
    policy = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    assert policy[1].startswith("default-src &#x27;none&#x27;; script-src &#x27;sha256-")
    assert "unsafe-eval" not in policy[1]
    assert "unsafe-inline" not in policy[1].split("style-src")[0]
    ours = text.replace(html.libraries(), "")
    assert len(ours) < len(text)
    assert not re.findall(r"""(?:src|href)=(?!["']?(?:#|data:))|@import|url\(|import\(|fetch\(""", ours)
    assert len(text) < 1_500_000


@pytest.mark.parametrize("source", html.SOURCES)
def test_our_own_script_is_small(source: str) -> None:
    """All that a page runs of ours, the form included."""
    lines = html.script(source).splitlines()
    assert len(lines) < 400
    assert max(map(len, lines)) <= 130


def test_the_page_says_what_it_is(founding: Page) -> None:
    text = founding.path.read_text("utf-8")
    for words_ in (
        "Teaching model of stated positions, not a forecast.",
        "numbers are assumed",
        f"settings with {RUNS} runs each, seed 1; every day is kept",
        "wait: 3 values; threshold: 3 values",
        "phased page …",
    ):
        assert words_ in text, words_


def test_settings_are_counted(founding: Page) -> None:
    assert founding.lesson.settings == 2 * 9 * 4 + 2 * 9  # the plain scenario has no error to move


def test_a_plain_pair_is_one_path(founding: Page) -> None:
    plain = told(founding)["scenarios"][1]
    assert [pair["runs"] for pair in plain["pairs"]] == [1, 1]
    assert len(plain["pairs"][0]["rules"]) == 1


def test_the_form_has_the_days_of_plain_scenarios(founding: Page) -> None:
    days = told(founding)["form"]["days"]
    assert [(each["name"], each["note"]) for each in days] == [("surge-to-front", ""), ("gradual-rise", "")]
    at = days[0]["signposts"]["deployment_level"]["at"]
    seen = np.frombuffer(numbers(founding), "<f8", 365, at)
    assert list(seen[:9]) == [2, 2, 2, 2, 2, 2, 2, 3, 3]


def test_a_world_that_answers_has_a_fan_for_each_setting(answering: Page) -> None:
    fan = told(answering)["scenarios"][0]["signposts"]["deployment_level"]["fan"]
    assert (fan["settings"], fan["days"][:3], fan["days"][-1]) == (3, [0, 7, 14], 364)
    found = words(numbers(answering), fan["at"], (4, 3, 5, len(fan["days"])))[3, 1] * fan["step"] + fan["low"]
    sets = ("transitions.arm_defensively.confirm=15", "reactions.provoked.push.deployment_level=0.024")
    result = api.run("reciprocity-provoking-uncertain", "phased-approach", runs=60, sets=sets).result
    np.testing.assert_allclose(found, result.signposts["deployment_level"].quantiles[:, fan["days"]], atol=fan["step"])


def test_what_does_not_fit_keeps_fewer_days(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, founding: Page) -> None:
    size = len(founding.path.read_bytes())
    monkeypatch.setattr(lesson, "LIMIT", size - 4_000)
    coarser = made(tmp_path, **FOUNDING)
    assert coarser.lesson.stride > 1
    assert len(coarser.path.read_bytes()) < size - 4_000
    assert "th day is kept" in coarser.path.read_text("utf-8")
    monkeypatch.setattr(lesson, "LIMIT", 100_000)
    with pytest.raises(BadUsage, match=r"the page would be larger than 0\.1 MB"):
        made(tmp_path, **FOUNDING)


def test_numbers_survive_the_page() -> None:
    rng = np.random.default_rng(5)
    counts = rng.integers(0, 65_536, (3, 4, 30)).astype(np.int32)
    levels = rng.normal(0, 1e4, (2, 5, 30))
    packer = Packer(7)
    first, second = packer.counts(counts), packer.levels(levels)
    packed = unpacked(packer.packed())
    days = [0, 7, 14, 21, 28, 29]
    np.testing.assert_array_equal(words(packed, first["at"], (3, 4, 6)), counts[..., days])
    back = words(packed, second["at"], (2, 5, 6)) * second["step"] + second["low"]
    np.testing.assert_allclose(back, levels[..., days], atol=second["step"])


def test_what_cannot_be_moved(tmp_path: Path) -> None:
    def refused(slider: str, error: type[Exception] = BadUsage, **more: Any) -> str:
        with pytest.raises(error) as caught:
            made(tmp_path, **{**FOUNDING, "sliders": (slider,), **more})
        return str(caught.value)

    assert "no policy or scenario here has a number at thresholds.front" in refused("x=thresholds.front:1:2")
    assert "the sliders span" in refused("x=thresholds.front_line:1:3:0.1", sliders=("x=thresholds.front_line:1:3:0.1",) * 4)
    assert "transitions.arm_defensively.lag" in refused("x=transitions.arm_defensively.lag:-5:3", BadInput)
    assert "must be from 1 to 65,535" in refused("x=thresholds.front_line:1:3", runs=70_000)


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "altair", None)
    with pytest.raises(MissingExtra, match=r"pip install 'phased\[workshop\]'"):
        made(tmp_path, **FOUNDING)


# Languages -----------------------------------------------------------------------------------------------------------------


def keys_of(script: str) -> set[str]:
    """The English texts of t`…`, with {0}, {1} … for what is filled in, at every depth."""
    found = set()
    for start in (match.end() for match in re.finditer(r"\bt`", script)):
        text, depth, place, at = "", 0, 0, start
        while depth or script[at] != "`":
            if script.startswith("${", at) and not depth:
                text, depth, place, at = f"{text}{{{place}}}", 1, place + 1, at + 2
                continue
            if depth:
                depth += {"{": 1, "}": -1}.get(script[at], 0)
            else:
                text += script[at]
            at += 1
        found.add(text)
    return found


def test_every_text_of_the_page_has_its_korean_words() -> None:
    table = words_module.words(["ko"])["ko"]
    markup = html.own("page.html")
    fixed = {text.strip() for text in re.findall(r">([^<>{}]*[A-Za-z][^<>{}]*)<", markup.split("<body>")[1])}
    labels = set(re.findall(r'aria-label="([^"]+)"', markup))
    spoken = set().union(*(keys_of(html.script(source)) for source in html.SOURCES))
    assert len(spoken) > 40
    notes = {"the other side's answer is left out", "one simulated run"}
    assert not (fixed | labels | spoken | notes) - table.keys()
    for english, korean in table.items():
        assert set(re.findall(r"\{\d\}", english)) == set(re.findall(r"\{\d\}", korean)), english
        assert re.search("[\uac00-\ud7a3]", korean) or english == "%b %Y", english


def test_a_language_is_offered_where_the_files_have_it(founding: Page, answering: Page, hostile: Page) -> None:
    for page in (founding, answering):
        assert '<option value="ko" lang="ko">한국어</option>' in page.path.read_text("utf-8")
    assert "한국어" not in hostile.path.read_text("utf-8")  # its labels are in one language, whichever
    policy = told(founding)["policies"][0]
    assert policy["others"] == {"ko": "2024년 10월에 밝힌 서울의 단계적 접근"}
    assert [phase["others"]["ko"] for phase in policy["phases"]] == ["조치 없음", "방어용 무기", "공격적 조치"]
