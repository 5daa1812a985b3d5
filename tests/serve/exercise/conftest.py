from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sim.room import Room
from tests.room.made import Watch, room_of
from tests.serve.exercise.made import served


@pytest.fixture
def watch() -> Watch:
    """The clock of the room."""
    return Watch()


@pytest.fixture
def room(tmp_path: Path, watch: Watch) -> Iterator[Room]:
    """A room of the small exercise, in its lobby."""
    made = room_of(tmp_path, watch)
    yield made
    made.close()


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    """Its address."""
    with served(room) as address:
        yield address
