"""Files on disk: their bytes, digests, trees and kinds. None is read further than it may be long."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel

from sim.errors import BadInput, Place, Problem, listed, unknown_name
from sim.load.nodes import MAX_BYTES, Node, read_all
from sim.spec.evidence import Evidence
from sim.spec.exercise import Exercise
from sim.spec.losses import Losses
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario

FOLDERS: dict[str, str] = {
    "policy": "configs",
    "scenario": "scenarios",
    "evidence": "configs/evidence",
    "losses": "configs/losses",
    "exercise": "scenarios/exercises",
}
"""Where the files of a kind lie in a project."""
MODELS: dict[str, type[BaseModel]] = {
    "policy": Policy,
    "scenario": Scenario,
    "evidence": Evidence,
    "losses": Losses,
    "exercise": Exercise,
}
VARIED = ("policy", "scenario")
"""Kinds of which a file may extend another."""
SPOKEN = {"evidence": "ledger", "losses": "file of losses"}
"""What one file of a kind is called, where that is not its kind."""
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Input:
    """A file that was read, and the digest of what was in it."""

    path: Path
    sha256: str


@dataclass(frozen=True)
class File:
    """A file's own tree, before anything is made of it, and the duplicate keys in it."""

    path: Path
    label: str
    text: str
    root: Node
    problems: tuple[Problem, ...]
    input: Input


def label(path: Path) -> str:
    """A file as its user would recognise it: relative to the own folder if it is below it."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except ValueError:
        return str(path.resolve())


def file_bytes(path: Path, file: str) -> bytes:
    """What is in a file. Raises BadInput if that is too much, or cannot be read."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput([Problem(Place(file), "", f"cannot be read: {error.strerror}")]) from None
    if len(raw) > MAX_BYTES:
        raise BadInput([Problem(Place(file), "", f"the file is too large: more than {MAX_BYTES:,} bytes (1 MiB)")])
    return raw


def read_file(path: Path, file: str) -> File:
    """A file's tree. Raises BadInput where it has none."""
    raw = file_bytes(path, file)
    root, problems = _parsed(raw, file)
    return File(path, file, raw.decode("utf-8").removeprefix("\ufeff"), root, problems, Input(path, digest(raw)))


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


@lru_cache(maxsize=64)
def _parsed(raw: bytes, file: str) -> tuple[Node, tuple[Problem, ...]]:
    """Trees are immutable, and bases and ledgers are read again and again."""
    root, problems = read_all(raw, file)
    return root, tuple(problems)


def said_kind(file: File) -> str:
    """What a file says it is. Raises BadInput."""
    if not isinstance(file.root.value, dict):
        message = "the file must be a map: lines of key and value, such as kind: policy"
        raise BadInput([Problem(file.root.place, "", message)])
    node = file.root.get("kind")
    if node is None:
        message = f"is missing; the file must say what it is: kind: {listed(list(FOLDERS))}"
        raise BadInput([*file.problems, Problem(file.root.place, "kind", message)])
    if not isinstance(node.value, str) or node.value not in FOLDERS:
        given = str(node.value) if not isinstance(node.value, dict | list) else "a map or list"
        raise BadInput([*file.problems, Problem(node.place, "kind", unknown_name("kind", given, list(FOLDERS)))])
    return node.value


def seems_of_kind(path: Path, kind: str) -> bool:
    """Whether a file's lines say that it is of this kind, without more ado."""
    try:
        return re.search(rb"^kind: *" + kind.encode(), file_bytes(path, ""), re.MULTILINE) is not None
    except BadInput:
        return False


def top(kind: str) -> str:
    """configs or scenarios: the folder of a project under which the files of a kind lie."""
    return FOLDERS[kind].split("/")[0]


def _shelf(kind: str) -> str:
    """The sub-folder that a kind has for itself, or none: evidence, losses, exercises."""
    return FOLDERS[kind].partition("/")[2]


def kind_there(folder: Path, path: Path) -> str:
    """The kind of the files in a sub-folder: an evidence/ below configs/ holds no policies, an exercises/ no scenarios."""
    above = next(each for each in (folder, *folder.parents) if each.name in ("configs", "scenarios"))
    parts = path.relative_to(above).parent.parts
    kinds = [kind for kind in FOLDERS if top(kind) == above.name]
    return next((kind for kind in kinds if _shelf(kind) in parts), next(kind for kind in kinds if not _shelf(kind)))


def named(kind: str, root: Path, name: str) -> list[Path]:
    """Where under a project a name may lie. `austin/facts` of a ledger: configs/evidence/austin/ or configs/austin/evidence/."""
    places = [root / FOLDERS[kind] / name]
    world, _, last = name.rpartition("/")
    return [*places, root / top(kind) / world / _shelf(kind) / last] if world and _shelf(kind) else places


def name_of(kind: str, folder: Path, path: Path) -> str:
    """The name under which `named` finds a file that lies below configs/ or scenarios/."""
    parts = list(path.relative_to(folder).with_suffix("").parts)
    if _shelf(kind) in parts[:-1]:
        parts.remove(_shelf(kind))
    return "/".join(parts)


def beside(kind: str, folder: Path) -> list[Path]:
    """Where a file in `folder` finds another that it names: there, and where its world keeps that kind.

    A world of its own has a sub-folder of one name in both places: scenarios/austin/ is played by configs/austin/.
    """
    near = [folder, folder / "evidence"] if kind == "evidence" else [folder]
    above = next((each for each in (folder, *folder.parents) if each.name in ("configs", "scenarios")), None)
    if above is None or above == folder:
        return near
    world = above.parent / top(kind) / folder.relative_to(above)
    return list(dict.fromkeys([*near, world, world / _shelf(kind)]))


_TITLE = re.compile(rb"^title:[^\n]*", re.MULTILINE)


def title(path: Path) -> str:
    """The title, read on its own; empty where it cannot be read."""
    try:
        line = _TITLE.search(file_bytes(path, ""))
        node = read_all(line.group(), "")[0].get("title") if line else None
    except BadInput:
        return ""
    return node.value if node and isinstance(node.value, str) else ""
