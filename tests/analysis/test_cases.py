"""Cases by replications: each cell is the run that the plain loop makes of that case and that replication."""

from __future__ import annotations

from contextlib import closing

import numpy as np
import pytest

from sim import api
from sim.analysis import cases
from sim.analysis.cases import CaseWork, all_measures, measures_named
from sim.api.designs import evaluate, simulated, study
from sim.errors import BadUsage
from sim.library import Library
from sim.reference import walk
from sim.work import How, parts

SETS = ("days=60", "signposts.deployment_level.delay=2")


def work(cases_: int = 6, replications: int = 3, **more: object) -> CaseWork:
    pair = Library().load_pair("surge-to-front-uncertain", "step-down", SETS)
    model = api.model_of(pair)
    given = {"variables.deployment_level.path.2024-10-31": np.array([2.0, 3, 4] * cases_)[:cases_]}
    return CaseWork(model, 5, cases_, replications, given, all_measures(model), **more)  # type: ignore[arg-type]


def test_every_cell_is_the_run_of_its_case_and_replication() -> None:
    job = work(first_replication=4)
    found = simulated(job, How())
    assert found.shape == (len(job.measures), 6, 3)
    for case in range(6):
        given = {path: float(values[case]) for path, values in job.given.items()}
        for replication in range(3):
            trace = walk(job.model, job.seed, case, replication + 4, given)
            for index, measure in enumerate(job.measures):
                reached = [day for day, phase in enumerate(trace.phases) if phase >= measure.phase]
                told = {
                    "days": sum(phase == measure.phase for phase in trace.phases),
                    "first": reached[0] if reached else 60,
                    "reached": bool(reached),
                }
                assert found[index, case, replication] == told[measure.kind]


def test_reached_by_a_day_counts_that_day() -> None:
    job = work(1, 1)
    first = int(simulated(job, How())[[each.name for each in job.measures].index("defensive_weapons.first"), 0, 0])
    (reached,) = measures_named(job.model, ["defensive_weapons.reached"])
    for by, told in ((first - 1, 0), (first, 1)):
        asked = cases.Measure(reached.phase, reached.name, reached.label, by)
        narrowed = CaseWork(job.model, job.seed, 1, 1, job.given, (asked,))
        assert simulated(narrowed, How())[0, 0, 0] == told


def test_blocks_are_whole_cases_and_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = simulated(work(20), How())
    monkeypatch.setattr(cases, "ROWS", 7)
    job = work(20)
    assert job.blocks(job.rows)[:2] == [range(6), range(6, 12)]
    np.testing.assert_array_equal(simulated(job, How()), whole)
    np.testing.assert_array_equal(simulated(job, How(workers=2)), whole)
    assert len(work(3, 50).blocks(150)) == 3  # a case is never split


def test_a_part_keeps_the_rows_only_where_asked() -> None:
    job = work(2, 2, table=True)
    with closing(parts(job, job.rows, How())) as found:
        (part,) = found
    assert part.table is not None
    np.testing.assert_array_equal(part.table.factors["variables.deployment_level.path.2024-10-31"], [2, 2, 3, 3])


def test_measures_are_named_as_everywhere() -> None:
    model = work().model
    assert [each.name for each in measures_named(model, ())] == ["defensive_weapons.first", "offensive_measures.first"]
    with pytest.raises(BadUsage, match=r"did you mean .defensive_weapons\.first."):
        measures_named(model, ["defensive_weapon.first"])


def test_without_daily_noise_one_replication_is_enough() -> None:
    pair = Library().load_pair("surge-to-front", None, ["transitions.arm_defensively.confirm={uniform: [1, 20]}"])
    about = study(pair, replications=50)
    assert about.replications == 1
    run = evaluate(about, measures_named(about.model, ["defensive_weapons.first"]), How())
    np.testing.assert_array_equal(run(np.array([[1.0], [8.0], [20.0]]))[0, :, 0], [7, 14, 26])
