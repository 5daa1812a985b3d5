"""The long search: `python tests/fuzz/long.py --minutes 30`. Finds become files in tests/fuzz/found/, which the tests read.

With atheris installed it is guided by coverage (libFuzzer); without, it goes on from the seeds alone and says so. Each
target has processes of its own, with a limit of memory. A find counts if a fresh process confirms it, without any instrument.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
FOUND = Path(__file__).parent / "found"
SPACE = 4 << 30
"""Bytes of address space of a process."""
INSTRUMENTED = 6.0
"""Times as long as an input may take while lines are counted; the judge gives no such slack."""
GUIDED = importlib.util.find_spec("atheris") is not None


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--minutes", type=float, default=30, help="in all, shared among the targets")
    words.add_argument(
        "--inputs", type=int, default=0, help="so many inputs a target instead, from the seeds alone and always the same"
    )
    words.add_argument("--target", action="append", help="only this one; can be given again")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--corpus", type=Path, help="a folder to keep what is of interest in, for the next time")
    words.add_argument("--keep", type=Path, default=FOUND, help="where finds are put")
    words.add_argument("--child", help=argparse.SUPPRESS)
    words.add_argument("--seconds", type=float, help=argparse.SUPPRESS)
    words.add_argument("--judge", type=Path, help=argparse.SUPPRESS)
    given = words.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (SPACE, SPACE))
    if given.judge:
        return _judge(given.child, given.judge)
    if given.child:
        return _child(given)
    from tests.fuzz.targets import TARGETS  # not before: what a child imports is instrumented then

    if unknown := set(given.target or ()) - set(TARGETS):
        words.error(f"unknown target {', '.join(sorted(unknown))}; there are {', '.join(TARGETS)}")
    return _parent(given, given.target or list(TARGETS))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


# The parent ------------------------------------------------------------------------------------------------------------------


def _parent(given: argparse.Namespace, targets: list[str]) -> int:
    if not GUIDED and not given.inputs:
        _say("atheris is not installed here (pip install atheris): the search is not guided by coverage")
    found = 0
    with tempfile.TemporaryDirectory(prefix="phased-fuzz-") as folder:
        for name in targets:
            out, corpus = Path(folder) / name / "finds", (given.corpus or Path(folder)) / name / "corpus"
            out.mkdir(parents=True)
            corpus.mkdir(parents=True, exist_ok=True)
            words = ["--child", name, "--keep", str(out), "--corpus", str(corpus), "--seed", str(given.seed)]
            share = given.minutes * 60 / len(targets)
            words += ["--inputs", str(given.inputs)] if given.inputs else ["--seconds", str(share)]
            _run_child(words, None if given.inputs else share, name, out)
            found += sum(_confirmed(name, each, given.keep) for each in sorted(out.glob("find-*")))
            found += sum(_confirmed(name, each, given.keep) for each in sorted(out.glob("crash-*")))
    _say(f"{found} find{'' if found == 1 else 's'} in all")
    return 1 if found else 0


def _run_child(words: list[str], seconds: float | None, name: str, out: Path) -> None:
    """Again for the time that is left, where the process itself died of an input."""
    end = time.monotonic() + (seconds or 0)
    while True:
        done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
        left = end - time.monotonic()
        (out / "log").write_text(done.stdout + done.stderr)
        _say(f"{name}: " + "; ".join(re.findall(r"^told: (.*)$", done.stdout + done.stderr, re.MULTILINE)))
        if done.returncode == 0 or seconds is None or left < 5:
            if done.returncode:
                _say(f"{name}: ended with {done.returncode}\n{done.stderr[-3_000:]}")
            return
        words[words.index("--seconds") + 1] = str(left)


def _confirmed(name: str, path: Path, keep: Path) -> bool:
    """Judged by a fresh process, made smaller there, and kept."""
    words = [sys.executable, __file__, "--child", name, "--judge", str(path)]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=180)
    except subprocess.TimeoutExpired:
        find = {"kind": "hang", "where": "elsewhere", "told": "more than three minutes"}
    else:
        died = {"kind": "died", "where": f"exit {done.returncode}", "told": done.stderr[-2_000:]}
        find = json.loads(done.stdout) if done.returncode == 0 else died
    if not find:
        _say(f"{name}: {path.name} is not confirmed")
        return False
    raw = path.read_bytes()
    slug = re.sub(r"\W+", "-", f"{find['kind']}-{find['where']}").strip("-").lower()
    kept = keep / name / f"{slug}-{hashlib.sha256(raw).hexdigest()[:8]}"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(raw)
    _say(f"{name}: {find['kind']} at {find['where']}, kept as {kept}\n{find['told']}")
    return True


# A child ----------------------------------------------------------------------------------------------------------------------


def _child(given: argparse.Namespace) -> int:
    if given.inputs or not GUIDED:
        return _blind(given)
    return _guided(given)


class _Finds:
    """One file for each kind and place."""

    def __init__(self, name: str, out: Path, slack: float) -> None:
        from tests.fuzz.judge import judged
        from tests.fuzz.targets import TARGETS

        self.target, self.out, self.slack, self.judged = TARGETS[name], out, slack, judged
        self.known: dict[tuple[str, str], int] = {}
        self.count = 0
        self.folder = Path(tempfile.mkdtemp(prefix=f"work-{name}-", dir=out))
        self.target.prepare(self.folder)
        self.seeds = [each[: self.target.largest] for each in self.target.seeds(self.folder)]

    def __call__(self, data: bytes) -> None:
        self.count += 1
        find = self.judged(self.target, self.folder, data, self.slack)
        if find and (find.same not in self.known or len(data) < self.known[find.same]):
            self.known[find.same] = len(data)
            slug = hashlib.sha256(repr(find.same).encode()).hexdigest()[:12]
            (self.out / f"find-{slug}").write_bytes(data)

    def mutated(self, dice: random.Random, data: bytes, largest: int) -> bytes:
        from tests.fuzz.mutate import mutated

        return mutated(dice, data, self.seeds, self.target.words, text=self.target.text, largest=largest)


def _blind(given: argparse.Namespace) -> int:
    finds = _Finds(given.child, given.keep, 1.0)
    dice, end = random.Random(given.seed), time.monotonic() + (given.seconds or 0)
    for seed in finds.seeds:
        finds(seed)
    while finds.count < given.inputs if given.inputs else time.monotonic() < end:
        finds(finds.mutated(dice, dice.choice(finds.seeds), finds.target.largest))
    _say(f"told: {finds.count:,} inputs, {len(finds.known)} candidates")
    return 0


def _guided(given: argparse.Namespace) -> int:
    import atheris

    with atheris.instrument_imports(include=["sim", "ruamel"]):
        finds = _Finds(given.child, given.keep, INSTRUMENTED)
    start, largest = time.monotonic(), finds.target.largest
    for index, seed in enumerate(finds.seeds):
        (given.corpus / f"seed-{index:03}").write_bytes(seed)

    def change(data: bytes, size: int, number: int) -> bytes:
        dice = random.Random(number)
        return atheris.Mutate(data, size) if dice.random() < 0.3 else finds.mutated(dice, data, size)

    def test(data: bytes) -> None:
        finds(data)
        if time.monotonic() - start > given.seconds:
            kept = len(list(given.corpus.iterdir()))
            _say(f"told: {finds.count:,} inputs guided by coverage, {kept} kept, {len(finds.known)} candidates")
            os._exit(0)  # libFuzzer has no other way out before its own time

    limits = [
        f"-max_len={largest}",
        "-timeout=120",
        "-rss_limit_mb=3000",
        f"-seed={given.seed}",
        "-print_final_stats=0",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *limits, f"-artifact_prefix={given.keep}/", str(given.corpus)], test, custom_mutator=change)
    atheris.Fuzz()
    return 0


# The judge --------------------------------------------------------------------------------------------------------------------


def _judge(name: str, path: Path) -> int:
    """Prints the find as JSON, or null; the file is made as small as it can be within some seconds."""
    from tests.fuzz.judge import judged
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    with tempfile.TemporaryDirectory(prefix="phased-fuzz-") as folder:
        target.prepare(Path(folder))
        raw = path.read_bytes()
        find = judged(target, Path(folder), raw)
        if find and find.kind not in ("hang", "memory"):
            same = find.same

            def still(data: bytes) -> bool:
                other = judged(target, Path(folder), data)
                return other is not None and other.same == same

            path.write_bytes(_smaller(raw, still, time.monotonic() + 20))
            find = judged(target, Path(folder), path.read_bytes())
    _say(json.dumps({"kind": find.kind, "where": find.where, "told": find.told} if find else None))
    return 0


def _smaller(data: bytes, still: Callable[[bytes], bool], end: float) -> bytes:
    """Pieces left out as long as the find stays: halves first, then ever shorter ones."""
    size = max(len(data) // 2, 1)
    while size and time.monotonic() < end:
        at = 0
        while at < len(data) and time.monotonic() < end:
            shorter = data[:at] + data[at + size :]
            if still(shorter):
                data = shorter
            else:
                at += size
        size //= 2
    return data


if __name__ == "__main__":
    sys.exit(main())
