from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import BadInput
from sim.library import Library
from tests.load.worlds import variant

library = Library([])


@pytest.fixture(autouse=True)
def _here(folder: Path) -> None:
    """In a folder with the good files."""


def policy(*sets: str) -> Any:
    return library.load_pair("good-scenario.yaml", "good-policy.yaml", sets).policy.spec


def scenario(*sets: str) -> Any:
    return library.load_pair("good-scenario.yaml", "good-policy.yaml", sets).scenario.spec


def refused(*sets: str) -> str:
    with pytest.raises(BadInput) as caught:
        policy(*sets)
    return str(caught.value)


def test_a_threshold_that_is_set_counts_as_assumed() -> None:
    front = policy("thresholds.front.value=2").thresholds["front"]
    assert (front.value, front.grade, front.evidence, front.unit, list(front.rivals)) == (2, "assumed", (), "rung", ["early"])


def test_a_bare_number_or_a_distribution_is_a_thresholds_value() -> None:
    assert policy("thresholds.front=2.5").thresholds["front"].value == 2.5
    front = policy("thresholds.front={uniform: [2, 3]}").thresholds["front"]
    assert front.value.support == (2, 3)
    assert front.grade == "assumed"


def test_a_rival_keeps_its_own_grade_and_evidence() -> None:
    front = policy("thresholds.front=rival:early").thresholds["front"]
    assert (front.value, front.grade, front.evidence, front.unit) == (2, "reported", ("F2",), "rung")


def test_value_displaces_dated() -> None:
    shifting = policy("thresholds.shifting.value=2").thresholds["shifting"]
    assert (shifting.value, shifting.dated) == (2, None)
    assert policy("thresholds.shifting=2").thresholds["shifting"].dated is None


def test_one_dated_value_is_assumed_even_under_a_graded_threshold() -> None:
    variant(Path(), "policy", "thresholds: {shifting: {grade: implied, evidence: [F3]}}")
    loaded = library.load_policy("variant.yaml", ["thresholds.shifting.dated.2024-12-01=2"])
    shifting = loaded.spec.thresholds["shifting"]
    grades = [number.grade for number in shifting.numbers("x").values()]
    assert grades == ["implied", "assumed"]


@pytest.mark.parametrize("value", ["3", "{value: 3}", "{value: 3, grade: quoted, evidence: [F1]}"])
@pytest.mark.parametrize("path", ["variables.level.path.2024-11-01", "scenario.variables.level.path.2024-11-01"])
def test_a_number_is_replaced_whole_and_assumed(path: str, value: str) -> None:
    number = scenario(f"{path}={value}").variables["level"].path["2024-11-01"]
    cited = ("F1",) if "evidence" in value else ()
    assert (number.fixed, number.grade, number.evidence) == (3, "assumed", cited)


@pytest.mark.parametrize("path", ["variables.level.path.2024-11-01", "signposts.level.delay"])
def test_facts_that_a_setting_cites_are_checked(path: str) -> None:
    with pytest.raises(BadInput, match="unknown fact 'F9'"):
        scenario(f"{path}={{value: 3, grade: quoted, evidence: [F9]}}")


def test_the_value_inside_a_number_is_set_and_assumed() -> None:
    number = scenario("variables.level.path.2024-11-01.value=2").variables["level"].path["2024-11-01"]
    assert (number.fixed, number.grade, number.evidence) == (2, "assumed", ())


def test_the_value_of_a_bare_number_is_the_number() -> None:
    assert scenario("variables.level.path.2024-10-24.value=1").variables["level"].path["2024-10-24"].fixed == 1
    assert policy("transitions.raise.confirm.value=5").transitions["raise"].confirm.fixed == 5


def test_every_number_in_a_whole_path_is_assumed() -> None:
    path = (
        scenario("variables.level.path={2024-10-24: {value: 1, grade: quoted, evidence: [F1]}, day 9: 2}").variables["level"].path
    )
    assert {number.grade for number in path.values()} == {"assumed"}


def test_a_field_that_the_file_leaves_out() -> None:
    assert policy("transitions.raise.lag=14").transitions["raise"].lag.fixed == 14
    assert policy("transitions.raise.lag=2 weeks").transitions["raise"].lag.fixed == 14
    assert scenario("signposts.level.smooth={mean: 7 days}").signposts["level"].smooth.mean.fixed == 7
    assert scenario("signposts.level.error.memory=30").signposts["level"].error.memory.fixed == 30


def test_a_variable_without_a_signpost_may_be_given_one() -> None:
    assert scenario("signposts.troops.delay=3").signposts["troops"].delay.fixed == 3
    assert "unknown name 'trops'; did you mean 'troops'?" in refused("signposts.trops.delay=3")


def test_the_unit_of_a_bare_number() -> None:
    assert policy("transitions.raise.lag=1", "transitions.raise.lag.unit=weeks").transitions["raise"].lag.fixed == 7


def test_an_item_of_a_list() -> None:
    assert [each.fixed for each in scenario("variables.level.bounds.1=6").variables["level"].bounds] == [0, 6]
    assert "unknown name '2'; choose 0 or 1" in refused("variables.level.bounds.2=6")


def test_a_part_of_a_bare_distribution() -> None:
    set_twice = ["signposts.level.bias={normal: [0, 1]}", "signposts.level.bias.normal.1=0.5"]
    assert scenario(*set_twice).signposts["level"].bias.value.normal == (0, 0.5)


def test_waypoints_stand_in_the_order_of_their_dates() -> None:
    keys = {"day 3": 3, "2024-12-01": 1, "day -1": 0}
    path = scenario(*(f"variables.level.path.{key}={value}" for key, value in keys.items())).variables["level"].path
    assert list(path) == ["day -1", "2024-10-24", "day 3", "2024-11-01", "2024-12-01"]


def test_null_takes_away() -> None:
    assert "climb" not in policy("transitions.climb=null").transitions
    assert scenario("signposts.level.error=null").signposts["level"].error is None


def test_a_note_changes_no_grade() -> None:
    assert policy("thresholds.front.note=checked").thresholds["front"].grade == "implied"


def test_texts_of_guards_and_lists() -> None:
    assert policy("transitions.raise.when=level >= 2").transitions["raise"].when == "level >= 2"
    assert policy("transitions.climb.from=calm").transitions["climb"].from_ == ("calm",)


def test_a_path_in_both_files_needs_a_prefix() -> None:
    assert "is in both files; write scenario.title or policy.title" in refused("title=x")
    assert policy("policy.title=x").title == "x"


def test_only_one_file() -> None:
    assert library.load_policy("good-policy.yaml", ["thresholds.front=2"]).spec.thresholds["front"].value == 2
    with pytest.raises(BadInput, match="there is no scenario here"):
        library.load_policy("good-policy.yaml", ["scenario.days=2"])


def test_every_bad_setting_is_reported_with_its_number() -> None:
    said = refused("thresholds.fornt=2", "transitions.raise.lag=-1", "nonsense")
    assert [line.split(":")[0] for line in said.splitlines()] == ["--set #1", "--set #2", "--set #3"]


_PARTS = """policy scenario thresholds front value dated rivals early transitions raise confirm days lag unit grade variables
level path 2024-11-01 day_3 bounds 0 moves steps ladder up signposts error sd injects clash set reads range title evidence when
from reactions answer push troops while extends kind start"""
_PATHS = st.lists(st.sampled_from([*(part.replace("_", " ") for part in _PARTS.split()), ""]), min_size=1, max_size=6)
_VALUES = st.one_of(
    st.sampled_from(
        [
            "1",
            "null",
            "{}",
            "[]",
            "rival:early",
            "{value: 1, grade: quoted}",
            "{uniform: [1, 2]}",
            "level > 1",
            "{a: 1}",
            "[1, 2]",
        ]
    ),
    st.text(max_size=12),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.tuples(_PATHS.map(".".join), _VALUES).map("=".join), st.text(max_size=10)), max_size=3))
def test_arbitrary_settings_are_made_or_refused(sets: list[str]) -> None:
    with suppress(BadInput):
        policy(*sets)
