"""`phased page`."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import say
from sim.cli.options import FileOrName, command_line, runs_option, seed_option, workers_option
from sim.cli.output import warn
from sim.workshop.extras import need_page


@click.command("page")
@click.argument("scenarios", type=FileOrName("scenario"), nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--policy", "policies", type=FileOrName("policy"), multiple=True, required=True, metavar="POLICY", help="Repeat for each."
)
@click.option(
    "--slider",
    "sliders",
    multiple=True,
    metavar="NAME=PATH:FROM:TO[:STEP]",
    help="A number to move, such as wait=transitions.arm_defensively.confirm:1:28:3. May be repeated; "
    "default: threshold, confirm and lag of the first step up, and the error of what it reads.",
)
@click.option("--steps", type=click.IntRange(2, 30), default=5, show_default=True, help="Values of a slider without STEP.")
@runs_option
@seed_option
@click.option("--title", metavar="TEXT", help="What stands above the page.")
@workers_option
@click.option(
    "-o",
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("lesson.html"),
    show_default=True,
    metavar="FILE",
    help="Where to write.",
)
def page_command(
    scenarios: tuple[str, ...],
    policies: tuple[str, ...],
    sliders: tuple[str, ...],
    steps: int,
    runs: int,
    seed: int,
    title: str | None,
    workers: int | None,
    out: Path,
) -> None:
    """Write one HTML file in which participants move the numbers of a policy, offline, and write a rule of their own.

    Every setting is simulated beforehand. The file needs no server and asks for nothing: open it from a stick or an e-mail.

    \b
      phased page surge-to-front-uncertain --policy phased-approach --policy step-down
      phased page surge-to-front --policy step-down --slider near=thresholds.front_line.value:2:4:0.5
    """
    need_page()
    from sim.files import write_all
    from sim.work import How, cores
    from sim.workshop.lesson import lesson
    from sim.workshop.sliders import asked

    options = [
        *(("--policy", each) for each in policies),
        *(("--slider", each) for each in sliders),
        ("--steps", steps),
        ("--runs", runs),
        ("--seed", seed),
        ("--title", title),
    ]
    with say.meter("simulating") as meter:
        made = lesson(
            scenarios,
            policies,
            wanted=tuple(map(asked, sliders)),
            runs=runs,
            steps=steps,
            seed=seed,
            title=title,
            command=command_line("page", *scenarios, options=options),
            how=How(workers or cores()),
            meter=meter,
        )
    warn(made.pairs)
    write_all(out.parent, {out.name: made.html})
    days = "every day" if made.stride == 1 else f"every {made.stride}th day"
    say.line(f"{made.settings:,} settings, {made.runs:,} runs each, {days} kept")
    say.line(f"Wrote {out}: {len(made.html) / 1e6:.2f} MB, one file that works offline")
