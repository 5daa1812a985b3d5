"""Random draws (design §3): each depends on the seed, a run's case or replication, a name and a day, and on nothing else.

All come from one counter-based generator, SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable pseudorandom number
generators", OOPSLA): the n-th output of a (seed, name) is a hash of key + n·γ. So a run is the same alone or among millions.

- `uniforms`: one number in (0, 1) for each counter, for the uncertain numbers (counter: the case).
- `Normals`, `Uniforms`: daily noise (counter: replication and day).
- `Arrivals`: sparse jumps (counter: replication and number of the jump).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import kernels
from sim.kernels.plain import GAMMA, mixed
from sim.spec import values

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]


def _first(seed: int, kind: str, name: str) -> np.uint64:
    """The key: where the counters of a seed, a kind of draw and a name begin."""
    digest = hashlib.blake2b(f"{seed}\x00{kind}\x00{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def uniforms(seed: int, name: str, counters: Ints) -> Floats:
    """One uniform number in the open interval (0, 1) for each counter ≥ 0; same shape as `counters`."""
    with np.errstate(over="ignore"):
        words = _first(seed, "number", name) + GAMMA * (counters.astype(np.uint64) + np.uint64(1))
    mixed(words)
    return ((words >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52  # one bit more, and the greatest would round to 1


def quantile(shape: values.Shape, u: Floats) -> Floats:
    """The inverse CDF of a distribution at `u`, elementwise, in the unit in which the file gives it."""
    return _INVERSE[type(shape)](shape, u)


def _uniform(shape: values.Uniform, u: Floats) -> Floats:
    low, high = shape.uniform
    return np.minimum(low + (high - low) * u, high)


def _triangular(shape: values.Triangular, u: Floats) -> Floats:
    low, mode, high = shape.triangular
    if low == high:
        return np.full_like(u, low)
    split = (mode - low) / (high - low)
    rising = low + np.sqrt(u * (high - low) * (mode - low))
    falling = high - np.sqrt((1 - u) * (high - low) * (high - mode))
    return np.where(u < split, rising, falling)


def standard_normal(u: Floats) -> Floats:
    """Wichura's AS 241 as the standard library has it, accurate to about 1e-16."""
    inverse = NormalDist().inv_cdf
    return np.fromiter(map(inverse, u.tolist()), np.float64, u.size)


def _normal(shape: values.Normal, u: Floats) -> Floats:
    mean, sd = shape.normal
    return mean + sd * standard_normal(u)


_Z95 = NormalDist().inv_cdf(0.95)


def _lognormal(shape: values.Lognormal, u: Floats) -> Floats:
    form = shape.lognormal
    if isinstance(form, values.MedianSigma):
        return form.median * np.exp(form.sigma * standard_normal(u))
    median = np.sqrt(form.p5 * form.p95)
    sigma = np.log(form.p95 / form.p5) / (2 * _Z95)
    return np.asarray(median * np.exp(sigma * standard_normal(u)), np.float64)


def _exponential(shape: values.Exponential, u: Floats) -> Floats:
    return -shape.exponential * np.log1p(-u)


def _choice(shape: values.Choice, u: Floats) -> Floats:
    ranked = sorted(shape.choice, key=lambda each: each.value)
    edges = np.cumsum([each.weight for each in ranked])[:-1]
    return np.array([each.value for each in ranked])[np.searchsorted(edges, u, side="right")]


_INVERSE: dict[type[values.Shape], Callable[[Any, Floats], Floats]] = {
    values.Uniform: _uniform,
    values.Triangular: _triangular,
    values.Normal: _normal,
    values.Lognormal: _lognormal,
    values.Exponential: _exponential,
    values.Choice: _choice,
}


@dataclass(frozen=True)
class Block:
    """Runs that are computed together: for each its case (uncertain numbers) and its replication (daily noise)."""

    cases: Ints
    replications: Ints

    @classmethod
    def plain(cls, first: int, count: int) -> Block:
        """Runs first … first+count−1 of a plain ensemble, where case and replication are both the run's number."""
        runs = np.arange(first, first + count)
        return cls(runs, runs)

    @property
    def size(self) -> int:
        return self.cases.size

    @cached_property
    def counters(self) -> Words:
        """(runs,): how far the counters of each replication lie ahead of the key of a stream."""
        return GAMMA * (self.replications.astype(np.uint64) + np.uint64(1))


class Stream:
    """Words of daily noise of one name for the runs of a block: word w of a run is output w·2⁴⁰ + replication."""

    def __init__(self, seed: int, name: str, block: Block) -> None:
        self._key = int(_first(seed, "day", name))
        self._counters = block.counters

    def _word(self, number: int) -> Words:
        """(runs,) words."""
        return mixed(self._counters + self._place(number))

    def _place(self, number: int) -> np.uint64:
        """Where the counters of a word begin."""
        return np.uint64((self._key + int(GAMMA) * (number << 40)) & 0xFFFFFFFFFFFFFFFF)


class Normals(Stream):
    """Standard normals by Box–Muller in single precision, two days from 32 random bits for the radius and 16 for the angle.

    |z| is capped at √(66·ln 2) ≈ 6.76. Equally spaced angles leave the law of each normal, and of each sum of two days', exact:
    the mean of a smooth periodic function over n points errs by its n-th harmonics only (Trefethen and Weideman 2014, "The
    exponentially convergent trapezoidal rule", SIAM Review 56, 385–458).
    """

    _DAYS = 8
    """Drawn at a time: two words of radii and one of angles are four pairs of days."""

    def __init__(self, seed: int, name: str, block: Block) -> None:
        super().__init__(seed, name, block)
        self._values = np.empty((self._DAYS, block.size), np.float32)
        self._drawn = -1

    def day(self, day: int) -> NDArray[np.float32]:
        """(runs,) normals of the day; overwritten by those of the day eight days later."""
        chunk, within = divmod(day, self._DAYS)
        if chunk != self._drawn:
            self._draw(3 * chunk)
            self._drawn = chunk
        values: NDArray[np.float32] = self._values[within]
        return values

    def _draw(self, number: int) -> None:
        places = np.array([self._place(number + word) for word in range(3)])
        kernels.active.normals(self._counters, places, self._values)


class Uniforms(Stream):
    """Uniform numbers in [0, 1) with 32 bits, two days from one word."""

    def day(self, day: int) -> Floats:
        """(runs,) uniform numbers of the day."""
        return np.multiply(self._word(day // 2).view(np.uint32)[day % 2 :: 2], 2.0**-32)


@dataclass(frozen=True)
class Jumps:
    """Jumps of some days ahead, those of one run in order of time: an entry a jump."""

    until: int
    """the last of the days"""
    day: NDArray[np.int32]
    run: Ints
    """within the block; a run may jump several times on one day"""
    u: Floats
    """a uniform number in (0, 1) for the size"""


class Arrivals:
    """Poisson jumps, each run with a rate of its own.

    Waiting times between jumps are exponential, so the number of jumps in (t−1, t] is Poisson(rate) on each day t ≥ 1. Each
    jump has one word, by replication and number of the jump: half for its waiting time, half for its size.
    """

    _PER_RUN = np.uint64(1) << np.uint64(24)

    def __init__(self, seed: int, name: str, block: Block, rate: Floats) -> None:
        with np.errstate(divide="ignore"):
            self._wait = np.broadcast_to(1.0 / rate, block.size)
        with np.errstate(over="ignore"):
            self._state = _first(seed, "jump", name) + GAMMA * (block.replications.astype(np.uint64) * self._PER_RUN)
        self._next = np.zeros(block.size)
        self._size = np.empty(block.size, np.uint32)
        self._advance(np.arange(block.size), 0)

    def _advance(self, runs: Ints, until: int) -> Ints:
        """The runs' next jumps; the runs in which these come up to the end of a day."""
        waits = kernels.active.next_draws(self._state, runs, self._size)
        np.log(waits, out=waits)
        left: Ints = kernels.active.advance(self._next, runs, waits, self._wait, until)
        return left

    def ahead(self, until: int) -> Jumps:
        """The jumps up to the end of a day that were not given out yet."""
        runs = np.flatnonzero(self._next <= until)
        jumping, arrived = [runs], [kernels.active.arrived(self._next, self._size, runs)]
        while runs.size:
            runs = self._advance(runs, until)
            jumping.append(runs)
            arrived.append(kernels.active.arrived(self._next, self._size, runs))
        days, sizes = zip(*arrived, strict=True)
        return Jumps(until, np.concatenate(days), np.concatenate(jumping), np.concatenate(sizes))
