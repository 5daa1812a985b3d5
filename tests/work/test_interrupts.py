"""However a run with workers ends, nothing of it is left: no process, no half file. With real processes and real signals."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.cli.shell import environment
from tests.cli.test_terminal import Terminal
from tests.work.made import SCENARIO, children, command, running, started, until, workers

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="who runs is read from /proc")

LONG = ("run", SCENARIO, "--runs", 10_000_000, "--workers", 2, "--out", "out")
"""In whole blocks of a second and more, so that each signal hits the middle of one."""
AT_ONCE = 1.0
"""Seconds within which an interrupted run has to be gone …"""
TRIES = 3
"""… at one of so many tries, since the machine may be busy with other things."""


def at_work(run: subprocess.Popen[str], seconds: float) -> list[int]:
    """All processes that a run started, some time after its workers began."""
    until(lambda: len(workers(run.pid)) == 2)
    time.sleep(seconds)
    assert run.poll() is None
    return children(run.pid)


def send(run: subprocess.Popen[str], what: signal.Signals, *, group: bool) -> None:
    (os.killpg if group else os.kill)(run.pid, what)


@pytest.mark.parametrize("group", [True, False], ids=["as Ctrl-C does, to all", "to the parent only"])
def test_an_interrupt_ends_everything_within_a_second(group: bool, tmp_path: Path) -> None:
    taken = []
    for _ in range(TRIES):
        with started(command(*LONG, block=None), tmp_path) as run:
            pids = at_work(run, random.uniform(0, 2))
            begin = time.monotonic()
            send(run, signal.SIGINT, group=group)
            _, stderr = run.communicate(timeout=60)
            until(lambda: not running(pids))  # noqa: B023  # called here and now
            taken.append(time.monotonic() - begin)
        assert run.returncode == 1
        assert stderr.strip() == "Aborted!"
        assert list(tmp_path.iterdir()) == []
        if taken[-1] < AT_ONCE:
            break
    assert min(taken) < AT_ONCE, taken


def test_an_interrupt_while_workers_start_is_no_traceback(tmp_path: Path) -> None:
    for wait in (0.0, 0.1, 0.3):
        with started(command(*LONG, block=None), tmp_path) as run:
            until(lambda: children(run.pid))
            time.sleep(wait)
            send(run, signal.SIGINT, group=True)
            _, stderr = run.communicate(timeout=60)
        assert (run.returncode, stderr.strip()) == (1, "Aborted!")
        assert list(tmp_path.iterdir()) == []


def test_an_interrupt_while_rows_are_written_leaves_no_worker(tmp_path: Path) -> None:
    """The signal then hits the consumer of the parts, not the wait for them."""
    slow = "import sim.report, time\nsim.report.runs_csv = lambda *_, **__: (time.sleep(600), b'')[1]"
    with started(command(*LONG, "--keep", "runs", block=2_000, before=slow), tmp_path) as run:
        pids = at_work(run, 1)
        send(run, signal.SIGINT, group=False)
        _, stderr = run.communicate(timeout=60)
        until(lambda: not running(pids))
    assert (run.returncode, stderr.strip()) == (1, "Aborted!")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", [signal.SIGTERM, signal.SIGKILL])
def test_workers_end_with_a_parent_that_is_killed(what: signal.Signals, tmp_path: Path) -> None:
    with started(command(*LONG, block=None), tmp_path) as run:
        pids = at_work(run, random.uniform(0, 2))
        send(run, what, group=False)
        _, stderr = run.communicate(timeout=60)
        assert until(lambda: not running(pids)) < 10
    assert run.returncode != 0
    assert "Traceback" not in stderr
    assert [path for path in tmp_path.rglob("*") if path.is_file() and not path.parent.name.startswith(".phased-")] == []


def test_a_killed_worker_ends_the_run_with_a_clear_word(tmp_path: Path) -> None:
    with started(command(*LONG, block=None), tmp_path) as run:
        at_work(run, 1)
        worker = workers(run.pid)[0]
        os.kill(worker, signal.SIGKILL)
        _, stderr = run.communicate(timeout=60)
    assert run.returncode == 1
    assert stderr == f"phased: worker process {worker} was killed (SIGKILL), perhaps for want of memory: try fewer --workers\n"
    assert list(tmp_path.iterdir()) == []


def test_an_installed_command_starts_workers_too(tmp_path: Path) -> None:
    """A fresh worker imports the script that started it, which must not start phased once more."""
    script = tmp_path / "phased"
    script.write_text("import sys\nfrom sim.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n")
    words = ["run", SCENARIO, "--runs", "200000", "--set", "days=5", "--workers", "2", "--no-charts", "--out", "out"]
    done = subprocess.run(
        [sys.executable, str(script), *words],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "Wrote out/: daily.csv, evidence.json, summary.json, manifest.json\n")


def test_a_terminal_shows_runs_per_second_and_the_time_left_of_all_workers(tmp_path: Path) -> None:
    words = ("run", SCENARIO, "--runs", 8 * 65_536, "--set", "days=20", "--workers", 2, "--no-charts", "--out", "out")
    terminal = Terminal(*words, cwd=tmp_path)
    assert terminal.close() == 0
    seen = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", terminal.seen)
    assert re.search(r" [1-9]\d?% [\d,]+ runs a second \d:\d\d:\d\d", seen)
