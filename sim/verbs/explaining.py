"""`sim.explain`: why one run went as it did, how near the rest came, and what would have changed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api, report
from sim.framing import TEACHING
from sim.pages.html import Element
from sim.pages.tables import Ids
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Set, changed, command_line, typed_of, whole
from sim.verbs.tracing import about
from sim.verbs.tracing import document as path_document

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.explain.records import Explanation
    from sim.library import Pair
    from sim.verbs.answer import Drawn


@dataclass(frozen=True, repr=False, eq=False)
class ExplainAnswer(Answer[api.Explained]):
    """One run, and why it went as it did."""

    _file = "explanation.json"

    @property
    def explanation(self) -> Explanation:
        """Margins by day, each an array as long as the run, in the unit of the guard's comparison; and the nearest flips."""
        return self.record.explanation

    @property
    def about(self) -> str:
        return about(self.record.result, self.explanation.report.run)

    def _brief(self) -> str:
        return _nearest(self.document)

    def _document(self) -> dict[str, Any]:
        return document(self.record)

    def _pairs(self) -> Sequence[Pair]:
        return [self.record.pair]

    def _drawn(self) -> Drawn:
        from sim.charts import explanation_chart

        return {"explanation": lambda imprint: explanation_chart(self.record.result, self.explanation, imprint)}

    def _body(self, ids: Ids) -> list[Element]:
        from sim.pages.html import el

        return [*super()._body(ids), el("p", f"{_nearest(self.document)}.")]


def explain(
    scenario: Name,
    policy: Name | None = None,
    *,
    run: int = 0,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
) -> ExplainAnswer:
    """Why run number `run` went as it did: each transition, how near the others came, and the smallest change of one number
    that would have changed it. Raises BadInput, BadUsage.

    >>> sim.explain("surge-to-front-uncertain", "step-down", run=17)
    """
    named, ruled, sets = typed_of(scenario, policy, set)
    done = api.explain(named, ruled, run=whole("run", run, 0), seed=whole("seed", seed, 0), sets=sets)
    options = [("--policy", ruled), ("--run", done.explanation.report.run), ("--seed", seed), *changed(sets)]
    return ExplainAnswer(done, command_line("explain", named, options=options))


def _nearest(told: dict[str, Any]) -> str:
    nearest = told["flips"]["nearest"]
    return f"Nearest flip: {nearest['words']}" if nearest else "No change of one number within its range changes this run"


def document(done: api.Explained) -> dict[str, Any]:
    """explanation.json (docs/explain.md)."""
    from sim.analysis.explain.document import document as told_document

    result, told = done.result, done.explanation
    return {
        "schema": report.SCHEMA,
        "scenario": result.scenario,
        "policy": result.policy,
        "seed": result.seed,
        "run": told.report.run,
        "single_path": result.single_path,
        "start": result.start.isoformat(),
        "days": result.days,
        "phases": [phase.name for phase in result.phases],
        **path_document(told.report),
        **told_document(told),
        "grades": report.grades(result.grades),
        "framing": TEACHING,
    }
