"""The grid of settings and what the engine makes of each: counts of runs per day, and what guards see."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sim.api.pairs import gathered
from sim.ensemble import Job, Look, compute
from sim.errors import BadUsage
from sim.library import Library, Pair
from sim.machine import Machine, Model, bind, compile_machine
from sim.measures import Tally
from sim.results import Floats
from sim.work import How, parts
from sim.workshop.rules import can_step_down
from sim.workshop.sliders import Slider
from sim.world import World, compile_world

Counts = NDArray[np.int32]
TOGETHER = 50
"""Settings of a policy that are simulated at once, on a world stepped once."""
MOST_POINTS = 50_000
SINGLES = 3
"""Runs that the page can show day by day."""


def settings(sliders: Sequence[Slider]) -> list[tuple[str, ...]]:
    """The `--set` settings of each point of the grid; the last slider moves fastest."""
    indexes = product(*(range(len(each.values)) for each in sliders))
    return [tuple(one for slider, index in zip(sliders, point, strict=True) for one in slider.sets(index)) for point in indexes]


def start_of(sliders: Sequence[Slider]) -> int:
    """Which point of the grid is the one as stated."""
    place = 0
    for each in sliders:
        place = place * len(each.values) + each.start
    return place


def points(sliders: Sequence[Slider]) -> int:
    return math.prod(len(each.values) for each in sliders)


@dataclass(frozen=True)
class Ladder:
    """A policy, its sliders, and its machine at each point of their grid."""

    sliders: tuple[Slider, ...]
    machines: tuple[Machine, ...]


@dataclass(frozen=True)
class View:
    """A scenario, its sliders, and its world at each point of their grid."""

    sliders: tuple[Slider, ...]
    worlds: tuple[World, ...]
    policies: tuple[Ladder, ...]

    @property
    def answers(self) -> bool:
        """Does one of its worlds answer to the policy, so that each setting has a world of its own?"""
        return any(bind(world, self.policies[0].machines[0]).reactive for world in self.worlds)


@dataclass(frozen=True)
class Piece:
    """Some points of one policy in one world."""

    view: int
    world: int
    policy: int
    first: int
    last: int
    leads: bool
    """also leaves what guards see"""
    apart: bool
    """and that for each point, since the world answers"""


@dataclass(frozen=True)
class Done:
    """What a piece leaves; `runs` is its place in the list of pieces."""

    runs: range
    tallies: tuple[Tally, ...]
    looks: tuple[Look, ...]


@dataclass(frozen=True)
class Grid:
    """All that is to be simulated, piece by piece, wherever that may be (a `sim.work.Work`)."""

    views: tuple[View, ...]
    seed: int
    size: int
    """runs at each point"""
    pieces: tuple[Piece, ...] = field(default=())

    @property
    def days(self) -> int:
        return max(world.days for view in self.views for world in view.worlds)

    def blocks(self, runs: int) -> list[range]:
        """A block each for the first pieces."""
        return [range(each, each + 1) for each in range(runs)]

    def models(self, piece: Piece) -> tuple[Model, ...]:
        view = self.views[piece.view]
        return tuple(
            bind(view.worlds[piece.world], each) for each in view.policies[piece.policy].machines[piece.first : piece.last]
        )

    def compute(self, runs: range, progress: Callable[[int], None] | None = None) -> Done:
        piece = self.pieces[runs.start]
        job = Job(self.models(piece), self.seed)
        alone = any(model.single_path for model in job.models)  # a path is counted where it leads
        part = compute(job, job.blocks(self.size)[0], leading=piece.leads or alone)
        if progress:
            progress(self.days)
        looks = part.looks * len(job.models) if piece.apart and len(part.looks) == 1 else part.looks
        return Done(runs, tuple(each for each in part.tallies if each), looks if piece.leads else ())


def _pieces(views: Sequence[View]) -> Iterator[Piece]:
    for place, view in enumerate(views):
        apart = view.answers
        for world in range(len(view.worlds)):
            for policy, ladder in enumerate(view.policies):
                for first in range(0, len(ladder.machines), TOGETHER):
                    last = min(first + TOGETHER, len(ladder.machines))
                    yield Piece(place, world, policy, first, last, apart or (policy == 0 and first == 0), apart)


def grid_of(
    scenarios: Sequence[str],
    policies: Sequence[str],
    of_worlds: Sequence[tuple[Slider, ...]],
    of_policies: Sequence[tuple[Slider, ...]],
    *,
    library: Library,
    seed: int,
    runs: int,
) -> Grid:
    """The grid of scenarios and policies, by name or path. Raises BadInput where a setting does not fit its file, or BadUsage."""
    _bounded([points(one) * points(other) for one in of_worlds for other in of_policies])
    with gathered() as attempt:

        def loaded(scenario: str, policy: str, sliders: Sequence[Slider]) -> list[Pair]:
            return [pair for sets in settings(sliders) for pair in attempt(library, scenario, policy, sets)]

        worlds = [loaded(each, policies[0], sliders) for each, sliders in zip(scenarios, of_worlds, strict=True)]
        ladders = [loaded(scenarios[0], each, sliders) for each, sliders in zip(policies, of_policies, strict=True)]
    views = tuple(
        View(
            moved,
            tuple(compile_world(pair.scenario.spec, pair.scenario.tables) for pair in here),
            tuple(
                _ladder(sliders, those, here[0].scenario.spec.start) for sliders, those in zip(of_policies, ladders, strict=True)
            ),
        )
        for moved, here in zip(of_worlds, worlds, strict=True)
    )
    return Grid(views, seed, runs, tuple(_pieces(views)))


def _ladder(sliders: tuple[Slider, ...], pairs: Sequence[Pair], start: dt.date) -> Ladder:
    return Ladder(sliders, tuple(compile_machine(pair.policy.spec, start) for pair in pairs))


def _bounded(sizes: Sequence[int]) -> None:
    if sum(sizes) > MOST_POINTS:
        raise BadUsage(f"the sliders span {sum(sizes):,} settings; {MOST_POINTS:,} fit: choose fewer sliders or --steps")


# What comes out ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """What guards see of one signpost in one world."""

    quantiles: Floats
    """(levels, days)"""
    singles: Floats
    """(a few, days): the first runs"""


@dataclass(frozen=True)
class Outcome:
    """A policy on a scenario at every point of the grid."""

    runs: int
    """1 where every point is one path"""
    counts: Counts
    """(worlds, points, series, days): runs that reached each phase above the lowest by each day; then, where the policy can step
    down, runs that are in each of these at the end of each day"""


@dataclass(frozen=True)
class Results:
    """Of a scenario."""

    outcomes: tuple[Outcome, ...]
    """per policy"""
    seen: tuple[tuple[dict[str, Seen], ...], ...]
    """per world: one for all policies and points, or, where the world answers, one for each policy and point in turn"""


def simulated(grid: Grid, how: How, progress: Callable[[float], None] | None = None) -> tuple[Results, ...]:
    """What each scenario leaves. `progress` is called with the number of runs done since the last call. Raises WorkFailed."""
    done: list[Done] = []
    each = grid_runs(grid) / len(grid.pieces)
    for one in parts(grid, len(grid.pieces), how, (lambda pieces: progress(pieces * each)) if progress else None):
        done.append(one)
    return tuple(_results(grid, index, done) for index in range(len(grid.views)))


def grid_runs(grid: Grid) -> int:
    """How many runs there are to simulate."""
    return sum((piece.last - piece.first) * grid.size for piece in grid.pieces)


def _results(grid: Grid, index: int, done: Sequence[Done]) -> Results:
    view = grid.views[index]
    those = [(piece, one) for piece, one in zip(grid.pieces, done, strict=True) if piece.view == index]
    outcomes = tuple(
        _outcome(ladder, len(view.worlds), [(piece, one) for piece, one in those if piece.policy == policy])
        for policy, ladder in enumerate(view.policies)
    )
    seen = tuple(
        tuple(_seen(look) for piece, one in those if piece.world == world for look in one.looks)
        for world in range(len(view.worlds))
    )
    return Results(outcomes, seen)


def _seen(look: Look) -> dict[str, Seen]:
    return {name: Seen(fan.quantiles, fan.samples[:SINGLES]) for name, fan in look.signposts.items()}


def _outcome(ladder: Ladder, worlds: int, those: Sequence[tuple[Piece, Done]]) -> Outcome:
    tallies: dict[tuple[int, int], Tally] = {}
    for piece, one in those:
        tallies |= {(piece.world, piece.first + at): tally for at, tally in enumerate(one.tallies)}
    runs = max(tally.runs for tally in tallies.values())
    down = can_step_down(ladder.machines[0])
    rows = [
        [_series(tallies[world, point], down) * (runs // tallies[world, point].runs) for point in range(len(ladder.machines))]
        for world in range(worlds)
    ]
    return Outcome(runs, np.array(rows, np.int32))


def _series(tally: Tally, down: bool) -> NDArray[np.int64]:
    reached = np.cumsum(tally.first[1:], axis=1)
    return np.concatenate([reached, tally.occupancy[1:]]) if down else reached
