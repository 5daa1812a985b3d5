"""What is kept, and what survives a kill."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.errors import BadUsage, WorkFailed
from sim.library import Library
from sim.room import Room
from sim.room.events import Event
from sim.room.store import KeptFile, Store, companions
from tests.cli.shell import environment
from tests.room.made import EXERCISE, Watch, decide, exercise_file, room_of


def test_a_room_goes_on_where_it_stood(tmp_path: Path) -> None:
    watch = Watch()
    room = room_of(tmp_path, watch)
    seat = room.join(room.code, "One", "desk")
    room.advance()
    watch.run(room, 360)
    room.set_level("deployment_level", 3)
    room.improvise("A", "b", "c", "d")
    decide(room, seat.token, answers={"wait": "7"})
    views = room.team_view(seat.token), room.facilitator_view()
    secret = room.secret
    room.close()
    watch.time += 10 * 86_400
    again = Room.open(tmp_path / "small.room", now=watch, measure=False)
    assert (again.team_view(seat.token), again.facilitator_view()) == views
    assert again.seat(seat.token) == seat
    assert again.is_facilitator(secret)
    watch.run(again, 60)
    assert again.facilitator_view()["clock"]["seconds"] == 420.0
    again.close()


def test_time_in_which_the_server_ran_counts_though_nothing_happened(tmp_path: Path) -> None:
    """The heartbeat: a kill gives back at most the second since the last tick."""
    watch = Watch()
    room = room_of(tmp_path, watch)
    room.advance()
    watch.run(room, 200)
    watch.time += 0.9
    room._store.close()  # as a kill does: nobody says goodbye
    room._folder.cleanup()
    again = Room.open(tmp_path / "small.room", now=watch, measure=False)
    assert again.facilitator_view()["clock"]["seconds"] == pytest.approx(200)
    again.close()


def test_the_exercise_goes_on_with_its_files_as_they_were(tmp_path: Path) -> None:
    path = exercise_file(tmp_path)
    room = Room.create(tmp_path / "a.room", str(path), library=Library([tmp_path]), measure=False)
    room.close()
    path.write_text(EXERCISE.replace("SITUATION-A", "CHANGED"), encoding="utf-8")
    again = Room.open(tmp_path / "a.room", measure=False)
    view = again.facilitator_view()
    assert view["moves"][0]["situation"].startswith("SITUATION-A")
    assert view["warnings"] == ["small.yaml has changed since this room was made. The exercise goes on as it was."]
    again.close()
    path.unlink()
    third = Room.open(tmp_path / "a.room", measure=False)
    assert third.facilitator_view()["moves"][0]["situation"].startswith("SITUATION-A")
    assert "not where it was" in third.facilitator_view()["warnings"][1]
    third.close()


def test_tokens_are_kept_as_digests_and_the_file_is_its_owners(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    token = room.join(room.code, "One").token
    room.close()
    (tmp_path / "b").mkdir()
    store = Store.create(tmp_path / "b" / "x.room", {}, [])
    modes = {each.stat().st_mode & 0o777 for each in companions(tmp_path / "b" / "x.room") if each.exists()}
    store.close()
    assert token.encode() not in (tmp_path / "small.room").read_bytes()
    if os.name == "posix":
        assert modes == {0o600}


def test_a_file_that_is_there_is_never_written_over(tmp_path: Path) -> None:
    path = tmp_path / "small.room"
    path.write_text("mine")
    with pytest.raises(BadUsage, match="already"):
        Room.create(path, str(exercise_file(tmp_path)), library=Library([tmp_path]))
    assert path.read_text() == "mine"


def test_what_is_no_room_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a room " * 20)
    (tmp_path / "empty").write_bytes(b"")
    other = sqlite3.connect(tmp_path / "other.sqlite")
    other.execute("CREATE TABLE x (y)")
    other.close()
    for name, told in [("text", "no room"), ("empty", "empty"), ("other.sqlite", "no room"), ("missing", "cannot be read")]:
        with pytest.raises(BadUsage, match=told):
            Room.open(tmp_path / name)


def test_a_damaged_room_is_said_to_be_damaged(tmp_path: Path) -> None:
    room_of(tmp_path).close()
    path = tmp_path / "small.room"
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(BadUsage, match="damaged"):
        Room.open(path)


def test_a_room_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "x.room", {}, [])
    store._connection.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(BadUsage, match="later version"):
        Store.open(tmp_path / "x.room")


def test_files_are_laid_out_below_their_folder_only(tmp_path: Path) -> None:
    from sim.room.kept import inside

    assert inside(tmp_path, "/a/b.yaml") == tmp_path / "a" / "b.yaml"
    for path in ("/../etc/passwd", "../x", "x", "/a/../../b"):
        with pytest.raises(BadUsage):
            inside(tmp_path, path)


def test_what_cannot_be_written_did_not_happen(tmp_path: Path) -> None:
    """A full disk: the action fails, and the state is that before."""
    room = room_of(tmp_path)
    seat = room.join(room.code, "One")
    room.advance()
    room._store._connection.execute("PRAGMA max_page_count = 1")
    with pytest.raises(WorkFailed, match="full"):
        _join_many(room)
    before = room.facilitator_view()["teams"]
    room.close()
    room = Room.open(tmp_path / "small.room", measure=False)
    assert room.facilitator_view()["teams"] == before
    decide(room, seat.token)
    room.close()


def _join_many(room: Room) -> None:
    for number in range(60):
        room.join(room.code, f"Team {number} {'x' * 20}")
    for number in range(10_000):
        room.improvise(f"{number}", "x" * 2_000, "s", "r")


def test_one_transaction_is_kept_whole_or_not_at_all(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "x.room", {}, [KeptFile("/x", "0", b"")])
    twice = [Event(1, 0.0, 0.0, "advanced", {}), Event(1, 0.0, 0.0, "advanced", {})]
    with pytest.raises(BadUsage):
        store.append(twice)
    assert list(store.events()) == []
    store.append(twice[:1])
    assert [each.id for each in store.events()] == [1]
    store.close()


_SECOND = "import sys; from sim.room import Room; from pathlib import Path; Room.open(Path(sys.argv[1]), measure=False)"


def test_a_second_server_on_the_same_room_is_refused(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    command = [sys.executable, "-c", _SECOND, str(tmp_path / "small.room")]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert "is open in another phased" in done.stderr
    room.join(room.code, "One")  # the first goes on
    room.close()
    assert subprocess.run(command, env=environment(), capture_output=True, timeout=60, check=False).returncode == 0


_WRITER = """
import json, sys
from pathlib import Path
from sim.room import Room
room = Room.open(Path(sys.argv[1]), measure=False)
number = int(sys.argv[2])
while True:
    number += 1
    reason = f"reason {number} " + "x" * (number * 37 % 1500)
    room.decide(sys.argv[3], "first", option="Wait", phase=None, reason=reason, confidence=3)
    print(number, flush=True)
    if number % 5 == 0:
        room.tick()
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_kill_at_any_moment_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    token = room.join(room.code, "One").token
    room.advance()
    room.extend(120)
    room.close()
    script = _WRITER.replace("room = Room", "from sim.room import limits; limits.CHANGES_OF_MIND = 10**9; room = Room")
    chance, last = random.Random(5), 0
    for _ in range(3):
        path = tmp_path / "small.room"
        command = [sys.executable, "-c", script, str(path), str(last), token]
        with subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout
            first = writer.stdout.readline()
            time.sleep(chance.uniform(0.0, 0.25))
            writer.kill()
            acknowledged = int([first, *writer.stdout.read().split()][-1])
        again = Room.open(path, measure=False)
        (shown,) = again.team_view(token)["decisions"]
        found = int(shown["reason"].split()[1])
        assert found in (acknowledged, acknowledged + 1)  # one may be kept that nobody was told of
        assert shown["reason"] == f"reason {found} " + "x" * (found * 37 % 1500) or shown["reason"] == f"reason {found}"
        events = [json.dumps(each.body) for each in again._store.events()]
        assert len(events) == again.version
        again.close()
        last = found
    assert last > 3
