"""What can go wrong with a user's input, and where: the lowest layer, known to all others."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec


@dataclass(frozen=True, order=True)
class Place:
    """A place in a file, counted from 1. `file` is what the user typed, or `--set #1`."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake: where, in which field (dotted path, empty for the file itself), and what."""

    place: Place
    field: str
    message: str

    def __str__(self) -> str:
        middle = f"{self.field}: " if self.field else ""
        return visible(f"{self.place}: {middle}{self.message}")


class PhasedError(Exception):
    """The base of every error that is reported to a user in one line or more, without a traceback."""


class BadInput(PhasedError):
    """A wrong file, `--set` or name: every mistake found, in the order of the file. Exit code 2."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


class BadUsage(PhasedError):
    """A command or call that makes no sense as it stands. Exit code 2."""


class WorkFailed(PhasedError):
    """The work itself failed: a full disk, a folder that cannot be written. Exit code 1."""


class MissingExtra(BadUsage):
    """Something asks for an optional dependency that is not installed.

    The line that installs it names the Python that runs here: this phased is installed there, from wherever it came, so that pip
    only fetches what the extra adds. Another pip would look for phased itself in an index.
    """

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs an extra that is not installed here: {_pip('install', f'phased[{extra}]')}")


def require(extra: str, what: str, *modules: str) -> None:
    """Before any work is done, and without importing them: are all of these there? Raises MissingExtra."""
    if any(find_spec(each) is None for each in modules):
        raise MissingExtra(extra, what)


def _pip(*words: str) -> str:
    """A line for the shell at hand; quotes of a POSIX shell would be part of the name in Windows' own."""
    line = [sys.executable or "python", "-m", "pip", *words]
    return " ".join(f'"{each}"' if " " in each else each for each in line) if sys.platform == "win32" else shlex.join(line)


def quote(value: object) -> str:
    """A short, one-line picture of what was given."""
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def visible(text: str) -> str:
    """The text with signs that a terminal obeys, or that hide or turn round what stands beside them, written out (`\\x1b`)."""
    return "".join(each if each.isprintable() or each in "\n\u00a0" else ascii(each)[1:-1] for each in text)


def listed(names: Sequence[str]) -> str:
    """`a, b or c`, at most twelve of them."""
    shown = list(names[:12]) + (["…"] if len(names) > 12 else [])
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " or " + shown[-1]


def every(names: Sequence[str]) -> str:
    """`a, b and c`."""
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def unknown_name(what: str, given: str, known: Sequence[str]) -> str:
    """`unknown signpost 'deploymnt'; did you mean 'deployment'?`, or the list of valid choices."""
    return f"unknown {what} {quote(given)}; {suggestion(given, known)}"


def suggestion(given: str, known: Sequence[str]) -> str:
    """`did you mean 'deployment'?`, or the list of valid choices."""
    close = get_close_matches(given[:60], known[:200], n=1, cutoff=0.6)  # bounded, for files with thousands of names
    if close:
        return f"did you mean {quote(close[0])}?"
    return f"choose {listed(known)}" if known else "there is none to choose from"
