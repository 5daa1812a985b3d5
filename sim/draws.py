"""Random draws (design §3): each depends on the seed, a run's case or replication, a name and a day, and on nothing else.

Two families, each addressed by (seed, name):

- `uniforms`: one number in (0, 1) for each counter, by SplitMix64 (Steele, Lea and Flood 2014, "Fast splittable
  pseudorandom number generators", OOPSLA), which is counter-based: its n-th output is a hash of key + n·γ. It serves
  the uncertain numbers (counter: the case) and the sparse jumps (counter: replication and number of the jump).
- `Stream`: daily noise. Replications live in fixed sub-blocks of SUB runs; each sub-block has an SFC64 stream of its own and
  draws all its columns every day, so that a run is the same alone or among millions.
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

SUB = 1024
"""Runs in one sub-block: part of what a seed means, so never to be changed after a release."""
_CHUNK = 16
"""Days drawn at a time; even, since Box–Muller makes normals in pairs of days. Also part of what a seed means."""

_GAMMA = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)


def _key(seed: int, name: str) -> bytes:
    return hashlib.blake2b(f"{seed}\x00{name}".encode(), digest_size=16).digest()


def uniforms(seed: int, name: str, counters: Ints) -> Floats:
    """One uniform number in the open interval (0, 1) for each counter ≥ 0; same shape as `counters`."""
    key = np.uint64(int.from_bytes(_key(seed, name)[:8], "little"))
    with np.errstate(over="ignore"):
        word = key + _GAMMA * (counters.astype(np.uint64) + np.uint64(1))
        word = (word ^ (word >> np.uint64(30))) * _MIX_1
        word = (word ^ (word >> np.uint64(27))) * _MIX_2
    word ^= word >> np.uint64(31)
    return ((word >> np.uint64(12)).astype(np.float64) + 0.5) * 2.0**-52  # one bit more, and the greatest would round to 1


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
    """Daily noise of one name for the runs of a block; days are asked for in ascending order, from 0."""

    def __init__(self, seed: int, name: str, block: Block) -> None:
        sub_blocks, where = np.unique(block.replications // SUB, return_inverse=True)
        columns = where * SUB + block.replications % SUB
        self._columns: slice | Ints = columns
        if (np.diff(columns) == 1).all():
            self._columns = slice(int(columns[0]), int(columns[-1]) + 1)
        key = int.from_bytes(_key(seed, name), "little")
        self._sources = [np.random.SFC64(np.random.SeedSequence([key, int(sub)])) for sub in sub_blocks]
        self._words = np.empty((_CHUNK // 2, len(self._sources) * SUB), np.uint64)
        self._chunk = -1

    def _refill(self, day: int) -> bool:
        """Draw the words of the chunk that holds `day`, if it is a new one: half a chunk of 64-bit words a run."""
        chunk = day // _CHUNK
        if chunk == self._chunk:
            return False
        if chunk != self._chunk + 1:
            raise ValueError(f"days of noise must be asked for in order: day {day} is not next")
        for index, source in enumerate(self._sources):
            words = source.random_raw(_CHUNK // 2 * SUB).reshape(_CHUNK // 2, SUB)
            self._words[:, index * SUB : (index + 1) * SUB] = words
        self._chunk = chunk
        return True


class Normals(Stream):
    """Standard normals by Box–Muller on single-precision uniforms; |z| is capped at √(48·ln 2) ≈ 5.77."""

    def __init__(self, seed: int, name: str, block: Block) -> None:
        super().__init__(seed, name, block)
        half, width = self._words.shape
        self._values = np.empty((2 * half, width), np.float32)
        self._radius = np.empty(width, np.float32)
        self._angle = np.empty(width, np.float32)
        self._bits = np.empty(width, np.uint32)

    def day(self, day: int) -> NDArray[np.float32]:
        """(runs,) normals of the day; a view that the next chunk overwrites."""
        if self._refill(day):
            for pair, words in enumerate(self._words.view(np.uint32).reshape(len(self._words), -1, 2)):
                self._box_muller(words, self._values[2 * pair], self._values[2 * pair + 1])
        return self._values[day % _CHUNK, self._columns]

    def _box_muller(self, words: NDArray[np.uint32], even: NDArray[np.float32], odd: NDArray[np.float32]) -> None:
        """Two days of normals from one word a run: 24 of its bits are the radius, 24 the angle."""
        radius, angle, bits = self._radius, self._angle, self._bits
        np.right_shift(words[:, 0], 8, out=bits)
        np.copyto(radius, bits.view(np.int32), casting="unsafe")
        np.add(radius, np.float32(1), out=radius)  # in 1 … 2²⁴, so that the logarithm is finite
        np.multiply(radius, np.float32(2.0**-24), out=radius)
        np.log(radius, out=radius)
        np.multiply(radius, np.float32(-2), out=radius)
        np.sqrt(radius, out=radius)
        np.right_shift(words[:, 1], 8, out=bits)
        np.copyto(angle, bits.view(np.int32), casting="unsafe")
        np.multiply(angle, np.float32(2 * np.pi * 2.0**-24), out=angle)
        np.cos(angle, out=even)
        np.multiply(even, radius, out=even)
        np.sin(angle, out=odd)
        np.multiply(odd, radius, out=odd)


class Uniforms(Stream):
    """Uniform numbers in [0, 1) with 32 bits, two days from one word a run."""

    def day(self, day: int) -> Floats:
        """(runs,) uniform numbers of the day."""
        self._refill(day)
        within = day % _CHUNK
        words = self._words[within // 2].view(np.uint32)[within % 2 :: 2]
        uniform: Floats = words[self._columns] * 2.0**-32
        return uniform


class Arrivals:
    """Poisson jumps in order of time, each run with a rate of its own: arrival times (days) and a uniform for each size.

    Waiting times between jumps are exponential, so the number of jumps in (t−1, t] is Poisson(rate) on each day t ≥ 1.
    """

    _PER_RUN = np.int64(1) << np.int64(24)
    _AT_ONCE = 1 << 20
    """About so many jumps are looked ahead for: enough to make the calls cheap, few enough to keep them in memory."""

    def __init__(self, seed: int, name: str, block: Block, rate: Floats) -> None:
        self._seed, self._name = seed, name
        self._first = block.replications * self._PER_RUN
        rates = np.broadcast_to(rate, (block.size,))
        with np.errstate(divide="ignore"):
            self._wait = 1.0 / rates
        self._window = int(np.clip(self._AT_ONCE / max(float(rates.sum()), 1.0), 1, 64))
        self._until = 0
        self._number = np.zeros(block.size, np.int64)
        self._next = np.zeros(block.size)
        self._advance(np.arange(block.size))

    def _advance(self, runs: Ints) -> None:
        counters = self._first[runs] + 2 * self._number[runs]
        self._next[runs] += -np.log(uniforms(self._seed, self._name, counters)) * self._wait[runs]

    def _look_ahead(self, day: int) -> None:
        """The jumps of the next days, in order of the day and, within it, of the time."""
        self._until = day + self._window - 1
        none = np.empty(0, np.int64)
        jumping, offsets, counters = [none], [none.astype(np.int16)], [none]
        runs = np.flatnonzero(self._next <= self._until)
        while runs.size:
            jumping.append(runs)
            offsets.append((np.ceil(self._next[runs]) - day).astype(np.int16))
            counters.append(self._first[runs] + 2 * self._number[runs] + 1)
            self._number[runs] += 1
            self._advance(runs)
            runs = runs[self._next[runs] <= self._until]
        offset = np.concatenate(offsets)
        order = np.argsort(offset, kind="stable")  # small integers: a radix sort
        self._runs = np.concatenate(jumping)[order]
        self._u = uniforms(self._seed, self._name, np.concatenate(counters)[order])
        self._starts = np.searchsorted(offset[order], np.arange(self._window + 1))

    def on(self, day: int) -> tuple[Ints, Floats]:
        """The day's jumps in order of time: the run of each (a run may have several) and a uniform for its size."""
        if day > self._until:
            self._look_ahead(day)
        index = day - (self._until - self._window + 1)
        jumps = slice(self._starts[index], self._starts[index + 1])
        return self._runs[jumps], self._u[jumps]
