"""Regret by hand, by numpy, by a textbook's table, and by a plain loop over single runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from sim import api, ensemble, reference
from sim.analysis.regret import Counted, regret
from sim.analysis.sentences import regret as sentences
from sim.analysis.twin import seen_perfectly
from sim.errors import BadInput
from sim.library import Library
from sim.machine import Machine, Model, bind, compile_machine
from sim.measures import products
from sim.spec.losses import Losses

shipped = Library([])
PHASES = ("no_action", "defensive_weapons", "offensive_measures")


def losses(**stated: Any) -> Losses:
    return Losses.model_validate({"kind": "losses", "name": "made", "title": "Made", **stated})


def machines(*names: str) -> tuple[Machine, ...]:
    """The phased approach under other names: three phases, so six counts of days each."""
    model = api.model_of(shipped.load_pair("surge-to-front"))
    return tuple(replace(model.machine, name=name) for name in names)


def counted(scenario: str, days: Sequence[NDArray[np.int64]], names: Sequence[str]) -> Counted:
    """`days`: per policy (6, runs): late twice, false alarm, in each phase."""
    runs = max(each.shape[1] for each in days)
    return Counted(scenario, machines(*names), products(days, runs))


# by hand ------------------------------------------------------------------------------------------------------------------------


def test_by_hand() -> None:
    """Two runs, two policies: x is 4 and 6 days late, y has 1 and 9 days of false alarm and is 10 days in the last phase."""
    x = np.array([[4, 6], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]])
    y = np.array([[0, 0], [0, 0], [1, 9], [0, 0], [0, 0], [10, 10]])
    found = regret(
        losses(late={"defensive_weapons": 2}, false_alarm=3, in_phase={"offensive_measures": 0.5}),
        [counted("s", [x, y], ["x", "y"])],
    )
    one, other = found.tables[0].cells
    assert (one.late, one.false_alarm, one.in_phase, one.loss) == (10, 0, 0, 10)
    assert (other.late, other.false_alarm, other.in_phase, other.loss) == (0, 15, 5, 20)
    assert (one.regret, one.regret_se, other.regret) == (0, 0, 10)
    assert one.se == pytest.approx(2)  # losses 8 and 12: standard deviation √8, over √2
    assert other.se == pytest.approx(12)  # 8 and 32
    assert other.regret_se == pytest.approx(10)  # differences 0 and 20
    assert [(each.policy, each.regret, each.rank) for each in found.tables[0].worst] == [("x", 0, 1), ("y", 10, 2)]
    assert not found.tables[0].told_apart


def test_a_textbook_table() -> None:
    """Returns on stocks, bonds and the money market if rates rise, stay or fall: bonds have the least maximum regret, 5.

    The usual example of minimax regret (returns −4 4 12, −2 3 8, 3 2 1; regrets 7 0 0, 5 1 4, 0 2 11). A return is a gain: a
    loss below 0. Four is added to each, so that it is a count of days.
    """
    returns = {"stocks": (-4, 4, 12), "bonds": (-2, 3, 8), "money": (3, 2, 1)}
    scenarios = []
    for at, name in enumerate(("rise", "stay", "fall")):
        days = [np.array([[0]] * 5 + [[each[at] + 4]]) for each in returns.values()]
        scenarios.append(counted(name, days, list(returns)))
    table = regret(losses(in_phase={"offensive_measures": -1}), scenarios).tables[0]
    assert [[each.regret for each in table.cells if each.policy == name] for name in returns] == [
        [7, 0, 0],
        [5, 1, 4],
        [0, 2, 11],
    ]
    assert [(each.policy, each.regret, each.scenario, each.rank) for each in table.worst] == [
        ("stocks", 7, "rise", 2),
        ("bonds", 5, "rise", 1),
        ("money", 11, "fall", 3),
    ]
    assert (table.minimax, table.told_apart) == (("bonds",), True)


def test_policies_that_lose_alike_share_their_rank_to_the_last_bit() -> None:
    rng = np.random.default_rng(5)
    days = rng.integers(0, 400, (6, 1000))
    more = days + 1
    made = losses(late={"defensive_weapons": 0.1, "offensive_measures": 0.7}, false_alarm=0.3, in_phase={"no_action": 1.1})
    table = regret(made, [counted("s", [days, more, days], ["x", "y", "z"])]).tables[0]
    assert [each.rank for each in table.worst] == [1, 3, 1]
    assert table.cells[2].regret == table.cells[2].regret_se == 0
    assert table.minimax == ("x", "z")
    told = sentences(regret(made, [counted("s", [days, more, days], ["x", "y", "z"])]))[0]
    assert told.startswith("By made, as stated: x and z have the least maximum regret, no regret on any scenario; y ")


# by numpy -----------------------------------------------------------------------------------------------------------------------

COST = st.integers(0, 20).map(lambda each: each / 4)


@given(st.integers(0, 2**32 - 1), st.sampled_from([2, 3, 50]), st.lists(COST, min_size=6, max_size=6), st.integers(1, 3))
def test_as_numpy_has_it(seed: int, runs: int, costs: list[float], policies: int) -> None:
    rng = np.random.default_rng(seed)
    days = [rng.integers(0, 365, (6, runs if rng.random() < 0.7 else 1)) for _ in range(policies)]
    days[0] = rng.integers(0, 365, (6, runs))
    names = [f"p{at}" for at in range(policies)]
    stated = losses(
        late=dict(zip(PHASES[1:], costs[:2], strict=True)),
        false_alarm=costs[2],
        in_phase=dict(zip(PHASES, costs[3:], strict=True)),
    )
    cells = regret(stated, [counted("s", days, names)]).tables[0].cells
    lost = np.array([np.broadcast_to(np.array(costs) @ each, (runs,)) for each in days])
    best = lost[int(np.argmin(lost.mean(axis=1)))]
    for cell, mine in zip(cells, lost, strict=True):
        assert cell.loss == pytest.approx(mine.mean())
        assert cell.se == pytest.approx(mine.std(ddof=1) / runs**0.5, abs=1e-9)
        assert cell.regret == pytest.approx((mine - best).mean(), abs=1e-9)
        if cell.regret > 1e-9:
            assert cell.regret_se == pytest.approx((mine - best).std(ddof=1) / runs**0.5, abs=1e-6)


@given(st.integers(0, 2**32 - 1), st.integers(1, 9000))
def test_products_are_exact_and_add_up(seed: int, runs: int) -> None:
    rng = np.random.default_rng(seed)
    rows = [rng.integers(0, 40_000, (2, runs)), rng.integers(0, 40_000, (1, 1))]
    whole = np.concatenate([np.ones((1, runs), np.int64), rows[0], np.broadcast_to(rows[1], (1, runs))])
    expected = whole @ whole.T
    np.testing.assert_array_equal(products(rows, runs), expected)
    cut = runs // 3
    parts = [products([rows[0][:, :cut], rows[1]], cut), products([rows[0][:, cut:], rows[1]], runs - cut)]
    np.testing.assert_array_equal(sum(parts), expected)


# run by run ---------------------------------------------------------------------------------------------------------------------

RUNS, DAYS, SEED = 32, 90, 2


def days_of(model: Model, twin: Model, run: int) -> list[int]:
    """Days late per phase above the lowest, of false alarm, and in each phase, of one run by the plain loop."""
    own, ideal = (reference.walk(each, SEED, run, run).phases for each in (model, twin))

    def first(phases: Sequence[int], rank: int) -> int:
        return next((day for day, phase in enumerate(phases) if phase >= rank), DAYS)

    late = [max(0, first(own, rank) - first(ideal, rank)) for rank in (1, 2)]
    alarm = sum(x > y for x, y in zip(own, ideal, strict=True))
    return [*late, alarm, *(own.count(rank) for rank in range(3))]


@pytest.mark.parametrize("against", [None, "phased-approach", "allied-coordinated"])
@pytest.mark.parametrize("scenario", ["ambiguous-intelligence-uncertain", "surge-to-front"])
def test_as_run_by_run(scenario: str, against: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In blocks of 15 runs; `surge-to-front` is one path, on which only the policy with an uncertain lag is not."""
    monkeypatch.setattr(ensemble, "BLOCK", 15)
    rule = f"against: {against}\n" if against else ""
    text = "late: {defensive_weapons: 1, offensive_measures: 2.5}\nfalse_alarm: 0.75\nin_phase: {offensive_measures: 0.1}\n"
    (tmp_path / "mine.yaml").write_text(f"kind: losses\nname: mine\ntitle: T\n{rule}{text}")
    policies = ["step-down", "hair-trigger", "restrained"]
    done = api.compare(
        [scenario], policies, losses=str(tmp_path / "mine.yaml"), runs=RUNS, seed=SEED, sets=[f"days={DAYS}"], library=shipped
    )
    assert done.regret is not None
    costs = np.array([1, 2.5, 0.75, 0, 0, 0.1])
    lost = []
    for policy in policies:
        model = api.model_of(shipped.load_pair(scenario, policy, [f"days={DAYS}"]))
        machine = compile_machine(shipped.load_policy(against).spec, model.world.start) if against else model.machine
        twin = seen_perfectly(bind(model.world, machine))
        lost.append([costs @ days_of(model, twin, run) for run in range(RUNS)])
    means = np.mean(lost, axis=1)
    for cell, mine in zip(done.regret.tables[0].cells, lost, strict=True):
        assert cell.loss == pytest.approx(np.mean(mine))
        assert cell.se == pytest.approx(np.std(mine, ddof=1) / RUNS**0.5, abs=1e-9)
        assert cell.regret == pytest.approx(np.mean(mine) - means.min(), abs=1e-9)
    if against is None:
        assert done.regret.tables[0].cells[2].late == 0  # its own rule never asks for anything


# files --------------------------------------------------------------------------------------------------------------------------


def wrong(tmp_path: Path, text: str, *policies: str) -> str:
    (tmp_path / "mine.yaml").write_text(f"kind: losses\nname: mine\ntitle: T\n{text}")
    loaded = api.pairs_of(["surge-to-front"], policies or ["phased-approach", "restrained"], library=shipped)
    with pytest.raises(BadInput) as error:
        api.losses_of(str(tmp_path / "mine.yaml"), loaded, library=shipped)
    return str(error.value)


def test_phases_that_no_policy_has_and_rules_that_do_not_fit(tmp_path: Path) -> None:
    said = wrong(tmp_path, "late: {defensive_weapon: 1}\nweights: {w: {in_phase: {peace: 2}}}\n")
    assert "mine.yaml:4:8: late.defensive_weapon: unknown phase 'defensive_weapon'; did you mean 'defensive_weapons'?" in said
    assert "mine.yaml:5:26: weights.w.in_phase.peace: unknown phase 'peace'; choose no_action" in said
    said = wrong(tmp_path, "against: phased-aproach\nlate: {defensive_weapons: 1}\n")
    assert "mine.yaml:4:10: against: unknown policy 'phased-aproach'; did you mean 'phased-approach'?" in said
    other = "kind: policy\nname: other\ntitle: T\nphases: {no_action: {}, defensive_weapons: {}}\ntransitions: {}\n"
    (tmp_path / "other.yaml").write_text(other)
    said = wrong(
        tmp_path, "against: phased-approach\nlate: {defensive_weapons: 1}\n", "phased-approach", str(tmp_path / "other.yaml")
    )
    assert "against: other has other phases than phased-approach" in said


def test_the_rule_is_as_compared_where_it_is_compared(tmp_path: Path) -> None:
    """`--set` changes the policy that is compared, and so the rule that says when a phase is due."""
    (tmp_path / "mine.yaml").write_text(
        "kind: losses\nname: mine\ntitle: T\nagainst: phased-approach\nlate: {defensive_weapons: 1}\n"
    )
    late = []
    for sets in ((), ("transitions.arm_defensively.lag=10", "transitions.go_offensive.confirm=2")):
        stated, policies = str(tmp_path / "mine.yaml"), ["phased-approach", "step-down"]
        done = api.compare(["surge-to-front"], policies, losses=stated, sets=sets, library=shipped)
        assert done.regret
        late.append([each.late for each in done.regret.tables[0].cells])
    assert late == [[0, 0], [0, 0]]
