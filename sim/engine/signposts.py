"""Variables as observed, all runs of a block at once (design §3.2): delay, bias, error, smoothing, change, rounding."""

from __future__ import annotations

import numpy as np

from sim import kernels
from sim.draws import Floats
from sim.engine.variables import Streams
from sim.numbers import Numbers
from sim.world import Error, Signpost


class _Past:
    """The values of the last `days` days, kept in a ring."""

    def __init__(self, days: int, width: int) -> None:
        self._ring = np.zeros((days, width))
        self._count = 0

    def push(self, values: Floats) -> None:
        self._ring[self._count % len(self._ring)] = values
        self._count += 1

    def oldest_first(self) -> list[Floats]:
        size = len(self._ring)
        if self._count <= size:
            return list(self._ring[: self._count])
        start = self._count % size
        return [self._ring[(start + step) % size] for step in range(size)]

    def oldest(self) -> Floats:
        """The value `days − 1` days ago, or that of day 0 before that."""
        row: Floats = self._ring[0 if self._count <= len(self._ring) else self._count % len(self._ring)]
        return row


class _Blur:
    """An error that fades with its memory: e₀ = z₀, eₜ = ρ·eₜ₋₁ + √(1 − ρ²)·zₜ, in single precision as z is."""

    def __init__(self, error: Error, numbers: Numbers, streams: Streams) -> None:
        self._normals = streams.normals(error.noise)
        self._stated = numbers(error.sd)
        self._sd = self._stated.astype(np.float32)
        self._factors = {day: numbers(factor) for day, factor in error.factors.items()}
        self._multiplicative = error.multiplicative
        memory = numbers(error.memory)
        rho = np.where(memory == 0, 0.0, np.exp(-1 / memory))
        self._rho, self._fresh = rho.astype(np.float32), np.sqrt(1 - rho * rho).astype(np.float32)
        self._persists = bool(rho.any())
        self._e = np.zeros(streams.block.size, np.float32)
        self._part = np.zeros(streams.block.size, np.float32)
        self._blurred = np.zeros(streams.block.size)

    def apply(self, day: int, values: Floats) -> Floats:
        z = self._normals.day(day)
        if day in self._factors:
            self._sd = (self._stated * self._factors[day]).astype(np.float32)
        if day == 0 or not self._persists:
            np.copyto(self._e, z)
            np.multiply(self._e, self._sd, out=self._part)
        else:
            kernels.active.fade(self._e, z, self._rho, self._fresh, self._sd, self._part)
        if not self._multiplicative:
            return np.add(values, self._part, out=self._blurred)
        np.exp(self._part, out=self._part)
        blurred: Floats = kernels.active.product(self._part, values, self._blurred)
        return blurred


class SignpostState:
    """One signpost: `observed` is its value of the day, shape (1,) while it is the same in all runs."""

    def __init__(self, signpost: Signpost, width: int, numbers: Numbers, streams: Streams) -> None:
        self._bias = None if signpost.bias.is_zero else numbers(signpost.bias)
        error = signpost.error
        self._blur = None if error is None or error.sd.is_zero else _Blur(error, numbers, streams)
        self._weight = None if signpost.ewma is None else numbers(signpost.ewma)
        self._rounded = signpost.rounded
        self._delayed = _Past(signpost.delay + 1, width) if signpost.delay else None
        parts = (self._bias, self._weight)
        width = streams.block.size if self._blur else max([width, *(part.size for part in parts if part is not None)])
        self._window = _Past(signpost.mean, width) if signpost.mean else None
        self._since = _Past(signpost.change + 1, width) if signpost.change else None
        self._smooth = np.zeros(width)
        self.observed: Floats

    def observe(self, day: int, x: Floats) -> None:
        v = x
        if self._delayed:
            self._delayed.push(x)
            v = self._delayed.oldest()
        if self._bias is not None:
            v = v + self._bias
        if self._blur:
            v = self._blur.apply(day, v)
        v = self._smoothed(day, v)
        if self._since:
            self._since.push(v)
            v = v - self._since.oldest()
        self.observed = np.floor(v + 0.5) if self._rounded else v

    def _smoothed(self, day: int, v: Floats) -> Floats:
        if self._weight is not None:
            if day == 0:
                self._smooth[:] = v
            else:
                self._smooth += self._weight * (v - self._smooth)
            return self._smooth
        if self._window:
            self._window.push(v)
            return _mean(self._window.oldest_first())
        return v


def _mean(values: list[Floats]) -> Floats:
    """The oldest plus the mean difference from it, so that a constant comes out unchanged; oldest first, one at a time."""
    oldest = values[0]
    total = np.zeros_like(oldest)
    for value in values:
        total += value - oldest
    total /= len(values)
    return oldest + total
