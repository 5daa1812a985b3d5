"""The engine agrees with the plain reference loop to the bit, run for run."""

from __future__ import annotations

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.draws import Block
from sim.engine import Engine
from sim.machine import Model
from sim.measures import strips
from sim.reference import walk
from tests.strategies import models

RUNS = (0, 1, 2, 5, 1023, 1024, 2050)
"""With gaps."""


def _block() -> Block:
    return Block(np.array([0, 1, 2, 5, 1023, 1024, 2050]), np.array([0, 1, 2, 5, 1023, 1024, 2050]))


@given(models(), st.integers(0, 2**64))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_engine_equals_reference(model: Model, seed: int) -> None:
    assert_engine_equals_reference(model, seed)


def assert_engine_equals_reference(model: Model, seed: int) -> None:
    """Every level, observation, phase and event of seven runs."""
    engine = Engine(model, seed, _block())
    traces = [walk(model, seed, run, run) for run in RUNS]
    for day in range(model.world.days):
        engine.step()
        for index, variable in enumerate(model.world.variables):
            expected = [trace.variables[variable.name][day] for trace in traces]
            np.testing.assert_array_equal(np.broadcast_to(engine.levels[index], 7), expected, f"{variable.name} on day {day}")
        for index, signpost in enumerate(model.world.signposts):
            expected = [trace.signposts[signpost.name][day] for trace in traces]
            np.testing.assert_array_equal(np.broadcast_to(engine.observed[index], 7), expected, f"{signpost.name} on day {day}")
        assert engine.phases.phase.tolist() == [trace.phases[day] for trace in traces], f"phases on day {day}"
    paths = engine.paths()
    np.testing.assert_array_equal(strips(paths, len(RUNS)), [trace.phases for trace in traces])
    events = [
        (int(run), int(day), int(decided), int(transition))
        for run, day, decided, transition in zip(paths.run, paths.day, paths.decided, paths.transition, strict=True)
    ]
    expected_events = [
        (run, change.day, change.decided, change.transition) for run, trace in enumerate(traces) for change in trace.changes
    ]
    assert sorted(events) == sorted(expected_events)
