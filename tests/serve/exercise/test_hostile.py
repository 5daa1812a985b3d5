"""Whatever is sent: a clear refusal, nothing lost, and a room that still answers."""

from __future__ import annotations

import csv
import io
import json
import socket
import threading
from collections import Counter
from typing import Any

import httpx

from sim.room import Room
from tests.serve.exercise.made import DECISION, act, client, joined, leading

EVIL = '</script><script>window.hacked=1</script><img src=x onerror="window.hacked=1">'
FORMULA = '=HYPERLINK("http://evil.example","x")'


def post(asking: httpx.Client, path: str, content: bytes, **headers: str) -> httpx.Response:
    return asking.post(path, content=content, headers={"Content-Type": "application/json", **headers})


def test_malformed_and_oversized_posts(base: str, room: Room) -> None:
    room.advance()
    bodies = (
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b'{"reason": NaN}',
        b"\xff\xfe",
        b"[" * 20_000,
        b'{"a":' * 20_000,
        b'{"move": {"a": 1}, "reason": ["x"], "confidence": {}}',
        json.dumps({**DECISION, "confidence": 10**400}).encode(),
        json.dumps({**DECISION, "confidence": "6"}).encode(),
        json.dumps({**DECISION, "confidence": True}).encode(),
        json.dumps({**DECISION, "option": "no such option"}).encode(),
        json.dumps({**DECISION, "phase": "no_such_phase"}).encode(),
        json.dumps({**DECISION, "move": "second"}).encode(),
        json.dumps({**DECISION, "move": "__class__"}).encode(),
        json.dumps({**DECISION, "answer:wait": "29"}).encode(),
        json.dumps({**DECISION, "answer:wait": ["1"]}).encode(),
        json.dumps({**DECISION, "answer:nothing": "1"}).encode(),
        json.dumps({**DECISION, "reason": "x" * 3_000}).encode(),
    )
    with joined(base, room, "Reds") as reds:
        before = room.version
        for body in bodies:
            answer = post(reds, "/decide", body)
            assert 400 <= answer.status_code < 500, (body[:60], answer.status_code)
            assert answer.json()["error"]
            assert "Traceback" not in answer.text
        assert post(reds, "/decide", b'{"reason": "' + b"x" * 100_000 + b'"}').status_code == 413
        assert post(reds, "/decide", b"{}", Origin="http://evil.example").status_code == 403
        assert reds.post("/decide", data=DECISION).status_code == 415
        assert post(reds, "/join", json.dumps({"code": room.code, "team": "x" * 5_000}).encode()).status_code == 400
        assert post(reds, "/join", json.dumps({"code": room.code, "team": "\u202e\u0000"}).encode()).status_code == 400
        assert post(reds, "/join", json.dumps({"code": room.code, "team": "x", "role": "../x"}).encode()).status_code == 404
        assert room.version == before
        assert reds.post("/decide", json=DECISION).status_code == 200


def raw(base: str, request: str) -> str:
    """The first line of an answer to a request as it was typed: httpx would tidy the path."""
    host, port = base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 10) as line:
        line.sendall(request.replace("HOST", f"{host}:{port}").encode())
        return line.recv(4096).decode().partition("\r\n")[0]


def test_paths_and_methods_that_there_are_not(base: str) -> None:
    paths = (
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/style.css/../app.py",
        "/app.py",
        "/facilitator/..%2fapp.py",
        "//etc/passwd",
    )
    for path in paths:
        first = raw(base, f"GET {path} HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n")
        assert first.split()[1] in ("400", "401", "404"), (path, first)
    for method in ("PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"):
        assert raw(base, f"{method} /decide HTTP/1.1\r\nHost: HOST\r\nConnection: close\r\n\r\n").split()[1] == "405"
    assert raw(base, "GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n").split()[1] == "421"
    with client(base) as asking:
        assert asking.get("/join").status_code == 405
        assert asking.get("/" + "a" * 5_000).status_code == 414
        assert asking.post("/team/state", json={}).status_code == 405


def test_what_is_written_comes_back_as_it_was_and_no_formula_runs(base: str, room: Room) -> None:
    room.advance()
    with joined(base, room, FORMULA[:40]) as reds, leading(base, room) as leader:
        assert reds.post("/decide", json={**DECISION, "reason": EVIL}).status_code == 200
        assert act(leader, "improvise", title=EVIL[:100], text=EVIL, source=FORMULA, reliability="@x").status_code == 200
        assert EVIL in json.dumps(reds.get("/team/state").json(), ensure_ascii=False).replace('\\"', '"')
        for _ in range(2):
            room.advance()
        page, table = (leader.get(f"/facilitator/debrief.{kind}").text for kind in ("html", "csv"))
    assert "&lt;script&gt;window.hacked" in page
    assert "<script" not in page.replace("&lt;script", "")
    assert "<img src=x" not in page
    rows = list(csv.reader(io.StringIO(table)))
    assert any(FORMULA[:10] in cell for row in rows for cell in row)
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_a_thousand_requests_at_once_and_a_decision_in_between(base: str, room: Room) -> None:
    """Most come from one address, which is told to wait; the team at another one is heard at once."""
    room.advance()
    answers: Counter[int] = Counter()
    elsewhere: dict[str, Any] = {"transport": httpx.HTTPTransport(local_address="127.0.0.2")}

    def flood() -> None:
        with client(base) as asking:
            for number in range(125):
                answers[asking.get(f"/team/state?since={number}").status_code] += 1

    with joined(base, room, "Reds", **elsewhere) as reds:
        threads = [threading.Thread(target=flood) for _ in range(8)]
        for each in threads:
            each.start()
        sent = reds.post("/decide", json=DECISION)
        for each in threads:
            each.join()
        assert sent.status_code == 200
        assert reds.get("/team/state").json()["kept"]["reason"] == "because"
    assert sum(answers.values()) == 1_000
    assert set(answers) <= {401, 429}
