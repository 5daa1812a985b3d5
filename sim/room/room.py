"""The room of a live exercise: its actions and views, each on disk before it is answered."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from sim.api import Meter
from sim.errors import BadInput
from sim.library import Library, shipped_root
from sim.room import codes, events, kept, limits
from sim.room.checks import decision_of
from sim.room.core import Core, released
from sim.room.doors import Seat, table
from sim.room.due import sets_of
from sim.room.events import Json
from sim.room.facilitator_view import facilitator_view
from sim.room.refused import does_not_fit, not_there, not_yours, sentence, too_late
from sim.room.state import Change, Place, State
from sim.room.store import Store
from sim.room.team_view import team_view

if TYPE_CHECKING:
    from sim.room.debrief.records import Debrief


class Room(Core):
    """One open room file. Thread-safe; whatever a call changed is on disk (WAL, synchronous=FULL) when it returns.

    Every call may raise Refused. Seconds are those in which the exercise ran: pauses, and the time in which no server ran, do
    not count. A gap of more than a minute between two calls (a laptop that slept) does not count either, so `tick` is called
    once a second; a test with its own `now` moves it in steps of at most a minute and ticks.
    """

    @classmethod
    def create(
        cls,
        path: Path,
        ref: str,
        *,
        seed: int = 1,
        run: int = 0,
        library: Library | None = None,
        now: Callable[[], float] = time.time,
        measure: bool = True,
    ) -> Room:
        """A new room for an exercise, with a copy of every file that is played in it.

        `measure`: measure its key figures in the background. Raises BadUsage where the file is there already, BadInput for a
        bad exercise.
        """
        library = library or Library()
        loaded = library.load_exercise(ref)
        about = {
            "code": codes.new_code(),
            "secret": codes.new_token(),
            "exercise": str(loaded.path.resolve()),
            "roots": "\n".join(str(each.resolve()) for each in library.roots),
            "shipped": str(shipped_root().resolve()),
            "seed": str(seed),
            "run": str(run),
        }
        return cls._of(Store.create(path, about, kept.files_of(loaded, library)), now, measure=measure)

    @classmethod
    def open(cls, path: Path, *, now: Callable[[], float] = time.time, measure: bool = True) -> Room:
        """A room as it was left. It goes on with the files as they were when it was made; what has become of these is said in
        the facilitator's view. Raises BadUsage where the file is no room, or is open in another process.
        """
        room = cls._of(Store.open(path), now, measure=measure)
        changed = [each for each in kept.changes(room._store.files()) if each not in room._state.warnings]
        if changed:
            room._happen((events.WARNED, {"warnings": changed}))
        return room

    @classmethod
    def _of(cls, store: Store, now: Callable[[], float], *, measure: bool) -> Room:
        try:
            return cls(store, now, measure=measure)
        except BaseException:
            store.close()
            raise

    # doors --------------------------------------------------------------------------------------------------------------------

    @property
    def exercise(self) -> str:
        """The name of the exercise."""
        return self._script.exercise.name

    def keeps(self, ref: str) -> bool:
        """Is this name or path one of its exercise? The file itself need not be there any more."""
        file = self._about["exercise"].replace("\\", "/")
        return Path(ref.replace("\\", "/")).stem in (self.exercise.rpartition("/")[2], Path(file).stem)

    @property
    def title(self) -> str:
        """Of the exercise, for the page before joining."""
        return self._script.exercise.title

    @property
    def roles(self) -> Mapping[str, str]:
        """Names and labels of the roles, for the page before joining."""
        return {name: role.label for name, role in self._script.exercise.roles.items()}

    def is_facilitator(self, secret: str) -> bool:
        return codes.same(secret, self.secret)

    def join(self, code: str, team: str, role: str | None = None, team_code: str | None = None) -> Seat:
        """A seat. The first of a name makes the team; later ones need its code. With a team's code the name may be empty.

        `code` is forgiven small letters, blanks and hyphens; `role` is the name of a role, or None for all of the table.
        """
        if not codes.same(codes.typed(code), self.code):
            raise not_yours("This is not the code of this room. It stands on the board.")
        if role is not None and role not in self._script.exercise.roles:
            raise not_there("There is no such role in this exercise.")
        with self._held():
            if self._status() == "closed":
                raise too_late("This exercise is over.")
            at, token = table(self._state, team, codes.typed(team_code or "")), codes.new_token()
            body = {"team": at.key, "name": at.name, "code": at.code, "role": role, "token": codes.digest(token)}
            self._happen((events.JOINED, body))
            return Seat(token, at.name, at.code, role)

    def seat(self, token: str) -> Seat:
        """Who sits there. Raises Refused (403) for a token that nobody has."""
        place = self._place(token)
        team = self._state.teams[place.team]
        return Seat(token, team.name, team.code, place.role)

    def _place(self, token: str) -> Place:
        found = self._state.places.get(codes.digest(token))
        if found is None:
            raise not_yours("This browser has no seat in this room: join again with the room code and your team's code.")
        return found

    # the facilitator's actions ------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """Lobby → first move → … → debrief (the hot wash) → closed."""
        with self._held():
            if self._state.step >= self._script.closed_step:
                raise too_late("The exercise is over.")
            self._happen((events.ADVANCED, {}))
            self._settle()

    def extend(self, minutes: int) -> None:
        """More time for the current move; one whose deadline has passed is open again if this leads beyond now."""
        if isinstance(minutes, bool) or not 1 <= minutes <= limits.MINUTES:
            raise does_not_fit(f"A move can be extended by 1 to {limits.MINUTES} minutes at once.")
        with self._held():
            self._in_move("extended")
            self._happen((events.EXTENDED, {"minutes": minutes}))

    def pause(self) -> None:
        self._pause(events.PAUSED, paused=True)

    def go_on(self) -> None:
        self._pause(events.WENT_ON, paused=False)

    def _pause(self, kind: str, *, paused: bool) -> None:
        with self._held():
            if self._status() not in ("move", "debrief"):
                raise too_late("No clock runs now.")
            if self._state.paused != paused:
                self._happen((kind, {}))

    def _in_move(self, what: str) -> None:
        if self._status() != "move":
            raise too_late(f"Nothing can be {what} now: no move is being played.")

    def release(self, inject: str) -> None:
        """Give out an inject by its `id` in the views (MOVE.NAME), of this move or one before it. Its levels are set from the
        date of the current move on. One that is out already stays so.
        """
        with self._held():
            self._in_move("released")
            card = self._script.cards.get(inject)
            if card is None:
                raise not_there("There is no such inject in this exercise.")
            if card.step > self._state.step:
                raise too_late(f"“{card.inject.title}” belongs to a later move.")
            if self._state.released(card.id):
                return
            sets = sets_of(card)
            self._try([Change("level", name, value, self._state.step, card.id) for name, value in sets.items()])
            self._happen(released(card.id, "facilitator", sets))
            self._settle()

    def improvise(self, title: str, text: str, source: str, reliability: str, to: Sequence[str] = ()) -> None:
        """Give out an inject that is not in the file, to some roles or all. It is marked as improvised."""
        body = {
            "title": codes.one_line(title, "The title", limits.TITLE),
            "text": codes.several_lines(text, "The text", limits.TEXT) or codes.one_line("", "The text", 0),
            "source": codes.one_line(source, "The source", limits.TITLE),
            "reliability": codes.one_line(reliability, "A word on its reliability", limits.TITLE),
            "to": list(dict.fromkeys(to)),
        }
        if any(each not in self._script.exercise.roles for each in to):
            raise not_there("There is no such role in this exercise.")
        with self._held():
            self._in_move("released")
            if len(self._state.improvised) >= limits.IMPROVISED:
                raise too_late(f"{limits.IMPROVISED} injects were improvised already.")
            self._happen((events.IMPROVISED, body))

    def set_level(self, variable: str, value: float) -> None:
        """The true level of a variable from the current move's date on."""
        names = [each.name for each in self._alongside.course(()).model.world.variables]
        self._put(events.LEVEL, "level", variable, value, names, "There is no such variable in the scenario.")

    def set_noise(self, signpost: str, factor: float) -> None:
        """How many times as large the error of a signpost is from the current move's date on; 0: it sees exactly."""
        blurred = {each.name: each.error is not None for each in self._alongside.course(()).model.world.signposts}
        if not blurred.get(signpost, True):
            raise does_not_fit(
                f"The signpost {signpost} is seen exactly in this scenario: it has no error that could be changed."
            )
        self._put(events.NOISE, "noise", signpost, factor, list(blurred), "There is no such signpost in the scenario.")

    def _put(self, event: str, kind: str, name: str, value: float, names: Sequence[str], missing: str) -> None:
        if isinstance(value, bool) or not math.isfinite(value):
            raise does_not_fit("This must be a number.")
        if name not in names:
            raise not_there(missing)
        with self._held():
            self._in_move("changed")
            if len(self._state.changes) >= limits.IMPROVISED:
                raise too_late("The world was changed too often.")
            self._try([Change(kind, name, float(value), self._state.step, None)])
            self._happen((event, {"name": name, "value": float(value)}))
            self._settle()

    def _try(self, changes: Sequence[Change]) -> None:
        """Raises Refused where the scenario would not be one with these changes."""
        try:
            self._alongside.course((*self._state.changes, *changes))
        except BadInput as error:
            raise does_not_fit(sentence(error.problems[0].message)) from None

    def show_readings(self, shown: bool) -> None:
        """May teams see what the model's signposts read up to the move's date?"""
        with self._held():
            if self._state.readings_shown != shown:
                self._happen((events.READINGS, {"shown": bool(shown)}))

    # a team's -----------------------------------------------------------------------------------------------------------------

    def decide(
        self,
        token: str,
        move: str,
        *,
        option: str | None,
        phase: str | None,
        reason: str,
        confidence: int,
        answers: Mapping[str, str] | None = None,
    ) -> None:
        """A team's decision in the current move, to be replaced until the deadline. Confidence: `spec.exercise.CONFIDENCE`."""
        place = self._place(token)
        with self._held():
            self._open_move(move)
            given = decision_of(self._scene(), self._library, option, phase, reason, confidence, answers or {})
            before = self._state.decisions.get((place.team, self._state.step))
            if before and given == {key: getattr(before, key) for key in given}:
                return  # a page that sent it twice
            if before and before.times >= limits.CHANGES_OF_MIND:
                raise too_late("This decision was changed too often.")
            self._happen((events.DECIDED, {**given, "team": place.team, "role": place.role}))

    def _open_move(self, move: str) -> None:
        """Raises Refused unless a move is the current one, before its deadline."""
        if move not in self._script.names:
            raise not_there("There is no such move in this exercise.")
        step = self._script.names.index(move)
        if step > self._state.step:
            raise not_there("There is no such move in this exercise.")  # nobody learns its name before it begins
        if step < self._state.step:
            raise too_late("This move is over. What your team had sent by then stands.")
        if self._scene().remaining <= 0:
            raise too_late("The time for this move is up. What your team had sent by then stands.")

    # views --------------------------------------------------------------------------------------------------------------------

    def team_view(self, token: str) -> Json:
        """What a seat may know: JSON as `sim.room.team_view` describes it."""
        place = self._place(token)
        with self._lock:
            return team_view(self._scene(), place)

    def facilitator_view(self) -> Json:
        """Everything: JSON as `sim.room.facilitator_view` describes it."""
        with self._lock:
            return facilitator_view(self._scene(), self.code, self.path)

    def debrief(self, meter: Meter | None = None) -> Debrief:
        """What was known, what each team decided and why, what the policy did by then, and where they parted.

        It takes seconds, in which the room goes on; one that is asked for again without a change is the same.
        """
        from sim.room.debrief import debrief_of

        self._have_figures(meter)
        with self._debriefing:
            with self._lock:
                scene = self._scene()
                _ = scene.course  # made while nobody else changes the world
                played = self._played_file(scene.state)
            if self._debriefed is None or self._debriefed[0] != scene.state.version:
                self._debriefed = scene.state.version, debrief_of(scene, self._library, played)
            return self._debriefed[1]

    def debrief_files(self, *, pdf: bool | None = None, meter: Meter | None = None) -> dict[str, bytes]:
        """debrief.html, debrief.csv, debrief.pdf and played.yaml by name, whole.

        `pdf`: None makes one where typst is there; True raises MissingExtra where it is not.
        """
        from sim.room.debrief import files_of

        return files_of(self.debrief(meter), pdf=find_spec("typst") is not None if pdf is None else pdf)

    def wrote_debrief(self, folder: Path) -> None:
        """Note where a debrief was written, so that it can be erased with the room."""
        if str(folder.resolve()) not in self._state.debriefs:
            self._happen((events.DEBRIEFED, {"folder": str(folder.resolve())}))

    def _played_file(self, state: State) -> str:
        base, folder, files = self._alongside.base, Path(self._folder.name), self._store.files()
        extends, policy = (
            kept.reference(files, folder, each.path, self._about["shipped"]) for each in (base.scenario, base.policy)
        )
        run = f"--run {self._alongside.asked_run} --seed {self._alongside.seed}"
        comment = f"{self._script.exercise.title}: the world as it was played.\nphased path ./played.yaml {run}"
        return self._alongside.text(state.changes, extends, policy, comment)
