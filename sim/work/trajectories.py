"""Every day of every run as Parquet files, tidy and long, one file a block (extra `parquet`).

There is one row for each run, day and series, that is each variable and each signpost:

| column   | type                           | what it holds                                            |
|----------|--------------------------------|----------------------------------------------------------|
| `run`    | int64                          | the run's number, as in `runs.csv`                       |
| `day`    | int32                          | from 0                                                   |
| `date`   | date32                         | of that day                                              |
| `phase`  | dictionary of strings, ordered | of the run at the end of that day                        |
| `kind`   | dictionary of strings          | `variable` or `signpost`                                 |
| `series` | dictionary of strings          | its name                                                 |
| `value`  | double                         | of the series on that day, in its unit (in the metadata) |

The phase stands in each row of its run and day, rather than in a table of its own: what is mostly asked is what was seen in a
phase, which so takes a filter and no join, and after compression the repetition costs next to nothing.

Rows come by day, then series (variables, then signposts, in the model's order), then run. The dictionary of phases holds all
of them, lowest first, in every file, so that they keep their order whichever of them occur.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from sim import __version__, errors
from sim.draws import Floats
from sim.engine import Engine
from sim.machine import Model

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

ROWS = 1 << 20
"""A row group has at most so many rows, or those of one series on one day if they are more. It is all that is held in memory."""

_KINDS = ("variable", "signpost")
_EPOCH = dt.date(1970, 1, 1)
_DICTIONARIES = ["day", "date", "phase", "kind", "series"]
_ENCODINGS = {"run": "DELTA_BINARY_PACKED", "value": "BYTE_STREAM_SPLIT"}
"""Runs count up by one, which so takes no room; drawn values hardly ever repeat, so that a dictionary of them only costs."""


def require() -> None:
    """Raises MissingExtra where Parquet files cannot be written."""
    errors.require("parquet", "--keep trajectories", "pyarrow")


def recorded(folder: Path, model: Model, blocks: Sequence[range]) -> list[range]:
    """The blocks of which the folder holds all rows. What it holds of others, half files included, is removed.

    For a run that goes on where an earlier one was killed: that may have kept other things, or had other blocks.
    """
    names = set(map(_name, blocks))
    for path in [*folder.glob("part-*"), *folder.glob(".part-*")]:
        if path.name not in names:
            path.unlink(missing_ok=True)
    return [block for block in blocks if _holds(folder / _name(block), model, block)]


def _holds(path: Path, model: Model, runs: range) -> bool:
    import pyarrow.parquet as pq

    own = _own(model, runs)
    try:
        return not own or pq.read_metadata(path).num_rows == len(own) * model.world.days * len(_series(model))
    except (OSError, ValueError):  # not there, or not Parquet
        return False


class Recorder:
    """Called at the end of each day of a block, writes the rows of its runs to `part-FIRST.parquet` in a folder.

    The file bears that name when the block is complete. A model that is one path is recorded as run 0 alone.
    """

    def __init__(self, folder: Path, model: Model, runs: range) -> None:
        self._path, self._model, self._runs = folder / _name(runs), model, _own(model, runs)
        self._closing = ExitStack()
        self._rows: _Rows | None = None

    def __enter__(self) -> Self:
        require()
        if self._runs:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with ExitStack() as stack:
                file = stack.enter_context(_appearing(self._path))
                self._rows = stack.enter_context(_writing(file, self._model, self._runs))
                self._closing = stack.pop_all()
        return self

    def __call__(self, runs: range, engine: Engine) -> None:  # noqa: ARG002  # as sim.ensemble calls its Watch
        if self._rows:
            for index, values in enumerate([*engine.levels, *engine.observed]):
                self._rows.add(engine.day, index, engine.phases.phase, values)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closing.__exit__(kind, error, trace)


def _name(runs: range) -> str:
    return f"part-{runs.start:010d}.parquet"


def _own(model: Model, runs: range) -> range:
    """The runs of a block that are recorded: what is not uncertain is one path, even where a rival reading of it is."""
    return range(runs.start, min(runs.stop, 1)) if model.single_path else runs


def _series(model: Model) -> list[tuple[str, str, str]]:
    """Kind, name and unit of each series, in the order of the rows."""
    variables = [(_KINDS[0], each.name, each.unit) for each in model.world.variables]
    return variables + [(_KINDS[1], each.name, each.unit) for each in model.world.signposts]


@contextmanager
def _appearing(path: Path) -> Iterator[BinaryIO]:
    """A file that bears its name only once it is whole and on the disk, whatever ends the process before."""
    beside = path.with_name(f".{path.name}")  # hidden: who reads the whole folder passes over it
    try:
        with beside.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


@contextmanager
def _writing(file: BinaryIO, model: Model, runs: range) -> Iterator[_Rows]:
    """Rows that are all in the file at the end."""
    import pyarrow.parquet as pq

    writer = pq.ParquetWriter(file, _schema(model), compression="zstd", use_dictionary=_DICTIONARIES, column_encoding=_ENCODINGS)
    try:
        rows = _Rows(writer, model, runs)
        yield rows
        rows.flush()
    except BaseException:
        with suppress(Exception):  # what failed is told already; a writer left open would try again when it is collected
            writer.close()
        raise
    writer.close()


def _schema(model: Model) -> pa.Schema:
    import pyarrow as pa

    columns = {
        "run": pa.int64(),
        "day": pa.int32(),
        "date": pa.date32(),
        "phase": pa.dictionary(pa.int8(), pa.string(), ordered=True),
        "kind": pa.dictionary(pa.int8(), pa.string()),
        "series": pa.dictionary(pa.int16(), pa.string()),
        "value": pa.float64(),
    }
    return pa.schema([pa.field(name, each, nullable=False) for name, each in columns.items()], _metadata(model))


def _metadata(model: Model) -> dict[str, str]:
    """What the files say of themselves; no date of writing, so that the same inputs make the same bytes."""
    units: dict[str, dict[str, str]] = {kind: {} for kind in _KINDS}
    for kind, name, unit in _series(model):
        units[kind][name] = unit
    return {
        "phased": __version__,
        "scenario": model.world.name,
        "policy": model.machine.name,
        "start": model.world.start.isoformat(),
        "phases": json.dumps([phase.name for phase in model.machine.phases]),
        "units": json.dumps(units),
    }


class _Rows:
    """Rows on their way to the file: those of several days make a row group.

    Columns are held as (lines, runs), a line being one series on one day.
    """

    def __init__(self, writer: pq.ParquetWriter, model: Model, runs: range) -> None:
        kinds, names, _ = zip(*_series(model), strict=True)
        self._writer, self._runs = writer, np.arange(runs.start, runs.stop)
        self._phase_names = [phase.name for phase in model.machine.phases]
        self._names = list(dict.fromkeys(names))  # a variable and its signpost may share one
        self._kind_of = np.array([_KINDS.index(kind) for kind in kinds], np.int8)
        self._name_of = np.array([self._names.index(name) for name in names], np.int16)
        self._first_date = (model.world.start - _EPOCH).days
        lines = _lines_at_once(len(runs), len(names), model.world.days)
        self._count = 0
        self._days, self._series = np.empty(lines, np.int32), np.empty(lines, np.intp)
        self._phases, self._values = np.empty((lines, len(runs)), np.int8), np.empty((lines, len(runs)))

    def add(self, day: int, series: int, phases: NDArray[np.int8], values: Floats) -> None:
        """One series on one day, where `values` are (runs,), or (1,) if the same in all runs."""
        line = self._count
        self._days[line], self._series[line], self._phases[line], self._values[line] = day, series, phases, values
        self._count += 1
        if self._count == self._days.size:
            self.flush()

    def flush(self) -> None:
        """Write a row group."""
        if self._count:
            self._writer.write_table(self._table(), row_group_size=self._values.size)
            self._count = 0

    def _table(self) -> pa.Table:
        import pyarrow as pa

        count = self._count
        days, series = self._days[:count], self._series[:count]
        columns = [
            np.tile(self._runs, count),
            self._repeated(days),
            pa.array(self._repeated(days + np.int32(self._first_date))).view(pa.date32()),
            _dictionary(self._phases[:count].ravel(), self._phase_names, ordered=True),
            _dictionary(self._repeated(self._kind_of[series]), _KINDS),
            _dictionary(self._repeated(self._name_of[series]), self._names),
            self._values[:count].ravel(),
        ]
        return pa.table(columns, schema=self._writer.schema)

    def _repeated(self, lines: NDArray[Any]) -> NDArray[Any]:
        return np.repeat(lines, self._runs.size)


def _lines_at_once(runs: int, series: int, days: int) -> int:
    """How many lines make a row group: those of whole days, where one day fits."""
    lines = max(ROWS // runs, 1)
    whole = lines // series * series
    return min(whole or lines, days * series)


def _dictionary(indexes: NDArray[Any], names: Iterable[str], *, ordered: bool = False) -> pa.DictionaryArray:
    import pyarrow as pa

    return pa.DictionaryArray.from_arrays(pa.array(indexes), pa.array(names, pa.string()), ordered=ordered)
