"""An SCXML document walked by an interpreter that is not ours: python-statemachine, in its mode for untrusted files."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence

from statemachine.io.scxml.processor import SCXMLProcessor

from sim.diagram.scxml import LADDER, PHASE


def walked(document: bytes, held: Mapping[str, Sequence[bool]], days: int) -> list[str]:
    """The phase at the end of each day, given the raw truth of each guard on each day and nothing else."""
    processor = SCXMLProcessor()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        processor.parse_scxml("policy", document.decode())
        machine = processor.start()
    phases = []
    for day in range(days):
        machine.send("day", **{f"holds_{name}": bool(truth[day]) for name, truth in held.items()})
        (phase,) = machine.configuration_values - {LADDER}
        phases.append(str(phase).removeprefix(PHASE))
    return phases
