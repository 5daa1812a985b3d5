"""Every mistake in files, and between them (`check`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sim.errors import BadInput, Problem
from sim.library import Library, Loaded, Pair
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario


@dataclass(frozen=True)
class Finding:
    """What `check` has to say of a file."""

    level: Literal["error", "warning", "note"]
    rule: str
    problem: Problem


def check(files: Sequence[str], *, library: Library | None = None) -> tuple[Finding, ...]:
    """Read files by name or path: every mistake in each, and in each scenario with the policies named (or its own)."""
    library = library or Library()
    findings: dict[Finding, None] = {}
    scenarios: list[tuple[str, Scenario]] = []
    policies: list[str] = []
    for file in files:
        found, loaded = _tried(library.load_any, file)
        findings |= dict.fromkeys(found)
        spec = loaded.spec if isinstance(loaded, Loaded) else None
        if isinstance(spec, Scenario):
            scenarios.append((file, spec))
        elif isinstance(spec, Policy):
            policies.append(file)
    for file, scenario in scenarios:
        own: list[str | None] = [None] if scenario.policy else []
        for policy in policies or own:
            findings |= dict.fromkeys(_tried(library.load_pair, file, policy)[0])
    return tuple(findings)


def _tried(load: Callable[..., Loaded[Any] | Pair], *names: str | None) -> tuple[list[Finding], Loaded[Any] | Pair | None]:
    """What is wrong with a file or a pair, and the record where nothing is."""
    try:
        loaded = load(*names)
    except BadInput as error:
        return [Finding("error", "file", problem) for problem in error.problems], None
    return [Finding("warning", "file", problem) for problem in loaded.warnings], loaded
