from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.shell import contents, phased

RUN = ("run", "surge-to-front-uncertain", "--runs", 30, "--set", "days=40")
NAME = "report.html"


class _Reader(HTMLParser):
    """A page as its elements, its words and the addresses in it; the parser of the standard library, not ours."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src", "action", "xlink:href", "data")]
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())


def read(path: Path) -> _Reader:
    return _Reader(path.read_text("utf-8"))


@pytest.fixture
def out(here: Path) -> Path:
    phased(*RUN, "--out", "out")
    return here / "out"


@pytest.fixture
def plain(here: Path) -> Path:
    phased(*RUN, "--no-charts", "--out", "out")
    return here / "out"


def test_one_file_that_needs_no_other(out: Path) -> None:
    before = contents(out)
    done = phased("report", "out")
    assert (done.stdout, done.stderr) == ("", f"Wrote out/{NAME}\n")
    after = contents(out)
    assert after.pop(NAME)
    assert after == before
    page = read(out / NAME)
    assert {each.split(":")[0] for each in page.addresses if not each.startswith("#")} == {"data"}
    assert not {"script", "iframe", "object", "embed", "form", "base"} & set(page.tags)
    assert "default-src 'none'" in (out / NAME).read_text("utf-8")
    assert "Teaching model of stated positions, not a forecast." in page.text
    assert "All 6 files of the report are as its manifest records." in page.text
    assert "33 of 37 numbers are assumed" in page.text
    assert (out / NAME).stat().st_size < 3_000_000


def test_numbers_are_those_of_the_summary(out: Path) -> None:
    phased("report", "out")
    text = read(out / NAME).text
    summary = json.loads((out / "summary.json").read_bytes())
    for name, each in summary["first_passage"].items():
        low, high = (f"{bound:.0%}".rstrip("%") for bound in each["interval"])
        label = name.replace("_", " ").capitalize()
        assert re.search(rf"{label} ?{each['reached']:.0%} \({low}–{high}\)", text), name


def test_same_bytes_again_and_rerun_leaves_it_alone(out: Path, here: Path) -> None:
    phased("report", "out")
    first = (out / NAME).read_bytes()
    phased("report", "out/manifest.json")
    assert (out / NAME).read_bytes() == first
    assert phased("rerun", "out").stdout == "Reproduced: all 6 files are the same, byte for byte.\n"
    assert (out / NAME).read_bytes() == first
    phased("report", "out", "-o", "else/where.html")
    assert (here / "else" / "where.html").read_bytes() == first


def test_a_new_run_removes_the_old_page_but_no_file_of_somebody_else(out: Path) -> None:
    phased("report", "out")
    phased(*RUN, "--out", "out")
    assert NAME not in contents(out)
    (out / NAME).write_text("<p>mine</p>")
    phased(*RUN, "--out", "out")
    assert contents(out)[NAME] == b"<p>mine</p>"


def test_files_that_differ_or_are_missing_are_named(out: Path) -> None:
    (out / "daily.csv").write_text("date,day\n2024-10-24,0\n")
    (out / "run.svg").unlink()
    done = phased("report", "out")
    assert done.stderr.splitlines() == [
        "warning: out/daily.csv differs from what the manifest records",
        "warning: out/run.svg is missing",
        f"Wrote out/{NAME}",
    ]
    page = read(out / NAME)
    assert "Not as the manifest records: daily.csv differs; run.svg is missing." in page.text
    assert "img" in page.tags, "the PNG stands in for the SVG"


@pytest.mark.parametrize(
    "content", [b"[]", b"{", b'{"cells": 3}', b"\xff\xfe", b"[" * 100_000, b'{"first_passage": {"a": 1}}', b"1"]
)
def test_a_json_file_of_any_shape_makes_a_page(plain: Path, content: bytes) -> None:
    for name in ("summary.json", "evidence.json"):
        (plain / name).write_bytes(content)
    phased("report", "out")
    assert "Teaching model" in read(plain / NAME).text


@pytest.mark.parametrize("content", [b"", b"\xff\x00,\x00", b'"', b"a" * 200_000, b"a,b\n1,2,3\n4\n", b"\n\n"])
def test_a_csv_file_of_any_shape_makes_a_page(plain: Path, content: bytes) -> None:
    (plain / "daily.csv").write_bytes(content)
    phased("report", "out")
    assert "daily.csv" in read(plain / NAME).text


def test_bad_use_writes_nothing(out: Path, here: Path) -> None:
    (here / "empty").mkdir()
    before = contents(here)
    assert "empty holds no manifest.json" in phased("report", "empty", code=2).stderr
    assert "holds no manifest.json" in phased("report", "out/summary.json", code=2).stderr
    assert "does not exist" in phased("report", "nowhere", code=2).stderr
    for taken in ("out/run.svg", "out/manifest.json", "out/../out/summary.json"):
        assert "is a file of the report itself" in phased("report", "out", "-o", taken, code=2).stderr
    assert "is a directory" in phased("report", "out", "-o", "empty", code=2).stderr
    assert contents(here) == before
    (out / "manifest.json").write_text("{}")
    assert phased("report", "out", code=2).stderr.startswith("out/manifest.json:1:1: command: is missing\n")
    assert NAME not in contents(out)


@pytest.mark.usefixtures("plain")
def test_a_disk_that_is_no_disk(here: Path) -> None:
    (here / "file").write_text("")
    assert "cannot write to" in phased("report", "out", "-o", "file/page.html", code=1).stderr
    assert (here / "file").read_text() == ""
