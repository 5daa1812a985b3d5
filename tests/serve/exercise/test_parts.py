"""Parts of a page: what they say, and that a chart says the same as its table."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from sim.serve.exercise.parts import after, chart, el
from tests.serve.exercise.made import words_of


def test_attributes_are_named_as_html_names_them() -> None:
    part = el("input", for_="a", data_key="b", aria_hidden="true", required=True, hidden=False, step=None)
    assert part == ["input", {"for": "a", "data-key": "b", "aria-hidden": "true", "required": ""}]


def test_the_time_since_the_start() -> None:
    assert [after(seconds) for seconds in (0, 59.9, 754, 3_725)] == ["0:00:00", "0:00:59", "0:12:34", "1:02:05"]


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), min_size=2, max_size=20))
def test_a_chart_has_a_point_for_each_value_at_its_height(values: list[int | None]) -> None:
    dates = [f"day {day}" for day in range(len(values))]
    parts = chart("level", "rung", dates, values)
    known = [value for value in values if value is not None]
    lines = [part for part in parts if part[0] == "svg.seen"]
    if len(set(known)) < 2:
        assert lines == []
        return
    (points,) = (child[1]["points"] for child in lines[0] if isinstance(child, list) and child[0] == "polyline")
    heights = [float(point.split(",")[1]) for point in points.split()]
    assert len(heights) == len(known)
    low, high = min(known), max(known)
    for height, value in zip(heights, known, strict=True):
        assert abs(height - (20 + 90 * (high - value) / (high - low))) < 0.06
    table = words_of(parts[-1])
    assert re.findall(r"day \d+\n(\S+)", table) == ["–" if value is None else str(value) for value in values]
