"""What a team sends as its decision, checked."""

from __future__ import annotations

from collections.abc import Mapping

from sim.api import sets_of
from sim.errors import BadInput, BadUsage
from sim.library import Library
from sim.room import codes, limits
from sim.room.events import Json
from sim.room.refused import does_not_fit, sentence
from sim.room.views import Scene
from sim.spec.exercise import CONFIDENCE, Coding, ExerciseMove


def decision_of(
    scene: Scene,
    library: Library,
    option: str | None,
    phase: str | None,
    reason: str,
    confidence: int,
    answers: Mapping[str, str],
) -> Json:
    """A decision in the current move, as it is kept. Raises Refused where something does not fit."""
    move = scene.script.moves[scene.state.step]
    if isinstance(confidence, bool) or confidence not in CONFIDENCE:
        raise does_not_fit(f"Say how sure you are, from {min(CONFIDENCE)} to {max(CONFIDENCE)}.")
    filled = {str(name): str(answer) for name, answer in answers.items() if str(answer).strip()}
    given = {
        "option": _option(scene, move, option),
        "phase": _phase(scene, phase),
        "reason": codes.several_lines(reason, "The reason", limits.TEXT),
        "confidence": int(confidence),
        "answers": _answers(scene, library, move.code, filled),
    }
    if (option or phase) and not given["reason"]:
        raise does_not_fit("Give a reason: it is what the talk afterwards rests on.")
    if not (option or phase or filled or given["reason"]):
        raise does_not_fit("Nothing is filled in yet.")
    return given


def _option(scene: Scene, move: ExerciseMove, option: str | None) -> str | None:
    if not option:
        return None
    known = move.decide.options if move.decide else ()
    found = next((each for each in known if option in (each, scene.told(each))), None)
    if found is None:
        raise does_not_fit("This is none of the options of this move.")
    return scene.told(found)


def _phase(scene: Scene, phase: str | None) -> str | None:
    if not phase:
        return None
    if phase not in [each.name for each in scene.course.model.machine.phases]:
        raise does_not_fit("The policy has no such phase.")
    return phase


def _answers(scene: Scene, library: Library, code: Coding | None, answers: Mapping[str, str]) -> dict[str, str]:
    """Answers that can be run: each is checked as `--set` would be, and so is all of them together."""
    if not answers:
        return {}
    if code is None:
        raise does_not_fit("There is nothing to fill in in this move.")
    exercise = scene.script.exercise
    try:
        sets = sets_of(code, answers)
        library.pair_in(scene.script.loaded, code.scenario or exercise.scenarios[0], code.policy or exercise.policies[0], sets)
    except BadUsage as error:
        raise does_not_fit(sentence(str(error))) from None
    except BadInput as error:
        raise does_not_fit(f"These numbers do not fit together: {error.problems[0].message}.") from None
    return dict(answers)
