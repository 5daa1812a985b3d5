"""`phased quality`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from sim import __version__
from sim.cli import say
from sim.cli.options import (
    FileOrName,
    chart_flags,
    command_line,
    how_to,
    policy_option,
    report_folder,
    report_options,
    simulation_options,
    workers_option,
)
from sim.cli.output import chart_files, opened, save, warn
from sim.errors import every
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.analysis.quality import Apart, Column, Mean, PhaseQuality, Quality, Share, TransitionQuality, TriggerQuality

_OUTCOMES = {"on_time": "On time", "early": "Early", "late": "Late", "false": "False", "missed": "Missed", "neither": "Neither"}

_CURVE = ("Value", "False alarm", "On time", "Late", "Missed", "Due in", "Mean delay where due", "Days above", "Days below")


@click.command("quality")
@click.argument("scenario", type=FileOrName("scenario"))
@policy_option
@click.option(
    "--vary",
    metavar="PATH=FROM:TO[:STEP]",
    help="Draw a false-alarm/delay curve over one number, both ends included; default step 1.",
)
@click.option(
    "--memory",
    "memories",
    multiple=True,
    metavar="DAYS",
    help="How long errors of all signposts last, or as-given. May be repeated; default: 0, 7 and 30 side by side.",
)
@click.option(
    "--tolerance",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="DAYS",
    help="So many days early or late still count as on time.",
)
@simulation_options
@workers_option
@report_options
def quality_command(
    scenario: str,
    policy: str | None,
    vary: str | None,
    memories: tuple[str, ...],
    tolerance: int,
    runs: int,
    seed: int,
    workers: int | None,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """How well a policy's triggers fall on SCENARIO: on time, early, late, false or missed.

    Against its twin, the same policy in the same simulated futures, which sees the world perfectly. With --vary: what another
    value of one number, such as days of confirmation, buys in false alarms and costs in delay.

    \b
      phased quality rear-labour-uncertain
      phased quality ambiguous-intelligence-uncertain --vary transitions.arm_defensively.confirm=1:28
    """
    from sim import api, report
    from sim.analysis.quality_files import HEADER, document, rows
    from sim.analysis.tables import csv_bytes

    asked = api.quality_question(scenario, policy, varied=vary, memories=memories, tolerance=tolerance, sets=sets)
    folder = report_folder(out, _folder(asked), as_json=as_json)
    how = how_to(folder, workers=workers, cluster=None, resume=False)
    with opened(folder) as stage:
        with say.meter("simulating") as meter:
            done = api.quality_of(asked, runs=runs, seed=seed, how=how, meter=meter)
        warn([asked.pair])
        if as_json:
            say.as_json(document(done))
        else:
            _print(done)
        if stage:
            options: list[tuple[str, object]] = [
                ("--policy", policy),
                ("--vary", vary),
                *(("--memory", each) for each in memories),
            ]
            options += [
                ("--tolerance", tolerance or None),
                ("--runs", runs),
                ("--seed", seed),
                *(("--set", each) for each in sets),
            ]
            files = {"quality.json": report.to_json(document(done)), "quality.csv": csv_bytes(HEADER, rows(done))}
            if charts:
                files |= _charts(done, command_line("quality", scenario, options=options), pdf=pdf)
            again = command_line("quality", scenario, options=[*options, *chart_flags(charts=charts, pdf=pdf)])
            save(stage, files, how, command=again, seed=seed, pairs=[asked.pair])


def _folder(asked: object) -> str:
    from sim.api import QualityQuestion

    assert isinstance(asked, QualityQuestion)
    names = ["quality", asked.pair.scenario.spec.name, asked.pair.policy.spec.name]
    return "--".join([*names, *([asked.vary.bare] if asked.vary else [])])


def _charts(done: TriggerQuality, command: str, *, pdf: bool) -> dict[str, bytes]:
    from sim.charts import Imprint, quality_chart

    return chart_files({"quality": quality_chart(done, Imprint(command, __version__))}, pdf=pdf)


# what is printed ------------------------------------------------------------------------------------------------------------


def _print(done: TriggerQuality) -> None:
    say.heading(done.scenario_title, done.scenario, done.policy_title, done.policy)
    many = f"shares of {done.runs:,} simulated run{'' if done.runs == 1 else 's'}, seed {done.seed}"
    how = "one path: nothing in it is uncertain" if done.single_path else many
    say.line(f"{done.start} to {done.date(done.days - 1)}; {how}")
    say.line("Against its twin: the same policy in the same futures, which it sees perfectly and on the day.\n")
    for transition in done.columns[0].quality.transitions:
        _print_transition(done, transition)
    _print_phases(done)
    if done.curve:
        _print_curve(done)
    for line in _caveats(done):
        say.line(line)


def _label(done: TriggerQuality, column: Column) -> str:
    return column.label if done.blurred else "no error"


def _print_transition(done: TriggerQuality, which: TransitionQuality) -> None:
    say.line(f"{which.name}: {' or '.join(which.from_labels)} → {which.to_label}\n")
    header = ("Error memory", *_OUTCOMES.values())
    those = [(_label(done, column), column.quality.of(which.name)) for column in done.columns]
    say.table(
        header, [(label, *(_share(each.outcome(name), done) for name in _OUTCOMES)) for label, each in those], right=_right(7)
    )
    say.line()
    header = ("Error memory", "Early by", "Late by", "Mean delay where due", "Takings a run", "The twin's")
    rows = [
        (label, _apart(each.early_days), _apart(each.late_days), _mean(each.delay), _mean(each.takings), _mean(each.twin_takings))
        for label, each in those
    ]
    say.table(header, rows, right=_right(6))
    say.line()


def _print_phases(done: TriggerQuality) -> None:
    """Days above and below the twin."""
    say.line("Days a run in a higher phase than the twin (false-alarm days) and in a lower one (days of delay):\n")
    labels = [f", {_label(done, column)}" if done.blurred else "" for column in done.columns]
    header = ("Phase", *(f"Above{label}" for label in labels), *(f"Below{label}" for label in labels))
    rows = [_phase_row(done, index) for index in range(len(done.columns[0].quality.phases))]
    if len(rows) > 1:
        rows.append(_phase_row(done, None))
    say.table(header, rows, right=_right(len(header)))
    say.line()


def _phase_row(done: TriggerQuality, index: int | None) -> tuple[str, ...]:
    """None: all phases together."""

    def of(column: Column) -> PhaseQuality:
        return column.quality.every if index is None else column.quality.phases[index]

    those = [of(column) for column in done.columns]
    return (those[0].label, *(_mean(each.above) for each in those), *(_mean(each.below) for each in those))


def _print_curve(done: TriggerQuality) -> None:
    assert done.varied is not None  # asked for only then
    unit = f", in {done.varied.unit}" if done.varied.unit else ""
    say.line(f"With {done.varied.path} varied{unit}:\n")
    for name in done.varied.transitions:
        for column in done.columns:
            say.line(f"{name}, error memory {_label(done, column)}:\n" if done.blurred else f"{name}:\n")
            say.table(_CURVE, list(_curve_rows(done, column, name)), right=_right(len(_CURVE), first=0))
            say.line()


def _curve_rows(done: TriggerQuality, column: Column, name: str) -> Iterator[tuple[str, ...]]:
    assert done.varied is not None  # asked for only then
    for point in column.points:
        each = point.quality.of(name)
        shares = (each.false_alarm, each.on_time, each.late, each.missed)
        mark = " *" if point.value == done.varied.stated else ""
        cells = (*(_share(share, done) for share in shares), _due(each.due, done), _mean(each.delay))
        yield (point.text + mark, *cells, *_apart_days(point.quality))


def _apart_days(quality: Quality) -> tuple[str, str]:
    return _mean(quality.every.above), _mean(quality.every.below)


def _right(columns: int, first: int = 1) -> Sequence[int]:
    return range(first, columns)


def _share(share: Share, done: TriggerQuality) -> str:
    """`41.2% (40.1–42.3)`."""
    if done.single_path:
        return "yes" if share.count else ""
    low, high = (say.share(each, done.runs).rstrip("%") for each in share.interval)
    return f"{say.share(share.value, done.runs)} ({low}–{high})"


def _due(share: Share, done: TriggerQuality) -> str:
    """`14 runs`: on how many a mean delay rests."""
    if done.single_path:
        return "yes" if share.count else ""
    return f"{share.count:,} run{'' if share.count == 1 else 's'}"


def _mean(mean: Mean) -> str:
    if mean.value is None:
        return "–"
    return f"{mean.value:.1f} ± {mean.se:.1f}" if mean.se else f"{mean.value:.0f}" if mean.value % 1 == 0 else f"{mean.value:.1f}"


def _apart(apart: Apart) -> str:
    """`12.3 days (2, 9, 40)`: the mean and the quantiles."""
    if apart.mean.value is None:
        return "–"
    middle = ", ".join(str(days) for days in apart.quantiles.values())
    return f"{apart.mean.value:.1f} days ({middle})" if apart.mean.runs > 1 else f"{apart.mean.value:.0f} days"


def _caveats(done: TriggerQuality) -> Iterator[str]:
    yield f"{assumed([done.grades])} {TEACHING}"
    transitions = [each for quality in _qualities(done) for each in quality.transitions]
    if transitions:
        within = f", on time within {done.tolerance} days" if done.tolerance else ""
        yield f"By the first taking in a run{within}. False: taken and never due. Missed: due and never taken."
        yield "Both up to the horizon: what was never due may fall due after it, and what was missed may still be taken."
        yield "Mean delay: days late over the runs in which it is due; 0 where early, and a missed one counts up to the horizon."
    if done.behind:
        which = every(done.behind)
        yield f"Seen late, or as a mean of past days: {which}. The twin sees the day itself, so that this counts as delay."
    yield from _of_what_varies(done)
    if not done.blurred:
        yield "No signpost that this policy reads has an error here, so how long errors last changes nothing."
    elif len(done.columns) > 1:
        yield "Error memory: how long a misreading lasts, set for all signposts. That is assumed, and much hangs on it."
    given = [each for column in done.columns for each in column.quality.transitions]
    if any(apart.mean.runs > 1 for each in given for apart in (each.early_days, each.late_days)):
        yield "Early by, late by: the mean, and in brackets by how many days at most in 5, 50 and 95% of these runs."
    if transitions and not done.single_path:
        yield say.brackets().replace(" (`70+`: day 70 or later)", " after a share")
    if any(mean.se for mean in _means(done)):
        yield "After ±: Monte Carlo standard errors."
    if done.reactive:
        yield "The world answers to the policy: each twin meets the world that its policy made, and moves nothing itself."


def _of_what_varies(done: TriggerQuality) -> Iterator[str]:
    if done.varied:
        if done.curve:
            yield "False alarm: taken before it was due, or never due."
            yield "The twin keeps the policy as given, whatever is varied in it."
        if done.still:
            yield f"{done.varied.path} changes nothing here: every value gives the same as the policy as given."
        if done.curve and any(point.value == done.varied.stated for point in done.columns[0].points):
            yield "*: as the files give it."


def _qualities(done: TriggerQuality) -> Iterator[Quality]:
    """Of the policy as given, and with each value."""
    for column in done.columns:
        yield column.quality
        yield from (point.quality for point in column.points)


def _means(done: TriggerQuality) -> Iterator[Mean]:
    """All that may be printed with ±."""
    for quality in _qualities(done):
        yield from (mean for each in (*quality.phases, quality.every) for mean in (each.above, each.below))
        yield from (mean for each in quality.transitions for mean in (each.delay, each.takings, each.twin_takings))
