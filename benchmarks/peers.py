"""The workload on other libraries, with the world of plain.py, and dated changes of phase as the result.

EMA Workbench runs the plain function once for each experiment. The state-machine libraries replace its policy: a model object
counts days in a row, and the machine is sent one event a day, from which its conditions choose. A decision that takes effect
later is a state of its own. A machine is built once and set back for each run, since building one costs more than a run.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import numpy as np
import plain
from work import HERE, Change, Thresholds, Work

Changes = Sequence[Sequence[Change]]
REQUIREMENTS = HERE / "requirements.txt"


@dataclass(frozen=True)
class Runner:
    """One library on the first runs of the workload."""

    run: Callable[[], Any]
    """what is timed"""
    dated: Callable[[Any], Changes]
    """the changes of phase in what `run` returned"""


@dataclass(frozen=True)
class Peer:
    name: str
    package: str
    """as pip calls it; empty: needs none"""
    module: str
    runs: int
    """in one measurement"""
    prepare: Callable[[Work], Runner]
    target: float | None = None
    """times as many runs a second as the engine shall make"""

    @property
    def missing(self) -> str | None:
        """Why it cannot be measured here."""
        if not self.package or importlib.util.find_spec(self.module):
            return None
        line = next(line for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines() if line.startswith(self.package))
        return f"not installed; `pip install -r benchmarks/requirements.txt` does, by its line `{line}`"

    @property
    def version(self) -> str:
        return importlib.metadata.version(self.package) if self.package else ""


# Without a library, and EMA Workbench --------------------------------------------------------------------------------------


def _plain(work: Work) -> Runner:
    return Runner(lambda: plain.all_changes(work), lambda found: found)


MOST = 16
"""Changes of one run that an outcome of EMA Workbench has room for."""


def _ema(work: Work) -> Runner:
    """Its own sampling is left out: the experiments are those of the engine."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of optional packages that are not there
        import ema_workbench as ema

    def function(replication: int, **thresholds: float) -> dict[str, Any]:
        changes = np.full((MOST, 3), -1)
        for place, change in enumerate(plain.changes(Thresholds(**thresholds), work.futures[replication])):
            changes[place] = change
        return {"changes": changes}

    model = ema.Model("workload", function=function)
    reals = [ema.RealParameter(name, low, high) for name, low, high in RANGES]
    model.uncertainties = [*reals, ema.IntegerParameter("replication", 0, work.runs)]
    model.outcomes = [ema.ArrayOutcome("changes", shape=(MOST, 3), dtype=int)]
    experiments = [ema.Scenario(replication=index, **each._asdict()) for index, each in enumerate(work.thresholds)]

    def run() -> Any:
        evaluator = ema.SequentialEvaluator(model)
        return ema.perform_experiments(model, experiments, evaluator=evaluator, log_progress=True)  # else it draws a bar

    return Runner(run, lambda found: _unpadded(found[1]["changes"]))


RANGES = (("up_1", 9000, 11000), ("up_2", 18000, 22000), ("down_2", 12000, 14000), ("down_1", 5000, 7000))


def _unpadded(changes: np.ndarray) -> Changes:
    return [[(day, decided, index) for day, decided, index in run if day >= 0] for run in changes.tolist()]


# State machines ------------------------------------------------------------------------------------------------------------


class Watch:
    """The model object of a state machine: what it has seen, what was decided, and what happened."""

    state: Any

    def start(self, thresholds: Thresholds) -> None:
        self.up_1, self.up_2, self.down_2, self.down_1 = thresholds
        self.above_1 = self.above_2 = self.below_2 = self.below_1 = 0
        self.today = self.decided = self.due = self.pending = 0
        self.found: list[Change] = []

    def look(self, today: int, seen: float) -> None:
        self.today = today
        self.above_1 = self.above_1 + 1 if seen >= self.up_1 else 0
        self.above_2 = self.above_2 + 1 if seen >= self.up_2 else 0
        self.below_2 = self.below_2 + 1 if seen < self.down_2 else 0
        self.below_1 = self.below_1 + 1 if seen < self.down_1 else 0

    def climbs_1(self) -> bool:
        return self.above_1 >= plain.CONFIRM_1

    def climbs_2(self) -> bool:
        return self.above_2 >= plain.CONFIRM_2

    def eases_2(self) -> bool:
        return self.below_2 >= plain.CONFIRM_DOWN

    def eases_1(self) -> bool:
        return self.below_1 >= plain.CONFIRM_DOWN

    def is_due(self) -> bool:
        return self.today == self.due

    def decide_1(self) -> None:
        self.pending, self.decided, self.due = plain.CLIMB_1, self.today, self.today + plain.LAG_1

    def decide_2(self) -> None:
        self.pending, self.decided, self.due = plain.CLIMB_2, self.today, self.today + plain.LAG_2

    def happen(self) -> None:
        self.found.append((self.today, self.decided, self.pending))

    def ease_2(self) -> None:
        self.found.append((self.today, self.today, plain.EASE_2))

    def ease_1(self) -> None:
        self.found.append((self.today, self.today, plain.EASE_1))


STATES = ("a", "a_to_b", "b", "b_to_c", "c")
EDGES = (
    ("a", "a_to_b", "climbs_1", "decide_1"),
    ("a_to_b", "b", "is_due", "happen"),
    ("b", "b_to_c", "climbs_2", "decide_2"),
    ("b", "a", "eases_1", "ease_1"),
    ("b_to_c", "c", "is_due", "happen"),
    ("c", "b", "eases_2", "ease_2"),
)
"""from, to, condition and action, in the order in which they are asked"""


def _live(work: Work, watch: Watch, set_back: Callable[[], None], day: Callable[[], Any]) -> Changes:
    """Every run, one event a day."""
    found = []
    for thresholds, future in zip(work.thresholds, work.futures, strict=True):
        watch.start(thresholds)
        set_back()
        for today, seen in enumerate(plain.observed(future)):
            watch.look(today, seen)
            day()
        found.append(watch.found)
    return found


def _transitions(work: Work) -> Runner:
    from transitions import Machine

    watch: Any = Watch()
    machine = Machine(watch, states=list(STATES), initial="a", auto_transitions=False, ignore_invalid_triggers=True)
    for source, target, condition, action in EDGES:
        machine.add_transition("day", source, target, conditions=getattr(watch, condition), after=getattr(watch, action))
    return Runner(lambda: _live(work, watch, lambda: machine.set_state("a"), watch.day), lambda found: found)


def _statemachine(work: Work) -> Runner:
    machine = _ladder()(Watch())

    def set_back() -> None:
        machine.current_state_value = "a"

    return Runner(lambda: _live(work, machine.model, set_back, machine.day), lambda found: found)


def _ladder() -> Any:
    from statemachine import State, StateMachine

    states = {name: State(initial=name == "a") for name in STATES}
    edges = [states[source].to(states[target], cond=condition, on=action) for source, target, condition, action in EDGES]

    class Ladder(StateMachine):
        allow_event_without_transition = True
        a, a_to_b, b, b_to_c, c = states.values()
        day = reduce(or_, edges)

    return Ladder


PEERS = (
    Peer("the same in plain Python, no library", "", "", 1000, _plain),
    Peer("EMA Workbench, sequential", "ema_workbench", "ema_workbench", 1000, _ema, 50),
    Peer("transitions", "transitions", "transitions", 200, _transitions, 400),
    Peer("python-statemachine", "python-statemachine", "statemachine", 50, _statemachine, 1000),
)
