"""manifest.json as a typed record, and every mistake in one at its place."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, ValidationInfo
from pydantic_core import ErrorDetails

from sim.errors import BadInput, Place, Problem, listed, quote, suggestion, unknown_name
from sim.load.files import file_bytes
from sim.load.nodes import Node
from sim.load.source import find, locate
from sim.manifest.tree import read_json
from sim.report import SCHEMA
from sim.spec.values import Frozen, shown

NAME = "manifest.json"
COMMANDS = ("run", "compare", "hindcast", "check", "explain", "quality", "sensitivity", "discover")
"""The commands that write a report, and so may be run again."""
SHIPPED = "shipped:"
Judge = Callable[[Sequence[str]], str | None]
"""Told the words of a command after `phased`, says what is wrong with them. Only the command line knows that."""
_LONGEST = 100_000
"""Letters of a command; the splitter takes quadratic time for a long word."""


def _known_schema(number: int) -> int:
    if number != SCHEMA:
        raise ValueError(f"must be {SCHEMA}, got {number}: another version of phased wrote it, or none did")
    return number


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise ValueError(f"must be a sha256: 64 digits and letters a to f, got {quote(text)}")
    return text


def _one_line(text: str) -> str:
    if re.search(r"[\t\r\n]", text):
        raise ValueError(f"must be in one line, got {quote(text)}")
    return text


def _distribution(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", text, re.ASCII):
        raise ValueError(f"must be the name of a library, got {quote(text)}")
    return text


def _stays_inside(name: str) -> bool:
    """Whether a path stays in the folder that it is put to. Read as Windows does, which knows every separator."""
    path = PureWindowsPath(name)
    return bool(path.parts) and not path.anchor and ".." not in path.parts


def _output(name: str) -> str:
    if not _stays_inside(_one_line(name)):
        raise ValueError("leaves the folder of the report; an output is named by its path inside it")
    return name


def _input(name: str) -> str:
    if _one_line(name).startswith(SHIPPED) and not _stays_inside(name.removeprefix(SHIPPED)):
        raise ValueError("leaves the folder of the shipped files")
    return name


def _command(text: str, info: ValidationInfo) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"is too long: more than {_LONGEST:,} letters")
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ValueError(f"cannot be split into words, as a shell does: {str(error).lower()}") from None
    if words[:1] != ["phased"] or len(words) < 2:
        raise ValueError(f"must begin with phased {listed(COMMANDS)}, got {quote(text)}")
    if words[1] not in COMMANDS:
        raise ValueError(f"{quote(words[1])} is no command to run again; {suggestion(words[1], COMMANDS)}")
    judge: Judge | None = info.context
    if judge and (wrong := judge(words[1:])):
        raise ValueError(wrong)
    return text


def _some(files: Mapping[str, str]) -> Mapping[str, str]:
    if not files:
        raise ValueError("must name at least one file")
    return files


Digest = Annotated[str, AfterValidator(_digest)]
Line = Annotated[str, AfterValidator(_one_line)]


class Manifest(Frozen):
    """What a report says of how it was made."""

    schema_: Annotated[int, AfterValidator(_known_schema)] = Field(alias="schema")
    phased: Line
    command: Annotated[str, AfterValidator(_command)]
    seed: Annotated[int, Field(ge=0)]
    inputs: Annotated[dict[Annotated[str, AfterValidator(_input)], Digest], AfterValidator(_some)]
    outputs: Annotated[dict[Annotated[str, AfterValidator(_output)], Digest], AfterValidator(_some)]
    python: Line
    machine: Line
    libraries: dict[Annotated[str, AfterValidator(_distribution)], Line]

    @property
    def words(self) -> list[str]:
        """The command's words after `phased`."""
        return shlex.split(self.command)[1:]


@dataclass(frozen=True)
class Read:
    """A manifest and where its parts stand."""

    manifest: Manifest
    root: Node

    def problem(self, message: str, *path: str, at_key: bool = False) -> Problem:
        return Problem(_place(self.root, path, at_key=at_key), _dotted(path), message)


def read(path: Path, file: str, judge: Judge | None = None) -> Read:
    """The manifest at a path; `file` is how its user knows it. Raises BadInput with every mistake."""
    root, problems = read_json(file_bytes(path, file), file)
    if not isinstance(root.value, dict):
        raise BadInput([Problem(root.place, "", f"a manifest is a map, got {shown(root.plain())}")])
    try:
        manifest = Manifest.model_validate(root.plain(), context=judge)
    except ValidationError as error:
        raise BadInput([*problems, *(_problem(root, each) for each in error.errors(include_url=False))]) from None
    if problems:
        raise BadInput(problems)
    return Read(manifest, root)


def _dotted(path: tuple[str, ...]) -> str:
    """A path in one line, whatever its keys hold."""
    return " ".join(".".join(path).split())


def _problem(root: Node, error: ErrorDetails) -> Problem:
    path = tuple(map(str, error["loc"]))
    about_key = path[-1] == "[key]" and error["type"] != "extra_forbidden"
    path = path[:-1] if about_key else path
    place = _place(root, path, at_key=about_key or error["type"] == "extra_forbidden")
    return Problem(place, _dotted(path), _words(error, find(root, path), path[-1]))


def _place(root: Node, path: tuple[str, ...], *, at_key: bool) -> Place:
    above = find(root, path[:-1])
    item = above.items.get(path[-1]) if above else None
    return item.key if at_key and item else locate(root, path)


def _words(error: ErrorDetails, node: Node | None, key: str) -> str:
    """What is wrong, what was given, what would be right."""
    given = shown(node.plain() if node else error["input"])
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return unknown_name("key", key, [info.alias or name for name, info in Manifest.model_fields.items()])
        case "value_error":
            return str(error["ctx"]["error"])
        case "string_type":
            return f"must be text, got {given}"
        case "dict_type":
            return f"must be a map of names, got {given}"
        case "int_type" | "greater_than_equal":
            return f"must be a whole number, 0 or above, got {given}"
    return f"does not fit, got {given}"
