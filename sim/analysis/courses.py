"""What a rule asks for day by day, up and down, beside what was done on those days: for rules that also step down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sim.results import Deed

STATED = "as stated"
"""the reading that takes every threshold as its file gives it"""


@dataclass(frozen=True)
class Stay:
    """A stretch of days on which the rule stands in one phase."""

    phase: str
    label: str
    first: dt.date
    last: dt.date


@dataclass(frozen=True)
class Course:
    """What one reading of the rule asks for on each day of a coding, up and down."""

    coding: str
    coding_title: str
    reading: str
    stays: tuple[Stay, ...]
    """without gaps, in order"""


@dataclass(frozen=True)
class Standing:
    """A deed, and where the rule stood on that day: a rule that also steps down is met by this, not by first passages."""

    coding: str
    reading: str
    deed: Deed
    shown_label: str
    rule: Stay

    @property
    def same(self) -> bool:
        """Does the deed show the phase that the rule stood in?"""
        return self.deed.phase == self.rule.phase

    @property
    def days(self) -> int:
        """Days for which the rule had stood in its phase by the day of the deed."""
        return (self.deed.date - self.rule.first).days


def standings(course: Course, done: Sequence[Deed], labels: Mapping[str, str]) -> Iterator[Standing]:
    """Each deed within the run against the rule on its day. `labels` are those of the phases, by name."""
    for deed in done:
        for stay in course.stays:
            if stay.first <= deed.date <= stay.last:
                yield Standing(course.coding, course.reading, deed, labels[deed.phase], stay)
