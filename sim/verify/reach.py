"""The fastest possible day for each phase, with a world that achieves it, or that no world does."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sim import reference
from sim.machine import Transition
from sim.results import Ints
from sim.verify.cells import Cells, Table, Truth
from sim.verify.domains import Count, count_of
from sim.verify.search import NONE, Found, Ladder, Rule, Way, fastest, simplified
from sim.verify.setting import Setting
from sim.verify.worlds import Stretch, resting, stretches, world_of

MOST_DRAWS = 64
"""Combinations of drawn thresholds that differ in what guards can do, and of drawn days, that are gone through."""
MOST_RULES = 60
_NEVER = math.inf


@dataclass(frozen=True)
class Step:
    """A change of phase on a witness path."""

    day: int
    decided: int
    transition: str
    from_phase: str
    to_phase: str


@dataclass(frozen=True)
class Witness:
    """A world that can be run (`model`), and what the policy does in it."""

    path: tuple[Stretch, ...]
    drawn: Mapping[str, float]
    """uncertain numbers by dotted path, in days, per day or their own unit: those that the search chose"""
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Reach:
    """How soon a phase, or a higher one, can take effect."""

    phase: str
    label: str
    day: int | None
    """None: in no world, or not decided"""
    witness: Witness | None
    decided: bool
    least: int | None = None
    """where it is not decided: not before this day"""


@dataclass(frozen=True)
class Reaches:
    """The fastest possible days of a policy, alone or on a scenario."""

    setting: Setting
    phases: tuple[Reach, ...]
    """those above the initial one, lowest first"""


def reach(setting: Setting) -> Reaches:
    """Search all worlds of a setting. A witness is run by the reference before it is told."""
    machine = setting.machine
    cells = Cells(setting)
    search = _Search(setting, cells)
    best = search.best()
    found = []
    for phase in range(machine.initial + 1, len(machine.phases)):
        name, label = machine.phases[phase].name, machine.phases[phase].label
        upper, lower = best.get(phase), search.lower.get(phase, _NEVER)
        if lower < (upper.way.day if upper else _NEVER):
            found.append(Reach(name, label, None, None, False, int(lower)))
        elif upper:
            found.append(Reach(name, label, upper.way.day, search.witness(phase, upper), True))
        else:
            found.append(Reach(name, label, None, None, True))
    return Reaches(setting, tuple(found))


@dataclass(frozen=True)
class _Best:
    way: Way
    draw: int
    """index of the draw of thresholds"""
    counts: Mapping[str, int]


class _Search:
    def __init__(self, setting: Setting, cells: Cells) -> None:
        self.setting, self.cells = setting, cells
        self.used = _relevant(setting)
        self.transitions = [setting.machine.transitions[index] for index in self.used]
        self.guards = [setting.guards[index] for index in self.used]
        self.table: Table | None = cells.table(self.guards) if len(self.used) <= MOST_RULES else None
        self.counts = _counts(setting, self.transitions)
        self.loose = [each for each in self.counts.values() if not each.fixed]
        self.lower: dict[int, float] = {}
        self._best: dict[int, _Best] = {}

    def best(self) -> dict[int, _Best]:
        """The soonest ways found; `lower` says before which day there can be none."""
        table = self.table
        targets = range(self.setting.machine.initial + 1, len(self.setting.machine.phases))
        if table is None:
            self.lower = dict.fromkeys(targets, 0.0)
            return {}
        self.per_epoch = len(table.drawn) // len(self.setting.epochs)
        least = {each.path: each.low for each in self.counts.values()}
        groups = list(self._groups())
        for draw in groups[:MOST_DRAWS]:
            found = fastest(self._ladder(table.sure, draw, least))
            self._note(found, draw, least)
            if self.loose or not table.exact:
                found = fastest(self._ladder(table.may, draw, None))
            self._bound(found, targets)
        if len(groups) > MOST_DRAWS:
            self.lower = dict.fromkeys(targets, 0.0)
        elif self.loose and any(self._gap(phase) for phase in targets):
            self._other_counts(groups, targets, exact=table.exact)
        return self._best

    def _gap(self, phase: int) -> bool:
        day = self._best[phase].way.day if phase in self._best else _NEVER
        return self.lower.get(phase, _NEVER) < day

    def _other_counts(self, groups: Sequence[int], targets: Sequence[int], *, exact: bool) -> None:
        """Longer waits may be faster, where a shorter one lets another transition go first."""
        assert self.table is not None
        every = [each.all for each in self.loose]
        ways = math.prod(len(each) if each else MOST_DRAWS + 1 for each in every)
        whole = ways * len(groups) <= MOST_DRAWS
        options = [each if whole and each else _few(one) for each, one in zip(every, self.loose, strict=True)]
        bounds: dict[int, float] = {}
        complete = whole and exact
        for chosen in itertools.islice(itertools.product(*options), MOST_DRAWS):
            least = {each.path: each.low for each in self.counts.values()}
            counts = least | {each.path: days for each, days in zip(self.loose, chosen, strict=True)}
            for draw in groups[: max(MOST_DRAWS // 8, 1)] if not whole else groups:
                found = fastest(self._ladder(self.table.sure, draw, counts))
                self._note(found, draw, counts)
                for phase in targets:
                    bounds[phase] = min(bounds.get(phase, _NEVER), _earliest(found, phase))
        if complete:
            self.lower = bounds

    def _note(self, found: Found, draw: int, counts: Mapping[str, int]) -> None:
        for phase, way in found.ways.items():
            if phase not in self._best or way.day < self._best[phase].way.day:
                self._best[phase] = _Best(way, draw, counts)

    def _bound(self, found: Found, targets: Sequence[int]) -> None:
        for phase in targets:
            self.lower[phase] = min(self.lower.get(phase, _NEVER), _earliest(found, phase))

    def _groups(self) -> Iterator[int]:
        """One draw of thresholds for each set of letters that differs from those of others."""
        assert self.table is not None
        known = set()
        for draw in range(self.per_epoch):
            both = (self._letters(self.table.sure, draw), self._letters(self.table.may, draw))
            if both not in known:
                known.add(both)
                yield draw

    def _case(self, epoch: int, draw: int) -> int:
        return epoch * self.per_epoch + draw

    def _letters(self, truth: Truth, draw: int) -> tuple[tuple[tuple[int, ...], ...], ...]:
        used = {epoch for _, epoch in self.setting.timeline}
        return tuple(
            tuple(_codes(truth[:, self._case(epoch, draw)])) if epoch in used else ((),)
            for epoch in range(len(self.setting.epochs))
        )

    def _ladder(self, truth: Truth, draw: int, counts: Mapping[str, int] | None) -> Ladder:
        """With the days given, or with the least ones and room for more."""
        machine, loose = self.setting.machine, counts is None
        days = counts or {each.path: each.low for each in self.counts.values()}
        unsure = {each.path for each in self.loose} if loose else set()
        rules = [_rule(each, days, unsure) for each in self.transitions]
        stays = [each.min_stay.path for each in machine.phases]
        return Ladder(
            rules,
            [days[path] for path in stays],
            [path in unsure for path in stays],
            machine.initial,
            self._letters(truth, draw),
            self.setting.timeline,
            self.setting.days,
        )

    def witness(self, phase: int, best: _Best) -> Witness:
        """The values of every day, and what the reference does with them: it must be what was found."""
        assert self.table is not None
        way = simplified(self._ladder(self.table.sure, best.draw, best.counts), best.way, phase)
        values = list(self._values(replace(best, way=way), self.table))
        drawn = dict(self.table.drawn[best.draw]) | {each.path: float(best.counts[each.path]) for each in self.loose}
        path = stretches(values)
        trace = reference.walk(world_of(self.setting, path, drawn, best.way.day + 1), 1, 0, 0)
        reached = [day for day, at in enumerate(trace.phases) if at >= phase]
        assert reached == [best.way.day], "a witness does what is said of it"
        phases, transitions = self.setting.machine.phases, self.setting.machine.transitions
        steps = tuple(
            Step(e.day, e.decided, transitions[e.transition].name, phases[e.from_phase].name, phases[e.to_phase].name)
            for e in trace.changes
        )
        return Witness(path, drawn, steps)

    def _values(self, best: _Best, table: Table) -> Iterator[dict[str, float]]:
        """For each day values at which the guards are as the letter says; those of the day before where they do."""
        rest = {name: resting(self.setting, name) for name in self.setting.signposts}
        cell = NONE
        for day, (letter, stay) in enumerate(zip(best.way.letters, best.way.stays, strict=True)):
            epoch = next(index for first, index in reversed(self.setting.timeline) if first <= day)
            truth = table.sure[:, self._case(epoch, best.draw), :, min(stay, table.sure.shape[3] - 1)]
            fits = np.flatnonzero(_code(truth) == letter)
            cell = cell if cell in fits else int(fits[0])
            yield rest | table.values(cell)


def _earliest(found: Found, phase: int) -> float:
    if phase in found.ways:
        return found.ways[phase].day
    return _NEVER if found.complete else found.last + 1


def _few(count: Count) -> tuple[int, ...]:
    every = (count.low, count.low + 1, *(count.values or ()), *(() if count.high is None else (count.high,)))
    return tuple(sorted({each for each in every if count.high is None or each <= count.high}))


def _relevant(setting: Setting) -> list[int]:
    """Transitions that leave a phase which a run can be in before it reaches the highest."""
    machine = setting.machine
    inside, top = {machine.initial}, len(machine.phases) - 1
    while grown := {each.to for each in machine.transitions if any(each.leaves[at] for at in inside)} - inside:
        inside |= grown
    inside -= {top}
    return [index for index, each in enumerate(machine.transitions) if any(each.leaves[at] for at in inside)]


def _counts(setting: Setting, transitions: Sequence[Transition]) -> dict[str, Count]:
    confirms = [count_of(each.confirm, 1) for each in transitions if each.confirm]
    lags = [count_of(each.lag) for each in transitions]
    stays = [count_of(each.min_stay) for each in setting.machine.phases]
    return {each.path: each for each in [*confirms, *lags, *stays]}


def _rule(each: Transition, days: Mapping[str, int], unsure: set[str]) -> Rule:
    confirm = each.confirm.path if each.confirm else ""
    held, window = each.window or (days.get(confirm, 1), None)
    if window is not None and held == window:
        window = None  # in a row
    return Rule(
        each.leaves, each.to, held, window, days[each.lag.path], each.revocable, confirm in unsure, each.lag.path in unsure
    )


def _code(truth: Truth) -> Ints:
    """(conditions, cells) → (cells,): bit i for condition i."""
    weights = np.int64(1) << np.arange(truth.shape[0], dtype=np.int64)
    codes: Ints = np.tensordot(weights, truth.astype(np.int64), axes=1)
    return codes


def _codes(truth: Truth) -> Iterator[tuple[int, ...]]:
    """(conditions, cells, days in the phase): per day, the letters that there are, in the order of the cells."""
    for days in range(truth.shape[2]):
        codes, first = np.unique(_code(truth[:, :, days]), return_index=True)
        yield tuple(int(codes[index]) for index in np.argsort(first))
