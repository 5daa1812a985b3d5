"""An ensemble of a policy on a scenario as one typed result."""

from __future__ import annotations

from collections import Counter

from sim.analysis.readings import rival_readings, rival_result
from sim.analysis.thresholds import threshold_lines
from sim.ensemble import Ensemble
from sim.machine import Model
from sim.measures import Tally, mean_error
from sim.results import Dwell, FirstPassage, Grades, PhaseName, Result, TransitionCount
from sim.spec.grading import default_grades, policy_grades, scenario_grades
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario


def grades(policy: Policy, scenario: Scenario) -> Grades:
    """How many numbers of the pair have which grade."""
    found = (*policy_grades(policy), *default_grades(policy, scenario), *scenario_grades(scenario))
    count = Counter(grade for _, grade in found)
    return Grades(count["quoted"], count["reported"], count["implied"], count["assumed"])


def result(policy: Policy, scenario: Scenario, ensemble: Ensemble) -> Result:
    """What `summary.json`, tables and charts say of an ensemble, and of the rival readings that were simulated beside it."""
    model, tally = ensemble.model, ensemble.tally
    machine = model.machine
    phases = tuple(PhaseName(phase.name, phase.label) for phase in machine.phases)
    return Result(
        scenario=scenario.name,
        scenario_title=scenario.title,
        policy=policy.name,
        policy_title=policy.title,
        start=model.world.start,
        days=model.world.days,
        phases=phases,
        runs=tally.runs,
        seed=ensemble.seed,
        single_path=model.single_path,
        reactive=model.reactive,
        grades=grades(policy, scenario),
        occupancy=tally.occupancy,
        first_passage=first_passages(model, tally),
        dwell={phase.name: _dwell(ensemble, index) for index, phase in enumerate(phases)},
        transitions=_transitions(ensemble),
        signposts=ensemble.signposts,
        variables=ensemble.variables,
        thresholds=threshold_lines(policy, machine, model.world.days),
        rivals=tuple(
            rival_result(reading, tally, rival.single_path)
            for reading, (rival, tally) in zip(rival_readings(policy), ensemble.rivals, strict=False)  # none were simulated
        ),
        strips=ensemble.strips,
        lead_passage=None if ensemble.lead.runs == tally.runs else first_passages(model, ensemble.lead),
    )


def first_passages(model: Model, tally: Tally) -> dict[str, FirstPassage]:
    """Per phase above the lowest, by its name."""
    names, single = [phase.name for phase in model.machine.phases], model.single_path
    return {name: FirstPassage(tally.runs, tally.first[index], single) for index, name in enumerate(names) if index > 0}


def _dwell(ensemble: Ensemble, phase: int) -> Dwell:
    tally = ensemble.tally
    stays, completed, completed_days, phase_days, squared_days = (
        int(each[phase]) for each in (tally.stays, tally.completed, tally.completed_days, tally.phase_days, tally.squared_days)
    )
    return Dwell(stays, completed, completed_days, phase_days, mean_error(phase_days, squared_days, tally.runs))


def _transitions(ensemble: Ensemble) -> tuple[TransitionCount, ...]:
    machine = ensemble.model.machine
    return tuple(
        TransitionCount(
            transition.name, phase.name, machine.phases[transition.to].name, int(ensemble.tally.transitions[index, leaves])
        )
        for index, transition in enumerate(machine.transitions)
        for leaves, phase in enumerate(machine.phases)
        if transition.leaves[leaves]
    )
