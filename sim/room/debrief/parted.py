"""Where teams and the policy stood apart, in computed sentences that call neither right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sim.errors import every

Stands = Mapping[str, str | None]
"""By team: the phase that it named (its label), or None where it named none. A team that sent nothing is absent."""


def in_a_move(date: str, policy: str, stands: Stands, silent: Sequence[str]) -> Iterator[str]:
    """Who stood with the policy on a date, who apart, and whom nothing can be said of."""
    yield f"On {date} the policy as played was in the phase “{policy}”."
    together = [team for team, phase in stands.items() if phase == policy]
    if together:
        yield f"{every(together)} named the same phase."
    for phase in dict.fromkeys(phase for phase in stands.values() if phase not in (None, policy)):
        apart = [team for team, named in stands.items() if named == phase]
        yield f"{every(apart)} named “{phase}”: {'they' if len(apart) > 1 else 'it'} and the policy stood apart."
    unnamed = [team for team, phase in stands.items() if phase is None]
    if unnamed:
        yield f"{every(unnamed)} named no phase and cannot be compared."
    if silent:
        yield f"{every(silent)} sent no decision."


def over_all(moves: Sequence[tuple[str, str, Stands]], teams: Sequence[str]) -> Iterator[str]:
    """Per team, over all moves (title, the policy's phase, who stood where): in which of them it stood apart from the policy."""
    for team in teams:
        named = [(title, policy, stands[team]) for title, policy, stands in moves if stands.get(team) is not None]
        apart = [title for title, policy, phase in named if phase != policy]
        if not named:
            yield f"{team} named no phase in any move, so it cannot be compared with the policy."
        elif not apart:
            yield f"{team} and the policy stood in the same phase in {_moves(len(named))} in which it named one."
        else:
            yield (
                f"{team} and the policy stood apart in {len(apart)} of {_moves(len(named))} in which it named a phase, "
                f"first in “{apart[0]}”."
            )


def _moves(count: int) -> str:
    return "the one move" if count == 1 else f"the {count} moves"
