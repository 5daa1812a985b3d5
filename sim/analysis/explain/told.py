"""All that there is to explain of one run, from its plain-loop account."""

from __future__ import annotations

from collections.abc import Mapping

from sim.analysis.explain.flips import nearest_flips
from sim.analysis.explain.known import known, numbers_of_run
from sim.analysis.explain.records import Explanation
from sim.analysis.explain.stories import Teller, stories
from sim.analysis.explain.varied import Meter, Variants, varied, windows
from sim.analysis.traces import path_report
from sim.machine import Model
from sim.reference import Trace
from sim.spec.evidence import Fact
from sim.spec.policy import Policy


def explained(
    policy: Policy,
    model: Model,
    trace: Trace,
    facts: Mapping[str, Fact],
    *,
    seed: int,
    run: int,
    meter: Meter | None = None,
) -> Explanation:
    """Explain run number `run` of a plain ensemble, of which `trace` is the plain loop's account."""
    numbers = numbers_of_run(seed, run)
    here = known(policy, model, trace, numbers)
    units = {name: each.unit for name, each in policy.thresholds.items()}
    to_vary = varied(model, here, numbers, units)
    variants = Variants(model, to_vary, seed, run, meter)
    return Explanation(
        path_report(policy, model, trace, seed=seed, run=run),
        stories(Teller(policy, model, trace, numbers, here, facts)),
        nearest_flips(to_vary, variants, model.world.days),
        windows(model.machine),
    )
