"""Everything that can be said of a policy without running it, alone or on a scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from sim.errors import every
from sim.machine import Model
from sim.spec.guard import names, parse
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.verify.guards import guard_remarks, undecided_remarks
from sim.verify.ladders import entered, ladder_remarks
from sim.verify.setting import Setting, of_model, of_policy
from sim.verify.view import Remark, View
from sim.verify.words import times

ENOUGH = 200
"""Findings of one rule on one policy that are told."""


def policy_remarks(policy: Policy) -> tuple[Remark, ...]:
    """Findings on a policy alone: its signposts take any value in the ranges that it states for them."""
    setting = of_policy(policy)
    return (*_logic(policy, setting), *_unused(policy), *_assumed(policy), *_rivals(policy, setting))


def pair_remarks(policy: Policy, scenario: Scenario, model: Model) -> tuple[Remark, ...]:
    """Findings on a policy whose signposts take the values that a scenario leaves them, and where the two do not fit.

    Those that hold of the policy alone are left out.
    """
    alone, setting = of_policy(policy), of_model(model)
    ranges = tuple(_ranges(policy, scenario, model))
    if setting.domains == alone.domains and setting.guards == alone.guards:
        return ranges
    known = {(each.rule, each.field, each.at) for each in _logic(policy, alone)}
    return (*ranges, *(each for each in _logic(policy, setting) if (each.rule, each.field, each.at) not in known))


def _logic(policy: Policy, setting: Setting) -> tuple[Remark, ...]:
    view = View(policy, setting)
    return tuple(_first_of_each(guard_remarks(view), ladder_remarks(view), undecided_remarks(view)))


def _first_of_each(*remarks: Iterator[Remark]) -> Iterator[Remark]:
    """Of each rule as many as somebody may read; how many more there are stands at the end."""
    more: Counter[str] = Counter()
    for each in chain(*remarks):
        more[each.rule] += 1
        if more[each.rule] <= ENOUGH:
            yield each
    for rule, count in more.items():
        if count > ENOUGH:
            yield Remark("note", rule, "transitions", f"{count - ENOUGH:,} more findings of the rule {rule} are left out here")


def _unused(policy: Policy) -> Iterator[Remark]:
    used = {name for each in policy.transitions.values() for name in names(parse(each.when))}
    for name in policy.thresholds:
        if name not in used:
            yield Remark("warning", "unused-threshold", f"thresholds.{name}", "no guard uses this threshold")
    idle = [name for name in policy.reads if name not in used]
    if idle:
        yield Remark("note", "unused-signpost", f"reads.{idle[0]}", f"no guard uses {every(idle)}")


def _assumed(policy: Policy) -> Iterator[Remark]:
    """One note for all."""
    assumed = [(f"thresholds.{name}", name) for name, each in policy.thresholds.items() if each.grade == "assumed"]
    if assumed:
        total = times(len(policy.thresholds), "threshold")
        told = f"{len(assumed)} of {total} {'is' if len(assumed) == 1 else 'are'} assumed: {every([name for _, name in assumed])}"
        yield Remark("note", "assumed-threshold", assumed[0][0], told)


# other readings of the same words ---------------------------------------------------------------------------------------------


def _rivals(policy: Policy, setting: Setting) -> Iterator[Remark]:
    """How many rival readings there are, and which of them change what phases a run may be in."""
    readings = [(name, rival, each) for name, each in policy.thresholds.items() for rival in each.rivals]
    if not readings:
        return
    as_stated = entered(View(policy, setting))
    told = []
    for name, rival, threshold in readings:
        read = threshold.model_copy(update=dict(threshold.rivals[rival]))
        other = policy.model_copy(update={"thresholds": {**policy.thresholds, name: read}})
        change = _change(policy, as_stated, entered(View(other, of_policy(other))))
        if change:
            told.append(f"with {name} read as {rival}, {change}")
    count = times(len(readings), "rival reading")
    over = times(len({name for name, _, _ in readings}), "threshold")
    same = "none changes which phases can be entered" if not told else "; ".join(told)
    rest = "" if len(told) in (0, len(readings)) else "; the others change nothing in this"
    yield Remark("note", "rival-readings", f"thresholds.{readings[0][0]}.rivals", f"{count} of {over}: {same}{rest}")


def _change(policy: Policy, before: set[int], after: set[int]) -> str:
    phases = list(policy.phases)
    lost, won = ([phases[each] for each in sorted(those)] for those in (before - after, after - before))
    told = [(lost, "can never be entered"), (won, "can be entered")]
    return " and ".join(f"{every(those)} {how}" for those, how in told if those)


# where a policy and a scenario do not fit -------------------------------------------------------------------------------------


def _ranges(policy: Policy, scenario: Scenario, model: Model) -> Iterator[Remark]:
    """Bounds of a variable that reach beyond the range which the policy's own checks go by."""
    variables = {each.name: model.world.variables[each.observes] for each in model.world.signposts if each.change is None}
    for name, read in policy.reads.items():
        variable, ends = variables.get(name), [each.fixed for each in read.range or ()]
        if variable is None or not ends:
            continue
        low, high = float(ends[0] or 0), float(ends[1] or 0)
        stated = scenario.variables[variable.name].bounds
        if stated is not None and (variable.low < low or variable.high > high):
            told = (
                f"scenario '{scenario.name}' bounds {variable.name} to {variable.low:g} to {variable.high:g}, beyond the range "
            )
            yield Remark("warning", "range", f"reads.{name}.range", f"{told}{low:g} to {high:g} that checks of this policy go by")
