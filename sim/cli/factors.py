"""Factors and cases, as `run --design`, `sensitivity` and `discover` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.cli import say
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    from sim.analysis.factors import Factor
    from sim.api.designs import Study


def number(value: float) -> str:
    """A factor's value or a measure in four digits at most, large ones whole: `8,200`, `13.44`, `0.1645`."""
    if abs(value) >= 1_000:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def with_unit(value: float, unit: str) -> str:
    return f"{number(value)} {unit}".rstrip()


def heading(about: Study) -> None:
    """Which pair it is about."""
    scenario, policy = about.pair.scenario.spec, about.pair.policy.spec
    say.heading(scenario.title, scenario.name, policy.title, policy.name)


def replications(about: Study) -> str:
    """How many each case has, and why only one where it is one."""
    if not about.model.noisy:
        return "one replication each, as nothing in them is noisy from day to day"
    many = f"{about.replications:,} replication" + ("" if about.replications == 1 else "s")
    return f"the same {many} each, seed {about.seed}"


def caveats(about: Study) -> None:
    say.line(f"{assumed([about.grades])} {TEACHING}")


def document(factor: Factor) -> dict[str, Any]:
    """A factor, as JSON names it."""
    return {"factor": factor.path, "distribution": factor.law, "unit": factor.unit, "grade": factor.grade}


def of_pair(about: Study) -> dict[str, Any]:
    """The fields that every document begins with."""
    from sim import report

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
