"""The files of an exercise as they were when its room was made: it goes on with these, whatever becomes of the originals."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from sim.errors import BadUsage
from sim.library import Library, Loaded
from sim.room.store import KeptFile
from sim.spec.exercise import Exercise

_SHOWN = 3
"""files that a warning names"""


def files_of(loaded: Loaded[Exercise], library: Library) -> list[KeptFile]:
    """Every file that an exercise reads and plays: itself, scenarios, policies, their bases, ledgers and tables."""
    exercise = loaded.spec
    pairs = [library.pair_in(loaded, scenario, policy) for scenario in exercise.scenarios for policy in exercise.policies]
    inputs = {each.path.resolve(): each.sha256 for each in (*loaded.inputs, *(one for pair in pairs for one in pair.inputs))}
    return [_kept(path, sha256) for path, sha256 in inputs.items()]


def _kept(path: Path, sha256: str) -> KeptFile:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise BadUsage(f"{path} was changed while it was read; try again")
    return KeptFile(str(path), sha256, content)


def laid_out(files: Iterable[KeptFile], folder: Path) -> None:
    """Write kept files below a folder, each at its old path there, so that they find each other as they did."""
    for each in files:
        target = inside(folder, each.path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(each.content)


def inside(folder: Path, path: str) -> Path:
    """Where a file or folder is laid out. Raises BadUsage for a path that leads out of it."""
    original = Path(path)
    parts = original.parts[1:] if original.anchor else original.parts
    if ".." in parts or not original.is_absolute():
        raise BadUsage(f"the room file names the file {path}, which cannot be laid out here")
    drive = [original.drive.replace(":", "").strip("\\/")] if original.drive else []
    return folder.joinpath(*drive, *parts)


def library_of(folder: Path, roots: Sequence[str]) -> Library:
    """A library of kept files; `roots` are the folders in which names were looked up."""
    return Library([inside(folder, each) for each in roots])


def changes(files: Iterable[KeptFile]) -> list[str]:
    """What has become of the originals, in sentences."""
    gone, changed = [], []
    for each in files:
        try:
            if hashlib.sha256(Path(each.path).read_bytes()).hexdigest() != each.sha256:
                changed.append(each.path)
        except OSError:
            gone.append(each.path)
    told = [(changed, "changed since this room was made"), (gone, "not where it was when this room was made")]
    return [_told(paths, what) for paths, what in told if paths]


def _told(paths: Sequence[str], what: str) -> str:
    names = ", ".join(Path(each).name for each in paths[:_SHOWN]) + (" and others" if len(paths) > _SHOWN else "")
    verb = "has" if "changed" in what else "is"
    some = verb if len(paths) == 1 else {"has": "have", "is": "are"}[verb]
    return f"{names} {some} {what if len(paths) == 1 else what.replace('it was', 'they were')}. The exercise goes on as it was."


def reference(files: Iterable[KeptFile], folder: Path, path: Path, shipped: str) -> str:
    """How another file names a kept one that was laid out: a shipped one by its name, any other by where it was."""
    there = path.resolve()
    original = next(Path(each.path) for each in files if inside(folder, each.path).resolve() == there)
    return original.stem if original.is_relative_to(shipped) else original.as_posix()
