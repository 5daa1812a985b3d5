"""What the machine did in a block of runs: the sparse events from which all measures come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Paths:
    """Phase changes of `runs` runs over `days` days; the event arrays have one entry a change, in order of the day.

    `run` counts from 0 within the block; `decided` ≤ `day` are days of decision and of effect; `entered` is the day on which
    the phase that is left was entered; phases and transitions are indexes into the machine's.
    """

    runs: int
    days: int
    phases: int
    initial: int
    run: Ints
    day: Ints
    decided: Ints
    entered: Ints
    leaves: NDArray[np.int8]
    enters: NDArray[np.int8]
    transition: NDArray[np.int16]
    final_phase: NDArray[np.int8]
    """(runs,)"""
    final_entered: Ints
    """(runs,): the day on which the final phase was entered"""
