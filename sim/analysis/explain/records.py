"""What an explanation of one run holds: stories of its transitions, and the smallest changes that would alter them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sim.analysis.explain.stories import Story
from sim.analysis.traces import PathReport
from sim.draws import Floats

Kind = Literal["threshold", "confirm", "lag"]
Direction = Literal["down", "up"]
Method = Literal["every value", "every whole day", "numeric search"]


@dataclass(frozen=True)
class Event:
    """A transition of a run, as it took effect."""

    transition: int
    decided: int
    day: int


Path = tuple[Event, ...]


@dataclass(frozen=True)
class Varied:
    """A threshold (or one dated value of it), a confirmation or a lag, as this run used it."""

    path: str
    """dotted"""
    label: str
    kind: Kind
    value: float
    unit: str
    scale: float
    """over how much it can be varied: the range of the signposts that it is compared with, or the days of the run"""
    drawn: str | None
    """the distribution that it was drawn from"""
    against: Floats | None = field(compare=False)
    """every value that it was compared with in this run; None where it stands inside arithmetic, or is no threshold"""
    fixed_sides: bool
    """what it is compared with is the same in every variant: the world does not answer and no count of days is in it"""


@dataclass(frozen=True)
class Flip:
    """The smallest change of a number in one direction that changes the transitions of the run."""

    number: Varied
    direction: Direction
    value: float
    """a value that does it, simulated by the engine and by the plain loop; readable, so it may lie a little beyond `bound`"""
    bound: float
    """where it begins: any smaller change leaves every transition as it was"""
    at_bound: bool
    """the bound itself does it; else only what lies beyond it"""
    exact: bool
    """no smaller change does it; else the first found among the values tried, and one between two of these may be missed"""
    path: Path
    """the transitions under `value`"""

    @property
    def change(self) -> float:
        """How far the bound is from the number, in its unit."""
        return abs(self.bound - self.number.value)

    @property
    def size(self) -> float:
        """The change in shares of the range over which the number can be varied: what flips are ranked by."""
        return self.change / self.number.scale


@dataclass(frozen=True)
class Search:
    """One number, varied alone."""

    number: Varied
    method: Method
    tried: int
    """variants simulated"""
    first: tuple[Flip, ...]
    """the nearest down and up that adds, removes or moves a transition; none where no change does"""
    turning: tuple[Flip, ...]
    """the nearest down and up that adds or removes one"""

    @property
    def told(self) -> tuple[Flip, ...]:
        """Those that differ from one another, the nearest of each direction first."""
        shown = {(flip.direction, flip.value) for flip in self.first}
        return (*self.first, *(flip for flip in self.turning if (flip.direction, flip.value) not in shown))


@dataclass(frozen=True)
class Flips:
    base: Path
    searches: tuple[Search, ...]

    @property
    def nearest(self) -> Flip | None:
        """The smallest change that adds, removes or moves a transition."""
        return _smallest(flip for search in self.searches for flip in search.first)

    @property
    def nearest_turning(self) -> Flip | None:
        """The smallest change that adds or removes one."""
        return _smallest(flip for search in self.searches for flip in search.turning)


def _smallest(flips: Iterator[Flip]) -> Flip | None:
    """Of equals the first in the order of the file."""
    return min(flips, key=lambda flip: flip.size, default=None)


@dataclass(frozen=True)
class Explanation:
    """All that `phased explain` has to say of a run."""

    report: PathReport
    """as `phased path` has it"""
    stories: tuple[Story, ...]
    """of every transition, in the order of the file"""
    flips: Flips
    not_varied: tuple[str, ...]
    """transitions whose confirmation is m of the last n days"""
