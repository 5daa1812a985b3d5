"""A live exercise: who sits where, what was released and decided, the model alongside, kept in one file as it happens."""

from sim.room.doors import Seat
from sim.room.refused import Refused
from sim.room.room import Room

__all__ = ["Refused", "Room", "Seat"]
