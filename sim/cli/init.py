"""`phased init`."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from sim.cli import say
from sim.errors import BadUsage

_STARTER = Path(__file__).parent / "starter"


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
def init_command(folder: Path) -> None:
    """Make DIR with a commented scenario, policy and ledger that run at once. Nothing that exists is overwritten.

    \b
      phased init my-case
      phased init lessons/autumn
    """
    from sim.files import write_all

    files = {path.relative_to(_STARTER).as_posix(): path.read_bytes() for path in sorted(_STARTER.rglob("*.yaml"))}
    there = [name for name in files if (folder / name).exists()]
    if there:
        raise BadUsage(f"{folder} already has {', '.join(there)}; nothing was written")
    write_all(folder, files)
    for name in files:
        say.line(f"{folder / name}")
    say.line(f"\nNow run:\n\n  cd {shlex.quote(str(folder))}\n  phased run my-scenario")
    say.line("  phased run my-scenario --set thresholds.alarm.value=30")
