"""What differs between two policies, and what it changes: each against the policy that `--set` makes of the first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import api, ensemble
from sim.analysis.differences import Difference, Differences, behaviour, differences
from sim.analysis.sentences import differences as sentences
from sim.library import Library
from sim.machine import compile_machine
from sim.spec.policy import Policy

shipped = Library([])
START = dt.date(2024, 10, 24)
RUNS, SEED = 150, 4
LABELS = {"no_action": "No action", "defensive_weapons": "Defensive weapons", "offensive_measures": "Offensive measures"}


def policy(**changed: Any) -> Policy:
    """Two phases and one transition; `changed` replaces whole sections, or `x` and `confirm` what they name."""
    rule = {"from": "low", "to": "high", "when": "a >= x", "confirm": changed.pop("confirm", 1), "lag": changed.pop("lag", 0)}
    given = {
        "kind": "policy",
        "name": "p",
        "title": "T",
        "reads": {"a": {"unit": "u"}},
        "phases": {"low": {}, "high": {}},
        "thresholds": {"x": {"unit": "u", "grade": "assumed", **changed.pop("x", {"value": 3})}},
        "transitions": {"up": rule},
    }
    return Policy.model_validate({**given, **changed})


def texts(a: Policy, b: Policy) -> list[str]:
    return [each.text for each in differences(a, b, START)]


# what differs -------------------------------------------------------------------------------------------------------------------

DOWN = {"from": "high", "to": "low", "when": "a < x"}


@pytest.mark.parametrize(
    ("b", "told"),
    [
        (policy(), []),
        (policy(name="q", title="Q"), []),
        (policy(phases={"low": {"label": "Low"}, "high": {"label": "High"}}), []),
        (policy(x={"value": 3, "note": "n"}), []),
        (policy(x={"value": 2.5}), ["x 3 → 2.5 u"]),
        (policy(x={"value": {"uniform": [2, 3]}}), ["x 3 → uniform 2–3 u"]),
        (policy(x={"dated": {"2024-10-24": 3, "2024-11-07": 2}}), ["x 3 → 3, 2 from 2024-11-07 u"]),
        (policy(confirm=7), ["up confirm 1 → 7 days"]),
        (policy(confirm="2 weeks"), ["up confirm 1 → 14 days"]),
        (policy(confirm={"days": 2, "of": 3}), ["up confirm 1 → 2 of 3 days"]),
        (policy(lag={"value": {"uniform": [1, 2]}, "unit": "weeks"}), ["up lag 0 → uniform 1–2 × 7 days"]),
        (policy(lag=5, confirm=2), ["up confirm 1 → 2 days", "up lag 0 → 5 days"]),
        (policy(phases={"low": {}, "high": {"min_stay": 9}}), ["high min_stay 0 → 9 days"]),
        (policy(initial="high"), ["initial phase low → high"]),
        (policy(phases={"low": {}, "high": {}, "top": {}}), ["phase top added"]),
        (policy(phases={"high": {}, "low": {}}, initial="low"), ["order of the phases low, high → high, low"]),
        (
            policy(transitions={"up": {"from": "low", "to": "high", "when": "a > x", "revocable": True}}),
            ["up when `a >= x` → `a > x`", "up revocable false → true"],
        ),
        (policy(transitions={"up": {"from": "low", "to": "high", "when": "(a  >= x)"}}), []),
        (policy(transitions={}), ["transition up removed (from low to high when `a >= x`)"]),
    ],
)
def test_what_differs(b: Policy, told: list[str]) -> None:
    assert texts(policy(), b) == told


def test_what_differs_in_transitions() -> None:
    up = {"from": "low", "to": "high", "when": "a >= x"}
    one, other = policy(transitions={"up": up, "down": DOWN}), policy(transitions={"down": DOWN, "up": up})
    assert texts(policy(), one) == ["transition down added (from high to low when `a < x`)"]
    (order,) = differences(one, other, START)
    assert order.text == "order of the transitions up, down → down, up"
    assert order.trial
    assert list(order.trial.transitions) == ["down", "up"]
    (added,) = differences(policy(transitions={"up": up}), other, START)
    assert added.trial
    assert list(added.trial.transitions) == ["down", "up"]  # where the other policy has it


def test_a_guard_brings_what_it_names() -> None:
    """Thresholds and signposts that the first policy lacks come with it; one that it has keeps its own value."""
    rule = {"from": "low", "to": "high", "when": "a >= x and b >= y"}
    thresholds = {name: {"unit": "u", "grade": "assumed", "value": 9} for name in "xyz"}
    reads = {"a": {"unit": "u"}, "b": {"unit": "u", "default": 0}}
    found = differences(policy(), policy(transitions={"up": rule}, thresholds=thresholds, reads=reads), START)
    assert [each.text for each in found] == [
        "x 3 → 9 u",
        "threshold y added (9 u)",
        "threshold z added (9 u)",
        "up when `a >= x` → `a >= x and b >= y`",
    ]
    trial = found[-1].trial
    assert trial is not None
    assert list(trial.reads) == ["a", "b"]
    assert [(name, trial.thresholds[name].value) for name in trial.thresholds] == [("x", 3), ("y", 9)]
    assert [each.trial is None for each in found] == [False, True, True, False]


NUMBERS = st.fixed_dictionaries(
    {},
    optional={
        "x": st.sampled_from([{"value": 2}, {"value": {"uniform": [1, 2]}}, {"dated": {"day 3": 1, "day 9": 4}}]),
        "confirm": st.sampled_from([2, 14, {"days": 2, "of": 5}]),
        "lag": st.sampled_from([3, "1 weeks", {"uniform": [1, 9]}]),
        "initial": st.just("high"),
    },
)


@settings(deadline=None)
@given(NUMBERS, NUMBERS)
def test_all_differences_together_make_the_other_policy(a: dict[str, Any], b: dict[str, Any]) -> None:
    """One after the other, each made to what the others left, they lead from one policy to the other; so none is missed."""
    here, there = policy(**a), policy(**b)
    for _ in range(10):
        found = differences(here, there, START)
        if not found:
            break
        assert found[0].trial is not None
        here = found[0].trial
    assert behaviour(compile_machine(here, START)) == behaviour(compile_machine(there, START))


# what it changes ----------------------------------------------------------------------------------------------------------------


def compared(scenario: str, policies: Sequence[str], **more: Any) -> list[Differences]:
    return list(api.compare([scenario], policies, runs=RUNS, seed=SEED, library=shipped, **more).differences)


def setting(each: Difference, other: str) -> list[str]:
    """What `--set` would make of the first policy, in the words of its file."""
    if each.path.startswith("thresholds"):
        value = getattr(shipped.load_policy(other).spec.thresholds[each.path.split(".")[1]].value, "fixed", None)
        return [f"{each.path}.value={value}"]
    raw = shipped.load_policy(other).source.node(each.path)
    assert raw is not None
    return [f"policy.{each.path}={_yaml(raw.plain())}"]


def _yaml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_yaml(each)}" for key, each in value.items() if key not in ("note", "evidence")) + "}"
    return (
        f"[{', '.join(map(_yaml, value))}]" if isinstance(value, list) else f'"{value}"' if isinstance(value, str) else f"{value}"
    )


@pytest.mark.parametrize("other", ["step-down", "allied-coordinated", "capacity-limited"])
def test_each_number_alone_is_the_policy_with_that_set(other: str) -> None:
    """The effect of each number, from runs of the first policy and of it with `--set`, compared run by run."""
    scenario = "surge-to-front-uncertain"
    (found,) = compared(scenario, ["phased-approach", other])
    numbers = [part for part in found.parts if part.difference.kind == "number"]
    assert numbers
    stated = api.run(scenario, "phased-approach", runs=RUNS, seed=SEED, library=shipped).result
    for part in numbers:
        sets = setting(part.difference, other)
        changed = api.run(scenario, "phased-approach", runs=RUNS, seed=SEED, sets=sets, library=shipped).result
        assert part.effect is not None
        for passage in part.effect.passages:
            one, two = stated.first_passage[passage.phase], changed.first_passage[passage.phase]
            mean = sum(_capped(two.counts)) / RUNS - sum(_capped(one.counts)) / RUNS
            assert passage.mean_difference == pytest.approx(mean)
            assert (passage.median_a, passage.median_b) == (one.quantile(0.5), two.quantile(0.5))
        apart = (stated.strips != changed.strips).any(axis=1)  # all runs: there are fewer than are kept day by day
        assert part.effect.parting.share == apart.mean()


def _capped(counts: np.ndarray[Any, Any]) -> list[int]:
    days = [day for day, count in enumerate(counts.tolist()) for _ in range(count)]
    return days + [len(counts)] * (RUNS - len(days))


def test_one_difference_alone_is_the_whole(tmp_path: Path) -> None:
    text = "kind: policy\nname: near\ntitle: T\nextends: phased-approach\n"
    (tmp_path / "near.yaml").write_text(f"{text}thresholds: {{front_line: {{value: 2.5}}}}\n")
    (found,) = compared("gradual-rise-uncertain", ["phased-approach", str(tmp_path / "near.yaml")])
    (part,) = found.parts
    assert part.effect is not None
    assert part.effect.parting.first.counts.tolist() == found.whole.parting.first.counts.tolist()
    assert part.effect.passages == found.whole.passages
    (line,) = sentences(found, LABELS)
    assert line.startswith("From phased-approach to near: front_line 3 → 2.5 rung: ")
    assert line.endswith((" of futures change.", "no future changes."))


def test_each_is_tried_on_the_first_block_alone_and_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    few = api.compare(["surge-to-front-uncertain"], ["phased-approach", "step-down"], runs=40, seed=SEED, library=shipped)
    monkeypatch.setattr(ensemble, "BLOCK", 40)
    many = api.compare(["surge-to-front-uncertain"], ["phased-approach", "step-down"], runs=100, seed=SEED, library=shipped)
    for one, other in zip(few.differences[0].parts, many.differences[0].parts, strict=True):
        assert one.difference == other.difference
        if one.effect and other.effect:
            assert one.effect.passages == other.effect.passages
            assert one.effect.parting.runs == other.effect.parting.runs == 40
    assert many.differences[0].whole.parting.runs == 100
    for here, there in zip(few.readings, many.readings, strict=True):
        assert here == there


def test_only_the_first_policy_is_changed() -> None:
    found = compared("surge-to-front", ["phased-approach", "step-down", "restrained"])
    tried = {(each.a, each.b): [part.effect for part in each.parts] for each in found}
    assert any(tried["phased-approach", "step-down"])
    assert not any(tried["step-down", "restrained"])
    removed = next(each for each in found if (each.a, each.b) == ("phased-approach", "restrained"))
    lines = sentences(removed, LABELS)
    assert lines[0] == (
        "From phased-approach to restrained, all together: Defensive weapons not by the end instead of on 2024-10-31; "
        "the path changes."
    )
    assert lines[-1].startswith("  also: threshold front_line removed (3 rung)")


def test_a_policy_against_itself(tmp_path: Path) -> None:
    (tmp_path / "same.yaml").write_text("kind: policy\nname: same\ntitle: T\nextends: phased-approach\n")
    (found,) = compared("surge-to-front-uncertain", ["phased-approach", str(tmp_path / "same.yaml")])
    assert sentences(found, LABELS) == ("From phased-approach to same nothing differs that shapes a run.",)
    assert found.whole.parting.share == 0
