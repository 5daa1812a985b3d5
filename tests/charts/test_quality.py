"""Charts of trigger quality: nothing cut off or overlapping, the same bytes, and every word computed from the records."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from sim.analysis.quality import (
    Apart,
    Column,
    Mean,
    PhaseQuality,
    Point,
    Quality,
    Share,
    TransitionQuality,
    TriggerQuality,
    Varied,
)
from sim.charts import Chart, quality_chart, render
from sim.charts.beside import Named, name_points
from sim.charts.style import styled
from sim.charts.text import texts
from sim.results import Grades
from tests.charts.layout import whole_and_apart
from tests.charts.made import IMPRINT

RUNS = 1_000
LONG = "a_transition_with_a_very_long_name_of_about_sixty_letters_for_tests"
LONG_LABEL = "A phase with a very long label of about eighty letters, which goes on and on, for testing"
NONE = Mean(None, 0.0, 0)


def transition(
    name: str = "arm_defensively",
    shares: Sequence[int] = (10, 300, 500, 120, 20, 50),
    delay: float | None = 12.5,
    label: str = "",
) -> TransitionQuality:
    """`shares`: counts of on time, early, late, false, missed and neither."""
    runs = sum(shares)
    apart = Apart(Mean(9.4, 0.5, 400), {0.05: 1, 0.5: 6, 0.95: 40})
    nothing = Apart(NONE, {0.05: None, 0.5: None, 0.95: None})
    counts = [Share(count, runs, runs == 1) for count in shares]
    return TransitionQuality(
        name,
        ("No action",),
        label or "Defensive weapons",
        *counts,
        apart if shares[1] else nothing,
        apart if shares[2] else nothing,
        Mean(1.0, 0.2, 800),
        NONE if delay is None else Mean(delay, delay / 20, 800),
        Mean(0.9, 0.01, runs),
        Mean(0.8, 0.01, runs),
    )


def quality(*transitions: TransitionQuality) -> Quality:
    runs = transitions[0].false.runs if transitions else RUNS
    phase = PhaseQuality("high", "High", Mean(3.0, 0.1, runs), Mean(2.0, 0.1, runs), Share(0, runs), Share(0, runs))
    return Quality(transitions, (phase,), phase)


def made(columns: Sequence[Column], varied: Varied | None = None, **changes: object) -> TriggerQuality:
    done = TriggerQuality(
        scenario="s",
        scenario_title="Ambiguous intelligence whose errors are shared and persist",
        policy="p",
        policy_title="Seoul's phased approach, as stated in October 2024",
        start=dt.date(2024, 10, 24),
        days=365,
        runs=RUNS,
        seed=1,
        single_path=False,
        reactive=False,
        blurred=True,
        tolerance=0,
        grades=Grades(1, 2, 6, 31),
        columns=tuple(columns),
        varied=varied,
    )
    return replace(done, **changes)  # type: ignore[arg-type]


def bars(*transitions: TransitionQuality, memories: Sequence[float | None] = (0, 7, 30), **changes: object) -> TriggerQuality:
    return made([Column(memory, quality(*transitions)) for memory in memories], **changes)


def curve(
    values: Sequence[float] = range(1, 29),
    delays: Callable[[float], float | None] = lambda value: 3 * value,
    names: Sequence[str] = ("arm_defensively",),
    memories: Sequence[float | None] = (0, 7, 30),
    stated: float | None = 1,
    **changes: object,
) -> TriggerQuality:
    """False alarms fall by half with each value; the longer the memory, the slower."""

    def at(value: float, memory: float) -> Quality:
        false = min(round(800 * 0.5 ** ((value - values[0]) / (1 + memory))), 850)
        return quality(*(transition(name, (0, 0, 150, false, 0, 850 - false), delays(value)) for name in names))

    columns = []
    for memory in memories:
        points = tuple(Point(f"{value:g}", value, at(value, memory or 0)) for value in values)
        columns.append(Column(memory, at(stated or values[0], memory or 0), points))
    varied = Varied("transitions.arm_defensively.confirm", "confirm", "days", stated, tuple(names))
    return made(columns, varied, **changes)


CASES: dict[str, Callable[[], Chart]] = {
    name: (lambda done=done: quality_chart(done(), IMPRINT))  # type: ignore[misc]
    for name, done in {
        "bars": lambda: bars(transition()),
        "bars, two": lambda: bars(transition(), transition("go_offensive", (0, 0, 0, 0, 0, 1000), None)),
        "bars, all idle": lambda: bars(transition("go", (0, 0, 0, 0, 0, 1000), None)),
        "bars, six": lambda: bars(*(transition(f"step_{index}") for index in range(6))),
        "bars, long": lambda: bars(transition(LONG, label=LONG_LABEL), transition("b", label=LONG_LABEL)),
        "bars, one column": lambda: bars(transition(), memories=(None,), blurred=False),
        "bars, six columns": lambda: bars(transition(), memories=(0, 1, 3, 7, 30, None)),
        "bars, one path": lambda: bars(transition(shares=(0, 0, 1, 0, 0, 0)), memories=(None,), blurred=False, single_path=True),
        "bars, no transition": lambda: bars(memories=(0, 7)),
        "bars, reactive, tolerance": lambda: bars(transition(), reactive=True, tolerance=3),
        "bars, extremes": lambda: bars(transition(shares=(500, 500, 0, 0, 0, 0)), transition("b", (0, 0, 1000, 0, 0, 0))),
        "curve": curve,
        "curve, long delays": lambda: curve(delays=lambda value: 1.5**value / 10),
        "curve, nothing due": lambda: curve(delays=lambda _: None),
        "curve, no delay": lambda: curve(delays=lambda _: 0.0),
        "curve, a hundred": lambda: curve(values=[value / 4 for value in range(100)], stated=0),
        "curve, one value": lambda: curve(values=[3], stated=3),
        "curve, as given outside": lambda: curve(values=range(5, 20), stated=1),
        "curve, as given uncertain": lambda: curve(stated=None),
        "curve, two transitions": lambda: curve(names=("arm_defensively", "go_offensive")),
        "curve, five long transitions": lambda: curve(names=[f"{LONG}_{index}" for index in range(5)]),
        "curve, one column": lambda: curve(memories=(None,), blurred=False),
        "curve, four columns": lambda: curve(memories=(0, 1, 30, None)),
    }.items()
}


def words(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text().split()) for text in texts(figure))


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_cut_off_or_overlaps_another(name: str) -> None:
    whole_and_apart(lambda: CASES[name]().figure)


@pytest.mark.parametrize(
    "name", ["bars, one path", "bars, no transition", "bars, reactive, tolerance", "curve", "curve, one column"]
)
def test_every_chart_carries_headline_framing_command_and_version(name: str) -> None:
    chart = CASES[name]()
    told = words(chart.figure)
    for part in ("Teaching model of stated positions, not a forecast.", "31 of 40 numbers are assumed.", IMPRINT.command):
        assert part in told
    assert chart.title
    assert "probab" not in f"{told} {chart.description}".lower()
    svg = render(chart, "svg")
    assert svg == render(CASES[name](), "svg")
    assert ElementTree.fromstring(svg).findtext("{http://www.w3.org/2000/svg}desc") == chart.description


def test_same_inputs_give_the_same_bytes() -> None:
    for name in ("bars", "curve"):
        assert render(CASES[name](), "png") == render(CASES[name](), "png")


def test_the_headline_tells_the_false_alarms() -> None:
    assert CASES["bars, two"]().title == (
        "arm defensively: false alarms, early or never due, in 42%, 42% and 42% of simulated runs. "
        "go offensive: neither due nor taken in any simulated run, with errors that last 0, 7 and 30 days"
    )
    assert CASES["curve"]().title == (
        "confirm 1 → 28 days: false alarms of arm defensively in 80% → 0%, 80% → 8% and 80% → 44% of runs. "
        "Mean delay: 3 → 84, 3 → 84 and 3 → 84 days, with errors that last 0, 7 and 30 days"
    )
    assert CASES["curve, one value"]().title == "confirm 3 → 3 days: changes nothing here"
    assert CASES["bars, one path"]().title == "arm defensively: late by 9 days"


def due_in(runs: int, false: Sequence[int] = (60, 0), delays: Sequence[float] = (3, 84)) -> TriggerQuality:
    """A curve of one memory of `RUNS` runs, in `runs` of which the transition is due."""
    points = [
        Point(
            f"{at}",
            at,
            quality(replace(transition(shares=(0, 0, runs, wrong, 0, RUNS - runs - wrong)), delay=Mean(days, 1.0, runs))),
        )
        for at, (wrong, days) in enumerate(zip(false, delays, strict=True))
    ]
    varied = Varied("transitions.arm_defensively.confirm", "confirm", "days", 9, ("arm_defensively",))
    return made([Column(7, quality(transition()), tuple(points))], varied)


@pytest.mark.parametrize(
    ("runs", "told"), [(30, "Mean delay: 3 → 84 days"), (29, "Due in only 29 of 1,000 runs: too few for a mean delay")]
)
def test_the_headline_tells_no_mean_over_few_runs(runs: int, told: str) -> None:
    chart = quality_chart(due_in(runs), IMPRINT)
    assert chart.title.endswith(f"6% → 0% of runs. {told}, with errors that last 7 days")
    assert f"due in {runs} of 1,000 runs" in words(chart.figure)


@pytest.mark.parametrize(
    ("false", "told"),
    [
        ((0, 0, 0), "no false alarm of arm defensively at any value"),
        ((50, 50, 50), "false alarms of arm defensively in 5% of runs at every value"),
        ((0, 50, 0), "false alarms of arm defensively in 0% of runs at both ends, not between them"),
    ],
)
def test_ends_that_are_the_same_are_told_in_words(false: Sequence[int], told: str) -> None:
    title = quality_chart(due_in(500, false, (3, 84, 90)), IMPRINT).title
    assert title == f"confirm 0 → 2 days: {told}. Mean delay: 3 → 90 days, with errors that last 7 days"


def test_an_axis_with_a_zero_is_logarithmic_only_beyond_a_day() -> None:
    figure = CASES["curve, long delays"]().figure
    assert figure.axes[0].get_xscale() == "symlog"
    assert "mean delay where due, in days (log scale beyond 1 day)" in words(figure)
    transform = figure.axes[0].transData.transform
    at = [float(transform((x, 0))[0]) for x in (0, 0.5, 1, 10, 100)]
    assert at[1] - at[0] == pytest.approx(at[2] - at[1])
    assert at[3] - at[2] == pytest.approx(at[4] - at[3])


def test_bars_are_as_long_as_the_shares() -> None:
    figure = CASES["bars"]().figure
    lengths = [patch.get_width() for patch in figure.axes[0].patches]
    assert lengths == [0.01, 0.3, 0.5, 0.12, 0.02, 0.05]
    assert "30%, median 6 days" in words(figure)


def test_idle_transitions_are_named_and_not_drawn() -> None:
    figure = CASES["bars, two"]().figure
    assert len(figure.axes) == 3
    assert "Not drawn, as they are neither due nor taken in any run: go offensive." in words(figure)


def test_the_curve_goes_through_its_points_on_equal_axes() -> None:
    done = curve()
    figure = quality_chart(done, IMPRINT).figure
    assert len({ax.get_xlim() for ax in figure.axes}) == len({ax.get_ylim() for ax in figure.axes}) == 1
    for ax, column in zip(figure.axes, done.columns, strict=True):
        line = ax.lines[0]
        those = [point.quality.of("arm_defensively") for point in column.points]
        np.testing.assert_allclose(line.get_xdata(), [each.delay.value for each in those])
        np.testing.assert_allclose(line.get_ydata(), [each.false_alarm.value for each in those])
    assert words(figure).count("1 (as given)") == 3


def test_values_that_come_to_the_same_are_one_point() -> None:
    """A threshold between two whole rungs is as good as the upper one."""
    same = quality(transition(shares=(0, 0, 500, 100, 0, 400)))
    other = quality(transition(shares=(0, 0, 500, 0, 100, 400), delay=80.0))
    points = [Point(f"{value:g}", value, same if value <= 3 else other) for value in (2.25, 2.5, 2.75, 3, 3.25, 3.5)]
    varied = Varied("thresholds.front_line.value", "front line", "rung", 3, ("arm_defensively",))
    told = words(quality_chart(made([Column(7, same, tuple(points))], varied), IMPRINT).figure)
    assert "2.25–3 (3 as given)" in told
    assert "3.25–3.5" in told


def test_where_nothing_is_due_the_value_is_the_axis() -> None:
    figure = CASES["curve, nothing due"]().figure
    assert "confirm, in days" in words(figure)
    np.testing.assert_array_equal(figure.axes[0].lines[0].get_xdata(), range(1, 29))


def test_names_stay_apart_and_the_first_is_always_there() -> None:
    with styled():
        figure = Figure(figsize=(3, 3))
        ax = figure.subplots()
        points = [Named(0.5, 0.5 + index / 1e4, f"value {index}", index == 7) for index in range(40)]
        name_points(ax, points)
        name_points(ax, [])
        found = [text for text in ax.texts if text.get_text().startswith("value")]
        boxes = [text.get_window_extent() for text in found]
    assert "value 7" in [text.get_text() for text in found]
    assert 1 < len(found) < 40
    assert not any(one.overlaps(other) for one, other in itertools.combinations(boxes, 2))
