"""Erasing what a room holds: the file, what SQLite keeps beside it, and on request the debriefs that were written from it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sim.errors import BadUsage, WorkFailed
from sim.room.debrief import NAMES
from sim.room.state import folded
from sim.room.store import Damaged, Store, check_room, companions, locked

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Held:
    """What a room holds of people."""

    teams: int
    seats: int
    decisions: int
    debriefs: tuple[Path, ...]
    """files of debriefs that were written from it and are still there"""


def held(path: Path) -> Held | None:
    """What would be erased; None: it is damaged. Raises BadUsage where it is no room, or is open in another process."""
    try:
        store = Store.open(path)
    except Damaged:
        return None
    try:
        state = folded(store.events())
    except Damaged:
        return None
    finally:
        store.close()
    written = [Path(folder) / name for folder in state.debriefs for name in NAMES]
    return Held(len(state.teams), len(state.places), len(state.decisions), tuple(each for each in written if each.is_file()))


def erase(path: Path, debriefs: Sequence[Path] = ()) -> None:
    """Overwrite and remove a room, and such debriefs. Raises BadUsage where it is no room or is open; WorkFailed.

    On a disk that moves its blocks about, as SSDs and sticks do, overwriting cannot reach every copy: only a disk that is
    encrypted as a whole forgets for sure.
    """
    check_room(path)
    _emptied(path)
    try:
        _removed([*companions(path), *debriefs])
    except OSError as error:
        raise WorkFailed(f"cannot erase {error.filename or path}: {error.strerror or error}") from None


def _emptied(path: Path) -> None:
    """Take the lock and empty the tables. A file that is damaged is only overwritten."""
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None)
    try:
        for statement in ("PRAGMA locking_mode = EXCLUSIVE", "PRAGMA secure_delete = ON", "BEGIN EXCLUSIVE"):
            connection.execute(statement)
        for table in ("events", "files", "about"):
            connection.execute(f"DELETE FROM {table}")
        connection.execute("COMMIT")
        connection.execute("VACUUM")
    except sqlite3.DatabaseError as error:
        if locked(error):
            raise BadUsage(f"{path} is open in another phased: stop that first") from None
    finally:
        connection.close()


def _removed(paths: Iterable[Path]) -> None:
    for path in paths:
        with suppress(FileNotFoundError):
            _overwritten(path)
            path.unlink()


def _overwritten(path: Path) -> None:
    with path.open("rb+") as file:
        left = file.seek(0, os.SEEK_END)
        file.seek(0)
        while left > 0:
            left -= file.write(bytes(min(left, _BLOCK)))
        file.flush()
        os.fsync(file.fileno())
