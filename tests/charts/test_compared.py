"""Where policies part, and regret as a table: nothing cut off, nothing overlapping, numbers readable, words computed."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from sim.analysis.disagreement import Disagreement, Parted
from sim.analysis.regret import Loss, Regret, RegretTable, Worst
from sim.charts import Chart, disagreement_chart, regret_chart, render
from sim.charts.text import texts
from sim.errors import BadUsage
from sim.results import FirstPassage, Grades
from tests.charts.layout import whole_and_apart
from tests.charts.made import IMPRINT, START, grid

RUNS = 500


def parting(scenario: str, a: str, b: str, share: float, *, days: int = 365, single_path: bool = False) -> Disagreement:
    """Runs that part at random in the first half, and half of which meet again."""
    rng = np.random.default_rng(7)
    runs = 1 if single_path else RUNS
    first = np.bincount(rng.integers(0, max(days // 2, 1), round(share * runs)), minlength=days)
    apart = np.cumsum(first) - np.cumsum(first // 2)
    parted = (Parted("phase_0", "phase_1", int(first.sum())),) if first.sum() else ()
    return Disagreement(scenario, a, b, START, FirstPassage(runs, first, single_path), apart, parted)


def partings(policies: int, scenarios: int, *, days: int = 365, shares: tuple[float, ...] = (0.98, 0.03, 0.5, 0)) -> Chart:
    results = grid(policies, scenarios, days=days)
    names = list(dict.fromkeys(each.policy for each in results))
    where = list(dict.fromkeys(each.scenario for each in results))
    pairs = [(names[0], other) for other in names[1:]]
    found = [
        parting(scenario, a, b, shares[(at + place) % len(shares)], days=days)
        for at, scenario in enumerate(where)
        for place, (a, b) in enumerate(pairs)
    ]
    return disagreement_chart(found, results, IMPRINT)


def table(policies: int, scenarios: int, *, size: float = 100, weights: int = 2) -> Chart:
    results = grid(policies, scenarios)
    names = list(dict.fromkeys(each.policy for each in results))
    where = list(dict.fromkeys(each.scenario for each in results))
    rng = np.random.default_rng(3)
    lost = rng.uniform(0, size, (scenarios, policies))
    regrets = lost - lost.min(axis=1, keepdims=True)
    cells = tuple(
        Loss(scenario, policy, float(lost[s, p]), 0, 0, size / 50, float(regrets[s, p]), size / 50 if regrets[s, p] else 0)
        for s, scenario in enumerate(where)
        for p, policy in enumerate(names)
    )
    most = regrets.max(axis=0)
    worst = tuple(
        Worst(policy, float(most[p]), size / 50, where[int(regrets[:, p].argmax())], 1 + int((most < most[p]).sum()))
        for p, policy in enumerate(names)
    )
    sets = ("as stated", *(f"another_set_of_weights_{at}" for at in range(weights)))
    tables = tuple(RegretTable(name, None, cells, worst) for name in sets)
    told = Regret("example", "Example, not a recommendation", "points", None, Grades(0, 0, 0, 5), tables)
    return regret_chart(told, results, IMPRINT)


CASES: dict[str, Callable[[], Chart]] = {
    "disagreement, 2×1": lambda: partings(2, 1),
    "disagreement, never": lambda: partings(2, 1, shares=(0,)),
    "disagreement, one day": lambda: partings(2, 1, days=1, shares=(1,)),
    "disagreement, 3×2": lambda: partings(3, 2),
    "disagreement, 8×1": lambda: partings(8, 1),
    "disagreement, 2×13": lambda: partings(2, 13),
    "disagreement, 8×13": lambda: partings(8, 13),
    "regret, 2×1": lambda: table(2, 1),
    "regret, none": lambda: table(1, 1),
    "regret, millions": lambda: table(3, 2, size=5e6),
    "regret, 8×2": lambda: table(8, 2, weights=0),
    "regret, 2×13": lambda: table(2, 13, weights=4),
    "regret, 8×13": lambda: table(8, 13),
}


@pytest.mark.parametrize("name", CASES)
def test_no_text_is_cut_off_or_overlaps_another(name: str) -> None:
    whole_and_apart(lambda: CASES[name]().figure)


@pytest.mark.parametrize("name", ["disagreement, 3×2", "regret, 8×2"])
def test_framing_metadata_and_bytes(name: str) -> None:
    chart = CASES[name]()
    words = " ".join(text.get_text() for text in texts(chart.figure)).replace("\n", " ")
    assert "Teaching model of stated positions, not a forecast." in words
    assert "31 of 40 numbers are assumed." in words
    assert IMPRINT.command in words
    assert "probab" not in f"{words} {chart.title} {chart.description}".lower()
    svg = render(chart, "svg")
    root = ElementTree.fromstring(svg)
    assert root.findtext("{http://www.w3.org/2000/svg}desc") == chart.description
    assert render(CASES[name](), "svg") == svg
    assert render(CASES[name](), "png") == render(chart, "png")


def words(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text().split()) for text in texts(figure))


def test_headlines_are_computed() -> None:
    assert partings(2, 1).title == "phased-approach and hair-trigger disagree in 98% of simulated runs"
    assert partings(2, 1, shares=(0,)).title == "The policies stand in the same phase on every day of every simulated run"
    assert partings(2, 2).title.startswith("Policies disagree in 3% to 98% of simulated runs, the most: phased-approach and")
    chart = partings(2, 1)
    assert "ever in 98% (96% to 99%), in half of all runs by 2025-01-" in words(chart.figure)
    least = table(2, 1).title
    assert re.fullmatch(r"Least maximum regret by the losses of example: [\w-]+, no regret on any scenario", least)
    assert "None of them is the right one." in words(table(2, 1).figure)


def test_one_path_has_no_share() -> None:
    results = grid(2, 1)
    a, b = (each.policy for each in results)
    chart = disagreement_chart([parting(results[0].scenario, a, b, 1, single_path=True)], results, IMPRINT)
    assert "one path, differs" in words(chart.figure)
    assert "Monte Carlo" not in words(chart.figure)
    with pytest.raises(BadUsage, match="no two policies"):
        disagreement_chart([], results, IMPRINT)


def luminance(colour: object) -> float:
    parts = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in to_rgb(colour)]  # type: ignore[arg-type]
    return float(np.dot(parts, [0.2126, 0.7152, 0.0722]))


def test_numbers_are_readable_on_every_cell_and_cells_are_grey() -> None:
    """A contrast of 4.5 to 1 or more, by WCAG 2; the darker the greater the regret."""
    figure = table(8, 13).figure
    (ax,) = figure.axes
    boxes = [patch for patch in ax.patches if isinstance(patch, Rectangle) and patch.get_edgecolor()[3] > 0]
    assert len(boxes) == 8 * 13
    shades = []
    for box in boxes:
        face = to_rgb(box.get_facecolor())
        assert face[0] == face[1] == face[2]
        inside = [
            text
            for text in ax.texts
            if box.get_x() <= text.get_position()[0] <= box.get_x() + box.get_width()
            and box.get_y() <= text.get_position()[1] <= box.get_y() + box.get_height()
        ]
        assert len(inside) == 2
        for text in inside:
            light, dark = sorted([luminance(face), luminance(text.get_color())], reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, text.get_text()
        shades.append((float(inside[0].get_text().split(" ± ")[0]), face[0]))
    ordered = [shade for _, shade in sorted(shades)]
    assert all(later <= earlier + 1e-9 for earlier, later in itertools.pairwise(ordered))
