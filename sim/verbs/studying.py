"""`sim.sensitivity`: which uncertain numbers an outcome hangs on, by Sobol' indices and a tornado."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api, report
from sim.pages.tables import Ids, table
from sim.verbs import factors
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Set, changed, command_line, typed_of, whole
from sim.work import How

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.sensitivity import Index, Swing
    from sim.api.sensitivity import Answer as OfMeasure
    from sim.api.sensitivity import Sensitivity
    from sim.charts.factors import About
    from sim.library import Pair
    from sim.pages.html import Element
    from sim.verbs.answer import Drawn


@dataclass(frozen=True, repr=False, eq=False)
class SensitivityAnswer(Answer[api.Sensitivity]):
    """Shares of a measure's variance, and how far each uncertain number moves it."""

    _file = "sensitivity.json"

    @property
    def answers(self) -> tuple[OfMeasure, ...]:
        """One for each measure: indices in shares of variance, swings in the measure's own unit."""
        return self.record.answers

    @property
    def about(self) -> str:
        return f"{factors.about(self.record.study)}, {self.record.cases:,} cases"

    def _brief(self) -> str:
        if not self.record.study.factors:
            return "nothing is uncertain, so that no factor can matter"
        return "; ".join(f"{each.measure.name} most by {_first(each)}" for each in self.answers)

    def _document(self) -> dict[str, Any]:
        return document(self.record)

    def _pairs(self) -> Sequence[Pair]:
        return [self.record.study.pair]

    def _drawn(self) -> Drawn:
        if not self.record.study.factors:
            return {}
        found: Drawn = {}
        for each in self.answers:
            found = {**found, **self._of_measure(each, "" if len(self.answers) == 1 else f"-{each.measure.name}")}
        return found

    def _of_measure(self, each: OfMeasure, suffix: str) -> Drawn:
        from sim.charts.indices import indices_chart
        from sim.charts.tornado import tornado_chart

        done, shares = self.record, each.shares
        found: Drawn = {}
        if shares and shares.indices:
            about = shown(done, each, done.cases, done.study.replications)
            found = {f"indices{suffix}": lambda imprint: indices_chart(shares.indices, shares.spread, about, imprint)}
        beside = shown(done, each, 1 + 2 * len(done.study.factors), done.tornado_replications)
        return {**found, f"tornado{suffix}": lambda imprint: tornado_chart(each.tornado, beside, imprint)}

    def _body(self, ids: Ids) -> list[Element]:
        return [_table(ids, each) for each in self.answers if each.shares and each.shares.indices]


def sensitivity(
    scenario: Name,
    policy: Name | None = None,
    *,
    measure: str | Sequence[str] = (),
    samples: int = 1_024,
    replications: int = 10,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
    workers: int = 1,
) -> SensitivityAnswer:
    """Which uncertain numbers an outcome hangs on: shares of its variance (Sobol' indices), and a tornado in its own unit.

    `measure`: PHASE.first, PHASE.reached or PHASE.days, one or several; default PHASE.first of each phase above the initial
    one. `samples`: a power of two; each takes factors + 2 cases. Needs the extra `analysis`. Raises BadInput, BadUsage.

    >>> sim.sensitivity("surge-to-front-uncertain", samples=64)
    """
    named, ruled, sets = typed_of(scenario, policy, set)
    measures = [measure] if isinstance(measure, str) else list(measure)
    done = api.sensitivity(
        named,
        ruled,
        measures=measures,
        samples=whole("samples", samples, 2),
        replications=whole("replications", replications, 1),
        seed=whole("seed", seed, 0),
        sets=sets,
        how=How(whole("workers", workers, 1)),
    )
    options: list[tuple[str, object]] = [("--policy", ruled), *(("--measure", each) for each in measures), ("--samples", samples)]
    options += [("--replications", replications), ("--seed", seed), *changed(sets)]
    return SensitivityAnswer(done, command_line("sensitivity", named, options=options))


def indices_of(answer: OfMeasure) -> tuple[Index, ...]:
    """Shares of the variance of case means, each from 0 to 1; none where the measure does not vary."""
    return answer.shares.indices if answer.shares else ()


def _first(answer: OfMeasure) -> str:
    """The factor with the largest total share."""
    found = max(indices_of(answer), key=lambda each: each.total, default=None)
    return f"{found.factor.path} (total {found.total:.2f})" if found else "nothing: it does not vary"


def _table(ids: Ids, answer: OfMeasure) -> Element:
    rows, still = ranked(answer)
    header = ("Factor", "Grade", "First order", "Total", "From", "To", f"Moves it ({answer.measure.unit})")
    note = "After ±: half-widths of 95% bootstrap intervals; of what a factor moves, standard errors."
    none = f" No effect in any case: {', '.join(still)}." if still else ""
    caption = f"{answer.measure.name}: shares of variance, and how far each factor alone moves it"
    return table(ids, caption, header, rows, note + none)


def ranked(answer: OfMeasure) -> tuple[list[tuple[str, ...]], list[str]]:
    """A row for each factor that moves the measure, the largest total share first; and the paths of those that do not."""
    swings: dict[str, Swing] = {swing.factor.path: swing for swing in answer.tornado.swings}
    found = sorted(indices_of(answer), key=lambda each: -each.total)
    still = [each.factor.path for each in found if not _matters(each, swings[each.factor.path])]
    return [_row(each, swings[each.factor.path]) for each in found if each.factor.path not in still], still


def _matters(index: Index, swing: Swing) -> bool:
    """Did the measure differ in any case, or replication of the tornado, for this factor?"""
    return index.total != 0 or swing.difference != 0 or bool(swing.se)


def _row(index: Index, swing: Swing) -> tuple[str, ...]:
    low, high = (factors.with_unit(value, swing.factor.unit) for value in swing.at)
    shares = ((index.first, index.first_half), (index.total, index.total_half))
    first, total = (f"{value:.2f} ± {half:.2f}".replace("-0.00", "0.00") for value, half in shares)
    moved = f"{swing.difference:+.3g}" + (f" ± {swing.se:.2g}" if swing.se else "")
    return index.factor.path, index.factor.grade, first, total, low, high, moved


INDEX = "measure factor grade first first_low first_high total total_low total_high".split()


def index_row(answer: OfMeasure, each: Index) -> tuple[object, ...]:
    """A row of indices.csv: shares of the variance of case means, each with the ends of its 95% bootstrap interval."""
    ends = [each.first - each.first_half, each.first + each.first_half]
    total = [each.total, each.total - each.total_half, each.total + each.total_half]
    return (answer.measure.name, each.factor.path, each.factor.grade, each.first, *ends, *total)


def document(done: Sensitivity) -> dict[str, Any]:
    """sensitivity.json (docs/sensitivity.md)."""
    from sim.analysis.sensitivity import ENDS
    from sim.intervals import LEVEL

    about = done.study
    return {
        **factors.of_pair(about),
        "samples": done.samples,
        "cases": done.cases,
        "runs": done.cases * about.replications,
        "interval_level": LEVEL,
        "tornado_quantiles": list(ENDS),
        "tornado_replications": done.tornado_replications,
        "factors": [factors.document(each) for each in about.factors],
        "measures": [_answer(each) for each in done.answers],
        "evidence": report.grades(about.grades),
    }


def _answer(each: OfMeasure) -> dict[str, Any]:
    spread = each.shares.spread if each.shares else None
    return {
        "measure": each.measure.name,
        "unit": each.measure.unit,
        "mean": spread.mean if spread else each.tornado.median,
        "variance": spread.variance if spread else 0.0,
        "noise_share": spread.noise if spread else None,
        "noise_share_of_one_run": spread.noise_of_run if spread else None,
        "at_medians": each.tornado.median,
        "indices": [dict(zip(INDEX[1:], index_row(each, index)[1:], strict=True)) for index in indices_of(each)] or None,
        "tornado": [
            {
                "factor": swing.factor.path,
                "grade": swing.factor.grade,
                "at": list(swing.at),
                "means": list(swing.means),
                "difference": swing.difference,
                "se": swing.se,
            }
            for swing in each.tornado.swings
        ],
    }


def shown(done: Sensitivity, answer: OfMeasure, cases: int, replications: int) -> About:
    """What a chart says of the study beside the numbers."""
    from sim.charts.factors import About

    about, measure = done.study, answer.measure
    horizon = about.model.world.days
    words = {
        "first": f"{measure.label}, mean first passage",
        "reached": f"{measure.label}, share of replications that reach it",
        "days": f"{measure.label}, days in the phase",
    }
    capped = f" (never: {horizon})" if measure.kind == "first" else ""
    return About(
        about.pair.scenario.spec.title,
        about.pair.policy.spec.title,
        words[measure.kind] + capped,
        measure.kind,
        cases,
        replications,
        about.model.noisy,
        about.seed,
        about.grades,
    )
