"""A room file: one SQLite database, in which each thing that happens is on the disk before anybody is told of it."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.errors import BadUsage, WorkFailed
from sim.room.events import Event, Json

APPLICATION = 0x50485243
"""in the header of a room file, by which it is known as one"""
_HEADER, _APPLICATION_AT = b"SQLite format 3\0", 68
SCHEMA = 1
_TABLES = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE files (path TEXT PRIMARY KEY, sha256 TEXT NOT NULL, content BLOB NOT NULL);
CREATE TABLE events (id INTEGER PRIMARY KEY, time REAL NOT NULL, seconds REAL NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL);
CREATE TABLE heartbeat (one INTEGER PRIMARY KEY CHECK (one = 1), time REAL NOT NULL, seconds REAL NOT NULL);
INSERT INTO heartbeat VALUES (1, 0, 0);
"""


@dataclass(frozen=True)
class KeptFile:
    """A file of the exercise as it was when the room was made."""

    path: str
    """where it was"""
    sha256: str
    content: bytes


class Store:
    """An open room file. It is held alone: SQLite's own lock, which ends with the process, however that ends."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path, self._connection = path, connection

    @classmethod
    def create(cls, path: Path, about: Mapping[str, str], files: Sequence[KeptFile]) -> Store:
        """A new room file, which nobody but its owner may read. Raises BadUsage where there is a file of this name."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise BadUsage(f"there is a file {path} already; open it, or choose another name") from None
        except OSError as error:
            raise WorkFailed(f"cannot write to {path}: {error.strerror or error}") from None
        store = cls(path, _connected(path))
        try:
            with store._transaction(f"PRAGMA application_id = {APPLICATION}", f"PRAGMA user_version = {SCHEMA}") as connection:
                for statement in filter(str.strip, _TABLES.split(";")):
                    connection.execute(statement)
                connection.executemany("INSERT INTO about VALUES (?, ?)", about.items())
                connection.executemany("INSERT INTO files VALUES (?, ?, ?)", ((f.path, f.sha256, f.content) for f in files))
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()  # a kill from now on leaves a file that `open` knows
        except BaseException:
            store.close()
            for each in companions(path):
                each.unlink(missing_ok=True)
            raise
        return store

    @classmethod
    def open(cls, path: Path) -> Store:
        """Raises BadUsage where it is no room, of a later version, or open in another process."""
        check_room(path)
        store = cls(path, _connected(path))
        try:
            with store._transaction() as connection:  # takes the lock
                (version,) = connection.execute("PRAGMA user_version").fetchone()
        except BaseException:
            store.close()
            raise
        if version != SCHEMA:
            store.close()
            raise BadUsage(f"{path} was made by a later version of phased (format {version}; this one reads {SCHEMA})")
        return store

    # reading

    def about(self) -> dict[str, str]:
        return dict(self._read("SELECT name, value FROM about"))

    def files(self) -> list[KeptFile]:
        return [KeptFile(*row) for row in self._read("SELECT path, sha256, content FROM files ORDER BY path")]

    def events(self) -> Iterator[Event]:
        """All of them, oldest first."""
        for id_, time, seconds, kind, body in self._read("SELECT id, time, seconds, kind, body FROM events ORDER BY id"):
            yield Event(id_, time, seconds, kind, json.loads(body))

    def heartbeat(self) -> float:
        """For how long the exercise had run when its server was last seen alive."""
        ((seconds,),) = self._read("SELECT seconds FROM heartbeat")
        return float(seconds)

    def _read(self, query: str) -> list[Any]:
        """All rows. Raises Damaged."""
        try:
            return self._connection.execute(query).fetchall()
        except sqlite3.DatabaseError as error:
            raise told(error, self.path) from None

    # writing

    def append(self, happened: Sequence[Event]) -> None:
        """Keep what happened, all of it or nothing. It is on the disk when this returns. Raises WorkFailed."""
        rows = [(each.id, each.time, each.seconds, each.kind, _text(each.body)) for each in happened]
        with self._transaction() as connection:
            connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?)", rows)

    def beat(self, time: float, seconds: float) -> None:
        with self._transaction() as connection:
            connection.execute("UPDATE heartbeat SET time = ?, seconds = ?", (time, seconds))

    @contextmanager
    def _transaction(self, *before: str) -> Iterator[sqlite3.Connection]:
        try:
            for statement in before:
                self._connection.execute(statement)
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    self._connection.execute("ROLLBACK")
                raise
        except sqlite3.DatabaseError as error:
            raise told(error, self.path) from None

    def close(self) -> None:
        self._connection.close()


def _text(body: Json) -> str:
    return json.dumps(body, ensure_ascii=False, allow_nan=False)


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"):
            connection.execute(f"PRAGMA {pragma}")
    except sqlite3.DatabaseError as error:
        connection.close()
        raise told(error, path) from None
    return connection


class Damaged(BadUsage):
    """A room file that SQLite cannot read."""


def told(error: sqlite3.DatabaseError, path: Path) -> BadUsage | WorkFailed:
    """An error of SQLite in words."""
    if locked(error):
        return BadUsage(f"{path} is open in another phased: close that first, or use its facilitator's page")
    if isinstance(error, sqlite3.OperationalError):
        return WorkFailed(f"cannot write to {path}: {error}")
    return Damaged(f"{path} is damaged: {error}")


def locked(error: sqlite3.DatabaseError) -> bool:
    """Does another process hold the file?"""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def check_room(path: Path) -> None:
    """Raises BadUsage where there is no file, or none that phased made for a room."""
    try:
        with path.open("rb") as file:
            header = file.read(100)
    except OSError as error:
        raise BadUsage(f"{path} cannot be read: {error.strerror or error}") from None
    if not header:
        raise BadUsage(f"{path} is empty: a room that was never begun; remove it")
    made = int.from_bytes(header[_APPLICATION_AT : _APPLICATION_AT + 4], "big")
    if not header.startswith(_HEADER) or made != APPLICATION:
        raise BadUsage(f"{path} is no room of a live exercise")


def companions(path: Path) -> list[Path]:
    """The file itself, and what SQLite keeps beside it."""
    return [path.with_name(path.name + end) for end in ("", "-wal", "-shm", "-journal")]
