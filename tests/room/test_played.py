"""The world as it was played is a scenario file, and gives the same path to everybody else."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.api import path
from sim.library import Library
from sim.room import Room
from sim.room.played import Put, scenario_text
from sim.room.state import Change
from tests.cli.shell import phased_json
from tests.room.made import EXERCISE, Watch, exercise_file, room_of


def test_phased_path_gives_the_path_that_was_played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through the command, on the file of the debrief, which knows nothing of the room."""
    room = room_of(tmp_path, Watch())
    room.advance()
    room.set_noise("deployment_level", 3)
    room.set_level("deployment_level", 1)
    room.advance()
    room.release("second.sets")
    room.set_noise("observer_kyiv", 0.5)
    played, model = room._played_file(room._state), room.facilitator_view()["model"]
    course = room._scene().course
    room.close()
    (tmp_path / "played.yaml").write_text(played, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    told = phased_json("path", "./played.yaml", "--run", 1)
    assert told["phase"] == list(course.report.phase)
    assert [each["date"] for each in told["path"] if each["date"] <= "2024-11-12"] == [each["date"] for each in model["path"]]
    assert [each["because"]["values"] for each in told["path"]] == [dict(each.values) for each in course.report.path]
    plain = phased_json("path", "surge-to-front-uncertain", "--policy", "phased-approach", "--run", 1)
    assert plain["phase"] != told["phase"]  # what was put into the world made a difference


def test_an_exercise_of_ones_own_is_named_by_its_files(tmp_path: Path) -> None:
    """A scenario that is not shipped is extended where it lies."""
    (tmp_path / "own-world.yaml").write_text(
        "kind: scenario\nname: own-world\ntitle: Own\nextends: surge-to-front-uncertain\n", encoding="utf-8"
    )
    text = EXERCISE.replace("scenarios: [surge-to-front-uncertain]", "scenarios: [own-world]").replace(
        "scenario: surge-to-front-uncertain", "scenario: own-world"
    )
    room = Room.create(tmp_path / "own.room", str(exercise_file(tmp_path, text)), library=Library([tmp_path]), measure=False)
    room.advance()
    room.set_level("deployment_level", 4)
    played, phases = room._played_file(room._state), room._scene().course.report.phase
    room.close()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "played.yaml").write_text(played, encoding="utf-8")
    assert path(str(tmp_path / "out" / "played.yaml")).report.phase == phases


_DAYS = st.integers(0, 60).map(lambda day: (dt.date(2024, 10, 24) + dt.timedelta(days=day)).isoformat())
_TITLES = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1, max_size=30).filter(str.strip)


@st.composite
def puts(draw: st.DrawFn) -> list[Put]:
    found = []
    for _ in range(draw(st.integers(0, 6))):
        level = draw(st.booleans())
        name = draw(st.sampled_from(["deployment_level", "troops_in_russia"] if level else ["deployment_level", "observer_kyiv"]))
        value = float(draw(st.integers(0, 4))) if level else draw(st.sampled_from([0.0, 0.5, 1.0, 3.0]))
        change = Change("level" if level else "noise", name, value, 0, None)
        found.append(Put(change, draw(_DAYS), draw(_TITLES), draw(_TITLES), draw(_TITLES)))
    return found


@pytest.fixture(scope="module")
def library() -> Library:
    return Library()


@given(made=puts())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_changes_make_a_file_that_loads_and_says_them(made: list[Put], tmp_path: Path, library: Library) -> None:
    base = library.load_scenario("surge-to-front-uncertain").spec
    text = scenario_text(base, "surge-to-front-uncertain", "phased-approach", made, "As it was played.\nSecond line.")
    file = tmp_path / "played.yaml"
    file.write_text(text, encoding="utf-8")
    loaded = library.load_scenario(str(file)).spec
    last = {(put.change.kind, put.change.name, put.on): put.change.value for put in made}
    found = {
        (kind, name, inject.on): number.fixed
        for inject in loaded.injects.values()
        for kind, numbers in (("level", inject.set), ("noise", inject.noise))
        for name, number in numbers.items()
    }
    assert found == last


def test_a_change_takes_the_place_of_the_scenarios_own_on_the_same_day(tmp_path: Path) -> None:
    """Two values of one variable on one day would be an error of the file."""
    inject = "injects:\n  reported:\n    on: day 3\n    title: T\n    set: {deployment_level: 3, special_forces: 1}\n"
    own = f"kind: scenario\nname: own\ntitle: Own\nextends: surge-to-front-uncertain\n{inject}"
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    base = Library([tmp_path]).load_scenario(str(tmp_path / "own.yaml")).spec
    put = Put(Change("level", "deployment_level", 1.0, 0, None), "2024-10-27", "T", "S", "R")
    text = scenario_text(base, "./own.yaml", "phased-approach", [put], "")
    (tmp_path / "played.yaml").write_text(text, encoding="utf-8")
    (only,) = Library([tmp_path]).load_scenario(str(tmp_path / "played.yaml")).spec.injects.values()
    assert {name: number.fixed for name, number in only.set.items()} == {"deployment_level": 1.0, "special_forces": 1.0}


def test_a_file_of_fewer_days_leaves_out_what_comes_after(tmp_path: Path) -> None:
    """For the chart of a debrief, which ends at the last date that was played."""
    injects = "injects:\n" + "".join(f"  on_{day}: {{on: day {day}, title: T, set: {{special_forces: 1}}}}\n" for day in (3, 30))
    own = f"kind: scenario\nname: own\ntitle: Own\nextends: surge-to-front-uncertain\n{injects}"
    (tmp_path / "own.yaml").write_text(own, encoding="utf-8")
    base = Library([tmp_path]).load_scenario(str(tmp_path / "own.yaml")).spec
    put = Put(Change("noise", "deployment_level", 2.0, 0, None), "2024-10-27", "T", "S", "R")
    text = scenario_text(base, "./own.yaml", "phased-approach", [put], "", 20)
    (tmp_path / "played.yaml").write_text(text, encoding="utf-8")
    cut = Library([tmp_path]).load_scenario(str(tmp_path / "played.yaml")).spec
    assert cut.days.fixed == 20
    assert [*cut.injects] == ["on_3", "played_1"]
    whole = path(str(tmp_path / "own.yaml"), run=3).report.phase
    assert (
        path(str(tmp_path / "played.yaml"), run=3, sets=["injects.played_1.noise.deployment_level=1"]).report.phase == whole[:20]
    )


def test_before_the_date_of_a_change_the_world_is_the_same(tmp_path: Path) -> None:
    room = room_of(tmp_path, Watch())
    room.advance()
    room.advance()
    before = room._scene().course
    room.set_level("deployment_level", 0)
    room.set_noise("deployment_level", 2)
    after = room._scene().course
    room.close()
    day = before.day(dt.date(2024, 11, 12))
    for name, values in before.trace.variables.items():
        assert after.trace.variables[name][:day] == values[:day]
    for name, values in before.trace.signposts.items():
        assert after.trace.signposts[name][:day] == values[:day]
    assert after.trace.variables["deployment_level"][day] == 0.0
    assert after.trace.variables["deployment_level"] != before.trace.variables["deployment_level"]
