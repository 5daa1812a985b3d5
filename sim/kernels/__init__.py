"""The engine's innermost loops: plain numpy, or compiled by numba (extra `fast`) where the work is large. The bits are the same.

They hold no meaning of their own: hashes, products, sums, comparisons. What numpy and a compiler might round differently, exp and
log, is left to numpy; cosines and sines are products and sums too (`sim.kernels.circle`).
"""

from __future__ import annotations

from types import ModuleType

from sim.kernels import plain

active: ModuleType = plain


def speed_up() -> bool:
    """Use the compiled loops from now on in this process, if numba is installed and works here."""
    global active
    try:
        from sim.kernels import compiled
    except (ImportError, RuntimeError):  # not installed, not for this numpy, or no place for its cache
        return False
    active = compiled
    return True
