"""A server in the foreground: what it prints, where it listens, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from click import unstyle

from sim.errors import BadUsage
from sim.serve import hosting

WHITE_ON_BLACK = "\x1b[38;5;231;48;5;16m"
"""numbers of xterm's 256 colours"""
SERVER = """
import sys
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from sim.serve.hosting import run
from sim.serve.shield import shielded
async def home(request):
    return PlainTextResponse(request.app.state.address)
run(shielded([Route("/", home)]), host=sys.argv[1], port=0, path="/here", told=lambda line: print(line, flush=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C cannot be sent there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_ends_in_order(number: signal.Signals) -> None:
    root = Path(hosting.__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, "127.0.0.1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=root
    ) as server:
        assert server.stdout is not None
        first = server.stdout.readline()
        found = re.fullmatch(r"Open (http://127\.0\.0\.1:\d+)/here\n", first)
        assert found is not None, first
        answer = httpx.get(found[1] + "/", trust_env=False)
        assert (answer.status_code, answer.text) == (200, found[1] + "/")
        server.send_signal(number)
        assert server.stderr is not None
        out, err = server.stdout.read(), server.stderr.read()
        server.wait(20)
    assert "Only this machine can open it" in out
    assert err == ""
    if number == signal.SIGINT:
        assert (server.returncode, out.splitlines()[-1]) == (0, "Stopped.")


def test_a_room_gets_an_address_and_its_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hosting, "own_address", lambda: "192.0.2.7")
    address = hosting.join_address("0.0.0.0", 8_000)
    assert address == "http://192.0.2.7:8000/"
    first, *code, everybody, here = hosting.lines("0.0.0.0", 8_000, "/facilitator#secret", address)
    assert first == "Join http://192.0.2.7:8000/"
    assert "Everybody" in everybody
    assert here == "On this machine open http://127.0.0.1:8000/facilitator#secret"
    assert all(line.startswith(WHITE_ON_BLACK) and line.endswith("\x1b[0m") for line in code)  # in a light theme too
    code = [unstyle(line) for line in code]
    assert code == hosting.qr(address).splitlines()
    assert len(code) > 10
    assert {len(line) for line in code} == {len(code[0])}  # a square, of two rows a line
    assert len(code[0]) in (2 * len(code), 2 * len(code) - 1)


def test_a_host_that_is_named_is_the_one_to_open() -> None:
    assert hosting.join_address("192.0.2.9", 80) == "http://192.0.2.9:80/"
    assert hosting.join_address("fe80::1", 80) == "http://[fe80::1]:80/"
    assert hosting.lines("127.0.0.1", 80, "/", "http://127.0.0.1:80/")[0] == "Open http://127.0.0.1:80/"
    told = hosting.lines("192.0.2.9", 80, "/", "http://192.0.2.9:80/")
    assert told[0] == "Join http://192.0.2.9:80/"
    assert "On this machine" not in "".join(told)


@pytest.mark.parametrize(
    ("host", "room"), [("127.0.0.1", False), ("127.0.0.9", False), ("localhost", False), ("::1", False), ("0.0.0.0", True)]
)
def test_who_can_open_it(host: str, room: bool) -> None:
    assert hosting.is_open(host) is room


def test_the_address_in_the_network_is_one_of_this_machine() -> None:
    with hosting.bound(hosting.own_address(), 0) as listening:
        assert listening.getsockname()[1] > 0


def test_who_comes_before_the_server_runs_waits_and_is_not_turned_away() -> None:
    """Its address is printed when the socket is bound."""
    with hosting.bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname(), timeout=5) as early:
        early.sendall(b"GET / HTTP/1.1\r\n\r\n")
        served, _ = listening.accept()
        with served:
            assert served.recv(3) == b"GET"


def test_an_answer_is_not_held_back() -> None:
    """asyncio switches Nagle's algorithm off for a socket of this protocol alone; with it each answer waits for 40 ms."""
    with hosting.bound("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        arrived, _ = listening.accept()
        with arrived:
            assert arrived.proto == socket.IPPROTO_TCP


def test_a_port_in_use_is_said() -> None:
    with hosting.bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(BadUsage, match=f"port {port} is in use by another program: choose another with --port"):
            hosting.bound("127.0.0.1", port)


@pytest.mark.parametrize("host", ["203.0.113.9", "no such host", "a..b"])
def test_a_host_that_is_not_this_machine_is_said(host: str) -> None:
    with pytest.raises(
        BadUsage, match=r"is no address of this machine: 127\.0\.0\.1 serves this machine alone, 0\.0\.0\.0 the room"
    ):
        hosting.bound(host, 0)


def test_without_a_network_it_is_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(socket.socket, "connect", none)
    monkeypatch.setattr(socket, "gethostbyname_ex", none)
    assert hosting.own_address() == "127.0.0.1"
    monkeypatch.setattr(socket, "gethostbyname_ex", lambda _: ("", [], ["127.0.1.1", "192.0.2.4"]))
    assert hosting.own_address() == "192.0.2.4"
