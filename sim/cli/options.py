"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.shell_completion import CompletionItem

from sim.errors import BadUsage
from sim.verbs import given
from sim.verbs.given import command_line as command_line

if TYPE_CHECKING:
    from sim.analysis.precision import Precision
    from sim.work import How

F = TypeVar("F", bound=Callable[..., Any])


class FileOrName(click.ParamType):  # type: ignore[type-arg, unused-ignore]  # generic only in newer releases of click
    """A bare name or a path of one of some kinds of file, completed by the names that there are."""

    name = "name"

    def __init__(self, *kinds: str) -> None:
        self.kinds = kinds

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG002
        from sim.library import Library

        library = Library()
        entries = [entry for kind in self.kinds for entry in library.entries(kind)]
        found = [CompletionItem(each.name, help=each.title) for each in entries if each.name.startswith(incomplete)]
        return found or [CompletionItem(incomplete, type="file")]


def seed_option(function: F) -> F:
    seed = click.IntRange(min=0)
    return click.option("--seed", type=seed, default=1, show_default=True, help="Names the random draws.")(function)


def runs_option(function: F) -> F:
    return click.option(
        "--runs", type=click.IntRange(min=1), default=1_000, show_default=True, help="How many futures to simulate."
    )(function)


def sets_option(function: F) -> F:
    return click.option(
        "--set",
        "sets",
        multiple=True,
        metavar="PATH=YAML",
        help="Change one value, such as transitions.arm_defensively.confirm=14. May be repeated.",
    )(function)


def policy_option(function: F) -> F:
    return click.option(
        "--policy", type=FileOrName("policy"), metavar="POLICY", help="Name or path; default: the scenario's own."
    )(function)


def json_option(function: F) -> F:
    return click.option("--json", "as_json", is_flag=True, help="Print JSON on stdout, and nothing else there.")(function)


def out_option(function: F) -> F:
    folder = click.Path(file_okay=False, path_type=Path)
    return click.option("--out", type=folder, metavar="DIR", help="Where to write.")(function)


def parquet_option(function: F) -> F:
    return click.option("--parquet", is_flag=True, help="Write each table of results as a Parquet file too.")(function)


def check_parquet(folder: Path | None, *, parquet: bool) -> None:
    """Before any work is done: is there a folder to write to, and what it takes?"""
    if not parquet:
        return
    from sim.analysis.tables import require_parquet

    if folder is None:
        raise BadUsage("--parquet writes files: name their folder with --out")
    require_parquet("--parquet")


def charts_options(function: F) -> F:
    function = click.option("--pdf", is_flag=True, help="Write each chart as PDF too.")(function)
    return click.option("--charts/--no-charts", default=True, help="Draw charts, or leave them out.")(function)


def simulation_options(function: F) -> F:
    """How many runs, and by which draws."""
    return runs_option(seed_option(function))


def report_options(function: F) -> F:
    """What is changed, where the report goes, and in what form."""
    return sets_option(out_option(charts_options(json_option(function))))


def workers_option(function: F) -> F:
    workers = click.IntRange(min=1)
    return click.option("--workers", type=workers, metavar="N", help="Processes to compute in; default: the cores.")(function)


def cluster_option(function: F) -> F:
    return click.option("--cluster", metavar="ADDRESS", help="Compute on a Dask cluster, such as tcp://host:8786.")(function)


def work_options(function: F) -> F:
    """Where the runs are computed, and until when."""
    options = (
        workers_option,
        cluster_option,
        click.option("--resume", is_flag=True, help="Keep finished blocks beside the report, and go on from those kept."),
        click.option(
            "--precision", type=float, metavar="SE", help="Add runs until the standard error of --measure is below this."
        ),
        click.option(
            "--measure", metavar="NAME", help="PHASE.reached, PHASE.first or PHASE.days; default: the highest phase's .reached."
        ),
    )
    for option in reversed(options):
        function = option(function)
    return function


def report_folder(out: Path | None, name: str, *, as_json: bool) -> Path | None:
    """Where a report goes; None: nowhere, since JSON on stdout is asked for and no folder."""
    return out or (None if as_json else Path("reports") / name)


def how_to(folder: Path | None, *, workers: int | None, cluster: str | None, resume: bool) -> How:
    """Where to compute the blocks of a report."""
    from sim.work import How, cores

    if resume and folder is None:
        raise BadUsage("--resume keeps finished blocks beside the report: name its folder with --out")
    return How(workers or cores(), cluster, _unfinished(folder) if resume and folder else None)


def _unfinished(folder: Path) -> Path:
    """Beside a report, for the blocks that are done until all are."""
    whole = folder.resolve() if folder.name in ("", "..") else folder
    if not whole.name:
        raise BadUsage(f"--resume keeps finished blocks beside the report, and there is nothing beside {folder}")
    return whole.with_name(f"{whole.name}.unfinished")


def precision_of(error: float | None, measure: str | None) -> Precision | None:
    return given.precision_of(error, measure, dash="--")


def chart_flags(*, charts: bool, pdf: bool) -> list[tuple[str, object]]:
    """How charts were asked for, as options of a command."""
    return [("--no-charts", not charts), ("--pdf", charts and pdf)]
