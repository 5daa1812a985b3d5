"""`sim.check`: every mistake in files and between them, and what their policies can and cannot do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from sim import api
from sim.verbs.answer import Answer
from sim.verbs.given import Names, command_line, names_of

if TYPE_CHECKING:
    from sim.api import Checked, Finding
    from sim.api.checks import Reached
    from sim.charts import Chart, Imprint
    from sim.library import Pair
    from sim.pages.html import Element
    from sim.pages.tables import Ids
    from sim.verbs.answer import Drawn
    from sim.verify.reach import Reach, Witness


@dataclass(frozen=True, repr=False, eq=False)
class CheckAnswer(Answer[api.Checked]):
    """What a check found; false where it is an error."""

    files: tuple[str, ...]
    """as they were named"""
    reach: bool
    """was the fastest possible day for each phase asked for?"""

    _file = "findings.json"
    _tables = 2

    def __bool__(self) -> bool:
        return not any(each.level == "error" for each in self.findings)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Errors first, then warnings, then notes, each with its file, line and column."""
        return self.record.findings

    @property
    def about(self) -> str:
        return f"check of {', '.join(self.files)}"

    def _brief(self) -> str:
        return verdict(len(self.files), self.findings)

    def _document(self) -> dict[str, Any]:
        return document(self.record, reach=self.reach)

    def _pairs(self) -> Sequence[Pair]:
        return self.record.pairs

    def _body(self, ids: Ids) -> list[Element]:
        """As on a report page, with the field that a finding is about."""
        from sim.pages import told

        findings = [
            {**each, "message": f"{each['field']}: {each['message']}" if each["field"] else each["message"]}
            for each in self.document["findings"]
        ]
        return list(told.findings(ids, {**self.document, "findings": findings}))

    def _drawn(self) -> Drawn:
        several = len(self.record.reached) > 1
        return {f"reach--{each.name}" if several else "reach": partial(_chart, each) for each in self.record.reached}


def _chart(reached: Reached, imprint: Imprint) -> Chart:
    from sim.charts import reach_chart

    return reach_chart(api.reach_picture(reached), imprint)


def check(files: Names, *, reach: bool = False) -> CheckAnswer:
    """Read files, by name or path, and report every mistake in them; what a policy can never do is a warning or a note.

    Mistakes are what it gives back, not what it raises: the answer is false where there is an error. Scenarios are held against
    the policies named with them, or else against their own. `reach`: also the fastest possible day for each phase. Raises
    BadUsage where there is no such file.

    >>> sim.check(["my-policy.yaml", "my-scenario.yaml"])
    """
    named = names_of(files)
    done = api.verify(named, reach=reach)
    return CheckAnswer(done, command_line("check", *named, options=[("--reach", reach)]), named, reach)


def verdict(files: int, findings: Sequence[Finding]) -> str:
    """`2 files read: 0 errors, 1 warning.`"""
    read = "1 file" if files == 1 else f"{files} files"
    counts = {level: sum(each.level == level for each in findings) for level in ("error", "warning", "note")}
    if not counts["note"]:
        del counts["note"]
    return f"{read} read: " + ", ".join(f"{count} {level}{'' if count == 1 else 's'}" for level, count in counts.items()) + "."


def document(done: Checked, *, reach: bool) -> dict[str, Any]:
    """`{"findings": […], "reach": {…}}`; reach by phase, and below the name of its policy or pair where there are several."""
    found: dict[str, Any] = {"findings": [_document(each) for each in done.findings]}
    if reach:
        every = {each.name: _reach(each) for each in done.reached}
        found["reach"] = next(iter(every.values())) if len(every) == 1 else every
    return found


def _document(finding: Finding) -> dict[str, Any]:
    place = finding.problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "level": finding.level,
        "rule": finding.rule,
        "field": finding.problem.field,
        "message": finding.problem.message,
        "witness": None if finding.witness is None else dict(finding.witness),
    }


def _reach(reached: Reached) -> dict[str, Any]:
    return {each.phase: _phase(each, reached) for each in reached.reaches.phases}


def _phase(reach: Reach, reached: Reached) -> dict[str, Any] | None:
    if not reach.decided:
        return {"day": None, "not_decided": True, "not_before": reach.least, "witness": None}
    if reach.witness is None or reach.day is None:
        return None
    start = reached.reaches.setting.start
    return {"day": reach.day, **_dated("date", reach.day, start), **_witness(reach.witness, start)}


def _witness(witness: Witness, start: dt.date | None) -> dict[str, Any]:
    return {
        "witness": [
            {
                "from_day": each.first,
                "to_day": each.last,
                **_dated("from", each.first, start),
                **_dated("to", each.last, start),
                "values": dict(each.values),
            }
            for each in witness.path
        ],
        "drawn": dict(witness.drawn),
        "transitions": [
            {
                "day": each.day,
                "decided": each.decided,
                "transition": each.transition,
                "from": each.from_phase,
                "to": each.to_phase,
            }
            for each in witness.steps
        ],
    }


def _dated(key: str, day: int, start: dt.date | None) -> Mapping[str, str]:
    return {} if start is None else {key: (start + dt.timedelta(days=day)).isoformat()}
