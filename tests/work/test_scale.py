"""What docs/scale.md reckons from the seconds that a block takes."""

from __future__ import annotations

import math
import re
from pathlib import Path

from sim.ensemble import BLOCK
from sim.work import PARALLEL_BLOCKS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "scale.md").read_text("utf-8")
BILLION = 10**9


def test_costs_follow_from_the_seconds_of_a_block() -> None:
    rows = re.findall(r"\| (?:compiled|plain) \| ([\d.]+) \([\d.–]+\) \| ([\d,]+) \| ([\d.]+) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 4
    for seconds, runs, hours in rows:
        assert math.isclose(BLOCK / float(seconds), int(runs.replace(",", "")), rel_tol=0.01)
        assert math.isclose(BILLION / BLOCK * float(seconds) / 3600, float(hours), rel_tol=0.04)


def test_blocks_are_as_many_and_as_large_as_told() -> None:
    assert f"{math.ceil(BILLION / BLOCK):,} blocks" in TEXT
    assert f"blocks of {BLOCK:,}" in TEXT
    assert PARALLEL_BLOCKS == 3
    assert "fewer than three blocks" in TEXT


def test_runs_for_an_error_follow_from_it() -> None:
    rows = re.findall(r"^\| (0\.\d+) \| ([\d,]+) \|$", TEXT, re.MULTILINE)
    assert len(rows) == 4
    for error, runs in rows:
        assert math.isclose(0.25 / float(error) ** 2, int(runs.replace(",", "")), rel_tol=0.03)
