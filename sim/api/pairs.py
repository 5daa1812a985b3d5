"""Names to checked pairs of scenario and policy, and these to models: where every verb begins."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sim.errors import BadInput, BadUsage, Problem
from sim.library import Library, Pair, shipped_root
from sim.machine import Model, bind, compile_machine
from sim.world import compile_world

DEFAULT_SEED = 1


def model_of(pair: Pair) -> Model:
    """The compiled meeting of a checked scenario and policy."""
    world = compile_world(pair.scenario.spec, pair.scenario.tables)
    return bind(world, compile_machine(pair.policy.spec, world.start))


def pairs_of(
    scenarios: Sequence[str], policies: Sequence[str], *, sets: Sequence[str] = (), library: Library | None = None
) -> list[Pair]:
    """Every policy with every scenario, scenario by scenario. Raises BadInput with the mistakes of all files, or BadUsage."""
    if len(set(policies)) < len(policies) or len(set(scenarios)) < len(scenarios):
        raise BadUsage("each scenario and each policy can be named once")
    if not policies or not scenarios:
        raise BadUsage("compare needs at least one scenario and one --policy")
    library = library or Library()
    with gathered() as attempt:
        loaded = [pair for scenario in scenarios for policy in policies for pair in attempt(library, scenario, policy, sets)]
    _told_apart(loaded)
    return loaded


def _told_apart(loaded: Sequence[Pair]) -> None:
    """Two files may bear one `name:`, and tables and charts could not tell them apart."""
    names = Counter((pair.scenario.spec.name, pair.policy.spec.name) for pair in loaded)
    for (scenario, policy), times in names.items():
        if times > 1:
            raise BadUsage(f"two of the files bear the same name: {scenario} with {policy}; give each its own `name:`")


@contextmanager
def gathered() -> Iterator[Callable[..., list[Pair]]]:
    """Load several pairs and report the mistakes of all of them at once."""
    problems: list[Problem] = []

    def attempt(library: Library, scenario: str, policy: str | None, sets: Sequence[str]) -> list[Pair]:
        try:
            return [library.load_pair(scenario, policy, sets)]
        except BadInput as error:
            problems.extend(error.problems)
            return []

    yield attempt
    if problems:
        raise BadInput(problems)


def inputs_of(pairs: Sequence[Pair]) -> Mapping[str, str]:
    """Every file that was read, with its sha256: `shipped:scenarios/…`, or the path as seen from the own folder."""
    return {_shown(each.path.resolve()): each.sha256 for pair in pairs for each in pair.inputs}


def read_of(path: Path) -> dict[str, str]:
    """A file that was read beside those of the pairs, named as `inputs_of` names them, with its sha256."""
    with path.open("rb") as file:
        return {_shown(path.resolve()): hashlib.file_digest(file, "sha256").hexdigest()}


def _shown(file: Path) -> str:
    """Shipped files by their place among these, so that a manifest is the same on every machine."""
    for prefix, folder in (("shipped:", shipped_root().resolve()), ("", Path.cwd())):
        if file.is_relative_to(folder):
            return prefix + file.relative_to(folder).as_posix()
    return file.as_posix()
