"""What a browser may ask: a scenario, a policy, and a number for each of their sliders; and nothing else."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sim.errors import BadUsage, quote
from sim.workshop.sliders import DAYS, Slider

MOST_NUMBER = 2**53
"""A page's moves are counted up to here, as a browser can count."""


@dataclass(frozen=True)
class Range:
    """A slider on a server: any number from `low` to `high`."""

    slider: Slider
    low: float
    high: float

    @property
    def whole(self) -> bool:
        """Does it count days?"""
        return all(path.split(".")[-1] in DAYS for path in self.slider.paths)

    @property
    def step(self) -> float:
        """Of the slider, fine enough for a mouse; the number beside it may lie in between."""
        return 1.0 if self.whole else 10.0 ** math.floor(math.log10((self.high - self.low) / 100))

    def sets(self, value: object) -> tuple[str, ...]:
        """The `--set` settings of a number as it arrived; none for the number as stated, or for null where that is no one number.

        Raises BadUsage.
        """
        if value == self.slider.stated.value:
            return ()
        if isinstance(value, bool) or not isinstance(value, int | float) or not self.low <= value <= self.high:
            raise BadUsage(f"{self.slider.name}: must be a number from {self.low:g} to {self.high:g}, got {quote(value)}")
        if self.whole and value != round(value):
            raise BadUsage(f"{self.slider.name}: must be a whole number of days, got {quote(value)}")
        return tuple(f"{path}={value:.10g}" for path in self.slider.paths)


def ranges(sliders: Sequence[Slider]) -> tuple[Range, ...]:
    """The sliders of a lesson page over all that lies between their values."""
    found = []
    for slider in sliders:
        numbers = [each for each in slider.values if each is not None]
        found.append(Range(slider, min(numbers), max(numbers)))
    return tuple(found)


@dataclass(frozen=True)
class Question:
    """A setting, by the places of its scenario and policy on the page."""

    scenario: int
    policy: int | None
    """None: whatever the policy, since the world does not answer to it"""
    world: tuple[str, ...]
    """`--set` settings"""
    moved: tuple[str, ...]

    @property
    def key(self) -> str:
        """The same for whoever asks the same."""
        return repr((self.scenario, self.policy, self.world, self.moved))


def question(told: dict[str, object], worlds: Sequence[Sequence[Range]], policies: Sequence[Sequence[Range]]) -> Question:
    """What a browser sent. Raises BadUsage in plain words for whatever does not belong to the page."""
    if stray := [*map(quote, sorted(set(told) - {"scenario", "policy", "world", "values", "page", "number"}))]:
        raise BadUsage(f"cannot be asked for here: {', '.join(stray[:5])}")
    scenario = _place(told.get("scenario"), len(worlds), "scenario")
    policy = None if told.get("policy") is None else _place(told["policy"], len(policies), "policy")
    moved = _sets(told.get("values"), () if policy is None else policies[policy])
    return Question(scenario, policy, _sets(told.get("world"), worlds[scenario]), moved)


def who(told: dict[str, object]) -> tuple[str, int]:
    """The page that asks, and the number of its move. Raises BadUsage."""
    page, number = told.get("page"), told.get("number")
    if not isinstance(page, str) or not 1 <= len(page) <= 40:
        raise BadUsage("page: must be a short text")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number < MOST_NUMBER:
        raise BadUsage("number: must be a whole number")
    return page, number


def _place(given: object, count: int, what: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given < count:
        raise BadUsage(f"{what}: must be a whole number below {count}, got {quote(given)}")
    return given


def _sets(given: object, sliders: Sequence[Range]) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) != len(sliders):
        raise BadUsage(f"there must be a number for each of {len(sliders)} sliders")
    return tuple(one for value, slider in zip(given, sliders, strict=True) for one in slider.sets(value))
