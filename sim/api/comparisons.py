"""Policies on scenarios, all on the same draws (`compare`): who is sooner, where they part, what makes the difference, regret."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, groupby

from sim.analysis.differences import Difference, Differences, Effect, Tried, behaviour, differences
from sim.analysis.disagreement import Disagreement
from sim.analysis.orders import OverReadings, Read
from sim.analysis.outcome import first_passages, result
from sim.analysis.pairs import disagreement, paired
from sim.analysis.precision import Precision
from sim.analysis.readings import rival_readings
from sim.analysis.regret import Counted, Regret, regret
from sim.analysis.twin import seen_perfectly
from sim.api.ensembles import DEFAULT_RUNS, HERE, Meter, Run, checked, gathered, job_of, keeping, pairs_between, precise
from sim.api.pairs import DEFAULT_SEED, pairs_of
from sim.ensemble import Beside, Job, Merged, PairOf, Two
from sim.errors import BadInput, BadUsage
from sim.library import Input, Library, Loaded, Pair
from sim.load.losses import phases_problems
from sim.machine import Model, bind, compile_machine
from sim.measures import PairTally, PartingTally, Tally
from sim.results import FirstPassage, PairedPassage
from sim.spec.losses import Losses
from sim.work import How


@dataclass(frozen=True)
class Comparison:
    """Policies on scenarios, all on the same draws."""

    cells: tuple[Run, ...]
    """scenario by scenario, policy by policy"""
    pairs: tuple[PairedPassage, ...]
    """per scenario, pair of policies and phase above the lowest that both have"""
    disagreements: tuple[Disagreement, ...]
    """per scenario and pair of policies"""
    differences: tuple[Differences, ...]
    """per scenario and pair of policies; those from the first policy to another are tried one by one"""
    readings: tuple[OverReadings, ...]
    """per scenario, pair of policies and phase above the lowest that both have, where a threshold has a rival reading"""
    regret: Regret | None = None
    """by the losses that were given; None: none were"""


def compare(
    scenarios: Sequence[str],
    policies: Sequence[str],
    *,
    losses: str | None = None,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    how: How = HERE,
    precision: Precision | None = None,
    meter: Meter | None = None,
) -> Comparison:
    """Every policy on every scenario, on the same draws, with the regret by a file of `losses` where one is named.

    Raises BadInput with the mistakes of all files, BadUsage, WorkFailed.
    """
    library = library or Library()
    loaded = pairs_of(scenarios, policies, sets=sets, library=library)
    stated = losses_of(losses, loaded, library=library) if losses else None
    return compare_pairs(loaded, losses=stated, runs=runs, seed=seed, how=how, precision=precision, meter=meter)


@dataclass(frozen=True)
class Stated:
    """Losses that a user states, and, where they name one, the policy by whose rule a phase is due, with each scenario."""

    losses: Loaded[Losses]
    against: tuple[Pair, ...] = ()

    @property
    def inputs(self) -> tuple[Input, ...]:
        """Every file read."""
        return tuple(dict.fromkeys([*self.losses.inputs, *(each for pair in self.against for each in pair.inputs)]))


def losses_of(losses: str, loaded: Sequence[Pair], *, library: Library | None = None) -> Stated:
    """A file of losses, by name or path, that fits the policies compared. Raises BadInput or BadUsage."""
    if len({pair.policy.path for pair in loaded}) < 2:
        raise BadUsage("--losses gives the regret of each policy against the others: name at least two with --policy")
    library = library or Library()
    found = library.load_losses(losses)
    phases = list(dict.fromkeys(phase for pair in loaded for phase in pair.policy.spec.phases))
    problems = list(phases_problems(found.source, phases))
    if problems:
        raise BadInput(problems)
    return Stated(found, tuple(_against(found, loaded, library))) if found.spec.against else Stated(found)


def _against(found: Loaded[Losses], loaded: Sequence[Pair], library: Library) -> Iterator[Pair]:
    """The policy that the losses name with each scenario: as compared, with its --set, where it is one of those compared."""
    name = found.spec.against
    assert name is not None  # asked for only then
    path = library.near(name, "policy", found.path.parent)
    assert path is not None  # or the losses would not have been read
    for _, those in groupby(loaded, key=lambda pair: pair.scenario.spec.name):
        pairs = list(those)
        same = (pair for pair in pairs if pair.policy.path.resolve() == path.resolve())
        pair = next(same, None) or library.load_pair(str(pairs[0].scenario.path), str(path))
        for each in pairs:
            if list(each.policy.spec.phases) != list(pair.policy.spec.phases):
                message = f"{each.policy.spec.name} has other phases than {pair.policy.spec.name}; leave out against, or compare"
                raise BadInput([found.source.problem("against", f"{message} policies with the same phases")])
        yield pair


def compare_pairs(
    loaded: Sequence[Pair],
    *,
    losses: Stated | None = None,
    runs: int = DEFAULT_RUNS,
    seed: int = DEFAULT_SEED,
    how: How = HERE,
    precision: Precision | None = None,
    meter: Meter | None = None,
) -> Comparison:
    """As `compare`, of pairs that `pairs_of` and losses that `losses_of` loaded."""
    checked(runs, precision)
    scenarios = [list(those) for _, those in groupby(loaded, key=lambda pair: pair.scenario.spec.name)]
    plans = [_planned(those, seed) for those in scenarios]
    if losses:
        rules = losses.against or (None,) * len(plans)
        plans = [replace(plan, job=_with_twins(plan.job, rule)) for plan, rule in zip(plans, rules, strict=True)]
    done: list[_Scenario] = []
    with keeping(how, precision) as how:
        places = [replace(how, unfinished=how.unfinished / str(each)) if how.unfinished else how for each in range(len(plans))]
        if precision:  # all have as many runs as the one that needs the most
            runs = max(precise(plan.job, runs, place, precision, meter) for plan, place in zip(plans, places, strict=True))
        for those, plan, place in zip(scenarios, plans, places, strict=True):
            done.append(_Scenario(those, plan, gathered(plan.job, runs, place, meter)))
    return Comparison(
        tuple(cell for each in done for cell in each.cells),
        tuple(pair for each in done for pair in each.pairs()),
        tuple(parting for each in done for parting in each.disagreements()),
        tuple(told for each in done for told in each.differences()),
        tuple(read for each in done for read in each.readings()),
        regret(losses.losses.spec, [each.counted() for each in done]) if losses else None,
    )


# what is simulated beside -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Reading:
    """Two policies under a rival reading of a threshold: as which models of the job they are simulated."""

    threshold: str
    rival: str
    of: Two
    """the two policies"""
    read: Two
    """the models"""


@dataclass(frozen=True)
class _Trial:
    """A difference between two policies, and the model in which it stands alone."""

    of: Two
    difference: Difference
    model: int | None


@dataclass(frozen=True)
class _Plan:
    """What is simulated on one scenario, and what each thing that is counted beside it is for."""

    job: Job
    readings: tuple[_Reading, ...]
    trials: tuple[_Trial, ...]


def _with_twins(job: Job, rule: Pair | None) -> Job:
    """With the same policies that see the world perfectly, or one policy in place of them all."""
    models = job.models
    if rule:
        machine = compile_machine(rule.policy.spec, models[0].world.start)
        models = tuple(bind(model.world, machine) for model in models)
    return replace(job, twins=tuple(map(seen_perfectly, models)))


def _planned(loaded: Sequence[Pair], seed: int) -> _Plan:
    job = job_of(loaded, seed)
    readings = tuple(_readings(loaded, job))
    trials, tried = _trials(loaded, job)
    read = [pair for each in readings for pair in _pairs(job.all, *each.read)]
    partings = dict.fromkeys((each.of[0], each.model) for each in trials if each.model is not None)
    models = (*job.all, *tried)
    beside = Beside(
        tried, tuple(dict.fromkeys([*read, *(pair for each in partings for pair in _pairs(models, *each))])), tuple(partings)
    )
    return _Plan(replace(job, beside=beside), readings, trials)


def _pairs(models: Sequence[Model], a: int, b: int) -> Iterator[PairOf]:
    return pairs_between(models[a], models[b], a, b)


def _readings(loaded: Sequence[Pair], job: Job) -> Iterator[_Reading]:
    """Each rival reading of either policy; where both have a threshold of that name with a reading of that name, both read so."""
    places: list[dict[tuple[str, str], int]] = []
    after = len(job.models)
    for pair in loaded:
        names = [(each.threshold, each.rival) for each in rival_readings(pair.policy.spec)]
        places.append({name: after + at for at, name in enumerate(names)})
        after += len(names)
    for a, b in combinations(range(len(loaded)), 2):
        for name in dict.fromkeys([*places[a], *places[b]]):
            yield _Reading(*name, (a, b), (places[a].get(name, a), places[b].get(name, b)))


def _trials(loaded: Sequence[Pair], job: Job) -> tuple[tuple[_Trial, ...], tuple[Model, ...]]:
    """All that differs between every two policies; what differs from the first one is tried alone. Each model is there once."""
    known = {behaviour(model.machine): index for index, model in reversed(list(enumerate(job.models)))}
    added: list[Model] = []
    trials = []
    world = job.models[0].world
    for a, b in combinations(range(len(loaded)), 2):
        for each in differences(loaded[a].policy.spec, loaded[b].policy.spec, world.start):
            index = None
            if each.trial is not None and a == 0:
                machine = compile_machine(each.trial, world.start)
                index = known.setdefault(behaviour(machine), len(job.all) + len(added))
                if index == len(job.all) + len(added):
                    added.append(bind(world, machine))
            trials.append(_Trial((a, b), each, index))
    return tuple(trials), tuple(added)


# what came out ------------------------------------------------------------------------------------------------------------------


Passages = Mapping[str, FirstPassage]
"""Of a model, by phase."""


class _Scenario:
    """One scenario's runs."""

    def __init__(self, loaded: Sequence[Pair], plan: _Plan, found: Merged) -> None:
        self._plan, self._job, self._found = plan, plan.job, found
        self.cells = [
            Run(pair, each.model, result(pair.policy.spec, pair.scenario.spec, each))
            for pair, each in zip(loaded, found.ensembles, strict=True)
        ]
        self._name = self.cells[0].result.scenario
        self._models = self._job.all
        trials, pairs, partings = found.lead.beside
        read = [tally for each in found.ensembles for _, tally in each.rivals]
        tallies: list[Tally] = [*(each.lead for each in found.ensembles), *read, *trials]
        self._lead = [first_passages(model, tally) for model, tally in zip(self._models, tallies, strict=True)]
        """per model, over the first block"""
        self._beside = dict(zip(self._job.beside.pairs, pairs, strict=True))
        self._parted = dict(zip(self._job.beside.partings, partings, strict=True))

    def pairs(self) -> Iterator[PairedPassage]:
        """Of the policies, over all runs."""
        first = [cell.result.first_passage for cell in self.cells]
        for each, counts in zip(self._job.pairs, self._found.pairs, strict=True):
            yield self._paired(each, counts, first, each.a, each.b)

    def _paired(self, pair: PairOf, counts: PairTally, first: Sequence[Passages], a: int, b: int) -> PairedPassage:
        """`first` are the first passages of each model; `a` and `b` are the policies that it is told of."""
        phase = self._models[pair.a].machine.phases[pair.phase_a].name
        names = self._job.models[a].machine.name, self._job.models[b].machine.name
        return paired(counts, first[pair.a][phase], first[pair.b][phase], scenario=self._name, names=names, phase=phase)

    def disagreements(self) -> Iterator[Disagreement]:
        for (a, b), counts in zip(self._job.partings, self._found.partings, strict=True):
            yield self._disagreement(a, b, counts, b)

    def _disagreement(self, a: int, b: int, counts: PartingTally, told: int) -> Disagreement:
        one, other = self._models[a], self._models[b]
        return disagreement(
            counts,
            scenario=self._name,
            names=(one.machine.name, self._job.models[told].machine.name),
            phases=(_phases(one), _phases(other)),
            start=one.world.start,
            single_path=one.single_path and other.single_path,
        )

    def differences(self) -> Iterator[Differences]:
        """Of every two policies, with what the whole changes over all runs and each part over the first block."""
        passages, partings = list(self.pairs()), list(self.disagreements())
        for (a, b), parting in zip(self._job.partings, partings, strict=True):
            whole = Effect(tuple(each for each in passages if (each.a, each.b) == (parting.a, parting.b)), parting)
            parts = (
                Tried(each.difference, None if each.model is None else self._effect(each, each.model))
                for each in self._plan.trials
                if each.of == (a, b)
            )
            yield Differences(self._name, parting.a, parting.b, tuple(parts), whole)

    def _effect(self, trial: _Trial, model: int) -> Effect:
        a, b = trial.of
        passages = (
            self._paired(pair, self._beside[pair], self._lead, a, b)
            for pair in pairs_between(self._models[a], self._models[model], a, model)
        )
        return Effect(tuple(passages), self._disagreement(a, model, self._parted[a, model], b))

    def readings(self) -> Iterator[OverReadings]:
        """Every two policies over the first block: as stated, and with a rival reading of a threshold each."""
        stated = dict(zip(self._job.pairs, self._found.lead.pairs, strict=True))
        for pair, counts in stated.items():
            assert counts is not None  # the first block leaves out nothing
            those = [each for each in self._plan.readings if each.of == (pair.a, pair.b)]
            if those:
                read = tuple(self._read(each, pair) for each in those)
                yield OverReadings(self._paired(pair, counts, self._lead, pair.a, pair.b), read)

    def _read(self, reading: _Reading, pair: PairOf) -> Read:
        as_read = replace(pair, a=reading.read[0], b=reading.read[1])
        changed = [each for each, model in zip(reading.of, reading.read, strict=True) if each != model]
        names = tuple(self._job.models[each].machine.name for each in changed)
        passage = self._paired(as_read, self._beside[as_read], self._lead, pair.a, pair.b)
        return Read(reading.threshold, reading.rival, names, passage)

    def counted(self) -> Counted:
        assert self._found.products is not None  # asked for only where there are twins
        return Counted(self._name, tuple(each.machine for each in self._job.models), self._found.products)


def _phases(model: Model) -> tuple[str, ...]:
    return tuple(phase.name for phase in model.machine.phases)
