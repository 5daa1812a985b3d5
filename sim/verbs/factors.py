"""What sensitivity and discovery say of a pair and its uncertain numbers, as their JSON files begin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim import report

if TYPE_CHECKING:
    from sim.analysis.factors import Factor
    from sim.api.designs import Study


def document(factor: Factor) -> dict[str, Any]:
    """A factor, as JSON names it."""
    return {"factor": factor.path, "distribution": factor.law, "unit": factor.unit, "grade": factor.grade}


def of_pair(about: Study) -> dict[str, Any]:
    """The fields that every document begins with."""
    return {
        "schema": report.SCHEMA,
        "scenario": about.pair.scenario.spec.name,
        "policy": about.pair.policy.spec.name,
        "seed": about.seed,
        "start": about.model.world.start.isoformat(),
        "days": about.model.world.days,
        "replications": about.replications,
        "noisy": about.model.noisy,
    }


def about(study: Study) -> str:
    """Which policy on which scenario, with how many replications."""
    pair = f"{study.pair.policy.spec.name} on {study.pair.scenario.spec.name}"
    many = f"{study.replications:,} replication{'' if study.replications == 1 else 's'} of each case"
    return f"{pair}, {many}, seed {study.seed}" if study.model.noisy else f"{pair}, seed {study.seed}"


def number(value: float) -> str:
    """A factor's value or a measure in four digits at most, large ones whole: `8,200`, `13.44`, `0.1645`."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}"


def with_unit(value: float, unit: str) -> str:
    """`8,200 troops`; without a unit the number alone."""
    return f"{number(value)} {unit}".rstrip()
