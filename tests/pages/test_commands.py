"""Pages of the commands that explain, measure and check: their files are known by their shape, and not told as they are."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sim.pages import File, Report, page
from tests.cli.shell import phased

FIXED = ("--no-charts", "--out", "out")


@pytest.fixture
def shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path / "out"


def words(folder: Path) -> str:
    phased("report", folder)
    return " ".join(re.sub(r"<[^>]*>", " ", (folder / "report.html").read_text("utf-8").replace("<wbr>", "")).split())


def test_an_explanation(shown: Path) -> None:
    phased("explain", "surge-to-front", *FIXED)
    text = words(shown)
    assert "Why this run went as it did" in text
    document = json.loads((shown / "explanation.json").read_text())
    assert document["flips"]["nearest"]["words"] in text.replace("&gt;", ">").replace("&lt;", "<")
    assert "arm_defensively deployment_level &gt;= front_line" in text
    assert "Taken 2024-10-31 2024-10-31" in text
    assert "one run stands for all" in text
    assert "one run of many" not in text


def test_an_explanation_of_one_run_of_many(shown: Path) -> None:
    phased("explain", "surge-to-front-uncertain", "--run", 3, *FIXED)
    assert "This is one run of many: run 3 of seed 1." in words(shown)


def test_an_explanation_where_the_world_answers_has_one_policy(shown: Path) -> None:
    phased("explain", "reciprocity-provoking", *FIXED)
    text = words(shown)
    assert "Phases push the world here" in text
    assert "two policies" not in text


def test_trigger_quality(shown: Path) -> None:
    phased("quality", "rear-labour-uncertain", "--runs", 20, "--vary", "transitions.arm_defensively.confirm=1:3:2", *FIXED)
    text = words(shown)
    assert "How triggers fell against the twin that sees perfectly" in text
    assert "False alarms and delay over transitions.arm_defensively.confirm" in text
    document = json.loads((shown / "quality.json").read_text())
    first = document["columns"][0]["as_given"]["transitions"][0]
    assert f"{first['name']} 0 days {first['on_time']['share']:.0%} (" in text
    assert "over 20 runs" in text


def test_a_check_with_reach(shown: Path) -> None:
    phased("check", "phased-approach", "--reach", *FIXED)
    text = words(shown)
    assert "What the check found" in text
    reach = json.loads((shown / "findings.json").read_text())["reach"]
    for phase, each in reach.items():
        assert f"{phase.replace('_', ' ').capitalize()} {each['day']} " in text

    assert "not what is likely: no ensemble is simulated" in text
    assert "taken as free of each other" in text
    phased("check", "phased-approach", *FIXED)
    assert "no ensemble" not in words(shown), "it says so of fastest days, and of nothing else"


def test_losses_are_evidence_of_their_own(shown: Path) -> None:
    given = ("--policy", "restrained", "--policy", "step-down", "--runs", 10, *FIXED)
    phased("compare", "withdrawal", "--losses", "example", *given)
    text = words(shown)
    head, _, rest = text.partition("On this page")
    assert "Of the losses 10 of 10 are assumed." in head
    assert "The losses: Example of losses" in rest
    assert "weights.late_matters.late.offensive_measures 10 points per day assumed" in rest
    assert "Regret hangs on the losses as stated" in rest
    assert "set of policies compared" in rest
    phased("compare", "withdrawal", *given)
    assert "losses" not in words(shown).partition("How it was made")[0].lower()


def test_a_known_name_with_another_shape_is_told_as_it_is() -> None:
    for name in ("explanation.json", "quality.json", "findings.json", "comparison.json", "hindcast.json"):
        file = File(name, "differs", "0" * 64, 9, b'{"some_thing": 3}')
        text = page(Report("phased run x", 1, {}, {}, (file,), "1"))
        assert "Some thing" in text, name
