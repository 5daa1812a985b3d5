"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.cli.options import how_to
from sim.errors import BadUsage


@pytest.mark.parametrize("typed", ["report", "deep/report", "."])
def test_finished_blocks_are_kept_beside_the_report(typed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    kept = how_to(Path(typed), workers=1, cluster=None, resume=True).unfinished
    assert kept is not None
    assert kept.resolve() == Path(f"{(here / typed).resolve()}.unfinished")


def test_beside_the_root_there_is_nothing() -> None:
    with pytest.raises(BadUsage, match="nothing beside /"):
        how_to(Path("/"), workers=1, cluster=None, resume=True)
