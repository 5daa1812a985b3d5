"""Whoever computes the blocks, and in whatever order: the same bytes. And what is said when a worker fails."""

from __future__ import annotations

import json
import multiprocessing
import random
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim.ensemble
import sim.work
from sim import __version__, api
from sim.ensemble import Part
from sim.errors import BadUsage, WorkFailed
from sim.library import Library
from sim.work import AHEAD, How, parts
from sim.work.processes import processes
from sim.work.store import packed
from sim.work.task import Task, differences
from tests.cli.shell import contents, phased, phased_json
from tests.work.made import BLOCK, RUNS, SCENARIO, SMALL, alone, job

COMMANDS = {
    "run": ("run", SCENARIO, "--runs", RUNS, *SMALL),
    "compare": (
        "compare",
        SCENARIO,
        "withdrawal",
        "--policy",
        "phased-approach",
        "--policy",
        "restrained",
        "--runs",
        RUNS,
        *SMALL,
    ),
}


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Small blocks, and a folder of its own for each test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.ensemble, "BLOCK", BLOCK)
    return tmp_path


# The same bytes ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_same_files_for_any_number_of_workers(verb: str, small: Path) -> None:
    phased(*COMMANDS[verb], "--workers", 1, "--out", "one")
    wanted = contents(small / "one")
    assert {"manifest.json", "summary.json" if verb == "run" else "comparison.json"} <= set(wanted)
    for workers in (2, 5):
        for resume in ([], ["--resume"]):
            phased(*COMMANDS[verb], "--workers", workers, *resume, "--out", "more")
            assert contents(small / "more") == wanted, (workers, resume)
            assert not (small / "more.unfinished").exists()


class Shuffled:
    """A crew of this process alone that gives back what it has in any order."""

    def __init__(self, task: Task, room: int, chance: random.Random) -> None:
        self._task, self.room, self._chance = task, room, chance
        self._blocks: list[range] = []
        self.most = 0

    def start(self, block: range) -> None:
        self._blocks.append(block)
        self.most = max(self.most, len(self._blocks))

    def finished(self) -> list[Part]:
        self._chance.shuffle(self._blocks)
        done, self._blocks = self._blocks[: (count := self._chance.randint(1, len(self._blocks)))], self._blocks[count:]
        return [self._task(block) for block in done]


def shuffled(room: int, seed: int) -> Any:
    """What takes the place of `sim.work._crew`."""

    @contextmanager
    def crew(task: Task) -> Iterator[Shuffled]:
        yield Shuffled(task, room, random.Random(seed))

    return lambda _how, task, _blocks: crew(task)


@settings(max_examples=10, deadline=None)
@given(room=st.integers(1, 6), seed=st.integers(0, 10_000), kept=st.booleans())
def test_the_same_parts_in_any_order_of_completion(
    room: int, seed: int, kept: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole = job(days=10, table=True)
    folder = tmp_path_factory.mktemp("kept") if kept else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.ensemble, "BLOCK", 32)
        patch.setattr(sim.work, "_crew", shuffled(room, seed))
        found = list(parts(whole, 500, How(unfinished=folder)))
        wanted = alone(whole, 500)
    assert [part.runs for part in found] == [part.runs for part in wanted]
    assert list(map(packed, found)) == list(map(packed, wanted))


@pytest.mark.parametrize("verb", COMMANDS)
def test_the_same_files_in_any_order_of_completion(verb: str, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phased(*COMMANDS[verb], "--workers", 1, "--out", "one")
    monkeypatch.setattr(sim.work, "_crew", shuffled(4, 7))
    phased(*COMMANDS[verb], "--out", "more")
    assert contents(small / "more") == contents(small / "one")


def test_the_same_counts_in_blocks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fans and rival readings are over the first block, so these differ and say over how many runs they are."""
    first_block = ("signposts", "variables", "quantiles_over_runs", "rivals")
    found = []
    for block in (BLOCK, 97, 10 * RUNS):
        monkeypatch.setattr(sim.ensemble, "BLOCK", block)
        summary = phased_json(*COMMANDS["run"])
        assert summary["quantiles_over_runs"] == min(block, RUNS)
        for name, passage in summary["first_passage"].items():
            summary["first_passage"][name] = {key: value for key, value in passage.items() if "readings" not in key}
        found.append(json.dumps({key: value for key, value in summary.items() if key not in first_block}))
    assert found[0] == found[1] == found[2]


# How far ahead -------------------------------------------------------------------------------------------------------------


class Stuck(Shuffled):
    """Never finishes the first block while it has others."""

    def finished(self) -> list[Part]:
        self._blocks.sort(key=lambda block: block.start, reverse=True)
        return [replace(PART, runs=self._blocks.pop(0))]


PART = Part(range(1), (), ())


def test_what_waits_for_a_block_that_takes_long_is_bounded() -> None:
    crew = Stuck(Task(job()), 3, random.Random(1))
    found = sim.work._scattered(crew, [range(place, place + 1) for place in range(10_000)], None)
    early = []
    for part in found:
        if part.runs.start == 0:
            break
        early.append(part)
    assert len(early) == AHEAD * crew.room - 1
    assert crew.most == crew.room
    assert sum(1 for _ in found) == 10_000 - len(early) - 1


def test_a_meter_advances_block_by_block() -> None:
    seen: list[float] = []
    with closing(parts(job(), RUNS, How(workers=2), seen.append)) as found:
        next(found)
        assert seen
        assert set(seen) <= {BLOCK, RUNS % BLOCK}
        for _ in found:
            pass
    assert sum(seen) == RUNS


def test_few_blocks_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multiprocessing, "get_context", None)
    assert len(list(parts(job(), 2 * BLOCK, How(workers=5)))) == 2


# Workers that fail ---------------------------------------------------------------------------------------------------------


def test_a_killed_worker_is_told() -> None:
    found = parts(job(), 100 * BLOCK, How(workers=2))
    next(found)
    multiprocessing.active_children()[0].kill()
    with pytest.raises(WorkFailed, match=r"worker process \d+ was killed \(SIGKILL\).*try fewer --workers"):
        list(found)
    assert not multiprocessing.active_children()


def test_no_worker_outlives_what_it_was_started_for() -> None:
    with closing(parts(job(), RUNS, How(workers=3))) as found:
        next(found)
        assert len(multiprocessing.active_children()) == 3
    assert not multiprocessing.active_children()


class FailingTask(Task):
    """Goes wrong in a worker."""

    error: Exception

    def __call__(self, runs: range, progress: object = None) -> Part:  # noqa: ARG002
        raise self.error


def failing(error: Exception) -> FailingTask:
    task = FailingTask(job())
    object.__setattr__(task, "error", error)  # a Task is frozen
    return task


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), r"runs 0 to 255: .*No space left on device"),
        (MemoryError("Unable to allocate 3 GiB"), r"runs 0 to 255: Unable to allocate 3 GiB"),
        (BadUsage("no such thing"), r"runs 0 to 255: no such thing"),
    ],
)
def test_what_fails_in_a_worker_is_told_here(error: Exception, told: str) -> None:
    with processes(1, failing(error)) as crew:
        crew.start(range(BLOCK))
        with pytest.raises(WorkFailed, match=told):
            crew.finished()


def test_a_mistake_of_ours_in_a_worker_shows_where_it_is(capfd: pytest.CaptureFixture[str]) -> None:
    with processes(1, failing(ZeroDivisionError("ours"))) as crew:
        crew.start(range(BLOCK))
        with pytest.raises(WorkFailed, match=r"worker process \d+ ended \(exit code 1\)"):
            crew.finished()
    assert "ZeroDivisionError: ours" in capfd.readouterr().err


def test_a_worker_that_dies_idle_is_told() -> None:
    with processes(1, Task(job())) as crew:
        (child,) = multiprocessing.active_children()
        child.kill()
        child.join()
        with pytest.raises(WorkFailed, match="SIGKILL"):
            crew.start(range(BLOCK))


def test_a_worker_with_other_versions_computes_nothing() -> None:
    other = Task(job(), versions={"phased": __version__, "numpy": "0.9"})
    found = other.elsewhere(range(10))
    assert isinstance(found, WorkFailed)
    assert "instead of 0.9" in str(found)
    assert differences({"numpy": "2"}, {"phased": "1", "numpy": "2"}) == "phased missing instead of 1"


# Through the api -----------------------------------------------------------------------------------------------------------


def test_one_path_needs_no_workers() -> None:
    done = api.run("surge-to-front", runs=10**9, library=Library([]), how=How(workers=5))
    assert done.result.single_path
