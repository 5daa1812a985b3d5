"""Tables of what `explain`, `quality` and `check --reach` write."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.pages.html import Element, el
from sim.pages.tables import Cell, Ids, table
from sim.pages.words import NOTHING, brief, human, number, share

Doc = Mapping[str, Any]


def explanation(ids: Ids, doc: Doc) -> Iterator[Element]:
    """explanation.json: what each transition came to in this run, and what would have changed it."""
    yield _outcomes(ids, doc)
    yield _compared(ids, doc)
    nearest = doc["flips"]["nearest"]
    yield el(
        "p", f"Nearest flip: {nearest['words']}." if nearest else "No change of one number within its range changes this run."
    )
    rows = [
        [each["path"], _value(each), *(_words(each["nearest"].get(way)) for way in ("down", "up")), each["method"]]
        for each in doc["flips"]["numbers"]
    ]
    header = ("Number", "As it is", "Nearest change below", "Nearest change above", "How it was sought")
    yield table(ids, "The smallest change of each number that changes this run", header, rows)


def _outcomes(ids: Ids, doc: Doc) -> Element:
    rows = [row for each in doc["transitions"] for row in _decisions(each)]
    header = ("Transition", "Guard", "What came of it", "Decided", "In effect", "Held since", "Margin seen", "Margin in truth")
    return table(ids, "Transitions of this run", header, rows, "Margin: by how much the guard held; below 0, what it lacked.")


def _decisions(each: Doc) -> list[Sequence[Cell]]:
    made = [
        (
            *(each["name"], each["guard"], human(one["outcome"]), brief(one["decided_date"]), brief(one["until_date"])),
            *(brief(one["held_since_date"]), *(brief(one["on_the_day"]["margin"][way]) for way in ("seen", "true"))),
        )
        for one in each["decisions"]
    ]
    return [*made] or [(each["name"], each["guard"], "never decided", *[NOTHING] * 5)]


def _compared(ids: Ids, doc: Doc) -> Element:
    """What stood on both sides of each comparison on the day of a decision."""
    rows = [
        (
            *(each["name"], brief(one["decided_date"]), side["text"], side["unit"] or NOTHING),
            *(f"{brief(side[way]['left'])} against {brief(side[way]['right'])}" for way in ("seen", "true")),
        )
        for each in doc["transitions"]
        for one in each["decisions"]
        for side in one["on_the_day"]["comparisons"]
    ]
    header = ("Transition", "Decided", "Comparison", "Unit", "As seen", "In truth")
    return table(ids, "What the guards compared on the days of decision", header, rows)


def _value(each: Doc) -> str:
    return f"{brief(each['value'])} {each['unit'] or ''}".strip()


def _words(change: Doc | None) -> str:
    return change["words"] if change else "none in its range"


def quality(ids: Ids, doc: Doc) -> Iterator[Element]:
    """quality.json: per transition how its triggers fell against the twin that sees perfectly, for each memory of errors."""
    outcomes = ("on_time", "early", "late", "false", "missed", "neither")
    rows = [
        [
            each["name"],
            _memory(column),
            *(_share(each[name], doc) for name in outcomes),
            _days(each["early_days"]),
            _days(each["late_days"]),
        ]
        for column in doc["columns"]
        for each in column["as_given"]["transitions"]
    ]
    header = ("Transition", "Memory of errors", *map(human, outcomes), "Days early", "Days late")
    yield table(ids, "How triggers fell against the twin that sees perfectly", header, rows, "Shares of simulated runs.")
    if doc["varied"]:
        yield _varied(ids, doc)


def _varied(ids: Ids, doc: Doc) -> Element:
    rows = [
        [
            _count(point["value"], doc["varied"]["unit"]),
            _memory(column),
            each["name"],
            _share(each["false_alarm"], doc),
            _days(each["delay"]),
        ]
        for column in doc["columns"]
        for point in column["points"]
        for each in point["transitions"]
        if each["name"] in doc["varied"]["transitions"]
    ]
    header = (doc["varied"]["path"], "Memory of errors", "Transition", "False alarms", "Delay in days")
    return table(ids, f"False alarms and delay over {doc['varied']['path']}", header, rows)


def _memory(column: Doc) -> str:
    memory = column["memory"]
    return "as given" if memory is None else _count(memory, "days")


def _count(value: float, unit: str | None) -> str:
    return f"{number(value)} {'day' if unit == 'days' and value == 1 else unit or ''}".strip()


def _share(each: Doc, doc: Doc) -> str:
    return share(each["share"], each["interval"], doc["runs"])


def _days(each: Doc) -> str:
    return NOTHING if each["mean"] is None else f"{each['mean']:.1f} ± {each['se']:.1f}"


def findings(ids: Ids, doc: Doc) -> Iterator[Element]:
    """findings.json: what a check found, and the fastest day of each phase with a path that achieves it."""
    rows = [
        [each["level"], each["rule"], each["message"], f"{each['file']}:{each['line']}:{each['column']}"]
        for each in doc["findings"]
    ]
    if rows:
        yield table(ids, "Findings", ("Level", "Rule", "What", "Where"), rows)
    else:
        yield el("p", "Nothing was found.")
    reach = doc.get("reach") or {}
    if reach:
        header = ("Phase", "Fastest day", "Transitions", "A world that brings it about")
        yield table(ids, "The fastest possible day of each phase", header, [_fastest(name, each) for name, each in reach.items()])


def _levels(values: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {number(value)}" for name, value in values.items())


def _fastest(phase: str, each: Doc | None) -> list[str]:
    if each is None:
        return [human(phase), NOTHING, "no world brings it about", NOTHING]
    taken = "; ".join(f"{one['transition']} on day {one['day']}" for one in each["transitions"])
    stretches = (f"day {one['from_day']} to {one['to_day']}: {_levels(one['values'])}" for one in each["witness"])
    return [human(phase), brief(each["day"]), taken or NOTHING, "; ".join(stretches) or NOTHING]
