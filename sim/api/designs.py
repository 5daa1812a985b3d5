"""Designs of cases (`run --design`): every case with the same replications, scattered as any ensemble is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim.analysis import designs
from sim.analysis.cases import CasePart, CaseWork, Measure, all_measures
from sim.analysis.designs import DEFAULT_CASES, Design
from sim.analysis.factors import Factor, factors_of, matrix
from sim.analysis.outcome import grades
from sim.api.design_file import read_design
from sim.api.ensembles import HERE, Meter, Rows
from sim.api.pairs import DEFAULT_SEED, model_of
from sim.draws import Floats
from sim.errors import BadUsage, listed
from sim.library import Pair
from sim.machine import Model
from sim.results import Grades
from sim.work import How, parts

DEFAULT_REPLICATIONS = 10


@dataclass(frozen=True)
class Study:
    """A pair, its model and its factors: what designs, sensitivity and discovery are about."""

    pair: Pair
    model: Model
    factors: tuple[Factor, ...]
    seed: int
    replications: int
    """of each case; 1 where nothing daily is uncertain, whatever was asked for"""

    @property
    def grades(self) -> Grades:
        return grades(self.pair.policy.spec, self.pair.scenario.spec)


def study(pair: Pair, *, seed: int = DEFAULT_SEED, replications: int = DEFAULT_REPLICATIONS) -> Study:
    """Raises BadUsage."""
    if replications < 1:
        raise BadUsage(f"--replications must be at least 1, got {replications}")
    model = model_of(pair)
    factors = factors_of(model, pair.policy.spec, pair.scenario.spec)
    return Study(pair, model, factors, seed, replications if model.noisy else 1)


@dataclass(frozen=True)
class DesignRun:
    """A design that was run."""

    study: Study
    design: Design
    measures: tuple[Measure, ...]
    means: Floats
    """(measures, cases): over the replications"""

    @property
    def values(self) -> Floats:
        """(cases, factors): as the runs used them, drawn ones included."""
        return used(self.study, self.design)


def design_of(about: Study, kind: str, cases: int | None = None) -> Design:
    """One of designs.KINDS, or the path of a csv file. Raises BadInput, BadUsage or MissingExtra."""
    if kind in designs.KINDS:
        return designs.design(kind, about.factors, DEFAULT_CASES if cases is None else cases, about.seed)
    if not kind.lower().endswith(".csv"):
        raise BadUsage(f"--design is {listed(designs.KINDS)} or a file that ends in .csv, got {kind!r}")
    if not about.factors:
        raise BadUsage(f"{about.pair.scenario.spec.name} has no uncertain number, so that a design has nothing to set")
    found = read_design(Path(kind), about.factors, {*_columns(about.model)})
    if cases not in (None, found.cases):
        raise BadUsage(f"{kind} has {found.cases:,} cases: leave out --cases {cases}")
    return found


def _columns(model: Model) -> list[str]:
    """Columns of `cases.csv` and `runs.csv` beside the factors."""
    phases = [phase.name for phase in model.machine.phases]
    return [each.name for each in all_measures(model)] + [f"{phase}.decided" for phase in phases] + ["final_phase", "transitions"]


def used(about: Study, design: Design) -> Floats:
    """(cases, factors): what the factors are worth in each case, those drawn that the design does not set."""
    drawn = designs.design("random", about.factors, design.cases, about.seed).values
    return matrix(about.factors, {**drawn, **design.values}) if about.factors else np.empty((design.cases, 0))


def run_design(
    about: Study, design: Design, *, how: How = HERE, rows: Rows | None = None, meter: Meter | None = None
) -> DesignRun:
    """Every case with the same replications. Raises WorkFailed."""
    measures = all_measures(about.model)
    keep = rows is not None and design.cases * about.replications <= rows.at_most
    work = CaseWork(about.model, about.seed, design.cases, about.replications, design.values, measures, table=keep)
    values = simulated(work, how, meter, rows if keep else None)
    return DesignRun(about, design, measures, values.mean(axis=2))


def simulated(work: CaseWork, how: How, meter: Meter | None = None, rows: Rows | None = None) -> Floats:
    """(measures, cases, replications) of all blocks; the rows of each go to where they are kept."""
    if meter:
        meter.expect(work.rows)
    found: list[Floats] = []
    with closing(parts(work, work.rows, how, meter.add if meter else None)) as blocks:
        for part in blocks:
            found.append(part.values)
            _hand_on(work.model, part, rows)
    return np.concatenate(found, axis=1)


def _hand_on(model: Model, part: CasePart, rows: Rows | None) -> None:
    if rows and part.table:
        rows(model, part.runs, part.table)


def evaluate(about: Study, measures: Sequence[Measure], how: How, meter: Meter | None = None) -> Callable[..., Floats]:
    """The model as a function: (cases, factors) values to (measures, cases, replications)."""

    def called(values: Floats, replications: int = about.replications, first: int = 0) -> Floats:
        given = {factor.path: values[:, index] for index, factor in enumerate(about.factors)}
        work = CaseWork(about.model, about.seed, len(values), replications, given, tuple(measures), first)
        return simulated(work, how, meter)

    return called
