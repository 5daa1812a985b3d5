"""The explanation chart: every text in place, and what is drawn against the explanation that it was drawn from."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from sim import api, reference
from sim.analysis.explain.records import Explanation
from sim.analysis.explain.told import explained
from sim.analysis.outcome import result
from sim.charts import Chart, explanation_chart, render
from sim.charts.style import INK, SIGNPOST
from sim.charts.text import texts
from sim.ensemble import run_ensemble
from sim.machine import bind, compile_machine
from sim.results import Result
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.world import compile_world
from tests.analysis.test_explain import policy, up, world
from tests.charts.layout import whole_and_apart
from tests.charts.made import IMPRINT
from tests.strategies import START

LONG = "A phase with a very long label of about eighty characters, number {}, for testing only"
LEVEL = {"day 0": 2, "day 40": 3.2, "day 60": 2, "day 90": 4, "day 130": 2.5}
Both = tuple[Result, Explanation]


def made(policy: Mapping[str, Any], scenario: Mapping[str, Any], run: int = 0) -> Both:
    read, world = Policy.model_validate(policy), Scenario.model_validate(scenario)
    model = bind(compile_world(world, {}), compile_machine(read, START))
    trace = reference.walk(model, 1, run, run)
    told = explained(read, model, trace, {}, seed=1, run=run)
    return result(read, world, run_ensemble(model, 1, 1, first=run)), told


def shipped(scenario: str, policy: str | None = None, run: int = 0) -> Both:
    done = api.explain(scenario, policy, run=run)
    return done.result, done.explanation


def many(labels: str, transitions: int, days: int = 365) -> Both:
    """Up and down a ladder, each step by a rule of its own."""
    names = [f"phase_{index}" for index in range(transitions // 2 + 1)]
    steps: dict[str, Any] = {}
    for low, high in itertools.pairwise(names):
        rise = f"climb_from_{low}_as_soon_as_the_level_is_at_least_there"
        steps[rise] = {"from": low, "to": high, "when": "level >= line", "confirm": 3}
        steps[f"fall_back_to_{low}"] = {"from": high, "to": low, "when": "level < line and other < many", "lag": 4}
    phases = {name: {"label": labels.format(index)} for index, name in enumerate(names)}
    return made(policy(phases=phases, transitions=steps), world(LEVEL, days=days))


def swinging() -> Both:
    """Forty changes."""
    steps = {**up(), "down": {"from": "high", "to": "low", "when": "level < line"}}
    return made(policy(transitions=steps), world({f"day {day}": 2 + day // 5 % 2 for day in range(0, 200, 5)}, days=200))


CASES: dict[str, Callable[[], Both]] = {
    "surge": lambda: shipped("surge-to-front"),
    "surge, run 0": lambda: shipped("surge-to-front-uncertain"),
    "surge, run 17": lambda: shipped("surge-to-front-uncertain", "step-down", 17),
    "withdrawal": lambda: shipped("withdrawal", "step-down"),
    "late": lambda: shipped("surge-to-front", "capacity-limited", 3),
    "restrained": lambda: shipped("rear-labour", "restrained"),
    "answers": lambda: shipped("reciprocity-provoking-uncertain", "step-down", 5),
    "many": lambda: many("Phase {}", 14),
    "long labels": lambda: many(LONG, 6),
    "one day": lambda: many("Phase {}", 2, days=1),
    "two days": lambda: many("Phase {}", 2, days=2),
    "swinging": swinging,
    "pending": lambda: made(policy(transitions=up(lag=400)), world(LEVEL, days=150)),
    "lapsed": lambda: made(policy(transitions=up(lag=30, revocable=True)), world(LEVEL, days=150)),
    "divided by zero": lambda: made(policy(transitions=up("level / (level - 2) >= 2")), world(LEVEL, days=150)),
}


@cache
def case(name: str) -> Both:
    return CASES[name]()


def drawn(name: str) -> Chart:
    return explanation_chart(*case(name), IMPRINT)


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_cut_off_or_overlaps_another(name: str) -> None:
    whole_and_apart(lambda: drawn(name).figure)


@pytest.mark.parametrize("name", CASES)
def test_it_says_what_it_is(name: str) -> None:
    chart = drawn(name)
    words = " ".join(text.get_text() for text in texts(chart.figure)).replace("\n", " ")
    assert "Teaching model of stated positions, not a forecast." in words
    assert "numbers are assumed" in words
    assert IMPRINT.command in words
    assert chart.description
    assert "probab" not in f"{words} {chart.description}".lower()
    root = ElementTree.fromstring(render(chart, "svg"))
    assert root.get("role") == "img"


def lines(ax: Axes, colour: str, width: float) -> list[Line2D]:
    return [line for line in ax.lines if to_hex(line.get_color()) == colour and line.get_linewidth() == width]


@pytest.mark.parametrize("name", ["surge, run 17", "answers", "lapsed", "divided by zero"])
def test_the_lines_are_the_margins(name: str) -> None:
    told = case(name)[1]
    stories = [story for story in told.stories if story.possible.any()]
    *panels, strip = drawn(name).figure.axes
    assert len(panels) == len(stories)
    for ax, story in zip(panels, stories, strict=True):
        (seen,), (bold,) = lines(ax, SIGNPOST, 0.8), lines(ax, SIGNPOST, 2.0)
        (true,) = [line for line in lines(ax, INK, 1.1) if line.get_linestyle() != "-"]
        for line, verdict, where in (
            (seen, story.margins.seen, np.ones_like(story.possible)),
            (bold, story.margins.seen, story.possible),
            (true, story.margins.true, np.ones_like(story.possible)),
        ):
            values = verdict.share if story.margins.mixed else verdict.margin
            expected = np.where(np.isfinite(values) & where, values, np.nan)
            np.testing.assert_array_equal(np.asarray(line.get_ydata())[:-1], expected)
    assert not strip.get_yticks().size


def test_what_is_shaded_is_when_the_guard_held() -> None:
    """To the day, the last of a stretch too."""
    story = case("lapsed")[1].stories[0]
    ax = drawn("lapsed").figure.axes[0]
    start = ax.get_xlim()[0]
    shaded = np.zeros(150, np.bool_)
    for shade in ax.collections:
        ends = np.asarray(shade.get_paths()[0].vertices, np.float64)[:, 0] - start
        shaded[round(float(ends.min())) : round(float(ends.max()))] = True
    np.testing.assert_array_equal(shaded, story.margins.seen.held)


def test_dates_marks_and_flips_are_those_of_the_explanation() -> None:
    told = case("surge")[1]
    ax, other, _ = drawn("surge").figure.axes
    words = [" ".join(text.get_text().split()) for text in texts(ax.figure)]  # type: ignore[arg-type]
    assert "taken 2024-10-31" in words
    assert "nearest 2024-11-01, margin −1" in words
    assert "↑ front line 3 → 3.1 rung: arm defensively does not happen" in words
    assert "↓ sustained combat 4 → 3 rung: go offensive happens on 2024-11-01" in words
    assert told.flips.nearest is not None
    assert "Nearest flip: front line 3 → 3.1 rung: arm defensively does not happen" in words
    assert [line.get_marker() for line in ax.lines if line.get_marker() != "None"] == ["o"]
    assert [line.get_marker() for line in other.lines if line.get_marker() != "None"] == ["x"]


def test_the_nearest_day_and_the_confirmation_counter_have_dates_of_their_own() -> None:
    """The margin was greatest in April, and the counter got furthest in July."""
    both = shipped("reciprocity-provoking-uncertain", "step-down", run=5)
    story = next(each for each in both[1].stories if each.name == "ease_to_defensive")
    assert story.near is not None
    assert int(story.count[story.possible].max()) == story.count[story.near.count_day] == 17
    assert story.near.day != story.near.count_day
    chart = explanation_chart(*both, IMPRINT)
    words = [" ".join(text.get_text().split()) for text in texts(chart.figure)]
    assert "nearest 2025-04-07, margin 1" in words
    assert "at most 17 of 21 days, 2025-07-09" in words
    assert "nearest 2024-11-06, margin −25% of range" in words
    assert "nearest on 2025-04-07, margin 1, held for at most 17 of 21 days, 2025-07-09" in chart.description


def test_headlines_are_computed() -> None:
    assert drawn("restrained").title == "No transition: No action throughout. There is no threshold, confirm or lag to vary"
    assert drawn("late").title.startswith("No action → Defensive weapons on 2025-10-17. Nearest flip: front line 3 → 3.1 rung")
    assert "and 1 more" in drawn("surge, run 17").title
    assert "Not shown: " in " ".join(text.get_text() for text in texts(drawn("many").figure))


@pytest.mark.parametrize("kind", ["png", "svg"])
def test_same_inputs_give_the_same_bytes(kind: Any) -> None:
    assert render(drawn("answers"), kind) == render(drawn("answers"), kind)
