"""Names and numbers of a report's files in words that people read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

NOTHING = "–"
_LONGEST = 400
_FEW = 8
_DIGITS = 9


def human(name: str) -> str:
    """`first_passage` as `First passage`. Dotted paths and what has capitals or blanks stay as they are."""
    if not re.fullmatch(r"[a-z0-9_\-]+", name):
        return name
    words = re.sub(r"[_\-]+", " ", name).strip()
    return words[:1].upper() + words[1:]


def number(value: float) -> str:
    """Four digits at most after the first, and no more than the value has."""
    if isinstance(value, int) or (float(value).is_integer() and abs(value) < 1e15):
        return f"{int(value):,}"
    return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.1f}"


def brief(value: Any) -> str:
    """Any value of a JSON file in one cell."""
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return number(value)
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and (known := _estimate(value)):
        return known
    told = _many(value) if isinstance(value, list) else "; ".join(f"{human(key)}: {brief(each)}" for key, each in value.items())
    return told if len(told) <= _LONGEST else f"{told[:_LONGEST]}…"


def _estimate(value: Mapping[str, Any]) -> str:
    """A share with its interval, or a mean with its standard error."""
    match value:
        case {"share": float() | int() as found, "interval": [float() | int() as low, float() | int() as high]}:
            return f"{found:.1%} ({low * 100:.1f}–{high * 100:.1f})"
        case {"mean": float() | int() as found, "se": float() | int() as error}:
            return f"{found:.1f} ± {error:.1f}"
    return ""


def _many(values: list[Any]) -> str:
    if not values:
        return NOTHING
    if len(values) > _FEW and not any(isinstance(each, str) for each in values):
        return f"{len(values):,} values"
    told = [brief(each) for each in values[: 3 * _FEW]]
    more = [f"and {len(values) - len(told):,} more"] if len(values) > len(told) else []
    return (" · " if any(isinstance(each, dict | list) for each in values) else ", ").join([*told, *more])


def is_number(text: str) -> bool:
    """Whether a cell is read better from the right."""
    return re.fullmatch(r"[-+−]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?%?", text) is not None


def shorter(text: str) -> str:
    """A number of many digits with six of them; anything else as it is."""
    if len(text) <= _DIGITS or not re.fullmatch(r"-?\d+\.\d+(e[-+]?\d+)?", text):
        return text
    return f"{float(text):.6g}"


def percent(share: float, runs: int) -> str:
    """A share of runs, with a digit after the point only where the runs can carry it."""
    return f"{share:.0%}" if runs < 1_000 else f"{share:.1%}"


def share(value: float, interval: list[float], runs: int) -> str:
    """`41.2% (40.1–42.3)`: a share of runs with its Monte Carlo interval."""
    low, high = (percent(each, runs).rstrip("%") for each in interval)
    return f"{percent(value, runs)} ({low}–{high})"


def day(number: int | None, start: dt.date) -> str:
    """`2024-10-31, day 7`."""
    return "not by the end" if number is None else f"{start + dt.timedelta(days=number)}, day {number}"


def quantile(passage: Mapping[str, Any], level: str, start: dt.date) -> str:
    """`2024-10-31, day 7 (6–9)`; `(70+)` where the interval has no end within the run."""
    low, high = passage["quantile_intervals"][level]
    told = day(passage["quantiles"][level], start)
    return told if low is None else f"{told} ({low}+)" if high is None else f"{told} ({low}–{high})"


def size(count: int) -> str:
    """`1.8 MB`."""
    for unit, step in (("MB", 1_000_000), ("kB", 1_000)):
        if count >= step:
            return f"{count / step:,.1f} {unit}" if count < 10 * step else f"{count / step:,.0f} {unit}"
    return f"{count} bytes"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
