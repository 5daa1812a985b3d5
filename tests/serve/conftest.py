from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from sim.serve.lesson import lesson_app
from sim.workshop.sliders import asked
from tests.serve.served import served

RUNS = 200
FOUNDING: dict[str, Any] = {
    "scenarios": ("surge-to-front-uncertain", "gradual-rise", "reciprocity-provoking-uncertain"),
    "policies": ("phased-approach", "step-down"),
    "sliders": (
        "wait=transitions.arm_defensively.confirm:1:29",
        "threshold=thresholds.front_line:2:4",
        "error=signposts.deployment_level.error.sd:0:1",
    ),
}


@pytest.fixture(scope="session")
def lesson() -> Iterator[str]:
    """The address of a lesson of the founding case."""
    wanted = tuple(map(asked, FOUNDING["sliders"]))
    app = lesson_app(FOUNDING["scenarios"], FOUNDING["policies"], wanted=wanted, runs=RUNS, command="phased serve …", workers=2)
    with served(app) as address:
        yield address
