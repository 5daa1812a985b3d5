"""Small files of a policy and a scenario, with titles beyond ASCII, and phased as a process in odd circumstances."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.cli.shell import command, environment

POLICY = """\
kind: policy
name: p
title: 단계적 접근 — Stufenplan
reads: {a: {unit: u}}
phases: {low: {label: 낮음}, high: {label: Höher}}
thresholds: {line: {value: 2, unit: u, grade: assumed}}
transitions:
  up: {from: low, to: high, when: a > line}
"""
SCENARIO = """\
kind: scenario
name: s
title: 이른 해 — ein Jahr
start: START
days: DAYS
variables: {a: {unit: u, bounds: [0, 4], path: {day 0: 0, day 1: 3}, moves: {w: {walk: {volatility: 0.5}}}}}
signposts: {a: {delay: 1 day, error: {sd: 0.1}}}
"""
PAIR = ("./s.yaml", "--policy", "./p.yaml")


def write(folder: Path, start: str = "2024-02-27", days: int = 5) -> None:
    (folder / "p.yaml").write_text(POLICY, encoding="utf-8")
    (folder / "s.yaml").write_text(SCENARIO.replace("START", start).replace("DAYS", str(days)), encoding="utf-8")


def ended(
    *words: object,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
    stdout: int = subprocess.PIPE,
) -> subprocess.CompletedProcess[bytes]:
    """`before` runs in the new process. Whatever happens, there is no traceback."""
    done = subprocess.run(
        command(*words),
        cwd=cwd,
        env=environment(**(env or {})),
        preexec_fn=before,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
        check=False,
    )
    assert b"Traceback" not in done.stderr + (done.stdout or b""), done.stderr.decode()
    return done


def whole(folder: Path) -> None:
    """Every file is there as the manifest records it, and nothing else."""
    outputs = json.loads((folder / "manifest.json").read_text())["outputs"]
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert found == {*outputs, "manifest.json"}
    for name, digest in outputs.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
