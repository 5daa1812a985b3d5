from __future__ import annotations

import csv
import io
import itertools
from pathlib import Path
from typing import Any

import pytest

from tests.cli.shell import phased, phased_json


def test_the_founding_case() -> None:
    assert phased_json("path", "surge-to-front") == {
        "path": [
            {
                "day": 7,
                "date": "2024-10-31",
                "from": "no_action",
                "to": "defensive_weapons",
                "transition": "arm_defensively",
                "decided": 7,
                "because": {
                    "guard": "deployment_level >= front_line or special_forces >= special_forces_sent",
                    "values": {"deployment_level": 3.0, "special_forces": 0.0},
                    "thresholds": {
                        "front_line": {"value": 3.0, "unit": "rung", "grade": "implied", "evidence": ["F10"]},
                        "special_forces_sent": {"value": 1.0, "unit": "flag", "grade": "implied", "evidence": ["F14"]},
                    },
                    "held_since": "2024-10-31",
                },
            }
        ],
        "pending": None,
        "phase": ["no_action"] * 7 + ["defensive_weapons"] * 358,
    }


def test_the_text_says_the_same() -> None:
    text = phased("path", "surge-to-front").stdout
    assert "2024-10-31 (day 7)" in text
    assert "front_line 3 rung (implied, F10)" in text
    assert "12 of 16 numbers are assumed. Teaching model of stated positions, not a forecast." in text
    assert "No transition: No action throughout." in phased("path", "surge-to-front", "--policy", "restrained").stdout


def test_held_since_and_pending() -> None:
    confirmed = phased_json("path", "surge-to-front", "--set", "transitions.arm_defensively.confirm=5")
    (step,) = confirmed["path"]
    assert (step["day"], step["decided"], step["because"]["held_since"]) == (11, 11, "2024-10-31")
    late = ("path", "surge-to-front", "--set", "transitions.arm_defensively.lag=400")
    assert phased_json(*late)["pending"] == {"transition": "arm_defensively", "decided": 7, "due": 407}
    assert "Pending at the end: arm_defensively, decided 2024-10-31 (day 7), due 2025-12-05 (day 407)" in phased(*late).stdout
    lagged = phased_json("path", "surge-to-front", "--set", "transitions.arm_defensively.lag=14")["path"][0]
    assert (lagged["decided"], lagged["day"], lagged["date"]) == (7, 21, "2024-11-14")


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, str]]:
    out = tmp_path_factory.mktemp("run")
    words = ("run", "hindcast-kursk-counts-uncertain", "--policy", "step-down", "--runs", 40, "--seed", 5, "--no-charts")
    phased(*words, "--out", out)
    return list(csv.DictReader(io.StringIO((out / "runs.csv").read_text(encoding="utf-8"), newline="")))


@pytest.mark.parametrize("run", [0, 17, 39])
def test_a_run_of_an_ensemble_can_be_drawn_alone(rows: list[dict[str, str]], run: int) -> None:
    document = phased_json("path", "hindcast-kursk-counts-uncertain", "--policy", "step-down", "--seed", 5, "--run", run)
    phases = ["no_action", "defensive_weapons", "offensive_measures"]
    row = rows[run]
    for index, phase in enumerate(phases[1:], start=1):
        up = [each for each in document["path"] if phases.index(each["to"]) >= index]
        expected = (str(up[0]["day"]), str(up[0]["decided"])) if up else ("", "")
        assert (row[f"{phase}.first"], row[f"{phase}.decided"]) == expected
    assert row["final_phase"] == document["phase"][-1]
    assert row["transitions"] == str(len(document["path"]))
    assert {phase: row[f"{phase}.days"] for phase in phases} == {phase: str(document["phase"].count(phase)) for phase in phases}


def test_phases_and_transitions_agree() -> None:
    document: Any = phased_json("path", "hindcast-kursk-counts-uncertain", "--policy", "step-down", "--run", 3)
    changes = [day for day, (a, b) in enumerate(itertools.pairwise(document["phase"]), start=1) if a != b]
    assert changes == [each["day"] for each in document["path"] if each["day"] > 0]
    assert len(document["path"]) >= 1
    for each in document["path"]:
        assert document["phase"][each["day"]] == each["to"]
        assert each["decided"] <= each["day"]


def test_a_single_path_has_only_one_run(here: Path) -> None:
    text = phased("path", "surge-to-front", "--run", 5).stdout
    assert "one path: nothing in it is uncertain" in text
    assert phased_json("path", "surge-to-front", "--run", 5) == phased_json("path", "surge-to-front")
    assert list(here.iterdir()) == []
