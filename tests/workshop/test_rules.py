"""The page's own implementation of the day's rules against the engine and the plain loop, on generated policies and days."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from sim import reference
from sim.draws import Block
from sim.engine import simulate
from sim.measures import strips
from sim.spec import guard
from sim.spec.policy import Policy
from sim.workshop.html import own
from sim.workshop.rules import changes, rules, tree
from tests.strategies import Files, files

CASES = 300


@functools.cache
def generated() -> list[Files]:
    """The same every time."""
    found: list[Files] = []

    @settings(
        max_examples=CASES,
        phases=[Phase.generate],
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=[*HealthCheck],
    )
    @given(files())
    def collect(pair: Files) -> None:
        found.append(pair)

    collect()
    return found


@pytest.fixture(scope="module")
def page(chromium: Any) -> Iterator[Any]:
    """An empty page that knows the rules."""
    opened = chromium.new_page()
    opened.add_script_tag(content=own("rules.js"))
    yield opened
    opened.close()


def vector(pair: Files, run: int) -> tuple[dict[str, Any], dict[str, list[float]], int, reference.Trace]:
    trace = reference.walk(pair.model, 1, run, run)
    told = rules(pair.model, Policy.model_validate(pair.policy), 1, run)
    return told, {name: list(values) for name, values in trace.signposts.items()}, len(trace.phases), trace


def test_rules_in_the_browser_are_those_of_the_engine(page: Any) -> None:
    """Every day's phase, and each change with its days, its reason and what was seen."""
    pairs = generated()
    vectors = [vector(pair, run % 3) for run, pair in enumerate(pairs)]
    found = page.evaluate("cases => cases.map(([rules, seen, days]) => walk(rules, seen, days))", [each[:3] for each in vectors])
    moved = 0
    for run, (pair, (_, _, _, trace), one) in enumerate(zip(pairs, vectors, found, strict=True)):
        number = run % 3
        engine = strips(simulate(pair.model, 1, Block.plain(number, 1)), 1)[0]
        assert one["phases"] == list(engine) == list(trace.phases), pair
        told = [
            (each["day"], each["decided"], each["transition"], each["from"], each["to"], each["since"]) for each in one["changes"]
        ]
        assert told == [(c.day, c.decided, c.transition, c.from_phase, c.to_phase, c.held_since) for c in trace.changes]
        for each, change in zip(one["changes"], trace.changes, strict=True):
            assert {name: each["values"][name] for name in change.observed} == pytest.approx(
                dict(change.observed), nan_ok=True, abs=0
            )
            assert {name: each["values"][name] for name in change.thresholds} == dict(change.thresholds)
        waits = (
            None if one["pending"] is None else (one["pending"]["transition"], one["pending"]["decided"], one["pending"]["day"])
        )
        assert waits == (trace.pending and (trace.pending.transition, trace.pending.decided, trace.pending.due))
        moved += len(trace.changes)
    assert len(found) >= 250
    assert moved > 250  # else the cases say little


@pytest.mark.parametrize(
    ("text", "values", "truth"),
    [
        ("a / b >= 0", {"a": 1, "b": 0}, False),
        ("not a / b >= 0", {"a": 1, "b": 0}, True),
        ("1 < a < 3", {"a": 2}, True),
        ("1 < a < 3", {"a": 3}, False),
        ("median(a, b, 5, 7) == 4.5", {"a": 4, "b": 1}, True),
        ("max(a, -b) == 2 and min(a, b) == -2 or a > 100", {"a": 1, "b": -2}, True),
        ("abs(a - b) * 2 != 6", {"a": 1, "b": 4}, False),
        ("max(5, -(a / b)) > 0", {"a": 1, "b": 0}, False),
        ("0 < a < 1 / b / c", {"a": 1, "b": 1, "c": 0}, False),
        ("0 < a < 1 / b or c == 0", {"a": 1, "b": 0, "c": 0}, True),
        ("0 < a < 1 / b", {"a": 1, "b": 0.5}, True),
    ],
)
def test_guards_in_the_browser(page: Any, text: str, values: dict[str, float], truth: bool) -> None:
    assert page.evaluate("([node, values]) => holds(node, values)", [tree(guard.parse(text)), values]) is truth


def test_names_that_every_object_has_are_names_like_others(page: Any) -> None:
    """A signpost may be called `constructor`, or as the prototype of an object is."""
    for name in ("constructor", "__proto__", "toString"):
        told = {
            "initial": 0,
            "phases": [{"name": "a", "label": "a", "min_stay": 0}, {"name": "b", "label": "b", "min_stay": 0}],
            "thresholds": {},
            "defaults": {},
            "transitions": [
                {"name": "go", "leaves": [1, 0], "to": 1, "guard": tree(guard.parse(f"{name} >= 3")), "text": "", "confirm": 1}
                | {"lag": 0, "revocable": False}
            ],
        }
        text = '([rules, name]) => walk(rules, JSON.parse(`{"${name}": [1, 2, 3]}`), 3).phases'
        assert page.evaluate(text, [told, name]) == [0, 0, 1], name


def test_changes_name_only_what_a_slider_moves() -> None:
    pair = next(each for each in generated() if len(each.policy["transitions"]) > 1)
    policy = Policy.model_validate(pair.policy)
    stated = rules(pair.model, policy, 1, 0)
    name = next(iter(pair.policy["transitions"]))
    other = {**pair.policy, "transitions": {**pair.policy["transitions"]}}
    other["transitions"][name] = {**other["transitions"][name], "lag": 40}
    moved = rules(Files(other, pair.scenario, pair.tables).model, policy, 1, 0)
    assert changes(stated, moved) == {"transitions/0/lag": 40}
    assert changes(stated, stated) == {}
