"""A policy as rules look at it: the guards of some transitions over the cells that they need, and what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from typing import Literal

from sim.errors import listed
from sim.machine import Transition
from sim.spec.guard import DAYS_IN_PHASE, Compare, Node, names
from sim.spec.policy import Policy
from sim.verify.atoms import comparisons
from sim.verify.cells import Cells, Table
from sim.verify.domains import Count, count_of
from sim.verify.setting import Setting
from sim.verify.words import ranges

MOST_KEPT = 48
"""Tables kept at a time: the largest hold a few megabytes."""
MOST_TABLES = 5_000
"""Tables made for one check, of a millisecond or so each; many transitions ask for one a pair. Beyond, it is not decided."""
Level = Literal["warning", "note"]


@dataclass(frozen=True)
class Remark:
    """What there is to say of a policy, at a dotted path in its file."""

    level: Level
    rule: str
    """short and stable, in kebab-case (docs/check.md lists them)"""
    field: str
    message: str
    at: int | None = None
    """offset in the text of a guard"""
    witness: Mapping[str, float] | None = None
    """values at which it is so: signposts and `days_in_phase` by name, drawn numbers by dotted path"""


class View:
    """A policy in a setting. What cannot be decided is kept, and told in the end."""

    def __init__(self, policy: Policy, setting: Setting) -> None:
        self.policy, self.setting = policy, setting
        self.machine = setting.machine
        self.cells = Cells(setting)
        self.undecided: dict[int, list[str]] = {}
        self.made = 0
        self.table = lru_cache(maxsize=MOST_KEPT)(self._table)
        self.can_fire = cache(self._can_fire)
        self.shadows: dict[tuple[int, int], list[int]] = {}
        """answers of `guards.shadowing`, by transition and phase"""

    @property
    def transitions(self) -> Sequence[Transition]:
        return self.machine.transitions

    @property
    def phases(self) -> list[str]:
        return [each.name for each in self.machine.phases]

    def _table(self, *transitions: int) -> Table | None:
        """The guards of some transitions over all cells of the names that they use; None where that is too much."""
        self.made += 1
        return None if self.made > MOST_TABLES else self.cells.table([self.setting.guards[index] for index in transitions])

    def _can_fire(self, transition: int) -> bool:
        """Whether its guard may hold at all; where that is not decided, it may."""
        table = self.table(transition)
        return table is None or bool(table.may.any())

    def pieces(self, transition: int) -> list[tuple[Compare, Sequence[Compare]]]:
        """Each comparison of a guard as written, and as resolved for each epoch."""
        written = comparisons(self.transitions[transition].guard)
        resolved = zip(*(comparisons(guard) for guard in self.setting.guards[transition]), strict=True)
        return list(zip(written, resolved, strict=True))

    def field(self, transition: int) -> str:
        return f"transitions.{self.transitions[transition].name}.when"

    def over(self, written: Node, resolved: Sequence[Node]) -> str:
        """What the names of a condition may be worth: `deployment_level 0 to 4; front_line 3`."""
        numbers = {
            name: dict.fromkeys(
                f"{each.thresholds[name].fixed:g}" for each in self.setting.epochs if each.thresholds[name].shape is None
            )
            for name in names(written)
            if name in self.machine.thresholds
        }
        fixed = [f"{name} {listed(list(values))}" for name, values in numbers.items() if values]
        return "; ".join(part for part in (ranges(resolved, self.setting.domains), *fixed) if part)

    def not_decided(self, transition: int, question: str) -> None:
        self.undecided.setdefault(transition, []).append(question)

    def confirm(self, transition: int) -> Count | None:
        """Days in a row; None for a window."""
        confirm = self.transitions[transition].confirm
        return count_of(confirm, 1) if confirm else None

    def witness(self, table: Table, case: int, cell: int, days: int | None = None) -> dict[str, float]:
        """The values of a cell: signposts, days in the phase where they matter, dated thresholds and drawn numbers."""
        found = table.values(cell)
        if days is not None and table.sure.shape[3] > 1:
            found[DAYS_IN_PHASE] = float(days)
        return found | self._dated[table.epochs[case]] | dict(table.drawn[case])

    @cached_property
    def _dated(self) -> list[dict[str, float]]:
        """Per epoch, the thresholds that are not the same in all."""
        epochs = self.setting.epochs
        dated = [name for name in self.machine.thresholds if len({each.thresholds[name].path for each in epochs}) > 1]
        return [
            {name: each.thresholds[name].fixed or 0.0 for name in dated if each.thresholds[name].shape is None} for each in epochs
        ]
