"""What every output says of itself: that it is a teaching model, and how much of it is assumed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.results import Grades  # only its type: a command's help needs no numpy

TEACHING = "Teaching model of stated positions, not a forecast."


def assumed(grades: Iterable[Grades]) -> str:
    """`40 of 44 numbers are assumed.`, from the fewest to the most over several pairs."""
    seen = sorted({(one.assumed, one.total) for one in grades})
    if not seen:
        return ""
    words = [f"{few} of {total}" for few, total in (seen if len(seen) == 1 else (seen[0], seen[-1]))]
    return f"{' to '.join(words)} numbers are assumed" + ("." if len(seen) == 1 else ", by pair.")
