"""What a change does to a run, in words."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sim.analysis.explain.records import Event, Flip, Path
from sim.spec.values import date_of

_MOST = 3
"""differences that are put into words"""


@dataclass(frozen=True)
class Difference:
    """One transition that another path adds, removes or moves."""

    transition: str
    before: Event | None
    """None: it is added"""
    after: Event | None
    """None: it is removed"""
    alone: bool
    """it happens on no other day, before or after"""

    @property
    def day(self) -> int:
        return min(each.day for each in (self.before, self.after) if each)

    def words(self, start: dt.date) -> str:
        """`arm_defensively 4 days sooner`"""
        if self.before is None or self.after is None:
            event = self.before or self.after
            assert event is not None  # it is added or removed
            if self.before and self.alone:
                return f"{self.transition} does not happen"
            what = "no longer on" if self.before else "happens on" if self.alone else "also on"
            return f"{self.transition} {what} {date_of(event.day, start)}"
        days, decided = self.after.day - self.before.day, self.after.decided - self.before.decided
        moved, verb = (days, "") if days else (decided, "decided ")
        return f"{self.transition} {verb}{_count(abs(moved))} {'sooner' if moved < 0 else 'later'}"


def _count(days: int) -> str:
    return f"{days:,} day{'' if days == 1 else 's'}"


def differences(base: Path, other: Path, names: Sequence[str]) -> tuple[Difference, ...]:
    """The n-th time that a transition happens is held against the n-th time, in the order of the days."""
    return tuple(sorted(_differences(base, other, names), key=lambda each: (each.day, each.transition)))


def _differences(base: Path, other: Path, names: Sequence[str]) -> Iterator[Difference]:
    for index, name in enumerate(names):
        one, two = ([each for each in path if each.transition == index] for path in (base, other))
        for at in range(max(len(one), len(two))):
            before, after = (those[at] if at < len(those) else None for those in (one, two))
            if before != after:
                yield Difference(name, before, after, alone=max(len(one), len(two)) == 1)


def effect(base: Path, other: Path, names: Sequence[str], start: dt.date) -> str:
    """`arm_defensively 4 days sooner, go_offensive also on 2024-12-01`"""
    times = Counter(each.words(start) for each in differences(base, other, names))
    found = [text if count == 1 else f"{text} ({count} times)" for text, count in times.items()]
    more = sum(times.values()) - sum([*times.values()][:_MOST])
    rest = [f"and {more} more change{'' if more == 1 else 's'}"] if more else []
    return ", ".join(found[:_MOST] + rest)


def amount(value: float) -> str:
    """Ten digits at most, with thousands apart: 8,123.5"""
    return f"{value:,.10g}"


def changed(flip: Flip) -> str:
    """`front_line 3 → 2.9 rung`"""
    number = flip.number
    unit = "day" if number.unit == "days" and flip.value == 1 else number.unit
    return f"{number.label} {amount(number.value)} → {amount(flip.value)} {unit}"


def where(flip: Flip) -> str:
    """Where it begins, if that is not the printed value itself: `at 2.9134 or below`"""
    if flip.number.kind != "threshold" or (flip.at_bound and flip.bound == flip.value):
        return ""
    way = "below" if flip.direction == "down" else "above"
    return f"at {amount(flip.bound)} or {way}" if flip.at_bound else f"anything {way} {amount(flip.bound)}"
