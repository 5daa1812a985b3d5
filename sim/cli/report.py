"""`phased report`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli.output import PAGE
from sim.errors import BadUsage

if TYPE_CHECKING:
    from sim.manifest.record import Manifest
    from sim.pages import Report

_SHOWN = (".json", ".csv", ".svg", ".png")


@click.command("report")
@click.argument("folder", type=click.Path(exists=True, path_type=Path), metavar="DIR")
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help=f"Where to write; default: {PAGE} in DIR.",
)
def report_command(folder: Path, out: Path | None) -> None:
    """One HTML page of a report folder DIR: its charts, tables, evidence and caveats, in a file that stands alone.

    DIR is what `run`, `compare` and others wrote. Every file in it is held against its manifest; those that differ or are
    missing are named on the page and on stderr. The page opens offline, on a phone too, and prints.

    \b
      phased report reports/surge-to-front--phased-approach
      phased report reports/surge-to-front--phased-approach -o surge.html
    """
    from sim.files import write_all
    from sim.manifest.record import NAME
    from sim.pages import page

    where = folder.parent if folder.is_file() and folder.name == NAME else folder
    manifest = _manifest(where)
    target = out or where / PAGE
    _free(target, where, manifest)
    report = _report(where, manifest)
    write_all(target.parent, {target.name: page(report).encode()})
    for each in report.files:
        if each.status != "as recorded":
            told = "is missing" if each.status == "missing" else "differs from what the manifest records"
            click.echo(f"warning: {where / each.name} {told}", err=True)
    click.echo(f"Wrote {target}", err=True)


def _manifest(folder: Path) -> Manifest:
    from sim.manifest.record import NAME, read

    path = folder / NAME
    if not path.is_file():
        raise BadUsage(f"{folder} holds no {NAME}: give a folder that `phased run`, `compare` or another command wrote")
    return read(path, str(path)).manifest


def _free(target: Path, folder: Path, manifest: Manifest) -> None:
    """A page does not replace what it is made from."""
    from sim.manifest.record import NAME

    taken = {(folder / name).resolve() for name in (NAME, *manifest.outputs)}
    if target.resolve() in taken:
        raise BadUsage(f"{target} is a file of the report itself; write the page to another")


def _report(folder: Path, manifest: Manifest) -> Report:
    from sim.manifest.folder import files
    from sim.pages import File, Report

    versions = {"phased": manifest.phased, "python": manifest.python, "machine": manifest.machine, **manifest.libraries}
    found = tuple(
        File(each.name, each.status, each.recorded, each.size, each.content) for each in files(manifest, folder, _SHOWN)
    )
    return Report(manifest.command, manifest.seed, versions, manifest.inputs, found, __version__)
