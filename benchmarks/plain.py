"""The workload as a plain Python function of one run, as a user without phased would write it.

numpy where a whole year can be done in one call, Python where a day depends on the day before. Its numbers are those of
workload.yaml, written out; its arithmetic is that of sim/reference.py, so that every path agrees with the engine to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from work import Change, Future, Thresholds, Work

START, LOW, HIGH = 5000.0, 0.0, 50000.0
DRIFT, VOLATILITY = np.float32(0.001), np.float32(0.03)
LOG_SD = np.float32(0.3)
_MEMORY = np.exp(-1.0 / 21.0)
PERSISTS, FRESH = np.float32(_MEMORY), np.float32(np.sqrt(1.0 - _MEMORY * _MEMORY))
CONFIRM_1, CONFIRM_2, CONFIRM_DOWN = 7, 14, 30
LAG_1, LAG_2 = 14, 30
CLIMB_1, CLIMB_2, EASE_2, EASE_1 = range(4)


def observed(future: Future) -> list[float]:
    """What the signpost shows on each day."""
    blur: list[float] = np.exp(LOG_SD * _error(future)).tolist()
    return [level * each for level, each in zip(_levels(future), blur, strict=True)]


def _levels(future: Future) -> list[float]:
    growth: list[float] = np.expm1(VOLATILITY * future.walk + DRIFT).tolist()
    jumps = future.jumps
    x, d = START, 0.0
    levels = [x]
    for day in range(1, len(growth)):
        d += x * growth[day]
        for size in jumps.get(day, ()):
            d += size
        x = START + d
        if not LOW <= x <= HIGH:
            x = min(max(x, LOW), HIGH)
            d = x - START
        levels.append(x)
    return levels


def _error(future: Future) -> np.ndarray:
    fresh = FRESH * future.error
    e = future.error[0]
    errors = [e]
    for each in fresh[1:]:
        e = PERSISTS * e + each
        errors.append(e)
    return np.array(errors)


def changes(thresholds: Thresholds, future: Future) -> list[Change]:
    """The dated changes of phase of one run."""
    up_1, up_2, down_2, down_1 = thresholds
    above_1 = above_2 = below_2 = below_1 = 0
    phase, pending, decided, due = 0, None, 0, 0
    found: list[Change] = []
    for day, seen in enumerate(observed(future)):
        above_1 = above_1 + 1 if seen >= up_1 else 0
        above_2 = above_2 + 1 if seen >= up_2 else 0
        below_2 = below_2 + 1 if seen < down_2 else 0
        below_1 = below_1 + 1 if seen < down_1 else 0
        if pending is not None:
            if day == due:
                found.append((day, decided, pending))
                phase, pending = phase + 1, None
        elif phase == 0:
            if above_1 >= CONFIRM_1:
                pending, decided, due = CLIMB_1, day, day + LAG_1
        elif phase == 1:
            if above_2 >= CONFIRM_2:
                pending, decided, due = CLIMB_2, day, day + LAG_2
            elif below_1 >= CONFIRM_DOWN:
                found.append((day, day, EASE_1))
                phase = 0
        elif below_2 >= CONFIRM_DOWN:
            found.append((day, day, EASE_2))
            phase = 1
    return found


def all_changes(work: Work) -> Sequence[Sequence[Change]]:
    return [changes(thresholds, future) for thresholds, future in zip(work.thresholds, work.futures, strict=True)]
