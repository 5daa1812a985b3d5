"""The reference loop against design §3, sentence by sentence, with values worked out by hand; then its laws on random models."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.draws import Arrivals, Block, Normals, Uniforms, quantile, uniforms
from sim.machine import Model
from sim.reference import Lapse, Pending, Trace, walk
from sim.spec import guard
from sim.spec.values import Exponential, Uniform
from sim.world import CsvRows
from tests.strategies import START, Files, Record, files

RUN = Block(np.array([0]), np.array([0]))
PHASES: Record = {"low": {}, "middle": {}, "high": {}}


def model(
    variables: Record,
    *,
    days: int = 6,
    transitions: Record | None = None,
    thresholds: Record | None = None,
    phases: Record | None = None,
    reads: Record | None = None,
    tables: dict[str, CsvRows] | None = None,
    **scenario: Any,
) -> Model:
    """A model from the parts of files that matter to a test; units are left out."""
    world = {
        "kind": "scenario",
        "name": "s",
        "title": "S",
        "start": START.isoformat(),
        "days": days,
        "variables": {name: {"unit": "u", **each} for name, each in variables.items()},
        **scenario,
    }
    levels = {name: {"unit": "u", "grade": "assumed", **each} for name, each in (thresholds or {}).items()}
    policy = {
        "kind": "policy",
        "name": "p",
        "title": "P",
        "reads": {name: {"unit": "u", **each} for name, each in (reads or {}).items()},
        "phases": phases or PHASES,
        "thresholds": levels,
        "transitions": transitions or {},
    }
    return Files(policy, world, tables or {}).model


def one(variable: Record, days: int = 6, **scenario: Any) -> list[float]:
    """The true values of a single variable."""
    return list(run(model({"x": variable}, days=days, **scenario)).variables["x"])


def seen(values: list[float], signpost: Record) -> list[float]:
    """What a signpost shows of a variable that takes these values day by day."""
    return list(run(model({"x": daily(values)}, days=len(values), signposts={"x": signpost})).signposts["x"])


def daily(values: list[float]) -> Record:
    return {"path": {f"day {day}": value for day, value in enumerate(values)}}


def run(model: Model, seed: int = 1) -> Trace:
    return walk(model, seed, 0, 0)


def inject(day: int, **what: Any) -> Record:
    return {"on": f"day {day}", "title": "An event", **what}


def flat(**moves: Record) -> Record:
    return {"path": {"day 0": 2}, "moves": moves}


# 1. World: the path --------------------------------------------------------------------------------------------------------


def test_step_path_holds_the_last_waypoint_and_before_the_first_its_value() -> None:
    assert one({"path": {"day 2": 5, "day 4": 7}}) == [5, 5, 5, 5, 7, 7]


def test_waypoints_before_the_start_count() -> None:
    assert one({"path": {"day -3": 4, "day 1": 1}}, days=3) == [4, 1, 1]


def test_linear_path_between_waypoints() -> None:
    assert one({"path": {"day 1": 0, "day 5": 2}, "between": "linear"}, days=7) == [0, 0, 0.5, 1, 1.5, 2, 2]


def test_linear_path_takes_the_fraction_first_and_a_waypoint_as_written() -> None:
    path = one({"path": {"day -1": 0.1, "day 2": 3.3}, "between": "linear"}, days=4)
    assert path == [0.1 + (3.3 - 0.1) * (1 / 3), 0.1 + (3.3 - 0.1) * (2 / 3), 3.3, 3.3]


def test_path_from_a_table() -> None:
    rows = [(START, 1.0), (START + dt.timedelta(days=2), 4.0)]
    assert one({"path": {"csv": "x.csv"}}, days=4, tables={"x": rows}) == [1, 1, 4, 4]


def test_uncertain_waypoint_is_drawn_once_by_case_and_path() -> None:
    uncertain = model({"x": {"path": {"day 0": {"uniform": [3, 4]}}}}, days=3)
    u = uniforms(7, "variables.x.path.day 0", np.array([5]))
    expected = float(quantile(Uniform(uniform=(3.0, 4.0)), u)[0])
    assert walk(uncertain, 7, 5, 9).variables["x"] == (expected,) * 3
    assert walk(uncertain, 7, 5, 9, {"variables.x.path.day 0": 3.25}).variables["x"] == (3.25,) * 3


# 1. World: moves -----------------------------------------------------------------------------------------------------------


def test_drift_starts_on_day_1() -> None:
    assert one(flat(m={"walk": {"drift": 0.5}}), days=4) == [2, 2.5, 3, 3.5]


def test_rates_per_week_are_per_day() -> None:
    assert one(flat(m={"walk": {"drift": "3.5 per week"}}), days=3) == [2, 2.5, 3]


def test_pull_closes_a_share_of_the_gap_to_toward() -> None:
    assert one(flat(m={"walk": {"pull": 0.5, "toward": 4}}), days=4) == [2, 3, 3.5, 3.75]


def test_pull_is_by_default_toward_the_path_of_yesterday() -> None:
    variable = {"path": {"day 0": 0, "day 2": 8}, "moves": {"m": {"walk": {"pull": 0.5}}}}
    # an add of 4 on day 0: x 4; day 1 pulled by −2; day 2 path 8 but still pulled toward yesterday's 0, by −1
    assert one(variable, days=4, injects={"i": inject(0, add={"x": 4})}) == [4, 2, 8 + 1, 8 + 1 - 0.5]


def test_volatility_takes_the_normal_of_the_day() -> None:
    z = Normals(1, "variables.x.moves.m", RUN)
    expected = [2.0]
    d = 0.0
    for day in (1, 2, 3):
        d = d + float(np.float32(0.1) + np.float32(0.5) * z.day(day)[0])  # single precision until it joins the level
        expected.append(2 + d)
    assert one(flat(m={"walk": {"drift": 0.1, "volatility": 0.5}}), days=4) == expected


def test_relative_walk() -> None:
    grown = 2 + 2 * (float(np.exp(0.1)) - 1)
    assert one(flat(m={"walk": {"relative": True, "drift": 0.1}}), days=2) == [2, grown]


def test_relative_walk_keeps_its_pull_absolute() -> None:
    assert one(flat(m={"walk": {"relative": True, "pull": 0.5, "toward": 6}}), days=3) == [2, 4, 5]


def test_jumps_are_added_day_by_day() -> None:
    arrivals = Arrivals(1, "variables.x.moves.m", RUN, np.array([0.8]))
    expected, d = [2.0], 0.0
    for day in range(1, 20):
        d += 3.0 * arrivals.ahead(day).u.size
        expected.append(2 + d)
    assert one(flat(m={"jumps": {"rate": 0.8, "size": 3}}), days=20) == expected
    assert expected[-1] > 2


def test_a_size_distribution_is_drawn_for_each_jump() -> None:
    arrivals = Arrivals(1, "variables.x.moves.m", RUN, np.array([2.0]))
    expected, d = [2.0], 0.0
    for day in range(1, 10):
        for u in arrivals.ahead(day).u:
            d += float(quantile(Exponential(exponential=1.5), np.array([u]))[0])
        expected.append(2 + d)
    assert one(flat(m={"jumps": {"rate": 2, "size": {"exponential": 1.5}}}), days=10) == expected


def test_no_jumps_at_rate_0() -> None:
    assert one(flat(m={"jumps": {"rate": 0, "size": 3}})) == [2] * 6


def ladder(up: Any, down: Any, low: float = 0, high: float = 4) -> Record:
    return {"path": {"day 0": 2}, "bounds": [low, high], "moves": {"m": {"ladder": {"up": up, "down": down}}}}


def test_ladder_steps_by_one_uniform_a_day() -> None:
    u = Uniforms(1, "variables.x.moves.m", RUN)
    expected = [2.0]
    for day in range(1, 40):
        drawn = float(u.day(day)[0])
        expected.append(min(max(expected[-1] + (drawn < 0.25) - (drawn >= 1 - 0.5), 0), 4))
    assert one(ladder(0.25, 0.5), days=40) == expected
    assert len(set(expected)) > 2


def test_ladder_certain_chances() -> None:
    assert one(ladder(1, 0)) == [2, 3, 4, 4, 4, 4]
    assert one(ladder(0, 1)) == [2, 1, 0, 0, 0, 0]


def test_ladder_edges() -> None:
    u = float(Uniforms(1, "variables.x.moves.m", RUN).day(1)[0])
    assert 1 - (1 - u) == u
    assert one(ladder(u, 0), days=2) == [2, 2]  # +1 only if u < up
    assert one(ladder(0, 1 - u), days=2) == [2, 1]  # −1 if u ≥ 1 − down


def test_ladder_lists_are_indexed_by_the_rung_above_the_lower_bound() -> None:
    assert one(ladder([0, 0, 0, 1, 0], 0, -1, 3)) == [2, 3, 3, 3, 3, 3]
    assert one(ladder([0, 0, 1, 0, 1], 0, -1, 3)) == [2, 2, 2, 2, 2, 2]
    assert one(ladder([0, 0, 1, 1, 0], [0, 0, 0, 0, 1])) == [2, 3, 4, 3, 4, 3]


def test_ladder_list_of_a_level_between_rungs() -> None:
    variable = {**ladder([0, 1, 0], 0, 0, 2), "path": {"day 0": 0.5, "day 2": 1.5}}
    assert one(variable, days=5) == [0.5, 0.5, 1.5, 2, 2]


def test_moves_are_summed_in_file_order() -> None:
    moves = {"a": {"walk": {"drift": 0.1}}, "b": {"walk": {"drift": 0.2}}, "c": {"walk": {"drift": -0.3}}}
    d1 = 0.1 + 0.2 + -0.3
    assert one(flat(**moves), days=3) == [2, 2 + d1, 2 + (((d1 + 0.1) + 0.2) + -0.3)]


def test_moves_are_taken_at_yesterdays_level_not_at_each_others_sum() -> None:
    half = {"walk": {"pull": 0.5, "toward": 4}}
    assert one(flat(a=half, b=half), days=2) == [2, 4]


def test_waypoints_move_a_variable_by_their_difference() -> None:
    variable = {"path": {"day 0": 1, "day 2": 3}, "moves": {"m": {"walk": {"drift": 1}}}}
    assert one(variable, days=4) == [1, 2, 5, 6]


# 1. World: injects, bounds and what is carried -----------------------------------------------------------------------------


def test_adds_last_and_count_on_day_0() -> None:
    injects = {"a": inject(0, add={"x": 0.1}), "b": inject(0, add={"x": 0.2}), "c": inject(3, add={"x": -1})}
    start = 2 + (0.1 + 0.2)
    assert one(flat(), days=5, injects=injects) == [start, start, start, 2 + ((0.1 + 0.2) - 1), 2 + ((0.1 + 0.2) - 1)]


def test_set_replaces_and_stays() -> None:
    assert one(flat(), days=4, injects={"a": inject(1, set={"x": 5})}) == [2, 5, 5, 5]


def test_set_on_day_0() -> None:
    assert one(flat(m={"walk": {"drift": 1}}), days=3, injects={"a": inject(0, set={"x": 5})}) == [5, 6, 7]


def test_set_beats_add() -> None:
    injects = {"a": inject(1, set={"x": 5}), "b": inject(1, add={"x": 9})}
    assert one(flat(), days=3, injects=injects) == [2, 5, 5]


def test_after_a_set_waypoints_move_by_their_difference() -> None:
    variable = {"path": {"day 0": 2, "day 3": 4}}
    assert one(variable, days=5, injects={"a": inject(1, set={"x": 3})}) == [2, 3, 3, 5, 5]


def test_a_set_outside_the_bounds_is_clipped() -> None:
    variable = {**flat(), "bounds": [0, 4]}
    injects = {"a": inject(1, set={"x": {"uniform": [8, 9]}}), "b": inject(2, add={"x": -1})}
    assert one(variable, days=4, injects=injects) == [2, 4, 3, 3]


def test_clip_carries_only_the_rest() -> None:
    variable = {"path": {"day 0": 3}, "bounds": [0, 4]}
    injects = {"up": inject(1, add={"x": 10}), "down": inject(2, add={"x": -1.5})}
    assert one(variable, days=4, injects=injects) == [3, 4, 2.5, 2.5]


def test_clip_below() -> None:
    variable = {"path": {"day 0": 3}, "bounds": [1, 4]}
    injects = {"down": inject(0, add={"x": -10}), "up": inject(2, add={"x": 0.5})}
    assert one(variable, days=4, injects=injects) == [1, 1, 1.5, 1.5]


def test_path_under_a_clipped_level_moves_it() -> None:
    variable = {"path": {"day 0": 3, "day 2": 2}, "bounds": [0, 4]}
    assert one(variable, days=4, injects={"up": inject(1, add={"x": 10})}) == [3, 4, 3, 3]


@pytest.mark.parametrize(("path", "value"), [(0.1, 0.3), (3.3, 1.1), (2.7, 0.7), (0.7, 0.1), (0.9, 0.3), (1e16, 0.1)])
def test_a_set_value_stays_exactly_while_nothing_moves(path: float, value: float) -> None:
    variable = {"path": {"day 0": path}, "moves": {"m": {"walk": {}}}}
    assert one(variable, days=4, injects={"a": inject(1, set={"x": value}), "b": inject(3, add={"x": 0})})[1:] == [value] * 3


def test_a_set_value_is_path_plus_rest_again_once_something_moves() -> None:
    path, value = 1e16, 0.1
    injects = {"a": inject(1, set={"x": value}), "b": inject(2, add={"x": 2})}
    assert one({"path": {"day 0": path}}, days=3, injects=injects) == [path, value, path + ((value - path) + 2)]


def test_a_bound_stays_exactly_while_nothing_moves() -> None:
    variable = {"path": {"day 0": 0.1}, "bounds": [0, 3.3]}
    assert one(variable, days=4, injects={"a": inject(1, add={"x": 9})})[1:] == [3.3] * 3


def test_where_neither_clip_nor_set_changes_x_d_keeps_its_bits() -> None:
    variable = {"path": {"day 0": 0.3, "day 3": 0.1}, "moves": {}}
    # d = 0.1 + 0.2, not (0.3 + (0.1 + 0.2)) − 0.3
    injects = {"a": inject(0, add={"x": 0.1}), "b": inject(1, add={"x": 0.2}), "same": inject(2, set={"x": 0.3 + (0.1 + 0.2)})}
    assert one(variable, days=4, injects=injects) == [0.3 + 0.1, 0.3 + (0.1 + 0.2), 0.3 + (0.1 + 0.2), 0.1 + (0.1 + 0.2)]


# 1. World: pushes ----------------------------------------------------------------------------------------------------------

LOOK: Record = {"clock": {"path": {f"day {day}": day for day in range(30)}}}


def at(day: int, from_: Any, to: str, **more: Any) -> Record:
    """A transition whose guard holds on one day only."""
    return {"from": from_, "to": to, "when": f"clock == {day}", **more}


def timed(transitions: Record, days: int = 10, **more: Any) -> Trace:
    return run(model(LOOK | more.pop("variables", {}), days=days, transitions=transitions, **more))


def pushed(reaction: Record, days: int = 8) -> list[float]:
    """A variable under one reaction, while the policy stands in `middle` from day 2 to day 4."""
    transitions = {"up": at(2, "low", "middle"), "down": at(5, "middle", "low")}
    trace = timed(transitions, days, variables={"x": flat()}, reactions={"r": {"push": {"x": 1}, **reaction}})
    assert trace.phases == (0, 0, 1, 1, 1, 0, 0, 0)[:days]
    return list(trace.variables["x"])


def test_a_push_follows_the_phase_at_the_end_of_yesterday() -> None:
    assert pushed({"while": "middle"}) == [2, 2, 2, 3, 4, 5, 5, 5]


def test_a_push_waits_for_its_days_in_phase_then() -> None:
    assert pushed({"while": "middle", "after": 1}) == [2, 2, 2, 2, 3, 4, 4, 4]
    assert pushed({"while": "middle", "after": 2}) == [2, 2, 2, 2, 2, 3, 3, 3]
    assert pushed({"while": "middle", "after": 3}) == [2] * 8


def test_a_push_while_any_or_a_list() -> None:
    assert pushed({"while": "any"}) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert pushed({"while": ["low", "high"], "after": 1}) == [2, 2, 3, 3, 3, 3, 3, 4]


def test_days_in_phase_of_a_push_count_from_entry() -> None:
    assert pushed({"while": "any", "after": 2}) == [2, 2, 2, 2, 2, 3, 3, 3]


def test_moves_then_pushes_then_adds() -> None:
    x = {"path": {"day 0": 0}, "moves": {"m": {"walk": {"drift": 0.1}}}}
    push = {"r": {"while": "any", "push": {"x": 0.2}}, "s": {"while": "any", "push": {"x": -0.3}}}
    trace = timed({}, 2, variables={"x": x}, reactions=push, injects={"i": inject(1, add={"x": 0.6})})
    assert trace.variables["x"][1] == ((0.1 + 0.2) + -0.3) + 0.6  # any other order of the three kinds ends in another bit


# 2. Signposts --------------------------------------------------------------------------------------------------------------

RISE = [1.0, 2, 4, 8, 16, 32]


def test_an_unobserved_variable_is_seen_exactly_on_the_day() -> None:
    trace = run(model({"x": daily(RISE)}))
    assert trace.signposts == {"x": tuple(RISE)}


def test_delay() -> None:
    assert seen(RISE, {"delay": 2}) == [1, 1, 1, 2, 4, 8]


def test_bias() -> None:
    assert seen(RISE, {"bias": -0.5}) == [0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


def test_trailing_mean_fewer_at_the_start() -> None:
    assert seen([1, 3, 5, 10, 0], {"smooth": {"mean": 3}}) == [1, 2, 3, 6, 5]


def test_mean_is_taken_from_the_oldest() -> None:
    v = [0.1, 0.7, 0.2]
    assert seen(v, {"smooth": {"mean": 3}})[2] == 0.1 + (((0.0 + 0.0) + (0.7 - 0.1)) + (0.2 - 0.1)) / 3


def test_a_smoothed_constant_comes_out_unchanged() -> None:
    assert seen([3.3] * 9, {"smooth": {"mean": 7}}) == [3.3] * 9
    assert seen([3.3] * 9, {"smooth": {"ewma": 0.1}}) == [3.3] * 9


def test_ewma() -> None:
    assert seen([4, 8, 0], {"smooth": {"ewma": 0.25}}) == [4, 5, 3.75]


def test_change() -> None:
    assert seen(RISE, {"change": 2}) == [0, 1, 3, 6, 12, 24]


def test_round_half_up() -> None:
    assert seen([0.5, 1.5, 2.4, -0.5, -1.5, -0.6], {"round": "nearest"}) == [1, 2, 2, 0, -1, -1]


def test_order_delay_bias_smooth_change_round() -> None:
    signpost = {"delay": 1, "bias": 0.25, "smooth": {"mean": 2}, "change": 1, "round": "nearest"}
    # v 1.25 1.25 3.25 6.25, s 1.25 1.25 2.25 4.75, change 0 0 1 2.5
    assert seen([1, 3, 6, 9], signpost) == [0, 0, 1, 3]


def test_fresh_additive_error_from_day_0() -> None:
    z = Normals(1, "signposts.x.error", RUN)
    assert seen([2] * 20, {"error": {"sd": 0.5}}) == [2 + 0.5 * float(z.day(day)[0]) for day in range(20)]


def lasting(noise: str, memory: float, days: int) -> list[float]:
    z = Normals(1, noise, RUN)
    rho = math.exp(-1 / memory)
    e = [float(z.day(0)[0])]
    for day in range(1, days):
        e.append(rho * e[-1] + math.sqrt(1 - rho * rho) * float(z.day(day)[0]))
    return e


def test_lasting_multiplicative_error() -> None:
    expected = [2 * math.exp(0.3 * e) for e in lasting("signposts.x.error", 5, 20)]
    assert seen([2] * 20, {"error": {"log_sd": 0.3, "memory": 5}}) == pytest.approx(expected, rel=1e-6)


def test_shared_errors_are_the_same_draw_scaled() -> None:
    signposts = {
        "x": {"error": {"sd": 1, "memory": 5, "shared": "allies"}},
        "y": {"error": {"sd": 3, "memory": 5, "shared": "allies"}},
        "z": {"error": {"sd": 1, "memory": 5}},
    }
    names = {name: {"path": {"day 0": 0}} for name in "xyz"}
    shown = run(model(names, days=20, signposts=signposts)).signposts
    assert shown["x"] == pytest.approx(lasting("shared.allies", 5, 20), rel=1e-6, abs=1e-6)
    assert shown["y"] == pytest.approx([3 * x for x in shown["x"]], rel=1e-6)
    assert shown["z"] != shown["x"]


def test_the_error_comes_before_smoothing_and_after_bias() -> None:
    e = seen([2] * 6, {"error": {"log_sd": 0.5}, "bias": 1})
    assert seen([2] * 6, {"error": {"log_sd": 0.5}, "bias": 1, "smooth": {"ewma": 0.5}})[1] == e[0] + 0.5 * (e[1] - e[0])
    assert e == pytest.approx([1.5 * each for each in seen([2] * 6, {"error": {"log_sd": 0.5}})], rel=1e-6)


def test_signposts_are_not_clipped() -> None:
    variable = {"path": {"day 0": 4}, "bounds": [0, 4]}
    assert run(model({"x": variable}, days=1, signposts={"x": {"bias": 3}})).signposts["x"] == (7,)


def test_several_signposts_of_one_variable() -> None:
    shown = run(model({"x": daily([1, 2])}, days=2, signposts={"late": {"observes": "x", "delay": 1}, "x": {}})).signposts
    assert shown == {"late": (1, 1), "x": (1, 2)}


# 3. Guards -----------------------------------------------------------------------------------------------------------------


def holds(text: str, **values: float) -> bool:
    """Does a guard hold on day 0?"""
    variables = {name: {"path": {"day 0": value}} for name, value in values.items()}
    transitions = {"go": {"from": "low", "to": "high", "when": text}}
    return run(model(variables or LOOK, days=1, transitions=transitions)).guards[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a < b", True),
        ("a >= b", False),
        ("a == 1", True),
        ("a != 1", False),
        ("a <= 1 and b > 1", True),
        ("a > 1 or b > 1", True),
        ("not a > 1", True),
        ("not (a < b and b < c)", False),
        ("a < b < c", True),
        ("a < b > c", False),
        ("c > b > a == 1", True),
        ("a + b * c == 7", True),
        ("(a + b) * c == 9", True),
        ("c - b - a == 0", True),
        ("c / b == 1.5", True),
        ("-a + b == 1", True),
        ("min(c, a, b) == 1", True),
        ("max(c, a, b) == 3", True),
        ("median(c, a, b) == 2", True),
        ("median(c, a) == 2", True),
        ("median(4, a, 10, b) == 3", True),
        ("abs(a - c) == 2", True),
    ],
)
def test_guard_words(text: str, expected: bool) -> None:
    assert holds(text, a=1, b=2, c=3) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a / z > 0", False),
        ("a / z <= 0", False),
        ("not a / z > 0", True),
        ("not (a / z > 0 or a / z <= 0)", True),
        ("0 < a < a / z", False),
        ("a / z != 1", False),
        ("a == 1 or a / z > 0", True),
        ("a == 1 and not a / z > 0", True),
        ("max(a, a / z) == 1", False),
        ("z / z == 1", False),
        ("a / (0 * a) > 0", False),
        ("a / -z > 0", False),
        ("0 / a == 0", True),
        ("1e308 * 10 > 1", True),
        ("1e308 * 10 - 1e308 * 10 == 0", False),
        ("not 1e308 * 10 - 1e308 * 10 >= 0", True),
    ],
)
def test_a_comparison_over_a_division_by_zero_is_false_as_a_whole(text: str, expected: bool) -> None:
    assert holds(text, a=1, z=0) is expected


def test_guards_see_signposts_only() -> None:
    variables = {"x": daily([0, 5, 5, 5])}
    transitions = {"go": {"from": "low", "to": "high", "when": "x >= 5"}}
    assert run(model(variables, days=4, transitions=transitions, signposts={"x": {"delay": 2}})).phases == (0, 0, 0, 2)


def test_guards_are_evaluated_every_day_whatever_the_phase() -> None:
    trace = timed({"go": at(3, "high", "low"), "up": {"from": "low", "to": "middle", "when": "clock >= 2"}}, 5)
    assert trace.guards == ((False, False, False, True, False), (False, False, True, True, True))


def test_the_same_literal_compares_equal() -> None:
    transitions = {"go": {"from": "low", "to": "high", "when": "x >= level"}}
    thresholds = {"level": {"value": 3.3}}
    for smooth in ({}, {"smooth": {"mean": 7}}, {"smooth": {"ewma": 0.3}}):
        variables = {"x": {"path": {"day 0": 3.3}, "moves": {"m": {"walk": {"pull": 0.1}}}}}
        built = model(variables, transitions=transitions, thresholds=thresholds, signposts={"x": smooth})
        assert run(built).guards == ((True,) * 6,)


def test_dated_thresholds_and_the_first_before_its_date() -> None:
    thresholds = {"level": {"dated": {"day 2": 5, "2024-10-28": 1}}}
    transitions = {"go": {"from": "low", "to": "high", "when": "level == 5"}}
    assert run(model(LOOK, transitions=transitions, thresholds=thresholds)).guards == ((True,) * 4 + (False,) * 2,)


def test_a_default_stands_in_for_a_missing_signpost_only() -> None:
    reads = {"clock": {"default": 99}, "absent": {"default": 7}}
    transitions = {"go": {"from": "low", "to": "high", "when": "absent == 7 and clock == 1"}}
    trace = run(model(LOOK, days=3, transitions=transitions, reads=reads))
    assert trace.guards == ((False, True, False),)
    assert trace.changes[0].observed == {"absent": 7, "clock": 1}
    assert trace.changes[0].true == {"clock": 1}


def test_days_in_phase_before_the_decision_of_the_day() -> None:
    trace = timed({"up": at(2, "low", "middle"), "on": {"from": "middle", "to": "high", "when": "days_in_phase >= 3"}}, 8)
    assert trace.guards[1] == (False, False, False, False, False, True, False, False)
    assert trace.phases == (0, 0, 1, 1, 1, 2, 2, 2)


# 3. Confirm ----------------------------------------------------------------------------------------------------------------


def confirmed(held: list[int], confirm: Any) -> int | None:
    """The day on which a guard that holds on some days is confirmed."""
    transitions = {"go": {"from": "low", "to": "high", "when": "x > 0", "confirm": confirm}}
    changes = run(model({"x": daily([float(each) for each in held])}, days=len(held), transitions=transitions)).changes
    return changes[0].day if changes else None


@pytest.mark.parametrize(
    ("held", "confirm", "day"),
    [
        ([0, 1, 1, 1], 1, 1),
        ([0, 1, 1, 1], 0, 1),
        ([1, 0, 1, 1, 1], 3, 4),
        ([1, 1, 0, 1], 3, None),
        ([1, 1, 1], 3, 2),
        ([1, 1, 1], "3 days", 2),
        ([1, 1, 1], 4, None),
        ([1, 0, 1, 0], {"days": 2, "of": 3}, 2),
        ([1, 0, 0, 1, 1], {"days": 2, "of": 3}, 4),
        ([1, 1, 0, 0], {"days": 2, "of": 2}, 1),
        ([1, 0, 0, 0], {"days": 1, "of": 3}, 0),
        ([0, 0], {"days": 1, "of": 2}, None),
    ],
)
def test_confirm(held: list[int], confirm: Any, day: int | None) -> None:
    assert confirmed(held, confirm) == day


def test_in_a_window_today_need_not_be_one_of_the_days() -> None:
    transitions = {
        "up": {"from": "low", "to": "middle", "when": "x > 0", "confirm": {"days": 2, "of": 4}},
        "down": {"from": "middle", "to": "low", "when": "x < 0"},
    }
    trace = run(model({"x": daily([1, 1, -1, 0, 0])}, days=5, transitions=transitions))
    assert trace.phases == (0, 1, 0, 1, 1)
    assert [change.held_since for change in trace.changes] == [0, 2, 0]


def test_a_window_held_since_its_own_first_day() -> None:
    phases = {"low": {"min_stay": 2}, "middle": {}, "high": {}}
    go = {"from": "low", "to": "high", "when": "clock >= 0", "confirm": {"days": 1, "of": 2}}
    assert [(change.day, change.held_since) for change in timed({"go": go}, 4, phases=phases).changes] == [(2, 1)]


def test_confirm_counts_what_the_world_showed_not_where_the_policy_stood() -> None:
    transitions = {
        "up": {"from": "low", "to": "middle", "when": "clock >= 3"},
        "on": {"from": "middle", "to": "high", "when": "clock >= 0", "confirm": 4},
    }
    trace = timed(transitions, 6)
    assert trace.phases == (0, 0, 0, 1, 2, 2)
    assert trace.changes[1].held_since == 0


def test_a_drawn_confirm_rounds_half_up_and_is_at_least_1() -> None:
    transitions = {"go": {"from": "low", "to": "high", "when": "clock >= 2", "confirm": {"uniform": [0, 9]}}}
    uncertain = model(LOOK, days=12, transitions=transitions)
    path = "transitions.go.confirm"
    effect = {drawn: walk(uncertain, 1, 0, 0, {path: drawn}).changes[0].day for drawn in (0.0, 0.4, 1.4, 1.5, 2.5, 4.0)}
    assert effect == {0.0: 2, 0.4: 2, 1.4: 2, 1.5: 3, 2.5: 4, 4.0: 5}


# 4. Pending ----------------------------------------------------------------------------------------------------------------


def test_lag_counts_from_the_decision_to_the_effect() -> None:
    trace = timed({"go": at(2, "low", "high", lag=3)}, 7)
    assert trace.phases == (0, 0, 0, 0, 0, 2, 2)
    assert (trace.changes[0].decided, trace.changes[0].day) == (2, 5)
    assert trace.pending is None


def test_pending_at_the_end() -> None:
    trace = timed({"go": at(2, "low", "high", lag=3)}, 5)
    assert trace.phases == (0,) * 5
    assert trace.pending == Pending(0, 2, 5)
    assert trace.changes == ()


def test_nothing_is_decided_while_something_is_pending() -> None:
    trace = timed({"slow": at(1, "low", "middle", lag=4), "fast": {"from": "low", "to": "high", "when": "clock >= 2"}}, 7)
    assert trace.phases == (0, 0, 0, 0, 0, 1, 1)


def test_nothing_is_decided_on_the_day_that_a_pending_one_happens() -> None:
    trace = timed({"go": at(1, "low", "middle", lag=2), "on": {"from": "middle", "to": "high", "when": "clock >= 0"}}, 6)
    assert trace.phases == (0, 0, 0, 1, 2, 2)


def revoked(held: list[int], **more: Any) -> Trace:
    transitions = {"go": {"from": "low", "to": "high", "when": "x > 0", "lag": 2, "revocable": True, **more}}
    return run(model({"x": daily([float(each) for each in held])}, days=len(held), transitions=transitions))


def test_a_revocable_one_lapses_when_its_guard_is_false() -> None:
    trace = revoked([1, 0, 0, 0])
    assert (trace.phases, trace.lapsed, trace.pending) == ((0, 0, 0, 0), (Lapse(1, 0),), None)


def test_a_revocable_one_lapses_first_on_the_day_of_effect() -> None:
    trace = revoked([1, 1, 0, 0])
    assert (trace.phases, trace.lapsed) == ((0, 0, 0, 0), (Lapse(2, 0),))


def test_a_revocable_one_happens_when_its_guard_holds_throughout() -> None:
    assert revoked([1, 1, 1, 0]).phases == (0, 0, 2, 2)


def test_a_lapsed_one_is_decided_anew_from_the_next_day() -> None:
    trace = revoked([1, 0, 1, 1, 1])
    assert trace.phases == (0, 0, 0, 0, 2)
    assert trace.changes[0].decided == 2


def test_nothing_is_decided_on_the_day_of_a_lapse() -> None:
    transitions = {
        "go": {**at(1, "low", "high"), "lag": 5, "revocable": True},
        "other": {"from": "low", "to": "middle", "when": "clock >= 2"},
    }
    trace = timed(transitions, 5)
    assert (trace.phases, trace.lapsed) == ((0, 0, 0, 1, 1), (Lapse(2, 0),))


def test_a_lapse_looks_at_the_guard_not_at_its_confirmation() -> None:
    window = {"days": 1, "of": 3}
    assert revoked([1, 0, 0, 0, 0], confirm=window, lag=1).lapsed == (Lapse(1, 0), Lapse(3, 0))
    assert revoked([0, 1, 1, 1, 1], confirm=2).phases == (0, 0, 0, 0, 2)


def test_the_guard_on_the_day_of_decision_does_not_revoke() -> None:
    window = {"confirm": {"days": 2, "of": 3}, "lag": 2, "revocable": True}
    go = {"from": "low", "to": "high", "when": "x > 0", **window}
    phases = {"low": {"min_stay": 2}, "middle": {}, "high": {}}
    # min_stay puts the decision on day 2, when the window is confirmed and the guard false; it holds again on days 3 and 4
    trace = run(model({"x": daily([1, 1, 0, 1, 1])}, days=5, transitions={"go": go}, phases=phases))
    assert (trace.phases, trace.changes[0].decided, trace.lapsed) == ((0, 0, 0, 0, 2), 2, ())


def test_one_that_is_not_revocable_happens_whatever_its_guard() -> None:
    assert revoked([1, 0, 0, 0], revocable=False).phases == (0, 0, 2, 2)


# 5. Deciding ---------------------------------------------------------------------------------------------------------------


def test_the_first_confirmed_in_file_order_is_taken() -> None:
    always = {"from": "low", "when": "clock >= 1"}
    assert timed({"a": {**always, "to": "high"}, "b": {**always, "to": "middle"}}, 3).phases == (0, 2, 2)
    assert timed({"b": {**always, "to": "middle"}, "a": {**always, "to": "high"}}, 3).phases == (0, 1, 1)


def test_one_change_a_day() -> None:
    always = {"when": "clock >= 0"}
    trace = timed({"a": {**always, "from": "low", "to": "middle"}, "b": {**always, "from": "middle", "to": "high"}}, 3)
    assert trace.phases == (1, 2, 2)


def test_lists_and_any_and_stepping_down() -> None:
    transitions = {
        "up": at(1, ["low", "middle"], "high"),
        "down": at(3, "any", "low"),
        "again": at(5, ["low", "middle"], "middle"),
    }
    assert timed(transitions, 7).phases == (0, 2, 2, 0, 0, 1, 1)


def test_any_does_not_enter_the_phase_again() -> None:
    trace = timed({"go": {"from": "any", "to": "high", "when": "clock >= 1"}}, 5)
    assert [change.day for change in trace.changes] == [1]


def test_min_stay_counts_from_day_0_and_from_entry() -> None:
    phases = {"low": {"min_stay": 2}, "middle": {"min_stay": "3 days"}, "high": {}}
    always = {"when": "clock >= 0"}
    transitions = {"a": {**always, "from": "low", "to": "middle"}, "b": {**always, "from": "middle", "to": "high"}}
    assert timed(transitions, 7, phases=phases).phases == (0, 0, 1, 1, 1, 2, 2)


def test_min_stay_holds_the_decision_not_the_confirmation() -> None:
    phases = {"low": {"min_stay": 3}, "middle": {}, "high": {}}
    go = {"from": "low", "to": "high", "when": "clock >= 0", "confirm": 3, "lag": 1}
    trace = timed({"go": go}, 6, phases=phases)
    assert trace.phases == (0, 0, 0, 0, 2, 2)
    assert trace.changes[0].decided == 3


def test_a_change_tells_what_was_known_on_the_day_of_decision() -> None:
    go = {"from": "low", "to": "high", "when": "x >= level and clock > 0", "confirm": 2, "lag": 2}
    built = model(
        {"x": daily([5, 6, 7, 8, 9, 10]), "clock": LOOK["clock"]},
        transitions={"go": go},
        thresholds={"level": {"dated": {"day 0": 4, "day 3": 1}}},
        signposts={"x": {"delay": 1, "bias": -1}},
    )
    change = run(built).changes[0]
    assert (change.day, change.decided, change.from_phase, change.to_phase, change.transition) == (4, 2, 0, 2, 0)
    assert (change.held_since, change.days_in_phase) == (1, 2)
    assert (change.observed, change.true, change.thresholds) == ({"x": 5, "clock": 2}, {"x": 7, "clock": 2}, {"level": 4})


# Laws on random models -----------------------------------------------------------------------------------------------------

random_models = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
seeds = st.integers(0, 3)


@random_models
@given(files(), seeds)
def test_only_declared_transitions_are_taken_at_most_one_a_day(pair: Files, seed: int) -> None:
    model = pair.model
    trace = run(model, seed)
    days = [change.day for change in trace.changes]
    assert days == sorted(set(days))
    phase = model.machine.initial
    by_day = {change.day: change for change in trace.changes}
    for day, now in enumerate(trace.phases):
        if day in by_day:
            taken = model.machine.transitions[by_day[day].transition]
            assert taken.leaves[phase]
            assert (by_day[day].from_phase, by_day[day].to_phase) == (phase, taken.to)
            phase = taken.to
        assert now == phase


@random_models
@given(files(), seeds)
def test_min_stay_is_respected(pair: Files, seed: int) -> None:
    stays = {f"phases.p{index}.min_stay": 3.4 for index in range(4)}
    model = pair.model
    entered = 0
    for change in walk(model, seed, 0, 0, stays).changes:
        stay = model.machine.phases[change.from_phase].min_stay
        assert change.decided - entered >= (3 if stay.fixed is None else stay.fixed)
        assert change.decided - entered == change.days_in_phase
        entered = change.day


@random_models
@given(files(), seeds)
def test_a_trace_is_consistent(pair: Files, seed: int) -> None:
    model = pair.model
    trace = run(model, seed)
    days = model.world.days
    assert len(trace.phases) == days
    assert all(len(series) == days for series in (*trace.variables.values(), *trace.signposts.values(), *trace.guards))
    for variable in model.world.variables:
        assert all(variable.low <= x <= variable.high for x in trace.variables[variable.name])
    for change in trace.changes:
        held = trace.guards[change.transition]
        assert change.held_since <= change.decided <= change.day < days
        assert held[change.held_since]
        if model.machine.transitions[change.transition].window is None:
            assert all(held[change.held_since : change.decided + 1])
            assert change.held_since == 0 or not held[change.held_since - 1]
        assert all(trace.signposts.get(name, {change.decided: x})[change.decided] == x for name, x in change.observed.items())
        assert all(trace.variables[name][change.decided] == x for name, x in change.true.items())
        used = set(guard.names(model.machine.transitions[change.transition].guard)) - {guard.DAYS_IN_PHASE}
        assert used == {*change.observed, *change.thresholds}
    assert all(not trace.guards[lapse.transition][lapse.day] for lapse in trace.lapsed)
    assert trace.pending is None or trace.pending.decided < days <= trace.pending.due


@random_models
@given(files(), seeds)
def test_a_signpost_without_anything_shows_the_truth(pair: Files, seed: int) -> None:
    trace = run(pair.model, seed)
    observed = {each.get("observes", name) for name, each in pair.scenario["signposts"].items()}
    for name in trace.variables.keys() - observed:
        assert trace.signposts[name] == trace.variables[name]


@random_models
@given(files())
def test_random_guards_have_units_that_fit(pair: Files) -> None:
    units = {name: each["unit"] for name, each in (pair.policy["reads"] | pair.policy["thresholds"]).items()}
    for transition in pair.model.machine.transitions:
        assert guard.check_units(transition.guard, {**units, guard.DAYS_IN_PHASE: "days"}) == []


@random_models
@given(files(), seeds)
def test_the_same_run_twice_is_the_same(pair: Files, seed: int) -> None:
    assert repr(walk(pair.model, seed, 3, 5)) == repr(walk(pair.model, seed, 3, 5))
