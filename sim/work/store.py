"""Finished blocks of a long ensemble in an embedded database, so that a killed run can go on (sqlite3)."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim.ensemble import Job, Look, Part, RunTable
from sim.errors import BadUsage, WorkFailed, visible
from sim.measures import PairTally, PartingTally, Tally
from sim.results import Fan
from sim.work.task import versions

FILE = "blocks.sqlite"
_RECORDS: dict[str, type[Any]] = {each.__name__: each for each in (Fan, Look, PairTally, Part, PartingTally, RunTable, Tally)}
_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}


class Store:
    """The finished blocks of one job. Each is there as a whole or not at all, whenever the process or the power ends."""

    def __init__(self, connection: sqlite3.Connection, path: Path, job: Job) -> None:
        self._connection, self._path = connection, path
        self._key, self._table = _key(job), job.table

    @classmethod
    @contextmanager
    def open(cls, folder: Path, job: Job) -> Iterator[Store]:
        """The store in a folder, made where there is none. Raises BadUsage if it is another job's, WorkFailed if unusable."""
        path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WorkFailed(f"cannot write to {folder}: {error.strerror or error}") from None
        with _in_words(path):
            connection = sqlite3.connect(path, timeout=0.2)
        with closing(connection):
            store = cls(connection, path, job)
            store._claim()
            yield store

    def has(self, runs: range) -> bool:
        """Is the part of a block there, whole and with all that this job wants of it?"""
        return self._get(runs) is not None

    def take(self, runs: range) -> Part:
        """The part of a block that is there."""
        part = self._get(runs)
        if part is None:
            raise WorkFailed(f"{self._path} is damaged or was changed by somebody else; delete {self._path.parent} to begin anew")
        return part

    def put(self, part: Part) -> None:
        content = packed(part)
        row = (part.runs.start, len(part.runs), self._digest(content), content)
        with _in_words(self._path), self._connection:
            self._connection.execute("INSERT OR REPLACE INTO blocks VALUES (?, ?, ?, ?)", row)

    def _claim(self) -> None:
        """Lock the database for this process and this job."""
        with _in_words(self._path), self._connection as connection:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("PRAGMA synchronous = FULL")  # a block that counts as finished is on the disk
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("CREATE TABLE IF NOT EXISTS job (key BLOB)")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS blocks"
                " (first INTEGER, count INTEGER, digest BLOB, part BLOB, PRIMARY KEY (first, count))"
            )
            found = connection.execute("SELECT key FROM job").fetchone()
            if found is None:
                connection.execute("INSERT INTO job VALUES (?)", (self._key,))
            elif found[0] != self._key:
                raise BadUsage(
                    f"{self._path.parent} holds unfinished work of other files, another seed or another version; "
                    "finish that first, delete it, or choose another --out"
                )

    def _get(self, runs: range) -> Part | None:
        """A damaged part counts as not there, and so does one without the table that is wanted."""
        with _in_words(self._path):
            row = self._connection.execute(
                "SELECT digest, part FROM blocks WHERE first = ? AND count = ?", (runs.start, len(runs))
            ).fetchone()
        if row is None or not isinstance(row[1], bytes) or row[0] != self._digest(row[1]):
            return None
        try:
            part = unpacked(row[1])
        except Exception:  # the digest is right, so somebody made it by hand, and it may be anything
            return None
        if part.runs != runs or (self._table and not part.tables):
            return None
        return part if self._table else replace(part, tables=())

    def _digest(self, content: bytes) -> bytes:
        """With the job's key, so that no block of another job ever counts."""
        return hashlib.sha256(self._key + content).digest()


def _key(job: Job) -> bytes:
    """What a part depends on: the job, and whatever may change its last bit."""
    about = (*versions().items(), platform.machine(), repr(replace(job, table=False)))
    return hashlib.sha256(repr(about).encode()).digest()


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """Turns what sqlite says into what the user can do. Raises WorkFailed."""
    try:
        yield
    except (sqlite3.Error, UnicodeError) as error:  # the words of an error may quote what is damaged
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF  # without the details above the lowest byte
        if code in _BUSY:
            raise WorkFailed(f"another phased is at work on {path.parent}: wait for it, or choose another --out") from None
        if code in _DISK:
            raise WorkFailed(f"cannot write {path}: {error}") from None
        told = visible(f"{path} is damaged or not of phased's making ({error}); delete {path.parent} to begin anew")
        raise WorkFailed(told) from None


# A part as bytes: arrays as numpy writes them, the records around them as JSON. Nothing in it can make Python run. ----------


def packed(part: Part) -> bytes:
    arrays: list[np.ndarray[Any, Any]] = []
    outline = json.dumps(_outline(part, arrays))
    file = io.BytesIO()
    named: dict[str, Any] = {f"a{index}": each for index, each in enumerate(arrays)}
    np.savez_compressed(file, outline=np.array(outline), **named)
    return file.getvalue()


def unpacked(content: bytes) -> Part:
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        part = _record(json.loads(str(arrays["outline"])), arrays)
    assert isinstance(part, Part)  # it was stored as one
    return part


def _outline(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if isinstance(value, np.ndarray):
        arrays.append(value)
        return {"array": f"a{len(arrays) - 1}"}
    if is_dataclass(value):
        return {"record": type(value).__name__, "fields": [_outline(getattr(value, each.name), arrays) for each in fields(value)]}
    if isinstance(value, tuple):
        return {"tuple": [_outline(each, arrays) for each in value]}
    if isinstance(value, range):
        return {"range": [value.start, value.stop]}
    if isinstance(value, dict):
        return {"dict": {key: _outline(each, arrays) for key, each in value.items()}}
    return value


def _record(outline: Any, arrays: Any) -> Any:
    match outline:
        case {"array": name}:
            return arrays[name]
        case {"record": name, "fields": parts}:
            return _RECORDS[name](*(_record(each, arrays) for each in parts))
        case {"tuple": parts}:
            return tuple(_record(each, arrays) for each in parts)
        case {"range": [start, stop]}:
            return range(start, stop)
        case {"dict": parts}:
            return {key: _record(each, arrays) for key, each in parts.items()}
    return outline
