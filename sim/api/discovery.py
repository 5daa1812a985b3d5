"""Scenario discovery (`discover`): under which uncertain numbers a phase is reached."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from sim.analysis.cases import Measure, measures_named
from sim.analysis.discovery import MOST_BOXES, Box, Sample, Truth, require, sampled
from sim.analysis.discovery import discover as boxes_of
from sim.api.designs import Study, evaluate, study
from sim.api.ensembles import HERE, Meter
from sim.api.pairs import DEFAULT_SEED
from sim.draws import Floats
from sim.errors import BadUsage, unknown_name
from sim.library import Library, Pair
from sim.work import How

DEFAULT_CASES = 1_000
DEFAULT_REPLICATIONS = 50
"""More than of a design: whether a case is of interest hangs on a share of them."""
DEFAULT_SHARE = 0.5
_ROUNDING = 1e-12
"""A share that is what was asked for counts, whatever the last bit of a mean is."""


@dataclass(frozen=True)
class Discovery:
    """The conditions under which a phase is reached, found on one design and held against a fresh one."""

    study: Study
    measure: Measure
    """PHASE.reached, by a day"""
    share: float
    """a case is of interest where at least this share of its replications reach the phase"""
    sample: Sample
    fresh: Sample
    boxes: tuple[Box, ...]


def discover(
    scenario: str,
    policy: str | None = None,
    *,
    phase: str,
    by: int | None = None,
    cases: int = DEFAULT_CASES,
    replications: int = DEFAULT_REPLICATIONS,
    share: float = DEFAULT_SHARE,
    boxes: int = MOST_BOXES,
    step: int | None = None,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    how: How = HERE,
    meter: Meter | None = None,
) -> Discovery:
    """Boxes of factors in which a phase is reached by a day. Raises BadInput, BadUsage, MissingExtra or WorkFailed."""
    pair = (library or Library()).load_pair(scenario, policy, sets)
    return discover_of(
        pair,
        phase=phase,
        by=by,
        cases=cases,
        replications=replications,
        share=share,
        boxes=boxes,
        step=step,
        seed=seed,
        how=how,
        meter=meter,
    )


def discover_of(
    pair: Pair,
    *,
    phase: str,
    by: int | None = None,
    cases: int = DEFAULT_CASES,
    replications: int = DEFAULT_REPLICATIONS,
    share: float = DEFAULT_SHARE,
    boxes: int = MOST_BOXES,
    step: int | None = None,
    seed: int = DEFAULT_SEED,
    how: How = HERE,
    meter: Meter | None = None,
) -> Discovery:
    """As `discover`, of a pair that is already loaded."""
    if not 0 < share <= 1:
        raise BadUsage(f"--threshold is a share of replications, above 0 and at most 1, got {share:g}")
    about = study(pair, seed=seed, replications=replications)
    measure = _reached(about, phase, by)
    if not about.factors:
        raise BadUsage(
            f"{pair.scenario.spec.name} on {pair.policy.spec.name} has no uncertain number, so there is none to discover"
        )
    require()
    model = evaluate(about, [measure], how, meter)

    def reached(values: Floats, first: int = 0) -> Truth:
        shares = model(values, first=first)[0].mean(axis=1)
        return np.asarray(shares >= share - _ROUNDING)

    # Fresh replications too: a box is to hold for other cases and for other noise.
    sample = sampled(about.factors, cases, seed, "discovery", reached)
    fresh = sampled(about.factors, cases, seed, "discovery, fresh", partial(reached, first=about.replications))
    found = boxes_of(about.factors, sample, fresh, most=boxes, step=step)
    return Discovery(about, measure, share, sample, fresh, found)


def outside_run(start: dt.date, last: int, given: object) -> str:
    """What is wrong with a day that the run has not; `given` as it was typed."""
    until = start + dt.timedelta(days=last)
    return f"--by is a date, {start.isoformat()} to {until.isoformat()}, or a day of the run, 0 to {last}, got {given}"


def _reached(about: Study, phase: str, by: int | None) -> Measure:
    phases = [each.name for each in about.model.machine.phases[1:]]
    if phase not in phases:
        raise BadUsage(unknown_name("phase above the lowest", phase, phases))
    last = about.model.world.days - 1
    if by is not None and not 0 <= by <= last:
        raise BadUsage(outside_run(about.model.world.start, last, by))
    (found,) = measures_named(about.model, [f"{phase}.reached"])
    return Measure(found.phase, found.name, found.label, by)
