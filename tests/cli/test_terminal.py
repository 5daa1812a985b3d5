"""Pipes, terminals and interrupts, with phased as a command of its own."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.cli.shell import ESCAPE, command, environment, spawned

LONG = ("run", "surge-to-front-uncertain", "--runs", 3_000_000, "--out", "out")


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"COLUMNS": "40"}])
def test_a_pipe_gets_plain_rows(here: Path, env: dict[str, str]) -> None:
    done = spawned("show", "later-reporting", cwd=here, env=env)
    assert done.returncode == 0
    assert done.stderr == ""
    assert not ESCAPE.search(done.stdout)
    rows = [line for line in done.stdout.splitlines() if re.match(r"[HSC]\d\d ", line)]
    assert len(rows) == done.stdout.count("https://")
    assert all("https://" in row for row in rows)
    assert len(done.stdout.splitlines()) == len(rows) + 3


@pytest.mark.parametrize(
    "words", [("run", "surge-to-front", "--no-charts"), ("check", "phased-approach", "--out", "out"), ("list", "--json")]
)
def test_a_reader_who_leaves_costs_no_file(here: Path, words: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as pipe:
        done = subprocess.run(
            command(*words), cwd=here, env=environment(), stdout=pipe, stderr=subprocess.PIPE, encoding="utf-8", check=False
        )
    assert done.returncode == 0
    assert "Broken pipe" not in done.stderr
    assert bool(list(here.rglob("manifest.json"))) == (words[0] != "list")


def test_no_progress_in_a_pipe(here: Path) -> None:
    done = spawned("run", "surge-to-front-uncertain", "--runs", 50, "--no-charts", cwd=here)
    assert done.returncode == 0
    names = "daily.csv, evidence.json, runs.csv, summary.json, manifest.json"
    assert done.stderr == f"Wrote reports/surge-to-front-uncertain--phased-approach/: {names}\n"
    assert not ESCAPE.search(done.stdout)


def test_a_pipe_that_closes_early_is_no_traceback(here: Path) -> None:
    run = subprocess.Popen(
        command("show", "later-reporting"), cwd=here, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert run.stdout is not None
    run.stdout.close()
    _, stderr = run.communicate(timeout=60)
    assert b"Traceback" not in stderr


class Terminal:
    """A run with a terminal as stderr, and as stdout too if wanted."""

    def __init__(self, *words: object, cwd: Path, stdout: bool = False, env: dict[str, str] | None = None) -> None:
        self.ours, theirs = pty.openpty()
        self.run = subprocess.Popen(
            command(*words),
            cwd=cwd,
            env=environment(**(env or {})),
            stdin=subprocess.DEVNULL,
            stdout=theirs if stdout else subprocess.PIPE,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.seen = ""

    def read(self, until: str | None = None, seconds: float = 60) -> str:
        """What the terminal shows, up to a text or the end."""
        end = time.monotonic() + seconds
        while until is None or until not in self.seen:
            assert time.monotonic() < end, self.seen
            if not select.select([self.ours], [], [], 1)[0]:
                continue
            try:
                piece = os.read(self.ours, 65_536)
            except OSError:  # the other side is closed
                break
            if not piece:
                break
            self.seen += piece.decode("utf-8", "replace")
        return self.seen

    def close(self) -> int:
        self.read()
        if self.run.stdout:
            self.run.stdout.close()
        os.close(self.ours)
        return self.run.wait(timeout=60)


def test_progress_on_a_terminal_only_and_stdout_stays_json(here: Path) -> None:
    terminal = Terminal("run", "surge-to-front-uncertain", "--runs", 50, "--json", cwd=here)
    assert terminal.run.stdout is not None
    stdout = terminal.run.stdout.read()
    terminal.read()
    assert terminal.close() == 0
    assert "simulating" in terminal.seen
    assert json.loads(stdout)["runs"] == 50


def test_no_color_is_kept_on_a_terminal(here: Path) -> None:
    terminal = Terminal(
        "run", "surge-to-front-uncertain", "--runs", 50, "--no-charts", cwd=here, stdout=True, env={"NO_COLOR": "1"}
    )
    assert terminal.close() == 0
    codes = {int(code) for codes in re.findall(r"\x1b\[([\d;]*)m", terminal.seen) for code in codes.split(";") if code}
    assert codes <= {0, 1, 2, 22}, "bold at most"


def test_an_interrupt_leaves_nothing(here: Path) -> None:
    terminal = Terminal(*LONG, cwd=here)
    terminal.read(until="simulating")
    time.sleep(0.3)
    terminal.run.send_signal(signal.SIGINT)
    code = terminal.close()
    assert code == 1
    assert "Traceback" not in terminal.seen
    assert "Aborted!" in terminal.seen
    assert list(here.iterdir()) == []
