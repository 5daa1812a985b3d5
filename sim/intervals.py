"""Monte Carlo intervals of shares of runs: how well a model was sampled, never how true it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 0.95
Z = 1.959963984540054
"""the standard normal quantile of (1 + LEVEL) / 2"""
Z_POWER = 0.8416212335729143
"""the standard normal quantile of 0.8, the usual power of a comparison"""


def wilson(count: ArrayLike, runs: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Low and high bound, in the shape of `count`, of the share that `count` of `runs` ≥ 1 runs estimate.

    The shares that a two-sided score test at LEVEL does not reject (Wilson 1927, JASA 22, 209–212). Unlike share ± 2·se it
    stays within 0 and 1, and it has a width where no run, or every run, counts.
    """
    hits = np.asarray(count, dtype=np.float64)
    misses = runs - hits
    centre = hits + Z**2 / 2
    half = Z * np.sqrt(hits * misses / runs + Z**2 / 4)
    low = np.where(hits == 0, 0.0, (centre - half) / (runs + Z**2))
    high = np.where(misses == 0, 1.0, (centre + half) / (runs + Z**2))
    return low, high
