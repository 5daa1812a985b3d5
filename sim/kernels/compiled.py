"""The loops of `sim.kernels.plain` compiled by numba: one pass where numpy makes several, with the same bits.

Only what IEEE 754 and integer arithmetic determine is done here, in the same order; nothing is contracted or reordered
(`fastmath` stays off). Shapes that are rare go to the plain loops.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

from sim.kernels import plain
from sim.kernels.circle import ANGLE, COSINE, SINE
from sim.kernels.plain import Days, Floats, Runs, Singles, Truth, Words

_jit = numba.njit(cache=True, error_model="numpy")

_SHIFT_1, _FACTOR_1 = plain.MIX[0]
_SHIFT_2, _FACTOR_2 = plain.MIX[1]
_LAST, _GAMMA = plain.LAST, plain.GAMMA
_UNIT, _HALF, _MINUS_2 = np.float32(2.0**-32), np.float32(2.0**-33), np.float32(-2)
_LOW_32, _LOW_16 = np.uint64(0xFFFFFFFF), np.uint64(0xFFFF)
_BITS_16, _BITS_32, _BITS_48 = np.uint64(16), np.uint64(32), np.uint64(48)


@_jit
def _mix(word: Any) -> Any:
    word = (word ^ (word >> _SHIFT_1)) * _FACTOR_1
    word = (word ^ (word >> _SHIFT_2)) * _FACTOR_2
    return word ^ (word >> _LAST)


@_jit
def _squares(counters: Any, place: Any, first: Any, second: Any) -> None:
    for run in range(counters.size):
        word = _mix(counters[run] + place)
        first[run] = np.float32(np.uint32(word & _LOW_32)) * _UNIT + _HALF
        second[run] = np.float32(np.uint32(word >> _BITS_32)) * _UNIT + _HALF


@_jit
def _angles(counters: Any, place: Any, one: Any, two: Any, three: Any, four: Any) -> None:
    for run in range(counters.size):
        word = _mix(counters[run] + place)
        one[run] = np.int32(word & _LOW_16)
        two[run] = np.int32((word >> _BITS_16) & _LOW_16)
        three[run] = np.int32((word >> _BITS_32) & _LOW_16)
        four[run] = np.int32(word >> _BITS_48)


@_jit
def _series(factors: Any, x: Any) -> Any:
    return factors[0] + x * (factors[1] + x * (factors[2] + x * (factors[3] + x * factors[4])))


@_jit
def _turn(radii: Any, others: Any) -> None:
    """The circle of the plain loops, point by point: to look up is slower than to multiply."""
    numbers = others.view(np.int32)  # here, where the compiler sees that they lie in one place
    for run in range(radii.size):
        quarter = (numbers[run] + np.int32(1 << 13)) >> np.int32(14)
        angle = np.float32(numbers[run] - (quarter << np.int32(14))) * ANGLE
        square = angle * angle
        sine, cosine = angle * _series(SINE, square), _series(COSINE, square)
        odd = (quarter & np.int32(1)) != 0
        across, along = cosine if odd else sine, sine if odd else cosine
        radius = np.sqrt(radii[run] * _MINUS_2)
        radii[run] = across * (-radius if (quarter & np.int32(2)) != 0 else radius)
        others[run] = along * (-radius if ((quarter + np.int32(1)) & np.int32(2)) != 0 else radius)


def normals(counters: Words, places: Words, values: Singles) -> None:
    numbers = values.view(np.int32)
    _squares(counters, places[0], values[0], values[2])
    _squares(counters, places[1], values[4], values[6])
    _angles(counters, places[2], numbers[1], numbers[3], numbers[5], numbers[7])
    for row in range(0, 8, 2):
        np.log(values[row], out=values[row])
        _turn(values[row], values[row + 1])


mixed = plain.mixed


@_jit
def _unit(half: Any) -> Any:
    return (np.float64(half) + 0.5) * 2.0**-32


@_jit
def next_draws(state: Any, runs: Any, low: Any) -> Any:
    u = np.empty(runs.size, np.float64)
    for index in range(runs.size):
        run = runs[index]
        word = state[run]
        state[run] = word + _GAMMA
        word = _mix(word)
        low[run] = np.uint32(word & _LOW_32)
        u[index] = _unit(np.uint32(word >> _BITS_32))
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
def arrived(times: Any, low: Any, runs: Any) -> Any:
    days, u = np.empty(runs.size, np.int32), np.empty(runs.size, np.float64)
    for index in range(runs.size):
        run = runs[index]
        days[index] = np.int32(np.ceil(times[run]))
        u[index] = _unit(low[run])
    return days, u


@_jit
def by_day(days: Any, first: Any, count: Any, runs: Any, amounts: Any) -> Any:
    ends, next_place = np.zeros(count, np.int64), np.zeros(count + 1, np.int64)
    for index in range(days.size):
        next_place[days[index] - first + 1] += 1
    for day in range(count):
        next_place[day + 1] += next_place[day]
        ends[day] = next_place[day + 1]
    sorted_runs, sorted_amounts = np.empty_like(runs), np.empty_like(amounts)
    for index in range(days.size):
        day = days[index] - first
        place = next_place[day]
        next_place[day] = place + 1
        sorted_runs[place] = runs[index]
        sorted_amounts[place] = amounts[index]
    return ends, sorted_runs, sorted_amounts


@_jit
def add_product(d: Any, factor: Any, values: Any) -> None:
    for run in range(d.size):
        d[run] += np.float64(factor[run]) * values[run]


@_jit
def add_few(d: Any, runs: Any, amounts: Any) -> None:
    for index in range(runs.size):
        d[runs[index]] += amounts[index]


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
def _found(flags: Any) -> Any:
    """Where the flags are set: few are, so they are looked at eight at a time."""
    runs = np.empty(flags.size, np.int64)
    eights = flags[: flags.size // 8 * 8].view(np.uint64)
    count = 0
    for eight in range(eights.size):
        if eights[eight] != 0:
            for run in range(8 * eight, 8 * eight + 8):
                runs[count] = run
                count += flags[run]
    for run in range(8 * eights.size, flags.size):
        runs[count] = run
        count += flags[run]
    return runs[:count].copy()


@_jit
def _clipped(raw: Any, low: Any, high: Any) -> Any:
    value = low if raw < low else raw
    return high if value > high else value


@_jit
def _bounded_sum(path: Any, d: Any, low: Any, high: Any, x: Any) -> Any:
    held = np.empty(x.size, np.bool_)
    for run in range(x.size):
        raw = path + d[run]
        x[run] = _clipped(raw, low, high)
        held[run] = x[run] != raw
    return _found(held)


@_jit
def _bounded_sums(paths: Any, d: Any, low: Any, high: Any, x: Any) -> Any:
    held = np.empty(x.size, np.bool_)
    for run in range(x.size):
        raw = paths[run] + d[run]
        x[run] = _clipped(raw, low, high)
        held[run] = x[run] != raw
    return _found(held)


def bounded_sum(path: Floats, d: Floats, low: float, high: float, x: Floats) -> Runs:
    alike = path.size == 1
    held: Runs = _bounded_sum(path[0], d, low, high, x) if alike else _bounded_sums(path, d, low, high, x)
    return held


@_jit
def _confirmed_here(truth: Any, count: Any, needed: Any, stands: Any, phase: Any) -> Any:
    here = np.empty(truth.size, np.bool_)
    for run in range(truth.size):
        days = count.dtype.type((count[run] + 1) * truth[run])
        count[run] = days
        here[run] = (days >= needed) & (stands[run] == phase)
    return _found(here)


def confirmed_here(truth: Truth, count: Days, needed: Days, stands: Any, phase: Any) -> Runs:
    if needed.size > 1:
        return plain.confirmed_here(truth, count, needed, stands, phase)
    found: Runs = _confirmed_here(truth, count, needed[0], stands, phase)
    return found


@_jit
def due(days: Any, day: Any) -> Any:
    here = np.empty(days.size, np.bool_)
    today = days.dtype.type(day)
    for run in range(days.size):
        here[run] = days[run] == today
    return _found(here)
