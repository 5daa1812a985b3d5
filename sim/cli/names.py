"""`phased list` and `phased show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from sim.cli import say
from sim.cli.options import FileOrName, json_option

if TYPE_CHECKING:
    from sim.library import Loaded
    from sim.spec.evidence import Evidence
    from sim.spec.exercise import Exercise
    from sim.spec.losses import Losses
    from sim.spec.policy import Policy
    from sim.spec.scenario import Scenario


@click.command("list")
@json_option
def list_command(as_json: bool) -> None:
    """What can be named: scenarios, policies, exercises, files of losses and ledgers of evidence.

    Those of this folder come first, then those that are shipped.

    \b
      phased list
      phased list --json
    """
    from sim.library import LISTED, Library

    library = Library()
    found = {plural: library.entries(kind) for kind, plural in LISTED.items()}
    if as_json:
        say.as_json(
            {
                plural: [{"name": each.name, "title": each.title, "path": str(each.path)} for each in entries]
                for plural, entries in found.items()
            }
        )
        return
    for plural, entries in found.items():
        if entries:
            say.table((plural.capitalize(), ""), [(each.name, each.title) for each in entries])
            say.line()


@click.command("show")
@click.argument("name", type=FileOrName("scenario", "policy", "evidence", "losses", "exercise"))
@json_option
def show_command(name: str, as_json: bool) -> None:
    """What a scenario, policy, ledger or file of losses says, with what it extends: every number with its grade and facts.

    Of an exercise: its roles, moves, injects and questions, with its key figures measured.

    \b
      phased show phased-approach
      phased show surge-to-front-uncertain
      phased show article-2024-10
      phased show fog
    """
    from sim.library import Library

    loaded = Library().load_any(name)
    if as_json:
        say.as_json(loaded.spec.model_dump(mode="json", by_alias=True, exclude_unset=True))
        return
    say.line(f"{loaded.spec.title}  [{loaded.spec.kind} {loaded.spec.name}]\n")
    _SHOWN[loaded.spec.kind](loaded)


def _show_policy(loaded: Loaded[Policy]) -> None:
    policy = loaded.spec
    say.table(
        ("Phase", "Name in files", "At least", "Facts"),
        [(phase.label or name, name, _days(phase.min_stay), " ".join(phase.evidence)) for name, phase in policy.phases.items()],
    )
    say.line()
    if policy.thresholds:
        say.table(("Threshold", "Reading", "Value", "Unit", "Grade", "Facts", "Note"), _threshold_rows(policy))
        say.line()
    if not policy.transitions:
        say.line("No transition: the policy never leaves its initial phase.")
        return
    say.table(
        ("Transition", "From", "To", "When", "Confirmed", "Lag", "Facts"),
        [
            (name, ", ".join(each.from_), each.to, each.when, _confirm(each.confirm), _days(each.lag), " ".join(each.evidence))
            for name, each in policy.transitions.items()
        ],
    )


def _threshold_rows(policy: Policy) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for name, threshold in policy.thresholds.items():
        for reading, level in {"as stated": threshold, **threshold.rivals}.items():
            facts = " ".join(level.evidence)
            rows.append((name, reading, _values(level), threshold.unit, level.grade, facts, level.note or ""))
    return rows


def _values(level: Any) -> str:
    from sim.analysis.thresholds import number_text

    numbers = {path.rsplit(".", 1)[-1]: number_text(number) for path, number in level.numbers("t").items()}
    return ", ".join(text if key == "value" else f"{text} from {key}" for key, text in numbers.items())


def _confirm(confirm: Any) -> str:
    from sim.spec.policy import WithinWindow

    if isinstance(confirm, WithinWindow):
        return f"on {_number(confirm.days)} of {_number(confirm.of)} days"
    return _days(confirm) + ("" if confirm.fixed in (0, 1) else " in a row")


def _days(number: Any) -> str:
    return f"{_number(number)} day{'' if number.fixed == 1 else 's'}"


def _number(number: Any) -> str:
    from sim.analysis.thresholds import number_text

    return number_text(number) + ("" if number.scale == 1 else f" × {number.scale:g}")


def _show_scenario(loaded: Loaded[Scenario]) -> None:
    from sim.spec.values import numbers

    scenario = loaded.spec
    about = f"{scenario.start} for {_days(scenario.days)}"
    say.line(f"{about}; policy: {scenario.policy or 'none'}; evidence: {', '.join(scenario.evidence) or 'none'}\n")
    say.table(
        ("Number", "Value", "Grade", "Facts", "Note"),
        [
            (path, _number(number), number.grade, " ".join(number.evidence), number.note or "")
            for path, number in numbers(scenario)
            if path.split(".")[0] != "days"
        ],
    )
    if scenario.injects:
        say.line()
        rows = [(each.on, name, each.title, each.reliability or "", each.source or "") for name, each in scenario.injects.items()]
        say.table(("On", "Inject", "Title", "Reliability", "Source"), rows)


def _show_evidence(loaded: Loaded[Evidence]) -> None:
    say.table(
        ("Fact", "Date", "Supports", "Hindsight", "Who", "Says", "Source"),
        [
            (id_, each.date or "–", each.supports, "yes" if each.hindsight else "", each.who or "", each.says, each.source or "")
            for id_, each in loaded.spec.facts.items()
        ],
    )


def _show_losses(loaded: Loaded[Losses]) -> None:
    from sim.spec.values import numbers

    say.line(f"Per day, in {loaded.spec.unit}; what is not named costs nothing.\n")
    say.table(
        ("Loss", "Value", "Grade", "Facts", "Note"),
        [
            (path, _number(number), number.grade, " ".join(number.evidence), number.note or "")
            for path, number in numbers(loaded.spec)
        ],
    )


def _show_exercise(loaded: Loaded[Exercise]) -> None:
    from sim.cli.exercises import show_exercise

    show_exercise(loaded)


_SHOWN: dict[str, Any] = {
    "policy": _show_policy,
    "scenario": _show_scenario,
    "evidence": _show_evidence,
    "losses": _show_losses,
    "exercise": _show_exercise,
}
