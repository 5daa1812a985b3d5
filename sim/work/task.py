"""One block of a job as a task that can be sent to another process or machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sim import __version__, kernels
from sim.ensemble import Job, Part, compute
from sim.errors import PhasedError, WorkFailed

Progress = Callable[[float], None]
"""Called with the number of runs done since the last call."""


def versions() -> dict[str, str]:
    """Of what decides the bytes of a part. The same wherever the blocks of one ensemble are computed."""
    return {"phased": __version__, "numpy": np.__version__}


def differences(there: Mapping[str, str], here: Mapping[str, str]) -> str:
    """`numpy 2.3.0 instead of 2.4.6`; empty if there are none."""
    return ", ".join(
        f"{name} {there.get(name, 'missing')} instead of {each}" for name, each in here.items() if there.get(name) != each
    )


@dataclass(frozen=True)
class Task:
    """Called with the runs of a block; the one that starts with run 0 is the leading one."""

    job: Job
    trajectories: Path | None = None
    compiled: bool = False
    """use compiled loops where there are any: they pay for the second that they take to load, or the ten to compile once"""
    versions: Mapping[str, str] = field(default_factory=versions)
    """of the process that wants the parts"""

    def __call__(self, runs: range, progress: Progress | None = None) -> Part:
        if self.compiled:
            kernels.speed_up()
        days = self.job.days
        daily = None if progress is None else (lambda run_days: progress(run_days / days))
        if self.trajectories is None:
            return compute(self.job, runs, leading=runs.start == 0, progress=daily)
        from sim.work.trajectories import Recorder  # only here, since it needs an extra

        with Recorder(self.trajectories, self.job.models[0], runs) as recorder:
            return compute(self.job, runs, leading=runs.start == 0, progress=daily, watch=recorder)

    def elsewhere(self, runs: range) -> Part | WorkFailed:
        """The same in another process. A failure comes back as a value, since not every exception survives the journey."""
        if different := differences(versions(), self.versions):
            return WorkFailed(f"a worker has {different}; it would not compute the same")
        try:
            return self(runs)
        except (PhasedError, OSError, MemoryError) as error:
            return WorkFailed(f"runs {runs.start:,} to {runs.stop - 1:,}: {error}")


def part_of(found: Part | WorkFailed) -> Part:
    """What `Task.elsewhere` gave, here. Raises WorkFailed."""
    if isinstance(found, WorkFailed):
        raise found
    return found
