"""Why one run went as it did: margins against the plain loop, decisions and near misses against the trace."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import reference
from sim.analysis.explain.known import known, numbers_of_run
from sim.analysis.explain.margins import Comparison, Known, Margins, margins, worded
from sim.analysis.explain.stories import Story, Teller, stories
from sim.machine import Model, bind, compile_machine
from sim.reference import Trace
from sim.spec import guard
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.world import compile_world
from tests.strategies import START, Files, files

RUNS = st.integers(0, 3)
SOME = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def policy(**more: Any) -> dict[str, Any]:
    """Two phases and a line at 3."""
    base = {
        "kind": "policy",
        "name": "made",
        "title": "Made for a test",
        "reads": {"level": {"unit": "rung", "range": [0, 4]}, "other": {"unit": "troops", "range": [0, 1000]}},
        "phases": {"low": {}, "high": {}},
        "thresholds": {
            "line": {"value": 3, "unit": "rung", "grade": "assumed"},
            "many": {"value": 500, "unit": "troops", "grade": "assumed"},
        },
        "transitions": {"up": {"from": "low", "to": "high", "when": "level >= line"}},
    }
    return {**base, **more}


def up(when: str = "level >= line", **more: Any) -> dict[str, Any]:
    return {"up": {"from": "low", "to": "high", "when": when, **more}}


def world(level: Mapping[str, Any], other: Mapping[str, Any] | None = None, days: int = 12, **signpost: Any) -> dict[str, Any]:
    return {
        "kind": "scenario",
        "name": "made",
        "title": "Made for a test",
        "start": "2024-10-24",
        "days": days,
        "variables": {"level": {"unit": "rung", "path": level}, "other": {"unit": "troops", "path": other or {"day 0": 0}}},
        "signposts": {"level": signpost},
    }


def tell(policy: Mapping[str, Any], scenario: Mapping[str, Any], run: int = 0) -> tuple[Story, ...]:
    return told_of(Files(dict(policy), dict(scenario), {}), run)[0]


def told_of(pair: Files, run: int) -> tuple[tuple[Story, ...], Model, Trace]:
    """Without the flips, which have their own tests."""
    here, model, trace = known_of(pair, run)
    read = Policy.model_validate(pair.policy)
    return stories(Teller(read, model, trace, numbers_of_run(1, run), here, {})), model, trace


def known_of(pair: Files, run: int) -> tuple[Known, Model, Trace]:
    compiled = compile_world(Scenario.model_validate(pair.scenario), pair.tables)
    read = Policy.model_validate(pair.policy)
    model = bind(compiled, compile_machine(read, START))
    trace = reference.walk(model, 1, run, run)
    return known(read, model, trace, numbers_of_run(1, run)), model, trace


# Against the plain loop ----------------------------------------------------------------------------------------------------


@SOME
@given(files(), RUNS)
def test_margins_agree_with_the_guards_of_the_plain_loop(pair: Files, run: int) -> None:
    """A margin above 0 is a guard that held, one below 0 is one that did not, on every day of generated pairs."""
    here, model, trace = known_of(pair, run)
    for transition, held in zip(model.machine.transitions, trace.guards, strict=True):
        found = margins(transition.guard, here)
        np.testing.assert_array_equal(found.seen.held, held)
        for verdict in (found.seen, found.true):
            assert verdict.held[verdict.margin > 0].all()
            assert not verdict.held[verdict.margin < 0].any()
            assert not np.isnan(verdict.margin).any()


@SOME
@given(files(), RUNS)
def test_a_margin_is_recomputed_by_hand(pair: Files, run: int) -> None:
    """Each comparison by the plain loop's arithmetic; the guard's by walking its tree on one day after another."""
    here, model, _ = known_of(pair, run)
    for transition in model.machine.transitions:
        found = margins(transition.guard, here)
        for day in range(0, model.world.days, 5):
            for side, values, verdict in (("seen", here.seen, found.seen), ("true", here.true, found.true)):
                today = {name: float(series[day]) for name, series in values.items()}
                leaves = [_by_hand(leaf, index, today) for leaf, index in _pairs(transition.guard)]
                got = [float(getattr(each, side).margin[day]) for each in found.comparisons]
                assert got == leaves
                shares = [
                    margin / each.scale if found.mixed else margin for margin, each in zip(got, found.comparisons, strict=True)
                ]
                assert float(verdict.share[day]) == _joined(transition.guard, iter(shares))
                assert float(verdict.margin[day]) in (got[int(verdict.decided_by[day])], -got[int(verdict.decided_by[day])])


def _pairs(node: guard.Node) -> list[tuple[guard.Compare, int]]:
    if isinstance(node, guard.Compare):
        return [(node, index) for index in range(len(node.operators))]
    return [each for child in guard.children(node) for each in _pairs(child)]


def _by_hand(node: guard.Compare, index: int, values: Mapping[str, float]) -> float:
    """By the functions of the plain loop."""
    operator = node.operators[index]
    try:
        amounts = [reference._amount(part, values) for part in node.operands]
    except reference._DividedByZeroError:
        return -math.inf
    left, right = amounts[index : index + 2]
    if left == right:
        return 0.0
    margin = {">": left - right, "<": right - left, "=": -abs(left - right), "!": abs(left - right)}[operator[0]]
    if not math.isnan(margin):
        return margin
    return math.inf if operator == "!=" else -math.inf


def _joined(node: guard.Node, shares: Any) -> float:
    match node:
        case guard.Not(operand):
            return -_joined(operand, shares)
        case guard.And(operands):
            return min([_joined(each, shares) for each in operands])
        case guard.Or(operands):
            return max([_joined(each, shares) for each in operands])
        case guard.Compare(_, operators):
            return min([float(next(shares)) for _ in operators])
    raise AssertionError


@SOME
@given(files(), RUNS)
def test_every_decision_of_the_run_is_told_once(pair: Files, run: int) -> None:
    told, model, trace = told_of(pair, run)
    decisions = [(each, story) for story in told for each in story.decisions]
    taken = {(each.decided, each.until, story.name) for each, story in decisions if each.outcome == "taken"}
    names = [each.name for each in model.machine.transitions]
    assert taken == {(each.decided, each.day, names[each.transition]) for each in trace.changes}
    assert len([each for each, _ in decisions if each.outcome == "lapsed"]) == len(trace.lapsed)
    assert len([each for each, _ in decisions if each.outcome == "pending"]) == (trace.pending is not None)
    since = {(change.decided, change.transition): change.held_since for change in trace.changes}
    for each, story in decisions:
        assert story.possible[each.decided]
        assert story.count[each.decided] >= story.needed
        if each.outcome == "taken":
            assert each.held_since == since[each.decided, names.index(story.name)]
    spans = sorted((each.decided, each.until) for each, _ in decisions)
    assert all(until < decided for (_, until), (decided, _) in pairwise(spans))  # one thing at a time


@SOME
@given(files(), RUNS)
def test_near_misses_are_days_on_which_the_run_stood_there(pair: Files, run: int) -> None:
    told, model, trace = told_of(pair, run)
    before = [model.machine.initial, *trace.phases[:-1]]
    for transition, story in zip(model.machine.transitions, told, strict=True):
        assert story.possible.tolist() == [transition.leaves[phase] for phase in before]
        near = story.near
        if near is None:
            assert not story.possible.any() or story.decisions
            continue
        assert story.possible[near.day]
        assert story.possible[near.count_day]
        confirmed = sum(each.days for each in near.blocked)
        assert confirmed <= near.days
        assert (near.count >= story.needed) == (confirmed > 0)
        if not any(each.outcome != "lapsed" for each in story.decisions):
            assert near.days == story.possible.sum()
            assert story.margins.seen.share[near.day] == story.margins.seen.share[story.possible].max()
            assert near.count == story.count[story.possible].max()


# Words of a guard ----------------------------------------------------------------------------------------------------------


@SOME
@given(files())
def test_an_expression_reads_back_as_itself(pair: Files) -> None:
    model = pair.model
    for transition in model.machine.transitions:
        for node, index in _pairs(transition.guard):
            text = f"{worded(node.operands[index])} {node.operators[index]} {worded(node.operands[index + 1])}"
            again = guard.parse(text)
            assert isinstance(again, guard.Compare)
            assert _bare(again.operands) == _bare(node.operands[index : index + 2])


def _bare(nodes: Any) -> Any:
    """Without the places in the text; −3 and the number −3 are one."""
    return [_without_place(each) for each in nodes]


def _without_place(node: guard.Node) -> Any:
    rest = {name: value for name, value in vars(node).items() if name in ("value", "name", "operator", "function")}
    return (type(node).__name__, tuple(rest.items()), tuple(_without_place(each) for each in guard.children(node)))


# Cases that can be reckoned by hand ------------------------------------------------------------------------------------------


def only(told: tuple[Story, ...]) -> Story:
    (story,) = told
    return story


def guard_of(when: str, level: float, other: float) -> Margins:
    told = tell(policy(transitions=up(when)), world({"day 0": level}, {"day 0": other}, days=1))
    return only(told).margins


@pytest.mark.parametrize(
    ("when", "margin", "held", "decides"),
    [
        ("level >= line", -1, False, "level >= line"),
        ("level < line", 1, True, "level < line"),
        ("level > 2", 0, False, "level > 2"),
        ("level >= 2", 0, True, "level >= 2"),
        ("level == line", -1, False, "level == line"),
        ("level != line", 1, True, "level != line"),
        ("1 <= level < 2.5", 0.5, True, "level < 2.5"),
        ("not level >= line", 1, True, "level >= line"),
        ("level >= 1 and level >= line", -1, False, "level >= line"),
        ("level >= 1 or level >= line", 1, True, "level >= 1"),
        ("not (level >= 1 or level >= line)", -1, False, "level >= 1"),
        ("max(level, 2.5) - 1 >= line", -1.5, False, "max(level, 2.5) - 1 >= line"),
        # −1 of 4 rungs is nearer than −300 of 1,000 troops, and +1 of 4 further than +200 of 1,000
        ("level >= line or other >= many", -1, False, "level >= line"),
        ("level >= 1 and other > 0", 1, True, "level >= 1"),
    ],
)
def test_margins_by_hand(when: str, margin: float, held: bool, decides: str) -> None:
    found = guard_of(when, level=2, other=200)
    if when == "level >= 1 and other > 0":
        margin, decides = 200, "other > 0"  # 20% of its range, against 25%
    assert float(found.seen.margin[0]) == margin
    assert bool(found.seen.held[0]) is held
    assert found.comparisons[int(found.seen.decided_by[0])].text == decides


def test_a_division_by_zero_is_false_whatever_the_rest() -> None:
    found = guard_of("other / (level - 2) >= 0", level=2, other=200)
    assert found.comparisons[0].seen.divides_by_zero[0]
    assert (float(found.seen.margin[0]), bool(found.seen.held[0])) == (-math.inf, False)
    turned = guard_of("not other / (level - 2) >= 0", level=2, other=200)
    assert (float(turned.seen.margin[0]), bool(turned.seen.held[0])) == (math.inf, True)


def test_the_truth_may_hold_where_what_is_seen_does_not() -> None:
    told = tell(policy(), world({"day 0": 2, "day 4": 3}, delay="3 days"))
    story = only(told)
    assert [each.decided for each in story.decisions] == [7]
    assert story.margins.true.held.tolist() == [False] * 4 + [True] * 8
    assert story.margins.seen.held.tolist() == [False] * 7 + [True] * 5
    assert story.margins.seen.margin.tolist() == [-1.0] * 7 + [0.0] * 5


def test_how_near_it_came() -> None:
    level = {"day 0": 2, "day 2": 3, "day 4": 2.5, "day 6": 3.5, "day 9": 2}
    story = only(tell(policy(transitions=up(confirm=4)), world(level)))
    near = story.near
    assert near is not None
    assert (near.days, near.day, near.held_days) == (12, 6, 5)
    assert (near.count, near.count_day, story.needed) == (3, 8, 4)
    assert float(story.margins.seen.margin[near.day]) == 0.5
    assert near.blocked == ()
    assert story.decisions == ()


def test_a_window_counts_its_days() -> None:
    level = {"day 0": 2, "day 2": 3, "day 3": 2, "day 4": 3, "day 5": 2, "day 9": 3, "day 10": 2}
    story = only(tell(policy(transitions=up(confirm={"days": 3, "of": 4})), world(level)))
    assert story.count.tolist() == [0, 0, 1, 1, 2, 2, 1, 1, 0, 1, 1, 1]
    assert (story.needed, story.window) == (3, 4)
    assert story.near is not None
    assert (story.near.count, story.near.count_day) == (2, 4)


def test_why_a_confirmed_guard_was_not_taken() -> None:
    transitions = {
        "first": {"from": "low", "to": "middle", "when": "level >= line", "lag": 3},
        "second": {"from": "low", "to": "high", "when": "level >= line"},
        "third": {"from": "middle", "to": "high", "when": "level >= line"},
    }
    phases: dict[str, Any] = {"low": {}, "middle": {"min_stay": 20}, "high": {}}
    told = tell(policy(phases=phases, transitions=transitions), world({"day 0": 2, "day 2": 3}))
    second, third = (story.near for story in told[1:])
    assert second is not None
    assert [(each.why, each.days) for each in second.blocked] == [("first was taken first", 1), ("first was pending", 3)]
    assert third is not None
    assert [(each.why, each.days) for each in third.blocked] == [("the phase had not lasted its min_stay", 6)]
    assert told[0].near is None


def test_lapses_and_what_is_pending() -> None:
    level = {"day 0": 2, "day 1": 3, "day 4": 2, "day 6": 3}
    story = only(tell(policy(transitions=up(confirm=2, lag=5, revocable=True)), world(level, days=9)))
    assert [(each.outcome, each.decided, each.until, each.held_since) for each in story.decisions] == [
        ("lapsed", 2, 4, 1),
        ("pending", 7, 12, 6),
    ]


def test_a_dated_threshold_is_the_one_of_the_day() -> None:
    dated = {"line": {"dated": {"2024-10-24": 4, "2024-10-30": 3}, "unit": "rung", "grade": "assumed"}}
    story = only(tell(policy(thresholds=dated), world({"day 0": 3})))
    (decision,) = story.decisions
    assert (decision.decided, decision.behind[0].path, decision.behind[0].value) == (6, "thresholds.line.dated.2024-10-30", 3.0)
    assert story.margins.seen.margin.tolist() == [-1.0] * 6 + [0.0] * 6


def test_comparisons_name_their_unit_and_range() -> None:
    found = guard_of("level >= line or other / many > 0.2 or other >= many", level=2, other=200)
    assert [(each.unit, each.names) for each in found.comparisons] == [
        ("rung", ("level", "line")),
        (None, ("other", "many")),
        ("troops", ("other", "many")),
    ]
    assert [each.scale for each in found.comparisons] == [4.0, 1.0, 1000.0]
    assert isinstance(found.comparisons[0], Comparison)
