"""Cases by replications: a design run as blocks of whole cases, each case with the same replications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim import measures
from sim.analysis.precision import MEASURES
from sim.draws import Block, Floats
from sim.engine import Engine
from sim.ensemble import RunTable
from sim.errors import BadUsage, unknown_name
from sim.machine import Model

ROWS = 32_768
"""Rows computed at once, about: a block is whole cases."""
Progress = Callable[[int], None]
"""Called with the number of run-days done since the last call."""


@dataclass(frozen=True)
class Measure:
    """An outcome of one run, whose mean over replications is that of a case."""

    phase: int
    name: str
    """PHASE.first (first passage in days, capped at the horizon), PHASE.reached (0 or 1) or PHASE.days (days in the phase)"""
    label: str
    """of the phase"""
    by: int | None = None
    """of PHASE.reached: the last day that counts; None: the horizon's"""

    @property
    def kind(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def unit(self) -> str:
        return "share of replications" if self.kind == "reached" else "days"

    def of(self, first: NDArray[np.int32], days: NDArray[np.int64], horizon: int) -> Floats:
        """(rows,) from first passages and days in phases, (phases, rows) each."""
        if self.kind == "days":
            return np.asarray(days[self.phase], np.float64)
        passage = first[self.phase]
        if self.kind == "first":
            return np.asarray(np.minimum(passage, horizon), np.float64)
        return np.asarray(passage <= (horizon - 1 if self.by is None else self.by), np.float64)


def all_measures(model: Model) -> tuple[Measure, ...]:
    """Of every phase; `first` and `reached` only of those above the lowest."""
    return tuple(
        Measure(index, f"{phase.name}.{kind}", phase.label)
        for index, phase in enumerate(model.machine.phases)
        for kind in MEASURES
        if index > 0 or kind == "days"
    )


def measures_named(model: Model, names: Sequence[str]) -> tuple[Measure, ...]:
    """By name; default: the first passages of the phases above the initial one. Raises BadUsage."""
    known = {each.name: each for each in all_measures(model)}
    default = [f"{phase.name}.first" for phase in model.machine.phases[model.machine.initial + 1 :]]
    wanted = list(dict.fromkeys(names or default or [next(iter(known))]))
    for name in wanted:
        if name not in known:
            raise BadUsage(unknown_name("measure", name, list(known)))
    return tuple(known[name] for name in wanted)


@dataclass(frozen=True)
class CasePart:
    """What a block of cases leaves."""

    runs: range
    """its rows; row r is replication r mod R of case r div R"""
    values: Floats
    """(measures, cases, replications)"""
    table: RunTable | None = None


@dataclass(frozen=True)
class CaseWork:
    """A design to be run: `sim.work.parts` scatters it. Rows are cases × replications, case by case."""

    model: Model
    seed: int
    cases: int
    replications: int
    given: Mapping[str, Floats]
    """by dotted path, (cases,) each; other uncertain numbers are drawn by the number of the case"""
    measures: tuple[Measure, ...]
    first_replication: int = 0
    table: bool = False
    """keep a row for each run"""

    @property
    def rows(self) -> int:
        return self.cases * self.replications

    @property
    def days(self) -> int:
        return self.model.world.days

    def blocks(self, runs: int) -> list[range]:
        """Whole cases, about ROWS rows each."""
        step = max(1, ROWS // self.replications) * self.replications
        return [range(start, min(start + step, runs)) for start in range(0, runs, step)]

    def compute(self, runs: range, progress: Progress | None = None) -> CasePart:
        """Simulate one block."""
        engine = self._engine(runs)
        for _ in range(self.days):
            engine.step()
            if progress:
                progress(len(runs))
        paths = engine.paths()
        first, decided = measures.first_passages(paths)
        days = measures.days_in_phases(paths)
        values = np.array([each.of(first, days, self.days) for each in self.measures]).reshape(
            len(self.measures), -1, self.replications
        )
        if not self.table:
            return CasePart(runs, values)
        factors = {each.path: engine.numbers(each) for each in self.model.uncertain}
        counts = measures.transition_counts(paths)
        return CasePart(runs, values, RunTable(factors, first, decided, paths.final_phase, days, counts))

    def _engine(self, runs: range) -> Engine:
        rows = np.arange(runs.start, runs.stop)
        case, replication = np.divmod(rows, self.replications)
        block = Block(case, replication + self.first_replication)
        return Engine(self.model, self.seed, block, {path: values[case] for path, values in self.given.items()})
