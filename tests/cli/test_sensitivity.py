"""sensitivity: what it prints and writes, and what it says where there is nothing to say."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

from tests.cli.shell import contents, phased, phased_json

SCENARIO = "surge-to-front-uncertain"
LEVEL = "variables.deployment_level.path.2024-10-31"
BIAS = "signposts.deployment_level.bias"
SMALL = ("--samples", 64, "--set", "days=120")


def test_tables_and_json_say_the_same() -> None:
    names = ("offensive_measures.first", "offensive_measures.reached", "no_action.days")
    asked = [word for name in names for word in ("--measure", name)]
    document = phased_json("sensitivity", SCENARIO, *SMALL, *asked, "--no-charts", "--out", "out")
    assert json.loads(Path("out/sensitivity.json").read_text()) == document
    assert [each["measure"] for each in document["measures"]] == list(names)
    assert (document["cases"], document["runs"], document["replications"]) == (64 * 11, 64 * 11 * 10, 10)
    assert len(document["factors"]) == 9
    with Path("out/indices.csv").open(newline="") as file:
        indices = list(csv.DictReader(file))
    assert len(indices) == 27
    told = {each["factor"]: each for each in document["measures"][0]["indices"]}
    for row in indices[:9]:
        assert float(row["total"]) == told[row["factor"]]["total"]
        assert row["grade"] == told[row["factor"]]["grade"] == "assumed"
    with Path("out/tornado.csv").open(newline="") as file:
        swings = list(csv.DictReader(file))
    first = document["measures"][0]["tornado"][0]
    assert (swings[0]["factor"], float(swings[0]["difference"])) == (first["factor"], first["difference"])
    assert (swings[0]["unit"], swings[0]["factor_unit"]) == ("days", "rung")
    share = document["measures"][1]
    assert share["unit"] == "share of replications"
    assert 0 < share["noise_share"] < 1
    assert 0 < share["noise_share_of_one_run"] < 1


def test_the_founding_case_hangs_on_two_of_nine_numbers() -> None:
    """Those that the guards do not see have no effect in any case: their total index is exactly 0."""
    document = phased_json("sensitivity", SCENARIO, "--samples", 256)
    for measure in document["measures"]:
        total = {each["factor"]: each["total"] for each in measure["indices"]}
        assert {name for name, value in total.items() if value} == {LEVEL, BIAS}
        assert total[LEVEL] > total[BIAS]
        assert measure["tornado"][0]["factor"] == LEVEL
        assert measure["tornado"][0]["at"] == [2, 4]
    printed = phased("sensitivity", SCENARIO, *SMALL, "--no-charts").stdout
    assert "the same 10 replications each, seed 1" in printed
    assert "No effect in any case: variables.troops_in_russia.path.2024-10-24" in printed
    assert "of the variance of a single run" in printed
    assert "numbers are assumed. Teaching model" in printed


def test_a_report_is_made_again_byte_for_byte_with_any_workers() -> None:
    phased("sensitivity", SCENARIO, *SMALL, "--measure", "offensive_measures.first", "--workers", 2)
    folder = Path(f"reports/sensitivity--{SCENARIO}--phased-approach")
    assert {"indices.png", "indices.svg", "tornado.png", "sensitivity.json"} <= set(contents(folder))
    assert {"SALib", "scipy"} <= set(json.loads((folder / "manifest.json").read_text())["libraries"])
    assert "Reproduced: all 8 files are the same" in phased("rerun", folder).stdout


def test_where_nothing_is_uncertain_it_says_so() -> None:
    found = phased("sensitivity", "surge-to-front", "--out", "out")
    assert "Nothing in this pair is an uncertain number, so that no factor can matter." in found.stdout
    document = json.loads(Path("out/sensitivity.json").read_text())
    assert (document["factors"], document["cases"]) == ([], 0)
    assert document["measures"][0]["indices"] is None
    assert document["measures"][0]["mean"] == 7
    assert not list(Path("out").glob("*.png"))


def test_where_a_measure_never_varies_it_says_so() -> None:
    found = phased("sensitivity", SCENARIO, *SMALL, "--set", "thresholds.front_line.value=99", "--out", "out")
    assert "It is 120 in every case: it does not vary, so that no index is defined." in found.stdout
    document = json.loads(Path("out/sensitivity.json").read_text())
    assert document["measures"][0]["indices"] is None
    assert "NaN" not in Path("out/sensitivity.json").read_text()


def test_one_factor_without_noise() -> None:
    given = ("--set", "transitions.arm_defensively.confirm={uniform: [1, 20]}", "--samples", 64)
    document = phased_json("sensitivity", "surge-to-front", *given, "--out", "out")
    (index,) = document["measures"][0]["indices"]
    assert index["total"] == pytest.approx(1, abs=0.05)
    assert document["noisy"] is False
    assert document["replications"] == 1
    (swing,) = document["measures"][0]["tornado"]
    assert (swing["difference"], swing["se"]) == (17, None)  # from 2 days in a row, at 1.95, to 19, at 19.05
    assert "No daily noise: all of its variance comes from the factors." in phased("sensitivity", "surge-to-front", *given).stdout


def test_one_replication_cannot_tell_the_noise() -> None:
    found = phased("sensitivity", SCENARIO, *SMALL, "--replications", 1, "--no-charts")
    assert "With one replication the share of daily noise cannot be told" in found.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--samples", 100), "--samples must be a power of two, such as 64 or 128, got 100"),
        (("--measure", "offensive.first"), "unknown measure 'offensive.first'"),
        (("--policy", "nobody"), "nobody"),
    ],
)
def test_wrong_usage_writes_nothing(words: tuple[object, ...], told: str) -> None:
    assert told in phased("sensitivity", SCENARIO, *words, code=2).stderr
    assert not [path for path in Path().rglob("*") if path.is_file()]


@pytest.mark.parametrize(
    ("words", "missing"),
    [
        (("sensitivity", SCENARIO, *SMALL), "SALib.sample.sobol"),
        (("discover", SCENARIO, "--phase", "offensive_measures"), "scipy.stats.qmc"),
        (("discover", SCENARIO, "--phase", "offensive_measures", "--cases", 50, "--replications", 2), "prim"),
        (("run", SCENARIO, "--design", "sobol", "--cases", 4), "scipy.stats.qmc"),
    ],
)
def test_a_missing_extra_is_named(words: tuple[object, ...], missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    assert "pip install 'phased[analysis]'" in phased(*words, code=2).stderr
    assert not [path for path in Path().rglob("*") if path.is_file()]
