from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.library import Library
from sim.spec.policy import WithinWindow
from sim.spec.scenario import CsvPath
from tests.load.worlds import variant

library = Library([])


def policy(folder: Path, body: str):  # type: ignore[no-untyped-def]
    return library.load_policy(variant(folder, "policy", body)).spec


def scenario(folder: Path, body: str):  # type: ignore[no-untyped-def]
    return library.load_scenario(variant(folder, "scenario", body)).spec


def refused(folder: Path, body: str, kind: str = "policy") -> str:
    with pytest.raises(BadInput) as caught:
        library._load(variant(folder, kind, body), kind, ())
    return str(caught.value)


def test_maps_merge_key_by_key(folder: Path) -> None:
    spec = policy(folder, "phases: {alert: {label: Warned}}")
    assert list(spec.phases) == ["calm", "alert", "alarm"]
    assert (spec.phases["alert"].label, spec.phases["alert"].min_stay.fixed) == ("Warned", 7)


def test_name_and_title_are_not_inherited(folder: Path) -> None:
    spec = policy(folder, "")
    assert (spec.name, spec.title) == ("variant", "A variant")


def test_null_removes(folder: Path) -> None:
    assert "climb" not in policy(folder, "transitions: {climb: null}").transitions
    assert policy(folder, "initial: null").initial is None


def test_null_of_an_absent_key_is_an_error(folder: Path) -> None:
    assert "there is nothing to remove: 'good-policy' has no such key" in refused(folder, "transitions: {clim: null}")


def test_a_number_is_replaced_whole(folder: Path) -> None:
    variant(folder, "scenario", "signposts: {level: {delay: {value: 1, unit: weeks, note: slow}}}", "middle")
    path = variant(folder, "scenario", "signposts: {level: {delay: {value: 2}}}", base="middle")
    delay = library.load_scenario(path).spec.signposts["level"].delay
    assert (delay.fixed, delay.unit, delay.note) == (2, None, None)


def test_path_error_smooth_and_confirm_are_replaced_whole(folder: Path) -> None:
    spec = scenario(folder, "variables: {level: {path: {2024-10-24: 1}}}\nsignposts: {level: {error: {log_sd: 0.1}}}")
    assert list(spec.variables["level"].path) == ["2024-10-24"]
    assert spec.signposts["level"].error.shared is None
    confirm = policy(folder, "transitions: {raise: {confirm: {days: 1, of: 2}}, climb: {confirm: 4}}").transitions
    assert isinstance(confirm["raise"].confirm, WithinWindow)
    assert confirm["climb"].confirm.fixed == 4


def test_a_variable_or_signpost_of_such_a_name_merges(folder: Path) -> None:
    (folder / "odd.yaml").write_text(
        "kind: scenario\nname: odd\ntitle: x\nstart: 2024-10-24\ndays: 9\nvariables: {path: {unit: u, path: {day 0: 1}}}\n",
        encoding="utf-8",
    )
    path = folder / "odder.yaml"
    path.write_text(
        "kind: scenario\nname: odder\ntitle: x\nextends: odd\nvariables: {path: {between: linear}}\n", encoding="utf-8"
    )
    assert library.load_scenario(str(path)).spec.variables["path"].between == "linear"


def test_value_and_dated_displace_each_other(folder: Path) -> None:
    spec = policy(folder, "thresholds: {front: {dated: {2024-11-01: 2}}, shifting: {value: 3}}")
    assert spec.thresholds["front"].value is None
    assert spec.thresholds["shifting"].dated is None
    assert spec.thresholds["front"].unit == "rung"


def test_a_new_transition_comes_last(folder: Path) -> None:
    spec = policy(folder, "transitions: {more: {from: calm, to: alarm, when: level > 3}}")
    assert list(spec.transitions) == ["raise", "climb", "relax", "more"]


def test_or_before_another(folder: Path) -> None:
    body = "{from: calm, to: alarm, when: level > 3, before: climb}"
    spec = policy(folder, f"transitions: {{one: {body}, raise: {{lag: 1}}, two: {body}}}")
    assert list(spec.transitions) == ["raise", "one", "two", "climb", "relax"]


def test_a_variant_of_a_variant_inherits_the_place_not_the_word(folder: Path) -> None:
    variant(folder, "policy", "transitions: {more: {from: calm, to: alarm, when: level > 3, before: raise}}", "middle")
    path = folder / "last.yaml"
    path.write_text("kind: policy\nname: last\ntitle: x\nextends: middle\n", encoding="utf-8")
    spec = library.load_policy("last.yaml").spec
    assert next(iter(spec.transitions)) == "more"


def test_places_survive(folder: Path) -> None:
    loaded = library.load_policy(variant(folder, "policy", "transitions: {climb: {lag: 9}}"))
    assert str(loaded.place("transitions.climb.lag")).endswith("variant.yaml:5:28")
    assert str(loaded.place("transitions.climb.to")).endswith("good-policy.yaml:32:9")
    assert loaded.place("transitions.climb.before") == loaded.place("transitions.climb"), "the nearest ancestor"


def test_all_files_read_are_inputs(folder: Path) -> None:
    loaded = library.load_policy(variant(folder, "policy", ""))
    assert [each.path.name for each in loaded.inputs] == ["variant.yaml", "good-policy.yaml", "ledger.yaml"]


def test_names_are_looked_up_where_they_are_written(folder: Path) -> None:
    away = folder / "away"
    away.mkdir()
    (away / "far.yaml").write_text("kind: policy\nname: far\ntitle: x\nextends: ../good-policy.yaml\n", encoding="utf-8")
    loaded = library.load_policy("away/far")
    assert set(loaded.facts) == {"F1", "F2", "F3"}


def test_a_table_belongs_to_the_file_that_names_it(folder: Path) -> None:
    away = folder / "away"
    away.mkdir()
    (folder / "level.csv").write_text("date,value\n2024-10-24,2\n2024-10-25,\n2024-10-26,3\n", encoding="utf-8")
    variant(folder, "scenario", "variables: {level: {path: {csv: level.csv}}}", "tabled")
    (away / "far.yaml").write_text("kind: scenario\nname: far\ntitle: x\nextends: ../tabled.yaml\n", encoding="utf-8")
    loaded = library.load_scenario("away/far.yaml")
    assert isinstance(loaded.spec.variables["level"].path, CsvPath)
    assert [value for _, value in loaded.tables["level"]] == [2, 3]
    assert "level.csv" in [each.path.name for each in loaded.inputs]


def test_mistakes_of_the_base_are_reported_in_the_base(folder: Path) -> None:
    text = (folder / "good-policy.yaml").read_text(encoding="utf-8")
    (folder / "good-policy.yaml").write_text(text.replace("initial: calm", "initial: clam"), encoding="utf-8")
    assert "good-policy.yaml:12:10: initial: unknown phase 'clam'" in refused(folder, "")
