"""The model alongside: the declared policy in the world as it is played, in one run, day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sim import reference
from sim.analysis.traces import PathReport, TakenTransition, path_report
from sim.api import model_of
from sim.engine.guards import compiled
from sim.library import Library, Pair
from sim.machine import Model
from sim.reference import Trace
from sim.room.played import Put, scenario_text
from sim.room.script import Script
from sim.room.state import Change, State
from sim.spec.exercise import phase_of
from sim.spec.guard import parse


@dataclass(frozen=True)
class Course:
    """What the policy does in the world as played, over the whole run; who shows it stops at a date."""

    pair: Pair
    model: Model
    trace: Trace
    report: PathReport

    @property
    def start(self) -> dt.date:
        return self.model.world.start

    def day(self, date: dt.date) -> int:
        """The day of the run, inside it."""
        return min(max((date - self.start).days, 0), self.model.world.days - 1)

    def phase(self, date: dt.date) -> str:
        """The phase at the end of a day."""
        return self.report.phase[self.day(date)]

    def label(self, phase: str) -> str:
        return next(each.label for each in self.model.machine.phases if each.name == phase)

    def taken(self, until: dt.date, after: dt.date | None = None) -> list[TakenTransition]:
        """Changes of phase up to a day, and after another."""
        return [each for each in self.report.path if each.date <= until and (after is None or each.date > after)]

    def pending(self, date: dt.date) -> str | None:
        """What was decided by the end of a day and has not happened."""
        day, start = self.day(date), self.start
        found = [(each.transition, each.decided, each.day) for each in self.report.path if each.decided <= day < each.day]
        if self.report.pending and self.report.pending.decided <= day:
            found.append((self.report.pending.transition, self.report.pending.decided, self.report.pending.due))
        if not found:
            return None
        name, decided, due = found[0]
        return f"{name}, decided {start + dt.timedelta(days=decided)}, due {start + dt.timedelta(days=due)}"

    def met(self, when: str, date: dt.date) -> bool:
        """Has a condition of an inject been true on any day up to this one?"""
        days = self.day(date) + 1
        phase = phase_of(when)
        if phase is not None:
            return phase in self.report.phase[:days]
        seen = {name: np.array(values[:days]) for name, values in self.trace.signposts.items()}
        with np.errstate(all="ignore"):  # a comparison over a division by zero is false
            return bool(np.any(compiled(parse(when))(seen)))


def why(taken: TakenTransition) -> Iterator[str]:
    """Why a transition was taken, in a few short lines."""
    yield f"Guard: {taken.guard}"
    if taken.values:
        yield "Seen: " + "; ".join(f"{name} {value:g}" for name, value in taken.values.items())
    for name, one in taken.thresholds.items():
        yield f"Threshold {name}: {one.value:g} {one.unit} ({', '.join((one.grade, *one.evidence))})"
    yield f"The guard had held since {taken.held_since}"


class Alongside:
    """Plays the model anew whenever something was put into the world. The last course is kept."""

    def __init__(self, script: Script, library: Library, folder: Path, *, seed: int, run: int) -> None:
        """`folder`: where the scenario as played is written for the loader."""
        exercise = script.exercise
        self.script, self.library, self.folder, self.seed, self.asked_run = script, library, folder, seed, run
        self.base = library.pair_in(script.loaded, exercise.scenarios[0], exercise.policies[0])
        self._last: tuple[str, Course] | None = None

    def course(self, changes: Sequence[Change]) -> Course:
        """The course of a world with these changes. Raises BadInput where a change does not fit the scenario."""
        text = self.text(changes, str(self.base.scenario.path.resolve()), str(self.base.policy.path.resolve()))
        if self._last is None or self._last[0] != text:
            self._last = text, self._played(text)
        return self._last[1]

    def _played(self, text: str) -> Course:
        path = self.folder / "played.yaml"
        path.write_text(text, encoding="utf-8")
        pair = self.library.load_pair(str(path), str(self.base.policy.path.resolve()))
        model = model_of(pair)
        number = 0 if model.single_path else self.asked_run
        trace = reference.walk(model, self.seed, number, number)
        return Course(pair, model, trace, path_report(pair.policy.spec, model, trace, seed=self.seed, run=number))

    def text(
        self, changes: Sequence[Change], extends: str, policy: str, comment: str = "As it was played.", days: int | None = None
    ) -> str:
        """The scenario as played, as a file; with `days`, only so many of them."""
        return scenario_text(self.base.scenario.spec, extends, policy, list(self._puts(changes)), comment, days)

    def _puts(self, changes: Sequence[Change]) -> Iterator[Put]:
        for change in changes:
            on = self.script.date(change.step)
            assert on is not None  # nothing is put into the world in the lobby
            if change.inject is None:
                yield Put(change, on.isoformat(), _title(change), "The facilitator", "set for the exercise")
            else:
                inject = self.script.cards[change.inject].inject
                yield Put(change, on.isoformat(), inject.title, inject.source, inject.reliability)

    def told(self, state: State) -> list[str]:
        """What was put into the world, in words."""
        return [_told(change, put.on, put.title) for change, put in zip(state.changes, self._puts(state.changes), strict=True)]


def _title(change: Change) -> str:
    return f"True level of {change.name} set" if change.kind == "level" else f"Error of {change.name} made larger or smaller"


def _told(change: Change, on: str, title: str) -> str:
    by = f"by the inject “{title}”" if change.inject else "by the facilitator"
    if change.kind == "level":
        return f"True level of {change.name} set to {change.value:g} from {on} on, {by}"
    size = "none" if change.value == 0 else f"{change.value:g} times as large"
    return f"Error of {change.name} {size} from {on} on, {by}"
