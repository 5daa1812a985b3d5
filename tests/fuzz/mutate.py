"""Inputs near to good ones: lines, words, numbers and bytes of them moved, doubled, cut, or repeated until they are long."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

_NUMBER = re.compile(rb"\d+(?:\.\d+)?")
_EXTREMES = (*b"0 -1 1 0.5 1e308 1e309 -1e308 5e-324 36525 3652059 .nan 1e5 007 0x1F".split(), b"9" * 20, b"9" * 400)
Change = Callable[[random.Random, bytes, Sequence[bytes], Sequence[bytes]], bytes]


def mutated(
    dice: random.Random, seed: bytes, others: Sequence[bytes], words: Sequence[str], *, text: bool, largest: int
) -> bytes:
    """One to six changes of a seed. `others`: what may be spliced in."""
    encoded = [word.encode("utf-8", "surrogatepass") for word in words] or [b"\0"]
    data = seed
    for _ in range(dice.choice((1, 1, 1, 2, 3, 6))):
        data = dice.choice(_TEXT if text else _BYTES)(dice, data, others, encoded)
    if dice.random() < 0.02:
        data = _pumped(dice, data, largest)
    return data[:largest]


def _span(dice: random.Random, data: bytes, longest: int = 80) -> tuple[int, int]:
    begin = dice.randint(0, len(data))
    return begin, min(len(data), begin + dice.randint(0, longest))


def _pumped(dice: random.Random, data: bytes, largest: int) -> bytes:
    """A short piece many times over: what takes quadratic time shows itself so."""
    begin, end = _span(dice, data, dice.choice((1, 4, 40)))
    piece = data[begin:end] or b"["
    return data[:begin] + piece * ((largest - len(data)) // len(piece)) + data[begin:]


def _flip(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(data) or 1)
    return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]


def _bit(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    at = dice.randrange(len(data) or 1)
    return data[:at] + bytes([each ^ 1 << dice.randrange(8) for each in data[at : at + 1]]) + data[at + 1 :]


def _cut(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data)
    return data[:begin] + data[end:]


def _end(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    return data[: dice.randint(0, len(data))]


def _twice(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data)
    at = dice.randint(0, len(data))
    return data[:at] + data[begin:end] + data[at:]


def _zero(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data, 4096)
    return data[:begin] + b"\0" * (end - begin) + data[end:]


def _word(dice: random.Random, data: bytes, _: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    begin, end = _span(dice, data, 8)
    return data[:begin] + dice.choice(words) + data[dice.choice((begin, end)) :]


def _splice(dice: random.Random, data: bytes, others: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    other = dice.choice(others)
    begin, end = _span(dice, other, 400)
    at = dice.randint(0, len(data))
    return data[:at] + other[begin:end] + data[at:]


def _number(dice: random.Random, data: bytes, _: Sequence[bytes], __: Sequence[bytes]) -> bytes:
    found = [match.span() for match in _NUMBER.finditer(data)]
    if not found:
        return data
    begin, end = dice.choice(found)
    return data[:begin] + dice.choice(_EXTREMES) + data[end:]


def _lines(dice: random.Random, data: bytes, others: Sequence[bytes], words: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    at = dice.randrange(len(lines))
    other = dice.choice(dice.choice(others).split(b"\n"))
    key, colon, _ = lines[at].partition(b":")
    match dice.randrange(6):
        case 0:
            del lines[at]
        case 1:
            lines.insert(at, dice.choice(lines))
        case 2:
            lines.insert(at, other)
        case 3:
            lines[at] = b" " * dice.randrange(9) + lines[at].lstrip()
        case 4:
            lines[at] = key + colon + b" " + dice.choice(words)
        case 5:
            lines[at] = key + b":" + other.partition(b":")[2]
    return b"\n".join(lines)


_BYTES: tuple[Change, ...] = (_flip, _bit, _bit, _cut, _end, _twice, _zero, _splice)
_TEXT: tuple[Change, ...] = (_flip, _cut, _end, _twice, _word, _word, _splice, _number, _number, _lines, _lines, _lines, _lines)
