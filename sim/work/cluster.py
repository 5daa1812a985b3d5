"""A Dask cluster: the scheduler and its workers are Dask's own, started by `dask scheduler` and `dask worker`."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

from sim.errors import BadUsage, WorkFailed, quote, require
from sim.work.task import Task, differences, part_of, versions

if TYPE_CHECKING:
    import distributed
    from distributed import Client

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

    def __init__(self, client: Client, address: str, task: Task[Any]) -> None:
        self._client, self._address, self._task = client, address, task
        self._pending: set[distributed.Future] = set()
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

    def finished(self) -> list[Any]:
        with self._in_words():
            done = self._done()
            found: list[Any] = self._client.gather(list(done))
        self._pending -= done
        return list(map(part_of, found))

    def _done(self) -> set[distributed.Future]:
        from distributed import wait

        while True:
            with suppress(TimeoutError), self._client.as_current():
                done: set[distributed.Future] = wait(self._pending, timeout=5 * _GLANCE, return_when="FIRST_COMPLETED").done
                return done
            self._look()

    def _look(self) -> None:
        with self._in_words():
            self._threads = sum(self._client.nthreads().values())
        self._looked = time.monotonic()
        if self._threads:
            self._seen = self._looked
        elif self._looked > self._seen + _PATIENCE:
            why = "none came that has phased, or all have died"
            raise WorkFailed(f"the Dask scheduler at {self._address} has had no worker for {_PATIENCE} seconds: {why}")

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
def cluster(address: str, task: Task[Any]) -> Iterator[Cluster]:
    """The workers of the scheduler at an address, as long as this block lasts. Raises BadUsage, MissingExtra or WorkFailed."""
    require("cluster", "--cluster", "distributed")
    with _quiet():
        client = _connected(address)
        try:
            _check_versions(client, address)
            yield Cluster(client, address, task)
        finally:
            with suppress(Exception):  # it may be gone, and what matters was said before
                client.close(timeout=_CLOSE)


def _connected(address: str) -> Client:
    from distributed import Client

    _probe(address)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Mismatched versions")  # `_check_versions` tells those that matter
        try:
            return Client(address, timeout=_CONNECT, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise WorkFailed(f"cannot connect to the Dask scheduler at {address}: {error}") from None


def _probe(address: str) -> None:
    """Before a Client connects, since that waits for ever where something answers that is no scheduler, or one that hangs."""
    from distributed.comm.addressing import get_address_host_port

    try:
        get_address_host_port(address, strict=True)
    except ValueError:
        raise BadUsage(f"--cluster takes an address such as tcp://host:8786, got {quote(address)}") from None
    answer: Future[object] = Future()
    threading.Thread(target=_ask, args=(address, answer), daemon=True).start()
    try:
        kind = answer.result()
    except TimeoutError:
        raise WorkFailed(f"no Dask scheduler answered at {address} within {_CONNECT} seconds") from None
    except Exception as error:  # what answers may be anything
        raise WorkFailed(f"no Dask scheduler answers at {address}: {error}") from None
    if kind != "Scheduler":
        raise WorkFailed(f"no Dask scheduler answers at {address}, but a {kind}")


def _ask(address: str, answer: Future[object]) -> None:
    """What kind of server answers at an address. In a thread of its own: in ours a notebook may run its loop."""
    from distributed import Security, rpc

    async def kind() -> object:
        async with rpc(address, connection_args=Security().get_connection_args("client")) as server:
            return (await server.identity()).get("type")

    try:
        answer.set_result(asyncio.run(asyncio.wait_for(kind(), _CONNECT)))
    except Exception as error:
        answer.set_exception(error)


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
    import distributed  # noqa: F401  # sets the levels that it wants when it is imported

    loggers = [logging.getLogger(name) for name in ("distributed", "distributed.client", "distributed.gc")]
    before = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for each, level in zip(loggers, before, strict=True):
            each.setLevel(level)
