"""rerun: a manifest is enough to make a report again, and to be told what differs. A hostile one makes nothing."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.cli import main
from tests.cli.shell import contents, phased, phased_json, spawned

SMALL = ("run", "surge-to-front-uncertain", "--runs", 20, "--seed", 7, "--set", "days=40")
COMPARE = ("compare", "surge-to-front-uncertain", "withdrawal", "--policy", "phased-approach", "--policy", "hair-trigger")
MINE = "kind: scenario\nname: mine\ntitle: Mine\nextends: surge-to-front\ndays: 20\n"
SAME = "Reproduced: all {} files are the same, byte for byte.\n"


@pytest.fixture(autouse=True)
def scratch(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Temporary folders are made here, where a test can see that none is left."""
    folder = tmp_path_factory.mktemp("scratch")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def edited(folder: Path, **changes: Any) -> Path:
    """The folder's manifest with other values; None takes one out."""
    path = folder / "manifest.json"
    document = {**json.loads(path.read_bytes()), **changes}
    path.write_text(json.dumps({key: value for key, value in document.items() if value is not None}, indent=1))
    return path


def digests(**changes: str) -> dict[str, str]:
    return {name.replace("__", "."): digest * 64 for name, digest in changes.items()}


# the same again ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "files"),
    [
        ((*SMALL, "--pdf"), 7),
        ((*SMALL, "--no-charts", "--policy", "step-down"), 4),
        (("run", "surge-to-front", "--runs", 500), 6),
        (("run", "surge-to-front", "--runs", 200_000, "--no-charts"), 3),
        (("run", "surge-to-front", "--runs", 200_000, "--no-charts", "--keep", "runs"), 4),
        ((*SMALL, "--no-charts", "--keep", "runs", "--workers", 2), 4),
        ((*SMALL, "--no-charts", "--precision", "0.1"), 4),
        ((*COMPARE, "--runs", 20, "--set", "days=40"), 10),
        ((*COMPARE, "--runs", 20, "--set", "days=40", "--losses", "example"), 13),
        ((*COMPARE, "--runs", 20, "--set", "days=40", "--no-charts", "--precision", "0.1"), 4),
        ((*COMPARE, "--runs", 20, "--no-charts", "--json", "--parquet"), 6),
        (("hindcast", "--pdf"), 6),
        (("hindcast", "hindcast-kursk-counts", "--no-charts", "--set", "transitions.arm_defensively.confirm=3"), 3),
    ],
    ids=lambda each: None if isinstance(each, int) else " ".join(map(str, each)),
)
def test_a_report_is_reproduced(here: Path, scratch: Path, words: tuple[object, ...], files: int) -> None:
    phased(*words, "--out", "out")
    before = contents(here)
    assert len(before) == files + 1
    done = phased("rerun", "out/manifest.json")
    assert done.stdout == (SAME.format(files) if files > 1 else "Reproduced: the one file is the same, byte for byte.\n")
    assert done.stderr == ""
    assert contents(here) == before
    assert list(scratch.iterdir()) == []


def test_options_that_change_no_byte_are_not_in_the_manifest(here: Path) -> None:
    phased(*SMALL, "--no-charts", "--out", "out")
    phased(*SMALL, "--no-charts", "--out", "more", "--workers", 2, "--resume", "--json")
    assert contents(here / "more") == contents(here / "out")
    command = json.loads((here / "out" / "manifest.json").read_bytes())["command"]
    assert command == "phased run surge-to-front-uncertain --runs 20 --seed 7 --set days=40 --no-charts"


def test_trajectories_are_made_again(here: Path, scratch: Path) -> None:
    pytest.importorskip("pyarrow")
    phased(*SMALL, "--no-charts", "--keep", "trajectories", "--out", "out")
    manifest = json.loads((here / "out" / "manifest.json").read_bytes())
    assert "pyarrow" in manifest["libraries"]
    assert any(name.startswith("trajectories/") for name in manifest["outputs"])
    assert phased("rerun", "out").stdout == SAME.format(len(manifest["outputs"]))
    assert list(scratch.iterdir()) == []


def test_a_report_in_its_default_place_by_its_folder_and_kept_elsewhere(here: Path) -> None:
    phased(*SMALL)
    folder = here / "reports" / "surge-to-front-uncertain--phased-approach"
    done = phased("rerun", folder, "--out", "again")
    assert done.stdout == SAME.format(6)
    assert done.stderr.startswith(f"Wrote {here / 'again'}/: ")
    assert contents(here / "again") == contents(folder)


def test_json(here: Path) -> None:
    phased(*SMALL, "--out", "out", "--no-charts")
    document = phased_json("rerun", "out")
    manifest = json.loads((here / "out" / "manifest.json").read_bytes())
    assert list(document) == ["reproduced", "inputs", "versions", "outputs"]
    assert document["reproduced"] is True
    assert {each["name"]: each["recorded"] for each in document["inputs"]} == manifest["inputs"]
    assert all(each["status"] == "unchanged" and each["here"] == each["recorded"] for each in document["inputs"])
    assert [each["name"] for each in document["versions"]] == ["phased", "python", "machine", *manifest["libraries"]]
    assert all(each["same"] and each["here"] == each["recorded"] for each in document["versions"])
    assert {each["name"]: each["made"] for each in document["outputs"]} == manifest["outputs"]
    assert all(list(each) == ["name", "status", "recorded", "made", "differences"] for each in document["outputs"])


def test_as_a_command_of_its_own(here: Path) -> None:
    assert spawned(*SMALL, "--no-charts", "--out", "out", cwd=here).returncode == 0
    done = spawned("rerun", "out", cwd=here)
    assert (done.returncode, done.stdout, done.stderr) == (0, SAME.format(4), "")


def test_a_name_that_looks_like_an_option(here: Path) -> None:
    (here / "-mine.yaml").write_text(MINE)
    phased("run", "--no-charts", "--out", "out", "--", "-mine.yaml")
    assert json.loads((here / "out" / "manifest.json").read_bytes())["command"].endswith("--no-charts -- -mine.yaml")
    assert phased("rerun", "out").stdout == SAME.format(4)


# what differs -----------------------------------------------------------------------------------------------------------------


@pytest.fixture
def mine(here: Path) -> Path:
    """A folder with a scenario of one's own and its report."""
    folder = here / "project"
    (folder / "scenarios").mkdir(parents=True)
    (folder / "scenarios" / "mine.yaml").write_text(MINE)
    os.chdir(folder)  # the fixture `here` goes back
    phased("run", "mine", "--no-charts")
    return folder


REPORT = "reports/mine--phased-approach"


def test_an_input_that_changed(mine: Path) -> None:
    (mine / "scenarios" / "mine.yaml").write_text(MINE.replace("20", "25"))
    text = phased("rerun", REPORT, code=1).stdout
    assert text.startswith("Inputs that changed since: scenarios/mine.yaml\n\n")
    lines = [" ".join(line.split()) for line in text.splitlines()]
    assert "summary.json differs" in lines
    assert "The first values that differ in summary.json:" in lines
    assert "days 20 25" in lines
    assert lines[-2:] == ["Not reproduced: 4 of 4 files differ.", "Likely because inputs are not what they were."]
    document = phased_json("rerun", REPORT, code=1)
    assert document["reproduced"] is False
    changed = [each for each in document["inputs"] if each["status"] == "changed"]
    assert [each["name"] for each in changed] == ["scenarios/mine.yaml"]
    summary = next(each for each in document["outputs"] if each["name"] == "summary.json")
    assert summary["differences"][0] == {"field": "days", "recorded": 20, "made": 25}


def test_an_input_that_changed_and_made_no_difference(mine: Path) -> None:
    (mine / "scenarios" / "mine.yaml").write_text(f"# a comment\n{MINE}")
    assert phased("rerun", REPORT).stdout == f"Inputs that changed since: scenarios/mine.yaml\n{SAME.format(4)}"
    document = phased_json("rerun", REPORT)
    assert (document["reproduced"], document["inputs"][0]["status"]) == (True, "changed")


def test_an_input_that_is_broken_now(mine: Path, scratch: Path) -> None:
    (mine / "scenarios" / "mine.yaml").write_text(MINE.replace("20", "soon"))
    done = phased("rerun", REPORT, code=2)
    assert done.stdout == "Inputs that changed since: scenarios/mine.yaml\n"
    assert done.stderr.startswith("scenarios/mine.yaml:5:7: days: ")
    assert list(scratch.iterdir()) == []


def test_an_input_that_is_missing(mine: Path) -> None:
    (mine / "scenarios" / "mine.yaml").unlink()
    before = contents(mine)
    done = phased("rerun", REPORT, "--out", "again", code=2)
    place = f"{REPORT}/manifest.json:7:3: inputs.scenarios/mine.yaml"
    assert done.stderr == f"{place}: is missing: there is no such file, seen from {mine}\n"
    assert done.stdout == ""
    assert contents(mine) == before
    edited(mine / REPORT, inputs={"shipped:scenarios/none.yaml": "0" * 64, "mine.csv": "0" * 64})
    lines = phased("rerun", REPORT, "--json", code=2).stderr.splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == [
        "inputs.shipped:scenarios/none.yaml: is missing: this version of phased ships no such file",
        f"inputs.mine.csv: is missing: there is no such file, seen from {mine}",
    ]


def test_a_file_that_hides_a_shipped_one(here: Path) -> None:
    phased("run", "surge-to-front", "--no-charts", "--out", "out")
    (here / "scenarios").mkdir()
    (here / "scenarios" / "surge-to-front.yaml").write_text(MINE.replace("mine", "surge-to-front"))
    lines = phased("rerun", "out", code=1).stdout.splitlines()
    assert lines[0] == "Inputs read now and not then: scenarios/surge-to-front.yaml"
    assert lines[-1] == "Likely because inputs are not what they were."
    found = {each["name"]: each["status"] for each in phased_json("rerun", "out", code=1)["inputs"]}
    assert found["scenarios/surge-to-front.yaml"] == "new"
    (here / "scenarios" / "surge-to-front.yaml").write_text(MINE.replace("extends: surge-to-front", "extends: withdrawal"))
    lines = phased("rerun", "out", code=1).stdout.splitlines()
    assert "Inputs read then and not now: shipped:scenarios/surge-to-front.yaml" in lines


def test_versions_that_differ(here: Path) -> None:
    phased(*SMALL, "--no-charts", "--out", "out")
    manifest = json.loads((here / "out" / "manifest.json").read_bytes())
    edited(here / "out", phased="0.0.1", libraries={**manifest["libraries"], "numpy": "1.0", "abacus-lib": "1.2"})
    text = phased("rerun", "out").stdout
    first, last = text.splitlines()
    assert first.startswith("Versions that differ: phased (0.0.1 then, ")
    assert "numpy (1.0 then, " in first
    assert "abacus-lib (1.2 then, none here)" in first
    assert f"{last}\n" == SAME.format(4)
    edited(here / "out", machine="abacus", outputs={**manifest["outputs"], "daily.csv": "0" * 64})
    lines = phased("rerun", "out", code=1).stdout.splitlines()
    assert lines[-2] == "Not reproduced: 1 of 4 files differs."
    assert lines[-1] == "Likely because versions differ and this is another kind of machine."
    assert {each["name"] for each in phased_json("rerun", "out", code=1)["versions"] if not each["same"]} == {
        "phased",
        "machine",
        "numpy",
        "abacus-lib",
    }


def test_outputs_that_differ_without_a_reason(here: Path) -> None:
    phased(*SMALL, "--out", "out")
    outputs = json.loads((here / "out" / "manifest.json").read_bytes())["outputs"]
    edited(here / "out", outputs={**outputs, **digests(run__png="0", run__svg="1")})
    lines = phased("rerun", "out", code=1).stdout.splitlines()
    assert lines[-2:] == [
        "Not reproduced: 2 of 6 files differ, all of them charts: every number is the same.",
        "No input and no version differs. The manifest may have been edited, or this processor rounds otherwise.",
    ]
    edited(here / "out", outputs={**outputs, **digests(summary__json="0", old__csv="1")})
    text = phased("rerun", "out", code=1).stdout
    assert "first values" not in text, "the old summary is not the one that the manifest records"
    rows = [" ".join(line.split()) for line in text.splitlines()][1:9]
    assert (rows[0], rows[-1]) == ("File Now", "old.csv not made now")
    assert sorted(rows[1:-1]) == [
        "daily.csv the same",
        "evidence.json the same",
        "run.png the same",
        "run.svg the same",
        "runs.csv the same",
        "summary.json differs",
    ]
    del outputs["runs.csv"]
    edited(here / "out", outputs=outputs)
    assert "only made now" in phased("rerun", "out", code=1).stdout


# from elsewhere ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["", "elsewhere", "project/reports", "project/reports/mine--phased-approach"])
def test_from_another_folder(mine: Path, other: str, scratch: Path) -> None:
    folder = mine.parent / other
    folder.mkdir(exist_ok=True)
    os.chdir(folder)
    before = contents(mine.parent)
    path = os.path.relpath(mine / REPORT / "manifest.json", folder)
    assert phased("rerun", path).stdout == f"Run again in {mine}, where its files are.\n{SAME.format(4)}"
    assert Path.cwd() == folder
    assert contents(mine.parent) == before
    assert phased("rerun", path, "--out", "again").stderr.startswith(f"Wrote {folder / 'again'}/: ")
    report = {name: content for name, content in contents(mine / REPORT).items() if not name.startswith("again")}
    assert contents(folder / "again") == report
    (mine / "scenarios" / "mine.yaml").write_text(MINE.replace("20", "soon"))
    assert phased("rerun", path, code=2).stderr.startswith("scenarios/mine.yaml:5:7: days: ")
    assert Path.cwd() == folder
    (mine / "scenarios" / "mine.yaml").unlink()
    assert f"seen from {folder} or {mine}\n" in phased("rerun", path, code=2).stderr
    assert list(scratch.iterdir()) == []


# wrong and hostile manifests --------------------------------------------------------------------------------------------------


@pytest.fixture
def plain(here: Path) -> Path:
    phased("run", "surge-to-front", "--no-charts", "--set", "days=10", "--out", "out")
    return here / "out"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("rm -rf ~", "must begin with phased run, compare"),
        ("phased init x", "'init' is no command to run again"),
        ("phased rerun out", "'rerun' is no command to run again; did you mean 'run'?"),
        ("phased run surge-to-front --out elsewhere", "--out cannot stand in a manifest"),
        ("phased run surge-to-front --out=elsewhere --json", "--out and --json cannot stand in a manifest"),
        ("phased run surge-to-front --help", "--help cannot stand in a manifest"),
        ("phased run surge-to-front -h", "--help cannot stand in a manifest"),
        ("phased run surge-to-front --polcy x", "No such option '--polcy'"),
        ("phased run surge-to-front --runs many", "Invalid value for '--runs'"),
        ("phased run surge-to-front --runs 0", "Invalid value for '--runs'"),
        ("phased run surge-to-front --seed", "Option '--seed' requires an argument"),
        ("phased run", "Missing argument 'SCENARIO'"),
        ("phased run a b", "Got unexpected extra argument (b)"),
        ("phased compare surge-to-front", "Missing option '--policy'"),
        (f"phased run {'x' * 300}", ""),
        ("phased run ./none.yaml", ""),
        ("phased run surge-to-front --set 'days=['", ""),
        ("phased run -- --out", ""),
        ("phased hindcast hindcast-kursk-counts-uncertain", ""),
        ("phased run surge-to-front; touch x", "Got unexpected extra arguments (touch x)"),
        ("phased run $(touch x)", "Got unexpected extra argument (x))"),
    ],
)
def test_a_tampered_command_is_refused(plain: Path, here: Path, scratch: Path, command: str, message: str) -> None:
    edited(plain, command=command)
    before = contents(here)
    done = phased("rerun", "out", code=2)
    assert done.stdout == ""
    assert done.stderr.strip()
    if message:
        assert done.stderr.startswith(f"out/manifest.json:4:13: command: {message}")
    assert contents(here) == before
    assert list(scratch.iterdir()) == []


def test_every_mistake_is_told_at_once(plain: Path) -> None:
    edited(plain, command="phased run x --json", outputs={"../x": "0" * 64}, python=3)
    lines = phased("rerun", "out", code=2).stderr.splitlines()
    assert [line.split(": ")[1] for line in lines] == ["command", "outputs.../x", "python"]


def test_a_seed_that_is_not_the_commands(plain: Path) -> None:
    edited(plain, seed=2)
    assert phased("rerun", "out", code=2).stderr == "out/manifest.json:5:10: seed: is 2, but the command says --seed 1\n"


def test_where_no_manifest_is(here: Path) -> None:
    assert "does not exist" in phased("rerun", "none", code=2).stderr
    (here / "empty").mkdir()
    assert phased("rerun", "empty", code=2).stderr == "empty/manifest.json:1:1: cannot be read: No such file or directory\n"
    os.mkfifo(here / "pipe")
    assert phased("rerun", "pipe", code=2).stderr == "phased: pipe is neither a file nor a folder\n"


def test_the_folder_of_the_manifest_is_not_written_to(plain: Path, here: Path) -> None:
    before = contents(here)
    for out in ("out", "out/../out", plain):
        assert "is the folder of the manifest" in phased("rerun", "out", "--out", out, code=2).stderr
    assert contents(here) == before


@pytest.mark.parametrize("outputs", [5, None, ["kept"], {"kept": 1}, {"../kept": "0" * 64, "kept": "0" * 64}])
def test_a_broken_manifest_in_the_way_takes_nothing_along(plain: Path, here: Path, outputs: object) -> None:
    (plain / "kept").write_text("x")
    edited(plain, outputs=outputs)
    phased("run", "surge-to-front", "--no-charts", "--out", "out")
    assert (here / "out" / "kept").read_text() == "x"
    (plain / "manifest.json").write_text("[" * 100_000)
    phased("run", "surge-to-front", "--no-charts", "--out", "out")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
WORDS = st.sampled_from(["phased", "run", "surge-to-front", "--out", "x", "--set", "days=5", "--policy", "restrained", "--", "'"])


@st.composite
def tampered(draw: st.DrawFn, original: bytes) -> bytes:
    """A manifest with one or two things changed."""
    document = json.loads(original)
    for _ in range(draw(st.integers(1, 2))):
        key = draw(st.sampled_from([*document, "other"]))
        inner = document.get(key)
        match draw(st.sampled_from(["drop", "put", "words", "inside"])):
            case "drop":
                document.pop(key, None)
            case "words":
                document["command"] = "phased " + " ".join(draw(st.lists(WORDS, max_size=6)))
            case "inside" if isinstance(inner, dict):
                inner[draw(st.sampled_from([*inner, "../x", "shipped:x"]) | st.text(max_size=10))] = draw(JSON)
            case _:
                document[key] = draw(JSON)
    return json.dumps(document, indent=draw(st.sampled_from([None, 1]))).encode()


@st.composite
def cut(draw: st.DrawFn, original: bytes) -> bytes:
    start, end = sorted(draw(st.tuples(st.integers(0, len(original)), st.integers(0, len(original)))))
    return original[:start] + draw(st.binary(max_size=4)) + original[end:]


def test_no_bytes_make_a_traceback(here: Path, scratch: Path) -> None:
    phased("run", "surge-to-front", "--no-charts", "--set", "days=10", "--out", "out")
    path = here / "out" / "manifest.json"
    original = path.read_bytes()
    before = contents(here)

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.one_of(st.binary(max_size=30), JSON.map(lambda value: json.dumps(value).encode()), tampered(original), cut(original))
    )
    def check(raw: bytes) -> None:
        path.write_bytes(raw)
        done = CliRunner().invoke(main, ["rerun", "out"], prog_name="phased")
        assert isinstance(done.exception, SystemExit | None), raw
        assert done.exit_code in (0, 1, 2)
        assert (done.stderr if done.exit_code == 2 else done.stdout).strip()
        path.write_bytes(original)
        assert contents(here) == before
        assert list(scratch.iterdir()) == []

    check()
