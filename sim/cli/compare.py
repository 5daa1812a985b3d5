"""`phased compare`."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli import compared, readings, say
from sim.cli.options import (
    FileOrName,
    chart_flags,
    check_parquet,
    command_line,
    how_to,
    parquet_option,
    precision_of,
    report_folder,
    report_options,
    simulation_options,
    work_options,
)
from sim.cli.output import chart_files, opened, save, warn
from sim.cli.run import mean_days
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.api import Comparison
    from sim.library import Pair
    from sim.results import FirstPassage, PairedPassage, Result

_LONGEST = 100
"""Letters in the name of a folder."""


@click.command("compare")
@click.argument("scenarios", type=FileOrName("scenario"), nargs=-1, required=True, metavar="SCENARIO...")
@click.option(
    "--policy", "policies", type=FileOrName("policy"), multiple=True, required=True, metavar="POLICY", help="Repeat for each."
)
@click.option(
    "--losses",
    type=FileOrName("losses"),
    metavar="FILE",
    help="What a day late, of false alarm or in a phase counts as: adds the regret of each policy.",
)
@simulation_options
@work_options
@parquet_option
@report_options
def compare_command(
    scenarios: tuple[str, ...],
    policies: tuple[str, ...],
    losses: str | None,
    runs: int,
    seed: int,
    workers: int | None,
    cluster: str | None,
    resume: bool,
    precision: float | None,
    measure: str | None,
    parquet: bool,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Run every policy on every SCENARIO, on the same draws: which policy reaches which phase how much sooner.

    Also in sentences: in which futures two policies disagree, what each difference between their files changes alone,
    and on which readings of the thresholds the order hangs; with --losses, the regret of each policy.

    Writes to reports/compare--SCENARIO--POLICY-vs-POLICY/ unless --out says otherwise; with --json only where --out is given.

    \b
      phased compare surge-to-front-uncertain --policy phased-approach --policy hair-trigger
      phased compare withdrawal surge-to-front --policy restrained --policy step-down --losses example
    """
    from sim import api, report
    from sim.verbs.compared import document

    pairs = api.pairs_of(scenarios, policies, sets=sets)
    stated = api.losses_of(losses, pairs) if losses else None
    folder = report_folder(out, _folder(pairs), as_json=as_json)
    check_parquet(folder, parquet=parquet)
    how = how_to(folder, workers=workers, cluster=cluster, resume=resume)
    with opened(folder, how) as stage:
        with say.meter("simulating") as meter:
            exact = precision_of(precision, measure)
            done = api.compare_pairs(pairs, losses=stated, runs=runs, seed=seed, how=how, precision=exact, meter=meter)
        warn(pairs)
        told = document(done)
        if as_json:
            say.as_json(told)
        else:
            _print(done)
        if stage:
            runs = max([runs, *(cell.result.runs for cell in done.cells)])
            named = [("--policy", each) for each in policies]
            changed = [("--set", each) for each in sets]
            asked = [*named, ("--losses", losses), ("--runs", runs), ("--seed", seed), *changed]
            command = command_line("compare", *scenarios, options=asked)
            kept = [("--parquet", parquet), *chart_flags(charts=charts, pdf=pdf)]
            again = command_line("compare", *scenarios, options=[*asked, *kept])
            files = {"comparison.json": report.to_json(told), **_tables(done, parquet=parquet)}
            files |= _charts(done, command, charts=charts, pdf=pdf)
            if done.regret:
                files["regret.csv"] = compared.regret_csv(done.regret)
            read = {name: sha for each in (stated.inputs if stated else ()) for name, sha in api.read_of(each.path).items()}
            save(
                stage,
                files,
                how,
                command=again,
                seed=seed,
                pairs=pairs,
                losses=stated.losses if stated else None,
                read=read,
            )


def _folder(pairs: Sequence[Pair]) -> str:
    """The names of all that is compared, cut where they are many: then a digest of them keeps two comparisons apart."""
    scenarios = list(dict.fromkeys(pair.scenario.spec.name for pair in pairs))
    policies = list(dict.fromkeys(pair.policy.spec.name for pair in pairs))
    name = f"compare--{'-and-'.join(scenarios)}--{'-vs-'.join(policies)}"
    if len(name) <= _LONGEST:
        return name
    return f"{name[:_LONGEST]}-{hashlib.blake2b(name.encode(), digest_size=4).hexdigest()}"


def _tables(done: Comparison, *, parquet: bool) -> dict[str, bytes]:
    from sim.analysis.comparisons import comparison_csv, pairs_csv
    from sim.analysis.tables import ladder_of, parquet_bytes

    results = [cell.result for cell in done.cells]
    tables = {"comparison": comparison_csv(results), **({"pairs": pairs_csv(done.pairs, results)} if done.pairs else {})}
    phases, ordered = ladder_of([phase.name for phase in result.phases] for result in results)
    files = {f"{name}.csv": table for name, table in tables.items()}
    return files | {f"{name}.parquet": parquet_bytes(table, phases, ordered=ordered) for name, table in tables.items() if parquet}


def _charts(done: Comparison, command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    if not charts:
        return {}
    from sim.charts import Imprint, disagreement_chart, first_passage_chart, overview_chart, regret_chart
    from sim.verbs.compared import drawn

    results = [cell.result for cell in done.cells]
    imprint = Imprint(command, __version__)
    made = {"first-passage": first_passage_chart(results, imprint), "overview": overview_chart(results, imprint)}
    if done.disagreements:
        made["disagreement"] = disagreement_chart(drawn(done), results, imprint)
    if done.regret:
        made["regret"] = regret_chart(done.regret, results, imprint)
    return chart_files(made, pdf=pdf)


def _print(done: Comparison) -> None:
    results = [cell.result for cell in done.cells]
    for scenario in dict.fromkeys(result.scenario for result in results):
        those = [result for result in results if result.scenario == scenario]
        _print_scenario(those, [each for each in done.pairs if each.scenario == scenario and each.a == those[0].policy])
        compared.show(done, those)
    if done.regret:
        compared.show_regret(done.regret, results)
    say.line(f"{assumed(result.grades for result in results)} {TEACHING}")
    sampled = not all(result.single_path for result in results)
    if sampled:
        say.line(say.brackets())
    if any(result.rivals for result in results):
        say.line(readings.NOTE if sampled else readings.NOTE_OF_PATHS)
    if sampled:
        _print_errors(done.pairs)
    if done.disagreements:
        compared.told(compared.NOTE)
    if any(result.reactive for result in results):
        say.line("Where the world answers to the policy, two policies may face different worlds.")


def _print_errors(pairs: Sequence[PairedPassage]) -> None:
    if pairs:
        say.line("Mean difference: in days, each first passage capped at the horizon.")
    say.line("After ±: Monte Carlo standard errors.")
    if any(each.more_runs for each in pairs):
        say.line(
            "Not told apart: sampling alone may make such a difference; so many more runs would tell (power 80%) if it is real."
        )


def _print_scenario(results: Sequence[Result], against: Sequence[PairedPassage]) -> None:
    first = results[0]
    runs, alone = max(result.runs for result in results), all(result.single_path for result in results)
    many = f"shares of {runs:,} simulated run{'' if runs == 1 else 's'}, seed {first.seed}"
    how = "one path each: nothing is uncertain" if alone else many
    say.line(f"{first.scenario_title}  [{first.scenario}]\n{first.start} to {first.date(first.days - 1)}; {how}\n")
    spans = [readings.HEADER] if any(result.rivals for result in results) else []
    header = ("Policy", "Phase", "Reached in", *spans, "50% of runs by", "Mean days")
    if alone:
        header = ("Policy", "Phase", "Reached", *spans, "On", "Days in phase")
    rows = [row for result in results for row in _reached(result, spans=bool(spans))]
    say.table(header, rows, right=(2, *range(3, 3 + len(spans)), len(header) - 1))
    say.line()
    if against:
        say.line(f"Against {first.policy}, on the same draws:\n")
        columns = ["Policy", "Phase", "Sooner", "Later", "Same day", "Neither"]
        columns += ["Mean difference", "Told apart"] if runs > 1 else ["Difference"]
        say.table(columns, [_difference(each, first, runs) for each in against], right=(2, 3, 4, 5))
        say.line()


def _reached(result: Result, *, spans: bool) -> list[tuple[str, ...]]:
    rows = []
    for phase in result.phases:
        if (passage := result.first_passage.get(phase.name)) is not None:
            share, day = _told(passage, result)
            over = [readings.span(result, phase.name)] if spans else []
            rows.append((result.policy, phase.label, share, *over, day, mean_days(result, phase.name)))
    return rows


def _told(passage: FirstPassage, result: Result) -> tuple[str, str]:
    """Whether, or in which share of runs, and by when."""
    if result.single_path:
        return "yes" if passage.reached else "no", say.date(passage.quantile(0.5), result.start)
    return say.reached(passage), say.quantile(passage, 0.5, result.start)


def _difference(each: PairedPassage, result: Result, runs: int) -> tuple[str, ...]:
    """Policy b against policy a."""
    label = next(phase.label for phase in result.phases if phase.name == each.phase)
    sooner, later = each.b_earlier + each.only_b, each.a_earlier + each.only_a
    told = [sooner, later, each.same_day, each.neither]
    shares = [("yes" if value else "") if runs == 1 else say.share(value, runs) for value in told]
    return (each.b, label, *shares, _days_apart(each, runs), *([_told_apart(each)] if runs > 1 else []))


def _days_apart(each: PairedPassage, runs: int) -> str:
    difference = each.mean_difference
    if difference == 0 and each.se == 0:
        return "none" if runs == 1 else "none in any run"
    if runs == 1 and (each.only_a or each.only_b):
        return f"only {each.a if each.only_a else each.b} reaches it"
    size = f"{abs(difference):.0f}" if runs == 1 else f"{abs(difference):.1f} ± {each.se:.1f}"
    return f"{size} days {'later' if difference > 0 else 'sooner'}"


def _told_apart(each: PairedPassage) -> str:
    """`yes`, or about how many more runs it would take; nothing where no run differs."""
    if each.told_apart or each.se == 0:
        return "yes" if each.told_apart else ""
    return "no" if each.more_runs is None else f"no: +{about(each.more_runs)} runs"


def about(number: int) -> str:
    """Rounded up to two digits: `12,000`, `1.3 million`."""
    step = 10 ** max(0, len(str(number)) - 2)
    rounded = math.ceil(number / step) * step
    return f"{rounded / 1e6:,.3g} million" if rounded >= 1e6 else f"{rounded:,}"
