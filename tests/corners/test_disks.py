"""A full disk, a disk that cannot be written, and streams that lead nowhere: told in one line, and nothing half done."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corners.made import IS_ROOT, PAIR, ended, files, write

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="with mounts, limits and devices of Linux")


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 128 KiB, where one may be mounted."""
    where = tmp_path / "disk"
    where.mkdir()
    if (
        not IS_ROOT
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", where], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no disk may be mounted here")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", where], check=True)


WRITERS = {
    "run": ("run", "surge-to-front-uncertain", "--runs", 200, "--no-charts"),
    "check": ("check", "surge-to-front", "phased-approach", "--reach", "--out", "out"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_full_disk_is_told_and_leaves_nothing(name: str, disk: Path) -> None:
    (disk / "other").write_bytes(b"x" * 100_000)
    done = ended(*WRITERS[name], cwd=disk)
    assert (done.returncode, files(disk)) == (1, ["other"])
    assert done.stderr.decode().splitlines()[-1].startswith("phased: cannot write to ")
    assert b"No space left on device" in done.stderr
    assert [path.name for path in disk.iterdir()] == ["other"]


def test_a_full_disk_keeps_the_old_report(disk: Path) -> None:
    write(disk)
    assert ended("run", *PAIR, "--runs", 20, "--no-charts", "--out", "out", cwd=disk).returncode == 0
    before = {name: (disk / "out" / name).read_bytes() for name in files(disk / "out")}
    used = sum(path.stat().st_blocks * 512 for path in disk.rglob("*") if path.is_file())
    (disk / "other").write_bytes(b"x" * max(0, (128 << 10) - used - 24_000))
    done = ended("run", *PAIR, "--runs", 20, "--seed", 2, "--no-charts", "--out", "out", cwd=disk)
    assert (done.returncode, b"No space left" in done.stderr) == (1, True)
    assert {name: (disk / "out" / name).read_bytes() for name in files(disk / "out")} == before


def test_a_database_on_a_full_disk(disk: Path) -> None:
    (disk / "other").write_bytes(b"x" * 120_000)
    done = ended("run", "surge-to-front-uncertain", "--runs", 500, "--no-charts", "--resume", "--out", "out", cwd=disk)
    assert done.returncode == 1
    assert b"disk is full" in done.stderr or b"No space left" in done.stderr


def test_a_disk_that_cannot_be_written(disk: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    for words in (WRITERS["run"], (*WRITERS["run"], "--resume"), ("init", "mine")):
        done = ended(*words, cwd=disk)
        assert done.returncode == 1
        assert done.stderr.decode().count("\n") == 1
        assert b"Read-only file system" in done.stderr or b"unable to open database" in done.stderr


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o555)
    done = ended(*WRITERS["run"], cwd=tmp_path)
    assert (done.returncode, b"Permission denied" in done.stderr) == (1, True)


def test_a_file_that_grows_too_large(tmp_path: Path) -> None:
    """As a full disk, where none can be mounted: no file of this process may be longer than 4 KiB."""
    import resource

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    done = ended(*WRITERS["run"], cwd=tmp_path, before=limited)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert done.stderr.decode() == "phased: cannot write to reports/surge-to-front-uncertain--phased-approach: File too large\n"


@pytest.mark.parametrize("words", [("list",), ("--help",), ("list", "--json"), ("path", "surge-to-front")], ids=" ".join)
def test_stdout_on_a_full_disk(words: tuple[str, ...], tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        done = ended(*words, cwd=tmp_path, stdout=full)
    finally:
        os.close(full)
    assert (done.returncode, done.stderr) == (1, b"phased: cannot write what there is to say: No space left on device\n")


def test_closed_streams_are_as_good_as_none(tmp_path: Path) -> None:
    """And no file comes to stand where stdout was, so that what is printed would end up in it."""
    write(tmp_path)

    def closed() -> None:
        for number in (0, 1, 2):
            os.close(number)

    done = ended("run", *PAIR, "--runs", 20, "--no-charts", "--out", "closed", cwd=tmp_path, before=closed)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert ended("run", *PAIR, "--runs", 20, "--no-charts", "--out", "open", cwd=tmp_path).returncode == 0
    for name in files(tmp_path / "open"):
        assert (tmp_path / "closed" / name).read_bytes() == (tmp_path / "open" / name).read_bytes()
