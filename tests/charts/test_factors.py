"""Tornado, Sobol bars and discovery boxes: whole, apart, computed from the numbers, the same bytes each time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.patches import Rectangle

from sim.analysis.discovery import Sample, discover
from sim.analysis.factors import Factor, matrix, values_at
from sim.analysis.sensitivity import Index, Spread, Swing, Tornado
from sim.charts import Chart, Imprint, render
from sim.charts.boxes import bounds, boxes_chart
from sim.charts.factors import About, dotted
from sim.charts.indices import indices_chart
from sim.charts.style import LABEL
from sim.charts.text import texts, width
from sim.charts.tornado import tornado_chart
from sim.draws import Floats
from sim.errors import BadUsage
from sim.results import Grades
from sim.spec.values import Choice, Uniform
from tests.charts.layout import whole_and_apart

IMPRINT = Imprint("phased sensitivity surge-to-front-uncertain", "0.1.0")
LONG = "variables.a_rather_long_name_of_a_variable_{}.moves.reinforcements_from_afar.jumps.rate"
RUNG = Factor("variables.deployment_level.path.2024-10-31", Choice.model_validate({"choice": [2, 3, 4]}), unit="rung")


def about(kind: str = "first", noisy: bool = True) -> About:
    words = {"first": "Defensive weapons, mean first passage (never: 365)", "reached": "Defensive weapons, share that reach it"}
    grades = Grades(quoted=1, reported=5, implied=3, assumed=31)
    return About("A scenario", "A policy", words[kind], kind, 20_480, 10, noisy, 1, grades)


def factors(count: int, name: str = "signposts.level_{}.bias") -> list[Factor]:
    return [
        Factor(name.format(index), Uniform(uniform=(index, 20 + 20_000 * (index % 2))), unit="troops") for index in range(count)
    ]


def swings(those: list[Factor], *, far: bool = False, scale: float = 100.0) -> Tornado:
    """Some with both ends on one side of the middle."""
    found = []
    for index, each in enumerate(those):
        size, shift = scale * (-0.6) ** index, (0.7 * scale if far and index % 3 == 0 else 0.05 * scale)
        found.append(
            Swing(
                each, (float(index), 20_000.0), (2 * scale - size / 2 + shift, 2 * scale + size / 2 + shift), size, 0.01 * scale
            )
        )
    return Tornado(2 * scale, tuple(found))


def indices(those: list[Factor]) -> list[Index]:
    return [Index(each, 0.5 / (at + 1) - 0.03, 0.05, 0.6 / (at + 1), 0.06) for at, each in enumerate(those)]


def boxes(those: list[Factor], interest: Callable[[Floats], Floats], noisy: bool = True) -> Chart:
    random = np.random.default_rng(3)
    sample, fresh = (_sample(those, random, interest) for _ in range(2))
    return boxes_chart(discover(those, sample, fresh), those, sample, fresh, about("reached", noisy), IMPRINT)


def _sample(those: list[Factor], random: np.random.Generator, interest: Callable[[Floats], Floats]) -> Sample:
    values = matrix(those, values_at(those, random.random((1_000, len(those)))))
    return Sample(values, np.asarray(interest(values), dtype=bool))


def middle(x: Floats, column: int) -> Floats:
    return np.asarray(x[:, column] > np.median(x[:, column]))


SPREAD = Spread(180.0, 900.0, 0.07, 0.6)
CASES: dict[str, Callable[[], Chart]] = {
    "tornado, one": lambda: tornado_chart(swings(factors(1)), about(), IMPRINT),
    "tornado, three": lambda: tornado_chart(swings([RUNG, *factors(2)]), about(), IMPRINT),
    "tornado, eighteen long": lambda: tornado_chart(swings(factors(18, LONG), far=True), about(), IMPRINT),
    "tornado, share": lambda: tornado_chart(swings(factors(4), scale=0.25), about("reached"), IMPRINT),
    "tornado, nothing moves": lambda: tornado_chart(
        Tornado(50.0, (Swing(RUNG, (2.0, 4.0), (50.0, 50.0), 0.0, 0.0),)), about(noisy=False), IMPRINT
    ),
    "indices, one": lambda: indices_chart([Index(RUNG, 1.02, 0.2, 0.99, 0.2)], SPREAD, about(noisy=False), IMPRINT),
    "indices, three": lambda: indices_chart(indices([RUNG, *factors(2)]), SPREAD, about(), IMPRINT),
    "indices, eighteen long": lambda: indices_chart(indices(factors(18, LONG)), SPREAD, about(), IMPRINT),
    "indices, idle ones": lambda: indices_chart(
        [*indices([RUNG]), *(Index(each, 0.0, 0.0, 0.0, 0.0) for each in factors(12, LONG))], SPREAD, about("reached"), IMPRINT
    ),
    "boxes, one condition": lambda: boxes(factors(3), lambda x: middle(x, 1)),
    "boxes, one choice": lambda: boxes([RUNG, *factors(3)], lambda x: x[:, 0] == 4, noisy=False),
    "boxes, two of many": lambda: boxes(
        [RUNG, *factors(16, LONG)], lambda x: (x[:, 0] > 2) & middle(x, 2) & middle(x, 4) | (x[:, 7] > np.quantile(x[:, 7], 0.9))
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_cut_off_or_overlaps_another(name: str) -> None:
    whole_and_apart(lambda: CASES[name]().figure)


@pytest.mark.parametrize("name", CASES)
def test_every_chart_carries_headline_framing_grade_and_command(name: str) -> None:
    chart = CASES[name]()
    words = " ".join(text.get_text() for text in texts(chart.figure)).replace("\n", " ")
    assert "Teaching model of stated positions, not a forecast. 31 of 40 numbers are assumed." in words
    assert f"phased {IMPRINT.version}: {IMPRINT.command}" in words
    assert "assumed" in words.replace("numbers are assumed", "") or "nothing" in name
    assert "probab" not in f"{words} {chart.title} {chart.description}".lower()


@pytest.mark.parametrize("name", ["tornado, three", "indices, three", "boxes, two of many"])
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_same_inputs_give_the_same_bytes(name: str, kind: str) -> None:
    assert render(CASES[name](), kind) == render(CASES[name](), kind)  # type: ignore[arg-type]


def test_bars_of_a_tornado_run_from_the_middle_to_both_ends() -> None:
    found = swings([RUNG, *factors(2)])
    chart = tornado_chart(found, about(), IMPRINT)
    bars = [each for each in chart.figure.axes[0].patches if isinstance(each, Rectangle)]
    ends = {round(bar.get_x() + bar.get_width(), 6) for bar in bars}
    assert ends == {round(value, 6) for each in found.swings for value in each.means}
    assert {bar.get_x() for bar in bars} == {found.median}
    assert chart.title.endswith(f"100 days later with {RUNG.path} at 20,000 rung than at 0 rung")


def test_headlines_follow_the_measure() -> None:
    (swing,) = swings([RUNG], scale=0.25).swings
    assert "25 points higher with" in tornado_chart(Tornado(0.5, (swing,)), about("reached"), IMPRINT).title
    assert "no factor moves it by itself" in CASES["tornado, nothing moves"]().title
    assert f"{RUNG.path} has a hand in 60% of its variance" in CASES["indices, idle ones"]().title
    assert "No effect in any case: " + LONG.format(0) in " ".join(
        text.get_text() for text in texts(CASES["indices, idle ones"]().figure)
    ).replace("\n", "")


def test_every_case_is_a_dot_and_those_of_interest_are_full() -> None:
    figure = CASES["boxes, one choice"]().figure
    dots = [each for ax in figure.axes for each in ax.collections if isinstance(each, PathCollection)]
    assert sum(len(np.asarray(each.get_offsets())) for each in dots) == 1_000
    full = dots[1]
    assert (np.abs(np.asarray(full.get_offsets())[:, 0] - 4) < 0.5).all()


def words(chart: Chart) -> str:
    return " ".join(text.get_text() for text in texts(chart.figure)).replace("\n", " ")


def test_where_one_factor_is_limited_the_other_axis_says_what_it_is() -> None:
    for name, spread in (("boxes, one choice", True), ("boxes, one condition", True), ("boxes, two of many", False)):
        figure = CASES[name]().figure
        (ax,) = (each for each in figure.axes if each.get_title(loc="left").startswith("Cases:"))
        assert (ax.get_ylabel() == "Spread evenly, only to be legible") == spread
        assert (len(ax.get_yticks()) == 0) == spread


@pytest.mark.parametrize(
    ("fresh", "told"),
    [
        (lambda x: x[:, 0] == 4, ""),
        (lambda x: x[:, 0] == 2, "Box 1: on fresh cases not clearly denser than all cases (33% of interest): do not rely on it."),
        (None, "Box 1: no fresh case falls in it: do not rely on it."),
    ],
)
def test_a_box_that_fresh_cases_do_not_bear_out_is_told(fresh: Callable[[Floats], Floats] | None, told: str) -> None:
    chart = refuted(fresh)
    for text in (words(chart), chart.description):
        assert ("do not rely on it" in text) == bool(told)
        assert told in text
    assert ("No fresh case has" in chart.title) == (fresh is None)
    whole_and_apart(lambda: refuted(fresh).figure)


def refuted(interest: Callable[[Floats], Floats] | None) -> Chart:
    """A box at rung 4, held against cases that have their own interest, or that have no rung 4."""
    those = [RUNG, *factors(2)]
    random = np.random.default_rng(3)
    sample = _sample(those, random, lambda x: x[:, 0] == 4)
    fresh = _sample(those, random, interest or (lambda x: x[:, 0] == 3))
    if interest is None:
        fresh = fresh.without(fresh.values[:, 0] == 4)
    return boxes_chart(discover(those, sample, fresh), those, sample, fresh, about("reached"), IMPRINT)


def test_conditions_in_words() -> None:
    random = np.random.default_rng(1)
    those = [RUNG, *factors(2)]
    sample = _sample(those, random, lambda x: (x[:, 0] > 2) & middle(x, 1))
    (box, *_) = discover(those, sample, sample)
    told = {each.factor.path: bounds(each) for each in box.limits}
    assert told[RUNG.path] == "3 or 4 rung"
    assert told["signposts.level_0.bias"].endswith(" troops or more")


def test_without_a_box_there_is_no_chart() -> None:
    with pytest.raises(BadUsage, match="no box"):
        boxes(factors(2), lambda x: np.zeros(len(x)))


def test_dotted_paths_break_after_dots() -> None:
    lines = dotted(LONG.format(1), 3.0, LABEL).split("\n")
    assert "".join(lines) == LONG.format(1)
    assert all(width(line, LABEL) <= 3.0 for line in lines)
    assert lines[0].endswith(".")
