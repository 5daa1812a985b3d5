"""Who waits for which answer: each is computed once at a time and kept, and for nobody who has moved on."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field

from sim.errors import PhasedError

KEPT = 64 * 1024 * 1024
"""Bytes of answers that are remembered, the longest unused forgotten first."""
WAITING = 200
"""Questions that may wait; more are refused."""
PAGES = 2_000
"""Pages whose last number is remembered."""


class Superseded(PhasedError):
    """The same page has asked something newer."""

    status = 409


class Busy(PhasedError):
    """Too many questions wait."""

    status = 503


@dataclass(eq=False)
class _Task:
    key: str
    work: Callable[[], bytes]
    tickets: list[_Ticket] = field(default_factory=list)
    begun: bool = False

    @property
    def waiting(self) -> list[asyncio.Future[bytes]]:
        return [each.answer for each in self.tickets if not each.answer.done()]


@dataclass(eq=False)
class _Ticket:
    page: str
    number: int
    task: _Task
    answer: asyncio.Future[bytes]


class Desk:
    """Answers by key. Not for several threads: it lives in the event loop, and only the work is done elsewhere."""

    def __init__(self, pool: Executor, at_once: int, *, kept: int = KEPT, waiting: int = WAITING) -> None:
        """At most `at_once` questions are worked on in `pool` at a time."""
        self._pool, self._free, self._most, self._room = pool, at_once, waiting, kept
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._bytes = 0
        self._tasks: dict[str, _Task] = {}
        self._queue: deque[_Task] = deque()
        self._newest: OrderedDict[str, int] = OrderedDict()
        self._tickets: dict[str, list[_Ticket]] = {}
        self._running: set[asyncio.Task[None]] = set()
        self.computed = self.dropped = 0
        """how many questions were worked on, and how many were not since nobody waited any more"""

    async def answer(self, key: str, work: Callable[[], bytes], page: str, number: int) -> bytes:
        """What `work` gives, or gave before under this key. Raises what it raises, Superseded, or Busy.

        `number` counts the moves of a `page`: what it asked before a newer one is no longer worked on.
        """
        self._moved(page, number)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        ticket = self._ticket(key, work, page, number)
        self._start()
        try:
            return await ticket.answer
        finally:
            self._left(ticket)

    def _moved(self, page: str, number: int) -> None:
        """Let those go that wait for an older move of the page. Raises Superseded where this one is older itself."""
        if number < self._newest.get(page, 0):
            raise Superseded("the same page has asked something newer")
        self._newest[page] = number
        self._newest.move_to_end(page)
        if len(self._newest) > PAGES:
            self._newest.popitem(last=False)
        for each in self._tickets.get(page, []):
            if each.number < number and not each.task.begun and not each.answer.done():
                each.answer.set_exception(Superseded("the same page has asked something newer"))

    def _ticket(self, key: str, work: Callable[[], bytes], page: str, number: int) -> _Ticket:
        task = self._tasks.get(key)
        if task is None:
            if len(self._queue) >= self._most:
                raise Busy("many are asking at once; try again in a moment")
            task = self._tasks[key] = _Task(key, work)
            self._queue.append(task)
        ticket = _Ticket(page, number, task, asyncio.get_running_loop().create_future())
        task.tickets.append(ticket)
        self._tickets.setdefault(page, []).append(ticket)
        return ticket

    def _left(self, ticket: _Ticket) -> None:
        ticket.task.tickets.remove(ticket)
        here = self._tickets[ticket.page]
        here.remove(ticket)
        if not here:
            del self._tickets[ticket.page]

    def _start(self) -> None:
        """Begin the next questions for which somebody still waits."""
        while self._free and self._queue:
            task = self._queue.popleft()
            if not task.waiting:
                del self._tasks[task.key]
                self.dropped += 1
                continue
            self._free -= 1
            task.begun = True
            running = asyncio.create_task(self._worked(task))
            self._running.add(running)
            running.add_done_callback(self._running.discard)

    async def _worked(self, task: _Task) -> None:
        self.computed += 1
        try:
            content = await asyncio.get_running_loop().run_in_executor(self._pool, task.work)
        except Exception as error:  # whatever it is, whoever waits shall hear of it
            for each in task.waiting:
                each.set_exception(error)
        else:
            self._keep(task.key, content)
            for each in task.waiting:
                each.set_result(content)
        finally:
            del self._tasks[task.key]
            self._free += 1
            self._start()

    def _keep(self, key: str, content: bytes) -> None:
        self._kept[key] = content
        self._bytes += len(content)
        while self._bytes > self._room:
            self._bytes -= len(self._kept.popitem(last=False)[1])
