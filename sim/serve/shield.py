"""What stands before both apps: limits of size and pace, who may ask from where, and headers that keep a page to itself."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import socket
import time
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sim.errors import PhasedError

BODY = 64 * 1024
HEARD = 16
"""Times the largest body that is heard out: who sends a little too much reads why it was refused, instead of a broken line."""
URL = 2_048
SECONDS = 10.0
"""Within which a whole request must have come."""
RATE, BURST = 100.0, 500.0
"""Requests a second of one address, and how many it may save up: for 40 people behind one address, each twice a second."""
CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
"""Content-Security-Policy where an app gives none of its own."""
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On every answer, where the app says nothing else."""
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_APART = {"Cross-Origin-Opener-Policy": "same-origin"}
"""Also where a page is asked for by a loopback name: no page that opened it keeps hold of its window. For other names browsers
heed this over https alone, and complain of it over http."""


def shielded(
    routes: Sequence[BaseRoute],
    *,
    body: int = BODY,
    url: int = URL,
    rate: float = RATE,
    burst: float = BURST,
    csp: str = CSP,
    clock: Callable[[], float] = time.monotonic,
    **more: Any,
) -> Starlette:
    """An app of these routes behind the shield. `more` goes to Starlette (`lifespan` and the like).

    A `PhasedError` that a route raises is answered as JSON `{"error": its words}`, with its `status`, or 400 if it has none;
    so is every refusal of the shield.
    """
    shield = Middleware(
        Shield, body=body, url=url, pace=Pace(rate, burst, clock), headers={**_HEADERS, "Content-Security-Policy": csp}
    )
    handlers: dict[Any, Any] = {HTTPException: _http, PhasedError: _phased}
    return Starlette(routes=routes, middleware=[shield], exception_handlers=handlers, **more)


async def json_of(request: Request) -> dict[str, Any]:
    """The JSON object that a request brought. Raises HTTPException 400 for whatever else."""
    try:
        found = json.loads(await request.body(), parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise HTTPException(400, "this is not JSON") from None
    if not isinstance(found, dict):
        raise HTTPException(400, "this must be a JSON object")
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def error(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    """A refusal in plain words."""
    return JSONResponse({"error": words}, status, headers)


_WORDS = {404: "there is nothing here", 405: "this cannot be asked for in this way"}


async def _http(_: Request, raised: Exception) -> Response:
    assert isinstance(raised, HTTPException)  # as registered
    return error(raised.status_code, _WORDS.get(raised.status_code, raised.detail), raised.headers)


async def _phased(_: Request, raised: Exception) -> Response:
    return error(getattr(raised, "status", 400), str(raised))


# Pace ----------------------------------------------------------------------------------------------------------------------


@dataclass
class Pace:
    """A token bucket for each address: so many requests a second, and some saved up."""

    rate: float
    burst: float
    clock: Callable[[], float] = time.monotonic
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)
    """tokens, and when they were counted"""
    MOST = 5_000
    """addresses remembered"""

    def wait(self, address: str) -> float:
        """Take a token: 0, or the seconds until there is one."""
        now = self.clock()
        tokens, then = self._buckets.get(address, (self.burst, now))
        tokens = min(self.burst, tokens + (now - then) * self.rate)
        allowed = tokens >= 1
        self._buckets[address] = (tokens - allowed, now)
        if len(self._buckets) > self.MOST:
            self._forget(now)
        return 0.0 if allowed else (1 - tokens) / self.rate

    def _forget(self, now: float) -> None:
        """Those whose buckets are full again; if that is none, all."""
        kept = {key: each for key, each in self._buckets.items() if each[0] + (now - each[1]) * self.rate < self.burst}
        self._buckets = kept if len(kept) < self.MOST else {}


# The shield ----------------------------------------------------------------------------------------------------------------


class Refusal(Exception):
    """A request that no app shall see."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        super().__init__(words)
        self.answer = error(status, words, {key.replace("_", "-"): value for key, value in headers.items()})


class Shield:
    """ASGI middleware: refuses what is too large, too fast, or comes from elsewhere; adds headers to every answer."""

    def __init__(self, app: ASGIApp, *, body: int, url: int, pace: Pace, headers: Mapping[str, str]) -> None:
        self._app, self._body, self._url, self._pace, self._headers = app, body, url, pace, dict(headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending, started = self._sender(send, {**self._headers, **(_APART if _on_loopback(scope) else {})})
        try:
            self._admit(scope)
            async with asyncio.timeout(SECONDS):
                content = await self._content(Headers(scope=scope), receive)
        except Refusal as refusal:
            await refusal.answer(scope, receive, sending)
        except TimeoutError:
            await error(408, "the request took too long to arrive")(scope, receive, sending)
        else:
            try:
                await self._app(scope, _replayed(content, receive), sending)
            except Exception:  # printed where the server runs, and not told to who asked
                if not started:
                    words = "something went wrong in the server; its terminal says more"
                    await error(500, words, {"Connection": "close"})(scope, receive, sending)
                raise  # whereupon uvicorn closes the connection

    @staticmethod
    def _sender(send: Send, more: Mapping[str, str]) -> tuple[Send, list[Message]]:
        """One that adds the headers, and whether an answer has begun."""
        started: list[Message] = []

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in more.items():
                    headers.setdefault(name, value)
                started.append(message)
            await send(message)

        return sending, started

    def _admit(self, scope: MutableMapping[str, Any]) -> None:
        headers = Headers(scope=scope)
        client = (scope.get("client") or ("",))[0]
        if wait := self._pace.wait(client):
            raise Refusal(429, "too many requests from this address; wait a moment", Retry_After=str(int(wait) + 1))
        if scope["method"] not in ("GET", "HEAD", "POST"):
            raise Refusal(405, _WORDS[405], Allow="GET, HEAD, POST")
        if len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"") > self._url:
            raise Refusal(414, f"the address is longer than {self._url:,} characters")
        _from_here(headers, scope)

    async def _content(self, headers: Headers, receive: Receive) -> bytes:
        """The whole body, also where it comes in chunks of untold length; of one that is too large nothing is kept."""
        too_large = Refusal(413, f"more than {self._body:,} bytes cannot be sent here", Connection="close")
        told = headers.get("content-length", "0")
        if not told.isascii() or not told.isdecimal() or len(told) > 12:
            raise Refusal(400, "the length that was told is no number", Connection="close")
        if int(told) > self._body * HEARD:
            raise too_large
        content, size = b"", 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refusal(400, "the request broke off")
            part = bytes(message.get("body", b""))
            size += len(part)
            content = content + part if size <= self._body else b""
            ended = not message.get("more_body", False)
            if size > self._body * HEARD or (ended and size > self._body):
                raise too_large
            if ended:
                return content


def _replayed(content: bytes, receive: Receive) -> Receive:
    """The body once, then what else comes (that who asked has left)."""
    waiting: list[Message] = [{"type": "http.request", "body": content, "more_body": False}]

    async def receiving() -> Message:
        return waiting.pop() if waiting else await receive()

    return receiving


# Who asks, and from where --------------------------------------------------------------------------------------------------


def _from_here(headers: Headers, scope: MutableMapping[str, Any]) -> None:
    """Refuse names that are not this machine's (a page elsewhere may have its own name point here), and posts of other pages."""
    hosts = headers.getlist("host")
    server = scope.get("server") or ("", None)
    if len(hosts) != 1 or not is_ours(hosts[0], server[0], server[1]):
        raise Refusal(421, "this server does not go by that name; use the address that it printed")
    if scope["method"] != "POST":
        return
    if headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(415, "only application/json can be sent here")
    own = f"http://{hosts[0]}"
    if headers.get("origin", own) != own or headers.get("sec-fetch-site", "none") not in ("same-origin", "none"):
        raise Refusal(403, "this was sent by a page of another address")


def is_ours(host: str, address: str, port: int | None) -> bool:
    """Is this `Host` a loopback name, this machine's name, or the address (with the port) at which the request came in?"""
    name, told = _name_and_port(host)
    return told == str(port or 80) and _plain(name) in {*_LOOPBACK, _plain(address), *own_names()}


def _on_loopback(scope: MutableMapping[str, Any]) -> bool:
    return _plain(_name_and_port(Headers(scope=scope).get("host", ""))[0]) in _LOOPBACK


def _name_and_port(host: str) -> tuple[str, str]:
    name, _, port = host.rpartition(":") if not host.endswith("]") and ":" in host else (host, "", "80")
    return name, port


def own_names() -> set[str]:
    name = socket.gethostname().lower()
    return {name, name.partition(".")[0], f"{name.partition('.')[0]}.local"}


def _plain(name: str) -> str:
    """Lower case, without brackets; `::ffff:192.0.2.1` is 192.0.2.1."""
    name = name.strip("[]").lower()
    try:
        found = ipaddress.ip_address(name)
    except ValueError:
        return name
    return str(getattr(found, "ipv4_mapped", None) or found)
