"""What a seat is shown, and above all what it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sim.library import Library
from sim.room import Room
from sim.spec.exercise import CONFIDENCE, Exercise, role_names
from sim.spec.exercise_texts import kept_in, shown_in
from tests.room.made import Watch, decide, room_of


def texts(value: Any) -> Iterator[str]:
    """Every text anywhere in a JSON document, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from texts(each)


def secrets_of(exercise: Exercise, step: int, role: str) -> Iterator[str]:
    """Texts of a file that a role must not have seen at a step: those of the white cell, of moves to come and of other roles."""
    yield from (text for name, other in exercise.roles.items() if name != role for text in (other.briefing,))
    yield from exercise.debrief.findings
    for number, (name, move) in enumerate(exercise.moves.items()):
        yield from (text for _, text in kept_in(name, move))
        if number > step:
            yield from (text for path, text in shown_in(name, move) if ".options." not in path and len(text) > 20)
        for inject in move.injects.values():
            if role not in role_names(exercise, inject):
                yield inject.text


def test_a_seat_is_shown_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    """The whole of `fog`, at each step, with another team that wrote something and every inject of each move released."""
    exercise = Library().load_exercise("fog").spec
    room = Room.create(tmp_path / "fog.room", "fog", now=Watch(), measure=False)
    other = room.join(room.code, "OTHERS-NAME")
    seats = {role: room.join(room.code, f"Team {role}", role) for role in exercise.roles}
    room.show_readings(True)
    for step in range(-1, len(exercise.moves) + 2):
        if 0 <= step < len(exercise.moves):
            move = list(exercise.moves)[step]
            for inject in exercise.moves[move].injects:
                room.release(f"{move}.{inject}")
            decide(room, other.token, move, option=None, reason=f"OTHERS-REASON {step}")
        for role, seat in seats.items():
            told = room.team_view(seat.token)
            seen = "\n".join(texts(told))
            assert [text for text in secrets_of(exercise, step, role) if text in seen] == []
            assert "OTHERS" not in seen
            assert other.team_code not in seen
            assert room.secret not in seen
            assert room.code not in seen
            assert seat.token not in seen
            assert json.loads(json.dumps(told, allow_nan=False)) == told
            shown = told["readings"]
            assert shown is None or shown["dates"][-1] == list(exercise.moves.values())[min(step, 3)].on.isoformat()
        if step <= len(exercise.moves):
            room.advance()
    room.close()


def test_facts_are_those_that_were_read_of_and_public(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    seat = room.join(room.code, "One", "desk")
    assert [each["id"] for each in room.team_view(seat.token)["facts"]] == []
    room.advance()
    assert [each["id"] for each in room.team_view(seat.token)["facts"]] == ["F08", "F10"]
    everybody = room.join(room.code, "Two")
    assert "F16" in [each["id"] for each in room.team_view(everybody.token)["facts"]]  # of the cabinet's briefing
    room.improvise("A later report", "Up to 8,000 are there (H04).", "S", "R")  # of a day to come
    assert "H04" not in [each["id"] for each in room.team_view(seat.token)["facts"]]
    room.close()


def test_the_version_tells_when_to_look_again(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    seat = room.join(room.code, "One")
    seen = {room.version}
    for act in (room.advance, lambda: decide(room, seat.token), lambda: room.show_readings(True), room.pause):
        act()
        assert room.version not in seen
        seen.add(room.version)
        assert room.team_view(seat.token)["version"] == room.facilitator_view()["version"] == room.version
    before = room.version
    room.tick()
    room.team_view(seat.token)
    assert room.version == before == max(seen)
    room.close()


def test_the_facilitator_sees_all_that_is_kept(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    seat = room.join(room.code, "One", "desk")
    room.advance()
    decide(room, seat.token, answers={"wait": "7"})
    told = room.facilitator_view()
    seen = "\n".join(texts(told))
    for text in ("KEY-A", "KEY-B", "OBSERVE-A", "Objective two.", "T-phase", "QUESTION-C", "FINDING", "because", seat.team_code):
        assert text in seen
    assert seat.token not in seen
    assert room.secret not in seen
    assert [(each["name"], each["status"], each["planned"]) for each in told["moves"]] == [
        ("first", "now", "0:00–0:20"),
        ("second", "to come", "0:20–0:40"),
    ]
    assert told["next"] == "Move 2 of 2: Move B"
    assert told["teams"][0]["decided"]
    assert told["teams"][0]["decisions"][0]["answers"] == {"wait": "7"}
    assert told["model"]["phase"] == {"name": "no_action", "label": "No action"}
    room.close()


def test_confidence_is_told_in_words(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    seat = room.join(room.code, "One")
    assert room.team_view(seat.token)["confidence"] == [{"value": value, "words": words} for value, words in CONFIDENCE.items()]
    room.close()
