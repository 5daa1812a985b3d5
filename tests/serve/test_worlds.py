"""A world that was stepped once, against the engine that steps it anew: on generated policies and worlds."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from sim.api.pairs import model_of
from sim.draws import Block
from sim.engine import Engine, Paths, simulate
from sim.library import Library
from sim.serve.worlds import stepped, watched
from sim.spec import guard
from tests.strategies import Files, files

RUNS = 30


def same(found: Paths, wanted: Paths) -> None:
    for field in dataclasses.fields(Paths):
        np.testing.assert_array_equal(getattr(found, field.name), getattr(wanted, field.name), err_msg=field.name)


@settings(max_examples=60, deadline=None, suppress_health_check=[*HealthCheck])
@given(files())
def test_a_policy_does_the_same_on_days_that_are_kept(pair: Files) -> None:
    model = pair.model
    runs = 1 if model.single_path else RUNS
    wanted = simulate(model, 7, Block.plain(0, runs))
    names = {name for each in model.machine.transitions for name in guard.names(each.guard)}
    days, paths = stepped(model, 7, RUNS, [*names])
    same(paths, wanted)
    if model.reactive:
        with pytest.raises(ValueError, match="does not answer"):
            days.met_by(model, RUNS)
    else:
        same(watched(model.world, 7, RUNS, [*names]).met_by(model, RUNS), wanted)


def test_shipped_policies_do_the_same() -> None:
    """Some of their guards ask how long a phase has lasted, or the median of several signposts."""
    library = Library([])
    policies = [each.name for each in library.entries("policy") if "/" not in each.name]
    models = [model_of(library.load_pair("ambiguous-intelligence-uncertain", each)) for each in policies]
    days = watched(models[0].world, 1, 200, [each.name for each in models[0].world.signposts])
    assert len(models) >= 8
    for model in models:
        same(days.met_by(model, 200), simulate(model, 1, Block.plain(0, 1 if model.single_path else 200)))
    assert days.size == sum(each.nbytes for each in days.seen.values()) > 200 * 365 * 8


def test_only_what_is_named_is_kept() -> None:
    model = model_of(Library([]).load_pair("surge-to-front-uncertain", "phased-approach"))
    days = watched(model.world, 1, 50, ["deployment_level"])
    assert [*days.seen] == ["deployment_level"]
    engine = Engine(model, 1, Block.plain(0, 50))
    for day in range(30):
        engine.step()
        np.testing.assert_array_equal(days.seen["deployment_level"][day], engine.observed[0])
