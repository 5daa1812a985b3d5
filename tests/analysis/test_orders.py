"""On which readings an order hangs: each against runs of policies that `--set` reads so."""

from __future__ import annotations

from functools import cache

import pytest

from sim import api
from sim.analysis.orders import OverReadings, Read
from sim.analysis.sentences import readings as sentence
from sim.library import Library
from sim.results import PairedPassage

shipped = Library([])
RUNS, DAYS, SEED = 60, 120, 4
LABELS = {"high": "High"}


@cache
def counted(scenario: str, policy: str, sets: tuple[str, ...], phase: str) -> list[int]:
    """First passages per day."""
    run = api.run(scenario, policy, runs=RUNS, seed=SEED, sets=[f"days={DAYS}", *sets], library=shipped).result
    found: list[int] = run.first_passage[phase].counts.tolist()
    return found


@pytest.mark.parametrize("other", ["hair-trigger", "step-down"])
def test_as_read_by_set(other: str) -> None:
    """Who has a threshold of that name with that rival reads it so, whether one of the two or both."""
    scenario, first = "surge-to-front-uncertain", "phased-approach"
    done = api.compare([scenario], [first, other], runs=RUNS, seed=SEED, sets=[f"days={DAYS}"], library=shipped)
    assert {each.stated.phase for each in done.readings} == {"defensive_weapons", "offensive_measures"}
    rivals = {
        policy: {(name, rival) for name, each in shipped.load_policy(policy).spec.thresholds.items() for rival in each.rivals}
        for policy in (first, other)
    }
    for over in done.readings:
        assert {(each.threshold, each.rival) for each in over.readings} == rivals[first] | rivals[other]
        for each in over.readings:
            chosen = [f"thresholds.{each.threshold}=rival:{each.rival}"]
            reads = [policy for policy in (first, other) if (each.threshold, each.rival) in rivals[policy]]
            assert list(each.policies) == reads
            means = []
            for policy in (first, other):
                sets = chosen if policy in reads else []
                counts = counted(scenario, policy, tuple(sets), over.stated.phase)
                capped = sum(day * n for day, n in enumerate(counts)) + DAYS * (RUNS - sum(counts))
                means.append(capped / RUNS)
            assert each.passage.mean_difference == pytest.approx(means[1] - means[0])


def passage(difference: float, se: float = 0.1) -> PairedPassage:
    shares = (0.0,) * 6
    return PairedPassage("s", "x", "y", "high", *shares, difference, se, None, None, 100, None)


def over(stated: PairedPassage, *read: PairedPassage) -> OverReadings:
    return OverReadings(stated, tuple(Read("line", f"r{at}", ("x",), each) for at, each in enumerate(read)))


@pytest.mark.parametrize(
    ("found", "told"),
    [
        (over(passage(5), passage(4)), "High: x is sooner than y as stated and under its 1 rival reading."),
        (
            over(passage(5), passage(-4)),
            "High: x is sooner than y as stated but not under its 1 rival reading; reversed under 1 (line: r0).",
        ),
        (
            over(passage(-5), passage(-4), passage(3), passage(0.1), passage(0, 0)),
            "High: y is sooner than x as stated and under 1 of 4 rival readings; reversed under 1 (line: r1); "
            "not told apart under 1 (line: r2); no difference under 1 (line: r3).",
        ),
        (
            over(passage(0, 0), passage(0, 0), passage(0, 0)),
            "High, x and y: no difference as stated, nor told apart under any of 2 rival readings.",
        ),
        (
            over(passage(0.1), passage(2), passage(-2), passage(0.1)),
            "High, x and y: not told apart as stated; x is sooner under 1 (line: r0); y is sooner under 1 (line: r1), "
            "of 3 rival readings.",
        ),
        (
            over(passage(5), *[passage(-4)] * 6),
            "High: x is sooner than y as stated and under 0 of 6 rival readings; reversed under 6 (line: r0; line: r1; line: r2; "
            "line: r3; …).",
        ),
    ],
)
def test_in_words(found: OverReadings, told: str) -> None:
    assert sentence(found, LABELS) == told


def test_two_paths_are_told_apart_by_any_difference() -> None:
    done = api.compare(["surge-to-front"], ["phased-approach", "hair-trigger", "step-down"], library=shipped)
    told = {(each.a, each.b, each.phase): (each.told_apart, each.sooner, each.more_runs) for each in done.pairs}
    assert told["phased-approach", "hair-trigger", "defensive_weapons"] == (True, "hair-trigger", None)
    assert told["phased-approach", "step-down", "defensive_weapons"] == (False, None, None)
    one = api.compare(["surge-to-front-uncertain"], ["phased-approach", "hair-trigger"], runs=1, library=shipped)
    assert not any(each.told_apart for each in one.pairs)  # one run of many is no certainty


def test_two_paths_beside_an_ensemble_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from sim import ensemble

    monkeypatch.setattr(ensemble, "BLOCK", 10)
    done = api.compare(["surge-to-front"], ["phased-approach", "hair-trigger", "allied-coordinated"], runs=35, library=shipped)
    assert {(each.b, each.runs) for each in done.pairs if each.a == "phased-approach"} == {
        ("hair-trigger", 1),
        ("allied-coordinated", 35),
    }
