"""discover: conditions with coverage and density, in the sample and on fresh cases."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from sim import api
from sim.errors import BadUsage
from tests.cli.shell import contents, phased, phased_json

SCENARIO = "surge-to-front-uncertain"
LEVEL = "variables.deployment_level.path.2024-10-31"
BIAS = "signposts.deployment_level.bias"
ASKED = ("discover", SCENARIO, "--phase", "offensive_measures")
SMALL = ("--cases", 300, "--replications", 10)


def test_sustained_combat_at_once_is_what_brings_offensive_measures_within_two_months() -> None:
    document = phased_json(*ASKED, *SMALL, "--by", "2024-12-23", "--out", "out")
    assert document["by"] == 60
    assert phased_json(*ASKED, *SMALL, "--by", "day 60") == phased_json(*ASKED, *SMALL, "--by", 60) == document
    box = document["boxes"][0]
    (condition,) = box["conditions"]
    assert (condition["factor"], condition["values"], condition["unit"]) == (LEVEL, [4], "rung")
    assert box["fresh"]["density"] > 0.9
    assert box["fresh"]["coverage"] > 0.8
    with Path("out/cases.csv").open(newline="") as file:
        cases = list(csv.DictReader(file))
    for name in ("sample", "fresh"):
        those = [row for row in cases if row["design"] == name]
        level, interest = (np.array([float(row[key]) for row in those]) for key in (LEVEL, "of_interest"))
        assert len(those) == 300
        assert box[name]["density"] == interest[level == 4].mean()
        assert box[name]["coverage"] == interest[level == 4].sum() / interest.sum()


def test_what_is_printed_and_written() -> None:
    found = phased(*ASKED, *SMALL, "--by", 60).stdout
    assert "Offensive measures reached by 2024-12-23 in at least 50% of a case's replications." in found
    assert "Two Latin hypercubes of 300 cases over 9 factors" in found
    assert f"{LEVEL}  assumed  4 rung" in found
    assert "On fresh cases" in found
    assert "numbers are assumed. Teaching model" in found
    folder = Path(f"reports/discover--{SCENARIO}--phased-approach--offensive_measures")
    made = contents(folder)
    assert {"boxes.csv", "boxes.png", "boxes.svg", "cases.csv", "trajectory.csv", "discover.json", "manifest.json"} <= set(made)
    assert made["boxes.csv"].decode().splitlines()[0] == "box,factor,grade,unit,low,high,values,quasi_p"
    document = json.loads(made["discover.json"])
    steps = made["trajectory.csv"].decode().splitlines()[1:]
    assert len(steps) == sum(len(each["trajectory"]) for each in document["boxes"])
    assert sum(int(line.split(",")[2]) for line in steps) == len(document["boxes"])
    assert {"PRIM", "scipy"} <= set(json.loads(made["manifest.json"])["libraries"])
    assert "Reproduced" in phased("rerun", folder).stdout


def test_every_choice_stands_in_the_manifest() -> None:
    words = ("--threshold", 0.25, "--boxes", 1, "--step", 1, "--by", "2025-01-22", "--set", "days=200", "--no-charts")
    phased(*ASKED, *SMALL, *words, "--workers", 2, "--out", "out")
    assert "Reproduced" in phased("rerun", "out").stdout
    document = json.loads(Path("out/discover.json").read_text())
    assert document["threshold"] == 0.25
    assert [each["chosen"] for each in document["boxes"]] in ([], [1])


@pytest.mark.parametrize(
    ("policy", "by", "told"),
    [("phased-approach", 1, "No case is of interest"), ("phased-approach", None, "Every case is of interest")],
)
def test_where_there_is_no_condition_to_find_it_says_so(policy: str, by: int | None, told: str) -> None:
    words = ("--by", by) if by else ("--threshold", 0.1, "--phase", "defensive_weapons")
    found = phased(*ASKED, *SMALL, "--policy", policy, *words, "--out", "out")
    assert told in found.stdout
    assert json.loads(Path("out/discover.json").read_text())["boxes"] == []
    assert "boxes.png" not in contents(Path("out"))


def test_fresh_replications_show_what_few_replications_cannot_carry() -> None:
    """About half of the futures on rung 3 reach the phase: of ten replications just as many by chance. Fresh ones say so."""
    document = phased_json(*ASKED, *SMALL)
    box = document["boxes"][0]
    assert document["of_interest"] > document["of_interest_fresh"] + 0.1
    assert box["sample"]["density"] > 0.95
    assert box["fresh"]["density_interval"][1] < 0.85


def test_a_box_that_fresh_cases_refute_is_told() -> None:
    """The same five replications for all cases: a bias that luck made matter in them, and in no others."""
    words = ("--cases", 100, "--replications", 5, "--by", "2024-12-23", "--out", "out")
    found = phased(*ASKED, *words).stdout
    told = "Box 2: on fresh cases not clearly denser than all cases (20% of interest): do not rely on it."
    assert told in found
    assert found.count("do not rely on it") == 1
    assert "all cases share the same few replications" in found
    first, second = json.loads(Path("out/discover.json").read_text())["boxes"]
    assert first["denser_on_fresh_cases"] is True
    assert second["denser_on_fresh_cases"] is False
    assert max(each["quasi_p"] for each in second["conditions"]) < 0.001
    assert second["fresh"]["density"] == 0


def test_a_step_that_there_is_not_is_refused() -> None:
    def said(*words: object) -> str:
        return phased(*ASKED, *SMALL, *words, "--step", 999, code=2).stderr

    last = len(phased_json(*ASKED, *SMALL, "--by", 60)["boxes"][0]["trajectory"]) - 1
    assert f"--step is a step of the first trajectory, 0 to {last}, got 999" in said("--by", 60)
    assert "0 to 0, as every case is of interest, got 999" in said("--threshold", 0.1, "--phase", "defensive_weapons")
    assert not [path for path in Path().rglob("*") if path.is_file()]


DAYS = "--by is a date, 2024-10-24 to 2025-10-23, or a day of the run, 0 to 364, got "


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--phase", "offensive"), "unknown phase above the lowest 'offensive'"),
        (("--phase", "no_action"), "unknown phase above the lowest 'no_action'"),
        (("--by", "soon"), f"{DAYS}'soon'"),
        (("--by", 365), f"{DAYS}'365'"),
        (("--by", "2024-10-01"), f"{DAYS}'2024-10-01'"),
        (("--by", "2030-01-01"), f"{DAYS}'2030-01-01'"),
        (("--by", 200, "--set", "days=90"), "2024-10-24 to 2025-01-21, or a day of the run, 0 to 89, got '200'"),
        (("--threshold", 0), "--threshold is a share"),
        (("--threshold", 1.5), "--threshold is a share"),
    ],
)
def test_wrong_usage_writes_nothing(words: tuple[object, ...], told: str) -> None:
    assert told in phased(*ASKED, *words, code=2).stderr
    assert not [path for path in Path().rglob("*") if path.is_file()]


def test_python_is_told_the_same() -> None:
    with pytest.raises(BadUsage, match=f"{DAYS}365$"):
        api.discover(SCENARIO, phase="offensive_measures", by=365)


def test_a_pair_without_factors_has_nothing_to_discover() -> None:
    assert "has no uncertain number" in phased("discover", "surge-to-front", "--phase", "offensive_measures", code=2).stderr
