"""Where two policies part: against a plain loop over single runs."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import api, ensemble, reference
from sim.analysis.pairs import disagreement
from sim.analysis.sentences import parting
from sim.intervals import wilson
from sim.library import Library
from sim.measures import Parting, PartingTally

shipped = Library([])
RUNS, DAYS, SEED = 60, 90, 3
LABELS = {"no_action": "No action", "defensive_weapons": "Defensive weapons", "offensive_measures": "Offensive measures"}


@cache
def walked(scenario: str, policy: str) -> list[list[str]]:
    """The name of the phase on every day of every run, by the plain loop."""
    model = api.model_of(shipped.load_pair(scenario, policy, [f"days={DAYS}"]))
    names = [phase.name for phase in model.machine.phases]
    runs = range(1 if model.single_path else RUNS)
    found = [[names[phase] for phase in reference.walk(model, SEED, run, run).phases] for run in runs]
    return found * (RUNS if model.single_path else 1)


@pytest.mark.parametrize("block", [65_536, 25])
@pytest.mark.parametrize("scenario", ["surge-to-front-uncertain", "reciprocity-provoking-uncertain", "surge-to-front"])
def test_as_run_by_run(scenario: str, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """`surge-to-front` is one path on two of these policies and an ensemble on the third."""
    monkeypatch.setattr(ensemble, "BLOCK", block)
    policies = ["phased-approach", "step-down", "allied-coordinated"]
    done = api.compare([scenario], policies, runs=RUNS, seed=SEED, sets=[f"days={DAYS}"], library=shipped)
    paths = {policy: walked(scenario, policy) for policy in policies}
    assert len(done.disagreements) == 3
    for each in done.disagreements:
        runs = list(zip(paths[each.a], paths[each.b], strict=True))[: each.runs]
        assert len(runs) == each.runs
        apart = [[x != y for x, y in zip(a, b, strict=True)] for a, b in runs]
        first = [days.index(True) if any(days) else None for days in apart]
        assert each.apart.tolist() == np.array(apart).sum(axis=0).tolist()
        assert each.share == sum(day is not None for day in first) / each.runs
        counts = Counter(day for day in first if day is not None)
        assert each.first.counts.tolist() == [counts[day] for day in range(DAYS)]
        ordered = sorted(DAYS if day is None else day for day in first)
        for level, day in each.quantiles.items():
            least = next(value for at, value in enumerate(ordered, start=1) if at >= level * each.runs)
            assert (DAYS if day is None else day) == least
        where = Counter((a[day], b[day]) for (a, b), day in zip(runs, first, strict=True) if day is not None)
        assert {(at.phase_a, at.phase_b): at.runs for at in each.parted} == where
        assert [at.runs for at in each.parted] == sorted(where.values(), reverse=True)
    if scenario == "surge-to-front":
        assert [(each.single_path, each.runs) for each in done.disagreements] == [(True, 1), (False, RUNS), (False, RUNS)]


NAMES = ("low", "middle", "high", "top")


@st.composite
def ladders(draw: st.DrawFn) -> tuple[tuple[str, ...], NDArray[np.int8]]:
    """A ladder and (days, runs) of phases on it; of one path, (days, 1)."""
    names = tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)))
    runs = draw(st.sampled_from([1, 5]))
    days = draw(st.lists(st.lists(st.integers(0, len(names) - 1), min_size=runs, max_size=runs), min_size=3, max_size=3))
    return names, np.array(days, np.int8)


@given(ladders(), ladders())
def test_phases_are_told_apart_by_name(
    a: tuple[tuple[str, ...], NDArray[np.int8]], b: tuple[tuple[str, ...], NDArray[np.int8]]
) -> None:
    count = Parting(3, a[0], b[0])
    for day in range(3):
        count.add(day, a[1][day], b[1][day])
    tally = count.tally()
    one, other = (np.array(names, object)[days] for names, days in (a, b))
    one, other = np.broadcast_arrays(one, other)
    assert tally.runs == one.shape[1]
    np.testing.assert_array_equal(tally.apart, (one != other).sum(axis=1))
    parted = (one != other).any(axis=0)
    assert tally.first.sum() == tally.phases.sum() == parted.sum()
    assert tally.phases[:, :].shape == (len(a[0]), len(b[0]))
    for x, y in np.argwhere(tally.phases):
        assert a[0][x] != b[0][y]


def told(runs: int, *, single_path: bool = False) -> str:
    """Of runs that all part on day 2 and stand apart from then on."""
    apart = np.array([0, 0, runs, runs])
    counts = PartingTally(runs, apart, np.array([0, 0, runs, 0]), np.array([[0, runs], [0, 0]]))
    phases = ("no_action", "defensive_weapons")
    found = disagreement(
        counts, scenario="s", names=("x", "y"), phases=(phases, phases), start=dt.date(2024, 10, 24), single_path=single_path
    )
    return parting(found, LABELS)


def test_in_words() -> None:
    low, _ = wilson(200, 200)
    assert told(200) == (
        f"x and y disagree in 100% ({float(low) * 100:.0f}–100) of simulated runs, in half of all runs by 2024-10-26 (day 2); "
        "5% by day 2, 95% by day 2. First apart with x in No action, y in Defensive weapons (100%)."
    )
    assert told(1, single_path=True) == (
        "x and y stand in different phases on 2 of 4 days, first on 2024-10-26 (day 2): x in No action, y in Defensive weapons."
    )
