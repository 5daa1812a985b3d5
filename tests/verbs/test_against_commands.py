"""`import sim` and the command line give the same numbers, and the same pictures to the byte."""

from __future__ import annotations

import functools
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim
from sim.charts import Chart
from sim.verbs.answer import Answer
from tests.cli.shell import contents, phased, phased_json

CHANGE = "transitions.arm_defensively.confirm=14"
ASKED: dict[str, tuple[Callable[[], Answer[Any]], str]] = {
    "run": (
        lambda: sim.run("surge-to-front-uncertain", runs=60, seed=3, set={"transitions.arm_defensively.confirm": 14}),
        f"run surge-to-front-uncertain --runs 60 --seed 3 --set {CHANGE}",
    ),
    "run of another policy": (
        lambda: sim.run("surge-to-front-uncertain", "step-down", runs=40),
        "run surge-to-front-uncertain --policy step-down --runs 40 --seed 1",
    ),
    "run of one path": (lambda: sim.run("surge-to-front"), "run surge-to-front --runs 1 --seed 1"),
    "run until it is precise": (
        lambda: sim.run("surge-to-front-uncertain", runs=50, precision=0.05, measure="defensive_weapons.reached"),
        "run surge-to-front-uncertain --runs 50 --precision 0.05 --measure defensive_weapons.reached",
    ),
    "path": (
        lambda: sim.path("surge-to-front-uncertain", "step-down", run=17),
        "path surge-to-front-uncertain --policy step-down --run 17 --seed 1",
    ),
    "explain": (lambda: sim.explain("surge-to-front"), "explain surge-to-front --run 0 --seed 1"),
    "compare": (
        lambda: sim.compare("surge-to-front-uncertain", ["phased-approach", "restrained"], runs=40, losses="example"),
        "compare surge-to-front-uncertain --policy phased-approach --policy restrained --losses example --runs 40 --seed 1",
    ),
    "hindcast": (sim.hindcast, "hindcast hindcast-kursk-counts hindcast-ukraine-only"),
    "sensitivity": (
        lambda: sim.sensitivity("surge-to-front-uncertain", measure="defensive_weapons.reached", samples=4, replications=2),
        "sensitivity surge-to-front-uncertain --measure defensive_weapons.reached --samples 4 --replications 2 --seed 1",
    ),
    "discover": (
        lambda: sim.discover("surge-to-front-uncertain", phase="offensive_measures", by=60, cases=40, replications=4),
        "discover surge-to-front-uncertain --phase offensive_measures --by 60 --cases 40 --replications 4 --threshold 0.5 "
        "--boxes 3 --seed 1",
    ),
    "quality": (
        lambda: sim.quality("ambiguous-intelligence-uncertain", memory=[7, "as-given"], tolerance=2, runs=40),
        "quality ambiguous-intelligence-uncertain --memory 7 --memory as-given --tolerance 2 --runs 40 --seed 1",
    ),
    "quality, varied": (
        lambda: sim.quality("rear-labour-uncertain", vary="transitions.arm_defensively.confirm=1:2", memory=7, runs=30),
        "quality rear-labour-uncertain --vary transitions.arm_defensively.confirm=1:2 --memory 7 --runs 30 --seed 1",
    ),
    "check": (lambda: sim.check("phased-approach", reach=True), "check phased-approach --reach"),
    "load": (lambda: sim.load("step-down"), "show step-down"),
    "list": (sim.list, "list"),
}


@functools.cache
def answered(name: str) -> Answer[Any]:
    """Each verb is asked once."""
    return ASKED[name][0]()


_EXACTLY = [name for name in ASKED if "precise" not in name]


@pytest.mark.parametrize("name", ASKED)
def test_numbers_are_those_of_the_command(name: str) -> None:
    told = json.loads(json.dumps(answered(name).document, allow_nan=False))
    assert told == phased_json(*shlex.split(ASKED[name][1]))


@pytest.mark.parametrize("name", _EXACTLY)
def test_an_answer_names_the_command_that_gives_it(name: str) -> None:
    assert answered(name).command == f"phased {ASKED[name][1]}"


def test_a_picture_is_that_of_the_command_to_the_byte(tmp_path: Path) -> None:
    phased(*shlex.split(ASKED["run of one path"][1]), "--out", tmp_path / "report")
    assert answered("run of one path").picture("svg") == (tmp_path / "report" / "path.svg").read_bytes()


def test_the_picture_of_a_policy_is_its_diagram() -> None:
    made = phased("diagram", "step-down", "--format", "svg").stdout
    assert answered("load").picture("svg").decode().strip() == made.strip()


def _words(chart: Chart, form: str) -> bytes:
    return f"{form} {chart.title} {chart.description} {chart.imprint}".encode()


@pytest.mark.parametrize("name", ["run", "compare", "explain", "hindcast", "quality, varied", "sensitivity", "discover", "check"])
def test_every_chart_of_the_command_is_there(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what each says of itself: drawing them all to the byte would take a minute."""
    monkeypatch.setattr("sim.charts.render", _words)
    answer = answered(name)
    phased(*shlex.split(ASKED[name][1]), "--out", tmp_path / "report")
    written = contents(tmp_path / "report")
    assert {f"{chart}.svg" for chart in answer.charts} == {each for each in written if each.endswith(".svg")}
    for chart in answer.charts:
        assert answer.picture("svg", chart) == written[f"{chart}.svg"], chart


def test_workers_change_no_number() -> None:
    alone, beside = (sim.run("surge-to-front-uncertain", runs=40, workers=many) for many in (1, 2))
    assert alone.document == beside.document


def test_a_design_of_precision_names_the_runs_that_it_took() -> None:
    answer = answered("run until it is precise")
    assert json.loads(phased(*shlex.split(answer.command)[1:], "--json").stdout) == answer.document
