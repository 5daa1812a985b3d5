"""What a room does, said by the facilitator's and the teams' actions."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from sim.room import Refused, Room
from tests.room.made import EXERCISE, Watch, decide, room_of


def refused(status: int, call: Any, *given: Any, **named: Any) -> str:
    with pytest.raises(Refused) as error:
        call(*given, **named)
    assert error.value.status == status
    assert not str(error.value)[0].islower()
    assert str(error.value).endswith(".")
    return str(error.value)


def released(room: Room) -> list[str]:
    return [each["id"] for each in room.facilitator_view()["msel"] if each["status"] == "released"]


# doors ----------------------------------------------------------------------------------------------------------------------


def test_the_first_of_a_name_makes_the_team_and_others_need_its_code(room: Room) -> None:
    first = room.join(room.code.lower(), "  Team   One ", "cabinet")
    assert (first.team, first.role) == ("Team One", "cabinet")
    refused(403, room.join, room.code, "team one")
    refused(403, room.join, room.code, "ＴＥＡＭ one", team_code="AAAAAA")
    second = room.join(f" {room.code[:3]}-{room.code[3:]} ", "TEAM ONE", team_code=first.team_code.lower())
    third = room.join(room.code, "", "desk", first.team_code)
    assert {each.team for each in (first, second, third)} == {"Team One"}
    assert len({each.token for each in (first, second, third)}) == 3
    assert room.seat(second.token).role is None
    (team,) = room.facilitator_view()["teams"]
    assert team["seats"] == ["Cabinet", "All roles", "Desk"]


def test_a_team_code_opens_only_its_own_team(room: Room) -> None:
    one, _ = room.join(room.code, "One"), room.join(room.code, "Two")
    refused(403, room.join, room.code, "Two", team_code=one.team_code)
    refused(403, room.join, room.code, "Three", team_code=one.team_code)


def test_a_wrong_room_code_opens_nothing(room: Room) -> None:
    for code in ("", "AAAAAA", "ÄÖÜ", "\ud800", "A" * 5_000):
        refused(403, room.join, code, "One")
        refused(403, room.seat, code)
        assert not room.is_facilitator(code)


def test_names_that_say_nothing_or_too_much_and_roles_that_are_not_there(room: Room) -> None:
    for name in ("", "  ", "\u202e\u200b\x00", "x" * 41):
        refused(400, room.join, room.code, name)
    refused(404, room.join, room.code, "One", "king")
    assert room.join(room.code, "ab\u202ecd\x07").team == "abcd"


def test_the_facilitators_secret_is_long_and_not_the_room_code(room: Room) -> None:
    assert room.is_facilitator(room.secret)
    assert len(room.secret) >= 32
    assert not room.is_facilitator(room.code)


# the clock ------------------------------------------------------------------------------------------------------------------


def test_a_decision_may_be_replaced_until_the_deadline_and_not_later(room: Room, watch: Watch) -> None:
    seat = room.join(room.code, "One")
    room.advance()
    decide(room, seat.token)
    watch.run(room, 19 * 60 + 59)
    decide(room, seat.token, reason="another")
    watch.run(room, 1)
    assert not room.team_view(seat.token)["move"]["open"]
    assert "time" in refused(409, decide, room, seat.token, reason="too late")
    room.extend(2)
    decide(room, seat.token, option="Act", reason="in the time that was added")
    watch.run(room, 121)
    refused(409, decide, room, seat.token, reason="too late")
    (shown,) = room.team_view(seat.token)["decisions"]
    assert (shown["option"], shown["reason"]) == ("Act", "in the time that was added")


def test_a_pause_stops_the_clock(room: Room, watch: Watch) -> None:
    room.advance()
    watch.run(room, 100)
    room.pause()
    room.pause()
    watch.run(room, 5_000)
    assert room.facilitator_view()["clock"] == {"running": False, "paused": True, "seconds": 100.0}
    room.go_on()
    watch.run(room, 20)
    assert room.facilitator_view()["move"]["remaining"] == 20 * 60 - 120


def test_a_laptop_that_slept_does_not_count(room: Room, watch: Watch) -> None:
    room.advance()
    watch.run(room, 100)
    watch.time += 3_600 * 9
    room.tick()
    watch.time -= 3_600 * 20  # and neither does a clock that was set back
    room.tick()
    watch.run(room, 5)
    assert room.facilitator_view()["clock"]["seconds"] == 105.0


def test_the_end_of_a_move_is_a_change_that_pages_hear_of_once(room: Room, watch: Watch) -> None:
    room.advance()
    watch.run(room, 20 * 60 - 1)
    before = room.version
    watch.time += 1
    assert room.tick()
    assert room.version == before + 1
    assert not room.tick()


def test_the_clock_runs_in_moves_and_the_hot_wash_only(room: Room) -> None:
    refused(409, room.pause)
    refused(409, room.extend, 5)
    running = []
    for _ in range(4):
        running.append(room.facilitator_view()["clock"]["running"])
        room.advance()
    assert running == [False, True, True, True]
    assert room.facilitator_view()["status"] == "closed"
    assert room.facilitator_view()["next"] is None
    refused(409, room.advance)
    refused(409, room.join, room.code, "Too late")


def test_minutes_that_nobody_adds(room: Room) -> None:
    room.advance()
    for minutes in (0, -5, 121, True):
        refused(400, room.extend, minutes)


# injects --------------------------------------------------------------------------------------------------------------------


def test_injects_come_by_the_clock_by_hand_and_by_condition(room: Room, watch: Watch) -> None:
    room.advance()
    assert released(room) == ["first.at_once"]
    watch.run(room, 300)
    assert released(room) == ["first.at_once", "first.later"]
    due = {each["id"]: each["status"] for each in room.facilitator_view()["msel"]}
    assert due["first.hand"] == "due"
    assert due["first.front"] == "waiting"
    assert due["second.sets"] == "to come"
    room.set_level("deployment_level", 4)  # which meets the condition of one
    assert "first.front" in released(room)


def test_an_inject_that_sets_a_level_may_bring_another(room: Room) -> None:
    room.advance()
    room.advance()
    assert released(room) == ["first.at_once"]
    room.release("second.sets")
    by = {each["id"]: each["by"] for each in room.facilitator_view()["msel"]}
    assert [by[each] for each in ("first.at_once", "second.sets", "second.special")] == ["clock", "facilitator", "condition"]
    assert by["second.phase"] is None  # the signpost of deployment sees its new level days later


def test_an_inject_comes_when_the_policy_has_reached_a_phase(room: Room) -> None:
    room.advance()
    room.set_level("deployment_level", 4)
    room.advance()
    assert "second.phase" in released(room)


def test_an_inject_of_a_move_that_is_over_waits_for_the_hand(room: Room, watch: Watch) -> None:
    room.advance()
    room.advance()
    watch.run(room, 600)
    assert next(e["status"] for e in room.facilitator_view()["msel"] if e["id"] == "first.later") == "not given"
    room.release("first.later")
    assert "first.later" in released(room)
    before = room.version
    room.release("first.later")
    assert room.version == before


def test_nothing_of_a_later_move_is_released(room: Room) -> None:
    refused(409, room.release, "first.at_once")  # nothing is played yet
    room.advance()
    refused(409, room.release, "second.sets")
    refused(404, room.release, "second.nothing")
    refused(404, room.release, "../second.sets")


def test_improvised_injects_go_to_their_roles_and_are_marked(room: Room) -> None:
    cabinet, desk = (room.join(room.code, role, role) for role in ("cabinet", "desk"))
    room.advance()
    room.improvise("A call", "Two\r\nlines\u202e", "White cell", "unknown", ["desk"])
    ids = [[each["id"] for each in room.team_view(seat.token)["injects"]] for seat in (cabinet, desk)]
    assert ids == [["first.at_once"], ["first.at_once", "improvised.1"]]
    made = room.team_view(desk.token)["injects"][-1]
    assert (made["improvised"], made["text"], made["to"]) == (True, "Two\nlines", ["Desk"])
    refused(404, room.improvise, "A", "b", "c", "d", ["king"])
    refused(400, room.improvise, "", "b", "c", "d")
    refused(400, room.improvise, "A", " \n", "c", "d")
    refused(400, room.improvise, "A", "x" * 2_001, "c", "d")


# the model ------------------------------------------------------------------------------------------------------------------


def test_a_level_holds_from_the_moves_date_on_and_the_policy_answers(room: Room) -> None:
    room.advance()
    room.advance()
    before = room.facilitator_view()["model"]
    room.set_level("deployment_level", 4)
    after = room.facilitator_view()["model"]
    (was,), (level,) = ([e for e in m["levels"] if e["name"] == "deployment_level"] for m in (before, after))
    assert level["values"][:-1] == was["values"][:-1]
    assert level["value"] == 4.0
    assert after["date"] == level_date(after) == "2024-11-12"
    assert after["changes"] == ["True level of deployment_level set to 4 from 2024-11-12 on, by the facilitator"]


def level_date(model: dict[str, Any]) -> str:
    return str(model["dates"][-1])


def test_a_level_outside_its_bounds_changes_nothing(room: Room) -> None:
    room.advance()
    before = room.version
    for value in (5, -1, 1e999, float("nan")):
        refused(400, room.set_level, "deployment_level", value)
    assert room.version == before


def test_noise_goes_to_a_signpost_that_has_an_error(room: Room) -> None:
    refused(409, room.set_noise, "deployment_level", 2)
    room.advance()
    readings = {each["name"]: each for each in room.facilitator_view()["model"]["readings"]}
    noisy = next(name for name, each in readings.items() if each["noisy"])
    exact = next(name for name, each in readings.items() if not each["noisy"])
    room.set_noise(noisy, 0)
    refused(400, room.set_noise, exact, 2)
    refused(400, room.set_noise, noisy, -1)
    refused(404, room.set_noise, "nothing", 1)
    assert {e["name"]: e["factor"] for e in room.facilitator_view()["model"]["readings"]}[noisy] == 0


def test_readings_are_shown_up_to_the_date_when_the_facilitator_says_so(room: Room) -> None:
    seat = room.join(room.code, "One")
    room.show_readings(True)
    assert room.team_view(seat.token)["readings"] is None  # no move is played, so there is no date
    room.advance()
    room.advance()
    shown = room.team_view(seat.token)["readings"]
    assert shown["dates"][-1] == "2024-11-12"
    assert len(shown["dates"]) == 20
    assert {len(each["values"]) for each in shown["signposts"]} == {20}
    room.show_readings(False)
    assert room.team_view(seat.token)["readings"] is None


# decisions ------------------------------------------------------------------------------------------------------------------


def test_a_decision_that_does_not_fit_is_refused_whole(room: Room) -> None:
    seat = room.join(room.code, "One")
    room.advance()
    before = room.version
    wrongs: list[dict[str, Any]] = [
        {"option": "Fly"},
        {"phase": "peace"},
        {"confidence": 0},
        {"confidence": 6},
        {"confidence": True},
        {"reason": " \u200b "},
        {"reason": "x" * 2_001},
        {"answers": {"wait": "0"}},
        {"answers": {"wait": "7; rm"}},
        {"answers": {"nothing": "1"}},
        {"answers": {"front": "rival:sent"}},
    ]
    for wrong in wrongs:
        refused(400, decide, room, seat.token, **wrong)
    assert room.version == before


def test_a_decision_needs_something_in_it(room: Room) -> None:
    seat = room.join(room.code, "One")
    room.advance()
    refused(400, decide, room, seat.token, option=None, phase=None, reason="", answers={"wait": "  "})
    decide(room, seat.token, option=None, phase=None, reason="", answers={"wait": "7", "front": "In Russia"})
    assert room.team_view(seat.token)["decisions"][0]["answers"] == {"wait": "7", "front": "In Russia"}


def test_the_same_decision_twice_is_one(room: Room) -> None:
    seat = room.join(room.code, "One")
    room.advance()
    decide(room, seat.token)
    before = room.version
    decide(room, seat.token)
    assert room.version == before


def test_a_move_is_decided_while_it_is_played(room: Room) -> None:
    seat = room.join(room.code, "One")
    refused(404, decide, room, seat.token)
    room.advance()
    unknown = refused(404, decide, room, seat.token, "second")
    assert unknown == refused(404, decide, room, seat.token, "no such move")  # it does not tell that there is one
    room.advance()
    refused(409, decide, room, seat.token, "first")
    refused(403, decide, room, "somebody else's", "second")


def test_two_seats_of_a_team_decide_together(room: Room) -> None:
    one = room.join(room.code, "One", "cabinet")
    two = room.join(room.code, "One", "desk", one.team_code)
    room.advance()
    decide(room, one.token)
    decide(room, two.token, reason="the desk's")
    for seat in (one, two):
        (shown,) = room.team_view(seat.token)["decisions"]
        assert (shown["reason"], shown["role"]) == ("the desk's", "Desk")


def test_many_at_once_lose_nothing(room: Room) -> None:
    seats = [room.join(room.code, f"Team {number}") for number in range(6)]
    room.advance()
    first = room.version

    def sends(token: str) -> None:
        for number in range(20):
            decide(room, token, reason=f"reason {number}")
            room.team_view(token)
            room.tick()

    threads = [threading.Thread(target=sends, args=(seat.token,)) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert room.version == first + 6 * 20
    assert {team["decisions"][0]["reason"] for team in room.facilitator_view()["teams"]} == {"reason 19"}


# key figures ----------------------------------------------------------------------------------------------------------------


def test_key_figures_are_measured_once_and_kept(tmp_path: Path, watch: Watch) -> None:
    room = room_of(tmp_path, watch, measure=True)
    room._have_figures(None)
    told = room.facilitator_view()
    room.close()
    assert told["figures"]["share"].endswith("of simulated runs")
    assert told["figures"]["share"] in told["hot_wash"]["findings"][0]
    again = Room.open(tmp_path / "small.room", now=watch)
    assert again._measuring is None
    assert again.facilitator_view()["figures"] == told["figures"]
    again.close()


def test_texts_without_their_figures_say_so(room: Room) -> None:
    view = room.facilitator_view()
    assert view["figures"] is None
    assert view["moves"][0]["key"] == "KEY-A …"
    assert "{" not in json.dumps([view["moves"], view["hot_wash"]]).replace('{"', "").replace("{}", "")


def test_a_room_that_is_closed_answers_nothing(tmp_path: Path) -> None:
    room = room_of(tmp_path)
    room.close()
    room.close()
    assert not room.tick()
    refused(409, room.advance)


def test_the_exercise_has_what_these_tests_rely_on() -> None:
    assert EXERCISE.count("minute: ") == 2


@pytest.mark.parametrize(
    ("ref", "kept"),
    [("small", True), ("./small.yaml", True), ("made/small.yml", True), ("fog", False), ("smal", False), ("small/fog", False)],
)
def test_whether_a_name_or_path_is_of_its_exercise(room: Room, ref: str, kept: bool) -> None:
    assert room.keeps(ref) is kept
    assert room.keeps(ref.replace("/", "\\")) is kept
