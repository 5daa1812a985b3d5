"""The clock of a live exercise: it counts the seconds in which the exercise ran."""

from __future__ import annotations

from collections.abc import Callable

ASLEEP = 60.0
"""Seconds between two readings after which nobody can have been there: a laptop that slept, or a clock that was set."""


class Clock:
    """Running seconds. It stands still while it is read as not running, and over any gap longer than `ASLEEP`."""

    def __init__(self, seconds: float, now: Callable[[], float]) -> None:
        """`seconds`: for how long the exercise had run before."""
        self._seconds, self._now, self._last = seconds, now, now()

    def read(self, *, running: bool) -> float:
        """For how long the exercise has run. `running`: has it run since the last reading?"""
        now = self._now()
        gap, self._last = now - self._last, now
        if running and 0.0 <= gap <= ASLEEP:
            self._seconds += gap
        return self._seconds

    @property
    def time(self) -> float:
        """Seconds since 1970 at the last reading."""
        return self._last


def shown(seconds: float) -> str:
    """`1:05:09`, or `12:30` below an hour."""
    whole = int(seconds)
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
