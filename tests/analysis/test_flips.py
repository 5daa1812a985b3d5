"""The nearest flips, held against brute force: the files themselves changed, compiled again and walked by the plain loop."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import reference
from sim.analysis.explain.records import Event, Explanation, Flip, Search
from sim.analysis.explain.told import explained
from sim.analysis.explain.varied import simplest, simplest_beyond
from sim.analysis.explain.words import changed, effect, where
from sim.machine import Model, bind, compile_machine
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.world import compile_world
from tests.analysis.test_explain import policy, up, world
from tests.strategies import START, Files, files

Path = tuple[Event, ...]
_GRID = 7
"""values tried between a number and its flip"""


def compiled(pair: Files) -> tuple[Policy, Model]:
    read = Policy.model_validate(pair.policy)
    return read, bind(compile_world(Scenario.model_validate(pair.scenario), pair.tables), compile_machine(read, START))


def told(pair: Files, run: int = 0) -> Explanation:
    read, model = compiled(pair)
    return explained(read, model, reference.walk(model, 1, run, run), {}, seed=1, run=run)


def walked(pair: Files, run: int) -> Path:
    _, model = compiled(pair)
    return tuple(Event(each.transition, each.decided, each.day) for each in reference.walk(model, 1, run, run).changes)


def written(pair: Files, path: str, value: float) -> Files:
    """The pair with one number of the policy's file another one."""
    record = copy.deepcopy(pair.policy)
    at: Any = record
    *way, last = path.split(".")
    for part in way:
        at = at[part]
    at[last] = int(value) if way[0] == "transitions" else value
    return replace(pair, policy=record)


def every_flip(explanation: Explanation) -> Iterator[tuple[Search, Flip, bool]]:
    """(search, flip, whether it must add or remove a transition)"""
    for search in explanation.flips.searches:
        yield from ((search, flip, False) for flip in search.first)
        yield from ((search, flip, True) for flip in search.turning)


def turned(one: Path, other: Path) -> bool:
    return sorted(each.transition for each in one) != sorted(each.transition for each in other)


SOME = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@SOME
@given(files(), st.integers(0, 2))
def test_every_flip_does_what_it_says_and_no_smaller_change_does(pair: Files, run: int) -> None:
    """By brute force, on a grid between the number and the bound of its flip. Where none is claimed: on a grid far around."""
    explanation = told(pair, run)
    base = explanation.flips.base
    assert base == walked(pair, run)
    for _, flip, turning in every_flip(explanation):
        other = walked(written(pair, flip.number.path, flip.value), run)
        assert other == flip.path
        assert turned(base, other) if turning else other != base
        assert (flip.value - flip.number.value) * (1 if flip.direction == "up" else -1) > 0
        if flip.exact:
            for value in smaller(flip):
                nearer = walked(written(pair, flip.number.path, value), run)
                assert not turned(base, nearer) if turning else nearer == base
    for search in explanation.flips.searches:
        if search.method != "numeric search":
            for value in unclaimed(search, explanation):
                assert walked(written(pair, search.number.path, value), run) == base


def smaller(flip: Flip) -> list[float]:
    """Values nearer to the number than the bound, the bound itself too where only what lies beyond it flips."""
    number = flip.number
    if number.kind != "threshold":
        return [each for each in np.linspace(number.value, flip.bound, _GRID).round().tolist() if each != flip.bound]
    inside = np.nextafter(flip.bound, number.value)
    grid = [] if inside == number.value else np.linspace(number.value, inside, _GRID).tolist()
    return [*grid, *([] if flip.at_bound else [flip.bound])]


def unclaimed(search: Search, explanation: Explanation) -> Iterator[float]:
    """Some values in each direction in which no flip was found."""
    number, found = search.number, {flip.direction for flip in search.first}
    for direction, way in (("down", -1), ("up", 1)):
        if direction not in found:
            values = [number.value + way * step for step in (0.5, 2, len(explanation.report.phase))]
            yield from (max(round(each), 0) if number.kind != "threshold" else each for each in values)


@SOME
@given(files(), st.integers(0, 2))
def test_the_nearest_is_the_smallest_and_every_number_is_searched(pair: Files, run: int) -> None:
    explanation = told(pair, run)
    flips = explanation.flips
    sizes = [flip.size for search in flips.searches for flip in search.first]
    assert (flips.nearest.size if flips.nearest else math.inf) == min(sizes, default=math.inf)
    turning = [flip.size for search in flips.searches for flip in search.turning]
    assert (flips.nearest_turning.size if flips.nearest_turning else math.inf) == min(turning, default=math.inf)
    _, model = compiled(pair)
    rows = {search.number.path for search in flips.searches}
    for each in model.machine.transitions:
        assert (f"transitions.{each.name}.confirm" in rows) == (each.window is None)
        assert f"transitions.{each.name}.lag" in rows
    assert explanation.not_varied == tuple(each.name for each in model.machine.transitions if each.window)
    for search in flips.searches:
        assert [flip.direction for flip in search.first] == sorted({flip.direction for flip in search.first})
        for flip in search.turning:
            assert flip.direction in {each.direction for each in search.first}


# Cases that can be reckoned by hand ------------------------------------------------------------------------------------------


def told_of(policy: Mapping[str, Any], scenario: Mapping[str, Any], run: int = 0) -> Explanation:
    return told(Files(dict(policy), dict(scenario), {}), run)


def search_of(explanation: Explanation, label: str) -> Search:
    (found,) = [search for search in explanation.flips.searches if search.number.label == label]
    return found


def told_words(explanation: Explanation, flips: Sequence[Flip]) -> list[str]:
    names = [story.name for story in explanation.stories]
    return [
        f"{changed(flip)} ({where(flip)}): {effect(explanation.flips.base, flip.path, names, explanation.report.start)}"
        for flip in flips
    ]


RISE = {"day 0": 2, "day 3": 2.913451, "day 7": 3.2, "day 9": 2}


def test_thresholds_confirm_and_lag_by_hand() -> None:
    explanation = told_of(policy(transitions=up()), world(RISE))
    line = search_of(explanation, "line")
    assert told_words(explanation, line.first) == [
        "line 3 → 2.9 rung (at 2.913451 or below): up 4 days sooner",
        "line 3 → 3.3 rung (anything above 3.2): up does not happen",
    ]
    assert [(flip.bound, flip.at_bound, flip.exact) for flip in line.first] == [(2.913451, True, True), (3.2, False, True)]
    assert [flip.change for flip in line.first] == pytest.approx([0.086549, 0.2])
    assert line.number.scale == 4.0
    confirm, lag = search_of(explanation, "up.confirm"), search_of(explanation, "up.lag")
    assert told_words(explanation, confirm.first) == ["up.confirm 1 → 2 days (): up 1 day later"]
    assert told_words(explanation, confirm.turning) == ["up.confirm 1 → 3 days (): up does not happen"]
    assert told_words(explanation, lag.told) == [
        "up.lag 0 → 1 day (): up 1 day later",
        "up.lag 0 → 5 days (): up does not happen",
    ]
    # 1 of 12 days is more than 0.087 of 4 rungs
    assert explanation.flips.nearest == line.first[0]
    assert explanation.flips.nearest_turning == line.first[1]


def test_a_line_that_is_just_met_flips_at_any_rise() -> None:
    explanation = told_of(policy(), world({"day 0": 2, "day 5": 3}))
    (_, above) = search_of(explanation, "line").first
    assert (above.bound, above.at_bound, above.change, above.value) == (3.0, False, 0.0, 3.1)
    assert explanation.flips.nearest == above


def test_what_flips_nothing_says_so() -> None:
    explanation = told_of(policy(transitions=up("level >= 9 and level >= line")), world(RISE))
    assert [search.first for search in explanation.flips.searches] == [(), (), ()]
    assert explanation.flips.nearest is None
    assert [search.method for search in explanation.flips.searches] == ["every value", "every whole day", "every whole day"]


def test_each_dated_value_is_a_number_of_its_own() -> None:
    dated = {"line": {"dated": {"2024-10-24": 4, "2024-10-29": 3.1, "2025-10-24": 1}, "unit": "rung", "grade": "assumed"}}
    explanation = told_of(policy(thresholds=dated), world(RISE))
    labels = [search.number.label for search in explanation.flips.searches]
    assert labels == ["line from 2024-10-24", "line from 2024-10-29", "up.confirm", "up.lag"]
    assert told_words(explanation, search_of(explanation, labels[0]).first) == [
        "line from 2024-10-24 4 → 2.9 rung (at 2.913451 or below): up 4 days sooner"
    ]
    assert told_words(explanation, search_of(explanation, labels[1]).first) == [
        "line from 2024-10-29 3.1 → 2.9 rung (at 2.913451 or below): up 2 days sooner",
        "line from 2024-10-29 3.1 → 3.3 rung (anything above 3.2): up does not happen",
    ]


def test_inside_arithmetic_by_numeric_search() -> None:
    explanation = told_of(policy(transitions=up("level >= 1.5 * line")), world({"day 0": 2, "day 3": 4.2, "day 6": 4.8}))
    line = search_of(explanation, "line")
    assert line.method == "numeric search"
    down, above = line.first
    assert [down.bound, above.bound] == pytest.approx([2.8, 3.2], abs=1e-8)
    assert told_words(explanation, [down]) == [f"line 3 → 2.79 rung ({where(down)}): up 3 days sooner"]
    assert not down.exact


def test_a_drawn_number_is_varied_from_what_was_drawn() -> None:
    drawn = {"line": {"value": {"uniform": [2, 4]}, "unit": "rung", "grade": "assumed"}}
    pair = Files(policy(thresholds=drawn), world({"day 0": 1, "day 2": 2.5, "day 4": 4}), {})
    values = set()
    for run in range(4):
        search = search_of(told(pair, run), "line")
        values.add(search.number.value)
        assert search.number.drawn == "uniform 2–4"
        assert {flip.bound for flip in search.first} <= {1.0, 2.5, 4.0}
    assert len(values) == 4


def test_a_world_that_answers_is_simulated_anew_for_each_value() -> None:
    """Acting pushes the level up by 1 a day: to 5 on day 4, or by day 2 where the first step is taken at once."""
    transitions = {**up(), "further": {"from": "high", "to": "highest", "when": "level >= 5"}}
    made = policy(phases={"low": {}, "high": {}, "highest": {}}, transitions=transitions)
    answers = {**world({"day 0": 2, "day 2": 3}), "reactions": {"provoked": {"while": "high", "push": {"level": 1}}}}
    explanation = told_of(made, answers)
    (down, above) = search_of(explanation, "line").first
    assert told_words(explanation, [down, above]) == [
        "line 3 → 2 rung (): up 2 days sooner, further 2 days sooner",
        "line 3 → 3.1 rung (anything above 3): up does not happen, further does not happen",
    ]


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [(3, 3.4, 3.1), (2.913, 2.95, 2.92), (0, 1, 1), (8123.4, 8999, 8200), (3, 3.0000004, 3.0000001), (-0.3, 0.3, 0)],
)
def test_readable_numbers(low: float, high: float, found: float) -> None:
    assert simplest(low, high) == found


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(1e-9, 1e3))
def test_a_readable_number_lies_strictly_between(bound: float, end: float, reach: float) -> None:
    if np.nextafter(bound, end) != end:  # some number lies between the two
        found = simplest_beyond(bound, end, reach)
        assert min(bound, end) < found < max(bound, end)


def test_the_same_change_many_times_is_said_once() -> None:
    steps = {**up(), "down": {"from": "high", "to": "low", "when": "level < line"}}
    swings = {f"day {day}": 2 + day // 5 % 2 for day in range(0, 60, 5)}
    explanation = told_of(policy(transitions=steps), world(swings, days=60))
    assert told_words(explanation, search_of(explanation, "up.lag").first) == ["up.lag 0 → 1 day (): up 1 day later (6 times)"]
