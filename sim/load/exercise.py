"""What must hold inside an exercise: its timings, its dates, its objectives and the names that its texts use."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from sim.errors import Problem, listed, quote, unknown_name
from sim.load.source import Source
from sim.spec.evidence import Fact
from sim.spec.exercise import (
    BY_HAND,
    LEAST,
    MOST,
    OBJECTIVES,
    START,
    Exercise,
    ExerciseInject,
    ExerciseMove,
    Steps,
    by_position,
    phase_of,
)
from sim.spec.exercise_texts import CITED, FIGURE, briefings, cited_in, every_text, shown_in
from sim.spec.guard import GuardError, parse

ExerciseSource = Source[Exercise]
MAX_STEPS = 200


def exercise_problems(source: ExerciseSource) -> Iterator[Problem]:
    """All that needs no other file."""
    yield from _minutes(source)
    yield from _dates(source)
    yield from _objectives(source)
    for name, move in source.spec.moves.items():
        yield from _move(source, f"moves.{name}", move)
    for name, slider in source.spec.sliders.items():
        yield from _steps(source, f"sliders.{name}", slider)
    yield from _figures(source)
    for section in ("scenarios", "policies"):
        yield from _twice(source, section)


def exercise_warnings(source: ExerciseSource) -> Iterator[Problem]:
    """What may be meant, and mostly is not: an unused figure, a typed share, a day after the knowledge date,
    an inject of which nothing is expected."""
    texts = every_text(source.spec)
    used = {match[1] for _, text in texts for match in FIGURE.finditer(text)}
    if not source.broken:
        for name in source.spec.figures.keys() - used:
            yield source.at_key(
                f"figures.{name}", f"no text uses this figure; write {{{name}}} where it is told, or leave it out"
            )
    if not source.spec.paper:
        yield source.problem("paper", "is missing: how is it played without any computer, what is printed, who counts the days?")
    for path, text in texts:
        if (typed := _SHARE.search(text)) and not CITED.search(text):
            message = f"{quote(typed[0])} is typed; let the model give it, as a figure, or cite the fact that it is from"
            yield _inside(source, path, typed.start(), message)
    for name, move in source.spec.moves.items():
        for path, text in shown_in(name, move):
            yield from _later_days(source, path, text, move.on)
    if _whole_moves(source):
        yield from _unseen(source)


def _unseen(source: ExerciseSource) -> Iterator[Problem]:
    """An inject for which evaluators have nothing to look for: what the events list (MSEL) expects of it would stay empty."""
    shown: set[str] = set()
    for name, move in reversed(source.spec.moves.items()):
        shown |= {each for observation in move.observe for each in observation.objective}
        for key, inject in move.injects.items():
            if inject.objective and shown.isdisjoint(inject.objective):
                message = (
                    "is shown by no observation of this move or a later one; add one under observe, or nothing is expected here"
                )
                yield source.problem(f"moves.{name}.injects.{key}.objective", message)


# minutes and dates ----------------------------------------------------------------------------------------------------------


def _whole_moves(source: ExerciseSource) -> bool:
    """Whether every move is there to be counted."""
    return not any(each.startswith("moves") for each in source.broken)


def _minutes(source: ExerciseSource) -> Iterator[Problem]:
    exercise = source.spec
    if not source.whole("minutes"):
        return
    if not LEAST <= exercise.minutes <= MOST:
        yield source.problem("minutes", f"an exercise takes {LEAST} to {MOST} minutes, got {exercise.minutes}")
    if not (source.whole("debrief") and _whole_moves(source)):
        return
    moves = sum(move.minutes for move in exercise.moves.values())
    if moves + exercise.debrief.minutes != exercise.minutes:
        parts = f"the moves take {moves} and the debrief {exercise.debrief.minutes}, together {moves + exercise.debrief.minutes}"
        yield source.problem("minutes", f"must be what its parts add up to: {parts}, got {exercise.minutes}")


def _dates(source: ExerciseSource) -> Iterator[Problem]:
    for (before, earlier), (name, move) in pairwise(source.spec.moves.items()):
        if move.on < earlier.on:
            message = f"knowledge dates never go back: {quote(before)} is played on {earlier.on}, got {move.on}"
            yield source.problem(f"moves.{name}.on", message)


# objectives -----------------------------------------------------------------------------------------------------------------


def _objectives(source: ExerciseSource) -> Iterator[Problem]:
    names = _names(source, "objectives")
    if not source.whole("objectives"):
        return
    if len(names) < OBJECTIVES:
        yield source.problem("objectives", f"needs at least {OBJECTIVES}, got {len(names)}")
    if not _whole_moves(source):
        return
    served = {each for move in source.spec.moves.values() for inject in move.injects.values() for each in inject.objective or ()}
    seen = {each for move in source.spec.moves.values() for observation in move.observe for each in observation.objective}
    for name in names:
        missing = [what for what, those in (("inject serves", served), ("observation shows", seen)) if name not in those]
        if missing:
            message = f"no {' and no '.join(missing)} this objective; name it there under objective: {name}"
            yield source.at_key(f"objectives.{name}", message)


def _names(source: ExerciseSource, section: str) -> list[str]:
    """Every name in a section, of broken items too; those of a list of objectives are their positions."""
    node = source.node(section)
    return list(by_position(node.value)) if node and isinstance(node.value, list) else [*source.names(section)]


def _known(source: ExerciseSource, path: str, names: tuple[str, ...] | None, what: str, section: str) -> Iterator[Problem]:
    """Each of some names stands in a section."""
    node = source.node(path)
    for index, name in enumerate(names or ()):
        if source.whole(section) and name not in _names(source, section):
            at = f"{path}.{index}" if node and isinstance(node.value, list) else path
            yield source.problem(at, unknown_name(what, name, _names(source, section)))


# moves ----------------------------------------------------------------------------------------------------------------------


def _move(source: ExerciseSource, path: str, move: ExerciseMove) -> Iterator[Problem]:
    for name, inject in move.injects.items():
        yield from _inject(source, f"{path}.injects.{name}", inject, move)
    for index, observation in enumerate(move.observe):
        yield from _known(source, f"{path}.observe.{index}.objective", observation.objective, "objective", "objectives")
    if move.decide and len(move.decide.options) < 2:
        yield source.problem(f"{path}.decide.options", f"needs two or more to choose from, got {len(move.decide.options)}")
    if move.code:
        for name, blank in move.code.blanks.items():
            if blank.from_ is not None and blank.to is not None and blank.step is not None:
                ends = Steps.model_construct(from_=blank.from_, to=blank.to, step=blank.step)
                yield from _steps(source, f"{path}.code.blanks.{name}", ends)


def _inject(source: ExerciseSource, path: str, inject: ExerciseInject, move: ExerciseMove) -> Iterator[Problem]:
    yield from _known(source, f"{path}.to", inject.to, "role", "roles")
    yield from _known(source, f"{path}.objective", inject.objective, "objective", "objectives")
    if inject.minute >= move.minutes:
        message = f"must lie inside the move, which takes {move.minutes} minutes, got {inject.minute}"
        yield source.problem(f"{path}.minute", message)
    yield from _when(source, f"{path}.when", inject.when)


def _when(source: ExerciseSource, path: str, when: str) -> Iterator[Problem]:
    """The form; whether the phase or the signposts are there is seen beside the policies and scenarios."""
    if when in (START, BY_HAND):
        return
    try:
        if phase_of(when) is None:
            parse(when)
    except ValueError as error:
        yield source.problem(path, str(error))
    except GuardError as error:
        words = listed([START, BY_HAND, "phase == PHASE", "a condition such as deployment_level >= 3"])
        yield _inside(source, path, error.at, f"{error}; when is {words}")


def _steps(source: ExerciseSource, path: str, steps: Steps) -> Iterator[Problem]:
    if steps.from_ >= steps.to:
        yield source.problem(f"{path}.to", f"must be above from, which is {steps.from_:g}, got {steps.to:g}")
    elif steps.step <= 0:
        yield source.problem(f"{path}.step", f"must be above 0, got {steps.step:g}")
    elif (number := (steps.to - steps.from_) / steps.step) > MAX_STEPS:
        yield source.problem(f"{path}.step", f"leads to more than {MAX_STEPS} steps, got {number:,.0f}")
    elif abs(number - round(number)) > 1e-6:
        yield source.problem(f"{path}.step", f"must lead from {steps.from_:g} to {steps.to:g} exactly, got {steps.step:g}")


def _twice(source: ExerciseSource, section: str) -> Iterator[Problem]:
    names: tuple[str, ...] = getattr(source.spec, section)
    for index, name in enumerate(names):
        if name in names[:index]:
            yield source.problem(f"{section}.{index}", f"{quote(name)} is listed twice")


# texts ----------------------------------------------------------------------------------------------------------------------

_SHARE = re.compile(r"\b\d+(?:\.\d+)? ?%")
_MONTHS = "January February March April May June July August September October November December".split()
_DAY = re.compile(rf"\b(\d{{4}})-(\d\d)-(\d\d)\b|\b(\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d{{4}})\b")


def _inside(source: ExerciseSource, path: str, at: int, message: str) -> Problem:
    node = source.node(path)
    return Problem(node.inside(at) if node else source.place(path), path, message)


def _figures(source: ExerciseSource) -> Iterator[Problem]:
    known = [*source.names("figures")]
    for path, text in every_text(source.spec):
        for match in FIGURE.finditer(text):
            if match[1] not in known and source.whole("figures"):
                what = (
                    unknown_name("figure", match[1], known) if known else f"unknown figure {quote(match[1])}; the file has none"
                )
                yield _inside(source, path, match.start(), what)


def _later_days(source: ExerciseSource, path: str, text: str, on: dt.date) -> Iterator[Problem]:
    for match in _DAY.finditer(text):
        year, month, day = (match[1], match[2], match[3]) if match[1] else (match[6], _MONTHS.index(match[5]) + 1, match[4])
        try:
            told = dt.date(int(year), int(month), int(day))
        except ValueError:
            continue
        if told > on:
            yield _inside(source, path, match.start(), f"names {told}, which is after the move's knowledge date, {on}")


def cited_problems(source: ExerciseSource, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    """Facts cited that no ledger has, and those that nobody knew yet on the knowledge date of the move that shows them."""
    for path, text in every_text(source.spec):
        for at, fact in cited_in(text):
            if fact not in facts:
                unknown = unknown_name("fact", fact, list(facts)) if facts else f"unknown fact {fact}; the file lists no ledger"
                yield _inside(source, path, at, unknown)
    moves = list(source.spec.moves.items())
    for path, text in briefings(source.spec) if moves else ():
        yield from _too_early(source, path, text, facts, moves[0][1].on)
    for name, move in moves:
        for path, text in shown_in(name, move):
            yield from _too_early(source, path, text, facts, move.on)
        for key, inject in move.injects.items():
            for index, fact in enumerate(inject.evidence):
                if message := _unknown_yet(fact, facts, move.on):
                    yield source.problem(f"moves.{name}.injects.{key}.evidence.{index}", message)


def _too_early(source: ExerciseSource, path: str, text: str, facts: Mapping[str, Fact], on: dt.date) -> Iterator[Problem]:
    for at, fact in cited_in(text):
        if message := _unknown_yet(fact, facts, on):
            yield _inside(source, path, at, message)


def _unknown_yet(fact: str, facts: Mapping[str, Fact], on: dt.date) -> str | None:
    """Why a fact cannot be shown on a knowledge date; None: it can, or there is no such fact."""
    if fact not in facts:
        return None
    date, hindsight = facts[fact].date, facts[fact].hindsight
    if date and date > on:
        return f"{fact} is of {date}, after the knowledge date, {on}: nothing later is shown"
    if hindsight and date is None:
        return f"{fact} is known with hindsight alone and has no date, so that it cannot be shown to players"
    return None
