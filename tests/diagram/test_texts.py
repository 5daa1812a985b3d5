"""Mermaid and DOT: every phase, arrow, guard and count of days, whatever the names and labels are."""

from __future__ import annotations

import re
from typing import Any

import pydot
import pytest

from sim.analysis import diagrams
from sim.api.diagrams import diagram_of
from sim.charts.style import phase_colours
from sim.diagram.words import text_on
from sim.library import Library
from sim.spec.policy import Policy

LIBRARY = Library([])
POLICIES = [each.name for each in LIBRARY.entries("policy")]

ODD_LABELS = [
    'a "quoted" : label; with # hash',
    "<script>alert(1)</script> & <b>",
    "--> %% comment",
    "경고 단계",
    "`code` {x} [y] |z| ~t~ \\n \\",
    "end",
    'state "x" as y',
    "#35; #quot; &amp; *em* _so_",
]
ODD_NAMES = ["end", "state", "note", "graph", "default", "direction", "__proto__", "node"]
ODD: dict[str, Any] = {
    "kind": "policy",
    "name": "odd",
    "title": 'Odd: "title" <b> --> %% # ; end',
    "reads": {"level": {"unit": "u"}},
    "phases": {name: {"label": label} for name, label in zip(ODD_NAMES, ODD_LABELS, strict=True)},
    "initial": "note",
    "thresholds": {
        "t": {"value": 1, "unit": 'u "q"; -->', "grade": "assumed"},
        "dated": {"dated": {"2024-10-24": 4, "2024-11-07": {"value": 3.5, "grade": "assumed"}}, "unit": "u", "grade": "assumed"},
    },
    "transitions": {
        "end": {"from": "any", "to": "state", "when": "level >= t and not (level < 2 or level != 3)"},
        "edge": {"from": "end", "to": "node", "when": "t - dated < level - t", "lag": {"uniform": [2, 8]}, "revocable": True},
        "graph": {"from": ["end", "note"], "to": "default", "when": "level > 1", "confirm": {"days": 2, "of": 3}},
    },
}
GIVEN = [*((name, LIBRARY.load_policy(name).spec) for name in POLICIES), ("odd", Policy.model_validate(ODD))]


def edges(policy: Policy) -> list[tuple[str, str, str]]:
    """(phase left, phase entered, transition), read from the record."""
    found = []
    for name, each in policy.transitions.items():
        leaves = [phase for phase in policy.phases if phase != each.to] if each.from_ == ("any",) else list(each.from_)
        found += [(phase, each.to, name) for phase in policy.phases if phase in leaves]
    return found


def decoded(text: str) -> list[str]:
    """The lines that Mermaid draws: `#62;` is a character by its number."""
    return [re.sub(r"#(\d+);", lambda found: chr(int(found[1])), line) for line in text.split("<br/>")]


@pytest.mark.parametrize(("name", "policy"), GIVEN, ids=[name for name, _ in GIVEN])
def test_mermaid(name: str, policy: Policy) -> None:  # noqa: ARG001 - names the case
    lines = diagram_of(policy, "mermaid").decode().splitlines()
    assert lines[0] == "stateDiagram-v2"
    states = [re.fullmatch(r'  state "([^"]*)" as (phase_\w+)', line) for line in lines if line.startswith("  state ")]
    assert [(decoded(found[1])[0], found[2]) for found in states if found] == [
        (" ".join((each.label or key).split()), f"phase_{key}") for key, each in policy.phases.items()
    ]
    arrows = [
        re.fullmatch(r"  (\S+) --> (\S+)(?: : ([^:;\"<>]*(?:(?:#\d+;|<br/>)[^:;\"<>]*)*))?", line)
        for line in lines
        if " --> " in line
    ]
    assert all(arrows)
    start, *rest = [found for found in arrows if found]
    assert (start[1], start[2]) == ("[*]", f"phase_{policy.initial or next(iter(policy.phases))}")
    assert [(found[1], found[2], decoded(found[3])[0].partition(". ")[2]) for found in rest] == [
        (f"phase_{left}", f"phase_{to}", transition) for left, to, transition in edges(policy)
    ]
    whole = " ".join(decoded("<br/>".join(found[3] for found in rest)))
    assert all(each.resolved in whole for each in diagrams.diagram_of(policy).transitions)
    about = " ".join(decoded(next(line for line in lines if line.startswith("  note "))))
    assert "Teaching model of stated" in about
    assert sum(line.startswith("  classDef ") for line in lines) == len(policy.phases)


@pytest.mark.parametrize(("name", "policy"), GIVEN, ids=[name for name, _ in GIVEN])
@pytest.mark.filterwarnings("ignore:.* deprecated - use:DeprecationWarning")  # of pydot's own reading
def test_dot_as_pydot_reads_it(name: str, policy: Policy) -> None:  # noqa: ARG001 - names the case
    (graph,) = pydot.graph_from_dot_data(diagram_of(policy, "dot").decode()) or ()
    assert graph.get_type() == "digraph"
    nodes = {unquoted(each.get_name())[0]: each for each in graph.get_nodes() if each.get_name() not in ("node", "edge", "graph")}
    assert list(nodes) == ["start.", *policy.phases]
    labels = [unquoted(nodes[key].get("label"))[0] for key in policy.phases]
    assert labels == [" ".join((each.label or key).split()) for key, each in policy.phases.items()]
    assert [nodes[key].get("fillcolor").strip('"') for key in policy.phases] == list(phase_colours(len(policy.phases)))
    start, *rest = graph.get_edges()
    assert [unquoted(end)[0] for end in (start.get_source(), start.get_destination())] == [
        "start.",
        policy.initial or next(iter(policy.phases)),
    ]
    got = [
        (*(unquoted(end)[0] for end in (each.get_source(), each.get_destination())), unquoted(each.get("label"))) for each in rest
    ]
    assert [(left, to, lines[0].partition(". ")[2]) for left, to, lines in got] == edges(policy)
    whole = " ".join(" ".join(lines) for *_, lines in got)
    assert all(each.resolved in whole for each in diagrams.diagram_of(policy).transitions)
    assert "Teaching model of stated positions, not a forecast." in " ".join(unquoted(graph.get("label")))


def unquoted(text: str) -> list[str]:
    """The lines of a quoted string of DOT, with its escapes undone."""
    inner = text[1:-1] if text.startswith('"') else text
    parts = re.findall(r"\\.|[^\\]", inner, re.DOTALL)
    return "".join("\n" if part == "\\n" else part[-1] for part in parts).split("\n")


@pytest.mark.parametrize("fill", [f"#{value:02x}{value:02x}{value:02x}" for value in range(0, 256, 5)] + list(phase_colours(9)))
def test_text_stands_out_on_its_fill(fill: str) -> None:
    light = [int(fill[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in light]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    contrast = 1.05 / (luminance + 0.05) if text_on(fill) == "#ffffff" else (luminance + 0.05) / 0.05
    assert contrast >= 4.5
