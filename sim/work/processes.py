"""Worker processes on this machine: each has a pipe to this process and computes one block at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import connection, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from typing import Any

from sim.errors import WorkFailed
from sim.work.task import Task, part_of


class Processes:
    """A crew of processes. No thread of ours stands between: whatever ends this process, nothing waits for a block."""

    def __init__(self, workers: dict[Connection, SpawnProcess]) -> None:
        self._workers = workers
        self._idle = list(workers)

    @property
    def room(self) -> int:
        return len(self._workers)

    def start(self, block: range) -> None:
        pipe = self._idle.pop()
        try:
            pipe.send(block)
        except OSError:
            raise self._ended(pipe) from None

    def finished(self) -> list[Any]:
        busy = [pipe for pipe in self._workers if pipe not in self._idle]
        heard = connection.wait(busy)
        ready = [pipe for pipe in busy if pipe in heard]
        self._idle += ready
        return [self._received(pipe) for pipe in ready]

    def _received(self, pipe: Connection) -> Any:
        try:
            found = pipe.recv()
        except (EOFError, OSError):
            raise self._ended(pipe) from None
        return part_of(found)

    def _ended(self, pipe: Connection) -> WorkFailed:
        process = self._workers[pipe]
        process.join(timeout=5)
        if process.exitcode is None or process.exitcode >= 0:
            return WorkFailed(f"worker process {process.pid} ended (exit code {process.exitcode})")
        name = signal.Signals(-process.exitcode).name
        return WorkFailed(f"worker process {process.pid} was killed ({name}), perhaps for want of memory: try fewer --workers")


@contextmanager
def processes(workers: int, task: Task[Any]) -> Iterator[Processes]:
    """So many fresh processes, which end with this block at once, done or not. Raises WorkFailed."""
    with ExitStack() as stack:
        try:
            crew = dict(_started(task, stack) for _ in range(workers))
        except OSError as error:
            raise WorkFailed(f"cannot start {workers} worker processes: {error.strerror or error}") from None
        yield Processes(crew)


def _started(task: Task[Any], stack: ExitStack) -> tuple[Connection, SpawnProcess]:
    ours, theirs = multiprocessing.Pipe()
    stack.callback(ours.close)
    with theirs, _interrupts_held():
        process = multiprocessing.get_context("spawn").Process(target=_work, args=(task, theirs), daemon=True)
        stack.callback(_end, process)
        process.start()
    return ours, process


def _end(process: SpawnProcess) -> None:
    """Killed, since nobody who interrupts waits for the block that it is at."""
    if process.pid is not None:
        process.kill()
        process.join()


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that starts meanwhile never sees Ctrl-C, which is this one's business, not even before it can say so."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # it would let go of interrupts when it starts
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# In a worker ---------------------------------------------------------------------------------------------------------------


def _work(task: Task[Any], pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        pipe.send(task.elsewhere(pipe.recv()))


def _end_with_parent() -> None:
    """However that ends, and in the middle of a block too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
