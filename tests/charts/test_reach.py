"""The chart of fastest possible days: nothing cut off or overlapping, and what it says is what was found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from sim.charts import Chart, reach_chart, render
from sim.charts.text import texts
from sim.results import Change, Grades, PhaseName
from sim.verify.picture import ReachPicture, Seen, Soonest
from tests.charts.layout import whole_and_apart
from tests.charts.made import IMPRINT, line

LONG = [f"A phase with a very long label of about eighty characters, number {index}, for testing" for index in range(8)]


def picture(phases: int = 3, day: int = 21, *, labels: list[str] | None = None, signposts: int = 1, **parts: Any) -> ReachPicture:
    """A ladder climbed one phase after the other, the last of them on `day`."""
    names = labels or ["No action", "Defensive weapons", "Offensive measures", *(f"Phase {index}" for index in range(3, phases))]
    days = day + 1 + max(3, day // 6)
    entries = [max(day - (phases - 1 - index), 0) for index in range(1, phases)]
    strip = np.zeros(days, np.int64)
    for index, entry in enumerate(entries, 1):
        strip[entry:] = index
    seen = tuple(
        Seen(
            f"observer_{index}",
            "rung",
            np.full(days, 4.0),
            tuple(line(f"threshold_{at}", f"observer_{index}", "rung", days, 2 + at) for at in range(3)),
            (0.0, 4.0),
        )
        for index in range(signposts)
    )
    changes = tuple(
        Change(entry, max(entry - 2, 0), f"step_{index}", names[index - 1], names[index])
        for index, entry in enumerate(entries, 1)
    )
    return replace(
        ReachPicture(
            "A policy of three phases",
            "Deployment surges to the front",
            dt.date(2024, 10, 24),
            days,
            365,
            "Each signpost may take any value that it can have, on any day: level 0 to 4.",
            tuple(PhaseName(f"phase_{index}", names[index]) for index in range(phases)),
            0,
            tuple(Soonest(names[index], entry, True) for index, entry in enumerate(entries, 1)),
            seen,
            strip,
            changes,
            ("transitions.go.lag 14",),
            Grades(1, 2, 6, 31),
        ),
        **parts,
    )


def nothing(**parts: Any) -> ReachPicture:
    soonest = (Soonest("Defensive weapons", None, True), Soonest("Offensive measures", None, False, 12))
    return replace(picture(), soonest=soonest, seen=(), changes=(), drawn=(), **parts)


CASES: dict[str, Callable[[], ReachPicture]] = {
    "three phases": picture,
    "no scenario": lambda: picture(scenario_title=None, start=None, horizon=None),
    "on day 0": lambda: picture(day=0),
    "a year and a half": lambda: picture(day=540),
    "a year and a half without dates": lambda: picture(day=540, start=None),
    "two phases": lambda: picture(phases=2),
    "eight phases": lambda: picture(phases=8),
    "eight long labels": lambda: picture(phases=8, labels=LONG),
    "six signposts": lambda: picture(signposts=6),
    "nothing reached": nothing,
    "nothing reached without dates": lambda: nothing(start=None, horizon=None),
    "one phase": lambda: replace(nothing(), phases=(PhaseName("a", "A"),), soonest=()),
}


def words(chart: Chart) -> str:
    return " ".join(" ".join(text.get_text() for text in texts(chart.figure)).split())


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_cut_off_or_overlaps_another(name: str) -> None:
    whole_and_apart(lambda: reach_chart(CASES[name](), IMPRINT).figure)


@pytest.mark.parametrize("name", CASES)
def test_framing_command_and_the_same_bytes(name: str) -> None:
    chart = reach_chart(CASES[name](), IMPRINT)
    told = words(chart)
    assert "Teaching model of stated positions, not a forecast. 31 of 40 numbers are assumed." in told
    assert IMPRINT.command in told
    assert "probab" not in f"{told} {chart.description}".lower()
    assert render(chart, "svg") == render(reach_chart(CASES[name](), IMPRINT), "svg")


def test_the_headline_is_what_was_found() -> None:
    chart = reach_chart(picture(), IMPRINT)
    assert chart.title == (
        "Defensive weapons: day 20 (2024-11-13) at the soonest. Offensive measures: day 21 (2024-11-14) at the soonest"
    )
    assert "Day 21 (2024-11-14): step 2, to Offensive measures, decided on day 19 (2024-11-12)." in words(chart)
    title = reach_chart(nothing(), IMPRINT).title
    first, second = title.split(". ")
    assert first == "Defensive weapons: no world reaches it within 365 days"
    assert second == "Offensive measures: not decided, but not before day 12 (2024-11-05)"


def test_days_without_dates_are_called_days() -> None:
    figure = reach_chart(picture(scenario_title=None, start=None, horizon=None), IMPRINT).figure
    labels = [label.get_text() for ax in figure.axes for label in ax.get_xticklabels() if label.get_text()]
    assert labels[0] == "day 0"
    assert all(label.startswith("day ") for label in labels)
    assert "2000" not in words(reach_chart(picture(start=None), IMPRINT))
