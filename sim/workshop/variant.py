"""The policy file that a page saves from its sliders: its lines, and which sliders must have moved for each to stand there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath

from sim.library import Pair
from sim.spec.policy import Policy
from sim.workshop.sliders import DAYS, Slider

Line = tuple[str, list[int]]
"""its text, and places of sliders: none, it always stands there; one, VALUE in it is that slider's number"""
VALUE = "\0"
"""what no text has in YAML"""
ABOUT = "# Numbers moved on a lesson page; all of them count as assumed."
_ODD = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""what JSON lets stand and YAML does not"""


def name_of(policy: Policy) -> str:
    """What the file and its policy are called."""
    return f"{PurePath(policy.name).name}-changed"


def lines(pair: Pair, typed: str, sliders: Sequence[Slider]) -> list[Line]:
    """A file that extends a policy, named as it was `typed`; design §2. Every number in it counts as assumed."""
    spec, path = pair.policy.spec, pair.policy.path
    base = f"./{path.name}" if "/" in typed or typed.endswith((".yaml", ".yml")) else PurePath(typed).name
    head = {"name": name_of(spec), "title": f"{spec.title}, with changed numbers", "extends": base}
    places = {tuple(path.split(".")): index for index, each in enumerate(sliders) for path in each.paths}
    fixed = [ABOUT, "kind: policy", *(f"{key}: {_quoted(text)}" for key, text in head.items())]
    return [*((line, []) for line in fixed), *_block(places, spec, 0)]


def _block(places: Mapping[tuple[str, ...], int], policy: Policy, depth: int) -> Iterator[Line]:
    """Maps within maps, each headed where a slider below it was moved."""
    for key in dict.fromkeys(path[depth] for path in places):
        below = {path: index for path, index in places.items() if path[depth] == key}
        path, index = next(iter(below.items()))
        if len(path) == depth + 1:
            yield f"{'  ' * depth}{key}: {_number(path, policy)}", [index]
        else:
            yield f"{'  ' * depth}{key}:", sorted({*below.values()})
            yield from _block(below, policy, depth + 1)


def _number(path: tuple[str, ...], policy: Policy) -> str:
    """In the place of the number stated, which is replaced whole; of a threshold only its own keys are, so that its facts go."""
    more = ""
    if path[0] == "thresholds" and len(path) == 2:
        more = ", evidence: null" if policy.thresholds[path[1]].evidence else ""
    elif path[-1] in DAYS:
        more = ", unit: days"
    return f"{{value: {VALUE}, grade: assumed, note: Set on a lesson page.{more}}}"


def _quoted(text: str) -> str:
    return _ODD.sub(lambda odd: f"\\u{ord(odd[0]):04x}", json.dumps(text, ensure_ascii=False))
