"""What `phased compare` says of policies, as comparison.json has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.analysis import sentences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.analysis.differences import Differences, Effect
    from sim.analysis.disagreement import Disagreement
    from sim.analysis.orders import OverReadings, Read
    from sim.analysis.regret import Regret, RegretTable
    from sim.api import Comparison
    from sim.results import PairedPassage

Json = dict[str, Any]
_FEW = 3
CELL = ("scenario", "policy", "late", "false_alarm", "in_phase", "loss", "se", "regret", "regret_se")
"""fields of one policy's regret on one scenario"""


def labels_of(done: Comparison) -> dict[str, str]:
    """Of every phase, by its name; that of the first policy where two call one differently."""
    results = [cell.result for cell in reversed(done.cells)]
    return {phase.name: phase.label for result in results for phase in result.phases}


def drawn(done: Comparison) -> list[Disagreement]:
    """Every two of up to three policies; of more, each against the first."""
    policies = list(dict.fromkeys(cell.result.policy for cell in done.cells))
    return [each for each in done.disagreements if len(policies) <= _FEW or each.a == policies[0]]


def document(done: Comparison) -> Json:
    """comparison.json (docs/compare.md)."""
    from sim import report

    labels = labels_of(done)
    return {
        "cells": [report.summary(cell.result) for cell in done.cells],
        "pairs": [report.pair(each) for each in done.pairs],
        "disagreements": [_disagreement(each, sentences.parting(each, labels)) for each in done.disagreements],
        "differences": [_differences(each, sentences.differences(each, labels)) for each in done.differences],
        "readings": [_over(each, sentences.readings(each, labels)) for each in done.readings],
        "regret": _regret(done.regret) if done.regret else None,
    }


def _disagreement(each: Disagreement, text: str) -> Json:
    return {
        "scenario": each.scenario,
        "a": each.a,
        "b": each.b,
        "runs": each.runs,
        "share": each.share,
        "interval": list(each.interval),
        "quantiles": {str(level): day for level, day in each.quantiles.items()},
        "quantile_intervals": {str(level): list(each.first.quantile_interval(level)) for level in each.quantiles},
        "first": each.first.counts.tolist(),
        "daily": each.daily.tolist(),
        "parted": [{"a": at.phase_a, "b": at.phase_b, "runs": at.runs} for at in each.parted],
        "text": text,
    }


def _effect(each: Effect) -> Json:
    parting = each.parting
    return {
        "runs": parting.runs,
        "futures_changed": parting.share,
        "interval": list(parting.interval),
        "phases": [_passage(passage) for passage in each.passages],
    }


def _passage(each: PairedPassage) -> Json:
    names = ("phase", "mean_difference", "se", "median_a", "median_b", "told_apart")
    return {name: getattr(each, name) for name in names}


def _differences(each: Differences, lines: Sequence[str]) -> Json:
    parts = [
        {
            "path": part.difference.path,
            "kind": part.difference.kind,
            "text": part.difference.text,
            "alone": _effect(part.effect) if part.effect else None,
        }
        for part in each.parts
    ]
    return {
        "scenario": each.scenario,
        "a": each.a,
        "b": each.b,
        "whole": _effect(each.whole),
        "parts": parts,
        "text": list(lines),
    }


def _over(each: OverReadings, text: str) -> Json:
    stated = each.stated
    return {
        "scenario": stated.scenario,
        "a": stated.a,
        "b": stated.b,
        "phase": stated.phase,
        "runs": stated.runs,
        "sooner": stated.sooner,
        "kept": len(each.kept),
        "reversed": len(each.reversed),
        "not_told_apart": len(each.untold),
        "readings": [_read(read) for read in each.readings],
        "text": text,
    }


def _read(each: Read) -> Json:
    passage = each.passage
    told = {"mean_difference": passage.mean_difference, "se": passage.se, "sooner": passage.sooner}
    return {"threshold": each.threshold, "rival": each.rival, "policies": list(each.policies), **told}


def _regret(each: Regret) -> Json:
    from sim import report

    texts = sentences.regret(each)
    return {
        "losses": each.losses,
        "title": each.title,
        "unit": each.unit,
        "against": each.against,
        "evidence": report.grades(each.grades),
        "sets": [_table(table, text) for table, text in zip(each.tables, texts, strict=True)],
    }


def _table(table: RegretTable, text: str) -> Json:
    most = ("policy", "regret", "se", "scenario", "rank")
    return {
        "weights": table.weights,
        "title": table.title,
        "minimax": list(table.minimax),
        "told_apart": table.told_apart,
        "maximum": [{name: getattr(each, name) for name in most} for each in table.worst],
        "cells": [{name: getattr(each, name) for name in CELL} for each in table.cells],
        "text": text,
    }
