"""A policy compiled for the engine, and its meeting with a world."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from sim.spec import guard
from sim.spec import policy as spec
from sim.spec.values import day_of
from sim.world import Jumps, Ladder, Quantity, Steps, Walk, World, quantities


@dataclass(frozen=True)
class Phase:
    name: str
    label: str
    min_stay: Quantity


@dataclass(frozen=True)
class Transition:
    name: str
    leaves: tuple[bool, ...]
    """per phase: does it leave this one?"""
    to: int
    guard: guard.Condition
    text: str
    """the guard as written"""
    confirm: Quantity | None
    """days in a row; None: by `window`"""
    window: tuple[int, int] | None
    """(m, n): on m of the last n days"""
    lag: Quantity
    revocable: bool


@dataclass(frozen=True)
class Machine:
    name: str
    title: str
    phases: tuple[Phase, ...]
    initial: int
    thresholds: Mapping[str, Steps]
    transitions: tuple[Transition, ...]
    defaults: Mapping[str, Quantity]
    """signposts that a world may lack"""


@dataclass(frozen=True)
class Model:
    """A world and a machine that fit together: all that one run needs but its draws."""

    world: World
    machine: Machine
    defaults: Mapping[str, Quantity]
    """signposts of the machine that the world lacks: constants"""
    provoking: tuple[tuple[bool, ...], ...]
    """per reaction and phase: does the reaction push while the policy stands there?"""

    @property
    def uncertain(self) -> tuple[Quantity, ...]:
        """The uncertain numbers, each drawn once per run: the factors of a design. Sizes of jumps are daily noise."""
        sizes = {id(move.size) for each in self.world.variables for move in each.moves if isinstance(move, Jumps)}
        found = [each for each in quantities((self.world, self.machine, self.defaults)) if each.shape and id(each) not in sizes]
        return tuple({each.path: each for each in found}.values())

    @property
    def noisy(self) -> bool:
        """Does any daily noise move a variable or blur a signpost?"""
        moves = (move for variable in self.world.variables for move in variable.moves)
        errors = (signpost.error for signpost in self.world.signposts if signpost.error)
        return any(map(_is_noise, moves)) or any(not error.sd.is_zero for error in errors)

    @property
    def single_path(self) -> bool:
        """Nothing is uncertain and nothing is noisy: every run is the same."""
        return not self.uncertain and not self.noisy

    @property
    def reactive(self) -> bool:
        """Does the world answer to the policy?"""
        return any(not push.is_zero for variable in self.world.variables for _, push in variable.pushes)


def _is_noise(move: Walk | Jumps | Ladder) -> bool:
    match move:
        case Walk():
            return not move.volatility.is_zero
        case Jumps():
            return not (move.rate.is_zero or move.size.is_zero)
        case Ladder():
            return not all(chance.is_zero for chance in move.up + move.down)


def compile_machine(policy: spec.Policy, start: dt.date) -> Machine:
    """The machine of a checked policy, with its dates counted from the start of a run."""
    names = tuple(policy.phases)
    phases = tuple(
        Phase(name, phase.label or name, Quantity.of(f"phases.{name}.min_stay", phase.min_stay, whole=True))
        for name, phase in policy.phases.items()
    )
    transitions = tuple(_transition(name, each, names) for name, each in policy.transitions.items())
    thresholds = {name: _threshold(name, each, start) for name, each in policy.thresholds.items()}
    defaults = {
        name: Quantity.of(f"reads.{name}.default", read.default)
        for name, read in policy.reads.items()
        if read.default is not None
    }
    initial = names.index(policy.initial) if policy.initial else 0
    return Machine(policy.name, policy.title, phases, initial, thresholds, transitions, defaults)


def _threshold(name: str, threshold: spec.Threshold, start: dt.date) -> Steps:
    numbers = threshold.numbers(f"thresholds.{name}")
    days = tuple(day_of(when, start) for when in threshold.dated) if threshold.dated else (0,)
    return Steps(days, tuple(Quantity.of(path, number) for path, number in numbers.items()))


def _transition(name: str, each: spec.Transition, phases: tuple[str, ...]) -> Transition:
    path = f"transitions.{name}"
    to = phases.index(each.to)
    everywhere = each.from_ == (spec.ANY,)
    leaves = tuple(phase in each.from_ or (everywhere and phase != each.to) for phase in phases)
    window, confirm = None, None
    if isinstance(each.confirm, spec.WithinWindow):
        window = (int(each.confirm.days.fixed or 0), int(each.confirm.of.fixed or 0))
    else:
        confirm = Quantity.of(f"{path}.confirm", each.confirm, whole=True)
    lag = Quantity.of(f"{path}.lag", each.lag, whole=True)
    return Transition(name, leaves, to, guard.parse(each.when), each.when, confirm, window, lag, each.revocable)


def bind(world: World, machine: Machine) -> Model:
    """A world and a machine that were checked against each other."""
    seen = {signpost.name for signpost in world.signposts}
    defaults = {name: number for name, number in machine.defaults.items() if name not in seen}
    provoking = tuple(
        tuple(phase.name in reaction.phases or reaction.phases == (spec.ANY,) for phase in machine.phases)
        for reaction in world.reactions
    )
    return Model(world, machine, defaults, provoking)
