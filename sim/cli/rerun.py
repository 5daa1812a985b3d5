"""`phased rerun`."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from sim.cli import say
from sim.cli.options import json_option, out_option
from sim.cli.output import unsaid
from sim.errors import BadInput, BadUsage, WorkFailed, every, listed

if TYPE_CHECKING:
    from sim.manifest.differ import Input, Verdict
    from sim.manifest.record import Manifest, Read

_REPEATED = frozenset("scenario scenarios policy policies losses runs seed sets charts pdf keep parquet".split()) | frozenset(
    "design cases replications measures samples phase by share boxes step vary memories tolerance number files reach".split()
)
"""Parameters that change what is written. No others may stand in a manifest, least of all one that says where to write."""


@click.command("rerun")
@click.argument("manifest", type=click.Path(exists=True, path_type=Path), metavar="MANIFEST")
@out_option
@json_option
@click.pass_context
def rerun_command(ctx: click.Context, manifest: Path, out: Path | None, as_json: bool) -> None:
    """Run the command of a report again, from its MANIFEST or its folder, and say what differs.

    Inputs and versions are held against those recorded; then every file is made again and compared, byte for byte. Nothing
    is kept unless --out says where. Exit code 1 if a file differs, 2 if an input is missing.

    \b
      phased run surge-to-front
      phased rerun reports/surge-to-front--phased-approach
    """
    from sim.cli import verdict

    typed = manifest / "manifest.json" if manifest.is_dir() else manifest
    found, path = _read(typed), typed.absolute()
    if out and out.resolve() == path.parent.resolve():
        raise BadUsage(f"--out {out} is the folder of the manifest, whose files the new ones are held against; choose another")
    recorded, where = found.manifest, _base(found.manifest, path)
    inputs = _inputs(found, where, path)
    if not as_json:
        verdict.print_before(recorded, inputs, where)
    with _folder(out, ctx) as folder:
        made = _again(ctx, found, where, folder)
        done = _compared(recorded, made, inputs, where, path.parent, folder)
    if as_json:
        say.as_json(verdict.document(done))
    else:
        verdict.print_after(done)
    ctx.exit(0 if done.reproduced else 1)


def _read(typed: Path) -> Read:
    from sim.manifest.record import read

    if typed.exists() and not typed.is_file():
        raise BadUsage(f"{typed} is neither a file nor a folder")
    found = read(typed, str(typed), _wrong)
    seed = _parsed(found.manifest.words).get("seed", found.manifest.seed)
    if seed != found.manifest.seed:
        raise BadInput([found.problem(f"is {found.manifest.seed}, but the command says --seed {seed}", "seed")])
    return found


# the command ------------------------------------------------------------------------------------------------------------------


def _command(name: str) -> tuple[click.Command, click.Context]:
    """One of the commands, and a context such as it has when it is called."""
    from sim.cli import main

    above = click.Context(main, info_name="phased", **main.context_settings)
    found = main.get_command(above, name)
    assert found is not None, "a manifest names only commands that there are"
    return found, above


def _wrong(words: Sequence[str]) -> str | None:
    """What is wrong with the words of a command, in click's own. Nothing of it is run, not even --help."""
    name, *rest = words
    command, above = _command(name)
    try:
        _, _, given = command.make_parser(click.Context(command, above, name)).parse_args(list(rest))
        other = [max(param.opts, key=len) for param in given if param.name not in _REPEATED]
        if other:
            return f"{every(list(dict.fromkeys(other)))} cannot stand in a manifest, only options that change what is written"
        _parsed(words)
    except click.UsageError as error:
        return error.format_message()
    return None


def _parsed(words: Sequence[str]) -> dict[str, Any]:
    name, *rest = words
    command, above = _command(name)
    with command.make_context(name, list(rest), above) as context:
        return context.params


def _again(ctx: click.Context, found: Read, where: Path, folder: Path) -> Manifest:
    """Run the command as its user did, with nothing on stdout; the manifest of what came out."""
    from sim.manifest.record import NAME, read

    name, *rest = found.manifest.words
    command, _ = _command(name)
    words = ["--out", str(folder), *rest]  # first, as after `--` it would be a name
    try:
        with chdir(where), redirect_stdout(io.StringIO()), command.make_context(name, words, ctx) as inner:
            command.invoke(inner)
    except OSError as error:  # a name that no file can have
        raise BadInput([found.problem(f"cannot be run again: {error.strerror or error}", "command")]) from None
    return read(folder / NAME, str(folder / NAME)).manifest


@contextmanager
def _folder(out: Path | None, ctx: click.Context) -> Iterator[Path]:
    """Where the files are made: for good, or for as long as they are compared."""
    if out:
        yield out.absolute()
        return
    try:
        made = TemporaryDirectory(prefix="phased-")
    except OSError as error:
        raise WorkFailed(f"cannot write to a temporary folder: {error.strerror or error}") from None
    with made as folder, unsaid(ctx):
        yield Path(folder)


# what is compared -------------------------------------------------------------------------------------------------------------


def _folders(path: Path) -> list[Path]:
    """From where the command may have been run: here, or where the `reports` folder is that holds the manifest."""
    above = [each.parent for each in Path(os.path.abspath(path)).parents if each.name == "reports"]
    return list(dict.fromkeys([Path.cwd(), *above[:1]]))


def _base(recorded: Manifest, path: Path) -> Path:
    from sim.manifest.differ import base

    return base(recorded, _folders(path))


def _inputs(found: Read, where: Path, path: Path) -> tuple[Input, ...]:
    """Every input as it is now. Raises BadInput if one is missing."""
    from sim.manifest import differ

    inputs = differ.inputs(found.manifest, where)
    gone = [each.name for each in inputs if each.status == "missing"]
    if gone:
        raise BadInput([found.problem(_missing(name, _folders(path)), "inputs", name, at_key=True) for name in gone])
    return inputs


def _missing(name: str, folders: Sequence[Path]) -> str:
    from sim.manifest.record import SHIPPED

    if name.startswith(SHIPPED):
        return "is missing: this version of phased ships no such file"
    return f"is missing: there is no such file, seen from {listed([str(each) for each in folders])}"


def _compared(recorded: Manifest, made: Manifest, inputs: Sequence[Input], where: Path, old: Path, new: Path) -> Verdict:
    from sim.manifest import differ

    return differ.Verdict(
        differ.read_now(inputs, made, where), differ.versions_of(recorded), differ.outputs(recorded, made, old, new)
    )
