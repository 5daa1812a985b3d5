"""`phased debrief`: what was known, decided and done in a live exercise, from its room."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import say
from sim.kit.typeset import need_papers


@click.command("debrief")
@click.argument("room", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="ROOM")
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where to write; default: ROOM's name with -debrief.",
)
@click.option("--no-pdf", is_flag=True, help="Leave out the PDF, which needs the extra kit.")
def debrief_command(room: Path, out: Path | None, no_pdf: bool) -> None:
    """Write the debrief of a live exercise from its ROOM, the file that `phased serve --exercise` keeps.

    A timeline of what was known, what each team decided and why, what the policy as played had done by then, and where they
    parted: as a page, a table and a PDF, and the world as it was played as a scenario. While a server has the room open, its
    facilitator's page gives the same files.

    \b
      phased debrief fog.room
      phased debrief fog.room -o monday --no-pdf
    """
    if not no_pdf:
        need_papers()
    import time

    from sim.files import write_all
    from sim.room import Room

    folder, moment = out or room.with_name(f"{room.stem}-debrief"), time.time()
    opened = Room.open(room, now=lambda: moment, measure=False)  # no time passes in the exercise
    try:
        with say.meter("Key figures") as meter:
            files = opened.debrief_files(pdf=not no_pdf, meter=meter)
        write_all(folder, files, stale=["debrief.pdf"])
        opened.wrote_debrief(folder)
    finally:
        opened.close()
    say.line(f"Wrote {folder}/: {', '.join(files)}")
