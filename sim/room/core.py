"""An open room file: what happened so far, the clock, and the model alongside."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sim.analysis.outcome import grades
from sim.api import Meter
from sim.framing import assumed
from sim.library import Library
from sim.room import events, kept
from sim.room.alongside import Alongside
from sim.room.clock import Clock
from sim.room.due import due, sets_of
from sim.room.events import Event, Json
from sim.room.measuring import Measuring, measured
from sim.room.refused import too_late
from sim.room.script import Script
from sim.room.state import applied, folded
from sim.room.store import Store
from sim.room.views import Scene, is_running

if TYPE_CHECKING:
    from sim.room.debrief.records import Debrief

Happening = tuple[str, Json]
"""a kind of event and its body"""


class Core:
    """What every action and view rests on. One lock; whatever happened is on the disk before the lock is let go."""

    def __init__(self, store: Store, now: Callable[[], float], *, measure: bool) -> None:
        about = store.about()
        self._store, self._lock, self._open, self.path = store, threading.RLock(), True, store.path
        self.code, self.secret = about["code"], about["secret"]
        self._about = about
        self._state = folded(store.events())
        self._folder = tempfile.TemporaryDirectory(prefix="phased-room-", ignore_cleanup_errors=True)
        try:
            self._library, self._script, self._alongside = _laid_out(store, Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise
        self._clock = Clock(max(self._state.seconds, store.heartbeat()), now)
        self._assumed = assumed([grades(self._alongside.base.policy.spec, self._alongside.base.scenario.spec)])
        self._debriefing = threading.Lock()
        self._debriefed: tuple[int, Debrief] | None = None  # of a version
        wanted = measure and self._state.figures is None
        self._measuring = Measuring(self._script.loaded, self._library, self._measured) if wanted else None

    @property
    def version(self) -> int:
        """Grows with every change that a page may show."""
        return self._state.version

    def close(self) -> None:
        """Let go of the file. Nothing is lost by not calling this."""
        with self._lock:
            self._open, was_open = False, self._open
        if self._measuring:
            self._measuring.stop()
        with self._lock:
            if was_open:
                self._store.close()
                self._folder.cleanup()

    @contextmanager
    def _held(self) -> Iterator[float]:
        """The room for one thread; gives the running seconds."""
        with self._lock:
            if not self._open:
                raise too_late("This room is closed here.")
            yield self._clock.read(running=is_running(self._script, self._state))

    def _happen(self, *happening: Happening) -> None:
        """Keep what happened, all of it or nothing, and go on from there."""
        with self._held() as seconds:
            state, made = self._state, []
            for kind, body in happening:
                made.append(Event(state.version + 1, self._clock.time, seconds, kind, body))
                state = applied(state, made[-1])
            self._store.append(made)
            self._state = state

    def _scene(self) -> Scene:
        with self._held() as seconds:
            return Scene(self._script, self._alongside, self._state, seconds, self._assumed)

    def _status(self) -> str:
        return self._script.status(self._state.step)

    # by the clock -------------------------------------------------------------------------------------------------------------

    def tick(self) -> bool:
        """Release what is due by the clock or by a condition, and note that the server runs. True: something changed."""
        with self._lock:
            if not self._open:
                return False
            with self._held() as seconds:
                changed = self._settle()
                if self._expires(seconds):
                    self._happen((events.EXPIRED, {}))
                    changed = True
                if is_running(self._script, self._state):
                    self._store.beat(self._clock.time, seconds)
                return changed

    def _expires(self, seconds: float) -> bool:
        """Has the deadline of the current move passed, and has it not been said?"""
        unsaid = self._status() == "move" and self._state.step not in self._state.expired
        return unsaid and seconds >= self._script.deadline(self._state)

    def _settle(self) -> bool:
        """Give out what is due, until nothing is: an inject may set a level that meets the condition of another."""
        changed = False
        with self._held() as seconds:
            while found := list(due(self._script, self._state, seconds, self._met)):
                self._happen(*(released(card.id, by, sets_of(card)) for card, by in found))
                changed = True
        return changed

    def _met(self, when: str) -> bool:
        date = self._script.date(self._state.step)
        return date is not None and self._alongside.course(self._state.changes).met(when, date)

    # key figures --------------------------------------------------------------------------------------------------------------

    def _measured(self, found: dict[str, str] | str) -> None:
        with self._lock:
            if self._open:
                told = (events.WARNED, {"warnings": [found]}) if isinstance(found, str) else (events.MEASURED, {"figures": found})
                self._happen(told)

    def _have_figures(self, meter: Meter | None) -> None:
        """Wait for the key figures, or measure them."""
        if self._measuring:
            self._measuring.wait()
        if self._state.figures is None:
            self._measured(measured(self._script.loaded, self._library, meter))


def _laid_out(store: Store, folder: Path) -> tuple[Library, Script, Alongside]:
    """The exercise as the room keeps it, and the model that plays in it."""
    about = store.about()
    kept.laid_out(store.files(), folder)
    library = kept.library_of(folder, about["roots"].split("\n"))
    script = Script(library.load_exercise(str(kept.inside(folder, about["exercise"]))))
    return library, script, Alongside(script, library, folder, seed=int(about["seed"]), run=int(about["run"]))


def released(inject: str, by: str, sets: Mapping[str, float]) -> Happening:
    """That an inject was given out, and the true levels that it sets."""
    return events.RELEASED, {"inject": inject, "by": by, "sets": dict(sets)}
