"""The guard language (design §2.3): conditions over signposts and thresholds. Nothing else parses."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NoReturn

from sim.errors import PhasedError, quote, unknown_name

FUNCTIONS = ("min", "max", "median", "abs")
DAYS_IN_PHASE = "days_in_phase"
RESERVED = ("and", "or", "not", *FUNCTIONS, DAYS_IN_PHASE)
MAX_LENGTH = 2_000
MAX_DEPTH = 50

Comparison = Literal["<", "<=", ">", ">=", "==", "!="]


class GuardError(PhasedError):
    """A guard that is no guard. `at` is the offset of the mistake in the text."""

    def __init__(self, message: str, at: int) -> None:
        super().__init__(message)
        self.at = at


@dataclass(frozen=True)
class Constant:
    value: float
    at: int = 0


@dataclass(frozen=True)
class Ref:
    """A signpost, a threshold or `days_in_phase`."""

    name: str
    at: int = 0


@dataclass(frozen=True)
class Negative:
    operand: Arithmetic
    at: int = 0


@dataclass(frozen=True)
class Binary:
    operator: Literal["+", "-", "*", "/"]
    left: Arithmetic
    right: Arithmetic
    at: int = 0


@dataclass(frozen=True)
class Call:
    function: str
    arguments: tuple[Arithmetic, ...]
    at: int = 0


@dataclass(frozen=True)
class Compare:
    """`a < b <= c`: true where every neighbouring pair compares so and nothing in it divides by zero."""

    operands: tuple[Arithmetic, ...]
    operators: tuple[Comparison, ...]
    at: int = 0


@dataclass(frozen=True)
class Not:
    operand: Condition
    at: int = 0


@dataclass(frozen=True)
class And:
    operands: tuple[Condition, ...]
    at: int = 0


@dataclass(frozen=True)
class Or:
    operands: tuple[Condition, ...]
    at: int = 0


Arithmetic = Constant | Ref | Negative | Binary | Call
Condition = Compare | Not | And | Or
Node = Arithmetic | Condition

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?![\w.]))"
    r"|(?P<name>[A-Za-z_]\w*)"
    r"|(?P<op><=|>=|==|!=|[<>+\-*/(),]))",
    re.ASCII,
)
_HINTS = {
    "=>": "; use >=",
    "=<": "; use <=",
    "≥": "; use >=",
    "≤": "; use <=",
    "≠": "; use !=",
    "=": "; use == to compare",
    "&": "; use and",
    "|": "; use or",
    "!": "; use not",
}


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    at = 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            hint = _HINTS.get(text[start : start + 2]) or _HINTS.get(text[start], "")
            raise GuardError(f"cannot read {quote(text[start : start + 12])}{hint}", start)
        kind = str(match.lastgroup)
        yield kind, match[kind], match.start(kind)
        at = match.end()
    yield "end", "", len(text)


class _Parser:
    """Recursive descent with Python's precedence: or, and, not, comparison, + -, * /, unary -."""

    def __init__(self, text: str) -> None:
        self.tokens = list(_tokens(text))
        self.position = 0
        self.depth = 0

    @property
    def here(self) -> tuple[str, str, int]:
        return self.tokens[self.position]

    def take(self, *texts: str) -> str | None:
        _, text, _ = self.here
        if text in texts:
            self.position += 1
            return text
        return None

    def fail(self, message: str, at: int | None = None) -> NoReturn:
        raise GuardError(message, self.here[2] if at is None else at)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"is nested deeper than {MAX_DEPTH}")

    def whole(self) -> Condition:
        node = self.condition(self.either())
        if self.here[0] != "end":
            self.fail(f"expected an operator or the end, got {quote(self.here[1])}{self._meant()}")
        return node

    def _meant(self) -> str:
        word = self.here[1]
        if word.lower() in ("and", "or", "not"):
            return f"; write {word.lower()}"
        return "; units are not written in guards" if word.rstrip("s") in ("day", "week", "per") else ""

    def condition(self, node: Node) -> Condition:
        if isinstance(node, Compare | Not | And | Or):
            return node
        self.fail("a bare number is no condition; compare it, such as level >= 3", node.at)

    def arithmetic(self, node: Node) -> Arithmetic:
        if isinstance(node, Compare | Not | And | Or):
            self.fail("a comparison cannot stand inside arithmetic", node.at)
        return node

    def either(self) -> Node:
        return self._joined("or", self.both, Or)

    def both(self) -> Node:
        return self._joined("and", self.negation, And)

    def _joined(self, word: str, part: Callable[[], Node], make: type[And] | type[Or]) -> Node:
        first = part()
        if self.here[1] != word:
            return first
        parts = [self.condition(first)]
        while self.take(word):
            parts.append(self.condition(part()))
        return make(tuple(parts), parts[0].at)

    def negation(self) -> Node:
        at = self.here[2]
        if not self.take("not"):
            return self.comparison()
        self.deeper()
        node = Not(self.condition(self.negation()), at)
        self.depth -= 1
        return node

    def comparison(self) -> Node:
        first = self.sum()
        operands, operators = [first], []
        while operator := self.take("<", "<=", ">", ">=", "==", "!="):
            operators.append(operator)
            operands.append(self.sum())
        if not operators:
            return first
        parts = tuple(self.arithmetic(operand) for operand in operands)
        return Compare(parts, tuple(operators), first.at)  # type: ignore[arg-type]  # take returns one of the six

    def sum(self) -> Node:
        return self._binary(self.product, "+", "-")

    def product(self) -> Node:
        return self._binary(self.unary, "*", "/")

    def _binary(self, part: Callable[[], Node], *operators: str) -> Node:
        node = part()
        while operator := self.take(*operators):
            left = self.arithmetic(node)
            node = Binary(operator, left, self.arithmetic(part()), left.at)  # type: ignore[arg-type]  # as above
        return node

    def unary(self) -> Node:
        at = self.here[2]
        if not self.take("-"):
            self.take("+")
            return self.atom()
        self.deeper()
        node = Negative(self.arithmetic(self.unary()), at)
        self.depth -= 1
        return node

    def atom(self) -> Node:
        kind, text, at = self.here
        if self.take("("):
            self.deeper()
            inner = self.either()
            self.depth -= 1
            if not self.take(")"):
                self.fail("a closing ) is missing")
            return inner
        if kind not in ("number", "name") or text in ("and", "or", "not"):
            self.fail(f"expected a number or a name, got {quote(text)}" if text else "ends too early: a name is missing")
        self.position += 1
        if kind == "number":
            return self.number(text, at)
        if text in FUNCTIONS:
            return Call(text, self.arguments(text, at), at)
        if self.here[1] == "(":
            self.fail(f"{text} cannot be called; the only functions are {', '.join(FUNCTIONS)}", at)
        return Ref(text, at)

    def number(self, text: str, at: int) -> Constant:
        value = float(text)
        if value == float("inf"):
            self.fail(f"{text} is too large", at)
        return Constant(value, at)

    def arguments(self, function: str, at: int) -> tuple[Arithmetic, ...]:
        if not self.take("("):
            self.fail(f"{function} needs its arguments in parentheses", at)
        self.deeper()
        arguments = [self.arithmetic(self.either())]
        while self.take(","):
            arguments.append(self.arithmetic(self.either()))
        self.depth -= 1
        if not self.take(")"):
            self.fail("a closing ) is missing")
        if (function == "abs") != (len(arguments) == 1):
            wanted = "one argument" if function == "abs" else "at least two arguments"
            self.fail(f"{function} needs {wanted}, got {len(arguments)}", at)
        return tuple(arguments)


def parse(text: str) -> Condition:
    """The syntax tree of a guard. Raises GuardError with the offset of the first mistake."""
    if len(text) > MAX_LENGTH:
        raise GuardError(f"is longer than {MAX_LENGTH:,} characters", 0)
    if not text.strip():
        raise GuardError("is empty; write a condition, such as level >= 3", 0)
    return _Parser(text).whole()


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Negative(operand) | Not(operand):
            return (operand,)
        case Binary(_, left, right):
            return (left, right)
        case Call(_, arguments):
            return arguments
        case Compare(operands) | And(operands) | Or(operands):
            return operands
        case _:
            return ()


def refs(node: Node) -> Iterator[Ref]:
    """Every name that the guard uses, in the order of the text."""
    if isinstance(node, Ref):
        yield node
    for child in children(node):
        yield from refs(child)


def constants(node: Node) -> Iterator[Constant]:
    """Every number that is written into the guard."""
    if isinstance(node, Constant):
        yield node
    for child in children(node):
        yield from constants(child)


def names(node: Node) -> tuple[str, ...]:
    """The names, each once, in the order of the text."""
    return tuple(dict.fromkeys(ref.name for ref in refs(node)))


Unit = str | None
"""A unit, or None for a bare number, which fits any unit in a comparison only if it is a literal."""


@dataclass(frozen=True)
class _AnyUnit:
    """The unit of a literal: it fits all."""


_FITS_ALL = _AnyUnit()


def check_units(node: Node, units: Mapping[str, Unit], unknown: frozenset[str] = frozenset()) -> list[GuardError]:
    """Names that do not exist and units that do not fit, all of them. Names in `unknown` fit anything."""
    found: list[GuardError] = []
    _unit(node, units, unknown, found)
    return found


def _unit(node: Node, units: Mapping[str, Unit], unknown: frozenset[str], found: list[GuardError]) -> Unit | _AnyUnit:
    if isinstance(node, Ref):
        if node.name in units:
            return units[node.name]
        if node.name not in unknown:
            found.append(GuardError(unknown_name("signpost or threshold", node.name, [*units]), node.at))
        return _FITS_ALL
    parts = [_unit(child, units, unknown, found) for child in children(node)]
    match node:
        case Negative():
            return parts[0]
        case Call(function):
            return _equal(parts, function, node.at, found)
        case Compare():
            _equal(parts, "a comparison", node.at, found)
        case Binary("+" | "-" as operator):
            return _equal(parts, operator, node.at, found)
        case Binary(operator):
            return _scaled(operator, parts[0], parts[1], node.at, found)
    return _FITS_ALL


def _equal(parts: list[Unit | _AnyUnit], what: str, at: int, found: list[GuardError]) -> Unit | _AnyUnit:
    known = list(dict.fromkeys(part for part in parts if not isinstance(part, _AnyUnit)))
    if len(known) > 1:
        shown = " and ".join(part or "a bare number" for part in known if not isinstance(part, _AnyUnit))
        found.append(GuardError(f"{what} needs equal units, got {shown}", at))
        return _FITS_ALL
    return known[0] if known else _FITS_ALL


def _scaled(operator: str, left: Unit | _AnyUnit, right: Unit | _AnyUnit, at: int, found: list[GuardError]) -> Unit | _AnyUnit:
    def bare(unit: Unit | _AnyUnit) -> bool:
        return unit is None or isinstance(unit, _AnyUnit)

    if bare(right):
        return None if isinstance(left, _AnyUnit) and right is None else left
    if bare(left):
        return right if operator == "*" else f"1/{right}"
    if operator == "/" and left == right:
        return None
    found.append(GuardError(f"{operator} needs a bare number on one side, got {left} and {right}", at))
    return _FITS_ALL
