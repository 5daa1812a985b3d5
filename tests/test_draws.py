"""Draws depend on the seed, the case or replication, a name and a day, and on nothing else (design §3)."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import fields
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import sim.draws
import sim.ensemble
from sim.draws import Arrivals, Block, Normals, Uniforms, quantile, uniforms
from sim.engine import Engine
from sim.ensemble import Ensemble, run_ensemble
from sim.machine import Model
from sim.measures import Tally
from sim.numbers import Numbers
from sim.spec.values import Choice, Exponential, Lognormal, Normal, Shape, Triangular, Uniform
from tests.strategies import Record
from tests.test_reference import model

Floats = NDArray[np.float64]

BAND = 4.5
"""Monte Carlo standard errors."""
DAYS = 24

VARIABLES: Record = {
    "x": {
        "path": {"day 0": {"normal": [0, 1]}},
        "moves": {
            "w": {"walk": {"volatility": {"uniform": [0.2, 0.4]}}},
            "j": {"jumps": {"rate": 0.1, "size": {"exponential": 0.5}}},
        },
    },
    "r": {"path": {"day 0": 1}, "bounds": [0, 4], "moves": {"l": {"ladder": {"up": 0.2, "down": 0.1}}}},
}
SIGNPOSTS: Record = {
    "x": {"error": {"sd": 0.3, "memory": 4}, "bias": {"normal": [0, 0.1]}},
    "r": {"error": {"sd": 0.2}},
}
THRESHOLDS: Record = {"t": {"value": {"uniform": [0.5, 1.5]}}, "u": {"value": 2}}
TRANSITIONS: Record = {
    "arm": {"from": "low", "to": "middle", "when": "x >= t", "confirm": 2, "lag": {"choice": [0, 2]}},
    "more": {"from": "middle", "to": "high", "when": "r >= u"},
    "ease": {"from": "any", "to": "low", "when": "x < 0 and r < u"},
}


def rich(variables: Record | None = None, signposts: Record | None = None, **policy: Record) -> Model:
    """Something of every kind of draw; more can be added."""
    return model(
        VARIABLES | (variables or {}),
        days=DAYS,
        thresholds=THRESHOLDS | policy.get("thresholds", {}),
        transitions=TRANSITIONS | policy.get("transitions", {}),
        signposts=SIGNPOSTS | (signposts or {}),
    )


def assert_same_rows(part: Ensemble, whole: Ensemble, rows: slice) -> None:
    """The runs of `part` are those of `whole` at `rows`, to the bit."""
    one, all_ = part.table, whole.table
    assert one is not None
    assert all_ is not None
    for name in ("first", "decided", "final_phase", "days", "transitions"):
        np.testing.assert_array_equal(getattr(one, name), getattr(all_, name)[..., rows], name)
    assert one.factors.keys() == all_.factors.keys()
    for path, values in one.factors.items():
        np.testing.assert_array_equal(values, all_.factors[path][rows], path)


@pytest.fixture(scope="module")
def whole() -> Ensemble:
    return run_ensemble(rich(), 5, 3000, table=True)


def series(made: Model, block: Block, seed: int = 5) -> dict[str, Floats]:
    """(days, runs) of every variable and signpost."""
    engine = Engine(made, seed, block)
    rows: dict[str, list[Floats]] = {}
    for _ in range(made.world.days):
        engine.step()
        for variable, values in zip(made.world.variables, engine.levels, strict=True):
            rows.setdefault(f"variable {variable.name}", []).append(np.broadcast_to(values, block.size).copy())
        for signpost, values in zip(made.world.signposts, engine.observed, strict=True):
            rows.setdefault(f"signpost {signpost.name}", []).append(np.broadcast_to(values, block.size).copy())
    return {name: np.array(each) for name, each in rows.items()}


# A run is the same whatever stands beside it -------------------------------------------------------------------------------


def test_more_runs_extend_an_ensemble(whole: Ensemble) -> None:
    assert whole.table is not None
    assert len(np.unique(whole.table.first[1])) > 10  # the example is not a trivial one
    for runs in (1, 1000, 1024, 1025):
        assert_same_rows(run_ensemble(rich(), 5, runs, table=True), whole, slice(runs))


@pytest.mark.parametrize("run", [0, 17, 1023, 1024, 2047, 2500, 2999])
def test_a_run_alone_is_the_run_of_the_ensemble(whole: Ensemble, run: int) -> None:
    assert_same_rows(run_ensemble(rich(), 5, 1, first=run, table=True), whole, slice(run, run + 1))


def test_a_later_part_of_an_ensemble_is_that_part(whole: Ensemble) -> None:
    assert_same_rows(run_ensemble(rich(), 5, 1500, first=900, table=True), whole, slice(900, 2400))


@pytest.mark.parametrize("block", [100, 1000, 1024, 4096])
def test_the_size_of_blocks_is_of_no_account(whole: Ensemble, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.ensemble, "STRIPS", 50)
    expected = run_ensemble(rich(), 5, min(block, 3000))
    monkeypatch.setattr(sim.ensemble, "BLOCK", block)
    found = run_ensemble(rich(), 5, 3000, table=True)
    assert_same_rows(found, whole, slice(None))
    np.testing.assert_array_equal(found.strips, expected.strips)
    for field in fields(Tally):
        np.testing.assert_array_equal(getattr(found.tally, field.name), getattr(whole.tally, field.name), field.name)
    for fans, expected_fans in ((found.variables, expected.variables), (found.signposts, expected.signposts)):
        for name, fan in fans.items():  # of the first block
            np.testing.assert_array_equal(fan.quantiles, expected_fans[name].quantiles, name)
            np.testing.assert_array_equal(fan.samples, expected_fans[name].samples, name)


def test_fans_are_over_the_leading_runs_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """With more runs than a block the quantiles stay those of the first ones, and the tally counts all."""
    leading = run_ensemble(rich(), 5, 2048)
    monkeypatch.setattr(sim.ensemble, "BLOCK", 2048)
    found = run_ensemble(rich(), 5, 5000)
    assert found.tally.runs == 5000
    for name, fan in found.signposts.items():
        assert fan.runs == 2048
        np.testing.assert_array_equal(fan.quantiles, leading.signposts[name].quantiles)


@pytest.mark.parametrize(
    "runs", [[5, 4, 3, 2, 1, 0], [0, 1, 2, 5000, 1024, 1023], [7, 7, 3], [4000], [*range(2000, 1000, -37)]], ids=str
)
def test_shuffled_and_gapped_blocks_have_the_same_columns(runs: list[int]) -> None:
    chosen = np.array(runs)
    plain = series(rich(), Block.plain(0, 5001))
    for name, values in series(rich(), Block(chosen, chosen)).items():
        np.testing.assert_array_equal(values, plain[name][:, chosen], name)


def test_case_and_replication_are_drawn_apart() -> None:
    """Runs of one case share the uncertain numbers, runs of one replication the daily noise."""
    one_case = series(rich(), Block(np.zeros(4, np.int64), np.arange(4)))
    start = one_case["variable x"][0]
    assert (start == start[0]).all()
    assert len(np.unique(one_case["variable x"][-1])) == 4
    one_replication = series(rich(), Block(np.arange(50), np.zeros(50, np.int64)))
    assert len(np.unique(one_replication["variable x"][0])) == 50
    ladders = one_replication["variable r"]
    assert (ladders == ladders[:, :1]).all()


# Nothing else matters ------------------------------------------------------------------------------------------------------

ADDED: dict[str, Model] = {
    "a variable": rich({"extra": {"path": {"day 0": {"normal": [1, 2]}}, "moves": {"w": {"walk": {"volatility": 1}}}}}),
    "a signpost": rich(signposts={"x_again": {"observes": "x", "error": {"sd": 1}}}),
    "a threshold": rich(thresholds={"v": {"value": {"uniform": [0, 1]}}}),
    "another value": rich(thresholds={"t": {"value": 9}}),
    "a transition": rich(transitions={"back": {"from": "high", "to": "low", "when": "x < t", "confirm": {"uniform": [1, 9]}}}),
}


@pytest.mark.parametrize("added", ADDED)
def test_what_is_added_changes_no_other_draw(added: str) -> None:
    block = Block.plain(0, 1500)
    before, after = series(rich(), block), series(ADDED[added], block)
    assert before.keys() <= after.keys()
    for name, values in before.items():
        np.testing.assert_array_equal(values, after[name], name)


def test_uncertain_numbers_are_those_of_their_paths() -> None:
    """A factor keeps its values among others."""
    few, many = run_ensemble(rich(), 5, 200, table=True).table, run_ensemble(ADDED["a transition"], 5, 200, table=True).table
    assert few is not None
    assert many is not None
    assert many.factors.keys() - few.factors.keys() == {"transitions.back.confirm"}
    for path, values in few.factors.items():
        np.testing.assert_array_equal(values, many.factors[path], path)


def test_order_in_the_file_changes_no_draw() -> None:
    turned = model(
        dict(reversed(VARIABLES.items())), days=DAYS, signposts=dict(reversed(SIGNPOSTS.items())), thresholds=THRESHOLDS
    )
    block = Block.plain(0, 100)
    found = series(turned, block)
    for name, values in series(rich(), block).items():
        np.testing.assert_array_equal(values, found[name], name)


def test_a_shared_error_is_one_draw_and_an_own_one_is_not() -> None:
    def error(**more: Any) -> Record:
        return {"error": {"sd": 1, **more}}

    block = Block.plain(0, 3000)
    shared = model({"a": flat(), "b": flat()}, signposts={"a": error(shared="s"), "b": error(shared="s")})
    found = series(shared, block)
    np.testing.assert_array_equal(found["signpost a"], found["signpost b"])
    apart = series(model({"a": flat(), "b": flat()}, signposts={"a": error(), "b": error(shared="s")}), block)
    np.testing.assert_array_equal(apart["signpost b"], found["signpost b"])
    assert_uncorrelated(apart["signpost a"][3], apart["signpost b"][3])


def flat() -> Record:
    return {"path": {"day 0": 0}}


def assert_uncorrelated(a: Floats, b: Floats) -> None:
    assert a.shape == b.shape
    assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < BAND / math.sqrt(a.size)


@pytest.mark.parametrize(
    ("one", "other"),
    [((1, "a"), (1, "b")), ((1, "a"), (2, "a")), ((1, "1a"), (11, "a")), ((0, "a"), (2**64, "a")), ((1, "x.y"), (1, "y.x"))],
)
def test_other_names_and_seeds_are_other_numbers(one: tuple[int, str], other: tuple[int, str]) -> None:
    runs = np.arange(50_000)
    assert_uncorrelated(uniforms(*one, runs), uniforms(*other, runs))
    for kind in (Normals, Uniforms):
        assert_uncorrelated(table(kind, *one), table(kind, *other))
    assert_uncorrelated(uniforms(*one, runs), table(Uniforms, *one)[:1, :50_000].ravel())


def table(kind: Callable[[int, str, Block], Any], seed: int, name: str, days: int = 8, runs: int = 50_000) -> Floats:
    """(days, runs) of daily noise."""
    source = kind(seed, name, Block.plain(0, runs))
    return np.array([source.day(day).astype(np.float64) for day in range(days)])


def test_neighbouring_cases_and_replications_are_uncorrelated() -> None:
    u = uniforms(3, "a", np.arange(100_001))
    assert_uncorrelated(u[:-1], u[1:])
    noise = table(Normals, 3, "a", runs=4096)
    for apart in (1, 2, 1024, 2048):
        assert_uncorrelated(noise[:, :-apart], noise[:, apart:])


# SplitMix64 ----------------------------------------------------------------------------------------------------------------

PUBLISHED = (6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821)
"""SplitMix64's first outputs for the seed 1234567, as Rosetta Code has them (Pseudo-random numbers/Splitmix64)."""


def with_key(key: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.draws, "_first", lambda _seed, _kind, _name: np.uint64(key))


def test_uniforms_are_the_outputs_of_splitmix64(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counter n gives output n + 1 of the generator whose state starts at the key, to 52 bits at least."""
    with_key(1234567, monkeypatch)
    found = uniforms(0, "", np.arange(5))
    assert found.tolist() == pytest.approx([word / 2**64 for word in PUBLISHED], rel=0, abs=2.0**-52)


def splitmix64(state: int) -> int:
    """One output, in Python's own integers."""
    mask = 2**64 - 1
    word = (state + 0x9E3779B97F4A7C15) & mask
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & mask
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & mask
    return word ^ (word >> 31)


def test_the_plain_splitmix64_is_the_published_one() -> None:
    gamma = 0x9E3779B97F4A7C15
    assert tuple(splitmix64(1234567 + n * gamma) for n in range(5)) == PUBLISHED


@given(st.integers(0, 2**63 - 1), st.integers(0, 2**62))
@settings(max_examples=100, deadline=None)
def test_any_key_and_counter_agree_with_the_plain_splitmix64(key: int, counter: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        with_key(key, patch)
        (found,) = uniforms(0, "", np.array([counter])).tolist()
    word = splitmix64((key + counter * 0x9E3779B97F4A7C15) % 2**64)
    assert found == pytest.approx(word / 2**64, rel=0, abs=2.0**-52)


def _unshifted(word: int, shift: int) -> int:
    """The inverse of word ^ (word >> shift)."""
    result = word
    for _ in range(64 // shift + 1):
        result = word ^ (result >> shift)
    return result


def key_of_output(word: int) -> int:
    """The key whose counter 0 gives this word: SplitMix64 is a bijection."""
    word = _unshifted(word, 31) * pow(0x94D049BB133111EB, -1, 2**64) % 2**64
    word = _unshifted(word, 27) * pow(0xBF58476D1CE4E5B9, -1, 2**64) % 2**64
    return (_unshifted(word, 30) - 0x9E3779B97F4A7C15) % 2**64


def test_the_least_word_gives_a_number_above_0(monkeypatch: pytest.MonkeyPatch) -> None:
    with_key(key_of_output(0), monkeypatch)
    assert 0 < uniforms(0, "", np.array([0]))[0] < 2.0**-51


def test_the_greatest_word_gives_a_number_below_1(monkeypatch: pytest.MonkeyPatch) -> None:
    with_key(key_of_output(2**64 - 1), monkeypatch)
    assert uniforms(0, "", np.array([0]))[0] < 1


# Uniforms and Arrivals -----------------------------------------------------------------------------------------------------


def test_uniforms_are_uniform() -> None:
    """Mean 1/2, variance 1/12 (SE √((1/80 − 1/144)/N)), and a hundred equal cells by chi-square, hashed and streamed."""
    for u in (uniforms(1, "a", np.arange(400_000)), table(Uniforms, 1, "a").ravel()):
        assert u.min() >= 0
        assert u.max() < 1
        assert abs(u.mean() - 0.5) < BAND * math.sqrt(1 / 12 / u.size)
        assert abs(u.var() - 1 / 12) < BAND * math.sqrt((1 / 80 - 1 / 144) / u.size)
        counts = np.bincount((u * 100).astype(int), minlength=100)
        chi = float(((counts - u.size / 100) ** 2 / (u.size / 100)).sum())
        assert abs((chi / 99) ** (1 / 3) - (1 - 2 / 891)) < BAND * math.sqrt(2 / 891)


def test_consecutive_days_of_uniforms_are_independent() -> None:
    """Two days share one 64-bit word: no correlation, and a 10 × 10 table of pairs of days is flat."""
    days = table(Uniforms, 2, "a", days=34, runs=20_000)
    for early in (0, 1, 2, 14, 15, 16, 31):
        assert_uncorrelated(days[early], days[early + 1])
        pairs = np.bincount((days[early] * 10).astype(int) * 10 + (days[early + 1] * 10).astype(int), minlength=100)
        chi = float(((pairs - 200) ** 2 / 200).sum())
        assert abs((chi / 99) ** (1 / 3) - (1 - 2 / 891)) < BAND * math.sqrt(2 / 891)
    assert_uncorrelated(days[0], days[16])


@pytest.mark.parametrize("kind", [Normals, Uniforms])
def test_days_may_be_asked_for_in_any_order(kind: Callable[[int, str, Block], Any]) -> None:
    whole = table(kind, 1, "a", days=40, runs=3)
    source = kind(1, "a", Block.plain(0, 3))
    for day in (39, 0, 17, 16, 8):
        np.testing.assert_array_equal(source.day(day), whole[day])


def test_a_word_of_daily_noise_is_an_output_of_splitmix64() -> None:
    """Word w of a replication r is output w·2⁴⁰ + r + 1 from the key; two days of uniforms share it, the lower half first."""
    key = int(sim.draws._first(7, "day", "a"))
    for day, replication in ((0, 0), (1, 5), (6, 1_000_000), (7, 3)):
        counter = (day // 2 << 40) + replication
        word = splitmix64((key + counter * 0x9E3779B97F4A7C15) % 2**64)
        half = word >> 32 if day % 2 else word & 0xFFFFFFFF
        assert Uniforms(7, "a", Block.plain(replication, 1)).day(day)[0] == half / 2**32


def test_arrivals_of_a_run_do_not_depend_on_the_others() -> None:
    rates = np.array([0.0, 0.5, 3.0, 0.5])
    together = arrivals(Block.plain(0, 4), rates)
    assert together[0] == []
    assert len(together[2]) > len(together[1]) > 0
    assert together[1] != together[3]
    for run in range(4):
        assert arrivals(Block.plain(run, 1), rates[run : run + 1]) == [together[run]]


def arrivals(block: Block, rates: Floats) -> list[list[tuple[int, float]]]:
    """(day, uniform) of each jump of each run."""
    source = Arrivals(9, "j", block, rates)
    found: list[list[tuple[int, float]]] = [[] for _ in range(block.size)]
    for until in (3, 4, 10, 19):
        jumps = source.ahead(until)
        assert all(day <= until for day in jumps.day)
        for day, run, each in zip(jumps.day.tolist(), jumps.run.tolist(), jumps.u.tolist(), strict=True):
            found[run].append((day, each))
    assert all(run == sorted(run, key=lambda jump: jump[0]) for run in found)
    return found


# Inverse CDFs --------------------------------------------------------------------------------------------------------------

GRID = (np.arange(200_000) + 0.5) / 200_000
"""Midpoints: the mean over them is the integral over (0, 1)."""
LEVELS = np.array([0.001, 0.05, 0.25, 0.5, 0.75, 0.95, 0.999])


def shape(kind: type[Shape], **spelled: Any) -> Shape:
    return kind.model_validate(spelled)


def cdf_triangular(x: Floats, low: float, mode: float, high: float) -> Floats:
    rising = (x - low) ** 2 / ((high - low) * (mode - low) if mode > low else 1)
    falling = 1 - (high - x) ** 2 / ((high - low) * (high - mode) if high > mode else 1)
    return np.where(x < mode, rising, falling)


def cdf_normal(z: Floats) -> Floats:
    return np.array([NormalDist().cdf(each) for each in z.tolist()])


S95 = math.log(10_000 / 3000) / (2 * NormalDist().inv_cdf(0.95))

CONTINUOUS: dict[str, tuple[Shape, float, Callable[[Floats], Floats]]] = {
    "uniform": (shape(Uniform, uniform=[3, 5]), 4.0, lambda x: (x - 3) / 2),
    "triangular": (shape(Triangular, triangular=[1, 2, 6]), 3.0, lambda x: cdf_triangular(x, 1, 2, 6)),
    "triangular, mode low": (shape(Triangular, triangular=[1, 1, 4]), 2.0, lambda x: cdf_triangular(x, 1, 1, 4)),
    "triangular, mode high": (shape(Triangular, triangular=[1, 4, 4]), 3.0, lambda x: cdf_triangular(x, 1, 4, 4)),
    "normal": (shape(Normal, normal=[2, 0.5]), 2.0, lambda x: cdf_normal((x - 2) / 0.5)),
    "lognormal": (
        shape(Lognormal, lognormal={"median": 2, "sigma": 0.5}),
        2 * math.exp(0.125),
        lambda x: cdf_normal(np.log(x / 2) / 0.5),
    ),
    "lognormal by percentiles": (
        shape(Lognormal, lognormal={"p5": 3000, "p95": 10_000}),
        math.sqrt(3000 * 10_000) * math.exp(S95**2 / 2),
        lambda x: cdf_normal(np.log(x / math.sqrt(3000 * 10_000)) / S95),
    ),
    "exponential": (shape(Exponential, exponential=1500), 1500.0, lambda x: 1 - np.exp(-x / 1500)),
}


@pytest.mark.parametrize("name", CONTINUOUS)
def test_inverse_cdf_inverts_the_cdf_and_has_its_mean(name: str) -> None:
    """CDFs and means as in Johnson, Kotz & Balakrishnan, Continuous Univariate Distributions, vols. 1–2."""
    made, mean, cdf = CONTINUOUS[name]
    np.testing.assert_allclose(cdf(quantile(made, LEVELS)), LEVELS, rtol=1e-12)
    values = quantile(made, GRID)
    assert (np.diff(values) >= 0).all()
    assert values.mean() == pytest.approx(mean, rel=2e-5)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_drawn_values_follow_the_cdf(name: str) -> None:
    """Probability integral transform: cdf(drawn) is uniform."""
    made, _, cdf = CONTINUOUS[name]
    u = cdf(quantile(made, uniforms(4, name, np.arange(40_000))))
    assert abs(u.mean() - 0.5) < BAND * math.sqrt(1 / 12 / u.size)
    assert abs(u.var() - 1 / 12) < BAND * math.sqrt((1 / 80 - 1 / 144) / u.size)


def test_percentiles_of_a_lognormal_come_out() -> None:
    made = shape(Lognormal, lognormal={"p5": 3000, "p95": 10_000})
    assert quantile(made, np.array([0.05, 0.95])) == pytest.approx([3000, 10_000], rel=1e-12)


@pytest.mark.parametrize(
    ("made", "value"),
    [
        (shape(Uniform, uniform=[3, 3]), 3.0),
        (shape(Triangular, triangular=[2, 2, 2]), 2.0),
        (shape(Normal, normal=[1, 0]), 1.0),
        (shape(Lognormal, lognormal={"median": 4, "sigma": 0}), 4.0),
        (shape(Choice, choice=[7]), 7.0),
    ],
)
def test_distributions_without_width_give_their_value(made: Shape, value: float) -> None:
    assert (quantile(made, LEVELS) == value).all()


def test_bounded_distributions_stay_inside() -> None:
    edges = np.array([2.0**-54, 0.5, 1 - 2.0**-53])
    for low, high in ((0.1, 0.3), (-1.0, 1e-3), (3.0, 4.0)):
        for made in (shape(Uniform, uniform=[low, high]), shape(Triangular, triangular=[low, low, high])):
            values = quantile(made, edges)
            assert ((values >= low) & (values <= high)).all()


def test_choice_is_in_ascending_order_with_its_weights() -> None:
    for spelled in ({"8": 0.2, "-1": 0.5, "3": 0.3}, {"-1": 0.5, "3": 0.3, "8": 0.2}):
        made = shape(Choice, choice=spelled)
        u = np.array([1e-9, 0.499999, 0.5, 0.799999, 0.800001, 1 - 1e-9])
        assert quantile(made, u).tolist() == [-1, -1, 3, 3, 8, 8]
        values, counts = np.unique(quantile(made, GRID), return_counts=True)
        assert values.tolist() == [-1, 3, 8]
        assert counts / GRID.size == pytest.approx([0.5, 0.3, 0.2], abs=1e-5)
    even = quantile(shape(Choice, choice=[5, 1, 3, 1]), np.array([0.1, 0.3, 0.6, 0.9]))
    assert even.tolist() == [1, 1, 3, 5]


def test_counts_of_days_round_half_up() -> None:
    made = model(flat_x(), transitions={"go": {"from": "low", "to": "high", "when": "x > 0", "lag": {"uniform": [0, 4]}}})
    numbers = Numbers(1, Block.plain(0, 40_000))(made.machine.transitions[0].lag)
    values, counts = np.unique(numbers, return_counts=True)
    assert values.tolist() == [0, 1, 2, 3, 4]
    for count, p in zip(counts.tolist(), (1 / 8, 1 / 4, 1 / 4, 1 / 4, 1 / 8), strict=True):
        assert abs(count / 40_000 - p) < BAND * math.sqrt(p * (1 - p) / 40_000)
    lag = made.machine.transitions[0].lag
    given_days = {lag.path: np.array([0.49, 0.5, 1.5, 2.5])}
    assert Numbers(1, Block.plain(0, 4), given_days)(lag).tolist() == [0, 1, 2, 3]


def flat_x() -> Record:
    return {"x": flat()}


def test_weeks_are_seven_days() -> None:
    weekly = model({"x": {**flat(), "moves": {"w": {"walk": {"drift": "7 per week"}}}}})
    assert series(weekly, Block.plain(0, 1))["variable x"][:4, 0].tolist() == [0, 1, 2, 3]
