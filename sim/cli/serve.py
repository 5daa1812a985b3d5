"""`phased serve`."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import say
from sim.cli.options import FileOrName, command_line, runs_option, seed_option
from sim.cli.output import warn
from sim.errors import BadUsage, quote, require
from sim.workshop.extras import need_page


@click.command("serve")
@click.argument("scenarios", type=FileOrName("scenario"), nargs=-1, metavar="[SCENARIO]...")
@click.option("--policy", "policies", type=FileOrName("policy"), multiple=True, metavar="POLICY", help="Repeat for each.")
@click.option(
    "--slider",
    "sliders",
    multiple=True,
    metavar="NAME=PATH:FROM:TO",
    help="A number to move, as in `phased page`; here any value from FROM to TO can be taken. May be repeated.",
)
@runs_option
@seed_option
@click.option("--title", metavar="TEXT", help="What stands above the page.")
@click.option("--exercise", type=FileOrName("exercise"), metavar="NAME", help="A live exercise instead of the lesson page.")
@click.option(
    "--room",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Where the exercise is kept; it goes on there.",
)
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="0.0.0.0 opens it to everybody in the network."
)
@click.option("--port", type=click.IntRange(0, 65_535), default=8_000, show_default=True, help="0 takes a free one.")
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="Threads that compute; default: the cores.")
def serve_command(
    scenarios: tuple[str, ...],
    policies: tuple[str, ...],
    sliders: tuple[str, ...],
    runs: int,
    seed: int,
    title: str | None,
    exercise: str | None,
    room: Path | None,
    host: str,
    port: int,
    workers: int | None,
) -> None:
    """Serve the lesson page with the engine behind its sliders, or a live exercise, until Ctrl-C.

    Only this machine can open it, unless --host says otherwise. Nothing but a browser is needed to take part.

    \b
      phased serve surge-to-front-uncertain --policy phased-approach --policy step-down
      phased serve surge-to-front-uncertain --policy phased-approach --host 0.0.0.0
      phased serve --exercise fog --room monday.room --host 0.0.0.0
    """
    if exercise or room:
        if scenarios or policies or sliders or title:
            raise BadUsage("--exercise has scenarios and policies of its own: give nothing else of the page")
        _exercise(exercise, room, seed=seed, host=host, port=port)
        return
    if not scenarios or not policies:
        raise BadUsage("give a SCENARIO and a --policy for the lesson page, or --exercise for a live exercise")
    options = [
        *(("--policy", each) for each in policies),
        *(("--slider", each) for each in sliders),
        ("--runs", runs),
        ("--seed", seed),
        ("--title", title),
    ]
    _need_server()
    need_page()
    from sim.serve.hosting import run
    from sim.serve.lesson import lesson_app
    from sim.work import cores
    from sim.workshop.sliders import asked

    app = lesson_app(
        scenarios,
        policies,
        wanted=tuple(map(asked, sliders)),
        runs=runs,
        seed=seed,
        heading=title,
        command=command_line("serve", *scenarios, options=options),
        workers=workers or cores(),
    )
    warn(app.state.pairs)
    run(app, host=host, port=port, told=say.line)


def _exercise(exercise: str | None, file: Path | None, *, seed: int, host: str, port: int) -> None:
    """A room that is there goes on; else it is made, beside where one stands."""
    _need_server()
    from sim.room import Room
    from sim.serve.exercise.app import exercise_app
    from sim.serve.hosting import bound, run

    path = file or Path(f"{Path(exercise or '').stem}.room")
    there = path.exists()
    if not there and not exercise:
        raise BadUsage(f"there is no room {path}: name its exercise with --exercise to make one")
    bound(host, port).close()  # no room is made where it could not be served
    room = Room.open(path) if there else Room.create(path, str(exercise), seed=seed)
    try:
        if exercise and not room.keeps(exercise):
            raise BadUsage(_another(path, room.exercise, exercise))
        say.line(f"Kept in {path}")
        run(exercise_app(room), host=host, port=port, path=f"/facilitator#{room.secret}", told=say.line)
    finally:
        room.close()


def _another(path: Path, kept: str, asked: str) -> str:
    return (
        f"{path} is a room of the exercise {quote(kept)}, not of {quote(asked)}: "
        "leave --exercise out to go on with it, or name another --room for a new one"
    )


def _need_server() -> None:
    """For whatever is served, the QR code to join it included. Raises MissingExtra."""
    require("workshop", "the server", "segno", "starlette", "uvicorn")
