"""Whatever anybody does in whatever order: it happens and is kept, or is refused and nothing changed."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.room import Refused, Room
from sim.room.state import folded
from tests.room.made import Watch, decide, room_of


def acts(room: Room, watch: Watch, chance: random.Random, tokens: list[str]) -> list[Callable[[], object]]:
    """What may be tried, sensible or not."""
    team, move = f"Team {chance.randrange(4)}", chance.choice(["first", "second", "third"])
    token = chance.choice([*tokens, "nobody's"])
    role = chance.choice([None, "desk", "king"])
    inject = chance.choice(["first.hand", "first.later", "second.sets", "second.phase", "no.such"])
    code = next((each.code for each in room._state.teams.values() if each.name == team), None)
    sit = lambda: tokens.append(room.join(room.code, team, role, chance.choice([None, code])).token)  # noqa: E731
    return [
        sit,
        sit,
        lambda: decide(room, token, move, option=chance.choice(["Act", "Fly"]), reason=chance.choice(["why", "because"])),
        lambda: decide(room, token, move, reason=str(chance.random())),
        lambda: decide(room, token, move, option=None, phase=None, answers={"wait": chance.choice(["3", "99"])}),
        lambda: room.release(inject),
        lambda: room.improvise("T", "t", "s", "r", [chance.choice(["desk", "king"])]),
        lambda: room.extend(chance.choice([1, 500])),
        room.pause,
        room.go_on,
        lambda: room.set_level("deployment_level", chance.choice([0.0, 2.0, 9.0])),
        lambda: room.set_noise("observer_kyiv", chance.choice([0.0, 2.0, -1.0])),
        lambda: room.show_readings(chance.random() < 0.5),
        lambda: watch.run(room, chance.uniform(1, 400)),
    ]


def _refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except Refused:
        return True
    return False


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_of_acts_leads_to_a_state_that_is_its_events(tmp_path: Path, seed: int) -> None:
    chance, watch = random.Random(seed), Watch()
    room, tokens = room_of(tmp_path, watch), ["nobody's"]
    refusals = done = 0
    for number in range(120):
        before, seconds = room._state, room._state.seconds
        if number % 35 == 34:
            room.advance()
            continue
        refused = _refused(chance.choice(acts(room, watch, chance, tokens)))
        refusals, done = refusals + refused, done + (not refused)
        assert not refused or room._state == before
        assert room._state.version >= before.version
        assert room._state.seconds >= seconds
    assert refusals > 10
    assert done > 30
    assert room._state == folded(room._store.events())
    ids = [event.id for event in room._store.events()]
    assert ids == list(range(1, room.version + 1))
    views = [room.facilitator_view(), *(room.team_view(token) for token in tokens[1:])]
    room.close()
    again = Room.open(tmp_path / "small.room", now=watch, measure=False)
    found = [again.facilitator_view(), *(again.team_view(token) for token in tokens[1:])]
    again.close()
    for view in (*views, *found):
        view["clock"].pop("seconds")  # the heartbeat may be a second behind
        if view["move"]:
            view["move"].pop("remaining")
    assert found == views
