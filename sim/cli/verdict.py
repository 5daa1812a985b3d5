"""What `phased rerun` says: whether a report was reproduced, what differs, and the likely reason."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.cli import say
from sim.errors import every

if TYPE_CHECKING:
    from sim.manifest.differ import Field, Input, Output, Verdict, Version
    from sim.manifest.record import Manifest

_STATUS = {"same": "the same", "differs": "differs", "missing": "not made now", "new": "only made now"}
_CHARTS = (".png", ".svg", ".pdf")


def print_before(recorded: Manifest, inputs: Sequence[Input], where: Path) -> None:
    """What is known before anything is run."""
    from sim.manifest.differ import versions_of

    if where != Path.cwd():
        say.line(f"Run again in {where}, where its files are.")
    _listed("Inputs that changed since", [each.name for each in inputs if each.status == "changed"])
    _listed("Versions that differ", [_version(each) for each in versions_of(recorded) if not each.same])


def print_after(done: Verdict) -> None:
    """What came out."""
    _listed("Inputs read now and not then", [each.name for each in done.inputs if each.status == "new"])
    _listed("Inputs read then and not now", [each.name for each in done.inputs if each.status == "not read"])
    number = len(done.outputs)
    if done.reproduced:
        files = "the one file is" if number == 1 else f"all {number} files are"
        say.line(f"Reproduced: {files} the same, byte for byte.")
        return
    say.line()
    say.table(("File", "Now"), [(each.name, _STATUS[each.status]) for each in done.outputs])
    for each in done.outputs:
        if each.fields:
            say.line(f"\nThe first values that differ in {each.name}:\n")
            say.table(("Value", "Then", "Now"), [_field(field) for field in each.fields])
    other = [each for each in done.outputs if each.status != "same"]
    charts = ", all of them charts: every number is the same" if all(map(_is_chart, other)) else ""
    say.line(f"\nNot reproduced: {len(other)} of {number} files {'differs' if len(other) == 1 else 'differ'}{charts}.")
    say.line(_reason(done))


def _listed(what: str, names: Sequence[str]) -> None:
    if names:
        say.line(f"{what}: {', '.join(names)}")


def _version(each: Version) -> str:
    return f"{each.name} ({each.recorded or 'none'} then, {each.here or 'none'} here)"


def _is_chart(each: Output) -> bool:
    return each.status == "differs" and each.name.endswith(_CHARTS)


def _field(each: Field) -> tuple[str, str, str]:
    from sim.spec.values import shown

    return re.sub(r"[\x00-\x1f\x7f-\x9f]", "?", each.path), shown(each.recorded), shown(each.made)


def _reason(done: Verdict) -> str:
    differ = {each.name for each in done.versions if not each.same}
    found = {
        "inputs are not what they were": any(each.status != "unchanged" for each in done.inputs),
        "versions differ": bool(differ - {"machine"}),
        "this is another kind of machine": "machine" in differ,
    }
    reasons = [reason for reason, holds in found.items() if holds]
    if reasons:
        return f"Likely because {every(reasons)}."
    return "No input and no version differs. The manifest may have been edited, or this processor rounds otherwise."


def document(done: Verdict) -> dict[str, Any]:
    """What --json prints."""
    return {
        "reproduced": done.reproduced,
        "inputs": [
            {"name": each.name, "status": each.status, "recorded": each.recorded, "here": each.here} for each in done.inputs
        ],
        "versions": [
            {"name": each.name, "same": each.same, "recorded": each.recorded, "here": each.here} for each in done.versions
        ],
        "outputs": [_output(each) for each in done.outputs],
    }


def _output(each: Output) -> dict[str, Any]:
    fields = [{"field": field.path, "recorded": _told(field.recorded), "made": _told(field.made)} for field in each.fields]
    return {"name": each.name, "status": each.status, "recorded": each.recorded, "made": each.made, "differences": fields}


def _told(value: Any) -> Any:
    """A plain value as it is, a map or a list in words."""
    from sim.spec.values import shown

    return shown(value) if isinstance(value, dict | list) else value
