"""Whole commands as processes of their own: two workers against one, and peak memory. And the machine they ran on."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from timing import Spread, Task, interleaved, ratio
from work import POLICY, SCENARIO

COMMAND = [sys.executable, "-c", "from sim.cli import main; main(prog_name='phased')", "run"]
PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Workers:
    """Two against one."""

    runs: int
    one: Spread
    """seconds by the clock, the whole command"""
    two: Spread
    ratio: Spread


@dataclass(frozen=True)
class Peak:
    runs: int
    bytes: int
    seconds: float


def has_workers() -> bool:
    done = subprocess.run([*COMMAND, "--help"], check=True, capture_output=True, encoding="utf-8")
    return "--workers" in done.stdout


def workers_ratio(runs: int, rounds: int) -> Workers | str:
    """How much faster two workers finish than one, or why that cannot be told."""
    if not has_workers():
        return "`phased run` has no option --workers here"
    if cores() < 2:
        return "there is one core here"
    tasks = [Task(f"{count} of 2 workers", 1, lambda count=count: _run(runs, count)) for count in (1, 2)]
    one, two = interleaved(tasks, rounds, time.perf_counter).values()
    return Workers(runs, Spread.of(one), Spread.of(two), ratio(one, two))


def _run(runs: int, workers: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(_words(runs, folder, workers), check=True, capture_output=True)


def _words(runs: int, folder: str, workers: int | None) -> list[str]:
    chosen = [] if workers is None else ["--workers", str(workers)]
    return [*COMMAND, str(SCENARIO), "--policy", str(POLICY), "--runs", str(runs), *chosen, "--no-charts", "--out", folder]


def peaks(sizes: Sequence[int]) -> list[Peak]:
    """Peak resident memory of the command on one worker, interpreter and libraries included. Not on Windows."""
    if sys.platform == "win32":
        return []
    workers = 1 if has_workers() else None
    return [_peak(runs, workers) for runs in sizes]


def _peak(runs: int, workers: int | None) -> Peak:
    # A helper process for each: the peak of children never falls within one process.
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *_words(runs, folder, workers)], check=True, capture_output=True, encoding="utf-8"
        )
        return Peak(runs, int(done.stdout) * _RSS_UNIT, time.perf_counter() - start)


# The machine ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Machine:
    processor: str
    cores: int
    """that this process may use"""
    python: str
    numpy: str
    simd: tuple[str, ...]
    """extensions that numpy uses here"""
    load: tuple[float, ...]
    """processes that wanted a core, over 1, 5 and 15 minutes, before anything was measured"""


def machine() -> Machine:
    config = np.show_config(mode="dicts")
    simd = config["SIMD Extensions"]
    load = tuple(round(each, 2) for each in os.getloadavg()) if hasattr(os, "getloadavg") else ()
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return Machine(_processor(), cores(), python, np.__version__, (*simd["baseline"], *simd["found"]), load)


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.is_file() else []
    facts = dict(line.partition(":")[::2] for line in lines if ":" in line)
    named = {key.strip(): value.strip() for key, value in facts.items()}
    if "model name" not in named:
        return platform.processor() or platform.machine()
    return f"{named['model name']} (family {named.get('cpu family')}, model {named.get('model')})"
