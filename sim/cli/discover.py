"""`phased discover`."""

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
    from sim.analysis.discovery import Box, Limit
    from sim.api.discovery import Discovery

LIBRARIES = ("PRIM", "pandas", "scipy")


@click.command("discover")
@click.argument("scenario", type=FileOrName("scenario"))
@policy_option
@click.option("--phase", required=True, metavar="PHASE", help="The phase whose conditions are sought.")
@click.option("--by", metavar="DAY", help="Reached by this date or day of the run; default: its last day.")
@click.option("--cases", type=click.IntRange(min=20), default=1_000, show_default=True, help="Of each of the two designs.")
@click.option("--replications", type=click.IntRange(min=1), default=50, show_default=True, help="Runs of each case.")
@click.option(
    "--threshold",
    "share",
    type=float,
    default=0.5,
    show_default=True,
    help="A case is of interest where at least this share of its replications reaches the phase.",
)
@click.option("--boxes", type=click.IntRange(min=1, max=9), default=3, show_default=True, help="How many boxes at most.")
@click.option("--step", type=click.IntRange(min=0), metavar="K", help="Take step K of the first trajectory, not the default.")
@seed_option
@workers_option
@cluster_option
@report_options
def discover_command(
    scenario: str,
    policy: str | None,
    phase: str,
    by: str | None,
    cases: int,
    replications: int,
    share: float,
    boxes: int,
    step: int | None,
    seed: int,
    workers: int | None,
    cluster: str | None,
    sets: tuple[str, ...],
    out: Path | None,
    charts: bool,
    pdf: bool,
    as_json: bool,
) -> None:
    """Under which uncertain numbers a phase is reached: boxes with coverage and density, by PRIM, held against fresh cases.

    The factors are the uncertain numbers of SCENARIO and POLICY. Needs the extra `analysis`. Writes to
    reports/discover--SCENARIO--POLICY--PHASE/.

    \b
      phased discover surge-to-front-uncertain --phase offensive_measures
      phased discover gradual-rise-uncertain --phase defensive_weapons --by 2024-12-31 --threshold 0.9
    """
    from sim import api
    from sim.library import Library
    from sim.verbs.discovering import day_of, document
    from sim.world import days_of

    pair = Library().load_pair(scenario, policy, sets)
    folder = report_folder(out, f"discover--{pair.scenario.spec.name}--{pair.policy.spec.name}--{phase}", as_json=as_json)
    how = how_to(folder, workers=workers, cluster=cluster, resume=False)
    day = None if by is None else day_of(by, pair.scenario.spec.start, days_of(pair.scenario.spec.days) - 1)
    with opened(folder) as stage:
        with say.meter("simulating") as meter:
            done = api.discover_of(
                pair,
                phase=phase,
                by=day,
                cases=cases,
                replications=replications,
                share=share,
                boxes=boxes,
                step=step,
                seed=seed,
                how=how,
                meter=meter,
            )
        warn([pair])
        if as_json:
            say.as_json(document(done))
        else:
            _print(done)
        if stage:
            asked = [("--policy", policy), ("--phase", phase), ("--by", by), ("--cases", cases), ("--replications", replications)]
            asked += [("--threshold", f"{share:g}"), ("--boxes", boxes), ("--step", step), ("--seed", seed)]
            asked += [("--set", each) for each in sets]
            files = _files(done, command_line("discover", scenario, options=asked), charts=charts, pdf=pdf)
            again = command_line("discover", scenario, options=[*asked, *chart_flags(charts=charts, pdf=pdf)])
            save(stage, files, command=again, seed=seed, pairs=[pair], libraries=LIBRARIES)


def _files(done: Discovery, command: str, *, charts: bool, pdf: bool) -> dict[str, bytes]:
    from sim import report
    from sim.analysis.tables import csv_bytes
    from sim.verbs.discovering import document, shown

    files = {
        "discover.json": report.to_json(document(done)),
        "boxes.csv": csv_bytes(_ROW, [_row(number, each) for number, box in enumerate(done.boxes, 1) for each in box.limits]),
        "trajectory.csv": csv_bytes(_STEP, _steps(done)),
        "cases.csv": _cases(done),
    }
    if not charts or not done.boxes:
        return files
    from sim.charts import Imprint
    from sim.charts.boxes import boxes_chart

    imprint = Imprint(command, __version__)
    chart = boxes_chart(done.boxes, done.study.factors, done.sample, done.fresh, shown(done), imprint)
    return files | chart_files({"boxes": chart}, pdf=pdf)


# tables -----------------------------------------------------------------------------------------------------------------------

_ROW = "box factor grade unit low high values quasi_p".split()
_STEP = "box step chosen coverage density mass conditions".split()


def _row(number: int, each: Limit) -> tuple[object, ...]:
    low, high = ("" if end is None else end for end in (each.low, each.high))
    values = " ".join(f"{value:g}" for value in each.choices)
    return (number, each.factor.path, each.factor.grade, each.factor.unit, low, high, values, each.quasi_p)


def _steps(done: Discovery) -> list[tuple[object, ...]]:
    return [
        (number, at, int(at == box.chosen), step.score.coverage, step.score.density, step.score.mass, len(step.limits))
        for number, box in enumerate(done.boxes, 1)
        for at, step in enumerate(box.trajectory)
    ]


def _cases(done: Discovery) -> bytes:
    """Both designs, so that a box can be drawn or sought by other means."""
    from sim.analysis.tables import csv_bytes

    rows = [
        (name, case, *values, int(interest))
        for name, sample in (("sample", done.sample), ("fresh", done.fresh))
        for case, (values, interest) in enumerate(zip(sample.values.tolist(), sample.interest.tolist(), strict=True))
    ]
    return csv_bytes(["design", "case", *(each.path for each in done.study.factors), "of_interest"], rows)


# text -------------------------------------------------------------------------------------------------------------------------


def _print(done: Discovery) -> None:
    from sim.verbs.discovering import what

    about = done.study
    factors.heading(about)
    cases = len(done.sample.values)
    say.line(f"{what(done)}.")
    say.line(f"Two Latin hypercubes of {cases:,} cases over {len(about.factors)} factors, {factors.replications(about)}.\n")
    found, fresh = done.sample.interest, done.fresh.interest
    say.line(f"Of interest: {found.mean():.1%} of the cases; {fresh.mean():.1%} of fresh ones.")
    if not done.boxes:
        say.line(_no_box(done))
    for number, box in enumerate(done.boxes, 1):
        _print_box(number, box)
    say.line()
    if done.boxes:
        say.line(
            "Coverage: share of the cases of interest that the box holds. Density: share of the box's cases that are of interest."
        )
        shared = " and all cases share the same few replications" if about.model.noisy else ""
        say.line(
            "Quasi-p: how likely such a density would be if the condition did nothing; "
            f"too small, as the condition was sought for it{shared}."
        )
        say.line(
            f"Fresh: {cases:,} cases, and replications, that had no part in the search; in brackets 95% Monte Carlo intervals."
        )
    factors.caveats(about)


def _no_box(done: Discovery) -> str:
    share = done.sample.interest.mean()
    if share in (0, 1):
        return f"{'Every' if share else 'No'} case is of interest, so that there is no condition to find."
    return "No condition on the factors tells which cases are of interest better than chance."


def _print_box(number: int, box: Box) -> None:
    say.line(f"\nBox {number}: step {box.chosen} of {len(box.trajectory) - 1}, {box.score.mass:.1%} of the cases\n")
    from sim.charts.boxes import doubt
    from sim.verbs.discovering import CONDITION, conditions

    say.table(CONDITION, conditions(box), right=(3,))
    say.line()
    told = [("coverage", *_pair(box, "coverage")), ("density", *_pair(box, "density"))]
    say.table((f"Box {number}", "Here", "On fresh cases"), told, right=(1, 2))
    if not box.fresh.denser:
        say.line(doubt(number, box))


def _pair(box: Box, name: str) -> tuple[str, str]:
    low, high = getattr(box.fresh, f"{name}_interval")
    fresh = f"{getattr(box.fresh, name):.1%} ({100 * low:.1f}–{100 * high:.1f})"
    return f"{getattr(box.score, name):.1%}", fresh
