"""An explanation as JSON: plain maps and lists, one fact once."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from typing import Any

from sim.analysis.explain import words
from sim.analysis.explain.behind import Behind, Cited, RivalValue
from sim.analysis.explain.margins import Comparison, Sides
from sim.analysis.explain.records import Explanation, Flip, Flips, Search
from sim.analysis.explain.stories import Decision, Near, Story
from sim.draws import Floats
from sim.spec.values import date_of

Json = dict[str, Any]


def document(told: Explanation) -> Json:
    """The parts of explanation.json that `phased path --json` does not have."""
    start = told.report.start
    return {
        "transitions": [_story(story, start) for story in told.stories],
        "flips": _flips(told, told.flips),
        "facts": {each.id: _fact(each) for each in every_fact(told)},
    }


def every_fact(told: Explanation) -> tuple[Cited, ...]:
    """Each fact that a transition, threshold, rival reading, confirmation or lag rests on, once, by id."""
    found = {each.id: each for story in told.stories for each in _cited(story)}
    return tuple(found[id_] for id_ in sorted(found))


def _cited(story: Story) -> Iterator[Cited]:
    yield from story.facts
    numbers = [*(each for those in story.decisions for each in those.behind), *(story.near.behind if story.near else ())]
    for number in (*numbers, *([story.confirm_behind] if story.confirm_behind else []), story.lag_behind):
        yield from number.facts
        yield from (fact for rival in number.rivals for fact in rival.facts)


def finite(value: float) -> float | None:
    """JSON knows no infinity: a margin over a division by zero, or of a level that overflowed, is null."""
    return value if math.isfinite(value) else None


def _story(story: Story, start: dt.date) -> Json:
    return {
        "name": story.name,
        "from": list(story.leaves),
        "to": story.to_phase,
        "guard": story.guard,
        "confirm": {
            "days": story.needed,
            "of": story.window,
            "number": _number(story.confirm_behind) if story.confirm_behind else None,
        },
        "lag": {"days": story.lag, "number": _number(story.lag_behind)},
        "revocable": story.revocable,
        "evidence": [each.id for each in story.facts],
        "possible_days": int(story.possible.sum()),
        "decisions": [_decision(story, each, start) for each in story.decisions],
        "near": None if story.near is None else _near(story, story.near, start),
        "mixed_units": story.margins.mixed,
        "comparisons": [_comparison(each) for each in story.margins.comparisons],
        "margin": {"seen": _finite(story.margins.seen.margin), "true": _finite(story.margins.true.margin)},
        "held": {"seen": story.margins.seen.held.tolist(), "true": story.margins.true.held.tolist()},
        "count": story.count.tolist(),
    }


def _finite(values: Floats) -> list[float | None]:
    return [finite(each) for each in values.tolist()]


def _comparison(each: Comparison) -> Json:
    return {
        "text": each.text,
        "unit": each.unit,
        "range": each.scale,
        "negated": each.negated,
        "margin": {
            "seen": [finite(x) for x in each.seen.margin.tolist()],
            "true": [finite(x) for x in each.true.margin.tolist()],
        },
    }


def _decision(story: Story, each: Decision, start: dt.date) -> Json:
    return {
        "outcome": each.outcome,
        "from": each.from_phase,
        "to": each.to_phase,
        "decided": each.decided,
        "decided_date": date_of(each.decided, start).isoformat(),
        "until": each.until,
        "until_date": date_of(each.until, start).isoformat(),
        "held_since": each.held_since,
        "held_since_date": date_of(each.held_since, start).isoformat(),
        "days_in_phase": each.days_in_phase,
        "on_the_day": _day(story, each.decided),
        "thresholds": {one.name: _number(one) for one in each.behind},
    }


def _near(story: Story, near: Near, start: dt.date) -> Json:
    return {
        "days": near.days,
        "day": near.day,
        "date": date_of(near.day, start).isoformat(),
        "held_days": near.held_days,
        "count": near.count,
        "count_day": near.count_day,
        "blocked": [{"why": each.why, "days": each.days} for each in near.blocked],
        "on_the_day": _day(story, near.day),
        "thresholds": {one.name: _number(one) for one in near.behind},
    }


def _day(story: Story, day: int) -> Json:
    """The guard on one day."""
    seen, true = story.margins.seen, story.margins.true
    return {
        "margin": {"seen": finite(float(seen.margin[day])), "true": finite(float(true.margin[day]))},
        "held": {"seen": bool(seen.held[day]), "true": bool(true.held[day])},
        "decided_by": {"seen": int(seen.decided_by[day]), "true": int(true.decided_by[day])},
        "comparisons": [
            {"text": each.text, "unit": each.unit, "seen": _sides(each.seen, day), "true": _sides(each.true, day)}
            for each in story.margins.comparisons
        ],
    }


def _sides(sides: Sides, day: int) -> Json:
    return {
        "left": finite(float(sides.left[day])),
        "right": finite(float(sides.right[day])),
        "margin": finite(float(sides.margin[day])),
        "held": bool(sides.held[day]),
        "divides_by_zero": bool(sides.divides_by_zero[day]),
    }


def _number(each: Behind) -> Json:
    return {
        "path": each.path,
        "value": each.value,
        "unit": each.unit,
        "grade": each.grade,
        "drawn": each.drawn,
        "note": each.note,
        "evidence": [fact.id for fact in each.facts],
        "rivals": [_rival(rival) for rival in each.rivals],
    }


def _rival(each: RivalValue) -> Json:
    ids = [fact.id for fact in each.facts]
    return {"name": each.name, "value": each.text, "grade": each.grade, "note": each.note, "evidence": ids}


def _fact(each: Cited) -> Json:
    fact = each.fact
    return {
        "says": fact.says,
        "who": fact.who,
        "outlet": fact.outlet,
        "date": fact.date.isoformat() if fact.date else None,
        "source": fact.source,
        "supports": fact.supports,
        "hindsight": fact.hindsight,
    }


def _flips(told: Explanation, flips: Flips) -> Json:
    nearest, turning = flips.nearest, flips.nearest_turning
    return {
        "nearest": _flip(told, nearest) if nearest else None,
        "nearest_adding_or_removing": _flip(told, turning) if turning else None,
        "numbers": [_search(told, each) for each in flips.searches],
        "windows_not_varied": list(told.not_varied),
    }


def _search(told: Explanation, search: Search) -> Json:
    number = search.number
    return {
        "path": number.path,
        "label": number.label,
        "kind": number.kind,
        "value": number.value,
        "unit": number.unit,
        "range": number.scale,
        "drawn": number.drawn,
        "method": search.method,
        "tried": search.tried,
        "nearest": {flip.direction: _flip(told, flip) for flip in search.first},
        "nearest_adding_or_removing": {flip.direction: _flip(told, flip) for flip in search.turning},
    }


def _flip(told: Explanation, flip: Flip) -> Json:
    names = [story.name for story in told.stories]
    return {
        "path": flip.number.path,
        "label": flip.number.label,
        "from": flip.number.value,
        "to": flip.value,
        "unit": flip.number.unit,
        "bound": flip.bound,
        "at_bound": flip.at_bound,
        "exact": flip.exact,
        "change": flip.change,
        "share_of_range": flip.size,
        "words": f"{words.changed(flip)}: {effect(told, flip)}",
        "transitions": [{"transition": names[each.transition], "decided": each.decided, "day": each.day} for each in flip.path],
    }


def effect(told: Explanation, flip: Flip) -> str:
    """What a flip changes, in words."""
    return words.effect(told.flips.base, flip.path, [story.name for story in told.stories], told.report.start)
