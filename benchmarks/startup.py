"""Start-up and a 1,000-run scenario, as ratios: `python benchmarks/startup.py`, with phased installed.

CPU time of whole processes (user + system), medians of interleaved rounds, beside bare Python, `import click`, and drawing
as many random numbers as the runs need.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile

ROUNDS = 9
SCENARIO = "surge-to-front-uncertain"
RUN = "from sim.cli import main; main()"
DRAW = """
import numpy as np
source = np.random.Generator(np.random.SFC64(1))
row = np.empty(1000)
for _ in range(365 * {streams}):
    source.standard_normal(out=row)
"""
STREAMS = 4
"""Noise streams that the scenario has: shared error, troops' error, reinforcements, rungs."""

COMMANDS: dict[str, list[str]] = {
    "python -c pass": ["-c", "pass"],
    'python -c "import click"': ["-c", "import click"],
    "phased --help": ["-c", RUN, "--help"],
    "drawing the numbers alone (numpy)": ["-c", DRAW.format(streams=STREAMS)],
    "importing numpy and pydantic alone": ["-c", "import numpy, pydantic.main"],
    "importing matplotlib too": ["-c", "import numpy, pydantic.main, matplotlib.figure, matplotlib.backends.backend_agg"],
    "phased run, 1,000 runs, no charts": ["-c", RUN, "run", SCENARIO, "--no-charts"],
    "phased run, 1,000 runs, charts": ["-c", RUN, "run", SCENARIO],
}


def cpu(arguments: list[str], folder: str) -> float:
    """Seconds of CPU of one fresh interpreter."""
    before = os.times()
    subprocess.run([sys.executable, *arguments], cwd=folder, check=True, capture_output=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def measure() -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in COMMANDS}
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            for name, arguments in COMMANDS.items():
                times[name].append(cpu(arguments, folder))
    return times


def main() -> None:
    times = measure()
    click = statistics.median(times['python -c "import click"'])
    bare = statistics.median(times["python -c pass"])
    print(f"{'command':40} {'CPU s':>8} {'spread':>13} {'× python':>9} {'× click':>8}")
    for name, each in times.items():
        middle = statistics.median(each)
        spread = f"{min(each):.3f}–{max(each):.3f}"
        print(f"{name:40} {middle:8.3f} {spread:>13} {middle / bare:9.1f} {middle / click:8.1f}")


if __name__ == "__main__":
    main()
