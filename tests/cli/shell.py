"""phased as a test calls it: in this process, or as a command of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from sim.cli import main
from sim.library import shipped_root

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = shipped_root()
ESCAPE = re.compile(r"\x1b\[")


def phased(*words: object, code: int = 0) -> Result:
    """Called in this process. A traceback is never an answer."""
    result = CliRunner().invoke(main, list(map(str, words)), prog_name="phased")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == code, result.output
    return result


def phased_json(*words: object, code: int = 0) -> Any:
    """What --json prints, and that it prints nothing else on stdout."""
    return json.loads(phased(*words, "--json", code=code).stdout)


def command(*words: object, python: tuple[str, ...] = ("-W", "error")) -> list[str]:
    return [sys.executable, *python, "-c", "from sim.cli import main; main(prog_name='phased')", *map(str, words)]


def environment(**more: str) -> dict[str, str]:
    quiet = {key: value for key, value in os.environ.items() if key not in ("COLUMNS", "FORCE_COLOR", "NO_COLOR")}
    return {**quiet, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "PYTHONIOENCODING": "utf-8", **more}


def spawned(*words: object, cwd: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Called as a command of its own, in a pipe."""
    return subprocess.run(
        command(*words), cwd=cwd, env=environment(**(env or {})), capture_output=True, encoding="utf-8", timeout=120, check=False
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
