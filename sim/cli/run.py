"""`phased run`."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli import readings, say
from sim.cli.options import (
    FileOrName,
    chart_flags,
    check_parquet,
    command_line,
    how_to,
    parquet_option,
    policy_option,
    precision_of,
    report_folder,
    report_options,
    simulation_options,
    work_options,
)
from sim.cli.output import TRAJECTORIES, RowsFile, chart_files, opened, save, warn
from sim.errors import BadUsage
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.api import Run
    from sim.charts import Chart, Imprint
    from sim.files import Staging
    from sim.results import FirstPassage, PhaseName, Result


@click.command("run")
@click.argument("scenario", type=FileOrName("scenario"))
@policy_option
@simulation_options
@work_options
@click.option(
    "--keep",
    multiple=True,
    type=click.Choice(["runs", "trajectories"]),
    help="runs.csv however many runs there are; or every day of every run as Parquet files.",
)
@click.option("--design", metavar="KIND|FILE.csv", help="Run a design of cases: random, lhs, sobol, grid, or a table of them.")
@click.option("--cases", type=click.IntRange(min=1), metavar="N", help="Of a design; default 1024. A grid has at most so many.")
@click.option("--replications", type=click.IntRange(min=1), metavar="R", help="Runs of each case of a design; default 10.")
@parquet_option
@report_options
@click.pass_context
def run_command(
    ctx: click.Context,
    scenario: str,
    policy: str | None,
    runs: int,
    seed: int,
    workers: int | None,
    cluster: str | None,
    resume: bool,
    precision: float | None,
    measure: str | None,
    keep: tuple[str, ...],
    design: str | None,
    cases: int | None,
    replications: int | None,
    parquet: bool,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Simulate a policy on SCENARIO, print what came out, and write charts and tables.

    Writes to reports/SCENARIO--POLICY/ unless --out says otherwise; with --json only where --out is given.

    \b
      phased run surge-to-front
      phased run surge-to-front-uncertain --policy step-down --runs 10000
      phased run ./my-scenario.yaml --set transitions.arm_defensively.confirm=14
      phased run surge-to-front-uncertain --design lhs --cases 500 --replications 20
    """
    if design is not None:
        from sim.cli.design import run_design

        run_design(ctx)
        return
    if cases is not None or replications is not None:
        raise BadUsage("--cases and --replications are of a design: give --design too")
    from sim import api, report
    from sim.library import Library

    pair = Library().load_pair(scenario, policy, sets)
    folder = report_folder(out, f"{pair.scenario.spec.name}--{pair.policy.spec.name}", as_json=as_json)
    check_parquet(folder, parquet=parquet)
    if keep and folder is None:
        raise BadUsage("--keep writes files: name their folder with --out")
    if "trajectories" in keep:
        from sim.work.trajectories import require

        require()
    how = how_to(folder, workers=workers, cluster=cluster, resume=resume)
    with opened(folder, how) as stage:
        rows = RowsFile(stage.path("runs.csv"), math.inf if "runs" in keep else report.TABLE_RUNS) if stage else None
        if stage and "trajectories" in keep:
            how = replace(how, trajectories=how.unfinished / TRAJECTORIES if how.unfinished else stage.path(TRAJECTORIES))
        with say.meter("simulating") as meter:
            exact = precision_of(precision, measure)
            done = api.run_pair(pair, runs=runs, seed=seed, how=how, precision=exact, rows=rows, meter=meter)
        warn([pair])
        if as_json:
            say.as_json(report.summary(done.result))
        else:
            _print(done)
        if stage:
            # of one path, the number given says only whether there is a runs.csv
            told = runs if done.result.single_path and "runs.csv" not in stage.names else done.result.runs
            asked = [("--policy", policy), ("--runs", told), ("--seed", seed), *(("--set", each) for each in sets)]
            files = _files(done, command_line("run", scenario, options=asked), charts=charts, pdf=pdf)
            files |= _parquet(done, files, stage) if parquet else {}
            kept = [*(("--keep", each) for each in keep), ("--parquet", parquet), *chart_flags(charts=charts, pdf=pdf)]
            again = command_line("run", scenario, options=[*asked, *kept])
            save(stage, files, how, command=again, seed=seed, pairs=[pair])


def _files(done: Run, command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    from sim import report

    files = {"summary.json": report.to_json(report.summary(done.result)), "daily.csv": report.daily_csv(done.result)}
    return files | (chart_files(_charts(done, command), pdf=pdf) if charts else {})


def _parquet(done: Run, files: Mapping[str, bytes], stage: Staging) -> dict[str, bytes]:
    """daily.csv, with a column of phases beside its series, and runs.csv, where there is one."""
    from sim.analysis.tables import parquet_bytes, with_phases

    phases = [phase.name for phase in done.result.phases]
    found = {"daily.parquet": parquet_bytes(with_phases(files["daily.csv"], phases), phases)}
    if "runs.csv" in stage.names:
        found["runs.parquet"] = parquet_bytes(stage.path("runs.csv").read_bytes(), phases)
    return found


def _charts(done: Run, command: str) -> dict[str, Chart]:
    from sim import api
    from sim.charts import Imprint, path_chart, run_chart

    imprint: Imprint = Imprint(command, __version__)
    if not done.result.single_path:
        return {"run": run_chart(done.result, imprint)}
    single = api.path_of(done.pair, seed=done.result.seed)
    return {"path": path_chart(done.result, single.report.steps, imprint)}


def _print(done: Run) -> None:
    result = done.result
    say.heading(result.scenario_title, result.scenario, result.policy_title, result.policy)
    many = f"{result.runs:,} simulated run{'' if result.runs == 1 else 's'}, seed {result.seed}"
    number = "one path: nothing in it is uncertain" if result.single_path else many
    say.line(f"{result.start} to {result.date(result.days - 1)}; {number}\n")
    if result.single_path:
        say.table(("Phase", "Reached", "Days in phase"), [_one_path_row(result, phase) for phase in result.phases], right=(2,))
        say.line()
    else:
        _print_ensemble(result)
    readings.show(result, done.pair.policy.spec.thresholds)
    _print_caveats(result)


def _one_path_row(result: Result, phase: PhaseName) -> tuple[str, ...]:
    passage = result.first_passage.get(phase.name)
    reached = "from the start" if passage is None else say.date(passage.quantile(1.0), result.start)
    return phase.label, reached, str(result.dwell[phase.name].phase_days)


def _print_ensemble(result: Result) -> None:
    spans = [readings.HEADER] if result.rivals else []
    header = ("Phase", "Reached in share of runs", *spans, "Mean days in phase")
    say.table(header, [_share_row(result, phase) for phase in result.phases], right=range(1, len(header)))
    say.line()
    if result.first_passage:
        labels = {phase.name: phase.label for phase in result.phases}
        _print_days({labels[name]: passage for name, passage in result.first_passage.items()}, result)


def _share_row(result: Result, phase: PhaseName) -> tuple[str, ...]:
    passage = result.first_passage.get(phase.name)
    told = ("", "") if passage is None else (say.reached(passage), readings.span(result, phase.name))
    return phase.label, *told[: 2 if result.rivals else 1], mean_days(result, phase.name)


def mean_days(result: Result, phase: str) -> str:
    """`138.0 ± 3.3`: mean days in a phase and their standard error, where runs differ."""
    dwell = result.dwell[phase]
    mean = dwell.phase_days / result.runs
    return f"{mean:.1f} ± {dwell.se:.1f}" if dwell.se else f"{mean:.0f}"


def _print_days(passages: Mapping[str, FirstPassage], result: Result) -> None:
    """When the phases, given by label, were reached, and in how many runs they were not."""
    from sim.results import DAY_QUANTILES

    header = ("Phase", *(f"{level:.0%} of runs by" for level in DAY_QUANTILES))
    rows = [(label, *(say.quantile(each, level, result.start) for level in DAY_QUANTILES)) for label, each in passages.items()]
    say.table(header, rows)
    say.line()
    for label, passage in passages.items():
        if passage.counts[0] < passage.runs:  # else it is the initial phase, a lower one, or as if it were
            say.line(f"{label}: {censored(passage)}.")
    say.line()


def censored(passage: FirstPassage) -> str:
    """In how many runs the phase was not reached; counted where a percentage would round a few runs away."""
    never, runs = passage.never, passage.runs
    if never in (0, runs):
        return "reached by the end in every run" if never == 0 else f"{say.NOT_REACHED} in any run"
    told = say.share(never / runs, runs)
    rounded_away = float(told.rstrip("%")) in (0, 100)
    return f"{say.NOT_REACHED} in {f'{never:,} of {runs:,}' if rounded_away else f'{told} of'} runs"


def _print_caveats(result: Result) -> None:
    say.line(f"{assumed([result.grades])} {TEACHING}")
    if not result.single_path:
        say.line(say.brackets())
        if result.rivals:
            say.line(readings.NOTE)
        say.line("After ±: Monte Carlo standard errors.")
    if result.reactive:
        say.line("The world answers to the policy here, so two policies may face different worlds.")
