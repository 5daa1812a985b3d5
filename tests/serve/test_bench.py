"""The engine behind the sliders: files as they stood when the server started, and numbers that are moved."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from sim.serve.bench import Bench, Changed, Fixed, bench_of
from sim.serve.settings import Question
from sim.workshop.sliders import asked

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.fixture
def policy(tmp_path: Path) -> Path:
    """A file of one's own, beside its ledgers."""
    shutil.copytree(CONFIGS, tmp_path / "configs")
    return tmp_path / "configs" / "phased-approach.yaml"


def bench(policy: Path) -> Bench:
    sliders = [asked("near=thresholds.front_line:1:4")]
    return bench_of(["surge-to-front-uncertain"], [str(policy)], sliders, library=Fixed(), seed=1, runs=20)


def moved(to: str) -> Question:
    return Question(0, 0, (), (f"thresholds.front_line={to}",))


def test_one_move_leaves_nothing_behind_for_the_next(policy: Path) -> None:
    served = bench(policy)
    answers = [json.loads(served.outcome(each)) for each in (moved("1"), moved("4"), moved("1"))]
    assert answers[0] == answers[2] != answers[1]


def test_a_policy_edited_while_the_server_runs_is_as_it_was(policy: Path) -> None:
    served = bench(policy)
    before = served.outcome(moved("2"))
    policy.write_text("kind: nothing of the sort", "utf-8")
    assert served.outcome(moved("2")) == before


def test_a_ledger_edited_while_the_server_runs_is_said(policy: Path) -> None:
    served = bench(policy)
    served.outcome(moved("2"))
    ledger = policy.parent / "evidence" / "article-2024-10.yaml"
    ledger.write_text(ledger.read_text("utf-8") + "# more\n", "utf-8")
    with pytest.raises(Changed, match=r"^article-2024-10.yaml was changed since the server started: start it again$"):
        served.outcome(moved("3"))
