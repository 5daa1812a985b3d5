"""The world as it was played, as a scenario file: the exercise's own, and what happened in the room as injects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sim.room.state import Change
from sim.spec.scenario import Scenario
from sim.spec.values import day_of

NAME = "played"
_FIELD = {"level": "set", "noise": "noise"}


@dataclass(frozen=True)
class Put:
    """A number that was put into the world."""

    change: Change
    on: str
    """from this date on"""
    title: str
    source: str
    reliability: str


def scenario_text(base: Scenario, extends: str, policy: str, puts: Sequence[Put], comment: str, days: int | None = None) -> str:
    """A file that extends the base. Of several puts of one number on one day the last holds, and it beats the base's own.

    With `days` it ends after so many, without the base's later injects.
    """
    last = {(put.change.kind, put.change.name, put.on): put for put in puts}
    lines = [
        *(f"# {line}".rstrip() for line in comment.splitlines()),
        "kind: scenario",
        f"name: {NAME}",
        f"title: {_quoted(f'{base.title}, as played')}",
        f"extends: {_quoted(extends)}",
        f"policy: {_quoted(policy)}",
        *([] if days is None else [f"days: {days}"]),
    ]
    injects: dict[str, list[str]] = {}
    for put in last.values():
        own = _own(base, put)
        injects.setdefault(own or _free(base, injects), [] if own else _head(put))
        name = own or next(reversed(injects))
        injects[name] = _with(injects[name], _FIELD[put.change.kind], put)
    over = [] if days is None else [name for name, each in base.injects.items() if day_of(each.on, base.start) >= days]
    body = [line for name, each in injects.items() for line in (f"  {name}:", *(f"    {line}" for line in each))]
    body += [f"  {name}: null" for name in over]
    return "\n".join([*lines, *(["injects:", *body] if body else [])]) + "\n"


def _own(base: Scenario, put: Put) -> str | None:
    """The inject of the base that puts the same number on the same day, and whose value gives way."""
    day = day_of(put.on, base.start)
    for name, inject in base.injects.items():
        if day_of(inject.on, base.start) == day and put.change.name in getattr(inject, _FIELD[put.change.kind]):
            return name
    return None


def _free(base: Scenario, taken: dict[str, list[str]]) -> str:
    number = 1
    while f"{NAME}_{number}" in base.injects or f"{NAME}_{number}" in taken:
        number += 1
    return f"{NAME}_{number}"


def _head(put: Put) -> list[str]:
    fields = {"on": put.on, "title": _quoted(put.title), "source": _quoted(put.source), "reliability": _quoted(put.reliability)}
    return [f"{key}: {value}" for key, value in fields.items()]


def _with(lines: list[str], field: str, put: Put) -> list[str]:
    """The lines of an inject with one more number in them."""
    number = f"  {put.change.name}: {_number(put.change.value)}"
    if f"{field}:" not in lines:
        return [*lines, f"{field}:", number]
    at = lines.index(f"{field}:") + 1
    return [*lines[:at], number, *lines[at:]]


def _number(value: float) -> str:
    return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _quoted(text: str) -> str:
    """As JSON, which YAML reads as it stands; what is not ASCII stays readable."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
