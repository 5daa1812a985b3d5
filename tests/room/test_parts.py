"""The small pure parts: the clock, codes and cleaned texts, the fold over events, and who parted from whom."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.analysis.tables import safe_cell
from sim.errors import BadUsage
from sim.room import Refused, codes, events
from sim.room.clock import ASLEEP, Clock, shown
from sim.room.debrief import parted
from sim.room.events import Event
from sim.room.state import State, applied, folded
from sim.spec.exercise import clock


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), st.booleans()), max_size=20))
def test_the_clock_counts_what_ran_and_nothing_else(steps: list[tuple[float, bool]]) -> None:
    time = [5_000.0]
    clock = Clock(7.0, lambda: time[0])
    expected, seen = 7.0, 7.0
    for gap, running in steps:
        before = time[0]
        time[0] += gap
        expected += time[0] - before if running and 0 <= time[0] - before <= ASLEEP else 0.0
        found = clock.read(running=running)
        assert found == pytest.approx(expected)
        assert found >= seen
        seen = found


def test_times_in_words() -> None:
    assert [shown(each) for each in (0, 59.9, 60, 750, 3_600, 3_909)] == ["0:00", "0:59", "1:00", "12:30", "1:00:00", "1:05:09"]
    assert [clock(each) for each in (0, 9, 65)] == ["0:00", "0:09", "1:05"]


def test_codes_are_easy_to_read_and_hard_to_guess() -> None:
    made = {codes.new_code() for _ in range(200)}
    assert len(made) == 200
    assert all(len(each) == 6 and set(each) <= set(codes.ALPHABET) for each in made)
    assert not set(codes.ALPHABET) & set("0O1I2Z5S8BG")
    assert len(codes.new_token()) >= 32


@given(st.text(max_size=60))
def test_what_is_written_in_a_line_is_seen_as_it_is(text: str) -> None:
    try:
        line = codes.one_line(text, "The name", 60)
    except Refused:
        return  # nothing of it can be seen
    assert codes.one_line(line, "The name", 60) == line
    assert all(unicodedata.category(each) not in ("Cc", "Zl", "Zp", "Cs") for each in line)
    assert not any("\u202a" <= each <= "\u202e" or "\u2066" <= each <= "\u2069" for each in line)


@given(st.text("-=+@ \t\r\n＝1a", max_size=8))
def test_no_cell_begins_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert cell.removeprefix("'") == text or cell == text
    assert cell.strip(" \n\t\r")[:1] not in ("=", "+", "-", "@", "＝", "＋", "－", "＠") or cell[0] == "'"


_NAMES = st.sampled_from(["a", "b", "c"])


@st.composite
def happenings(draw: st.DrawFn) -> list[Event]:
    """What may happen, in any order: the fold asks for no sense."""
    made: list[Event] = []
    for number in range(1, draw(st.integers(1, 15)) + 1):
        kind, body = draw(
            st.sampled_from(
                [
                    (events.ADVANCED, {}),
                    (events.EXTENDED, {"minutes": 5}),
                    (events.PAUSED, {}),
                    (events.WENT_ON, {}),
                    (events.EXPIRED, {}),
                    (events.READINGS, {"shown": True}),
                    (events.LEVEL, {"name": "x", "value": 1.0}),
                    (events.RELEASED, {"inject": f"m.{number}", "by": "clock", "sets": {"x": 2.0}}),
                    (events.IMPROVISED, {"title": "t", "text": "t", "source": "s", "reliability": "r", "to": []}),
                    (events.MEASURED, {"figures": {"f": "1"}}),
                    (events.WARNED, {"warnings": ["w"]}),
                ]
            )
        )
        team = draw(_NAMES)
        if draw(st.booleans()):
            kind, body = events.JOINED, {"team": team, "name": team, "code": "C", "role": None, "token": f"t{number}"}
        made.append(Event(number, 0.0, float(number), kind, body))
    return made


@given(happenings(), st.integers(0, 15))
def test_the_state_is_a_fold_that_can_be_taken_up_anywhere(happened: list[Event], cut: int) -> None:
    state = folded(happened[:cut])
    frozen = repr(state)
    later = state
    for event in happened[cut:]:
        later = applied(later, event)
    assert later == folded(happened)
    assert repr(state) == frozen  # nothing is changed in place
    assert later.version == happened[-1].id
    joined = [each for each in happened if each.kind == events.JOINED]
    assert len(later.places) == len(joined)
    assert len(later.releases) == len([each for each in happened if each.kind in (events.RELEASED, events.IMPROVISED)])


def test_an_event_of_another_version_is_not_passed_over() -> None:
    with pytest.raises(BadUsage, match="later version"):
        applied(State(), Event(1, 0.0, 0.0, "danced", {}))


def test_who_parted_from_the_policy_is_said_of_those_who_named_a_phase() -> None:
    stands = {"A": "Defensive", "B": "No action", "C": None, "D": "Defensive", "E": "Offensive"}
    assert list(parted.in_a_move("2024-11-12", "No action", stands, ["F"])) == [
        "On 2024-11-12 the policy as played was in the phase “No action”.",
        "B named the same phase.",
        "A and D named “Defensive”: they and the policy stood apart.",
        "E named “Offensive”: it and the policy stood apart.",
        "C named no phase and cannot be compared.",
        "F sent no decision.",
    ]


def test_over_all_moves_it_is_said_how_often_and_where_first() -> None:
    moves = [("One", "x", {"A": "x", "B": None}), ("Two", "x", {"A": "y", "B": None, "C": "x"}), ("Three", "y", {"A": "x"})]
    assert list(parted.over_all(moves, ["A", "B", "C"])) == [
        "A and the policy stood apart in 2 of the 3 moves in which it named a phase, first in “Two”.",
        "B named no phase in any move, so it cannot be compared with the policy.",
        "C and the policy stood in the same phase in the one move in which it named one.",
    ]
