"""A small model in small blocks, phased as a process with small blocks, and who still runs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from sim import api
from sim.ensemble import Job, Part, compute
from sim.library import Library
from tests.cli.shell import environment

ROOT = Path(__file__).resolve().parents[2]
SCENARIO = "surge-to-front-uncertain"
BLOCK = 256
RUNS = 11 * BLOCK + 100
SMALL = ("--set", "days=30", "--no-charts")
"""A year of days takes longer and shows no more."""


def job(*, days: int = 30, seed: int = 1, table: bool = False) -> Job:
    """That of `phased run SCENARIO --set days=30`."""
    return replace(api.job_of([Library([]).load_pair(SCENARIO, None, [f"days={days}"])], seed), table=table)


def alone(whole: Job, runs: int) -> list[Part]:
    return [compute(whole, block, leading=block.start == 0) for block in whole.blocks(runs)]


# Processes -----------------------------------------------------------------------------------------------------------------


def command(*words: object, block: int | None = BLOCK, before: str = "") -> list[str]:
    """phased with blocks of another size (None: its own), and some lines of Python before it starts."""
    small = "" if block is None else f"import sim.ensemble; sim.ensemble.BLOCK = {block}\n"
    return [sys.executable, "-c", f"{small}{before}\nfrom sim.cli import main; main(prog_name='phased')", *map(str, words)]


@contextmanager
def started(words: list[str], cwd: Path) -> Iterator[subprocess.Popen[str]]:
    """In a process group of its own, of which nothing is left at the end."""
    process = subprocess.Popen(
        words,
        cwd=cwd,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def finished(words: list[str], cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(words, cwd=cwd, env=environment(), capture_output=True, encoding="utf-8", timeout=120, check=False)


def children(parent: int) -> list[int]:
    """The processes that a process started and that run."""
    return [pid for pid, (state, above) in _processes().items() if above == parent and state != "Z"]


def workers(parent: int) -> list[int]:
    """Of these the workers; multiprocessing has a process of its own beside them."""
    return [pid for pid in children(parent) if b"spawn_main" in _command_line(pid)]


def _command_line(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def running(pids: Iterable[int]) -> list[int]:
    found = _processes()
    return [pid for pid in pids if pid in found and found[pid][0] != "Z"]


def _processes() -> dict[int, tuple[str, int]]:
    """State and parent of each, by its number."""
    found: dict[int, tuple[str, int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            state, above = path.read_text().rpartition(")")[2].split()[:2]
            found[int(path.parent.name)] = (state, int(above))
    return found


def until(true: Callable[[], object], seconds: float = 60) -> float:
    """Wait for something, and tell how long it took."""
    begin = time.monotonic()
    while not true():
        assert time.monotonic() < begin + seconds, f"waited {seconds} seconds in vain"
        time.sleep(0.02)
    return time.monotonic() - begin
