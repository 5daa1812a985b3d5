"""`phased run --design`: a design of cases, each with the same replications."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli import factors, say
from sim.cli.options import command_line, how_to, report_folder
from sim.cli.output import RowsFile, opened, save, warn
from sim.errors import BadUsage

if TYPE_CHECKING:
    from sim.api.designs import DesignRun, Study

_NOT_HERE = {
    "runs": "--runs counts the runs of a plain ensemble; a design has --cases and --replications",
    "resume": "--resume keeps the blocks of a plain ensemble; leave it out with --design",
    "precision": "--precision adds runs to a plain ensemble; leave it out with --design",
    "measure": "--measure names what --precision is about; leave it out with --design",
    "parquet": "--parquet is of a plain ensemble; cases.csv and ema.tar.gz hold a design",
}


def run_design(ctx: click.Context) -> None:
    """Run the design that the command's parameters name, print what came out, and write its tables."""
    from sim import api, report
    from sim.analysis.designs import DEFAULT_CASES, KINDS
    from sim.api import designs
    from sim.library import Library

    given: dict[str, Any] = ctx.params
    _check(ctx)
    kind, seed, sets, keep = given["design"], given["seed"], given["sets"], given["keep"]
    cases = DEFAULT_CASES if given["cases"] is None and kind in KINDS else given["cases"]
    replications = given["replications"] or designs.DEFAULT_REPLICATIONS
    pair = Library().load_pair(given["scenario"], given["policy"], sets)
    folder = report_folder(given["out"], f"design--{pair.scenario.spec.name}--{pair.policy.spec.name}", as_json=given["as_json"])
    if keep and folder is None:
        raise BadUsage("--keep writes files: name their folder with --out")
    about = designs.study(pair, seed=seed, replications=replications)
    design = designs.design_of(about, kind, cases)
    how = how_to(folder, workers=given["workers"], cluster=given["cluster"], resume=False)
    with opened(folder) as stage:
        most = math.inf if keep else report.TABLE_RUNS
        rows = RowsFile(stage.path("runs.csv"), most, about.replications) if stage else None
        with say.meter("simulating") as meter:
            done = designs.run_design(about, design, how=how, rows=rows, meter=meter)
        warn([pair])
        if given["as_json"]:
            say.as_json(_document(done))
        else:
            _print(done, cases)
        if stage:
            asked = [("--policy", given["policy"]), ("--design", kind), ("--cases", cases), ("--replications", replications)]
            asked += [("--seed", seed), *(("--set", each) for each in sets), *(("--keep", each) for each in keep)]
            read = {} if kind in KINDS else api.read_of(Path(kind))
            libraries = ["scipy"] if kind in ("lhs", "sobol") else []
            command = command_line("run", given["scenario"], options=asked)
            save(stage, _files(done), command=command, seed=seed, pairs=[pair], read=read, libraries=libraries)


def _check(ctx: click.Context) -> None:
    """Options of a plain ensemble do not go with a design."""
    for name, message in _NOT_HERE.items():
        if ctx.get_parameter_source(name) is not click.core.ParameterSource.DEFAULT:
            raise BadUsage(message)
    if "trajectories" in ctx.params["keep"]:
        raise BadUsage("--keep trajectories is of a plain ensemble; leave it out with --design")


def _files(done: DesignRun) -> dict[str, bytes]:
    from sim import report
    from sim.analysis import workbench

    about = done.study
    paths = [each.path for each in about.factors]
    measures = {each.name: done.means[index] for index, each in enumerate(done.measures)}
    names = {"scenario": about.pair.scenario.spec.name, "policy": about.pair.policy.spec.name}
    return {
        "design.json": report.to_json(_document(done)),
        "cases.csv": workbench.cases_csv(paths, done.values, measures),
        "ema.tar.gz": workbench.archive(paths, done.values, measures, **names),
    }


def _document(done: DesignRun) -> dict[str, Any]:
    from sim import report
    from sim.verbs.factors import document, of_pair

    about, design, values = done.study, done.design, done.values
    return {
        **of_pair(about),
        "design": design.kind,
        "cases": design.cases,
        "runs": design.cases * about.replications,
        "factors": [
            {
                **document(each),
                "set": each.path in design.values,
                "levels": design.levels.get(each.path),
                "least": float(values[:, index].min()),
                "most": float(values[:, index].max()),
            }
            for index, each in enumerate(about.factors)
        ],
        "measures": {
            each.name: {"unit": each.unit, "mean": float(row.mean()), "least": float(row.min()), "most": float(row.max())}
            for each, row in zip(done.measures, done.means, strict=True)
        },
        "evidence": report.grades(about.grades),
    }


def _print(done: DesignRun, asked: int | None) -> None:
    """`asked`: the number of cases that was asked for."""
    about, design = done.study, done.design
    factors.heading(about)
    say.line(f"{_kind(done)}: {design.cases:,} case{'' if design.cases == 1 else 's'}, {factors.replications(about)}\n")
    if about.factors:
        say.table(("Factor", "Distribution", "Grade", "In the design"), _factor_rows(done))
    else:
        instead = f", not {asked:,}" if asked not in (None, 1) else ""
        say.line(f"Nothing in this pair is an uncertain number, so that all cases would be the same: there is one{instead}.")
    say.line()
    header = ("Mean over replications", "Unit", "Mean of cases", "Least case", "Greatest case")
    say.table(header, _measure_rows(done), right=(2, 3, 4))
    say.line()
    if not design.weighted:
        say.line("The cases of this design do not follow the distributions: a mean of cases is of these cases only.")
    _print_drawn(about, done)
    factors.caveats(about)


def _kind(done: DesignRun) -> str:
    names = {
        "random": "Random design",
        "lhs": "Latin hypercube",
        "sobol": "Sobol' points, scrambled",
        "grid": "Full grid",
        "table": "Cases of a table",
    }
    return names[done.design.kind]


def _factor_rows(done: DesignRun) -> list[tuple[str, ...]]:
    from sim.verbs.factors import number, with_unit

    values = done.values
    rows: list[tuple[str, ...]] = []
    for index, each in enumerate(done.study.factors):
        low, high = (number(float(end)) for end in (values[:, index].min(), values[:, index].max()))
        levels = done.design.levels.get(each.path)
        span = f"{low} to {high} {each.unit}".rstrip() if low != high else with_unit(float(values[0, index]), each.unit)
        told = f"{span}, {levels} level{'' if levels == 1 else 's'}" if levels else span
        rows.append((each.path, each.law, each.grade, told if each.path in done.design.values else f"drawn: {span}"))
    return rows


def _measure_rows(done: DesignRun) -> list[tuple[str, ...]]:
    from sim.verbs.factors import number

    return [
        (each.name, each.unit, *(number(float(value)) for value in (row.mean(), row.min(), row.max())))
        for each, row in zip(done.measures, done.means, strict=True)
    ]


def _print_drawn(about: Study, done: DesignRun) -> None:
    drawn = len(about.factors) - len(done.design.values)
    if done.design.kind == "table" and drawn:
        say.line(
            f"{drawn} factor{'' if drawn == 1 else 's'} without a column: drawn by the number of the case, as in any ensemble."
        )
