"""What differs between a manifest and what is here now: inputs, versions, outputs, and fields of an output."""

from __future__ import annotations

import hashlib
import json
import math
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal, NoReturn

from sim import __version__
from sim.library import shipped_root
from sim.load.nodes import MAX_BYTES
from sim.manifest.record import SHIPPED, Manifest
from sim.report import LIBRARIES

FEW = 5
"""Fields of an output that are told."""
_MAX_OLD = 1 << 26
"""Bytes up to which an old output is looked into."""


@dataclass(frozen=True)
class Input:
    """A file that was read then, or is read now."""

    name: str
    status: Literal["unchanged", "changed", "missing", "new", "not read"]
    recorded: str | None
    here: str | None


@dataclass(frozen=True)
class Version:
    name: str
    recorded: str | None
    here: str | None

    @property
    def same(self) -> bool:
        return self.recorded == self.here


@dataclass(frozen=True)
class Field:
    """A value inside a JSON output, by its dotted path. What is not there is None too."""

    path: str
    recorded: Any
    made: Any


@dataclass(frozen=True)
class Output:
    name: str
    status: Literal["same", "differs", "missing", "new"]
    recorded: str | None
    made: str | None
    fields: tuple[Field, ...] = ()
    """the first few that differ, where that can be seen"""


@dataclass(frozen=True)
class Verdict:
    """All that was compared."""

    inputs: tuple[Input, ...]
    versions: tuple[Version, ...]
    outputs: tuple[Output, ...]

    @property
    def reproduced(self) -> bool:
        return all(each.status == "same" for each in self.outputs)


# inputs -----------------------------------------------------------------------------------------------------------------------


def base(manifest: Manifest, folders: Sequence[Path]) -> Path:
    """Of the folders from which the command may be run again, the first that holds most of its inputs."""
    return max(folders, key=lambda folder: sum(_head(located(name, folder), 0) is not None for name in manifest.inputs))


def located(name: str, folder: Path) -> Path:
    """Where an input is, for a command that is run from a folder."""
    return shipped_root() / name.removeprefix(SHIPPED) if name.startswith(SHIPPED) else folder / name


def sha256(path: Path) -> str | None:
    """Of a file, read no further than an input may be long; None where there is no file."""
    raw = _head(path, MAX_BYTES)
    return None if raw is None else hashlib.sha256(raw).hexdigest()


def _head(path: Path, longest: int) -> bytes | None:
    """A file's bytes, at most one more than it may have. Folders, devices and pipes have none."""
    try:
        if not path.is_file():
            return None
        with path.open("rb") as stream:
            return stream.read(longest + 1)
    except OSError:
        return None


def inputs(recorded: Manifest, folder: Path) -> tuple[Input, ...]:
    """Every input of the manifest as it is now."""
    found = {name: sha256(located(name, folder)) for name in recorded.inputs}
    return tuple(Input(name, _input_status(then, found[name]), then, found[name]) for name, then in recorded.inputs.items())


def _input_status(recorded: str, here: str | None) -> Literal["unchanged", "changed", "missing"]:
    if here is None:
        return "missing"
    return "unchanged" if here == recorded else "changed"


def read_now(before: Sequence[Input], made: Manifest, folder: Path) -> tuple[Input, ...]:
    """The same inputs after the command was run again: which of them it did not read, and what it read besides."""
    now = {located(name, folder).resolve(): name for name in made.inputs}
    then = {located(each.name, folder).resolve(): each for each in before}
    kept = [each if path in now else Input(each.name, "not read", each.recorded, each.here) for path, each in then.items()]
    more = [Input(name, "new", None, made.inputs[name]) for path, name in now.items() if path not in then]
    return (*kept, *more)


# versions ---------------------------------------------------------------------------------------------------------------------


def versions_of(manifest: Manifest) -> tuple[Version, ...]:
    """The manifest's versions beside those here."""
    names = dict.fromkeys([*manifest.libraries, *LIBRARIES])
    return (
        Version("phased", manifest.phased, __version__),
        Version("python", manifest.python, platform.python_version()),
        Version("machine", manifest.machine, platform.machine()),
        *(Version(name, manifest.libraries.get(name), _installed(name)) for name in names),
    )


def _installed(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None


# outputs ----------------------------------------------------------------------------------------------------------------------


def outputs(recorded: Manifest, made: Manifest, old: Path, new: Path) -> tuple[Output, ...]:
    """The outputs of both, those of the manifest first. `old` and `new` are the folders in which they stand."""
    found: list[Output] = []
    for name in dict.fromkeys([*recorded.outputs, *made.outputs]):
        then, now = recorded.outputs.get(name), made.outputs.get(name)
        status: Literal["same", "differs", "missing", "new"]
        status = "new" if then is None else "missing" if now is None else "same" if then == now else "differs"
        told = name.endswith(".json") and status == "differs"
        fields = _first_fields(old / name, then, new / name) if told else ()
        found.append(Output(name, status, then, now, fields))
    return tuple(found)


def _first_fields(old: Path, recorded: str | None, new: Path) -> tuple[Field, ...]:
    """Where two JSON files differ first; nothing if the old one is gone or is not what was recorded."""
    before, after = _head(old, _MAX_OLD), _head(new, _MAX_OLD)
    if before is None or after is None or hashlib.sha256(before).hexdigest() != recorded:
        return ()
    try:
        pair = [json.loads(raw, parse_constant=_no_number, parse_float=_finite) for raw in (before, after)]
    except (ValueError, RecursionError):
        return ()
    return tuple(field for field, _ in zip(differences(*pair), range(FEW), strict=False))


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def differences(old: Any, new: Any, path: str = "") -> Iterator[Field]:
    """Every value that differs, in the order of the old document, then what only the new one has."""
    if isinstance(old, list) and isinstance(new, list):
        old, new = dict(enumerate(old)), dict(enumerate(new))
    if not (isinstance(old, dict) and isinstance(new, dict)):
        if old != new or type(old) is not type(new):
            yield Field(path, old, new)
        return
    for key in dict.fromkeys([*old, *new]):
        yield from differences(old.get(key), new.get(key), f"{path}.{key}" if path else str(key))
