"""Statement against behaviour: when a rule falls due under each reading of it, and what was done (facts with a `phase`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim.analysis.courses import STATED
from sim.analysis.readings import rival_readings
from sim.results import Deed, Reading, Statement
from sim.spec.evidence import Fact
from sim.spec.policy import Policy


def readings(policy: Policy) -> Iterator[tuple[str, str, Policy]]:
    """(name, note, policy) of the policy as stated and with each rival reading of each threshold, one at a time."""
    yield STATED, policy.title, policy
    for each in rival_readings(policy):
        yield f"{each.threshold}: {each.rival}", each.stated.note or "", each.policy


def deeds(facts: Mapping[str, Fact]) -> tuple[Deed, ...]:
    """What the government was seen to do, in order of the date."""
    dated = ((id_, fact) for id_, fact in facts.items() if fact.phase and fact.date)
    found = (Deed(id_, fact.date, fact.phase, fact.says, fact.source) for id_, fact in dated if fact.date and fact.phase)
    return tuple(sorted(found, key=lambda deed: (deed.date, deed.id)))


def statement(reading: Reading, done: Sequence[Deed], phases: Sequence[str]) -> Statement:
    """A reading against what was done from its due date on."""
    if reading.due is None:
        return Statement(reading, None, None, None)
    since = [deed for deed in done if deed.date >= reading.due]
    wanted = phases.index(reading.phase)
    shown = [deed for deed in since if phases.index(deed.phase) >= wanted]
    asked = [deed for deed in since if reading.until is None or deed.date < reading.until]
    below = [deed for deed in asked if phases.index(deed.phase) < wanted]
    return Statement(
        reading,
        since[0] if since else None,
        shown[0] if shown else None,
        below[-1] if below and not shown else None,
    )
