"""`phased explain`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim import __version__
from sim.cli import say
from sim.cli.options import (
    FileOrName,
    chart_flags,
    command_line,
    policy_option,
    report_folder,
    report_options,
    seed_option,
)
from sim.cli.output import chart_files, opened, save, warn

if TYPE_CHECKING:
    from sim.api.explanations import Explained


@click.command("explain")
@click.argument("scenario", type=FileOrName("scenario"))
@policy_option
@click.option("--run", "number", type=click.IntRange(min=0), default=0, show_default=True, help="Which run of the ensemble.")
@seed_option
@report_options
def explain_command(
    scenario: str,
    policy: str | None,
    number: int,
    seed: int,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Explain one run of SCENARIO: why each transition was taken, how near the others came, and what would have changed it.

    The nearest flip is the smallest change of one threshold, confirm or lag that adds, removes or moves a transition.

    \b
      phased explain surge-to-front
      phased explain surge-to-front-uncertain --run 17 --policy step-down
    """
    from sim.api import explanations
    from sim.cli import explained
    from sim.library import Library
    from sim.verbs.explaining import document

    pair = Library().load_pair(scenario, policy, sets)
    single = explanations.single_path(pair)
    name = f"explain--{pair.scenario.spec.name}--{pair.policy.spec.name}" + ("" if single else f"--run-{number}")
    with opened(report_folder(out, name, as_json=as_json)) as stage:
        with say.meter("varying") as meter:
            done = explanations.explain_pair(pair, run=number, seed=seed, meter=meter)
        warn([pair])
        told = document(done)
        if as_json:
            say.as_json(told)
        else:
            explained.show(done)
        if stage:
            run = done.explanation.report.run
            asked = [("--policy", policy), ("--run", run), ("--seed", seed), *(("--set", each) for each in sets)]
            files = _files(done, told, command_line("explain", scenario, options=asked), charts=charts, pdf=pdf)
            again = command_line("explain", scenario, options=[*asked, *chart_flags(charts=charts, pdf=pdf)])
            save(stage, files, command=again, seed=seed, pairs=[pair])


def _files(done: Explained, told: dict[str, Any], command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    from sim import report

    files = {"explanation.json": report.to_json(told)}
    if not charts:
        return files
    from sim.charts import Imprint, explanation_chart

    drawn = explanation_chart(done.result, done.explanation, Imprint(command, __version__))
    return files | chart_files({"explanation": drawn}, pdf=pdf)
