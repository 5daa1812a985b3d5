"""Every example in a help text runs: in order, in a folder with the files that it names, with fewer runs than it asks for."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from sim.cli import main
from sim.library import shipped_root
from tests.cli.shell import phased
from tests.room.made import room_of

_CONTEXT = click.Context(main, info_name="phased", **main.context_settings)  # commands remember the help options of the first
_COMMANDS = {name: main.get_command(_CONTEXT, name) for name in main.list_commands(_CONTEXT)}

ONLY_PARSED = {
    "serve": "it serves until Ctrl-C; tests/cli/test_serve.py starts it",
    "usb": "it asks the package registry for wheels; tests/usb fills a stick without one",
}
"""Commands whose examples are held against their options and not run, and why."""

SMALLER = {
    "run": "--runs 20 --no-charts",
    "run --design": "--cases 4 --replications 2 --no-charts",
    "explain": "--no-charts",
    "compare": "--runs 20 --no-charts",
    "hindcast": "--no-charts",
    "sensitivity": "--samples 4 --replications 2 --no-charts",
    "discover": "--cases 40 --replications 2 --no-charts",
    "quality": "--runs 20 --no-charts",
    "page": "--runs 5 --steps 2",
    "kit": "--runs 5 --no-page",
    "erase": "--yes",
}
"""What is added to an example: of an option that is given twice the last one counts."""


def _examples(help_text: str) -> list[str]:
    return [line.strip() for line in help_text.splitlines() if line.strip().startswith("phased ")]


EXAMPLES = {name: _examples(command.help or "") for name, command in _COMMANDS.items() if command}


def _files_of_a_user(where: Path) -> None:
    """Those that examples name and no command makes."""
    scenario = "kind: scenario\nname: my-scenario\ntitle: Mine\nextends: surge-to-front-uncertain\n"
    policy = "kind: policy\nname: my-policy\ntitle: Mine\nextends: phased-approach\n"
    exercise = (shipped_root() / "scenarios" / "exercises" / "fog.yaml").read_text("utf-8")
    where.joinpath("my-scenario.yaml").write_text(scenario, "utf-8")
    where.joinpath("my-policy.yaml").write_text(policy, "utf-8")
    where.joinpath("my-exercise.yaml").write_text(exercise.replace("name: fog\n", "name: my-exercise\n", 1), "utf-8")


def _a_report(where: Path) -> None:
    if not (where / "reports").exists():
        phased("run", "surge-to-front", "--no-charts")


def _a_room(where: Path) -> None:
    if not (where / "fog.room").exists():
        room_of(where).close()
        (where / "small.room").rename(where / "fog.room")


BEFORE: dict[str, Callable[[Path], None]] = {"report": _a_report, "debrief": _a_room, "erase": _a_room}
"""What somebody has who types an example of the command; the last one may have taken it away."""


def _smaller(words: list[str]) -> list[str]:
    name = "run --design" if "--design" in words else words[0]
    return [*words, *SMALLER.get(name, "").split()]


@pytest.mark.parametrize("name", EXAMPLES)
def test_help_shows_two_examples_at_least(name: str) -> None:
    assert len(EXAMPLES[name]) >= 2


@pytest.mark.parametrize("name", ["phased", *(each for each in EXAMPLES if each not in ONLY_PARSED)])
def test_examples_of_a_help_text_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    _files_of_a_user(tmp_path)
    for example in EXAMPLES[name] if name in EXAMPLES else _examples(main.help or ""):
        if name in BEFORE:
            BEFORE[name](tmp_path)
        phased(*_smaller(shlex.split(example)[1:]))


@pytest.mark.parametrize("name", ONLY_PARSED)
def test_examples_that_are_not_run_are_understood(name: str) -> None:
    command = _COMMANDS[name]
    assert command is not None
    for example in EXAMPLES[name]:
        assert command.make_context(name, shlex.split(example)[2:], parent=_CONTEXT).params
