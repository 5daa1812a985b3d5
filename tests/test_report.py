"""What a run leaves, as bytes: JSON and csv that any reader understands."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import pytest

from sim import api, report
from sim.ensemble import RunTable
from sim.intervals import LEVEL, wilson
from sim.library import Library
from sim.machine import Model
from sim.results import FAN_LEVELS

shipped = Library([])


def test_json_is_utf8_ends_with_a_line_and_knows_no_nan() -> None:
    assert report.to_json({"a": "–", "b": None}) == '{\n "a": "–",\n "b": null\n}\n'.encode()
    with pytest.raises(ValueError, match="not JSON compliant"):
        report.to_json({"a": float("nan")})


def test_an_overflowing_walk_is_null(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    text = """kind: scenario
name: huge
title: A walk that overflows
extends: rear-labour
days: 9
variables:
  stock: {unit: t, path: {day 0: 1}, moves: {up: {walk: {relative: true, drift: 500}}}}
"""
    (tmp_path / "scenarios" / "huge.yaml").write_text(text)
    document = report.summary(api.run("huge", library=Library([tmp_path])).result)
    json.loads(report.to_json(document))
    assert document["variables"]["stock"]["quantiles"]["0.5"][-1] is None


def test_daily_has_one_row_a_date_series_and_statistic() -> None:
    result = api.run("surge-to-front-uncertain", runs=10, sets=["days=20"], library=shipped).result
    rows = list(csv.DictReader(io.StringIO(report.daily_csv(result).decode(), newline="")))
    series = 3 * (3 + 2) + len(FAN_LEVELS) * (len(result.signposts) + len(result.variables))
    assert len(rows) == 20 * series
    assert len({(row["date"], row["series"], row["statistic"]) for row in rows}) == len(rows)
    assert rows[0]["date"] == "2024-10-24"
    assert rows[-1]["date"] == "2024-11-12"


def test_every_share_and_quantile_has_its_interval() -> None:
    result = api.run("surge-to-front-uncertain", runs=40, sets=["days=60"], library=shipped).result
    document = json.loads(report.to_json(report.summary(result)))
    assert document["interval_level"] == LEVEL
    for index, phase in enumerate(document["phases"]):
        low, high = wilson(result.occupancy[index], 40)
        assert document["occupancy_interval"][phase] == {"low": low.tolist(), "high": high.tolist()}
    for name, told in document["first_passage"].items():
        assert told["interval"] == [float(bound) for bound in wilson(sum(told["counts"]), 40)]
        intervals = {level: result.first_passage[name].quantile_interval(float(level)) for level in told["quantiles"]}
        assert told["quantile_intervals"] == {level: list(days) for level, days in intervals.items()}
        assert any(days[0] is not None for days in intervals.values())


def test_daily_has_the_intervals_of_the_summary() -> None:
    result = api.run("surge-to-front-uncertain", runs=10, sets=["days=20"], library=shipped).result
    rows = csv.DictReader(io.StringIO(report.daily_csv(result).decode(), newline=""))
    found = {(row["series"], row["statistic"], int(row["day"])): float(row["value"]) for row in rows}
    document = report.summary(result)
    for phase, bounds in document["occupancy_interval"].items():
        for bound, values in bounds.items():
            assert [found[f"phase.{phase}", f"share_{bound}", day] for day in range(20)] == values
    for phase, passage in document["first_passage"].items():
        assert [found[f"first_passage.{phase}", f"share_{bound}", 19] for bound in ("low", "high")] == passage["interval"]


def test_one_path_has_no_monte_carlo_error() -> None:
    document = report.summary(api.run("surge-to-front", runs=500, library=shipped).result)
    for phase, shares in document["occupancy"].items():
        assert document["occupancy_interval"][phase] == {"low": shares, "high": shares}
    for passage in document["first_passage"].values():
        assert passage["interval"] == [passage["reached"]] * 2
        assert passage["quantile_intervals"] == {level: [day, day] for level, day in passage["quantiles"].items()}


class Kept:
    """runs.csv in memory."""

    at_most = math.inf

    def __init__(self) -> None:
        self.content = b""

    def __call__(self, model: Model, runs: range, table: RunTable) -> None:
        self.content += report.runs_csv(model, runs, table, header=runs.start == 0)

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.content.decode(), newline="")))


def test_runs_with_a_lag_tell_decision_and_effect() -> None:
    kept = Kept()
    api.run("surge-to-front", "allied-coordinated", runs=30, library=shipped, rows=kept)
    rows = kept.rows
    assert {row["defensive_weapons.decided"] for row in rows} == {"7"}
    assert all(14 <= int(row["defensive_weapons.first"]) - 7 <= 56 for row in rows)
    assert all(row["offensive_measures.first"] == "" for row in rows)
    assert all(14 <= float(row["transitions.arm_defensively.lag"]) <= 56 for row in rows)


def test_an_initial_phase_above_the_lowest_is_reached_on_day_0() -> None:
    kept = Kept()
    run = api.run("surge-to-front", sets=["initial=defensive_weapons"], rows=kept, library=shipped)
    (row,) = kept.rows
    assert (row["defensive_weapons.decided"], row["defensive_weapons.first"]) == ("0", "0")
    assert report.summary(run.result)["first_passage"]["defensive_weapons"]["counts"][0] == 1


def test_the_manifest_names_what_went_in_and_what_came_out() -> None:
    raw = report.manifest(command="phased x", seed=3, inputs={"a": "1"}, outputs={"b": "2"}, phased="0")
    document = json.loads(raw)
    assert document["outputs"] == {"b": "2"}
    assert (document["inputs"], document["seed"], document["command"]) == ({"a": "1"}, 3, "phased x")
    assert raw == report.manifest(command="phased x", seed=3, inputs={"a": "1"}, outputs={"b": "2"}, phased="0")
