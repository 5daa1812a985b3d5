"""`phased check`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli import say
from sim.cli.options import FileOrName, json_option

if TYPE_CHECKING:
    from sim.api import Finding


@click.command("check")
@click.argument("files", type=FileOrName("policy", "scenario", "evidence"), nargs=-1, required=True, metavar="FILE...")
@json_option
@click.pass_context
def check_command(ctx: click.Context, files: tuple[str, ...], as_json: bool) -> None:
    """Read each FILE and report every mistake in it, with its place. Exit code 1 if there is an error.

    Scenarios are also held against the policies named with them, or else against their own default policy.

    \b
      phased check my-policy.yaml my-scenario.yaml
    """
    from sim import api

    findings = api.check(files)
    if as_json:
        say.as_json({"findings": [_document(each) for each in findings]})
    else:
        for each in findings:
            say.line(f"{each.level}: {each.problem}")
        say.line(_verdict(len(files), findings))
    ctx.exit(1 if any(each.level == "error" for each in findings) else 0)


def _verdict(files: int, findings: tuple[Finding, ...]) -> str:
    errors = sum(each.level == "error" for each in findings)
    warnings = len(findings) - errors
    read = "1 file" if files == 1 else f"{files} files"
    return f"{read} read: {errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}."


def _document(finding: Finding) -> dict[str, Any]:
    place = finding.problem.place
    return {
        "file": place.file,
        "line": place.line,
        "column": place.column,
        "level": finding.level,
        "rule": finding.rule,
        "field": finding.problem.field,
        "message": finding.problem.message,
        "witness": None,
    }
