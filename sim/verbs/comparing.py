"""`sim.compare`: policies on scenarios, on the same draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api
from sim.errors import every
from sim.verbs.answer import Answer
from sim.verbs.compared import document, drawn, labels_of
from sim.verbs.given import Name, Names, Set, changed, command_line, name_of, names_of, precision_of, sets_of, whole
from sim.verbs.running import reached
from sim.work import How

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.charts import Chart, Imprint
    from sim.library import Pair
    from sim.pages.html import Element
    from sim.pages.tables import Ids
    from sim.results import PairedPassage, Result
    from sim.verbs.answer import Drawn

_FEW = 3
"""results in one line"""
_SENTENCES = 12
"""shown in a notebook; all are in the document"""


@dataclass(frozen=True, repr=False, eq=False)
class CompareAnswer(Answer[api.Comparison]):
    """Policies on scenarios, all on the same draws."""

    _file = "comparison.json"
    _tables = 2

    @property
    def results(self) -> tuple[Result, ...]:
        """One for each pair, scenario by scenario, policy by policy."""
        return tuple(cell.result for cell in self.record.cells)

    @property
    def passages(self) -> tuple[PairedPassage, ...]:
        """Of every two policies on a scenario, phase by phase: who is sooner in which share of runs, and by how many days."""
        return self.record.pairs

    @property
    def about(self) -> str:
        policies, scenarios = (list(dict.fromkeys(names)) for names in zip(*map(_names, self.results), strict=True))
        one = self.results[0]
        many = max(result.runs for result in self.results)
        runs = f"{many:,} simulated run{'' if many == 1 else 's'}, seed {one.seed}"
        return f"{every(policies)} on {every(scenarios)}, {runs}"

    def _brief(self) -> str:
        told = [
            f"{result.policy}: " + ", ".join(f"{name} {reached(result, name)}" for name in result.first_passage)
            for result in self.results[:_FEW]
        ]
        return "; ".join(told + ["…"] * (len(self.results) > _FEW))

    def _document(self) -> dict[str, Any]:
        return document(self.record)

    def _pairs(self) -> Sequence[Pair]:
        return [cell.pair for cell in self.record.cells]

    def _drawn(self) -> Drawn:
        from sim.charts import disagreement_chart, first_passage_chart, overview_chart, regret_chart

        results, regret = list(self.results), self.record.regret
        found: dict[str, Callable[[Imprint], Chart]] = {
            "first-passage": lambda imprint: first_passage_chart(results, imprint),
            "overview": lambda imprint: overview_chart(results, imprint),
        }
        if self.record.disagreements:
            found["disagreement"] = lambda imprint: disagreement_chart(drawn(self.record), results, imprint)
        if regret:
            found["regret"] = lambda imprint: regret_chart(regret, results, imprint)
        return found

    def _body(self, ids: Ids) -> list[Element]:
        from sim.pages.html import el

        return [*super()._body(ids), el("ul", (el("li", each) for each in self._sentences()))]

    def _sentences(self) -> list[str]:
        """Of every policy against the first: where they part, and what makes the difference."""
        from sim.analysis import sentences

        labels, first = labels_of(self.record), self.results[0].policy
        told = [sentences.parting(each, labels) for each in self.record.disagreements if each.a == first]
        told += [sentences.differences(each, labels)[0] for each in self.record.differences if each.a == first]
        return told[:_SENTENCES] + (["…"] if len(told) > _SENTENCES else [])


def compare(
    scenarios: Names,
    policies: Names,
    *,
    losses: Name | None = None,
    runs: int = 1_000,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
    precision: float | None = None,
    measure: str | None = None,
    workers: int = 1,
) -> CompareAnswer:
    """Every policy on every scenario, on the same draws: which policy reaches which phase how much sooner, and why.

    `losses`: a file that says what a day late, of false alarm or in a phase counts as; adds the regret of each policy.
    The rest as for `run`. Raises BadInput with the mistakes of all files, BadUsage.

    >>> sim.compare("surge-to-front-uncertain", ["phased-approach", "restrained"])
    """
    named, ruled, sets = names_of(scenarios), names_of(policies), sets_of(set)
    stated = None if losses is None else name_of(losses)
    done = api.compare(
        named,
        ruled,
        losses=stated,
        runs=whole("runs", runs, 1),
        seed=whole("seed", seed, 0),
        sets=sets,
        how=How(whole("workers", workers, 1)),
        precision=precision_of(precision, measure),
    )
    told = max([runs, *(cell.result.runs for cell in done.cells)])
    options: list[tuple[str, object]] = [("--policy", each) for each in ruled]
    options += [("--losses", stated), ("--runs", told), ("--seed", seed), *changed(sets)]
    return CompareAnswer(done, command_line("compare", *named, options=options))


def _names(result: Result) -> tuple[str, str]:
    return result.policy, result.scenario
