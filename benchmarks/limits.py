"""How large files may be: time and memory of whole commands on files far larger than any that ships.

`python benchmarks/limits.py` prints the table of docs/limits.md; `--case NAME` measures one, `--write DIR` writes its files.
Each command is a process of its own: CPU time (user and system) and the most memory that it held. Linux and macOS only.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
Files = Mapping[str, str]
"""Texts by name; the policy is p.yaml, the scenario s.yaml."""
LOAD = "from sim.library import Library; Library().load_pair('s.yaml', 'p.yaml')"
MAIN = "from sim.cli import main; main(prog_name='phased')"
STEPS: Mapping[str, tuple[str, ...]] = {
    "load": (LOAD,),
    "check": (MAIN, "check", "s.yaml", "p.yaml"),
    "check --reach": (MAIN, "check", "s.yaml", "p.yaml", "--reach"),
    "path": (MAIN, "path", "./s.yaml", "--policy", "./p.yaml"),
    "run, 1,000 runs": (MAIN, "run", "./s.yaml", "--policy", "./p.yaml", "--runs", "1000", "--no-charts", "--out", "out"),
}
LONGEST = 900
"""Seconds after which a command is ended."""


# Files ------------------------------------------------------------------------------------------------------------------------


def policy(phases: int = 3, transitions: int = 4, signposts: int = 1, guard: str = "") -> str:
    """A ladder of phases; transitions go up and down by one rung in turn, each over a signpost and a threshold of its own."""
    lines = ["kind: policy", "name: p", "title: P", "reads:"]
    lines += [f"  s{at}: {{unit: level, range: [0, 4]}}" for at in range(signposts)]
    lines += ["phases:", *(f"  p{at}: {{label: Phase {at}}}" for at in range(phases)), "thresholds:"]
    lines += [f"  t{at}: {{value: {1 + at % 7 / 4}, unit: level, grade: assumed}}" for at in range(transitions)]
    return "\n".join([*lines, "transitions:", *_transitions(phases, transitions, signposts, guard), ""])


def _transitions(phases: int, transitions: int, signposts: int, guard: str) -> Iterator[str]:
    for at in range(transitions):
        low = at // 2 % (phases - 1)
        first, then, sign = (low, low + 1, ">=") if at % 2 == 0 else (low + 1, low, "<")
        when = guard or f"s{at % signposts} {sign} t{at}"
        yield f"  r{at}: {{from: p{first}, to: p{then}, when: '{when}', confirm: {1 + at % 3}, lag: {at % 4}}}"


def scenario(
    days: int = 365, signposts: int = 1, injects: int = 0, first: int = 0, text: str = "a text", extends: str = ""
) -> str:
    """Variables that drift, each seen late and with an error that lasts; injects on one day after the other."""
    lines = ["kind: scenario", "name: s", "title: S", f"extends: {extends}" if extends else "start: 2024-10-24"]
    lines += [] if extends else [f"days: {days}", "variables:", *(_variable(at) for at in range(signposts))]
    lines += [] if extends else ["signposts:", *(_signpost(at) for at in range(signposts))]
    lines += ["injects:"] if injects else []
    lines += [f"  i{at}: {{on: day {at % days}, title: {text}, add: {{s0: 0.01}}}}" for at in range(first, first + injects)]
    return "\n".join([*lines, ""])


def _variable(at: int) -> str:
    return f"  s{at}: {{unit: level, bounds: [0, 4], path: {{day 0: {at % 4}}}, moves: {{w: {{walk: {{volatility: 0.05}}}}}}}}"


def _signpost(at: int) -> str:
    return f"  s{at}: {{delay: 3 days, error: {{sd: 0.3, memory: 21 days}}, smooth: {{mean: 7 days}}}}"


def _chained() -> Files:
    """10,000 injects are more than one file may hold: each of six files extends the next."""
    files = {"p.yaml": policy()}
    for at in range(6):
        name = f"s{at}" if at else "s"
        text = scenario(36_525, 1, 1_900 if at < 5 else 500, at * 1_900, extends=f"s{at + 1}" if at < 5 else "")
        files[f"{name}.yaml"] = text.replace("name: s\n", f"name: {name}\n")
    return files


def _mebibyte() -> Files:
    text = scenario(injects=300, text="x" * 3_430)
    return {"p.yaml": policy(), "s.yaml": text + "#" * ((1 << 20) - len(text.encode()))}


DEEP = "(" * 49 + "s0 > 1" + ")" * 49
LONG = " or ".join(f"(min(s{at % 10}, 3) + s{at % 7} * 2 > {at} and not s0 == 1)" for at in range(37))
CASES: Mapping[str, tuple[str, Callable[[], Files]]] = {
    "small": ("3 phases, 4 transitions, 1 signpost, 1 year", lambda: {"p.yaml": policy(), "s.yaml": scenario()}),
    "years": ("100 years (36,525 days)", lambda: {"p.yaml": policy(), "s.yaml": scenario(36_525)}),
    "phases": ("50 phases, 98 transitions", lambda: {"p.yaml": policy(50, 98), "s.yaml": scenario()}),
    "transitions": (
        "200 transitions over 10 signposts, 20 phases",
        lambda: {"p.yaml": policy(20, 200, 10), "s.yaml": scenario(signposts=10)},
    ),
    "signposts": ("100 signposts, 200 transitions", lambda: {"p.yaml": policy(20, 200, 100), "s.yaml": scenario(signposts=100)}),
    "injects": ("1,900 injects in one file, 100 years", lambda: {"p.yaml": policy(), "s.yaml": scenario(36_525, injects=1_900)}),
    "chained": ("10,000 injects in six files, 100 years", _chained),
    "mebibyte": ("a file of 1 MiB", _mebibyte),
    "deep": ("200 guards, 50 deep", lambda: {"p.yaml": policy(20, 200, 10, DEEP), "s.yaml": scenario(signposts=10)}),
    "long": ("20 guards of 1,700 characters", lambda: {"p.yaml": policy(11, 20, 10, LONG), "s.yaml": scenario(signposts=10)}),
    "all": (
        "50 phases, 200 transitions, 100 signposts, 2 years",
        lambda: {"p.yaml": policy(50, 200, 100), "s.yaml": scenario(730, 100)},
    ),
}


def write(folder: Path, files: Files) -> None:
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


# Measuring --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cost:
    """Of one process."""

    seconds: float
    """of CPU"""
    mebibytes: float
    code: int

    def __str__(self) -> str:
        failed = "" if self.code == 0 else f" (exit {self.code})"
        return f"{self.seconds:.1f} s, {self.mebibytes:.0f} MiB{failed}"


def measured(words: Sequence[str], folder: Path, limit: float = LONGEST) -> Cost:
    """`words` for `python -c`, run in a folder."""
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-c", *words], cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=said, stderr=said
        )
        end = time.monotonic() + limit
        while True:
            done, status, usage = os.wait4(process.pid, os.WNOHANG)
            if done:
                break
            if time.monotonic() > end:
                process.kill()
            time.sleep(0.02)
    process.returncode = os.waitstatus_to_exitcode(status)
    memory = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    return Cost(usage.ru_utime + usage.ru_stime, memory, process.returncode)


def main() -> None:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--case", action="append", choices=CASES)
    given.add_argument("--step", action="append", choices=STEPS)
    given.add_argument("--write", type=Path)
    chosen = given.parse_args()
    steps = chosen.step or list(STEPS)
    print("| | " + " | ".join(steps) + " |\n|" + "---|" * (len(steps) + 1))
    for name in chosen.case or CASES:
        told, make = CASES[name]
        with tempfile.TemporaryDirectory(prefix="phased-limits-") as scratch:
            folder = chosen.write or Path(scratch)
            write(folder, make())
            cells = [str(measured(STEPS[step], folder)) for step in steps]
        print(f"| {told} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()
