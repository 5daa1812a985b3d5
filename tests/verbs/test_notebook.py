"""The notebook runs, its outputs are those of today, and it tells the numbers of the tutorial."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
AGAIN = "run python docs/make_notebook.py"
_BLOCK = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)
_TOLD = re.compile(r"[\d.]+% \([\d.–]+\)|[\d.]+–[\d.]+%|[\d.]+ ± [\d.]+|\d{4}-\d\d-\d\d, day \d+ \(\d+–\d+\)")
"""a share with its interval, a range over readings, a mean with its error, a day with its interval"""


def _maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_notebook", DOCS / "make_notebook.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["make_notebook"] = module
    spec.loader.exec_module(module)
    return module


maker = _maker()
kept = nbformat.read(DOCS / "tutorial.ipynb", as_version=4)


def _outputs(notebook: Any) -> list[str]:
    """All but the pixels of pictures, which hang on the version of the library that draws them."""
    parts = [text for cell in notebook.cells for each in cell.get("outputs", ()) for text in _texts(each)]
    return [re.sub(r"base64,[^\"]*", "base64,", part) for part in parts]


def _texts(output: Any) -> list[str]:
    if output.output_type == "stream":
        return [output.text]
    assert output.output_type == "execute_result", output
    return [text for kind, text in sorted(output.data.items()) if kind.startswith("text/")]


def test_the_cells_are_those_that_are_made() -> None:
    assert [(cell.id, cell.source) for cell in kept.cells] == [(cell.id, cell.source) for cell in maker.made().cells], AGAIN
    nbformat.validate(kept)


def test_it_tells_neither_when_nor_where_it_was_run() -> None:
    assert kept.metadata == maker.made().metadata
    assert all(not cell.metadata for cell in kept.cells)
    assert str(ROOT) not in (DOCS / "tutorial.ipynb").read_text("utf-8")


def test_outputs_are_those_of_a_run_of_today(tmp_path: Path) -> None:
    assert _outputs(maker.run(maker.made(), tmp_path)) == _outputs(kept), AGAIN
    assert sorted(each.name for each in tmp_path.iterdir()) == ["lesson"]


def test_it_is_small_and_its_pictures_are_there() -> None:
    assert (DOCS / "tutorial.ipynb").stat().st_size < 600_000
    pictures = re.findall(r'src=\\"data:image/png;base64,iVBOR', (DOCS / "tutorial.ipynb").read_text("utf-8"))
    assert len(pictures) >= 5


def _numbers_of_the_tutorial() -> list[str]:
    """Those that tutorial.md shows as printed. What a rounding of shares to `14.6%` leaves of a range is a range all the same."""
    lines = [
        line
        for block in _BLOCK.findall((DOCS / "tutorial.md").read_text("utf-8"))
        for line in block.splitlines()
        if not line.startswith("$")
    ]
    return sorted({number for line in lines for number in _TOLD.findall(line)})


@pytest.mark.parametrize("number", _numbers_of_the_tutorial())
def test_the_tutorial_tells_the_same_number(number: str) -> None:
    """All but one: the mean days of the run with another confirmation, of which the notebook shows a line only."""
    assert number in " ".join(_outputs(kept)) or number == "34.2 ± 1.2"


def test_there_are_numbers_to_hold_against_it() -> None:
    assert len(_numbers_of_the_tutorial()) >= 8


def test_every_link_of_the_notebook_leads_somewhere() -> None:
    links = [link for cell in kept.cells for link in re.findall(r"\]\(([^)\s]+)\)", cell.source)]
    assert len(links) >= 6
    assert not [link for link in links if not (DOCS / link).exists()]
