"""Figures that sensitivity.md and discover.md give in their prose."""

from __future__ import annotations

import re
from pathlib import Path

from sim import api
from sim.analysis.sensitivity import Index
from sim.api.sensitivity import Sensitivity

DOCS = Path(__file__).resolve().parents[2] / "docs"
SCENARIO = "surge-to-front-uncertain"


def indices(replications: int) -> tuple[Sensitivity, list[Index]]:
    done = api.sensitivity(SCENARIO, measures=["offensive_measures.first"], samples=256, replications=replications)
    (answer,) = done.answers
    assert answer.shares is not None
    return done, sorted(answer.shares.indices, key=lambda each: -each.first)


def test_more_replications_move_the_indices_as_told() -> None:
    text = " ".join((DOCS / "sensitivity.md").read_text("utf-8").split())
    told = re.search(r"indices of ([\d.]+) and ([\d.]+) above become ([\d.]+) and ([\d.]+) with 50 .*? is ([\d.]+)%", text)
    assert told
    (_, few), (done, many) = indices(10), indices(50)
    assert [f"{each.first:.2f}" for each in (*few[:2], *many[:2])] == list(told.groups()[:4])
    assert done.answers[0].shares is not None
    assert f"{100 * (done.answers[0].shares.spread.noise or 0):.1f}" == told[5]


def test_few_replications_do_not_carry_as_told() -> None:
    text = " ".join((DOCS / "discover.md").read_text("utf-8").split())
    told = re.search(r"has a density of (\d+)%; on fresh cases and fresh noise it has (\d+)%", text)
    assert told
    box = api.discover(SCENARIO, phase="offensive_measures", cases=300, replications=10).boxes[0]
    assert [f"{100 * each.density:.0f}" for each in (box.score, box.fresh)] == list(told.groups())
    assert [each.factor.path for each in box.limits] == ["variables.deployment_level.path.2024-10-31"]
    assert box.limits[0].choices == (3, 4)
