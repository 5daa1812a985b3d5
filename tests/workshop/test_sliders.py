"""Which numbers can be moved, and over which values."""

from __future__ import annotations

import pytest

from sim.errors import BadUsage
from sim.library import Library
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario
from sim.workshop.grid import points, settings, start_of
from sim.workshop.sliders import asked, of_author, of_policy, of_world, stated

library = Library([])
SCENARIO: Scenario = library.load_scenario("surge-to-front-uncertain").spec


def policy(name: str) -> Policy:
    return library.load_policy(name).spec


def test_sensible_sliders_of_the_founding_policy() -> None:
    threshold, confirm, lag = of_policy(policy("phased-approach"), SCENARIO, 5)
    assert (threshold.paths, confirm.paths, lag.paths) == (
        ("thresholds.front_line",),
        ("transitions.arm_defensively.confirm",),
        ("transitions.arm_defensively.lag",),
    )
    assert threshold.values == (1, 2, 2.5, 3, 4)  # the range that is read, and both rival readings
    assert threshold.values[threshold.start] == 3
    assert (threshold.stated.unit, threshold.stated.grade, threshold.stated.evidence) == ("rung", "implied", ("F10",))
    assert confirm.values == (1, 7, 14, 21, 28)
    assert lag.values == (0, 14, 28)
    assert confirm.sets(confirm.start) == ()
    assert confirm.sets(2) == ("transitions.arm_defensively.confirm=14",)


def test_an_uncertain_number_can_stay_as_stated() -> None:
    *_, lag = of_policy(policy("capacity-limited"), SCENARIO, 3)
    assert lag.values == (None, 0, 28)
    assert lag.start == 0
    assert lag.sets(0) == ()
    assert lag.stated.text == "lognormal 60–1860 (5–95%)"


def test_a_policy_without_a_step_up_has_none() -> None:
    assert list(of_policy(policy("restrained"), SCENARIO, 5)) == []


def test_the_error_of_what_the_first_steps_read() -> None:
    (error,) = of_world(SCENARIO, [policy("phased-approach"), policy("ambiguity-tolerant")], 4)
    names = ("deployment_level", "observer_seoul", "observer_kyiv", "observer_washington")
    assert error.paths == tuple(f"signposts.{name}.error.sd" for name in names)
    assert error.values == (0, 0.25, 0.5)
    assert len(error.sets(0)) == 4
    assert list(of_world(library.load_scenario("surge-to-front").spec, [policy("phased-approach")], 4)) == []


def test_what_an_author_asks_for() -> None:
    wanted = asked("how long to wait=transitions.arm_defensively.confirm:1:15:7")
    found = of_author(wanted, policy("phased-approach"), 5)
    assert found is not None
    assert (found.name, found.values) == ("how long to wait", (1, 8, 15))
    assert of_author(wanted, policy("restrained"), 5) is None
    noise = asked("noise=signposts.deployment_level.error.sd,signposts.observer_kyiv.error.sd:0:1")
    sd = of_author(noise, SCENARIO, 3)
    assert sd is not None
    assert (noise.side, sd.values) == ("scenario", (0, 0.25, 0.5, 1))
    assert asked("x=policy.thresholds.front_line.value:1:2").paths == ("thresholds.front_line",)


def test_whole_days_stay_whole() -> None:
    found = of_author(asked("wait=transitions.arm_defensively.confirm:1:10"), policy("phased-approach"), 4)
    assert found is not None
    assert found.values == (1, 4, 7, 10)
    odd = of_author(asked("wait=transitions.arm_defensively.confirm:1:10"), policy("phased-approach"), 3)
    assert odd is not None
    assert all(value is not None and value % 1 == 0 for value in odd.values)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("wait", "must be NAME=PATH:FROM:TO"),
        ("wait=transitions.a.confirm:1", "must be NAME=PATH:FROM:TO"),
        ("wait=transitions.a.confirm:9:1", "FROM must be below TO"),
        ("wait=transitions.a.confirm:1:9:0", "STEP above 0"),
        ("wait=transitions.a.confirm:1:many", "'many' is not a number"),
        ("wait=transitions.a.confirm:1:inf", "'inf' is not a number"),
        ("wait=days:1:9", "no number of a policy or a scenario"),
        ("both=thresholds.a,signposts.b.error.sd:1:9", "all lie in the policy or all in the scenario"),
    ],
)
def test_a_slider_that_makes_no_sense(text: str, message: str) -> None:
    with pytest.raises(BadUsage, match=message):
        asked(text)


def test_too_many_values_of_one_slider() -> None:
    with pytest.raises(BadUsage, match="1,001 values are more than 30"):
        of_author(asked("x=thresholds.front_line:0:10:0.01"), policy("phased-approach"), 5)


def test_the_number_at_a_path() -> None:
    found = stated(policy("step-down"), "transitions.stand_down.confirm")
    assert found is not None
    assert (found.value, found.unit, found.text) == (21, "days", "21")
    assert stated(policy("step-down"), "transitions.stand_down.to") is None
    assert stated(policy("step-down"), "transitions.nowhere.lag") is None


def test_the_last_slider_moves_fastest() -> None:
    sliders = tuple(of_policy(policy("phased-approach"), SCENARIO, 3))
    every = settings(sliders)
    assert len(every) == points(sliders) == 4 * 3 * 2
    assert every[start_of(sliders)] == ()
    assert every[0] == ("thresholds.front_line=2",)
    assert every[1] == ("thresholds.front_line=2", "transitions.arm_defensively.lag=28")
