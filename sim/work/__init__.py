"""Who computes the blocks of an ensemble: this process, worker processes or a cluster; and what is kept of them for later."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sim.ensemble import Job
from sim.errors import BadUsage
from sim.work.store import Store
from sim.work.task import P, Progress, Task, Work

PARALLEL_BLOCKS = 3
"""From so many blocks on workers are sure to pay for the half second that they take to start."""
COMPILED_RUN_DAYS = 200_000_000
"""From so many run-days on compiled loops pay for the time that they take to load: half a million runs of a year."""
AHEAD = 8
"""How many times as many blocks as are computed at once may be done before their turn: the first takes that much longer."""


@dataclass(frozen=True)
class How:
    """Where the blocks of an ensemble are computed, and what is kept on the way. None of it changes the answer."""

    workers: int = 1
    """processes on this machine"""
    cluster: str | None = None
    """address of a Dask scheduler, instead of processes"""
    unfinished: Path | None = None
    """of an ensemble: folder in which finished blocks are kept until all are done, so that a killed run can go on"""
    trajectories: Path | None = None
    """of an ensemble: folder for Parquet files with every day of every run, one file a block"""


class Crew(Protocol):
    """Who computes blocks beside this process, in any order."""

    @property
    def room(self) -> int:
        """How many blocks it can be given at a time."""

    def start(self, block: range) -> None:
        """Give it one more block."""

    def finished(self) -> list[Any]:
        """The parts of blocks that are done since the last call, at least one. Raises WorkFailed."""


def cores() -> int:
    """As many processes as this one may use cores."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parts(work: Work[P], runs: int, how: How, progress: Progress | None = None) -> Generator[P, None, None]:
    """What all blocks of a work leave, in order, however they were computed.

    Close it where it is not read to its end: it holds worker processes and a locked database. Raises BadUsage or WorkFailed.
    """
    return _parts(work, work.blocks(runs), how, progress)


def _parts(work: Work[Any], blocks: list[range], how: How, progress: Progress | None) -> Generator[Any, None, None]:
    with ExitStack() as stack:
        store = stack.enter_context(Store.open(how.unfinished, work)) if how.unfinished and isinstance(work, Job) else None
        kept = _kept(work, blocks, store, how)
        if progress and kept:
            progress(sum(map(len, kept)))
        fresh = _computed(work, [block for block in blocks if block not in kept], how, stack, progress)
        early: dict[range, Any] = {}
        for block in blocks:
            if store and block in kept:
                early[block] = store.take(block)
            while block not in early:
                part = next(fresh)
                early[part.runs] = part
                if store:
                    store.put(part)
            yield early.pop(block)


def _kept(work: Work[Any], blocks: list[range], store: Store | None, how: How) -> set[range]:
    """The blocks that need not be computed. Their parts are read again when it is their turn: all might fill the memory."""
    kept = {block for block in blocks if store and store.has(block)}
    if how.trajectories and isinstance(work, Job):
        from sim.work.trajectories import recorded

        kept &= set(recorded(how.trajectories, work.models[0], blocks))
    return kept


def _computed(work: Work[Any], blocks: list[range], how: How, stack: ExitStack, progress: Progress | None) -> Iterator[Any]:
    """The parts of the blocks, in the order in which they are done."""
    task = Task(work, how.trajectories, compiled=sum(map(len, blocks)) * work.days >= COMPILED_RUN_DAYS)
    crew = _crew(how, task, len(blocks))
    if crew is None:
        return (task(block, progress) for block in blocks)
    return _scattered(stack.enter_context(crew), blocks, progress)


def _crew(how: How, task: Task[Any], blocks: int) -> AbstractContextManager[Crew] | None:
    """None: this process computes one after the other."""
    if how.cluster is not None and how.trajectories:
        raise BadUsage("--keep trajectories needs workers that share this machine's disk: leave out --cluster")
    if how.cluster is not None and blocks:
        from sim.work.cluster import cluster

        return cluster(how.cluster, task)
    workers = min(how.workers, blocks)
    if workers < 2 or blocks < PARALLEL_BLOCKS:
        return None
    from sim.work.processes import processes

    return processes(workers, task)


def _scattered(crew: Crew, blocks: list[range], progress: Progress | None) -> Iterator[Any]:
    """Hand out the blocks in order, so far ahead of the oldest one that is not done that what waits for it stays small."""
    places = {block: place for place, block in enumerate(blocks)}
    pending: set[int] = set()
    following = 0
    while pending or following < len(blocks):
        room = crew.room
        while following < len(blocks) and len(pending) < room and following - min(pending, default=following) < AHEAD * room:
            crew.start(blocks[following])
            pending.add(following)
            following += 1
        for part in crew.finished():
            pending.remove(places[part.runs])
            if progress:
                progress(len(part.runs))
            yield part
