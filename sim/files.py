"""Writing files: each appears whole or not at all, and an interrupt leaves nothing half done."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sim.errors import WorkFailed

_PREFIX = f".phased-{hashlib.blake2b(platform.node().encode(), digest_size=4).hexdigest()}-"
"""With the machine, since several may write to a shared disk and know nothing of each other's processes."""


Stale = Iterable[str] | Callable[[], Iterable[str]]
"""Files of last time; a function is asked when nobody else can change the folder."""
PATIENCE = 30.0
"""Seconds to wait for somebody else who is moving files into the same folder, which takes some thousandths of one."""


class Staging:
    """Files on their way into a folder, written beside their places until all are whole."""

    def __init__(self, folder: Path, beside: Path) -> None:
        self.folder, self._beside = folder, beside

    @property
    def names(self) -> list[str]:
        """The files so far, those of folders with a `/`."""
        return sorted(path.relative_to(self._beside).as_posix() for path in self._beside.rglob("*") if path.is_file())

    def path(self, name: str) -> Path:
        """Where a file is to be written for now."""
        path = self._beside / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def move(self, stale: Stale = (), *, last: str = "", durable: bool = False) -> None:
        """Put all files into their places and remove the `stale` ones, while nobody else moves files into the folder.

        `last` is a file that describes the others, and so comes after them. A `durable` move outlasts a loss of power.
        """
        with _alone(self.folder):
            self._move(stale() if callable(stale) else stale, last, durable)

    def _move(self, stale: Iterable[str], last: str, durable: bool) -> None:
        names = sorted(self.names, key=lambda name: name == last)
        for name in names:
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            if durable:
                _sync(self._beside / name)
            os.replace(self._beside / name, self.folder / name)
        for name in set(stale) - set(names):
            (self.folder / name).unlink(missing_ok=True)
            with suppress(OSError):  # it is not there, or holds something else
                (self.folder / name).parent.rmdir()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """While this lasts, no other phased moves files into the folder: of two reports the later one is there as a whole.

    Raises WorkFailed after PATIENCE. Where the system knows no such lock (Windows, some shared disks), there is none.
    """
    try:
        import fcntl

        handle = os.open(folder, os.O_RDONLY)
    except (ImportError, OSError):
        yield
        return
    try:
        end = time.monotonic() + PATIENCE
        while not _locked(fcntl.flock, handle, fcntl.LOCK_EX | fcntl.LOCK_NB):
            if time.monotonic() > end:
                raise WorkFailed(f"another phased is writing to {folder}: wait for it, or choose another --out")
            time.sleep(0.02)
        yield
    finally:
        os.close(handle)


def _locked(lock: Callable[[int, int], None], handle: int, how: int) -> bool:
    try:
        lock(handle, how)
    except BlockingIOError:
        return False
    except OSError:  # a disk without locks
        return True
    return True


def _sync(path: Path) -> None:
    """Have the system put on the disk what was written."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())


@contextmanager
def staging(folder: Path) -> Iterator[Staging]:
    """A staging for a folder, which is made where it does not exist. What was not moved at the end is thrown away.

    A full disk or an interrupt on the way leaves the old files untouched, and what a killed process left is cleared away.
    Raises WorkFailed.
    """
    try:
        made = [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        beside = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=folder))
        try:
            yield Staging(folder, beside)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
            for each in made:  # the folders above it too; one that holds something stays
                with suppress(OSError):
                    each.rmdir()
    except OSError as error:
        raise WorkFailed(f"cannot write to {folder}: {error.strerror or error}") from None


def _clear(folder: Path) -> None:
    """Remove the stagings of processes that are no more."""
    for left in folder.glob(f"{_PREFIX}*-*"):
        number = left.name.removeprefix(_PREFIX).partition("-")[0]
        if number.isdecimal() and not _alive(int(number)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(process: int) -> bool:
    if os.name == "nt":  # where signal 0 is an interrupt
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it belongs to somebody else, or this system has no such signal
        return True
    return True


def write_all(folder: Path, files: Mapping[str, bytes], stale: Stale = ()) -> None:
    """Put all files into a folder and remove the `stale` ones. Raises WorkFailed."""
    with staging(folder) as stage:
        for name, content in files.items():
            stage.path(name).write_bytes(content)
        stage.move(stale)
