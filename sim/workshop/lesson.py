"""A lesson: names in, one HTML file out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sim import __version__
from sim.api.ensembles import HERE, Meter
from sim.api.pairs import DEFAULT_SEED, pairs_of
from sim.errors import BadUsage, listed
from sim.library import Library, Pair
from sim.work import How
from sim.workshop import sliders as sliding
from sim.workshop.content import Content
from sim.workshop.extras import need_page
from sim.workshop.grid import grid_of, grid_runs, simulated
from sim.workshop.html import page
from sim.workshop.pack import FULL, Packer, strides
from sim.workshop.sliders import Asked, Slider
from sim.workshop.specs import specs

DEFAULT_STEPS = 5
LIMIT = 3_000_000
"""Bytes of a page."""


@dataclass(frozen=True)
class Lesson:
    """A page, and what it was made of."""

    html: bytes
    pairs: tuple[Pair, ...]
    settings: int
    """points of the grid, over all pairs"""
    runs: int
    stride: int
    """days from one stored day to the next"""


def lesson(
    scenarios: Sequence[str],
    policies: Sequence[str],
    *,
    wanted: Sequence[Asked] = (),
    runs: int,
    steps: int = DEFAULT_STEPS,
    seed: int = DEFAULT_SEED,
    title: str | None = None,
    command: str,
    library: Library | None = None,
    how: How = HERE,
    meter: Meter | None = None,
) -> Lesson:
    """The page of some scenarios and policies. Raises BadInput with the mistakes of all files, BadUsage or WorkFailed."""
    if not 1 <= runs <= FULL:
        raise BadUsage(f"--runs must be from 1 to {FULL:,} on a page, got {runs:,}")
    library = library or Library()
    need_page()
    drawn = specs()
    rows = rows_of(scenarios, policies, library)
    of_worlds, of_policies = sliders_of(rows, wanted, steps)
    grid = grid_of(scenarios, policies, of_worlds, of_policies, library=library, seed=seed, runs=runs)
    if meter:
        meter.expect(grid_runs(grid))
    results = simulated(grid, how, meter.add if meter else None)
    content = Content(rows, tuple(scenarios), tuple(policies), grid, results, library)
    told = {"version": __version__, "seed": seed, "runs": runs, "specs": drawn, "framing": content.framing}
    for stride in strides():
        packer = Packer(stride)
        about = content.about(runs, steps, stride, command)
        whole = {**told, **content.data(packer), "about": about, "stride": stride, "title": title or content.title}
        made = page(whole, packer.packed())
        if len(made) <= LIMIT:
            settings = sum(len(view.worlds) * len(ladder.machines) for view in grid.views for ladder in view.policies)
            return Lesson(made, tuple(pair for row in rows for pair in row), settings, runs, stride)
    raise BadUsage(f"the page would be larger than {LIMIT / 1e6:g} MB: choose fewer scenarios, policies or sliders, or --steps")


def rows_of(scenarios: Sequence[str], policies: Sequence[str], library: Library) -> tuple[tuple[Pair, ...], ...]:
    """For each scenario a pair for each policy. Raises BadInput with the mistakes of all files, or BadUsage."""
    pairs = pairs_of(scenarios, policies, library=library)
    return tuple(tuple(pairs[at : at + len(policies)]) for at in range(0, len(pairs), len(policies)))


def sliders_of(
    rows: Sequence[Sequence[Pair]], wanted: Sequence[Asked], steps: int
) -> tuple[list[tuple[Slider, ...]], list[tuple[Slider, ...]]]:
    """Of each scenario and of each policy; `rows` has for each scenario a pair for each policy. Raises BadUsage."""
    of_policies = _of_policies(rows[0], wanted, steps)
    of_worlds = [_of_world(row, wanted, steps) for row in rows]
    _all_found(wanted, [*of_policies, *of_worlds])
    if any(path.split(".")[0] in ("start", "days") for sliders in of_worlds for each in sliders for path in each.paths):
        raise BadUsage("a slider cannot move the start or the length of a run")
    return of_worlds, of_policies


def _of_policies(row: Sequence[Pair], wanted: Sequence[Asked], steps: int) -> list[tuple[Slider, ...]]:
    """Each policy's sliders: the author's, or sensible ones where there are none at all."""
    if not wanted:
        return [tuple(sliding.of_policy(each.policy.spec, each.scenario.spec, steps)) for each in row]
    mine = [each for each in wanted if each.side == "policy"]
    return [tuple(found for each in mine if (found := sliding.of_author(each, pair.policy.spec, steps))) for pair in row]


def _of_world(row: Sequence[Pair], wanted: Sequence[Asked], steps: int) -> tuple[Slider, ...]:
    scenario = row[0].scenario.spec
    if not wanted:
        return tuple(sliding.of_world(scenario, [pair.policy.spec for pair in row], steps))
    mine = [each for each in wanted if each.side == "scenario"]
    return tuple(found for each in mine if (found := sliding.of_author(each, scenario, steps)))


def _all_found(wanted: Sequence[Asked], found: Sequence[Sequence[Slider]]) -> None:
    names = {slider.name for each in found for slider in each}
    lost = [each for each in wanted if each.name not in names]
    if lost:
        raise BadUsage(f"no policy or scenario here has a number at {listed([', '.join(each.paths) for each in lost])}")
