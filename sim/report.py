"""What a run leaves in its folder: summary, tables, manifest and charts (design §4). Pure: records in, bytes out."""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.analysis.courses import Standing
from sim.analysis.evidence import Evidence, FileEvidence
from sim.analysis.tables import csv_bytes
from sim.ensemble import RunTable
from sim.intervals import LEVEL
from sim.machine import Model
from sim.measures import NEVER
from sim.results import (
    DAY_QUANTILES,
    FAN_LEVELS,
    Deed,
    Fan,
    FirstPassage,
    Floats,
    Grades,
    PairedPassage,
    Result,
    RivalResult,
    Statement,
)

SCHEMA = 1
TABLE_RUNS = 100_000
"""`runs.csv` is written up to so many runs."""
LIBRARIES = ("fonttools", "matplotlib", "numpy", "pillow", "pydantic", "ruamel.yaml")
"""What the bytes of a report depend on; fonttools and pillow write what matplotlib draws, pyarrow the trajectories."""

Json = dict[str, Any]


def to_json(document: Json) -> bytes:
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def summary(result: Result) -> Json:
    """summary.json."""
    return {
        "schema": SCHEMA,
        "scenario": result.scenario,
        "policy": result.policy,
        "runs": result.runs,
        "single_path": result.single_path,
        "seed": result.seed,
        "start": result.start.isoformat(),
        "days": result.days,
        "phases": [phase.name for phase in result.phases],
        "interval_level": LEVEL,
        "occupancy": {
            phase.name: [int(count) / result.runs for count in result.occupancy[index]]
            for index, phase in enumerate(result.phases)
        },
        "occupancy_interval": {
            phase.name: {"low": low.tolist(), "high": high.tolist()}
            for phase, low, high in zip(result.phases, *result.occupancy_interval, strict=True)
        },
        "first_passage": {name: _passage(each, result.range_over_readings(name)) for name, each in result.first_passage.items()},
        "dwell": {
            name: {
                "stays": each.stays,
                "completed": each.completed,
                "mean_completed": each.completed_days / each.completed if each.completed else None,
                "mean_in_phase": each.phase_days / result.runs,
                "se": each.se,
            }
            for name, each in result.dwell.items()
        },
        "transitions": [
            {"name": each.name, "from": each.from_phase, "to": each.to_phase, "count": each.count} for each in result.transitions
        ],
        "rivals": [_rival(each) for each in result.rivals],
        "quantiles_over_runs": min([fan.runs for fan in result.signposts.values()], default=0),
        "signposts": {name: {"quantiles": _quantiles(fan)} for name, fan in result.signposts.items()},
        "variables": {name: {"quantiles": _quantiles(fan)} for name, fan in result.variables.items()},
        "evidence": grades(result.grades),
    }


def _rival(each: RivalResult) -> Json:
    """A rival reading: how many runs reach each phase under it, and by when half of them do."""
    passages = each.first_passage
    return {
        "threshold": each.threshold,
        "rival": each.rival,
        "grade": each.grade,
        "value": each.text,
        "runs": min((passage.runs for passage in passages.values()), default=0),
        "reached": {name: passage.reached for name, passage in passages.items()},
        "interval": {name: list(passage.interval) for name, passage in passages.items()},
        "median": {name: passage.quantile(0.5) for name, passage in passages.items()},
        "median_interval": {name: list(passage.quantile_interval(0.5)) for name, passage in passages.items()},
    }


def grades(each: Grades) -> Json:
    return {
        "numbers": each.total,
        "quoted": each.quoted,
        "reported": each.reported,
        "implied": each.implied,
        "assumed": each.assumed,
    }


def _passage(each: FirstPassage, over_readings: tuple[float, float] | None) -> Json:
    return {
        "reached": each.reached,
        "se": each.se,
        "interval": list(each.interval),
        "over_readings": list(over_readings) if over_readings else None,
        "counts": each.counts.tolist(),
        "never": each.never,
        "quantiles": {str(level): each.quantile(level) for level in DAY_QUANTILES},
        "quantile_intervals": {str(level): list(each.quantile_interval(level)) for level in DAY_QUANTILES},
    }


def _quantiles(fan: Fan) -> Json:
    return {str(level): [_finite(value) for value in row.tolist()] for level, row in zip(FAN_LEVELS, fan.quantiles, strict=True)}


def _finite(value: float) -> float | None:
    """JSON knows no infinity: a walk that overflowed is null."""
    return value if math.isfinite(value) else None


def pair(each: PairedPassage) -> Json:
    names = (
        "scenario a b phase runs a_earlier b_earlier same_day only_a only_b neither mean_difference se median_a median_b "
        "told_apart more_runs variance_reduction"
    ).split()
    return {name: getattr(each, name) for name in names}


def daily_csv(result: Result) -> bytes:
    """Long form: one row for each date, series and statistic."""
    return csv_bytes(("date", "day", "series", "statistic", "value"), _daily(result))


def _daily(result: Result) -> Iterator[tuple[object, ...]]:
    series = list(_series(result))
    for day in range(result.days):
        date = result.date(day).isoformat()
        for name, statistic, values in series:
            yield date, day, name, statistic, values[day]


def _series(result: Result) -> Iterator[tuple[str, str, list[Any]]]:
    for index, phase in enumerate(result.phases):
        yield from _shares(f"phase.{phase.name}", result.occupancy[index] / result.runs, result.occupancy_interval[:, index])
    for name, passage in result.first_passage.items():
        yield from _shares(f"first_passage.{name}", passage.cumulative, passage.cumulative_interval)
    for kind, fans in (("signpost", result.signposts), ("variable", result.variables)):
        for name, fan in fans.items():
            for level, row in zip(FAN_LEVELS, fan.quantiles, strict=True):
                yield f"{kind}.{name}", f"q{level}", row.tolist()


def _shares(name: str, share: Floats, interval: Floats) -> Iterator[tuple[str, str, list[Any]]]:
    for statistic, values in zip(("share", "share_low", "share_high"), (share, *interval), strict=True):
        yield name, statistic, values.tolist()


def runs_csv(model: Model, runs: range, table: RunTable, *, header: bool, replications: int | None = None) -> bytes:
    """One row a run: its uncertain numbers, first passages, days in each phase and number of transitions.

    `replications`: how many each case of a design has; None: a plain ensemble, where run, case and replication are one.
    """
    names = [phase.name for phase in model.machine.phases]
    cases, within = (runs, runs) if replications is None else zip(*(divmod(run, replications) for run in runs), strict=True)
    columns: dict[str, Sequence[object]] = {"run": runs, "case": cases, "replication": within}
    columns |= {path: values.tolist() for path, values in table.factors.items()}
    for index, name in enumerate(names[1:], start=1):
        columns[f"{name}.decided"] = _days_or_empty(table.decided[index])
        columns[f"{name}.first"] = _days_or_empty(table.first[index])
    columns["final_phase"] = [names[phase] for phase in table.final_phase]
    columns |= {f"{name}.days": table.days[index].tolist() for index, name in enumerate(names)}
    columns["transitions"] = table.transitions.tolist()
    return csv_bytes(tuple(columns) if header else (), zip(*columns.values(), strict=True))


def _days_or_empty(days: NDArray[np.int32]) -> list[object]:
    return ["" if day == NEVER else day for day in days.tolist()]


def manifest(
    *,
    command: str,
    seed: int,
    inputs: Mapping[str, str],
    outputs: Mapping[str, str],
    phased: str,
    libraries: Sequence[str] = (),
) -> bytes:
    """All that is needed to run it again, and to see whether anything differs. No date: same inputs, same bytes.

    `inputs` and `outputs` are sha256 by name; `libraries` are those of an extra that the outputs hang on.
    """
    parquet = ["pyarrow"] if any(name.endswith(".parquet") for name in outputs) else []
    return to_json(
        {
            "schema": SCHEMA,
            "phased": phased,
            "command": command,
            "seed": seed,
            "inputs": dict(inputs),
            "outputs": dict(outputs),
            "python": platform.python_version(),
            "machine": platform.machine(),
            "libraries": {name: version(name) for name in [*LIBRARIES, *parquet, *libraries]},
        }
    )


def evidence(each: Evidence) -> Json:
    """evidence.json: every number with its grade and facts, and these facts."""
    return {
        "schema": SCHEMA,
        "pairs": [
            {"scenario": pair.scenario, "policy": pair.policy, "reactive": pair.reactive, "evidence": grades(pair.grades)}
            for pair in each.pairs
        ],
        "files": [_evidence_of_file(file) for file in each.files],
        "facts": [{"id": id_, "ledger": ledger, **fact.model_dump(mode="json")} for ledger, id_, fact in each.facts],
    }


def _evidence_of_file(file: FileEvidence) -> Json:
    about = {"kind": file.kind, "name": file.name, "title": file.title, "ledgers": list(file.ledgers)}
    found = [{**asdict(each), "facts": list(each.facts)} for each in file.numbers]
    return about | {"numbers": found, "rules": [{**asdict(each), "facts": list(each.facts)} for each in file.rules]}


def deed(each: Deed) -> Json:
    return {"id": each.id, "date": each.date.isoformat(), "phase": each.phase, "says": each.says, "source": each.source}


def statement(each: Statement) -> Json:
    """One reading of the rule against what was done."""
    reading = each.reading
    return {
        "coding": reading.coding,
        "reading": reading.reading,
        "note": reading.note,
        "phase": reading.phase,
        "due": reading.due.isoformat() if reading.due else None,
        "until": reading.until.isoformat() if reading.until else None,
        "next_deed": deed(each.next_deed) if each.next_deed else None,
        "shown": deed(each.shown) if each.shown else None,
        "last_seen_below": deed(each.last_seen_below) if each.last_seen_below else None,
        "gap_days": each.gap,
        "gap_is_at_least": each.reading.due is not None and each.shown is None,
    }


def standing(each: Standing) -> Json:
    """A deed, and where a reading of the rule stood on that day."""
    return {
        "coding": each.coding,
        "reading": each.reading,
        "deed": each.deed.id,
        "date": each.deed.date.isoformat(),
        "shows": each.deed.phase,
        "rule": each.rule.phase,
        "since": each.rule.first.isoformat(),
        "days": each.days,
        "same": each.same,
    }


def hindcast_csv(statements: Sequence[Statement]) -> bytes:
    """One row a coding, reading and phase."""
    header = "coding reading phase due gap_days gap_is_at_least deed_date deed_id deed source".split()
    return csv_bytes(header, [_statement_row(each) for each in statements])


def _statement_row(each: Statement) -> tuple[object, ...]:
    reading = each.reading
    act = each.shown or each.next_deed
    told = (act.date, act.id, act.says, act.source or "") if act else ("", "", "", "")
    gap = "" if each.gap is None else each.gap
    return (reading.coding, reading.reading, reading.phase, reading.due or "", gap, each.shown is None, *told)
