"""`phased sensitivity`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli import factors, say
from sim.cli.options import (
    FileOrName,
    chart_flags,
    cluster_option,
    command_line,
    how_to,
    policy_option,
    report_folder,
    report_options,
    seed_option,
    workers_option,
)
from sim.cli.output import chart_files, opened, save, warn

if TYPE_CHECKING:
    from sim.analysis.sensitivity import Spread, Swing
    from sim.api.sensitivity import Answer, Sensitivity

LIBRARIES = ("SALib", "scipy")
_MUCH = 0.05
"""A share of noise in case means from which on more replications are worth a word."""


@click.command("sensitivity")
@click.argument("scenario", type=FileOrName("scenario"))
@policy_option
@click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="NAME",
    help="PHASE.first, PHASE.reached or PHASE.days; may be repeated. Default: PHASE.first of each phase above the initial one.",
)
@click.option(
    "--samples",
    type=click.IntRange(min=2),
    default=1_024,
    show_default=True,
    help="A power of two; each takes factors + 2 cases.",
)
@click.option("--replications", type=click.IntRange(min=1), default=10, show_default=True, help="Runs of each case.")
@seed_option
@workers_option
@cluster_option
@report_options
def sensitivity_command(
    scenario: str,
    policy: str | None,
    measures: tuple[str, ...],
    samples: int,
    replications: int,
    seed: int,
    workers: int | None,
    cluster: str | None,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Which uncertain numbers an outcome hangs on: shares of its variance (Sobol' indices), and a tornado in its own unit.

    The factors are the uncertain numbers of SCENARIO and POLICY. Every case is run with the same replications, and the indices
    are those of the mean over them. Needs the extra `analysis`. Writes to reports/sensitivity--SCENARIO--POLICY/.

    \b
      phased sensitivity surge-to-front-uncertain
      phased sensitivity gradual-rise-uncertain --measure offensive_measures.reached --replications 50
    """
    from sim import api
    from sim.library import Library
    from sim.verbs.studying import document

    pair = Library().load_pair(scenario, policy, sets)
    name = f"sensitivity--{pair.scenario.spec.name}--{pair.policy.spec.name}"
    folder = report_folder(out, name, as_json=as_json)
    how = how_to(folder, workers=workers, cluster=cluster, resume=False)
    with opened(folder) as stage:
        with say.meter("simulating") as meter:
            done = api.sensitivity_of(
                pair, measures=measures, samples=samples, replications=replications, seed=seed, how=how, meter=meter
            )
        warn([pair])
        if as_json:
            say.as_json(document(done))
        else:
            _print(done)
        if stage:
            asked = [("--policy", policy), *(("--measure", each) for each in measures), ("--samples", samples)]
            asked += [("--replications", replications), ("--seed", seed), *(("--set", each) for each in sets)]
            files = _files(done, command_line("sensitivity", scenario, options=asked), charts=charts, pdf=pdf)
            again = command_line("sensitivity", scenario, options=[*asked, *chart_flags(charts=charts, pdf=pdf)])
            libraries = LIBRARIES if done.study.factors else ()
            save(stage, files, command=again, seed=seed, pairs=[pair], libraries=libraries)


def _files(done: Sensitivity, command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    from sim import report
    from sim.analysis.tables import csv_bytes
    from sim.verbs.studying import INDEX, document, index_row, indices_of, shown

    files = {
        "sensitivity.json": report.to_json(document(done)),
        "indices.csv": csv_bytes(INDEX, [index_row(each, index) for each in done.answers for index in indices_of(each)]),
        "tornado.csv": csv_bytes(_SWING, [_swing_row(each, swing) for each in done.answers for swing in each.tornado.swings]),
    }
    if not charts or not done.study.factors:
        return files
    from sim.charts import Imprint
    from sim.charts.indices import indices_chart
    from sim.charts.tornado import tornado_chart

    imprint = Imprint(command, __version__)
    drawn = {}
    for each in done.answers:
        suffix = "" if len(done.answers) == 1 else f"-{each.measure.name}"
        if each.shares and each.shares.indices:
            about = shown(done, each, done.cases, done.study.replications)
            drawn[f"indices{suffix}"] = indices_chart(each.shares.indices, each.shares.spread, about, imprint)
        about = shown(done, each, 1 + 2 * len(done.study.factors), done.tornado_replications)
        drawn[f"tornado{suffix}"] = tornado_chart(each.tornado, about, imprint)
    return files | chart_files(drawn, pdf=pdf)


# tables -----------------------------------------------------------------------------------------------------------------------

_SWING = "measure unit factor factor_unit grade low high measure_at_low measure_at_high difference se measure_at_medians".split()


def _swing_row(answer: Answer, each: Swing) -> tuple[object, ...]:
    measure, factor = answer.measure, each.factor
    se = "" if each.se is None else each.se
    told = (measure.name, measure.unit, factor.path, factor.unit, factor.grade)
    return (*told, *each.at, *each.means, each.difference, se, answer.tornado.median)


# text -------------------------------------------------------------------------------------------------------------------------


def _print(done: Sensitivity) -> None:
    about = done.study
    factors.heading(about)
    if not about.factors:
        say.line("Nothing in this pair is an uncertain number, so that no factor can matter.")
        factors.caveats(about)
        return
    many = f"{len(about.factors)} factor{'' if len(about.factors) == 1 else 's'}"
    say.line(f"{many}: {done.cases:,} cases ({done.samples:,} samples), {factors.replications(about)}\n")
    for each in done.answers:
        _print_answer(done, each)
    say.line("First order: share of the variance of case means that a factor makes by itself. Total: with its interactions.")
    say.line("After ±: half-widths of 95% bootstrap intervals. Tornado: a factor at its 5% and 95% quantile, the others at their")
    tail = (
        f"medians, on the same {done.tornado_replications:,} replications, with standard errors"
        if about.model.noisy
        else "medians"
    )
    say.line(f"{tail}.")
    factors.caveats(about)


def _print_answer(done: Sensitivity, each: Answer) -> None:
    from sim.verbs.factors import number
    from sim.verbs.studying import ranked

    assert each.shares is not None  # there are factors
    spread, indices = each.shares.spread, each.shares.indices
    unit = each.measure.unit
    say.line(f"{each.measure.name}: {unit}, mean over cases {number(spread.mean)}")
    if not indices:
        say.line(f"It is {number(spread.mean)} in every case: it does not vary, so that no index is defined.\n")
        return
    say.line(f"{_noise(done, spread)}\n")
    rows, still = ranked(each)
    say.table(("Factor", "Grade", "First order", "Total", "From", "to", f"moves it ({unit})"), rows, right=(2, 3, 4, 5, 6))
    if still:
        say.line(f"\nNo effect in any case: {', '.join(still)}.")
    say.line()


def _noise(done: Sensitivity, spread: Spread) -> str:
    about = done.study
    if not about.model.noisy:
        return "No daily noise: all of its variance comes from the factors."
    if spread.noise is None or spread.noise_of_run is None:
        return "With one replication the share of daily noise cannot be told: give --replications 2 or more."
    return (
        f"Daily noise makes {spread.noise_of_run:.0%} of the variance of a single run, and {spread.noise:.1%} of that of case "
        f"means over {about.replications:,} replications." + (" More --replications lower it." if spread.noise > _MUCH else "")
    )
