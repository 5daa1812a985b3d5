"""`phased check`: every file is read, whatever is wrong with another, and what policies can and cannot do has its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.shell import contents, phased, phased_json

POLICY = """kind: policy
name: mine
title: Mine
reads: {level: {unit: rung, range: [0, 4]}}
phases: {low: {}, middle: {}, high: {}}
thresholds:
  first: {value: 3, unit: rung, grade: assumed}
  second: {value: 2, unit: rung, grade: assumed}
transitions:
  up: {from: low, to: middle, when: level >= first, confirm: 2 days}
  on: {from: middle, to: high, when: level >= second}
  down: {from: middle, to: low, when: "level <= first or level > 5"}
"""
SCENARIO = """kind: scenario
name: wide
title: Wide
policy: ./mine.yaml
start: 2024-10-24
days: 30
variables: {level: {unit: rung, bounds: [0, 6], path: {day 0: 1}}}
"""


@pytest.fixture
def mine(here: Path) -> Path:
    (here / "mine.yaml").write_text(POLICY, encoding="utf-8")
    (here / "wide.yaml").write_text(SCENARIO, encoding="utf-8")
    return here


def test_a_file_that_cannot_be_read_hides_no_other(here: Path) -> None:
    (here / "broken.yaml").write_text("kind: policy\nname: [\n", encoding="utf-8")
    (here / "alone.yaml").write_text(
        "kind: scenario\nname: alone\ntitle: T\nstart: 2024-10-24\ndayz: 5\nvariables: {x: {unit: u, path: {day 0: 1}}}\n",
        encoding="utf-8",
    )
    text = phased("check", "broken.yaml", "alone.yaml", code=1).stdout
    assert "broken.yaml:3:1" in text
    assert "alone.yaml:5:1: dayz: unknown key 'dayz'; did you mean 'days'?" in text
    assert "2 files read" in text


def test_a_scenario_without_a_policy_is_checked_alone(here: Path) -> None:
    text = "kind: scenario\nname: alone\ntitle: T\nstart: 2024-10-24\ndays: 5\nvariables: {x: {unit: u, path: {day 0: 1}}}\n"
    (here / "alone.yaml").write_text(text, encoding="utf-8")
    assert "0 errors, 0 warnings" in phased("check", "alone.yaml").stdout


@pytest.mark.usefixtures("mine")
def test_each_finding_has_its_place_rule_and_witness() -> None:
    found = {each["rule"]: each for each in phased_json("check", "mine.yaml")["findings"]}
    lines = POLICY.splitlines()
    places = {
        rule: (each["level"], each["line"], lines[each["line"] - 1][each["column"] - 1 :][:8]) for rule, each in found.items()
    }
    assert places == {
        "constant-comparison": ("warning", 12, "level > "),
        "chatter": ("warning", 12, '"level <'),
        "out-of-order": ("warning", 11, "level >="),
        "overlap": ("note", 12, '"level <'),
        "no-way-out": ("note", 5, "high: {}"),
        "assumed-threshold": ("note", 7, "first: {"),
    }
    assert found["chatter"]["witness"] == {"level": 3}
    assert found["overlap"]["witness"] == {"level": 2}
    assert 2 <= found["out-of-order"]["witness"]["level"] < 3
    assert found["no-way-out"]["witness"] is None


@pytest.mark.usefixtures("mine")
def test_warnings_come_before_notes_and_are_counted() -> None:
    *lines, verdict = phased("check", "mine.yaml").stdout.splitlines()
    assert [line.split(":")[0] for line in lines] == ["warning"] * 3 + ["note"] * 3
    assert lines[0].startswith("warning: mine.yaml:12:")
    assert verdict == "1 file read: 0 errors, 3 warnings, 3 notes."


@pytest.mark.usefixtures("mine")
def test_a_scenario_brings_findings_of_its_own() -> None:
    """Its bounds reach beyond the range that the policy states, and there the part that never held can hold."""
    found = phased_json("check", "wide.yaml")["findings"]
    assert [(each["rule"], each["file"], each["line"]) for each in found] == [("range", "mine.yaml", 4)]
    assert "scenario 'wide' bounds level to 0 to 6, beyond the range 0 to 4" in found[0]["message"]
    both = phased_json("check", "mine.yaml", "wide.yaml")["findings"]
    assert {each["rule"] for each in both} - {each["rule"] for each in phased_json("check", "mine.yaml")["findings"]} == {"range"}


def test_what_shows_only_on_scenarios_names_them(mine: Path) -> None:
    text = SCENARIO.replace("[0, 6]", "[0, 2]").replace("wide", "narrow")
    (mine / "narrow.yaml").write_text(text, encoding="utf-8")
    (mine / "narrower.yaml").write_text(text.replace("narrow", "narrower"), encoding="utf-8")
    found = phased_json("check", "narrow.yaml", "narrower.yaml")["findings"]
    never = next(each for each in found if each["rule"] == "never-fires")
    assert never["message"].startswith("on scenarios 'narrow' and 'narrower': can never fire")
    assert (never["field"], never["level"]) == ("transitions.up.when", "warning")
    assert [each["field"] for each in found if each["rule"] == "unreachable-phase"] == ["phases.middle", "phases.high"]


@pytest.mark.usefixtures("mine")
def test_fastest_possible_days() -> None:
    document = phased_json("check", "mine.yaml", "--reach")
    assert list(document) == ["findings", "reach"]
    assert {phase: each["day"] for phase, each in document["reach"].items()} == {"middle": 1, "high": 2}
    assert document["reach"]["middle"]["witness"] == [{"from_day": 0, "to_day": 1, "values": {"level": 3}}]
    high = document["reach"]["high"]
    assert [each["transition"] for each in high["transitions"]] == ["up", "on"]
    assert high["drawn"] == {}
    text = phased("check", "mine.yaml", "--reach").stdout
    assert "middle: day 1 at the soonest" in text
    assert "Each signpost may take any value that it can have, on any day: level 0 to 4." in text
    assert "not a forecast" in text


@pytest.mark.usefixtures("mine")
def test_reach_on_a_scenario_has_dates_and_a_horizon() -> None:
    reach = phased_json("check", "mine.yaml", "wide.yaml", "--reach")["reach"]
    assert (reach["middle"]["date"], reach["middle"]["witness"][0]["to"]) == ("2024-10-25", "2024-10-25")
    assert phased_json("check", "wide.yaml", "--reach")["reach"] == reach


@pytest.mark.usefixtures("mine")
def test_reach_of_several_is_by_name() -> None:
    reach = phased_json("check", "ambiguity-tolerant", "restrained", "--reach")["reach"]
    assert reach["ambiguity-tolerant"]["offensive_measures"]["day"] == 21
    assert reach["restrained"] == {"defensive_weapons": None, "offensive_measures": None}
    reach = phased_json("check", "surge-to-front", "gradual-rise", "step-down", "--reach")["reach"]
    assert list(reach) == ["surge-to-front--step-down", "gradual-rise--step-down"]


def test_the_design_s_example() -> None:
    reach = phased_json("check", "ambiguity-tolerant", "--reach")["reach"]
    assert reach["offensive_measures"]["day"] == 21


def test_what_only_the_search_shows_is_a_finding_too(mine: Path) -> None:
    text = POLICY.replace("phases: {low: {}", "phases: {low: {min_stay: 5 days}").replace("level >= first,", "days_in_phase < 4,")
    (mine / "mine.yaml").write_text(text, encoding="utf-8")
    assert not [each for each in phased_json("check", "mine.yaml")["findings"] if each["rule"] == "unreachable-phase"]
    document = phased_json("check", "mine.yaml", "--reach")
    assert document["reach"] == {"middle": None, "high": None}
    assert [each["field"] for each in document["findings"] if each["rule"] == "unreachable-phase"] == [
        "phases.middle",
        "phases.high",
    ]
    assert "middle: no world reaches it" in phased("check", "mine.yaml", "--reach").stdout


def test_reach_needs_a_policy() -> None:
    assert "--reach needs a policy" in phased("check", "article-2024-10", "--reach", code=2).stderr


# what is written ----------------------------------------------------------------------------------------------------------------


def test_nothing_is_written_unless_asked(mine: Path) -> None:
    before = contents(mine)
    phased("check", "mine.yaml", "--reach")
    assert contents(mine) == before


def test_a_report_can_be_made_again(mine: Path) -> None:
    phased("check", "mine.yaml", "step-down", "--reach", "--out", "out")
    made = contents(mine / "out")
    assert {"findings.json", "manifest.json", "reach--mine.png", "reach--step-down.svg"} <= made.keys()
    assert b'"shipped:configs/phased-approach.yaml"' in made["findings.json"]
    assert str(mine).encode() not in b"".join(made.values())
    assert "Reproduced" in phased("rerun", "out").stdout
    phased("check", "mine.yaml", "--out", "out")
    assert contents(mine / "out").keys() == {"findings.json", "manifest.json"}


def test_nothing_is_written_of_files_with_mistakes(mine: Path) -> None:
    (mine / "mine.yaml").write_text(POLICY.replace("unit: rung, grade", "unit: rungs, grade"), encoding="utf-8")
    done = phased("check", "mine.yaml", "--reach", "--out", "out", code=1)
    assert "Nothing was written" in done.stderr
    assert not (mine / "out").exists()


def test_a_phase_that_is_passed_by_is_said_to_be(here: Path) -> None:
    text = "kind: policy\nname: leap\ntitle: T\nreads: {x: {unit: u}}\nphases: {low: {}, middle: {}, high: {}}\n"
    (here / "leap.yaml").write_text(text + "transitions: {up: {from: low, to: high, when: x > 1}}\n", encoding="utf-8")
    told = phased("check", "leap.yaml", "--reach").stdout
    assert "middle, or a higher phase: day 0 at the soonest" in told
    assert "\nhigh: day 0 at the soonest" in told
