"""The diagram as a picture: whole, apart, the same bytes, and refused where it would show nothing."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.text import Annotation

from sim.analysis.diagrams import Diagram
from sim.analysis.diagrams import diagram_of as drawn
from sim.api.diagrams import diagram, diagram_of
from sim.charts import Imprint, diagram_chart
from sim.charts.diagram import MOST_PHASES, MOST_TRANSITIONS
from sim.charts.text import texts
from sim.errors import BadUsage
from sim.library import Library
from sim.spec.policy import Policy
from tests.charts.layout import whole_and_apart

LIBRARY = Library([])
IMPRINT = Imprint("phased diagram x --format svg", "0")
LONG = "A phase with a very long label of about eighty characters, number {}, for testing"


def ladder(phases: int, transitions: int, label: str = "Phase {}") -> Diagram:
    """Up, down, across, and from any phase, with every kind of number on it."""
    to = [(index * 3 + 1) % phases for index in range(transitions)]
    leaves = [[f"p{(end + 1 + index) % phases}"] if (end + 1 + index) % phases != end else "any" for index, end in enumerate(to)]
    record: dict[str, Any] = {
        "kind": "policy",
        "name": "made",
        "title": "A made ladder, with a title that goes on for so long that it cannot stand in one line of its subtitle",
        "reads": {"level": {"unit": "rung"}},
        "phases": {f"p{index}": {"label": label.format(index), "min_stay": index} for index in range(phases)},
        "thresholds": {
            "line": {"dated": {"2024-10-24": 3, "2024-11-07": {"uniform": [3, 4]}}, "unit": "rung", "grade": "assumed"},
        },
        "transitions": {
            f"transition_number_{index}": {
                "from": leaves[index],
                "to": f"p{to[index]}",
                "when": "level >= line and median(level, 2, line) < 2 * level or days_in_phase > 3"
                if index % 2
                else "level < line",
                "confirm": {"days": 2, "of": 5} if index % 3 == 0 else 3,
                "lag": {"lognormal": {"p5": 3, "p95": 90}} if index % 4 else 0,
                "revocable": True,
            }
            for index in range(transitions)
        },
    }
    return drawn(Policy.model_validate(record))


CASES = {
    "one phase": ladder(1, 0),
    "two phases": ladder(2, 2),
    "seven phases": ladder(7, 14),
    "long labels": ladder(7, 3, LONG),
    "Korean": ladder(3, 4, "경고 {} 단계"),
    "the most": ladder(MOST_PHASES, MOST_TRANSITIONS),
    **{each.name: drawn(LIBRARY.load_policy(each.name).spec) for each in LIBRARY.entries("policy")},
}


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_it_is_whole_and_nothing_overlaps(case: Diagram) -> None:
    figure, boxes = whole_and_apart(lambda: diagram_chart(case, IMPRINT).figure)
    shown = " ".join(" ".join(text.get_text() for text in texts(figure)).split())
    for each in case.phases:
        assert each.label.split()[0] in shown
    for number, each in enumerate(case.transitions, 1):
        assert f"{number}. {each.name.replace('_', ' ')}" in shown
        assert "".join(each.resolved.split()) in "".join(shown.split())
    assert len(boxes) >= len(case.phases) + 2 * len(case.transitions)
    assert "Teaching model of stated positions, not a forecast." in shown


def test_arrows_go_where_the_transitions_go() -> None:
    case = ladder(5, 9)
    figure = diagram_chart(case, IMPRINT).figure
    (ax,) = figure.axes
    arrows = [each for each in ax.texts if isinstance(each, Annotation)]
    lines = [[float(x) for x in line.get_xdata()] for line in ax.lines]  # type: ignore[union-attr]
    middles = sorted({round(x[0], 3) for x in lines if len(x) == 2 and x[0] == x[1]})
    assert len(middles) == 5
    got = sorted(
        (-round(each.xyann[1], 3), middles.index(round(each.xyann[0], 3)), middles.index(round(each.xy[0], 3))) for each in arrows
    )
    wanted = [
        (end, each.to) for each in case.transitions for end in sorted({min(each.leaves), max(each.leaves)}) if end != each.to
    ]
    assert [(left, to) for _, left, to in got] == wanted


@pytest.mark.parametrize(("phases", "transitions"), [(MOST_PHASES + 1, 1), (3, MOST_TRANSITIONS + 1)])
def test_too_many_are_refused(phases: int, transitions: int) -> None:
    with pytest.raises(
        BadUsage, match=f"up to 12 phases and 40 transitions, and made has {phases} and {transitions}; --format dot"
    ):
        diagram_chart(ladder(phases, transitions), IMPRINT)


@pytest.mark.parametrize(
    ("case", "headline"),
    [
        (ladder(1, 0), "1 phase and no transition: the policy stays in Phase 0"),
        (CASES["step-down"], "3 phases, 4 transitions: 2 up, 2 down"),
        (CASES["phased-approach"], "3 phases, 2 transitions: 2 up, none down"),
    ],
)
def test_the_headline_is_counted(case: Diagram, headline: str) -> None:
    assert diagram_chart(case, IMPRINT).title == headline


def test_an_svg_says_what_it_shows() -> None:
    policy = LIBRARY.load_policy("step-down").spec
    made = diagram_of(policy, "svg", command="phased diagram step-down --format svg")
    assert made == diagram("step-down", "svg", command="phased diagram step-down --format svg", library=LIBRARY)
    root = ElementTree.fromstring(made)
    description = root.findtext("{http://www.w3.org/2000/svg}desc") or ""
    assert root.get("role") == "img"
    for said in (
        "It starts in No action.",
        "3 ease to defensive from Offensive measures to Defensive weapons when",
        "at least 28 days",
    ):
        assert said in description
    assert b"phased diagram step-down --format svg" in made
