"""What the engine behind the page answers, and what it refuses."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim import api
from sim.errors import BadUsage
from sim.library import Library
from sim.serve.lesson import lesson_app
from sim.serve.settings import ranges
from sim.workshop.sliders import asked, of_author
from tests.serve.conftest import FOUNDING, RUNS


def ask(address: str, what: str = "outcome", **changed: Any) -> httpx.Response:
    question = {"scenario": 0, "policy": 0, "world": [0.25], "values": [1, 3], "page": "test", "number": 1, **changed}
    return httpx.post(f"{address}/{what}", json=question, trust_env=False, timeout=60)


@pytest.mark.parametrize(
    ("scenario", "policy", "error", "wait", "threshold"),
    [(0, 0, 0.25, 1, 3), (0, 0, 0.3337, 11, 2.75), (0, 1, 0, 29, 2), (1, 0, None, 5, 3), (2, 1, 0.9, 3, 2.5)],
)
def test_an_outcome_is_the_commands(
    lesson: str, scenario: int, policy: int, error: float | None, wait: int, threshold: float
) -> None:
    """For values that no grid has: of a world shared by the policies, of one path, and of a world that answers."""
    world = [] if error is None else [error]
    found = ask(lesson, scenario=scenario, policy=policy, world=world, values=[wait, threshold]).json()
    sets = [f"transitions.arm_defensively.confirm={wait}", f"thresholds.front_line={threshold}"]
    sets += [] if error is None else [f"signposts.deployment_level.error.sd={error}"]
    result = api.run(FOUNDING["scenarios"][scenario], FOUNDING["policies"][policy], runs=RUNS, sets=tuple(sets)).result
    assert found["runs"] == result.runs
    np.testing.assert_array_equal(found["reached"], [np.cumsum(each.counts) for each in result.first_passage.values()])
    np.testing.assert_array_equal(found["above"], np.flip(np.flip(result.occupancy[1:], 0).cumsum(0), 0))
    asked_for = {"policy": policy, "values": [wait, threshold]} if scenario == 2 else {"policy": None, "values": []}
    seen = ask(lesson, "seen", scenario=scenario, world=world, **asked_for).json()
    for name, told in seen.items():
        fan = result.signposts[name]
        np.testing.assert_allclose(told["q"], fan.quantiles, rtol=1e-5)
        singles = fan.samples[: min(3, result.runs)]
        np.testing.assert_array_equal(np.broadcast_to(told["singles"], singles.shape), singles)
    assert "deployment_level" in seen


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"values": [1]}, "a number for each of 2 sliders"),
        ({"values": "13"}, "a number for each of 2 sliders"),
        ({"values": [1, 4.0001]}, "threshold: must be a number from 2 to 4, got 4.0001"),
        ({"values": [1, -1e300]}, "threshold: must be a number from 2 to 4"),
        ({"values": [1, 10**400]}, "threshold: must be a number from 2 to 4"),
        ({"values": [1.5, 3]}, "wait: must be a whole number of days, got 1.5"),
        ({"values": [1, None]}, "threshold: must be a number"),
        ({"values": [1, True]}, "threshold: must be a number"),
        ({"values": [1, "3; --set x=1"]}, "threshold: must be a number"),
        ({"values": [1, [3]]}, "threshold: must be a number"),
        ({"world": [2]}, "error: must be a number from 0 to 1, got 2"),
        ({"scenario": 3}, "scenario: must be a whole number below 3, got 3"),
        ({"scenario": -1}, "scenario: must be"),
        ({"scenario": "../../etc/passwd"}, "scenario: must be"),
        ({"scenario": None}, "scenario: must be"),
        ({"policy": 0.0}, "policy: must be"),
        ({"policy": None, "values": []}, "policy: must be given where the answer hangs on it"),
        ({"page": ""}, "page: must be a short text"),
        ({"page": "x" * 41}, "page: must be a short text"),
        ({"number": -1}, "number: must be a whole number"),
        ({"number": 1.5}, "number: must be a whole number"),
        ({"sets": ["thresholds.front_line=2"]}, "cannot be asked for here: 'sets'"),
    ],
)
def test_what_is_not_on_the_page_is_refused(lesson: str, changed: dict[str, Any], words: str) -> None:
    answer = ask(lesson, **changed)
    assert answer.status_code == 400
    assert words in answer.json()["error"]


def test_what_is_no_number_is_refused(lesson: str) -> None:
    body = b'{"scenario":0,"policy":0,"world":[NaN],"values":[1,3],"page":"a","number":1}'
    answer = httpx.post(f"{lesson}/outcome", content=body, headers={"Content-Type": "application/json"}, trust_env=False)
    assert (answer.status_code, answer.json()) == (400, {"error": "this is not JSON"})


def test_an_older_move_of_the_same_page_is_not_computed(lesson: str) -> None:
    assert ask(lesson, page="mover", number=7).status_code == 200
    answer = ask(lesson, page="mover", number=6)
    assert (answer.status_code, "newer" in answer.json()["error"]) == (409, True)


def test_many_at_once_all_get_their_own_answer(lesson: str) -> None:
    waits = [1 + place % 10 for place in range(40)]
    with ThreadPoolExecutor(20) as pool:
        found = list(pool.map(lambda each: ask(lesson, values=[each[1], 3], page=str(each[0])).json(), enumerate(waits)))
    by_wait = {wait: one["reached"] for wait, one in zip(waits, found, strict=True)}
    assert all(one["reached"] == by_wait[wait] for wait, one in zip(waits, found, strict=True))
    assert by_wait[1] != by_wait[10]


def test_scripts_are_served_once_and_the_page_asks_nobody_else(lesson: str) -> None:
    page = httpx.get(lesson, trust_env=False)
    assert page.headers["Cache-Control"] == "no-store"
    scripts = re.findall(r'<script type="module" src="([^"]+)"></script>', page.text)
    assert [each.split("-")[0] for each in scripts] == ["vega", "page"]
    for each in scripts:
        answer = httpx.get(f"{lesson}/{each}", trust_env=False)
        assert answer.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in answer.headers["Cache-Control"]
        plain = httpx.get(f"{lesson}/{each}", headers={"Accept-Encoding": "identity"}, trust_env=False)
        assert plain.text == answer.text
        assert "Content-Encoding" not in plain.headers
    assert "unsafe-inline" not in page.headers["Content-Security-Policy"].split("style-src")[0]
    assert "connect-src 'self'" in page.headers["Content-Security-Policy"]
    assert "http://" not in page.text.split('id="told"')[0]
    for words in ("Teaching model of stated positions, not a forecast.", "numbers are assumed", "phased serve …", f"{RUNS} runs"):
        assert words in page.text, words


def test_more_runs_than_a_server_takes_are_refused() -> None:
    with pytest.raises(BadUsage, match="--runs must be from 1 to 5,000 on a server, got 5,001"):
        lesson_app(("surge-to-front",), ("phased-approach",), runs=5_001, command="")


@settings(max_examples=60, deadline=None)
@given(st.floats(2, 4), st.integers(1, 29))
def test_any_value_in_between_is_a_setting_that_the_command_takes(threshold: float, wait: int) -> None:
    policy = Library([]).load_policy("phased-approach")
    found = [of_author(asked(each), policy.spec, 5) for each in FOUNDING["sliders"][:2]]
    waits, thresholds = ranges([each for each in found if each])
    sets = (*waits.sets(wait), *thresholds.sets(threshold))
    changed = Library([]).load_policy("phased-approach", sets).spec
    confirm = changed.transitions["arm_defensively"].confirm
    assert getattr(confirm, "fixed", None) == wait
    assert changed.thresholds["front_line"].value == pytest.approx(threshold, rel=1e-9)
