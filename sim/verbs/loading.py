"""`sim.load` and `sim.list`: what a file says, and which files can be named."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import report
from sim.analysis.diagrams import Diagram, DrawnTransition, diagram_of
from sim.analysis.evidence import Evidence as Rests
from sim.analysis.evidence import FileEvidence, cited, of_losses, of_policy, of_scenario
from sim.framing import TEACHING
from sim.library import LISTED, Entry, Library, Loaded
from sim.pages.evidence import evidence
from sim.pages.html import Element, el
from sim.pages.tables import Ids, table
from sim.pages.words import NOTHING, brief, plural
from sim.spec.evidence import Evidence
from sim.spec.exercise import Exercise
from sim.spec.losses import Losses
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.verbs.answer import Answer
from sim.verbs.given import Name, command_line, name_of

if TYPE_CHECKING:
    from sim.verbs.answer import Drawn

Spec = Policy | Scenario | Evidence | Losses | Exercise


@dataclass(frozen=True, repr=False, eq=False)
class FileAnswer(Answer[Loaded[Any]], os.PathLike[str]):
    """A file that was read and found free of mistakes. Verbs take it in place of a name."""

    typed: str
    """how it was named"""

    def __fspath__(self) -> str:
        return str(self.path)

    @property
    def spec(self) -> Spec:
        """All that the file says, with what it extends, as a record that cannot change."""
        found: Spec = self.record.spec
        return found

    @property
    def path(self) -> Path:
        """Where it lies."""
        return self.record.path

    @property
    def text(self) -> str:
        """The file as it was written."""
        return self.record.text

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is odd in it, with file, line and column."""
        return tuple(map(str, self.record.warnings))

    @property
    def about(self) -> str:
        return f"{self.spec.kind} {self.spec.name}"

    def _brief(self) -> str:
        return self.spec.title

    def _document(self) -> dict[str, Any]:
        found: dict[str, Any] = self.spec.model_dump(mode="json", by_alias=True, exclude_unset=True)
        return found

    @property
    def cautions(self) -> Mapping[str, str]:
        return {"What this is": TEACHING}

    @property
    def framing(self) -> str:
        counted = [each for each in _rests(self.record).numbers if each.counted] if _has_numbers(self.spec) else []
        assumed = sum(each.grade == "assumed" for each in counted)
        return f"{TEACHING} {assumed} of its {plural(len(counted), 'number')} are assumed." if counted else TEACHING

    def _drawn(self) -> Drawn:
        """Of a policy its diagram: phases, and transitions with guards, confirmations and lags."""
        if not isinstance(self.spec, Policy):
            return {}
        from sim.charts import Imprint, diagram_chart

        drawn, command = diagram_of(self.spec), command_line("diagram", self.typed, options=[("--format", "svg")])
        return {"diagram": lambda imprint: diagram_chart(drawn, Imprint(command, imprint.version))}

    def _body(self, ids: Ids) -> list[Element]:
        return [el("p", self.spec.title), *_told(ids, self.record)]


def load(name: Name) -> FileAnswer:
    """What a policy, scenario, ledger, file of losses or exercise says, given by its name or path, whichever it is.

    Raises BadInput with every mistake in the file, each with its line and column; BadUsage where there is none.

    >>> sim.load("phased-approach")
    """
    typed = name_of(name)
    return FileAnswer(Library().load_any(typed), command_line("show", typed), typed)


# one file in a notebook -------------------------------------------------------------------------------------------------------


def _has_numbers(spec: Spec) -> bool:
    return isinstance(spec, Policy | Scenario | Losses)


def _rests(loaded: Loaded[Any]) -> FileEvidence:
    """Its numbers, with grades and facts."""
    spec, ledgers = loaded.spec, [each.name for each in loaded.ledgers.values()]
    if isinstance(spec, Policy):
        return of_policy(spec, ledgers)
    return of_scenario(spec, ledgers) if isinstance(spec, Scenario) else of_losses(spec, ledgers)


def _told(ids: Ids, loaded: Loaded[Any]) -> Iterator[Element]:
    """A policy begins with its ladder, a scenario with its days; then their numbers and the facts behind them."""
    spec = loaded.spec
    if isinstance(spec, Evidence):
        yield _facts(ids, spec)
    elif isinstance(spec, Exercise):
        yield from _exercise(ids, spec)
    else:
        if isinstance(spec, Policy):
            yield _ladder(spec)
        if isinstance(spec, Scenario):
            yield el("p", f"From {spec.start}, {brief(spec.days.value)} days. Policy: {spec.policy or 'none of its own'}.")
        rests = _rests(loaded)
        facts = {each.name: each.facts for each in loaded.ledgers.values()}
        document = report.evidence(Rests((), (rests,), cited([rests], facts)))
        found = [each for _, tables in evidence(ids, document) for each in tables]
        yield from found[:1]
        if found[1:]:
            yield el("details", el("summary", "Rules, and the facts behind them"), found[1:])


def _ladder(policy: Policy) -> Element:
    """Phases, lowest first, each with the transitions that lead out of it, in the words of its diagram."""
    drawn = diagram_of(policy)
    return el("ol", [_phase(drawn, at) for at in range(len(drawn.phases))])


def _phase(drawn: Diagram, at: int) -> Element:
    phase = drawn.phases[at]
    ways = [_way(drawn, each) for each in drawn.transitions if at in each.leaves]
    stay = f" ({phase.name}){phase.stay and f'; {phase.stay}'}"
    return el("li", el("strong", phase.label), stay, el("ul", ways) if ways else None)


def _way(drawn: Diagram, each: DrawnTransition) -> Element:
    terms = "".join(f"; {term}" for term in each.terms)
    return el("li", f"{each.name}: to {drawn.phases[each.to].name} when ", el("code", each.when), terms)


def _facts(ids: Ids, ledger: Evidence) -> Element:
    rows = [
        (
            id_,
            each.says,
            each.who or NOTHING,
            str(each.date or "no date"),
            each.supports,
            "only afterwards" if each.hindsight else "",
        )
        for id_, each in ledger.facts.items()
    ]
    return table(ids, "Facts, as the ledger words them", ("Fact", "Says", "Who", "Date", "Supports", "Known"), rows, whole=True)


def _exercise(ids: Ids, exercise: Exercise) -> Iterator[Element]:
    if exercise.about:
        yield el("p", exercise.about)
    objectives = exercise.objectives
    yield el("ol", (el("li", each) for each in (objectives.values() if isinstance(objectives, Mapping) else objectives)))
    rows = [
        (
            each.title or name,
            str(each.on),
            str(each.minutes),
            str(len(each.injects)),
            each.decide.question if each.decide else NOTHING,
        )
        for name, each in exercise.moves.items()
    ]
    yield table(
        ids,
        f"Moves, {exercise.minutes} minutes with the debrief",
        ("Move", "Known until", "Minutes", "Injects", "Question"),
        rows,
    )


# names ------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False, eq=False)
class ListAnswer(Answer[Mapping[str, Sequence[Entry]]]):
    """The files that can be named: those of this folder first, then those that are shipped."""

    @property
    def names(self) -> Mapping[str, tuple[str, ...]]:
        """By kind, as in `sim.library.LISTED`."""
        return {kind: tuple(each.name for each in entries) for kind, entries in self.record.items()}

    @property
    def about(self) -> str:
        return "what can be named"

    def _brief(self) -> str:
        return ", ".join(f"{len(entries)} {kind}" for kind, entries in self.record.items())

    def _document(self) -> dict[str, Any]:
        return {
            kind: [{"name": each.name, "title": each.title, "path": str(each.path)} for each in entries]
            for kind, entries in self.record.items()
        }

    def _body(self, ids: Ids) -> list[Element]:
        return [
            table(ids, kind.capitalize(), ("Name", "Title"), [(each.name, each.title) for each in entries], whole=True)
            for kind, entries in self.record.items()
            if entries
        ]


def list_() -> ListAnswer:
    """Every scenario, policy, exercise, file of losses and ledger of evidence that can be named from here."""
    library = Library()
    return ListAnswer({kind: library.entries(each) for each, kind in LISTED.items()}, command_line("list"))
