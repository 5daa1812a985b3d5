"""What a caller gives to a verb: names, paths and changes, in the forms that are natural in Python, as a command takes them."""

from __future__ import annotations

import datetime as dt
import json
import operator
import os
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import BadUsage, quote

if TYPE_CHECKING:
    from sim.analysis.precision import Precision

Name = str | os.PathLike[str]
"""a bare name, a path, or what `load` gave"""
Names = Name | Sequence[Name]
"""one name or several"""
Set = str | Sequence[str] | Mapping[str, object]
"""changes: `PATH=YAML`, several of them, or a map {PATH: value}"""


def name_of(given: Name) -> str:
    """As it would be typed. What `load` gave is named as it was then. Raises BadUsage."""
    if isinstance(given, str):
        return given
    typed = getattr(given, "typed", None)
    if isinstance(typed, str):
        return typed
    if isinstance(given, os.PathLike):
        return os.fspath(given)
    raise BadUsage(f"a name or a path is needed, got {quote(given)}")


def names_of(given: Names) -> tuple[str, ...]:
    """Raises BadUsage."""
    return tuple(map(name_of, given)) if isinstance(given, Sequence) and not isinstance(given, str) else (name_of(given),)


def sets_of(given: Set) -> tuple[str, ...]:
    """Each as `--set` takes it. Raises BadUsage."""
    if isinstance(given, str):
        return (given,)
    if isinstance(given, Mapping):
        return tuple(f"{path}={_yaml(path, value)}" for path, value in given.items())
    if isinstance(given, Sequence) and all(isinstance(each, str) for each in given):
        return tuple(given)
    raise BadUsage(f"set takes 'PATH=YAML', a list of these, or a map of paths and values, got {quote(given)}")


def typed_of(scenario: Name, policy: Name | None, changes: Set) -> tuple[str, str | None, tuple[str, ...]]:
    """A pair and what is changed in it, as they would be typed; None: the scenario's own policy. Raises BadUsage."""
    return name_of(scenario), None if policy is None else name_of(policy), sets_of(changes)


def _yaml(path: str, value: object) -> str:
    """Text is YAML already, such as `14 days` or `rival:sent`; anything else as JSON, which YAML holds."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        raise BadUsage(f"set: {path} cannot be {quote(value)}: numbers, text, lists and maps can be written in a file") from None


def _plain(value: object) -> Any:
    """Without what JSON does not know: dates, and the numbers of numpy."""
    if isinstance(value, Mapping):
        return {key.isoformat() if isinstance(key, dt.date) else key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    item = getattr(value, "item", None)
    return item() if callable(item) else value


def whole(option: str, given: int, least: int, most: int | None = None) -> int:
    """A whole number from `least` to `most`, as the command's options have it. Raises BadUsage."""
    try:
        number = operator.index(given)
    except TypeError:
        number = least - 1
    if isinstance(given, bool) or number < least or (most is not None and number > most):
        span = f"{least} or more" if most is None else f"{least} to {most}"
        raise BadUsage(f"{option} must be a whole number, {span}, got {quote(given)}")
    return number


def precision_of(error: float | None, measure: str | None, *, dash: str = "") -> Precision | None:
    """How exact a measure is to be; None: not asked for. `dash` is what stands before the names of options. Raises BadUsage."""
    from sim.analysis.precision import Precision  # brings the engine, and commands ask for their options' names only

    if error is None and measure is not None:
        raise BadUsage(f"{dash}measure names what {dash}precision is about: give that too")
    return None if error is None else Precision(error, measure)


def command_line(name: str, *words: str, options: Sequence[tuple[str, object]] = ()) -> str:
    """The command that gives the same. An option with None or False was not given, one with True takes no value."""
    given = [str(part) for option, value in options for part in _given(option, value)]
    if any(word.startswith("-") for word in words):
        return shlex.join(["phased", name, *given, "--", *words])
    return shlex.join(["phased", name, *words, *given])


def _given(option: str, value: object) -> tuple[object, ...]:
    if value is None or value is False:
        return ()
    return (option,) if value is True else (option, value)


def changed(sets: Sequence[str]) -> list[tuple[str, object]]:
    """Changes as options of a command."""
    return [("--set", each) for each in sets]
