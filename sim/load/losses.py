"""What must hold in a file of losses, and between it and the policies that are compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sim.errors import Problem, unknown_name
from sim.load import numbers
from sim.load.source import Source
from sim.spec.losses import AS_STATED, Losses, Weights

LossesSource = Source[Losses]


def losses_problems(source: LossesSource) -> Iterator[Problem]:
    for path, each in _sets(source.spec):
        for phase, number in each.late.items():
            at = f"{path}late.{phase}"
            yield from numbers.plain(source, at, number, None, least=0)
        yield from numbers.plain(source, f"{path}false_alarm", each.false_alarm, None, least=0)
        for phase, number in each.in_phase.items():
            yield from numbers.plain(source, f"{path}in_phase.{phase}", number, None)
        if all(source.node(field) is None for field in _fields(path)):
            yield source.problem(path.rstrip("."), "states no loss: needs at least one of late, false_alarm and in_phase")


def phases_problems(source: LossesSource, phases: Sequence[str]) -> Iterator[Problem]:
    """Phases that none of the policies has whose phases these are."""
    for path, each in _sets(source.spec):
        for field in ("late", "in_phase"):
            for name in getattr(each, field):
                if name not in phases:
                    yield source.at_key(f"{path}{field}.{name}", unknown_name("phase", name, phases))


def _sets(losses: Losses) -> Iterator[tuple[str, Losses | Weights]]:
    """Each set of losses with its path, which ends in a dot."""
    for name, each in losses.sets.items():
        yield ("", losses) if name == AS_STATED else (f"weights.{name}.", each)


def _fields(path: str) -> list[str]:
    return [f"{path}{field}" for field in ("late", "false_alarm", "in_phase")]
