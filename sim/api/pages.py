"""What pages show of files besides results: every number with its grade and facts (`evidence_of`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.analysis.evidence import Evidence, PairEvidence, cited, of_losses, of_policy, of_scenario
from sim.analysis.outcome import grades
from sim.library import Loaded, Pair
from sim.spec.evidence import Evidence as Ledger
from sim.spec.evidence import Fact
from sim.spec.losses import Losses


def evidence_of(pairs: Sequence[Pair], losses: Loaded[Losses] | None = None) -> Evidence:
    """What the numbers of some pairs, and the losses by which they are compared, rest on. Each file is told once."""
    policies = {pair.policy.spec.name: pair.policy for pair in pairs}
    scenarios = {pair.scenario.spec.name: pair.scenario for pair in pairs}
    met = {name: [pair.scenario.spec for pair in pairs if pair.policy.spec.name == name] for name in policies}
    files = (
        *(of_policy(each.spec, _ledgers(each.ledgers), met[name]) for name, each in policies.items()),
        *(of_scenario(each.spec, _ledgers(each.ledgers)) for each in scenarios.values()),
        *((of_losses(losses.spec, _ledgers(losses.ledgers)),) if losses else ()),
    )
    facts: dict[str, dict[str, Fact]] = {}
    read = [ledgers for each in pairs for ledgers in (each.policy.ledgers, each.scenario.ledgers)]
    read += [losses.ledgers] if losses else []
    for ledger in (each for ledgers in read for each in ledgers.values()):
        facts.setdefault(ledger.name, dict(ledger.facts))
    return Evidence(tuple(map(_pair, pairs)), files, cited(files, facts))


def _ledgers(found: Mapping[str, Ledger]) -> tuple[str, ...]:
    return tuple(each.name for each in found.values())


def _pair(pair: Pair) -> PairEvidence:
    policy, scenario = pair.policy.spec, pair.scenario.spec
    return PairEvidence(scenario.name, policy.name, bool(scenario.reactions), grades(policy, scenario))
