"""Why one run of a policy on a scenario went as it did (`explain`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.outcome import result
from sim.api.ensembles import Meter
from sim.api.pairs import DEFAULT_SEED, model_of
from sim.ensemble import run_ensemble
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.machine import Model
from sim.results import Result

if TYPE_CHECKING:
    from sim.analysis.explain.records import Explanation


@dataclass(frozen=True)
class Explained:
    """One run of a policy on a scenario, and why it went as it did."""

    pair: Pair
    model: Model
    result: Result
    """of this run alone"""
    explanation: Explanation


def explain(
    scenario: str,
    policy: str | None = None,
    *,
    run: int = 0,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    meter: Meter | None = None,
) -> Explained:
    """Explain run number `run` of an ensemble under `seed`. Raises BadInput or BadUsage."""
    if run < 0:
        raise BadUsage(f"--run must not be below 0, got {run}")
    return explain_pair((library or Library()).load_pair(scenario, policy, sets), run=run, seed=seed, meter=meter)


def single_path(pair: Pair) -> bool:
    """Is every run of a pair the same?"""
    return model_of(pair).single_path


def explain_pair(pair: Pair, *, run: int = 0, seed: int = DEFAULT_SEED, meter: Meter | None = None) -> Explained:
    """As `explain`, of a pair that is already loaded. Where nothing is uncertain every run is run 0."""
    from sim import reference  # only here, so that an ensemble starts without it
    from sim.analysis.explain.told import explained

    model = model_of(pair)
    number = 0 if model.single_path else run
    trace = reference.walk(model, seed, number, number)
    outcome = result(pair.policy.spec, pair.scenario.spec, run_ensemble(model, seed, 1, first=number))
    told = explained(pair.policy.spec, model, trace, pair.policy.facts, seed=seed, run=number, meter=meter)
    return Explained(pair, model, outcome, told)
