"""What a page is made from: a report's manifest, and the files that it lists as they are found now."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NoReturn

Status = Literal["as recorded", "differs", "missing"]


@dataclass(frozen=True)
class File:
    """One output of the report."""

    name: str
    """its path inside the folder"""
    status: Status
    """against the sha256 in the manifest"""
    sha256: str
    """as recorded"""
    size: int = 0
    content: bytes | None = None
    """None where it is missing, or is not for reading"""

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def form(self) -> str:
        return self.name.rpartition(".")[2].lower()


@dataclass(frozen=True)
class Report:
    """A report folder."""

    command: str
    """reproduces it"""
    seed: int
    versions: Mapping[str, str]
    inputs: Mapping[str, str]
    """sha256 by name"""
    files: tuple[File, ...]
    phased: str
    """the version that makes the page"""

    def file(self, name: str) -> File | None:
        return next((each for each in self.files if each.name == name), None)

    @cached_property
    def documents(self) -> Mapping[str, Any]:
        """The JSON files that can be read, by name."""
        read = {each.name: parsed(each.content) for each in self.files if each.form == "json" and each.content is not None}
        return {name: document for name, document in read.items() if isinstance(document, dict | list)}

    def document(self, name: str) -> Mapping[str, Any]:
        """A JSON file that holds a map; empty where there is none."""
        found = self.documents.get(name)
        return found if isinstance(found, dict) else {}


def parsed(raw: bytes) -> Any:
    """What a JSON file holds; None where it is not JSON, or holds numbers that are none."""
    try:
        return json.loads(raw, parse_constant=_no_number, parse_float=_finite)
    except (ValueError, RecursionError):
        return None


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)
