"""What shows only when an exercise meets the scenarios and policies that are played in it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from sim.errors import BadInput, Problem, quote, suggestion, unknown_name
from sim.load.exercise import cited_problems
from sim.load.files import label
from sim.load.loaded import Loaded
from sim.load.pair import pair_problems, signposts
from sim.load.policy import at_guard
from sim.load.scenario import bounds_of
from sim.load.sets import Trees, led_to
from sim.load.source import Source
from sim.spec.exercise import BY_HAND, START, Exercise, ExerciseInject, KeyFigure, measures, phase_of
from sim.spec.guard import GuardError, check_units, names, parse
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.spec.values import Number


class Shelf(Protocol):
    """Where an exercise finds and tries the files that are played."""

    def near(self, ref: str, kind: str, folder: Path) -> Path | None: ...
    def not_found(self, ref: str, kind: str, beside: Path | None) -> str: ...
    def load_scenario(self, ref: str, sets: Sequence[str] = ()) -> Loaded[Scenario]: ...
    def load_policy(self, ref: str, sets: Sequence[str] = ()) -> Loaded[Policy]: ...
    def load_pair(self, scenario_ref: str, policy_ref: str | None = None, sets: Sequence[str] = ()) -> Any: ...


@dataclass(frozen=True)
class Cast:
    """The files that are played, by the names under which the exercise lists them, as far as they can be read."""

    scenarios: Mapping[str, Loaded[Scenario]]
    policies: Mapping[str, Loaded[Policy]]
    refs: Mapping[tuple[str, str], str]
    """by kind and name, the path that a library finds the file under"""

    def tried(self, shelf: Shelf, scenario: str, policy: str, sets: Sequence[str]) -> tuple[Problem, ...]:
        """What is wrong with `--set` changes on a pair."""
        try:
            shelf.load_pair(self.refs["scenario", scenario], self.refs["policy", policy], sets)
        except BadInput as error:
            return error.problems
        return ()


def cast_of(source: Source[Exercise], folder: Path, shelf: Shelf) -> tuple[Cast, list[Problem]]:
    """The scenarios and policies that an exercise lists, and every mistake in them."""
    found: dict[str, dict[str, Loaded[Any]]] = {"scenario": {}, "policy": {}}
    refs: dict[tuple[str, str], str] = {}
    problems: list[Problem] = []
    for kind, section, load in (("scenario", "scenarios", shelf.load_scenario), ("policy", "policies", shelf.load_policy)):
        for index, ref in enumerate(getattr(source.spec, section)):
            path = shelf.near(ref, kind, folder)
            if path is None:
                problems.append(source.problem(f"{section}.{index}", shelf.not_found(ref, kind, folder)))
                continue
            refs[kind, ref] = label(path)
            try:
                found[kind][ref] = load(label(path))
            except BadInput as error:
                problems += error.problems
    return Cast(found["scenario"], found["policy"], refs), problems


def played_problems(record: Loaded[Exercise], folder: Path, shelf: Shelf) -> Iterator[Problem]:
    """Every mistake between an exercise, the facts that it cites and the files that are played in it."""
    source = record.source
    if set(record.ledgers) == set(source.spec.evidence) and source.whole("evidence"):
        yield from cited_problems(source, record.facts)
    cast, problems = cast_of(source, folder, shelf)
    yield from problems
    misfits = [*_misfits(source, cast)]
    yield from misfits
    for name, move in source.spec.moves.items():
        for scenario in cast.scenarios.values():
            yield from _inside_run(source, f"moves.{name}.on", move.on, scenario.spec)
        for key, inject in move.injects.items():
            yield from _inject(source, f"moves.{name}.injects.{key}", inject, cast)
    if not problems and not misfits and source.whole("scenarios", "policies"):
        yield from _Settings(source, cast, shelf).problems()


def _misfits(source: Source[Exercise], cast: Cast) -> Iterator[Problem]:
    """Each scenario with each policy, told where the exercise lists the scenario."""
    for ref, scenario in cast.scenarios.items():
        at = f"scenarios.{source.spec.scenarios.index(ref)}"
        for name, policy in cast.policies.items():
            for each in pair_problems(policy.source, scenario.source):
                yield source.problem(at, f"does not fit policy {quote(name)}: {each.field}: {each.message}")


def _inside_run(source: Source[Exercise], path: str, on: dt.date, scenario: Scenario) -> Iterator[Problem]:
    last = scenario.start + dt.timedelta(days=int(scenario.days.fixed or 1) - 1)
    if not scenario.start <= on <= last:
        run = f"the run of scenario {quote(scenario.name)}, {scenario.start} to {last}"
        yield source.problem(path, f"must lie inside {run}, got {on}")


# injects --------------------------------------------------------------------------------------------------------------------


def _inject(source: Source[Exercise], path: str, inject: ExerciseInject, cast: Cast) -> Iterator[Problem]:
    for scenario in cast.scenarios.values():
        for name, number in inject.set.items():
            yield from _level(source, f"{path}.set.{name}", name, number, scenario.spec)
    if inject.when not in (START, BY_HAND):
        yield from _condition(source, f"{path}.when", inject.when, cast)


def _level(source: Source[Exercise], path: str, name: str, number: Number, scenario: Scenario) -> Iterator[Problem]:
    """A variable of the scenario, and a value in its unit and inside its bounds."""
    called = f"scenario {quote(scenario.name)}"
    variable = scenario.variables.get(name)
    if variable is None:
        yield source.at_key(path, f"{called} has no variable {quote(name)}; {suggestion(name, list(scenario.variables))}")
        return
    if number.unit not in (None, variable.unit):
        yield source.problem(f"{path}.unit", f"{quote(name)} is in {quote(variable.unit)} in {called}, got {quote(number.unit)}")
    bounds = bounds_of(variable)
    if bounds and number.fixed is not None and not bounds[0] <= number.fixed <= bounds[1]:
        ends = f"{bounds[0]:g} to {bounds[1]:g}"
        yield source.problem(path, f"must lie inside the bounds {ends} of {called}, got {number.fixed:g}")


def _condition(source: Source[Exercise], path: str, when: str, cast: Cast) -> Iterator[Problem]:
    try:
        phase = phase_of(when)
        guard = None if phase else parse(when)
    except (ValueError, GuardError):  # told with the file's own mistakes
        return
    if phase:
        first = next(iter(cast.policies.values()), None)
        if first and phase not in first.spec.phases:
            known = list(first.spec.phases)
            yield source.problem(path, f"policy {quote(first.spec.name)} has no phase {quote(phase)}; {suggestion(phase, known)}")
        return
    assert guard is not None
    for scenario in cast.scenarios.values():
        seen = signposts(scenario.spec)
        units = {name: scenario.spec.variables[variable].unit for name, variable in seen.items()}
        for name in names(guard):
            if name not in units:
                what = f"scenario {quote(scenario.spec.name)} has no signpost {quote(name)}; {suggestion(name, list(units))}"
                at = next(each.start() for each in re.finditer(rf"\b{name}\b", when))
                yield at_guard(source, path, GuardError(what, at))  # type: ignore[arg-type]  # any source has places
        for misfit in check_units(guard, units, frozenset(names(guard))):
            yield at_guard(source, path, misfit)  # type: ignore[arg-type]  # as above


# figures, sliders and codings -----------------------------------------------------------------------------------------------


class _Settings:
    """Whatever of an exercise changes numbers of the files played, tried as `--set` would be."""

    def __init__(self, source: Source[Exercise], cast: Cast, shelf: Shelf) -> None:
        self.source, self.cast, self.shelf = source, cast, shelf

    def problems(self) -> Iterator[Problem]:
        exercise = self.source.spec
        for name, figure in exercise.figures.items():
            yield from self._figure(f"figures.{name}", figure)
        for name, slider in exercise.sliders.items():
            values = slider.values
            yield from self._anywhere(f"sliders.{name}", slider.path, (*values[:2], *values[-1:]))
        for name, move in exercise.moves.items():
            if move.code:
                at = f"moves.{name}.code"
                known = [*self._listed(f"{at}.scenario", move.code.scenario, "scenario")]
                known += self._listed(f"{at}.policy", move.code.policy, "policy")
                yield from known
                if not known:
                    pair = move.code.scenario or exercise.scenarios[0], move.code.policy or exercise.policies[0]
                    for key, blank in move.code.blanks.items():
                        values = blank.values
                        tried = values if blank.options else (*values[:2], *values[-1:])
                        yield from self._values(f"{at}.blanks.{key}", blank.path, tried, [pair])

    def _listed(self, path: str, name: str | None, kind: str) -> Iterator[Problem]:
        known = list(self.cast.scenarios if kind == "scenario" else self.cast.policies)
        if name is not None and name not in known:
            section = "scenarios" if kind == "scenario" else "policies"
            yield self.source.problem(path, f"the exercise lists no {quote(name)} under {section}; {suggestion(name, known)}")

    def _figure(self, path: str, figure: KeyFigure) -> Iterator[Problem]:
        wrong = [*self._listed(f"{path}.scenario", figure.scenario, "scenario")]
        wrong += self._listed(f"{path}.policy", figure.policy, "policy")
        wrong += self._listed(f"{path}.against", figure.against, "policy")
        yield from wrong
        if wrong:
            return
        try:
            policy, scenario = self._changed(figure, figure.policy)
            other = self._changed(figure, figure.against)[0] if figure.against else policy
        except BadInput as error:
            yield from (self._placed(problem, f"{path}.set") for problem in error.problems)
            return
        known = measures([each for each in policy.phases if each in other.phases], [*policy.transitions], [*scenario.variables])
        if figure.measure not in known:
            yield self.source.problem(f"{path}.measure", unknown_name("measure", figure.measure, known))
        yield from self._goes_with(path, figure, figure.measure.rpartition(".")[2])
        if figure.by:
            yield from _inside_run(self.source, f"{path}.by", figure.by, scenario)

    def _changed(self, figure: KeyFigure, policy: str) -> tuple[Policy, Scenario]:
        """The files that a figure is of, with its changes. Raises BadInput."""
        if not figure.set:
            return self.cast.policies[policy].spec, self.cast.scenarios[figure.scenario].spec
        pair = self.shelf.load_pair(self.cast.refs["scenario", figure.scenario], self.cast.refs["policy", policy], figure.set)
        return pair.policy.spec, pair.scenario.spec

    def _goes_with(self, path: str, figure: KeyFigure, kind: str) -> Iterator[Problem]:
        if (kind == "later") != (figure.against is not None):
            message = "PHASE.later needs against: the policy that it is compared with" if kind == "later" else _ONLY["against"]
            yield self.source.problem(f"{path}.measure" if kind == "later" else f"{path}.against", message)
        if figure.by and kind != "reached":
            yield self.source.problem(f"{path}.by", _ONLY["by"])

    def _placed(self, problem: Problem, path: str) -> Problem:
        """A mistake in the n-th `--set`, at the place of the n-th change in the exercise."""
        number = re.fullmatch(r"--set #(\d+)", problem.place.file)
        at = f"{path}.{int(number[1]) - 1}" if number else path
        return self.source.problem(at, f"{problem.field}: {problem.message}".removeprefix(": "))

    def _anywhere(self, path: str, dotted: tuple[str, ...], values: Sequence[str]) -> Iterator[Problem]:
        """The path leads to a number of a policy or of a scenario, and its values pass wherever it does."""
        scenarios, policies = list(self.cast.scenarios), list(self.cast.policies)
        by_policy, by_scenario = [(scenarios[0], each) for each in policies], [(each, policies[0]) for each in scenarios]
        there = [pair for pair in by_policy if self._side(pair, dotted) == "policy"]
        yield from self._values(path, dotted, values, there or by_scenario)

    def _values(
        self, path: str, dotted: tuple[str, ...], values: Sequence[str], pairs: list[tuple[str, str]]
    ) -> Iterator[Problem]:
        there = [pair for pair in pairs if self._side(pair, dotted)]
        found: dict[str, None] = {}
        for pair in there or pairs[:1]:
            for value in dict.fromkeys(values if there else values[:1]):
                wrong = self.cast.tried(self.shelf, *pair, [f"{each}={value}" for each in dotted])
                found |= dict.fromkeys(_told(each, value if there else "") for each in wrong)
        for message in found:
            yield self.source.problem(f"{path}.path", message)

    def _side(self, pair: tuple[str, str], dotted: tuple[str, ...]) -> str | None:
        """In which file of a pair all the paths are; None: not in one."""
        scenario, policy = self.cast.scenarios[pair[0]], self.cast.policies[pair[1]]
        trees: Trees = {"scenario": (Scenario, scenario.source.root), "policy": (Policy, policy.source.root)}
        sides = {led_to(trees, f"{each}=0") for each in dotted}
        return sides.pop() if len(sides) == 1 else None


def _told(problem: Problem, value: str) -> str:
    """What is wrong with a value, or, without one, with the path."""
    told = f"{problem.field}: {problem.message}"
    return f"with the value {value}: {told}" if value else told


_ONLY = {"against": "goes with the measure PHASE.later alone", "by": "goes with the measure PHASE.reached alone"}
