"""The second world: Austin's staged alert of 2020. The dates are worked out here from the table alone, without the engine."""

from __future__ import annotations

import csv
import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from sim import api
from sim.library import Library, shipped_root
from tests.cli.shell import phased

shipped = Library([])
DAY = dt.timedelta(1)
FIRST = dt.date(2020, 5, 28)
REVISED, LOWERED = dt.date(2020, 6, 29), dt.date(2020, 11, 19)

Lines = tuple[float, float, float]
"""the averages at which stages 3, 4 and 5 begin"""


@cache
def admissions() -> dict[dt.date, int]:
    text = (shipped_root() / "scenarios" / "austin" / "admissions-2020.csv").read_text("utf-8")
    return {dt.date.fromisoformat(row["date"]): int(row["admissions"]) for row in csv.DictReader(text.splitlines())}


def average(day: dt.date, first: dt.date = FIRST) -> float:
    """Over the last seven days, or as many as there are since the first."""
    week = [admissions()[each] for each in (day - 6 * DAY + n * DAY for n in range(7)) if each >= first]
    return sum(week) / len(week)


def as_restated(day: dt.date) -> Lines:
    return (5, 20, 70) if day < REVISED else (10, 40, 70) if day < LOWERED else (10, 30, 50)


def as_first_stated(_: dt.date) -> Lines:
    return (5, 20, 70)


def stage(value: float, lines: Lines) -> int:
    return 1 if value == 0 else 2 + sum(value >= line for line in lines)


def days(first: dt.date) -> Iterator[dt.date]:
    yield from (day for day in admissions() if day >= first)


def changes(stages: dict[dt.date, int]) -> list[tuple[str, str]]:
    before, found = 1, []
    for day, each in stages.items():
        if each != before:
            found.append((day.isoformat(), f"stage_{each}"))
        before = each
    return found


def by_the_chart(lines: Callable[[dt.date], Lines], first: dt.date = FIRST) -> dict[dt.date, int]:
    """The chart read each day, up and down at once."""
    return {day: stage(average(day, first), lines(day)) for day in days(first)}


def after_two_weeks(wait: int) -> dict[dt.date, int]:
    """Up at once; down to the lowest stage below whose upper line every one of the last `wait` days lay."""
    daily = by_the_chart(as_restated)
    now, out = 1, {}
    for day in daily:
        last = [daily.get(day - n * DAY, 9) for n in range(wait)]
        now = daily[day] if daily[day] > now else min(now, max(last))
        out[day] = now
    return out


def steps(scenario: str, policy: str, sets: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(date of effect, stage entered) of the one path that there is."""
    pair = shipped.load_pair(f"austin/{scenario}", f"austin/{policy}", sets)
    assert api.model_of(pair).single_path
    return [(each.date.isoformat(), each.to_phase) for each in api.path_of(pair).report.path]


def test_the_table_is_whole() -> None:
    dates = list(admissions())
    assert dates[0] == dt.date(2020, 2, 18)
    assert dates[-1] == dt.date(2020, 12, 1)
    assert len(dates) == (dates[-1] - dates[0]).days + 1 == 288


def test_the_chart_as_it_was_restated() -> None:
    wanted = changes(by_the_chart(as_restated))
    assert wanted == steps("since-the-chart", "staged-alert")
    assert wanted == [
        ("2020-05-28", "stage_3"),
        ("2020-06-15", "stage_4"),
        ("2020-07-06", "stage_5"),
        ("2020-07-19", "stage_4"),
        ("2020-08-02", "stage_3"),
        ("2020-11-19", "stage_4"),
    ]


def test_the_whole_record_adds_the_spring() -> None:
    first = dt.date(2020, 2, 18)
    wanted = changes(by_the_chart(as_restated, first))
    assert wanted == steps("admissions-2020", "staged-alert")
    assert wanted[:2] == [("2020-03-17", "stage_2"), ("2020-03-30", "stage_3")]
    assert wanted[2:] == steps("since-the-chart", "staged-alert")[1:]


def test_the_first_thresholds_throughout() -> None:
    assert changes(by_the_chart(as_first_stated)) == steps("since-the-chart", "never-restated")


@pytest.mark.parametrize(("wait", "lowered"), [(1, "2020-08-02"), (7, "2020-08-08"), (14, "2020-08-15")])
def test_waiting_before_a_step_down(wait: int, lowered: str) -> None:
    sets = tuple(f"transitions.lower_to_{each}.confirm={wait}" for each in (1, 2, 3, 4))
    wanted = changes(after_two_weeks(wait))
    assert wanted == steps("since-the-chart", "two-weeks-down", sets)
    assert (lowered, "stage_3") in wanted


def test_the_upper_end_of_the_range_never_asks_for_stage_5() -> None:
    assert max(average(day) for day in days(REVISED)) < 123
    upper = steps("since-the-chart", "staged-alert", ("thresholds.stage_5_line=rival:upper_end",))
    assert "stage_5" not in [to for _, to in upper]


def test_rounding_the_average_first_moves_no_date() -> None:
    rounded = steps("since-the-chart", "staged-alert", ("thresholds.stage_4_line=rival:rounded",))
    assert rounded == steps("since-the-chart", "staged-alert")


def test_published_averages_and_the_table() -> None:
    """What docs/austin.md says of them: close, not to the decimal, and late on the way up as on the way down."""
    published = {"06-14": 20.6, "06-28": 52, "07-07": 74.8, "07-30": 39.9, "08-23": 21, "11-18": 32}
    apart = {day: average(dt.date.fromisoformat(f"2020-{day}")) - value for day, value in published.items()}
    assert {day: round(each, 1) for day, each in apart.items()} == {
        "06-14": -2.6,
        "06-28": 0.1,
        "07-07": -2.7,
        "07-30": 4.5,
        "08-23": 4.4,
        "11-18": -1.3,
    }


def test_statement_against_behaviour_up_and_down() -> None:
    """Where the rule stood on the day of each act, by the table alone."""
    done = api.hindcast(["austin/since-the-chart"], library=shipped)
    daily = by_the_chart(as_restated)
    stood = [each for each in done.standings if each.reading == "as stated"]
    assert [each.deed.id for each in stood] == [f"S0{n}" for n in range(1, 9)]
    for each in stood:
        assert each.rule.phase == f"stage_{daily[each.deed.date]}"
        assert each.same == (each.deed.phase == each.rule.phase)
        assert daily.get(each.rule.first - DAY) != daily[each.deed.date]
    assert {each.deed.id for each in stood if not each.same} == {"S04", "S06"}
    stage_5 = next(each for each in done.statements if each.reading.phase == "stage_5")
    assert (stage_5.reading.due, stage_5.reading.until) == (dt.date(2020, 7, 6), dt.date(2020, 7, 19))
    assert stage_5.last_seen_below is not None
    assert stage_5.last_seen_below.id == "S04", "acts after the rule has stepped down say nothing of stage 5"


def test_every_course_covers_the_run_without_gaps() -> None:
    done = api.hindcast(["austin/since-the-chart"], "austin/two-weeks-down", library=shipped)
    for course in done.courses:
        assert course.stays[0].first == done.start
        assert course.stays[-1].last == done.end
        assert all(a.last + DAY == b.first and a.phase != b.phase for a, b in zip(course.stays, course.stays[1:], strict=False))


def test_every_number_of_the_chart_cites_its_source() -> None:
    for name in ("staged-alert", "two-weeks-down", "never-restated"):
        loaded = shipped.load_policy(f"austin/{name}")
        assert all(each.evidence for each in loaded.spec.thresholds.values())
        assert not loaded.warnings


def test_nothing_here_is_of_the_founding_case() -> None:
    for pair in (shipped.load_pair("austin/summer-wave-uncertain"), shipped.load_pair("austin/since-the-chart-uncertain")):
        assert {each.path.parent.name for each in pair.inputs} <= {"austin", "evidence"}
        assert all("austin" in each.path.as_posix() for each in pair.inputs)


def test_headlines_name_a_step_that_was_not_there_from_the_first_day(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stages 2 and 3 hold from day 0 in every run and would say nothing; the chart of the acts shows the rule's own strip."""
    monkeypatch.chdir(tmp_path)
    phased("run", "austin/since-the-chart", "--out", "run")
    picture = (tmp_path / "run" / "path.svg").read_text("utf-8")
    assert "Stage 4: reached on 2020-06-15" in picture
    assert "Stage 2: reached" not in picture
    text = phased("hindcast", "austin/since-the-chart", "--out", "acts").stdout
    assert re.search(r"Stage 5 +2020-07-06, until 2020-07-19 +over 2 days: still stage_4 on 2020-07-08 \(S04\)", text)
    picture = (tmp_path / "acts" / "hindcast.svg").read_text("utf-8")
    assert "phase, as stated" in picture
    assert "Stage 5: due 2020-07-06 (3 of 4 readings); not seen by 2020-11-19" in picture


def test_an_explanation_shows_the_transitions_that_were_taken_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight transitions and room for five panels: those of the path have a panel each."""
    monkeypatch.chdir(tmp_path)
    phased("explain", "austin/since-the-chart", "--out", "why")
    picture = (tmp_path / "why" / "explanation.svg").read_text("utf-8")
    assert "Not shown: raise to 2, lower to 1, lower to 2." in picture
