"""`phased serve` as a command: what it refuses before it listens, and that it serves until Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from pathlib import Path

import httpx
import pytest

from sim.room import Room
from sim.serve import hosting
from tests.cli.shell import command, environment, phased

PAIR = ("surge-to-front", "--policy", "phased-approach")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "give a SCENARIO and a --policy for the lesson page, or --exercise for a live exercise"),
        (("surge-to-front",), "give a SCENARIO and a --policy"),
        (("--policy", "phased-approach"), "give a SCENARIO and a --policy"),
        ((*PAIR, "--exercise", "fog"), "--exercise has scenarios and policies of its own"),
        (("--room", "nowhere.room"), "there is no room nowhere.room: name its exercise with --exercise to make one"),
        ((*PAIR, "--runs", "6000"), "--runs must be from 1 to 5,000 on a server, got 6,000"),
        ((*PAIR, "--slider", "x=thresholds.nothing:1:2"), "no policy or scenario here has a number at thresholds.nothing"),
        (("surge-to-frnt", "--policy", "phased-approach"), "did you mean 'surge-to-front'"),
        ((*PAIR, "--host", "203.0.113.9"), "--host '203.0.113.9' is no address of this machine"),
    ],
)
def test_what_is_refused(words: tuple[str, ...], said: str) -> None:
    assert said in phased("serve", *words, code=2).stderr


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with hosting.bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        assert f"port {port} is in use by another program" in phased("serve", *PAIR, "--port", port, code=2).stderr
        said = phased("serve", "--exercise", "fog", "--room", tmp_path / "a.room", "--port", port, code=2).stderr
        assert f"port {port} is in use by another program" in said
    assert list(tmp_path.iterdir()) == []  # and no room is made


def test_a_room_of_another_exercise_is_not_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "monday.room"
    Room.create(path, "fog", measure=False).close()
    said = phased("serve", "--exercise", "ratchet", "--room", path, "--port", 0, code=2).stderr
    assert f"{path} is a room of the exercise 'fog', not of 'ratchet': leave --exercise out to go on with it" in said
    again = Room.open(path, measure=False)
    assert again.version == 0  # nothing happened in it
    again.close()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent there")
def test_it_serves_until_ctrl_c(tmp_path: Path) -> None:
    words = command("serve", *PAIR, "--port", 0, "--title", "Lesson <one>")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(words, cwd=tmp_path, env=environment(), text=True, **pipes) as server:  # type: ignore[call-overload]
        address = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+/)\n", server.stdout.readline())
        assert address is not None
        page = httpx.get(address[1], trust_env=False).text
        assert "<title>Lesson &lt;one&gt;</title>" in page
        assert "phased serve surge-to-front --policy phased-approach --runs 1000 --seed 1" in page
        server.send_signal(signal.SIGINT)
        out, err = server.stdout.read(), server.stderr.read()
        server.wait(30)
    assert (server.returncode, err) == (0, "")
    assert out.endswith("Stopped.\n")
    assert list(tmp_path.iterdir()) == []
