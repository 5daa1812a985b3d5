from __future__ import annotations

from collections.abc import Iterator

import pytest

from sim.room import Room
from tests.room.made import room, watch
from tests.serve.exercise.made import served

__all__ = ["base", "room", "watch"]


@pytest.fixture
def base(room: Room) -> Iterator[str]:
    """Its address."""
    with served(room) as address:
        yield address
