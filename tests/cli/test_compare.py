from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import pytest

from sim.cli.compare import about
from tests.cli.shell import contents, phased, phased_json

SHARES = "a_earlier b_earlier same_day only_a only_b neither".split()
POLICIES = ["phased-approach", "hair-trigger", "restrained"]
WORDS = ("compare", "surge-to-front-uncertain", "withdrawal", "--runs", 60, "--seed", 2)
WORDS = (*WORDS, *(word for policy in POLICIES for word in ("--policy", policy)))


@pytest.fixture(scope="module")
def document() -> Any:
    return phased_json(*WORDS)


def test_cells_are_the_summaries_of_run(document: Any) -> None:
    assert list(document) == ["cells", "pairs", "disagreements", "differences", "readings", "regret"]
    pairs = [(cell["scenario"], cell["policy"]) for cell in document["cells"]]
    assert pairs == [(scenario, policy) for scenario in ("surge-to-front-uncertain", "withdrawal") for policy in POLICIES]
    alone = phased_json("run", "surge-to-front-uncertain", "--policy", "hair-trigger", "--runs", 60, "--seed", 2)
    assert document["cells"][1] == alone


def test_pairs_sum_to_one(document: Any) -> None:
    keys = ["scenario", "a", "b", "phase", "runs", *SHARES, "mean_difference", "se", "median_a", "median_b"]
    keys += ["told_apart", "more_runs", "variance_reduction"]
    assert len(document["pairs"]) == 2 * 3 * 2
    for each in document["pairs"]:
        assert list(each) == keys
        assert math.isclose(sum(each[share] for share in SHARES), 1)
        assert POLICIES.index(each["a"]) < POLICIES.index(each["b"])


def test_pairs_agree_with_runs_csv(document: Any, here: Path) -> None:
    first: dict[str, list[int]] = {}
    for policy in ("phased-approach", "hair-trigger"):
        words = ("--runs", 60, "--seed", 2, "--no-charts", "--out", here / policy)
        phased("run", "surge-to-front-uncertain", "--policy", policy, *words)
        table = csv.DictReader(io.StringIO((here / policy / "runs.csv").read_text(), newline=""))
        first[policy] = [int(row["offensive_measures.first"] or 365) for row in table]
    a, b = first["phased-approach"], first["hair-trigger"]
    both = [(x, y) for x, y in zip(a, b, strict=True) if x < 365 and y < 365]
    found = next(each for each in document["pairs"] if each["b"] == "hair-trigger" and each["phase"] == "offensive_measures")
    assert found["a_earlier"] == sum(x < y for x, y in both) / 60
    assert found["b_earlier"] == sum(y < x for x, y in both) / 60
    assert found["only_b"] == sum(x == 365 > y for x, y in zip(a, b, strict=True)) / 60
    differences = [y - x for x, y in zip(a, b, strict=True)]
    mean = sum(differences) / 60
    assert found["mean_difference"] == pytest.approx(mean)
    assert found["se"] == pytest.approx(math.sqrt(sum((each - mean) ** 2 for each in differences) / 59 / 60))
    assert found["median_a"] == (sorted(a)[29] if sorted(a)[29] < 365 else None)


def test_json_prints_only_json_and_writes_nothing(here: Path) -> None:
    result = phased("compare", "withdrawal", "--policy", "phased-approach", "--policy", "hair-trigger", "--json")
    pair = json.loads(result.stdout)["pairs"][0]
    assert (pair["only_b"], pair["mean_difference"], pair["median_a"], pair["median_b"]) == (1, -365, None, 0)
    assert result.stderr == ""
    assert list(here.iterdir()) == []


def test_table_and_files(here: Path) -> None:
    result = phased(*WORDS)
    for scenario in ("withdrawal", "surge-to-front-uncertain"):
        assert f"[{scenario}]" in result.stdout
    rows = [line.split() for line in result.stdout.splitlines()]
    assert sum(row[:1] == ["hair-trigger"] for row in rows) == 2 * (2 + 2)
    assert result.stdout.count("Against phased-approach, on the same draws:") == 2
    assert "not a forecast" in result.stdout
    folder = here / "reports" / f"compare--surge-to-front-uncertain-and-withdrawal--{'-vs-'.join(POLICIES)}"
    files = contents(folder)
    names = "comparison.csv comparison.json disagreement.png disagreement.svg evidence.json".split()
    names += ["first-passage.png", "first-passage.svg"]
    assert sorted(files) == [*names, "manifest.json", "overview.png", "overview.svg", "pairs.csv"]
    phased(*WORDS, "--out", "again")
    assert contents(here / "again") == files


def test_shares_and_days_come_with_their_intervals(document: Any) -> None:
    result = phased(*WORDS, "--no-charts")
    rows = [" ".join(line.split()) for line in result.stdout.splitlines()]
    for cell in document["cells"]:
        if cell["single_path"]:
            continue
        told = cell["first_passage"]["defensive_weapons"]
        low, high = (f"{bound:.0%}".rstrip("%") for bound in told["interval"])
        row = next(row for row in rows if row.startswith(f"{cell['policy']} Defensive weapons {told['reached']:.0%}"))
        assert f" {told['reached']:.0%} ({low}–{high}) " in row
        first, last = told["quantile_intervals"]["0.5"]
        day = told["quantiles"]["0.5"]
        assert "not reached by the end" in row if day is None else f", day {day} ({first}–{last}) " in row
    assert "In brackets: 95% Monte Carlo intervals" in result.stdout


def test_shares_come_with_their_range_over_readings(document: Any) -> None:
    rows = [" ".join(line.split()) for line in phased(*WORDS, "--no-charts").stdout.splitlines()]
    assert "Policy Phase Reached in Over readings 50% of runs by Mean days" in rows
    for cell in document["cells"]:
        told = cell["first_passage"]["offensive_measures"]
        if told["over_readings"] is None:
            assert cell["policy"] == "restrained"
            continue
        low, high = told["over_readings"]
        said = "no" if cell["single_path"] else f"{low:.0%}–{high:.0%}".replace("%–", "–")
        assert any(row.startswith(f"{cell['policy']} Offensive measures") and f" {said} " in row for row in rows)
    assert "phased-approach Defensive weapons no no or yes not reached by the end 0" in rows
    assert sum(row.startswith("Over readings: ") for row in rows) == 1


def test_policies_without_rivals_have_no_range() -> None:
    words = ("compare", "surge-to-front-uncertain", "--policy", "restrained", "--runs", 20, "--no-charts")
    assert "readings" not in phased(*words).stdout.lower()


def test_which_policies_are_told_apart(document: Any) -> None:
    rows = [" ".join(line.split()) for line in phased(*WORDS, "--no-charts").stdout.splitlines()]
    assert "Policy Phase Sooner Later Same day Neither Mean difference Told apart" in rows
    pair = next(each for each in document["pairs"] if (each["b"], each["phase"]) == ("restrained", "defensive_weapons"))
    assert (pair["runs"], pair["told_apart"], pair["more_runs"]) == (60, True, None)
    assert any(row.startswith("restrained Defensive weapons 0%") and row.endswith("days later yes") for row in rows)


def test_no_difference_in_any_run() -> None:
    words = ("compare", "surge-to-front-uncertain", "--policy", "phased-approach", "--policy", "step-down", "--runs", 40)
    pair = phased_json(*words)["pairs"][0]
    assert (pair["same_day"] + pair["neither"], pair["se"]) == (1, 0)
    assert (pair["told_apart"], pair["more_runs"], pair["variance_reduction"]) == (False, None, None)
    text = phased(*words, "--no-charts").stdout
    row = next(line for line in text.splitlines() if line.startswith("step-down  Defensive") and line.rstrip().endswith("run"))
    assert row.rstrip().endswith("none in any run")


def test_how_many_more_runs_would_tell() -> None:
    words = ("compare", "gradual-rise-uncertain", "--policy", "allied-coordinated", "--policy", "consent-gated", "--runs", 300)
    pairs = {each["phase"]: each for each in phased_json(*words)["pairs"]}
    assert not any(each["told_apart"] for each in pairs.values())
    text = phased(*words, "--no-charts").stdout
    for each in pairs.values():
        apart = (1.959964 + 0.841621) * each["se"] / each["mean_difference"]
        assert each["more_runs"] == math.ceil(300 * apart**2) - 300
        digits = 10 ** (len(str(each["more_runs"])) - 2)
        assert f" no: +{-(-each['more_runs'] // digits) * digits:,} runs" in text
    assert "power 80%" in text
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= 120


@pytest.mark.parametrize(
    ("number", "told"),
    [(7, "7"), (99, "99"), (101, "110"), (12_001, "13,000"), (999_000, "1 million"), (1_210_000, "1.3 million")],
)
def test_rounded_numbers_of_runs(number: int, told: str) -> None:
    assert about(number) == told


def test_one_path_has_no_interval() -> None:
    words = ("compare", "surge-to-front", "--policy", "phased-approach", "--no-charts")
    alone = phased(*words, "--policy", "restrained").stdout
    assert "In brackets" not in alone
    beside = [" ".join(line.split()) for line in phased(*words, "--policy", "allied-coordinated").stdout.splitlines()]
    assert "phased-approach Defensive weapons yes yes 2024-10-31 (day 7) 358" in beside
    assert "phased-approach Offensive measures no no not reached by the end 0" in beside
    assert any(line.startswith("allied-coordinated Defensive weapons 100.0% (99.6–100.0) ") for line in beside)


def test_one_sampled_run_is_not_told_as_one_path() -> None:
    words = ("compare", "surge-to-front-uncertain", "--policy", "phased-approach", "--runs", 1, "--no-charts")
    assert "shares of 1 simulated run, seed 1" in phased(*words).stdout


def test_names_that_are_too_many_for_a_folder_end_in_a_digest(here: Path) -> None:
    policies = ("phased-approach", "hair-trigger", "restrained", "step-down", "ambiguity-tolerant", "consent-gated")
    for last in ("capacity-limited", "allied-coordinated"):
        words = [word for policy in (*policies, last) for word in ("--policy", policy)]
        phased("compare", "surge-to-front", *words, "--no-charts", "--runs", 5)
    folders = [path.name for path in (here / "reports").iterdir()]
    assert len(folders) == 2
    assert max(map(len, folders)) <= 110


def test_files_that_bear_one_name_are_refused(here: Path) -> None:
    for name in ("one", "two"):
        text = "kind: policy\nname: same\ntitle: T\nextends: restrained\n"
        (here / f"{name}.yaml").write_text(text, encoding="utf-8")
    result = phased("compare", "withdrawal", "--policy", "one.yaml", "--policy", "two.yaml", code=2)
    assert "two of the files bear the same name: withdrawal with same" in result.stderr
    assert "is not the file's own name, 'one'" in phased("check", "one.yaml").stdout


def test_one_policy_alone_has_no_pairs() -> None:
    words = ("compare", "surge-to-front", "--policy", "phased-approach")
    assert phased_json(*words)["pairs"] == []
    assert "on the same draws" not in phased(*words, "--no-charts").stdout


def test_a_world_that_answers_is_told() -> None:
    words = ("compare", "reciprocity-provoking", "--policy", "phased-approach", "--policy", "restrained", "--no-charts")
    assert "two policies may face different worlds" in phased(*words).stdout


def test_wrong_usage(here: Path) -> None:
    assert "Missing option '--policy'" in phased("compare", "withdrawal", code=2).stderr
    twice = phased("compare", "withdrawal", "--policy", "restrained", "--policy", "restrained", code=2)
    assert twice.stderr == "phased: each scenario and each policy can be named once\n"
    assert "did you mean 'restrained'?" in phased("compare", "withdrawal", "--policy", "restraind", code=2).stderr
    assert list(here.iterdir()) == []


# with losses ------------------------------------------------------------------------------------------------------------------

LOSSES = ("compare", "surge-to-front-uncertain", "withdrawal", "--policy", "phased-approach", "--policy", "restrained")
LOSSES = (*LOSSES, "--losses", "example", "--runs", 60, "--set", "days=90")


def test_regret_is_told_drawn_and_written(here: Path) -> None:
    text = phased(*LOSSES, "--out", "out").stdout
    told = json.loads((here / "out" / "comparison.json").read_bytes())["regret"]
    assert (told["losses"], told["against"], told["evidence"]["assumed"]) == ("example", "phased-approach", 10)
    assert [each["weights"] for each in told["sets"]] == ["as stated", "late_matters", "alarm_matters"]
    joined = " ".join(text.split())
    for each in told["sets"]:
        assert each["text"] in joined
    assert "10 of 10 numbers are assumed." in joined
    assert "None of these losses is the right one." in joined
    table = list(csv.DictReader(io.StringIO((here / "out" / "regret.csv").read_text(), newline="")))
    cells = [(each["weights"], cell) for each in told["sets"] for cell in each["cells"]]
    assert len(table) == len(cells) == 3 * 2 * 2
    for row, (weights, cell) in zip(table, cells, strict=True):
        assert row["weights"] == weights
        assert (row["scenario"], row["policy"]) == (cell["scenario"], cell["policy"])
        assert float(row["loss"]) == cell["loss"] == pytest.approx(cell["late"] + cell["false_alarm"] + cell["in_phase"])
        assert float(row["regret"]) == cell["regret"]
    manifest = json.loads((here / "out" / "manifest.json").read_bytes())
    assert "shipped:configs/losses/example.yaml" in manifest["inputs"]
    assert {"regret.csv", "regret.png", "regret.svg"} <= manifest["outputs"].keys()
    assert " --losses example " in manifest["command"]
    assert phased("rerun", "out").stdout.startswith("Reproduced: all ")


def test_without_losses_there_is_no_regret(document: Any) -> None:
    assert document["regret"] is None
    assert "regret" not in phased(*WORDS, "--no-charts").stdout.lower()


def test_regret_compares_policies(here: Path) -> None:
    told = phased("compare", "surge-to-front", "--policy", "restrained", "--losses", "example", "--out", "out", code=2).stderr
    assert "name at least two with --policy" in told
    assert not (here / "out").exists()


def test_check_reads_losses_with_the_rule_that_they_name(here: Path) -> None:
    text = "kind: losses\nname: mine\ntitle: T\nagainst: phased-aproach\nlate: {peace: 1}\n"
    (here / "mine.yaml").write_text(text, encoding="utf-8")
    assert "mine.yaml:4:10: against: unknown policy 'phased-aproach'; did you mean" in phased("check", "mine.yaml", code=1).stdout
    (here / "mine.yaml").write_text(text.replace("aproach", "approach"), encoding="utf-8")
    assert "mine.yaml:5:8: late.peace: unknown phase 'peace'" in phased("check", "mine.yaml", code=1).stdout


def test_a_file_of_losses_is_found_like_any_other(here: Path) -> None:
    asked = [*LOSSES[: LOSSES.index("--losses")], "--no-charts", "--runs", 5, "--losses"]
    assert "unknown file of losses 'exampel'; did you mean 'example'?" in phased(*asked, "exampel", code=2).stderr
    assert "'restrained' is a policy, not a file of losses" in phased(*asked, "restrained", code=2).stderr
    (here / "mine.yaml").write_text("kind: losses\nname: mine\ntitle: T\nlate: {peace: 1}\n")
    assert "mine.yaml:4:8: late.peace: unknown phase 'peace'; choose " in phased(*asked, "./mine.yaml", code=2).stderr
    assert not (here / "reports").exists()
    assert "1 file read: 0 errors" in phased("check", "mine.yaml").stdout


# in sentences -----------------------------------------------------------------------------------------------------------------


def test_sentences_are_those_of_the_json(document: Any) -> None:
    joined = " ".join(phased(*WORDS, "--no-charts").stdout.split())
    for each in (*document["disagreements"], *document["readings"]):
        assert (each["text"] in joined) == (each["a"] == "phased-approach")
    for each in document["differences"]:
        assert all((" ".join(line.split()) in joined) == (each["a"] == "phased-approach") for line in each["text"])


def test_of_many_policies_only_the_whole_difference_is_told() -> None:
    policies = ("phased-approach", "hair-trigger", "restrained", "step-down", "consent-gated")
    words = [word for policy in policies for word in ("--policy", policy)]
    text = phased("compare", "surge-to-front", *words, "--no-charts").stdout
    assert "What differs, and what it changes (one by one in comparison.json):" in text
    assert text.count(", all together: ") == 4
    assert "  alone, " not in text
    assert max(map(len, (line.rstrip() for line in text.splitlines()))) <= 130


def test_disagreement_agrees_with_runs_csv(document: Any) -> None:
    """A run in which the days in a phase or its first passage differ is one on which the two disagree."""
    found = next(each for each in document["disagreements"] if each["b"] == "restrained")
    cell = next(each for each in document["cells"] if each["policy"] == "phased-approach")
    assert found["share"] == cell["first_passage"]["defensive_weapons"]["reached"]  # the other never leaves the first phase
    assert found["first"] == cell["first_passage"]["defensive_weapons"]["counts"]
    assert found["quantiles"] == cell["first_passage"]["defensive_weapons"]["quantiles"]
    assert found["interval"] == cell["first_passage"]["defensive_weapons"]["interval"]
