"""Who waits for which answer: once for all who ask the same, none for who has moved on, and a bound for how many wait."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sim.serve.desk import Busy, Desk, Superseded


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(2) as found:
        yield found


class Work:
    """Work that waits until it may go on, and counts how often it was done."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.gate = threading.Event()

    def of(self, key: str) -> Callable[[], bytes]:
        def work() -> bytes:
            assert self.gate.wait(10)
            self.done.append(key)
            return key.encode()

        return work


def run(asked: Coroutine[Any, Any, None]) -> None:
    """In a thread, since the browser of other tests has a loop of its own in this one."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, asked).result()


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_several_ask_at_once_is_computed_once_and_kept(pool: ThreadPoolExecutor) -> None:
    work = Work()

    async def asked() -> None:
        desk = Desk(pool, 2)
        waiting = [asyncio.create_task(desk.answer("a", work.of("a"), f"page {place}", 1)) for place in range(20)]
        await settled()
        work.gate.set()
        assert await asyncio.gather(*waiting) == [b"a"] * 20
        assert await desk.answer("a", work.of("a"), "another", 1) == b"a"
        assert desk.computed == 1

    run(asked())
    assert work.done == ["a"]


def test_what_a_page_no_longer_wants_is_answered_at_once_and_not_computed(pool: ThreadPoolExecutor) -> None:
    work = Work()

    async def asked() -> None:
        desk = Desk(pool, 1)
        begun = asyncio.create_task(desk.answer("begun", work.of("begun"), "page", 1))
        await settled()
        old = [asyncio.create_task(desk.answer(f"old {place}", work.of("old"), "page", 2)) for place in range(3)]
        other = asyncio.create_task(desk.answer("other", work.of("other"), "other page", 1))
        await settled()
        new = asyncio.create_task(desk.answer("new", work.of("new"), "page", 3))
        for each in old:
            with pytest.raises(Superseded):
                await asyncio.wait_for(each, 1)  # while the first is still at work
        with pytest.raises(Superseded):
            await desk.answer("older", work.of("older"), "page", 2)
        work.gate.set()
        assert await asyncio.gather(begun, other, new) == [b"begun", b"other", b"new"]
        assert (desk.computed, desk.dropped) == (3, 3)

    run(asked())
    assert work.done == ["begun", "other", "new"]


def test_what_somebody_else_wants_too_is_computed(pool: ThreadPoolExecutor) -> None:
    work = Work()

    async def asked() -> None:
        desk = Desk(pool, 1)
        first = asyncio.create_task(desk.answer("first", work.of("first"), "page", 1))
        await settled()
        mine, theirs = (asyncio.create_task(desk.answer("both", work.of("both"), page, 2)) for page in ("page", "theirs"))
        await settled()
        again = asyncio.create_task(desk.answer("again", work.of("again"), "page", 3))
        await settled()
        work.gate.set()
        with pytest.raises(Superseded):
            await mine
        assert await asyncio.gather(first, theirs, again) == [b"first", b"both", b"again"]

    run(asked())


def test_no_more_are_at_work_than_may_be_and_no_more_wait(pool: ThreadPoolExecutor) -> None:
    work = Work()

    async def asked() -> None:
        desk = Desk(pool, 1, waiting=2)
        waiting = [asyncio.create_task(desk.answer(str(place), work.of(str(place)), str(place), 1)) for place in range(3)]
        await settled()
        assert desk.computed == 1
        with pytest.raises(Busy, match="try again in a moment"):
            await desk.answer("more", work.of("more"), "more", 1)
        work.gate.set()
        assert await asyncio.gather(*waiting) == [b"0", b"1", b"2"]

    run(asked())


def test_what_fails_is_told_to_all_and_tried_again(pool: ThreadPoolExecutor) -> None:
    calls = []

    def fails() -> bytes:
        calls.append(1)
        raise ValueError("once")

    async def asked() -> None:
        desk = Desk(pool, 2)
        found = await asyncio.gather(*(desk.answer("a", fails, str(place), 1) for place in range(3)), return_exceptions=True)
        assert [str(each) for each in found] == ["once"] * 3
        assert await desk.answer("a", lambda: b"then", "page", 1) == b"then"

    run(asked())
    assert len(calls) == 1


def test_the_longest_unused_is_forgotten(pool: ThreadPoolExecutor) -> None:
    async def asked() -> None:
        desk = Desk(pool, 1, kept=25)
        for key in ("a", "b", "a", "c"):  # ten bytes each
            await desk.answer(key, lambda: b"x" * 10, "page", 1)
        assert desk.computed == 3
        await desk.answer("a", lambda: b"x" * 10, "page", 1)
        assert desk.computed == 3
        await desk.answer("b", lambda: b"x" * 10, "page", 1)
        assert desk.computed == 4

    run(asked())
