"""Tables of the files that `run`, `compare` and `hindcast` write: what their readers ask for first, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from sim.pages import generic, told
from sim.pages.html import Element, site
from sim.pages.tables import Cell, Ids, table
from sim.pages.words import NOTHING, brief, day, human, number, percent, quantile, share

Doc = Mapping[str, Any]
BRACKETS = "In brackets: Monte Carlo intervals at the 95% level."


def summary(ids: Ids, doc: Doc) -> Iterator[Element]:
    """summary.json: when each phase was reached, days in each, transitions and rival readings."""
    yield _reached(ids, [doc])
    yield _stays(ids, [doc])
    yield from _transitions(ids, [doc])
    yield from _rivals(ids, [doc])


def comparison(ids: Ids, doc: Doc) -> Iterator[Element]:
    """comparison.json: the same for every pair, then policies against each other, then whatever else it holds."""
    cells = doc["cells"]
    yield _reached(ids, cells)
    if doc["pairs"]:
        yield _against(ids, doc["pairs"])
    yield _stays(ids, cells)
    yield from _rivals(ids, cells)
    for key, value in doc.items():
        if key not in ("cells", "pairs") and value:
            yield from generic.tables(ids, value, human(key))


def hindcast(ids: Ids, doc: Doc) -> Iterator[Element]:
    """hindcast.json: when the rule fell due under each reading, and what was done."""
    rows: list[Sequence[Cell]] = [
        (each["coding"], each["reading"], human(each["phase"]), _due(each), _gap(each), _act(each)) for each in doc["statements"]
    ]
    header = ("Coding", "Reading of the trigger", "Phase", "Rule falls due", "Gap", "First reported act from then on")
    yield table(ids, "When the rule falls due, and what was done", header, rows)
    notes = {each["reading"]: each["note"] for each in doc["statements"] if each.get("note")}
    if notes:
        yield table(ids, "What each reading takes the words to mean", ("Reading", "Note"), list(notes.items()))
    stood: list[Sequence[Cell]] = [
        (each["coding"], each["reading"], each["date"], each["deed"], human(each["shows"]), human(each["rule"]), each["since"])
        for each in doc.get("standings", ())
    ]
    if stood:
        columns = ("Coding", "Reading of the trigger", "Date", "Fact", "Shows", "By the rule", "Since")
        yield table(ids, "On the day of each act, where the rule stood", columns, stood)
    deeds: list[Sequence[Cell]] = [
        (each["date"], each["id"], human(each["phase"]), each["says"], site(each["source"]) or NOTHING) for each in doc["deeds"]
    ]
    yield table(ids, "What was done, by the ledgers", ("Date", "Fact", "Shows the phase", "What", "Source"), deeds)


KNOWN: Mapping[str, tuple[str, Callable[[Ids, Doc], Iterator[Element]]]] = {
    "summary.json": ("What came out", summary),
    "comparison.json": ("Policies compared", comparison),
    "hindcast.json": ("Statement against behaviour", hindcast),
    "explanation.json": ("Why this run went as it did", told.explanation),
    "quality.json": ("Triggers against the twin that sees perfectly", told.quality),
    "findings.json": ("What the check found", told.findings),
}


# run and compare --------------------------------------------------------------------------------------------------------------


def _who(cells: Sequence[Doc]) -> tuple[str, ...]:
    """Columns that tell pairs apart, where there are several."""
    return tuple(name for name in ("scenario", "policy") if len({each[name] for each in cells}) > 1)


def _start(cell: Doc) -> dt.date:
    return dt.date.fromisoformat(cell["start"])


def _named(cells: Sequence[Doc]) -> list[str]:
    return [human(name) for name in _who(cells)]


def _pair(cells: Sequence[Doc], cell: Doc) -> list[str]:
    return [str(cell[name]) for name in _who(cells)]


def _reached(ids: Ids, cells: Sequence[Doc]) -> Element:
    sampled = not all(each["single_path"] for each in cells)
    over = any(passage["over_readings"] for each in cells for passage in each["first_passage"].values())
    days = ["5% of runs by", "50% of runs by", "95% of runs by"] if sampled else ["On"]
    rows = [
        [
            *_pair(cells, cell),
            human(name),
            _told(cell, passage),
            *([_over(cell, passage)] if over else []),
            *_days(cell, passage, sampled),
        ]
        for cell in cells
        for name, passage in cell["first_passage"].items()
    ]
    header = [*_named(cells), "Phase", "Reached in" if sampled else "Reached", *(["Over readings"] if over else []), *days]
    return table(ids, "When each phase, or a higher one, was first reached", header, rows, BRACKETS if sampled else "")


def _told(cell: Doc, passage: Doc) -> str:
    if cell["single_path"]:
        return "yes" if passage["reached"] else "no"
    return share(passage["reached"], passage["interval"], cell["runs"])


def _over(cell: Doc, passage: Doc) -> str:
    found = passage["over_readings"]
    if not found:
        return NOTHING
    if cell["single_path"]:
        return " or ".join(dict.fromkeys("yes" if each else "no" for each in found))
    return "–".join(percent(each, cell["runs"]).rstrip("%") for each in found) + "%"


def _days(cell: Doc, passage: Doc, sampled: bool) -> list[str]:
    if not sampled or cell["single_path"]:
        alone = day(passage["quantiles"]["0.5"], _start(cell))
        return [NOTHING, alone, NOTHING] if sampled else [alone]
    return [quantile(passage, level, _start(cell)) for level in ("0.05", "0.5", "0.95")]


def _stays(ids: Ids, cells: Sequence[Doc]) -> Element:
    sampled = not all(each["single_path"] for each in cells)
    rows = [
        [
            *_pair(cells, cell),
            human(name),
            *_at_the_end(cell, name),
            _mean(stay, sampled),
            brief(stay["completed"]),
            brief(stay["mean_completed"]),
        ]
        for cell in cells
        for name, stay in cell["dwell"].items()
    ]
    end = "Share of runs on the last day" if sampled else "On the last day"
    header = [*_named(cells), "Phase", end, "Days in the phase, per run", "Stays completed", "Mean days of these"]
    return table(ids, "Days in each phase", header, rows, "After ±: Monte Carlo standard errors." if sampled else "")


def _at_the_end(cell: Doc, phase: str) -> list[str]:
    last = cell["occupancy"][phase][-1]
    if cell["single_path"]:
        return ["yes" if last else "no"]
    interval = [cell["occupancy_interval"][phase][end][-1] for end in ("low", "high")]
    return [share(last, interval, cell["runs"])]


def _mean(stay: Doc, sampled: bool) -> str:
    return f"{stay['mean_in_phase']:.1f} ± {stay['se']:.1f}" if sampled else number(stay["mean_in_phase"])


def _transitions(ids: Ids, cells: Sequence[Doc]) -> Iterator[Element]:
    rows = [
        [each["name"], human(each["from"]), human(each["to"]), number(each["count"])]
        for cell in cells
        for each in cell["transitions"]
    ]
    if rows:
        yield table(ids, "Transitions, over all runs", ("Transition", "From", "To", "How often"), rows)


def _rivals(ids: Ids, cells: Sequence[Doc]) -> Iterator[Element]:
    rows = [
        [
            *_pair(cells, cell),
            human(each["threshold"]),
            human(each["rival"]),
            each["value"],
            each["grade"],
            human(phase),
            ("yes" if reached else "no") if cell["single_path"] else share(reached, each["interval"][phase], each["runs"]),
            day(each["median"][phase], _start(cell)),
        ]
        for cell in cells
        for each in cell["rivals"]
        for phase, reached in each["reached"].items()
    ]
    if rows:
        header = [*_named(cells), "Threshold", "Rival reading", "Value", "Grade", "Phase", "Reached in", "50% of runs by"]
        yield table(ids, "Rival readings of the thresholds, one at a time, on the same draws", header, rows)


def _against(ids: Ids, pairs: Sequence[Doc]) -> Element:
    several = len({each["scenario"] for each in pairs}) > 1
    rows = [
        [
            *([each["scenario"]] if several else []),
            f"{each['b']} against {each['a']}",
            human(each["phase"]),
            *(percent(value, each["runs"]) for value in _shares(each)),
            _difference(each),
            NOTHING if each["runs"] == 1 or each["se"] == 0 else brief(each["told_apart"]),
        ]
        for each in pairs
    ]
    header = [
        *(["Scenario"] if several else []),
        "Policies",
        "Phase",
        "Sooner",
        "Later",
        "Same day",
        "Neither",
        "Mean difference",
    ]
    note = (
        "Shares of runs on the same draws. Days: each first passage capped at the horizon; after ± Monte Carlo standard errors."
    )
    return table(ids, "Each policy against another", [*header, "Told apart"], rows, note)


def _shares(each: Doc) -> tuple[float, float, float, float]:
    return each["b_earlier"] + each["only_b"], each["a_earlier"] + each["only_a"], each["same_day"], each["neither"]


def _difference(each: Doc) -> str:
    if each["mean_difference"] == 0 and each["se"] == 0:
        return "none in any run"
    error = f" ± {each['se']:.1f}" if each["runs"] > 1 else ""
    return f"{abs(each['mean_difference']):.1f}{error} days {'later' if each['mean_difference'] > 0 else 'sooner'}"


# hindcast ---------------------------------------------------------------------------------------------------------------------


def _due(each: Doc) -> str:
    if each["due"] is None:
        return "not within the run"
    return f"{each['due']}, until {each['until']}" if each.get("until") else str(each["due"])


def _gap(each: Doc) -> str:
    if each["due"] is None:
        return NOTHING
    if each["shown"]:
        return f"{each['gap_days']} days"
    below = each["last_seen_below"]
    return (
        f"over {each['gap_days']} days: still {human(below['phase'])} on {below['date']} ({below['id']})"
        if below
        else ("nothing reported meanwhile" if each.get("until") else "nothing reported since")
    )


def _act(each: Doc) -> str:
    deed = each["shown"] or each["next_deed"]
    return f"{deed['date']} {deed['id']}: {deed['says']}" if deed else NOTHING
