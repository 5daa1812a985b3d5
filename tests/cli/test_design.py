"""run --design: the cases asked for, each with the same replications; and tables that EMA Workbench takes as its own."""

from __future__ import annotations

import csv
import json
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sim import api
from sim.library import Library
from sim.work import How
from tests.cli.shell import contents, phased, phased_json

SCENARIO = "surge-to-front-uncertain"
LEVEL = "variables.deployment_level.path.2024-10-31"
BIAS = "signposts.deployment_level.bias"
SMALL = ("--replications", 3, "--set", "days=90")
SAME = "Reproduced: all {} files are the same, byte for byte.\n"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def errors(*words: object) -> list[str]:
    return phased("run", SCENARIO, *SMALL, "--design", *words, code=2).stderr.splitlines()


def test_every_case_has_the_same_replications_and_its_row_is_their_mean() -> None:
    phased("run", SCENARIO, "--design", "lhs", "--cases", 7, *SMALL, "--out", "out")
    cases, runs = rows(Path("out/cases.csv")), rows(Path("out/runs.csv"))
    assert [(int(row["run"]), int(row["case"]), int(row["replication"])) for row in runs] == [
        (3 * case + replication, case, replication) for case in range(7) for replication in range(3)
    ]
    for case, row in enumerate(cases):
        its = runs[3 * case : 3 * case + 3]
        assert row["case"] == str(case)
        assert {each[BIAS] for each in its} == {row[BIAS]}
        first = [float(each["offensive_measures.first"] or 90) for each in its]
        assert float(row["offensive_measures.first"]) == pytest.approx(sum(first) / 3)
        reached = sum(bool(each["offensive_measures.first"]) for each in its)
        assert float(row["offensive_measures.reached"]) == pytest.approx(reached / 3)
        assert float(row["no_action.days"]) == pytest.approx(sum(float(each["no_action.days"]) for each in its) / 3)


def test_a_random_design_with_one_replication_draws_the_cases_of_an_ensemble() -> None:
    phased("run", SCENARIO, "--design", "random", "--cases", 5, "--replications", 1, "--out", "design")
    phased("run", SCENARIO, "--runs", 5, "--no-charts", "--out", "plain")
    design, plain = rows(Path("design/runs.csv")), rows(Path("plain/runs.csv"))
    factors = [name for name in plain[0] if name.startswith(("variables.", "signposts."))]
    assert len(factors) == 9
    assert [[row[name] for name in factors] for row in design] == [[row[name] for name in factors] for row in plain]
    assert {**design[0], "run": "", "replication": ""} == {**plain[0], "run": "", "replication": ""}  # case 0, replication 0


@pytest.mark.parametrize(
    ("design", "cases", "told"),
    [("random", 12, 12), ("lhs", 12, 12), ("sobol", 16, 16), ("grid", 800, 768)],  # 3·2·2 choices and 2 levels of 6 others
)
def test_designs_are_made_again_byte_for_byte_with_any_workers(design: str, cases: int, told: int) -> None:
    document = phased_json(
        "run", SCENARIO, "--design", design, "--cases", cases, "--replications", 1, "--set", "days=30", "--out", "a"
    )
    assert (document["design"], document["cases"]) == (design, told)
    found = phased("rerun", "a")
    assert SAME.format(5) in found.stdout
    libraries = json.loads(Path("a/manifest.json").read_text())["libraries"]
    assert ("scipy" in libraries) == (design in ("lhs", "sobol"))


def test_a_grid_says_its_levels() -> None:
    document = phased_json("run", SCENARIO, "--design", "grid", "--cases", 800, "--replications", 1, "--set", "days=8")
    levels = {each["factor"]: each["levels"] for each in document["factors"]}
    assert levels[LEVEL] == 3
    assert levels[BIAS] == 2


def test_a_table_sets_some_factors_and_the_rest_are_drawn_by_case() -> None:
    Path("mine.csv").write_text(f"case,{LEVEL},{BIAS}\n0,4,0.1\n1,2,-0.2\n\n2,3.0,0\n")
    found = phased("run", SCENARIO, "--design", "mine.csv", *SMALL, "--out", "out")
    assert "Cases of a table: 3 cases, the same 3 replications each, seed 1" in found.stdout
    assert "7 factors without a column: drawn by the number of the case, as in any ensemble." in found.stdout
    made = rows(Path("out/cases.csv"))
    assert [float(row[LEVEL]) for row in made] == [4, 2, 3]
    assert [float(row[BIAS]) for row in made] == [0.1, -0.2, 0]
    phased("run", SCENARIO, "--runs", 3, "--no-charts", "--set", "days=90", "--out", "plain")
    other = "signposts.observer_kyiv.bias"
    assert [row[other] for row in made] == [row[other] for row in rows(Path("plain/runs.csv"))]
    inputs = json.loads(Path("out/manifest.json").read_text())["inputs"]
    assert re.fullmatch("[0-9a-f]{64}", inputs["mine.csv"])


def test_tables_that_phased_wrote_can_be_run_again() -> None:
    """Of another seed's noise: the cases stay."""
    phased("run", SCENARIO, "--design", "lhs", "--cases", 4, *SMALL, "--out", "a")
    for name in ("cases.csv", "runs.csv"):
        phased("run", SCENARIO, "--design", f"a/{name}", *SMALL, "--out", name)
    assert Path("cases.csv/cases.csv").read_bytes() == Path("a/cases.csv").read_bytes()
    assert [row[BIAS] for row in rows(Path("runs.csv/cases.csv"))] == [row[BIAS] for row in rows(Path("a/runs.csv"))]


def test_a_changed_table_is_told_by_rerun() -> None:
    Path("mine.csv").write_text(f"{LEVEL}\n4\n2\n")
    phased("run", SCENARIO, "--design", "mine.csv", *SMALL, "--out", "out")
    assert SAME.format(5) in phased("rerun", "out").stdout
    Path("mine.csv").write_text(f"{LEVEL}\n4\n3\n")
    assert "mine.csv" in phased("rerun", "out", code=1).stdout


def test_every_mistake_of_a_table_is_reported_at_its_place() -> None:
    Path("bad.csv").write_text(f"{LEVEL},{BIAS},signposts.deployment_level.bais,{BIAS},extra\n4,0.1,0,0,0\n")
    found = errors("bad.csv")
    column = len(LEVEL) + len(BIAS) + 3
    assert found[0].startswith(f"bad.csv:1:{column}: signposts.deployment_level.bais: unknown factor")
    assert f"did you mean '{BIAS}'?" in found[0]
    assert f"{BIAS}: stands twice in the header" in found[1]
    assert "extra: unknown factor 'extra'" in found[2]
    assert found[2].endswith("signposts.observer_washington.bias. Only uncertain numbers are factors")
    Path("bad.csv").write_text(f"{LEVEL},variables.troops_in_russia.path.2024-10-31\n4,9000\n3.5,9000\n2,99\nx,9000\n3,\n4,inf\n")
    assert errors("bad.csv") == [
        f"bad.csv:3:1: {LEVEL}: must be a value that can come out, got 3.5: {LEVEL} is one of 2, 3, 4",
        "bad.csv:4:3: variables.troops_in_russia.path.2024-10-31: must lie within 8000 to 12000, got 99: "
        "variables.troops_in_russia.path.2024-10-31 is uniform 8000–12000",
        f"bad.csv:5:1: {LEVEL}: must be a finite number, got 'x'",
        "bad.csv:6:3: variables.troops_in_russia.path.2024-10-31: must be a finite number, got an empty cell",
        "bad.csv:7:3: variables.troops_in_russia.path.2024-10-31: must be a finite number, got 'inf'",
    ]
    assert not Path("reports").exists()


def test_mistakes_of_header_and_rows_are_told_at_once() -> None:
    """An unknown column, a bad value, a short row, and a quote that never ends."""
    Path("bad.csv").write_text(f'troops,{BIAS},{LEVEL}\n1,x,4\n1,0.1\n1,0,"3\n')
    unknown, *rest = errors("bad.csv")
    assert unknown.startswith("bad.csv:1:1: troops: unknown factor 'troops'")
    assert rest == [
        f"bad.csv:2:3: {BIAS}: must be a finite number, got 'x'",
        f"bad.csv:3:7: {LEVEL}: must be a finite number, got an empty cell",
        "bad.csv:4:1: cannot be read as csv: unexpected end of data",
    ]
    Path("bad.csv").write_text("troops\n")
    assert [line.split(": ")[1] for line in errors("bad.csv")] == [
        "the table holds no case; it needs at least one row below the header",
        "troops",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "bad.csv:1:1: the table is empty"),
        ("case,final_phase\n0,no_action\n", "bad.csv:1:1: no column is a factor"),
        (f"{LEVEL}\n", "bad.csv:1:1: the table holds no case"),
        (f'{LEVEL}\n"4\n', "cannot be read as csv"),
    ],
)
def test_tables_without_cases(text: str, told: str) -> None:
    Path("bad.csv").write_text(text)
    (line,) = errors("bad.csv")
    assert told in line


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--design", "latin"), "--design is random, lhs, sobol or grid or a file that ends in .csv, got 'latin'"),
        (("--design", "none.csv"), "none.csv"),
        (("--design", "sobol", "--cases", 100), "--cases 64 or 128, got 100"),
        (("--design", "lhs", "--runs", 100), "--runs counts the runs of a plain ensemble"),
        (("--design", "lhs", "--precision", 0.1), "--precision adds runs"),
        (("--design", "lhs", "--keep", "trajectories"), "--keep trajectories is of a plain ensemble"),
        (("--cases", 10), "give --design too"),
        (("--replications", 10), "give --design too"),
    ],
)
def test_wrong_usage(words: tuple[object, ...], told: str) -> None:
    assert told in phased("run", SCENARIO, *words, code=2).stderr


def test_a_pair_without_factors_is_one_case_and_without_noise_one_replication() -> None:
    found = phased("run", "surge-to-front", "--design", "lhs", "--cases", 50, "--out", "out")
    assert "1 case, one replication each, as nothing in them is noisy from day to day" in found.stdout
    assert "is an uncertain number, so that all cases would be the same: there is one, not 50." in found.stdout
    assert "the same: there is one." in phased("run", "surge-to-front", "--design", "lhs", "--cases", 1).stdout
    assert rows(Path("out/cases.csv"))[0]["defensive_weapons.first"] == "7.0"
    Path("mine.csv").write_text(f"{LEVEL}\n4\n")
    assert "has no uncertain number" in phased("run", "surge-to-front", "--design", "mine.csv", code=2).stderr


def test_the_same_from_python() -> None:
    pair = Library().load_pair(SCENARIO, None, ["days=90"])
    about = api.study(pair, replications=3)
    done = api.run_design(about, api.design_of(about, "lhs", 7), how=How())
    phased("run", SCENARIO, "--design", "lhs", "--cases", 7, *SMALL, "--out", "out")
    made = rows(Path("out/cases.csv"))
    np.testing.assert_array_equal(done.values[:, 0], [float(row[LEVEL]) for row in made])
    np.testing.assert_array_equal(done.means[-1], [float(row[done.measures[-1].name]) for row in made])


# EMA Workbench ----------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def workbench() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of optional libraries that are not there
        ema_workbench = pytest.importorskip("ema_workbench")
        __import__("ema_workbench.analysis")
    return ema_workbench


def test_ema_workbench_opens_the_archive_as_its_own(workbench: Any, tmp_path: Path) -> None:
    phased("run", SCENARIO, "--design", "lhs", "--cases", 40, *SMALL, "--out", "out")
    experiments, outcomes = workbench.load_results("out/ema.tar.gz")
    made = rows(Path("out/cases.csv"))
    assert list(experiments[LEVEL]) == [float(row[LEVEL]) for row in made]
    assert list(experiments["policy"].unique()) == ["phased-approach"]
    assert list(experiments["model"].unique()) == [SCENARIO]
    for name, values in outcomes.items():
        assert values.tolist() == [float(row[name]) for row in made]
    workbench.save_results((experiments, outcomes), str(tmp_path / "again.tar.gz"))  # and keeps it
    again, _ = workbench.load_results(str(tmp_path / "again.tar.gz"))
    assert again.equals(experiments)


def test_its_prim_and_feature_scores_take_the_archive_and_the_table(workbench: Any) -> None:
    """They find what the sensitivity analysis finds: the level at the end of October, and the bias of its signpost."""
    pandas = pytest.importorskip("pandas")
    phased("run", SCENARIO, "--design", "lhs", "--cases", 300, "--replications", 10, "--out", "out")
    table = pandas.read_csv("out/cases.csv")
    factors = [name for name in table if name.startswith(("variables.", "signposts."))]
    archive = workbench.load_results("out/ema.tar.gz")
    for experiments, outcomes in (
        archive,
        (table[factors], {"offensive_measures.first": table["offensive_measures.first"].values}),
    ):
        late = outcomes["offensive_measures.first"] > 250
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of pandas, about how the workbench uses it
            box = workbench.analysis.prim.Prim(experiments, late, threshold=0.8).find_box()
            scores = workbench.analysis.feature_scoring.get_ex_feature_scores(
                experiments[factors], outcomes["offensive_measures.first"], mode=workbench.analysis.RuleInductionType.REGRESSION
            )[0]
        limits = box.box_lims[-1]
        assert limits[LEVEL].max() < 3
        assert scores.index[0] == LEVEL


def test_the_archive_is_the_same_bytes_each_time() -> None:
    for folder in "ab":
        phased("run", SCENARIO, "--design", "lhs", "--cases", 4, *SMALL, "--out", folder)
    assert contents(Path("a")) == contents(Path("b"))
