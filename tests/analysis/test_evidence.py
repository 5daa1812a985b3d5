"""What a report rests on, held against the counts of grades and against the files' own text."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import asdict
from itertools import chain
from pathlib import Path

import pytest

from sim import api, report
from sim.library import Library

shipped = Library([])
PAIRS = [
    (scenario.name, policy)
    for scenario in shipped.entries("scenario")
    if "/" not in scenario.name
    for policy in ("phased-approach", "capacity-limited", "consent-gated")
]


@pytest.mark.parametrize(("scenario", "policy"), PAIRS[::5])
def test_the_numbers_that_count_are_those_of_which_so_many_are_assumed(scenario: str, policy: str) -> None:
    found = api.evidence_of([shipped.load_pair(scenario, policy)])
    counted = Counter(each.grade for file in found.files for each in file.numbers if each.counted)
    assert counted == Counter({grade: count for grade, count in asdict(found.pairs[0].grades).items() if count})


def test_every_fact_that_a_file_cites_is_told_and_no_other() -> None:
    pair = shipped.load_pair("surge-to-front-uncertain", "phased-approach")
    found = api.evidence_of([pair])
    texts = [each.path.read_text("utf-8") for each in pair.inputs if "/evidence/" not in each.path.as_posix()]
    cited = set(
        chain.from_iterable(re.findall(r"\b[FH]\d\d\b", line) for text in texts for line in re.findall(r"evidence: (.*)", text))
    )
    told = {id_ for _, id_, _ in found.facts}
    assert told <= cited, "the base of a scenario may cite what the variant replaces"
    assert {fact for file in found.files for each in (*file.numbers, *file.rules) for fact in each.facts} == told
    assert {"F10", "F11", "F14"} <= told


def test_numbers_as_the_file_gives_them() -> None:
    pair = shipped.load_pair("surge-to-front-uncertain", "phased-approach", ["transitions.arm_defensively.confirm=2 weeks"])
    policy, scenario = api.evidence_of([pair]).files
    numbers = {each.path: each for each in (*policy.numbers, *scenario.numbers)}
    front = numbers["thresholds.front_line.value"]
    assert (front.value, front.unit, front.grade, front.facts, front.counted) == ("3", "rung", "implied", ("F10",), True)
    rival = numbers["thresholds.front_line.rivals.sent.value"]
    assert (rival.value, rival.facts, rival.counted) == ("2", ("F13",), False)
    confirm = numbers["transitions.arm_defensively.confirm"]
    assert (confirm.value, confirm.unit, confirm.grade) == ("14", "days", "assumed")
    assert numbers["variables.troops_in_russia.path.2024-10-31"].value == "uniform 8000–12000"
    assert numbers["variables.troops_in_russia.path.2024-10-31"].unit == "troops"
    assert numbers["signposts.deployment_level.error.sd"].unit == "rung"
    assert numbers["signposts.troops_in_russia.error.log_sd"].unit == ""
    assert numbers["variables.deployment_level.moves.rungs.ladder.up"].unit == "per day"
    assert not numbers["variables.deployment_level.bounds.0"].counted
    assert any(each.path == "transitions.go_offensive" and "sustained_combat" in each.says for each in policy.rules)


def test_a_default_that_stands_in_and_a_number_in_a_guard(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    (tmp_path / "configs").mkdir()
    (tmp_path / "scenarios" / "one.yaml").write_text(
        "kind: scenario\nname: one\ntitle: T\nstart: 2024-10-24\ndays: 3\nvariables: {level: {unit: m, path: {csv: one.csv}}}\n"
    )
    (tmp_path / "scenarios" / "one.csv").write_text("date,value\n2024-10-24,1\n")
    (tmp_path / "configs" / "two.yaml").write_text(
        "kind: policy\nname: two\ntitle: T\nreads: {level: {unit: m}, other: {unit: m, default: 4}}\n"
        "phases: {low: {}, high: {}}\n"
        "transitions: {up: {from: low, to: high, when: level + other > 5}}\n"
    )
    found = api.evidence_of([Library([tmp_path]).load_pair("one", "two")])
    numbers = {each.path: each for file in found.files for each in file.numbers}
    assert (numbers["reads.other.default"].value, numbers["reads.other.default"].counted) == ("4", True)
    assert (numbers["transitions.up.when"].value, numbers["transitions.up.when"].grade) == ("5", "assumed")
    assert numbers["variables.level.path"].value == "table one.csv"
    assert found.pairs[0].grades.total == sum(each.counted for each in numbers.values())


def test_losses_are_told_by_themselves(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "kind: losses\nname: mine\ntitle: Mine\nunit: won\nagainst: hair-trigger\nevidence: [article-2024-10]\n"
        "late: {offensive_measures: {value: 2, grade: reported, evidence: [F10], note: Why.}}\n"
        "weights: {other: {title: Another, false_alarm: 3}}\n"
    )
    pairs = api.pairs_of(["surge-to-front"], ["phased-approach", "hair-trigger"], library=shipped)
    stated = api.losses_of(str(tmp_path / "mine.yaml"), pairs, library=shipped).losses
    found, without = api.evidence_of(pairs, stated), api.evidence_of(pairs)
    assert found.pairs == without.pairs, "losses shape no run"
    *_, losses = found.files
    assert (losses.kind, losses.title, found.files[:-1]) == ("losses", "Mine", without.files)
    told = [(each.path, each.value, each.unit, each.grade, each.facts, each.note) for each in losses.numbers]
    assert told == [
        ("late.offensive_measures", "2", "won per day", "reported", ("F10",), "Why."),
        ("weights.other.false_alarm", "3", "won per day", "assumed", (), ""),
    ]
    assert [(each.path, each.says.split(":")[0]) for each in losses.rules] == [
        ("against", "hair-trigger"),
        ("weights.other", "Another"),
    ]
    assert "F10" in {id_ for _, id_, _ in found.facts}


def test_a_file_of_several_pairs_is_told_once_and_in_json() -> None:
    pairs = api.pairs_of(["surge-to-front", "reciprocity-provoking"], ["phased-approach", "hair-trigger"], library=shipped)
    found = api.evidence_of(pairs)
    assert [(each.kind, each.name) for each in found.files] == [
        *(("policy", "phased-approach"), ("policy", "hair-trigger")),
        *(("scenario", "surge-to-front"), ("scenario", "reciprocity-provoking")),
    ]
    document = report.evidence(found)
    assert [each["reactive"] for each in document["pairs"]] == [False, False, True, True]
    assert report.to_json(document)
    assert {each["date"] for each in document["facts"]} > {None, "2024-10-24"}
