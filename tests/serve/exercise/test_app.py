"""The app of a live exercise, asked as a page asks it: by HTTP, with cookies, on a real server."""

from __future__ import annotations

import re
from importlib.resources import files

import httpx
import pytest

from sim.room import Room
from sim.serve.exercise.app import PAGES, page
from tests.room.made import Watch
from tests.serve.exercise.made import DECISION, act, client, joined, leading, served, words_of

# Who may come in -----------------------------------------------------------------------------------------------------------


def test_a_seat_is_a_cookie_that_no_script_reads(base: str, room: Room) -> None:
    with client(base) as asking:
        answer = asking.post("/join", json={"code": room.code.lower(), "team": "Reds", "role": ""})
        cookie = answer.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=strict", "Path=/"))
        assert answer.json() == {"team": "Reds"}
        assert asking.get("/team").status_code == 200
        assert "Reds" in words_of(asking.get("/team/state").json()["parts"]["who"])
        assert "Reds" in words_of(asking.get("/join/state").json()["parts"]["seated"])


def test_without_a_seat_there_is_no_table(base: str, room: Room) -> None:
    with client(base) as asking:
        assert asking.get("/team").headers["location"] == "/"
        for cookie in ("", f"team_{room.code}=x", f"team_{room.code}={room.code}; facilitator_{room.code}={room.secret}"):
            answer = asking.get("/team/state", headers={"Cookie": cookie})
            assert answer.status_code == 401
            assert "oin" in answer.json()["error"]
        assert asking.post("/decide", json=DECISION).status_code == 401


def test_others_join_a_table_with_its_code_only(base: str, room: Room) -> None:
    with joined(base, room, "Reds", "cabinet") as first, client(base) as second:
        code = re.search(r"[A-Z0-9]{6}", words_of(first.get("/team/state").json()["parts"]["who"]))
        assert code is not None
        assert second.post("/join", json={"code": room.code, "team": "Reds"}).status_code == 403
        wrong = {"code": room.code, "team": "", "team_code": room.code}
        assert second.post("/join", json=wrong).status_code == 403
        right = {"code": room.code, "team": "", "team_code": code[0], "role": "desk"}
        assert second.post("/join", json=right).json() == {"team": "Reds"}


def test_who_tries_codes_is_slowed_down_and_a_full_room_is_not(base: str, room: Room) -> None:
    """40 people behind one address get in, a third of them at the second try; who goes on guessing is stopped."""
    with client(base) as asking:
        for number in range(40):
            if number % 3 == 0:
                assert asking.post("/join", json={"code": "WRONG7", "team": "x"}).status_code == 403
            assert asking.post("/join", json={"code": room.code, "team": f"team {number}"}).status_code == 200
        answers = [asking.post("/join", json={"code": f"AAAA{number:02}", "team": "x"}) for number in range(60)]
    assert answers[0].status_code == 403
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert "wrong codes" in answers[-1].json()["error"]


def test_the_facilitator_has_a_secret_and_it_stays_one(base: str, room: Room) -> None:
    with client(base) as asking:
        assert asking.get("/facilitator").status_code == 200
        for path in ("/facilitator/state", "/board/state", "/facilitator/qr.svg", "/facilitator/debrief.html"):
            assert asking.get(path).status_code == 401
        assert asking.get("/board").headers["location"] == "/facilitator"
        assert act(asking, "advance", at="lobby").status_code == 401
        assert asking.post("/facilitator/open", json={"secret": room.secret[:-1]}).status_code == 403
        answer = asking.post("/facilitator/open", json={"secret": room.secret})
        assert room.secret not in answer.headers["set-cookie"]
        assert asking.get("/facilitator/state").status_code == 200
        assert room.secret not in asking.get("/facilitator/state").text


def test_a_seat_is_not_the_facilitators_place(base: str, room: Room) -> None:
    with joined(base, room, "Reds") as asking:
        assert asking.get("/facilitator/state").status_code == 401
        assert act(asking, "advance", at="lobby").status_code == 401


# What is new ---------------------------------------------------------------------------------------------------------------


def test_what_a_page_has_already_is_not_told_again(base: str, room: Room, watch: Watch) -> None:
    with joined(base, room, "Reds") as asking:
        since = asking.get("/team/state").json()["since"]
        again = asking.get("/team/state", params={"since": since})
        assert (again.status_code, again.content) == (204, b"")
        room.advance()
        view = asking.get("/team/state", params={"since": since}).json()
        assert view["since"] != since
        assert view["clock"] == {"remaining": 1200.0, "running": True}
        watch.run(room, 60)
        assert asking.get("/team/state").json()["clock"]["remaining"] == 1140.0


def test_after_a_restart_cookies_hold_and_all_is_told_again(room: Room) -> None:
    with served(room) as base, joined(base, room, "Reds") as asking, leading(base, room) as leader:
        since = asking.get("/team/state").json()["since"]
        kept = [dict(each.cookies) for each in (asking, leader)]
    with served(room) as base, client(base, cookies=kept[0]) as asking, client(base, cookies=kept[1]) as leader:
        assert asking.get("/team/state", params={"since": since}).status_code == 200
        assert leader.get("/facilitator/state").status_code == 200


# What is done --------------------------------------------------------------------------------------------------------------


def test_a_decision_with_a_rule_is_kept_and_given_back_to_the_form(base: str, room: Room) -> None:
    room.advance()
    with joined(base, room, "Reds", "cabinet") as asking:
        sent = {**DECISION, "answer:wait": "14", "answer:front": "In Russia"}
        assert asking.post("/decide", json=sent).json() == {}
        view = asking.get("/team/state").json()
    assert view["kept"] == {key: value for key, value in sent.items() if key != "move"}
    assert "as likely as not" in words_of(view["parts"]["own"])


def test_a_decision_is_for_ones_own_team_and_before_the_deadline(base: str, room: Room, watch: Watch) -> None:
    room.advance()
    with joined(base, room, "Reds") as reds, joined(base, room, "Blues") as blues:
        blues_code = room.seat(next(iter(blues.cookies.values()))).team_code
        forged = {**DECISION, "team": "Blues", "team_code": blues_code, "token": next(iter(blues.cookies.values()))}
        assert reds.post("/decide", json=forged).status_code == 200
        decided = {each["name"]: each["decided"] for each in room.facilitator_view()["teams"]}
        assert decided == {"Reds": True, "Blues": False}
        assert "because" not in blues.get("/team/state").text
        watch.run(room, 1_201)
        late = reds.post("/decide", json={**DECISION, "reason": "too late"})
        assert late.status_code == 409
        view = reds.get("/team/state").json()
        assert (view["lock"]["open"], view["kept"]["reason"]) == (False, "because")
        assert "time of this move is up" in view["lock"]["over"]


def test_roles_see_their_own_injects(base: str, room: Room, watch: Watch) -> None:
    room.advance()
    watch.run(room, 400)
    with joined(base, room, "Reds", "cabinet") as cabinet, joined(base, room, "Blues", "desk") as desk:
        seen = [words_of(each.get("/team/state").json()["parts"]) for each in (cabinet, desk)]
    assert ["T-later" in each for each in seen] == [False, True]
    assert ["CABINET-BRIEFING" in each for each in seen] == [True, False]
    assert all("T-at-once" in each for each in seen)


def test_every_action_of_the_facilitator(base: str, room: Room) -> None:
    with leading(base, room) as leader:

        def parts() -> str:
            return words_of(leader.get("/facilitator/state").json()["parts"])

        assert act(leader, "advance", at="lobby").status_code == 200
        assert act(leader, "advance", at="lobby").status_code == 409  # a second click skips no move
        assert act(leader, "extend", minutes=5).status_code == 200
        assert leader.get("/facilitator/state").json()["clock"]["remaining"] == pytest.approx(1_500, abs=1)
        assert act(leader, "pause").status_code == 200
        assert not leader.get("/facilitator/state").json()["clock"]["running"]
        assert act(leader, "go_on").status_code == 200
        assert act(leader, "release", inject="first.hand").status_code == 200
        made_up = {"title": "A call", "text": "Hello", "source": "White cell", "reliability": "none", "to:desk": "on"}
        assert act(leader, "improvise", **made_up).status_code == 200
        assert act(leader, "set_level", variable="deployment_level", value="4").status_code == 200
        noisy = next(each["name"] for each in room.facilitator_view()["model"]["readings"] if each["noisy"])
        assert act(leader, "set_noise", signpost=noisy, factor="0").status_code == 200
        assert act(leader, "show_readings", shown=True).status_code == 200
        assert "A call" in parts()
        assert "error × 0" in parts()
        assert "Hide the readings" in parts()
    view = room.facilitator_view()
    assert [each["to"] for each in view["msel"] if each["title"] == "A call"] == [["Desk"]]
    assert next(each["value"] for each in view["model"]["levels"] if each["name"] == "deployment_level") == 4


WRONG: list[tuple[str, dict[str, object], int]] = [
    ("release", {"inject": "first.nothing"}, 404),
    ("release", {"inject": 7}, 400),
    ("set_level", {"variable": "deployment_level", "value": "99"}, 400),
    ("set_level", {"variable": "deployment_level", "value": "nan"}, 400),
    ("set_level", {"variable": "deployment_level", "value": True}, 400),
    ("set_level", {"variable": "../etc", "value": 1}, 404),
    ("set_noise", {"signpost": "deployment_level", "factor": "-1"}, 400),
    ("extend", {"minutes": "1e400"}, 400),
    ("extend", {"minutes": 10**30}, 400),
    ("extend", {"minutes": 2.5}, 400),
    ("show_readings", {"shown": "yes"}, 400),
    ("improvise", {"title": "only this"}, 400),
    ("close", {}, 400),
    ("__class__", {}, 400),
]


def test_an_action_that_does_not_fit_is_refused_in_words(base: str, room: Room) -> None:
    room.advance()
    with leading(base, room) as leader:
        before = room.version
        for action, fields, status in WRONG:
            answer = act(leader, action, **fields)
            assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), (
                action,
                fields,
                answer.text,
            )
            assert len(answer.json()["error"]) > 5
        assert room.version == before


def test_the_debrief_has_its_files_and_no_script_may_run_in_it(base: str, room: Room) -> None:
    for _ in range(4):  # to the end: what is closed can still be read
        room.advance()
    with leading(base, room) as leader:
        page = leader.get("/facilitator/debrief.html")
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "script-src" not in page.headers["content-security-policy"]
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert leader.get("/facilitator/debrief.pdf").content.startswith(b"%PDF")
        assert "attachment" in leader.get("/facilitator/debrief.csv").headers["content-disposition"]
        assert "kind: scenario" in leader.get("/facilitator/played.yaml").text
        assert leader.get("/facilitator/small.room").status_code == 404


# The wall ------------------------------------------------------------------------------------------------------------------


def test_the_board_tells_what_all_were_told_and_no_more(base: str, room: Room, watch: Watch) -> None:
    room.advance()
    watch.run(room, 400)
    room.release("first.hand")
    with joined(base, room, "Reds", "cabinet") as reds, leading(base, room) as leader:
        reds.post("/decide", json={**DECISION, "reason": "SECRET-REASON", "answer:wait": "14"})
        told = leader.get("/board/state").text
        code = room.facilitator_view()["teams"][0]["code"]
        picture = leader.get("/facilitator/qr.svg")
    assert all(word in told for word in (room.code, "T-at-once", "SITUATION-A", "QUESTION-A", "Teams that have decided: 1 of 1."))
    for hidden in (room.secret, code, "Reds", "SECRET-REASON", "T-later", "T-hand", "KEY-", "OBSERVE-", "FINDING", "SITUATION-B"):
        assert hidden not in told
    assert picture.headers["content-type"] == "image/svg+xml"
    assert b"<script" not in picture.content


# The files -----------------------------------------------------------------------------------------------------------------


def test_one_small_script_that_writes_texts_as_texts() -> None:
    script = (files("sim.serve.exercise") / "room.js").read_text("utf-8")
    assert len(script.splitlines()) <= 250
    assert not re.findall(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function|srcdoc|WebSocket", script)


@pytest.mark.parametrize("name", PAGES)
def test_pages_hold_no_script_and_no_style_of_their_own(name: str) -> None:
    whole = page(name).decode("utf-8")
    assert re.findall(r"<script[^>]*>[^<]*", whole) == ['<script type="module" src="/room.js">']
    assert not re.findall(r"<style|\sstyle=|\son\w+=|https?://", whole)


def test_pages_go_by_the_shields_policy(base: str) -> None:
    with client(base) as asking:
        for path in ("/", "/facilitator", "/room.js", "/style.css"):
            answer: httpx.Response = asking.get(path)
            assert answer.status_code == 200
            assert "script-src 'self'" in answer.headers["content-security-policy"]
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["referrer-policy"] == "no-referrer"


def test_nothing_is_offered_that_would_be_refused(base: str, room: Room) -> None:
    """Before the first move and in the hot wash nothing can be given out or changed: no button and no form for it is there."""

    def offered(leader: httpx.Client) -> list[bool]:
        parts = leader.get("/facilitator/state").json()["parts"]
        return ["Release" in words_of(parts["msel"]), *(bool(parts[each]) for each in ("i-note", "l-name", "n-name"))]

    with leading(base, room) as leader:
        assert offered(leader) == [False] * 4
        room.advance()
        assert offered(leader) == [True] * 4
        room.advance()
        room.advance()
        assert offered(leader) == [False] * 4
        assert act(leader, "release", inject="first.hand").status_code == 409
        assert "teams speak first" in words_of(leader.get("/facilitator/state").json()["parts"]["now"])


def test_what_is_improvised_says_so_at_the_tables_and_on_the_board(base: str, room: Room) -> None:
    room.advance()
    with joined(base, room, "Reds") as table, leading(base, room) as leader:
        assert act(leader, "improvise", title="Rumour", text="t", source="The press", reliability="r").status_code == 200
        for asking, path in ((table, "/team/state"), (leader, "/board/state")):
            told = words_of(asking.get(path).json()["parts"]["injects"])
            assert told.count("improvised by the facilitator") == 1
