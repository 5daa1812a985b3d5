"""The founding case: the shipped scenarios and policies mean what the sources say (facts.md), date by date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest

from sim import api
from sim.library import Library, Loaded, Pair
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.spec.values import GRADES

shipped = Library([])
POLICIES = [entry.name for entry in shipped.entries("policy") if "/" not in entry.name]
SCENARIOS = [entry.name for entry in shipped.entries("scenario") if "/" not in entry.name]
UNCERTAIN = [name for name in SCENARIOS if name.endswith("-uncertain")]
PLAIN = [name for name in SCENARIOS if name not in UNCERTAIN]
OF_THE_ARTICLE = ["phased-approach", "hair-trigger", "restrained", "ambiguity-tolerant", "step-down"]

Steps = list[tuple[str, str]]


@cache
def policy_of(name: str) -> Loaded[Policy]:
    return shipped.load_policy(name)


@cache
def scenario_of(name: str) -> Loaded[Scenario]:
    return shipped.load_scenario(name)


def pair_of(scenario: str, policy: str) -> Pair:
    """That every pair fits is a test of the library; here each file is read once."""
    return Pair(scenario_of(scenario), policy_of(policy), (), ())


def steps(scenario: str, policy: str) -> Steps:
    """(date of effect, phase entered) of the one path that there is."""
    pair = pair_of(scenario, policy)
    assert api.model_of(pair).single_path
    return [(each.date.isoformat(), each.to_phase) for each in api.path_of(pair).report.path]


D, O, N = "defensive_weapons", "offensive_measures", "no_action"  # noqa: E741 - one letter a phase keeps the table readable

PHASED_APPROACH: dict[str, Steps] = {
    "korea-base": [],
    "as-known-2024-10-24": [],
    "withdrawal": [],
    "rear-labour": [],
    "gradual-rise": [("2025-02-06", D)],
    "surge-to-front": [("2024-10-31", D)],
    "special-forces": [("2024-11-12", D)],
    "attrition-and-rotation": [("2024-10-31", D), ("2024-12-16", O)],
    "ambiguous-intelligence": [("2024-11-07", D)],
    "reciprocity-neutral": [("2024-10-31", D)],
    "reciprocity-provoking": [("2024-10-31", D), ("2024-12-19", O)],
    "reciprocity-deterring": [("2024-10-31", D)],
    "hindcast-kursk-counts": [("2024-10-31", D), ("2024-12-16", O)],
    "hindcast-ukraine-only": [],
}


def test_every_plain_scenario_has_its_expected_path_written_out() -> None:
    assert sorted(PHASED_APPROACH) == sorted(PLAIN)


@pytest.mark.parametrize("scenario", PHASED_APPROACH)
def test_the_phased_approach(scenario: str) -> None:
    assert steps(scenario, "phased-approach") == PHASED_APPROACH[scenario]


HAIR_TRIGGER: dict[str, Steps] = {  # the sending is enough: at once wherever troops are in Russia, and offensive at the front
    "as-known-2024-10-24": [("2024-10-24", D)],
    "withdrawal": [("2024-10-24", D)],
    "rear-labour": [("2024-10-24", D)],
    "gradual-rise": [("2024-10-24", D), ("2025-02-06", O)],
    "surge-to-front": [("2024-10-24", D), ("2024-10-31", O)],
    "special-forces": [("2024-10-24", D)],
    "hindcast-kursk-counts": [("2024-10-24", D), ("2024-10-31", O)],
    "hindcast-ukraine-only": [("2024-10-24", D)],
}


@pytest.mark.parametrize("scenario", HAIR_TRIGGER)
def test_the_hair_trigger(scenario: str) -> None:
    assert steps(scenario, "hair-trigger") == HAIR_TRIGGER[scenario]


@pytest.mark.parametrize(
    ("scenario", "policy", "expected"),
    [
        # three weeks in a row from the day of the move: the twentieth day after it
        ("surge-to-front", "ambiguity-tolerant", [("2024-11-20", D)]),
        ("gradual-rise", "ambiguity-tolerant", [("2025-02-26", D)]),
        # the flag has one source, so no second observer can bear it out
        ("special-forces", "ambiguity-tolerant", []),
        # Two spells of two weeks at the front are not enough. In the third of eight (from 16 January) Washington reads low
        # (3 − 0.6 rounds to 2), so two agree once Seoul sees it, a week late: 23 January + 20 days
        ("ambiguous-intelligence", "ambiguity-tolerant", [("2025-02-12", D)]),
        # nothing is closed in the base: a gate that stands open changes nothing
        ("surge-to-front", "consent-gated", [("2024-10-31", D)]),
        ("special-forces", "consent-gated", [("2024-11-12", D)]),
        # the polls were against it, then came the crisis
        ("hindcast-kursk-counts", "consent-gated", []),
        # the level falls to 2 on 2 September and stays below 3 for three weeks
        ("hindcast-kursk-counts", "step-down", [("2024-10-31", D), ("2024-12-16", O), ("2025-09-22", D)]),
        ("surge-to-front", "step-down", [("2024-10-31", D)]),
        ("withdrawal", "step-down", []),
    ],
)
def test_other_policies(scenario: str, policy: str, expected: Steps) -> None:
    assert steps(scenario, policy) == expected


def test_only_a_deterred_world_lets_the_step_down_policy_return_to_no_action() -> None:
    assert steps("reciprocity-neutral", "step-down") == [("2024-10-31", D)]
    first, *rest = steps("reciprocity-deterring", "step-down")
    assert first == ("2024-10-31", D)
    assert [phase for _, phase in rest] == [N]
    # 0.012 a day from 15 November on take the reading below rung 2 after about 125 days, and three weeks confirm it
    assert rest[0][0] in ("2025-04-01", "2025-04-02")


def test_as_known_ends_on_the_day_of_the_article() -> None:
    scenario = scenario_of("as-known-2024-10-24").spec
    assert scenario.start == dt.date(2024, 10, 24)
    assert scenario.days.fixed == 1


def test_the_gradual_rise_is_700_a_week_between_the_reported_ends() -> None:
    run = api.run_pair(pair_of("gradual-rise", "phased-approach"), runs=1, seed=1).result
    world = run.variables["troops_in_russia"].samples[0]
    assert world[0] == 3_000
    assert world[7] == pytest.approx(3_700)
    assert world[70] == 10_000
    assert max(world) == 10_000


def test_troops_rise_in_the_rear_without_a_trigger() -> None:
    run = api.run_pair(pair_of("rear-labour", "phased-approach"), runs=1, seed=1).result
    assert run.days == 365
    assert run.variables["troops_in_russia"].samples[0, -1] > 10_000
    assert set(run.variables["deployment_level"].samples[0]) == {2.0}


# The hindcast -----------------------------------------------------------------------------------------------------------------

KURSK = "hindcast-kursk-counts"


@cache
def due_dates() -> Mapping[tuple[str, str, str], str | None]:
    done = api.hindcast(("hindcast-kursk-counts", "hindcast-ukraine-only"), library=shipped)
    return {
        (each.coding, each.reading, each.phase): each.due.isoformat() if each.due else None
        for each in (statement.reading for statement in done.statements)
    }


def test_if_kursk_counts_the_rule_falls_due_four_to_seven_days_after_the_article() -> None:
    due = {reading: day for (coding, reading, phase), day in due_dates().items() if (coding, phase) == (KURSK, D)}
    assert due == {
        "as stated": "2024-10-31",
        "front_line: sent": "2024-10-24",  # the sending was known by then
        "front_line: deployed_to_war": "2024-10-28",
        "special_forces_sent: support_without_weapons": "2024-10-31",
        "sustained_combat: any_combat": "2024-10-31",
        "sustained_combat: discretion": "2024-10-31",
    }
    of_the_front = [day for reading, day in due.items() if reading != "front_line: sent" and day]
    after = {(dt.date.fromisoformat(day) - dt.date(2024, 10, 24)).days for day in of_the_front}
    assert (min(after), max(after)) == (4, 7)


def test_if_only_ukraine_counts_it_never_falls_due_but_for_the_reading_of_the_sending() -> None:
    due = {key: day for key, day in due_dates().items() if key[0].endswith("ukraine-only") and day}
    assert due == {("hindcast-ukraine-only", "front_line: sent", D): "2024-10-24"}


def test_the_offensive_step_hangs_on_the_reading_of_sustained_combat() -> None:
    due = {reading: day for (coding, reading, phase), day in due_dates().items() if (coding, phase) == (KURSK, O)}
    assert due["as stated"] == "2024-12-16"
    assert due["sustained_combat: any_combat"] == "2024-11-05"
    assert due["sustained_combat: discretion"] is None


def test_no_transfer_is_reported_in_the_hindcast() -> None:
    done = api.hindcast(("hindcast-kursk-counts",), library=shipped)
    assert done.deeds
    assert {deed.phase for deed in done.deeds} == {N}
    assert all(statement.shown is None for statement in done.statements)
    stated = next(each for each in done.statements if each.reading.reading == "as stated" and each.reading.phase == D)
    assert stated.gap is not None
    assert stated.gap > 400


# All pairs --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_policy_runs(scenario: str) -> None:
    runs = 8
    for policy in POLICIES:
        done = api.run_pair(pair_of(scenario, policy), runs=runs, seed=3).result
        assert done.runs == (1 if done.single_path else runs)
        assert (done.occupancy.sum(axis=0) == done.runs).all(), policy
        assert sum(each.phase_days for each in done.dwell.values()) == done.runs * done.days
        for passage in done.first_passage.values():
            assert int(passage.counts.sum()) + passage.never == done.runs
        if policy == "restrained":
            assert (done.occupancy[0] == done.runs).all()
            assert not any(each.reached for each in done.first_passage.values())
            assert done.transitions == ()


def test_plain_scenarios_are_single_paths_and_uncertain_ones_are_not() -> None:
    certain = {name: api.model_of(pair_of(name, "phased-approach")).single_path for name in SCENARIOS}
    assert {name for name, single in certain.items() if single} == set(PLAIN)
    assert set(UNCERTAIN) == {f"{name}-uncertain" for name in PLAIN if name != "korea-base"}


@pytest.mark.parametrize("scenario", sorted(set(UNCERTAIN) - {"as-known-2024-10-24-uncertain"}))
def test_uncertain_scenarios_do_not_all_end_alike(scenario: str) -> None:
    readings = api.run_pair(pair_of(scenario, "phased-approach"), runs=64, seed=1).result.signposts["deployment_level"]
    assert (readings.quantiles[-1] > readings.quantiles[0]).any()


# Evidence ---------------------------------------------------------------------------------------------------------------------


def records(value: Any) -> Iterator[dict[str, Any]]:
    """Every map in a dumped file, rival readings included."""
    if isinstance(value, dict):
        yield value
        for each in value.values():
            yield from records(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from records(each)


def cited(loaded: Loaded[Any]) -> set[str]:
    dumped = loaded.spec.model_dump(by_alias=True)
    ledgers = dumped.pop("evidence")
    assert set(ledgers) == set(loaded.ledgers)
    return {fact for record in records(dumped) for fact in record.get("evidence", ())}


@pytest.mark.parametrize("name", OF_THE_ARTICLE)
def test_policies_of_the_article_use_nothing_else(name: str) -> None:
    loaded = policy_of(name)
    assert loaded.spec.evidence == ("article-2024-10",)
    assert cited(loaded)
    assert not any(loaded.facts[fact].hindsight for fact in cited(loaded))
    assert all(fact.startswith("F") for fact in cited(loaded))


def test_hindsight_is_used_only_where_it_is_said() -> None:
    for name in SCENARIOS:
        loaded = scenario_of(name)
        late = {fact for fact in cited(loaded) if loaded.facts[fact].hindsight}
        assert not late or name.startswith(("hindcast-", "attrition-and-rotation")), f"{name}: {late}"


def test_no_grade_is_stronger_than_its_facts() -> None:
    """The loader holds it; said once more without it, with rivals and unused numbers."""
    for loaded in [*map(policy_of, POLICIES), *map(scenario_of, SCENARIOS)]:
        for record in records(loaded.spec.model_dump(by_alias=True)):
            if (grade := record.get("grade", "assumed")) != "assumed":
                best = max(GRADES.index(loaded.facts[fact].supports) for fact in record["evidence"])
                assert GRADES.index(grade) <= best, f"{loaded.spec.name}: {record}"


@pytest.mark.parametrize("name", OF_THE_ARTICLE)
def test_no_rung_is_more_than_implied(name: str) -> None:
    """Words may be quoted; the number that codes them is ours."""
    thresholds = policy_of(name).spec.model_dump()["thresholds"]
    assert {record["grade"] for record in records(thresholds) if "grade" in record} <= {"implied", "assumed"}


def test_what_the_article_leaves_open_is_assumed() -> None:
    policy = policy_of("phased-approach").spec
    assert policy.thresholds["sustained_combat"].grade == "assumed"
    for each in policy.transitions.values():
        assert getattr(each.confirm, "grade", None) == "assumed"
        assert each.lag.grade == "assumed"


def leaves(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)
    else:
        yield value


@pytest.mark.parametrize("name", POLICIES)
def test_no_troop_number_is_a_threshold(name: str) -> None:
    policy = policy_of(name).spec
    for threshold in policy.thresholds.values():
        assert not {3_000, 10_000} & {each for each in leaves(threshold.model_dump()) if isinstance(each, int | float)}
        assert threshold.unit != "troops"
    assert "troops_in_russia" not in policy.reads
    for transition in policy.transitions.values():
        assert "3000" not in transition.when
        assert "10000" not in transition.when


def test_the_four_readings_of_the_trigger_stand_side_by_side() -> None:
    policy = policy_of("phased-approach").spec
    values = {name: rival.value for name, rival in policy.thresholds["front_line"].rivals.items()}
    assert policy.thresholds["front_line"].value == 3
    assert values == {"sent": 2, "deployed_to_war": 2.5}
    assert set(policy.thresholds["sustained_combat"].rivals) == {"any_combat", "discretion"}
    assert "special_forces" in policy.transitions["arm_defensively"].when
