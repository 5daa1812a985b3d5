"""Sobol' indices and tornado of functions whose answers are known, by the code path that models take."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sim.analysis.factors import Factor
from sim.analysis.sensitivity import (
    cases_of,
    independent,
    shares,
    sobol_indices,
    sobol_points,
    spread,
    tornado,
)
from sim.draws import Floats
from sim.errors import BadUsage
from sim.spec.values import Choice, Uniform

PI = math.pi


def uniform(names: str, low: float, high: float) -> list[Factor]:
    return [Factor(name, Uniform(uniform=(low, high))) for name in names]


def ishigami(x: Floats) -> Floats:
    """Ishigami and Homma (1990), with a = 7 and b = 0.1; one measure, one replication."""
    y = np.sin(x[:, 0]) + 7 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])
    return y[None, :, None]


def test_ishigami() -> None:
    (found,) = shares(uniform("abc", -PI, PI), ishigami, 2048, 1, noisy=False)
    first, total = np.array([0.3139, 0.4424, 0.0]), np.array([0.5576, 0.4424, 0.2437])  # published, to four digits
    np.testing.assert_allclose([each.first for each in found.indices], first, atol=0.01)
    np.testing.assert_allclose([each.total for each in found.indices], total, atol=0.015)
    for each, one, other in zip(found.indices, first, total, strict=True):
        assert abs(each.first - one) < each.first_half < 0.06
        assert abs(each.total - other) < each.total_half < 0.09
    assert found.spread.mean == pytest.approx(3.5, abs=0.02)
    assert found.spread.variance == pytest.approx(7**2 / 8 + 0.1 * PI**4 / 5 + 0.01 * PI**8 / 18 + 0.5, rel=0.02)
    assert found.spread.noise == 0


def test_sobol_g() -> None:
    """Saltelli and Sobol' (1995): Π (|4x − 2| + a)/(1 + a); the partial variances are (1/3)/(1 + a)²."""
    a = np.array([0, 1, 4.5, 9, 99, 99, 99, 99])

    def g(x: Floats) -> Floats:
        return np.asarray(np.prod((np.abs(4 * x - 2) + a) / (1 + a), axis=1)[None, :, None])

    part = 1 / 3 / (1 + a) ** 2
    variance = np.prod(1 + part) - 1
    total = part * np.prod(1 + part) / (1 + part) / variance
    (found,) = shares(uniform("abcdefgh", 0, 1), g, 4096, 2, noisy=False)
    np.testing.assert_allclose([each.first for each in found.indices], part / variance, atol=0.015)
    np.testing.assert_allclose([each.total for each in found.indices], total, atol=0.015)


def test_discrete_and_idle_factors() -> None:
    """y = c + x with c from {0, 1} and x from U(0, 1): variances 1/4 and 1/12; the third does nothing at all."""
    factors = [Factor("c", Choice.model_validate({"choice": [0, 1]})), *uniform("xz", 0, 1)]
    (found,) = shares(factors, lambda x: (x[:, 0] + x[:, 1])[None, :, None], 1024, 3, noisy=False)
    np.testing.assert_allclose([each.first for each in found.indices], [0.75, 0.25, 0], atol=0.01)
    idle = found.indices[2]
    assert (idle.first, idle.first_half, idle.total, idle.total_half) == (0, 0, 0, 0)


def test_one_factor_has_it_all() -> None:
    (found,) = shares(uniform("x", 0, 1), lambda x: (x[:, 0] ** 2)[None, :, None], 512, 1, noisy=False)
    (index,) = found.indices
    assert index.first == pytest.approx(1, abs=0.02)
    assert index.total == pytest.approx(1, abs=0.02)


def test_what_never_varies_has_no_index_and_no_nan() -> None:
    (found,) = shares(uniform("xy", 0, 1), lambda x: np.full((1, len(x), 3), 365.0), 64, 1, noisy=True)
    assert found.indices == ()
    assert found.spread.constant
    assert found.spread.noise is None


def test_a_rare_event_leaves_finite_intervals() -> None:
    """Some bootstrap samples hold no such case, and are 0 by 0."""
    (found,) = shares(uniform("xy", 0, 1), lambda x: (x[:, 0] > 0.985)[None, :, None].astype(float), 64, 1, noisy=False)
    assert found.indices
    assert all(math.isfinite(value) for each in found.indices for value in (each.first_half, each.total_half))


def test_the_same_seed_gives_the_same_intervals_even_seed_0() -> None:
    def halves(seed: int) -> list[float]:
        (found,) = shares(uniform("abc", -PI, PI), ishigami, 64, seed, noisy=False)
        return [each.first_half for each in found.indices]

    assert halves(0) == halves(0)
    assert halves(0) != halves(1)


def test_points_are_in_saltellis_order() -> None:
    points = sobol_points(3, 4, 1).reshape(4, 5, 3)
    a, b = points[:, 0], points[:, 4]
    for column in range(3):
        mixed = a.copy()
        mixed[:, column] = b[:, column]
        np.testing.assert_array_equal(points[:, 1 + column], mixed)
    np.testing.assert_array_equal(independent(points[..., :1].reshape(20, 1), 3)[:, 0], points[:, (0, 4), 0].ravel())
    assert cases_of(3, 4) == 20
    with pytest.raises(BadUsage, match="power of two, such as 64 or 128, got 100"):
        sobol_points(3, 100, 1)


def test_the_noise_s_share_is_found() -> None:
    """case ~ N(0, 4), replication ~ N(0, 1), rest ~ N(0, 9), 12 replications: 9/12 of 4 + 9/12, and 10 of 14 of one run."""
    random = np.random.default_rng(1)
    case, replication = random.normal(0, 2, (4000, 1)), random.normal(0, 1, (1, 12))
    values = case + replication + random.normal(0, 3, (4000, 12))
    found = spread(values)
    assert found.noise == pytest.approx(0.75 / 4.75, rel=0.05)
    common = float(replication.var(ddof=1))
    assert found.noise_of_run == pytest.approx((common + 9) / (common + 13), rel=0.05)
    assert found.variance == pytest.approx(4.75, rel=0.05)
    assert spread(values[:, :1]).noise is None


def test_pure_noise_is_all_noise_and_its_common_part_is_none_of_it() -> None:
    random = np.random.default_rng(2)
    rest = random.normal(0, 1, (3000, 5))
    assert spread(rest).noise == pytest.approx(1, abs=0.05)
    shifted = spread(np.arange(3000.0)[:, None] + np.array([0, 5, 9, -3, 100.0]))
    assert shifted.noise == pytest.approx(0, abs=1e-12)  # what replications have in common moves all cases alike


def test_indices_are_those_of_the_mean_over_replications() -> None:
    factors = uniform("xy", 0, 1)
    points = sobol_points(2, 128, 1)
    values = points @ np.array([1.0, 2.0])
    noisy = values[:, None] + np.array([-5.0, 0.0, 5.0])
    assert [round(each.total, 12) for each in sobol_indices(factors, noisy, 1)] == [
        round(each.total, 12) for each in sobol_indices(factors, values[:, None], 1)
    ]


def test_tornado_of_a_line() -> None:
    """3x − y + noise common to all cases: ±0.45 of each range from the middle, without error."""
    factors = [Factor("x", Uniform(uniform=(0, 10))), Factor("y", Uniform(uniform=(0, 2))), Factor("z", Uniform(uniform=(0, 1)))]
    noise = np.random.default_rng(1).normal(0, 50, 40)
    (found,) = tornado(factors, lambda x: (3 * x[:, :1] - x[:, 1:2] + noise)[None])
    assert [each.factor.path for each in found.swings] == ["x", "y", "z"]
    assert found.median == pytest.approx(14 + noise.mean())
    x, y, z = found.swings
    assert x.at == (0.5, 9.5)
    assert x.difference == pytest.approx(27)
    assert y.difference == pytest.approx(-1.8)
    assert (z.difference, z.se) == (0, 0)
    assert x.se == pytest.approx(0, abs=1e-12)


def test_standard_errors_of_a_tornado_come_from_pairs() -> None:
    factors = uniform("x", 0, 1)
    noise = np.random.default_rng(1).normal(0, 1, 100)
    (found,) = tornado(factors, lambda x: (x[:, :1] * (1 + noise))[None])
    (swing,) = found.swings
    assert swing.se == pytest.approx(0.9 * noise.std(ddof=1) / 10)
    assert swing.difference == pytest.approx(0.9 * (1 + noise.mean()))
    (single,) = tornado(factors, lambda x: x[:, :1][None])
    assert single.swings[0].se is None
