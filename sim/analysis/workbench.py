"""A design's cases as tables that others read: `cases.csv`, and an archive that EMA Workbench opens as its own."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from collections.abc import Mapping, Sequence

import numpy as np

from sim.analysis.tables import csv_bytes
from sim.draws import Floats

_VERSION = 0.1
"""of the archive's layout, as `ema_workbench.save_results` writes it"""


def cases_csv(paths: Sequence[str], values: Floats, measures: Mapping[str, Floats]) -> bytes:
    """One row a case: its factors, (cases, factors), and each measure's mean over replications, (cases,)."""
    columns = [range(len(values)), *values.T.tolist(), *(each.tolist() for each in measures.values())]
    return csv_bytes(["case", *paths, *measures], zip(*columns, strict=True))


def archive(paths: Sequence[str], values: Floats, measures: Mapping[str, Floats], *, scenario: str, policy: str) -> bytes:
    """What `ema_workbench.load_results` opens: experiments and scalar outcomes (tar.gz, the same bytes each time).

    As there, a case is the `scenario` of an experiment; phased's scenario is its `model`, and the policy its `policy`.
    """
    cases = len(values)
    columns = [*values.T.tolist(), range(cases), [policy] * cases, [scenario] * cases]
    outcomes = [("ScalarOutcome", name, f"{name}.cls") for name in measures]
    experiments = {**dict.fromkeys(paths, "float64"), "scenario": "int64", "policy": "object", "model": "object"}
    files = {"experiments.csv": csv_bytes([*paths, "scenario", "policy", "model"], zip(*columns, strict=True))}
    files |= {file: _column(measures[name]) for _, name, file in outcomes}
    files["metadata.json"] = json.dumps({"version": _VERSION, "outcomes": outcomes, "experiments": experiments}).encode()
    return _packed(files)


def _column(values: Floats) -> bytes:
    return "".join(f"{value!r}\n" for value in np.asarray(values, np.float64).tolist()).encode()


def _packed(files: Mapping[str, bytes]) -> bytes:
    """Without dates, owners or a name in the header of the compressed file."""
    packed = io.BytesIO()
    with (
        gzip.GzipFile(filename="", mode="wb", fileobj=packed, mtime=0) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return packed.getvalue()
