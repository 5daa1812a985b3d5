"""The records of an exercise: values, texts, citations and conditions."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from sim.library import load_exercise
from sim.spec.exercise import Blank, Exercise, Slider, measures, phase_of, stepped
from sim.spec.exercise_texts import cited, cited_in, every_text

SHIPPED = ("fog", "hot-wash", "live-table-top", "policy-tournament", "ratchet", "read-the-trigger")


@given(st.integers(-20, 20), st.integers(1, 40), st.sampled_from([0.1, 0.5, 1, 7]))
def test_steps_lead_from_one_end_to_the_other(low: int, count: int, step: float) -> None:
    values = [float(each) for each in stepped(low, low + count * step, step)]
    assert len(values) == count + 1
    assert values[0] == low
    assert values[-1] == pytest.approx(low + count * step)
    assert [b - a for a, b in pairwise(values)] == pytest.approx([step] * count)


@pytest.mark.parametrize(("low", "high", "step"), [(0, 1, 0), (0, 1, -1), (1, 0, 1), (0, 1e308, 1e-308), (-1e308, 1e308, 1)])
def test_steps_without_sense_are_none(low: float, high: float, step: float) -> None:
    assert stepped(low, high, step) == ()


def test_values_stand_as_after_the_equals_of_set() -> None:
    slider = Slider.model_validate({"path": "a.b", "from": 1, "to": 2, "step": 0.5})
    assert slider.values == ("1", "1.5", "2")
    assert slider.path == ("a.b",)
    blank = Blank.model_validate({"ask": "?", "path": "a", "options": {"Sent": "rival:sent", "Front": 3, "Half": 2.5}})
    assert blank.values == ("rival:sent", "3", "2.5")


@pytest.mark.parametrize("more", [{}, {"from": 1, "to": 2}, {"from": 1, "to": 2, "step": 1, "options": {"a": 1}}])
def test_a_blank_has_options_or_steps(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="needs either options, or from, to and step"):
        Blank.model_validate({"ask": "?", "path": "a", **more})


def test_conditions_on_a_phase() -> None:
    assert phase_of(" phase ==  alarm ") == "alarm"
    assert phase_of("phases_seen >= 3") is None
    for wrong in ("phase >= alarm", "phase = alarm", "phase", "phase == a or level >= 3"):
        with pytest.raises(ValueError, match="phase == NAME"):
            phase_of(wrong)


def test_citations() -> None:
    text = "As said (F10), by two (H03, H04); not (Kursk), not F11, not (f12)."
    assert [fact for _, fact in cited_in(text)] == ["F10", "H03", "H04"]
    assert all(text[at : at + len(fact)] == fact for at, fact in cited_in(text))


def test_measures_of_a_pair() -> None:
    known = measures(["calm", "alarm"], ["raise"], ["level"])
    assert {"alarm.reached", "alarm.later", "calm.days", "raise.missed", "level.last", "changes", "assumed"} <= set(known)
    assert "calm.reached" not in known


_NO_TEXT = {"kind", "name", "scenarios", "policies", "figures", "evidence", "sliders", "path", "when", "to", "set"}
_NO_TEXT |= {"objective", "scenario", "policy", "label"}


def _all_texts(value: object, key: str = "") -> list[str]:
    """Every text in a record, found without any list of fields."""
    if key in _NO_TEXT:
        return []
    if isinstance(value, str):
        return [value]
    if isinstance(value, BaseModel):
        return [text for field in type(value).model_fields for text in _all_texts(getattr(value, field), field)]
    if isinstance(value, dict):
        return [text for item in value.values() for text in _all_texts(item)] if key != "options" else []
    return [text for item in value for text in _all_texts(item)] if isinstance(value, tuple) else []


@pytest.mark.parametrize("name", SHIPPED)
def test_no_text_is_forgotten(name: str) -> None:
    """What is not among the texts would be shown with its braces, and its facts would not be checked."""
    exercise: Exercise = load_exercise(name).spec
    found = sorted(filter(None, _all_texts(exercise)))
    found.remove(exercise.title)  # `phased list` shows it as it stands
    assert found == sorted(text for _, text in every_text(exercise) if text)


def test_cited_facts_are_listed_once() -> None:
    facts = cited(load_exercise("fog").spec)
    assert len(set(facts)) == len(facts)
    assert set(facts) == {"F03", "F04", "F08", "F10", "F11"}
