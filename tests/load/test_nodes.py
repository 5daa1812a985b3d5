from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.errors import BadInput, Place
from sim.load.nodes import read, resolved
from sim.load.table import rows


def plain(text: str) -> Any:
    return read(text.encode(), "f").plain()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("off", "off"), ("yes", "yes"), ("on", "on"), ("y", "y"), ("2024-10-24", "2024-10-24"), ("1_000", "1_000"),
        ("1:30", "1:30"), ("-3", -3), ("012", 12), ("0o17", 15), ("0x1F", 31), ("1.", 1.0), (".5", 0.5), ("1e3", 1000.0),
        ("+1.5", 1.5), ("true", True), ("False", False), ("~", None), ("null", None), ("", None), (".inf", math.inf),
        ("-.INF", -math.inf), ("0o8", "0o8"), ("=", "="), ("1e", "1e"), ("9" * 400, math.inf), ("--1", "--1"), ("0b1", "0b1"),
    ],
)  # fmt: skip
def test_plain_scalars_follow_the_core_schema_and_nothing_else(text: str, value: object) -> None:
    assert resolved(text) == value
    assert type(resolved(text)) is type(value)


def test_not_a_number_is_kept_to_be_refused_later() -> None:
    assert math.isnan(plain("a: .nan")["a"])


def test_quoted_scalars_are_text() -> None:
    assert plain("a: \"1\"\nb: 'no'\nc: |\n  true\n") == {"a": "1", "b": "no", "c": "true\n"}


def test_keys_are_text_as_written() -> None:
    assert plain("{1: a, 0.50: b, no: c, 2024-10-24: d, '': e}") == {"1": "a", "0.50": "b", "no": "c", "2024-10-24": "d", "": "e"}


def test_a_merge_key_is_an_ordinary_key() -> None:
    assert plain("<<: {a: 1}") == {"<<": {"a": 1}}


def test_bom_and_crlf() -> None:
    node = read(b"\xef\xbb\xbfa: 1\r\nb:\r\n  c: 2\r\n", "f")
    assert node.plain() == {"a": 1, "b": {"c": 2}}
    assert node.items["b"].node.items["c"].node.place == Place("f", 3, 6)


def test_places() -> None:
    node = read(b"a: 1\nb: [x, {c: 'y'}]\n", "f")
    assert node.items["b"].key == Place("f", 2, 1)
    inner = node.items["b"].node.value
    assert isinstance(inner, list)
    assert inner[1].items["c"].node.place == Place("f", 2, 12)


def test_the_place_of_a_character_in_a_text() -> None:
    node = read(b"a: level >= 3\nb: 'level >= 3'\nc: 'it''s'\nd: >\n  level >= 3\n", "f")
    assert node.items["a"].node.inside(6) == Place("f", 1, 10)
    assert node.items["b"].node.inside(6) == Place("f", 2, 11)
    assert node.items["c"].node.inside(3) == Place("f", 3, 4), "an escape shifts the text, so its beginning must do"
    assert node.items["d"].node.inside(6).line == 4


def test_the_columns_of_a_setting_are_counted_in_the_whole_argument() -> None:
    assert read(b"3\n", "--set #1", 10).place == Place("--set #1", 1, 11)


def test_all_duplicate_keys_are_reported_at_once() -> None:
    with pytest.raises(BadInput) as caught:
        read(b"a: 1\nb: {c: 1, c: 2}\na: 3\n", "f")
    assert [problem.field for problem in caught.value.problems] == ["b.c", "a"]


def test_thirty_levels_are_enough() -> None:
    assert plain("[" * 30 + "]" * 30)
    with pytest.raises(BadInput):
        plain("[" * 31 + "]" * 31)


_YAMLISH = st.text(st.sampled_from(list("ab1:-?[]{}&*!|>'\"%@`#,.~\\ \t\n\r=é\u2028\ufeff\x00\x07")), max_size=60)


@settings(max_examples=400, deadline=None)
@given(st.one_of(_YAMLISH.map(str.encode), st.binary(max_size=60), st.text(max_size=60).map(str.encode)))
def test_arbitrary_bytes_are_read_or_refused(raw: bytes) -> None:
    try:
        read(raw, "f")
    except BadInput as error:
        for problem in error.problems:
            assert min(problem.place.line, problem.place.column) >= 1
            assert "\n" not in problem.message
            assert "cannot be read as YAML" not in problem.message, "every complaint of the parser has plain words"


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=60), st.text(st.sampled_from(list('date,value\n2014-0"\r.')), max_size=80).map(str.encode)))
def test_arbitrary_tables_are_read_or_refused(raw: bytes) -> None:
    with suppress(BadInput):
        rows(b"date,value\n" + raw, "f.csv", "date", "value", (0.0, 4.0))
