"""A Dask cluster: the scheduler and its workers are Dask's own, started by `dask scheduler` and `dask worker`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from sim.ensemble import Part
from sim.errors import BadUsage, MissingExtra, WorkFailed, quote
from sim.work.task import Task, differences, part_of, versions

if TYPE_CHECKING:
    from distributed import Client, Future

_CONNECT = 10
"""Seconds until a scheduler that does not answer is given up."""
_PATIENCE = 60
"""Seconds for which a cluster may be without any worker."""
_CLOSE = 1
"""Seconds for taking leave of a scheduler that may be gone."""
_GLANCE = 1
"""Seconds between two looks at how many workers there are."""
_NAMED = 5
"""At most so many workers are named in an error."""


class Cluster:
    """A crew of Dask's workers, of which some may go and others come."""

    def __init__(self, client: Client, address: str, task: Task) -> None:
        self._client, self._address, self._task = client, address, task
        self._pending: set[Future] = set()
        self._threads, self._looked, self._seen = 0, 0.0, time.monotonic()

    @property
    def room(self) -> int:
        """Twice what it computes at once, so that none waits for us."""
        if time.monotonic() > self._looked + _GLANCE:
            self._look()
        return 2 * max(self._threads, 1)

    def start(self, block: range) -> None:
        with self._in_words():
            self._pending.add(self._client.submit(self._task.elsewhere, block, pure=False))

    def finished(self) -> list[Part]:
        with self._in_words():
            done = self._done()
            found: list[Part | WorkFailed] = self._client.gather(list(done))
        self._pending -= done
        return list(map(part_of, found))

    def _done(self) -> set[Future]:
        from distributed import wait

        while True:
            with suppress(TimeoutError), self._client.as_current():
                done: set[Future] = wait(self._pending, timeout=5 * _GLANCE, return_when="FIRST_COMPLETED").done
                return done
            self._look()

    def _look(self) -> None:
        with self._in_words():
            self._threads = sum(self._client.nthreads().values())
        self._looked = time.monotonic()
        if self._threads:
            self._seen = self._looked
        elif self._looked > self._seen + _PATIENCE:
            raise WorkFailed(
                f"the Dask scheduler at {self._address} has had no worker for {_PATIENCE} seconds; each needs phased too"
            )

    @contextmanager
    def _in_words(self) -> Iterator[None]:
        """Raises WorkFailed."""
        from distributed import CancelledError, KilledWorker

        try:
            yield
        except KilledWorker:
            raise WorkFailed(
                "workers died of one block again and again, perhaps for want of memory: start fewer on a machine"
            ) from None
        except (CancelledError, OSError, TimeoutError):
            raise WorkFailed(f"lost the Dask scheduler at {self._address}") from None


@contextmanager
def cluster(address: str, task: Task) -> Iterator[Cluster]:
    """The workers of the scheduler at an address, as long as this block lasts. Raises BadUsage, MissingExtra or WorkFailed."""
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtra("cluster", "--cluster") from None
    with _quiet():
        _probe(address)
        client = Client(address, timeout=_CONNECT, set_as_default=False)
        try:
            _check_versions(client, address)
            yield Cluster(client, address, task)
        finally:
            with suppress(Exception):  # it may be gone, and what matters was said before
                client.close(timeout=_CLOSE)


def _probe(address: str) -> None:
    """Before a Client connects, since that waits for ever where something answers that is no scheduler, or one that hangs."""
    from distributed import Security, rpc
    from distributed.comm.addressing import get_address_host_port

    async def identity() -> None:
        async with rpc(address, connection_args=Security().get_connection_args("client")) as scheduler:
            await scheduler.identity()

    try:
        get_address_host_port(address, strict=True)
    except ValueError:
        raise BadUsage(f"--cluster takes an address such as tcp://host:8786, got {quote(address)}") from None
    try:
        asyncio.run(asyncio.wait_for(identity(), _CONNECT))
    except (OSError, TimeoutError) as error:
        raise WorkFailed(f"no Dask scheduler answers at {address}: {error or f'nothing in {_CONNECT} seconds'}") from None


def _check_versions(client: Client, address: str) -> None:
    """Of the scheduler, which must know what it passes on, and of the workers that are there; later ones tell of themselves."""
    try:
        scheduler = client.run_on_scheduler(versions)
    except Exception as error:  # whatever loading it there raises
        scheduler = error
    answers = {"the scheduler": scheduler, **client.run(versions, on_error="return")}
    wrong = [f"{who}: {what}" for who, answer in answers.items() if (what := _wrong(answer))]
    if wrong:
        rest = [f"and {len(wrong) - _NAMED} more"] if len(wrong) > _NAMED else []
        told = "\n  ".join([*wrong[:_NAMED], *rest])
        raise WorkFailed(f"the cluster at {address} would not compute the same as this machine:\n  {told}")


def _wrong(answer: object) -> str:
    """Of versions, or of the attempt to tell them."""
    return differences(answer, versions()) if isinstance(answer, dict) else f"cannot load phased ({answer})"


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's log goes to stderr, where an error is told once, in our words."""
    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "distributed.gc")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)
