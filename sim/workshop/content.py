"""What a page is told: scenarios, policies and what came out of each setting, as plain data with its numbers packed apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim import __version__
from sim.api.pairs import model_of
from sim.library import Library, Pair
from sim.machine import Machine, bind
from sim.spec import guard
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.workshop import variant
from sim.workshop.grid import SINGLES, Grid, Outcome, Results, View, start_of
from sim.workshop.own import form
from sim.workshop.pack import Packer
from sim.workshop.rules import Data, changes, phases, rules
from sim.workshop.sliders import Slider
from sim.workshop.words import framing, label, tables, title, titled
from sim.world import World

SHARES = (
    "Shares are shares of simulated runs. In brackets, and shaded: 95% Monte Carlo intervals (Wilson), which say how "
    "well the model was sampled, not how true it is. A grade says how a number is known, from quoted to assumed."
)
"""On every page."""
ANSWERED = 7
"""Where the world answers to the policy each setting has a fan of its own, of every so many days."""


@dataclass(frozen=True)
class Content:
    """What the page is told, apart from how it looks."""

    rows: tuple[tuple[Pair, ...], ...]
    scenarios: tuple[str, ...]
    typed: tuple[str, ...]
    """scenarios and policies, as they were named"""
    grid: Grid
    results: tuple[Results, ...]
    library: Library

    @property
    def title(self) -> str:
        return self.titled.title

    @property
    def titled(self) -> Policy | Scenario:
        """Whose title the page has, if its author gives none."""
        return titled(self.rows)

    @property
    def framing(self) -> list[str]:
        return [framing(self.rows)]

    def about(self, runs: int, steps: int, stride: int, command: str) -> list[str]:
        """What it was made of, a paragraph each."""
        sizes = [len(view.worlds) * len(ladder.machines) for view in self.grid.views for ladder in view.policies]
        kept = "every day is kept" if stride == 1 else f"every {stride}th day is kept"
        sliders = {
            each.name: each for view in self.grid.views for ladder in view.policies for each in (*view.sliders, *ladder.sliders)
        }
        grid = "; ".join(f"{name}: {len(each.values)} values" for name, each in sliders.items())
        return [
            f"Every setting was simulated beforehand by phased {__version__}: {sum(sizes):,} settings with {runs:,} runs each, "
            f"seed {self.grid.seed}; {kept}. All settings meet the same draws. A pair in which nothing is uncertain is one path.",
            f"Steps of the sliders ({steps} asked for): {grid or 'none'}.",
            SHARES,
            "The file asks for nothing: no server, no fonts, no counting. Made by:",
            command,
        ]

    def data(self, packer: Packer) -> Data:
        return {
            "languages": tables(self.rows, self.titled),
            "phases": upper(self.rows[0]),
            "scenarios": [self._scenario(index, packer) for index in range(len(self.rows))],
            "policies": [self._policy(index) for index in range(len(self.typed))],
            "form": form([row[0] for row in self.rows], first_numbers(self._sliders(0)), self.grid.seed, self.library, packer),
        }

    # scenarios

    def _scenario(self, index: int, packer: Packer) -> Data:
        view, found, row = self.grid.views[index], self.results[index], self.rows[index]
        world, spec = view.worlds[0], row[0].scenario.spec
        reactive = view.answers
        return {
            "typed": self.scenarios[index],
            **title(spec),
            "start": world.start.isoformat(),
            "days": world.days,
            "reactive": reactive,
            "worlds": len(view.worlds),
            "sliders": [{**told_of(each), "values": each.values} for each in view.sliders],
            "signposts": {name: self._seen(view, found, name, reactive, packer) for name in self._read(view)},
            "choices": [[name, side] for name in self._read(view) for side in ("AB" if reactive else "A")],
            "pairs": [self._pair(index, policy, packer) for policy in range(len(self.typed))],
        }

    def _read(self, view: View) -> dict[str, str]:
        """Signposts that some guard reads, with their units; all of them where there is no guard."""
        return read([ladder.machines[0] for ladder in view.policies], view.worlds[0])

    def _seen(self, view: View, found: Results, name: str, reactive: bool, packer: Packer) -> Data:
        """Arrays (worlds, settings, …): one setting for all, or, where the world answers, one for each policy's each."""
        sizes = [len(ladder.machines) for ladder in view.policies]
        offsets = [0, *accumulate(sizes)][:-1]
        stated = [offset + start_of(ladder.sliders) for offset, ladder in zip(offsets, view.policies, strict=True)]
        fans = np.array([[seen[name].quantiles for seen in here] for here in found.seen])
        singles = np.array([[here[at][name].singles for at in (stated if reactive else [0])] for here in found.seen])
        days = packer.days(fans.shape[-1], ANSWERED if reactive else 1).tolist()
        return {
            "unit": self._read(view)[name],
            "fan": {
                **packer.levels(fans, ANSWERED if reactive else 1),
                "settings": fans.shape[1],
                "offsets": offsets,
                "days": days,
            },
            "singles": {**packer.exact(singles), "settings": singles.shape[1], "runs": singles.shape[2]},
        }

    # policies

    def _policy(self, index: int) -> Data:
        sliders = self._sliders(index)
        told = [{**told_of(each), "values": each.values} for each in sliders]
        return {**policy(self.rows[0][index], self.typed[index], sliders), "sliders": told}

    def _sliders(self, policy: int) -> tuple[Slider, ...]:
        return self.grid.views[0].policies[policy].sliders

    def _pair(self, index: int, policy: int, packer: Packer) -> Data:
        view, pair, outcome = self.grid.views[index], self.rows[index][policy], self.results[index].outcomes[policy]
        ladder, spec = view.policies[policy], pair.policy.spec
        start = start_of(ladder.sliders)
        model = bind(view.worlds[0], ladder.machines[start])
        runs = [rules(model, spec, self.grid.seed, run) for run in range(min(SINGLES, outcome.runs))]
        return {
            "runs": outcome.runs,
            "days": packer.days(outcome.counts.shape[-1]).tolist(),
            **self._counts(outcome, len(spec.phases) - 1, packer),
            "points": outcome.counts.shape[1],
            "rules": runs if any(each != runs[0] for each in runs) else runs[:1],
            "moved": self._moved(index, policy, runs[0]),
        }

    @staticmethod
    def _counts(outcome: Outcome, upper: int, packer: Packer) -> Data:
        """Runs that reached each phase above the lowest, and runs in it or above, which is the same where none can step down."""
        reached, inside = np.split(outcome.counts, [upper], axis=2)
        told = packer.counts(reached)
        return {"reached": told, "above": packer.counts(above(inside)) if inside.size else told}

    def _moved(self, index: int, policy: int, stated: Data) -> list[list[list[Any]]]:
        """Per slider and value what becomes of the rules, the other numbers as stated: way to a place in them, key, part."""
        return [
            [self._changed(index, policy, each.sets(value), stated) for value in range(len(each.values))]
            for each in self._sliders(policy)
        ]

    def _changed(self, index: int, policy: int, sets: tuple[str, ...], stated: Data) -> list[list[Any]]:
        if not sets:
            return []
        pair = self.library.load_pair(self.scenarios[index], self.typed[policy], sets)
        moved = changes(stated, rules(model_of(pair), pair.policy.spec, self.grid.seed, 0))
        return [[way, key, part] for (*way, key), part in ((path.split("/"), part) for path, part in moved.items())]


# What a page is told, whether it is a file or served ------------------------------------------------------------------------


def policy(pair: Pair, typed: str, sliders: Sequence[Slider]) -> Data:
    """A policy, and the file that its sliders make of it."""
    spec = pair.policy.spec
    return {
        "name": spec.name,
        "typed": typed,
        **title(spec),
        "changed": variant.name_of(spec),
        "file": variant.lines(pair, typed, sliders),
        "phases": phases(spec),
        "places": {name: place for place, name in enumerate([*spec.phases][1:])},
    }


def above(inside: NDArray[Any]) -> NDArray[Any]:
    """(…, phases above the lowest, days): runs in a phase or above, from runs in it."""
    return np.flip(np.flip(inside, -2).cumsum(-2, dtype=inside.dtype), -2)


def first_numbers(sliders: Sequence[Slider]) -> tuple[float, float]:
    """The numbers with which the form begins: the threshold of the first policy's first slider, and one below."""
    stated = [each.stated.value for each in sliders if each.paths[0].startswith("thresholds.")]
    value = next((each for each in stated if each is not None), 1.0)
    return value, value - 1


def upper(row: Sequence[Pair]) -> list[Data]:
    """The phases above the lowest of all policies, each once."""
    found = {name: label(name, each) for pair in row for name, each in list(pair.policy.spec.phases.items())[1:]}
    return [{"name": name, **each} for name, each in found.items()]


def read(machines: Sequence[Machine], world: World) -> dict[str, str]:
    """Signposts that some guard reads, with their units; all of them where there is no guard."""
    order = {name: None for machine in machines for each in machine.transitions for name in guard.names(each.guard)}
    posts = {each.name: each.unit for each in world.signposts}
    used = {name: posts[name] for name in order if name in posts}
    return used if order else posts


def told_of(each: Slider) -> Data:
    """A slider, without the values that it can have."""
    told = each.stated
    return {
        "name": each.name,
        "stated": told.value,
        "text": f"{told.text} {told.unit}".strip(),
        "unit": told.unit,
        "grade": ", ".join((told.grade, *told.evidence)),
        "paths": each.paths,
    }
