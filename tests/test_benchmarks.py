"""The benchmarks do what they say, on a few runs. Nothing is timed here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sim import api
from sim.draws import Block
from sim.engine import simulate
from sim.machine import Model
from sim.reference import walk
from tests.cli.shell import ROOT, environment, phased_json

BENCHMARKS = ROOT / "benchmarks"
FILES = [str(BENCHMARKS / name) for name in ("workload.yaml", "workload-policy.yaml")]
PEERS = ("EMA Workbench, sequential", "transitions", "python-statemachine")
FEW = 8


@pytest.fixture(scope="module")
def bench() -> Iterator[Any]:
    """The scripts as modules; they import each other by name, as a script's folder stands on its path."""
    names = ("curves", "peers", "plain", "throughput", "timing", "work")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(BENCHMARKS), *sys.path])
        yield SimpleNamespace(**{name: import_module(name) for name in names})


@pytest.fixture(scope="module")
def model(bench: Any) -> Model:
    return bench.work.workload()


# The workload --------------------------------------------------------------------------------------------------------------


def test_the_files_are_clean() -> None:
    assert [each.rule for each in api.check(FILES)] == ["assumed-threshold"]


def test_the_command_runs_them(tmp_path: Path) -> None:
    scenario, policy = FILES
    summary = phased_json("run", scenario, "--policy", policy, "--runs", 50, "--out", tmp_path, "--no-charts")
    assert (summary["days"], summary["phases"]) == (365, ["a", "b", "c"])
    assert summary["evidence"]["assumed"] == summary["evidence"]["numbers"] == 17
    assert summary["first_passage"]["c"]["reached"] > 0


def test_there_is_something_to_do(bench: Any, model: Model) -> None:
    changes = [change for run in bench.work.work(model, 400).changes for change in run]
    assert {index for _, _, index in changes} == {0, 1, 2, 3}


# Identical work ------------------------------------------------------------------------------------------------------------


def test_the_plain_loop_takes_the_paths_of_the_engine(bench: Any, model: Model) -> None:
    part = bench.work.work(model, 200)
    assert bench.plain.all_changes(part) == part.changes


def test_the_plain_loop_sees_what_the_reference_sees(bench: Any, model: Model) -> None:
    part = bench.work.work(model, FEW)
    for run, future in enumerate(part.futures):
        trace = walk(model, bench.work.SEED, run, run)
        assert tuple(bench.plain.observed(future)) == trace.signposts["troops"]
        assert part.changes[run] == [(each.day, each.decided, each.transition) for each in trace.changes]


@pytest.mark.parametrize("name", PEERS)
def test_a_peer_takes_the_paths_of_the_engine(bench: Any, model: Model, name: str) -> None:
    peer = next(each for each in bench.peers.PEERS if each.name == name)
    if peer.missing:
        pytest.skip(peer.missing)
    part = bench.work.work(model, FEW)
    bench.throughput.hold_against_engine(peer, peer.prepare(part), part)
    assert peer.version


def test_a_peer_that_takes_other_paths_is_refused(bench: Any, model: Model) -> None:
    part = bench.work.work(model, FEW)
    runner = bench.peers.Runner(lambda: [[], *part.changes[1:]], lambda found: found)
    with pytest.raises(bench.throughput.DiffersError, match="run 0"):
        bench.throughput.hold_against_engine(bench.peers.PEERS[0], runner, part)


def test_a_missing_peer_names_the_line_that_installs_it(bench: Any) -> None:
    lines = (BENCHMARKS / "requirements.txt").read_text(encoding="utf-8").splitlines()
    for line in (line for line in lines if not line.startswith("#")):
        package = line.partition("==")[0]
        lost = bench.peers.Peer(package, package, "no_such_module", 1, bench.peers.PEERS[0].prepare)
        assert f"`{line}`" in lost.missing
        assert package in [peer.package for peer in bench.peers.PEERS]


# Curves --------------------------------------------------------------------------------------------------------------------


def test_the_line_and_the_largest_deviation_from_it(bench: Any) -> None:
    slope, intercept, deviation = bench.curves.fitted([1, 2, 4, 8], [5, 8, 14, 26])
    assert (slope, intercept, deviation) == pytest.approx((3, 2, 0))
    assert bench.curves.fitted([1, 2, 3], [1, 2.6, 3])[2] > 0.2


def test_the_variants_differ_in_one_thing(bench: Any, model: Model) -> None:
    curves = bench.curves
    assert curves.with_days(model, 90).world.days == 90
    for count in (1, 2, 4, 8, 16):
        many = curves.with_transitions(model, count)
        seen = curves.with_signposts(model, count)
        assert (len(many.machine.transitions), len(many.world.signposts)) == (count, 1)
        assert (len(seen.machine.transitions), len(seen.world.signposts)) == (curves.BUSY, count)
        read = {
            signpost.name for signpost in seen.world.signposts for each in seen.machine.transitions if signpost.name in each.text
        }
        assert read == {signpost.name for signpost in seen.world.signposts}


def test_the_variants_are_drawn_anew_and_those_of_the_workloads_size_are_the_workload(bench: Any, model: Model) -> None:
    block = Block.plain(0, 200)
    own = simulate(model, 1, block)
    for size, varied in ((4, bench.curves.with_transitions(model, 4)), (365, bench.curves.with_days(model, 365))):
        assert (simulate(varied, 1, block).day == own.day).all(), size
    busy = bench.curves.with_transitions(model, 8).uncertain
    assert len({each.path for each in busy}) == 8


# The report ----------------------------------------------------------------------------------------------------------------


def test_the_command_has_help() -> None:
    words = [sys.executable, str(BENCHMARKS / "throughput.py"), "--help"]
    done = subprocess.run(words, env=environment(), capture_output=True, encoding="utf-8", timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert all(option in done.stdout for option in ("--quick", "--json", "--only"))


def test_the_report_tells_what_was_left_out(bench: Any) -> None:
    throughput, one = bench.throughput, bench.timing.Spread(1.0, 0.5, 2.0)
    rows = [
        throughput.PeerRow("there", "1.2", one, one, one, one, 50, ""),
        throughput.PeerRow("not there", "", None, None, None, None, 400, "not installed"),
    ]
    machine = bench.throughput.whole.machine()
    text = throughput.markdown(throughput.Report(machine, [], rows, "one core only", [], []))
    assert machine.numpy in text
    assert "| there | 1.2 | 1 (0–2) | 1 (0–2) | 1 (0–2) | 1 (0–2) | 50 |" in text
    assert "| not there | not installed |" in text
    assert "Two workers against one: not measured, one core only." in text


def test_tasks_are_measured_in_turn(bench: Any) -> None:
    called: list[str] = []
    clock = iter(range(100))
    tasks = [bench.timing.Task(name, 2, lambda name=name: called.append(name)) for name in "ab"]
    times = bench.timing.interleaved(tasks, 3, lambda: next(clock))
    assert called == ["a", "b"] * 3
    assert times == {"a": [0.5] * 3, "b": [0.5] * 3}
    assert bench.timing.ratio([1, 4, 9], [1, 2, 3]) == bench.timing.Spread(2, 1, 3)
