"""Who asks: cookies of seats and of the facilitator, and a limit for who tries codes."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from sim.room import Refused, Room, Seat
from sim.serve.shield import Pace

WRONG_RATE, WRONG_BURST = 0.5, 40.0
"""Wrong codes of one address: 40 at once (a room full of people behind one address mistypes), then one every two seconds."""
BLOCK = 10.0
"""seconds for which no code of an address is looked at after one too many"""
WEEK = 7 * 24 * 3600

Found = TypeVar("Found")


class Doors:
    """The cookies of one room. Their names hold the room's code: rooms on two ports of a machine share its cookies."""

    def __init__(self, room: Room, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = room
        self._team, self._facilitator = f"team_{room.code}", f"facilitator_{room.code}"
        self._pass = hmac.digest(room.secret.encode(), b"the facilitator's cookie", hashlib.sha256).hex()
        self._clock = clock
        self._wrong = Pace(WRONG_RATE, WRONG_BURST, clock)
        self._blocked: dict[str, float] = {}

    def token(self, request: Request) -> str:
        """The token of a seat, as the browser has it. Raises HTTPException 401 where it has none."""
        token = request.cookies.get(self._team)
        if not token:
            raise HTTPException(401, "This browser has no seat at a table of this room. Join it on the first page.")
        return token

    def seat(self, request: Request) -> Seat:
        """Raises HTTPException 401 where nobody sits there."""
        try:
            return self._room.seat(self.token(request))
        except Refused as refused:
            raise HTTPException(401, str(refused)) from None

    def is_facilitator(self, request: Request) -> bool:
        told = request.cookies.get(self._facilitator, "")
        return hmac.compare_digest(told.encode(), self._pass.encode())

    def facilitator(self, request: Request) -> None:
        """Raises HTTPException 401 for anybody else."""
        if not self.is_facilitator(request):
            words = "This page is the facilitator's. Open it with the link that was printed where the server was started."
            raise HTTPException(401, words)

    def sit(self, answer: Response, seat: Seat) -> Response:
        """Gives the browser its seat."""
        return self._given(answer, self._team, seat.token)

    def admit(self, answer: Response) -> Response:
        """Gives the browser the facilitator's place."""
        return self._given(answer, self._facilitator, self._pass)

    def _given(self, answer: Response, name: str, value: str) -> Response:
        answer.set_cookie(name, value, max_age=WEEK, path="/", httponly=True, samesite="strict")
        return answer

    def tried(self, request: Request, attempt: Callable[[], Found]) -> Found:
        """What an attempt with a code gives. A wrong one (403) counts against the address, and only a wrong one does.

        Raises HTTPException 429 while too many were wrong, without looking at the code: 244 million room codes at one in two
        seconds would take 15 years.
        """
        address = request.client.host if request.client else ""
        if (wait := self._blocked.get(address, 0.0) - self._clock()) > 0:
            words = "Too many wrong codes came from this address. Look at the code on the board, and try again in some seconds."
            raise HTTPException(429, words, {"Retry-After": str(int(wait) + 1)})
        try:
            return attempt()
        except Refused as refused:
            if refused.status == 403:
                self._count(address)
            raise

    def _count(self, address: str) -> None:
        """A wrong code came from there."""
        now = self._clock()
        if self._wrong.wait(address):
            self._blocked = {each: until for each, until in self._blocked.items() if until > now}
            self._blocked[address] = now + BLOCK
