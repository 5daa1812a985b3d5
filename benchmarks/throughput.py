"""Throughput and memory, as ratios: `python benchmarks/throughput.py`, with phased and benchmarks/requirements.txt installed.

A peer that is not installed is left out and named. Everything that is compared is measured in turn, in the same rounds;
ratios are taken round by round. One thread, CPU time, unless said otherwise. The workload is workload.yaml with
workload-policy.yaml.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import curves
import numpy as np
import whole
from curves import Curve
from peers import PEERS, Changes, Peer, Runner
from timing import Spread, Task, Times, interleaved, ratio
from whole import Machine, Peak, Workers
from work import SEED, Work, noises, work, workload

from sim import kernels
from sim.draws import Arrivals, Block, Normals
from sim.engine import simulate
from sim.ensemble import BLOCK, run_ensemble
from sim.machine import Model
from sim.numbers import Numbers

AHEAD = 16
"""Days for which jumps are drawn at once, as the engine does."""
NORMALS, DRAWS, ENGINE = "standard normals, numpy", "the engine's own draws", "the engine, plain numpy"
COMPILED, ENSEMBLE = "the engine, compiled loops", "the whole ensemble, compiled loops"
CEILING = 0.8
"""The engine's target, in times of the standard normals."""


@dataclass(frozen=True)
class Scale:
    """How much is measured."""

    rounds: int
    ensemble: int
    """runs of the whole ensemble"""
    curve_rounds: int
    worker_rounds: int
    worker_runs: int
    """runs of the command with one and two workers: many, so that it is their speed and not the start of the command"""
    memory: tuple[int, ...]
    """runs"""


FULL = Scale(9, 1_000_000, 5, 5, 8_000_000, (100_000, 1_000_000, 10_000_000))
QUICK = Scale(3, 4 * BLOCK, 3, 1, 1_000_000, (100_000, 1_000_000))


@dataclass(frozen=True)
class Row:
    """A task of the engine beside drawing its normals."""

    name: str
    ns: Spread
    """of CPU a run-day"""
    times: Spread
    """of the standard normals"""


@dataclass(frozen=True)
class PeerRow:
    name: str
    version: str
    per_second: Spread | None
    """runs a second a core; None: not measured"""
    engine: Spread | None
    """times as many runs a second, in plain numpy"""
    compiled: Spread | None
    ensemble: Spread | None
    target: float | None
    note: str


@dataclass(frozen=True)
class Report:
    machine: Machine
    rows: Sequence[Row]
    peers: Sequence[PeerRow]
    workers: Workers | str | None
    peaks: Sequence[Peak]
    curves: Sequence[Curve]


# What is measured ----------------------------------------------------------------------------------------------------------


def numpy_normals(count: int) -> None:
    """As fast as numpy draws them: into one row that stays in the cache."""
    source = np.random.Generator(np.random.SFC64(SEED))
    row = np.empty(1 << 13)
    for _ in range(count // row.size):
        source.standard_normal(out=row)


BLOCKS = tuple(Block.plain(first * BLOCK, BLOCK) for first in range(4))
"""What is drawn or simulated in one call: some blocks one after another, as an ensemble does."""


def in_blocks(call: Callable[[Block], object]) -> Callable[[], None]:
    def timed() -> None:
        for block in BLOCKS:
            call(block)

    return timed


def own_draws(model: Model, block: Block) -> None:
    """Every random number of a block and nothing else."""
    walk, error, jumps = noises(model)
    normals = [Normals(SEED, name, block) for name in (walk, error)]
    arrivals = Arrivals(SEED, jumps.noise, block, Numbers(SEED, block)(jumps.rate))
    for day in range(model.world.days):
        for each in normals:
            each.day(day)
        if day % AHEAD == 1:
            arrivals.ahead(day + AHEAD - 1)


def whole_ensemble(model: Model, runs: int) -> object:
    """Counts and fans, without a table of single runs."""
    return run_ensemble(model, SEED, runs)


def with_compiled_loops(call: Callable[[], object]) -> Callable[[], object]:
    """As large work runs: the extra `fast` must be installed."""
    if not kernels.speed_up():
        raise SystemExit("numba is missing: pip install --constraint constraints.txt '.[fast]'")
    call()  # compiles
    kernels.active = kernels.plain

    def timed() -> object:
        kernels.speed_up()
        try:
            return call()
        finally:
            kernels.active = kernels.plain

    return timed


def engine_tasks(model: Model, scale: Scale) -> list[Task]:
    days, units = model.world.days, len(BLOCKS) * BLOCK * model.world.days
    block_by_block = in_blocks(lambda block: simulate(model, SEED, block))
    return [
        Task(NORMALS, units, lambda: numpy_normals(2 * units)),
        Task(DRAWS, units, in_blocks(lambda block: own_draws(model, block))),
        Task(ENGINE, units, block_by_block),
        Task(COMPILED, units, with_compiled_loops(block_by_block)),
        Task(ENSEMBLE, scale.ensemble * days, with_compiled_loops(lambda: whole_ensemble(model, scale.ensemble))),
    ]


def peer_tasks(model: Model) -> list[Task]:
    """Those that are installed. Raises DiffersError where one does not date the same changes as the engine."""
    installed = [peer for peer in PEERS if peer.missing is None]
    most = work(model, max(peer.runs for peer in installed))
    tasks = []
    for peer in installed:
        part = most.first(peer.runs)
        runner = peer.prepare(part)
        hold_against_engine(peer, runner, part)
        tasks.append(Task(peer.name, peer.runs * model.world.days, runner.run))
    return tasks


class DiffersError(Exception):
    """A peer whose paths are not those of the engine did other work, and cannot be compared."""


def hold_against_engine(peer: Peer, runner: Runner, part: Work) -> None:
    found: Changes = runner.dated(runner.run())
    for run, (theirs, ours) in enumerate(zip(found, part.changes, strict=True)):
        if list(theirs) != list(ours):
            raise DiffersError(f"{peer.name}: run {run} changes phase {theirs}, with the engine {ours}")


def rows(times: Times) -> list[Row]:
    return [
        Row(name, Spread.of(each * 1e9 for each in times[name]), ratio(times[name], times[NORMALS]))
        for name in (NORMALS, DRAWS, ENGINE, COMPILED, ENSEMBLE)
    ]


def peer_rows(times: Times, days: int) -> list[PeerRow]:
    return [_peer_row(peer, times, days) for peer in PEERS]


def _peer_row(peer: Peer, times: Times, days: int) -> PeerRow:
    if peer.missing:
        return PeerRow(peer.name, "", None, None, None, None, peer.target, peer.missing)
    own = times[peer.name]
    per_second = Spread.of(1 / (each * days) for each in own)
    engine, compiled, ensemble = (ratio(own, times[name]) for name in (ENGINE, COMPILED, ENSEMBLE))
    return PeerRow(peer.name, peer.version, per_second, engine, compiled, ensemble, peer.target, "")


# The report ----------------------------------------------------------------------------------------------------------------


def markdown(report: Report) -> str:
    parts = [
        _machine(report.machine),
        _rows(report.rows),
        _peers(report.peers),
        _workers(report.workers),
        _peaks(report.peaks),
        _curves(report.curves),
    ]
    return "\n\n".join(part for part in parts if part)


def _table(header: Sequence[str], body: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *body]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _spread(spread: Spread, form: str = ".2f") -> str:
    return f"{spread.median:{form}} ({spread.low:{form}}–{spread.high:{form}})"


def _machine(machine: Machine) -> str:
    load = ", ".join(f"{each:.2f}" for each in machine.load)
    return (
        f"{machine.processor}, {machine.cores} cores; {machine.python}, numpy {machine.numpy} with {' '.join(machine.simd)}; "
        f"load before: {load}."
    )


def _rows(found: Sequence[Row]) -> str:
    header = ["one thread", "ns a run-day", "× standard normals"]
    body = [[row.name, _spread(row.ns, ".1f"), _spread(row.times)] for row in found]
    return _table(header, body) + f"\n\nTarget for the engine: at most {CEILING} times." if found else ""


def _peers(found: Sequence[PeerRow]) -> str:
    header = [
        "identical work and paths",
        "version",
        "runs a second a core",
        "the engine makes ×",
        "compiled ×",
        "whole ensemble ×",
        "target ×",
    ]
    return _table(header, [_peer_cells(row) for row in found]) if found else ""


def _peer_cells(row: PeerRow) -> list[str]:
    target = f"{row.target:,.0f}" if row.target else ""
    figures = [row.per_second, row.engine, row.compiled, row.ensemble]
    return [row.name, row.version or row.note, *(_spread(each, ",.0f") if each else "" for each in figures), target]


def _workers(workers: Workers | str | None) -> str:
    if workers is None or isinstance(workers, str):
        return f"Two workers against one: not measured, {workers}." if workers else ""
    header = ["whole command", "one worker, s", "two workers, s", "one : two", "target"]
    times = [_spread(workers.one, ".1f"), _spread(workers.two, ".1f"), _spread(workers.ratio)]
    return _table(header, [[f"{workers.runs:,} runs", *times, "1.7"]])


def _peaks(found: Sequence[Peak]) -> str:
    header = ["runs, one worker", "peak memory, MB", "s by the clock"]
    body = [[f"{each.runs:,}", f"{each.bytes / 1e6:.0f}", f"{each.seconds:.1f}"] for each in found]
    return _table(header, body) if found else ""


def _curves(found: Sequence[Curve]) -> str:
    header = ["cost against", "measured", "one more costs", "largest deviation from the line"]
    body = [
        [
            each.axis.lower(),
            ", ".join(f"{size:,}" for size in each.sizes),
            f"{each.slope_ns:.2f} {each.slope_name}",
            f"{each.deviation:.1%}",
        ]
        for each in found
    ]
    return _table(header, body) if found else ""


# The command ---------------------------------------------------------------------------------------------------------------

PARTS = ("engine", "workers", "memory", "curves")


def measure(scale: Scale, parts: Sequence[str], *, quick: bool) -> Report:
    model, machine = workload(), whole.machine()
    times: Times = {}
    if "engine" in parts:
        times = interleaved([*engine_tasks(model, scale), *peer_tasks(model)], scale.rounds)
    axes = curves.axes(model, whole_ensemble, quick=quick) if "curves" in parts else []
    return Report(
        machine,
        rows(times) if times else [],
        peer_rows(times, model.world.days) if times else [],
        whole.workers_ratio(scale.worker_runs, scale.worker_rounds) if "workers" in parts else None,
        whole.peaks(scale.memory) if "memory" in parts else [],
        curves.measured(axes, scale.curve_rounds),
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description="Throughput and memory of phased beside its peers, as a markdown table of ratios."
    )
    parser.add_argument("--quick", action="store_true", help="fewer rounds and runs; the committed picture is left alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all that was measured there too")
    parser.add_argument("--only", choices=PARTS, action="append", help="measure this part; may be repeated; default: all")
    chosen = parser.parse_args()
    report = measure(QUICK if chosen.quick else FULL, chosen.only or PARTS, quick=chosen.quick)
    print(markdown(report))
    if chosen.json:
        chosen.json.write_text(json.dumps(asdict(report), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if report.curves and not chosen.quick:
        curves.draw(report.curves)


if __name__ == "__main__":
    main()
