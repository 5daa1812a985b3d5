from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.errors import BadUsage
from tests.cli.shell import contents, phased, phased_json

CASES = [
    ("surge-to-front",),
    ("surge-to-front-uncertain", "--run", "17"),
    ("withdrawal", "--policy", "step-down"),
    ("rear-labour", "--policy", "restrained"),
    ("reciprocity-provoking-uncertain", "--policy", "step-down", "--run", "5"),
]


@pytest.fixture(scope="module", params=CASES, ids=["-".join(case[:3]) for case in CASES])
def both(request: pytest.FixtureRequest) -> tuple[tuple[str, ...], str, Any]:
    """(words, text, JSON)"""
    words = request.param
    return words, " ".join(phased("explain", *words, "--out", "x", "--no-charts").stdout.split()), phased_json("explain", *words)


@pytest.fixture(scope="module", autouse=True)
def _in_a_folder_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("explain"))
        yield


def date(told: Any, day: int) -> str:
    return str(np.datetime64(told["start"]) + day)


def test_the_text_says_what_the_json_says(both: tuple[tuple[str, ...], str, Any]) -> None:
    _, text, told = both
    for story in told["transitions"]:
        for each in story["decisions"]:
            assert f"decided {each['decided_date']} (day {each['decided']}), held since {each['held_since_date']}" in text
            assert date(told, each["decided"]) == each["decided_date"]
        near = story["near"]
        if near:
            assert f"nearest {near['date']} (day {near['day']})" in text
            assert f"held {near['held_days']:,} of the {near['days']:,} day" in text
            assert f"confirmation at most {near['count']} of {story['confirm']['days']} day" in text
        assert story["name"] in text
        shown = [*story["decisions"], *([near] if near else [])]
        for name, number in (pair for each in shown for pair in each["thresholds"].items()):
            grade = ", ".join([number["grade"], *number["evidence"]])
            assert f"against {name} {number['value']:g} {number['unit']} ({grade})" in text
            for rival in number["rivals"]:
                assert f"{rival['name']} {rival['value']} ({rival['grade']}" in text
    flips = told["flips"]
    if flips["nearest"]:
        assert flips["nearest"]["words"].split(":")[0] in text
        assert flips["nearest"]["words"].split(": ")[1] in text
    for number in flips["numbers"]:
        for flip in (*number["nearest"].values(), *number["nearest_adding_or_removing"].values()):
            assert flip["words"].split(": ")[1] in text
            assert f"{'↓' if flip['to'] < flip['from'] else '↑'} {flip['to']:g}" in text
        if not number["nearest"]:
            assert number["label"] in text.split("Whatever they are, nothing changes:")[1]
    for id_, fact in told["facts"].items():
        assert f"{id_} {fact['who']}" in text
        assert " ".join(fact["says"].split()) in text
    assert text.endswith("Teaching model of stated positions, not a forecast.")


def test_the_json_agrees_with_path_and_with_itself(both: tuple[tuple[str, ...], str, Any]) -> None:
    words, _, told = both
    path = phased_json("path", *words)
    assert {key: told[key] for key in path} == path
    taken = [(each["until"], story["name"]) for story in told["transitions"] for each in story["decisions"]]
    assert sorted(taken) == sorted((each["day"], each["transition"]) for each in path["path"])
    for story in told["transitions"]:
        assert len(story["margin"]["seen"]) == len(story["count"]) == told["days"]
        for margin, held in zip(story["margin"]["seen"], story["held"]["seen"], strict=True):
            assert margin is None or margin == 0 or (margin > 0) is held
        cited = {id_ for each in story["decisions"] for number in each["thresholds"].values() for id_ in number["evidence"]}
        assert cited | set(story["evidence"]) <= set(told["facts"])


def test_flips_are_what_path_says_of_the_policy_with_that_number(both: tuple[tuple[str, ...], str, Any]) -> None:
    """Through the files: `--set` in place of the search's own machinery."""
    words, _, told = both
    flips = [told["flips"][key] for key in ("nearest", "nearest_adding_or_removing") if told["flips"][key]]
    for flip in flips:
        changed = f"policy.{flip['path']}={flip['to']:g}"
        path = phased_json("path", *words, "--set", changed)["path"]
        assert [(each["transition"], each["decided"], each["day"]) for each in path] == [
            (each["transition"], each["decided"], each["day"]) for each in flip["transitions"]
        ]
        assert path != told["path"]


def test_the_founding_case() -> None:
    told = phased_json("explain", "surge-to-front")
    (decision,) = told["transitions"][0]["decisions"]
    assert decision["on_the_day"]["margin"] == {"seen": 0.0, "true": 0.0}
    assert decision["on_the_day"]["decided_by"]["seen"] == 0
    assert told["transitions"][1]["near"]["on_the_day"]["margin"]["seen"] == -1.0
    nearest = told["flips"]["nearest"]
    assert (nearest["label"], nearest["bound"], nearest["at_bound"], nearest["change"]) == ("front_line", 3.0, False, 0.0)
    assert nearest["words"] == "front_line 3 → 3.1 rung: arm_defensively does not happen"
    assert told["facts"]["F10"]["outlet"] == "The Daily Digest, citing Newsweek"
    assert told["facts"]["F10"]["date"] == "2024-10-22"


def test_a_report_is_made_and_made_again(here: Path) -> None:
    phased("explain", "surge-to-front", "--no-charts")
    line = ("--set", "thresholds.front_line.value=2.5")
    phased("explain", "surge-to-front-uncertain", "--run", 17, "--policy", "step-down", *line)
    one, other = sorted(each.name for each in (here / "reports").iterdir())
    assert (one, other) == ("explain--surge-to-front--phased-approach", "explain--surge-to-front-uncertain--step-down--run-17")
    made = contents(here / "reports" / other)
    assert {"explanation.json", "explanation.png", "explanation.svg", "manifest.json"} <= made.keys()
    told = json.loads(made["explanation.json"])
    assert (told["run"], told["seed"], told["schema"]) == (17, 1, 1)
    for folder in (one, other):
        assert "Reproduced" in phased("rerun", here / "reports" / folder).stdout


def test_json_alone_writes_nothing(here: Path) -> None:
    phased_json("explain", "surge-to-front")
    assert list(here.iterdir()) == []
    phased_json("explain", "surge-to-front", "--out", here / "there", "--no-charts")
    assert sorted(contents(here)) == [f"there/{name}.json" for name in ("evidence", "explanation", "manifest")]


def test_mistakes_write_nothing(here: Path) -> None:
    assert "unknown scenario" in phased("explain", "surge-to-frnt", code=2).output
    assert "Invalid value for '--run'" in phased("explain", "surge-to-front", "--run", -1, code=2).output
    assert list(here.iterdir()) == []


def test_a_single_path_has_only_one_run() -> None:
    assert phased_json("explain", "surge-to-front", "--run", 5) == phased_json("explain", "surge-to-front")
    told = phased("explain", "surge-to-front", "--run", 5, "--no-charts").stdout
    assert "one path: nothing in it is uncertain, so every run is this one" in told
    with pytest.raises(BadUsage):
        api.explain("surge-to-front", run=-1)


def test_windows_and_uncertain_numbers_are_said() -> None:
    window = ("--set", "transitions.arm_defensively.confirm={days: 2, of: 3}")
    text = phased("explain", "surge-to-front", *window, "--no-charts").stdout
    assert "it must hold on 2 of 3 days" in text
    assert "Not varied: the confirmation of arm_defensively, which is m of the last n days." in text
    drawn = phased("explain", "surge-to-front", "--policy", "capacity-limited", "--run", 3, "--no-charts").stdout
    assert "drawn from lognormal 60–1860 (5–95%)" in drawn
    assert "351 days (drawn)" in drawn
