"""The parts of a page: charts, results, what these cannot say, what they rest on, data, and how it was made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from sim.framing import TEACHING
from sim.pages import generic
from sim.pages.caveats import caveats
from sim.pages.evidence import evidence
from sim.pages.figures import element, figures
from sim.pages.html import Child, Element, el
from sim.pages.known import KNOWN
from sim.pages.records import File, Report
from sim.pages.tables import Cell, Ids, is_wide, of_csv, table
from sim.pages.words import NOTHING, human, size

T = TypeVar("T")
_EVIDENCE = "evidence.json"
_BULKY = ("daily.csv", "runs.csv")
"""files for other programs: of these the first rows are shown, among the data"""
_PREVIEW = 8
_ROWS = 40
"""rows of any other csv file"""
_MISFITS = (KeyError, TypeError, ValueError, AttributeError, IndexError, ArithmeticError)
"""what comes of a file that is not of the shape that its name promises: changed by hand, or of another version"""


@dataclass(frozen=True)
class Part:
    """A heading and what stands under it."""

    heading: str
    name: str
    """id of the heading"""
    body: Sequence[Child] = ()
    inner: Sequence[Part] = ()


def parts(ids: Ids, report: Report) -> Iterator[Part]:
    """All parts in the order of the page; one may be empty."""
    drawn = [Part(each.heading, ids.new("chart-of"), [element(ids, each)]) for each in figures(report)]
    yield Part("Charts", "charts", inner=drawn)
    yield Part("Results", "results", inner=list(_results(ids, report)))
    told = (el("div", el("dt", about), el("dd", words)) for about, words in cautions(report))
    yield Part("What this cannot say", "caveats", [el("dl", told)])
    yield Part("Evidence", "evidence", inner=_evidence(ids, report))
    yield Part("Data", "data", inner=list(_data(ids, report)))
    yield Part("How it was made", "made", list(_made(ids, report)))


def cautions(report: Report) -> list[tuple[str, str]]:
    """What the report cannot say."""
    return _tried(lambda: caveats(report.documents), lambda: [("What this is", TEACHING)])


def _tried(make: Callable[[], Iterable[T]], otherwise: Callable[[], Iterable[T]]) -> list[T]:
    """What a known file tells; one of another shape is told as it is."""
    try:
        return list(make())
    except _MISFITS:
        return list(otherwise())


# results ----------------------------------------------------------------------------------------------------------------------


def _results(ids: Ids, report: Report) -> Iterator[Part]:
    """The JSON files, those whose shape is known in words; then tables that no JSON file tells."""
    for name, content in report.documents.items():
        if name != _EVIDENCE:
            yield _document(ids, name, content)
    for file in report.files:
        if file.form == "csv" and not _among_data(file, report):
            yield from _csv(ids, file, _ROWS)


def _document(ids: Ids, name: str, content: Any) -> Part:
    heading = human(name.removesuffix(".json"))
    plainly = partial(generic.tables, ids, content, heading)
    if name not in KNOWN:
        return Part(heading, ids.new("result"), list(plainly()))
    heading, known = KNOWN[name]
    return Part(heading, ids.new("result"), _tried(partial(known, ids, content), plainly))


def _among_data(file: File, report: Report) -> bool:
    return file.name in _BULKY or f"{file.stem}.json" in report.documents


def _evidence(ids: Ids, report: Report) -> list[Part]:
    found = report.document(_EVIDENCE)
    if not found:
        return []
    told = _tried(lambda: evidence(ids, found), lambda: [(_EVIDENCE, list(generic.tables(ids, found, "Evidence")))])
    return [Part(heading, ids.new("evidence-of"), body) for heading, body in told]


def _data(ids: Ids, report: Report) -> Iterator[Part]:
    """The first rows of files for other programs, and of those that a JSON file tells better."""
    for file in report.files:
        if file.form == "csv" and _among_data(file, report):
            yield from _csv(ids, file, _PREVIEW)
        if file.form == "json" and file.content is not None and file.name not in report.documents:
            yield Part(file.name, ids.new("data-of"), [el("p", "This file is no JSON that can be read.")])


def _csv(ids: Ids, file: File, most: int) -> Iterator[Part]:
    if file.content is not None:
        made = of_csv(ids, file.name, file.content, most) or el("p", "This file is no table that can be read.")
        left_out = (
            el("p", "A table too wide for paper, left out here.", class_="paper") if most == _PREVIEW and is_wide(made) else None
        )
        yield Part(file.name, ids.new("data-of"), [made, left_out])


# how it was made --------------------------------------------------------------------------------------------------------------


def _made(ids: Ids, report: Report) -> Iterator[Element]:
    yield el("p", "This command writes the report again, from the same inputs:")
    yield el("pre", el("code", report.command), tabindex=0, role="region", aria_label="Command")
    yield table(ids, "Versions", ("What", "Which"), list({"seed": str(report.seed), **report.versions}.items()))
    yield _inputs(ids, report.inputs)
    rows = [_file(each) for each in sorted(report.files, key=lambda each: each.status == "as recorded")]
    header = ("File", "Now", "Size", "sha256 begins")
    yield table(ids, "Files of the report, held against its manifest", header, rows)


def _inputs(ids: Ids, found: Mapping[str, str]) -> Element:
    rows: list[Sequence[Cell]] = [(name, el("code", digest[:16])) for name, digest in found.items()]
    return table(ids, "Inputs read", ("File", "sha256 begins"), rows)


def _file(each: File) -> Sequence[Cell]:
    status: Cell = each.status if each.status == "as recorded" else el("strong", each.status)
    return each.name, status, size(each.size) if each.size else NOTHING, el("code", each.sha256[:16])
