"""What the form of a page works with: days of plain scenarios, facts to cite, colours of ladders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sim.charts.style import phase_colours
from sim.ensemble import Job, compute
from sim.errors import BadInput
from sim.library import Library, Loaded, Pair
from sim.machine import Machine, Phase, bind
from sim.spec.scenario import Scenario
from sim.spec.values import GRADES, Grade
from sim.workshop.pack import Packer
from sim.workshop.rules import Data
from sim.workshop.words import title
from sim.world import Quantity, World, compile_world

MOST_STEPS = 7
"""Of a ladder that is written on the page."""


def form(pairs: Sequence[Pair], first: tuple[float, float], seed: int, library: Library, packer: Packer) -> Data:
    """What the page is told; `pairs` has one for each scenario, `first` are the numbers with which the form begins."""
    facts = [
        {
            "id": id_,
            "says": fact.says,
            "grades": _lent(fact.supports),
            "hindsight": fact.hindsight,
            "ledger": name,
        }
        for name, ledger in pairs[0].policy.ledgers.items()
        for id_, fact in ledger.facts.items()
    ]
    colours = [phase_colours(steps + 1) for steps in range(MOST_STEPS + 1)]
    return {"days": list(_days(pairs, seed, library, packer)), "facts": facts, "colours": colours, "first": first}


def _days(pairs: Sequence[Pair], seed: int, library: Library, packer: Packer) -> Iterator[Data]:
    """The days of plain scenarios: those chosen, and where one is uncertain the plain one under it, or its first run."""
    shown: set[str] = set()
    for pair in pairs:
        world, titled, note = _plain(pair, library)
        if world.name in shown:
            continue
        shown.add(world.name)
        seen = compute(Job((bind(_alone(world), WATCHER),), seed), range(1), leading=True).looks[0].signposts
        posts = {name: {"unit": fan.unit, **packer.exact(fan.samples[:1])} for name, fan in seen.items()}
        told = {"name": world.name, **titled, "note": note, "start": world.start.isoformat(), "days": world.days}
        yield {**told, "signposts": posts}


def _plain(pair: Pair, library: Library) -> tuple[World, Data, str]:
    """A world, its title, and what is to be known of it."""
    scenario = pair.scenario
    below = _base(pair, library)
    for each in (scenario, *([below] if below else [])):
        world = compile_world(each.spec, each.tables)
        if bind(_alone(world), WATCHER).single_path:
            return world, title(each.spec), "the other side's answer is left out" if world.reactions else ""
    return compile_world(scenario.spec, scenario.tables), title(scenario.spec), "one simulated run"


def _base(pair: Pair, library: Library) -> Loaded[Scenario] | None:
    extends = pair.scenario.spec.extends
    path = library.near(extends, "scenario", pair.scenario.path.parent) if extends else None
    try:
        return library.load_scenario(str(path)) if path else None
    except BadInput:  # a base may be a part that does not stand alone
        return None


WATCHER = Machine("none", "", (Phase("none", "none", Quantity("", 0.0)),), 0, {}, (), {})
"""A policy that only watches."""


def _alone(world: World) -> World:
    """The world without its answers to a policy."""
    return replace(world, reactions=(), variables=tuple(replace(each, pushes=()) for each in world.variables))


def _lent(supports: Grade) -> list[str]:
    """The grades that a fact can lend, the strongest first."""
    return list(GRADES[GRADES.index(supports) :: -1])
