"""The house rules that tools hold: lint, types and the direction of imports. Each tool runs once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

pytestmark = pytest.mark.xdist_group("house")


@pytest.mark.parametrize(
    "command",
    [
        ("-m", "ruff", "check", "--no-cache", "."),
        ("-m", "mypy", "--no-error-summary"),
        ("-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"),
    ],
    ids=["ruff", "mypy", "lint-imports"],
)
def test_the_house_is_in_order(command: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
