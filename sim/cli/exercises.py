"""An exercise as `phased show` prints it: roles, moves with clock times, injects, questions, and key figures measured."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.cli import say

if TYPE_CHECKING:
    from sim.api import PlayedExercise
    from sim.library import Loaded
    from sim.spec.exercise import Blank, Coding, Exercise, ExerciseInject, ExerciseMove


def show_exercise(loaded: Loaded[Exercise]) -> None:
    """Measures the key figures, and prints all of the exercise with them in its texts."""
    from sim import api

    with say.meter("Key figures") as meter:
        played = api.PlayedExercise(loaded, api.figures_of(loaded, meter=meter))
    _Sheet(played).show()


class _Sheet:
    def __init__(self, played: PlayedExercise) -> None:
        self.played, self.exercise = played, played.exercise.spec

    def say(self, text: str, indent: int = 0) -> None:
        say.line(_wrapped(self.played.told(text), indent))

    def show(self) -> None:
        from sim.spec.exercise import begins

        exercise = self.exercise
        say.line(f"{exercise.minutes} minutes: {_counted(len(exercise.moves), 'move')} and the hot wash")
        say.line(f"Scenarios: {', '.join(exercise.scenarios)}")
        say.line(f"Policies: {', '.join(exercise.policies)}; the model plays {exercise.policies[0]} on {exercise.scenarios[0]}\n")
        if exercise.about:
            self.say(exercise.about)
            say.line()
        say.table(("Objective", "Participants", "Injects", "Seen in"), [*self._objectives()])
        say.line()
        for role in exercise.roles.values():
            self.say(f"{role.label}. {role.briefing}")
            say.line()
        for (name, move), begin in zip(exercise.moves.items(), begins(exercise), strict=False):
            self._move(name, move, begin)
        self._debrief()
        self._figures()
        self._facts()
        self._paper()

    def _objectives(self) -> Iterator[tuple[str, ...]]:
        """Each with the injects that serve it and the moves in which it is seen."""
        for name, text in self.exercise.objectives.items():
            moves = self.exercise.moves.items()
            served = [key for _, move in moves for key, each in move.injects.items() if name in (each.objective or ())]
            seen = [key for key, move in moves if any(name in each.objective for each in move.observe)]
            yield name, self.played.told(text), ", ".join(served), ", ".join(seen)

    def _move(self, name: str, move: ExerciseMove, begin: int) -> None:
        from sim.spec.exercise import clock

        title = move.title or name.replace("_", " ")
        about = f"[move {name}; nothing later than {move.on} is shown]"
        say.line(f"{clock(begin)}–{clock(begin + move.minutes)}  {self.played.told(title)}  {about}\n")
        self.say(move.situation)
        say.line()
        for key, inject in move.injects.items():
            self._inject(key, inject, begin)
        if move.code:
            self._code(move.code)
        if move.decide:
            self.say(f"Decide: {move.decide.question}")
            for option in move.decide.options:
                self.say(f"[ ] {option}", 2)
            say.line()
        if move.observe:
            rows = [(self.played.told(each.sees), ", ".join(each.objective)) for each in move.observe]
            say.table(("Evaluators look for", "Objective"), rows)
            say.line()
        if move.key:
            self.say(f"Facilitator only: {move.key}")
            say.line()

    def _inject(self, name: str, inject: ExerciseInject, begin: int) -> None:
        roles = ", ".join(self.exercise.roles[each].label for each in inject.to or ()) or "all"
        sets = ", ".join(f"{variable} = {number.value:g}" for variable, number in inject.set.items())
        self.say(f"{release(inject, begin)}  {inject.title}  [inject {name}, to {roles}]", 2)
        self.say(inject.text, 4)
        self.say(f"Source: {inject.source}. Reliability: {inject.reliability}.", 4)
        if sets:
            say.line(f"    In the model: {sets}")
        say.line()

    def _code(self, code: Coding) -> None:
        self.say(f"Code: {code.question}")
        rows = [(self.played.told(blank.ask), _answers(blank), " and ".join(blank.path)) for blank in code.blanks.values()]
        say.table(("Blank", "Answers", "Sets"), rows)
        say.line()

    def _debrief(self) -> None:
        from sim.spec.exercise import clock

        debrief, total = self.exercise.debrief, self.exercise.minutes
        say.line(f"{clock(total - debrief.minutes)}–{clock(total)}  Hot wash\n")
        for question in debrief.questions:
            self.say(question, 2)
        say.line()
        if debrief.findings:
            say.line("What the model shows, told after the teams have answered:\n")
            for finding in debrief.findings:
                self.say(finding, 2)
            say.line()

    def _figures(self) -> None:
        if not self.exercise.figures:
            return
        rows = []
        for name, each in self.exercise.figures.items():
            of = f"{each.policy} on {each.scenario}" + "".join(f", {changed}" for changed in each.set)
            against = f" than {each.against}" if each.against else ""
            rows.append((name, self.played.figures[name].text + against, each.measure, of))
        say.table(("Key figure", "Measured", "Measure", "Of"), rows)
        say.line(say.brackets() + "\n")

    def _facts(self) -> None:
        """Every fact that a text or an inject cites, with its date and source."""
        from sim.spec.exercise_texts import cited

        facts = self.played.exercise.facts
        if ids := cited(self.exercise):
            header = ("Fact", "Date", "Who", "Outlet", "Source")
            rows = [
                (each, facts[each].date or "–", facts[each].who or "", facts[each].outlet or "", facts[each].source or "")
                for each in ids
            ]
            say.table(header, rows)
            say.line()

    def _paper(self) -> None:
        from sim.framing import TEACHING

        if self.exercise.paper:
            self.say(f"Without a computer: {self.exercise.paper}")
        say.line(f"\n{TEACHING} No phase and no policy is called right.")


def _wrapped(text: str, indent: int) -> str:
    """A paragraph that wraps at a terminal's width; in a pipe, one line."""
    lead = " " * indent
    if not sys.stdout.isatty():
        return lead + text
    width = shutil.get_terminal_size().columns
    return textwrap.fill(text, width, initial_indent=lead, subsequent_indent=lead, break_long_words=False, break_on_hyphens=False)


def release(inject: ExerciseInject, begin: int) -> str:
    """When an inject is given out: the minute planned, or the condition."""
    from sim.spec.exercise import BY_HAND, START, clock

    if inject.when == START:
        return clock(begin + inject.minute)
    return f"{clock(begin + inject.minute)}, by hand" if inject.when == BY_HAND else f"when {inject.when}"


def _answers(blank: Blank) -> str:
    if blank.options:
        return "; ".join(f"{words} ({value})" for words, value in blank.options.items())
    return f"{blank.from_:g} to {blank.to:g}, in steps of {blank.step:g}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
