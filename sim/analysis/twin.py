"""The twin of a policy: the same policy in the same world, which it sees perfectly."""

from __future__ import annotations

from dataclasses import replace

from sim.machine import Model
from sim.world import Signpost


def seen_perfectly(model: Model) -> Model:
    """The same model with every signpost exact and on the day: no delay, bias, error, smoothing or rounding.

    What a signpost measures stays: one that is a change over some days is the exact change. Run it `beside` the model, `held`
    where the world answers to the policy, so that both meet the same world.
    """
    exact = tuple(Signpost(each.name, each.unit, each.observes, change=each.change) for each in model.world.signposts)
    return replace(model, world=replace(model.world, signposts=exact))
