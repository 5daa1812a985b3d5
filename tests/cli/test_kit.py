from __future__ import annotations

import csv
import io
import re
from pathlib import Path

import pytest

from sim import api
from tests.cli.shell import contents, phased
from tests.kit.made import letters, pages

QUICK = ("read-the-trigger", "--runs", "5", "--no-page")
PDFS = (
    "aar-template",
    "answer-key",
    "briefings",
    "facilitator-guide",
    "inject-cards",
    "msel",
    "observer-sheets",
    "policies",
    "situation-manual",
    "slides",
    "team-sheets",
)
OWN = """
kind: exercise
name: mine
title: My own
minutes: 60
objectives: [Turn words into a rule., Hold two readings side by side., Name what is not said.]
evidence: [article-2024-10]
scenarios: [surge-to-front]
policies: [phased-approach]
figures: {stated: {scenario: surge-to-front, policy: phased-approach, measure: defensive_weapons.first}}
roles: {drafters: {label: Drafters, briefing: You write the rule.}}
moves:
  only:
    minutes: 40
    on: 2024-10-24
    situation: North Korean soldiers are in Russia (F02).
    injects:
      formula:
        {title: =1+1, text: '@SUM(A:B) <script>alert(1)</script>', source: "-2", reliability: "+3", objective: [o1, o2, o3]}
    decide: {question: Which?, options: [This, That]}
    observe: ["o1: The rule is written.", "o2: Two readings are.", "o3: A blank is."]
    key: "As stated: {stated}."
debrief: {minutes: 20, questions: [What was ours?], findings: ["{stated}"]}
sliders: {wait: {label: Days = waited, path: transitions.arm_defensively.confirm, from: 1, to: 3, step: 1}}
"""


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("kit")
    phased("kit", *QUICK, "-o", folder, "--teams", "6")
    return contents(folder)


def test_all_of_the_kit(kit: dict[str, bytes]) -> None:
    assert sorted(kit) == sorted(["README.txt", "msel.csv", *(f"{name}.pdf" for name in PDFS)])
    assert all(kit[f"{name}.pdf"].startswith(b"%PDF-") for name in PDFS)


def test_the_readme_names_every_file_and_how_often_to_print_it(kit: dict[str, bytes]) -> None:
    text = kit["README.txt"].decode()
    for name in kit:
        assert name == "README.txt" or re.search(rf"^{re.escape(name)} ", text, re.MULTILINE), name
    assert "lesson.html" not in text
    assert "for 6 teams" in text
    assert re.search(r"^inject-cards\.pdf +Print 6,", text, re.MULTILINE)
    assert "Made by: phased kit read-the-trigger --teams 6 --runs 5 --seed 1 --paper a4 --no-page" in text
    assert "Teaching model of stated positions, not a forecast." in text
    assert max(map(len, text.splitlines())) <= 100
    assert len(text.splitlines()) <= 66


def test_figures_are_those_that_the_model_gives(kit: dict[str, bytes]) -> None:
    """Against the measuring of the key figures themselves."""
    measured = api.exercise("read-the-trigger", runs=5).figures
    guide, key = (letters(" ".join(pages(kit[name]))) for name in ("facilitator-guide.pdf", "answer-key.pdf"))
    for each in measured.values():
        assert letters(each.text) in guide
        assert letters(each.text) in key


def test_the_events_list_as_a_table(kit: dict[str, bytes]) -> None:
    rows = list(csv.DictReader(io.StringIO(kit["msel.csv"].decode())))
    exercise = api.exercise("read-the-trigger", runs=1).exercise.spec
    assert [each["inject"] for each in rows] == [name for move in exercise.moves.values() for name in move.injects]
    assert rows[0]["clock"] == "0:00"
    assert {each["move"][0] for each in rows} <= set("123456789")


def test_slides_end_with_charts_of_the_model(kit: dict[str, bytes]) -> None:
    made = pages(kit["slides.pdf"])
    charts = [page for page in made if "phased kit read-the-trigger" in page]
    assert len(charts) == 3 * 2 + 1, "three worlds, two phases above the lowest, and one run"
    assert made[-len(charts) :] == charts
    assert all("Defensive weapons" in page or "Offensive measures" in page for page in charts)


def test_same_inputs_same_bytes_wherever_it_is_written(kit: dict[str, bytes], here: Path) -> None:
    (here / "elsewhere").mkdir()
    (here / "elsewhere" / "lesson.html").write_text("mine", "utf-8")
    phased("kit", *QUICK, "-o", "elsewhere", "--teams", "6")
    assert contents(here / "elsewhere") == {**kit, "lesson.html": b"mine"}  # what a kit does not write it does not touch


def test_an_exercise_of_ones_own_with_its_page(here: Path) -> None:
    (here / "mine.yaml").write_text(OWN, "utf-8")
    said = phased("kit", "./mine.yaml", "-o", "kit", "--runs", "5", "--paper", "us-letter", "--teams", "1").stdout
    assert "14 files for 1 team: begin with README.txt" in said
    made = contents(here / "kit")
    page = made["lesson.html"].decode()
    assert "<title>My own</title>" in page
    assert "Days   waited" in page
    (row,) = csv.DictReader(io.StringIO(made["msel.csv"].decode()))
    assert [row[name] for name in ("title", "text", "source", "reliability")] == [
        "'=1+1",
        "'@SUM(A:B) <script>alert(1)</script>",
        "'-2",
        "'+3",
    ]
    assert "<script>alert(1)</script>" in " ".join(pages(made["inject-cards.pdf"]))
    assert "2024-10-31, day 7 (a single path)" in " ".join(pages(made["answer-key.pdf"]))


def test_mistakes_write_nothing(here: Path) -> None:
    (here / "bad.yaml").write_text(OWN.replace("minutes: 40", "minutes: 30").replace("{stated}.", "{state}."), "utf-8")
    for words, message in (
        (("fogg",), "did you mean 'fog'"),
        (("./bad.yaml",), "state"),
        (("fog", "--teams", "0"), "--teams"),
        (("fog", "--paper", "a5"), "--paper"),
    ):
        assert message in phased("kit", *words, "-o", "kit", code=2).output
        assert not (here / "kit").exists()


def test_a_page_a_policy(kit: dict[str, bytes]) -> None:
    made = pages(kit["policies.pdf"])
    assert len(made) == 2
    assert "front_line" in made[0]
    assert "never leaves" not in made[0]
