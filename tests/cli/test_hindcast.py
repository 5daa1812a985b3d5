from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

from tests.cli.shell import contents, phased, phased_json

KEYS = "coding reading note phase due until next_deed shown last_seen_below gap_days gap_is_at_least".split()


def test_json(here: Path) -> None:
    document = phased_json("hindcast")
    assert list(document) == ["statements", "standings", "deeds"]
    assert all(list(each) == KEYS for each in document["statements"])
    assert {each["coding"] for each in document["statements"]} == {"hindcast-kursk-counts", "hindcast-ukraine-only"}
    stated = document["statements"][0]
    assert (stated["reading"], stated["phase"], stated["due"]) == ("as stated", "defensive_weapons", "2024-10-31")
    assert stated["shown"] is None
    assert stated["gap_is_at_least"] is True
    assert stated["last_seen_below"]["date"] > "2026-02-01"
    assert stated["next_deed"]["date"] >= "2024-10-31"
    dates = [each["date"] for each in document["deeds"]]
    assert dates == sorted(dates)
    assert all(list(each) == ["id", "date", "phase", "says", "source"] for each in document["deeds"])
    never = [each for each in document["statements"] if each["due"] is None]
    assert never
    assert all(each["gap_days"] is None and each["gap_is_at_least"] is False for each in never)
    assert list(here.iterdir()) == []


def test_table_and_files(here: Path) -> None:
    text = phased("hindcast", "hindcast-kursk-counts").stdout
    row = r"^hindcast-kursk-counts +as stated +Defensive weapons +2024-10-31 +over \d+ days: still no_action on 2026-"
    assert re.search(row, text, re.M)
    assert "sustained_combat: discretion                  Offensive measures  not within the run" in text
    assert "Statement against behaviour, never a fit. Teaching model of stated positions, not a forecast." in text
    files = contents(here / "reports" / "hindcast--phased-approach")
    assert sorted(files) == ["evidence.json", "hindcast.csv", "hindcast.json", "hindcast.png", "hindcast.svg", "manifest.json"]
    rows = list(csv.DictReader(io.StringIO(files["hindcast.csv"].decode(), newline="")))
    statements = json.loads(files["hindcast.json"])["statements"]
    assert [(row["coding"], row["reading"], row["phase"], row["due"]) for row in rows] == [
        (each["coding"], each["reading"], each["phase"], each["due"] or "") for each in statements
    ]
    phased("hindcast", "hindcast-kursk-counts", "--out", "again")
    assert contents(here / "again") == files


def test_other_policies_and_sets() -> None:
    document = phased_json("hindcast", "hindcast-ukraine-only", "--policy", "hair-trigger")
    assert document["statements"][0]["due"] == "2024-10-24"
    later = phased_json("hindcast", "hindcast-kursk-counts", "--set", "transitions.arm_defensively.confirm=3")
    assert later["statements"][0]["due"] == "2024-11-02"


def test_an_uncertain_scenario_is_refused() -> None:
    assert "needs a plain scenario" in phased("hindcast", "hindcast-kursk-counts-uncertain", code=2).stderr
