"""Writing files: each appears whole or not at all, and an interrupt leaves nothing half done."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from sim.errors import WorkFailed


def write_all(folder: Path, files: Mapping[str, bytes], stale: Iterable[str] = ()) -> None:
    """Put all files into a folder, which is made where it does not exist, and remove the `stale` ones. Raises WorkFailed.

    They are first written beside their places, so that a full disk or an interrupt on the way leaves the old ones untouched.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".phased-", dir=folder))
        try:
            for name, content in files.items():
                (staging / name).parent.mkdir(parents=True, exist_ok=True)
                (staging / name).write_bytes(content)
            for name in files:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                os.replace(staging / name, folder / name)
            for name in set(stale) - files.keys():
                (folder / name).unlink(missing_ok=True)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise WorkFailed(f"cannot write to {folder}: {error.strerror or error}") from None
