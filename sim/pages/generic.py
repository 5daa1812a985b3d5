"""Any JSON file as tables: a table for each list of records, one for plain values, and no field left out without a word."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sim.pages.html import Element, el
from sim.pages.tables import MOST_ROWS, Ids, cut, table
from sim.pages.words import brief, human

_DEEPEST = 4


def tables(ids: Ids, value: Any, caption: str, depth: int = 0) -> Iterator[Element]:
    """Tables of a map or list. What is nested deeper than some levels is told in a cell."""
    if isinstance(value, dict):
        yield from _map(ids, value, caption, depth)
    elif _is_list_of_records(value) and any(value):
        yield from _records(ids, list(enumerate(value, start=1)), caption, depth)
    else:
        yield el("p", f"{caption}: {brief(value)}")


def _map(ids: Ids, value: Mapping[str, Any], caption: str, depth: int) -> Iterator[Element]:
    parts = {key: each for key, each in value.items() if _has_parts(each) and depth < _DEEPEST}
    plain = [(human(key), brief(each)) for key, each in value.items() if key not in parts and key != "schema"]
    if plain:
        yield table(ids, caption, ("What", "Value"), plain)
    elif not parts:
        yield el("p", f"{caption}: nothing.")
    for key, each in parts.items():
        name = f"{caption} · {human(key)}"
        alike = isinstance(each, dict) and len(each) > 1 and all(isinstance(part, dict) and part for part in each.values())
        if alike and _shared(each):
            yield from _records(ids, list(each.items()), name, depth + 1)
        else:
            yield from tables(ids, each, name, depth + 1)


def _has_parts(value: Any) -> bool:
    """Whether a value needs more than a cell."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, dict) for each in value)
    return isinstance(value, dict) and bool(value)


def _shared(records: Mapping[str, Mapping[str, Any]]) -> bool:
    """Whether maps have keys in common, so that they are rows of one table."""
    first, *rest = ({*each} for each in records.values())
    return bool(first.intersection(*rest))


def _records(ids: Ids, records: list[tuple[int | str, dict[str, Any]]], caption: str, depth: int) -> Iterator[Element]:
    """One row each. Lists of records inside them have tables of their own, after this one."""
    said = [(str(each.get("scenario") or ""), text) for _, each in records for text in _sentences(each)]
    if said:  # the file words it itself; the numbers behind are in the file
        yield from _told(said, caption)
        return
    keys = list(dict.fromkeys(key for _, each in records for key in each))
    nested = [key for key in keys if depth < _DEEPEST and any(_is_list_of_records(each.get(key)) for _, each in records)]
    flat = [key for key in keys if key not in nested]
    named = isinstance(records[0][0], str)
    leading = ["Name"] if named or not flat else []
    if not leading:
        flat = sorted(flat, key=lambda key: not _names_rows(key))
    rows = [[*([human(str(name))] if leading else []), *(brief(each.get(key)) for key in flat)] for name, each in records]
    if flat:
        yield table(ids, caption, [*leading, *map(human, flat)], rows)
    for name, each in records[: MOST_ROWS // 10]:
        for key in nested:
            if each.get(key):
                yield from tables(ids, each[key], f"{caption} · {_title(name, each)} · {human(key)}", depth + 1)


def _told(said: list[tuple[str, str]], caption: str) -> Iterator[Element]:
    """Sentences as a list, one for each scenario where there are several."""
    scenarios = list(dict.fromkeys(scenario for scenario, _ in said[:MOST_ROWS]))
    for scenario in scenarios:
        yield el("h4", f"{caption} · {scenario}" if len(scenarios) > 1 else caption)
        yield el("ul", (el("li", text) for of, text in said[:MOST_ROWS] if of == scenario))
    if len(said) > MOST_ROWS:
        yield el("p", cut(MOST_ROWS, len(said)))


def _sentences(record: Mapping[str, Any]) -> list[str]:
    """What a record says of itself in words (`text`)."""
    text = record.get("text")
    found = text if isinstance(text, list) else [text]
    return [each for each in found if isinstance(each, str) and " " in each]


def _is_list_of_records(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _names_rows(key: str) -> bool:
    return key in ("name", "id", "factor", "transition", "rule", "file")


def _title(name: int | str, record: Mapping[str, Any]) -> str:
    if isinstance(name, str):
        return human(name)
    found = next((str(record[key]) for key in ("name", "transition", "id", "scenario", "phase") if record.get(key)), "")
    return f"{name} ({found})" if found else str(name)
