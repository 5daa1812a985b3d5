"""Who may sit down at which table."""

from __future__ import annotations

from dataclasses import dataclass

from sim.room import codes, limits
from sim.room.refused import not_yours, too_late
from sim.room.state import State


@dataclass(frozen=True)
class Seat:
    """One person's place at a team's table."""

    token: str
    """who holds it sits there: it goes into the cookie, and only its sha256 is kept"""
    team: str
    team_code: str
    """with it others join the same team"""
    role: str | None
    """None: all roles of the table"""


@dataclass(frozen=True)
class Table:
    """A team that is joined or made."""

    key: str
    """as `codes.known_as` gives it"""
    name: str
    code: str


def table(state: State, name: str, code: str) -> Table:
    """The table at which somebody sits down: a new one for a new name, else only with its code. Raises Refused."""
    by_code = next((key for key, each in state.teams.items() if code and codes.same(code, each.code)), None)
    if by_code and not name.strip():
        name = state.teams[by_code].name
    name = codes.one_line(name, "The team's name", limits.NAME)
    key = codes.known_as(name)
    if key not in state.teams:
        return _new(state, key, name, code)
    if by_code != key:
        raise not_yours("A team of this name is there already: give its team code, which its page shows, or take another name.")
    if len(state.seats(key)) >= limits.SEATS:
        raise too_late("This table is full.")
    return Table(key, state.teams[key].name, state.teams[key].code)


def _new(state: State, key: str, name: str, code: str) -> Table:
    if code:
        raise not_yours("No team of this name has this code.")
    if len(state.teams) >= limits.TEAMS:
        raise too_late(f"There are {limits.TEAMS} teams already; join one of them.")
    return Table(key, name, codes.new_code())
