"""The command line: a thin shell over `sim.api`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
from importlib import import_module
from typing import Any

import click

from sim import __version__
from sim.errors import BadInput, BadUsage, PhasedError

# Nothing here multiplies matrices or plugs into pydantic, and looking for either takes time at every start.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
gc.set_threshold(100_000)  # importing makes many objects and hardly any garbage: with charts, a sixth of the time

_COMMANDS = {
    "list": ("sim.cli.names", "The scenarios and policies that can be named."),
    "show": ("sim.cli.names", "What a scenario, policy or ledger says, as tables."),
    "check": ("sim.cli.check", "Read files and report every mistake in them."),
    "run": ("sim.cli.run", "Simulate a policy on a scenario and draw what came out."),
    "path": ("sim.cli.path", "One run's dated transitions, and why each was taken."),
    "explain": ("sim.cli.explain", "Why one run went as it did, how near the rest came, and what would have changed it."),
    "compare": ("sim.cli.compare", "Policies on scenarios, on the same draws."),
    "hindcast": ("sim.cli.hindcast", "Statement against behaviour: when a rule fell due, and what was done."),
    "sensitivity": ("sim.cli.sensitivity", "Which uncertain numbers an outcome hangs on: Sobol' indices and a tornado."),
    "discover": ("sim.cli.discover", "Under which uncertain numbers a phase is reached: boxes, by PRIM."),
    "quality": ("sim.cli.quality", "Triggers on time, early, late, false or missed, against the twin that sees perfectly."),
    "report": ("sim.cli.report", "One HTML page of a report folder, to read, print and send."),
    "page": ("sim.cli.page", "One HTML file for a lesson: move the numbers, offline, and write a rule of one's own."),
    "rerun": ("sim.cli.rerun", "Run a report's command again from its manifest, and say what differs."),
    "schema": ("sim.cli.schema", "JSON Schema of a kind of file, for editors."),
    "init": ("sim.cli.init", "A starter folder that runs at once."),
}


class _Lazy(click.Group):
    """Commands are imported when they are called; the help needs only the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click gives it
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click gives it
        if cmd_name not in _COMMANDS:
            return None
        found: click.Command = getattr(import_module(_COMMANDS[cmd_name][0]), f"{cmd_name}_command")
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click gives it
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in _COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PhasedError as error:
            click.echo(str(error) if isinstance(error, BadInput) else f"phased: {error}", err=True)
            ctx.exit(2 if isinstance(error, BadInput | BadUsage) else 1)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="phased")
def main() -> None:
    """Simulate a phased response: phases that a government climbs when what it sees crosses stated thresholds.

    A teaching model of stated positions, not a forecast. Start with:

    \b
      phased list
      phased run surge-to-front-uncertain
      phased compare surge-to-front-uncertain --policy phased-approach --policy restrained
    """
    _end_in_order()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe may know no arrows; better a ? than no answer


def _end_in_order() -> None:
    """Who ends phased from outside, or closes its terminal, leaves no more behind than who interrupts it."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and threading.current_thread() is threading.main_thread() and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
