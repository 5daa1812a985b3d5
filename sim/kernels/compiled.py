"""The loops of `sim.kernels.plain` compiled by numba: one pass where numpy makes several, with the same bits.

Only what IEEE 754 and integer arithmetic determine is done here, in the same order; nothing is contracted or reordered
(`fastmath` stays off). Shapes that are rare go to the plain loops.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from sim.kernels import plain
from sim.kernels.plain import Days, Floats, Runs, Singles, Truth, Words

_jit = numba.njit(cache=True, error_model="numpy")

_SHIFT_1, _FACTOR_1 = plain.MIX[0]
_SHIFT_2, _FACTOR_2 = plain.MIX[1]
_LAST, _GAMMA, _TURN = plain.LAST, plain.GAMMA, plain.TURN
_UNIT, _HALF = np.float32(2.0**-32), np.float32(2.0**-33)
_LOW_32, _LOW_16 = np.uint64(0xFFFFFFFF), np.uint64(0xFFFF)
_BITS_16, _BITS_32, _BITS_48 = np.uint64(16), np.uint64(32), np.uint64(48)


@_jit
def _mix(word: Any) -> Any:
    word = (word ^ (word >> _SHIFT_1)) * _FACTOR_1
    word = (word ^ (word >> _SHIFT_2)) * _FACTOR_2
    return word ^ (word >> _LAST)


@_jit
def _squares(base: Any, ahead: Any, first: Any, second: Any) -> None:
    for run in range(base.size):
        word = _mix(base[run] + ahead)
        first[run] = np.float32(np.uint32(word & _LOW_32)) * _UNIT + _HALF
        second[run] = np.float32(np.uint32(word >> _BITS_32)) * _UNIT + _HALF


@_jit
def _angles(base: Any, ahead: Any, one: Any, two: Any, three: Any, four: Any) -> None:
    for run in range(base.size):
        word = _mix(base[run] + ahead)
        one[run] = np.float32(np.uint16(word & _LOW_16)) * _TURN
        two[run] = np.float32(np.uint16((word >> _BITS_16) & _LOW_16)) * _TURN
        three[run] = np.float32(np.uint16((word >> _BITS_32) & _LOW_16)) * _TURN
        four[run] = np.float32(np.uint16(word >> _BITS_48)) * _TURN


def squares_and_angles(base: Words, ahead: Words, values: Singles, scratch: Words) -> None:  # noqa: ARG001
    _squares(base, ahead[0], values[0], values[2])
    _squares(base, ahead[1], values[4], values[6])
    _angles(base, ahead[2], values[1], values[3], values[5], values[7])


mixed = plain.mixed


@_jit
def next_draws(state: Any, runs: Any, low: Any) -> Any:
    u = np.empty(runs.size, np.float64)
    for index in range(runs.size):
        run = runs[index]
        word = state[run]
        state[run] = word + _GAMMA
        word = _mix(word)
        low[run] = np.uint32(word & _LOW_32)
        u[index] = (np.float64(np.uint32(word >> _BITS_32)) + 0.5) * 2.0**-32
    return u


@_jit
def advance(times: Any, runs: Any, steps: Any, scale: Any, until: Any) -> Any:
    left = np.empty(runs.size, np.int64)
    count = 0
    for index in range(runs.size):
        run = runs[index]
        time = times[run] - steps[index] * scale[run]
        times[run] = time
        left[count] = run
        count += time <= until
    return left[:count].copy()


@_jit
def _add_product(d: Any, factor: Any, values: Any) -> None:
    for run in range(d.size):
        d[run] += np.float64(factor[run]) * values[run]


def add_product(d: Floats, factor: Singles, values: Floats, scratch: Floats) -> None:  # noqa: ARG001
    _add_product(d, factor, values)


@_jit
def add_few(d: Any, totals: Any, runs: Any, amounts: Any) -> None:
    for index in range(runs.size):
        totals[runs[index]] += amounts[index]
    for index in range(runs.size):
        run = runs[index]
        d[run] += totals[run]  # nothing more where it comes again
        totals[run] = 0.0


@_jit
def _product(factor: Any, values: Any, out: Any) -> None:
    for run in range(out.size):
        out[run] = np.float64(factor[run]) * values[run]


def product(factor: Singles, values: Floats, out: Floats) -> Floats:
    if not factor.size == values.size == out.size:
        return plain.product(factor, values, out)
    _product(factor, values, out)
    return out


@_jit
def _line(z: Any, slope: Any, start: Any, out: Any) -> None:
    for run in range(out.size):
        out[run] = z[run] * slope + start


def line(z: Singles, slope: Singles, start: Singles, out: Singles) -> None:
    if slope.size > 1 or start.size > 1:
        plain.line(z, slope, start, out)
    else:
        _line(z, slope[0], start[0], out)


@_jit
def _fade(e: Any, z: Any, rho: Any, fresh: Any, sd: Any, scaled: Any) -> None:
    for run in range(e.size):
        faded = e[run] * rho + z[run] * fresh
        e[run] = faded
        scaled[run] = faded * sd


def fade(e: Singles, z: Singles, rho: Singles, fresh: Singles, sd: Singles, scaled: Singles) -> None:
    if max(rho.size, fresh.size, sd.size) > 1:
        plain.fade(e, z, rho, fresh, sd, scaled)
    else:
        _fade(e, z, rho[0], fresh[0], sd[0], scaled)


@_jit
def _bound(path: Any, d: Any, low: Any, high: Any, x: Any, held: Any) -> None:
    for run in range(x.size):
        raw = path + d[run]
        value = low if raw < low else raw
        value = high if value > high else value
        x[run] = value
        held[run] = value != raw


def bounded_sum(path: Floats, d: Floats, low: float, high: float, x: Floats, scratch: Floats) -> Runs:
    if path.size > 1:
        return plain.bounded_sum(path, d, low, high, x, scratch)
    held = np.empty(x.size, np.bool_)
    _bound(path[0], d, low, high, x, held)
    found: Runs = held.nonzero()[0]
    return found


@_jit
def _confirmed(truth: Any, count: Any, needed: Any, stands: Any, phase: Any, here: Any) -> None:
    for run in range(truth.size):
        days = count.dtype.type((count[run] + 1) * truth[run])
        count[run] = days
        here[run] = (days >= needed) & (stands[run] == phase)


def confirmed_here(truth: Truth, count: Days, needed: Days, stands: Any, phase: Any) -> Runs:
    if needed.size > 1:
        return plain.confirmed_here(truth, count, needed, stands, phase)
    here = np.empty(truth.size, np.bool_)
    _confirmed(truth, count, needed[0], stands, phase, here)
    found: Runs = here.nonzero()[0]
    return found


due = plain.due
