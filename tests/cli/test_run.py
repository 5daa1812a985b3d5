from __future__ import annotations

import csv
import datetime as dt
import hashlib
import importlib.metadata
import io
import json
import math
import platform
import xml.etree.ElementTree as ET
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import __version__, ensemble
from sim.cli import say
from sim.cli.run import censored
from sim.results import FirstPassage
from tests.cli.shell import SHIPPED, contents, phased, phased_json

RUNS = 200
UNCERTAIN = ("run", "surge-to-front-uncertain", "--runs", RUNS, "--seed", 7)
SUMMARY_KEYS = (
    "schema scenario policy runs single_path seed start days phases interval_level occupancy occupancy_interval "
    "first_passage dwell transitions rivals quantiles_over_runs signposts variables evidence"
).split()
PHASES = ["no_action", "defensive_weapons", "offensive_measures"]


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "out"
    phased(*UNCERTAIN, "--pdf", "--out", folder)
    return folder


@pytest.fixture(scope="module")
def summary(out: Path) -> Any:
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows(out: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO((out / "runs.csv").read_text(encoding="utf-8"), newline="")))


def test_files(out: Path) -> None:
    names = ["daily.csv", "evidence.json", "manifest.json", "run.pdf", "run.png", "run.svg", "runs.csv", "summary.json"]
    assert sorted(path.name for path in out.iterdir()) == names
    assert (out / "run.png").read_bytes().startswith(b"\x89PNG")
    assert (out / "run.pdf").read_bytes().startswith(b"%PDF")
    ET.fromstring((out / "run.svg").read_bytes())
    for name, content in contents(out).items():
        if name.endswith(("csv", "json")):
            assert not content.startswith(b"\xef\xbb\xbf")
            assert b"\r" not in content


def test_the_summary_has_the_keys_of_the_design(summary: Any) -> None:
    assert list(summary) == SUMMARY_KEYS
    told = {key: summary[key] for key in ("schema", "scenario", "policy", "runs", "seed", "start", "days", "phases")}
    assert told == {
        "schema": 1,
        "scenario": "surge-to-front-uncertain",
        "policy": "phased-approach",
        "runs": RUNS,
        "seed": 7,
        "start": "2024-10-24",
        "days": 365,
        "phases": PHASES,
    }
    assert summary["single_path"] is False
    assert summary["quantiles_over_runs"] == RUNS
    assert list(summary["occupancy"]) == PHASES
    assert list(summary["first_passage"]) == PHASES[1:]
    assert list(summary["dwell"]) == PHASES
    assert [list(each) for each in summary["transitions"]] == [["name", "from", "to", "count"]] * 2
    assert list(summary["evidence"]) == ["numbers", "quoted", "reported", "implied", "assumed"]
    assert summary["evidence"]["numbers"] == sum(list(summary["evidence"].values())[1:])


def test_shares_counts_and_quantiles(summary: Any) -> None:
    days = summary["days"]
    for shares in summary["occupancy"].values():
        assert len(shares) == days
    assert all(math.isclose(sum(day), 1) for day in zip(*summary["occupancy"].values(), strict=True))
    for passage in summary["first_passage"].values():
        assert list(passage) == "reached se interval over_readings counts never quantiles quantile_intervals".split()
        counts = passage["counts"]
        assert len(counts) == days
        assert sum(counts) + passage["never"] == RUNS
        reached = sum(counts) / RUNS
        assert passage["reached"] == reached
        assert passage["se"] == pytest.approx(math.sqrt(reached * (1 - reached) / RUNS), rel=1e-12)
        assert list(passage["quantiles"]) == ["0.05", "0.5", "0.95"]
        for level, day in passage["quantiles"].items():
            late = [at for at in range(days) if sum(counts[: at + 1]) >= float(level) * RUNS]
            assert day == (late[0] if late else None)
    for section in ("signposts", "variables"):
        for each in summary[section].values():
            assert list(each["quantiles"]) == ["0.05", "0.25", "0.5", "0.75", "0.95"]
            columns = list(zip(*each["quantiles"].values(), strict=True))
            assert len(columns) == days
            assert all(list(column) == sorted(column) for column in columns)


def test_rivals(summary: Any) -> None:
    keys = "threshold rival grade value runs reached interval median median_interval".split()
    told = {(each["threshold"], each["rival"]): each for each in summary["rivals"]}
    assert len(told) == len(summary["rivals"]) == 5
    for each in told.values():
        assert list(each) == keys
        assert each["runs"] == RUNS
        assert all(list(each[key]) == PHASES[1:] for key in keys[5:])
    for phase, passage in summary["first_passage"].items():
        shares = [passage["reached"], *(each["reached"][phase] for each in told.values())]
        assert passage["over_readings"] == [min(shares), max(shares)]
    sent = told["front_line", "sent"]
    assert (sent["value"], sent["grade"]) == ("2", "implied")
    alone = phased_json(*UNCERTAIN, "--set", "thresholds.front_line=rival:sent")["first_passage"]["defensive_weapons"]
    assert sent["reached"]["defensive_weapons"] == alone["reached"]
    assert sent["interval"]["defensive_weapons"] == alone["interval"]
    assert sent["median"]["defensive_weapons"] == alone["quantiles"]["0.5"]
    assert sent["median_interval"]["defensive_weapons"] == alone["quantile_intervals"]["0.5"]


def test_without_rivals_there_is_no_range() -> None:
    words = ("run", "surge-to-front-uncertain", "--policy", "restrained", "--runs", 20)
    document = phased_json(*words)
    assert document["rivals"] == []
    assert document["first_passage"]["defensive_weapons"]["over_readings"] is None
    text = phased(*words, "--no-charts").stdout
    assert "readings" not in text.lower()
    assert "In brackets" in text


def test_dwell(summary: Any) -> None:
    for each in summary["dwell"].values():
        assert list(each) == ["stays", "completed", "mean_completed", "mean_in_phase", "se"]
        assert each["completed"] <= each["stays"]
        assert (each["mean_completed"] is None) == (each["completed"] == 0)
    assert math.isclose(sum(each["mean_in_phase"] for each in summary["dwell"].values()), summary["days"])
    assert summary["dwell"]["offensive_measures"]["completed"] == 0
    assert sum(each["stays"] for each in summary["dwell"].values()) == RUNS + sum(
        each["count"] for each in summary["transitions"]
    )
    for name, each in summary["dwell"].items():
        assert each["mean_in_phase"] == pytest.approx(sum(summary["occupancy"][name]))


def test_runs_csv_has_the_columns_of_the_design(rows: list[dict[str, str]]) -> None:
    names = list(rows[0])
    assert names[:3] == ["run", "case", "replication"]
    assert names[-9:] == [
        *(f"{phase}.{what}" for phase in PHASES[1:] for what in ("decided", "first")),
        "final_phase",
        *(f"{phase}.days" for phase in PHASES),
        "transitions",
    ]
    assert "variables.troops_in_russia.path.2024-10-24" in names[3:-9]
    assert "signposts.deployment_level.bias" in names[3:-9]
    assert [row["run"] for row in rows] == [row["case"] for row in rows] == [row["replication"] for row in rows]
    assert [row["run"] for row in rows] == [str(run) for run in range(RUNS)]


def test_runs_csv_agrees_with_the_summary(summary: Any, rows: list[dict[str, str]]) -> None:
    for phase, passage in summary["first_passage"].items():
        first = Counter(row[f"{phase}.first"] for row in rows)
        assert first.pop("", 0) == passage["never"]
        assert first == {str(day): count for day, count in enumerate(passage["counts"]) if count}
        assert all((row[f"{phase}.decided"] == "") == (row[f"{phase}.first"] == "") for row in rows)
        assert all(int(row[f"{phase}.decided"]) <= int(row[f"{phase}.first"]) for row in rows if row[f"{phase}.first"])
    for phase in PHASES:
        assert sum(int(row[f"{phase}.days"]) for row in rows) == round(summary["dwell"][phase]["mean_in_phase"] * RUNS)
        assert sum(row["final_phase"] == phase for row in rows) == round(summary["occupancy"][phase][-1] * RUNS)
    assert all(sum(int(row[f"{phase}.days"]) for phase in PHASES) == summary["days"] for row in rows)
    assert sum(int(row["transitions"]) for row in rows) == sum(each["count"] for each in summary["transitions"])


def test_uncertain_numbers_stay_in_their_support(rows: list[dict[str, str]]) -> None:
    levels = [float(row["variables.deployment_level.path.2024-10-31"]) for row in rows]
    assert set(levels) == {2.0, 3.0, 4.0}
    assert 0.55 < levels.count(3.0) / RUNS < 0.85
    troops = [float(row["variables.troops_in_russia.path.2024-10-31"]) for row in rows]
    assert 8_000 <= min(troops) <= max(troops) <= 12_000


def test_daily_csv(out: Path, summary: Any) -> None:
    text = (out / "daily.csv").read_text(encoding="utf-8")
    found = {(row["series"], row["statistic"], int(row["day"])): row for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert text.splitlines()[0] == "date,day,series,statistic,value"
    assert len(found) == len(text.splitlines()) - 1
    assert found["phase.no_action", "share", 7]["date"] == "2024-10-31"
    for phase, shares in summary["occupancy"].items():
        assert [float(found[f"phase.{phase}", "share", day]["value"]) for day in range(365)] == shares
    for kind in ("signpost", "variable"):
        for name, each in summary[f"{kind}s"].items():
            for level, values in each["quantiles"].items():
                assert [float(found[f"{kind}.{name}", f"q{level}", day]["value"]) for day in (0, 100, 364)] == [
                    values[day] for day in (0, 100, 364)
                ]
    last = float(found["first_passage.defensive_weapons", "share", 364]["value"])
    assert last == summary["first_passage"]["defensive_weapons"]["reached"]


def test_the_manifest(out: Path) -> None:
    manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    keys = "schema phased command seed inputs outputs python machine libraries".split()
    assert list(manifest) == keys
    assert manifest["phased"] == __version__
    assert manifest["command"] == f"phased run surge-to-front-uncertain --runs {RUNS} --seed 7 --pdf"
    assert manifest["seed"] == 7
    assert manifest["python"] == platform.python_version()
    assert manifest["libraries"]["numpy"] == importlib.metadata.version("numpy")
    assert {Path(name).name for name in manifest["inputs"]} == {
        *(f"{name}.yaml" for name in "surge-to-front-uncertain surge-to-front korea-base".split()),
        "phased-approach.yaml",
        "article-2024-10.yaml",
    }
    for name, digest in manifest["inputs"].items():
        path = SHIPPED / name.removeprefix("shipped:")  # named so that the bytes do not tell where phased is installed
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    written = {name: hashlib.sha256(content).hexdigest() for name, content in contents(out).items() if name != "manifest.json"}
    assert manifest["outputs"] == written


def test_no_file_tells_when_it_was_made(out: Path) -> None:
    today = {dt.date.today().isoformat(), (dt.date.today() - dt.timedelta(days=1)).isoformat()}
    for name, content in contents(out).items():
        text = content.decode("latin-1")
        assert "/CreationDate" not in text, name
        assert "<dc:date>" not in text, name
        assert name == "daily.csv" or not any(day in text for day in today), name


def test_same_inputs_same_bytes(out: Path, here: Path) -> None:
    phased(*UNCERTAIN, "--pdf", "--out", here / "elsewhere" / "again")
    again = contents(here / "elsewhere" / "again")
    assert {name for name, content in contents(out).items() if content != again.get(name)} == set()
    assert again.keys() == contents(out).keys()


def test_another_seed_gives_other_draws(summary: Any) -> None:
    other = phased_json("run", "surge-to-front-uncertain", "--runs", RUNS, "--seed", 8)
    assert other["first_passage"] != summary["first_passage"]


def test_json_is_all_that_is_printed_and_nothing_is_written(here: Path, summary: Any) -> None:
    result = phased(*UNCERTAIN, "--json")
    assert json.loads(result.stdout) == summary
    assert result.stderr == ""
    assert list(here.iterdir()) == []


def test_json_with_a_folder_writes_too(here: Path) -> None:
    result = phased(*UNCERTAIN, "--json", "--out", "there", "--no-charts")
    assert result.stdout.encode() == (here / "there" / "summary.json").read_bytes()
    assert sorted(contents(here / "there")) == ["daily.csv", "evidence.json", "manifest.json", "runs.csv", "summary.json"]
    assert result.stderr == "Wrote there/: daily.csv, evidence.json, runs.csv, summary.json, manifest.json\n"


def test_where_it_writes_by_default(here: Path) -> None:
    phased("run", "surge-to-front", "--policy", "step-down", "--no-charts")
    assert {path.parts[0] for path in map(Path, contents(here))} == {"reports"}
    assert sorted(contents(here / "reports" / "surge-to-front--step-down")) == [
        "daily.csv",
        "evidence.json",
        "manifest.json",
        "runs.csv",
        "summary.json",
    ]


def test_what_is_printed(summary: Any) -> None:
    lines = phased(*UNCERTAIN, "--no-charts").stdout.splitlines()
    assert lines[0] == "Deployment surges to the front, seen through intelligence  [surge-to-front-uncertain]"
    assert lines[2] == f"2024-10-24 to 2025-10-23; {RUNS} simulated runs, seed 7"
    text = "\n".join(lines)
    assert "Reached in share of runs" in text
    assert "numbers are assumed. Teaching model of stated positions, not a forecast." in text
    assert "In brackets: 95% Monte Carlo intervals" in text
    assert "how well the model was sampled, not how true it is" in text
    assert "probab" not in text.lower()
    passage = summary["first_passage"]["offensive_measures"]
    low, high = (f"{bound:.0%}".rstrip("%") for bound in passage["interval"])
    shares, days = (" ".join(line.split()) for line in lines if line.startswith("Offensive measures "))
    assert shares.startswith(f"Offensive measures {passage['reached']:.0%} ({low}–{high})")
    first, last = passage["quantile_intervals"]["0.5"]
    assert f", day {passage['quantiles']['0.5']} ({first}–{last}) " in days
    assert days.endswith("not reached by the end")
    assert f"Offensive measures: not reached by the end in {passage['never'] / RUNS:.0%} of runs." in lines


def test_tables_of_shipped_scenarios_fit_into_120_columns() -> None:
    """Those of ladders of three phases; five need more, and are wrapped on a terminal."""
    names = [each["name"] for each in phased_json("list")["scenarios"] if not each["name"].startswith("austin/")]
    for name in names:
        for policy in ("phased-approach", "ambiguity-tolerant", "consent-gated", "step-down"):
            words = ("run", name, "--policy", policy, "--runs", 30, "--no-charts", "--out", "out")
            lines = phased(*words).stdout.splitlines()[2:]
            assert max(len(line.rstrip()) for line in lines) <= 120, lines


def _squeezed(*words: object) -> list[str]:
    return [" ".join(line.split()) for line in phased(*words, "--no-charts").stdout.splitlines()]


def test_what_is_printed_of_rival_readings(summary: Any) -> None:
    lines = _squeezed(*UNCERTAIN)
    passage = summary["first_passage"]["offensive_measures"]
    low, high = passage["over_readings"]
    assert low == 0
    assert high >= passage["reached"]
    assert any(line.startswith("Offensive measures ") and f") 0–{high:.0%} " in line for line in lines)
    at = lines.index("Threshold: reading Value Grade Defensive weapons Offensive measures")
    assert lines[at - 2] == "Rival readings, one threshold at a time, on the same draws:"
    stated, sent, discretion, blank, unchanged, rest = lines[at + 1 : at + 7]
    assert stated.startswith(f"as stated {summary['first_passage']['defensive_weapons']['reached']:.0%}, half by 2024-11-")
    assert sent.startswith("front_line: sent 2 rung implied 100%, half by 2024-10-24 ")
    assert discretion == "sustained_combat: discretion 99 rung assumed as stated 0%"
    assert blank == ""
    assert unchanged.startswith("First passages stay as stated under front_line: deployed_to_war (2.5 rung, implied); ")
    assert rest.endswith("sustained_combat: any_combat (3.5 rung, assumed).")
    assert any(line.startswith("Over readings:") and "not this range" in line for line in lines)


def test_one_path_has_a_date_for_each_reading() -> None:
    lines = _squeezed("run", "hindcast-kursk-counts")
    at = lines.index("Threshold: reading Value Grade Defensive weapons Offensive measures")
    assert lines[at + 1 : at + 6] == [
        "as stated 2024-10-31 (day 7) 2024-12-16 (day 53)",
        "front_line: sent 2 rung implied 2024-10-24 (day 0) as stated",
        "front_line: deployed_to_war 2.5 rung implied 2024-10-28 (day 4) as stated",
        "sustained_combat: any_combat 3.5 rung assumed as stated 2024-11-05 (day 12)",
        "sustained_combat: discretion 99 rung assumed as stated not reached by the end",
    ]
    assert not any("brackets" in line for line in lines)


def test_readings_that_all_change_nothing_are_one_sentence() -> None:
    text = " ".join(_squeezed("run", "rear-labour", "--set", "initial=offensive_measures"))
    assert "First passages stay as stated under every rival reading: front_line: sent (2 rung, implied);" in text
    assert "Threshold: reading" not in text


def test_a_fixed_reading_of_an_uncertain_threshold_is_one_path() -> None:
    words = ("run", "surge-to-front", "--runs", 40, "--set", "thresholds.front_line.value={uniform: [2, 4]}")
    lines = _squeezed(*words)
    assert "Rival readings, one threshold at a time, on the same draws:" in lines
    assert "front_line: sent 2 rung implied 2024-10-24 (day 0) as stated" in lines
    assert any(line.startswith("Defensive weapons ") and "–100% " in line for line in lines)


def test_readings_over_fewer_runs_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", 40)
    lines = _squeezed("run", "surge-to-front-uncertain", "--runs", 100)
    assert "Rival readings, one threshold at a time, on the first 40 of these draws:" in lines
    rows = [line for line in lines if line.startswith(("as stated ", "front_line: sent "))]
    assert len(rows) == 2
    fewer = _squeezed("run", "surge-to-front-uncertain", "--runs", 40)
    assert set(rows) <= set(fewer)  # both over the same runs


def test_the_range_over_readings_is_over_the_same_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ensemble, "BLOCK", 40)
    many = phased_json("run", "surge-to-front-uncertain", "--runs", 100)["first_passage"]
    few = phased_json("run", "surge-to-front-uncertain", "--runs", 40)["first_passage"]
    assert {name: each["over_readings"] for name, each in many.items()} == {
        name: each["over_readings"] for name, each in few.items()
    }
    assert many["offensive_measures"]["reached"] != few["offensive_measures"]["reached"]


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([0, 300], "reached by the end in every run"),
        ([0, 0], "not reached by the end in any run"),
        ([3, 174], "not reached by the end in 41% of runs"),
        ([3, 296], "not reached by the end in 1 of 300 runs"),
        ([1, 0], "not reached by the end in 299 of 300 runs"),
    ],
)
def test_censoring_in_words(counts: list[int], told: str) -> None:
    assert censored(FirstPassage(300, np.array(counts))) == told


@pytest.mark.parametrize(
    ("counts", "level", "told"),
    [
        ([0, 10, 20, 60, 5], 0.5, "2024-10-27, day 3 (3–3)"),
        ([0, 10, 20, 15, 10], 0.5, "2024-10-28, day 4 (3+)"),
        ([0, 10, 20, 12, 5], 0.5, "not reached by the end (3+)"),
        ([0, 10, 0, 0, 5], 0.5, "not reached by the end"),
        ([0, 10, 20, 20, 50], 0.95, "2024-10-28, day 4 (4–4)"),
    ],
)
def test_quantiles_in_words(counts: list[int], level: float, told: str) -> None:
    passage = FirstPassage(100, np.array(counts))
    assert say.quantile(passage, level, dt.date(2024, 10, 24)) == told


def test_a_phase_held_from_the_start_is_not_said_to_be_reached() -> None:
    words = ("--set", "initial=defensive_weapons", "--runs", 20, "--no-charts")
    lines = phased("run", "surge-to-front-uncertain", *words).stdout.splitlines()
    assert [line for line in lines if line.startswith("Defensive weapons:")] == []
    assert [line for line in lines if line.startswith("Offensive measures:")] != []


def test_a_single_path_says_so_and_knows_no_runs(here: Path) -> None:
    result = phased("run", "surge-to-front", "--runs", 5_000, "--out", "out")
    assert "one path: nothing in it is uncertain" in result.stdout
    assert "2024-10-31 (day 7)" in result.stdout
    assert "not reached by the end" in result.stdout
    files = contents(here / "out")
    assert sorted(files) == ["daily.csv", "evidence.json", "manifest.json", "path.png", "path.svg", "runs.csv", "summary.json"]
    summary = json.loads(files["summary.json"])
    assert summary["runs"] == 1
    assert summary["single_path"] is True
    passage = summary["first_passage"]["defensive_weapons"]
    assert (passage["reached"], passage["se"], passage["never"], passage["counts"].index(1)) == (1, 0, 0, 7)
    assert passage["quantiles"] == {"0.05": 7, "0.5": 7, "0.95": 7}
    assert summary["first_passage"]["offensive_measures"]["quantiles"] == {"0.05": None, "0.5": None, "0.95": None}
    assert len(files["runs.csv"].splitlines()) == 2
    phased("run", "surge-to-front", "--runs", 3, "--out", "fewer")
    assert contents(here / "fewer") == files


def test_more_runs_extend_an_ensemble(here: Path, out: Path) -> None:
    phased("run", "surge-to-front-uncertain", "--runs", 20, "--seed", 7, "--out", "few", "--no-charts")
    few = contents(here / "few")["runs.csv"].splitlines()
    assert few == (out / "runs.csv").read_bytes().splitlines()[:21]


def test_set_changes_what_runs_and_counts_as_assumed() -> None:
    before = phased_json("run", "surge-to-front")
    after = phased_json("run", "surge-to-front", "--set", "thresholds.front_line.value=4", "--set", "days=30")
    assert after["days"] == 30
    assert after["first_passage"]["defensive_weapons"]["never"] == 1
    assert after["evidence"]["implied"] == before["evidence"]["implied"] - 1
    assert after["evidence"]["assumed"] == before["evidence"]["assumed"] + 1
    rival = phased_json("run", "surge-to-front", "--set", "thresholds.front_line=rival:sent")
    assert rival["first_passage"]["defensive_weapons"]["counts"][0] == 1


def test_own_files_by_path_and_with_the_command_that_does_it_again(here: Path) -> None:
    (here / "my world.yaml").write_text("kind: scenario\nname: mine\ntitle: Mine\nextends: surge-to-front\ndays: 20\n")
    phased("run", "./my world.yaml", "--no-charts", "--set", "days=10")
    manifest = json.loads((here / "reports" / "mine--phased-approach" / "manifest.json").read_text())
    assert manifest["command"] == "phased run './my world.yaml' --runs 1 --seed 1 --set days=10 --no-charts"
    assert "my world.yaml" in manifest["inputs"]
