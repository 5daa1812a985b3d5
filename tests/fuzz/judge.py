"""One input under limits of time and memory: is what a target makes of it an answer?"""

from __future__ import annotations

import resource
import signal
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sim.errors import PhasedError
from tests.fuzz.targets import ROOT, Target, _is_plain

MEMORY = 400 << 20
"""Bytes by which the process may grow over one input."""
LONGEST = 1_000_000
"""Characters of an answer."""


@dataclass(frozen=True)
class Find:
    """What is wrong. Finds of one `kind` at one place are one find."""

    kind: str
    where: str
    told: str

    @property
    def same(self) -> tuple[str, str]:
        return self.kind, self.where


class _TooLong(BaseException):
    """Nobody who catches every Exception stops this one."""


@contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """CPU time of this process, so that who else uses the machine does not count."""

    def stop(*_: object) -> None:
        raise _TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


def judged(target: Target, folder: Path, data: bytes, slack: float = 1.0) -> Find | None:
    """None where the input was read, or refused in plain words. `slack`: times as long as it may take."""
    before = _memory()
    try:
        with warnings.catch_warnings(), _limited(target.seconds * slack):
            warnings.simplefilter("error")
            target.call(folder, data)
    except PhasedError as error:
        return _answer(str(error), error)
    except _TooLong as error:
        return Find("hang", _place(error), f"more than {target.seconds * slack:g} s")
    except MemoryError as error:
        return Find("memory", _place(error), "out of memory")
    except Exception as error:
        told = "".join(traceback.format_exception(error, limit=-6))
        return Find(type(error).__name__, _place(error), told)
    grown = _memory() - before
    return Find("memory", target.name, f"{grown >> 20} MiB") if grown > MEMORY else None


def _answer(text: str, error: PhasedError) -> Find | None:
    if not text.strip():
        return Find("no words", _place(error), repr(error))
    if not _is_plain(text):
        return Find("not plain", _place(error), repr(text)[:2_000])
    return Find("too many words", _place(error), f"{len(text):,} characters") if len(text) > LONGEST else None


def _place(error: BaseException) -> str:
    """The innermost line of ours, or of the target."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [each for each in frames if Path(each.filename).is_relative_to(ROOT) and each.filename != __file__] or frames
    return f"{Path(ours[-1].filename).name}:{ours[-1].name}"


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
