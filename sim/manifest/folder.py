"""The files of a report folder, held against its manifest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sim.manifest.record import Manifest

LARGEST = 1 << 26
"""bytes up to which a file is read for its content"""


@dataclass(frozen=True)
class Found:
    """One output of a manifest, as it is now."""

    name: str
    status: Literal["as recorded", "differs", "missing"]
    recorded: str
    size: int = 0
    content: bytes | None = None
    """None where it is missing, too large, or not asked for"""


def files(manifest: Manifest, folder: Path, wanted: tuple[str, ...]) -> Iterator[Found]:
    """Every output, those whose names end in one of `wanted` with their content."""
    for name, recorded in manifest.outputs.items():
        try:
            yield _found(folder / name, name, recorded, keep=name.lower().endswith(wanted))
        except OSError:
            yield Found(name, "missing", recorded)


def _found(path: Path, name: str, recorded: str, *, keep: bool) -> Found:
    if not path.is_file():
        return Found(name, "missing", recorded)
    size = path.stat().st_size
    if keep and size <= LARGEST:
        content = path.read_bytes()
        return Found(name, _status(hashlib.sha256(content).hexdigest(), recorded), recorded, len(content), content)
    with path.open("rb") as stream:
        return Found(name, _status(hashlib.file_digest(stream, "sha256").hexdigest(), recorded), recorded, size)


def _status(digest: str, recorded: str) -> Literal["as recorded", "differs"]:
    return "as recorded" if digest == recorded else "differs"
