"""What is fuzzed: each target takes bytes as a user might hand them over, and may answer with a PhasedError and nothing else."""

from __future__ import annotations

import math
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import chdir
from dataclasses import dataclass, replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from sim import api, reference
from sim.analysis.factors import Factor, factors_of
from sim.api.design_file import read_design
from sim.api.pairs import model_of
from sim.cli import main
from sim.cli import report as report_cli
from sim.cli import rerun as rerun_cli
from sim.draws import Block
from sim.engine import simulate
from sim.engine.guards import compiled
from sim.ensemble import Job, Part, compute
from sim.errors import BadInput
from sim.library import Library, Loaded, Pair
from sim.load.table import rows
from sim.machine import Model
from sim.manifest import differ
from sim.measures import strips
from sim.pages import page
from sim.spec import guard
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.work.store import FILE, Store, packed
from tests.fuzz import words

ROOT = Path(__file__).resolve().parents[2]
SHORT = 60
"""Days up to which what was read is also run, for a moment."""
FEW = 200
"""Variables, signposts and transitions together up to which it is."""


@dataclass(frozen=True)
class Target:
    """`call(folder, data)` in a scratch folder that `prepare` filled; `seeds` are inputs as they should be."""

    name: str
    call: Callable[[Path, bytes], None]
    seeds: Callable[[Path], Iterator[bytes]]
    prepare: Callable[[Path], None] = lambda _: None
    words: Sequence[str] = ()
    """what a mutation may put in"""
    text: bool = True
    """an input is lines of text"""
    largest: int = 1 << 16
    """bytes of an input"""
    seconds: float = 1.0
    """of CPU time that an answer may take"""


# Files ---------------------------------------------------------------------------------------------------------------------


def _shipped(*folders: str) -> Iterator[bytes]:
    for folder in folders:
        yield from (path.read_bytes() for path in sorted((ROOT / folder).glob("*.yaml")))


def _yaml_seeds(_: Path) -> Iterator[bytes]:
    yield from _shipped("configs", "scenarios", "configs/evidence", "configs/losses", "scenarios/exercises")
    yield from _shipped("tests/bad")


def _yaml(folder: Path, data: bytes) -> None:
    (folder / "f.yaml").write_bytes(data)
    with chdir(folder):
        loaded = Library([]).load_any("f.yaml")
        if isinstance(loaded.spec, Policy):
            _tried(Library([]).load_pair("surge-to-front", "f.yaml"))
        if isinstance(loaded.spec, Scenario):
            _tried(Library([]).load_pair("f.yaml", "phased-approach"))
    _plain(loaded)


def _plain(loaded: Loaded[object]) -> None:
    assert all(_is_plain(str(each)) for each in loaded.warnings), loaded.warnings


def _is_plain(text: str) -> bool:
    """Nothing that a terminal takes for an order, or that hides or turns round what stands beside it."""
    return all(each.isprintable() or each in "\n\u00a0" for each in text)


def _tried(pair: Pair) -> None:
    """What was read is compiled and, where it is small, run: by the engine and by the reference, which agree."""
    model = model_of(pair)
    parts = len(model.world.variables) + len(model.world.signposts) + len(model.machine.transitions)
    if model.world.days <= SHORT and parts <= FEW:
        _run(model)


def _run(model: Model) -> None:
    with np.errstate(all="ignore"):
        told = reference.walk(model, 1, 0, 0)
    paths = simulate(model, 1, Block.plain(0, 2))
    assert tuple(strips(paths, 1)[0].tolist()) == told.phases, "the engine and the reference differ"


def _check(folder: Path, data: bytes) -> None:
    (folder / "f.yaml").write_bytes(data)
    with chdir(folder):
        done = api.verify(["f.yaml"], reach=b"kind: policy" in data, library=Library([]))
    for each in done.findings:
        assert _is_plain(str(each.problem)), each


# `--set` --------------------------------------------------------------------------------------------------------------------

PAIRS = (
    ("reciprocity-provoking-uncertain", "step-down"),
    ("surge-to-front", "phased-approach"),
    ("rear-labour", "ambiguity-tolerant"),
)


def _set(folder: Path, data: bytes) -> None:
    """Each line is a setting, as the system hands over words."""
    scenario, policy = PAIRS[len(data) % len(PAIRS)]
    settings = os.fsdecode(data.replace(b"\0", b"")).split("\n")[:6]
    with chdir(folder):
        _tried(Library([]).load_pair(scenario, policy, settings))


def _set_seeds(_: Path) -> Iterator[bytes]:
    yield from (line.encode() for line in words.SETTINGS)
    yield "\n".join(words.SETTINGS[:3]).encode()


# Guards --------------------------------------------------------------------------------------------------------------------

NAMES = {"a": "rung", "b": "rung", "c": None, "limit": "rung", guard.DAYS_IN_PHASE: "days"}
VALUES = (0.0, 1.0, -1.0, 2.5, 3.3, 1e308, -1e308, 5e-324, math.inf, -math.inf, math.nan)


def _guard(_: Path, data: bytes) -> None:
    """The engine, which takes all runs at once, against the reference, which takes one at a time."""
    condition = guard.parse(data.decode("utf-8", "replace"))
    for wrong in guard.check_units(condition, NAMES):
        raise wrong
    grid = np.random.default_rng(len(data)).choice(VALUES, (len(NAMES), 12))
    with np.errstate(all="ignore"):
        columns = dict(zip(NAMES, grid, strict=True))
        engine = np.broadcast_to(compiled(condition)(columns), (12,))
        for run in range(12):
            values = {name: float(column[run]) for name, column in columns.items()}
            assert bool(engine[run]) == reference._holds(condition, values), values


def _guard_seeds(_: Path) -> Iterator[bytes]:
    yield from (line.encode() for line in words.GUARDS)


# What an earlier run left ----------------------------------------------------------------------------------------------------

RUNS = 8


@cache
def _job() -> Job:
    return api.job_of([Library([]).load_pair("surge-to-front-uncertain", None, ["days=3"])], 1)


@cache
def _parts() -> Mapping[range, Part]:
    return {runs: compute(_job(), runs, leading=runs.start == 0) for runs in (range(RUNS), range(RUNS, 2 * RUNS))}


def _store_seeds(folder: Path) -> Iterator[bytes]:
    for count in (0, 1, 2):
        shutil.rmtree(folder / "seed", ignore_errors=True)
        with Store.open(folder / "seed", _job()) as store:
            for part in list(_parts().values())[:count]:
                store.put(part)
        yield (folder / "seed" / FILE).read_bytes()


def _store(folder: Path, data: bytes) -> None:
    """What is taken from it is what was put there, whatever became of the file."""
    where = folder / "kept"
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir()
    (where / FILE).write_bytes(data)
    with Store.open(where, _job()) as store:
        for runs, part in _parts().items():
            if store.has(runs):
                assert packed(store.take(runs)) == packed(replace(part, tables=())), "another part than was put"
            else:
                store.put(replace(part, tables=()))
                store.take(runs)


# Reports ---------------------------------------------------------------------------------------------------------------------

MADE = {
    "run": ("run", "surge-to-front-uncertain", "--runs", "60", "--set", "days=20"),
    "compare": ("compare", "surge-to-front", "--policy", "phased-approach", "--policy", "step-down", "--no-charts"),
    "explain": ("explain", "surge-to-front", "--no-charts"),
    "hindcast": ("hindcast", "hindcast-kursk-counts", "--no-charts"),
    "quality": ("quality", "rear-labour-uncertain", "--runs", "60", "--set", "days=30", "--no-charts"),
}


def _make_reports(folder: Path) -> None:
    for name, command in MADE.items():
        with chdir(folder):
            done = CliRunner().invoke(main, [*command, "--out", name], prog_name="phased")
        assert done.exit_code == 0, done.output


def _reported(folder: Path) -> list[str]:
    """The files of the reports, by a number that stays the same."""
    names = [path.relative_to(folder).as_posix() for name in MADE for path in sorted((folder / name).rglob("*"))]
    return [name for name in names if name.endswith((".json", ".csv", ".svg"))]


def _report_seeds(folder: Path) -> Iterator[bytes]:
    """Which file, in a line of its own, and its content."""
    for name in _reported(folder):
        yield f"{name}\n".encode() + (folder / name).read_bytes()


def _report(folder: Path, data: bytes) -> None:
    line, _, content = data.partition(b"\n")
    known = _reported(folder)
    name = line.decode("utf-8", "replace")
    name = name if name in known else known[len(line) % len(known)]
    where = folder / name.partition("/")[0]
    good = (folder / name).read_bytes()
    try:
        (folder / name).write_bytes(content)
        manifest = report_cli._manifest(where)
        _harmless(page(report_cli._report(where, manifest)))
    finally:
        (folder / name).write_bytes(good)


class _Looked(HTMLParser):
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in ("script", "iframe", "object", "embed", "base", "form", "foreignobject"), tag
        for key, value in attrs:
            assert not key.startswith("on"), key
            address = (value or "").strip().lower()
            if key in ("href", "src", "xlink:href", "action") and tag != "a":
                assert address.startswith(("#", "data:image/")) or address == "data:,", address
            assert not address.startswith("javascript:"), address


def _harmless(text: str) -> None:
    """Nothing in a page runs or asks for anything, whatever the files say."""
    _Looked(convert_charrefs=True).feed(text)


def _manifest(folder: Path, data: bytes) -> None:
    """`rerun` up to the command, which may take as long as it takes."""
    (folder / "manifest.json").write_bytes(data)
    with chdir(folder):
        found = rerun_cli._read(Path("manifest.json"))
        where = differ.base(found.manifest, [folder])
        differ.inputs(found.manifest, where)
        differ.versions_of(found.manifest)


def _manifest_seeds(folder: Path) -> Iterator[bytes]:
    yield from ((folder / name / "manifest.json").read_bytes() for name in MADE)


# Tables ----------------------------------------------------------------------------------------------------------------------


def _table(_: Path, data: bytes) -> None:
    found, problems = rows(data, "f.csv", "date", "value", (0.0, 4.0))
    assert problems or found
    if problems:
        raise BadInput(problems)


def _table_seeds(_: Path) -> Iterator[bytes]:
    yield b"date,value\n2024-10-24,2\n2024-10-25,\n2024-10-31,3.5\n"
    yield b'\xef\xbb\xbfvalue , "date",note\r\n"1e0",2024-02-29,"a ""b"", c"\r\n'
    yield from (path.read_bytes() for path in sorted((ROOT / "tests/bad").glob("*.csv")))


@cache
def _factors() -> tuple[Factor, ...]:
    pair = Library([]).load_pair("surge-to-front-uncertain")
    return factors_of(model_of(pair), pair.policy.spec, pair.scenario.spec)


def _design(folder: Path, data: bytes) -> None:
    (folder / "d.csv").write_bytes(data)
    design = read_design(folder / "d.csv", _factors(), ["final_phase"])
    assert all(np.isfinite(each).all() for each in design.values.values())


def _design_seeds(_: Path) -> Iterator[bytes]:
    paths = [each.path for each in _factors()]
    yield (",".join(["run", *paths]) + "\n").encode() + b"0,1,2,3\n"
    yield (paths[0] + "\n0.1\n0.2\n\n").encode()


# All -------------------------------------------------------------------------------------------------------------------------

TARGETS = {
    each.name: each
    for each in (
        Target("yaml", _yaml, _yaml_seeds, words=words.YAML),
        Target("check", _check, lambda _: _shipped("configs", "scenarios"), words=words.YAML, largest=1 << 13, seconds=5.0),
        Target("set", _set, _set_seeds, words=(*words.YAML, "=", ".", "policy.", "scenario.", "value"), largest=1 << 12),
        Target("guard", _guard, _guard_seeds, words=words.GUARD, largest=1 << 12),
        Target("store", _store, _store_seeds, text=False),
        Target("manifest", _manifest, _manifest_seeds, _make_reports, words.RERUN),
        Target("report", _report, _report_seeds, _make_reports, words.PAGE, largest=1 << 18, seconds=2.0),
        Target("table", _table, _table_seeds, words=words.CSV),
        Target("design", _design, _design_seeds, words=words.CSV),
    )
}
