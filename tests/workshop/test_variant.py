"""The lines of the policy file that a page saves from its sliders: filled in as the page does it, and read by the loader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim.library import Library
from sim.workshop.sliders import Slider, stated
from sim.workshop.variant import VALUE, lines, name_of


def sliders(*groups: str) -> list[Slider]:
    """One for each group of paths of `step-down`, with commas between."""
    spec = Library().load_policy("step-down").spec
    found = []
    for group in groups:
        paths = tuple(group.split(","))
        told = stated(spec, paths[0])
        assert told is not None
        found.append(Slider(group, paths, (told.value,), told))
    return found


GROUPS = (
    "thresholds.front_line",
    "transitions.arm_defensively.confirm,transitions.go_offensive.confirm",
    "phases.defensive_weapons.min_stay",
    "transitions.arm_defensively.lag",
)


@pytest.mark.parametrize("moved", [{}, {0: 2.5}, {1: 9}, {1: 9, 3: 4}, {0: 2, 1: 3, 2: 5, 3: 7}])
def test_only_what_was_moved_differs(tmp_path: Path, moved: dict[int, float]) -> None:
    pair = Library().load_pair("surge-to-front", "step-down")
    told = lines(pair, "step-down", sliders(*GROUPS))
    kept = [(text, of) for text, of in told if not of or any(each in moved for each in of)]
    file = tmp_path / "moved.yaml"
    file.write_text("\n".join(text.replace(VALUE, str(moved.get(of[0])) if of else VALUE) for text, of in kept), "utf-8")
    spec = Library().load_policy(str(file)).spec
    assert spec.name == name_of(pair.policy.spec) == "step-down-changed"
    for place, slider in enumerate(sliders(*GROUPS)):
        for path in slider.paths:
            before, now = stated(pair.policy.spec, path), stated(spec, path)
            assert before is not None
            assert now is not None
            if place in moved:
                assert (now.value, now.unit, now.grade, now.evidence) == (moved[place], before.unit, "assumed", ())
            else:
                assert now == before


def test_a_heading_stands_where_any_number_below_it_was_moved() -> None:
    told = dict(lines(Library().load_pair("surge-to-front", "step-down"), "step-down", sliders(*GROUPS)))
    assert told["transitions:"] == [1, 3]
    assert told["  go_offensive:"] == [1]
    assert told["kind: policy"] == []


def test_a_title_is_text_whatever_stands_in_it(tmp_path: Path) -> None:
    title = 'a: "b" \\ # {value} \u2028 …'
    file = tmp_path / "odd.yaml"
    file.write_text(f"kind: policy\nname: odd\ntitle: {json.dumps(title)}\nextends: step-down\n", "utf-8")
    pair = Library().load_pair("surge-to-front", str(file))
    saved = tmp_path / "saved.yaml"
    saved.write_text("\n".join(text for text, _ in lines(pair, str(file), [])), "utf-8")
    assert Library().load_policy(str(saved)).spec.title == f"{title}, with changed numbers"
