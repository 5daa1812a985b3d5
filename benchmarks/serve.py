"""The lesson page on a server: how long a moved slider takes, for one browser and for twenty at once.

    python benchmarks/serve.py [--browsers 20] [--moves 30] [--runs 1000] [--pause 0]

A server is started as its users start it. Each browser is a thread that moves one slider of policy A to a value that nobody asked
for before, waits for the answer, and moves on (after `--pause` seconds, as one looks at the chart). Times are as a browser sees
them; CPU is the server's own processor time per move (Linux).
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

COMMAND = (
    "from sim.cli import main; main()",
    "serve",
    "surge-to-front-uncertain",
    "--policy",
    "phased-approach",
    "--policy",
    "step-down",
    "--slider",
    "near=thresholds.front_line:1:4",
    "--port",
    "0",
)


def started(runs: int) -> tuple[subprocess.Popen[str], str]:
    server = subprocess.Popen(
        [sys.executable, "-c", *COMMAND, "--runs", str(runs)], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    )
    assert server.stdout is not None
    line = server.stdout.readline()
    return server, line.split()[-1]


def browser(address: str, place: int, moves: int, pause: float) -> list[float]:
    """Seconds that each move took; no two browsers ask for the same number."""
    times = []
    with httpx.Client(base_url=address, timeout=60, trust_env=False) as client:
        for move in range(moves):
            value = 1 + 3 * ((move * 0.618 + place * 0.01237) % 1)
            asked = {"scenario": 0, "policy": 0, "world": [], "values": [round(value, 8)], "page": f"{place}", "number": move}
            begun = time.perf_counter()
            answer = client.post("outcome", json=asked)
            times.append(time.perf_counter() - begun)
            answer.raise_for_status()
            time.sleep(pause)
    return times


def processor(server: subprocess.Popen[str]) -> float:
    """Seconds of processor time that the server has used (Linux; elsewhere not a number)."""
    try:
        fields = Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return math.nan
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measured(name: str, server: subprocess.Popen[str], call: Callable[[], list[float]]) -> None:
    begun, used = time.perf_counter(), processor(server)
    ranked = sorted(1000 * each for each in call())
    used, seconds = processor(server) - used, time.perf_counter() - begun
    p95, count = ranked[int(0.95 * len(ranked))], len(ranked)
    columns = (statistics.median(ranked), p95, ranked[-1], 1000 * used / count, count / seconds)
    print(f"{name:<28}" + "".join(f"{each:>10.1f}" for each in columns))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--browsers", type=int, default=20)
    parser.add_argument("--moves", type=int, default=30)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--pause", type=float, default=0.0)
    given = parser.parse_args()
    server, address = started(given.runs)
    try:
        browser(address, 999, 3, 0)  # the world is stepped
        print(f"{'ms':<28}" + "".join(f"{each:>10}" for each in ("p50", "p95", "most", "CPU", "moves/s")))
        measured("one browser", server, lambda: browser(address, 500, given.moves, 0))

        def several() -> list[float]:
            with ThreadPoolExecutor(given.browsers) as pool:
                found = [pool.submit(browser, address, place, given.moves, given.pause) for place in range(given.browsers)]
                return [each for one in found for each in one.result()]

        measured(f"{given.browsers} browsers, pause {given.pause:g} s", server, several)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
