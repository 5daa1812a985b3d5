"""The engine's ensembles against laws that are known in closed form or by an exact recursion.

Every comparison is at a fixed seed and allows `BAND` Monte Carlo standard errors, which one comparison in 150,000 exceeds by
chance. The last tests show that the same checks reject laws that are a little wrong.

Feller 1: W. Feller, An Introduction to Probability Theory and Its Applications, vol. 1, 3rd ed., Wiley 1968; Feller 2: vol. 2,
2nd ed., 1971. Kemeny & Snell: J. G. Kemeny and J. L. Snell, Finite Markov Chains, Van Nostrand 1960.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from itertools import pairwise, product
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray

from sim.draws import Block, Normals, standard_normal, uniforms
from sim.engine import Engine, Paths, simulate
from sim.machine import Model
from sim.measures import NEVER, first_passages, strips, tally
from tests.strategies import START, Files, Record

Floats = NDArray[np.float64]

RUNS = 40_000
BAND = 4.5
"""Monte Carlo standard errors."""
LEAST = 10
"""Expected runs below which a day is pooled with the others like it, as the normal approximation asks."""


class LawRejected(AssertionError):
    """The runs are not a sample of the law."""


# The checks ----------------------------------------------------------------------------------------------------------------


def check_number(what: str, found: float, expected: float, se: float) -> None:
    if not abs(found - expected) <= BAND * se:
        raise LawRejected(f"{what}: {found:.6g}, expected {expected:.6g} ± {se:.2g}, off by {abs(found - expected) / se:.1f} SE")


def check_share(what: str, hits: int, trials: int, p: float) -> None:
    check_number(what, hits / trials, p, math.sqrt(p * (1 - p) / trials))


def check_law(what: str, found: NDArray[np.integer], law: Floats, trials: int) -> None:
    """Counts per cell (day, say) against the probability of each; what the cells leave over is a cell of its own.

    Each cell by itself, each cumulative share, and all together by Pearson's chi-square with Wilson and Hilferty's cube root.
    """
    counts = np.append(found, trials - found.sum()).astype(np.int64)
    chances = np.append(law, max(1 - law.sum(), 0.0))
    assert counts.shape == chances.shape
    assert counts[chances == 0].sum() == 0, f"{what}: happened where the law says never"
    large = chances * trials >= LEAST
    cells = [*zip(counts[large], chances[large], strict=True)]
    small = float(chances[~large].sum())
    if small * trials >= LEAST:
        cells.append((counts[~large].sum(), small))
    for index, (hits, p) in enumerate(cells):
        check_share(f"{what}, cell {index}", int(hits), trials, float(p))
    for index, (hits, p) in enumerate(zip(counts.cumsum(), chances.cumsum(), strict=True)):
        if LEAST <= p * trials <= trials - LEAST:
            check_share(f"{what}, up to cell {index}", int(hits), trials, float(p))
    freedom = len(cells) - 1
    if freedom:
        chi = sum((hits - trials * p) ** 2 / (trials * p) for hits, p in cells)
        root, spread = (chi / freedom) ** (1 / 3), math.sqrt(2 / (9 * freedom))
        check_number(f"{what}, chi-square", root, 1 - 2 / (9 * freedom), spread)


def check_mean(what: str, values: Floats, mean: float, variance: float) -> None:
    check_number(f"{what}, mean", float(values.mean()), mean, math.sqrt(variance / values.size))


def check_variance(what: str, values: Floats, variance: float, fourth: float) -> None:
    """`fourth`: the fourth central moment, on which the standard error of a variance rests."""
    check_number(f"{what}, variance", float(values.var()), variance, math.sqrt((fourth - variance**2) / values.size))


# Models --------------------------------------------------------------------------------------------------------------------


def build(
    variable: Record,
    days: int,
    transitions: Record | None = None,
    thresholds: Record | None = None,
    *,
    phases: int = 2,
    initial: int = 0,
    min_stay: int = 0,
    signpost: Record | None = None,
) -> Model:
    """One variable x, and phases p0, p1 … of which p1 lasts at least `min_stay` days."""
    world: Record = {"kind": "scenario", "name": "s", "title": "S", "start": START.isoformat(), "days": days}
    world["variables"] = {"x": {"unit": "u", **variable}}
    world["signposts"] = {"x": signpost} if signpost else {}
    policy = {
        "kind": "policy",
        "name": "p",
        "title": "P",
        "reads": {"x": {"unit": "u"}},
        "phases": {f"p{index}": {"min_stay": min_stay if index == 1 else 0} for index in range(phases)},
        "initial": f"p{initial}",
        "thresholds": {name: {"unit": "u", "grade": "assumed", "value": each} for name, each in (thresholds or {}).items()},
        "transitions": transitions or {},
    }
    return Files(policy, world, {}).model


def up(when: str, **more: object) -> Record:
    return {"go": {"from": "p0", "to": "p1", "when": when, **more}}


FLAT: Record = {"path": {"day 0": 0}}
FRESH: Record = {"error": {"sd": 1}}
"""White noise of observation."""


def above(p: float) -> float:
    """The threshold that a standard normal exceeds with probability p."""
    return NormalDist().inv_cdf(1 - p)


def trials(p: float, days: int, confirm: object = 1) -> Model:
    """A guard that is true with probability p, each day anew."""
    return build(FLAT, days, up("x > t", confirm=confirm), {"t": above(p)}, signpost=FRESH)


def ladder(rungs: int, days: int, chances: Record, transitions: Record, *, low: int = 0, phases: int = 2) -> Model:
    variable = {**FLAT, "bounds": [low, low + rungs - 1], "moves": {"m": {"ladder": chances}}}
    return build(variable, days, transitions, phases=phases)


def moving(days: int, **move: Record) -> Model:
    return build({**FLAT, "moves": {"m": move}}, days)


def first_days(model: Model, seed: int, runs: int = RUNS) -> NDArray[np.int32]:
    """(runs,) first passage of p1."""
    first: NDArray[np.int32] = first_passages(simulate(model, seed, Block.plain(0, runs)))[0][1]
    return first


def per_day(first: NDArray[np.int32], days: int) -> NDArray[np.int64]:
    return np.bincount(first[first < days], minlength=days)


def levels(model: Model, seed: int, days: tuple[int, ...], *, runs: int = RUNS, seen: bool = False) -> list[Floats]:
    """Copies of x, or of its signpost, on some days."""
    engine = Engine(model, seed, Block.plain(0, runs))
    kept = []
    for day in range(max(days) + 1):
        engine.step()
        if day in days:
            kept.append((engine.observed if seen else engine.levels)[0].copy())
    return kept


# a. First passage of the simple walk ---------------------------------------------------------------------------------------


def passage_of_simple_walk(level: int, days: int) -> Floats:
    """P(first at `level` on day n) for n = 0 … days − 1: Feller 1, III.7, theorem 2: (level/n)·C(n, (n+level)/2)·2⁻ⁿ."""
    law = np.zeros(days)
    for n in range(level, days, 2):
        law[n] = math.comb(n, (n + level) // 2) * level / n / 2**n
    return law


@pytest.mark.parametrize(("level", "seed"), [(1, 1), (4, 2), (9, 3)])
def test_simple_walk_reaches_a_level_as_the_reflection_principle_says(level: int, seed: int) -> None:
    """Feller 1, III.1 and III.7: P(T ≤ n) = P(Sₙ ≥ a) + P(Sₙ > a), and its difference day by day."""
    days = 101
    law = passage_of_simple_walk(level, days)
    n = days - 1
    ends = [math.comb(n, k) / 2**n for k in range(n + 1)]  # at 2k − n
    reflected = sum(p for k, p in enumerate(ends) if 2 * k - n >= level) + sum(p for k, p in enumerate(ends) if 2 * k - n > level)
    assert law.sum() == pytest.approx(reflected, rel=1e-12)
    model = ladder(401, days, {"up": 0.5, "down": 0.5}, up(f"x >= {level}"), low=-200)
    check_law(f"passage through {level}", per_day(first_days(model, seed), days), law, RUNS)


def test_biased_walk_meets_its_upper_end_first_as_the_gamblers_ruin_says() -> None:
    """Feller 1, XIV.2, (2.4): with ratio r = q/p, from z the chance of ruin before a is (rᵃ − rᶻ)/(rᵃ − 1).
    Days of rest change nothing."""
    p, q, start, top = 0.3, 0.25, 3, 8
    ends = {"win": {"from": "p1", "to": "p2", "when": f"x >= {top}"}, "lose": {"from": "p1", "to": "p0", "when": "x <= 0"}}
    variable = {"path": {"day 0": start}, "bounds": [0, top], "moves": {"m": {"ladder": {"up": p, "down": q}}}}
    paths = simulate(build(variable, 800, ends, phases=3, initial=1), 4, Block.plain(0, 20_000))
    ratio = q / p
    assert (paths.final_phase != 1).all()
    check_share("ruin", int((paths.final_phase == 0).sum()), 20_000, (ratio**top - ratio**start) / (ratio**top - 1))


# b. Success runs and windows -----------------------------------------------------------------------------------------------


def first_run_of(k: int, p: float, days: int) -> Floats:
    """P(k successes in a row are first complete on day n), one trial a day from day 0, by the length of the current run."""
    state = np.zeros(k)
    state[0] = 1.0
    law = np.zeros(days)
    for day in range(days):
        law[day] = state[-1] * p
        state = np.append((1 - p) * state.sum(), p * state[:-1])
    return law


def first_of_window(m: int, n: int, p: float, days: int) -> Floats:
    """P(m of the last n trials are first successes on day t), over all 2ⁿ pasts: Fu & Koutras, J. Am. Stat. Assoc. 89 (1994)."""
    states = dict.fromkeys(product((0, 1), repeat=n), 0.0)
    states[(0,) * n] = 1.0
    law = np.zeros(days)
    for day in range(days):
        after = dict.fromkeys(states, 0.0)
        for past, mass in states.items():
            for outcome, chance in ((1, p), (0, 1 - p)):
                now = (*past[1:], outcome)
                if sum(now) >= m:
                    law[day] += mass * chance
                else:
                    after[now] += mass * chance
        states = after
    return law


@pytest.mark.parametrize(("k", "p", "days", "seed"), [(2, 0.3, 200, 11), (3, 0.6, 200, 12), (5, 0.7, 300, 13), (7, 0.9, 200, 14)])
def test_days_in_a_row_wait_as_success_runs_do(k: int, p: float, days: int, seed: int) -> None:
    """Feller 1, XIII.7, (7.7): mean (1 − pᵏ)/(q pᵏ), variance 1/(q pᵏ)² − (2k + 1)/(q pᵏ) − p/q². Trial n is on day n − 1."""
    law = first_run_of(k, p, days)
    q = 1 - p
    mean = (1 - p**k) / (q * p**k)
    variance = 1 / (q * p**k) ** 2 - (2 * k + 1) / (q * p**k) - p / q**2
    assert law.sum() > 1 - 1e-5  # the horizon cuts nothing off
    assert float((np.arange(days) + 1) @ law) == pytest.approx(mean, rel=2e-3)
    first = first_days(trials(p, days, k), seed)
    check_law(f"{k} in a row", per_day(first, days), law, RUNS)
    check_mean(f"{k} in a row", np.minimum(first, days) + 1.0, mean, variance)


WINDOWS = [(2, 3, 0.2, 21), (3, 5, 0.35, 22), (4, 6, 0.5, 23), (1, 4, 0.1, 24), (3, 3, 0.5, 25)]


@pytest.mark.parametrize(("m", "n", "p", "seed"), WINDOWS)
def test_m_of_n_days_wait_as_the_chain_of_pasts_does(m: int, n: int, p: float, seed: int) -> None:
    """Fu & Koutras, "Distribution theory of runs: a Markov chain approach", J. Am. Stat. Assoc. 89 (1994) 1050–1058."""
    days = 60
    law = first_of_window(m, n, p, days)
    if m == n:
        assert law == pytest.approx(first_run_of(m, p, days))
    found = per_day(first_days(trials(p, days, {"days": m, "of": n}), seed), days)
    check_law(f"{m} of {n}", found, law, RUNS)


# c. Geometric waiting ------------------------------------------------------------------------------------------------------


def geometric(p: float, days: int) -> Floats:
    return np.asarray(p * (1 - p) ** np.arange(days), np.float64)


@pytest.mark.parametrize(("p", "days", "seed"), [(0.5, 40, 31), (0.1, 100, 32), (0.01, 365, 33)])
def test_one_threshold_in_white_noise_is_waited_for_geometrically(p: float, days: int, seed: int) -> None:
    """Feller 1, VI.8: the first success is on day n with probability qⁿp, n = 0, 1, …"""
    check_law("waiting", per_day(first_days(trials(p, days), seed), days), geometric(p, days), RUNS)


def test_lag_shifts_the_waiting_time_and_nothing_else() -> None:
    """The day of decision is geometric (Feller 1, VI.8), the day of effect is later by the lag."""
    p, days, lag = 0.1, 100, 6
    model = build(FLAT, days, up("x > t", lag=lag), {"t": above(p)}, signpost=FRESH)
    law = np.append(np.zeros(lag), geometric(p, days - lag))
    check_law("effect", per_day(first_days(model, 34), days), law, RUNS)


def test_revocable_decision_must_hold_through_its_lag() -> None:
    """A revocable lag of d asks for d + 1 true days, but no new decision on the day of a lapse, when the guard is false anyway:
    the waiting time of d + 1 successes in a row (Feller 1, XIII.7)."""
    p, days, lag = 0.6, 120, 2
    model = build(FLAT, days, up("x > t", lag=lag, revocable=True), {"t": above(p)}, signpost=FRESH)
    check_law("revocable", per_day(first_days(model, 35), days), first_run_of(lag + 1, p, days), RUNS)


# d. Absorbing chain --------------------------------------------------------------------------------------------------------

CLIMB: Record = {
    "arm": {"from": "p0", "to": "p1", "when": "x >= 1"},
    "ease": {"from": "p1", "to": "p0", "when": "x < 1"},
    "stay": {"from": "p1", "to": "p2", "when": "x >= 2"},
}


@pytest.mark.parametrize("per_rung", [False, True])
def test_phases_on_a_ladder_follow_the_powers_of_an_absorbing_chain(per_rung: bool) -> None:
    """Kemeny & Snell, ch. II and III: shares on day t are the first row of Pᵗ; mean time to absorption is (I − Q)⁻¹·1."""
    days, runs = 150, 30_000
    ups, downs = ([0.2, 0.05, 0.4], [0.3, 0.25, 0.1]) if per_rung else ([0.1] * 3, [0.2] * 3)
    chances: Record = {"up": ups, "down": downs} if per_rung else {"up": ups[0], "down": downs[0]}
    chain = np.array([[1 - ups[0], ups[0], 0], [downs[1], 1 - ups[1] - downs[1], ups[1]], [0, 0, 1.0]])
    counts = tally(simulate(ladder(3, days, chances, CLIMB, phases=3), 41, Block.plain(0, runs)), 3)
    share = np.array([1.0, 0, 0])
    for day in range(days):
        for phase in range(3):
            if 0 < share[phase] < 1:
                check_share(f"phase {phase} on day {day}", int(counts.occupancy[phase, day]), runs, float(share[phase]))
            else:
                assert counts.occupancy[phase, day] == runs * share[phase]
        share = share @ chain


def test_time_to_absorption_and_visits_are_those_of_the_fundamental_matrix() -> None:
    """Kemeny & Snell, theorems 3.2.4, 3.3.3 and 3.3.5: N = (I − Q)⁻¹ days are spent in each phase, τ = N·1 until absorption with
    variance (2N − I)τ − τ²; the variances of the days are N(2·N_dg − I) − N_sq (theorem 3.3.3)."""
    rise, fall, days, runs = 0.3, 0.2, 1500, 20_000
    model = ladder(3, days, {"up": rise, "down": fall}, CLIMB, phases=3)
    paths = simulate(model, 42, Block.plain(0, runs))
    inner = np.array([[1 - rise, rise], [fall, 1 - rise - fall]])
    fundamental = np.linalg.inv(np.eye(2) - inner)
    steps = fundamental.sum(axis=1)
    variance = (2 * fundamental - np.eye(2)) @ steps - steps**2
    first = first_passages(paths)[0][2]
    assert (first < NEVER).all()
    check_mean("absorption", first.astype(float), steps[0], variance[0])
    visits = 2 * fundamental @ np.diag(np.diag(fundamental)) - fundamental - fundamental**2  # elementwise square
    spent = tally(paths, 3).phase_days[:2] / runs
    for phase in range(2):
        se = math.sqrt(visits[0, phase] / runs)
        check_number(f"days in phase {phase}", float(spent[phase]), fundamental[0, phase], se)


# e. Poisson jumps ----------------------------------------------------------------------------------------------------------


def poisson(mean: float, top: int) -> Floats:
    return np.array([math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) for k in range(top)])


@pytest.mark.parametrize(("rate", "days", "seed"), [(0.02, 61, 51), (0.5, 31, 52), (3.0, 5, 53)])
def test_jumps_are_counted_as_a_poisson_process_counts(rate: float, days: int, seed: int) -> None:
    """Feller 1, VI.5–6 and XVII.2: mean = variance = λt, P(0) = exp(−λt); the fourth central moment is μ(1 + 3μ)."""
    mean = rate * (days - 1)
    model = moving(days, jumps={"rate": rate, "size": 1})
    before, found = levels(model, seed, (days - 2, days - 1))
    top = int(mean + 12 * math.sqrt(mean) + 12)
    check_law("jumps", np.bincount(found.astype(int), minlength=top)[:top], poisson(mean, top), RUNS)
    check_share("none", int((found == 0).sum()), RUNS, math.exp(-mean))
    check_mean("jumps", found, mean, mean)
    check_variance("jumps", found, mean, mean * (1 + 3 * mean))
    last = (found - before).astype(int)
    check_law("jumps of one day", np.bincount(last, minlength=30)[:30], poisson(rate, 30), RUNS)
    check_number("independent increments", float(np.corrcoef(before, last)[0, 1]), 0.0, 1 / math.sqrt(RUNS))


def test_compound_jumps_have_the_moments_of_the_compound_poisson_law() -> None:
    """Feller 1, XII.2: mean λt·E X, variance λt·E X²; cumulants λt·E Xⁿ, with E Xⁿ = n!·mⁿ for an exponential size."""
    rate, days, size = 0.4, 51, 2.5
    (found,) = levels(moving(days, jumps={"rate": rate, "size": {"exponential": size}}), 54, (days - 1,))
    events = rate * (days - 1)
    mean, variance = events * size, events * 2 * size**2
    check_mean("compound", found, mean, variance)
    check_variance("compound", found, variance, events * 24 * size**4 + 3 * variance**2)
    short = levels(moving(6, jumps={"rate": rate, "size": {"exponential": size}}), 55, (5,))[0]
    check_share("no jump", int((short == 0).sum()), RUNS, math.exp(-rate * 5))


def test_first_jump_comes_after_an_exponential_time() -> None:
    """Feller 1, XVII.2: P(none by t) = exp(−λt), so the first day with a jump is geometric with p = 1 − exp(−λ), from day 1."""
    rate, days = 0.07, 80
    model = build({**FLAT, "moves": {"m": {"jumps": {"rate": rate, "size": 1}}}}, days, up("x >= 1"))
    law = np.append(0.0, geometric(1 - math.exp(-rate), days - 1))
    check_law("first jump", per_day(first_days(model, 56), days), law, RUNS)


# f. Hysteresis -------------------------------------------------------------------------------------------------------------


def test_hysteresis_in_white_noise_is_a_chain_of_two_states() -> None:
    """Feller 1, XV.2 (a) and XVI.2: with chances a up and b down a day, P(up on day t) = a/(a+b)·(1 − (1 − a − b)ᵗ⁺¹); stays are
    geometric with means 1/a and 1/b. One change a day at most, so no stay after the first is of 0 days."""
    rise, fall, days, runs = 0.08, 0.2, 400, 20_000
    hysteresis = {**up("x > high"), "back": {"from": "p1", "to": "p0", "when": "x < low"}}
    limits = {"high": above(rise), "low": -above(fall)}
    paths = simulate(build(FLAT, days, hysteresis, limits, signpost=FRESH), 61, Block.plain(0, runs))
    counts = tally(paths, 2)
    for day in (0, 1, 2, 3, 5, 8, 13, 40, 200, days - 1):
        share = rise / (rise + fall) * (1 - (1 - rise - fall) ** (day + 1))
        check_share(f"up on day {day}", int(counts.occupancy[1, day]), runs, share)
    assert np.unique(paths.run.astype(np.int64) * days + paths.day).size == paths.run.size
    for phase, chance in ((0, rise), (1, fall)):
        stays = settled_stays(paths, phase, days - 250)
        assert stays.min() == 1
        check_mean(f"stay in {phase}", stays.astype(float), 1 / chance, (1 - chance) / chance**2)
        check_law(f"stay in {phase}", np.bincount(stays - 1, minlength=60)[:60], geometric(chance, 60), stays.size)


def settled_stays(paths: Paths, phase: int, until: int) -> NDArray[np.int64]:
    """Lengths of the stays begun after day 0 and by `until`, of which none may still be open at the horizon."""
    assert not ((paths.final_phase == phase) & (paths.final_entered > 0) & (paths.final_entered <= until)).any()
    chosen = (paths.leaves == phase) & (paths.entered > 0) & (paths.entered <= until)
    stays: NDArray[np.int64] = (paths.day - paths.entered)[chosen].astype(np.int64)
    return stays


def test_a_phase_lasts_its_least_stay_and_then_geometrically() -> None:
    """With min_stay m a stay is of m days or more, and of m + n with chance qⁿp (Feller 1, VI.8)."""
    rise, fall, days, least = 0.3, 0.25, 300, 5
    hysteresis = {**up("x > high"), "back": {"from": "p1", "to": "p0", "when": "x < low"}}
    limits = {"high": above(rise), "low": -above(fall)}
    model = build(FLAT, days, hysteresis, limits, min_stay=least, signpost=FRESH)
    stays = settled_stays(simulate(model, 62, Block.plain(0, 10_000)), 1, days - 120)
    check_law("stay", np.bincount(stays, minlength=60)[:60], np.append(np.zeros(least), geometric(fall, 60 - least)), stays.size)


# g. Errors that last -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("memory", [0, 2, 21])
def test_error_is_a_stationary_autoregression(memory: int) -> None:
    """Box, Jenkins, Reinsel & Ljung, Time Series Analysis, 5th ed., 3.2.3: variance sd² on every day, correlation ρᵏ at lag k
    with ρ = exp(−1/memory). SE of a correlation of normals: (1 − ρ²)/√N (Johnson, Kotz & Balakrishnan,
    Continuous Univariate Distributions 2, ch. 32)."""
    sd = 0.5
    days = (0, 1, 2, 6, 100, 101)
    model = build(FLAT, 102, signpost={"error": {"sd": sd, "memory": memory}})
    seen = dict(zip(days, levels(model, 71 + memory, days, seen=True), strict=True))
    for day, values in seen.items():
        check_mean(f"day {day}", values, 0.0, sd**2)
        check_variance(f"day {day}", values, sd**2, 3 * sd**4)
    rho = math.exp(-1 / memory) if memory else 0.0
    for early, late in ((0, 1), (1, 2), (100, 101), (1, 6), (0, 100)):
        expected = rho ** (late - early)
        found = float(np.corrcoef(seen[early], seen[late])[0, 1])
        check_number(f"days {early} and {late}", found, expected, (1 - expected**2) / math.sqrt(RUNS))


def test_multiplicative_error_is_lognormal_with_median_1() -> None:
    """Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions 1, ch. 14: P(v ≤ m·exp(s·z)) = Φ(z)."""
    model = build({"path": {"day 0": 3}}, 3, signpost={"error": {"log_sd": 0.4, "memory": 5}})
    (seen,) = levels(model, 75, (2,), seen=True)
    for z in (-2.0, -1.0, 0.0, 0.5, 1.5, 2.5):
        check_share(f"below {z} sd", int((seen <= 3 * math.exp(0.4 * z)).sum()), RUNS, NormalDist().cdf(z))


def test_walk_with_pull_is_a_stationary_autoregression_about_its_goal() -> None:
    """Box et al. 3.2.3: xₜ − c = (1 − k)(xₜ₋₁ − c) + s·z has mean c, variance s²/(1 − (1 − k)²), reached as (1 − k)²ᵗ fades."""
    pull, volatility, days = 0.2, 0.7, 60
    model = moving(days, walk={"volatility": volatility, "pull": pull, "toward": 4})
    last = levels(model, 76, (1, days - 1))[1]
    keep = (1 - pull) ** (2 * (days - 1))
    variance = volatility**2 * (1 - keep) / (1 - (1 - pull) ** 2)
    check_mean("pulled", last, 4 * (1 - math.sqrt(keep)), variance)
    check_variance("pulled", last, variance, 3 * variance**2)


def test_relative_walk_is_a_geometric_one() -> None:
    """log x is a random walk: after t days log(xₜ/x₀) is normal with mean t·drift and variance t·volatility²."""
    drift, volatility, days = 0.01, 0.05, 41
    variable = {"path": {"day 0": 2}, "moves": {"m": {"walk": {"relative": True, "drift": drift, "volatility": volatility}}}}
    (found,) = levels(build(variable, days), 77, (days - 1,))
    grown, variance = np.log(found / 2), (days - 1) * volatility**2
    check_mean("growth", grown, (days - 1) * drift, variance)
    check_variance("growth", grown, variance, 3 * variance**2)


# h. Gaussian walk ----------------------------------------------------------------------------------------------------------


@cache
def passage_of_gaussian_walk(level: float, drift: float, days: int, nodes: int = 260) -> tuple[float, ...]:
    """P(first at or above `level` on day n): the density below the level, step by step, by Gauss–Legendre quadrature."""
    points, weights = np.polynomial.legendre.leggauss(nodes)
    reach = 8 * math.sqrt(days) + level
    points, weights = level - reach * (1 - points) / 2, weights * reach / 2
    kernel = np.exp(-((points[:, None] - points[None, :] - drift) ** 2) / 2) / math.sqrt(2 * math.pi)
    density = np.exp(-((points - drift) ** 2) / 2) / math.sqrt(2 * math.pi)
    alive = [1.0]
    for _ in range(1, days):
        alive.append(float(weights @ density))
        density = kernel @ (weights * density)
    return (0.0, *(before - after for before, after in pairwise(alive)))


@pytest.mark.parametrize(("level", "drift", "seed"), [(1.0, 0.0, 81), (3.0, 0.1, 82), (6.0, -0.05, 83)])
def test_gaussian_walk_reaches_a_level_as_the_recursion_on_its_density_says(level: float, drift: float, seed: int) -> None:
    """The recursion fₙ₊₁(y) = ∫₋∞ᵇ fₙ(x)·φ(y − x − drift) dx (Siegmund, Sequential Analysis, 1985, II and X: overshoot makes the
    discrete walk later than Brownian motion)."""
    days = 61
    law = np.array(passage_of_gaussian_walk(level, drift, days))
    finer = np.array(passage_of_gaussian_walk(level, drift, days, 340))
    assert np.abs(law - finer).max() < 1e-9
    variable = {**FLAT, "moves": {"m": {"walk": {"drift": drift, "volatility": 1}}}}
    model = build(variable, days, up("x >= t"), {"t": level})
    check_law(f"passage through {level}", per_day(first_days(model, seed), days), law, RUNS)


def test_gaussian_walk_first_turns_positive_as_any_symmetric_walk_does() -> None:
    """Sparre Andersen (Feller 2, XII.7): a symmetric continuous walk is never above 0 up to n with chance C(2n, n)/4ⁿ."""
    days = 80
    alive = np.array([math.comb(2 * n, n) / 4**n for n in range(days)])
    law = np.append(0.0, alive[:-1] - alive[1:])
    variable = {**FLAT, "moves": {"m": {"walk": {"volatility": 0.3}}}}
    check_law("above 0", per_day(first_days(build(variable, days, up("x > 0")), 84), days), law, RUNS)


# i. Uncertain threshold ----------------------------------------------------------------------------------------------------


def test_uniform_threshold_on_a_ramp_is_met_on_a_uniform_day() -> None:
    """Inverse CDF: a ramp of 1 a day first meets T ~ U(10, 60) on day ⌈T⌉, each of 11 … 60 with chance 1/50."""
    days = 101
    ramp = {"path": {"day 0": 0, "day 100": 100}, "between": "linear"}
    model = build(ramp, days, up("x >= t"), {"t": {"uniform": [10, 60]}})
    law = np.zeros(days)
    law[11:61] = 1 / 50
    check_law("ramp", per_day(first_days(model, 91), days), law, RUNS)


def test_uncertain_patience_mixes_success_runs() -> None:
    """A confirm of 1 or 4 days, drawn once a run, mixes their laws (Feller 1, V.1: total probability; XIII.7)."""
    p, days = 0.5, 120
    law = 0.25 * first_run_of(1, p, days) + 0.75 * first_run_of(4, p, days)
    model = trials(p, days, {"choice": {"1": 0.25, "4": 0.75}})
    check_law("patience", per_day(first_days(model, 92), days), law, RUNS)


# j. Normals ----------------------------------------------------------------------------------------------------------------


@cache
def ten_million() -> NDArray[np.float32]:
    """(160, 65,536) daily normals: 10.5 million."""
    source = Normals(1, "a name", Block.plain(0, 65_536))
    return np.array([source.day(day).copy() for day in range(160)])


def test_box_muller_has_the_moments_of_a_normal() -> None:
    """Box & Muller, Ann. Math. Stat. 29 (1958) 610–611. SEs of mean, variance, skewness, kurtosis: √(1, 2, 6, 24 over N)."""
    z = ten_million()
    size = z.size
    moments = [float(np.mean(z, dtype=np.float64))]
    power = z.copy()
    for _ in range(3):
        power *= z
        moments.append(float(np.mean(power, dtype=np.float64)))
    for moment, expected, variance in zip(moments, (0, 1, 0, 3), (1, 2, 15, 96), strict=True):
        check_number("moment", moment, expected, math.sqrt(variance / size))


def test_box_muller_is_normal_into_its_tails() -> None:
    """Two-sided tails 2(1 − Φ(c)), and the greatest radius that 32 bits allow: √(66·ln 2) ≈ 6.76."""
    z = np.abs(ten_million())
    for cut in (1.0, 2.0, 3.0, 4.0, 4.5, 5.0):
        check_share(f"beyond {cut}", int((z > cut).sum()), z.size, 2 * NormalDist().cdf(-cut))
    assert 4.9 < z.max() <= math.sqrt(66 * math.log(2)) + 1e-6


def test_box_muller_is_within_kolmogorovs_distance() -> None:
    """Massart, Ann. Prob. 18 (1990) 1269–1283: P(√N·sup|F̂ − Φ| > λ) ≤ 2·exp(−2λ²), 7e−6 at λ = 2.5; here on a grid."""
    z = ten_million().ravel()
    grid = np.linspace(-4.5, 4.5, 721)
    cells = np.floor((z + np.float32(4.5)) * np.float32(80)).astype(np.int32)
    below = np.bincount(np.clip(cells, -1, 720) + 1, minlength=722).cumsum()[:721]  # those below each grid point
    distance = np.abs(below / z.size - [NormalDist().cdf(float(cut)) for cut in grid]).max()
    assert distance * math.sqrt(z.size) < 2.5


def test_pairs_of_days_and_of_runs_are_independent() -> None:
    """Box–Muller makes the normals of two days from one radius: neither they nor their squares may be correlated; SE 1/√N."""
    z = ten_million()[:32].astype(np.float64)
    for early, late in ((z[0::2], z[1::2]), (z[1:-1:2], z[2::2]), (z[:, :-1], z[:, 1:]), (z[:16], z[16:])):
        for power in (1, 2):
            found = float(np.corrcoef(early.ravel() ** power, late.ravel() ** power)[0, 1])
            check_number(f"power {power}", found, 0.0, 1 / math.sqrt(early.size))


def test_sums_of_two_days_are_normal() -> None:
    """Two days share a radius and their angle has 16 bits: the law of a sum and of a difference is normal all the same."""
    z = ten_million().astype(np.float64)
    for sign in (1, -1):
        for apart in (1, 2, 4):  # one pair, one word of radii, one word of angles
            both = (z[0::8] + sign * z[apart::8]) / math.sqrt(2)
            for cut in (0.5, 1.0, 2.0, 3.0, 4.0):
                check_share(f"beyond {cut}", int((np.abs(both) > cut).sum()), both.size, 2 * NormalDist().cdf(-cut))


def test_standard_normal_inverts_the_cdf() -> None:
    """Wichura, AS 241, Appl. Stat. 37 (1988) 477–484, about 1 part in 10¹⁶: Φ(z(u)) = u; and as a sample it is normal."""
    cdf = NormalDist().cdf
    u = np.concatenate([np.linspace(1e-6, 1 - 1e-6, 2001), 10.0 ** -np.arange(3, 16)])
    z = standard_normal(u)
    assert [cdf(each) for each in z.tolist()] == pytest.approx(u.tolist(), rel=1e-13)
    assert standard_normal(np.array([0.5, 0.975])) == pytest.approx([0.0, 1.959963984540054], abs=1e-15)
    drawn = standard_normal(uniforms(1, "a number", np.arange(200_000)))
    check_mean("draws", drawn, 0.0, 1.0)
    check_variance("draws", drawn, 1.0, 3.0)
    for cut in (-3.0, -1.0, 0.0, 2.0, 3.5):
        check_share(f"below {cut}", int((drawn <= cut).sum()), drawn.size, cdf(cut))


# The checks have power -----------------------------------------------------------------------------------------------------


def _shifted(law: Floats) -> Floats:
    return np.append(0.0, law[:-1])


WRONG: dict[str, tuple[Callable[[], Model], Floats, Floats]] = {
    "waiting, p 10% too high": (lambda: trials(0.1, 100), geometric(0.1, 100), geometric(0.11, 100)),
    "waiting, p 10% too low": (lambda: trials(0.1, 100), geometric(0.1, 100), geometric(0.09, 100)),
    "waiting, from day 1": (lambda: trials(0.1, 100), geometric(0.1, 100), _shifted(geometric(0.1, 100))),
    "run, p 10% too high": (lambda: trials(0.5, 150, 3), first_run_of(3, 0.5, 150), first_run_of(3, 0.55, 150)),
    "run, one day too many": (lambda: trials(0.5, 150, 3), first_run_of(3, 0.5, 150), first_run_of(4, 0.5, 150)),
    "window taken for a run": (
        lambda: trials(0.4, 60, {"days": 3, "of": 4}),
        first_of_window(3, 4, 0.4, 60),
        first_run_of(3, 0.4, 60),
    ),
    "window, a day too wide": (
        lambda: trials(0.4, 60, {"days": 3, "of": 4}),
        first_of_window(3, 4, 0.4, 60),
        first_of_window(3, 5, 0.4, 60),
    ),
    "walk, chances 5% too low": (
        lambda: ladder(401, 81, {"up": 0.475, "down": 0.475}, up("x >= 4"), low=-200),
        np.array([]),
        passage_of_simple_walk(4, 81),
    ),
    "gaussian walk, drift forgotten": (
        lambda: build({**FLAT, "moves": {"m": {"walk": {"drift": 0.1, "volatility": 1}}}}, 61, up("x >= 3")),
        np.array(passage_of_gaussian_walk(3.0, 0.1, 61)),
        np.array(passage_of_gaussian_walk(3.0, 0.0, 61)),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_law_is_rejected(name: str) -> None:
    """The same runs pass against the right law, where it is given, and are rejected against one that is a little wrong."""
    make, right, wrong = WRONG[name]
    found = per_day(first_days(make(), 101), wrong.size)
    if right.size:
        check_law(name, found, right, RUNS)
    with pytest.raises(AssertionError):
        check_law(name, found, wrong, RUNS)


def test_wrong_moments_are_rejected() -> None:
    """A variance off by 10% (14 SE), a mean off by 0.05 (10 SE) and a correlation off by 0.03 (18 SE) do not pass."""
    first, second = levels(build(FLAT, 2, signpost={"error": {"sd": 1, "memory": 5}}), 102, (0, 1), seen=True)
    rho = math.exp(-1 / 5)
    with pytest.raises(LawRejected):
        check_variance("variance", first, 1.1, 3 * 1.1**2)
    with pytest.raises(LawRejected):
        check_mean("mean", first, 0.05, 1.0)
    with pytest.raises(LawRejected):
        check_number("memory", float(np.corrcoef(first, second)[0, 1]), rho - 0.03, (1 - rho**2) / math.sqrt(RUNS))


def test_strips_show_the_same_shares_as_the_counts() -> None:
    """The geometric law once more, read off the day-by-day phases: P(p1 by day t) = 1 − qᵗ⁺¹ (Feller 1, VI.8)."""
    p, days, runs = 0.05, 60, 2000
    strip = strips(simulate(trials(p, days), 103, Block.plain(0, runs)), runs)
    for day in (0, 5, 20, 59):
        check_share(f"day {day}", int((strip[:, day] == 1).sum()), runs, 1 - (1 - p) ** (day + 1))
