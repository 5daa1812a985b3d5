"""`sim.hindcast`: statement against behaviour, when a rule fell due and what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api, report
from sim.errors import every
from sim.pages.words import plural
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Names, Set, changed, command_line, name_of, names_of, sets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.library import Pair
    from sim.results import Statement
    from sim.verbs.answer import Drawn

CODINGS = ("hindcast-kursk-counts", "hindcast-ukraine-only")
"""the two codings of the founding case"""


@dataclass(frozen=True, repr=False, eq=False)
class HindcastAnswer(Answer[api.Hindcast]):
    """When a rule falls due under each reading of it, on each coding of what was reported, and what was done."""

    _file = "hindcast.json"

    @property
    def statements(self) -> tuple[Statement, ...]:
        """One for each coding, reading and phase: the date on which the rule falls due, the deed, and the gap in days."""
        return self.record.statements

    @property
    def about(self) -> str:
        codings = [pair.scenario.spec.name for pair in self.record.codings]
        return f"{self.record.codings[0].policy.spec.name} against what was done, by {every(codings)}"

    def _brief(self) -> str:
        due = [each for each in self.statements if each.reading.due]
        return f"{len(due)} of {plural(len(self.statements), 'reading')} fall due"

    def _document(self) -> dict[str, Any]:
        return document(self.record)

    def _pairs(self) -> Sequence[Pair]:
        return self.record.codings

    def _drawn(self) -> Drawn:
        from sim.charts import hindcast_chart

        done = self.record
        told = done.statements, done.deeds, done.start, done.end
        return {"hindcast": lambda imprint: hindcast_chart(*told, imprint, done.grades, done.courses)}


def hindcast(
    scenarios: Names = CODINGS,
    policy: Name | None = None,
    *,
    set: Set = (),  # noqa: A002 - as the option is called
) -> HindcastAnswer:
    """When a rule falls due under each reading of it, on each coding of what was reported, and what was done. Never a fit.

    `scenarios`: one coding or several. Raises BadInput, BadUsage.

    >>> sim.hindcast()
    """
    named, ruled, sets = names_of(scenarios), None if policy is None else name_of(policy), sets_of(set)
    done = api.hindcast(named, ruled, sets=sets)
    return HindcastAnswer(done, command_line("hindcast", *named, options=[("--policy", ruled), *changed(sets)]))


def document(done: api.Hindcast) -> dict[str, Any]:
    """hindcast.json (docs/hindcast.md)."""
    statements = [report.statement(each) for each in done.statements]
    deeds, stood = [report.deed(each) for each in done.deeds], [report.standing(each) for each in done.standings]
    return {"statements": statements, "standings": stood, "deeds": deeds}
