"""Every chart on every odd case: nothing cut off, nothing overlapping, same bytes, and no trace left behind."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest

from sim.charts import Chart, first_passage_chart, hindcast_chart, overview_chart, path_chart, render, run_chart
from sim.charts.text import texts
from sim.results import Result
from tests.charts.layout import whole_and_apart
from tests.charts.made import DEEDS, IMPRINT, first_days, grid, line, path, range_bars, result, rival, statements

LONG = [f"A phase with a very long label of about eighty characters, number {index}, for testing" for index in range(8)]
KOREAN = ["무대응", "방어용 무기", "공격용 조치"]
SPAN = (dt.date(2024, 10, 18), dt.date(2026, 2, 28))


def overlapping_lines() -> Chart:
    lines = tuple(line(f"threshold_{index}", "deployment_level", "rung", 365, 3 + index / 1000) for index in range(12))
    return run_chart(result(lines=lines), IMPRINT)


def read_otherwise(**options: Any) -> Result:
    """With two rival readings; the number of phases, and so of first passages, is the result's."""
    phases = options.get("phases", 3)
    others = (rival(first_days(365, 500, phases, [share] * 8, 3)) for share in (1.0, 0.05))
    return result(rivals=tuple(others), **options)


def read_path() -> Chart:
    one, changes = path()
    dates = np.array([[0, 365]]), np.array([[7, 12]])
    return path_chart(replace(one, rivals=tuple(rival(each, 120, single_path=True) for each in dates)), changes, IMPRINT)


CASES: dict[str, Callable[[], Chart]] = {
    "run": lambda: run_chart(result(), IMPRINT),
    "run, one day": lambda: run_chart(result(days=1), IMPRINT),
    "run, two days": lambda: run_chart(result(days=2), IMPRINT),
    "run, one phase": lambda: run_chart(result(phases=1), IMPRINT),
    "run, two phases": lambda: run_chart(result(phases=2), IMPRINT),
    "run, eight phases": lambda: run_chart(result(phases=8, shares=[0.95] * 7), IMPRINT),
    "run, long labels": lambda: run_chart(result(phases=8, labels=LONG, shares=[0.95] * 7), IMPRINT),
    "run, never": lambda: run_chart(result(shares=(0, 0)), IMPRINT),
    "run, ten years": lambda: run_chart(result(days=3650, runs=60), IMPRINT),
    "run, one path": lambda: run_chart(result(runs=1, single_path=True), IMPRINT),
    "run, no signpost": lambda: run_chart(result(fans={}, lines=()), IMPRINT),
    "run, Korean": lambda: run_chart(result(labels=KOREAN), IMPRINT),
    "run, many thresholds": overlapping_lines,
    "run, readings": lambda: run_chart(read_otherwise(), IMPRINT),
    "run, readings of eight long phases": lambda: run_chart(read_otherwise(phases=8, labels=LONG), IMPRINT),
    "path": lambda: path_chart(*path(), IMPRINT),
    "path, readings": read_path,
    "path, one day": lambda: path_chart(*path(days=1, changes=[(0, 1)]), IMPRINT),
    "path, no change": lambda: path_chart(*path(changes=[]), IMPRINT),
    "path, late changes": lambda: path_chart(*path(changes=[(7, 1), (9, 2), (100, 1), (118, 0)]), IMPRINT),
    "path, forty changes": lambda: path_chart(
        *path(days=365, changes=[(day, day // 8 % 2) for day in range(8, 328, 8)]), IMPRINT
    ),
    "path, long labels": lambda: path_chart(*path(labels=LONG, phases=8), IMPRINT),
    "first passage": lambda: first_passage_chart([result()], IMPRINT),
    "first passage, 8×1": lambda: first_passage_chart(grid(8, 1), IMPRINT),
    "first passage, 4×3": lambda: first_passage_chart(grid(4, 3), IMPRINT),
    "first passage, 8×13": lambda: first_passage_chart(grid(8, 13, runs=50), IMPRINT),
    "first passage, one day": lambda: first_passage_chart(grid(3, 1, days=1), IMPRINT),
    "first passage, one phase": lambda: first_passage_chart([result(phases=1)], IMPRINT),
    "first passage, readings": lambda: first_passage_chart([read_otherwise()], IMPRINT),
    "first passage, readings, 2×1": lambda: first_passage_chart(grid(2, 1, readings=True), IMPRINT),
    "first passage, readings, 4×1": lambda: first_passage_chart(grid(4, 1, readings=True), IMPRINT),
    "first passage, readings, 4×2": lambda: first_passage_chart(grid(4, 2, readings=True), IMPRINT),
    "first passage, readings, 4×3": lambda: first_passage_chart(grid(4, 3, readings=True), IMPRINT),
    "first passage, readings, 8×1": lambda: first_passage_chart(grid(8, 1, readings=True), IMPRINT),
    "first passage, readings of long labels": lambda: first_passage_chart(
        [read_otherwise(phases=4, labels=LONG, policy=name) for name in LONG[:3]], IMPRINT
    ),
    "first passage, long labels": lambda: first_passage_chart([result(phases=4, labels=LONG, policy=LONG[0])], IMPRINT),
    "overview, 1×1": lambda: overview_chart([result()], IMPRINT),
    "overview, 8×13": lambda: overview_chart(grid(8, 13, runs=50), IMPRINT),
    "overview, 8×1": lambda: overview_chart(grid(8, 1), IMPRINT),
    "overview, spans differ": lambda: overview_chart(grid(2, 2) + grid(2, 3, days=1)[4:], IMPRINT),
    "overview, eight long phases": lambda: overview_chart([result(phases=8, labels=LONG)], IMPRINT),
    "hindcast": lambda: hindcast_chart(statements(), DEEDS, *SPAN, IMPRINT),
    "hindcast, nothing": lambda: hindcast_chart([], [], *SPAN, IMPRINT),
}
QUICK = [name for name in CASES if "8×13" not in name and "ten years" not in name]
ONE_OF_EACH = ["run", "path", "first passage", "overview, 1×1", "hindcast"]


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_cut_off_or_overlaps_another(name: str) -> None:
    figure, boxes = whole_and_apart(lambda: CASES[name]().figure)
    bars = [bar.get_window_extent() for bar in range_bars(figure)]
    assert bool(bars) == ("readings" in name and name.startswith("first passage") and "8×1" not in name)
    for box in bars:
        assert not any(box.overlaps(other) for other in boxes.values())
        assert not any(box.overlaps(other) for other in bars if other is not box)
        assert not any(box.overlaps(ax.get_window_extent()) for ax in figure.axes)


@pytest.mark.parametrize("name", QUICK)
def test_every_chart_carries_headline_framing_command_and_version(name: str) -> None:
    chart = CASES[name]()
    words = " ".join(text.get_text() for text in texts(chart.figure)).replace("\n", " ")
    assert "Teaching model of stated positions, not a forecast." in words
    assert IMPRINT.command in words
    assert f"phased {IMPRINT.version}" in words
    assert chart.title
    assert chart.description
    assert "probab" not in f"{words} {chart.title} {chart.description}".lower()
    if not name.startswith("hindcast"):
        assert "31 of 40 numbers are assumed." in words


@pytest.mark.parametrize("name", [*ONE_OF_EACH, "first passage, readings, 4×1"])
@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_same_inputs_give_the_same_bytes(name: str, kind: str) -> None:
    assert render(CASES[name](), kind) == render(CASES[name](), kind)  # type: ignore[arg-type]


def test_rendering_twice_changes_nothing() -> None:
    chart = CASES["run"]()
    first = render(chart, "png"), render(chart, "svg")
    assert (render(chart, "png"), render(chart, "svg")) == first


@pytest.mark.parametrize("name", QUICK)
def test_svg_is_well_formed_and_holds_every_text_as_text(name: str) -> None:
    chart = CASES[name]()
    root = ElementTree.fromstring(render(chart, "svg"))
    space = "{http://www.w3.org/2000/svg}"
    drawn = {"".join(element.itertext()).strip() for element in root.iter(f"{space}text")}
    for text in texts(chart.figure):
        for part in text.get_text().split("\n"):
            assert not part.strip() or part.strip() in drawn
    assert root.get("role") == "img"
    assert root.findtext(f"{space}title") == chart.title
    assert root.findtext(f"{space}desc") == chart.description


def test_metadata_names_maker_and_command_but_no_date() -> None:
    chart = CASES["run"]()
    png, svg, pdf = (render(chart, kind) for kind in ("png", "svg", "pdf"))  # type: ignore[arg-type]
    for part in (chart.title, chart.description, IMPRINT.command, f"phased {IMPRINT.version}"):
        assert part.encode() in png
        assert part in " ".join(svg.decode().replace("&#x27;", "'").replace("&apos;", "'").split())
    assert b"phased 0.1.0" in pdf
    assert b"CreationDate" not in pdf
    assert b"dc:date" not in svg


def test_a_user_s_settings_change_nothing_and_are_kept() -> None:
    plain = render(CASES["run"](), "png")
    with matplotlib.rc_context({"font.size": 30, "lines.linewidth": 9, "svg.fonttype": "path", "text.color": "red"}):
        before = dict(matplotlib.rcParams)
        assert render(CASES["run"](), "png") == plain
        assert dict(matplotlib.rcParams) == before


def test_pyplot_is_never_imported() -> None:
    script = (
        "import sys\n"
        "from tests.charts.test_charts import CASES, ONE_OF_EACH\n"
        "from sim.charts import render\n"
        "for name in ONE_OF_EACH: render(CASES[name](), 'png')\n"
        "assert 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_markup_in_labels_is_drawn_as_it_stands() -> None:
    labels = ["No $action_1$", "50% <b>&amp;</b> \\alpha", "\u2028 {x} %s"]
    chart = run_chart(result(labels=labels, scenario_title="a & b < c", policy_title='say "no" $x^2$'), IMPRINT)
    svg = render(chart, "svg")
    assert "No $action_1$ " in "".join(ElementTree.fromstring(svg).itertext())
    assert render(chart, "png")


def test_korean_stays_text_in_svg_and_does_not_crash_png() -> None:
    chart = CASES["run, Korean"]()
    assert "방어용 무기" in render(chart, "svg").decode()
    assert render(chart, "png").startswith(b"\x89PNG")


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_dates_and_never_bare_day_numbers_on_the_x_axis(name: str) -> None:
    figure = CASES[name]().figure
    labels = [label.get_text() for ax in figure.axes for label in ax.get_xticklabels() if label.get_text()]
    assert labels
    assert all(re.fullmatch(r"(\d{1,2} )?[A-Z][a-z]{2}(\n\d{4})?|\d{4}", label) for label in labels), labels
