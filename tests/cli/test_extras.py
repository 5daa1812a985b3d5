"""A missing extra is told at once: before anybody waits for imports, runs, or a room that could not be served."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sim import errors
from sim.errors import MissingExtra
from tests.cli.shell import environment, phased

PAGE = ("surge-to-front-uncertain", "--policy", "phased-approach")
CASES = [
    (("page", *PAGE), "altair", "workshop"),
    (("page", *PAGE), "vl_convert", "workshop"),
    (("serve", *PAGE), "uvicorn", "workshop"),
    (("serve", *PAGE), "vl_convert", "workshop"),
    (("serve", "--exercise", "fog", "--host", "0.0.0.0"), "segno", "workshop"),
    (("kit", "fog"), "typst", "kit"),
    (("kit", "fog"), "vl_convert", "workshop"),
    (("usb", "stick"), "typst", "kit"),
    (("usb", "stick"), "altair", "workshop"),
    (("debrief", "a.room"), "typst", "kit"),
]
HIDDEN = """
import sys
sys.modules[sys.argv.pop(1)] = None
from sim.cli import main
try:
    main(prog_name="phased")
finally:
    assert "numpy" not in sys.modules
"""


@pytest.mark.parametrize(("words", "missing", "extra"), CASES)
def test_it_is_told_before_anything_is_imported_or_written(words: tuple[str, ...], missing: str, extra: str) -> None:
    if words[0] == "debrief":
        Path(words[1]).touch()
    before = sorted(Path().rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", HIDDEN, missing, *words],
        env=environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.endswith(f"needs an extra that is not installed here: {pip(extra)}\n")
    assert sorted(Path().rglob("*")) == before


def pip(extra: str) -> str:
    return f"{shlex.quote(sys.executable)} -m pip install 'phased[{extra}]'"


def test_a_kit_without_its_page_does_without_what_a_page_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vl_convert", None)
    phased("kit", "read-the-trigger", "--no-page", "--runs", 1)
    assert Path("kit/README.txt").exists()
    assert not Path("kit/lesson.html").exists()


def test_the_line_is_one_for_windows_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors.sys, "platform", "win32")
    monkeypatch.setattr(errors.sys, "executable", r"C:\My Files\.venv\Scripts\python.exe")
    line = r'"C:\My Files\.venv\Scripts\python.exe" -m pip install phased[kit]'
    with pytest.raises(MissingExtra, match=re.escape(line) + "$"):
        errors.require("kit", "making PDFs", "no_such_module")


def test_what_is_there_is_not_imported() -> None:
    sys.modules.pop("antigravity", None)
    errors.require("kit", "a joke", "antigravity", "json")
    assert "antigravity" not in sys.modules
