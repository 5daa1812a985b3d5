"""The pieces of a page, each by itself."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.pages import File, Report, generic, is_page, page
from sim.pages.caveats import caveats
from sim.pages.figures import BUDGET, LARGEST, _heading, figures
from sim.pages.html import breakable, el, link, serialised
from sim.pages.svg import drawing
from sim.pages.tables import MOST_ROWS, Ids, of_csv, table
from sim.pages.words import brief, human, number, shorter, size

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10">{}</svg>'
PNG = b"\x89PNG\r\n\x1a\n"


class Seen(HTMLParser):
    """Elements and words as a browser's parser would see them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def report(**files: bytes) -> Report:
    found = tuple(File(name.replace("__", "."), "as recorded", "0" * 64, len(raw), raw) for name, raw in files.items())
    return Report("phased run x", 1, {"phased": "1"}, {"x.yaml": "0" * 64}, found, "1")


# text ---------------------------------------------------------------------------------------------------------------------------


@given(st.text())
def test_no_text_becomes_markup(text: str) -> None:
    seen = Seen(serialised(el("p", text, el("b", text), text, title=text)))
    assert seen.tags == ["p", "b"]
    odd = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
    assert "".join(seen.words) == re.sub(odd, "\ufffd", text) * 3


@given(st.text(alphabet="ab._/ -", max_size=60))
def test_breaks_change_no_letter(path: str) -> None:
    made = breakable(path)
    assert ("".join(made.itertext()) if isinstance(made, ET.Element) else made) == path


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "data:text/html,x", "//a.test", "https://", "x.html", "", None, " https://a.test"]
)
def test_only_addresses_of_the_web_are_links(address: str | None) -> None:
    assert link("there", address) == "there"
    made = link("there", "https://a.test/x?a=1&b=2")
    assert isinstance(made, ET.Element)
    assert made.get("href") == "https://a.test/x?a=1&b=2"


def test_words() -> None:
    assert [human(each) for each in ("first_passage", "thresholds.a.value", "Has capitals", "")] == [
        "First passage",
        "thresholds.a.value",
        "Has capitals",
        "",
    ]
    assert [number(each) for each in (3, 3.0, 0.123456, 12345.678, -0.5, 1e-9)] == [
        "3",
        "3",
        "0.1235",
        "12,345.7",
        "-0.5",
        "1e-09",
    ]
    assert [brief(each) for each in (None, True, [1, 2], list(range(9)), {"a_b": 1}, [{"a": 1}, {"a": 2}], [])] == [
        *("–", "yes", "1, 2", "9 values", "A b: 1", "A: 1 · A: 2", "–")
    ]
    assert brief({"share": 0.25, "interval": [0.2, 0.3], "count": 5}) == "25.0% (20.0–30.0)"
    assert brief({"mean": 2.04, "se": 0.1, "runs": 3}) == "2.0 ± 0.1"
    assert [shorter(each) for each in ("0.9509460448922", "0.95", "2024-10-24", "1234567890123")] == [
        *("0.950946", "0.95", "2024-10-24", "1234567890123")
    ]
    assert [size(each) for each in (9, 1_500, 25_000, 1_800_000)] == ["9 bytes", "1.5 kB", "25 kB", "1.8 MB"]


# tables -------------------------------------------------------------------------------------------------------------------------


def test_a_table_can_be_followed_by_ear() -> None:
    ids = Ids()
    made = table(ids, "Caption", ("Name", "Value"), [("a", "1"), ("b", "–")], anchors=("here", None))
    other = table(ids, "Other", ("Name",), [])
    assert made.get("aria-labelledby") != other.get("aria-labelledby")
    caption = made.find(".//caption/div")
    assert caption is not None
    assert caption.get("id") == made.get("aria-labelledby")
    assert (made.get("role"), made.get("tabindex")) == ("region", "0")
    assert [each.get("scope") for each in made.iter("th")] == ["col", "col", "row", "row"]
    assert [each.get("id") for each in made.findall(".//tbody/tr")] == ["here", None]
    assert [each.get("class") for each in made.iter("td")] == ["number", "number"]


def test_a_long_csv_is_cut_and_says_so() -> None:
    raw = b"run,level\n" + b"".join(b"%d,0.123456789012\n" % index for index in range(1_234))
    made = of_csv(Ids(), "runs.csv", raw, 5)
    assert made is not None
    assert "The first 5 of 1,234 rows" in "".join(made.itertext())
    assert len(made.findall(".//tbody/tr")) == 5
    assert made.findall(".//tbody/tr")[0][1].text == "0.123457"
    short = of_csv(Ids(), "a.csv", b"a,b\n1,2,3\n4\n", 5)
    assert short is not None
    assert [[cell.text for cell in row] for row in short.findall(".//tbody/tr")] == [["1", "2"], ["4", "–"]]
    assert of_csv(Ids(), "a.csv", b"", 5) is None


def test_a_long_table_is_cut_unless_it_is_wanted_whole() -> None:
    rows = [(f"row {index}", str(index)) for index in range(MOST_ROWS + 5)]
    cut = table(Ids(), "Caption", ("Name", "Value"), rows)
    assert len(cut.findall(".//tbody/tr")) == MOST_ROWS
    assert f"The first {MOST_ROWS} of {MOST_ROWS + 5}" in "".join(cut.itertext())
    assert len(table(Ids(), "Caption", ("Name", "Value"), rows, whole=True).findall(".//tbody/tr")) == len(rows)


_scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
_json = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4)
)


@given(_json)
def test_any_json_becomes_tables(value: Any) -> None:
    ids = Ids()
    made = list(generic.tables(ids, value, "Any"))
    assert made
    for each in made:
        widths = {len(row) for row in each.iter("tr")}
        assert len(widths) <= 1
    found = [each.get("id") for part in made for each in part.iter() if each.get("id")]
    assert len(set(found)) == len(found)


def test_records_are_rows_and_their_words_are_sentences() -> None:
    made = list(generic.tables(Ids(), {"n": 2, "parts": [{"name": "a", "x": 1}, {"name": "b", "y": [1, 2]}]}, "Doc"))
    assert ["".join(each.itertext()) for each in made] == ["DocWhatValueN2", "Doc · PartsNameXYa1–b–1, 2"]
    told = list(
        generic.tables(
            Ids(), [{"scenario": "s", "text": "One thing."}, {"scenario": "t", "text": ["And two.", "Three things."]}], "C"
        )
    )
    assert ["".join(each.itertext()) for each in told] == ["C · s", "One thing.", "C · t", "And two.Three things."]


# charts -------------------------------------------------------------------------------------------------------------------------


def drawn(inner: str) -> str:
    made = drawing(SVG.format(inner).encode(), "c1")
    assert made is not None
    return serialised(made.svg)


def test_a_drawing_keeps_what_is_drawn_and_has_ids_of_its_own() -> None:
    text = drawn(
        '<title>T</title><defs><path id="m" d="M 0.123456 1 \nL 2 3"/><clipPath id="p"><rect/></clipPath></defs>'
        '<g id="unused" clip-path="url(#p)"><use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="#m" x="1.98765"/></g>'
        '<text style="font-size: 7px; fill: #123456; position: fixed">a &lt;b&gt; <tspan>c</tspan> d</text>'
    )
    assert 'id="c1-m" d="M0.12 1L2 3"' in text
    assert 'clip-path="url(#c1-p)"' in text
    assert 'href="#c1-m"' in text
    assert 'x="1.99"' in text
    assert "unused" not in text
    assert 'style="font-size:7px;fill:#123456"' in text
    assert "a &lt;b&gt; <tspan>c</tspan> d" in text


@pytest.mark.parametrize(
    "inner",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<foreignObject><p/></foreignObject>",
        '<a href="https://a.test"><rect/></a>',
        '<rect onclick="x"/>',
        '<image href="https://a.test/x.png"/>',
        '<image href="data:image/svg+xml;base64,AAAA"/>',
        '<use href="https://a.test/x#y"/>',
        '<rect style="fill: url(https://a.test/x)"/>',
        '<rect fill="url( https://a.test/x )"/>',
        '<rect style="fill: u\\72l(https://a.test)"/>',
        '<rect style="background: red"/>',
        '<set attributeName="href" to="javascript:x"/><animate/>',
        '<x:script xmlns:x="http://www.w3.org/1999/xhtml">x</x:script>',
    ],
)
def test_a_drawing_asks_for_nothing_and_runs_nothing(inner: str) -> None:
    text = drawn(inner)
    assert not re.search(
        r"script|style=\"[^\"]*url|https|onclick|foreignObject|<a |svg\+xml|<set|animate|72l|background|>x<", text
    )


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"<svg",
        b"<html/>",
        b"\xff\xfe",
        b'<?xml version="1.0" encoding="nonsense"?><svg/>',
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan 1"/>',
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        SVG.format("<g>" * 2_000 + "</g>" * 2_000).encode(),
    ],
)
def test_what_is_no_drawing_is_none(raw: bytes) -> None:
    assert drawing(raw, "c1") is None


def test_overlarge_drawings_stand_as_pictures() -> None:
    large = SVG.format('<title>Large</title><path d="' + "M1 1" * (LARGEST // 4) + '"/>').encode()
    found = figures(
        report(big__svg=large, big__png=PNG + b"x", small__svg=SVG.format("").encode(), alone__png=PNG, no__png=b"GIF")
    )
    assert [(each.heading, each.is_picture) for each in found] == [("Big", True), ("Small", False), ("Alone", True)]
    text = page(report(big__svg=large, big__png=PNG + b"x"))
    assert f'src="data:image/png;base64,{base64.b64encode(PNG + b"x").decode()}" alt="Large"' in text
    half = SVG.format('<path d="' + "M1 1" * (LARGEST // 5) + '"/>').encode()
    names = {f"chart{index}__{form}": raw for index in range(6) for form, raw in (("svg", half), ("png", PNG))}
    several = figures(report(**names))
    assert sum(each.size for each in several) <= BUDGET
    assert 0 < sum(each.is_picture for each in several) < 6


# the whole ----------------------------------------------------------------------------------------------------------------------


def test_a_report_of_nothing_known_is_a_page() -> None:
    text = page(report(a__json=b"{}", b__csv=b"a\n1\n", c__bin=b"x"))
    assert is_page(text[:2_000].encode())
    assert not is_page(b"<p>mine</p>")
    assert text.startswith(
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy"'
    )
    assert "A report of phased" in text


def test_caveats_follow_from_the_files() -> None:
    passage = {"never": 5, "over_readings": [0.1, 0.9]}
    cell = {"scenario": "s", "policy": "p", "runs": 10, "single_path": False, "start": "2024-10-24", "days": 10}
    cell |= {"quantiles_over_runs": 4, "first_passage": {"up_high": passage}}
    number_ = {"path": "x", "facts": ["H1"]}
    rests = {
        "pairs": [{"reactive": True, "evidence": {"assumed": 3, "numbers": 4}}],
        "files": [{"ledgers": ["late"], "numbers": [number_]}],
        "facts": [{"ledger": "late", "id": "H1", "hindsight": True}],
    }
    told = dict(caveats({"summary.json": cell, "evidence.json": rests}))
    assert told["What is assumed"].startswith("3 of 4 numbers are assumed:")
    assert told["Hindsight"].startswith("1 number cites facts")
    assert "over 10 runs" in told["What sampling says"]
    assert "the first 4 runs" in told["Bands of signposts"]
    assert "Up high (p on s): 10% to 90%" in told["Rival readings"]
    assert "Runs end on 2024-11-02" in told["What lies after the end"]
    assert "in up to 50% of runs" in told["What lies after the end"]
    assert "The world answers" in told
    alone = dict(caveats({"summary.json": {**cell, "single_path": True}}))
    assert "One path" in alone
    assert "What sampling says" not in alone


def test_what_other_commands_write_is_told_with_its_sampling() -> None:
    told = dict(caveats({"quality.json": {"runs": 300, "interval_level": 0.95, "single_path": False}}))
    assert "over 300 runs" in told["What sampling says"]
    assert "What sampling says" not in dict(caveats({"findings.json": {"findings": []}}))


def test_what_comes_of_cases_is_told_of_cases_and_not_of_runs() -> None:
    of_all = {"cases": 300, "runs": 30_000, "replications": 50, "noisy": True, "interval_level": 0.95}
    boxes = dict(caveats({"discover.json": of_all | {"boxes": [{}]}}))
    assert "Wilson intervals over 300 fresh cases" in boxes["What sampling says"]
    assert "a share of cases" in boxes["What a share of cases says"]
    indices = dict(caveats({"sensitivity.json": of_all | {"samples": 64}}))
    assert "bootstrap intervals over 64 samples (300 cases)" in indices["What sampling says"]
    assert "these 50 replications" in indices["What sampling says"]
    drawn, grid = (dict(caveats({"design.json": of_all | {"design": kind}})) for kind in ("lhs", "grid"))
    assert "300 cases with 50 replications each" in drawn["What sampling says"]
    assert "do not follow the distributions" in grid["What a share of cases says"]
    assert "no more than these distributions say" in drawn["What a share of cases says"]
    for each in (boxes, indices, drawn, grid):
        assert "More runs" not in " ".join(each.values())
        assert "30,000" not in " ".join(each.values())
    assert "What sampling says" not in dict(caveats({"discover.json": of_all | {"boxes": []}}))


def test_a_world_that_answers_to_one_policy_or_to_two() -> None:
    one, other = ({"reactive": True, "policy": name, "evidence": {"assumed": 3, "numbers": 4}} for name in "ab")
    assert "two policies" not in dict(caveats({"evidence.json": {"pairs": [one, one]}}))["The world answers"]
    assert "two policies" in dict(caveats({"evidence.json": {"pairs": [one, other]}}))["The world answers"]


def test_charts_of_a_measure_are_headed_by_what_they_show() -> None:
    assert [_heading(stem) for stem in ("run", "indices-defensive_weapons.first", "of_my_own")] == [
        "What was seen, and the phases",
        "Sobol' indices: defensive_weapons.first",
        "Of my own",
    ]
