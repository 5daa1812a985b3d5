"""Days on the x axis, always shown as dates. Day t covers the stretch from t to t + 1, so one day alone has a width too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

# Not strftime: month names must not follow the machine's locale.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY_STEPS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120, 240, 600)


def number(date: dt.date) -> float:
    """matplotlib's number of a date."""
    return float(date.toordinal() - _EPOCH)


def edges(start: dt.date, days: int) -> NDArray[np.float64]:
    return number(start) + np.arange(days + 1, dtype=np.float64)


def held(values: ArrayLike) -> NDArray[np.float64]:
    """The last day's value once more, so that a step has an end."""
    row = np.asarray(values, dtype=np.float64)
    return np.append(row, row[-1])


def _months(start: dt.date, last: dt.date, step: int) -> Iterator[dt.date]:
    month = start.year * 12 + start.month - 1
    month += start.day > 1
    month += -month % step
    while month // 12 <= 9999 and (date := dt.date(month // 12, month % 12 + 1, 1)) <= last:
        yield date
        month += step


def tick_dates(start: dt.date, days: int, most: int) -> tuple[list[dt.date], bool]:
    """At most `most` dates (but at least one), and whether they are the first days of months."""
    for step in _DAY_STEPS:
        if -(-days // step) <= most:
            return [start + dt.timedelta(day) for day in range(0, days, step)], False
    last = start + dt.timedelta(days - 1)
    for months in _MONTH_STEPS:
        dates = list(_months(start, last, months))
        if 1 <= len(dates) <= most:
            return dates, True
    return [start], False


def tick_labels(dates: list[dt.date], monthly: bool) -> list[str]:
    """`24 Oct` or `Nov`; the year below the first one and wherever it changes; years alone where all are Januaries."""
    if monthly and len(dates) > 1 and all(date.month == 1 for date in dates):
        return [str(date.year) for date in dates]
    labels = []
    for index, date in enumerate(dates):
        name = MONTHS[date.month - 1] if monthly else f"{date.day} {MONTHS[date.month - 1]}"
        new_year = index == 0 or date.year != dates[index - 1].year
        labels.append(f"{name}\n{date.year}" if new_year else name)
    return labels


def date_axis(ax: Axes, start: dt.date, days: int, inches: float, show: bool = True) -> None:
    """`inches`: about how wide the axis will be."""
    dates, monthly = tick_dates(start, days, max(2, int(inches / 0.55)))
    middle = 0.5 if days <= 14 else 0.0
    ax.set_xlim(number(start), number(start) + days)
    ax.set_xticks([number(date) + middle for date in dates], tick_labels(dates, monthly) if show else [])
