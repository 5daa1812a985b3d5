"""Every number of a policy and a scenario with its grade and facts, and the rules in words: what a report rests on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sim.analysis.thresholds import number_text
from sim.results import Grades
from sim.spec import guard
from sim.spec.evidence import Fact
from sim.spec.grading import default_grades, policy_grades, scenario_grades
from sim.spec.losses import Losses
from sim.spec.policy import Policy
from sim.spec.scenario import CsvPath, Scenario
from sim.spec.values import Numeric, numbers


@dataclass(frozen=True)
class Number:
    """One number as its file gives it."""

    path: str
    """dotted"""
    value: str
    """in words where it is uncertain: `uniform 3–4`"""
    unit: str
    grade: str
    facts: tuple[str, ...] = ()
    note: str = ""
    counted: bool = True
    """whether it is one of which so many are assumed: numbers that shape the runs (`sim.spec.grading`), and all losses"""


@dataclass(frozen=True)
class Rule:
    """Something that a file says without a number: a phase, a transition, an inject."""

    path: str
    says: str
    facts: tuple[str, ...] = ()


@dataclass(frozen=True)
class FileEvidence:
    """What a policy, a scenario or a file of losses rests on."""

    kind: str
    name: str
    title: str
    ledgers: tuple[str, ...]
    """where the ids of its facts are looked up"""
    numbers: tuple[Number, ...]
    rules: tuple[Rule, ...]

    @property
    def cited(self) -> frozenset[str]:
        return frozenset(fact for facts in (*(n.facts for n in self.numbers), *(r.facts for r in self.rules)) for fact in facts)


@dataclass(frozen=True)
class PairEvidence:
    """A policy on a scenario, and how many numbers of the two have which grade."""

    scenario: str
    policy: str
    reactive: bool
    """does the world answer to the policy?"""
    grades: Grades


@dataclass(frozen=True)
class Evidence:
    """All that a report rests on."""

    pairs: tuple[PairEvidence, ...]
    files: tuple[FileEvidence, ...]
    facts: tuple[tuple[str, str, Fact], ...]
    """(ledger, id, fact) of each that a number or a rule cites"""


def of_policy(policy: Policy, ledgers: Sequence[str], scenarios: Sequence[Scenario] = ()) -> FileEvidence:
    """`scenarios` are those it meets: a default that stands in for a signpost of one of them counts."""
    counted = {path for path, _ in policy_grades(policy)}
    used = dict.fromkeys(path for each in scenarios for path, _ in default_grades(policy, each))
    found = [*_thresholds(policy, counted), *_guards(policy), *_defaults(policy, list(used))]
    found += [_number(path, each, "", path in counted) for path, each in numbers(policy) if _elsewhere(path)]
    return FileEvidence("policy", policy.name, policy.title, tuple(ledgers), tuple(found), tuple(_policy_rules(policy)))


def of_scenario(scenario: Scenario, ledgers: Sequence[str]) -> FileEvidence:
    counted = {path for path, _ in scenario_grades(scenario)}
    found = [_number(path, each, _unit_there(scenario, path), path in counted) for path, each in numbers(scenario)]
    found += [
        Number(
            f"variables.{name}.path",
            f"table {each.path.csv}",
            each.unit,
            each.path.grade,
            each.path.evidence,
            each.path.note or "",
        )
        for name, each in scenario.variables.items()
        if isinstance(each.path, CsvPath)
    ]
    rules = [
        Rule(f"injects.{name}", " · ".join(filter(None, (str(each.on), each.title, each.reliability, each.source))))
        for name, each in scenario.injects.items()
    ]
    return FileEvidence("scenario", scenario.name, scenario.title, tuple(ledgers), tuple(found), tuple(rules))


def of_losses(losses: Losses, ledgers: Sequence[str]) -> FileEvidence:
    """Losses shape no run: no pair counts them, and what is assumed of them is told by itself."""
    found = [_number(path, each, f"{losses.unit} per day", True) for path, each in numbers(losses)]
    rules = [Rule("against", f"{losses.against}: by its rule, seen perfectly, a phase is due")] if losses.against else []
    rules += [Rule(f"weights.{name}", each.title) for name, each in losses.weights.items() if each.title]
    return FileEvidence("losses", losses.name, losses.title, tuple(ledgers), tuple(found), tuple(rules))


def cited(files: Sequence[FileEvidence], ledgers: Mapping[str, Mapping[str, Fact]]) -> tuple[tuple[str, str, Fact], ...]:
    """The facts that the files cite, ledger by ledger, each in the order of its ledger."""
    return tuple(
        (name, id_, fact)
        for name, facts in ledgers.items()
        for id_, fact in facts.items()
        if any(id_ in each.cited for each in files if name in each.ledgers)
    )


def _elsewhere(path: str) -> bool:
    return path.split(".")[0] not in ("reads", "thresholds")


def _number(path: str, each: Numeric, unit: str, counted: bool) -> Number:
    return Number(
        path, number_text(each), each.unit or unit or _plain_unit(each), each.grade, each.evidence, each.note or "", counted
    )


def _plain_unit(each: Numeric) -> str:
    return {"span": "days", "rate": "per day", "plain": ""}[each.kind]


def _thresholds(policy: Policy, counted: set[str]) -> Iterator[Number]:
    """Each threshold and, not counted, its rival readings; one that no guard uses is not counted either."""
    for name, threshold in policy.thresholds.items():
        levels = {f"thresholds.{name}": threshold} | {
            f"thresholds.{name}.rivals.{key}": each for key, each in threshold.rivals.items()
        }
        for at, level in levels.items():
            for path, number in level.numbers(at).items():
                yield replace(_number(path, number, threshold.unit, path in counted), unit=threshold.unit)


def _guards(policy: Policy) -> Iterator[Number]:
    for name, each in policy.transitions.items():
        for constant in guard.constants(guard.parse(each.when)):
            yield Number(
                f"transitions.{name}.when", f"{constant.value:g}", "", "assumed", note=f"Written into the guard: {each.when}"
            )


def _defaults(policy: Policy, used: Sequence[str]) -> Iterator[Number]:
    for path in used:
        read = policy.reads[path.split(".")[1]]
        assert read.default is not None
        note = read.default.note or "Stands in where a scenario has no such signpost."
        yield Number(path, number_text(read.default), read.unit, "assumed", read.default.evidence, note)


def _unit_there(scenario: Scenario, path: str) -> str:
    """The unit of a number that a scenario gives without one: that of the variable it is about, where it is about one."""
    kind, *rest = path.split(".")
    if kind == "variables":
        level = rest[1] in ("path", "bounds") or rest[-1] in ("size", "toward")
        return scenario.variables[rest[0]].unit if level else ""
    if kind == "signposts":
        observed = scenario.variables.get(scenario.signposts[rest[0]].observes or rest[0])
        return observed.unit if observed and rest[-1] in ("bias", "sd") else ""
    if kind == "injects" and rest[1] != "noise" and rest[-1] in scenario.variables:
        return scenario.variables[rest[-1]].unit
    return ""


def _policy_rules(policy: Policy) -> Iterator[Rule]:
    for name, phase in policy.phases.items():
        yield Rule(f"phases.{name}", phase.label or name, phase.evidence)
    for name, each in policy.transitions.items():
        yield Rule(f"transitions.{name}", f"{', '.join(each.from_)} → {each.to} when {each.when}", each.evidence)
