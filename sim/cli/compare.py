"""`phased compare`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli import say
from sim.cli.options import (
    FileOrName,
    charts_options,
    command_line,
    json_option,
    out_option,
    runs_option,
    seed_option,
    sets_option,
)
from sim.cli.output import CAVEAT, chart_files, save, warn

if TYPE_CHECKING:
    from sim.api import Comparison
    from sim.results import PairedPassage, Result


@click.command("compare")
@click.argument("scenarios", type=FileOrName("scenario"), nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--policy", "policies", type=FileOrName("policy"), multiple=True, required=True, metavar="POLICY", help="Repeat for each."
)
@runs_option
@seed_option
@sets_option
@out_option
@charts_options
@json_option
def compare_command(
    scenarios: tuple[str, ...],
    policies: tuple[str, ...],
    runs: int,
    seed: int,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Run every policy on every SCENARIO, on the same draws: which policy reaches which phase how much sooner.

    Writes to reports/compare--SCENARIO/ unless --out says otherwise; with --json only where --out is given.

    \b
      phased compare surge-to-front-uncertain --policy phased-approach --policy hair-trigger
      phased compare withdrawal surge-to-front --policy phased-approach --policy step-down
    """
    from sim import api, report

    with say.progress("simulating") as bar:
        done = api.compare(scenarios, policies, runs=runs, seed=seed, sets=sets, progress=bar)
    pairs = [cell.pair for cell in done.cells]
    warn(pairs)
    document = {
        "cells": [report.summary(cell.result) for cell in done.cells],
        "pairs": [report.pair(each) for each in done.pairs],
    }
    if as_json:
        say.as_json(document)
    else:
        _print(done)
    if out is None and as_json:
        return
    named = [("--policy", each) for each in policies]
    changed = [("--set", each) for each in sets]
    command = command_line("compare", *scenarios, options=[*named, ("--runs", runs), ("--seed", seed), *changed])
    more = "" if len(scenarios) == 1 else f"-and-{len(scenarios) - 1}-more"
    folder = out or Path("reports") / f"compare--{done.cells[0].result.scenario}{more}"
    files = {"comparison.json": report.to_json(document)}
    save(folder, files | _charts(done, command, charts=charts, pdf=pdf), command=command, seed=seed, pairs=pairs)


def _charts(done: Comparison, command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    if not charts:
        return {}
    from sim.charts import Imprint, first_passage_chart, overview_chart

    results = [cell.result for cell in done.cells]
    imprint = Imprint(command, __version__)
    drawn = {"first-passage": first_passage_chart(results, imprint), "overview": overview_chart(results, imprint)}
    return chart_files(drawn, pdf=pdf)


def _print(done: Comparison) -> None:
    results = [cell.result for cell in done.cells]
    say.table(
        ("Scenario", "Policy", "Phase", "Reached in share of runs", "50% of runs by", "Mean days in phase"),
        [row for result in results for row in _reached(result)],
        right=(3, 5),
    )
    first = results[0].policy
    against = [each for each in done.pairs if each.a == first]
    if against:
        say.line(f"\nOn the same draws, against {first}:\n")
        starts = {result.scenario: result for result in results}
        say.table(
            ("Scenario", "Phase", "Policy", "Sooner than", "Later", "Same day", "Neither reaches", "Mean difference"),
            [_difference(each, starts[each.scenario]) for each in against],
            right=(3, 4, 5, 6),
        )
        say.line("\nMean difference: in days, each first passage capped at the horizon, ± its Monte Carlo standard error.")
    most = max((result.grades for result in results), key=lambda grades: grades.assumed)
    say.line(f"\nUp to {most.assumed} of {most.total} numbers of a pair are assumed. Shares are of simulated runs. {CAVEAT}")
    if any(result.reactive for result in results):
        say.line("Where the world answers to the policy, two policies may face different worlds.")


def _reached(result: Result) -> list[tuple[str, ...]]:
    return [
        (
            result.scenario,
            result.policy,
            phase.label,
            say.share(passage.reached, result.runs),
            say.date(passage.quantile(0.5), result.start),
            f"{result.dwell[phase.name].phase_days / result.runs:.0f}",
        )
        for phase in result.phases
        if (passage := result.first_passage.get(phase.name)) is not None
    ]


def _difference(each: PairedPassage, result: Result) -> tuple[str, ...]:
    """Policy b against policy a."""
    label = next(phase.label for phase in result.phases if phase.name == each.phase)
    sooner, later = each.b_earlier + each.only_b, each.a_earlier + each.only_a
    shares = [say.share(value, result.runs) for value in (sooner, later, each.same_day, each.neither)]
    return (each.scenario, label, each.b, *shares, _days_apart(each.mean_difference, each.se))


def _days_apart(difference: float, se: float) -> str:
    if difference == 0 and se == 0:
        return "none"
    return f"{abs(difference):.1f} ± {se:.1f} days {'later' if difference > 0 else 'sooner'}"
