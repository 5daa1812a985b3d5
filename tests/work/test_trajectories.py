"""Every day of every run as Parquet: the engine's own values, in order, in bounded memory, whole or not at all."""

from __future__ import annotations

import datetime as dt
import errno
import json
import os
import sys
import tempfile
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

import sim.ensemble
from sim import __version__
from sim.draws import Block
from sim.engine import Engine
from sim.ensemble import Job
from sim.errors import MissingExtra
from sim.machine import Model
from sim.measures import strips
from sim.work import How, parts, trajectories
from sim.work.task import Task
from sim.work.trajectories import Recorder, recorded, require
from tests.cli.shell import contents, phased, spawned
from tests.strategies import START, Record, models
from tests.test_reference import PHASES, model

WALK: Record = {"path": {"day 0": 0}, "moves": {"w": {"walk": {"volatility": 0.5}}}}
NAMES = ["run", "day", "date", "phase", "kind", "series", "value"]


def made(days: int = 6) -> Model:
    """A walk seen through noise, and a level that is the same in all runs."""
    return model(
        {"z": {"path": {"day 0": 5, "day 2": 7}}, "a": WALK},
        days=days,
        signposts={"seen": {"observes": "a", "error": {"sd": 0.2}}},
        thresholds={"t": {"value": 0.4}},
        transitions={"go": {"from": "low", "to": "middle", "when": "seen >= t"}},
    )


def job(model: Model) -> Job:
    return Job((model,), 3)


def kept(folder: Path, model: Model, runs: range) -> Path:
    """The file of a block."""
    Task(job(model), folder)(runs)
    (path,) = folder.iterdir()
    return path


@dataclass
class Days:
    """What the engine itself says: (days, series, runs) and (days, runs)."""

    values: NDArray[np.float64]
    phases: NDArray[np.int8]


def stepped(model: Model, runs: range) -> Days:
    engine = Engine(model, 3, Block.plain(runs.start, len(runs)))
    values, phases = [], []
    for _ in range(model.world.days):
        engine.step()
        values.append([np.broadcast_to(each, len(runs)).copy() for each in (*engine.levels, *engine.observed)])
        phases.append(engine.phases.phase.copy())
    np.testing.assert_array_equal(np.transpose(phases), strips(engine.paths(), len(runs)))
    return Days(np.array(values), np.array(phases))


def bits(values: NDArray[np.float64]) -> NDArray[np.int64]:
    """Unlike the values themselves these tell −0 from 0 and are equal where not a number."""
    return np.ascontiguousarray(values).view(np.int64)


# What it holds -------------------------------------------------------------------------------------------------------------


@given(models(), st.integers(0, 1000))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_values_and_phases_are_the_engines_to_the_bit(made: Model, first: int) -> None:
    runs = range(1) if made.single_path else range(first, first + 9)
    with tempfile.TemporaryDirectory() as folder:
        table = pq.read_table(kept(Path(folder), made, runs))
    expected = stepped(made, runs)
    shape = expected.values.shape
    np.testing.assert_array_equal(bits(table["value"].to_numpy()).reshape(shape), bits(expected.values))
    names = np.array([phase.name for phase in made.machine.phases])
    found = np.array(table["phase"].to_pylist()).reshape(shape)
    np.testing.assert_array_equal(found, np.broadcast_to(names[expected.phases][:, np.newaxis], shape))


def test_rows_come_by_day_series_and_run(tmp_path: Path) -> None:
    table = pq.read_table(kept(tmp_path, made(), range(70, 73)))
    series = [("variable", "z"), ("variable", "a"), ("signpost", "seen"), ("signpost", "z")]
    expected = [(run, day, kind, name) for day in range(6) for kind, name in series for run in range(70, 73)]
    found = [table[name].to_pylist() for name in ("run", "day", "kind", "series")]
    assert list(zip(*found, strict=True)) == expected
    assert table["date"].to_pylist() == [START + dt.timedelta(days=day) for _, day, _, _ in expected]
    level = table.filter(ds.field("series") == "z")
    assert level["value"].to_pylist() == [5.0] * 12 + [7.0] * 24  # one value for all runs stands in the row of each


def test_types_of_the_columns(tmp_path: Path) -> None:
    text = pa.dictionary(pa.int8(), pa.string())
    types = [pa.int64(), pa.int32(), pa.date32(), pa.dictionary(pa.int8(), pa.string(), ordered=True), text]
    types += [pa.dictionary(pa.int16(), pa.string()), pa.float64()]
    schema = pq.read_schema(kept(tmp_path, made(), range(2)))
    assert schema.names == NAMES
    assert schema.types == types
    assert not any(field.nullable for field in schema)


def test_phases_keep_their_order_whichever_occur(tmp_path: Path) -> None:
    """Nothing happens here, and `high` comes before `low` in the alphabet."""
    still = model({"x": WALK}, days=2)
    (chunk,) = pq.read_table(kept(tmp_path, still, range(5)))["phase"].chunks
    assert chunk.dictionary.to_pylist() == list(PHASES)
    assert chunk.type.ordered


def test_metadata_tells_what_it_is_and_not_when(tmp_path: Path) -> None:
    found = pq.read_schema(kept(tmp_path, made(), range(2))).metadata
    told = {key.decode(): value.decode() for key, value in found.items()}
    units = {"variable": {"z": "u", "a": "u"}, "signpost": {"seen": "u", "z": "u"}}
    assert json.loads(told.pop("phases")) == list(PHASES)
    assert json.loads(told.pop("units")) == units
    assert told == {"phased": __version__, "scenario": "s", "policy": "p", "start": START.isoformat()}


def test_compressed_and_of_little_size(tmp_path: Path) -> None:
    """All but the drawn values takes next to nothing."""
    path = kept(tmp_path, made(60), range(1000))
    footer = pq.read_metadata(path)
    group = footer.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    assert {column.compression for column in columns} == {"ZSTD"}
    assert path.stat().st_size < 5 * footer.num_rows  # of 8 bytes for each drawn value, where half of the series are drawn


# One path ------------------------------------------------------------------------------------------------------------------


def one_path(rival: Any = 2) -> Job:
    """A model that is one path, and a rival reading of it that is not."""
    transitions: Record = {"go": {"from": "low", "to": "high", "when": "x >= t"}}
    level = {"x": {"path": {"day 0": 0, "day 3": 2}}}
    plain, other = (model(level, thresholds={"t": {"value": each}}, transitions=transitions) for each in (1, rival))
    return Job((plain,), 3, rivals=((other,),))


def test_one_path_is_recorded_once_even_beside_an_uncertain_rival(tmp_path: Path) -> None:
    task = Task(one_path({"uniform": [0, 3]}), tmp_path)
    for block in (range(8), range(8, 16)):
        task(block)
    (path,) = tmp_path.iterdir()
    table = pq.read_table(path)
    assert path.name == "part-0000000000.parquet"
    assert table["run"].to_pylist() == [0] * 12
    assert table["phase"].to_pylist() == ["low"] * 6 + ["high"] * 6
    assert recorded(tmp_path, task.work.models[0], [range(8), range(8, 16)]) == [range(8), range(8, 16)]


# Row groups and memory -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "sizes"),
    [
        (10**6, [240]),  # 4 series on 6 days in 10 runs
        (100, [80, 80, 80]),  # whole days
        (39, [30] * 8),  # a day does not fit
        (3, [10] * 24),  # one series on one day does not fit
    ],
)
def test_row_groups_are_bounded_and_of_whole_days_where_one_fits(
    rows: int, sizes: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trajectories, "ROWS", rows)
    path = kept(tmp_path, made(), range(10))
    footer = pq.read_metadata(path)
    assert [footer.row_group(index).num_rows for index in range(footer.num_row_groups)] == sizes
    np.testing.assert_array_equal(pq.read_table(path)["value"].to_numpy(), stepped(made(), range(10)).values.ravel())


def test_memory_holds_a_row_group_and_not_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trajectories, "ROWS", 20_000)
    runs, subject = range(1000), made(300)
    engine = Engine(subject, 3, Block.plain(0, 1000))
    arrow = pa.default_memory_pool().max_memory()
    tracemalloc.start()
    with Recorder(tmp_path, subject, runs) as recorder:
        for _ in range(300):
            engine.step()
            recorder(runs, engine)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    group = 20_000 * 40  # bytes: 28 a row in the columns, 9 in the values and phases that wait
    assert pq.read_metadata(tmp_path / "part-0000000000.parquet").num_rows * 40 > 50 * group
    assert peak < 3 * group
    assert pa.default_memory_pool().max_memory() - arrow < 3 * group


# Whole or not at all -------------------------------------------------------------------------------------------------------


def test_bears_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    runs, subject = range(65_536, 65_540), made()
    engine = Engine(subject, 3, Block.plain(runs.start, len(runs)))
    with Recorder(folder, subject, runs) as recorder:
        for _ in range(subject.world.days):
            engine.step()
            recorder(runs, engine)
            (path,) = folder.iterdir()
            assert path.name.startswith(".")  # passed over by those who read the folder
    assert [path.name for path in folder.iterdir()] == ["part-0000065536.parquet"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("rows", [1, 10**6])
def test_an_exception_leaves_no_file(
    error: type[BaseException], rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trajectories, "ROWS", rows)
    (tmp_path / "part-0000000000.parquet").write_bytes(b"of an earlier run")
    engine = Engine(made(), 3, Block.plain(0, 4))
    engine.step()

    def interrupted() -> None:
        with Recorder(tmp_path, made(), range(4)) as recorder:
            recorder(range(4), engine)
            raise error

    with pytest.raises(error):
        interrupted()
    assert contents(tmp_path) == {"part-0000000000.parquet": b"of an earlier run"}


@contextmanager
def small_disk(size: int) -> Iterator[None]:
    """No file grows beyond this."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("rows", "size"), [(2000, 20_000), (10**6, 20_000), (10**6, 2)])
def test_a_full_disk_leaves_no_file(rows: int, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trajectories, "ROWS", rows)
    with small_disk(size), pytest.raises(OSError, match=os.strerror(errno.EFBIG)):
        kept(tmp_path, made(), range(1000))
    assert list(tmp_path.iterdir()) == []


# Going on where a killed run ended -----------------------------------------------------------------------------------------

BLOCKS = [range(10), range(10, 20), range(20, 25)]


def test_only_whole_files_of_the_block_count_as_recorded(tmp_path: Path) -> None:
    subject = made()
    assert recorded(tmp_path / "not-there", subject, BLOCKS) == []
    task = Task(job(subject), tmp_path)
    for block in BLOCKS:
        task(block)
    assert recorded(tmp_path, subject, BLOCKS) == BLOCKS
    whole = tmp_path / "part-0000000010.parquet"
    whole.write_bytes(whole.read_bytes()[:-20])
    task(range(20, 24))
    assert recorded(tmp_path, subject, BLOCKS) == [range(10)]


def test_what_is_left_of_other_blocks_is_removed(tmp_path: Path) -> None:
    task = Task(job(made()), tmp_path)
    for block in BLOCKS:
        task(block)
    (tmp_path / ".part-0000000010.parquet").write_bytes(b"half")
    (tmp_path / "mine.txt").write_bytes(b"kept")
    assert recorded(tmp_path, made(), BLOCKS[:2]) == BLOCKS[:2]
    assert sorted(contents(tmp_path)) == ["mine.txt", "part-0000000000.parquet", "part-0000000010.parquet"]


# Through the command and the rest of the package ---------------------------------------------------------------------------


def test_blocks_make_one_data_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sim.ensemble, "BLOCK", 10)
    for folder in ("one", "other"):
        list(parts(job(made()), 25, How(trajectories=tmp_path / folder)))
    assert contents(tmp_path / "one") == contents(tmp_path / "other")
    assert sorted(contents(tmp_path / "one")) == [f"part-00000000{first}0.parquet" for first in range(3)]
    for table in (ds.dataset(tmp_path / "one").to_table(), pq.read_table(tmp_path / "one")):
        assert table.sort_by("run")["run"].to_pylist() == [run for run in range(25) for _ in range(24)]
        assert table.schema.field("phase").type.ordered
        assert {tuple(chunk.dictionary.to_pylist()) for chunk in table["phase"].chunks} == {tuple(PHASES)}
    values = stepped(made(), range(25)).values
    part = ds.dataset(tmp_path / "one").to_table(filter=(ds.field("run") == 17) & (ds.field("kind") == "variable"))
    np.testing.assert_array_equal(part["value"].to_numpy().reshape(6, 2), values[:, :2, 17])


def test_two_workers_write_the_same_bytes_as_one(tmp_path: Path) -> None:
    """Enough runs for blocks that are handed out."""
    made = {}
    for workers in (1, 2):
        words = ("--runs", 4 * 65_536 - 60_000, "--set", "days=2", "--keep", "trajectories", "--no-charts")
        done = spawned("run", "surge-to-front-uncertain", *words, "--workers", workers, "--out", workers, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
        made[workers] = contents(tmp_path / str(workers))
    assert made[1] == made[2]
    assert len([name for name in made[1] if name.startswith("trajectories/part-")]) == 4


def test_command_lists_the_files_and_removes_them_when_they_are_out_of_date(tmp_path: Path) -> None:
    run = ("run", "surge-to-front-uncertain", "--runs", 20, "--no-charts", "--out", tmp_path / "r")
    phased(*run, "--keep", "trajectories")
    name = "trajectories/part-0000000000.parquet"
    assert name in json.loads((tmp_path / "r" / "manifest.json").read_bytes())["outputs"]
    first = contents(tmp_path / "r")
    phased(*run, "--keep", "trajectories", "--resume")
    assert contents(tmp_path / "r")[name] == first[name]
    assert [path.name for path in tmp_path.iterdir()] == ["r"]
    phased(*run)
    assert name not in contents(tmp_path / "r")


def test_final_phases_are_those_of_runs_csv(tmp_path: Path) -> None:
    phased("run", "surge-to-front-uncertain", "--runs", 50, "--no-charts", "--keep", "trajectories", "--out", tmp_path / "r")
    table = pq.read_table(tmp_path / "r" / "trajectories")
    last = table.filter((ds.field("day") == 364) & (ds.field("kind") == "signpost"))
    header, *rows = [line.split(",") for line in (tmp_path / "r" / "runs.csv").read_text().splitlines()]
    final = [row[header.index("final_phase")] for row in rows]
    assert len(set(final)) > 1
    assert last.slice(0, 50)["phase"].to_pylist() == final


def test_without_pyarrow_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"--keep trajectories .* pip install 'phased\[parquet\]'"):
        require()
    with pytest.raises(MissingExtra):
        kept(tmp_path / "folder", made(), range(3))
    assert not (tmp_path / "folder").exists()
