"""What a page is told: scenarios, policies and what came out of each setting, as plain data with its numbers packed apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from pathlib import PurePath

import numpy as np

from sim import __version__
from sim.analysis.outcome import grades
from sim.analysis.thresholds import threshold_lines
from sim.api.pairs import model_of
from sim.charts.style import phase_colours
from sim.framing import TEACHING, assumed
from sim.library import Library, Pair
from sim.machine import bind
from sim.spec import guard
from sim.spec.policy import Policy
from sim.workshop import sliders as sliding
from sim.workshop.grid import SINGLES, Grid, Results, View, start_of
from sim.workshop.own import form
from sim.workshop.pack import Packer
from sim.workshop.rules import Data, changes, rules
from sim.workshop.sliders import Slider

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
        return self.rows[0][0].scenario.spec.title if len(self.rows) == 1 else self.rows[0][0].policy.spec.title

    @property
    def framing(self) -> list[str]:
        told = assumed(grades(pair.policy.spec, pair.scenario.spec) for row in self.rows for pair in row)
        return [f"{TEACHING} {told} What is moved here counts as assumed."]

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
            "Shares are shares of simulated runs. In brackets, and shaded: 95% Monte Carlo intervals (Wilson), which say how "
            "well the model was sampled, not how true it is. A grade says how a number is known, from quoted to assumed.",
            "The file asks for nothing: no server, no fonts, no counting. Made by:",
            command,
        ]

    def data(self, packer: Packer) -> Data:
        upper = {name: each.label or name for pair in self.rows[0] for name, each in list(pair.policy.spec.phases.items())[1:]}
        return {
            "phases": [{"name": name, "label": label} for name, label in upper.items()],
            "scenarios": [self._scenario(index, packer) for index in range(len(self.rows))],
            "policies": [self._policy(index) for index in range(len(self.typed))],
            "form": form([row[0] for row in self.rows], self._first(), self.grid.seed, self.library, packer),
        }

    # scenarios

    def _scenario(self, index: int, packer: Packer) -> Data:
        view, found, row = self.grid.views[index], self.results[index], self.rows[index]
        world, spec = view.worlds[0], row[0].scenario.spec
        reactive = view.answers
        return {
            "typed": self.scenarios[index],
            "title": spec.title,
            "start": world.start.isoformat(),
            "days": world.days,
            "reactive": reactive,
            "worlds": len(view.worlds),
            "sliders": [_slider(each) for each in view.sliders],
            "signposts": {name: self._seen(view, found, name, reactive, packer) for name in self._read(view)},
            "choices": [[name, *each] for name in self._read(view) for each in _choices(name, reactive)],
            "pairs": [self._pair(index, policy, packer) for policy in range(len(self.typed))],
        }

    def _read(self, view: View) -> dict[str, str]:
        """Signposts that some guard reads, with their units; all of them where there is no guard."""
        used = {name for ladder in view.policies for each in ladder.machines[0].transitions for name in guard.names(each.guard)}
        posts = {each.name: each.unit for each in view.worlds[0].signposts}
        first = [name for each in view.policies[0].machines[0].transitions for name in guard.names(each.guard)]
        order = dict.fromkeys([*first, *posts])
        return {name: posts[name] for name in order if name in posts and (name in used or not used)}

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
        spec = self.rows[0][index].policy.spec
        typed = self.typed[index]
        path = self.rows[0][index].policy.path
        colours = phase_colours(len(spec.phases))
        return {
            "name": spec.name,
            "typed": typed,
            "title": spec.title,
            "changed": f"{PurePath(spec.name).name}-changed",
            "extends": f"./{path.name}" if "/" in typed or typed.endswith((".yaml", ".yml")) else PurePath(typed).name,
            "phases": [
                {"name": name, "label": each.label or name, "colour": colour}
                for (name, each), colour in zip(spec.phases.items(), colours, strict=True)
            ],
            "sliders": [_slider(each, spec) for each in self._sliders(index)],
        }

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
            "counts": {**packer.counts(outcome.counts), "points": outcome.counts.shape[1], "series": outcome.counts.shape[2]},
            "rules": runs if any(each != runs[0] for each in runs) else runs[:1],
            "moved": self._moved(index, policy, runs[0]),
            "lines": [[line.name, line.signpost] for line in threshold_lines(spec, model.machine, 1)],
        }

    def _moved(self, index: int, policy: int, stated: Data) -> list[list[Data]]:
        """Per slider and value what becomes of the rules, the other numbers as stated."""
        return [
            [self._changed(index, policy, each.sets(value), stated) for value in range(len(each.values))]
            for each in self._sliders(policy)
        ]

    def _changed(self, index: int, policy: int, sets: tuple[str, ...], stated: Data) -> Data:
        if not sets:
            return {}
        pair = self.library.load_pair(self.scenarios[index], self.typed[policy], sets)
        return changes(stated, rules(model_of(pair), pair.policy.spec, self.grid.seed, 0))

    def _first(self) -> tuple[float, float]:
        """The numbers with which the form begins: the threshold of the first policy's first slider, and one below."""
        stated = [each.stated.value for each in self._sliders(0) if each.paths[0].startswith("thresholds.")]
        value = next((each for each in stated if each is not None), 1.0)
        return value, value - 1


def _choices(name: str, reactive: bool) -> list[tuple[str, str]]:
    """Whose fan of a signpost can be looked at, in words: where the world answers to the policy there are two."""
    return [(side, f"{name}, as {side} meets it") for side in "AB"] if reactive else [("A", name)]


def _slider(each: Slider, spec: Policy | None = None) -> Data:
    """What the page is told of a slider; per value also the words for it and what it changes."""
    told = each.stated
    stated = f"{told.text} {told.unit}".strip()
    return {
        "name": each.name,
        "start": each.start,
        "said": [stated if value is None else counted(value, told.unit) for value in each.values],
        "grade": ", ".join((told.grade, *told.evidence)),
        "sets": [list(each.sets(index)) for index in range(len(each.values))],
        "files": [_in_file(each, spec, index) for index in range(len(each.values))] if spec else [],
    }


def counted(value: float, unit: str) -> str:
    """`1 day`, `3 rung`."""
    return f"{value:g} {'day' if unit == 'days' and value == 1 else unit}".strip()


def _in_file(slider: Slider, policy: Policy, index: int) -> list[tuple[list[str], Data]]:
    """How a file that extends the policy says that the slider stands there: a number is replaced whole, a threshold is not."""
    found = []
    for path in slider.paths if slider.sets(index) else ():
        *_, last = parts = path.split(".")
        number: Data = {"value": slider.values[index], "grade": "assumed", "note": "Set on a lesson page."}
        if parts[0] == "thresholds" and len(parts) == 2:
            number |= {"evidence": None} if policy.thresholds[last].evidence else {}
        elif last in sliding.DAYS:
            number["unit"] = "days"
        found.append((parts, number))
    return found
