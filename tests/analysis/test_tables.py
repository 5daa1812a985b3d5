"""Tables as csv and as Parquet: the same rows, with types, nulls and phases in their order."""

from __future__ import annotations

import csv
import io
import re
import shlex
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sim import api
from sim.analysis import tables
from sim.analysis.comparisons import comparison_csv, pairs_csv
from sim.errors import MissingExtra

PHASES = ("low", "middle", "high")
TABLE = tables.csv_bytes(
    ("scenario", "date", "phase", "days", "value", "never"),
    [
        ("007", "2024-10-24", "high", 3, 1.5, ""),
        ("null", "2024-10-25", "low", "", "", ""),
        ("a,b", "2024-10-26", "", 0, "inf", ""),
    ],
)


def read(content: bytes) -> pa.Table:
    return pq.read_table(io.BytesIO(content))


def test_types_nulls_and_the_order_of_phases() -> None:
    found = read(tables.parquet_bytes(TABLE, PHASES))
    assert found.column("scenario").to_pylist() == ["007", "null", "a,b"]
    assert found.schema.field("date").type == pa.date32()
    assert found.column("phase").to_pylist() == ["high", "low", None]
    assert found.schema.field("phase").type.ordered
    assert found.column("phase").combine_chunks().dictionary.to_pylist() == [*PHASES]
    assert found.column("days").to_pylist() == [3, None, 0]
    assert found.column("value").to_pylist() == [1.5, None, float("inf")]
    assert found.column("never").to_pylist() == [None] * 3
    assert tables.parquet_bytes(TABLE, PHASES) == tables.parquet_bytes(TABLE, PHASES)


def test_two_ladders_have_no_one_order() -> None:
    assert tables.ladder_of([PHASES, PHASES]) == (PHASES, True)
    assert tables.ladder_of([PHASES, ("low", "other")]) == (("low", "middle", "high", "other"), False)
    assert not read(tables.parquet_bytes(TABLE, PHASES, ordered=False)).schema.field("phase").type.ordered


def test_series_of_phases_name_their_phase() -> None:
    daily = tables.csv_bytes(
        ("date", "series", "value"), [("d", "phase.low", 1), ("d", "first_passage.high", 0), ("d", "variable.low", 3)]
    )
    assert [row["phase"] for row in csv.DictReader(io.StringIO(tables.with_phases(daily, PHASES).decode()))] == [
        "low",
        "high",
        "",
    ]


def test_without_pyarrow_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    line = re.escape(f"{shlex.join([sys.executable])} -m pip install 'phased[parquet]'")
    with pytest.raises(MissingExtra, match=f"^--parquet needs an extra that is not installed here: {line}$"):
        tables.require_parquet("--parquet")


def test_a_comparison_is_told_as_in_its_records() -> None:
    done = api.compare(["surge-to-front-uncertain"], ["phased-approach", "restrained"], runs=30, sets=["days=60"])
    results = [cell.result for cell in done.cells]
    rows = list(csv.DictReader(io.StringIO(comparison_csv(results).decode())))
    for result in results:
        own = [row for row in rows if row["policy"] == result.policy]
        assert list(dict.fromkeys((int(row["order"]), row["phase"]) for row in own)) == list(
            enumerate(phase.name for phase in result.phases)
        )
        for phase, passage in result.first_passage.items():
            told = {row["statistic"]: row["value"] for row in own if row["phase"] == phase}
            assert float(told["reached"]) == passage.reached
            assert told["first_q0.5"] == ("" if (day := passage.quantile(0.5)) is None else str(day))
            assert told["over_readings_least"] == (
                "" if not result.rivals else str((result.range_over_readings(phase) or (0, 0))[0])
            )
        mean = sum(float(row["value"]) for row in own if row["statistic"] == "mean_days")
        assert mean == pytest.approx(60)
    pairs = list(csv.DictReader(io.StringIO(pairs_csv(done.pairs, results).decode())))
    assert [(row["a"], row["b"], row["order"]) for row in pairs] == [("phased-approach", "restrained", order) for order in "12"]
    for row in pairs:
        parts = "a_earlier b_earlier same_day only_a only_b neither".split()
        assert sum(float(row[part]) for part in parts) == pytest.approx(1)
