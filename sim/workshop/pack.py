"""Numbers into a page: differences from day to day as two bytes each, compressed, with an index of what lies where."""

from __future__ import annotations

import base64
import gzip
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.results import Floats

FULL = 65_535
"""The greatest number that two bytes hold."""


@dataclass
class Packer:
    """Arrays on their way into the page, one after the other."""

    stride: int
    """days from one stored day to the next"""
    _parts: list[bytes] = field(default_factory=list)
    _size: int = 0

    def _add(self, content: bytes) -> int:
        at = self._size
        self._parts.append(content)
        self._size += len(content)
        return at

    def days(self, days: int, stride: int = 1) -> NDArray[np.intp]:
        """The days that are stored: every so many, and the last."""
        return np.unique(np.append(np.arange(0, days, max(stride, self.stride)), days - 1))

    def counts(self, values: NDArray[np.int32]) -> dict[str, Any]:
        """Whole numbers from 0 to FULL, (…, days), exactly."""
        return self._words(values[..., self.days(values.shape[-1])])

    def levels(self, values: Floats, stride: int = 1) -> dict[str, Any]:
        """Any numbers, (…, days), in FULL + 1 even steps from the least to the greatest."""
        values = values[..., self.days(values.shape[-1], stride)]
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        step = (high - low) / FULL or 1.0
        whole = np.round((np.clip(np.nan_to_num(values, nan=low), low, high) - low) / step)
        return {**self._words(whole.astype(np.int32)), "low": low, "step": step}

    def exact(self, values: Floats) -> dict[str, Any]:
        """Numbers as they are, (…, days), every day; at a multiple of eight bytes, where the page can read them in place."""
        self._add(bytes(-self._size % 8))
        return {"at": self._add(np.ascontiguousarray(values, "<f8").tobytes())}

    def _words(self, values: NDArray[np.int32]) -> dict[str, Any]:
        """Differences along the days, the first from 0, all low bytes before all high ones; both compress best so."""
        words = np.diff(values, axis=-1, prepend=0).astype(np.uint16)
        at = self._add((words & 0xFF).astype(np.uint8).tobytes() + (words >> 8).astype(np.uint8).tobytes())
        return {"at": at, "rows": math.prod(values.shape[:-1])}

    def packed(self) -> str:
        """Compressed, in letters."""
        return base64.b64encode(gzip.compress(b"".join(self._parts), 9, mtime=0)).decode("ascii")


def unpacked(text: str) -> bytes:
    return gzip.decompress(base64.b64decode(text))


def words(content: bytes, at: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
    """What `Packer._words` put there: as the page reads it, in Python."""
    size = int(np.prod(shape))
    low, high = (np.frombuffer(content, np.uint8, size, at + part * size).astype(np.int64) for part in range(2))
    return np.cumsum((low + 256 * high).reshape(shape), axis=-1) & FULL


def strides() -> Iterator[int]:
    """Days between stored days, the finest first."""
    yield from (1, 2, 7, 14)
