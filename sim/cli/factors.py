"""What is said beside factors and cases, as `run --design`, `sensitivity` and `discover` print them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cli import say
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    from sim.api.designs import Study


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
