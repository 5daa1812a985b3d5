"""From the state of a live exercise to its debrief."""

from __future__ import annotations

from collections.abc import Iterator

from sim.analysis.outcome import grades
from sim.api import side_by_side
from sim.framing import TEACHING, assumed
from sim.intervals import LEVEL
from sim.library import Library
from sim.room.alongside import why
from sim.room.debrief import parted
from sim.room.debrief.parted import Stands
from sim.room.debrief.picture import picture_of
from sim.room.debrief.records import Coded, Debrief, Known, PlayedMove, Rule, Step, TeamDecision
from sim.room.state import Change, Decided
from sim.room.team_view import is_public
from sim.room.views import Json, Scene, injects
from sim.spec.evidence import Fact
from sim.spec.exercise import CONFIDENCE, Coding
from sim.spec.exercise_texts import cited_in

_KINDS = {"stated": "as stated in the file", "rival": "another reading in the file", "team": "team"}
_PROGRESS = {
    "lobby": "The exercise has not begun.",
    "move": "The exercise is still being played.",
    "debrief": "All moves have been played.",
    "closed": "All moves have been played.",
}


def debrief_of(scene: Scene, library: Library, played: str) -> Debrief:
    """All that the debrief tells. Runs the teams' codings beside the file's own; `played`: the scenario as played, as a file."""
    exercise, course, state = scene.script.exercise, scene.course, scene.state
    moves = tuple(_Move(scene, step).played() for step in range(min(state.step + 1, len(scene.script.moves))))
    stands = [(each.title, each.phase, _stands(each)) for each in moves]
    teams = tuple(each.name for each in state.teams.values())
    command = f"phased path ./played.yaml --run {course.report.run} --seed {course.report.seed}"
    which = "a single path: nothing in it is uncertain" if course.model.single_path else f"run {course.report.run}"
    return Debrief(
        exercise=exercise.name,
        title=scene.told(exercise.title),
        framing=TEACHING,
        assumed=assumed([grades(course.pair.policy.spec, course.pair.scenario.spec)]),
        policy=course.pair.policy.spec.title,
        scenario=scene.alongside.base.scenario.spec.title,
        phases=tuple(each.label for each in course.model.machine.phases),
        which=f"{which}, seed {course.report.seed}",
        command=command,
        state=_PROGRESS[scene.status],
        teams=teams,
        moves=moves,
        summary=tuple(parted.over_all(stands, teams)),
        coded=tuple(_coded(scene, library)),
        questions=tuple(scene.told(each) for each in exercise.debrief.questions),
        findings=tuple(scene.told(each) for each in exercise.debrief.findings),
        facts=tuple(_facts(scene)),
        picture=picture_of(scene, library, command),
        played=played,
    )


def _stands(move: PlayedMove) -> Stands:
    return {each.team: each.phase or None for each in move.decisions}


class _Move:
    """One move of the timeline."""

    def __init__(self, scene: Scene, step: int) -> None:
        self.scene, self.step, self.move = scene, step, scene.script.moves[step]

    def played(self) -> PlayedMove:
        scene, course, on = self.scene, self.scene.course, self.move.on
        decisions = tuple(self._decisions())
        silent = tuple(team.name for key, team in scene.state.teams.items() if (key, self.step) not in scene.state.decisions)
        phase = course.label(course.phase(on))
        stands = {each.team: each.phase or None for each in decisions}
        began = scene.state.started[self.step]
        return PlayedMove(
            number=self.step + 1,
            name=scene.script.names[self.step],
            title=scene.told(scene.script.title(self.step)),
            date=on.isoformat(),
            seconds=began,
            lasted=self._ended() - began,
            situation=scene.told(self.move.situation),
            question=scene.told(self.move.decide.question) if self.move.decide else "",
            known=tuple(_known(scene, each) for each in self._given()),
            decisions=decisions,
            silent=silent,
            phase=phase,
            steps=tuple(self._steps()),
            pending=course.pending(on) or "",
            parted=tuple(parted.in_a_move(on.isoformat(), phase, stands, silent)),
            changes=tuple(self._changes()),
        )

    def _ended(self) -> float:
        started = self.scene.state.started
        return started[self.step + 1] if self.step + 1 < len(started) else self.scene.seconds

    def _given(self) -> list[Json]:
        releases = self.scene.state.releases
        given = [each for _, each in injects(self.scene)]
        return [each for release, each in zip(releases, given, strict=True) if release.step == self.step]

    def _decisions(self) -> Iterator[TeamDecision]:
        for key, team in self.scene.state.teams.items():
            if decided := self.scene.state.decisions.get((key, self.step)):
                yield _decision(self.scene, team.name, decided, self.move.code)

    def _steps(self) -> Iterator[Step]:
        course = self.scene.course
        before = self.scene.script.moves[self.step - 1].on if self.step else None
        for each in course.taken(self.move.on, before):
            labels = course.label(each.from_phase), course.label(each.to_phase)
            yield Step(each.date.isoformat(), *labels, each.transition, tuple(why(each)))

    def _changes(self) -> Iterator[str]:
        told = self.scene.alongside.told(self.scene.state)
        changes: tuple[Change, ...] = self.scene.state.changes
        yield from (text for change, text in zip(changes, told, strict=True) if change.step == self.step)


def _known(scene: Scene, given: Json) -> Known:
    release = scene.state.released(given["id"])
    assert release is not None  # it is listed because it was released
    texts = {name: given[name] for name in ("title", "text", "source", "reliability", "improvised")}
    return Known(seconds=release.seconds, to=", ".join(given["to"]), by=release.by, **texts)


def _decision(scene: Scene, team: str, decided: Decided, code: Coding | None) -> TeamDecision:
    return TeamDecision(
        team=team,
        seconds=decided.seconds,
        option=decided.option or "",
        phase=scene.course.label(decided.phase) if decided.phase else "",
        reason=decided.reason,
        confidence=f"{decided.confidence} of {max(CONFIDENCE)}: {CONFIDENCE[decided.confidence]}",
        answers=_answers(scene, code, decided) if code else "",
        role=scene.script.role(decided.role),
        times=decided.times,
    )


def _answers(scene: Scene, code: Coding, decided: Decided) -> str:
    asked = ((scene.told(blank.ask), decided.answers.get(name)) for name, blank in code.blanks.items())
    return "\n".join(f"{ask} {answer}" for ask, answer in asked if answer is not None)


# codings side by side ---------------------------------------------------------------------------------------------------------


def _coded(scene: Scene, library: Library) -> Iterator[Coded]:
    """Per move with a coding that was played: the file's reading, its rivals and each team's rule, on the same draws."""
    for step, move in enumerate(scene.script.moves[: scene.state.step + 1]):
        teams = {key: each for (key, at), each in scene.state.decisions.items() if at == step and each.answers}
        if move.code and teams:
            yield _side_by_side(scene, library, step, move.code, teams)


def _side_by_side(scene: Scene, library: Library, step: int, code: Coding, teams: dict[str, Decided]) -> Coded:
    names = {scene.state.teams[key].name: each for key, each in teams.items()}
    found = side_by_side(
        scene.script.loaded,
        scene.script.names[step],
        {name: each.answers for name, each in names.items()},
        seed=scene.alongside.seed,
        library=library,
    )
    policy = library.pair_in(
        scene.script.loaded,
        code.scenario or scene.script.exercise.scenarios[0],
        code.policy or scene.script.exercise.policies[0],
    ).policy.spec
    phases = list(found[0].first_passage)
    rules = []
    for row in found:
        answers = _answers(scene, code, names[row.name]) if row.kind == "team" else ", ".join(row.sets)
        rules.append(Rule(row.name, _KINDS[row.kind], answers, tuple(row.told(phase) for phase in phases)))
    passage = next(iter(found[0].first_passage.values()))
    note = "" if passage.single_path else _drawn(passage.runs)
    labels = tuple(policy.phases[each].label or each for each in phases)
    return Coded(scene.told(scene.script.title(step)), scene.told(code.question), labels, tuple(rules), note)


def _drawn(runs: int) -> str:
    sampled = f"In brackets: {LEVEL:.0%} Monte Carlo intervals: how well the model was sampled, not how true it is."
    return f"{runs:,} simulated runs a rule, on the same draws. {sampled}"


# facts ------------------------------------------------------------------------------------------------------------------------


def _facts(scene: Scene) -> Iterator[tuple[str, str]]:
    """Facts that what was told and decided rests on: of injects, situations and the thresholds that were met."""
    last = scene.script.date(scene.state.step)
    known = {**scene.alongside.base.policy.facts, **scene.script.facts}
    for id_ in dict.fromkeys(_cited(scene)):
        if id_ in known and is_public(known[id_], last):
            yield id_, in_words(known[id_])


def _cited(scene: Scene) -> Iterator[str]:
    last = scene.script.date(scene.state.step)
    for move in scene.script.moves[: scene.state.step + 1]:
        yield from (id_ for _, id_ in cited_in(move.situation))
    for _, given in injects(scene):
        card = scene.script.cards.get(given["id"])
        yield from card.inject.evidence if card else ()
        yield from (id_ for _, id_ in cited_in(f"{given['text']} {given['source']}"))
    for taken in scene.course.taken(last) if last else ():
        for threshold in taken.thresholds.values():
            yield from threshold.evidence


def in_words(fact: Fact) -> str:
    """A fact with who said it, where and when."""
    where = ", ".join(filter(None, (fact.who, fact.outlet, fact.date.isoformat() if fact.date else None)))
    return f"{fact.says} {where}." if where else fact.says
