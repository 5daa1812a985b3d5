"""What a report rests on: every number with its grade and the facts behind it, from its evidence.json."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sim.pages.html import Child, Element, breakable, el, link
from sim.pages.tables import Cell, Ids, table
from sim.pages.words import NOTHING

Doc = Mapping[str, Any]
_NOTE = "Assumed numbers are marked. In grey: what does not shape the runs, such as bounds and rival readings."


@dataclass(frozen=True)
class _Facts:
    """The facts by ledger and id, and where each stands on the page."""

    places: Mapping[tuple[str, str], str]

    def links(self, file: Doc, ids: Sequence[str]) -> list[Child]:
        """Links to the facts, a blank between two."""
        found: list[Child] = []
        for id_ in ids:
            place = next((self.places[key] for ledger in file["ledgers"] if (key := (ledger, id_)) in self.places), None)
            found += [" " if found else "", el("a", id_, href=f"#{place}") if place else id_]
        return found or [NOTHING]


def evidence(ids: Ids, doc: Doc) -> Iterator[tuple[str, list[Element]]]:
    """Headings and what stands under them: the numbers and rules of each file, and the facts."""
    facts = _Facts({(each["ledger"], each["id"]): ids.new("fact") for each in doc["facts"]})
    for file in doc["files"]:
        yield f"The {file['kind']}: {file['title']}", list(_file(ids, file, facts))
    ledgers = list(dict.fromkeys(each["ledger"] for each in doc["facts"]))
    if ledgers:
        cited = {ledger: [each for each in doc["facts"] if each["ledger"] == ledger] for ledger in ledgers}
        yield "The facts behind them", [_facts(ids, ledger, cited[ledger], facts) for ledger in ledgers]


def _file(ids: Ids, file: Doc, facts: _Facts) -> Iterator[Element]:
    rows = [_number(each, file, facts) for each in file["numbers"]]
    if rows:
        header = ("Number", "Value", "Unit", "Grade", "Facts", "Note")
        yield table(ids, f"Numbers of {file['kind']} {file['name']}", header, rows, _NOTE, whole=True)
    rules: list[Sequence[Cell]] = [(each["path"], each["says"], facts.links(file, each["facts"])) for each in file["rules"]]
    if rules:
        yield table(ids, f"What {file['kind']} {file['name']} says besides", ("Where", "What", "Facts"), rules)


def _number(each: Doc, file: Doc, facts: _Facts) -> Sequence[Cell]:
    """One row; a number that does not count stands back."""
    path: Cell = each["path"] if each["counted"] else el("span", breakable(each["path"]), class_="apart")
    return (
        path,
        each["value"],
        each["unit"] or NOTHING,
        _grade(each["grade"]),
        facts.links(file, each["facts"]),
        each["note"] or NOTHING,
    )


def _grade(grade: str) -> Element | str:
    """An assumed number is marked by a word in a frame, not by a colour alone."""
    return el("strong", grade, class_="assumed") if grade == "assumed" else grade


def _facts(ids: Ids, ledger: str, found: Sequence[Doc], facts: _Facts) -> Element:
    rows: list[Sequence[Cell]] = [
        (
            each["id"],
            each["says"],
            each["who"] or NOTHING,
            _source(each),
            each["date"] or "no date",
            each["supports"],
            _when(each),
        )
        for each in found
    ]
    header = ("Fact", "Says", "Who", "Outlet", "Date", "Supports", "Known")
    anchors = [facts.places[ledger, each["id"]] for each in found]
    note = "As its ledger words it: a paraphrase."
    return table(ids, f"Facts cited from the ledger {ledger}", header, rows, note, anchors, whole=True)


def _source(each: Doc) -> Cell:
    outlet, source = each["outlet"], each["source"]
    return link(outlet or source or NOTHING, source) if source else outlet or NOTHING


def _when(each: Doc) -> str:
    return "only afterwards" if each["hindsight"] else "by then"
