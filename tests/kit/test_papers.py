"""What stands in the papers: all of the exercise, each reader's part alone, and nothing cut off."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sim.kit import content
from sim.kit.events import events
from sim.kit.pieces import Source, language_of
from sim.kit.typeset import pdf
from sim.spec.exercise import begins
from sim.spec.exercise_texts import every_text, kept_in, shown_in
from tests.kit.made import SHIPPED, letters, outside, pages, shipped, source, texts_in

Paper = Callable[[Source], Any]
PLAYERS: dict[str, Paper] = {
    "situation-manual": content.situation_manual,
    "briefings": content.role_briefings,
    "team-sheets": content.team_sheets,
    "inject-cards": content.inject_cards,
}
STAFF: dict[str, Paper] = {
    "facilitator-guide": content.facilitator_guide,
    "msel": content.msel,
    "observer-sheets": content.observer_sheets,
    "answer-key": lambda each: content.answer_key(each, (), ()),
    "after-action": content.after_action,
    "slides": lambda each: content.slides(each, ()),
}
PAPERS = PLAYERS | STAFF


def told(paper: str, name: str) -> str:
    return letters(" ".join(texts_in(PAPERS[paper](shipped(name)))))


# who reads what ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHIPPED)
def test_players_get_no_secret(name: str) -> None:
    exercise, tell = shipped(name).played.exercise.spec, shipped(name).played.told
    kept = [text for key, move in exercise.moves.items() for _, text in kept_in(key, move)]
    secrets = [
        letters(tell(text)) for text in (*kept, *exercise.debrief.findings, *exercise.debrief.questions, exercise.paper or "")
    ]
    assert all(len(each) > 20 for each in secrets if each)
    for paper in PLAYERS:
        assert not [each for each in secrets if each and each in told(paper, name)], paper


@pytest.mark.parametrize("name", SHIPPED)
def test_the_manual_stops_at_the_first_move(name: str) -> None:
    exercise, manual = shipped(name).played.exercise.spec, told("situation-manual", name)
    (first, move), *later = exercise.moves.items()
    for key, each in later:
        texts = [letters(text) for path, text in shown_in(key, each) if not path.endswith(("source", "reliability"))]
        assert not [text for text in texts if len(text) > 20 and text in manual]
        assert each.on == move.on or each.on.isoformat() not in json.dumps(content.situation_manual(shipped(name)))
    assert not [each.label for each in exercise.roles.values() if letters(each.briefing) in manual]
    assert letters(exercise.moves[first].situation) in manual


@pytest.mark.parametrize("name", SHIPPED)
def test_each_briefing_stands_alone(name: str) -> None:
    made = pages(pdf("briefings", content.role_briefings(shipped(name))))
    roles = list(shipped(name).played.exercise.spec.roles.values())
    assert len(made) == len(roles)
    for page, role in zip(made, roles, strict=True):
        assert letters(role.briefing) in letters(page)
        assert not [other.label for other in roles if other is not role and letters(other.briefing) in letters(page)]


@pytest.mark.parametrize("paper", ["a4", "us-letter"])
@pytest.mark.parametrize("name", SHIPPED)
def test_two_page_handouts_fit_two_pages(name: str, paper: str) -> None:
    assert len(pages(pdf("situation-manual", content.situation_manual(replace(shipped(name), paper=paper))))) <= 2


@pytest.mark.parametrize("name", SHIPPED)
def test_staff_get_everything_and_no_figure_is_left_open(name: str) -> None:
    exercise, tell = shipped(name).played.exercise.spec, shipped(name).played.told
    guide = letters(" ".join(texts_in(content.facilitator_guide(shipped(name)))))
    assert not [path for path, text in every_text(exercise) if letters(tell(text)) not in guide]
    for paper in PAPERS:
        assert not [text for text in texts_in(PAPERS[paper](shipped(name))) if re.search(r"[{}]", text)], paper


@pytest.mark.parametrize("name", ["fog", "live-table-top"])
def test_every_page_says_what_it_is(name: str) -> None:
    for paper in PAPERS:
        for page in pages(pdf(paper, PAPERS[paper](shipped(name)))):
            assert letters("Teaching model of stated positions, not a forecast.") in letters(page), paper
            assert "numbersareassumed" in letters(page), paper


@pytest.mark.parametrize("name", SHIPPED)
def test_the_events_list_is_in_the_order_of_the_clock(name: str) -> None:
    exercise, found = shipped(name).played.exercise.spec, events(shipped(name).played)
    assert [each.number for each in found] == list(range(1, sum(len(move.injects) for move in exercise.moves.values()) + 1))
    minutes = [60 * int(each.clock.split(":")[0]) + int(each.clock.split(":")[1]) for each in found]
    assert minutes == sorted(minutes)
    for each, minute in zip(found, minutes, strict=True):
        assert begins(exercise)[each.at - 1] <= minute < begins(exercise)[each.at]
        later = [seen for move in list(exercise.moves.values())[each.at - 1 :] for seen in move.observe]
        served = exercise.moves[list(exercise.moves)[each.at - 1]].injects[each.name].objective or ()
        assert bool(each.expected) == any(set(seen.objective) & set(served) for seen in later)
        assert re.fullmatch(rf"{each.at}(\+\d\dh?|c)", each.card)


def test_cards_lie_four_to_a_page() -> None:
    cards = len(events(shipped("live-table-top").played))
    made = pages(pdf("inject-cards", content.inject_cards(shipped("live-table-top"))))
    assert len(made) == -(-cards // 4)
    assert "1+04" in made[0]


# extreme files ----------------------------------------------------------------------------------------------------------------


class _Words:
    """Texts of which every word stands nowhere else, so that each that is cut off is missed."""

    def __init__(self, size: int) -> None:
        self.size, self.made = size, 0
        self.given: dict[str, list[str]] = {}

    def __call__(self, kind: str, size: int | None = None) -> str:
        words = [f"{kind}{self.made + at}x" for at in range(size or self.size)]
        self.made += len(words)
        self.given.setdefault(kind, []).extend(words)
        return " ".join(words)


def written(folder: Path, words: Callable[..., str]) -> str:
    """An exercise with such words wherever a text stands; `kind` names who reads it."""
    injects = {
        f"report_{number}": {
            "title": words("card", 12),
            "text": words("card"),
            "source": words("card", 25),
            "reliability": words("card", 25),
            "minute": number,
            "objective": ["one", "two", "three"],
            **({"when": "by hand"} if number == 2 else {}),
        }
        for number in range(6)
    }
    blank = {
        "ask": words("sheet", 30),
        "path": "thresholds.front_line",
        "options": {words("answer", 12): 3, words("answer", 12): 2},
    }
    exercise = {
        "kind": "exercise",
        "name": "extreme",
        "title": words("title", 30),
        "minutes": 60,
        "about": words("guide"),
        "objectives": {name: words("objective", 40) for name in ("one", "two", "three")},
        "scenarios": ["surge-to-front"],
        "policies": ["phased-approach"],
        "roles": {name: {"label": words("label", 8), "briefing": words("brief")} for name in ("first", "second")},
        "moves": {
            "only": {
                "title": words("move", 15),
                "minutes": 40,
                "on": "2024-10-24",
                "situation": words("situation"),
                "injects": injects,
                "code": {"question": words("sheet"), "blanks": {"trigger": blank}},
                "decide": {"question": words("sheet", 60), "options": [words("sheet", 20), words("sheet", 20)]},
                "observe": [{"sees": words("observe", 60), "objective": ["one", "two", "three"]} for _ in range(5)],
                "key": words("key"),
            }
        },
        "debrief": {"minutes": 20, "questions": [words("wash", 60)], "findings": [words("finding")]},
        "paper": words("guide"),
    }
    (folder / "extreme.yaml").write_text(json.dumps(exercise, ensure_ascii=False), "utf-8")  # JSON is YAML
    return str(folder / "extreme.yaml")


HOLDS = {
    "situation-manual": ("title", "objective", "label", "move", "situation"),
    "briefings": ("label", "brief"),
    "team-sheets": ("title", "move", "sheet", "answer"),
    "inject-cards": ("card",),
    "facilitator-guide": (
        "title",
        "guide",
        "objective",
        "label",
        "brief",
        "move",
        "situation",
        "card",
        "sheet",
        "answer",
        "observe",
        "key",
        "wash",
        "finding",
    ),
    "msel": ("title", "objective", "move", "card", "observe"),
    "observer-sheets": ("title", "objective", "move", "observe"),
    "answer-key": ("title", "move", "key", "finding"),
    "after-action": ("title", "objective", "move", "observe", "wash"),
    "slides": ("title", "objective", "move", "situation", "sheet", "wash", "finding"),
}
"""Whose words a paper must hold, all of them."""


@pytest.fixture(scope="module")
def extreme(tmp_path_factory: pytest.TempPathFactory) -> tuple[Source, dict[str, list[str]]]:
    words = _Words(400)
    return source(written(tmp_path_factory.mktemp("extreme"), words)), words.given


@pytest.mark.parametrize("paper", PAPERS)
def test_nothing_of_a_very_long_text_is_cut_off(paper: str, extreme: tuple[Source, dict[str, list[str]]]) -> None:
    made, given = extreme
    done = pdf(paper, PAPERS[paper](made))
    seen = letters(" ".join(pages(done)))
    assert not [word for kind in HOLDS[paper] for word in given[kind] if word not in seen]
    assert outside(done) == []


@pytest.mark.parametrize("paper", PAPERS)
def test_words_without_a_space_stay_on_the_page(paper: str, tmp_path: Path) -> None:
    run_on = source(written(tmp_path, lambda kind, size=60: (kind * 50)[: 4 * size] or kind))
    assert outside(pdf(paper, PAPERS[paper](run_on))) == []


def test_language() -> None:
    assert language_of(["한국어로 쓴 글 (F10)"]) == "ko"
    assert language_of(["Written in English, 한국"]) == "en"
    assert language_of([]) == "en"
