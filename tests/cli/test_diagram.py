"""`phased diagram`."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.shell import contents, phased


@pytest.fixture(autouse=True)
def _inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_mermaid_is_printed_by_default() -> None:
    printed = phased("diagram", "phased-approach").stdout
    assert printed.startswith("stateDiagram-v2\n")
    assert printed == phased("diagram", "phased-approach", "--format", "mermaid").stdout
    assert "6 of 8 numbers are assumed" in printed


@pytest.mark.parametrize(
    ("form", "begins"), [("mermaid", "stateDiagram-v2"), ("dot", "digraph"), ("svg", "<?xml"), ("scxml", "<?xml")]
)
def test_a_file_holds_what_is_printed(form: str, begins: str, tmp_path: Path) -> None:
    done = phased("diagram", "step-down", "--format", form, "-o", "made.txt")
    assert done.stdout == "Wrote made.txt\n"
    (made,) = contents(tmp_path).values()
    assert made.decode().startswith(begins)
    if form != "svg":  # which names the command that makes it again, and so the file
        assert phased("diagram", "step-down", "--format", form).stdout == made.decode()
    phased("diagram", "step-down", "--format", form, "-o", "made.txt")
    assert list(contents(tmp_path).values()) == [made]


def test_a_value_that_is_set_counts_as_assumed() -> None:
    printed = phased("diagram", "phased-approach", "--set", "transitions.go_offensive.confirm=3 weeks", "--format", "dot").stdout
    assert "confirm 21 days (assumed)" in printed
    assert "[3 rung, implied]" in printed
    changed = phased("diagram", "phased-approach", "--set", "thresholds.front_line=rival:sent", "--format", "dot").stdout
    assert "[2 rung, " in changed


def test_the_numbers_of_a_run() -> None:
    def lag(*words: object) -> str:
        root = ElementTree.fromstring(phased("diagram", "allied-coordinated", "--format", "scxml", *words).stdout)
        return next(each.get("expr", "") for each in root.iter() if each.get("id") == "lag_go_offensive")

    middle, first, other = lag(), lag("--run", 0), lag("--run", 0, "--seed", 2)
    assert middle == "35"
    assert len({middle, first, other}) == 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("step-down", "--run", 3), "--run gives an SCXML document the numbers of one run"),
        (("step-down", "--format", "scxml", "--seed", 3), "--seed is of --run"),
        (("step-dwn",), "unknown policy 'step-dwn'; did you mean 'step-down'?"),
        (("step-down", "--set", "phases.nowhere.min_stay=2"), "--set #1"),
        (("step-down", "--format", "png"), "'png' is not one of"),
        (("step-down", "-o", "missing"), "is a directory"),
    ],
)
def test_what_makes_no_sense_writes_nothing(words: tuple[object, ...], said: str, tmp_path: Path) -> None:
    (tmp_path / "missing").mkdir()
    done = phased("diagram", *words, code=2)
    assert said in done.stderr
    assert done.stdout == ""
    assert not contents(tmp_path)


def test_more_than_a_picture_shows_is_refused(tmp_path: Path) -> None:
    phases = "".join(f"  p{index}: {{}}\n" for index in range(13))
    policy = f"kind: policy\nname: tall\ntitle: Tall\nphases:\n{phases}transitions: {{}}\n"
    (tmp_path / "tall.yaml").write_text(policy, "utf-8")
    assert "tall has 13 and 0; --format dot or mermaid" in phased("diagram", "./tall.yaml", "--format", "svg", code=2).stderr
    assert phased("diagram", "./tall.yaml").stdout.count("state ") == 13
