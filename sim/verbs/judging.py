"""`sim.quality`: triggers on time, early, late, false or missed, against the twin that sees perfectly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api
from sim.analysis.quality import TransitionQuality, TriggerQuality
from sim.analysis.quality_files import document
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Set, changed, command_line, typed_of, whole
from sim.work import How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.library import Pair
    from sim.verbs.answer import Drawn


@dataclass(frozen=True, repr=False, eq=False)
class QualityAnswer(Answer[TriggerQuality]):
    """A policy's triggers against those of its twin, in shares of runs and in days."""

    pair: Pair

    _file = "quality.json"
    _tables = 2

    @property
    def about(self) -> str:
        done = self.record
        many = "one path" if done.single_path else f"{done.runs:,} simulated runs, seed {done.seed}"
        return f"{done.policy} on {done.scenario} against its twin that sees perfectly, {many}"

    def _brief(self) -> str:
        column = self.record.columns[0]
        told = [f"{each.name} {_outcomes(each)}" for each in column.quality.transitions]
        memory = "" if column.memory is None else f" (errors that last {column.memory:g} days)"
        return "; ".join(told) + memory if told else "no transition"

    def _document(self) -> dict[str, Any]:
        return document(self.record)

    def _pairs(self) -> Sequence[Pair]:
        return [self.pair]

    def _drawn(self) -> Drawn:
        from sim.charts import quality_chart

        return {"quality": lambda imprint: quality_chart(self.record, imprint)}


def quality(
    scenario: Name,
    policy: Name | None = None,
    *,
    vary: str | None = None,
    memory: float | str | Sequence[float | str] = (),
    tolerance: int = 0,
    runs: int = 1_000,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
    workers: int = 1,
) -> QualityAnswer:
    """How a policy's triggers fall against those of its twin, the same policy that sees the same simulated world perfectly.

    `vary`: one number over a grid, `"PATH=FROM:TO[:STEP]"`: what another value buys in false alarms and costs in delay.
    `memory`: how many days errors last, or `"as-given"`; one or several, default 0, 7 and 30. `tolerance`: so many days early
    or late still count as on time. Raises BadInput, BadUsage.

    >>> sim.quality("ambiguous-intelligence-uncertain", vary="transitions.arm_defensively.confirm=1:28")
    """
    named, ruled, sets = typed_of(scenario, policy, set)
    memories = [memory] if isinstance(memory, str | float | int) else list(memory)
    told = [each if isinstance(each, str) else f"{each:g}" for each in memories]
    near = whole("tolerance", tolerance, 0)
    asked = api.quality_question(named, ruled, varied=vary, memories=told, tolerance=near, sets=sets)
    how = How(whole("workers", workers, 1))
    done = api.quality_of(asked, runs=whole("runs", runs, 1), seed=whole("seed", seed, 0), how=how)
    options: list[tuple[str, object]] = [
        ("--policy", ruled),
        ("--vary", vary),
        *(("--memory", each) for each in told),
        ("--tolerance", near or None),
    ]
    options += [("--runs", runs), ("--seed", seed), *changed(sets)]
    return QualityAnswer(done, command_line("quality", named, options=options), asked.pair)


def _outcomes(each: TransitionQuality) -> str:
    """`false 99%, neither 1%`: whatever came about in some run."""
    shares = {name: getattr(each, name) for name in ("on_time", "early", "late", "false", "missed", "neither")}
    return ", ".join(f"{name.replace('_', ' ')} {share.value:.0%}" for name, share in shares.items() if share.count)
