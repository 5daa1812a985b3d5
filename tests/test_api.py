"""The verbs, as a notebook calls them."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import api
from sim.errors import BadInput, BadUsage
from sim.library import Library

shipped = Library([])


def test_progress_adds_up_to_one() -> None:
    seen: list[float] = []
    api.run("surge-to-front-uncertain", runs=20, library=shipped, progress=seen.append)
    assert sum(seen) == pytest.approx(1)
    seen.clear()
    api.run("surge-to-front", runs=20, library=shipped, progress=seen.append)
    assert sum(seen) == pytest.approx(1)
    seen.clear()
    api.compare(
        ["withdrawal", "surge-to-front-uncertain"], ["restrained", "step-down"], runs=5, library=shipped, progress=seen.append
    )
    assert sum(seen) == pytest.approx(1)


def test_a_table_only_on_request() -> None:
    assert api.run("surge-to-front", library=shipped).ensemble.table is None
    assert api.run("surge-to-front", table=True, library=shipped).ensemble.table is not None


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
    few, many = (api.run("surge-to-front-uncertain", runs=runs, library=shipped).ensemble.first for runs in (10, 50))
    assert (few == many[:, :10]).all()


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
    assert [(each.level, str(each.problem.place)) for each in found] == [("error", "bad.yaml:5:7")]
    assert api.check(["withdrawal"], library=shipped) == ()


def test_inputs_are_named_alike_wherever_phased_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("mine.yaml").write_text("kind: scenario\nname: mine\ntitle: T\nextends: withdrawal\n")
    named = list(api.inputs_of([Library().load_pair("mine.yaml")]))
    assert named[0] == "mine.yaml"
    assert all(name.startswith("shipped:") for name in named[1:])
    assert "shipped:scenarios/withdrawal.yaml" in named
