"""`phased diagram`."""

from __future__ import annotations

from pathlib import Path

import click

from sim.cli import say
from sim.cli.options import FileOrName, command_line, sets_option


@click.command("diagram")
@click.argument("policy", type=FileOrName("policy"))
@click.option(
    "--format",
    "form",
    type=click.Choice(["mermaid", "dot", "svg", "scxml"]),
    default="mermaid",
    show_default=True,
    help="Text for Markdown, text for Graphviz, a picture, or a state machine that other programs run.",
)
@click.option("--run", type=click.IntRange(min=0), metavar="N", help="Of scxml: uncertain counts of days as run N draws them.")
@click.option("--seed", type=click.IntRange(min=0), help="Of --run: names the random draws; default 1.")
@sets_option
@click.option(
    "-o", "--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write; default: stdout."
)
def diagram_command(policy: str, form: str, run: int | None, seed: int | None, sets: tuple[str, ...], out: Path | None) -> None:
    """Print POLICY as a diagram: its phases, lowest first, and every transition with guard, confirmation and lag.

    \b
      phased diagram phased-approach
      phased diagram step-down --format svg -o step-down.svg
      phased diagram allied-coordinated --format scxml --run 17 -o run-17.scxml
    """
    from sim import api
    from sim.errors import BadUsage
    from sim.files import write_all

    if seed is not None and run is None:
        raise BadUsage("--seed is of --run: give that too")
    asked = [("--format", form), ("--run", run), ("--seed", seed), *(("--set", each) for each in sets)]
    command = command_line("diagram", policy, options=[*asked, ("-o", out)])
    seed = api.DEFAULT_SEED if seed is None else seed
    made = api.diagram(policy, form, run=run, seed=seed, sets=sets, command=command)  # type: ignore[arg-type]  # one of the four
    if out is None:
        say.line(made.decode().rstrip("\n"))
        return
    write_all(out.parent, {out.name: made})
    say.line(f"Wrote {out}")
