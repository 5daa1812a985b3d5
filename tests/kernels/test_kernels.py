"""The compiled loops give the bits of the plain ones, on any numbers; and the engine's are the reference's with them too."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

import sim.work
from sim import api, kernels, report
from sim.draws import Block
from sim.engine import simulate
from sim.kernels import plain
from sim.kernels.circle import circle
from sim.library import Library
from tests.engine.test_bits import assert_engine_equals_reference
from tests.engine.test_small_worlds import WORLDS
from tests.strategies import models
from tests.test_draws import rich

compiled = pytest.importorskip("sim.kernels.compiled", reason="numba is not installed: it is in the extra fast")

Any64 = st.floats(allow_nan=True, allow_infinity=True, width=64)
Any32 = st.floats(allow_nan=True, allow_infinity=True, width=32)
SIZE = st.integers(1, 40)


def floats(size: int, dtype: type = np.float64) -> st.SearchStrategy[NDArray[np.float64]]:
    return hnp.arrays(dtype, size, elements=Any64 if dtype is np.float64 else Any32)


def both(name: str, *arguments: object) -> None:
    """Call the loop of each kind on copies: the same results and the same changes, to the bit."""
    with np.errstate(all="ignore"):
        outcomes = [called(module, name, arguments) for module in (plain, compiled)]
    for one, other in zip(*outcomes, strict=True):
        np.testing.assert_array_equal(one, other)


def called(module: ModuleType, name: str, arguments: tuple[object, ...]) -> list[object]:
    own = [each.copy() if isinstance(each, np.ndarray) else each for each in arguments]
    result = getattr(module, name)(*own)
    return [*([] if result is None else [result]), *(each for each in own if isinstance(each, np.ndarray))]


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_normals_of_eight_days(data: st.DataObject, size: int) -> None:
    words = hnp.arrays(np.uint64, size, elements=st.integers(0, 2**64 - 1))
    counters, places = data.draw(words), data.draw(hnp.arrays(np.uint64, 3, elements=st.integers(0, 2**64 - 1)))
    values = [np.zeros((8, size), np.float32) for _ in range(2)]
    for module, own in zip((plain, compiled), values, strict=True):
        module.normals(counters, places, own)
    np.testing.assert_array_equal(*values)


def test_the_circle_is_the_compiled_one_at_every_angle() -> None:
    radii, others = np.full((2, 1 << 16), -0.5, np.float32)  # the logarithm of a radius of 1
    others.view(np.int32)[:] = np.arange(1 << 16)
    compiled._turn(radii, others)
    np.testing.assert_array_equal(radii, circle().imag)
    np.testing.assert_array_equal(others, circle().real)


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_next_draws(data: st.DataObject, size: int) -> None:
    state = data.draw(hnp.arrays(np.uint64, size, elements=st.integers(0, 2**64 - 1)))
    runs = np.flatnonzero(data.draw(hnp.arrays(bool, size)))
    both("next_draws", state, runs, np.zeros(size, np.uint32))


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_advance(data: st.DataObject, size: int) -> None:
    times, scale = data.draw(floats(size)), data.draw(floats(size))
    runs = np.flatnonzero(data.draw(hnp.arrays(bool, size)))
    until = data.draw(st.integers(0, 100))
    results = []
    with np.errstate(all="ignore"):
        steps = data.draw(floats(runs.size))
        for module in (plain, compiled):
            moved = times.copy()
            results.append((module.advance(moved, runs, steps.copy(), scale, until), moved))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_arrived_and_by_day(data: st.DataObject, size: int) -> None:
    """Also with no run, with several times of one run, and on days on which nothing arrives."""
    first, count = data.draw(st.integers(1, 1000)), data.draw(st.integers(1, 16))
    runs = data.draw(hnp.arrays(np.int64, data.draw(st.integers(0, 60)), elements=st.integers(0, size - 1)))
    times = data.draw(hnp.arrays(np.float64, size, elements=st.floats(first - 1, first - 1 + count, exclude_min=True)))
    low = data.draw(hnp.arrays(np.uint32, size, elements=st.integers(0, 2**32 - 1)))
    arrivals = [module.arrived(times, low, runs) for module in (plain, compiled)]
    sortings = [module.by_day(days, first, count, runs, u) for module, (days, u) in zip((plain, compiled), arrivals, strict=True)]
    for found in (arrivals, sortings):
        for one, other in zip(*found, strict=True):
            np.testing.assert_array_equal(one, other)
    (ends, ordered, sizes), (days, u) = sortings[0], arrivals[0]
    assert ((u > 0) & (u < 1)).all()
    for day, start, end in zip(range(first, first + count), [0, *ends], ends, strict=False):
        np.testing.assert_array_equal(ordered[start:end], runs[days == day])
        np.testing.assert_array_equal(sizes[start:end], u[days == day])


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_add_product(data: st.DataObject, size: int) -> None:
    d, factor, values = data.draw(floats(size)), data.draw(floats(size, np.float32)), data.draw(floats(size))
    results = [d.copy(), d.copy()]
    with np.errstate(all="ignore"):
        for module, moved in zip((plain, compiled), results, strict=True):
            module.add_product(moved, factor, values)
    np.testing.assert_array_equal(*results)


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_add_few(data: st.DataObject, size: int) -> None:
    runs = data.draw(hnp.arrays(np.int64, data.draw(st.integers(0, 60)), elements=st.integers(0, size - 1)))
    both("add_few", data.draw(floats(size)), runs, data.draw(floats(runs.size)))


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_product(data: st.DataObject, size: int) -> None:
    wide = data.draw(st.sampled_from([1, size]))
    both("product", data.draw(floats(size, np.float32)), data.draw(floats(wide)), np.empty(size))


@given(st.data(), SIZE)
@settings(max_examples=60, deadline=None)
def test_line_and_fade(data: st.DataObject, size: int) -> None:
    e, z = data.draw(floats(size, np.float32)), data.draw(floats(size, np.float32))
    factors = [data.draw(floats(data.draw(st.sampled_from([1, size])), np.float32)) for _ in range(3)]
    both("line", z, *factors[:2], np.zeros(size, np.float32))
    both("fade", e, z, *factors, np.zeros(size, np.float32))


@given(st.data(), SIZE)
@settings(max_examples=100, deadline=None)
def test_bounded_sum(data: st.DataObject, size: int) -> None:
    path = data.draw(floats(data.draw(st.sampled_from([1, size]))))
    low, high = sorted(data.draw(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))))
    d = data.draw(floats(size))
    results = []
    with np.errstate(all="ignore"):
        for module in (plain, compiled):
            x = np.empty(size)
            results.append((module.bounded_sum(path, d, low, high, x), x))
    for one, other in zip(*results, strict=True):
        np.testing.assert_array_equal(one, other)


@given(st.data(), SIZE, st.sampled_from([np.int16, np.int32]))
@settings(max_examples=100, deadline=None)
def test_confirmed_here(data: st.DataObject, size: int, kind: type) -> None:
    phases = data.draw(st.integers(1, 4))
    stands = data.draw(hnp.arrays(np.int8, size, elements=st.integers(-1, phases - 1)))
    count = data.draw(hnp.arrays(kind, size, elements=st.integers(0, 1000)))
    needed = data.draw(hnp.arrays(kind, data.draw(st.sampled_from([1, size])), elements=st.integers(1, 1000)))
    both(
        "confirmed_here", data.draw(hnp.arrays(bool, size)), count, needed, stands, np.int8(data.draw(st.integers(0, phases - 1)))
    )


@given(st.data(), SIZE, st.sampled_from([np.int16, np.int32]))
@settings(max_examples=60, deadline=None)
def test_due(data: st.DataObject, size: int, kind: type) -> None:
    both("due", data.draw(hnp.arrays(kind, size, elements=st.integers(-1, 3))), data.draw(st.integers(0, 4)))


def test_each_plain_loop_has_a_compiled_twin() -> None:
    loops = {name for name, each in vars(plain).items() if callable(each) and getattr(each, "__module__", "") == plain.__name__}
    assert loops - {"mixed"} <= vars(compiled).keys()
    assert {"normals", "bounded_sum", "confirmed_here"} <= loops


# The engine with compiled loops --------------------------------------------------------------------------------------------


@pytest.fixture
def fast() -> Iterator[None]:
    assert kernels.speed_up()
    assert kernels.active is compiled
    yield
    kernels.active = plain


@pytest.mark.usefixtures("fast")
def test_the_engine_equals_the_reference_with_compiled_loops() -> None:
    @given(models(), st.integers(0, 2**64))
    @settings(max_examples=60, deadline=None)
    def check(model: object, seed: int) -> None:
        assert_engine_equals_reference(model, seed)  # type: ignore[arg-type]

    check()


@pytest.mark.usefixtures("fast")
@pytest.mark.parametrize("world", WORLDS)
def test_every_small_world_with_compiled_loops(world: str) -> None:
    assert_engine_equals_reference(WORLDS[world](), 7)


def test_paths_are_the_same_with_either(fast: None) -> None:  # noqa: ARG001
    one = simulate(rich(), 5, Block.plain(0, 3000))
    kernels.active = plain
    other = simulate(rich(), 5, Block.plain(0, 3000))
    for name in ("run", "day", "decided", "leaves", "enters", "transition", "final_phase"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), name)


def test_without_numba_nothing_is_said_and_the_plain_loops_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "sim.kernels.compiled")
    monkeypatch.delattr(kernels, "compiled")
    monkeypatch.setitem(sys.modules, "numba", None)
    assert not kernels.speed_up()
    assert kernels.active is plain


def test_large_work_is_compiled_and_comes_out_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library([])
    plainly = report.summary(api.run("surge-to-front-uncertain", runs=300, library=library).result)
    assert kernels.active is plain
    monkeypatch.setattr(sim.work, "COMPILED_RUN_DAYS", 300 * 365)
    monkeypatch.setattr(kernels, "active", plain)  # as it was, whatever happens
    assert report.summary(api.run("surge-to-front-uncertain", runs=300, library=library).result) == plainly
    assert kernels.active is compiled
