"""The engine behind the sliders: what comes out of a setting; a world is stepped once for all policies that meet it."""

from __future__ import annotations

import functools
import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sim import measures
from sim.api.pairs import model_of
from sim.engine import Paths
from sim.errors import PhasedError, Problem
from sim.library import Library, Pair
from sim.load.loaded import Draft, Loaded
from sim.machine import Model, bind, compile_machine
from sim.results import Floats
from sim.serve.settings import Question, Range, ranges
from sim.serve.worlds import Days, stepped, watched
from sim.workshop import content
from sim.workshop.grid import SINGLES
from sim.workshop.lesson import DEFAULT_STEPS, rows_of, sliders_of
from sim.workshop.rules import rules
from sim.workshop.sliders import Asked
from sim.world import World, compile_world

KEPT = 256 * 1024 * 1024
"""Bytes of worlds that are kept; at least the last is."""
DIGITS = 6
"""Of quantiles, as the page shows them with four. Single runs are exact, since the page holds thresholds against them."""


class Changed(PhasedError):
    """A ledger or table was edited while the server runs."""

    status = 409


@dataclass(frozen=True)
class Bench:
    """Scenarios and policies with their sliders, as they stood when the server started. Safe to ask from several threads."""

    library: Library
    scenarios: tuple[str, ...]
    policies: tuple[str, ...]
    rows: tuple[tuple[Pair, ...], ...]
    """per scenario, a pair for each policy"""
    worlds: tuple[tuple[Range, ...], ...]
    """per scenario"""
    ladders: tuple[tuple[Range, ...], ...]
    """per policy"""
    seed: int
    runs: int
    models: tuple[tuple[Model, ...], ...]
    """as stated, as `rows`"""
    _held: _Held = field(default_factory=lambda: _Held(KEPT))

    @functools.cached_property
    def read(self) -> tuple[dict[str, str], ...]:
        """Per scenario the signposts that some guard reads, with their units."""
        return tuple(content.read([each.machine for each in row], row[0].world) for row in self.models)

    @functools.cached_property
    def reactive(self) -> tuple[bool, ...]:
        """Per scenario: may its world answer to the policy, as it stands or with a slider moved?"""
        pushed = [any(path.startswith("reactions.") for each in those for path in each.slider.paths) for those in self.worlds]
        return tuple(row[0].reactive or answers for row, answers in zip(self.models, pushed, strict=True))

    # answers

    def outcome(self, asked: Question) -> bytes:
        """JSON: runs per day that reached each phase above the lowest, and that are in it or above; the rules of single runs."""
        pair = self._pair(asked)
        paths, model = self._paths(asked, pair)
        tally = measures.tally(paths, len(model.machine.transitions))
        several = [rules(model, pair.policy.spec, self.seed, run) for run in range(min(SINGLES, tally.runs))]
        return _json(
            {
                "runs": tally.runs,
                "reached": np.cumsum(tally.first[1:], axis=1).tolist(),
                "above": content.above(tally.occupancy[1:]).tolist(),
                "rules": several if any(each != several[0] for each in several) else several[:1],
            }
        )

    def seen(self, asked: Question) -> bytes:
        """JSON: what guards see of each signpost, as a fan and as single runs."""
        days = self._days(asked)
        return _json(
            {
                name: {"q": _short(days.fan(name)), "singles": days.singles(name, SINGLES).tolist()}
                for name in self.read[asked.scenario]
            }
        )

    def _pair(self, asked: Question) -> Pair:
        """The files with every number that was sent, checked by the same code as `--set`. Raises BadInput."""
        policy = self.policies[asked.policy or 0]
        pair = self.library.load_pair(self.scenarios[asked.scenario], policy, (*asked.world, *asked.moved))
        before = {each.path: each.sha256 for each in self.rows[asked.scenario][asked.policy or 0].inputs}
        if edited := [each.path.name for each in pair.inputs if before.get(each.path) != each.sha256]:
            raise Changed(f"{edited[0]} was changed since the server started: start it again")
        return pair

    def _paths(self, asked: Question, pair: Pair) -> tuple[Paths, Model]:
        if self.reactive[asked.scenario]:
            model = model_of(pair)
            return self._held.get(asked.key, lambda: stepped(model, self.seed, self.runs, [*self.read[asked.scenario]]))[1], model
        days = self._days(replace(asked, policy=None, moved=()))
        world = days.model.world
        model = bind(world, compile_machine(pair.policy.spec, world.start))
        return days.met_by(model, self.runs), model

    def _days(self, asked: Question) -> Days:
        names = [*self.read[asked.scenario]]
        if asked.policy is not None:
            return self._held.get(asked.key, lambda: stepped(model_of(self._pair(asked)), self.seed, self.runs, names))[0]
        return self._held.get(asked.key, lambda: (watched(self._world(asked), self.seed, self.runs, names), None))[0]

    def _world(self, asked: Question) -> World:
        scenario = self._pair(asked).scenario
        return compile_world(scenario.spec, scenario.tables)


def bench_of(
    scenarios: Sequence[str],
    policies: Sequence[str],
    wanted: Sequence[Asked],
    *,
    library: Library,
    seed: int,
    runs: int,
) -> Bench:
    """With the sliders that a page of these files has. Raises BadInput with the mistakes of all files, or BadUsage."""
    rows = rows_of(scenarios, policies, library)
    worlds, ladders = (
        tuple(map(ranges, those)) for those in sliders_of(rows, [replace(each, step=None) for each in wanted], DEFAULT_STEPS)
    )
    models = tuple(tuple(map(model_of, row)) for row in rows)
    return Bench(library, tuple(scenarios), tuple(policies), rows, worlds, ladders, seed, runs, models)


def _short(values: Floats) -> list[list[float]]:
    return [[float(f"{each:.{DIGITS}g}") for each in row] for row in values.tolist()]


def _json(found: dict[str, Any]) -> bytes:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


class Fixed(Library):
    """Finds and reads files, each once: they are as they stood when the server started."""

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        super().__init__(folders)
        self._drafted: dict[tuple[str, str], Draft] = {}
        self._unmoved: dict[int, tuple[Loaded[Any], list[Problem]]] = {}
        """by the tree of a file in which no number is set, which is kept and so has its id for good"""

    def _draft(self, ref: str, kind: str) -> Draft:
        if (ref, kind) not in self._drafted:
            self._drafted[ref, kind] = super()._draft(ref, kind)
        return self._drafted[ref, kind]

    def _loaded(self, draft: Draft) -> tuple[Loaded[Any], list[Problem]]:
        if not any(draft.root is each.root for each in self._drafted.values()):
            return super()._loaded(draft)
        if id(draft.root) not in self._unmoved:
            self._unmoved[id(draft.root)] = super()._loaded(draft)
        return self._unmoved[id(draft.root)]


class _Held:
    """Worlds by setting, each stepped once even if several ask at once, the longest unused forgotten first."""

    def __init__(self, room: int) -> None:
        self._room, self._lock = room, threading.Lock()
        self._found: OrderedDict[str, Future[tuple[Days, Any]]] = OrderedDict()
        self._sizes: dict[str, int] = {}

    def get(self, key: str, make: Callable[[], tuple[Days, Any]]) -> tuple[Days, Any]:
        with self._lock:
            mine = key not in self._found
            found = self._found.setdefault(key, Future())
            self._found.move_to_end(key)
        if mine:
            self._make(key, found, make)
        return found.result()

    def _make(self, key: str, found: Future[tuple[Days, Any]], make: Callable[[], tuple[Days, Any]]) -> None:
        try:
            made = make()
        except BaseException as error:  # whoever waits shall hear of it, and the next one may try again
            with self._lock:
                del self._found[key]
            found.set_exception(error)
            return
        with self._lock:
            self._sizes[key] = made[0].size
            self._forget(key)
        found.set_result(made)

    def _forget(self, newest: str) -> None:
        """Let worlds go until what is kept fits; the newest always stays."""
        for key in [each for each in self._found if each in self._sizes and each != newest]:
            if sum(self._sizes.values()) <= self._room:
                return
            del self._found[key], self._sizes[key]
