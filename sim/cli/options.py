"""Options and arguments that several commands share."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

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


def charts_options(function: F) -> F:
    function = click.option("--pdf", is_flag=True, help="Write each chart as PDF too.")(function)
    return click.option("--charts/--no-charts", default=True, help="Draw charts, or leave them out.")(function)


def simulation_options(function: F) -> F:
    """How many runs, and by which draws."""
    return runs_option(seed_option(function))


def report_options(function: F) -> F:
    """What is changed, where the report goes, and in what form."""
    return sets_option(out_option(charts_options(json_option(function))))


def command_line(*words: object, options: Sequence[tuple[str, object]] = ()) -> str:
    """The command that does the same again."""
    given = [str(part) for name, value in options if value is not None for part in (name, value)]
    return shlex.join(["phased", *map(str, words), *given])
