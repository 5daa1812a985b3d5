"""`sim.discover`: under which uncertain numbers a phase is reached, as boxes found by PRIM."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim import api, report
from sim.errors import BadUsage
from sim.library import Library
from sim.pages.html import Element, el
from sim.pages.tables import Ids, table
from sim.verbs import factors
from sim.verbs.answer import Answer
from sim.verbs.given import Name, Set, changed, command_line, typed_of, whole
from sim.work import How
from sim.world import days_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.discovery import Box, Score
    from sim.api import Discovery
    from sim.charts.factors import About
    from sim.library import Pair
    from sim.verbs.answer import Drawn


@dataclass(frozen=True, repr=False, eq=False)
class DiscoverAnswer(Answer[api.Discovery]):
    """Boxes of uncertain numbers in which a phase is reached, held against fresh cases."""

    _file = "discover.json"

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Each with its conditions, and coverage and density here and on fresh cases, in shares of cases."""
        return self.record.boxes

    @property
    def about(self) -> str:
        return f"{factors.about(self.record.study)}, {len(self.record.sample.values):,} cases and as many fresh ones"

    def _brief(self) -> str:
        share = f"{self.record.sample.interest.mean():.1%} of cases are of interest: {what(self.record)}"
        if not self.boxes:
            return f"{share}; no box"
        fresh = self.boxes[0].fresh
        return f"{share}; box 1 on fresh cases: coverage {fresh.coverage:.1%}, density {fresh.density:.1%}"

    def _document(self) -> dict[str, Any]:
        return document(self.record)

    def _pairs(self) -> Sequence[Pair]:
        return [self.record.study.pair]

    def _drawn(self) -> Drawn:
        from sim.charts.boxes import boxes_chart

        done, study = self.record, self.record.study
        if not done.boxes:
            return {}
        about = shown(done)
        return {"boxes": lambda imprint: boxes_chart(done.boxes, study.factors, done.sample, done.fresh, about, imprint)}

    def _body(self, ids: Ids) -> list[Element]:
        body = [el("p", f"{what(self.record)}.")]
        return body + [_table(ids, number, box) for number, box in enumerate(self.boxes, 1)]


def discover(
    scenario: Name,
    policy: Name | None = None,
    *,
    phase: str,
    by: str | int | dt.date | None = None,
    cases: int = 1_000,
    replications: int = 50,
    threshold: float = 0.5,
    boxes: int = 3,
    step: int | None = None,
    seed: int = 1,
    set: Set = (),  # noqa: A002 - as the option is called
    workers: int = 1,
) -> DiscoverAnswer:
    """Under which uncertain numbers a phase is reached: boxes with coverage and density, by PRIM, held against fresh cases.

    A case is of interest where at least the share `threshold` of its replications reach `phase` `by` a date or a day of the run
    (default: its end). Needs the extra `analysis`. Raises BadInput, BadUsage.

    >>> sim.discover("surge-to-front-uncertain", phase="offensive_measures", cases=200)
    """
    named, ruled, sets = typed_of(scenario, policy, set)
    pair = Library().load_pair(named, ruled, sets)
    until = None if by is None else str(by)
    last = days_of(pair.scenario.spec.days) - 1
    done = api.discover_of(
        pair,
        phase=phase,
        by=None if until is None else day_of(until, pair.scenario.spec.start, last),
        cases=whole("cases", cases, 20),
        replications=whole("replications", replications, 1),
        share=threshold,
        boxes=whole("boxes", boxes, 1, 9),
        step=None if step is None else whole("step", step, 0),
        seed=whole("seed", seed, 0),
        how=How(whole("workers", workers, 1)),
    )
    options: list[tuple[str, object]] = [("--policy", ruled), ("--phase", phase), ("--by", until), ("--cases", cases)]
    options += [
        ("--replications", replications),
        ("--threshold", f"{threshold:g}"),
        ("--boxes", boxes),
        ("--step", step),
        ("--seed", seed),
    ]
    options += changed(sets)
    return DiscoverAnswer(done, command_line("discover", named, options=options))


CONDITION = ("Factor", "Grade", "Condition", "Quasi-p")


def conditions(box: Box) -> list[tuple[str, ...]]:
    """The conditions of a box, in the columns of CONDITION; the range in the unit of the factor."""
    from sim.charts.boxes import bounds

    return [(each.factor.path, each.factor.grade, bounds(each), _quasi(each.quasi_p)) for each in box.limits]


def _table(ids: Ids, number: int, box: Box) -> Element:
    here = f"coverage {box.score.coverage:.1%}, density {box.score.density:.1%}"
    fresh = f"coverage {box.fresh.coverage:.1%}, density {box.fresh.density:.1%}"
    doubt = "" if box.fresh.denser else " On fresh cases it is no denser than chance."
    note = f"{here}; on fresh cases {fresh}.{doubt}"
    return table(ids, f"Box {number}", CONDITION, conditions(box), note)


def _quasi(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def day_of(text: str, start: dt.date, last: int) -> int:
    """A date, `90` or `day 90`. Raises BadUsage, in the words that were typed."""
    from sim.api.discovery import outside_run

    try:
        match = re.fullmatch(r"(?:day )?(\d{1,6})", text.strip())
        day = int(match[1]) if match else (dt.date.fromisoformat(text.strip()) - start).days
    except ValueError:
        day = -1
    if not 0 <= day <= last:
        raise BadUsage(outside_run(start, last, repr(text)))
    return day


def what(done: Discovery) -> str:
    """What makes a case one of interest."""
    days = done.study.model.world.days - 1 if done.measure.by is None else done.measure.by
    by = (done.study.model.world.start + dt.timedelta(days=days)).isoformat()
    if not done.study.model.noisy:
        return f"{done.measure.label} reached by {by}"
    return f"{done.measure.label} reached by {by} in at least {done.share:.0%} of a case's replications"


def shown(done: Discovery) -> About:
    """What the chart says of the study beside the boxes."""
    from sim.charts.factors import About

    study = done.study
    pair, counts = study.pair, (len(done.sample.values), study.replications)
    titles = pair.scenario.spec.title, pair.policy.spec.title
    return About(*titles, what(done), "reached", *counts, study.model.noisy, study.seed, study.grades)


def document(done: Discovery) -> dict[str, Any]:
    """discover.json (docs/discover.md)."""
    from sim.intervals import LEVEL

    about = done.study
    return {
        **factors.of_pair(about),
        "phase": done.measure.name.rsplit(".", 1)[0],
        "by": about.model.world.days - 1 if done.measure.by is None else done.measure.by,
        "threshold": done.share,
        "cases": len(done.sample.values),
        "runs": 2 * len(done.sample.values) * about.replications,
        "interval_level": LEVEL,
        "of_interest": float(done.sample.interest.mean()),
        "of_interest_fresh": float(done.fresh.interest.mean()),
        "factors": [factors.document(each) for each in about.factors],
        "boxes": [_box(each) for each in done.boxes],
        "evidence": report.grades(about.grades),
    }


def _box(box: Box) -> dict[str, Any]:
    return {
        "conditions": [
            {
                "factor": each.factor.path,
                "grade": each.factor.grade,
                "unit": each.factor.unit,
                "low": each.low,
                "high": each.high,
                "values": list(each.choices) or None,
                "quasi_p": each.quasi_p,
            }
            for each in box.limits
        ],
        "denser_on_fresh_cases": box.fresh.denser,
        "sample": _score(box.score),
        "fresh": _score(box.fresh),
        "chosen": box.chosen,
        "trajectory": [
            {
                "coverage": step.score.coverage,
                "density": step.score.density,
                "mass": step.score.mass,
                "conditions": len(step.limits),
            }
            for step in box.trajectory
        ],
    }


def _score(score: Score) -> dict[str, Any]:
    return {
        "coverage": score.coverage,
        "coverage_interval": list(score.coverage_interval),
        "density": score.density,
        "density_interval": list(score.density_interval),
        "mass": score.mass,
        "inside": score.inside,
        "of_interest_inside": score.found,
    }
