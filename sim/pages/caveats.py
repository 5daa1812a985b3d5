"""What a report cannot say, computed from its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.framing import TEACHING
from sim.pages.words import human, percent, plural

Doc = Mapping[str, Any]


def caveats(documents: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(what it is about, a sentence or two), the weightiest first."""
    rests = _map(documents.get("evidence.json"))
    cells = _cells(documents)
    told = "Shares are shares of simulated runs, never the chance that a government will act."
    yield "What this is", f"{TEACHING} {told}" if cells else TEACHING
    yield from _assumed(rests)
    yield from _hindsight(rests)
    yield from _sampling(cells) if cells else _sampled(documents)
    yield from _readings(cells)
    yield from _censored(cells)
    if any(each.get("reactive") for each in rests.get("pairs", ())):
        yield "The world answers", "Phases push the world here, so that two policies may face different worlds on the same draws."
    if "hindcast.json" in documents:
        yield "Statement against behaviour", "When each reading falls due is held against what was reported, never fitted to it."


def _map(document: Any) -> Doc:
    return document if isinstance(document, dict) else {}


def _cells(documents: Mapping[str, Any]) -> list[Doc]:
    """The summaries of all pairs."""
    summary, comparison = _map(documents.get("summary.json")), _map(documents.get("comparison.json"))
    return [*([summary] if summary else []), *comparison.get("cells", ())]


def _assumed(rests: Doc) -> Iterator[tuple[str, str]]:
    seen = sorted({(each["evidence"]["assumed"], each["evidence"]["numbers"]) for each in rests.get("pairs", ())})
    if seen:
        words = " to ".join(f"{few} of {total}" for few, total in dict.fromkeys((seen[0], seen[-1])))
        by_pair = ", by pair" if len(seen) > 1 else ""
        yield "What is assumed", f"{words} numbers are assumed{by_pair}: no fact states them. They are marked under Evidence."


def _hindsight(rests: Doc) -> Iterator[tuple[str, str]]:
    late = {(each["ledger"], each["id"]) for each in rests.get("facts", ()) if each["hindsight"]}
    resting = [
        each["path"]
        for file in rests.get("files", ())
        for each in file["numbers"]
        if any((ledger, fact) in late for ledger in file["ledgers"] for fact in each["facts"])
    ]
    if resting:
        verb = "cites" if len(resting) == 1 else "cite"
        yield "Hindsight", f"{plural(len(resting), 'number')} {verb} facts that were known only after the policy’s statement."


def _sampling(cells: Sequence[Doc]) -> Iterator[tuple[str, str]]:
    if all(each["single_path"] for each in cells):
        yield (
            "One path",
            "Nothing is uncertain here, so that one run stands for all. That is a choice of the files, not knowledge.",
        )
        return
    runs = max(each["runs"] for each in cells)
    yield _brackets(runs)
    fewer = [each["quantiles_over_runs"] for each in cells if 0 < each["quantiles_over_runs"] < each["runs"]]
    if fewer:
        yield "Bands of signposts", f"They are exact over the first {min(fewer):,} runs, not over all."


def _brackets(runs: int) -> tuple[str, str]:
    told = (
        f"Brackets are 95% Monte Carlo intervals over {plural(runs, 'run')}: how well the model was sampled, not how true it is."
    )
    return "What sampling says", f"{told} More runs narrow them and leave every assumption as it was."


def _sampled(documents: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Of files that are no summary of runs, but come from many."""
    runs = [each["runs"] for each in map(_map, documents.values()) if each.get("interval_level") and not each.get("single_path")]
    if runs:
        yield _brackets(max(runs))


def _readings(cells: Sequence[Doc]) -> Iterator[tuple[str, str]]:
    """How far a share hangs on what the thresholds are read to mean."""
    spans = [
        (cell, name, *over) for cell in cells for name, each in cell["first_passage"].items() if (over := each["over_readings"])
    ]
    widest = sorted(spans, key=lambda each: each[2] - each[3])[:3]
    told = [
        f"{human(name)} ({cell['policy']} on {cell['scenario']}): {percent(low, cell['runs'])} to {percent(high, cell['runs'])}"
        for cell, name, low, high in widest
        if high > low
    ]
    if told:
        words = "Under rival readings of the thresholds, one at a time, the share of runs that reach a phase ranges widest for "
        yield "Rival readings", f"{words}{'; '.join(told)}. No number of runs narrows this."
    elif spans:
        yield "Rival readings", "Other readings of the thresholds, one at a time, change no share of runs that reach a phase."


def _censored(cells: Sequence[Doc]) -> Iterator[tuple[str, str]]:
    """Runs that end before a phase is reached say only that it was not reached by then."""
    open_ = [(cell, name, each["never"]) for cell in cells for name, each in cell["first_passage"].items() if each["never"]]
    if not open_:
        return
    ends = sorted({dt.date.fromisoformat(cell["start"]) + dt.timedelta(days=cell["days"] - 1) for cell, _, _ in open_})
    ended = f"on {ends[0]}" if len(ends) == 1 else f"between {ends[0]} and {ends[-1]}"
    cell, name, never = max(open_, key=lambda each: each[2] / each[0]["runs"])
    most = percent(never / cell["runs"], cell["runs"])
    yield (
        "What lies after the end",
        f"Runs end {ended}. A phase not reached by then ({human(name)} in up to {most} of runs, "
        f"{cell['policy']} on {cell['scenario']}) may come later: days are counted to the end only.",
    )
