"""What a live exercise says no to, in a sentence for who asked."""

from __future__ import annotations

from sim.errors import PhasedError

NOT_THERE, NOT_YOURS, TOO_LATE, DOES_NOT_FIT = 404, 403, 409, 400
"""as a web page answers: there is no such thing; a wrong code or somebody else's; not now, or no longer; not a value that fits"""


class Refused(PhasedError):
    """An action or a view that is not given. `str()` is one plain sentence for the person who asked."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


def not_there(message: str) -> Refused:
    return Refused(NOT_THERE, message)


def not_yours(message: str) -> Refused:
    return Refused(NOT_YOURS, message)


def too_late(message: str) -> Refused:
    return Refused(TOO_LATE, message)


def does_not_fit(message: str) -> Refused:
    return Refused(DOES_NOT_FIT, message)


def sentence(message: str) -> str:
    """A message of a check as a sentence of its own."""
    return f"{message[:1].upper()}{message[1:]}".rstrip(".") + "."
