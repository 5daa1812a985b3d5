"""What a report cannot say, computed from its files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sim.framing import TEACHING
from sim.pages.words import human, percent, plural

Doc = Mapping[str, Any]
_ONE_PATH = "One path", "Nothing is uncertain here, so that one run stands for all. That is a choice of the files, not knowledge."
_FOLLOW = "Cases follow the distributions in the files:"


def caveats(documents: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(what it is about, a sentence or two), the weightiest first."""
    rests = _map(documents.get("evidence.json"))
    cells = _cells(documents)
    told = "Shares are shares of simulated runs, never the chance that a government will act."
    yield "What this is", f"{TEACHING} {told}" if cells else TEACHING
    yield from _assumed(rests)
    yield from _hindsight(rests)
    yield from _sampling(cells) if cells else _sampled(documents)
    yield from _one_run(_map(documents.get("explanation.json")))
    yield from _readings(cells)
    yield from _regret(_map(documents.get("comparison.json")))
    yield from _censored(cells)
    yield from _answers(rests)
    yield from _possible(_map(documents.get("findings.json")))
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
        told = f"{words} numbers are assumed{by_pair}: no fact states them. They are marked under Evidence."
        yield "What is assumed", " ".join([told, *_assumed_losses(rests)])


def _assumed_losses(rests: Doc) -> Iterator[str]:
    """They are counted by themselves: they shape no run."""
    grades = [number["grade"] for file in rests.get("files", ()) if file.get("kind") == "losses" for number in file["numbers"]]
    if grades:
        yield f"Of the losses {grades.count('assumed')} of {len(grades)} are assumed."


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
        yield _ONE_PATH
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
    """Of files that are no summary of runs, but come from many: what their intervals are over."""
    of_cases = {"discover.json": _boxes, "sensitivity.json": _indices, "design.json": _design}
    for name, told in of_cases.items():
        if doc := _map(documents.get(name)):
            yield from told(doc)
    others = [_map(each) for name, each in documents.items() if name not in of_cases]
    runs = [each["runs"] for each in others if each.get("interval_level") and not each.get("single_path")]
    if runs:
        yield _brackets(max(runs))


# of cases (docs/discover.md, docs/sensitivity.md) -----------------------------------------------------------------------------


def _boxes(doc: Doc) -> Iterator[tuple[str, str]]:
    """discover.json"""
    if doc["boxes"]:
        fresh = plural(doc["cases"], "fresh case")
        told = (
            f"Intervals on fresh cases are 95% Wilson intervals over {fresh} that had no part in the search: of coverage over "
            "those of interest, of density over those in the box. They say how well so many cases measure a box, not how true it "
            "is. More cases narrow them and leave every assumption as it was. The same figures on the sample flatter a box, for "
            "it was sought there."
        )
        yield "What sampling says", told
    yield "What a share of cases says", f"{_FOLLOW} a share of cases, and so a box, says no more than these distributions say."


def _indices(doc: Doc) -> Iterator[tuple[str, str]]:
    """sensitivity.json"""
    many = f"{plural(doc['samples'], 'sample')} ({plural(doc['cases'], 'case')})"
    told = (
        f"Intervals of indices are 95% bootstrap intervals over {many}: how well the model was sampled, not how true it is. "
        "More samples narrow them and leave every assumption as it was."
    )
    own = f" The indices are those of a mean over these {doc['replications']:,} replications: with others they would differ."
    yield "What sampling says", told + (own if doc["noisy"] else "")
    yield "What a share of variance says", f"{_FOLLOW} a share of variance says no more than these distributions say."


def _design(doc: Doc) -> Iterator[tuple[str, str]]:
    """design.json"""
    made = f"{plural(doc['cases'], 'case')} with {plural(doc['replications'], 'replication')} each" + (
        ", the same for every case" if doc["noisy"] else ""
    )
    yield "What sampling says", f"{made[:1].upper()}{made[1:]}. Means and extremes are of these, and bear no interval."
    if doc["design"] in ("grid", "table"):
        told = "They do not follow the distributions in the files: a mean or share of cases is of these cases only."
    else:
        told = f"{_FOLLOW} a mean or share of cases says no more than these distributions say."
    yield "What a share of cases says", told


# of particular files ----------------------------------------------------------------------------------------------------------


def _one_run(doc: Doc) -> Iterator[tuple[str, str]]:
    """explanation.json"""
    if doc.get("single_path"):
        yield _ONE_PATH
    elif doc:
        told = f"This is one run of many: run {doc['run']:,} of seed {doc['seed']}. The pair is uncertain, and other runs may go"
        yield "One run", f"{told} otherwise. What was near or far here need not be so in them."


def _answers(rests: Doc) -> Iterator[tuple[str, str]]:
    """Of worlds that phases push."""
    reactive = [each for each in rests.get("pairs", ()) if each.get("reactive")]
    if not reactive:
        return
    several = len({each.get("policy") for each in reactive}) > 1
    then = (
        "two policies may face different worlds on the same draws"
        if several
        else "what is seen is in part the policy’s own doing"
    )
    yield "The world answers", f"Phases push the world here, so that {then}."


def _possible(doc: Doc) -> Iterator[tuple[str, str]]:
    """findings.json with `--reach` (docs/check.md)"""
    if doc.get("reach"):
        yield (
            "Possible, not likely",
            "A fastest day is what some world makes possible, not what is likely: no ensemble is simulated.",
        )
        yield (
            "What is taken as free",
            "Signposts are taken as free of each other, of their own past, and of the path that a scenario gives them. "
            "So the world that brings a phase about may be one that no scenario here contains.",
        )


def _regret(doc: Doc) -> Iterator[tuple[str, str]]:
    """comparison.json with `--losses` (docs/compare.md)"""
    if doc.get("regret"):
        yield (
            "What regret hangs on",
            "Regret hangs on the losses as stated, none of which is the right one, and on the set of policies compared: another "
            "policy beside them may change the regret of each, and their order.",
        )


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
