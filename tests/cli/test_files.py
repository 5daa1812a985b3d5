"""check, schema and init: what a writer of files uses."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.cli.shell import SHIPPED, contents, phased, phased_json, spawned

BAD_SCENARIO = """\
kind: scenario
name: bad
title: Two mistakes
extends: surge-to-front
days: soon
variables:
  deployment_level:
    bounds: [4, 0]
    colour: red
"""


@pytest.fixture
def bad(here: Path) -> Path:
    (here / "bad.yaml").write_text(BAD_SCENARIO)
    return here / "bad.yaml"


# check ------------------------------------------------------------------------------------------------------------------------


def test_check_shipped_files() -> None:
    names = [each["name"] for kind in ("scenarios", "policies") for each in phased_json("list")[kind]]
    found = phased_json("check", *names[:3], *names[-2:], "article-2024-10")["findings"]
    assert {each["level"] for each in found} == {"note"}
    assert phased("check", "phased-approach").stdout.endswith("\n1 file read: 0 errors, 0 warnings, 3 notes.\n")
    assert phased("check", "article-2024-10").stdout == "1 file read: 0 errors, 0 warnings.\n"


@pytest.mark.usefixtures("bad")
def test_check_tells_every_mistake_with_its_place() -> None:
    result = phased("check", "bad.yaml", code=1)
    lines = result.stdout.splitlines()
    assert any(line.startswith("error: bad.yaml:5:7: days: ") for line in lines)
    assert any(line.startswith("error: bad.yaml:9:5: variables.deployment_level") and "colour" in line for line in lines)
    document = phased_json("check", "bad.yaml", code=1)
    assert list(document) == ["findings"]
    for each in document["findings"]:
        assert list(each) == ["file", "line", "column", "level", "rule", "field", "message", "witness"]
        assert (each["file"], each["level"]) == ("bad.yaml", "error")
    found = {(each["line"], each["column"]) for each in document["findings"]}
    assert {(5, 7), (9, 5)} <= found
    assert len(found) == len(document["findings"]) == len(lines) - 1


def test_check_holds_scenarios_against_policies(here: Path) -> None:
    policy = """kind: policy\nname: other\ntitle: T\nreads: {unheard: {unit: u}}\nphases: {a: {}, b: {}}
transitions: {go: {from: a, to: b, when: unheard > 1}}\n"""
    (here / "other.yaml").write_text(policy)
    (note,) = phased_json("check", "other.yaml")["findings"]
    findings = phased_json("check", "other.yaml", "surge-to-front", code=1)["findings"]
    assert [each["file"] for each in findings] == ["other.yaml", "other.yaml"]
    assert (note["rule"], findings[1]) == ("no-way-out", note)
    assert "unheard" in findings[0]["message"]


def test_warnings_alone_are_no_failure(here: Path) -> None:
    text = "kind: scenario\nname: w\ntitle: W\nextends: surge-to-front\nvariables:\n  deployment_level:\n"
    (here / "w.yaml").write_text(text + "    moves: {drift: {walk: {volatility: 0.1}}}\n")
    findings = phased_json("check", "w.yaml")["findings"]
    assert [each["level"] for each in findings] == ["warning"]
    assert phased("check", "w.yaml").stdout.endswith("1 file read: 0 errors, 1 warning.\n")


# bad files and names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["run", "path", "show", "compare", "hindcast"])
def test_a_bad_file_is_told_with_its_place_and_nothing_is_written(bad: Path, name: str) -> None:
    more = ("--policy", "restrained") if name == "compare" else ()
    result = phased(name, "./bad.yaml", *more, code=2)
    assert result.stdout == ""
    assert result.stderr.splitlines()[0].removeprefix("./").startswith("bad.yaml:5:7: days: ")
    assert list(Path().iterdir()) == [Path(bad.name)]


def test_a_syntax_error(here: Path) -> None:
    (here / "broken.yaml").write_text("kind: scenario\nname: [x\n")
    result = phased("run", "broken.yaml", code=2)
    assert result.stderr.startswith("broken.yaml:")
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", "surge-to-frnt"), "phased: unknown scenario 'surge-to-frnt'; did you mean 'surge-to-front'?"),
        (("path", "surge-to-frnt"), "did you mean 'surge-to-front'?"),
        (("hindcast", "hindcast-kursk-count"), "did you mean 'hindcast-kursk-counts'?"),
        (("run", "surge-to-front", "--policy", "hair-triger"), "unknown policy 'hair-triger'; did you mean 'hair-trigger'?"),
        (("show", "article-2024-11"), "did you mean 'article-2024-10'?"),
        (("check", "restraned"), "did you mean 'restrained'?"),
        (("run", "./none.yaml"), "there is no scenario './none.yaml': no such file"),
        (("run", "surge-to-front", "--set", "foo"), "--set #1:1:1: must be PATH=VALUE"),
        (("run", "surge-to-front", "--set", "thresholds.front_lne.value=3"), "did you mean 'front_line'?"),
        (("run", "surge-to-front", "--set", "days=10", "--set", "days=["), "--set #2:1:"),
        (("run", "surge-to-front", "--set", "thresholds.front_line=rival:none"), "sent"),
        (("run", "surge-to-front", "--set", "days=-1"), "days"),
        (("run", "surge-to-front", "--runs", 0), "'--runs': 0 is not in the range x>=1"),
        (("run", "surge-to-front", "--runs", "many"), "not a valid integer"),
        (("run", "surge-to-front", "--seed", -1), "'--seed'"),
        (("path", "surge-to-front", "--run", -1), "'--run'"),
        (("schema", "exercises"), "'exercises'"),
        (("unknown",), "No such command 'unknown'"),
        (("run", "surge-to-front", "--frist"), "No such option '--frist'"),
        (("run",), "Missing argument 'SCENARIO'"),
    ],
)
def test_wrong_usage_is_told_in_a_line(here: Path, words: tuple[object, ...], message: str) -> None:
    result = phased(*words, code=2)
    assert message in result.stderr
    assert result.stdout == ""
    assert list(here.iterdir()) == []


def test_a_folder_that_cannot_be_written(here: Path) -> None:
    (here / "file").write_text("x")
    result = phased("run", "surge-to-front", "--no-charts", "--out", "file/below", code=1)
    assert result.stderr == "phased: cannot write to file/below: Not a directory\n"
    assert contents(here) == {"file": b"x"}
    assert phased("init", "file/below", code=1).stderr == "phased: cannot write to file/below: Not a directory\n"
    assert "is a file" in phased("run", "surge-to-front", "--out", "file", code=2).stderr


# schema -----------------------------------------------------------------------------------------------------------------------

FOLDERS = {"scenario": "scenarios", "policy": "configs", "evidence": "configs/evidence", "losses": "configs/losses"}


def plain(path: Path) -> Any:
    """A YAML file as an editor's validator sees it: dates and keys as text."""
    yaml = YAML(typ="safe", pure=True)
    yaml.constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)
    return json.loads(json.dumps(yaml.load(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("kind", FOLDERS)
def test_the_schema_accepts_the_shipped_files(kind: str) -> None:
    schema = json.loads(phased("schema", kind).stdout)
    validator = jsonschema.validators.validator_for(schema)
    validator.check_schema(schema)
    starter = SHIPPED / "sim" / "cli" / "starter"
    paths = [path for root in (SHIPPED, starter) for path in sorted((root / FOLDERS[kind]).glob("*.yaml"))]
    assert paths
    for path in paths:
        errors = [f"{error.json_path}: {error.message[:200]}" for error in validator(schema).iter_errors(plain(path))]
        assert errors == [], path.name


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("scenario", {"kind": "scenario", "name": "x", "title": "t", "extends": "korea-base", "colour": 1}),
        ("scenario", {"kind": "policy", "name": "x", "title": "t", "extends": "korea-base"}),
        ("policy", {"kind": "policy", "name": "x", "title": [], "extends": "phased-approach"}),
        ("evidence", {"kind": "evidence", "name": "x", "title": "t", "facts": {"F1": {"supports": "quoted"}}}),
        ("losses", {"kind": "losses", "name": "x", "title": "t", "lat": {"high": 1}}),
        ("losses", {"kind": "losses", "name": "x", "title": "t", "late": {"high": "one"}}),
        ("evidence", {"kind": "evidence", "name": "x", "title": "t", "facts": {"F1": {"says": "s", "supports": "rumour"}}}),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(kind: str, wrong: dict[str, Any]) -> None:
    schema = schema_of(kind)
    assert list(jsonschema.validators.validator_for(schema)(schema).iter_errors(wrong))


def schema_of(kind: str) -> Any:
    return json.loads(phased("schema", kind).stdout)


# init -------------------------------------------------------------------------------------------------------------------------

STARTER = ["configs/evidence/my-evidence.yaml", "configs/my-policy.yaml", "scenarios/my-scenario.yaml"]


def test_init_writes_a_folder_that_runs_at_once(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = phased("init", "mine").stdout
    assert sorted(contents(here / "mine")) == STARTER
    assert all(f"mine/{name}\n" in text for name in STARTER)
    monkeypatch.chdir(here / "mine")
    words = [line.split()[1:] for line in text.splitlines() if line.startswith("  phased ")]
    assert words
    for each in words:
        assert "simulated runs" in phased(*each, "--no-charts").stdout
    found = phased_json("check", "my-scenario", "my-policy", "my-evidence")["findings"]
    assert [each["rule"] for each in found] == ["assumed-threshold", "rival-readings"]
    assert phased_json("list")["scenarios"][0]["name"] == "my-scenario"


def test_init_overwrites_nothing(here: Path) -> None:
    (here / "mine" / "configs").mkdir(parents=True)
    (here / "mine" / "configs" / "my-policy.yaml").write_text("own")
    result = phased("init", "mine", code=2)
    assert result.stderr == "phased: mine already has configs/my-policy.yaml; nothing was written\n"
    assert contents(here / "mine") == {"configs/my-policy.yaml": b"own"}
    phased("init", "other")
    before = contents(here / "other")
    phased("init", "other", code=2)
    assert contents(here / "other") == before


def test_init_as_a_command_of_its_own(here: Path) -> None:
    done = spawned("init", ".", cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    done = spawned("run", "my-scenario", "--runs", 20, "--json", cwd=here)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["runs"] == 20
