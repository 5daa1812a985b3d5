"""The debrief: what it tells, and that nothing that people wrote runs anywhere."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.api import side_by_side
from sim.library import Library
from sim.room import Room
from sim.room.debrief import NAMES, Debrief
from tests.room.made import Watch, decide, exercise_file, room_of

HOSTILE = ["<script>window.hacked = 1</script>", "=cmd|' /C calc'!A0", '#import "x"; $y$ *b* @z', 'a" onmouseover="x']
NAMES_OF_TEAMS = ["One", "Two", *HOSTILE]


def played(folder: Path) -> Room:
    """Two moves, six teams, one of them silent in the second, one that named no phase."""
    watch = Watch()
    room = room_of(folder, watch)
    seats = {name: room.join(room.code, name) for name in NAMES_OF_TEAMS}
    room.advance()
    watch.run(room, 330)
    for number, (name, seat) in enumerate(seats.items()):
        phase = None if name == "One" else "no_action" if number % 2 else "defensive_weapons"
        answers = {"wait": str(number + 1)} | ({"front": "In Russia"} if number == 1 else {})
        decide(room, seat.token, phase=phase, reason=f"{name} says\nso", confidence=1 + number % 5, answers=answers)
    room.improvise(*["<img src=x onerror='window.hacked = 1'>"] * 4, ["desk"])
    room.advance()
    room.release("second.sets")
    for name, seat in seats.items():
        if name != "Two":
            decide(room, seat.token, "second", phase="defensive_weapons", option="Act", reason="+1 -1")
    watch.run(room, 60)
    room.advance()
    return room


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Debrief, dict[str, bytes]]]:
    room = played(tmp_path_factory.mktemp("room"))
    yield room.debrief(), room.debrief_files(pdf=True)
    room.close()


def test_the_timeline_tells_what_was_known_decided_and_done(made: tuple[Debrief, Any]) -> None:
    debrief, _ = made
    first, second = debrief.moves
    assert [(each.title, each.by, each.improvised) for each in first.known] == [
        ("T-at-once", "clock", False),
        ("T-later", "clock", False),
        ("<img src=x onerror='window.hacked = 1'>", "facilitator", True),
    ]
    assert [each.seconds for each in first.known] == [0.0, 300.0, 330.0]
    assert [each.team for each in first.decisions] == NAMES_OF_TEAMS
    assert second.silent == ("Two",)
    assert (first.phase, second.phase) == ("No action", "Defensive weapons")
    (step,) = second.steps
    assert (step.came_from, step.to, step.transition) == ("No action", "Defensive weapons", "arm_defensively")
    assert any(line.startswith("Threshold front_line: 3 rung (implied, F10)") for line in step.why)
    assert second.changes[0].startswith("True level of deployment_level set to 4 from 2024-11-12 on")
    assert "One named no phase and cannot be compared." in first.parted
    assert "Two sent no decision." in second.parted
    assert dict(debrief.facts).keys() >= {"F08", "F10", "F14"}
    assert debrief.findings[0].startswith("FINDING ")
    assert "…" not in debrief.findings[0]


def test_the_chart_ends_at_the_last_date_that_was_played(made: tuple[Debrief, Any]) -> None:
    picture = made[0].picture
    assert picture is not None
    assert "2024-10-24 to 2024-11-12" in picture.svg.replace("\n", " ")
    assert "2025" not in picture.alt


def test_the_teams_rules_are_those_of_the_exercise_side_by_side(made: tuple[Debrief, Any], tmp_path: Path) -> None:
    """Held to `side_by_side`, called on its own."""
    (coded,) = made[0].coded
    loaded = Library([tmp_path]).load_exercise(str(exercise_file(tmp_path)))
    answers = {"Two": {"wait": "2", "front": "In Russia"}}
    alone = side_by_side(loaded, "first", answers)
    rows = {each.name: each for each in coded.rules}
    for row in alone:
        assert rows[row.name].reached == (row.told("defensive_weapons"), row.told("offensive_measures"))
    assert [each.name for each in coded.rules if each.kind == "team"] == NAMES_OF_TEAMS
    assert rows["Two"].answers == "How many days? 2\nWhich rung? In Russia"


def test_no_cell_of_the_table_runs(made: tuple[Debrief, dict[str, bytes]]) -> None:
    raw = made[1]["debrief.csv"].decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(raw, newline="")))
    assert all(cell.lstrip()[:1] not in ("=", "+", "-", "@") for row in rows for cell in row.values())
    decisions = [row for row in rows if row["what"] == "decision"]
    assert len(decisions) == 6 + 5
    assert {row["who"].removeprefix("'") for row in decisions} == set(NAMES_OF_TEAMS)
    assert decisions[0]["reason"] == "One says\nso"
    assert decisions[0]["clock"] == "5:30"
    assert {row["what"] for row in rows} >= {
        "situation",
        "inject",
        "improvised inject",
        "policy",
        "parted",
        "coding",
        "change of the world",
    }


def test_the_pdf_holds_what_was_written_as_it_was_written(made: tuple[Debrief, dict[str, bytes]]) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    document = pdfium.PdfDocument(made[1]["debrief.pdf"])
    text = "".join("".join(page.get_textpage().get_text_range().split()) for page in document)
    for written in (*NAMES_OF_TEAMS, "FINDING", "T-later", "Teaching model"):
        plain = "".join(written.split())
        assert plain in text.replace("\u200b", "").replace("\ufffe", ""), written
    document.close()


def test_the_page_stands_alone_runs_nothing_and_is_read_by_everybody(
    made: tuple[Debrief, dict[str, bytes]], tmp_path: Path, in_browser: Any
) -> None:
    path = tmp_path / "debrief.html"
    path.write_bytes(made[1]["debrief.html"])
    for width in (1280, 390):
        opened = in_browser(path, width=width)
        assert opened.asked == [path.resolve().as_uri()]
        assert opened.complaints == []
        assert opened.page.evaluate("window.hacked") is None
        assert opened.violations() == []
        assert opened.too_wide == []
    text = opened.page.inner_text("main")
    assert all(name in text for name in HOSTILE)
    assert opened.page.locator("main img, main script, main [onmouseover]").count() == 0


def test_the_same_room_gives_the_same_bytes(made: tuple[Debrief, dict[str, bytes]], tmp_path: Path) -> None:
    room = played(tmp_path)
    again = room.debrief_files(pdf=True)
    room.close()
    assert list(again) == list(NAMES)
    assert again == made[1]


def test_a_debrief_of_what_has_not_begun_says_so(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    debrief = room.debrief()
    assert debrief.moves == debrief.coded == debrief.summary == ()
    assert debrief.picture is None
    assert b"No move has been played yet." in room.debrief_files(pdf=False)["debrief.html"]
    assert room.debrief() is debrief  # nothing changed
    room.advance()
    assert room.debrief().state == "The exercise is still being played."
    assert room.debrief().moves[0].parted[0].endswith("“No action”.")
    room.close()
