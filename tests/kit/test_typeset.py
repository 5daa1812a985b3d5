from __future__ import annotations

import sys
import time

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import MissingExtra, WorkFailed
from sim.kit import typeset as module
from sim.kit.typeset import pdf, typeset
from tests.kit.made import letters, pages

BRIEFING = {
    "title": "A title",
    "heading": "Role briefing",
    "framing": "Teaching model.",
    "moves": 3,
    "roles": [{"label": "Cabinet", "briefing": "You decide.", "sources": []}],
}


def briefing(text: str, **more: object) -> dict[str, object]:
    return {**BRIEFING, "roles": [{"label": "Cabinet", "briefing": text, "sources": []}], **more}


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(max_codepoint=0x17F, exclude_categories=("C",)), max_size=200))
def test_no_text_is_markup(text: str) -> None:
    """Whatever stands in a file, the very letters stand on the page."""
    assert letters(text) in letters(" ".join(pages(pdf("briefings", briefing(text)))))


def test_markup_stays_as_it_was_written() -> None:
    text = '#panic("no") *stars* _under_ $x^2$ = no heading @label <a> `code` // comment \\ #import "look.typ" [x] -- "quoted"'
    (page,) = pages(pdf("briefings", briefing(text)))
    assert letters(text) in letters(page)
    for mark in ("#panic(", "*stars*", "_under_", "$x^2$", "@label", "<a>", "`code`", "// comment", "[x]"):
        assert mark in page


def test_same_bytes_and_no_date() -> None:
    first = pdf("briefings", BRIEFING)
    time.sleep(1.1)
    assert pdf("briefings", BRIEFING) == first
    with pypdfium2.PdfDocument(first) as document:
        told = document.get_metadata_dict()
        assert told["Title"] == "Role briefing: A title"
        assert told["CreationDate"] == told["ModDate"] == ""
        assert [each.get_title() for each in document.get_toc()] == ["Cabinet", "Notes"]


def test_tagged_for_screen_readers() -> None:
    made = pdf("briefings", briefing("You decide.", language="ko"))
    assert b"/StructTreeRoot" in made
    assert b"/Lang(ko)" in made.replace(b" ", b"")
    assert b"pdfuaid" in made


def test_a_long_word_breaks_and_stays_on_the_page() -> None:
    word = "abcdefghij" * 40
    made = pdf("briefings", briefing(word))
    assert letters(word) in letters(" ".join(pages(made)))


def test_a_character_that_no_font_has_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_system_fonts", module._bundled_fonts)
    found = typeset("briefings", briefing("한국 and more"))
    assert found.missing == "한국"
    assert "and more" in pages(found.pdf)[0]
    assert typeset("briefings", BRIEFING).missing == ""


def test_other_mistakes_are_not_taken_for_missing_characters() -> None:
    with pytest.raises(WorkFailed, match="typst could not set briefings"):
        pdf("briefings", {"title": "no roles"})


def test_without_typst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtra, match=r"phased\[kit\]"):
        pdf("briefings", BRIEFING)


def test_no_template_reaches_out() -> None:
    """No package, no file besides the look that all share."""
    for path in sorted(module.TEMPLATES.glob("*.typ")):
        imports = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#import")]
        assert imports == ([] if path.name == "look.typ" else ['#import "look.typ": *']), path
        assert "read(" not in path.read_text("utf-8")
        assert "http" not in path.read_text("utf-8")
