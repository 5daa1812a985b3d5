"""Planted boxes are found, chance is not taken for one, and scores are what counting gives."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sim.analysis.discovery import Box, Limit, Sample, Score, discover, sampled
from sim.analysis.factors import Factor
from sim.draws import Floats
from sim.errors import BadUsage
from sim.spec.values import Choice, Uniform

RUNG = Factor("rung", Choice.model_validate({"choice": [2, 3, 4]}), unit="rung")
FACTORS = [RUNG, *(Factor(name, Uniform(uniform=(0, 10))) for name in "abcdef")]
Planted = Callable[[Floats], "np.ndarray[tuple[int], np.dtype[np.bool_]]"]


def sought(planted: Planted, cases: int = 2000, **more: int) -> tuple[tuple[Box, ...], Sample, Sample]:
    sample, fresh = (sampled(FACTORS, cases, 1, what, planted) for what in ("one", "other"))
    return discover(FACTORS, sample, fresh, **more), sample, fresh


def limits(box: Box) -> dict[str, Limit]:
    return {each.factor.path: each for each in box.limits}


def test_a_planted_box_is_recovered() -> None:
    boxes, _, _ = sought(lambda x: (x[:, 0] >= 3) & (x[:, 1] > 4) & (x[:, 3] > 2) & (x[:, 3] < 7))
    (box,) = boxes
    found = limits(box)
    assert set(found) == {"rung", "a", "c"}
    assert found["rung"].choices == (3, 4)
    assert found["a"].high is None
    assert found["a"].low == pytest.approx(4, abs=0.15)
    assert (found["c"].low, found["c"].high) == (pytest.approx(2, abs=0.15), pytest.approx(7, abs=0.15))
    for score in (box.score, box.fresh):
        assert score.coverage > 0.93
        assert score.density > 0.93
    assert all(each.quasi_p < 1e-6 for each in box.limits)


def test_two_planted_boxes_are_found_one_after_the_other() -> None:
    boxes, sample, fresh = sought(lambda x: (x[:, 0] == 2) | (x[:, 4] > 8.5))
    assert [set(limits(box)) for box in boxes] == [{"rung"}, {"d"}]
    assert limits(boxes[0])["rung"].choices == (2,)
    assert sum(box.score.coverage for box in boxes) > 0.97
    assert sum(box.fresh.found for box in boxes) <= fresh.interest.sum()
    assert sum(box.score.inside for box in boxes) <= len(sample.values)
    assert len(sought(lambda x: (x[:, 0] == 2) | (x[:, 4] > 8.5), most=1)[0]) == 1


def test_scores_are_what_counting_gives() -> None:
    random = np.random.default_rng(4)
    boxes, sample, fresh = sought(lambda x: (x[:, 1] > 6) & (random.random(len(x)) < 0.8))
    (box,) = boxes
    for score, those in ((box.score, sample), (box.fresh, fresh)):
        inside = [
            all((each.low or -1) <= row[FACTORS.index(each.factor)] <= (each.high or 99) for each in box.limits)
            for row in those.values
        ]
        assert score.inside == sum(inside)
        assert score.found == sum(a and b for a, b in zip(inside, those.interest, strict=True))
        assert score.coverage == score.found / those.interest.sum()
        assert score.density == score.found / score.inside
        assert score.mass == score.inside / 2000
        low, high = score.density_interval
        assert low < score.density < high
    best = max(step.score.harmonic for step in box.trajectory)
    assert box.trajectory[box.chosen].score.harmonic == best
    assert box.trajectory[0].limits == ()
    assert box.trajectory[0].score.coverage == 1


def test_the_quasi_p_values_are_those_of_the_package() -> None:
    """PRIM's own, on its own box; they count in whole cases, as ours do."""
    pandas, prim = pytest.importorskip("pandas"), pytest.importorskip("prim")
    random = np.random.default_rng(5)
    boxes, sample, _ = sought(lambda x: (x[:, 1] > 6) & (x[:, 2] < 5) & (random.random(len(x)) < 0.7), most=1)
    (box,) = boxes
    table = pandas.DataFrame(sample.values, columns=[each.path for each in FACTORS])
    theirs = prim.Prim(table, sample.interest).find_box()
    theirs.select(box.chosen)
    named = {str(name): row["qp values"] for name, row in theirs.limits.iterrows()}
    assert set(named) == set(limits(box))
    for each in box.limits:
        assert each.quasi_p == pytest.approx(named[each.factor.path], rel=0.5)
        assert named[each.factor.path] < 0.05


def test_chance_alone_leaves_no_box_that_holds() -> None:
    """PRIM always finds a denser box in the sample; on fresh cases it is no denser than the rest."""
    random = np.random.default_rng(6)
    boxes, sample, _ = sought(lambda x: random.random(len(x)) < 0.3)
    for box in boxes:
        low, high = box.fresh.density_interval
        assert low < sample.interest.mean() < high
        assert not box.fresh.denser


@pytest.mark.parametrize("all_of_them", [True, False])
def test_where_every_case_or_none_is_of_interest_there_is_no_box(all_of_them: bool) -> None:
    assert sought(lambda x: np.full(len(x), all_of_them))[0] == ()


def test_a_step_can_be_chosen() -> None:
    planted: Planted = lambda x: x[:, 1] > 4  # noqa: E731
    (best,) = sought(planted)[0]
    earlier = sought(planted, step=2)[0][0]
    assert earlier.chosen == 2
    assert earlier.score.coverage == 1
    assert earlier.score.density < best.score.density
    last = len(best.trajectory) - 1
    assert sought(planted, step=last)[0][0].chosen == last
    for wrong in (last + 1, -1):
        with pytest.raises(BadUsage, match=f"first trajectory, 0 to {last}, got {wrong}$"):
            sought(planted, step=wrong)


@pytest.mark.parametrize(("all_of_them", "told"), [(True, "every"), (False, "no")])
def test_without_a_trajectory_there_is_step_0_alone(all_of_them: bool, told: str) -> None:
    assert sought(lambda x: np.full(len(x), all_of_them), step=0)[0] == ()
    with pytest.raises(BadUsage, match=f"0 to 0, as {told} case is of interest, got 1$"):
        sought(lambda x: np.full(len(x), all_of_them), step=1)


@pytest.mark.parametrize(
    ("interest", "inside", "found", "denser"),
    [
        (20, 20, 20, True),
        (20, 11, 0, False),
        (20, 0, 0, False),  # no case in it
        (0, 10, 0, False),
        (100, 10, 10, False),
        # With 10 of 20, Wilson's low end is 0.299 (R: prop.test(10, 20, correct = FALSE)).
        (29, 20, 10, True),
        (30, 20, 10, False),
    ],
)
def test_a_box_is_denser_where_its_interval_lies_above_the_share_of_all(
    interest: int, inside: int, found: int, denser: bool
) -> None:
    assert Score(100, interest, inside, found).denser is denser


def test_a_factor_that_never_varies_is_no_condition() -> None:
    still = Factor("still", Uniform(uniform=(3, 3)))
    those = [still, *FACTORS[1:3]]
    sample, fresh = (sampled(those, 500, 1, what, lambda x: x[:, 1] > 6) for what in ("one", "other"))
    (box,) = discover(those, sample, fresh)
    assert set(limits(box)) == {"a"}
