"""`phased usb`."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import say
from sim.cli.options import FileOrName
from sim.kit.typeset import need_papers
from sim.usb.wheels import SYSTEMS
from sim.workshop.extras import need_page


@click.command("usb")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option(
    "--exercise",
    "exercises",
    type=FileOrName("exercise"),
    multiple=True,
    metavar="EXERCISE",
    help="Whose kit is to be on the stick. Repeat for each; default: all that ship with phased.",
)
@click.option(
    "--system",
    "systems",
    type=click.Choice([each.name for each in SYSTEMS]),
    multiple=True,
    help="Repeat for each; default: all four.",
)
@click.option(
    "--python", "pythons", multiple=True, metavar="VERSION", help="Such as 3.12. Repeat for each; default: 3.11, 3.12 and 3.13."
)
def usb_command(folder: Path, exercises: tuple[str, ...], systems: tuple[str, ...], pythons: tuple[str, ...]) -> None:
    """Fill a folder for a stick: a room without internet can install phased from it, play and print.

    Asks the package registry for the wheels of every system and Python, so it needs the internet once; a gigabyte for all.

    \b
      phased usb stick
      phased usb stick --exercise fog --system windows --python 3.12
    """
    need_papers()
    need_page()
    from sim.cli.output import opened
    from sim.library import Library
    from sim.usb import stick, wheels
    from sim.work import How, cores

    chosen = exercises or tuple(each.name for each in Library([]).entries("exercise"))
    choice = stick.Choice(wheels.systems(systems), wheels.pythons(pythons), chosen)
    with say.meter("Filling the stick", speed=False) as meter, opened(folder) as stage:
        assert stage is not None  # a folder was given
        meter.expect(choice.steps)
        stick.fill(stage, choice, How(cores()), meter.add)
        names = stage.names
        size = sum(stage.path(name).stat().st_size for name in names)
        stage.move()
    say.line(f"{len(names)} files, {size / 1e6:,.0f} MB: {', '.join(each.title for each in choice.systems)}")
    say.line(f"Wrote {folder}: begin with {folder / 'START-HERE.txt'}")
