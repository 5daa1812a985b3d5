"""Finished blocks outlive kills, power cuts and damage: what is used again is right, and what is wrong is told, never run."""

from __future__ import annotations

import hashlib
import os
import pickle
import random
import shutil
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import sim.ensemble
import sim.report
import sim.work.store
import sim.work.task
from sim.ensemble import Job, Part
from sim.errors import BadUsage, PhasedError, WorkFailed
from sim.work import How, parts
from sim.work.store import FILE, Store, packed, unpacked
from tests.cli.shell import contents, phased
from tests.work.made import BLOCK, RUNS, SCENARIO, SMALL, alone, command, finished, job, started, until

RUN = ("run", SCENARIO, *SMALL, "--resume", "--out", "out")


@pytest.fixture(autouse=True)
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sim.ensemble, "BLOCK", BLOCK)
    return tmp_path


def filled(folder: Path, whole: Job, count: int = 3) -> list[Part]:
    """A store with the first blocks of a job."""
    found = alone(whole, count * BLOCK)
    with Store.open(folder, whole) as store:
        put(store, found)
    return found


def rows(folder: Path) -> dict[tuple[int, int], int]:
    """Number of each row by its block; one that is written again has a new number."""
    with closing(sqlite3.connect(folder / FILE)) as connection:
        return {(first, count): number for first, count, number in connection.execute("SELECT first, count, rowid FROM blocks")}


def size(folder: Path) -> int:
    return (folder / FILE).stat().st_size if (folder / FILE).exists() else 0


def put(store: Store, found: list[Part]) -> None:
    for part in found:
        store.put(part)


# What is kept --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", [False, True])
def test_a_part_is_what_was_put(table: bool, small: Path) -> None:
    whole = job(table=table)
    found = filled(small / "kept", whole)
    assert found[0].looks
    assert bool(found[0].tables) is table
    with Store.open(small / "kept", whole) as store:
        for part in found:
            assert store.has(part.runs)
            assert packed(store.take(part.runs)) == packed(part)
            assert pickle.dumps(store.take(part.runs).tallies) == pickle.dumps(part.tallies)
        assert not store.has(range(3 * BLOCK, 4 * BLOCK))
        assert not store.has(range(2 * BLOCK, 2 * BLOCK + 1))


def test_the_key_of_a_job_is_the_same_in_another_process_and_on_no_account_an_address(small: Path) -> None:
    tell = (
        "from tests.work.made import job; from sim.work.store import _key; assert ' at 0x' not in repr(job()); print(_key(job()))"
    )
    found = finished([command()[0], "-c", tell], small)
    assert found.stdout.strip() == repr(sim.work.store._key(job())), found.stderr


def test_another_seed_or_version_is_refused(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(small / "kept", job())
    other = "kept holds unfinished work of other files, another seed or another version"
    with pytest.raises(BadUsage, match=other), Store.open(small / "kept", job(seed=2)):
        pass
    with pytest.raises(BadUsage, match=other), Store.open(small / "kept", job(days=31)):
        pass
    monkeypatch.setattr(sim.work.store, "versions", lambda: {"phased": "0", "numpy": "0"})
    with pytest.raises(BadUsage, match=other), Store.open(small / "kept", job()):
        pass


def test_blocks_without_a_table_do_not_serve_who_wants_one_and_the_other_way_they_do(small: Path) -> None:
    filled(small / "kept", job())
    with Store.open(small / "kept", job(table=True)) as store:
        assert not store.has(range(BLOCK))
    found = filled(small / "kept", job(table=True))
    with Store.open(small / "kept", job()) as store:
        assert store.take(range(BLOCK)).tables == ()
        assert packed(store.take(range(BLOCK))) == packed(replace(found[0], tables=()))


def test_nothing_kept_is_computed_again(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(small / "kept", job())
    computed: list[range] = []
    real = sim.ensemble.compute

    def compute(whole: Job, runs: range, **more: object) -> Part:
        computed.append(runs)
        return real(whole, runs, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(sim.ensemble, "compute", compute)
    seen: list[float] = []
    found = list(parts(job(), RUNS, How(unfinished=small / "kept"), seen.append))
    assert computed == job().blocks(RUNS)[3:]
    assert list(map(packed, found)) == list(map(packed, alone(job(), RUNS)))
    assert (seen[0], round(sum(seen))) == (3 * BLOCK, RUNS)


def test_kept_parts_are_not_all_in_memory_at_once(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(small / "kept", job(), count=6)
    taken: list[range] = []
    real = Store.take
    monkeypatch.setattr(Store, "take", lambda store, runs: (taken.append(runs), real(store, runs))[1])
    with closing(parts(job(), RUNS, How(unfinished=small / "kept"))) as found:
        for number in range(6):
            next(found)
            assert len(taken) == number + 1


# Killed --------------------------------------------------------------------------------------------------------------------

MANY = 160 * BLOCK + 7


def test_a_run_that_is_killed_again_and_again_ends_with_the_same_bytes(small: Path) -> None:
    """SIGKILL to all its processes at random moments; no block that was finished is computed again."""
    whole = (small / "whole", command("run", SCENARIO, "--runs", MANY, *SMALL, "--workers", 1, "--out", "out"))
    whole[0].mkdir()
    assert finished(whole[1], whole[0]).returncode == 0
    kept, words = small / "out.unfinished", command(*RUN, "--runs", MANY, "--workers", 2)
    before: dict[tuple[int, int], int] = {}
    for _ in range(4):
        with started(words, small) as run:
            more = size(kept) + random.randint(20_000, 120_000)
            until(lambda: run.poll() is not None or size(kept) > more)  # noqa: B023  # called here and now
            time.sleep(random.uniform(0, 0.1))
            if run.poll() is not None:  # it was faster than we
                break
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        after = rows(kept)
        assert before.items() <= after.items()
        assert len(after) > len(before)
        before = after
    done = finished(words, small)
    assert done.returncode == 0, done.stderr
    assert contents(small / "out") == contents(whole[0] / "out")
    assert not kept.exists()


def test_a_kill_at_any_line_of_writing_leaves_what_was_there(small: Path) -> None:
    """A worker alone, killed by itself right before and right after each commit."""
    kill = "import os, signal\nfrom sim.work.store import Store\nput, left = Store.put, [{}]\n"
    kill += "def mortal(store, part):\n    left[0] -= 1\n    {}\n    put(store, part)\n    {}\nStore.put = mortal\n"
    die = "left[0] or os.kill(os.getpid(), signal.SIGKILL)"
    for number, (before, after) in enumerate([(die, ""), ("", die)], start=1):
        done = finished(command(*RUN, "--runs", RUNS, "--workers", 1, before=kill.format(2, before, after)), small)
        assert done.returncode == -signal.SIGKILL
        assert len(rows(small / "out.unfinished")) == (1, 3)[number - 1]
    assert finished(command(*RUN, "--runs", RUNS), small).returncode == 0
    phased("run", SCENARIO, "--runs", RUNS, *SMALL, "--out", "whole")
    shutil.move("whole", "other")
    (small / "other" / "manifest.json").unlink()
    (small / "out" / "manifest.json").unlink()
    assert contents(small / "out") == contents(small / "other")


def test_a_commit_is_on_the_disk_before_a_block_counts_as_finished(small: Path) -> None:
    with Store.open(small / "kept", job()) as store:
        assert store._connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert store._connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_write_that_the_power_cut_in_half_is_undone(small: Path) -> None:
    """The files as they lie on the disk in the middle of a transaction."""
    whole = job()
    found = filled(small / "kept", whole)
    with Store.open(small / "kept", whole) as store:
        connection = store._connection
        connection.execute("PRAGMA cache_size = 1")  # so that pages are written before the commit
        connection.execute("BEGIN")
        connection.execute("UPDATE blocks SET part = zeroblob(50000), digest = 'torn'")
        shutil.copytree(small / "kept", small / "cut")
        connection.rollback()
    assert (small / "cut" / FILE).read_bytes() != (small / "kept" / FILE).read_bytes()
    assert (small / "cut" / f"{FILE}-journal").stat().st_size > 0
    with Store.open(small / "cut", whole) as store:
        assert [packed(store.take(part.runs)) for part in found] == [packed(part) for part in found]


def test_more_runs_than_before_use_its_blocks_again(small: Path) -> None:
    filled(small / "kept", job())
    before = rows(small / "kept")
    for runs in (RUNS, 2 * RUNS):
        found = list(parts(job(), runs, How(unfinished=small / "kept")))
        assert list(map(packed, found)) == list(map(packed, alone(job(), runs)))
        assert before.items() <= rows(small / "kept").items()
        before = rows(small / "kept")


def test_more_runs_than_runs_csv_takes_use_the_blocks_again(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job with a table and one without are one."""
    monkeypatch.setattr(sim.report, "TABLE_RUNS", RUNS)
    for runs in (RUNS, RUNS + 1):
        with monkeypatch.context() as patch:
            patch.setattr(Store, "put", dying(Store.put, after=4))
            phased(*RUN, "--runs", runs, "--workers", 1, code=1)
    assert len(rows(small / "out.unfinished")) == 8
    phased(*RUN, "--runs", RUNS + 1)
    phased("run", SCENARIO, *SMALL, "--runs", RUNS + 1, "--out", "plain")
    assert (small / "out" / "summary.json").read_bytes() == (small / "plain" / "summary.json").read_bytes()


def dying(put: object, after: int) -> object:
    """A `put` that is interrupted after so many blocks."""
    left = [after]

    def mortal(store: Store, part: Part) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        put(store, part)  # type: ignore[operator]

    return mortal


@pytest.mark.parametrize(
    "words",
    [
        ("run", SCENARIO, "--runs", 3 * BLOCK, "--precision", 0.005),
        ("compare", SCENARIO, "--policy", "phased-approach", "--policy", "restrained", "--runs", BLOCK, "--precision", 0.01),
        ("compare", SCENARIO, "ambiguous-intelligence-uncertain", "--policy", "step-down", "--runs", BLOCK, "--precision", 0.005),
    ],
    ids=["run", "compare", "compare on two scenarios"],
)
def test_precision_goes_on_too(words: tuple[object, ...], small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phased(*words, *SMALL, "--out", "out")
    shutil.move("out", "whole")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", dying(Store.put, after=6))
        ended = phased(*words, *SMALL, "--resume", "--out", "out", code=1)
        assert "Finished blocks are kept in out.unfinished/: the same command goes on from there." in ended.stderr
    phased(*words, *SMALL, "--resume", "--out", "out")
    assert contents(small / "out") == contents(small / "whole")
    assert not (small / "out.unfinished").exists()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_comparison_with_losses_goes_on_too(workers: int, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted between policies is kept as well: where they part, what is tried beside, the days that cost."""
    words = ("compare", "surge-to-front-uncertain", "reciprocity-provoking-uncertain", "--policy", "phased-approach")
    words = (*words, "--policy", "step-down", "--losses", "example", "--runs", RUNS, *SMALL)
    phased(*words, "--workers", workers, "--out", "out")
    shutil.move("out", "whole")
    with monkeypatch.context() as patch:
        patch.setattr(Store, "put", dying(Store.put, after=4))
        phased(*words, "--resume", "--workers", workers, "--out", "out", code=1)
    phased(*words, "--resume", "--workers", workers, "--out", "out")
    assert contents(small / "out") == contents(small / "whole")


# In the way ----------------------------------------------------------------------------------------------------------------


def test_a_second_phased_on_the_same_report_is_told_so(small: Path) -> None:
    with Store.open(small / "out.unfinished", job()) as store:
        second = finished(command(*RUN, "--runs", RUNS), small)
        assert second.returncode == 1
        assert second.stderr == "phased: another phased is at work on out.unfinished: wait for it, or choose another --out\n"
        store.put(alone(job(), BLOCK)[0])  # the first is not disturbed
    assert not (small / "out").exists()
    assert finished(command(*RUN, "--runs", RUNS), small).returncode == 0


def test_a_full_disk_is_told_and_what_was_kept_stays(small: Path) -> None:
    whole = job(table=True)
    found = alone(whole, RUNS)
    with Store.open(small / "kept", whole) as store:
        store._connection.execute("PRAGMA max_page_count = 40")
        with pytest.raises(WorkFailed, match=r"cannot write .*blocks.sqlite: database or disk is full"):
            put(store, found)
        count = sum(map(store.has, whole.blocks(RUNS)))
    assert 0 < count < len(found)
    with Store.open(small / "kept", whole) as store:
        assert [packed(store.take(part.runs)) for part in found[:count]] == [packed(part) for part in found[:count]]


def test_a_folder_that_cannot_be_made_is_told(small: Path) -> None:
    Path("file").write_text("")
    with pytest.raises(WorkFailed, match="cannot write to file/kept: Not a directory"), Store.open(Path("file/kept"), job()):
        pass
    (small / "kept" / FILE).mkdir(parents=True)
    with pytest.raises(WorkFailed, match=r"cannot write kept/blocks.sqlite: unable to open"), Store.open(Path("kept"), job()):
        pass


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_for_reading_only_is_told(small: Path) -> None:
    (small / "kept").mkdir(mode=0o500)
    with pytest.raises(WorkFailed, match="cannot write"), Store.open(small / "kept", job()):
        pass


# Damaged -------------------------------------------------------------------------------------------------------------------


@cache
def sample() -> tuple[bytes, list[Part]]:
    """A database with a few finished blocks, and what is in it."""
    with tempfile.TemporaryDirectory() as folder:
        found = filled(Path(folder), job(days=5))
        return (Path(folder) / FILE).read_bytes(), found


PAGE = 4096
PLACES = st.tuples(st.integers(0, 3), st.one_of(st.integers(0, 120), st.integers(0, PAGE - 1)))
"""Page, and byte in it; often one of its head, which decides what the rest means."""
DAMAGES = st.lists(
    st.tuples(PLACES, st.sampled_from(["change", "change", "put", "cut", "end"]), st.binary(min_size=1, max_size=64)), max_size=4
)


def damaged(content: bytes, damages: list[tuple[tuple[int, int], str, bytes]]) -> bytes:
    """Some bytes changed, a piece put in or cut out, the end missing."""
    for (page, byte), what, piece in damages:
        place = page * PAGE + byte
        kept = {"change": place + len(piece), "put": place, "cut": place + 40 * len(piece), "end": len(content)}[what]
        content = content[:place] + (piece if what in ("change", "put") else b"") + content[kept:]
    return content


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damages=DAMAGES)
def test_a_damaged_database_is_told_or_mended_and_never_believed(
    damages: list[tuple[tuple[int, int], str, bytes]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    content, found = sample()
    folder = tmp_path_factory.mktemp("damaged")
    (folder / FILE).write_bytes(damaged(content, damages))
    try:
        with Store.open(folder, job(days=5)) as store:
            for part in found:
                if store.has(part.runs):
                    assert packed(store.take(part.runs)) == packed(part)
            put(store, found)
            assert [packed(store.take(part.runs)) for part in found] == list(map(packed, found))
    except PhasedError as error:
        told = str(error)
    else:
        told = f"{folder} is mended"
    finally:
        shutil.rmtree(folder)
    assert str(folder) in told  # and so which folder to delete


def test_a_changed_part_counts_as_not_there(small: Path) -> None:
    filled(small / "kept", job())
    with closing(sqlite3.connect(small / "kept" / FILE)) as connection, connection:
        connection.execute("UPDATE blocks SET part = CAST(substr(part, 1, 500) AS BLOB) WHERE first = 0")
        connection.execute("UPDATE blocks SET part = NULL WHERE first = ?", (BLOCK,))
        connection.execute("UPDATE blocks SET first = ? WHERE first = ?", (3 * BLOCK, 2 * BLOCK))
    with Store.open(small / "kept", job()) as store:
        assert not any(map(store.has, job().blocks(4 * BLOCK)))
    done = list(parts(job(), RUNS, How(unfinished=small / "kept")))
    assert list(map(packed, done)) == list(map(packed, alone(job(), RUNS)))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"something else entirely, and long enough to be taken for a database of somebody's", "is damaged or not of phased"),
        (b"SQLite format 3\0" + bytes(4080), "is damaged or not of phased"),
    ],
)
def test_what_is_no_database_is_told(content: bytes, told: str, small: Path) -> None:
    (small / "out.unfinished").mkdir()
    (small / "out.unfinished" / FILE).write_bytes(content)
    done = phased(*RUN, "--runs", RUNS, code=1)
    assert told in done.stderr
    assert "delete out.unfinished to begin anew" in done.stderr
    assert not (small / "out").exists()


def test_an_empty_file_is_an_empty_database(small: Path) -> None:
    (small / "kept").mkdir()
    (small / "kept" / FILE).touch()
    assert len(filled(small / "kept", job())) == 3


def foreign() -> Iterator[str]:
    yield "CREATE TABLE job (other); CREATE TABLE blocks (first, count)"
    yield "CREATE TABLE blocks (a TEXT)"
    yield "CREATE VIEW blocks AS SELECT 1 AS first, 2 AS count, 3 AS digest, 4 AS part"
    yield "CREATE TABLE job (key); INSERT INTO job VALUES (NULL)"
    yield "CREATE TABLE job (key TEXT); INSERT INTO job VALUES (CAST(x'ff' AS TEXT))"


@pytest.mark.parametrize("statements", list(foreign()))
def test_a_database_of_somebody_else_is_told(statements: str, small: Path) -> None:
    (small / "kept").mkdir()
    with closing(sqlite3.connect(small / "kept" / FILE)) as connection:
        connection.executescript(statements)
    with pytest.raises(PhasedError, match="kept"):
        list(parts(job(), BLOCK, How(unfinished=Path("kept"))))


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (os.mkdir, ("it-ran",))


def test_no_content_makes_python_run(small: Path) -> None:
    """Not even one whose digest is right."""
    with Store.open(small / "kept", job()) as store:
        np.savez("evil.npz", outline=np.array([Evil()], dtype=object))
        for content in (Path("evil.npz").read_bytes(), pickle.dumps(Evil()), b"", b"PK\x03\x04"):
            row = (0, BLOCK, hashlib.sha256(store._key + content).digest(), content)
            with store._connection:
                store._connection.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", row)
            assert not store.has(range(BLOCK))
    assert not Path("it-ran").exists()


def test_packing_is_the_same_each_time() -> None:
    part = alone(job(table=True), BLOCK)[0]
    assert packed(part) == packed(unpacked(packed(part)))
