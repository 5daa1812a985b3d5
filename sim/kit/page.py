"""The lesson page of an exercise: its scenarios, policies and sliders, on a grid that can be simulated while somebody waits."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING

from sim.kit.modelled import Bench
from sim.spec.exercise import Slider
from sim.workshop.sliders import Asked, asked

if TYPE_CHECKING:
    from sim.api import Meter
    from sim.workshop.lesson import Lesson

RUNS = 200
"""at each setting, unless somebody says otherwise"""
SETTINGS = 120
"""points of the grid of a policy on a scenario: an author may ask for more steps than can be waited for"""


def page_of(bench: Bench, title: str, *, runs: int, command: str, meter: Meter | None = None) -> Lesson:
    """The page as `sim.workshop` makes it. Raises BadUsage, MissingExtra."""
    from sim.workshop.lesson import lesson

    spec = bench.loaded.spec
    pairs = bench.pairs
    return lesson(
        [_ref(bench, pairs[name, spec.policies[0]].scenario.path, name, "scenario") for name in spec.scenarios],
        [_ref(bench, pairs[spec.scenarios[0], name].policy.path, name, "policy") for name in spec.policies],
        wanted=wanted(spec.sliders),
        runs=runs,
        seed=bench.seed,
        title=title,
        command=command,
        library=bench.library,
        how=bench.how,
        meter=meter,
    )


def _ref(bench: Bench, path: object, name: str, kind: str) -> str:
    """The name, where it names the same file from here; else the path."""
    from sim.errors import BadUsage

    try:
        return name if bench.library.find(name, kind) == path else str(path)
    except BadUsage:
        return str(path)


def wanted(sliders: dict[str, Slider]) -> tuple[Asked, ...]:
    """The author's sliders, in steps so much coarser that the grid stays small: always the largest step that meets both ends."""
    return tuple(
        asked(f"{_name(name, each)}={','.join(each.path)}:{each.from_:.10g}:{each.to:.10g}:{each.step * coarse:.10g}")
        for (name, each), coarse in zip(
            sliders.items(), coarseness([len(each.values) - 1 for each in sliders.values()]), strict=True
        )
    )


def _name(name: str, slider: Slider) -> str:
    return (slider.label or name).replace("=", " ")


def coarseness(steps: Sequence[int], most: int = SETTINGS) -> list[int]:
    """By what each slider's step is multiplied, so that all settings together are at most `most`.

    The slider with the most values gives way first, to the next factor that divides its steps; three values are kept while
    another can still give way, and two at least.
    """
    chosen = [1] * len(steps)
    while prod(all_ // each + 1 for all_, each in zip(steps, chosen, strict=True)) > most:
        coarser = [_coarser(all_, each) for all_, each in zip(steps, chosen, strict=True)]
        able = [at for at, each in enumerate(coarser) if each]
        if not able:
            break
        roomy = [at for at in able if steps[at] // coarser[at] >= 2]
        widest = max(roomy or able, key=lambda at: steps[at] // chosen[at])
        chosen[widest] = coarser[widest]
    return chosen


def _coarser(steps: int, chosen: int) -> int:
    """The next factor that divides the steps; 0 where there is none."""
    return next((each for each in range(chosen + 1, steps + 1) if steps % each == 0), 0)
