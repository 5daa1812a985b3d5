"""What charts about factors share: a row for each, its name, grade and distribution at the left, and the words around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from sim.analysis.factors import Factor
from sim.charts.records import Imprint
from sim.charts.style import GREY, INK, LABEL, SMALL
from sim.charts.text import height, width, wrap
from sim.charts.words import made_by
from sim.framing import TEACHING, assumed
from sim.results import Grades

NAMES = 3.0
"""inches left of the panel, at most"""
_GAP = 0.13


@dataclass(frozen=True)
class About:
    """What a chart says of the study behind its numbers."""

    scenario_title: str
    policy_title: str
    measure: str
    """in words, with the phase's label"""
    kind: str
    """first, reached or days"""
    cases: int
    replications: int
    noisy: bool
    seed: int
    grades: Grades

    @property
    def subtitle(self) -> str:
        return f"{self.scenario_title} · {self.policy_title}"

    @property
    def is_share(self) -> bool:
        return self.kind == "reached"

    def level(self, value: float) -> str:
        """A value of the measure: `183.6 days`, `41%`."""
        return f"{value:.1%}" if self.is_share else f"{short(value)} days"

    def change(self, difference: float, se: float | None) -> str:
        """`−310 ± 2.7 days`, `+32 ± 1.1 points`: percentage points of a share."""
        scale, unit = (100, "points") if self.is_share else (1, "days")
        error = f" ± {scale * se:.2g}" if se else ""
        return f"{scale * difference:+,.3g}{error} {unit}".replace("-", "−")

    def moved(self, difference: float) -> str:
        """`310 days earlier`, `32 points higher`: in a headline."""
        size = f"{100 * abs(difference):.3g} points" if self.is_share else f"{abs(difference):,.3g} days"
        words = (
            ("later", "earlier") if self.kind == "first" else ("more", "fewer") if self.kind == "days" else ("higher", "lower")
        )
        return f"{size} {words[difference < 0]}"

    @property
    def sampled(self) -> str:
        """How many cases and replications."""
        cases = f"{self.cases:,} case{'' if self.cases == 1 else 's'}"
        if not self.noisy:
            return f"{cases}, seed {self.seed}; nothing is noisy from day to day."
        return f"{cases}, each with the same {self.replications:,} replications, seed {self.seed}."

    def small_print(self, imprint: Imprint, extra: Sequence[str]) -> list[str]:
        return [f"{TEACHING} {assumed([self.grades])} {self.sampled}", " ".join(extra), made_by(imprint)]


def short(value: float) -> str:
    """Four digits at most; large numbers whole."""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.4g}".replace("-", "−")


def with_unit(value: float, unit: str) -> str:
    return f"{short(value)} {unit}".rstrip()


def row_height(factor: Factor) -> float:
    """Inches that the names of a factor take."""
    return _names_height(factor) + _GAP


def _names_height(factor: Factor) -> float:
    return height(dotted(factor.path, NAMES, LABEL), LABEL) + height(_second(factor), SMALL)


def dotted(path: str, room: float, size: float) -> str:
    """A dotted path in lines of at most `room` inches, broken after dots where that is possible."""
    lines = [""]
    for part in re.findall(r"[^.]*\.?", path)[:-1]:
        if lines[-1] and width(lines[-1] + part, size) > room:
            lines.append("")
        lines[-1] += part
    return "\n".join(wrap(line, room, size) for line in lines)


def _second(factor: Factor) -> str:
    return wrap(f"{factor.law} {factor.unit}".rstrip() + f" · {factor.grade}", NAMES, SMALL)


def name_rows(ax: Axes, factors: Sequence[Factor]) -> list[float]:
    """Set up a panel with a row for each factor, the first on top, in inches; the middle of each row."""
    heights = [row_height(each) for each in factors]
    middles, y = [], 0.0
    for each, high in zip(factors, heights, strict=True):
        middles.append(y - high / 2)
        _named(ax, each, y - high / 2)
        y -= high
    ax.set_ylim(min(y, -_GAP), 0)  # with no factor there is still a panel
    ax.set_yticks([])
    ax.spines["left"].set_visible(False)
    return middles


def _named(ax: Axes, factor: Factor, middle: float) -> None:
    name = dotted(factor.path, NAMES, LABEL)
    up = _names_height(factor) / 2
    for text, size, colour, lift in ((name, LABEL, INK, up), (_second(factor), SMALL, GREY, up - height(name, LABEL))):
        ax.annotate(
            text,
            xy=(0, middle),
            xycoords=ax.get_yaxis_transform(),
            xytext=(-8, 72 * lift),
            textcoords="offset points",
            ha="right",
            va="top",
            multialignment="right",
            fontsize=size,
            color=colour,
            linespacing=1.15,
            annotation_clip=False,
        )


def without_effect(names: Sequence[str], where: str) -> list[str]:
    """A note on the factors that are not drawn."""
    return [f"No effect {where}: {', '.join(names)}."] if names else []
