"""Each feature alone in a small world, so that a slip of the engine shows at once and names it: against the plain loop."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.draws import Block, Floats, Uniforms
from sim.engine import Engine, WorldState, simulate
from sim.machine import Model
from sim.measures import NEVER, days_in_phases, first_passages, strips, tally
from sim.reference import walk
from sim.world import World
from tests.engine.test_bits import assert_engine_equals_reference
from tests.strategies import Record
from tests.test_reference import daily, inject, model

UNSURE: Record = {"uniform": [0.2, 2.7]}
WALK: Record = {"path": {"day 0": 1}, "moves": {"w": {"walk": {"volatility": 0.8}}}}
SWING: Record = {"path": {"day 0": 1}, "moves": {"w": {"walk": {"volatility": 0.8, "pull": 0.6}}}}
"""Crosses the threshold every few days."""
RELATIVE: Record = {"path": {"day 0": 1}, "moves": {"w": {"walk": {"relative": True, "volatility": 0.8}}}}
UP: Record = {"from": "low", "to": "middle", "when": "x >= t"}
DOWN: Record = {"from": ["middle", "high"], "to": "low", "when": "x < t"}
ON: Record = {"from": "any", "to": "high", "when": "x >= 1.5 * t"}


def moving(days: int = 20, **move: Any) -> Model:
    return model({"x": {"path": {"day 0": 2, "day 5": 3}, "moves": {"m": move}}}, days=days)


def bounded(bounds: list[float], days: int = 20, **move: Any) -> Model:
    return model({"x": {"path": {"day 0": bounds[0]}, "bounds": bounds, "moves": {"m": move}}}, days=days)


def path(days: int = 14, **variable: Any) -> Model:
    return model({"x": variable}, days=days)


def seen(days: int = 20, **signpost: Any) -> Model:
    return model({"x": WALK}, days=days, signposts={"x": signpost})


def seen_plainly(**signpost: Any) -> Model:
    """A signpost of a variable that is the same in all runs."""
    return model({"x": daily([1, 4, 2, 8, 5, 7, 1, 4, 2, 8])}, days=10, signposts={"x": signpost})


def decided(transitions: Record, days: int = 40, t: Any = 1, phases: Record | None = None, **scenario: Any) -> Model:
    levels = {"t": t if isinstance(t, dict) and "dated" in t else {"value": t}}
    phases = phases or {"low": {}, "middle": {}, "high": {}}
    return model({"x": SWING}, days=days, thresholds=levels, transitions=transitions, phases=phases, **scenario)


ALL_WAYS: Record = {"up": UP, "on": ON, "down": DOWN}


def pushed(**reaction: Any) -> Model:
    return decided(ALL_WAYS, reactions={"r": {"while": "high", "after": 0, "push": {"x": -0.7}, **reaction}})


WORLDS: dict[str, Callable[[], Model]] = {
    "a step path": lambda: path(path={"day -2": 1, "day 3": 4, "day 9": 2}),
    "a linear path": lambda: path(path={"day -2": 1, "day 3": 4, "day 9": 2}, between="linear"),
    "a linear path of two unsure ends": lambda: path(path={"day 1": UNSURE, "day 9": {"normal": [4, 1]}}, between="linear"),
    "an unsure path": lambda: path(path={"day 0": UNSURE, "day 4": 3}),
    "a linear path between the largest numbers": lambda: path(path={"day 1": -1.7e308, "day 9": 1.7e308}, between="linear"),
    "drift": lambda: moving(walk={"drift": 0.3}),
    "unsure drift": lambda: moving(walk={"drift": UNSURE}),
    "volatility": lambda: moving(walk={"volatility": 0.5}),
    "unsure volatility and drift": lambda: moving(walk={"volatility": UNSURE, "drift": {"normal": [0, 1]}}),
    "pull alone": lambda: moving(walk={"pull": 0.25, "toward": 9}),
    "pull toward the path": lambda: moving(walk={"pull": 0.25, "volatility": 0.5}),
    "unsure pull": lambda: moving(walk={"pull": {"uniform": [0, 1]}, "toward": UNSURE}),
    "an unsure goal": lambda: moving(walk={"pull": 0.25, "toward": UNSURE}),
    "a goal without pull": lambda: moving(walk={"drift": 0.5, "toward": UNSURE}),
    "a relative walk": lambda: moving(walk={"relative": True, "drift": 0.05, "volatility": 0.2}),
    "a relative drift": lambda: moving(walk={"relative": True, "drift": 0.05}),
    "an unsure relative drift": lambda: moving(walk={"relative": True, "drift": {"uniform": [0, 0.1]}}),
    "a relative walk with pull": lambda: moving(walk={"relative": True, "volatility": 0.2, "pull": 0.5, "toward": 7}),
    "a relative walk of nothing beside one beyond all numbers": lambda: path(
        path={"day 0": 1},
        moves={"n": {"walk": {"relative": True, "drift": 0}}, "w": {"walk": {"relative": True, "drift": 1000}}},
    ),
    "a walk beyond all numbers": lambda: moving(walk={"relative": True, "drift": 1000}),
    "jumps of one size": lambda: moving(30, jumps={"rate": 0.3, "size": 1.5}),
    "rare jumps": lambda: moving(30, jumps={"rate": 0.02, "size": 1.5}),
    "many jumps a day": lambda: moving(30, jumps={"rate": 4, "size": {"normal": [0.5, 2]}}),
    "jumps of an unsure rate": lambda: moving(30, jumps={"rate": UNSURE, "size": {"exponential": 2}}),
    "no jumps": lambda: moving(jumps={"rate": 0, "size": 1}),
    "jumps of no size": lambda: moving(jumps={"rate": 1, "size": 0}),
    "a ladder": lambda: bounded([0, 4], ladder={"up": 0.4, "down": 0.3}),
    "a ladder of unsure chances": lambda: bounded([0, 4], ladder={"up": {"uniform": [0, 0.5]}, "down": {"uniform": [0, 0.5]}}),
    "a ladder rung by rung": lambda: bounded([0, 3], 60, ladder={"up": [0.9, 0.2, 0.7, 0.4], "down": [0.1, 0.5, 0.05, 0.6]}),
    "a ladder above its lowest rung": lambda: bounded([2, 4], 60, ladder={"up": [0.9, 0.2, 0.3], "down": [0, 0.6, 0.4]}),
    "a ladder that nobody climbs": lambda: bounded([0, 4], ladder={"up": 0, "down": 0}),
    "a ladder up only": lambda: bounded([0, 9], ladder={"up": 0.3, "down": 0}),
    "a ladder down only": lambda: model(
        {"x": {"path": {"day 0": 4}, "bounds": [0, 4], "moves": {"m": {"ladder": {"up": 0, "down": [0.3, 0.3, 0.3, 0.3, 0.3]}}}}},
        days=20,
    ),
    "a ladder of an undefined level": lambda: model(
        {
            "x": {
                "path": {"day 0": 0},
                "bounds": [0, 3],
                "moves": {
                    "m": {"ladder": {"up": [0.1, 0.9, 0.2, 0.8], "down": 0.5}},
                    "w": {"walk": {"relative": True, "drift": 1000}},
                },
            }
        },
    ),
    "a ladder off its rungs": lambda: model(
        {
            "x": {
                "path": {"day 0": 0},
                "bounds": [0, 3],
                "moves": {
                    "m": {"ladder": {"up": [0.1, 0.9, 0.2, 0.8], "down": [0.7, 0.1, 0.6, 0.2]}},
                    "w": {"walk": {"drift": 0.3}},
                },
            }
        },
        days=40,
    ),
    "two moves": lambda: path(
        path={"day 0": 1}, moves={"w": {"walk": {"volatility": 0.5}}, "j": {"jumps": {"rate": 0.3, "size": -2}}}
    ),
    "bounds": lambda: bounded([0, 1], walk={"volatility": 0.5}),
    "bounds of a certain drift": lambda: bounded([0, 1], walk={"drift": 0.3}),
    "bounds with a moving path": lambda: path(
        path={"day 0": 0, "day 4": 3, "day 8": 1}, between="linear", bounds=[0.5, 2], moves={"w": {"walk": {"volatility": 0.3}}}
    ),
    "bounds of a relative walk": lambda: path(
        path={"day 0": 2}, bounds=[1, 3], moves={"w": {"walk": {"relative": True, "volatility": 0.3}}}
    ),
    "bounds of many jumps": lambda: path(
        path={"day 0": 2}, bounds=[1, 3], moves={"j": {"jumps": {"rate": 1, "size": {"normal": [0.1, 0.7]}}}}
    ),
    "bounds of an unsure path": lambda: path(
        path={"day 0": UNSURE, "day 4": {"normal": [1, 1]}, "day 8": UNSURE},
        bounds=[0.5, 2],
        moves={"w": {"walk": {"volatility": 0.3}}},
    ),
    "adds": lambda: model(
        {"x": daily([1, 2, 3])},
        injects={"i": inject(0, add={"x": 2}), "j": inject(3, add={"x": UNSURE}), "k": inject(3, add={"x": 1})},
    ),
    "an add beyond all numbers on day 0": lambda: model(
        {"x": {"path": {"day 0": 1.7e308}}}, injects={"i": inject(0, add={"x": 1.7e308})}
    ),
    "sets": lambda: model({"x": WALK}, days=12, injects={"i": inject(4, set={"x": 7}), "j": inject(8, set={"x": UNSURE})}),
    "a set on day 0": lambda: model({"x": WALK}, injects={"i": inject(0, set={"x": 3.3})}),
    "a set beyond the bounds": lambda: model(
        {"x": {"path": {"day 0": 1}, "bounds": [0, 2]}}, injects={"i": inject(2, set={"x": {"uniform": [-3, 5]}})}
    ),
    "an unsure set alone": lambda: model({"x": daily([1, 2])}, injects={"i": inject(2, set={"x": UNSURE})}),
    "a set between moves of the path": lambda: model(
        {"x": {"path": {"day 0": 0.1, "day 3": 0.3, "day 6": 0.7}, "bounds": [0, 2]}},
        days=9,
        injects={"i": inject(2, set={"x": 1.1}), "j": inject(7, set={"x": 5 / 3})},
    ),
    "a set of a variable that jumps": lambda: model(
        {"x": {"path": {"day 0": 1.1}, "moves": {"j": {"jumps": {"rate": 0.1, "size": 0.7}}}}},
        days=30,
        injects={"i": inject(2, set={"x": 0.3}), "j": inject(12, set={"x": 7.7})},  # 1.1 + (7.7 - 1.1) is not quite 7.7
    ),
    "a set of a variable that may jump by nothing": lambda: model(
        {"x": {"path": {"day 0": 1.1}, "moves": {"j": {"jumps": {"rate": 0.3, "size": {"choice": [-1, 0, 1]}}}}}},
        days=30,
        injects={"i": inject(2, set={"x": 0.3}), "j": inject(12, set={"x": 5.3})},  # 1.1 + (0.3 - 1.1) is not quite 0.3
    ),
    "an unsure set on a level stretch of a line": lambda: model(
        {"x": {"path": {"day 0": 1.1, "day 9": 1.1, "day 12": 2}, "between": "linear"}},
        days=20,
        injects={"i": inject(2, set={"x": {"choice": [0.3, 5.3]}})},
    ),
    "a set of a relative walk to the least number there is": lambda: model(
        {"x": RELATIVE}, injects={"i": inject(2, set={"x": 5e-324})}
    ),
    "delay": lambda: seen(delay=3),
    "delay of a certain variable": lambda: seen_plainly(delay=3),
    "bias": lambda: seen(bias=0.7),
    "unsure bias": lambda: seen_plainly(bias=UNSURE),
    "error": lambda: seen(error={"sd": 0.5}),
    "unsure error": lambda: seen_plainly(error={"sd": UNSURE}),
    "lasting error": lambda: seen(error={"sd": 0.5, "memory": 4}),
    "an error that lasts a day": lambda: seen(error={"sd": 0.5, "memory": 1}),
    "an error of minus no memory": lambda: seen(error={"sd": 0.5, "memory": "-0 days"}),
    "an error of unsure memory": lambda: seen_plainly(error={"sd": 0.5, "memory": {"choice": [0, 1, 9]}}),
    "multiplicative error": lambda: seen(error={"log_sd": 0.3}),
    "an error that grows": lambda: model(
        {"x": WALK},
        days=12,
        signposts={"x": {"error": {"sd": 0.5, "memory": 2}}},
        injects={"i": inject(3, noise={"x": 4}), "j": inject(7, noise={"x": UNSURE}), "k": inject(9, noise={"x": 0})},
    ),
    "an error that grows on day 0": lambda: model(
        {"x": WALK}, signposts={"x": {"error": {"log_sd": 0.5}}}, injects={"i": inject(0, noise={"x": 3})}
    ),
    "a mean": lambda: seen(smooth={"mean": 4}),
    "a mean of a certain variable": lambda: seen_plainly(smooth={"mean": 3}),
    "a mean that hangs on its order": lambda: model({"x": RELATIVE}, days=20, signposts={"x": {"smooth": {"mean": 7}}}),
    "a mean of what is blurred": lambda: seen_plainly(smooth={"mean": 3}, error={"sd": 0.5}),
    "ewma": lambda: seen(smooth={"ewma": 0.3}),
    "ewma of a certain variable": lambda: seen_plainly(smooth={"ewma": 0.3}),
    "unsure ewma": lambda: seen_plainly(smooth={"ewma": {"uniform": [0.1, 0.9]}}),
    "change": lambda: seen(change=3),
    "change of a certain variable": lambda: seen_plainly(change=2),
    "rounded": lambda: seen(round="nearest"),
    "all of a signpost": lambda: seen(
        delay=1, bias=UNSURE, error={"sd": 0.5, "memory": 3}, smooth={"mean": 2}, change=2, round="nearest"
    ),
    "shared errors": lambda: model(
        {"x": WALK, "y": daily([1, 2, 3])},
        signposts={name: {"error": {"sd": sd, "shared": "allies"}} for name, sd in (("x", 0.5), ("y", 2))},
    ),
    "one variable, two signposts": lambda: model(
        {"x": WALK, "y": daily([1, 2])}, days=9, signposts={"late": {"observes": "x", "delay": 2}, "x": {"bias": 1}}
    ),
    "transitions": lambda: decided(ALL_WAYS),
    "an unsure threshold": lambda: decided(ALL_WAYS, t=UNSURE),
    "a dated threshold": lambda: decided(ALL_WAYS, t={"dated": {"day 3": 2, "day 20": 0.5}}),
    "a dated threshold that gets unsure": lambda: decided(ALL_WAYS, t={"dated": {"day 0": 2, "day 9": UNSURE}}),
    "confirm": lambda: decided({"up": {**UP, "confirm": 3}, "down": {**DOWN, "confirm": 2}}),
    "unsure confirm": lambda: decided({"up": {**UP, "confirm": {"uniform": [0, 4]}}, "down": DOWN}),
    "confirm of a certain world": lambda: model(
        {"x": daily([0, 1, 1, 0, 1, 1, 1, 0, 0, 1])},
        days=10,
        thresholds={"t": {"value": 1}},
        transitions={"up": {**UP, "confirm": 3}, "on": {**UP, "from": "middle", "to": "high", "confirm": {"choice": [1, 2, 3]}}},
    ),
    "confirm of no days": lambda: model(
        {"x": daily([0, 0, 1, 0, 1, 1])},
        thresholds={"t": {"value": 1}},
        transitions={"up": {**UP, "confirm": {"choice": [0, 2]}}},
    ),
    "confirm longer than the horizon": lambda: decided({"up": {**UP, "confirm": 90, "when": "x > -99"}, "on": ON}),
    "the longest confirm in a short world": lambda: decided({"up": {**UP, "confirm": 36_525, "when": "x > -99"}, "on": ON}),
    "confirm up to the last day": lambda: decided({"up": {**UP, "confirm": 3, "when": "x > -99"}}, days=3),
    "m of n days up to the last day": lambda: decided({"up": {**UP, "confirm": {"days": 3, "of": 3}, "when": "x > -99"}}, days=3),
    "m of n days": lambda: decided(
        {"up": {**UP, "confirm": {"days": 2, "of": 4}}, "down": {**DOWN, "confirm": {"days": 3, "of": 3}}}
    ),
    "one of n days": lambda: decided({"up": {**UP, "confirm": {"days": 1, "of": 3}}, "down": DOWN}),
    "lag": lambda: decided({"up": {**UP, "lag": 3}, "on": ON, "down": DOWN}),
    "unsure lag": lambda: decided({"up": {**UP, "lag": {"choice": [0, 0, 2, 50]}}, "on": {**ON, "lag": 1}, "down": DOWN}),
    "a lag of a day or none": lambda: decided({"up": {**UP, "lag": {"choice": [0, 1, 3]}}, "on": ON, "down": DOWN}),
    "revocable": lambda: decided({"up": {**UP, "lag": 4, "revocable": True}, "down": {**DOWN, "lag": 2, "revocable": True}}),
    "one of two is revocable": lambda: decided(
        {"up": {**UP, "lag": 4, "revocable": False}, "on": {**ON, "lag": 3}, "down": DOWN}
    ),
    "least stays": lambda: decided(ALL_WAYS, phases={"low": {"min_stay": 2}, "middle": {"min_stay": 4}, "high": {}}),
    "a least stay in every phase": lambda: decided(
        ALL_WAYS, phases={"low": {"min_stay": 2}, "middle": {"min_stay": 4}, "high": {"min_stay": 3}}
    ),
    "an unsure least stay": lambda: decided(
        ALL_WAYS, phases={"low": {}, "middle": {"min_stay": {"uniform": [0, 6]}}, "high": {"min_stay": 3}}
    ),
    "days in phase": lambda: decided(
        {**ALL_WAYS, "back": {"from": "any", "to": "low", "when": "days_in_phase >= 5 and x < 2 * t"}}
    ),
    "a push": lambda: pushed(),
    "a push after some days": lambda: pushed(after=3),
    "a push after unsure days": lambda: pushed(after={"uniform": [0, 5]}),
    "a push of unsure size": lambda: pushed(push={"x": {"uniform": [-1, 0]}}),
    "a push in every phase": lambda: pushed(**{"while": "any"}),
    "two pushes": lambda: decided(
        ALL_WAYS,
        reactions={
            "r": {"while": "high", "after": 0, "push": {"x": -0.7}},
            "s": {"while": ["low", "middle"], "after": 1, "push": {"x": 0.2}},
        },
    ),
    "a push of nothing": lambda: pushed(push={"x": 0}),
    "one phase": lambda: model({"x": WALK}, phases={"only": {}}),
    "a default": lambda: decided({"up": {**UP, "when": "absent >= t"}}, reads={"absent": {"default": UNSURE}}),
}


@pytest.mark.parametrize("world", WORLDS)
def test_as_the_plain_loop_has_it(world: str) -> None:
    assert_engine_equals_reference(WORLDS[world](), 7)


@pytest.mark.parametrize("runs", [1, 2])
@pytest.mark.parametrize("world", WORLDS)
def test_a_small_block_as_well(world: str, runs: int) -> None:
    """Where one run or two might be taken for a value that is the same in all."""
    made = WORLDS[world]()
    engine = Engine(made, 8, Block.plain(3, runs))
    for _ in range(made.world.days):
        engine.step()
    traces = [walk(made, 8, run, run) for run in range(3, 3 + runs)]
    assert strips(engine.paths(), runs).tolist() == [[*each.phases] for each in traces]
    for number, signpost in enumerate(made.world.signposts):
        last = [trace.signposts[signpost.name][-1] for trace in traces]
        np.testing.assert_array_equal(np.broadcast_to(engine.observed[number], runs), last)


@pytest.mark.parametrize(("up", "down", "expected"), [("u", 0, 0), ("more", 0, 1), (0, "rest", -1), (0, "less", 0)])
def test_a_rung_is_climbed_below_the_chance_and_left_from_one_minus_it_on(up: Any, down: Any, expected: int) -> None:
    """Chances that are the very number that is drawn, or the next to it."""
    u = float(Uniforms(1, "variables.x.moves.m", Block.plain(0, 1)).day(1)[0])
    chances = {"u": u, "more": u + 2.0**-32, "rest": 1 - u, "less": 1 - u - 2.0**-32, 0: 0}
    move = {"ladder": {"up": chances[up], "down": chances[down]}}
    made = model({"x": {"path": {"day 0": 2}, "bounds": [0, 4], "moves": {"m": move}}}, days=2)
    assert walk(made, 1, 0, 0).variables["x"][1] == 2 + expected
    engine = Engine(made, 1, Block.plain(0, 1))
    engine.step()
    engine.step()
    assert engine.levels[0].tolist() == [2 + expected]


def test_a_block_has_its_own_seed_and_what_is_given_in_place_of_draws() -> None:
    made = decided(ALL_WAYS, t=UNSURE)
    cases, replications = np.array([4, 4, 0, 1023]), np.array([1, 2, 2, 0])
    thresholds = np.array([0.5, 2.0, 1.0, 0.0])
    runs = list(zip(cases.tolist(), replications.tolist(), thresholds.tolist(), strict=True))
    for seed in (1, 2):
        drawn = strips(simulate(made, seed, Block(cases, replications)), 4)
        given = strips(simulate(made, seed, Block(cases, replications), {"thresholds.t.value": thresholds}), 4)
        assert drawn.tolist() != given.tolist()
        assert drawn.tolist() == [list(walk(made, seed, case, replication).phases) for case, replication, _ in runs]
        assert given.tolist() == [
            list(walk(made, seed, case, replication, {"thresholds.t.value": value}).phases) for case, replication, value in runs
        ]


def test_what_is_given_reaches_the_world_too() -> None:
    made = path(path={"day 0": UNSURE})
    given = {"variables.x.path.day 0": np.array([5.0, 6.0])}
    engine = Engine(made, 1, Block.plain(0, 2), given)
    engine.step()
    assert engine.levels[0].tolist() == [5, 6]


@pytest.mark.parametrize(
    "world",
    ["drift", "a goal without pull", "no jumps", "jumps of no size", "a ladder that nobody climbs"]
    + [f"{what} of a certain variable" for what in ("delay", "a mean", "ewma", "change")],
)
def test_what_is_the_same_in_all_runs_is_there_once(world: str) -> None:
    """Whoever reads levels and signposts can tell by the shape."""
    engine = Engine(WORLDS[world](), 1, Block.plain(0, 4))
    for _ in range(3):
        engine.step()
    assert (engine.levels[0].shape, engine.observed[0].shape) == ((1,), (1,))


def test_nobody_is_warned_of_a_threshold_drawn_beyond_all_numbers() -> None:
    """A warning is an error here; a run whose threshold is below all numbers is in the next phase at once."""
    made = decided(ALL_WAYS, t={"normal": [1.7e308, 1e308]})
    engine = Engine(made, 1, Block.plain(0, 6))
    engine.step()
    with np.errstate(over="ignore"):
        plainly = [walk(made, 1, run, run).phases[0] for run in range(6)]
    assert engine.phases.phase.tolist() == plainly == [0, 1, 0, 0, 0, 0]


@pytest.mark.parametrize("days", [32_767, 36_525])
def test_the_longest_waits_of_a_long_world_do_not_end_in_its_first_days(days: int) -> None:
    always = {"from": "low", "when": "x > -99"}
    waits = {
        "wait": {**always, "to": "middle", "confirm": 36_525},
        "late": {**always, "to": "high", "confirm": 2, "lag": 36_525},
    }
    engine = Engine(decided(waits, days=days), 1, Block.plain(0, 4))
    for _ in range(4):
        engine.step()
    assert engine.phases.phase.tolist() == [0] * 4
    assert engine.paths().run.size == 0


@pytest.mark.parametrize("world", ["transitions", "lag", "one phase"])
def test_what_is_measured_is_what_the_plain_loop_did(world: str) -> None:
    """From the engine's paths, those without a change among them, to days and first passages."""
    made, runs = WORLDS[world](), 5
    paths = simulate(made, 7, Block.plain(0, runs))
    traces = [walk(made, 7, run, run) for run in range(runs)]
    stood = np.array([trace.phases for trace in traces])
    phases = range(len(made.machine.phases))
    assert days_in_phases(paths).tolist() == [(stood == phase).sum(axis=1).tolist() for phase in phases]
    counts = tally(paths, len(made.machine.transitions))
    assert counts.occupancy.tolist() == [(stood == phase).sum(axis=0).tolist() for phase in phases]
    changes = [[(each.day, each.decided, trace.phases[each.day]) for each in trace.changes] for trace in traces]
    reached = [
        [
            next(((day, decided) for day, decided, to in each if to >= phase), (NEVER, NEVER)) if phase else (0, 0)
            for each in changes
        ]
        for phase in phases
    ]
    assert np.stack(first_passages(paths), axis=-1).tolist() == [[[*days] for days in row] for row in reached]


# Side by side -------------------------------------------------------------------------------------------------------------


def stepped(engines: list[Engine], days: int) -> list[list[list[float]]]:
    """Per day, of each engine the first level, the first signpost and the phases."""
    rows = []
    for _ in range(days):
        for engine in engines:
            engine.step()
        rows.append([[*each.levels[0].tolist(), *each.observed[0].tolist(), *each.phases.phase.tolist()] for each in engines])
    return rows


def test_an_engine_beside_another_meets_the_same_world_as_alone() -> None:
    one, other = decided(ALL_WAYS), decided({"up": {**UP, "confirm": 2}}, t=2)
    block = Block.plain(5, 6)
    first = Engine(one, 3, block)
    together = stepped([first, Engine(other, 3, block, beside=first)], 20)
    assert together == stepped([Engine(one, 3, block), Engine(other, 3, block)], 20)
    assert any(a[-6:] != b[-6:] for a, b in together)  # the two policies do part


def test_an_engine_beside_another_may_have_signposts_of_its_own() -> None:
    one, other = decided(ALL_WAYS), decided(ALL_WAYS, signposts={"x": {"error": {"sd": UNSURE}}})
    block = Block.plain(5, 6)
    for given in (None, {"signposts.x.error.sd": np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])}):
        first = Engine(one, 3, block, given)
        together = stepped([first, Engine(other, 3, block, given, beside=first)], 20)
        assert together == stepped([Engine(one, 3, block, given), Engine(other, 3, block, given)], 20)
        assert any(a[6:12] != b[6:12] for a, b in together)


class Recorded(WorldState):
    """What was seen of a world, day by day, and nothing of what is behind it."""

    def __init__(self, world: World, seen: list[list[Floats]]) -> None:
        self.world, self.day, self._seen = world, -1, seen

    @property
    def observed(self) -> list[Floats]:
        return self._seen[self.day]


def test_an_engine_may_meet_what_was_recorded_of_a_world() -> None:
    one, other = decided(ALL_WAYS), decided({"up": {**UP, "confirm": 2}}, t=2)
    first, alone = Engine(one, 3, Block.plain(5, 6)), Engine(other, 3, Block.plain(5, 6))
    seen = []
    for _ in range(20):
        first.step()
        alone.step()
        seen.append([each.copy() for each in first.observed])
    record = Recorded(one.world, seen)
    again = Engine(other, 3, Block.plain(5, 6), beside=SimpleNamespace(model=one, world=record))
    for day in range(20):
        record.day = day
        again.step()
    assert strips(again.paths(), 6).tolist() == strips(alone.paths(), 6).tolist()
    assert again.paths().run.size > 0


def test_a_world_that_answers_may_be_shared_only_as_held_and_answers_to_the_first_alone() -> None:
    one = pushed()
    never = decided({}, reactions={"r": {"while": "high", "after": 0, "push": {"x": -0.7}}})
    block = Block.plain(0, 6)
    with pytest.raises(ValueError, match=r"^only one world that does not answer to the policy can be shared$"):
        Engine(one, 3, block, beside=Engine(one, 3, block))
    first = Engine(one, 3, block)
    together = stepped([first, Engine(never, 3, block, beside=first, held=True)], 30)
    alone = stepped([Engine(one, 3, block)], 30)
    assert [day[0] for day in together] == [day[0] for day in alone]
    assert all(second[:12] == day[0][:12] for (_, second), day in zip(together, alone, strict=True))
    assert stepped([Engine(never, 3, block)], 30) != [[second] for _, second in together]


def test_a_world_held_may_be_seen_by_other_signposts() -> None:
    """It still answers to the first policy alone, which is seen by it as before."""
    one = pushed()
    late = decided(ALL_WAYS, reactions={"r": {"while": "high", "after": 0, "push": {"x": -0.7}}}, signposts={"x": {"delay": 1}})
    block = Block.plain(0, 6)
    first = Engine(one, 3, block)
    together = stepped([first, Engine(late, 3, block, beside=first, held=True)], 30)
    alone = [day[0] for day in stepped([Engine(one, 3, block)], 30)]
    assert [mine for mine, _ in together] == alone
    assert [held[:6] for _, held in together] == [each[:6] for each in alone]
    assert [held[6:12] for _, held in together[1:]] == [each[:6] for each in alone[:-1]]
    assert together[0][1][6:12] == alone[0][:6]


@pytest.mark.parametrize("held", [False, True])
def test_other_variables_cannot_be_shared(held: bool) -> None:
    block = Block.plain(0, 3)
    with pytest.raises(ValueError, match="shared"):
        Engine(seen(), 1, block, beside=Engine(moving(walk={"volatility": 0.8}), 1, block), held=held)


def test_days_are_counted_from_the_first_step() -> None:
    engine = Engine(decided(ALL_WAYS), 1, Block.plain(0, 3))
    assert (engine.day, engine.world.day) == (-1, -1)
    engine.step()
    assert (engine.day, engine.world.day) == (0, 0)
    engine.step()
    assert (engine.day, engine.world.day) == (1, 1)


@pytest.mark.parametrize("days", [2, 40])
def test_paths_are_of_the_days_so_far(days: int) -> None:
    made = decided(ALL_WAYS)
    engine = Engine(made, 1, Block.plain(0, 5))
    for _ in range(days):
        engine.step()
    paths = engine.paths()
    assert (paths.runs, paths.days, paths.phases, paths.initial) == (5, 40, 3, 0)
    for run in range(5):
        trace = walk(made, 1, run, run)
        changes = [each for each in trace.changes if each.day < days]
        mine = np.flatnonzero(paths.run == run)
        assert paths.day[mine].tolist() == [each.day for each in changes]
        before = [0, *(each.day for each in changes)]
        assert paths.entered[mine].tolist() == before[: len(changes)]
        assert paths.final_entered[run] == before[-1]
        assert paths.final_phase[run] == trace.phases[days - 1]
        stood = [0, *(trace.phases[each.day] for each in changes)]
        assert (paths.leaves[mine].tolist(), paths.enters[mine].tolist()) == (stood[:-1], stood[1:])
