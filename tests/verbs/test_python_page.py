"""docs/python.md: every block of Python on it runs, from top to bottom, and every verb is in its table."""

from __future__ import annotations

import dataclasses
import re
from contextlib import chdir
from pathlib import Path

import sim

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "python.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_every_block_runs(tmp_path: Path) -> None:
    known: dict[str, object] = {}
    with chdir(tmp_path):
        for number, block in enumerate(BLOCKS, 1):
            exec(compile(block, f"python.md, block {number}", "exec"), known)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["mine.yaml", "overview.png"]
    answer = known["answer"]
    assert isinstance(answer, sim.Answer)
    assert answer.command == "phased run surge-to-front-uncertain --runs 200 --seed 1"


def test_every_verb_is_in_the_table() -> None:
    verbs = re.findall(r"^\| `sim\.(\w+)\(", PAGE, re.MULTILINE)
    assert sorted(verbs) == sorted(name for name in dir(sim) if name[0].islower())


def test_every_part_that_it_names_is_there() -> None:
    common = re.search(r"Each answer has (.*?)\. Its", PAGE, re.DOTALL)
    assert common is not None
    there = {*dir(sim.Answer), *(each.name for each in dataclasses.fields(sim.Answer))}
    assert {*re.findall(r"`(\w+)`", common[1])} == {name for name in there if not name.startswith("_")} - {"about"}
