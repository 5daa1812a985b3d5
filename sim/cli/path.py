"""`phased path`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from sim.cli import say
from sim.cli.options import FileOrName, json_option, policy_option, seed_option, sets_option
from sim.cli.output import warn
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    import datetime as dt

    from sim.analysis.traces import PathReport, TakenTransition


@click.command("path")
@click.argument("scenario", type=FileOrName("scenario"))
@policy_option
@click.option("--run", "number", type=click.IntRange(min=0), default=0, show_default=True, help="Which run of the ensemble.")
@seed_option
@sets_option
@json_option
def path_command(scenario: str, policy: str | None, number: int, seed: int, sets: tuple[str, ...], as_json: bool) -> None:
    """Print the dated transitions of one run of SCENARIO, and why each was taken.

    \b
      phased path surge-to-front
      phased path surge-to-front-uncertain --run 17
    """
    from sim import api

    single = api.path(scenario, policy, run=number, seed=seed, sets=sets)
    warn([single.pair])
    if as_json:
        from sim.verbs.tracing import document

        say.as_json(document(single.report))
        return
    result = single.result
    say.heading(result.scenario_title, result.scenario, result.policy_title, result.policy)
    which = "one path: nothing in it is uncertain" if result.single_path else f"run {single.report.run}, seed {seed}"
    say.line(f"{result.start} to {result.date(result.days - 1)}; {which}\n")
    _print(single.report, {phase.name: phase.label for phase in result.phases})
    say.line(f"\n{assumed([result.grades])} {TEACHING}")


def _print(report: PathReport, labels: dict[str, str]) -> None:
    if not report.path:
        say.line(f"No transition: {labels[report.phase[0]]} throughout.")
    for each in report.path:
        say.line(f"{say.date(each.day, report.start)}  {labels[each.from_phase]} → {labels[each.to_phase]}  [{each.transition}]")
        for name, text in _because(each, report.start):
            say.paragraph(f"  {name:8} {text}")
    if report.pending:
        decided, due = (say.date(day, report.start) for day in (report.pending.decided, report.pending.due))
        say.line(f"Pending at the end: {report.pending.transition}, decided {decided}, due {due}")


def _because(each: TakenTransition, start: dt.date) -> list[tuple[str, str]]:
    """Why a transition was taken, line by line."""
    seen = [f"{name} {value:g}" for name, value in each.values.items()]
    thresholds = [
        f"{name} {one.value:g} {one.unit} ({', '.join((one.grade, *one.evidence))})" for name, one in each.thresholds.items()
    ]
    lines = [("guard", each.guard), ("seen", "; ".join(seen)), ("against", "; ".join(thresholds))]
    decided = f"{say.date(each.decided, start)}, the guard true since {each.held_since}"
    return [("decided", decided), *((name, text) for name, text in lines if text)]
