"""`phased debrief` and `phased erase`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim.cli import main
from sim.room import Room
from tests.cli.shell import phased
from tests.room.made import Watch, decide, room_of

FILES = {"debrief.html", "debrief.csv", "debrief.pdf", "played.yaml"}


def a_room(folder: Path) -> Path:
    room = room_of(folder, Watch())
    seat = room.join(room.code, "SECRET-TEAM")
    room.advance()
    decide(room, seat.token, reason="SECRET-REASON", phase="no_action")
    room.close()
    return folder / "small.room"


def test_a_debrief_is_written_from_the_room_and_leaves_it_as_it_was(tmp_path: Path) -> None:
    path = a_room(tmp_path)
    done = phased("debrief", path, "-o", tmp_path / "out")
    assert {each.name for each in (tmp_path / "out").iterdir()} == FILES
    assert done.stdout == f"Wrote {tmp_path / 'out'}/: debrief.html, debrief.csv, debrief.pdf, played.yaml\n"
    assert "SECRET-REASON" in (tmp_path / "out" / "debrief.html").read_text("utf-8")
    phased("debrief", path, "--no-pdf", "-o", tmp_path / "out")
    assert {each.name for each in (tmp_path / "out").iterdir()} == FILES - {"debrief.pdf"}  # an old one would tell another story
    room = Room.open(path, now=Watch(), measure=False)
    assert room.facilitator_view()["clock"]["seconds"] == 0.0
    assert room.facilitator_view()["status"] == "move"
    room.close()


def test_without_typst_there_is_a_debrief_without_a_pdf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = a_room(tmp_path)
    monkeypatch.setitem(sys.modules, "typst", None)
    done = phased("debrief", path, code=2)
    assert "phased[kit]" in done.stderr
    assert not (tmp_path / "small-debrief").exists()  # nothing is written by halves
    phased("debrief", path, "--no-pdf")
    assert {each.name for each in (tmp_path / "small-debrief").iterdir()} == FILES - {"debrief.pdf"}


def test_a_room_that_is_open_is_left_alone(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    for command in (("debrief",), ("erase", "--yes")):
        done = phased(*command, tmp_path / "small.room", code=2)
        assert "is open in another phased" in done.stderr
    room.join(room.code, "One")
    room.close()


def test_erasing_asks_and_leaves_nothing(tmp_path: Path) -> None:
    path = a_room(tmp_path)
    phased("debrief", path, "--no-pdf", "-o", tmp_path / "out")
    asked = CliRunner().invoke(main, ["erase", str(path)], input="n\n")
    staying = f"3 files of debriefs in {tmp_path / 'out'} will stay; to erase them too, leave off and give --debriefs.\n"
    assert asked.stdout.startswith(f"{staying}Erase {path}, with 1 team and 1 decision? This cannot be undone")
    assert asked.exit_code == 1
    assert path.exists()
    hard = tmp_path / "same-file"
    hard.hardlink_to(path)  # what is left on the disk under another name
    done = phased("erase", path, "--yes")
    assert not list(tmp_path.glob("small.room*"))
    assert b"SECRET" not in hard.read_bytes()
    assert set(hard.read_bytes()) <= {0}
    assert f"Still there: {tmp_path / 'out' / 'debrief.html'}" in done.stdout
    assert (tmp_path / "out" / "debrief.html").exists()


def test_debriefs_are_erased_on_request(tmp_path: Path) -> None:
    path = a_room(tmp_path)
    phased("debrief", path, "--no-pdf", "-o", tmp_path / "out")
    (tmp_path / "out" / "mine.txt").write_text("mine")
    done = phased("erase", path, "--debriefs", "--yes")
    assert "3 files of debriefs" in done.stdout
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_only_rooms_are_erased(tmp_path: Path) -> None:
    mine = tmp_path / "thesis.txt"
    mine.write_text("years of work")
    done = phased("erase", mine, "--yes", code=2)
    assert "is no room" in done.stderr
    assert mine.read_text() == "years of work"


def test_a_damaged_room_can_be_erased(tmp_path: Path) -> None:
    path = a_room(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    phased("erase", path, "--yes")
    assert not path.exists()
