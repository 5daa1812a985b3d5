"""`phased hindcast`."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli import say
from sim.cli.options import FileOrName, chart_flags, command_line, policy_option, report_folder, report_options
from sim.cli.output import chart_files, opened, save, warn
from sim.framing import TEACHING

if TYPE_CHECKING:
    from sim.analysis.courses import Standing
    from sim.api import Hindcast
    from sim.results import Deed, Reading, Statement


@click.command("hindcast")
@click.argument("scenarios", type=FileOrName("scenario"), nargs=-1, metavar="[SCENARIO...]")
@policy_option
@report_options
def hindcast_command(
    scenarios: tuple[str, ...],
    policy: str | None,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Statement against behaviour, never a fit: when the rule falls due under each reading of it, and what was done.

    Each SCENARIO codes what was reported (default: the two codings of the founding case). The readings are the policy as
    stated and each rival reading of its thresholds. What was done are the facts with a `phase` in the scenarios' ledgers.

    \b
      phased hindcast
      phased hindcast austin/since-the-chart --policy austin/two-weeks-down
    """
    from sim import api
    from sim.verbs.hindcasting import CODINGS, document

    scenarios = scenarios or CODINGS
    done = api.hindcast(scenarios, policy, sets=sets)
    warn(done.codings)
    if as_json:
        say.as_json(document(done))
    else:
        _print(done)
    asked = [("--policy", policy), *(("--set", each) for each in sets)]
    command = command_line("hindcast", *scenarios, options=asked)
    again = command_line("hindcast", *scenarios, options=[*asked, *chart_flags(charts=charts, pdf=pdf)])
    with opened(report_folder(out, f"hindcast--{done.codings[0].policy.spec.name}", as_json=as_json)) as stage:
        if stage:
            files = _files(done, command, charts=charts, pdf=pdf)
            save(stage, files, command=again, seed=api.DEFAULT_SEED, pairs=done.codings)


def _files(done: Hindcast, command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    from sim import report
    from sim.verbs.hindcasting import document

    files = {"hindcast.json": report.to_json(document(done)), "hindcast.csv": report.hindcast_csv(done.statements)}
    if not charts:
        return files
    from sim.charts import Imprint, hindcast_chart

    imprint = Imprint(command, __version__)
    chart = hindcast_chart(done.statements, done.deeds, done.start, done.end, imprint, done.grades, done.courses)
    return files | chart_files({"hindcast": chart}, pdf=pdf)


def _print(done: Hindcast) -> None:
    rows = [
        (
            each.reading.coding,
            each.reading.reading,
            each.reading.phase_label,
            _due(each.reading),
            _gap(each),
            _deed(each.shown or each.next_deed),
        )
        for each in done.statements
    ]
    say.table(("Coding", "Reading of the trigger", "Phase", "Rule falls due", "Gap", "First reported act from then on"), rows)
    say.line("\nOn the day of each act, where the rule as stated stood:\n")
    say.table(("Coding", "Date", "Fact", "Shows", "By the rule", "Since"), _stood(done))
    say.line("\nWhat was done, by the ledgers:\n")
    say.table(("Date", "Fact", "Shows", "What", "Source"), [(d.date, d.id, d.phase, d.says, d.source or "") for d in done.deeds])
    say.line(f"\nStatement against behaviour, never a fit. {TEACHING}")


def _stood(done: Hindcast) -> list[tuple[object, ...]]:
    """One row for acts in a row that show one phase while the rule stays in one."""
    from sim.analysis.courses import STATED

    stated = [each for each in done.standings if each.reading == STATED]
    runs = groupby(stated, key=lambda each: (each.coding, each.deed.phase, each.rule))
    return [_stood_row(list(acts)) for _, acts in runs]


def _stood_row(acts: list[Standing]) -> tuple[object, ...]:
    from sim.analysis.sentences import days

    first, last = acts[0], acts[-1]
    dates = f"{first.deed.date}" if len(acts) == 1 else f"{first.deed.date} to {last.deed.date}"
    ids = first.deed.id if len(acts) == 1 else f"{first.deed.id}–{last.deed.id}"
    rule = "the same" if first.same else first.rule.label
    since = f"{days(first.days)} before" if first.days else "that day"
    return (first.coding, dates, ids, first.shown_label, rule, f"{first.rule.first}, {since}")


def _due(reading: Reading) -> str:
    if reading.due is None:
        return "not within the run"
    return f"{reading.due}, until {reading.until}" if reading.until else f"{reading.due}"


def _gap(each: Statement) -> str:
    if each.reading.due is None:
        return "–"
    if each.shown:
        return f"{each.gap} days"
    if each.last_seen_below:
        below = each.last_seen_below
        return f"over {each.gap} days: still {below.phase} on {below.date} ({below.id})"
    return "nothing reported meanwhile" if each.reading.until else "nothing reported since"


def _deed(deed: Deed | None) -> str:
    return "–" if deed is None else f"{deed.date} {deed.id}: {deed.says}"
