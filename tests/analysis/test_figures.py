"""Key figures: their words, and their values against the run that they summarise."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sim.analysis import figures
from sim.analysis.figures import Measured, filled, percent
from sim.analysis.quality import Share
from sim.intervals import wilson
from sim.results import FirstPassage, PairedPassage

START = dt.date(2024, 10, 24)


def passage(*days: int, runs: int = 100, horizon: int = 60, single_path: bool = False) -> FirstPassage:
    """So many runs, of which one reaches the phase on each of some days."""
    return FirstPassage(runs, np.bincount(np.array(days, dtype=np.int64), minlength=horizon), single_path)


def paired(mean: float, se: float, *, single_path: bool = False) -> PairedPassage:
    return PairedPassage("s", "a", "b", "p", 0, 0, 1, 0, 0, 0, mean, se, None, None, 100, None, single_path)


@pytest.mark.parametrize(
    ("share", "text"), [(0.0, "0"), (1.0, "100"), (0.12, "12"), (0.004, "0.4"), (0.996, "99.6"), (0.499, "50"), (0.0004, "0.0")]
)
def test_percent_says_all_or_none_only_of_all_or_none(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_share_of_runs() -> None:
    found = figures.of_reached(passage(*range(12)), START, None)
    low, high = wilson(12, 100)
    assert (found.value, found.low, found.high, found.unit, found.runs) == (0.12, low, high, "share", 100)
    assert found.text == "12% (7–20) of simulated runs"


def test_by_a_day_counts_that_day() -> None:
    by = figures.of_reached(passage(0, 5, 6, 30), START, START + dt.timedelta(days=6))
    assert by.value == 0.03
    assert figures.of_reached(passage(0, 5, 6, 30), START, None).value == 0.04


def test_a_single_path_has_a_day_and_no_interval() -> None:
    reached = figures.of_reached(passage(7, runs=1, single_path=True), START, None)
    assert reached.text == "2024-10-31, day 7 (a single path)"
    assert (reached.value, reached.low, reached.high) == (1.0, None, None)
    never = figures.of_reached(passage(runs=1, single_path=True), START, None)
    assert never.text == "not by 2024-12-22 (a single path)"
    before = figures.of_reached(passage(7, runs=1, single_path=True), START, START + dt.timedelta(days=6))
    assert before.text == "not by 2024-10-30 (a single path)"
    assert figures.of_first(passage(7, runs=1, single_path=True), START).text == reached.text


def test_the_day_by_which_half_have_reached() -> None:
    found = figures.of_first(passage(*[10] * 40, *[20] * 30), START)
    assert found.value == 20
    assert found.text.startswith("2024-11-13, day 20 (")
    assert figures.of_first(passage(*[10] * 40), START).text == "in fewer than half of the simulated runs by 2024-12-22"
    assert figures.of_first(passage(*[10] * 50), START).text == "2024-11-03, day 10 (10+), for half of the simulated runs"


def test_later_and_sooner() -> None:
    assert figures.of_later(paired(12.4, 1.0)).text == "12 days later (10–14) on average"
    assert figures.of_later(paired(-12.4, 1.0)).text == "12 days sooner (10–14) on average"
    assert figures.of_later(paired(0.5, 1.0)).text == "no later and no sooner as far as the runs can tell (-1.5 to 2.5 days)"
    assert figures.of_later(paired(7, 0, single_path=True)).text == "7 days later (a single path)"
    assert figures.of_later(paired(0, 0, single_path=True)).text == "on the same day, or neither at all (a single path)"


def test_days_changes_and_shares() -> None:
    assert figures.of_days(100, 2, 400, single_path=False).text == "100 days (96–104) a run on average"
    assert figures.of_days(1, 5, 400, single_path=False).low == 0
    assert figures.of_days(7, 0, 1, single_path=True).text == "7 days (a single path)"
    assert figures.of_changes([2], single_path=True).text == "2 (a single path)"
    assert figures.of_changes([1, 2, 3, 2], single_path=False).value == 2
    assert figures.of_share(Share(3, 4)).value == 0.75
    assert figures.of_share(Share(1, 1, single_path=True)).text == "yes (a single path)"


def test_texts_are_filled() -> None:
    told = {"armed": Measured("12% of simulated runs", 0.12, None, None, "share", 100)}
    assert filled("Armed in {armed}, said {armed}.", told) == "Armed in 12% of simulated runs, said 12% of simulated runs."
    with pytest.raises(KeyError):
        filled("{other}", told)
