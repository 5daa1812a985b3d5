"""Rival readings of a policy's thresholds, one at a time, and what they change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sim.analysis.thresholds import number_text
from sim.measures import Tally
from sim.results import FirstPassage, RivalResult
from sim.spec.policy import Policy, Rival


@dataclass(frozen=True)
class Reading:
    """A policy in which one threshold is read as a rival does."""

    threshold: str
    rival: str
    stated: Rival
    policy: Policy


def rival_readings(policy: Policy) -> Iterator[Reading]:
    """Every rival reading of every threshold, in the order of the file; the other thresholds stay as stated."""
    for name, threshold in policy.thresholds.items():
        for rival, reading in threshold.rivals.items():
            read = threshold.model_copy(update=dict(reading))
            yield Reading(name, rival, reading, policy.model_copy(update={"thresholds": {**policy.thresholds, name: read}}))


def rival_result(reading: Reading, tally: Tally, single_path: bool) -> RivalResult:
    """What a rival reading comes to."""
    phases = list(reading.policy.phases)
    return RivalResult(
        reading.threshold,
        reading.rival,
        reading.stated.grade,
        " → ".join(number_text(number) for number in reading.stated.numbers("").values()),
        {phase: FirstPassage(tally.runs, tally.first[index], single_path) for index, phase in enumerate(phases) if index > 0},
    )
