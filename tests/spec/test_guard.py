"""The guard language: what parses, how it binds, and where each mistake stands."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.spec.guard import (
    And,
    Binary,
    Call,
    Compare,
    Constant,
    GuardError,
    Negative,
    Node,
    Not,
    Or,
    Ref,
    check_units,
    names,
    parse,
)

OPERATORS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne}


def bare(node: Node) -> object:
    """The tree without offsets, as nested tuples."""
    match node:
        case Constant(value):
            return value
        case Ref(name):
            return name
        case Negative(operand):
            return ("-", bare(operand))
        case Binary(sign, left, right):
            return (sign, bare(left), bare(right))
        case Call(function, arguments):
            return (function, *map(bare, arguments))
        case Compare(operands, operators):
            return ("?", *map(bare, operands), *operators)
        case Not(operand):
            return ("not", bare(operand))
        case And(operands):
            return ("and", *map(bare, operands))
        case Or(operands):
            return ("or", *map(bare, operands))
    raise TypeError(node)


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("a >= 3", ("?", "a", 3.0, ">=")),
        ("a>=3", ("?", "a", 3.0, ">=")),
        ("a < b <= c", ("?", "a", "b", "c", "<", "<=")),
        ("1 < a < 2 < b", ("?", 1.0, "a", 2.0, "b", "<", "<", "<")),
        ("a > 1 or b > 1 and c > 1", ("or", ("?", "a", 1.0, ">"), ("and", ("?", "b", 1.0, ">"), ("?", "c", 1.0, ">")))),
        ("(a > 1 or b > 1) and c > 1", ("and", ("or", ("?", "a", 1.0, ">"), ("?", "b", 1.0, ">")), ("?", "c", 1.0, ">"))),
        ("not a > 1 and b > 1", ("and", ("not", ("?", "a", 1.0, ">")), ("?", "b", 1.0, ">"))),
        ("not (a > 1 and b > 1)", ("not", ("and", ("?", "a", 1.0, ">"), ("?", "b", 1.0, ">")))),
        ("not not a > 1", ("not", ("not", ("?", "a", 1.0, ">")))),
        ("a + b * c > 1", ("?", ("+", "a", ("*", "b", "c")), 1.0, ">")),
        ("(a + b) * c > 1", ("?", ("*", ("+", "a", "b"), "c"), 1.0, ">")),
        ("a - b - c > 1", ("?", ("-", ("-", "a", "b"), "c"), 1.0, ">")),
        ("a / b / c > 1", ("?", ("/", ("/", "a", "b"), "c"), 1.0, ">")),
        ("-a * b > -1", ("?", ("*", ("-", "a"), "b"), ("-", 1.0), ">")),
        ("a - -b > 1", ("?", ("-", "a", ("-", "b")), 1.0, ">")),
        ("a == 1 != b", ("?", "a", 1.0, "b", "==", "!=")),
        ("max(a, b + 1) > min(1, 2, 3)", ("?", ("max", "a", ("+", "b", 1.0)), ("min", 1.0, 2.0, 3.0), ">")),
        ("median(a, b, c) >= d", ("?", ("median", "a", "b", "c"), "d", ">=")),
        ("abs(a - b) > .5", ("?", ("abs", ("-", "a", "b")), 0.5, ">")),
        ("days_in_phase >= 1e2", ("?", "days_in_phase", 100.0, ">=")),
        ("\n a >\t3. ", ("?", "a", 3.0, ">")),
        ("android > 1 and nothing > 2", ("and", ("?", "android", 1.0, ">"), ("?", "nothing", 2.0, ">"))),
    ],
)
def test_precedence(text: str, tree: object) -> None:
    assert bare(parse(text)) == tree


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", 0, "is empty"),
        ("  ", 0, "is empty"),
        ("a", 0, "a bare number is no condition"),
        ("3", 0, "a bare number is no condition"),
        ("a > 1 and b", 10, "a bare number is no condition"),
        ("not a", 4, "a bare number is no condition"),
        ("(a > 1) + 1 > 2", 1, "a comparison cannot stand inside arithmetic"),
        ("max(a > 1, 2) > 1", 4, "a comparison cannot stand inside arithmetic"),
        ("(a > 1) > 0", 1, "a comparison cannot stand inside arithmetic"),
        ("a = 3", 2, "use =="),
        ("a > 1 & b > 1", 6, "use and"),
        ("a > 1 | b > 1", 6, "use or"),
        ("!a", 0, "use not"),
        ("a >", 3, "ends too early"),
        ("a > 1 )", 6, "expected an operator or the end"),
        ("(a > 1", 6, "a closing ) is missing"),
        ("a > 1 b > 1", 6, "expected an operator or the end"),
        ("a > 'x'", 4, "cannot read"),
        ("a.b > 1", 1, "cannot read"),
        ("a[0] > 1", 1, "cannot read"),
        ("a > 3x", 4, "cannot read"),
        ("a ** 2 > 1", 3, "expected a number or a name"),
        ("lambda: 1", 6, "cannot read"),
        ("__import__(1) > 1", 0, "cannot be called"),
        ("sum(a, b) > 1", 0, "the only functions are min, max, median, abs"),
        ("min > 1", 0, "min needs its arguments in parentheses"),
        ("min(a) > 1", 0, "at least two arguments"),
        ("abs(a, b) > 1", 0, "one argument"),
        ("min() > 1", 4, "expected a number or a name"),
        ("a > 1e999", 4, "too large"),
        ("a > and", 4, "expected a number or a name"),
        ("a > 1 and or b > 1", 10, "expected a number or a name"),
    ],
)
def test_mistakes_stand_at_their_offset(text: str, at: int, message: str) -> None:
    with pytest.raises(GuardError) as caught:
        parse(text)
    assert message in str(caught.value)
    assert caught.value.at == at


@pytest.mark.parametrize(
    "text", ["(" * 60 + "a > 1" + ")" * 60, "not " * 60 + "a > 1", "-" * 60 + "a > 1", "a > 1 " + "or a > 1 " * 400]
)
def test_depth_and_length_are_bounded(text: str) -> None:
    with pytest.raises(GuardError, match=r"nested deeper|longer than"):
        parse(text)


@given(st.text(alphabet="ab13 <>=!()+-*/,.andorti", max_size=30))
def test_any_text_is_parsed_or_refused_at_a_place_in_it(text: str) -> None:
    try:
        node = parse(text)
    except GuardError as error:
        assert 0 <= error.at <= len(text)  # noqa: PT017 - most texts are refused, some are not
    else:
        assert isinstance(node, Compare | Not | And | Or)


def test_names_come_once_in_the_order_of_the_text() -> None:
    assert names(parse("b > a and max(b, c) > days_in_phase")) == ("b", "a", "c", "days_in_phase")


UNITS = {"level": "rung", "front": "rung", "troops": "troops", "share": None, "days_in_phase": "days"}


@pytest.mark.parametrize(
    "text",
    [
        "level >= front",
        "level >= 3",
        "troops > 3000 and level > 2",
        "level - front > 1",
        "level * 2 > front",
        "share * level > front",
        "troops / 2 > troops",
        "level / front > share",
        "level / front > 0.5",
        "min(level, 3) > front",
        "abs(level - front) > 1",
        "days_in_phase > 7",
        "-level < front",
    ],
)
def test_units_that_fit(text: str) -> None:
    assert check_units(parse(text), UNITS) == []


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("level > troops", 0, "a comparison needs equal units, got rung and troops"),
        ("1 > 0 and level + troops > 1", 10, "+ needs equal units, got rung and troops"),
        ("max(level, troops) > 1", 0, "max needs equal units"),
        ("level * troops > 1", 0, "* needs a bare number on one side, got rung and troops"),
        ("level / troops > 1", 0, "/ needs a bare number on one side"),
        ("level > share", 0, "a comparison needs equal units, got rung and a bare number"),
        ("level / front > level", 0, "got a bare number and rung"),
        ("days_in_phase > level", 0, "got days and rung"),
        ("levl > 3", 0, "unknown signpost or threshold 'levl'; did you mean 'level'?"),
    ],
)
def test_units_that_do_not_fit(text: str, at: int, message: str) -> None:
    (error,) = check_units(parse(text), UNITS)
    assert message in str(error)
    assert error.at == at


def test_every_mistake_of_units_is_found() -> None:
    found = check_units(parse("levl > 3 and level > troops and frnt < 2"), UNITS)
    assert [error.at for error in found] == [0, 13, 32]
    assert [error.at for error in check_units(parse("levl > 3 and frnt < 2"), UNITS, frozenset({"levl"}))] == [13]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("x => 3", "use >="),
        ("x ≥ 3", "use >="),
        ("x > 1 AND y > 2", "write and"),
        ("x > 14 days", "units are not written in guards"),
        ("x = 3", "use == to compare"),
    ],
)
def test_what_was_meant_is_said(text: str, hint: str) -> None:
    with pytest.raises(GuardError, match=hint):
        parse(text)
