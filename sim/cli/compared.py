"""What `phased compare` finds between policies, as sentences and regret.csv."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from sim.analysis import sentences
from sim.cli import say
from sim.framing import assumed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.analysis.orders import OverReadings
    from sim.analysis.regret import Regret, RegretTable
    from sim.api import Comparison
    from sim.results import Result

_FEW = 3
_ELSEWHERE = "one by one in comparison.json"
NOTE = (
    "In sentences: sooner and later are of the restricted mean, and a run that never gets there counts as later than every day. "
    "Disagree: stand in different phases on some day. Futures are simulated runs on the same draws."
)


# as sentences -----------------------------------------------------------------------------------------------------------------


def show(done: Comparison, results: Sequence[Result]) -> None:
    """Of one scenario, all policies against the first: where they part, what makes the difference, on which readings it hangs."""
    from sim.verbs.compared import labels_of

    labels, scenario, first = labels_of(done), results[0].scenario, results[0].policy
    parted = [each for each in done.disagreements if (each.scenario, each.a) == (scenario, first)]
    if not parted:
        return
    _block("Where they part:", [sentences.parting(each, labels) for each in parted])
    differing = [each for each in done.differences if (each.scenario, each.a) == (scenario, first)]
    lines = [sentences.differences(each, labels) for each in differing]
    if len(lines) > _FEW:
        _block(f"What differs, and what it changes ({_ELSEWHERE}):", [each[0] for each in lines])
    else:
        _block("What differs, and what it changes:", [line for each in lines for line in each])
    read = [each for each in done.readings if (each.stated.scenario, each.stated.a) == (scenario, first)]
    fewer = f", over the first {read[0].stated.runs:,} runs" if read and _fewer(read, results) else ""
    _block(f"On which readings the order hangs{fewer}:", [sentences.readings(each, labels) for each in read])


def _fewer(read: Sequence[OverReadings], results: Sequence[Result]) -> bool:
    return read[0].stated.runs < max(result.runs for result in results)


def _block(title: str, lines: Sequence[str]) -> None:
    if lines:
        say.line(title)
        for line in lines:
            told(line)
        say.line()


def told(line: str) -> None:
    """A sentence that wraps, hanging by two letters."""
    indent = line[: len(line) - len(line.lstrip())]
    wide = textwrap.fill(line, say.width(), subsequent_indent=f"{indent}  ", break_on_hyphens=False, break_long_words=False)
    say.line(wide)


def show_regret(regret: Regret, results: Sequence[Result]) -> None:
    """Per scenario the loss and the regret of each policy, then the maximum over scenarios and the ranks."""
    told(f"Losses as {regret.losses} states them, in {regret.unit} over a whole run: {regret.title}")
    say.line()
    stated = regret.tables[0]
    header = ("Scenario", "Policy", "Days late", "False alarm", "In phases", "Loss", "Regret")
    say.table(header, [_loss_row(each) for each in stated.cells], right=(2, 3, 4, 5, 6))
    say.line()
    others = regret.tables[1:]
    columns = ["Policy", "Maximum regret", "On", "Rank", *(f"Rank, {table.weights}" for table in others)]
    say.table(columns, _ranks(regret.tables), right=(1, 3, *range(4, 4 + len(others))))
    say.line()
    for line in sentences.regret(regret):
        told(line)
    told(
        f"Of the losses {assumed([regret.grades])} {_yardstick(regret)} Regret is the loss less the least of the policies "
        "compared, and maximum regret gives no scenario a probability. None of these losses is the right one."
    )
    if any(result.reactive for result in results):
        say.line(
            "Where the world answers to the policy, its twin with perfect sight meets the world that the policy itself made."
        )


def _yardstick(regret: Regret) -> str:
    if regret.against:
        return f"Late and in false alarm are days against {regret.against} with perfect sight."
    own = "Late and in false alarm are days against each policy's own rule with perfect sight"
    return f"{own}: a rule that asks for less is late less."


def _loss_row(each: Any) -> tuple[str, ...]:
    parts = (f"{part:,.1f}" for part in (each.late, each.false_alarm, each.in_phase))
    return (
        each.scenario,
        each.policy,
        *parts,
        sentences.amount(each.loss, each.se),
        sentences.amount(each.regret, each.regret_se),
    )


def _ranks(tables: Sequence[RegretTable]) -> list[tuple[str, ...]]:
    return [
        (
            worst[0].policy,
            sentences.amount(worst[0].regret, worst[0].se),
            worst[0].scenario if worst[0].regret else "",
            *(str(each.rank) for each in worst),
        )
        for worst in zip(*(table.worst for table in tables), strict=True)
    ]


# as a table -------------------------------------------------------------------------------------------------------------------


def regret_csv(regret: Regret) -> bytes:
    """One row a set of losses, scenario and policy; losses in the unit of the losses file over a whole run (docs/compare.md)."""
    from sim.analysis.tables import csv_bytes
    from sim.verbs.compared import CELL

    return csv_bytes(("weights", *CELL, "maximum_regret", "rank"), _regret_rows(regret, CELL))


def _regret_rows(regret: Regret, fields: Sequence[str]) -> Iterator[tuple[object, ...]]:
    for table in regret.tables:
        worst = {each.policy: each for each in table.worst}
        for cell in table.cells:
            most = worst[cell.policy]
            yield (table.weights, *(getattr(cell, name) for name in fields), most.regret, most.rank)
