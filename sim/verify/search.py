"""Breadth-first search through the states of a policy machine: how soon can a phase be reached, and by which guards when."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

MOST_STATES = 150_000
"""States of one search; beyond, it gives up."""

NONE = -1


@dataclass(frozen=True)
class Rule:
    """A transition with its numbers of days. `loose`: they are the least ones, and more may be needed."""

    leaves: tuple[bool, ...]
    to: int
    days: int
    """days on which the guard must hold"""
    window: int | None
    """of the last so many; None: in a row"""
    lag: int
    revocable: bool
    loose_confirm: bool = False
    loose_lag: bool = False

    def marked(self, mark: int, held: bool) -> int:
        """What must be remembered of the past days: how long it held, or on which of the last days, the `days` latest ones."""
        if self.window is None:
            return min(mark + 1, self.days) if held else 0
        mark = (mark << 1 | held) & ((1 << self.window) - 1)
        return mark ^ (1 << (mark.bit_length() - 1)) if mark.bit_count() > self.days else mark

    def kept(self, mark: int) -> int:
        """What of it still counts tomorrow."""
        return min(mark, self.days - 1) if self.window is None else mark & ((1 << (self.window - 1)) - 1)

    def confirmed(self, mark: int) -> bool:
        return (mark if self.window is None else mark.bit_count()) >= self.days


@dataclass(frozen=True)
class Ladder:
    """What the search goes by."""

    rules: Sequence[Rule]
    stays: Sequence[int]
    """per phase, the days that it lasts at least"""
    loose_stays: Sequence[bool]
    initial: int
    letters: Sequence[Sequence[Sequence[int]]]
    """per epoch and days in the phase (the last entry counts for all longer stays), which guards can hold together: bit i of a
    letter stands for rule i"""
    timeline: Sequence[tuple[int, int]]
    """(first day, epoch)"""
    days: int | None
    """the horizon"""

    @cached_property
    def longest(self) -> int:
        """Days in a phase from which on guards do not change with more of them."""
        return max(len(each) for each in self.letters) - 1


State = tuple[int, int, int, int, tuple[int, ...]]
"""phase, days in it (before today's decision, as far as they matter), pending rule, days left, marks"""


@dataclass(frozen=True)
class Way:
    """How a phase is reached: what must hold on each day."""

    day: int
    letters: tuple[int, ...]
    """per day from 0"""
    stays: tuple[int, ...]
    """per day, the days in the phase that guards see, as far as they matter"""


@dataclass(frozen=True)
class Found:
    ways: Mapping[int, Way]
    """per phase above the initial one: the soonest that it, or a higher one, is reached"""
    complete: bool
    """False: given up at too many states; what was not found may still be reachable"""
    last: int
    """the last day that was gone through completely, or NONE"""


@dataclass
class _Layer:
    """The states at the end of a day, each with the state it came from, the letter, and how often the letter changed so far."""

    came: dict[State, tuple[State | None, int, int]] = field(default_factory=dict)


def fastest(ladder: Ladder) -> Found:
    """The soonest day for each phase above the initial one, day by day through all states that can be."""
    start: State = (ladder.initial, 0, NONE, 0, (0,) * len(ladder.rules))
    layers = [_Layer({start: (None, NONE, 0)})]
    ways: dict[int, Way] = {}
    seen: set[State] = set()
    total, last_change = 0, max(day for day, _ in ladder.timeline)
    top = len(ladder.stays) - 1
    day = 0
    while layers[-1].came and (ladder.days is None or day < ladder.days):
        layer = _next(ladder, layers[-1], day)
        layers.append(layer)
        _note(ladder, layers, ways)
        if top in ways:
            return Found(ways, True, day)
        total += len(layer.came)
        if total > MOST_STATES:
            return Found(ways, False, day)
        if day >= last_change:
            layer.came = {state: came for state, came in layer.came.items() if state not in seen}
            seen.update(layer.came)
        day += 1
    return Found(ways, True, day - 1)


def _note(ladder: Ladder, layers: Sequence[_Layer], ways: dict[int, Way]) -> None:
    """Phases first reached on the last day; of several ways, one with the fewest changes."""
    came = layers[-1].came
    for phase in range(ladder.initial + 1, len(ladder.stays)):
        there = [state for state in came if state[0] >= phase]
        if there and phase not in ways:
            ways[phase] = _way(layers, min(there, key=lambda state: came[state][2]), len(layers) - 2)


def _next(ladder: Ladder, before: _Layer, day: int) -> _Layer:
    after = _Layer()
    for state, (_, came_by, changes) in before.came.items():
        for letter in _letters_on(ladder, day, state[1]):
            cost = changes + (letter != came_by)
            for reached in _successors(ladder, state, letter):
                known = after.came.get(reached)
                if known is None or cost < known[2]:
                    after.came[reached] = (state, letter, cost)
    return after


def _letters_on(ladder: Ladder, day: int, stay: int) -> Sequence[int]:
    epoch = next(index for first, index in reversed(ladder.timeline) if first <= day)
    return ladder.letters[epoch][min(stay, len(ladder.letters[epoch]) - 1)]


def _way(layers: Sequence[_Layer], state: State, day: int) -> Way:
    letters, stays = [], []
    at: State = state
    for layer in reversed(layers[1:]):
        before, letter, _ = layer.came[at]
        assert before is not None  # only the state before day 0 has none
        letters.append(letter)
        stays.append(before[1])
        at = before
    return Way(day, tuple(reversed(letters)), tuple(reversed(stays)))


def _successors(ladder: Ladder, state: State, letter: int) -> Iterator[State]:
    """The states at the end of the day, one unless some number of days is loose (docs/semantics.md, sections 4 and 5)."""
    phase, stay, pending, left, marks = state
    today = [rule.marked(mark, bool(letter >> at & 1)) for at, (rule, mark) in enumerate(zip(ladder.rules, marks, strict=True))]
    kept = tuple(rule.kept(mark) for rule, mark in zip(ladder.rules, today, strict=True))
    if pending != NONE:
        yield from _counted_down(ladder, (phase, stay, pending, left, kept), letter)
    elif stay < ladder.stays[phase]:
        yield (phase, _after(ladder, phase, stay), NONE, 0, kept)
    else:
        yield from _decided(ladder, (phase, stay, NONE, 0, kept), today)


def _decided(ladder: Ladder, state: State, today: Sequence[int]) -> Iterator[State]:
    """The first confirmed rule is taken. Where its confirmation may need more days, so may each after it, or none."""
    phase, stay, _, _, kept = state
    waits = _after(ladder, phase, stay)
    for index, rule in enumerate(ladder.rules):
        if not rule.leaves[phase] or not rule.confirmed(today[index]):
            continue
        if rule.lag == 0:
            yield (rule.to, _after(ladder, rule.to, 0), NONE, 0, kept)
        if rule.lag > 0 or rule.loose_lag:
            yield (phase, waits, index, rule.lag, kept)
        if not rule.loose_confirm:
            if ladder.loose_stays[phase]:
                yield (phase, waits, NONE, 0, kept)
            return
    yield (phase, waits, NONE, 0, kept)


def _counted_down(ladder: Ladder, state: State, letter: int) -> Iterator[State]:
    phase, stay, pending, left, kept = state
    rule, waits = ladder.rules[pending], _after(ladder, phase, stay)
    if rule.revocable and not letter >> pending & 1:
        yield (phase, waits, NONE, 0, kept)
        return
    left = max(left - 1, 0)
    if left == 0:
        yield (rule.to, _after(ladder, rule.to, 0), NONE, 0, kept)
    if left > 0 or rule.loose_lag:
        yield (phase, waits, pending, left, kept)


def _after(ladder: Ladder, phase: int, stay: int) -> int:
    """Days in the phase tomorrow, counted as far as they matter."""
    return min(stay + 1, max(ladder.longest, ladder.stays[phase]))


# a simpler way -----------------------------------------------------------------------------------------------------------------


def simplified(ladder: Ladder, way: Way, phase: int) -> Way:
    """As fast, with fewer changes where a stretch of days can do with the letter of the next, or of the one before."""
    letters = list(way.letters)
    for _ in range(2):
        for start, end, neighbour in _stretches(letters):
            changed = [*letters[:start], *[neighbour] * (end - start), *letters[end:]]
            if _walked(ladder, changed, phase) is not None:
                letters = changed
    stays = _walked(ladder, letters, phase)
    return Way(way.day, tuple(letters), way.stays if stays is None else tuple(stays))


def _stretches(letters: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """First day, day after the last, and a neighbour's letter, of each stretch of equal letters."""
    edges = [0, *(day for day in range(1, len(letters)) if letters[day] != letters[day - 1]), len(letters)]
    for start, end in itertools.pairwise(edges):
        if end < len(letters):
            yield start, end, letters[end]
        if start > 0:
            yield start, end, letters[start - 1]


def _walked(ladder: Ladder, letters: Sequence[int], phase: int) -> list[int] | None:
    """The days in the phase that guards see, per day; None unless the letters can be and bring the phase on the last day."""
    state: State = (ladder.initial, 0, NONE, 0, (0,) * len(ladder.rules))
    stays = []
    for day, letter in enumerate(letters):
        if letter not in _letters_on(ladder, day, state[1]):
            return None
        stays.append(state[1])
        state = next(_successors(ladder, state, letter))
        if (state[0] >= phase) != (day == len(letters) - 1):
            return None
    return stays
