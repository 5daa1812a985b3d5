"""The verbs, as a notebook calls them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import api, report
from sim.analysis.precision import Precision, standard_error
from sim.ensemble import RunTable, run_ensemble
from sim.errors import BadInput, BadUsage
from sim.library import Library
from sim.machine import Model

shipped = Library([])


class Meter:
    def __init__(self) -> None:
        self.expected, self.done = 0, 0.0

    def expect(self, runs: int) -> None:
        self.expected += runs

    def add(self, runs: float) -> None:
        self.done += runs


@pytest.mark.parametrize(("scenario", "runs"), [("surge-to-front-uncertain", 20), ("surge-to-front", 1)])
def test_progress_adds_up_to_the_runs_expected(scenario: str, runs: int) -> None:
    meter = Meter()
    api.run(scenario, runs=20, library=shipped, meter=meter)
    assert meter.expected == runs
    assert meter.done == pytest.approx(runs)


def test_progress_of_a_comparison() -> None:
    meter = Meter()
    scenarios, policies = ["withdrawal", "surge-to-front-uncertain"], ["restrained", "step-down"]
    api.compare(scenarios, policies, runs=5, library=shipped, meter=meter)
    assert meter.done == pytest.approx(meter.expected)


class Rows:
    """Keeps the first passages of each run."""

    def __init__(self, at_most: float = math.inf) -> None:
        self.at_most = at_most
        self.first: list[NDArray[np.int32]] = []
        self.runs: list[range] = []

    def __call__(self, model: Model, runs: range, table: RunTable) -> None:
        assert model.world.days == 365
        self.runs.append(runs)
        self.first.append(table.first)


def test_rows_only_on_request_and_up_to_a_limit() -> None:
    for runs, at_most, expected in ((30, 29, []), (30, 30, [range(30)]), (1, math.inf, [range(1)])):
        rows = Rows(at_most)
        api.run("surge-to-front-uncertain", runs=runs, library=shipped, rows=rows)
        assert rows.runs == expected


def test_wrong_calls() -> None:
    with pytest.raises(BadUsage, match="must be at least 1, got 0"):
        api.run("surge-to-front", runs=0, library=shipped)
    with pytest.raises(BadUsage, match="must not be below 0, got -1"):
        api.path("surge-to-front", run=-1, library=shipped)
    with pytest.raises(BadUsage, match="named once"):
        api.compare(["withdrawal"], ["restrained", "restrained"], library=shipped)
    for scenarios, policies in (([], ["restrained"]), (["withdrawal"], [])):
        with pytest.raises(BadUsage, match="at least one scenario and one --policy"):
            api.compare(scenarios, policies, library=shipped)


def test_a_hindcast_needs_a_scenario() -> None:
    with pytest.raises(BadUsage):
        api.hindcast([], library=shipped)


def test_compare_tells_the_mistakes_of_all_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        Path(f"{name}.yaml").write_text(f"kind: scenario\nname: {name}\ntitle: T\nextends: withdrawal\ndays: soon\n")
    with pytest.raises(BadInput) as caught:
        api.compare(["one.yaml", "two.yaml"], ["restrained", "step-down"])
    assert [str(each.place) for each in caught.value.problems] == ["one.yaml:5:7", "two.yaml:5:7"]


def test_the_same_draws_for_every_policy() -> None:
    done = api.compare(["surge-to-front-uncertain"], ["phased-approach", "restrained"], runs=30, library=shipped)
    a, b = (cell.result for cell in done.cells)
    assert not a.reactive
    for name, fan in a.variables.items():
        assert (fan.samples == b.variables[name].samples).all()


def test_more_runs_extend_an_ensemble() -> None:
    few, many = Rows(), Rows()
    for runs, rows in ((10, few), (50, many)):
        api.run("surge-to-front-uncertain", runs=runs, library=shipped, rows=rows)
    assert (few.first[0] == many.first[0][:, :10]).all()


def test_a_precision_adds_runs_and_gives_what_so_many_runs_give() -> None:
    done = api.run("surge-to-front-uncertain", runs=100, library=shipped, precision=Precision(0.02))
    passage = done.result.first_passage["offensive_measures"]
    assert 400 < done.result.runs < 1500
    assert passage.se < 0.02
    again = api.run("surge-to-front-uncertain", runs=done.result.runs, library=shipped)
    assert (again.result.first_passage["offensive_measures"].counts == passage.counts).all()
    enough = api.run("surge-to-front-uncertain", runs=3000, library=shipped, precision=Precision(0.02))
    assert enough.result.runs == 3000


@pytest.mark.parametrize("measure", ["defensive_weapons.first", "no_action.days", "defensive_weapons.reached"])
def test_any_measure_can_be_made_precise(measure: str) -> None:
    target = 0.01 if measure.endswith("reached") else 3.0
    done = api.run("surge-to-front-uncertain", runs=50, library=shipped, precision=Precision(target, measure))
    ensemble = run_ensemble(done.model, 1, done.result.runs)
    assert standard_error(ensemble, measure) <= target
    assert done.result.runs >= 1000


def test_a_measure_that_there_is_not() -> None:
    with pytest.raises(BadUsage, match=r"unknown measure 'defensive_weapons\.frist'; did you mean 'defensive_weapons\.first'"):
        api.run("surge-to-front-uncertain", runs=50, library=shipped, precision=Precision(1, "defensive_weapons.frist"))
    with pytest.raises(BadUsage, match="--precision must be above 0"):
        api.run("surge-to-front-uncertain", runs=50, library=shipped, precision=Precision(0))


def test_one_path_is_precise_as_it_is() -> None:
    assert api.run("surge-to-front", runs=50, library=shipped, precision=Precision(1e-9)).result.runs == 1


def test_policies_are_compared_on_as_many_runs_as_the_least_precise_needs() -> None:
    done = api.compare(
        ["surge-to-front-uncertain", "withdrawal-uncertain"],
        ["phased-approach", "restrained"],
        runs=50,
        library=shipped,
        precision=Precision(0.03),
    )
    assert len({cell.result.runs for cell in done.cells}) == 1
    assert all(cell.result.first_passage["offensive_measures"].se <= 0.03 for cell in done.cells)


def test_rival_readings_are_those_that_set_would_choose() -> None:
    done = api.run("surge-to-front-uncertain", runs=200, library=shipped)
    names = [(each.threshold, each.rival) for each in done.result.rivals]
    assert names[0] == ("front_line", "sent")
    assert names[-1] == ("sustained_combat", "discretion")
    for rival in done.result.rivals:
        chosen = [f"thresholds.{rival.threshold}=rival:{rival.rival}"]
        alone = api.run("surge-to-front-uncertain", runs=200, sets=chosen, library=shipped).result
        for phase, passage in rival.first_passage.items():
            assert (passage.counts == alone.first_passage[phase].counts).all()
    low, high = done.result.range_over_readings("offensive_measures") or (1, 0)
    assert low == 0  # by discretion alone, never by rule
    assert high >= done.result.first_passage["offensive_measures"].reached


def test_policies_that_share_a_world_are_those_that_run_alone() -> None:
    """A shared world is drawn once; one that answers to the policy is not shared."""
    for scenario in ("surge-to-front-uncertain", "reciprocity-provoking-uncertain"):
        policies = ["phased-approach", "hair-trigger", "step-down"]
        together = api.compare([scenario], policies, runs=60, library=shipped)
        for policy, cell in zip(policies, together.cells, strict=True):
            alone = api.run(scenario, policy, runs=60, library=shipped).result
            assert report.summary(cell.result) == report.summary(alone)


def test_a_single_path_beside_an_ensemble_is_that_many_equal_runs() -> None:
    done = api.compare(["surge-to-front"], ["phased-approach", "allied-coordinated"], runs=40, library=shipped)
    assert [cell.result.runs for cell in done.cells] == [1, 40]
    pair = next(each for each in done.pairs if each.phase == "defensive_weapons")
    assert pair.a_earlier == 1
    assert pair.median_a == 7
    assert pair.median_b is not None
    assert 7 + 14 <= pair.median_b <= 7 + 56


def test_check_finds_each_mistake_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bad.yaml").write_text("kind: scenario\nname: bad\ntitle: T\nextends: withdrawal\ndays: soon\n")
    found = api.check(["bad.yaml", "phased-approach", "step-down"])
    assert [str(each.problem.place) for each in found if each.level == "error"] == ["bad.yaml:5:7"]
    assert {each.level for each in found} == {"error", "note"}
    assert api.check(["withdrawal"], library=shipped) == ()


def test_inputs_are_named_alike_wherever_phased_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("kind: scenario\nname: mine\ntitle: T\nextends: withdrawal\n")
    named = list(api.inputs_of([Library().load_pair("mine.yaml")]))
    assert named[0] == "mine.yaml"
    assert all(name.startswith("shipped:") for name in named[1:])
    assert "shipped:scenarios/withdrawal.yaml" in named
