"""Rows as csv, in the one form in which every table of phased is written, and the same rows as Parquet (extra `parquet`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from sim.errors import require

if TYPE_CHECKING:
    import pyarrow as pa

PHASE_COLUMNS = ("phase", "final_phase")
"""Whose values are names of phases: in Parquet a dictionary that holds all of them, lowest first."""
_TEXTS = ("scenario", "policy", "a", "b", "series", "statistic")
_NUMBERS = ("value", "mean_difference", "se", "variance_reduction")


_FORMULA = "=+-@\t\r\uff1d\uff0b\uff0d\uff20"
"""With these, wide ones included, a spreadsheet begins a formula."""


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet shows as it is: what could begin a formula has an apostrophe before it."""
    return f"'{text}" if text.lstrip(" \n")[:1] in tuple(_FORMULA) else text


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """UTF-8 with a header, or without where it is empty, as for rows that go on below others."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    if header:
        writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()


def require_parquet(what: str) -> None:
    """Raises MissingExtra where Parquet files cannot be written."""
    require("parquet", what, "pyarrow")


def with_phases(daily: bytes, phases: Sequence[str]) -> bytes:
    """daily.csv with a column `phase`: the one that a series is of, as in `first_passage.NAME`; empty for other series."""
    header, *rows = csv.reader(io.StringIO(daily.decode()))
    at = header.index("series")
    series = {f"{kind}.{name}": name for kind in ("phase", "first_passage") for name in phases}
    return csv_bytes([*header, "phase"], ([*row, series.get(row[at], "")] for row in rows))


def ladder_of(ladders: Iterable[Sequence[str]]) -> tuple[tuple[str, ...], bool]:
    """Every phase of some ladders, lowest first, and whether that is one order: false where two ladders differ."""
    each = list(dict.fromkeys(map(tuple, ladders)))
    return tuple(dict.fromkeys(name for ladder in each for name in ladder)), len(each) == 1


def parquet_bytes(table: bytes, phases: Sequence[str], *, ordered: bool = True) -> bytes:
    """The same columns and rows as a csv table of ours, empty cells as null, dates as dates.

    A column of phases is a dictionary of `phases`, marked as ordered unless that would be the order of no one ladder.
    """
    import pyarrow as pa
    import pyarrow.csv as reader
    import pyarrow.parquet as pq

    known = dict.fromkeys((*PHASE_COLUMNS, *_TEXTS), pa.string()) | dict.fromkeys(_NUMBERS, pa.float64()) | {"date": pa.date32()}
    options = reader.ConvertOptions(column_types=known, null_values=[""], strings_can_be_null=True)
    found = reader.read_csv(io.BytesIO(table), convert_options=options)
    for index, name in enumerate(found.column_names):
        if name in PHASE_COLUMNS:
            found = found.set_column(index, *_phases(name, found.column(name), phases, ordered=ordered))
        elif pa.types.is_null(found.column(name).type):  # empty throughout: days on which nothing came about
            found = found.set_column(index, name, found.column(name).cast(pa.int64()))
    sink = io.BytesIO()
    pq.write_table(found, sink, compression="zstd")
    return sink.getvalue()


def _phases(name: str, column: pa.ChunkedArray, phases: Sequence[str], *, ordered: bool) -> tuple[pa.Field, Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    indices = pc.index_in(column.combine_chunks(), value_set=pa.array(phases, pa.string())).cast(pa.int16())
    made = pa.DictionaryArray.from_arrays(indices, pa.array(phases, pa.string()), ordered=ordered)
    return pa.field(name, made.type), made
