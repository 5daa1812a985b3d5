"""`phased check`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim import __version__
from sim.cli import say
from sim.cli.options import FileOrName, chart_flags, charts_options, command_line, json_option, out_option
from sim.cli.output import chart_files, opened, save
from sim.framing import TEACHING

if TYPE_CHECKING:
    from sim.api import Checked
    from sim.api.checks import Reached
    from sim.verify.reach import Reach, Witness


@click.command("check")
@click.argument("files", type=FileOrName("policy", "scenario", "evidence", "losses"), nargs=-1, required=True, metavar="FILE...")
@click.option("--reach", is_flag=True, help="Also find the fastest possible day for each phase, and a path that achieves it.")
@out_option
@charts_options
@json_option
@click.pass_context
def check_command(
    ctx: click.Context, files: tuple[str, ...], reach: bool, out: Path | None, charts: bool, pdf: bool, as_json: bool
) -> None:
    """Read each FILE and report every mistake in it, with its place. Exit code 1 if there is an error.

    Of a policy it also tells what can never happen, and what can happen at once: transitions that never fire, phases out of
    reach, guards that hold together. Scenarios are held against the policies named with them, or else against their own.
    Nothing is written without --out.

    \b
      phased check my-policy.yaml my-scenario.yaml
      phased check ambiguity-tolerant --reach
    """
    from sim import api
    from sim.verbs.checking import document

    done = api.verify(files, reach=reach)
    failed = any(each.level == "error" for each in done.findings)
    if as_json:
        say.as_json(document(done, reach=reach))
    else:
        _print(len(files), done)
    if not failed:
        with opened(out) as stage:
            if stage:
                asked: list[tuple[str, object]] = [("--reach", reach)]
                command = command_line("check", *files, options=asked)
                again = command_line("check", *files, options=[*asked, *(chart_flags(charts=charts, pdf=pdf) if reach else ())])
                made = _files(done, command, reach=reach, charts=charts, pdf=pdf)
                save(stage, made, command=again, seed=api.DEFAULT_SEED, pairs=done.pairs, read=_read(done))
    elif out:
        click.echo("Nothing was written: there are errors", err=True)
    if failed:
        ctx.exit(1)


def _files(done: Checked, command: str, *, reach: bool, charts: bool, pdf: bool) -> dict[str, bytes]:
    from sim import report
    from sim.verbs.checking import document

    files = {"findings.json": report.to_json(_portable(document(done, reach=reach), done))}
    if not reach or not charts:
        return files
    from sim.api import reach_picture
    from sim.charts import Imprint, reach_chart

    imprint = Imprint(command, __version__)
    names = ["reach" if len(done.reached) == 1 else f"reach--{each.name}" for each in done.reached]
    return files | chart_files(
        {name: reach_chart(reach_picture(each), imprint) for name, each in zip(names, done.reached, strict=True)}, pdf=pdf
    )


def _read(done: Checked) -> dict[str, str]:
    from sim.api import read_of

    inputs = (each.path for loaded in done.files for each in loaded.inputs)
    return {name: digest for path in inputs for name, digest in read_of(path).items()}


def _portable(found: dict[str, Any], done: Checked) -> dict[str, Any]:
    """Files named as in the manifest, so that a report is the same on every machine."""
    from sim.api import read_of
    from sim.library import label

    inputs = [each.path for loaded in done.files for each in loaded.inputs]
    inputs += [each.path for pair in done.pairs for each in pair.inputs]
    names = {label(path): next(iter(read_of(path))) for path in dict.fromkeys(inputs)}
    return {**found, "findings": [{**each, "file": names.get(each["file"], each["file"])} for each in found["findings"]]}


# text -------------------------------------------------------------------------------------------------------------------------


def _print(files: int, done: Checked) -> None:
    from sim.verbs.checking import verdict

    for each in done.findings:
        say.line(f"{each.level}: {each.problem}")
    say.line(verdict(files, done.findings))
    for reached in done.reached:
        _print_reach(reached)
    if done.reached:
        say.line(f"\n{TEACHING}")


def _print_reach(reached: Reached) -> None:
    from sim.verify.words import reach_premise

    say.line(f"\nFastest possible: {reached.policy.title}  [{reached.name}]")
    say.paragraph(reach_premise(reached.reaches.setting))
    for each in reached.reaches.phases:
        _print_phase(each, reached)


def _print_phase(reach: Reach, reached: Reached) -> None:
    from sim.verify.words import times

    setting = reached.reaches.setting
    if not reach.decided:
        say.line(f"{reach.label}: not decided" + (f"; not before day {reach.least}" if reach.least else ""))
    elif reach.witness is None or reach.day is None:
        say.line(f"{reach.label}: no world reaches it" + (f" within {times(setting.days, 'day')}" if setting.days else ""))
    else:
        skipped = "" if reach.witness.steps[-1].to_phase == reach.phase else ", or a higher phase"
        say.line(f"{reach.label}{skipped}: {_when(reach.day, setting.start)} at the soonest")
        for line in _told(reach.witness):
            say.paragraph(f"  {line}")


def _when(day: int, start: dt.date | None) -> str:
    return f"day {day}" if start is None else say.date(day, start)


def _told(witness: Witness) -> list[str]:
    from sim.verify.words import values_text

    lines = []
    for each in witness.path:
        days = f"day {each.first}" if each.first == each.last else f"days {each.first}–{each.last}"
        lines.append(f"{days}: {values_text(each.values)}")
    if witness.drawn:
        lines.append("drawn: " + ", ".join(f"{path} {value:g}" for path, value in witness.drawn.items()))
    for step in witness.steps:
        decided = "" if step.decided == step.day else f", decided on day {step.decided}"
        lines.append(f"day {step.day}: {step.transition} to {step.to_phase}{decided}")
    return lines
