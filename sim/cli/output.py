"""A report folder: charts, tables and a manifest, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sim import __version__

if TYPE_CHECKING:
    from sim.charts import Chart
    from sim.library import Pair


def chart_files(charts: Mapping[str, Chart], *, pdf: bool) -> dict[str, bytes]:
    """Each chart as PNG, SVG and, on request, PDF."""
    from sim.charts import render

    formats: tuple[Literal["png", "svg", "pdf"], ...] = ("png", "svg", "pdf") if pdf else ("png", "svg")
    return {f"{name}.{form}": render(chart, form) for name, chart in charts.items() for form in formats}


def save(folder: Path, files: Mapping[str, bytes], *, command: str, seed: int, pairs: Sequence[Pair]) -> None:
    """Write the files and a manifest beside them, and say so on stderr."""
    from sim import api, report
    from sim.files import write_all

    manifest = report.manifest(command=command, seed=seed, inputs=api.inputs_of(pairs), outputs=files, phased=__version__)
    write_all(folder, {**files, "manifest.json": manifest}, stale=_of_last_time(folder))
    click.echo(f"Wrote {folder}/: {', '.join([*files, 'manifest.json'])}", err=True)


def _of_last_time(folder: Path) -> list[str]:
    """What the last run left here by its manifest, so that no old chart stands beside new numbers."""
    try:
        outputs = json.loads((folder / "manifest.json").read_bytes())["outputs"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [name for name in outputs if isinstance(name, str) and Path(name).name == name]


def warn(pairs: Sequence[Pair]) -> None:
    """Warnings of the files read, each once, on stderr."""
    for warning in dict.fromkeys(each for pair in pairs for each in pair.warnings):
        click.echo(f"warning: {warning}", err=True)
