"""`phased schema results`: every column and key that commands write is documented, and none that they do not write."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pyarrow.parquet as pq
import pytest

from sim.cli.dictionary import Table, json_schema, tables
from tests.cli.shell import phased, phased_json

SHORT = "--no-charts --set days=100".split()
RUNS = [*"--runs 20 --workers 1".split(), *SHORT]
PAIR = ("surge-to-front-uncertain", "--policy", "step-down")
REPORTS: dict[str, tuple[object, ...]] = {
    "run": ("run", *PAIR, "--keep", "trajectories", "--parquet", *RUNS),
    "path": ("run", "surge-to-front", "--no-charts"),
    "design": ("run", *PAIR, "--design", "grid", "--cases", 12, "--replications", 2, *SHORT),
    "compare": (
        *("compare", PAIR[0], "reciprocity-provoking", "--policy", "phased-approach", "--policy", "step-down"),
        *("--policy", "restrained", "--losses", "example", "--parquet", *RUNS),
    ),
    "hindcast": ("hindcast", "--no-charts"),
    "shown": ("hindcast", "./odd-world.yaml", "--set", "transitions.up.lag=2", "--no-charts"),
    "sensitivity": ("sensitivity", *PAIR, "--samples", 4, "--replications", 2, *SHORT),
    "discover": ("discover", PAIR[0], "--phase", "offensive_measures", "--cases", 40, "--replications", 5, *SHORT),
    "quality": ("quality", *PAIR, *RUNS),
    "varied": ("quality", *PAIR, "--vary", "transitions.arm_defensively.confirm=1:2", *RUNS),
    "explain": ("explain", "surge-to-front-uncertain", "--policy", "allied-coordinated", "--run", 3, "--no-charts"),
    "waiting": ("explain", "./odd-world.yaml", "--no-charts"),
    "blocked": ("explain", "./odd-world.yaml", "--set", "phases.middle.min_stay=400", "--no-charts"),
    "check": ("check", "./odd.yaml", "./odd-world.yaml", "--reach", "--no-charts"),
}
PRINTED = ("path --json", "rerun --json", "list --json")

LEDGER = """
kind: evidence
name: facts
title: Made facts
facts:
  A1: {says: Something was done., who: Somebody, date: 2024-11-20, supports: quoted, phase: middle}
"""
POLICY = """
kind: policy
name: odd
title: A policy with all that others lack
evidence: [facts]
reads: {level: {unit: rung, range: [0, 4]}}
phases: {low: {}, middle: {}, high: {}}
thresholds:
  line:
    value: 2
    unit: rung
    grade: implied
    evidence: [A1]
    rivals: {other: {value: 1, grade: implied, evidence: [A1], note: Read so.}}
transitions:
  up: {from: low, to: middle, when: level >= line, confirm: {days: 2, of: 3}, lag: {uniform: [1, 3]}}
  further:
    from: middle
    to: high
    when: level >= line
    confirm: {value: 2, unit: days, grade: implied, evidence: [A1]}
    lag: {value: 300, unit: days, grade: implied, evidence: [A1]}
  down: {from: [middle, high], to: low, when: level >= 3}
"""
WORLD = """
kind: scenario
name: odd-world
title: A world that crosses a line
policy: ./odd.yaml
evidence: [facts]
start: 2024-10-24
days: 60
variables: {level: {unit: rung, bounds: [0, 4], path: {day 0: 0, day 9: 2}}}
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a report of every command, and what is printed where nothing is written."""
    folder = tmp_path_factory.mktemp("reports")
    (folder / "facts.yaml").write_text(LEDGER, "utf-8")
    (folder / "odd.yaml").write_text(POLICY, "utf-8")
    (folder / "odd-world.yaml").write_text(WORLD, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, words in REPORTS.items():
            phased(*words, "--out", name)
        printed = {
            "path --json": phased_json("path", "./odd-world.yaml"),
            "list --json": phased_json("list"),
            "rerun --json": _differing(folder / "path"),
        }
    for name, document in printed.items():
        (folder / f"{name}.json").write_text(json.dumps(document), "utf-8")
    return folder


def _differing(report: Path) -> Any:
    """What `rerun` says of a report whose summary was another one then."""
    manifest = json.loads((report / "manifest.json").read_text("utf-8"))
    other = (report / "summary.json").read_text("utf-8").replace('"runs": 1,', '"runs": 2,').encode()
    (report / "summary.json").write_bytes(other)
    manifest["outputs"]["summary.json"] = hashlib.sha256(other).hexdigest()
    (report / "manifest.json").write_text(json.dumps(manifest), "utf-8")
    return phased_json("rerun", report, code=1)


pytestmark = pytest.mark.xdist_group("results")  # they share the reports

TREES = [each for each in tables() if each.is_tree]
COLUMNS = [each for each in tables() if not each.is_tree]


def _named(folder: Path, table: Table) -> list[Path]:
    """The files of this kind."""
    name = f"{table.name}.json" if table.name in PRINTED else table.name
    found = sorted(folder.rglob(name.replace("FIRST", "*").rpartition("/")[2]))
    assert found, f"no command here writes {table.name}"
    return found


@pytest.mark.parametrize("table", TREES, ids=lambda table: table.name)
def test_every_key_is_documented(table: Table, written: Path) -> None:
    schema = json_schema(table)
    jsonschema.Draft202012Validator.check_schema(schema)
    for path in _named(written, table):
        found = jsonschema.Draft202012Validator(schema).iter_errors(json.loads(path.read_text("utf-8")))
        assert not [f"{path.parent.name}: {error.json_path}: {error.message[:200]}" for error in found]


UNSEEN = {
    "reach?.<phase>.not_decided?",  # a search beyond 150,000 states takes a minute
    "reach?.<phase>.not_before?",
}
"""and of the numbers of a confirmation or a lag: rivals. Only thresholds have them; the list is there, and empty."""


@pytest.mark.parametrize("table", TREES, ids=lambda table: table.name)
def test_every_documented_key_is_there(table: Table, written: Path) -> None:
    seen = {leaf for path in _named(written, table) for leaf in _leaves(json.loads(path.read_text("utf-8")), ())}
    wanted = [
        each.path for each in table.fields if each.type != "map" and each.path not in UNSEEN and ".number.rivals" not in each.path
    ]
    assert len(wanted) >= 9
    assert not [path for path in wanted if not any(_fits(path, leaf) for leaf in seen)]


def _leaves(document: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if isinstance(document, dict):
        for key, value in document.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(document, list):
        for value in document:
            yield from _leaves(value, (*path, "[]"))
    else:
        yield path


def _fits(documented: str, leaf: tuple[str, ...]) -> bool:
    steps = re.findall(r"\[\]|[^.\[\]]+", documented)
    return len(steps) == len(leaf) and all(
        step.startswith("<") or step.rstrip("?") == key for step, key in zip(steps, leaf, strict=True)
    )


def _columns(path: Path) -> tuple[list[str], list[dict[str, object]]]:
    """Names, and some rows as text or typed values; None is an empty cell."""
    if path.suffix == ".parquet":
        table = pq.read_table(path, partitioning=None)
        return table.column_names, table.slice(0, 300).to_pylist()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return list(rows[0]), [{key: value or None for key, value in row.items()} for row in rows]


_PATTERNS = {
    "<factor>": r"(?:variables|signposts|transitions|thresholds|phases|reactions|reads|injects)\..+",
    "<phase>": r"[a-z_]+",
}
_LOOKS = {
    "day": r"\d+",
    "whole number": r"-?\d+",
    "number": r"-?\d+(\.\d+)?(e[+-]?\d+)?",
    "share": r"[01](\.\d+)?|\d(\.\d+)?e-\d+",
    "true or false": "True|False",
    "date": r"\d{4}-\d{2}-\d{2}",
    "text": r"[\s\S]+",
    "phase": "[a-z_]+",
}


def _pattern(column: str) -> str:
    escaped = re.escape(column.rstrip("?"))
    for name, pattern in _PATTERNS.items():
        escaped = escaped.replace(re.escape(name), pattern)
    return escaped


@pytest.mark.parametrize("table", COLUMNS, ids=lambda table: table.name)
def test_every_column_is_documented_and_there(table: Table, written: Path) -> None:
    """Each column is exactly one that is documented, holds what its type says, and is empty only where that has a meaning."""
    met = set()
    for path in _named(written, table):
        names, rows = _columns(path)
        assert rows, path
        for name in names:
            (documented,) = [each for each in table.fields if re.fullmatch(_pattern(each.path), name)] or [None]
            assert documented, f"{path}: {name} is not documented"
            met.add(documented.path)
            for row in rows:
                if row[name] is None:
                    assert documented.empty, f"{path}: {name} is empty"
                else:
                    assert re.fullmatch(_LOOKS[documented.type], str(row[name])), f"{path}: {name}: {row[name]!r}"
        always = [each.path for each in table.fields if not each.path.endswith("?") and each.path != "<factor>"]
        assert not [each for each in always if not any(re.fullmatch(_pattern(each), name) for name in names)], path
    assert met == {each.path for each in table.fields}


def test_every_file_of_a_report_is_documented(written: Path) -> None:
    known = {each.name for each in tables()} | {"ema.tar.gz"}
    files = {
        path.relative_to(written / name).as_posix() for name in REPORTS for path in (written / name).rglob("*") if path.is_file()
    }
    assert {re.sub(r"part-\d+", "part-FIRST", name) for name in files} == known - set(PRINTED)


def test_phases_keep_their_order_in_parquet(written: Path) -> None:
    ladder = json.loads((written / "run" / "summary.json").read_text("utf-8"))["phases"]
    for name, column in (
        ("run/daily", "phase"),
        ("run/runs", "final_phase"),
        ("compare/comparison", "phase"),
        ("compare/pairs", "phase"),
    ):
        found = pq.read_table(written / f"{name}.parquet").column(column)
        assert found.type.ordered
        assert found.combine_chunks().dictionary.to_pylist() == ladder


def test_it_prints_all_of_them() -> None:
    printed = json.loads(phased("schema", "results").stdout)
    assert list(printed["files"]) == [each.name for each in tables()]
    assert printed["files"]["daily.csv"]["columns"][1] == {
        "name": "day",
        "type": "day",
        "unit": "days from start",
        "meaning": "from 0",
        "empty": None,
        "always": True,
    }
    for each in printed["files"].values():
        assert each["about"]
        assert each["commands"]
