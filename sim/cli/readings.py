"""Rival readings of a policy's thresholds, as `run` and `compare` print them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from sim.cli import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.results import FirstPassage, Result, RivalResult
    from sim.spec.policy import Threshold

HEADER = "Over readings"
NOTE_OF_PATHS = f"{HEADER}: the range over rival readings of the thresholds, one at a time."
NOTE = f"{HEADER}: the range over rival readings, one threshold at a time. More runs narrow the brackets, not this range."
_AS_STATED = "as stated"


def span(result: Result, phase: str) -> str:
    """`0.0–72.4%`: a share over the stated and all rival readings; nothing where there are none."""
    found = result.range_over_readings(phase)
    if found is None:
        return ""
    passages = _passages(result, phase)
    if all(each.single_path for each in passages):
        return " or ".join(dict.fromkeys("yes" if share else "no" for share in found))
    low, high = (say.share(share, max(each.runs for each in passages)) for share in found)
    return high if low == high else f"{low.rstrip('%')}–{high}"


def _passages(result: Result, phase: str) -> list[FirstPassage]:
    return [result.beside_rivals[phase], *(rival.first_passage[phase] for rival in result.rivals)]


def show(result: Result, thresholds: Mapping[str, Threshold]) -> None:
    """What each rival reading comes to: those that change something row by row, the others in a sentence."""
    if not result.rivals:
        return
    moving: list[RivalResult] = []
    idle: list[RivalResult] = []
    for rival in result.rivals:
        (idle if all(_same(result, rival, phase) for phase in rival.first_passage) else moving).append(rival)
    if moving:
        say.line(f"Rival readings, one threshold at a time{_draws(result)}:\n")
        labels = [phase.label for phase in result.phases if phase.name in result.first_passage]
        say.table(("Threshold: reading", "Value", "Grade", *labels), list(_rows(result, moving, thresholds)))
        say.line()
    if idle:
        say.line(_unchanged([_named(rival, thresholds) for rival in idle], every=not moving))
        say.line()


def _fewer(result: Result) -> int | None:
    """Over how many runs the rivals were simulated, where these are not all."""
    passages = [each for rival in result.rivals for each in rival.first_passage.values()]
    fewest = min((each.runs for each in passages if not each.single_path), default=result.runs)
    return fewest if fewest < result.runs else None


def _draws(result: Result) -> str:
    if result.single_path:
        return ""
    fewest = _fewer(result)
    return f", on the first {fewest:,} of these draws" if fewest else ", on the same draws"


def _rows(result: Result, rivals: list[RivalResult], thresholds: Mapping[str, Threshold]) -> Iterator[tuple[str, ...]]:
    yield _AS_STATED, "", "", *(_told(passage, result) for passage in result.beside_rivals.values())
    for rival in rivals:
        cells = (
            _AS_STATED if _same(result, rival, phase) else _told(passage, result)
            for phase, passage in rival.first_passage.items()
        )
        yield f"{rival.threshold}: {rival.rival}", _value(rival, thresholds), rival.grade, *cells


def _same(result: Result, rival: RivalResult, phase: str) -> bool:
    """No other share on any day. One of the two may be one path, which is one run."""
    stated, read = result.beside_rivals[phase], rival.first_passage[phase]
    return bool((stated.counts * read.runs == read.counts * stated.runs).all())


def _told(passage: FirstPassage, result: Result) -> str:
    half = passage.quantile(0.5)
    if passage.single_path:
        return say.date(half, result.start)
    share = say.share(passage.reached, passage.runs)
    return share if half is None else f"{share}, half by {result.date(half).isoformat()}"


def _value(rival: RivalResult, thresholds: Mapping[str, Threshold]) -> str:
    return f"{rival.text} {thresholds[rival.threshold].unit}"


def _named(rival: RivalResult, thresholds: Mapping[str, Threshold]) -> str:
    return f"{rival.threshold}: {rival.rival} ({_value(rival, thresholds)}, {rival.grade})"


def _unchanged(names: list[str], *, every: bool) -> str:
    under = "every rival reading: " if every else ""
    return textwrap.fill(f"First passages stay as stated under {under}{'; '.join(names)}.", say.width(), break_on_hyphens=False)
