"""The app of a live exercise: pages, what they ask every two seconds, and what teams and the facilitator send."""

from __future__ import annotations

import asyncio
import contextlib
import io
import secrets
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from importlib.resources import files
from typing import Any

from anyio.to_thread import run_sync
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from sim.errors import MissingExtra
from sim.room import Refused, Room, Seat
from sim.serve.exercise.board_page import board_page
from sim.serve.exercise.doors import Doors
from sim.serve.exercise.facilitator_page import facilitator_page
from sim.serve.exercise.join_page import join_page
from sim.serve.exercise.sent import ACTIONS, decision, optional_text, text
from sim.serve.exercise.team_page import team_page
from sim.serve.shield import json_of, shielded

PAGES = {"join": "Join the exercise", "team": "Team", "facilitator": "Facilitator", "board": "Board"}
"""titles of the pages, by their files"""
TICK = 1.0
"""seconds between two looks of the room at its clock"""
DEBRIEF = {
    ".html": "text/html; charset=utf-8",
    ".csv": "text/csv; charset=utf-8",
    ".pdf": "application/pdf",
    ".yaml": "text/yaml; charset=utf-8",
}
DEBRIEF_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""the debrief is one file with its style inside, and has no script"""

Json = dict[str, Any]


def exercise_app(room: Room) -> Starlette:
    """The pages of one room. Set `app.state.address` to the address that people join (as `hosting.run` does)."""
    return _Exercise(room).app


class _Exercise:
    """The routes, and what they share."""

    def __init__(self, room: Room) -> None:
        self._room, self._doors = room, Doors(room)
        self._started = secrets.token_hex(4)  # a page that knew another process asks for everything again
        self._acting = asyncio.Lock()
        self._team, self._board = (_given(page(name), "text/html") for name in ("team", "board"))
        self.app = shielded(
            [
                Route("/", _given(page("join"), "text/html")),
                Route("/facilitator", _given(page("facilitator"), "text/html")),
                Route("/team", self._team_page),
                Route("/board", self._board_page),
                Route("/room.js", _given(_file("room.js"), "text/javascript")),
                Route("/style.css", _given(_file("style.css"), "text/css")),
                Route("/join/state", self._join_state),
                Route("/join", self._join, methods=["POST"]),
                Route("/decide", self._decide, methods=["POST"]),
                Route("/team/state", self._team_state),
                Route("/facilitator/open", self._open, methods=["POST"]),
                Route("/facilitator/act", self._act, methods=["POST"]),
                Route("/facilitator/state", self._facilitator_state),
                Route("/facilitator/qr.svg", self._qr),
                Route("/facilitator/{name:str}", self._debrief),
                Route("/board/state", self._board_state),
            ],
            lifespan=self._ticking,
        )

    @contextlib.asynccontextmanager
    async def _ticking(self, _: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(self._tick())
        try:
            yield
        finally:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task

    async def _tick(self) -> None:
        while True:
            try:
                await run_sync(self._room.tick)
            except Refused:
                pass  # nothing is due in a room that is closed
            except Exception:  # told where the server runs; the clock of the room must not stop for it
                traceback.print_exc()
            await asyncio.sleep(TICK)

    # before joining

    async def _join_state(self, request: Request) -> Response:
        """The title and the roles, and at which table this browser sits already."""
        try:
            team = (await run_sync(self._doors.seat, request)).team
        except HTTPException:
            team = None
        return await self._news(request, lambda: join_page(self._room, team))

    async def _join(self, request: Request) -> Response:
        sent = await json_of(request)
        code, team = text(sent, "code"), optional_text(sent, "team") or ""
        role, team_code = optional_text(sent, "role"), optional_text(sent, "team_code")

        def joining() -> Seat:
            try:
                return self._room.join(code, team, role, team_code)
            except Refused as refused:
                if refused.status == 400 and team_code and not team:  # the room missed a name, but there was a code
                    raise Refused(403, "No team here has this team code. It stands at the top of the team's page.") from None
                raise

        seat = await run_sync(self._doors.tried, request, joining)
        return self._doors.sit(JSONResponse({"team": seat.team}), seat)

    # a team's

    async def _team_page(self, request: Request) -> Response:
        try:
            await run_sync(self._doors.seat, request)
        except HTTPException:
            return RedirectResponse("/", 303)
        return await self._team(request)

    async def _team_state(self, request: Request) -> Response:
        seat = await run_sync(self._doors.seat, request)
        return await self._news(request, lambda: team_page(self._room.team_view(seat.token)))

    async def _decide(self, request: Request) -> Response:
        sent = await json_of(request)
        seat = await run_sync(self._doors.seat, request)
        move, fields = text(sent, "move"), decision(sent)
        await run_sync(lambda: self._room.decide(seat.token, move, **fields))
        return JSONResponse({})

    # the facilitator's

    async def _open(self, request: Request) -> Response:
        """Opens the facilitator's page to who has the secret."""
        secret = text(await json_of(request), "secret")

        def opened() -> None:
            if not self._room.is_facilitator(secret):
                raise Refused(403, "This link does not open this room. Copy the whole line that was printed.")

        await run_sync(self._doors.tried, request, opened)
        return self._doors.admit(JSONResponse({}))

    async def _act(self, request: Request) -> Response:
        self._doors.facilitator(request)
        sent = await json_of(request)
        action = ACTIONS.get(text(sent, "action"))
        if action is None:
            raise HTTPException(400, "There is no such action.")
        async with self._acting:  # a double click, or two who press at once, go on by one move only
            await run_sync(action, self._room, sent)
        return JSONResponse({})

    async def _facilitator_state(self, request: Request) -> Response:
        self._doors.facilitator(request)
        address = self._address(request)
        return await self._news(request, lambda: facilitator_page(self._room.facilitator_view(), address))

    async def _debrief(self, request: Request) -> Response:
        """One file of the debrief, made when it is asked for."""
        self._doors.facilitator(request)
        made = await run_sync(self._room.debrief_files)
        name = request.path_params["name"]
        if name not in made:
            raise HTTPException(404)
        kind = DEBRIEF.get(f".{name.rpartition('.')[2]}", "application/octet-stream")
        how = "inline" if name.endswith(".html") else "attachment"
        headers = {"Content-Disposition": f'{how}; filename="{name}"', "Content-Security-Policy": DEBRIEF_CSP}
        return Response(made[name], headers=headers, media_type=kind)

    # the wall's

    async def _board_page(self, request: Request) -> Response:
        if not self._doors.is_facilitator(request):
            return RedirectResponse("/facilitator", 303)
        return await self._board(request)

    async def _board_state(self, request: Request) -> Response:
        self._doors.facilitator(request)
        address = self._address(request)
        return await self._news(request, lambda: board_page(self._room.facilitator_view(), address))

    async def _qr(self, request: Request) -> Response:
        """The address to join with the room's code behind the #, which no server is sent."""
        self._doors.facilitator(request)
        try:
            import segno
        except ImportError:
            raise MissingExtra("workshop", "the QR code") from None
        out = io.BytesIO()
        segno.make(f"{self._address(request)}#{self._room.code}", micro=False, error="m").save(
            out, kind="svg", border=2, light="#fff", scale=4
        )
        return Response(out.getvalue(), media_type="image/svg+xml")

    def _address(self, request: Request) -> str:
        return str(getattr(self.app.state, "address", None) or request.base_url)

    async def _news(self, request: Request, view: Callable[[], Json]) -> Response:
        """A view, or 204 where the page has it already. `since` also names the process: after a restart all is told again."""
        if request.query_params.get("since") == f"{self._started}-{self._room.version}":
            return Response(status_code=204)
        told = await run_sync(view)
        return JSONResponse({**told, "since": f"{self._started}-{told['version']}"})


def page(name: str) -> bytes:
    """One of PAGES as a browser gets it: its body in the frame that all have."""
    return _file("page.html").replace(b"{{title}}", PAGES[name].encode()).replace(b"{{body}}", _file(f"{name}.html"))


def _file(name: str) -> bytes:
    """One of our files; none holds a word of a user."""
    return (files("sim.serve.exercise") / name).read_bytes()


def _given(content: bytes, kind: str) -> Callable[[Request], Awaitable[Response]]:
    async def answered(_: Request) -> Response:
        return Response(content, media_type=kind)

    return answered
