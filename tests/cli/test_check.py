"""`phased check`: every file is read, whatever is wrong with another."""

from __future__ import annotations

from pathlib import Path

from tests.cli.shell import phased


def test_a_file_that_cannot_be_read_hides_no_other(here: Path) -> None:
    (here / "broken.yaml").write_text("kind: policy\nname: [\n", encoding="utf-8")
    (here / "alone.yaml").write_text(
        "kind: scenario\nname: alone\ntitle: T\nstart: 2024-10-24\ndayz: 5\nvariables: {x: {unit: u, path: {day 0: 1}}}\n",
        encoding="utf-8",
    )
    text = phased("check", "broken.yaml", "alone.yaml", code=1).stdout
    assert "broken.yaml:3:1" in text
    assert "alone.yaml:5:1: dayz: unknown key 'dayz'; did you mean 'days'?" in text
    assert "2 files read" in text


def test_a_scenario_without_a_policy_is_checked_alone(here: Path) -> None:
    text = "kind: scenario\nname: alone\ntitle: T\nstart: 2024-10-24\ndays: 5\nvariables: {x: {unit: u, path: {day 0: 1}}}\n"
    (here / "alone.yaml").write_text(text, encoding="utf-8")
    assert "0 errors, 0 warnings" in phased("check", "alone.yaml").stdout
