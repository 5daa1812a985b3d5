"""`sim.path`: the dated transitions of one run, and why each was taken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api
from sim.pages.html import Element, el
from sim.pages.tables import Ids, table
from sim.pages.words import NOTHING, brief, day, human
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Set, changed, command_line, typed_of, whole

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.traces import PathReport, TakenTransition
    from sim.library import Pair
    from sim.results import Result
    from sim.verbs.answer import Drawn


@dataclass(frozen=True, repr=False, eq=False)
class PathAnswer(Answer[api.SinglePath]):
    """One run, day by day."""

    @property
    def report(self) -> PathReport:
        """Its transitions with guard, values and thresholds, and its phase on each day: a tuple as long as the run."""
        return self.record.report

    @property
    def about(self) -> str:
        return about(self.record.result, self.report.run)

    def _brief(self) -> str:
        taken = [f"{each.to_phase} on day {each.day}" for each in self.report.path]
        return ", ".join(taken) or f"{self.report.phase[0]} throughout"

    def _document(self) -> dict[str, Any]:
        return document(self.report)

    def _pairs(self) -> Sequence[Pair]:
        return [self.record.pair]

    def _drawn(self) -> Drawn:
        from sim.charts import path_chart

        return {"path": lambda imprint: path_chart(self.record.result, self.report.steps, imprint)}

    def _body(self, ids: Ids) -> list[Element]:
        found = self.report
        rows = [_row(each, found) for each in found.path]
        header = ("In effect", "Phases", "Transition", "Decided", "Held since", "Guard", "Seen", "Against")
        body = [table(ids, "Dated transitions of this run", header, rows)] if rows else [el("p", "No transition in this run.")]
        if found.pending:
            due = day(found.pending.due, found.start)
            body.append(el("p", f"Pending at the end: {found.pending.transition}, due {due}."))
        return body


def path(
    scenario: Name,
    policy: Name | None = None,
    *,
    run: int = 0,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
) -> PathAnswer:
    """The dated transitions of run number `run` of the ensemble under `seed`, and why each was taken.

    Raises BadInput, BadUsage.

    >>> sim.path("surge-to-front-uncertain", run=17)
    """
    named, ruled, sets = typed_of(scenario, policy, set)
    done = api.path(named, ruled, run=whole("run", run, 0), seed=whole("seed", seed, 0), sets=sets)
    options = [("--policy", ruled), ("--run", done.report.run), ("--seed", seed), *changed(sets)]
    return PathAnswer(done, command_line("path", named, options=options))


def about(result: Result, number: int) -> str:
    """Which policy on which scenario, and which run."""
    return f"{result.policy} on {result.scenario}, {'one path' if result.single_path else f'run {number}, seed {result.seed}'}"


def _row(each: TakenTransition, found: PathReport) -> tuple[str, ...]:
    seen = ", ".join(f"{name} {brief(value)}" for name, value in each.values.items())
    against = ", ".join(
        f"{name} {brief(one.value)} {one.unit} ({', '.join((one.grade, *one.evidence))})" for name, one in each.thresholds.items()
    )
    return (
        day(each.day, found.start),
        f"{human(each.from_phase)} → {human(each.to_phase)}",
        each.transition,
        day(each.decided, found.start),
        str(each.held_since),
        each.guard,
        seen or NOTHING,
        against or NOTHING,
    )


def document(found: PathReport) -> dict[str, Any]:
    """What `phased path --json` prints (docs/outputs.md)."""
    pending = found.pending
    return {
        "path": [_taken(each) for each in found.path],
        "pending": None
        if pending is None
        else {"transition": pending.transition, "decided": pending.decided, "due": pending.due},
        "phase": list(found.phase),
    }


def _taken(each: TakenTransition) -> dict[str, Any]:
    return {
        "day": each.day,
        "date": each.date.isoformat(),
        "from": each.from_phase,
        "to": each.to_phase,
        "transition": each.transition,
        "decided": each.decided,
        "because": {
            "guard": each.guard,
            "values": dict(each.values),
            "thresholds": {
                name: {"value": seen.value, "unit": seen.unit, "grade": seen.grade, "evidence": list(seen.evidence)}
                for name, seen in each.thresholds.items()
            },
            "held_since": each.held_since.isoformat(),
        },
    }
