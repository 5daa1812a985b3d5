"""Runs an app in the foreground until Ctrl-C, and says where it is to be found."""

from __future__ import annotations

import errno
import io
import ipaddress
import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sim.errors import BadUsage, MissingExtra, quote

if TYPE_CHECKING:
    from starlette.applications import Starlette

HEAD = 16_384
"""Bytes of a request's line and headers; what is longer is refused before any app sees it."""
CONNECTIONS = 1_000
"""Open at once; more are answered 503."""
_NOWHERE = ("192.0.2.1", 9)
"""An address for documentation (RFC 5737): asking which way leads there sends nothing."""


def run(app: Starlette, *, host: str, port: int, path: str = "/", told: Callable[[str], None]) -> None:
    """Serve until Ctrl-C. `told` gets the lines to print: the address to open, for a room also that to join, with a QR code.

    `path` is opened on this machine alone (it may hold a facilitator's secret); who joins begins at `/`. Port 0 takes a free one.
    The address to join is `app.state.address`. Raises BadUsage where the port or host cannot be had, MissingExtra.
    """
    try:
        import uvicorn
    except ImportError:
        raise MissingExtra("workshop", "the server") from None
    with bound(host, port) as listening:
        port = listening.getsockname()[1]
        address = app.state.address = join_address(host, port)
        try:
            for line in lines(host, port, path, address):
                told(line)
            uvicorn.Server(uvicorn.Config(app, **CONFIG)).run(sockets=[listening])
        except KeyboardInterrupt:  # uvicorn ends in order, and then passes on what ended it
            told("Stopped.")


CONFIG: dict[str, Any] = {
    "log_level": "error",
    "access_log": False,
    "server_header": False,
    "http": "h11",  # the same on every machine, with a limit for headers
    "loop": "asyncio",
    "ws": "none",
    "h11_max_incomplete_event_size": HEAD,
    "limit_concurrency": CONNECTIONS,
    "timeout_keep_alive": 30,
    "timeout_graceful_shutdown": 2,
    "proxy_headers": False,  # nobody stands in between, so nobody may say so
}


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises BadUsage."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends at once only where it is named
    if os.name != "nt":  # there it would let two servers share a port
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # before anybody is told where: who opens the page at once waits, and is not turned away
    except (OSError, TypeError, ValueError) as error:  # a name may be none that can be looked up
        listening.close()
        raise BadUsage(_refused(host, port, error)) from None
    return listening


def _refused(host: str, port: int, error: Exception) -> str:
    match getattr(error, "errno", None):
        case errno.EADDRINUSE | errno.EACCES if port:
            why = "is in use by another program" if error.errno == errno.EADDRINUSE else "is not for everybody"  # type: ignore[attr-defined]
            return f"port {port} {why}: choose another with --port, or 0 for a free one"
        case _:
            return f"--host {quote(host)} is no address of this machine: 127.0.0.1 serves this machine alone, 0.0.0.0 the room"


# Addresses -----------------------------------------------------------------------------------------------------------------


def is_open(host: str) -> bool:
    """Can other machines reach it?"""
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


def lines(host: str, port: int, path: str, address: str) -> list[str]:
    """What is printed: where to open it here; for a room where to join, with its QR code."""
    here = _address(_everywhere(host, "127.0.0.1"), port, path)
    if not is_open(host):
        return [f"Open {here}", "Only this machine can open it (--host 0.0.0.0 opens it to the room). Ctrl-C stops."]
    joined = [
        f"Join {address}",
        *map(_dark_on_light, qr(address).splitlines()),
        "Everybody in this network can open it. Ctrl-C stops.",
    ]
    return joined if here == address else [*joined, f"On this machine open {here}"]


def _dark_on_light(line: str) -> str:
    """A line of a QR code in white on black letters, whichever theme a terminal has: not every phone reads an inverted one.

    The two are numbers 231 and 16 of xterm's 256 colours, which themes leave alone. click takes them out where no terminal is.
    """
    return f"\x1b[38;5;231;48;5;16m{line}\x1b[0m"


def join_address(host: str, port: int) -> str:
    """What others type: this machine's address in the room's network, never 0.0.0.0."""
    return _address(_everywhere(host, own_address()), port, "/")


def _everywhere(host: str, instead: str) -> str:
    """The host, or another where it stands for every address of the machine."""
    return instead if host in ("", "0.0.0.0", "::") else host


def _address(host: str, port: int, path: str) -> str:
    return f"http://{f'[{host}]' if ':' in host else host}:{port}{path}"


def own_address() -> str:
    """This machine's address in the network that it is in; loopback where it is in none."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.connect(_NOWHERE)
            return str(asking.getsockname()[0])
    except OSError:  # a network without a way out
        return _by_name()


def _by_name() -> str:
    try:
        found = socket.gethostbyname_ex(socket.gethostname())[2]
    except OSError:
        found = []
    return next((each for each in found if not each.startswith("127.")), "127.0.0.1")


def qr(address: str) -> str:
    """A QR code of half blocks, two rows a line, light where the terminal's letters are. Raises MissingExtra."""
    try:
        import segno
    except ImportError:
        raise MissingExtra("workshop", "the QR code") from None
    out = io.StringIO()
    segno.make(address, error="m", micro=False).terminal(out, border=2, compact=True)
    return out.getvalue()
