"""Cosines and sines from sums and products."""

from __future__ import annotations

import numpy as np

from sim.kernels.circle import circle


def test_the_circle_is_one_of_cosines_and_sines() -> None:
    """To the last bit of single precision or two, at every angle."""
    angles = np.arange(1 << 16) * (2 * np.pi / (1 << 16))
    for found, true in ((circle().real, np.cos(angles)), (circle().imag, np.sin(angles))):
        assert np.abs(found - true).max() < 1e-7


def test_the_circle_is_symmetric() -> None:
    """A quarter of a turn on is i times the point, to the bit, so that no angle is drawn better than another."""
    np.testing.assert_array_equal(np.roll(circle(), -(1 << 14)), circle() * np.complex64(1j))
