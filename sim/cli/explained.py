"""The text of `phased explain`: each transition with what decided it, how near the rest came, and the nearest flips."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sim.analysis.explain.document import effect, every_fact
from sim.analysis.explain.words import amount, changed, where
from sim.cli import say
from sim.framing import TEACHING, assumed
from sim.spec import guard

if TYPE_CHECKING:
    from sim.analysis.explain.behind import Behind, Cited
    from sim.analysis.explain.margins import Comparison, Verdict
    from sim.analysis.explain.records import Explanation, Flip
    from sim.analysis.explain.stories import Decision, Near, Story
    from sim.api.explanations import Explained

_LABEL = 10
_ONE = "one path: nothing in it is uncertain, so every run is this one"
_NO_SUCH = "no value, and no whole number of days up to the end,"


def show(done: Explained) -> None:
    """On stdout."""
    result, told = done.result, done.explanation
    say.heading(result.scenario_title, result.scenario, result.policy_title, result.policy)
    which = _ONE if result.single_path else f"run {told.report.run}, seed {result.seed}"
    say.line(f"{result.start} to {result.date(result.days - 1)}; {which}\n")
    text = _Text(done)
    if not any(story.decisions for story in told.stories):
        say.line(f"No transition: {text.labels[told.report.phase[0]]} throughout.\n")
    decisions = [(story, each) for story in told.stories for each in story.decisions]
    for story, each in sorted(decisions, key=lambda both: both[1].decided):
        text.decision(story, each)
    for story in told.stories:
        if story.near:
            text.near(story, story.near)
    text.elsewhere()
    text.flips()
    text.facts()
    say.line(f"{assumed([result.grades])} {TEACHING}")


class _Text:
    """An explanation as lines."""

    def __init__(self, done: Explained) -> None:
        self.told: Explanation = done.explanation
        self.start = done.result.start
        self.days = done.result.days
        self.labels = {phase.name: phase.label for phase in done.result.phases}

    def _date(self, day: int) -> str:
        return say.date(day, self.start)

    def _row(self, name: str, text: str) -> None:
        say.paragraph(f"  {name:{_LABEL}} {text}")

    def decision(self, story: Story, each: Decision) -> None:
        head = f"{self.labels[each.from_phase]} → {self.labels[each.to_phase]}  [{story.name}]"
        match each.outcome:
            case "taken":
                say.line(f"{self._date(each.until)}  {head}")
            case "lapsed":
                say.line(f"Lapsed on {self._date(each.until)}  {head}")
            case "pending":
                say.line(f"Pending at the end  {head}")
        when = f"{self._date(each.decided)}, held since {self._date(each.held_since)}; {_needs(story)}"
        due = f", due {self._date(each.until)}" if each.outcome == "pending" else ""
        in_effect = f", in effect {self._date(each.until)}" if each.outcome == "taken" and each.until > each.decided else ""
        self._row("guard", story.guard)
        self._row("decided", f"{when}{due}{in_effect}")
        self._on(story, each.decided)
        self._behind(story, each.behind)
        say.line()

    def near(self, story: Story, near: Near) -> None:
        leaves = ", ".join(self.labels[phase] for phase in story.leaves)
        times = "again " if any(each.outcome == "taken" for each in story.decisions) else ""
        say.line(f"Not {times}taken: {leaves} → {self.labels[story.to_phase]}  [{story.name}]")
        self._row("guard", story.guard)
        self._row("nearest", f"{self._date(near.day)}")
        self._on(story, near.day)
        held = f"{near.held_days:,} of the {_count(near.days)} on which the run stood where it leaves"
        self._row("held", f"{held}; {_counted(story, near, self._date(near.count_day))}")
        for each in near.blocked:
            self._row("confirmed", f"on {_count(each.days)} on which {each.why}")
        self._behind(story, near.behind)
        say.line()

    def _on(self, story: Story, day: int) -> None:
        """The guard on one day: every comparison, and which decided."""
        margins = story.margins
        for index, each in enumerate(margins.comparisons):
            decided = len(margins.comparisons) > 1 and index == margins.seen.decided_by[day]
            self._row("compared", compared(each, day) + ("  ← decides" if decided else ""))
        self._row("margin", _margin(story, margins.seen, day) + _chosen(story))
        self._row("in truth", f"{_margin(story, margins.true, day)}, by the true values of the day")

    def _behind(self, story: Story, numbers: tuple[Behind, ...]) -> None:
        days = [each for each in (story.confirm_behind, story.lag_behind) if each]
        for name, those in (("against", numbers), ("days", days)):
            for each in those:
                self._row(name, _rests_on(each))

    def elsewhere(self) -> None:
        never = [story.name for story in self.told.stories if not story.possible.any()]
        if never:
            say.paragraph(f"Never where the run stood: {', '.join(never)}.\n")

    def flips(self) -> None:
        flips = self.told.flips
        if not flips.searches:
            say.line("No flip: no guard uses a threshold and there is no confirmation or lag to vary.\n")
            return
        nearest, turning = flips.nearest, flips.nearest_turning
        say.paragraph(f"Nearest flip: {self._flip(nearest) if nearest else f'none; {_NO_SUCH} changes a transition'}")
        if nearest and nearest != turning:
            that = self._flip(turning) if turning else f"none; {_NO_SUCH} does"
            say.paragraph(f"Nearest that adds or removes a transition: {that}")
        say.line()
        rows = [row for search in flips.searches for row in self._rows(search.told)]
        if rows:
            say.table(("Number", "As it was", "Nearest change", "Begins", "Share of range", "Then"), rows, right=(4,))
        self._unmoved()
        say.line()

    def _flip(self, flip: Flip) -> str:
        begins = f" ({where(flip)})" if where(flip) else ""
        return f"{changed(flip)}{begins}: {effect(self.told, flip)}"

    def _rows(self, flips: tuple[Flip, ...]) -> Iterator[tuple[str, ...]]:
        for flip in flips:
            number, way = flip.number, "↓" if flip.direction == "down" else "↑"
            was = f"{amount(number.value)} {_days(number.unit, number.value)}" + (" (drawn)" if number.drawn else "")
            search = "" if flip.exact else " (first found)"
            yield (
                number.label,
                was,
                f"{way} {amount(flip.value)}{search}",
                where(flip),
                f"{flip.size:.1%}",
                effect(self.told, flip),
            )

    def _unmoved(self) -> None:
        searches = self.told.flips.searches
        still = [search.number.label for search in searches if not search.first]
        if still:
            say.paragraph(f"Whatever they are, nothing changes: {', '.join(still)}.")
        numeric = [search.number.label for search in searches if search.method == "numeric search"]
        if numeric:
            say.paragraph(f"Inside arithmetic, and so by numeric search, which may miss a nearer one: {', '.join(numeric)}.")
        if self.told.not_varied:
            say.paragraph(f"Not varied: the confirmation of {', '.join(self.told.not_varied)}, which is m of the last n days.")
        say.paragraph(
            "One number at a time, everything else and every draw as it was; each flip was simulated again. "
            f"Ranked by share of range: of the signpost's for a threshold, of {_count(self.days)} for a confirm or lag."
        )

    def facts(self) -> None:
        for each in every_fact(self.told):
            say.paragraph(f"{each.id}  {_said(each)}")
        say.line()


def _days(unit: str, value: float) -> str:
    return "day" if unit == "days" and value == 1 else unit


def _count(days: int) -> str:
    return f"{days:,} day{'' if days == 1 else 's'}"


def _needs(story: Story) -> str:
    if story.window:
        return f"it must hold on {story.needed} of {_count(story.window)}"
    return "one day is enough" if story.needed == 1 else f"it must hold {_count(story.needed)} in a row"


def _counted(story: Story, near: Near, when: str) -> str:
    """`at most 9 of 14 days in a row, on 2024-11-03 (day 10)`"""
    how = f"of {_count(story.needed)}" + (f" within {story.window}" if story.window else " in a row" if story.needed > 1 else "")
    return f"confirmation at most {near.count} {how}" + (f", on {when}" if near.count else "")


def _margin(story: Story, verdict: Verdict, day: int) -> str:
    unit = story.margins.comparisons[int(verdict.decided_by[day])].unit
    return margin_words(float(verdict.margin[day]), bool(verdict.held[day]), unit)


def _chosen(story: Story) -> str:
    """How the deciding comparison was found."""
    tree = guard.parse(story.guard)
    joins = {type(node) for node in _inner(tree)}
    told = [words for kind, words in ((guard.And, "of an and the least"), (guard.Or, "of an or the greatest")) if kind in joins]
    if not told:
        return ""
    how = ", in shares of each one's range as their units differ" if story.margins.mixed else ""
    return f" ({', '.join(told)}{how})"


def _inner(node: guard.Node) -> Iterator[guard.Node]:
    yield guard.And((), node.at) if isinstance(node, guard.Compare) and len(node.operators) > 1 else node
    for child in guard.children(node):
        yield from _inner(child)


def margin_words(margin: float, held: bool, unit: str | None) -> str:
    """`held, by 0.5 rung`, `1 rung short of holding`, `held, exactly on the line`, `did not hold: a division by zero`"""
    if not math.isfinite(margin):
        return f"{'held' if held else 'did not hold'}: undefined, as after a division by zero"
    if margin == 0:
        return "held, exactly on the line" if held else "did not hold, exactly on the line"
    by = f"{amount(abs(margin))} {unit or ''}".strip()
    return f"held by {by}" if held else f"{by} short of holding"


def compared(each: Comparison, day: int) -> str:
    """`level >= line: 3 against 3 rung, margin 0; true 2.5, margin −0.5`"""

    def side(name: str) -> str:
        sides = each.seen if name == "seen" else each.true
        if sides.divides_by_zero[day]:
            return f"{name} divides by zero, so it is false"
        shown = f"{amount(sides.left[day])} against {amount(sides.right[day])}"
        return f"{name} {shown}, margin {amount(sides.margin[day]).replace('-', '−')}"

    unit = f" ({each.unit})" if each.unit else ""
    return f"{each.text}{unit}: {side('seen')}; {side('true')}" + (", under not" if each.negated else "")


def _rests_on(each: Behind) -> str:
    """`front_line 3 rung (implied, F10); rival readings: sent 2 (implied, F13)`"""
    grade = ", ".join((each.grade, *(fact.id for fact in each.facts)))
    drawn = f", drawn from {each.drawn}" if each.drawn else ""
    rivals = [f"{one.name} {one.text} ({', '.join((one.grade, *(fact.id for fact in one.facts)))})" for one in each.rivals]
    told = f"{each.name.removeprefix('transitions.')} {amount(each.value)} {_days(each.unit, each.value)} ({grade}){drawn}"
    return told + (f"; rival readings: {', '.join(rivals)}" if rivals else "")


def _said(each: Cited) -> str:
    """`Ukrainian officials, The Daily Digest, 2024-10-24: …`"""
    fact = each.fact
    by = ", ".join(part for part in (fact.who, fact.outlet, fact.date.isoformat() if fact.date else "no date") if part)
    return f"{by}: {fact.says}" + ("  (known only with hindsight)" if fact.hindsight else "")
