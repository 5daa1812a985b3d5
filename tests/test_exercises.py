"""The six shipped exercises, complete and rehearsed: they load clean, add up, are tied, and say nothing that the model does not.

What the texts say in words of what the model shows (who is sooner, which worlds differ) is tested here too, since no figure
would tell if it stopped being true.
"""

from __future__ import annotations

import datetime as dt
import re
from functools import cache
from pathlib import Path

import pytest

from sim import api
from sim.api.exercises import coding_of, sets_of
from sim.errors import BadUsage
from sim.library import entries, load_exercise
from sim.spec.exercise import BY_HAND, START, Exercise, phase_of, role_names
from sim.spec.exercise_texts import briefings, cited, every_text, shown_in
from tests.cli.shell import phased, phased_json

SHIPPED = ("fog", "hot-wash", "live-table-top", "policy-tournament", "ratchet", "read-the-trigger")
RUNS = 200


@cache
def played(name: str) -> api.PlayedExercise:
    return api.exercise(name, runs=RUNS)


def spec(name: str) -> Exercise:
    return played(name).exercise.spec


def value(name: str, figure: str) -> float:
    found = played(name).figures[figure].value
    assert found is not None
    return found


def test_six_ship() -> None:
    assert [each.name for each in entries("exercise")] == list(SHIPPED)
    assert [each["name"] for each in phased_json("list")["exercises"]] == list(SHIPPED)


@pytest.mark.parametrize("name", SHIPPED)
def test_reads_clean(name: str) -> None:
    assert api.exercise_problems(name) == ((), ())
    assert api.check([name]) == ()


@pytest.mark.parametrize("name", SHIPPED)
def test_timings_add_up(name: str) -> None:
    exercise = spec(name)
    assert 60 <= exercise.minutes <= 90
    assert sum(move.minutes for move in exercise.moves.values()) + exercise.debrief.minutes == exercise.minutes
    for move in exercise.moves.values():
        minutes = [inject.minute for inject in move.injects.values()]
        assert minutes == sorted(minutes), "the events list is in the order of the clock"
        assert all(minute <= move.minutes - 2 for minute in minutes), "there is time to read it"


@pytest.mark.parametrize("name", SHIPPED)
def test_every_objective_is_served_and_seen(name: str) -> None:
    exercise = spec(name)
    assert len(exercise.objectives) >= 3
    for objective in exercise.objectives:
        assert any(objective in (each.objective or ()) for move in exercise.moves.values() for each in move.injects.values())
        assert any(objective in each.objective for move in exercise.moves.values() for each in move.observe)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_fact_shown_was_public(name: str) -> None:
    """By the dates of the ledgers, told apart from the check of the file itself."""
    exercise, facts = spec(name), played(name).exercise.facts
    assert cited(exercise)
    for key, move in exercise.moves.items():
        text = " ".join(text for _, text in shown_in(key, move))
        known = {fact for fact, each in facts.items() if (each.date or exercise.moves[key].on) <= move.on}
        known -= {fact for fact, each in facts.items() if each.hindsight and each.date is None}
        for fact in facts:
            assert fact in known or f"({fact}" not in text
            assert fact in known or f", {fact}" not in text
        assert {fact for inject in move.injects.values() for fact in inject.evidence} <= known


@pytest.mark.parametrize("name", SHIPPED)
def test_teams_code_before_they_see_ours(name: str) -> None:
    exercise = spec(name)
    first, move = next(iter(exercise.moves.items()))
    assert move.code
    ours = {figure for figure, each in exercise.figures.items() if each.measure != "assumed"}
    texts = [text for _, text in [*briefings(exercise), *shown_in(first, move)]]
    assert not [text for text in texts for figure in ours if f"{{{figure}}}" in text]


@pytest.mark.parametrize("name", SHIPPED)
def test_every_text_can_be_told(name: str) -> None:
    texts = [played(name).told(text) for _, text in every_text(spec(name))]
    assert not [text for text in texts if "{" in text or "}" in text]
    whole = " ".join(texts)
    assert "probability that" not in whole
    for word in ("forecast", "recommend", "optimal"):
        assert word not in whole.lower()
    assert len(spec(name).paper) > 300


@pytest.mark.parametrize("name", SHIPPED)
def test_figures_are_measured(name: str) -> None:
    for figure, found in played(name).figures.items():
        assert found.text, figure
        if found.unit == "share" and found.low is not None and found.high is not None:
            assert 0 <= found.low <= found.high <= 1
            assert found.runs in (1, RUNS)


@pytest.mark.parametrize("name", SHIPPED)
def test_teams_rules_run_beside_ours(name: str) -> None:
    loaded = played(name).exercise
    for key in (key for key, move in loaded.spec.moves.items() if move.code):
        coding = coding_of(loaded.spec, key)
        first = {blank: next(iter(each.options), each.values[0]) for blank, each in coding.blanks.items()}
        last = {blank: [*each.options, *([] if each.options else each.values)][-1] for blank, each in coding.blanks.items()}
        rows = api.side_by_side(loaded, key, {"Team 1": first, "Team 2": last, "Team 3": {}}, runs=20)
        assert [row.name for row in rows][-3:] == ["Team 1", "Team 2", "Team 3"]
        assert (rows[0].kind, rows[1].kind, rows[-1].kind) == ("stated", "rival", "team")
        for phase, passage in rows[0].first_passage.items():
            assert (rows[-1].first_passage[phase].counts == passage.counts).all(), "a team that changes nothing has our rule"
            assert rows[0].told(phase)


def test_a_rival_is_the_same_by_option_and_by_set() -> None:
    loaded = load_exercise("read-the-trigger")
    rows = {row.name: row for row in api.side_by_side(loaded, "the_words", {"T": {"trigger": "Troops are sent to Russia"}})}
    assert rows["T"].sets == ("thresholds.front_line=rival:sent",)
    assert rows["T"].told("defensive_weapons") == rows["front_line: sent"].told("defensive_weapons")
    assert rows["as stated"].told("defensive_weapons") == "2024-10-31, day 7 (a single path)"


def test_answers_that_there_are_not() -> None:
    loaded = load_exercise("read-the-trigger")
    coding = coding_of(loaded.spec, "the_words")
    assert sets_of(coding, {"confirm": "7.0"}) == ("transitions.arm_defensively.confirm=7",)
    for answers, said in (
        ({"confirm": "29"}, "from 1 to 28, in steps of 1, got '29'"),
        ({"confirm": "x"}, "from 1 to 28"),
        ({"confirm": "1\nthresholds: {}"}, "from 1 to 28"),
        ({"trigger": "Troops are send to Russia"}, "did you mean 'Troops are sent to Russia'"),
        ({"wait": "1"}, "unknown blank 'wait'"),
    ):
        with pytest.raises(BadUsage, match=said.replace("(", "\\(")):
            sets_of(coding, answers)
    with pytest.raises(BadUsage, match="unknown move with a coding"):
        coding_of(loaded.spec, "no_threshold")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_role_is_told_something(name: str) -> None:
    exercise = spec(name)
    told = {role for move in exercise.moves.values() for each in move.injects.values() for role in role_names(exercise, each)}
    assert told == set(exercise.roles)


def test_conditions_of_injects_come_true_in_some_runs() -> None:
    """Rehearsed in the model: with the levels that the injects before set, on the scenario and policy that it plays."""
    conditions = []
    for name in SHIPPED:
        exercise, sets = spec(name), []
        for move in exercise.moves.values():
            for inject in move.injects.values():
                sets += [f"variables.{key}.path.{move.on}={number.value:g}" for key, number in inject.set.items()]
                if inject.when not in (START, BY_HAND):
                    conditions.append((name, inject.when))
                    run = api.run(exercise.scenarios[0], exercise.policies[0], runs=RUNS, sets=sets).result
                    day = (move.on - run.start).days
                    if phase := phase_of(inject.when):
                        assert run.first_passage[phase].cumulative[day] > 0.9
                    else:
                        signpost, least = inject.when.split(" >= ")
                        assert run.signposts[signpost].quantiles[-1, : day + 1].max() >= float(least)
    assert conditions == [("ratchet", "phase == defensive_weapons"), ("ratchet", "deployment_level >= 4")]


# figures against other ways to the same numbers -----------------------------------------------------------------------------


def test_shares_and_days_are_those_of_a_run() -> None:
    run = api.run("rear-labour-uncertain", "phased-approach", runs=RUNS).result
    figure = played("fog").figures["quiet_at_once"]
    assert (figure.value, figure.low, figure.high) == (
        run.first_passage["defensive_weapons"].reached,
        *run.first_passage["defensive_weapons"].interval,
    )
    assert value("policy-tournament", "labour_days_stated") == run.dwell["defensive_weapons"].phase_days / RUNS
    assert played("fog").figures["assumed"].text == "35 of 39"


def test_changes_are_the_transitions_of_a_run() -> None:
    run = api.run("ambiguous-intelligence-uncertain", "step-down", runs=RUNS).result
    assert value("policy-tournament", "fog_down") == pytest.approx(sum(each.count for each in run.transitions) / RUNS)


def test_days_later_are_those_of_compare() -> None:
    done = api.compare(["ambiguous-intelligence-uncertain"], ["phased-approach", "ambiguity-tolerant"], runs=RUNS)
    pair = next(each for each in done.pairs if each.phase == "defensive_weapons")
    assert value("fog", "later_two_of_three") == pytest.approx(pair.mean_difference)


def test_false_alarms_are_those_of_quality() -> None:
    sets = ["transitions.arm_defensively.confirm=7"]
    done = api.quality("ambiguous-intelligence-uncertain", "phased-approach", memories=["as-given"], runs=RUNS, sets=sets)
    (found,) = [each for each in done.columns[0].quality.transitions if each.name == "arm_defensively"]
    assert value("fog", "false_week") == found.false_alarm.value


# what the texts say in words ------------------------------------------------------------------------------------------------


def test_fog_waiting_buys_and_costs() -> None:
    assert value("fog", "false_at_once") > value("fog", "false_week") > value("fog", "false_three_weeks")
    assert value("fog", "quiet_at_once") > value("fog", "quiet_two_weeks") > value("fog", "quiet_fresh")
    assert value("fog", "later_two_of_three") > 0


def test_ratchet_the_spiral_is_a_finding() -> None:
    assert value("ratchet", "up_provoking") > value("ratchet", "up_neutral") > value("ratchet", "up_deterring")
    assert value("ratchet", "up_neutral") > 0, "without a reaction the level rises too: not every rise is a spiral"
    assert value("ratchet", "level_restrained") == value("ratchet", "level_neutral")
    assert value("ratchet", "swings_with") < value("ratchet", "swings_without")
    assert value("ratchet", "days_with") < value("ratchet", "days_without"), "bought with time in the higher phase"


def test_hot_wash_several_explanations_agree() -> None:
    """With what was done (no transfer) and with each other."""
    assert [value("hot-wash", each) for each in ("ukraine_only", "consent", "restrained")] == [0, 0, 0]
    assert value("hot-wash", "stated") == value("hot-wash", "crisis_alone") == 1
    assert played("hot-wash").told("{stated}").startswith("2024-10-31")
    crisis = load_exercise("hot-wash").facts["S08"].date
    assert crisis is not None
    assert crisis > dt.date(2024, 10, 31), "it began after the rule fell due"


def test_read_the_trigger_no_number_of_troops_opens_anything() -> None:
    labour = api.run("rear-labour", "phased-approach", runs=1).result
    assert labour.variables["troops_in_russia"].quantiles[2, -1] > 10_000
    assert value("read-the-trigger", "labour_as_stated") == 0
    assert "0 of" in played("read-the-trigger").told("{surge_readings}"), "a surge to the front meets no reading"
    assert "1 of" in played("read-the-trigger").told("{labour_readings}")


def test_policy_tournament_rung_four_is_never_reached_in_the_fog() -> None:
    fog = api.run("ambiguous-intelligence-uncertain", "phased-approach", runs=RUNS).result
    assert fog.variables["deployment_level"].quantiles.max() < 4
    assert value("policy-tournament", "fog_stated") > 0


def test_live_table_top_dates() -> None:
    told = played("live-table-top").told
    assert told("{kursk_stated} {kursk_theatre} {kursk_sent}").split()[::6] == ["2024-10-31,", "2024-10-28,", "2024-10-24,"]
    assert told("{kursk_offensive}").startswith("2024-12-16")
    assert told("{ukraine_stated}").startswith("not by")


# on the command line --------------------------------------------------------------------------------------------------------


def test_show_prints_the_exercise() -> None:
    text = phased("show", "live-table-top").stdout
    for line in (
        "Live table-top: October to December 2024, one report at a time  [exercise live-table-top]",
        "90 minutes: 5 moves and the hot wash",
        "0:20–0:35  Kursk  [move kursk; nothing later than 2024-10-31 is shown]",
        "  0:29  Up to 8,000  [inject eight_thousand, to Intelligence desk]",
        "1:15–1:30  Hot wash",
        "Teaching model of stated positions, not a forecast. No phase and no policy is called right.",
    ):
        assert line in text.splitlines()
    assert "with Kursk as the front: 2024-10-31, day 7 (a single path)." in text
    assert "https://world.kbs.co.kr/service/news_view.htm?lang=e&Seq_Code=188826" in text
    assert "{" not in text


def test_show_as_json_is_the_file() -> None:
    document = phased_json("show", "fog")
    assert (document["kind"], document["minutes"]) == ("exercise", 75)
    assert document["moves"]["first_reports"]["injects"]["newspaper"]["when"] == "by hand"


def test_the_page_of_the_docs_runs(capsys: pytest.CaptureFixture[str]) -> None:
    page = (Path(__file__).resolve().parents[1] / "docs" / "exercises.md").read_text("utf-8")
    code = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert code is not None
    exec(compile(code[1], "exercises.md", "exec"), {})
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "as stated 2024-10-31, day 7 (a single path)"
    assert lines[-2:] == ["Team 1 2024-10-24, day 0 (a single path)", "Team 2 2024-11-13, day 20 (a single path)"]
