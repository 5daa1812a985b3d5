"""The command line: a thin shell over `sim.api`. Nothing heavy is imported before a command needs it."""

from __future__ import annotations

import errno
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
    "list": ("sim.cli.names", "The scenarios, policies and other files that can be named."),
    "show": ("sim.cli.names", "What a scenario, policy, ledger or exercise says, as tables."),
    "check": ("sim.cli.check", "Read files and report every mistake in them."),
    "diagram": ("sim.cli.diagram", "A policy as a diagram: Mermaid, Graphviz, a picture, or a state machine (SCXML)."),
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
    "kit": ("sim.cli.kit", "All that a facilitator prints, projects and keeps for an exercise."),
    "serve": ("sim.cli.serve", "The lesson page with the engine behind its sliders, or a live exercise, on a local server."),
    "debrief": ("sim.cli.debrief", "What was known, decided and done in a live exercise, and where teams and policy parted."),
    "erase": ("sim.cli.erase", "Erase what teams wrote in a live exercise."),
    "usb": ("sim.cli.usb", "A stick for a room without internet: wheels, lesson pages and kits."),
    "rerun": ("sim.cli.rerun", "Run a report's command again from its manifest, and say what differs."),
    "schema": ("sim.cli.schema", "JSON Schema of a kind of file, for editors."),
    "init": ("sim.cli.init", "A starter folder that runs at once."),
}


_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What a full disk says, where stdout is a file on it. Reports have words of their own for it."""


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

    def main(self, *args: Any, **more: Any) -> Any:
        _somewhere_to_write()
        try:
            return super().main(*args, **more)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            click.echo(f"phased: cannot write what there is to say: {error.strerror}", err=True)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python writes the rest when it ends
            sys.exit(1)

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


def _somewhere_to_write() -> None:
    """Who closed stdout or stderr (`>&-`) wants nothing of it; and no file of ours may come to stand in its place."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(number)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 - for as long as the process lasts


def _end_in_order() -> None:
    """Who ends phased from outside, or closes its terminal, leaves no more behind than who interrupts it."""
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number and threading.current_thread() is threading.main_thread() and signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, lambda number, _: sys.exit(128 + number))
