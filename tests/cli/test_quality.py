"""`phased quality`: what it prints, what it writes, and that its report can be made again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from sim.analysis.quality import OUTCOMES
from tests.cli.shell import contents, phased, phased_json

FILES = ["evidence.json", "manifest.json", "quality.csv", "quality.json", "quality.png", "quality.svg"]
SMALL = ("quality", "ambiguous-intelligence-uncertain", "--runs", 60, "--seed", 2, "--set", "days=60")
CURVE = (*SMALL, "--vary", "transitions.arm_defensively.confirm=1:15:7")


@pytest.fixture(scope="module")
def document() -> Any:
    return phased_json(*CURVE)


def rows(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_json_holds_every_memory_value_and_transition(document: Any) -> None:
    assert [column["memory"] for column in document["columns"]] == [0, 7, 30]
    assert document["varied"]["stated"] == 1
    assert (document["runs"], document["seed"], document["days"], document["errors"]) == (60, 2, 60, True)
    for column in document["columns"]:
        assert [point["value"] for point in column["points"]] == [1, 8, 15]
        assert column["points"][0] == {"value": 1, **column["as_given"]}
        for each in column["as_given"]["transitions"]:
            assert sum(each[name]["count"] for name in OUTCOMES) == 60
            assert all(
                0 <= low <= each[name]["share"] <= high <= 1 for name in OUTCOMES for low, high in [each[name]["interval"]]
            )


def test_tables_tell_what_the_json_holds(document: Any) -> None:
    told = rows(phased(*CURVE, "--no-charts").stdout)
    for column, label in zip(document["columns"], ("0 days", "7 days", "30 days"), strict=True):
        each = column["as_given"]["transitions"][0]
        cells = [f"{each[name]['share']:.0%} ({_in_words(each[name]['interval'])})" for name in OUTCOMES]
        assert f"{label} {' '.join(cells)}" in told
        start = told.index(f"arm_defensively, error memory {label}:")
        for point, line in zip(column["points"], told[start + 3 :], strict=False):
            alarm = point["transitions"][0]["false_alarm"]
            mark = " *" if point["value"] == 1 else ""
            assert line.startswith(f"{point['value']:g}{mark} {alarm['share']:.0%} ({_in_words(alarm['interval'])}) ")
    assert any("not a forecast" in line for line in told)


def _in_words(interval: list[float]) -> str:
    return "–".join(f"{each:.0%}".rstrip("%") for each in interval)


def test_json_prints_only_json_and_writes_nothing(here: Path) -> None:
    assert phased(*SMALL, "--json").stderr == ""
    assert list(here.iterdir()) == []


def test_files_and_where_they_go(here: Path) -> None:
    phased(*CURVE)
    folder = here / "reports/quality--ambiguous-intelligence-uncertain--phased-approach--transitions.arm_defensively.confirm"
    assert sorted(contents(folder)) == FILES
    table = list(csv.DictReader(io.StringIO((folder / "quality.csv").read_text(), newline="")))
    assert {row["memory"] for row in table} == {"0", "7", "30"}
    assert {row["varied"] for row in table} == {"", "1", "8", "15"}
    found = json.loads((folder / "quality.json").read_bytes())
    row = next(
        row
        for row in table
        if (row["memory"], row["varied"], row["series"], row["statistic"]) == ("7", "8", "transition.arm_defensively", "missed")
    )
    told = found["columns"][1]["points"][1]["transitions"][0]["missed"]
    assert [float(row[name]) for name in ("value", "low", "high")] == [told["share"], *told["interval"]]


def test_workers_change_no_byte(here: Path) -> None:
    phased(*CURVE, "--no-charts", "--workers", 1, "--out", "one")
    phased(*CURVE, "--no-charts", "--workers", 2, "--out", "two")
    assert contents(here / "one") == contents(here / "two")


@pytest.mark.parametrize(
    "words",
    [
        CURVE,
        (*SMALL, "--memory", "as-given", "--memory", 3, "--tolerance", 5, "--policy", "step-down", "--no-charts"),
        ("quality", "surge-to-front", "--no-charts"),
        ("quality", "surge-to-front", "--no-charts", "--vary", "thresholds.front_line.value=-1:1"),
    ],
    ids=["curve", "options", "path", "negative"],
)
def test_a_report_is_reproduced(here: Path, words: tuple[object, ...]) -> None:
    phased(*words, "--out", "out")
    before = contents(here / "out")
    assert "byte for byte" in phased("rerun", "out").stdout
    assert contents(here / "out") == before


def test_the_value_of_the_scenario_is_marked_too() -> None:
    words = (*SMALL, "--vary", "signposts.deployment_level.delay=0:10:5", "--memory", 0)
    told = rows(phased(*words, "--no-charts").stdout)
    document = phased_json(*words)
    assert document["varied"]["stated"] == 5
    assert document["columns"][0]["points"][1] == {"value": 5, **document["columns"][0]["as_given"]}
    assert [line.split()[0] for line in told if " * " in line] == ["5"] * len(document["varied"]["transitions"])
    assert "*: as the files give it." in told


def test_the_curve_tells_in_how_many_runs_it_is_due(document: Any) -> None:
    told = rows(phased(*CURVE, "--no-charts").stdout)
    at = told.index("arm_defensively, error memory 30 days:")
    for point, line in zip(document["columns"][2]["points"], told[at + 3 :], strict=False):
        each = point["transitions"][0]
        due = sum(each[name]["count"] for name in ("on_time", "early", "late", "missed"))
        assert f" {due} runs {each['delay']['mean']:.1f} ± " in line


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("more", [(), ("--vary", "signposts.deployment_level.delay=0:10:5")], ids=["plain", "curve"])
def test_no_note_on_a_table_that_is_not_there(more: tuple[str, ...]) -> None:
    told, full = phased(*SMALL, "--policy", "restrained", *more).stdout, phased(*CURVE, "--no-charts").stdout
    for note in ("Early by", "Missed", "Mean delay", "False alarm", "After ±", "In brackets", "*:"):
        assert note in full
        assert note not in told


def test_one_path_speaks_of_no_shares() -> None:
    told = phased("quality", "surge-to-front", "--no-charts").stdout
    assert "one path: nothing in it is uncertain" in told
    assert "no error yes" in rows(told)
    assert "No signpost that this policy reads has an error here" in told
    assert "%" not in told


def test_what_a_guard_sees_late_is_named_beside_the_delay() -> None:
    told = "Seen late, or as a mean of past days: deployment_level. The twin sees the day itself, so that this counts as delay.\n"
    words = ("quality", "surge-to-front", "--no-charts")
    assert told not in phased(*words).stdout
    for late in ("delay=5", "smooth={mean: 7}", "smooth={ewma: 0.5}"):
        assert told in phased(*words, "--set", f"signposts.deployment_level.{late}").stdout, late


def test_a_scenario_that_answers_says_so() -> None:
    told = phased("quality", "reciprocity-provoking-uncertain", "--policy", "step-down", *SMALL[2:], "--no-charts").stdout
    assert "The world answers to the policy: each twin meets the world that its policy made" in told


def test_tolerance_moves_runs_to_on_time() -> None:
    strict, wide = (phased_json(*SMALL, "--memory", 0, "--tolerance", days)["columns"][0]["as_given"] for days in (0, 60))
    one, other = strict["transitions"][0], wide["transitions"][0]
    assert one["late"]["count"] > 0 == other["late"]["count"] == other["early"]["count"]
    assert other["on_time"]["count"] == one["on_time"]["count"] + one["early"]["count"] + one["late"]["count"]
    assert one["delay"] == other["delay"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--vary", "x"), "phased: --vary must be PATH=FROM:TO"),
        (("--vary", "transitions.arm_defensively.confirm=1:2:0.5"), "--vary transitions.arm_defensively.confirm=1.5:1:"),
        (("--vary", "transitions.nobody.confirm=1:28"), "unknown name 'nobody'"),
        (("--memory", "long"), "phased: --memory takes a number of days"),
        (("--tolerance", "-1"), "Invalid value for '--tolerance'"),
        (("--set", "nothing=1"), "--set #2:1:1: nothing:"),
    ],
)
def test_mistakes_are_told_and_nothing_is_written(here: Path, words: tuple[str, ...], message: str) -> None:
    done = phased(*SMALL, *words, code=2)
    assert message in done.stderr
    assert done.stdout == ""
    assert list(here.iterdir()) == []
