"""The guard language: what parses, how it binds, and where each mistake stands."""

from __future__ import annotations

import operator
import re

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
    children,
    constants,
    names,
    parse,
    refs,
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
        ("+a - +b > -+1", ("?", ("-", "a", "b"), ("-", 1.0), ">")),
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


@pytest.mark.parametrize(
    ("opening", "inner", "closing"),
    [("(", "a", ")"), ("-", "a", ""), ("max(b, ", "a", ")")],
    ids=["parentheses", "minus", "calls"],
)
def test_fifty_deep_is_read_and_no_deeper(opening: str, inner: str, closing: str) -> None:
    parse(opening * 50 + inner + closing * 50 + " > 1")
    with pytest.raises(GuardError, match=r"^is nested deeper than 50$") as caught:
        parse(opening * 51 + inner + closing * 51 + " > 1")
    assert caught.value.at == len(opening) * 50 + len(opening.rstrip("b, "))  # after the one that is too much
    parse("not " * 50 + "a > 1")
    with pytest.raises(GuardError, match="deeper"):
        parse("not " * 51 + "a > 1")


@pytest.mark.parametrize("part", ["(a) > 1", "not a > 1", "-a > 1", "max(a, b) > 1", "(a > 1)"])
def test_many_side_by_side_are_not_deep(part: str) -> None:
    assert bare(parse(" or ".join([part] * 60))) == ("or", *[bare(parse(part))] * 60)


@pytest.mark.parametrize("part", ["(a > 1)", "not a > 1", "-a > 1", "max(a, b) > 1"])
def test_a_part_that_has_ended_no_longer_counts_but_those_around_it_do(part: str) -> None:
    def text(deep: int) -> str:
        return "(" * 25 + part + " and " + "(" * (deep - 25) + "a > 1" + ")" * deep

    assert bare(parse(text(50))) == ("and", bare(parse(part)), ("?", "a", 1.0, ">"))
    with pytest.raises(GuardError, match=r"^is nested deeper than 50$"):
        parse(text(51))


def test_two_thousand_characters_are_read_and_no_more() -> None:
    assert bare(parse("a > 1".ljust(2000))) == ("?", "a", 1.0, ">")
    with pytest.raises(GuardError, match=r"^is longer than 2,000 characters$") as caught:
        parse("a > 1".ljust(2001))
    assert caught.value.at == 0


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


def test_every_number_and_every_name_of_a_guard_is_found_in_the_order_of_the_text() -> None:
    tree = parse("not (a > 1 or b / 2 < -3) and max(a, 4, abs(c - 5)) >= 6 != d")
    assert [(each.value, each.at) for each in constants(tree)] == [(1, 9), (2, 18), (3, 23), (4, 37), (5, 48), (6, 55)]
    assert [(each.name, each.at) for each in refs(tree)] == [("a", 5), ("b", 14), ("a", 34), ("c", 44), ("d", 60)]
    assert names(tree) == ("a", "b", "c", "d")
    assert [*constants(parse("a > b"))] == []


@given(
    st.recursive(
        st.sampled_from(["a", "b", "1", "2.5"]),
        lambda inner: st.tuples(st.sampled_from(["({} + {})", "min({}, {})", "(-{} * {})", "(abs({}) / {})"]), inner, inner).map(
            lambda made: made[0].format(*made[1:])
        ),
        max_leaves=8,
    )
)
def test_numbers_and_names_are_the_words_of_the_text(amount: str) -> None:
    """Against the text itself, cut into words."""
    tree = parse(f"{amount} > 7 or not {amount} != a")
    words = re.findall(r"[ab]\b|[0-9.]+", re.sub(r"min|abs", "", f"{amount} 7 {amount} a"))
    assert [each.value for each in constants(tree)] == [float(each) for each in words if each not in "ab"]
    assert [each.name for each in refs(tree)] == [each for each in words if each in "ab"]


def test_every_node_knows_its_place() -> None:
    tree = parse(" -a + max(b, 2) > 1 and not c * 3 < 4 or d == 5")

    def places(node: Node) -> list[tuple[str, int]]:
        return [(type(node).__name__, node.at), *(each for child in children(node) for each in places(child))]

    assert places(tree) == [
        ("Or", 1),
        ("And", 1),
        ("Compare", 1),
        ("Binary", 1),
        ("Negative", 1),
        ("Ref", 2),
        ("Call", 6),
        ("Ref", 10),
        ("Constant", 13),
        ("Constant", 18),
        ("Not", 24),
        ("Compare", 28),
        ("Binary", 28),
        ("Ref", 28),
        ("Constant", 32),
        ("Constant", 36),
        ("Compare", 41),
        ("Ref", 41),
        ("Constant", 46),
    ]


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
        "level * share > front",
        "2 * 3 > level",
        "2 / 3 > share",
        "1 / level > share / front",
        "level / 2 / front > share",
        "min(1, 2) > level",
        "share > 1 > 2",
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
        ("-level > troops", 0, "a comparison needs equal units, got rung and troops"),
        ("min(level, 3) > troops", 0, "a comparison needs equal units, got rung and troops"),
        ("abs(level) > troops", 0, "a comparison needs equal units, got rung and troops"),
        ("level + 1 > troops", 0, "a comparison needs equal units, got rung and troops"),
        ("2 * share > level", 0, "a comparison needs equal units, got a bare number and rung"),
        ("1 / level > level", 0, "a comparison needs equal units, got 1/rung and rung"),
        ("share / level > level", 0, "a comparison needs equal units, got 1/rung and rung"),
        ("1 / troops * level > 3", 0, "* needs a bare number on one side, got 1/troops and rung"),
        ("not level > troops", 4, "a comparison needs equal units, got rung and troops"),
        ("level > front > troops", 0, "a comparison needs equal units, got rung and troops"),
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
    ("text", "at", "message"),
    [
        (" ", 0, "is empty; write a condition, such as level >= 3"),
        ("a", 0, "a bare number is no condition; compare it, such as level >= 3"),
        ("(a > 1) + 1 > 2", 1, "a comparison cannot stand inside arithmetic"),
        ("x => 3", 2, "cannot read '=> 3'; use >="),
        ("x =< 3", 2, "cannot read '=< 3'; use <="),
        ("x ≥ 3", 2, "cannot read '≥ 3'; use >="),
        ("x ≤ 3", 2, "cannot read '≤ 3'; use <="),
        ("x ≠ 3", 2, "cannot read '≠ 3'; use !="),
        ("x = 3", 2, "cannot read '= 3'; use == to compare"),
        ("a > 1 & b > 1", 6, "cannot read '& b > 1'; use and"),
        ("a > 1 | b > 1", 6, "cannot read '| b > 1'; use or"),
        ("!a", 0, "cannot read '!a'; use not"),
        ("x >  @ abcdefghijklmnopqrst", 5, "cannot read '@ abcdefghij'"),
        ("a >", 3, "ends too early: a name is missing"),
        ("a ** 2 > 1", 3, "expected a number or a name, got '*'"),
        ("a > or", 4, "expected a number or a name, got 'or'"),
        ("a > not", 4, "expected a number or a name, got 'not'"),
        ("(a > 1", 6, "a closing ) is missing"),
        ("max(a, b > 1", 7, "a comparison cannot stand inside arithmetic"),
        ("1 > max(a, b", 12, "a closing ) is missing"),
        ("sum(a, b) > 1", 0, "sum cannot be called; the only functions are min, max, median, abs"),
        ("min > 1", 0, "min needs its arguments in parentheses"),
        ("1 > median(a)", 4, "median needs at least two arguments, got 1"),
        ("1 > abs(a, b, 2)", 4, "abs needs one argument, got 3"),
        ("a > 1e999", 4, "1e999 is too large"),
        ("x > 1 AND y > 2", 6, "expected an operator or the end, got 'AND'; write and"),
        ("x > 1 Or y > 2", 6, "expected an operator or the end, got 'Or'; write or"),
        ("x > 1 NOT y > 2", 6, "expected an operator or the end, got 'NOT'; write not"),
        ("x > 14 days", 7, "expected an operator or the end, got 'days'; units are not written in guards"),
        ("x > 1 week", 6, "expected an operator or the end, got 'week'; units are not written in guards"),
        ("x > 2 per week", 6, "expected an operator or the end, got 'per'; units are not written in guards"),
        ("x > 2 apples", 6, "expected an operator or the end, got 'apples'"),
        ("x > 2 dayX", 6, "expected an operator or the end, got 'dayX'"),
    ],
)
def test_what_is_wrong_and_what_was_meant_is_said(text: str, at: int, message: str) -> None:
    """Word for word: whoever writes a file reads it."""
    with pytest.raises(GuardError) as caught:
        parse(text)
    assert (caught.value.at, str(caught.value)) == (at, message)
