"""The debrief as one table for a spreadsheet, in which no cell runs as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from sim.analysis.tables import safe_cell
from sim.room.clock import shown
from sim.room.debrief.records import Debrief, PlayedMove, TeamDecision

COLUMNS = (
    "clock", "move", "title", "date", "who", "what", "text", "source", "reliability", "to",
    "option", "phase", "reason", "confidence", "answers",
)  # fmt: skip
"""`what`: situation, inject, improvised inject, decision, change of the world, policy, parted or coding"""
Row = dict[str, str]


def csv_of(debrief: Debrief) -> bytes:
    """UTF-8 with a byte order mark, by which spreadsheets know it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(debrief):
        writer.writerow({name: safe_cell(cell) for name, cell in row.items()})
    return text.getvalue().encode("utf-8-sig")


def _rows(debrief: Debrief) -> Iterator[Row]:
    for move in debrief.moves:
        at = {"move": str(move.number), "title": move.title, "date": move.date}
        for _, row in sorted(_moments(debrief, move), key=lambda each: each[0]):
            yield {**at, **row}
        yield from ({**at, "who": debrief.policy, "what": "parted", "text": sentence} for sentence in move.parted)
    for coded in debrief.coded:
        for rule in coded.rules:
            reached = "; ".join(f"{phase}: {when}" for phase, when in zip(coded.phases, rule.reached, strict=True))
            yield {"move": coded.move, "who": rule.name, "what": "coding", "text": reached, "answers": _one_line(rule.answers)}


def _moments(debrief: Debrief, move: PlayedMove) -> Iterator[tuple[float, Row]]:
    """What happened in a move, each with its second."""
    begins = {"clock": shown(move.seconds), "who": "white cell"}
    yield move.seconds, {**begins, "what": "situation", "text": move.situation}
    for each in move.changes:
        yield move.seconds, {**begins, "what": "change of the world", "text": each}
    for step in move.steps:
        why = "; ".join(step.why)
        change = f"{step.came_from} → {step.to}"
        yield (
            move.seconds,
            {"who": debrief.policy, "what": "policy", "date": step.date, "text": change, "phase": step.to, "reason": why},
        )
    for known in move.known:
        what = "improvised inject" if known.improvised else "inject"
        text = f"{known.title}. {known.text}"
        told = {"text": text, "source": known.source, "reliability": known.reliability, "to": known.to}
        yield known.seconds, {"clock": shown(known.seconds), "who": "white cell", "what": what, **told}
    for decision in move.decisions:
        yield decision.seconds, _decided(decision)


def _one_line(answers: str) -> str:
    return "; ".join(answers.split("\n"))


def _decided(each: TeamDecision) -> Row:
    told = {"option": each.option, "phase": each.phase, "reason": each.reason, "confidence": each.confidence}
    return {"clock": shown(each.seconds), "who": each.team, "what": "decision", **told, "answers": _one_line(each.answers)}
