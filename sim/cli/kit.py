"""`phased kit`."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import say
from sim.cli.options import FileOrName, command_line, seed_option, workers_option
from sim.cli.output import warn
from sim.kit.typeset import need_papers
from sim.workshop.extras import need_page

_PAPERS = ("a4", "us-letter")


@click.command("kit")
@click.argument("exercise", type=FileOrName("exercise"), metavar="EXERCISE")
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("kit"),
    show_default=True,
    metavar="DIR",
    help="Where to write.",
)
@click.option(
    "--teams", type=click.IntRange(1, 30), default=4, show_default=True, help="How many teams: README.txt says how much to print."
)
@click.option(
    "--runs",
    type=click.IntRange(1, 20_000),
    metavar="N",
    help="Simulated futures behind every number; "
    "default: as the file says for key figures, 1,000 for charts, 200 at each setting of the page.",
)
@seed_option
@click.option(
    "--paper", type=click.Choice(_PAPERS), default=_PAPERS[0], show_default=True, help="What the papers are printed on."
)
@click.option("--page/--no-page", default=True, help="Make the lesson page, or leave it out: it takes longest.")
@workers_option
def kit_command(
    exercise: str, out: Path, teams: int, runs: int | None, seed: int, paper: str, page: bool, workers: int | None
) -> None:
    """Write all that a facilitator prints, projects and keeps for EXERCISE, from its file: no figure in it is typed.

    A situation manual, role briefings, inject cards, team and observer sheets, the facilitator's guide, the events list (MSEL),
    an answer key, slides, the lesson page and an after-action report. README.txt says what to print, for whom and how often.

    --seed names the draws of charts and page; key figures have their own in the file.

    \b
      phased kit fog -o kit
      phased kit ./my-exercise.yaml -o kit --teams 6 --paper us-letter
    """
    need_papers()
    if page:
        need_page()
    from sim.files import write_all
    from sim.kit.make import Asked, printed, written
    from sim.work import How, cores

    options = [
        ("--teams", teams),
        ("--runs", runs),
        ("--seed", seed),
        ("--paper", paper),
        ("--no-page", not page),
    ]
    asked = Asked(teams, runs, seed, paper, page, command_line("kit", exercise, options=options))
    with say.meter("simulating") as meter:
        manuscript = written(exercise, asked, how=How(workers or cores()), meter=meter)
    with say.meter("typesetting papers", speed=False) as meter:
        made = printed(manuscript, meter)
    for warning in made.played.exercise.warnings:
        click.echo(f"warning: {warning}", err=True)
    warn(made.pairs)
    if made.missing:
        click.echo(_unreadable(made.missing), err=True)
    write_all(out, made.files)
    say.line(f"{len(made.files)} files for {teams} team{'' if teams == 1 else 's'}: begin with README.txt")
    say.line(f"Wrote {out}/: {', '.join(sorted(made.files))}")


def _unreadable(missing: str) -> str:
    shown = missing[:12] + ("…" if len(missing) > 12 else "")
    return (
        f"warning: no font of this machine has {len(missing)} of the characters ({shown}): "
        "they stand as empty boxes in the PDFs. "
        "Install one that has them, such as Noto Sans CJK for Korean, and make the kit again."
    )
