"""One run of a policy on a scenario, day by day (`path`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.analysis.outcome import result
from sim.api.pairs import DEFAULT_SEED, model_of
from sim.ensemble import run_ensemble
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.results import Result

if TYPE_CHECKING:
    from sim.analysis.traces import PathReport


@dataclass(frozen=True)
class SinglePath:
    """One run of a policy on a scenario, day by day."""

    pair: Pair
    result: Result
    """of this run alone"""
    report: PathReport


def path(
    scenario: str,
    policy: str | None = None,
    *,
    run: int = 0,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
) -> SinglePath:
    """The dated transitions of run number `run` of an ensemble under `seed`. Raises BadInput or BadUsage."""
    if run < 0:
        raise BadUsage(f"--run must not be below 0, got {run}")
    return path_of((library or Library()).load_pair(scenario, policy, sets), run=run, seed=seed)


def path_of(pair: Pair, *, run: int = 0, seed: int = DEFAULT_SEED) -> SinglePath:
    """As `path`, of a pair that is already loaded."""
    from sim import reference  # only here, so that an ensemble starts without it
    from sim.analysis.traces import path_report

    model = model_of(pair)
    number = 0 if model.single_path else run
    trace = reference.walk(model, seed, number, number)
    alone = run_ensemble(model, seed, 1, first=number)
    outcome = result(pair.policy.spec, pair.scenario.spec, alone)
    return SinglePath(pair, outcome, path_report(pair.policy.spec, model, trace, seed=seed, run=number))
