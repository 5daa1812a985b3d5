"""Regret as a table: policies and scenarios, light to dark by size, with the maximum over scenarios and the ranks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from sim.analysis.regret import Loss, Regret, RegretTable
from sim.analysis.sentences import amount, regret
from sim.charts.page import Frame, Page
from sim.charts.records import Chart, Imprint
from sim.charts.style import BODY, GREY, INK, LABEL, SMALL, styled
from sim.charts.text import height, width, wrap
from sim.charts.words import Names, joined, listed, small_print
from sim.errors import every
from sim.framing import assumed
from sim.results import Result

_LIGHT, _DARK = 255, 70
"""grey levels of no regret and of the greatest"""
_SIDE = 2.1
_CELL = 1.12
_HIGH = 0.44
_LOW = 0.3
"""of a line below the table"""
_GAP = 0.14
"""inches between the scenarios and what is said of all of them"""


@dataclass(frozen=True)
class _Box:
    text: str
    small: str = ""
    shade: float | None = None
    """0 to 1; None: not a cell of the table"""
    bold: bool = False


def regret_chart(told: Regret, results: Sequence[Result], imprint: Imprint) -> Chart:
    """By the losses as stated, cell by cell; under the other weights, the rank. `results` are those of the policies compared."""
    names = Names(results)
    stated = told.tables[0]
    headline = [_headline(stated, told, names)]
    extra = [
        f"Large: expected regret ± Monte Carlo standard error, in {told.unit}: the loss (small) less the least of its scenario. "
        "Bold: least maximum regret. Rank 1: the least.",
        f"Of the losses {assumed([told.grades])} None of them is the right one. Late and in false alarm: against "
        f"{told.against or 'each policy by its own rule'}, with perfect sight.",
    ]
    if doubtful := [table.weights for table in told.tables if not table.told_apart]:
        extra.append(f"Sampling alone may order the first two policies so: {every(doubtful)}.")
    frame = Frame(headline, f"{told.losses}: {told.title}", small_print(results, imprint, extra, shares=False))
    with styled():
        page = _draw(told, names, frame)
        return Chart(page.finish(), joined(headline), _description(told, stated, headline), imprint)


def _headline(table: RegretTable, told: Regret, names: Names) -> str:
    who = every([names.policies[each] for each in table.minimax])
    least = next(each for each in table.worst if each.rank == 1)
    size = f"{least.regret:,.1f} {told.unit}" if least.regret else "no regret on any scenario"
    return f"Least maximum regret by the losses of {told.losses}: {who}, {size}"


def _draw(told: Regret, names: Names, frame: Frame) -> Page:
    stated = told.tables[0]
    policies, scenarios = list(names.policies), list(names.scenarios)
    cells = {(each.policy, each.scenario): each for each in stated.cells}
    most = max(each.regret for each in stated.cells)
    grid = [[_cell(cells[policy, scenario], most) for scenario in scenarios] for policy in policies]
    over, titles = _over(told), ["Maximum regret", "Rank", *(f"Rank, {table.weights}" for table in told.tables[1:])]
    sides = [names.policies[each] for each in policies], [names.scenarios[each] for each in scenarios]
    down = len(scenarios) > len(policies)
    if down:
        grid, over = [list(row) for row in zip(*grid, strict=True)], [list(row) for row in zip(*over, strict=True)]
        sides = sides[1], sides[0]
    return _laid(grid, over, sides, titles, frame, down=down)


def _cell(each: Loss, most: float) -> _Box:
    return _Box(amount(each.regret, each.regret_se), f"loss {each.loss:,.1f}", each.regret / most if most else 0.0)


def _over(told: Regret) -> list[list[_Box]]:
    """Per policy: its maximum regret, and its rank under each set of losses."""
    rows = zip(*(table.worst for table in told.tables), strict=True)
    return [
        [
            _Box(amount(row[0].regret, row[0].se), bold=row[0].rank == 1),
            *(_Box(str(each.rank), bold=each.rank == 1) for each in row),
        ]
        for row in rows
    ]


def _laid(
    grid: list[list[_Box]],
    over: list[list[_Box]],
    sides: tuple[list[str], list[str]],
    titles: list[str],
    frame: Frame,
    *,
    down: bool,
) -> Page:
    """`over` stands right of the grid, or below it where the scenarios run `down`."""
    rows, columns = sides
    longest = max(width(box.text, BODY, box.bold) for line in (*grid, *over) for box in line)
    cell = max(_CELL, longest + 0.14)
    xs = [cell * at for at in range(len(columns))]
    ys = [_HIGH * at for at in range(len(rows))]
    across, high = cell * len(columns), _HIGH * len(rows)
    beyond_x = [] if down else [across + _GAP + cell * at for at in range(len(titles))]
    beyond_y = [high + _GAP + _LOW * at for at in range(len(titles))] if down else []
    heads = [*columns, *([] if down else titles)]
    top = max(height(wrap(head, cell - 0.08, LABEL), LABEL) for head in heads) + 0.08
    wide, depth = (beyond_x or [across - cell])[-1] + cell, (beyond_y or [high - _LOW])[-1] + _LOW
    page = Page(max(_SIDE + wide + 0.35, 7.2), top + depth + 0.15, frame)
    ax = page.figure.add_subplot()
    room = max(_SIDE + wide, 6.85)
    ax.set(xlim=(-_SIDE, room - _SIDE), ylim=(depth, -top), xticks=[], yticks=[])
    ax.set_frame_on(False)
    for y, row in zip(ys, grid, strict=True):
        for x, box in zip(xs, row, strict=True):
            _box(ax, (x, y), cell, box)
    for row_or_column, place in zip(over, beyond_y if down else ys, strict=True):
        for box, other in zip(row_or_column, xs if down else beyond_x, strict=True):
            _box(ax, (other, place), cell, box, _LOW if down else _HIGH)
    for x, head in zip([*xs, *beyond_x], heads, strict=True):
        ax.text(x + cell / 2, -0.05, wrap(head, cell - 0.08, LABEL), ha="center", va="bottom", fontsize=LABEL, color=INK)
    middles = [*(y + _HIGH / 2 for y in ys), *(y + _LOW / 2 for y in beyond_y)]
    for y, side in zip(middles, [*rows, *(titles if down else [])], strict=True):
        ax.text(-0.1, y, wrap(side, _SIDE - 0.2, LABEL), ha="right", va="center", fontsize=LABEL, color=INK)
    return page


def _box(ax: Axes, corner: tuple[float, float], cell: float, box: _Box, high: float = _HIGH) -> None:
    x, y = corner
    grey = 255 if box.shade is None else round(_LIGHT + (_DARK - _LIGHT) * box.shade)
    colour = f"#{grey:02x}{grey:02x}{grey:02x}"
    edge = "none" if box.shade is None else GREY
    ax.add_patch(Rectangle((x, y), cell, high, facecolor=colour, edgecolor=edge, linewidth=0.5, clip_on=False))
    ink = "white" if _luminance(grey) < 0.18 else "black"  # above 4.5:1 either way (WCAG 2)
    where = y + high * (0.38 if box.small else 0.5)
    weight = "bold" if box.bold else "normal"
    ax.text(x + cell / 2, where, box.text, ha="center", va="center", fontsize=BODY, fontweight=weight, color=ink)
    if box.small:
        ax.text(x + cell / 2, y + high * 0.76, box.small, ha="center", va="center", fontsize=SMALL, color=ink)


def _luminance(grey: int) -> float:
    """Relative luminance of an sRGB grey (WCAG 2)."""
    part = grey / 255
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _description(told: Regret, table: RegretTable, headline: Sequence[str]) -> str:
    cells = listed((f"{each.policy} on {each.scenario} {amount(each.regret, each.regret_se)}" for each in table.cells), most=16)
    others = " ".join(regret(told))
    return f"Table of expected regret, policies by scenarios, darker where it is greater. {joined(headline)}. {cells}. {others}"
