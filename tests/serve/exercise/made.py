"""A live exercise on a real server in this process, and clients that join it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

from sim.room import Room
from sim.serve.exercise.app import exercise_app
from sim.serve.hosting import CONFIG, bound


@contextmanager
def served(room: Room) -> Iterator[str]:
    """The address, without a slash at its end."""
    with bound("127.0.0.1", 0) as listening:
        server = uvicorn.Server(uvicorn.Config(exercise_app(room), **CONFIG))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            base = f"http://127.0.0.1:{listening.getsockname()[1]}"
            with client(base) as asking:
                for _ in range(100):
                    try:
                        asking.get("/style.css")
                        break
                    except httpx.ConnectError:
                        threading.Event().wait(0.05)
            yield base
        finally:
            server.should_exit = True
            thread.join(10)


def client(base: str, **more: Any) -> httpx.Client:
    """A browser of its own: it keeps its cookies."""
    return httpx.Client(base_url=base, trust_env=False, timeout=20, **more)


@contextmanager
def joined(base: str, room: Room, team: str, role: str = "", **more: Any) -> Iterator[httpx.Client]:
    """A client that sits at a table."""
    with client(base, **more) as asking:
        answer = asking.post("/join", json={"code": room.code, "team": team, "role": role})
        assert answer.status_code == 200, answer.text
        yield asking


@contextmanager
def leading(base: str, room: Room) -> Iterator[httpx.Client]:
    """The facilitator's client."""
    with client(base) as asking:
        assert asking.post("/facilitator/open", json={"secret": room.secret}).status_code == 200
        yield asking


def act(asking: httpx.Client, action: str, **fields: Any) -> httpx.Response:
    return asking.post("/facilitator/act", json={"action": action, **fields})


DECISION = {"move": "first", "option": "Wait", "phase": "no_action", "reason": "because", "confidence": "3"}
"""as the form of the small exercise's first move sends it"""


def words_of(part: Any) -> str:
    """Every text in the parts of a page."""
    if isinstance(part, str):
        return part + "\n"
    if isinstance(part, dict):
        return "".join(map(words_of, part.values()))
    if not isinstance(part, list):
        return ""
    is_element = len(part) > 1 and isinstance(part[1], dict)
    return "".join(map(words_of, part[2:] if is_element else part))
