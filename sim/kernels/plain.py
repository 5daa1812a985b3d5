"""The innermost loops in numpy, for all runs of a block at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.kernels.circle import circle

Words = NDArray[np.uint64]
Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Halves = NDArray[np.uint32]
Days = NDArray[np.signedinteger]
Runs = NDArray[np.int64]
Ends = NDArray[np.int64]
Truth = NDArray[np.bool_]

GAMMA = np.uint64(0x9E3779B97F4A7C15)
MIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)
LAST = np.uint64(31)


def mixed(words: Words) -> Words:
    """SplitMix64's hash, in place."""
    scratch = np.empty_like(words)
    for shift, factor in MIX:
        np.right_shift(words, shift, out=scratch)
        np.bitwise_xor(words, scratch, out=words)
        np.multiply(words, factor, out=words)
    np.right_shift(words, LAST, out=scratch)
    return np.bitwise_xor(words, scratch, out=words)


def normals(counters: Words, places: Words, values: Singles) -> None:
    """Standard normals of eight days, (8, runs), by Box–Muller, two days from one radius and one angle.

    Three words a run, each the hash of a counter + a place: two hold two radii of 32 bits each, the third four angles of 16 bits.
    """
    for half in range(2):
        bits = mixed(counters + places[half]).view(np.uint32)
        for place, row in enumerate((values[4 * half], values[4 * half + 2])):
            np.copyto(row, bits[place::2], casting="unsafe")
            np.multiply(row, np.float32(2.0**-32), out=row)
            np.add(row, np.float32(2.0**-33), out=row)  # so that its logarithm is finite
    angles = mixed(counters + places[2]).view(np.uint16)
    for place in range(4):
        radius, other = values[2 * place], values[2 * place + 1]
        np.log(radius, out=radius)
        np.multiply(radius, np.float32(-2), out=radius)
        np.sqrt(radius, out=radius)
        points = circle().take(angles[place::4], mode="clip")
        np.multiply(points.real, radius, out=other)
        np.multiply(points.imag, radius, out=radius)


def next_draws(state: Words, runs: Runs, low: Halves) -> Floats:
    """The next word of some runs' own sequences, whose states move on: its upper half as a number in (0, 1), `low` its lower."""
    words = state[runs]
    state[runs] = words + GAMMA
    mixed(words)
    low[runs] = words.astype(np.uint32)
    return _unit(words >> np.uint64(32))


def _unit(halves: Words | Halves) -> Floats:
    """Numbers in (0, 1) of 32 bits each."""
    u = halves.astype(np.float64)
    u += 0.5
    u *= 2.0**-32
    return u


def advance(times: Floats, runs: Runs, steps: Floats, scale: Floats, until: float) -> Runs:
    """times ← times − steps·scale for some runs; those of them that are not beyond `until` now. `scale` is (all runs,)."""
    steps *= scale[runs]
    times[runs] -= steps
    return runs[times[runs] <= until]


def arrived(times: Floats, low: Halves, runs: Runs) -> tuple[NDArray[np.int32], Floats]:
    """The day in which each of some runs' times falls, and a number in (0, 1) made of its `low` bits."""
    return np.ceil(times[runs]).astype(np.int32), _unit(low[runs])


def by_day(days: NDArray[np.int32], first: int, count: int, runs: Runs, amounts: Floats) -> tuple[Ends, Runs, Floats]:
    """Runs and amounts in order of their days, `count` from `first` on, otherwise as they were; where each day ends."""
    within = (days - first).astype(np.uint8)  # small, and so sorted without comparing
    order = within.argsort(kind="stable")
    return np.cumsum(np.bincount(within, minlength=count)), runs[order], amounts[order]


def add_product(d: Floats, factor: Singles, values: Floats) -> None:
    """d ← d + factor · values, (runs,) each."""
    np.add(d, factor * values, out=d)


def add_few(d: Floats, runs: Runs, amounts: Floats) -> None:
    """Add an amount to each of some runs' d, in order: a run may come again."""
    np.add.at(d, runs, amounts)


def product(factor: Singles, values: Floats, out: Floats) -> Floats:
    """factor · values, (runs,) or `values` (1,)."""
    return np.multiply(factor, values, out=out)


def line(z: Singles, slope: Singles, start: Singles, out: Singles) -> None:
    """start + slope·z; `slope` and `start` are (1,) or (runs,)."""
    np.multiply(z, slope, out=out)
    np.add(out, start, out=out)


def fade(e: Singles, z: Singles, rho: Singles, fresh: Singles, sd: Singles, scaled: Singles) -> None:
    """e ← ρ·e + fresh·z, in place, and scaled ← sd·e; `rho`, `fresh` and `sd` are (1,) or (runs,)."""
    np.multiply(e, rho, out=e)
    np.multiply(z, fresh, out=scaled)
    np.add(e, scaled, out=e)
    np.multiply(e, sd, out=scaled)


def bounded_sum(path: Floats, d: Floats, low: float, high: float, x: Floats) -> Runs:
    """x ← path + d within bounds; the runs where x is not path + d. `path` is (1,) or (runs,)."""
    raw = path + d
    np.clip(raw, low, high, out=x)
    held: Runs = (x != raw).nonzero()[0]
    return held


def confirmed_here(truth: Truth, count: Days, needed: Days, stands: NDArray[np.int8], phase: np.int8) -> Runs:
    """Count the days in a row on which a guard was true; the runs that have enough of them and stand in a phase.

    `needed` is (1,) or (runs,).
    """
    count += 1
    count *= truth
    here = stands == phase
    here &= count >= needed
    found: Runs = here.nonzero()[0]
    return found


def due(days: Days, day: int) -> Runs:
    """The runs whose day it is."""
    found: Runs = (days == day).nonzero()[0]
    return found
