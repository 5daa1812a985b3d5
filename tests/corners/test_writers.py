"""Writers that are killed, and two that write the same report: files appear whole, of one of them, or not at all."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sim.errors import WorkFailed
from sim.files import _alone, write_all
from tests.cli.shell import environment
from tests.corners.made import PAIR, ended, files, whole, write

pytestmark = pytest.mark.skipif(os.name == "nt", reason="with signals and locks of POSIX")
RUN = ("run", *PAIR, "--runs", "20", "--out", "out", "--no-charts")


def started(before: str, *words: str, cwd: Path) -> subprocess.Popen[bytes]:
    code = f"{before}\nfrom sim.cli import main; main(prog_name='phased')"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words], cwd=cwd, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("words", [RUN, ("check", "p.yaml", "--out", "out")], ids=["run", "check"])
def test_a_writer_that_is_killed_leaves_nothing_that_the_next_one_does_not_clear(words: tuple[str, ...], tmp_path: Path) -> None:
    """Killed while its files stand beside their places, by a move that never comes."""
    write(tmp_path)
    stuck = "import os, time\nos.replace = lambda *_: time.sleep(600)"
    process = started(stuck, *words, cwd=tmp_path)
    end = time.monotonic() + 60
    while not any(path.name.startswith(".phased-") and any(path.iterdir()) for path in tmp_path.glob("out/.*")):
        assert time.monotonic() < end
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.05)
    process.kill()
    process.communicate()
    assert all("/.phased-" in f"/{name}" for name in files(tmp_path / "out"))
    assert ended(*words, cwd=tmp_path).returncode == 0
    assert not [name for name in files(tmp_path / "out") if ".phased-" in name]


def test_of_two_that_write_the_same_report_the_later_one_is_there_as_a_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second comes while the first has moved one of its files; without the lock, the rest would then be the first's."""
    first_moved, second_done, replace = threading.Event(), threading.Event(), os.replace

    def slowly(old: Path, new: Path) -> None:
        replace(old, new)
        if threading.current_thread() is first:
            first_moved.set()
            second_done.wait(0.3)

    monkeypatch.setattr(os, "replace", slowly)
    first = threading.Thread(target=write_all, args=(tmp_path, dict.fromkeys("abc", b"first")))
    first.start()
    assert first_moved.wait(10)
    write_all(tmp_path, dict.fromkeys("ab", b"second"), lambda: ["c"])
    second_done.set()
    first.join(10)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == dict.fromkeys("ab", b"second")


def test_two_processes_that_write_the_same_report(tmp_path: Path) -> None:
    write(tmp_path)
    both = [started("", *RUN, "--seed", seed, *more, cwd=tmp_path) for seed, *more in (("1",), ("2", "--set", "days=4"))]
    for each in both:
        _, said = each.communicate(timeout=120)
        assert (each.returncode, b"Traceback" in said) == (0, False), said
    whole(tmp_path / "out")


def test_who_waits_in_vain_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.files.PATIENCE", 0.1)
    with _alone(tmp_path), pytest.raises(WorkFailed, match="another phased is writing to"), _alone(tmp_path):
        pass
    with _alone(tmp_path):
        pass
