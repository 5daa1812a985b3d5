"""The twin sees what is, and meets the world of the policy whose twin it is."""

from __future__ import annotations

import numpy as np
import pytest

from sim import api
from sim.analysis.twin import seen_perfectly
from sim.draws import Block
from sim.engine import Engine
from sim.library import Library
from sim.machine import Model


def model(scenario: str) -> Model:
    return api.model_of(Library().load_pair(scenario, "step-down"))


@pytest.mark.parametrize("scenario", ["ambiguous-intelligence-uncertain", "reciprocity-provoking-uncertain"])
def test_the_twin_sees_the_true_levels_of_the_policys_world(scenario: str) -> None:
    seen = model(scenario)
    actual = Engine(seen, 1, Block.plain(0, 50))
    twin = Engine(seen_perfectly(seen), 1, Block.plain(0, 50), beside=actual, held=True)
    alone = Engine(seen, 1, Block.plain(0, 50))
    for _ in range(120):
        for engine in (actual, twin, alone):
            engine.step()
        for here, there in zip(actual.levels, alone.levels, strict=True):
            np.testing.assert_array_equal(here, there)  # a twin beside it changes nothing
        for signpost, observed in zip(twin.model.world.signposts, twin.observed, strict=True):
            np.testing.assert_array_equal(observed, actual.levels[signpost.observes])
    assert any((a != b).any() for a, b in zip(actual.observed, twin.observed, strict=True))


def test_a_world_that_answers_is_shared_only_as_held() -> None:
    seen = model("reciprocity-provoking-uncertain")
    with pytest.raises(ValueError, match="does not answer"):
        Engine(seen, 1, Block.plain(0, 5), beside=Engine(seen, 1, Block.plain(0, 5)))
