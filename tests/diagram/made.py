"""Policies and worlds in which much happens."""

from __future__ import annotations

from random import Random
from typing import Any

from tests.strategies import START, Files

DAYS = 28


def restless(chance: Random) -> Files:
    """Two to five phases and up to six transitions, each with a guard over a flag of its own that is drawn anew every day."""
    phases = [f"p{index}" for index in range(chance.randint(2, 5))]
    names = [f"go{index}" for index in range(chance.randint(1, 6))]
    policy = {
        "kind": "policy",
        "name": "restless",
        "title": "A restless policy",
        "reads": {f"flag_{name}": {"unit": "flag"} for name in names},
        "phases": {name: {"min_stay": chance.choice((0, 0, 1, 4))} for name in phases},
        "initial": chance.choice(phases),
        "transitions": {name: _transition(chance, name, phases) for name in names},
    }
    scenario = {
        "kind": "scenario",
        "name": "restless",
        "title": "A restless world",
        "start": START.isoformat(),
        "days": DAYS,
        "variables": {f"flag_{name}": {"unit": "flag", "path": _flips(chance)} for name in names},
    }
    return Files(policy, scenario, {})


def _flips(chance: Random) -> dict[str, int]:
    often = chance.choice((0.3, 0.6, 0.85))
    return {f"day {day}": int(chance.random() < often) for day in range(DAYS)}


def _transition(chance: Random, name: str, phases: list[str]) -> dict[str, Any]:
    to = chance.choice(phases)
    others = [phase for phase in phases if phase != to]
    n = chance.randint(1, 5)
    return {
        "from": chance.choice(("any", chance.choice(others), others)),
        "to": to,
        "when": f"flag_{name} >= 1",
        "confirm": chance.choice((0, 1, 2, 4, {"days": chance.randint(1, n), "of": n}, {"choice": [1, 2, 3]})),
        "lag": chance.choice((0, 0, 1, 3, 6, {"uniform": [0, 5]})),
        "revocable": chance.random() < 0.5,
    }
