"""On which readings of the thresholds the order of two policies hangs."""

from __future__ import annotations

from dataclasses import dataclass

from sim.results import PairedPassage


@dataclass(frozen=True)
class Read:
    """Two policies under a rival reading of one threshold, which those of them adopt that have it."""

    threshold: str
    rival: str
    policies: tuple[str, ...]
    """that read the threshold so; the other is as stated"""
    passage: PairedPassage


@dataclass(frozen=True)
class OverReadings:
    """Who of two policies reaches a phase sooner in the restricted mean, as stated and under each rival reading."""

    stated: PairedPassage
    """over the same runs as the readings: those of the first block"""
    readings: tuple[Read, ...]

    @property
    def kept(self) -> tuple[Read, ...]:
        """Readings under which the order is as stated; none where the two are not told apart as stated."""
        return tuple(each for each in self.readings if each.passage.sooner and each.passage.sooner == self.stated.sooner)

    @property
    def reversed(self) -> tuple[Read, ...]:
        """Readings under which the other policy is sooner."""
        return tuple(
            each for each in self.readings if self.stated.sooner and each.passage.sooner not in (None, self.stated.sooner)
        )

    @property
    def untold(self) -> tuple[Read, ...]:
        """Readings under which the two are not told apart."""
        return tuple(each for each in self.readings if each.passage.sooner is None)
