"""Keys that are dates or days of the run: ascending, and no two for one day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from sim.errors import Problem, quote
from sim.load.source import Source
from sim.spec.values import day_of


def ascending(source: Source[Any], path: str, whens: Sequence[str], start: dt.date | None) -> Iterator[Problem]:
    """`start` is None where it is not known; then a date and a `day 7` cannot be compared."""
    for first, second in pairwise(whens):
        if start is None and first.startswith("day") != second.startswith("day"):
            continue
        base = start or dt.date(2000, 1, 1)
        before, after = day_of(first, base), day_of(second, base)
        if before == after:
            yield source.at_key(f"{path}.{second}", f"{quote(second)} is the same day as {quote(first)}; one value a day")
        elif before > after:
            yield source.at_key(f"{path}.{second}", f"{quote(second)} comes after {quote(first)}; dates must ascend")
