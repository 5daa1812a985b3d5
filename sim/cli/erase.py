"""`phased erase`: what teams wrote in a live exercise, gone from this machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim.cli import say

if TYPE_CHECKING:
    from sim.room.erasing import Held


@click.command("erase")
@click.argument("room", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="ROOM")
@click.option("--debriefs", is_flag=True, help="Also erase the debriefs that `phased debrief` wrote from it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase_command(room: Path, debriefs: bool, yes: bool) -> None:
    """Erase the ROOM of a live exercise: teams, decisions and reasons are overwritten and removed, and cannot be had back.

    Debriefs that were made from it are files of their own. Those that `phased debrief` wrote are erased with --debriefs; those
    that were saved from the facilitator's page are wherever the browser put them.

    \b
      phased erase fog.room
      phased erase fog.room --debriefs --yes
    """
    from sim.room.erasing import erase, held

    found = held(room)
    written = found.debriefs if found else ()
    going = written if debriefs else ()
    if not yes:
        if written and not debriefs:
            say.line(_staying(written))
        click.confirm(_question(room, found, going), abort=True)
    erase(room, going)
    say.line(f"Erased {room}" + (f" and {_counted(len(going), 'file')} of debriefs" if going else ""))
    for each in () if debriefs else written:
        say.line(f"Still there: {each}")


def _question(room: Path, found: Held | None, going: tuple[Path, ...]) -> str:
    what = f"{_counted(found.teams, 'team')} and {_counted(found.decisions, 'decision')}" if found else "what is left of it"
    also = f", and {_counted(len(going), 'file')} of debriefs" if going else ""
    return f"Erase {room}, with {what}{also}? This cannot be undone"


def _staying(written: tuple[Path, ...]) -> str:
    folders = ", ".join(dict.fromkeys(str(each.parent) for each in written))
    files = _counted(len(written), "file")
    return f"{files} of debriefs in {folders} will stay; to erase them too, leave off and give --debriefs."


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
