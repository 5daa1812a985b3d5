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
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.spec import values

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Words = NDArray[np.uint64]

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX = (
    (np.uint64(30), np.uint64(0xBF58476D1CE4E5B9)),
    (np.uint64(27), np.uint64(0x94D049BB133111EB)),
)


def _first(seed: int, kind: str, name: str) -> np.uint64:
    """The key: where the counters of a seed, a kind of draw and a name begin."""
    digest = hashlib.blake2b(f"{seed}\x00{kind}\x00{name}".encode(), digest_size=8).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _mixed(words: Words, scratch: Words) -> Words:
    """SplitMix64's hash, in place."""
    for shift, factor in _MIX:
        np.right_shift(words, shift, out=scratch)
        np.bitwise_xor(words, scratch, out=words)
        np.multiply(words, factor, out=words)
    np.right_shift(words, np.uint64(31), out=scratch)
    return np.bitwise_xor(words, scratch, out=words)


def uniforms(seed: int, name: str, counters: Ints) -> Floats:
    """One uniform number in the open interval (0, 1) for each counter ≥ 0; same shape as `counters`."""
    with np.errstate(over="ignore"):
        words = _first(seed, "number", name) + _GAMMA * (counters.astype(np.uint64) + np.uint64(1))
    words = _mixed(words, np.empty_like(words))
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


class Stream:
    """Words of daily noise of one name for the runs of a block: word w of a run is output w·2⁴⁰ + replication."""

    def __init__(self, seed: int, name: str, block: Block) -> None:
        with np.errstate(over="ignore"):
            self._base = _first(seed, "day", name) + _GAMMA * (block.replications.astype(np.uint64) + np.uint64(1))
        self._words, self._scratch = np.empty_like(self._base), np.empty_like(self._base)

    def _word(self, number: int) -> Words:
        """(runs,) words, which the next call overwrites."""
        ahead = np.uint64((int(_GAMMA) * (number << 40)) & 0xFFFFFFFFFFFFFFFF)
        np.add(self._base, ahead, out=self._words)
        return _mixed(self._words, self._scratch)


class Normals(Stream):
    """Standard normals by Box–Muller in single precision, two days from 32 random bits for the radius and 16 for the angle.

    |z| is capped at √(66·ln 2) ≈ 6.76. Equally spaced angles leave the law of each normal, and of each sum of two days', exact:
    the mean of a smooth periodic function over n points errs by its n-th harmonics only (Trefethen and Weideman 2014, "The
    exponentially convergent trapezoidal rule", SIAM Review 56, 385–458).
    """

    _TURN = np.float32(2 * np.pi * 2.0**-16)
    _DAYS = 8
    """Drawn at a time: two words of radii and one of angles are four pairs of days."""

    def __init__(self, seed: int, name: str, block: Block) -> None:
        super().__init__(seed, name, block)
        self._values = np.empty((self._DAYS, block.size), np.float32)
        self._sine = np.empty(block.size, np.float32)
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
        radii, angles = self._values[0::2], self._values[1::2]
        for half in range(2):
            bits = self._word(number + half).view(np.uint32).reshape(-1, 2)
            radii[2 * half : 2 * half + 2] = bits.T
        angles[:] = self._word(number + 2).view(np.uint16).reshape(-1, 4).T
        for radius, angle in zip(radii, angles, strict=True):
            self._box_muller(radius, angle)

    def _box_muller(self, radius: NDArray[np.float32], angle: NDArray[np.float32]) -> None:
        """Bits in, two days of normals out, in place."""
        np.multiply(radius, np.float32(2.0**-32), out=radius)
        np.add(radius, np.float32(2.0**-33), out=radius)  # so that the logarithm is finite
        np.log(radius, out=radius)
        np.multiply(radius, np.float32(-2), out=radius)
        np.sqrt(radius, out=radius)
        np.multiply(angle, self._TURN, out=angle)
        np.sin(angle, out=self._sine)
        np.cos(angle, out=angle)
        np.multiply(angle, radius, out=angle)
        np.multiply(self._sine, radius, out=radius)


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
    day: Ints
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
            self._wait = np.broadcast_to(1.0 / rate, (block.size,))
        with np.errstate(over="ignore"):
            self._state = _first(seed, "jump", name) + _GAMMA * (block.replications.astype(np.uint64) * self._PER_RUN)
        self._next = np.zeros(block.size)
        self._size = np.empty(block.size, np.uint32)
        self._advance(np.arange(block.size))

    def _advance(self, runs: Ints) -> None:
        """The runs' next jumps."""
        words = self._state[runs]
        self._state[runs] = words + _GAMMA
        words = _mixed(words, np.empty_like(words))
        self._size[runs] = words.astype(np.uint32)  # the lower half
        waits = (words >> np.uint64(32)).astype(np.float64)
        waits += 0.5
        waits *= 2.0**-32
        np.log(waits, out=waits)
        waits *= self._wait[runs]
        self._next[runs] -= waits

    def ahead(self, until: int) -> Jumps:
        """The jumps up to the end of a day that were not given out yet."""
        days, jumping, sizes = [], [], []
        runs = np.flatnonzero(self._next <= until)
        while runs.size:
            days.append(np.ceil(self._next[runs]))
            jumping.append(runs)
            sizes.append(self._size[runs])
            self._advance(runs)
            runs = runs[self._next[runs] <= until]
        none = np.empty(0, np.int64)
        u = (np.concatenate([none, *sizes]) + 0.5) * 2.0**-32
        return Jumps(until, np.concatenate([none, *days]).astype(np.int64), np.concatenate([none, *jumping]), u)
