from __future__ import annotations

from pathlib import Path

import pytest

from tests.load.worlds import copied


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The own folder, with the good files of tests/bad in it."""
    monkeypatch.chdir(tmp_path)
    return copied(tmp_path)
