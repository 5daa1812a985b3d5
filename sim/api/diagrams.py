"""A policy as a diagram: text for other programs, or a chart (`diagram`)."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from sim import __version__
from sim.api.pairs import DEFAULT_SEED
from sim.errors import BadUsage
from sim.library import Library
from sim.spec.policy import Policy

if TYPE_CHECKING:
    from sim.analysis.diagrams import Diagram
    from sim.world import Quantity

DiagramFormat = Literal["mermaid", "dot", "svg", "scxml"]
DIAGRAM_FORMATS: tuple[DiagramFormat, ...] = ("mermaid", "dot", "svg", "scxml")

_ANY_DAY = dt.date(2000, 1, 1)
"""A machine is compiled from some day on. Only dated thresholds depend on it, and no diagram counts their days."""
_FOREVER = 10**9
"""Days: as good as infinitely many, and a number that every interpreter of SCXML can count to."""


def diagram(
    policy: str,
    form: DiagramFormat = "mermaid",
    *,
    run: int | None = None,
    seed: int = DEFAULT_SEED,
    sets: Sequence[str] = (),
    library: Library | None = None,
    command: str = "",
) -> bytes:
    """The phases and transitions of a policy in one of `DIAGRAM_FORMATS`, UTF-8. Raises BadInput or BadUsage.

    `run` and `seed`, of SCXML alone: the uncertain counts of days as that run of an ensemble draws them; without, the middle of
    each distribution. `command` is what an SVG gives as the way to make it again.
    """
    if run is not None and form != "scxml":
        raise BadUsage("--run gives an SCXML document the numbers of one run: use it with --format scxml")
    if run is not None and run < 0:
        raise BadUsage(f"--run must not be below 0, got {run}")
    return diagram_of((library or Library()).load_policy(policy, sets).spec, form, run=run, seed=seed, command=command)


def diagram_of(
    policy: Policy, form: DiagramFormat, *, run: int | None = None, seed: int = DEFAULT_SEED, command: str = ""
) -> bytes:
    """As `diagram`, of a policy that is already loaded."""
    from sim.analysis import diagrams
    from sim.charts.style import phase_colours

    drawn = diagrams.diagram_of(policy)
    match form:
        case "svg":
            from sim.charts import Imprint, diagram_chart, render

            return render(diagram_chart(drawn, Imprint(command, __version__)), "svg")
        case "scxml":
            return _scxml(drawn, policy, run, seed)
        case "dot":
            from sim.diagram.dot import dot

            return dot(drawn, phase_colours(len(drawn.phases))).encode()
    from sim.diagram.mermaid import mermaid

    return mermaid(drawn, phase_colours(len(drawn.phases))).encode()


def _scxml(drawn: Diagram, policy: Policy, run: int | None, seed: int) -> bytes:
    from sim.diagram.scxml import scxml
    from sim.draws import Block
    from sim.machine import compile_machine
    from sim.numbers import Numbers

    machine = compile_machine(policy, _ANY_DAY)
    numbers = Numbers(seed, Block.plain(run or 0, 1))

    def days(quantity: Quantity) -> int:
        middle = run is None and quantity.fixed is None
        return int(min(_middle(quantity) if middle else float(numbers(quantity)[0]), _FOREVER))

    counted = [each.confirm for each in machine.transitions if each.confirm] + [each.lag for each in machine.transitions]
    uncertain = any(each.fixed is None for each in (*counted, *(phase.min_stay for phase in machine.phases)))
    which = "the middle of their distributions, and so no run's" if run is None else f"as run {run} of seed {seed} draws them"
    return scxml(drawn, machine, days, f"The uncertain counts of days in here are {which}." if uncertain else "")


def _middle(quantity: Quantity) -> float:
    """The median of a distribution, in days, rounded half up as a draw is."""
    import numpy as np

    from sim.draws import quantile

    assert quantity.shape is not None  # a number is either fixed or a distribution
    return math.floor(float(quantile(quantity.shape, np.array([0.5]))[0]) * quantity.scale + 0.5)
