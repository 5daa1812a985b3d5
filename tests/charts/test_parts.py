"""The helpers: spreading, lanes, wrapping, dates."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.charts.dates import tick_dates, tick_labels
from sim.charts.labels import lanes, spread
from sim.charts.text import fallback_fonts, width, wrap

LABELS = st.lists(st.tuples(st.floats(0, 10), st.floats(0.05, 1)), min_size=1, max_size=8)


@given(LABELS)
def test_spread_keeps_labels_apart_inside_and_in_order(labels: list[tuple[float, float]]) -> None:
    centres, sizes = [y for y, _ in labels], [size for _, size in labels]
    placed = spread(centres, sizes, 0, 10)
    order = sorted(range(len(labels)), key=lambda at: (centres[at], at))
    for below, above in itertools.pairwise(order):
        assert placed[above] - placed[below] >= (sizes[above] + sizes[below]) / 2 - 1e-9
    assert min(y - size / 2 for y, size in zip(placed, sizes, strict=True)) >= -1e-9
    assert max(y + size / 2 for y, size in zip(placed, sizes, strict=True)) <= 10 + 1e-9


def test_spread_moves_nothing_that_has_room() -> None:
    assert spread([1, 5, 3], [0.5, 0.5, 0.5], 0, 10) == pytest.approx([1, 5, 3])
    assert spread([2, 2], [1, 1], 0, 10) == pytest.approx([1.5, 2.5])
    assert spread([], [], 0, 1) == []


@given(st.lists(st.tuples(st.floats(0, 10), st.floats(0.1, 3)), max_size=20))
def test_labels_in_one_lane_never_overlap(labels: list[tuple[float, float]]) -> None:
    starts, widths = [start for start, _ in labels], [wide for _, wide in labels]
    chosen = lanes(starts, widths)
    for lane in set(chosen):
        spans = sorted((starts[at], starts[at] + widths[at]) for at, its in enumerate(chosen) if its == lane)
        assert all(end <= begin + 1e-9 for (_, end), (begin, _) in itertools.pairwise(spans))


@given(st.text(max_size=60), st.floats(0.5, 4))
def test_wrapping_keeps_every_letter_and_fits(text: str, room: float) -> None:
    wrapped = wrap(text, room, 8)
    assert "".join(wrapped.split()) == "".join(text.split())
    assert width(wrapped, 8) <= room + 1e-9


def test_wrapping_breaks_at_spaces_then_hyphens() -> None:
    assert wrap("one two", 10, 8) == "one two"
    assert wrap("ambiguous-intelligence-uncertain", 1.2, 8).split("\n")[0].endswith("-")


@given(st.dates(dt.date(1900, 1, 1), dt.date(2200, 1, 1)), st.integers(1, 20000), st.integers(2, 14))
def test_ticks_are_few_inside_and_told_apart(start: dt.date, days: int, most: int) -> None:
    dates, monthly = tick_dates(start, days, most)
    assert 1 <= len(dates) <= most
    assert dates == sorted(set(dates))
    assert all(start <= date < start + dt.timedelta(days) for date in dates)
    labels = tick_labels(dates, monthly)
    assert str(dates[0].year) in labels[0]


def test_no_fallback_font_where_dejavu_has_every_letter() -> None:
    assert fallback_fonts(["Ukraine’s → – × ↑", "naïve Łódź Київ"]) == ()
