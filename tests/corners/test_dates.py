"""Clocks and calendars: results hang on the dates in the files alone."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from tests.cli.shell import contents, phased, phased_json
from tests.corners.made import PAIR, ended, write

ZONES = ("Pacific/Kiritimati", "America/St_Johns")
"""Fourteen hours before UTC, and three and a half after it."""


def test_a_time_zone_changes_no_byte(tmp_path: Path) -> None:
    write(tmp_path, "2024-03-28", 8)  # daylight saving begins in Europe on the 31st
    made = []
    for zone in ZONES:
        assert ended("run", *PAIR, "--runs", 20, "--out", f"out-{len(made)}", cwd=tmp_path, env={"TZ": zone}).returncode == 0
        made.append(contents(tmp_path / f"out-{len(made)}"))
    assert all(each == made[0] for each in made)
    assert {"run.png", "run.svg", "runs.csv"} <= set(made[0])


@pytest.mark.parametrize(("start", "days"), [("0001-01-01", 3), ("1900-02-27", 5), ("2024-02-27", 5), ("9899-12-27", 5)])
def test_every_day_has_its_date(start: str, days: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A leap day in 2024 and none in 1900; the first and the last year that a file may name."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, start, days)
    phased("run", *PAIR, "--runs", 10, "--out", "out")
    rows = (tmp_path / "out" / "daily.csv").read_text().splitlines()[1:]
    first = dt.date.fromisoformat(start)
    assert list(dict.fromkeys(row.split(",")[0] for row in rows)) == [
        (first + dt.timedelta(days=day)).isoformat() for day in range(days)
    ]
    for change in phased_json("path", *PAIR)["path"]:
        assert change["date"] == (first + dt.timedelta(days=change["day"])).isoformat()


@pytest.mark.parametrize(
    ("start", "days", "said"),
    [
        ("9899-12-28", 5, "5:7: days: the run must end before the year 9900"),
        ("2024-01-01", 36_526, "5:7: days: must be at most 36,525 days (100 years), got 36526"),
        ("0000-01-01", 3, "4:8: start: "),
        ("2023-02-29", 3, "4:8: start: there is no such date"),
        ("2024-10-24T00:00:00+09:00", 3, "4:8: start: "),
    ],
)
def test_what_has_no_date_is_refused(start: str, days: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, start, days)
    assert said in phased("run", *PAIR, code=2).stderr


def test_a_wait_may_end_long_after_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, "9899-12-27", 5)
    pending = phased_json("path", *PAIR, "--set", "transitions.up.lag=36525")["pending"]
    assert pending["due"] == pending["decided"] + 36_525
    assert "due 9999-12-30 (day 36527)" in phased("path", *PAIR, "--set", "transitions.up.lag=36525").stdout
    assert "must be at most 36,525 days" in phased("path", *PAIR, "--set", "transitions.up.lag=36526", code=2).stderr
