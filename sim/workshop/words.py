"""The page's languages: labels and titles as the files give them, and the page's own words beside (words.json)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from typing import Any

from sim.analysis.outcome import grades
from sim.framing import TEACHING, assumed
from sim.library import Pair
from sim.spec.policy import Phase, Policy
from sim.spec.scenario import Scenario

Data = dict[str, Any]
Tables = dict[str, dict[str, str]]
MOVED = "What is moved here counts as assumed."

NAMES = {"en": "English", "ko": "한국어"}
"""Languages in which the page can speak, by their own names; its words are in words.json."""


def words(languages: Iterable[str]) -> Tables:
    """The page's own texts in those of some languages that it can speak, by the English ones."""
    table: Tables = json.loads((files("sim.workshop") / "words.json").read_text("utf-8"))
    return {each: table[each] for each in sorted(languages) if each in table}


def label(name: str, phase: Phase) -> Data:
    return {"label": phase.label or name, **({"others": dict(phase.labels)} if phase.labels else {})}


def title(spec: Policy | Scenario) -> Data:
    return {"title": spec.title, **({"others": dict(spec.titles)} if spec.titles else {})}


def languages(rows: Sequence[Sequence[Pair]]) -> set[str]:
    """Those in which some file gives a label or a title, beside English."""
    policies = [pair.policy.spec for row in rows for pair in row]
    titles = [*(each.titles for each in policies), *(row[0].scenario.spec.titles for row in rows)]
    labels = [phase.labels for each in policies for phase in each.phases.values()]
    return {language for each in (*titles, *labels) for language in each}


def framing(rows: Sequence[Sequence[Pair]]) -> str:
    """What stands above every page: what it is, how much of it is assumed, and that what is moved is."""
    told = assumed(grades(pair.policy.spec, pair.scenario.spec) for row in rows for pair in row)
    return f"{TEACHING} {told} {MOVED}"


def titled(rows: Sequence[Sequence[Pair]]) -> Policy | Scenario:
    """Whose title a page has, if its author gives none: the scenario's where there is one, else the first policy's."""
    return rows[0][0].scenario.spec if len(rows) == 1 else rows[0][0].policy.spec


def tables(rows: Sequence[Sequence[Pair]], titled: Policy | Scenario) -> Tables:
    """The page's own words in each language of its files, with its title and what stands above it."""
    found, english = words(languages(rows)), framing(rows)
    for language, table in found.items():
        counted = re.findall(r"(\d+) of (\d+)", english)
        table[english] = " ".join((table[TEACHING], *_assumed(table, counted), table[MOVED]))
        if language in titled.titles:
            table[titled.title] = titled.titles[language]
    return found


def _assumed(table: dict[str, str], counted: Sequence[tuple[str, str]]) -> Iterator[str]:
    each = [table["{0} of {1}"].format(*both) for both in counted]
    if each:
        yield table["{0} numbers are assumed."].format(table["{0} to {1}"].format("", "").join(each))
