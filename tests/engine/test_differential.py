"""The engine's policy machine against `transitions`, a state-machine library, on the same days.

The two share nothing but the days' true values: here guards are closures on plain numbers, days in a row and windows are counted
by small wrappers, and the library picks the first transition in order whose conditions hold, one event a day. Lag and min_stay
have no counterpart there and are left out.
"""

from __future__ import annotations

import operator
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn
from transitions import Machine

from sim.draws import Block
from sim.engine import simulate
from sim.measures import strips
from tests.strategies import START, Files, Record

Day = dict[str, float]
"""The value of each variable, and `days_in_phase`."""
Test = Callable[[Day], bool]

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
NAMES = ("a", "b")
INITIAL_LEVELS = (0.0, 1.0, 2.0, 2.5, 3.0)


@dataclass(frozen=True)
class Guard:
    """A condition twice: as a file writes it, and as a function of the day."""

    text: str
    holds: Test


@dataclass
class Confirm:
    """How the wrapper counts: `need` of the last `of` days; days in a row where both are the same."""

    need: int = 1
    of: int = 1
    in_a_row: bool = True
    past: deque[bool] = field(default_factory=deque)

    @property
    def spelled(self) -> object:
        return self.need if self.in_a_row else {"days": self.need, "of": self.of}

    def add(self, truth: bool) -> None:
        self.past.append(truth)
        if len(self.past) > self.of:
            self.past.popleft()

    @property
    def confirmed(self) -> bool:
        return sum(self.past) >= self.need


@dataclass
class Way:
    """One transition."""

    sources: list[str]
    spelled: object
    dest: str
    guard: Guard
    confirm: Confirm


@dataclass
class Case:
    phases: list[str]
    initial: str
    ways: list[Way]
    days: list[Day]

    @property
    def files(self) -> Files:
        scenario: Record = {"kind": "scenario", "name": "s", "title": "S", "start": START.isoformat(), "days": len(self.days)}
        scenario["variables"] = {
            name: {"unit": "u", "path": {f"day {index}": day[name] for index, day in enumerate(self.days)}} for name in NAMES
        }
        policy = {
            "kind": "policy",
            "name": "p",
            "title": "P",
            "reads": {name: {"unit": "u"} for name in NAMES},
            "phases": {phase: {} for phase in self.phases},
            "initial": self.initial,
            "thresholds": {"t": {"unit": "u", "grade": "assumed", "value": 2.5}},
            "transitions": {
                f"go{index}": {"from": way.spelled, "to": way.dest, "when": way.guard.text, "confirm": way.confirm.spelled}
                for index, way in enumerate(self.ways)
            },
        }
        return Files(policy, scenario, {})


class Government:
    """The library's model: its conditions ask it what is confirmed."""

    state: str
    day: Callable[[], bool]

    def __init__(self, case: Case) -> None:
        self.case = case
        self.entered = 0
        machine = Machine(self, states=case.phases, initial=case.initial, auto_transitions=False, ignore_invalid_triggers=True)
        for way in case.ways:
            for source in way.sources:
                machine.add_transition("day", source, way.dest, conditions=self._asks(way.confirm))

    @staticmethod
    def _asks(confirm: Confirm) -> Callable[[], bool]:
        return lambda: confirm.confirmed

    def live(self) -> list[str]:
        """The phase at the end of each day."""
        phases = []
        for index, values in enumerate(self.case.days):
            today = {**values, "days_in_phase": float(index - self.entered)}
            for way in self.case.ways:
                way.confirm.add(way.guard.holds(today))
            if self.day():
                self.entered = index
            phases.append(self.state)
        return phases


# Random policies -----------------------------------------------------------------------------------------------------------


@st.composite
def guards(draw: DrawFn, depth: int = 2) -> Guard:
    kind = draw(st.sampled_from(("compare", "compare", "and", "or", "not"))) if depth else "compare"
    if kind == "not":
        part = draw(guards(depth - 1))
        return Guard(f"not ({part.text})", lambda day: not part.holds(day))
    if kind in ("and", "or"):
        one, two = draw(guards(depth - 1)), draw(guards(depth - 1))
        if kind == "and":
            return Guard(f"({one.text}) and ({two.text})", lambda day: one.holds(day) and two.holds(day))
        return Guard(f"({one.text}) or ({two.text})", lambda day: one.holds(day) or two.holds(day))
    return draw(comparisons())


@st.composite
def comparisons(draw: DrawFn) -> Guard:
    sign = draw(st.sampled_from((">=", "<", ">", "<=", "==", "!=")))
    compare = COMPARE[sign]
    match draw(st.sampled_from(("level", "level", "two", "threshold", "stay"))):
        case "two":
            return Guard(f"a {sign} b", lambda day: compare(day["a"], day["b"]))
        case "threshold":
            return Guard(f"t {sign} b", lambda day: compare(2.5, day["b"]))
        case "stay":
            limit = draw(st.integers(0, 5))
            return Guard(f"days_in_phase {sign} {limit}", lambda day: compare(day["days_in_phase"], limit))
    name, level = draw(st.sampled_from(NAMES)), draw(st.sampled_from(INITIAL_LEVELS))
    return Guard(f"{name} {sign} {level}", lambda day: compare(day[name], level))


@st.composite
def confirms(draw: DrawFn) -> Confirm:
    n = draw(st.integers(1, 6))
    if draw(st.booleans()):
        return Confirm(n, n)
    return Confirm(draw(st.integers(1, n)), n, in_a_row=False)


@st.composite
def cases(draw: DrawFn, confirmed: bool) -> Case:
    phases = [f"p{index}" for index in range(draw(st.integers(2, 4)))]
    ways = []
    for _ in range(draw(st.integers(1, 5))):
        dest = draw(st.sampled_from(phases))
        others = [phase for phase in phases if phase != dest]
        sources, spelled = draw(st.sampled_from([(others, "any"), (others, others), *(([each], each) for each in others)]))
        ways.append(Way(sources, spelled, dest, draw(guards()), draw(confirms()) if confirmed else Confirm()))
    level = st.sampled_from(INITIAL_LEVELS)
    days = draw(st.lists(st.fixed_dictionaries(dict.fromkeys(NAMES, level)), min_size=1, max_size=30))
    return Case(phases, draw(st.sampled_from(phases)), ways, days)


# Comparisons ---------------------------------------------------------------------------------------------------------------


def engine_phases(case: Case) -> list[str]:
    paths = simulate(case.files.model, 1, Block.plain(0, 1))
    return [case.phases[index] for index in strips(paths, 1)[0]]


@given(cases(confirmed=False))
@settings(max_examples=200, deadline=None)
def test_engine_walks_through_the_phases_as_the_library_does(case: Case) -> None:
    assert engine_phases(case) == Government(case).live()


@given(cases(confirmed=True))
@settings(max_examples=200, deadline=None)
def test_engine_confirms_as_a_wrapped_library_does(case: Case) -> None:
    assert engine_phases(case) == Government(case).live()


@given(cases(confirmed=True), st.integers(0, 3))
@settings(max_examples=50, deadline=None)
def test_every_run_of_a_deterministic_block_is_the_same(case: Case, replication: int) -> None:
    block = Block(np.array([0, 7, 2000]), np.full(3, replication))
    expected = Government(case).live()
    for strip in strips(simulate(case.files.model, 1, block), 3):
        assert [case.phases[index] for index in strip] == expected


def test_the_comparison_sees_a_difference() -> None:
    """With the wrong count of days in the library the two part ways."""
    days = [{"a": float(day >= 2), "b": 0.0} for day in range(8)]
    reached = Guard("a >= 1", lambda day: day["a"] >= 1)
    case = Case(["p0", "p1"], "p0", [Way(["p0"], "p0", "p1", reached, Confirm(3, 3))], days)
    assert engine_phases(case) == ["p0"] * 4 + ["p1"] * 4
    wrong = Case(case.phases, "p0", [Way(["p0"], "p0", "p1", reached, Confirm(2, 2))], days)
    assert Government(wrong).live() == ["p0"] * 3 + ["p1"] * 5


def test_the_first_transition_in_order_is_taken_and_one_a_day() -> None:
    always = Guard("a >= 0", lambda day: day["a"] >= 0)
    ways = [
        Way(["p0"], "p0", "p2", always, Confirm()),
        Way(["p0", "p2"], "any", "p1", always, Confirm()),
        Way(["p1"], "p1", "p0", always, Confirm()),
    ]
    case = Case(["p0", "p1", "p2"], "p0", ways, [{"a": 0.0, "b": 0.0}] * 5)
    assert engine_phases(case) == Government(case).live() == ["p2", "p1", "p0", "p2", "p1"]
