"""What the charts say and draw, for data that are known."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.collections import FillBetweenPolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from sim.charts import Imprint, first_passage_chart, hindcast_chart, overview_chart, path_chart, run_chart
from sim.charts.overview import sorted_strips
from sim.charts.style import GREY, PHASES, SIGNPOST, line_style, phase_colours
from sim.charts.text import texts
from sim.errors import BadUsage
from sim.intervals import wilson
from sim.results import Result
from tests.charts.made import DEEDS, IMPRINT, LABELS, grid, line, path, range_bars, result, rival, statements


def words(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text().split()) for text in texts(figure))


def made_of(days: int, *groups: tuple[int, int, int]) -> np.ndarray:
    """(runs, day of phase 1, day of phase 2) …"""
    return np.array([(one, two) for runs, one, two in groups for _ in range(runs)], dtype=np.int64).clip(max=days)


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        (
            ((41, 80, 999), (59, 999, 999)),
            [
                "reached in 41% of simulated runs, on 2025-01-12 in each of these",
                "not reached by 2025-10-23 in any simulated run",
            ],
        ),
        (((20, 10, 999), (21, 80, 999), (59, 999, 999)), ["reached in 41% of simulated runs, by 2025-01-12 in half of these"]),
        (((10, 10, 999), (50, 80, 999), (40, 999, 999)), ["reached in 60% of simulated runs, by 2025-01-12 in half of all runs"]),
        (
            ((100, 0, 0),),
            [
                "reached in every simulated run, on 2024-10-24",
                "Offensive measures: reached in every simulated run, on 2024-10-24",
            ],
        ),
        (((100, 999, 999),), ["Defensive weapons: not reached by 2025-10-23 in any simulated run"]),
        (((1, 10, 999), (999, 999, 999)), ["reached in 1 of 1,000 simulated runs, on 2024-11-03"]),
        (((999, 10, 999), (1, 999, 999)), ["reached in all but 1 of 1,000 simulated runs, on 2024-11-03 in each of these"]),
    ],
)
def test_headline_is_computed_from_the_counts(groups: tuple[tuple[int, int, int], ...], expected: list[str]) -> None:
    first = made_of(365, *groups)
    chart = run_chart(result(runs=len(first), first=first), IMPRINT)
    for part in expected:
        assert part in chart.title
        assert part in words(chart.figure)


def test_one_path_says_so_and_speaks_of_no_shares() -> None:
    first = made_of(365, (1, 7, 999))
    chart = run_chart(result(runs=1, single_path=True, first=first), IMPRINT)
    assert chart.title == "Defensive weapons: reached on 2024-10-31. Offensive measures: not reached by 2025-10-23"
    assert "One path: nothing in it is uncertain." in words(chart.figure)
    assert "%" not in words(chart.figure)


def test_run_draws_bands_median_single_runs_and_thresholds() -> None:
    chart = run_chart(result(), IMPRINT)
    level, troops, shares = chart.figure.axes
    blue = [artist for artist in level.lines if to_hex(artist.get_color()) == SIGNPOST]
    assert len(blue) == 6  # the median and five single runs
    assert len(level.collections) == 2
    assert len(troops.collections) == 3  # and the hatched band of the uncertain threshold
    assert sum(band.get_hatch() is not None for band in troops.collections) == 1
    fills = [band for band in shares.collections if isinstance(band, FillBetweenPolyCollection)]
    assert [to_hex(band.get_facecolor()[0]) for band in fills] == list(PHASES)


def test_thresholds_carry_value_unit_grade_and_source() -> None:
    said = words(run_chart(result(), IMPRINT).figure)
    assert "front line: 3 rung (implied, F10)" in said
    assert "mass deployment: uniform 12,000–16,000 troops (assumed, F10)" in said


def test_a_threshold_far_away_does_not_flatten_the_panel() -> None:
    lines = (line("front_line", "deployment_level", "rung", 365, 3), line("discretion", "deployment_level", "rung", 365, 99))
    chart = run_chart(result(lines=lines), IMPRINT)
    assert chart.figure.axes[0].get_ylim()[1] < 6
    assert "above this panel" in words(chart.figure)


def test_signposts_beyond_four_are_named_in_the_small_print() -> None:
    one = result()
    fans = {f"signpost_{index}": one.signposts["deployment_level"] for index in range(6)}
    lines = tuple(line("same", name, "rung", 365, 3) for name in fans)
    chart = run_chart(result(fans=fans, lines=lines), IMPRINT)
    assert len(chart.figure.axes) == 5
    assert "Not shown: signpost 4, signpost 5." in words(chart.figure)


def test_small_print_counts_runs_and_seed() -> None:
    said = words(run_chart(result(runs=1234, seed=7), IMPRINT).figure)
    assert "Share of simulated runs: 1,234 runs, seed 7." in said
    assert "90% of 1,234 runs" in said


def test_small_print_of_what_is_no_share() -> None:
    said = words(overview_chart([result(runs=1234, seed=7)], IMPRINT).figure)
    assert "1,234 simulated runs, seed 7." in said
    assert "Share of" not in said
    assert "simulated runs of each pair, seed" in words(overview_chart(grid(2, 1), IMPRINT).figure)


def test_policies_are_told_apart_by_line_never_by_colour() -> None:
    chart = first_passage_chart(grid(8, 1), IMPRINT)
    curves = [artist for artist in chart.figure.axes[0].lines if len(artist.get_xdata()) == 366]
    assert len(curves) == 8
    assert len({to_hex(artist.get_color()) for artist in curves}) == 1
    looks = {(str(line_style(index).dashes), line_style(index).marker) for index in range(12)}
    assert len(looks) == 12


def test_first_passage_dates_the_crossing_of_one_half() -> None:
    first = made_of(365, (49, 10, 999), (11, 80, 999), (40, 999, 999))
    said = words(first_passage_chart([result(runs=100, first=first)], IMPRINT).figure)
    assert "phased-approach: 60% half by 2025-01-12" in said
    assert "phased-approach: not reached" in said


def bands(figure: Figure) -> list[FillBetweenPolyCollection]:
    return [band for ax in figure.axes for band in ax.collections if isinstance(band, FillBetweenPolyCollection)]


def test_each_curve_has_the_band_of_its_interval() -> None:
    first = made_of(365, (3, 10, 999), (17, 999, 999))
    one = result(runs=20, first=first)
    chart = first_passage_chart([one], IMPRINT)
    assert "Bands: 95% Monte Carlo intervals, each day by itself." in words(chart.figure)
    drawn, _ = bands(chart.figure)
    corners = drawn.get_paths()[0].vertices
    before, after = wilson(0, 20), wilson(3, 20)
    assert set(np.round(corners[:, 1], 9)) == {round(float(bound), 9) for bound in (*before, *after)}
    assert "(share 5% to 36%)" in chart.description
    assert "In brackets: 95% Monte Carlo intervals of the shares." in chart.description


@pytest.mark.parametrize(("runs", "widest"), [(16, 0.45), (100, 0.2), (10_000, 0.02)])
def test_bands_are_grey_and_thin_where_runs_are_many(runs: int, widest: float) -> None:
    first = made_of(365, (runs // 2, 80, 999), (runs // 2, 999, 999))
    band, _ = bands(first_passage_chart([result(runs=runs, first=first)], IMPRINT).figure)
    assert to_hex(band.get_facecolor()[0]) == GREY
    x, y = band.get_paths()[0].vertices.T
    assert 0.9 * widest < np.ptp(y[x == x.max()]) < widest


def test_too_many_policies_have_no_bands_but_are_told_how_wide_they_would_be() -> None:
    few, many = first_passage_chart(grid(4, 1, runs=96), IMPRINT), first_passage_chart(grid(5, 1, runs=96), IMPRINT)
    assert len(bands(few.figure)) == 8
    assert bands(many.figure) == []
    low, high = wilson(48, 96)  # widest at one half
    said = words(many.figure)
    assert f"95% Monte Carlo intervals are not drawn; they are at most {100 * (high - low):.2g} percentage points wide." in said


def test_one_path_has_no_band_but_its_sampled_twin_has() -> None:
    first = made_of(365, (1, 7, 999))
    alone = result(runs=1, single_path=True, first=first, policy="fixed")
    chart = first_passage_chart([alone], IMPRINT)
    assert bands(chart.figure) == []
    assert "Monte Carlo" not in words(chart.figure) + chart.description
    twin = result(runs=50, first=made_of(365, (50, 7, 999)), policy="sampled")
    both = first_passage_chart([alone, twin], IMPRINT).figure
    assert len(bands(both)) == 2
    assert "fixed = sampled: 100%" in words(both)


def test_run_tells_how_wide_its_intervals_are() -> None:
    chart = run_chart(result(runs=100, first=made_of(365, (50, 80, 999), (50, 999, 999))), IMPRINT)
    assert "95% Monte Carlo intervals of the shares are at most 19 percentage points wide." in words(chart.figure)
    assert "Defensive weapons 50% (40% to 60%)" in chart.description
    assert "in brackets 95% Monte Carlo intervals" in chart.description
    alone = run_chart(result(runs=1, single_path=True), IMPRINT)
    assert "Monte Carlo" not in words(alone.figure) + alone.description


def read_as(low: int, high: int, policy: str = "a", stated: int = 50) -> Result:
    """Of 100 runs `stated` reach the first phase as stated, and `low` and `high` over two rival readings."""
    first = [made_of(365, (reached, 80, 999), (100 - reached, 999, 999)) for reached in (stated, low, high)]
    return result(runs=100, first=first[0], policy=policy, rivals=(rival(first[1], name="one"), rival(first[2], name="two")))


def test_a_bar_beside_the_panel_spans_the_range_over_readings() -> None:
    chart = first_passage_chart([read_as(20, 90), read_as(50, 60, "b", stated=60)], IMPRINT)
    panel = chart.figure.axes[0]
    (bottom, top), bars = panel.get_ylim(), range_bars(chart.figure)
    spans = [[round(float(y) * (top - bottom) + bottom, 9) for y in bar.get_ydata()] for bar in bars]
    assert spans == [[0.2, 0.9], [0.5, 0.6]]  # none in the other panel, where no reading changes anything
    assert {to_hex(bar.get_color()) for bar in bars} == {GREY}
    assert len({str(bar.get_linestyle()) for bar in bars}) == 2
    said = words(chart.figure)
    assert "a: 50% half by 2025-01-12 20–90% over readings" in said
    assert "b: 60% half by 2025-01-12 50–60% over readings" in said
    assert "a = b: not reached 0% over readings" in said
    assert "Bars beside a panel: range over rival readings of the thresholds, one at a time." in said
    assert "More runs narrow the bands, not the bars." in said
    assert "20% to 90% over readings" in chart.description


def test_policies_that_share_a_line_share_its_bar_where_their_ranges_are_equal() -> None:
    same = first_passage_chart([read_as(20, 90), read_as(20, 90, "b")], IMPRINT).figure
    assert len(range_bars(same)) == 1
    assert "a = b: 50% half by 2025-01-12 20–90% over readings" in words(same)
    other = first_passage_chart([read_as(20, 90), read_as(20, 70, "b"), replace(read_as(0, 0, "c"), rivals=())], IMPRINT).figure
    assert len(range_bars(other)) == 2
    assert "a = b = c: 50% half by 2025-01-12 a: 20–90% over readings b: 20–70% over readings" in words(other)


def test_without_rivals_nothing_is_said_of_readings() -> None:
    for chart in (first_passage_chart([result()], IMPRINT), run_chart(result(), IMPRINT), path_chart(*path(), IMPRINT)):
        assert range_bars(chart.figure) == []
        assert "readings" not in words(chart.figure) + chart.description


def test_ranges_of_too_many_policies_are_not_drawn() -> None:
    figure = first_passage_chart(grid(5, 1, readings=True), IMPRINT).figure
    assert range_bars(figure) == []
    assert "Ranges over rival readings of the thresholds are not drawn for so many policies." in words(figure)


def test_run_tells_the_range_over_readings() -> None:
    chart = run_chart(read_as(1, 100), IMPRINT)
    told = "Over rival readings of the thresholds, one at a time: Defensive weapons in 1–100%, Offensive measures in 0%"
    assert f"{told} of simulated runs." in words(chart.figure)
    assert told in chart.description
    assert "More runs narrow these, not the range over readings." in words(chart.figure)


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((3, 12), "Defensive weapons from 2024-10-27 to 2024-11-05"),
        ((7, 999), "Defensive weapons on 2024-10-31 or not reached"),
        ((3, 999), "Defensive weapons from 2024-10-27 to 2024-10-31 or not reached"),
    ],
)
def test_a_path_tells_the_dates_over_readings(days: tuple[int, int], told: str) -> None:
    one, changes = path(changes=((7, 1),))
    rivals = tuple(rival(made_of(120, (1, day, 999)), 120, single_path=True) for day in days)
    chart = path_chart(replace(one, rivals=rivals), changes, IMPRINT)
    said = f"Over rival readings of the thresholds, one at a time: {told}; Offensive measures not reached."
    assert said in words(chart.figure)
    assert said in chart.description
    assert "%" not in words(chart.figure)


def test_compare_headline_names_the_extremes() -> None:
    three = [
        result(runs=10, policy=policy, first=made_of(365, (reached, 5, 999), (10 - reached, 999, 999)))
        for policy, reached in (("a", 1), ("b", 9), ("c", 5))
    ]
    title = first_passage_chart(three, IMPRINT).title
    assert "Defensive weapons: reached in 10% (a) to 90% (b) of simulated runs" in title
    assert "Offensive measures: not reached in any simulated run" in title


def test_a_reactive_world_is_said() -> None:
    assert "different worlds" in words(first_passage_chart([result(reactive=True)], IMPRINT).figure)


def test_policies_with_other_phases_are_left_out_and_that_is_said() -> None:
    chart = first_passage_chart([result(), result(policy="two-steps", phases=2)], IMPRINT)
    assert "A policy without a phase of that name has no line." in words(chart.figure)


@pytest.mark.parametrize("chart", [first_passage_chart, overview_chart])
def test_nothing_to_draw_is_an_error_of_use(chart: object) -> None:
    with pytest.raises(BadUsage):
        chart([], IMPRINT)  # type: ignore[operator]


def test_strips_are_sorted_by_first_passages() -> None:
    first = np.array([[365, 365], [9, 20], [3, 365], [9, 10]])
    strips = sorted_strips(result(runs=4, first=first))
    ups = [(row >= 1).argmax() if row.any() else 365 for row in strips]
    assert ups == [3, 9, 9, 365]
    assert (strips[1] == 2).argmax() == 10


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (2, 5)])
def test_overview_has_a_panel_for_each_pair(shape: tuple[int, int]) -> None:
    chart = overview_chart(grid(*shape), IMPRINT)
    assert sum(bool(ax.images) for ax in chart.figure.axes) == shape[0] * shape[1]


def test_path_dates_every_transition() -> None:
    chart = path_chart(*path(), IMPRINT)
    said = words(chart.figure)
    assert "2024-10-31 → Defensive weapons arm defensively, decided 2024-10-26" in said
    assert "2024-12-03 → Offensive measures" in said
    assert chart.title == "Defensive weapons: reached on 2024-10-31. Offensive measures: reached on 2024-12-03"


def test_path_says_how_many_transitions_have_no_label() -> None:
    changes = [(day, day // 2 % 2) for day in range(2, 362, 2)]
    said = words(path_chart(*path(days=365, changes=changes), IMPRINT).figure)
    assert "of 180 transitions are labelled." in said


def test_hindcast_sets_statement_against_behaviour() -> None:
    chart = hindcast_chart(statements(), DEEDS, dt.date(2024, 10, 18), dt.date(2026, 2, 28), Imprint("phased hindcast", "0.1.0"))
    said = words(chart.figure)
    assert "Statement against behaviour" in said
    assert chart.title.startswith("Defensive weapons: due 2024-10-24 to 2024-10-31 (3 of 6 readings); not seen by 2026-02-13")
    assert "Defensive weapons: due 2024-10-28; seen below it for at least 473 days" in said
    assert "Not due: Defensive weapons, Offensive measures" in said
    assert "5 2024-12-03 Martial law is declared. (B05)" in said


@pytest.mark.parametrize("count", range(1, 10))
def test_phases_darken_upwards(count: int) -> None:
    luminance = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in map(to_rgb, phase_colours(count))]
    assert luminance == sorted(luminance, reverse=True)
    assert len(set(phase_colours(count))) == count
    assert phase_colours(count)[0] == PHASES[0]


def test_three_phases_have_the_colours_that_were_checked() -> None:
    assert phase_colours(3) == PHASES
    assert LABELS[1] == "Defensive weapons"
