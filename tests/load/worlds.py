"""Files for tests: the good policy and scenario of tests/bad, and what differs from them."""

from __future__ import annotations

import shutil
from pathlib import Path

BAD = Path(__file__).parent.parent / "bad"


def copied(folder: Path) -> Path:
    """A folder with the good policy, the good scenario and their ledger."""
    for name in ("good-policy.yaml", "good-scenario.yaml", "ledger.yaml"):
        shutil.copy(BAD / name, folder / name)
    return folder


def variant(folder: Path, kind: str, body: str, name: str = "variant", base: str = "") -> str:
    """A file that extends the good one of its kind; the path to it."""
    path = folder / f"{name}.yaml"
    path.write_text(
        f"kind: {kind}\nname: {name}\ntitle: A variant\nextends: {base or f'good-{kind}'}\n{body}\n", encoding="utf-8"
    )
    return str(path)
