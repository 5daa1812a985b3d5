"""A report folder: charts, tables and a manifest, written whole or not at all."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from sim import __version__
from sim.cli import say
from sim.errors import BadInput

if TYPE_CHECKING:
    from sim.charts import Chart
    from sim.ensemble import RunTable
    from sim.files import Staging
    from sim.library import Loaded, Pair
    from sim.machine import Model
    from sim.spec.losses import Losses
    from sim.work import How

_UNSAID = "sim.unsaid"


def chart_files(charts: Mapping[str, Chart], *, pdf: bool) -> dict[str, bytes]:
    """Each chart as PNG, SVG and, on request, PDF."""
    from sim.charts import render

    formats: tuple[Literal["png", "svg", "pdf"], ...] = ("png", "svg", "pdf") if pdf else ("png", "svg")
    with say.busy("drawing"):
        return {f"{name}.{form}": render(chart, form) for name, chart in charts.items() for form in formats}


EVIDENCE = "evidence.json"
"""What the numbers of the pairs rest on, in every report: a folder explains itself where the files are not at hand."""
PAGE = "report.html"
"""What `phased report` makes of a folder. It is not among the report's own files."""
TRAJECTORIES = "trajectories"
"""The folder in a report with every day of every run."""


class RowsFile:
    """`runs.csv` as it grows, run after run."""

    def __init__(self, path: Path, at_most: float, replications: int | None = None) -> None:
        """`replications`: of each case of a design; None: a plain ensemble."""
        self._path, self.at_most, self._replications = path, at_most, replications

    def __call__(self, model: Model, runs: range, table: RunTable) -> None:
        from sim import report

        with self._path.open("ab") as file:
            file.write(report.runs_csv(model, runs, table, header=runs.start == 0, replications=self._replications))


@contextmanager
def opened(folder: Path | None, how: How | None = None) -> Iterator[Staging | None]:
    """A staging for a report, or none where nothing is written. Who interrupts long work is told what of it is kept."""
    from sim.files import staging

    try:
        with staging(folder) if folder else nullcontext() as stage:
            yield stage
    except (KeyboardInterrupt, SystemExit):
        if how and how.unfinished and how.unfinished.is_dir():
            click.echo(f"Finished blocks are kept in {how.unfinished}/: the same command goes on from there.", err=True)
        raise


@contextmanager
def unsaid(context: click.Context) -> Iterator[None]:
    """While this lasts, `save` does not say where it wrote: the folder is not meant to stay."""
    context.meta[_UNSAID] = True
    try:
        yield
    finally:
        del context.meta[_UNSAID]


def save(
    stage: Staging,
    files: Mapping[str, bytes],
    how: How | None = None,
    *,
    command: str,
    seed: int,
    pairs: Sequence[Pair],
    losses: Loaded[Losses] | None = None,
    read: Mapping[str, str] | None = None,
    libraries: Sequence[str] = (),
) -> None:
    """Put the files, those already staged, the evidence of the pairs and a manifest into their folder, and say so on stderr.

    `losses`: those by which the pairs are compared, for the evidence; `read`: files read beside those of the pairs, with their
    sha256; `libraries`: those of an extra that the files hang on.
    """
    from sim import api, report

    if how and how.unfinished and how.trajectories:
        shutil.move(how.trajectories, stage.path(TRAJECTORIES))
    evidence = {EVIDENCE: report.to_json(report.evidence(api.evidence_of(pairs, losses)))} if pairs else {}
    for name, content in {**files, **evidence}.items():
        stage.path(name).write_bytes(content)
    outputs = {name: _digest(stage.path(name)) for name in stage.names}
    inputs = {**api.inputs_of(pairs), **(read or {})}
    manifest = report.manifest(
        command=command, seed=seed, inputs=inputs, outputs=outputs, phased=__version__, libraries=libraries
    )
    stage.path("manifest.json").write_bytes(manifest)
    stage.move(stale=lambda: _of_last_time(stage.folder), last="manifest.json", durable=bool(how and how.unfinished))
    if how and how.unfinished:
        shutil.rmtree(how.unfinished, ignore_errors=True)
    context = click.get_current_context(silent=True)
    if context is None or _UNSAID not in context.meta:
        click.echo(f"Wrote {stage.folder}/: {', '.join([*_folders_for_files(outputs), 'manifest.json'])}", err=True)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _folders_for_files(names: Iterable[str]) -> list[str]:
    """Of many files in a folder only the folder."""
    return list(dict.fromkeys(f"{name.split('/')[0]}/" if "/" in name else name for name in names))


def _of_last_time(folder: Path) -> list[str]:
    """What the last run left here by its manifest, and a page of it, so that nothing old stands beside new numbers."""
    if not (folder / "manifest.json").is_file():
        return []
    from sim.manifest.record import read

    try:
        return [*read(folder / "manifest.json", "").manifest.outputs, *_old_page(folder)]
    except BadInput:
        return []


def _old_page(folder: Path) -> list[str]:
    """The page of the last report, unless somebody else wrote a file of this name."""
    if not (folder / PAGE).is_file():
        return []
    from sim.pages import is_page

    with (folder / PAGE).open("rb") as stream:
        return [PAGE] if is_page(stream.read(2_000)) else []


def warn(pairs: Sequence[Pair]) -> None:
    """Warnings of the files read, each once, on stderr."""
    for warning in dict.fromkeys(each for pair in pairs for each in pair.warnings):
        click.echo(f"warning: {warning}", err=True)
