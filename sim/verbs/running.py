"""`sim.run`: a policy on a scenario as an ensemble of simulated runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api, report
from sim.pages.words import share
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Set, changed, command_line, precision_of, typed_of, whole
from sim.work import How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.library import Pair
    from sim.results import Result
    from sim.verbs.answer import Drawn


@dataclass(frozen=True, repr=False, eq=False)
class RunAnswer(Answer[api.Run]):
    """An ensemble, or one path where nothing is uncertain."""

    _file = "summary.json"
    _tables = 2

    @property
    def result(self) -> Result:
        """Shares, days and fans: counts in runs, days counted from 0, arrays of shape (phases, days), (levels, days), …"""
        return self.record.result

    @property
    def about(self) -> str:
        return about(self.result)

    def _brief(self) -> str:
        told = [f"{name} {reached(self.result, name)}" for name in self.result.first_passage]
        return "reached: " + (", ".join(told) or "there is one phase only")

    def _document(self) -> dict[str, Any]:
        return report.summary(self.result)

    def _pairs(self) -> Sequence[Pair]:
        return [self.record.pair]

    def _drawn(self) -> Drawn:
        from sim.charts import path_chart, run_chart

        if not self.result.single_path:
            return {"run": lambda imprint: run_chart(self.result, imprint)}
        single = api.path_of(self.record.pair, seed=self.result.seed)
        return {"path": lambda imprint: path_chart(self.result, single.report.steps, imprint)}


def run(
    scenario: Name,
    policy: Name | None = None,
    *,
    runs: int = 1_000,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
    precision: float | None = None,
    measure: str | None = None,
    workers: int = 1,
) -> RunAnswer:
    """Simulate a policy on a scenario: how many of `runs` simulated futures reach which phase, and by when.

    `policy`: default the scenario's own. `set`: changes, as `"PATH=YAML"` or `{PATH: value}`; what they change counts as
    assumed. `precision`: add runs until the standard error of `measure` (PHASE.reached, .first or .days) is below it.
    `workers`: processes; they change no number, and a script that gives more than one must be importable. Raises BadInput with
    every mistake in the files, BadUsage.

    >>> sim.run("surge-to-front-uncertain", runs=200, set={"transitions.arm_defensively.confirm": 14})
    """
    named, ruled, sets = typed_of(scenario, policy, set)
    exact = precision_of(precision, measure)
    how = How(whole("workers", workers, 1))
    done = api.run(named, ruled, runs=whole("runs", runs, 1), seed=whole("seed", seed, 0), sets=sets, how=how, precision=exact)
    options = [("--policy", ruled), ("--runs", done.result.runs), ("--seed", seed), *changed(sets)]
    return RunAnswer(done, command_line("run", named, options=options))


def about(result: Result) -> str:
    """Which policy on which scenario, and over how many runs."""
    many = f"{result.runs:,} simulated run{'' if result.runs == 1 else 's'}, seed {result.seed}"
    return f"{result.policy} on {result.scenario}, {'one path' if result.single_path else many}"


def reached(result: Result, phase: str) -> str:
    """`41.2% (40.1–42.3)`: the share of runs that reach a phase, with its interval; of one path, the day."""
    passage = result.first_passage[phase]
    if result.single_path:
        day = passage.quantile(1.0)
        return "never" if day is None else f"on day {day}"
    return share(passage.reached, list(passage.interval), result.runs)
