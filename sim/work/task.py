"""One block of a job as a task that can be sent to another process or machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from sim import __version__, kernels
from sim.ensemble import Job
from sim.errors import PhasedError, WorkFailed

Progress = Callable[[float], None]
"""Called with the number of runs done since the last call."""


class HasRuns(Protocol):
    """What one block leaves."""

    @property
    def runs(self) -> range:
        """The runs of the block."""


P = TypeVar("P", bound=HasRuns)
P_co = TypeVar("P_co", bound=HasRuns, covariant=True)


class Work(Protocol[P_co]):
    """What is computed block by block, each block for itself: an ensemble, or a measure that needs more than its counts."""

    @property
    def days(self) -> int:
        """Of each run."""

    def blocks(self, runs: int) -> list[range]:
        """All that there is to do."""

    def compute(self, runs: range, progress: Callable[[int], None] | None = None) -> P_co:
        """One block; `progress` is called with the number of run-days done since the last call."""


def versions() -> dict[str, str]:
    """Of what decides the bytes of a part. The same wherever the blocks of one ensemble are computed."""
    return {"phased": __version__, "numpy": np.__version__}


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """`numpy 2.3.0 instead of 2.4.6`; empty if there are none."""
    return ", ".join(
        f"{name} {there.get(name, 'missing')} instead of {each}" for name, each in here.items() if there.get(name) != each
    )


@dataclass(frozen=True)
class Task(Generic[P]):
    """Called with the runs of a block."""

    work: Work[P]
    trajectories: Path | None = None
    """of a Job alone: where every day of its runs is kept"""
    compiled: bool = False
    """use compiled loops where there are any: they pay for the second that they take to load, or the ten to compile once"""
    versions: Mapping[str, str] = field(default_factory=versions)
    """of the process that wants the parts"""

    def __call__(self, runs: range, progress: Progress | None = None) -> P:
        if self.compiled:
            kernels.speed_up()
        days = self.work.days
        daily = None if progress is None else (lambda run_days: progress(run_days / days))
        if self.trajectories is None:
            return self.work.compute(runs, daily)
        from sim.work.trajectories import Recorder  # only here, since it needs an extra

        job: Any = self.work
        assert isinstance(job, Job)
        with Recorder(self.trajectories, job.models[0], runs) as recorder:
            part: Any = job.compute(runs, daily, recorder)
            return part  # type: ignore[no-any-return]  # a Job's

    def elsewhere(self, runs: range) -> P | WorkFailed:
        """The same in another process. A failure comes back as a value, since not every exception survives the journey."""
        if different := differences(versions(), self.versions):
            return WorkFailed(f"a worker has {different}; it would not compute the same")
        try:
            return self(runs)
        except (PhasedError, OSError, MemoryError) as error:
            return WorkFailed(f"runs {runs.start:,} to {runs.stop - 1:,}: {error}")


def part_of(found: P | WorkFailed) -> P:
    """What `Task.elsewhere` gave, here. Raises WorkFailed."""
    if isinstance(found, WorkFailed):
        raise found
    return found
