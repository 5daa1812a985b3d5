"""Which uncertainty matters (`sensitivity`): Sobol' indices and a tornado of the uncertain numbers of a pair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim.analysis.cases import Measure, measures_named
from sim.analysis.sensitivity import Shares, Tornado, cases_of, shares, tornado
from sim.api.designs import DEFAULT_REPLICATIONS, Study, evaluate, study
from sim.api.ensembles import HERE, Meter
from sim.api.pairs import DEFAULT_SEED
from sim.library import Library, Pair
from sim.work import How

DEFAULT_SAMPLES = 1_024
TORNADO_REPLICATIONS = 1_000
"""A tornado has few cases, so that each can have more replications."""


@dataclass(frozen=True)
class Answer:
    """Of one measure."""

    measure: Measure
    shares: Shares | None
    """None where nothing is uncertain"""
    tornado: Tornado


@dataclass(frozen=True)
class Sensitivity:
    """Which uncertain numbers of a pair a measure hangs on."""

    study: Study
    samples: int
    cases: int
    """that the indices took"""
    tornado_replications: int
    answers: tuple[Answer, ...]


def sensitivity(
    scenario: str,
    policy: str | None = None,
    *,
    measures: Sequence[str] = (),
    samples: int = DEFAULT_SAMPLES,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    how: How = HERE,
    meter: Meter | None = None,
) -> Sensitivity:
    """Sobol' indices and tornado of named measures. Raises BadInput, BadUsage, MissingExtra or WorkFailed."""
    pair = (library or Library()).load_pair(scenario, policy, sets)
    return sensitivity_of(pair, measures=measures, samples=samples, replications=replications, seed=seed, how=how, meter=meter)


def sensitivity_of(
    pair: Pair,
    *,
    measures: Sequence[str] = (),
    samples: int = DEFAULT_SAMPLES,
    replications: int = DEFAULT_REPLICATIONS,
    seed: int = DEFAULT_SEED,
    how: How = HERE,
    meter: Meter | None = None,
) -> Sensitivity:
    """As `sensitivity`, of a pair that is already loaded."""
    about = study(pair, seed=seed, replications=replications)
    wanted = measures_named(about.model, measures)
    model = evaluate(about, wanted, how, meter)
    many = TORNADO_REPLICATIONS if about.model.noisy else 1
    found: Sequence[Shares | None] = [None] * len(wanted)
    if about.factors:
        found = shares(about.factors, model, samples, seed, noisy=about.model.noisy)
    tornadoes = tornado(about.factors, lambda values: model(values, replications=many))
    answers = tuple(Answer(*each) for each in zip(wanted, found, tornadoes, strict=True))
    return Sensitivity(about, samples, cases_of(len(about.factors), samples), many, answers)
