"""Every mistake in files and between them, and what their policies can and cannot do (`check`)."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from sim.api.pairs import model_of
from sim.errors import BadInput, BadUsage, Place, Problem, every, quote
from sim.library import Library, Loaded, Pair
from sim.results import Change, Grades, PhaseName
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.verify.picture import Seen
from sim.verify.policies import pair_remarks, policy_remarks
from sim.verify.view import Remark

if TYPE_CHECKING:
    from sim.verify.picture import ReachPicture
    from sim.verify.reach import Reach, Reaches

_YEAR = 365
"""days shown where nothing can be reached and no scenario sets a horizon"""
_ORDER = {"error": 0, "warning": 1, "note": 2}


@dataclass(frozen=True)
class Finding:
    """What `check` has to say of a file."""

    level: Literal["error", "warning", "note"]
    rule: str
    problem: Problem
    witness: Mapping[str, float] | None = field(default=None, hash=False)
    """values at which it is so"""


@dataclass(frozen=True)
class Reached:
    """How soon each phase of a policy can take effect, alone or on a scenario."""

    policy: Policy
    scenario: Scenario | None
    reaches: Reaches

    @property
    def name(self) -> str:
        return f"{self.scenario.name}--{self.policy.name}" if self.scenario else self.policy.name


@dataclass(frozen=True)
class Checked:
    """What a check found, and of what."""

    findings: tuple[Finding, ...]
    """errors first, then warnings, then notes"""
    files: tuple[Loaded[Any], ...]
    """those without a mistake"""
    pairs: tuple[Pair, ...]
    """scenarios with the policies that they were held against"""
    reached: tuple[Reached, ...] = ()
    """one for each policy, or for each policy on each scenario where there are scenarios"""


def check(files: Sequence[str], *, library: Library | None = None) -> tuple[Finding, ...]:
    """Read files by name or path: every mistake in each, what their policies can and cannot do, and the same for each scenario
    with the policies named (or its own)."""
    return verify(files, library=library).findings


def verify(files: Sequence[str], *, reach: bool = False, library: Library | None = None) -> Checked:
    """As `check`; with `reach`, also the fastest possible day for each phase. Raises BadUsage where that has no policy."""
    gathered = _Gathered(library or Library())
    for file in files:
        gathered.file(file)
    gathered.pairs_of_all()
    failed = any(each.level == "error" for each in gathered.findings)
    reached = _reached(gathered) if reach and not failed else ()
    for each in reached:
        if each.scenario is None:
            gathered.unreached(each)
    ordered = sorted(gathered.findings, key=lambda each: _ORDER[each.level])
    return Checked(tuple(ordered), tuple(loaded for _, loaded in gathered.files), tuple(gathered.pairs), reached)


class _Gathered:
    """What is found on the way."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.findings: dict[Finding, None] = {}
        self.files: list[tuple[str, Loaded[Any]]] = []
        self.pairs: list[Pair] = []

    def of(self, kind: type[Policy | Scenario]) -> list[tuple[str, Loaded[Any]]]:
        return [(file, loaded) for file, loaded in self.files if isinstance(loaded.spec, kind)]

    def file(self, file: str) -> None:
        loaded = self._tried(self.library.load_any, file)
        if isinstance(loaded, Loaded):
            self.files.append((file, loaded))
            if isinstance(loaded.spec, Policy):
                self._add(_finding(loaded, each) for each in policy_remarks(loaded.spec))

    def pairs_of_all(self) -> None:
        """Scenario by scenario: with the policies named, or else with its own."""
        for file, scenario in self.of(Scenario):
            own: list[str | None] = [None] if scenario.spec.policy else []
            for policy in [name for name, _ in self.of(Policy)] or own:
                pair = self._tried(self.library.load_pair, file, policy)
                if isinstance(pair, Pair):
                    self.pairs.append(pair)
        self._add(_between(self.pairs))

    def unreached(self, reached: Reached) -> None:
        """What only the search shows: phases that waits and stays keep out of reach for ever."""
        loaded = next(loaded for _, loaded in self.of(Policy) if loaded.spec is reached.policy)
        known = {(each.rule, each.problem.field) for each in self.findings}
        for phase in (each.phase for each in reached.reaches.phases if each.decided and each.day is None):
            if reached.policy.transitions and ("unreachable-phase", f"phases.{phase}") not in known:
                told = "no world reaches it, by the search through confirmations, lags and stays (--reach)"
                self._add([_finding(loaded, Remark("warning", "unreachable-phase", f"phases.{phase}", told))])

    def _tried(self, load: Callable[..., Loaded[Any] | Pair], *names: str | None) -> Loaded[Any] | Pair | None:
        """What is wrong with a file or a pair, and the record where nothing is."""
        try:
            loaded = load(*names)
        except BadInput as error:
            self._add(Finding("error", "file", problem) for problem in error.problems)
            return None
        self._add(Finding("warning", "file", problem) for problem in loaded.warnings)
        return loaded

    def _add(self, found: Any) -> None:
        self.findings |= dict.fromkeys(found)


def _finding(loaded: Loaded[Policy], remark: Remark) -> Finding:
    """At its place; where that is in the file that a variant extends, the variant is named."""
    place = _place(loaded, remark)
    inherited = place.file != loaded.source.root.place.file
    message = f"in {quote(loaded.spec.name)}: {remark.message}" if inherited else remark.message
    return Finding(remark.level, remark.rule, Problem(place, remark.field, message), remark.witness)


def _place(loaded: Loaded[Policy], remark: Remark) -> Place:
    """At its line and column; inside the text of a guard where the file has it as it is."""
    node = loaded.source.node(remark.field) if remark.at is not None else None
    return node.inside(remark.at or 0) if node else loaded.place(remark.field)


def _between(pairs: Sequence[Pair]) -> list[Finding]:
    """What shows only on scenarios: once for all of them on which it is so."""
    found: dict[Finding, list[str]] = {}
    for pair in pairs:
        for remark in pair_remarks(pair.policy.spec, pair.scenario.spec, model_of(pair)):
            found.setdefault(_finding(pair.policy, remark), []).append(pair.scenario.spec.name)
    return [_on(finding, names) for finding, names in found.items()]


def _on(finding: Finding, scenarios: Sequence[str]) -> Finding:
    if finding.rule == "range":  # it names its scenario
        return finding
    names = every([quote(each) for each in scenarios[:3]] + ([f"{len(scenarios) - 3} more"] if len(scenarios) > 3 else []))
    where = f"on {'scenario' if len(scenarios) == 1 else 'scenarios'} {names}: "
    return replace(finding, problem=replace(finding.problem, message=where + finding.problem.message))


def _reached(gathered: _Gathered) -> tuple[Reached, ...]:
    from sim.verify.reach import reach
    from sim.verify.setting import of_model, of_policy

    if gathered.pairs:
        return tuple(Reached(pair.policy.spec, pair.scenario.spec, reach(of_model(model_of(pair)))) for pair in gathered.pairs)
    policies = [loaded.spec for _, loaded in gathered.of(Policy)]
    if not policies:
        raise BadUsage("--reach needs a policy: name one, or a scenario that has one of its own")
    return tuple(Reached(policy, None, reach(of_policy(policy))) for policy in policies)


# the picture of it --------------------------------------------------------------------------------------------------------------


def reach_picture(reached: Reached) -> ReachPicture:
    """What a chart shows of the fastest possible days: with the way to the highest phase that any world reaches."""
    from sim.analysis.outcome import grades
    from sim.spec.grading import policy_grades
    from sim.verify.picture import ReachPicture, Soonest
    from sim.verify.words import reach_premise

    policy, scenario, setting = reached.policy, reached.scenario, reached.reaches.setting
    counted = Counter(grade for _, grade in policy_grades(policy))
    alone = Grades(counted["quoted"], counted["reported"], counted["implied"], counted["assumed"])
    best = next((each for each in reversed(reached.reaches.phases) if each.witness), None)
    days = _shown(best.day or 0, setting.days) if best else setting.days or _YEAR
    return ReachPicture(
        policy.title,
        scenario.title if scenario else None,
        setting.start,
        days,
        setting.days,
        reach_premise(setting),
        tuple(PhaseName(each.name, each.label) for each in setting.machine.phases),
        setting.machine.initial,
        tuple(Soonest(each.label, each.day, each.decided, each.least or 0) for each in reached.reaches.phases),
        *_way(reached, best, days),
        grades(policy, scenario) if scenario else alone,
    )


def _shown(day: int, horizon: int | None) -> int:
    """A few days beyond the last of interest."""
    days = day + 1 + max(3, day // 6)
    return days if horizon is None else min(days, horizon)


def _way(
    reached: Reached, best: Reach | None, days: int
) -> tuple[tuple[Seen, ...], NDArray[np.int64], tuple[Change, ...], tuple[str, ...]]:
    """What signposts show and the policy does on the way to a phase, its last values held on."""
    from sim import reference
    from sim.analysis.thresholds import threshold_lines
    from sim.verify.worlds import fixed, world_of

    setting, policy = reached.reaches.setting, reached.policy
    witness = best.witness if best else None
    if best is None or witness is None:
        return (), np.full(days, setting.machine.initial), (), ()
    trace = reference.walk(world_of(setting, witness.path, witness.drawn, days), 1, 0, 0)
    lines = threshold_lines(policy, fixed(setting.machine, witness.drawn), days)
    seen = tuple(
        Seen(
            name,
            policy.reads[name].unit,
            np.array(values),
            tuple(line for line in lines if line.signpost == name),
            tuple(end for end in (setting.domains[name].low, setting.domains[name].high) if math.isfinite(end)),
        )
        for name, values in trace.signposts.items()
    )
    phases, transitions = setting.machine.phases, setting.machine.transitions
    changes = tuple(
        Change(
            each.day, each.decided, transitions[each.transition].name, phases[each.from_phase].label, phases[each.to_phase].label
        )
        for each in trace.changes
    )
    drawn = tuple(f"{path} {value:g}" for path, value in witness.drawn.items())
    return seen, np.array(trace.phases), changes, drawn
