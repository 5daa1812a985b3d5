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
    from sim.verbs.factors import number as made

    return made(value)


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
    from sim.verbs.factors import document as made

    return made(factor)


def of_pair(about: Study) -> dict[str, Any]:
    """The fields that every document begins with."""
    from sim.verbs.factors import of_pair as made

    return made(about)
