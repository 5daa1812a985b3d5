"""From a merged tree to the record, with the ledgers and tables that it names and every mistake in all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar, cast

from pydantic import BaseModel

from sim.errors import BadInput, Place, Problem, listed, quote
from sim.load.evidence import evidence_problems
from sim.load.exercise import exercise_problems, exercise_warnings
from sim.load.files import MODELS, File, Input, digest, file_bytes, label, read_file, said_kind
from sim.load.losses import losses_problems
from sim.load.nodes import Node
from sim.load.policy import policy_problems, policy_warnings
from sim.load.scenario import bounds_of, scenario_problems, scenario_warnings
from sim.load.source import Source
from sim.load.table import Rows, rows
from sim.load.validate import ENOUGH, validated
from sim.spec.evidence import Evidence, Fact
from sim.spec.scenario import CsvPath, Variable

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True)
class Loaded(Generic[M]):
    """A file that has been read, laid over its bases, changed by `--set` and found free of mistakes."""

    spec: M
    path: Path
    facts: Mapping[str, Fact]
    """the facts of all ledgers listed, by id"""
    ledgers: Mapping[str, Evidence]
    """by the name under which the file lists them"""
    inputs: tuple[Input, ...]
    """every file read: itself, its bases, ledgers and tables"""
    tables: Mapping[str, Rows]
    """the rows of each variable whose path is a csv file"""
    warnings: tuple[Problem, ...]
    text: str
    """the file as it was written"""
    source: Source[M] = field(repr=False)

    def place(self, dotted: str) -> Place:
        """Where a dotted path stands in its file; of an absent one, its nearest ancestor."""
        return self.source.place(dotted)


@dataclass(frozen=True)
class Draft:
    """A file on its way: its tree so far, and the mistakes found so far."""

    kind: str
    file: File
    root: Node
    problems: tuple[Problem, ...]
    inputs: tuple[Input, ...]
    folders: Mapping[str, Path]
    """by the label of a place, the folder in which names written there are looked up"""

    def folder(self, place: Place) -> Path:
        return self.folders.get(place.file, self.file.path.parent)


class Finder(Protocol):
    """How a file finds the files that it names."""

    def near(self, ref: str, kind: str, folder: Path) -> Path | None: ...
    def not_found(self, ref: str, kind: str, beside: Path | None) -> str: ...


def loaded(draft: Draft, finder: Finder) -> tuple[Loaded[Any], list[Problem]]:
    """The record, and every mistake. Where there is one, the record holds only what is whole."""
    model, structure = validated(MODELS[draft.kind], draft.root)
    source = cast(Source[Any], model)
    others = _Others(draft, source, finder)
    facts, twice = _facts(source, others.ledgers)
    problems = [*draft.problems, *structure, *others.problems, *twice]
    known = None if others.unread else facts
    problems += islice(chain(_CHECKS[draft.kind](source), evidence_problems(source, known)), ENOUGH)
    inputs = tuple(dict.fromkeys([*draft.inputs, *others.inputs]))
    warnings = (*_misnamed(draft, source), *islice(_WARNINGS[draft.kind](source), ENOUGH))
    record = Loaded(source.spec, draft.file.path, facts, others.ledgers, inputs, others.tables, warnings, draft.file.text, source)
    return record, problems


def _misnamed(draft: Draft, source: Source[Any]) -> Iterator[Problem]:
    """One types a file's name, and reports bear the `name:` in it."""
    path, name = draft.file.path, getattr(source.spec, "name", "")
    if source.whole("name") and not path.with_suffix("").as_posix().endswith(name):
        yield source.problem("name", f"is not the file's own name, {quote(path.stem)}; reports are filed under {quote(name)}")


class _Others:
    """The ledgers and tables that a file names."""

    def __init__(self, draft: Draft, source: Source[Any], finder: Finder) -> None:
        self.draft, self.source, self.finder = draft, source, finder
        self.ledgers: dict[str, Evidence] = {}
        self.tables: dict[str, Rows] = {}
        self.inputs: list[Input] = []
        self.problems: list[Problem] = []
        for index, ref in enumerate(getattr(source.spec, "evidence", ())[:ENOUGH]):
            self._try(self._ledger, f"evidence.{index}", ref)
        self.unread = bool(self.problems) or not source.whole("evidence")
        for name, variable in getattr(source.spec, "variables", {}).items():
            if isinstance(variable.path, CsvPath):
                self._try(self._table, name, variable)

    def _try(self, read: Callable[[str, Any], None], name: str, what: object) -> None:
        try:
            read(name, what)
        except BadInput as error:
            self.problems += error.problems

    def _ledger(self, at: str, ref: str) -> None:
        folder = self.draft.folder(self.source.place(at))
        path = self.finder.near(ref, "evidence", folder)
        if path is None:
            raise BadInput([self.source.problem(at, self.finder.not_found(ref, "evidence", folder))])
        file = read_file(path, label(path))
        if (said := said_kind(file)) != "evidence":
            raise BadInput([self.source.problem(at, f"{quote(ref)} is of kind {said}, not evidence")])
        source, problems = validated(Evidence, file.root)
        self.problems += [*file.problems, *problems]
        self.ledgers[ref] = source.spec
        self.inputs.append(file.input)

    def _table(self, name: str, variable: Variable) -> None:
        assert isinstance(variable.path, CsvPath)
        at = f"variables.{name}.path.csv"
        path, wrong = _below(variable.path.csv, self.draft.folder(self.source.place(at)))
        if path is None:
            raise BadInput([self.source.problem(at, wrong)])
        raw = file_bytes(path, label(path))
        self.inputs.append(Input(path, digest(raw)))
        self.tables[name], problems = rows(raw, label(path), variable.path.date, variable.path.value, bounds_of(variable))
        self.problems += problems[:ENOUGH]


def _below(ref: str, folder: Path) -> tuple[Path | None, str]:
    """A table beside a file or below it, and nowhere else."""
    relative = Path(ref)
    if relative.is_absolute() or ".." in relative.parts or "\\" in ref or "\0" in ref or not ref.endswith(".csv"):
        return None, f"must be a csv file beside this file or below it, such as level.csv, got {quote(ref)}"
    path = folder / relative
    if not path.is_file():
        return None, f"there is no file {quote(ref)} beside this file"
    if not path.resolve().is_relative_to(folder.resolve()):
        return None, f"must be a csv file beside this file or below it, but {quote(ref)} leads elsewhere"
    return path, ""


def _facts(source: Source[Any], ledgers: Mapping[str, Evidence]) -> tuple[dict[str, Fact], list[Problem]]:
    """The facts of all ledgers; an id stands in one of them only."""
    facts: dict[str, Fact] = {}
    first: dict[str, str] = {}
    problems: list[Problem] = []
    refs: tuple[str, ...] = getattr(source.spec, "evidence", ())
    for ref, ledger in ledgers.items():
        twice = [fact for fact in ledger.facts if fact in facts]
        if twice:
            message = f"ledger {quote(ref)} has facts that {quote(first[twice[0]])} has too: {listed(twice)}; ids must be unique"
            problems.append(source.problem(f"evidence.{refs.index(ref)}", message))
        facts |= ledger.facts
        first |= dict.fromkeys(ledger.facts, ref)
    return facts, problems


def _nothing(_: Source[Any]) -> Iterator[Problem]:
    yield from ()


_Checks = dict[str, Callable[[Source[Any]], Iterable[Problem]]]
_CHECKS: _Checks = {
    "policy": policy_problems,
    "scenario": scenario_problems,
    "evidence": _nothing,
    "losses": losses_problems,
    "exercise": exercise_problems,
}
_WARNINGS: _Checks = {
    "policy": policy_warnings,
    "scenario": scenario_warnings,
    "evidence": _nothing,
    "losses": _nothing,
    "exercise": exercise_warnings,
}
