"""The uncertain numbers of a block of runs, drawn once for each case and dotted path (design §2.1)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.draws import Block, Floats, quantile, uniforms
from sim.world import Quantity


class Numbers:
    """What each number is worth in each run of a block. `given` replaces the draw of some, as a design does."""

    def __init__(self, seed: int, block: Block, given: Mapping[str, Floats] | None = None) -> None:
        self._seed, self._block = seed, block
        self._drawn: dict[str, Floats] = dict(given or {})

    def __call__(self, quantity: Quantity) -> Floats:
        """Shape (1,) where the number is the same in all runs, else (runs,)."""
        if quantity.fixed is not None:
            return np.array([quantity.fixed])
        if quantity.path not in self._drawn:
            assert quantity.shape is not None  # a number is either fixed or a distribution
            u = uniforms(self._seed, quantity.path, self._block.cases)
            self._drawn[quantity.path] = quantile(quantity.shape, u) * quantity.scale
        values = self._drawn[quantity.path]
        return np.floor(values + 0.5) if quantity.whole else values
