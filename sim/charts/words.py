"""Headlines, small print and descriptions: every sentence on a chart is computed from the results."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sim.charts.records import Imprint
from sim.framing import TEACHING, assumed
from sim.intervals import LEVEL
from sim.results import FirstPassage, Floats, Result

INTERVAL = f"{LEVEL:.0%} Monte Carlo interval"
OVER_READINGS = "Over rival readings of the thresholds, one at a time"
ONE_PATH = "One path: nothing in it is uncertain."


def plain(name: str) -> str:
    """A name from a file, as words."""
    return name.replace("_", " ")


def percent(share: float) -> str:
    if 0 < share < 0.005:
        return "<1%"
    if 0.995 <= share < 1:
        return ">99%"
    return f"{share:.0%}"


def between(low: float, high: float) -> str:
    """An interval, as descriptions give it."""
    return f"{percent(low)} to {percent(high)}"


def over(low: float, high: float) -> str:
    """`0–72%`: a range over rival readings."""
    first, last = percent(low), percent(high)
    if first == last:
        return last
    return between(low, high) if {first[0], last[0]} & {"<", ">"} else f"{first.rstrip('%')}–{last}"


def width(intervals: Iterable[Floats]) -> str:
    """Each (2, …): low and high."""
    widest = max(float((high - low).max()) for low, high in intervals)
    return f"at most {100 * widest:.2g} percentage points wide"


def _span(values: Iterable[int]) -> str:
    seen = sorted(set(values))
    return f"{seen[0]:,}" if len(seen) == 1 else f"{seen[0]:,} to {seen[-1]:,}"


def in_runs(count: int, runs: int) -> str:
    """`in 41% of simulated runs`; counted where a percentage would round a few runs away."""
    if count == runs:
        return "in every simulated run"
    if count / runs < 0.005:
        return f"in {count:,} of {runs:,} simulated runs"
    if count / runs >= 0.995:
        return f"in all but {runs - count:,} of {runs:,} simulated runs"
    return f"in {percent(count / runs)} of simulated runs"


def last_date(result: Result) -> str:
    return result.date(result.days - 1).isoformat()


def middle_day(passage: FirstPassage) -> int | None:
    """The first day by which half of the runs that reached the phase had reached it."""
    return passage.quantile(0.5 * passage.reached) if passage.reached else None


def passage_words(result: Result, phase: str) -> str:
    passage = result.first_passage[phase]
    days = passage.counts.nonzero()[0]
    if not days.size:
        return f"not reached by {last_date(result)}" + ("" if result.single_path else " in any simulated run")
    first = result.date(int(days[0])).isoformat()
    if result.single_path:
        return f"reached on {first}"
    reached = in_runs(int(passage.counts.sum()), passage.runs)
    if days.size == 1:
        return f"reached {reached}, on {first}" + ("" if passage.never == 0 else " in each of these")
    half = passage.quantile(0.5)
    if half is not None:
        return f"reached {reached}, by {result.date(half).isoformat()} in half of all runs"
    middle = middle_day(passage)
    assert middle is not None
    return f"reached {reached}, by {result.date(middle).isoformat()} in half of these"


def readings_words(result: Result) -> list[str]:
    """What comes out over rival readings of the thresholds, as a paragraph; none where there are no rivals."""
    labels = {phase.name: phase.label for phase in result.phases}
    if not result.rivals or not result.first_passage:
        return []
    passages = {
        name: [each, *(rival.first_passage[name] for rival in result.rivals)] for name, each in result.first_passage.items()
    }
    if all(each.single_path for those in passages.values() for each in those):
        return [f"{OVER_READINGS}: {listed(f'{labels[name]} {_dates(result, those)}' for name, those in passages.items())}."]
    shares = (f"{labels[name]} in {over(*result.range_over_readings(name) or (0, 0))}" for name in passages)
    return [f"{OVER_READINGS}: {listed(shares, join=', '.join)} of simulated runs."]


def _dates(result: Result, passages: Sequence[FirstPassage]) -> str:
    """From the first to the last of these paths that reaches the phase."""
    days = [passage.quantile(1.0) for passage in passages]
    dates = sorted({result.date(day).isoformat() for day in days if day is not None})
    if not dates:
        return "not reached"
    when = f"on {dates[0]}" if len(dates) == 1 else f"from {dates[0]} to {dates[-1]}"
    return f"{when} or not reached" if None in days else when


def upper_phases(results: Sequence[Result]) -> dict[str, str]:
    """Name and label of every phase above the lowest, in order of the ladders."""
    return {phase.name: phase.label for result in results for phase in result.phases[1:]}


def shown_phases(phases: dict[str, str], results: Sequence[Result]) -> dict[str, str]:
    """A headline names two at most: the first step up and the highest.

    Where a ladder has more of them, the first is one that some run does not take on the very first day.
    """
    names = list(phases)
    later = [name for name in names if not all(_at_once(result, name) for result in results)]
    chosen = later if len(later) > 1 else names
    return {name: phases[name] for name in dict.fromkeys([*chosen[:1], *chosen[-1:]])}


def _at_once(result: Result, phase: str) -> bool:
    """Does every run reach the phase on the first day?"""
    passage = result.first_passage.get(phase)
    return passage is None or int(passage.counts[0]) == passage.runs


def run_headline(result: Result) -> list[str]:
    phases = upper_phases([result])
    if not phases:
        return [f"Only one phase, {result.phases[0].label}: there is nothing to reach"]
    return [f"{label}: {passage_words(result, name)}" for name, label in shown_phases(phases, [result]).items()]


def joined(lines: Sequence[str]) -> str:
    return ". ".join(line.rstrip(".") for line in lines)


class Names:
    """What policies and scenarios are called on one chart: their titles where all are short and different, else their names."""

    def __init__(self, results: Sequence[Result]) -> None:
        self.policies = _called({result.policy: result.policy_title for result in results})
        self.scenarios = _called({result.scenario: result.scenario_title for result in results})

    def pair(self, result: Result) -> str:
        """Only what tells this result from the others."""
        policy, scenario = self.policies[result.policy], self.scenarios[result.scenario]
        if len(self.scenarios) == 1:
            return policy
        return scenario if len(self.policies) == 1 else f"{policy} on {scenario}"


def _called(titles: dict[str, str]) -> dict[str, str]:
    short = all(title and len(title) <= 26 for title in titles.values()) and len(set(titles.values())) == len(titles)
    return dict(titles) if short else {name: name for name in titles}


def compare_headline(results: Sequence[Result], names: Names) -> list[str]:
    if len(results) == 1:
        return run_headline(results[0])
    phases = upper_phases(results)
    if not phases:
        return ["No policy has a phase above its lowest: there is nothing to reach"]
    return [
        f"{label}: {_extremes([r for r in results if name in r.first_passage], name, names)}"
        for name, label in shown_phases(phases, results).items()
    ]


def _extremes(results: Sequence[Result], phase: str, names: Names) -> str:
    shares = [result.first_passage[phase].reached for result in results]
    if max(shares) == 0:
        return "not reached in any simulated run"
    if min(shares) == max(shares):
        passage = results[0].first_passage[phase]
        return f"reached {in_runs(round(passage.reached * passage.runs), passage.runs)} of every pair shown"
    low, high = (_who(results, shares, end, names) for end in (min(shares), max(shares)))
    return f"reached in {percent(min(shares))} ({low}) to {percent(max(shares))} ({high}) of simulated runs"


def _who(results: Sequence[Result], shares: Sequence[float], share: float, names: Names) -> str:
    those = [names.pair(result) for result, its in zip(results, shares, strict=True) if its == share]
    if len(those) == 1:
        return those[0]
    what = "policies" if len(names.scenarios) == 1 else "scenarios" if len(names.policies) == 1 else "pairs"
    return f"{len(those)} of {len(shares)} {what}"


def subtitle(result: Result) -> str:
    return f"{result.scenario_title} · {result.policy_title} · {stretch(result)}"


def stretch(result: Result) -> str:
    first, last = result.start.isoformat(), last_date(result)
    return first if first == last else f"{first} to {last}"


def compare_subtitle(results: Sequence[Result]) -> str:
    spans = {stretch(result) for result in results}
    parts = [
        _one_or_count({r.policy: r.policy_title for r in results}, "policies"),
        _one_or_count({r.scenario: r.scenario_title for r in results}, "scenarios"),
    ]
    return " · ".join([*parts, *(spans if len(spans) == 1 else ())])


def _one_or_count(titles: dict[str, str], what: str) -> str:
    return next(iter(titles.values())) if len(titles) == 1 else f"{len(titles)} {what}"


def runs_words(results: Sequence[Result], *, shares: bool = True) -> str:
    """How many runs, and which; `shares`: what the chart shows are shares of them."""
    if all(result.single_path for result in results):
        return ONE_PATH if len(results) == 1 else "Each is one path: nothing in it is uncertain."
    noisy = [result for result in results if not result.single_path]
    runs, seed = _span(r.runs for r in noisy), _span(r.seed for r in noisy)
    of_each = ("" if runs == "1" else "s") + (" of each pair" if len(noisy) == len(results) > 1 else "")
    words = f"Share of simulated runs: {runs} runs, seed {seed}." if shares else f"{runs} simulated run{of_each}, seed {seed}."
    return words + (" Some pairs are one path, with nothing uncertain in it." if len(noisy) < len(results) else "")


def small_print(results: Sequence[Result], imprint: Imprint, extra: Sequence[str] = (), *, shares: bool = True) -> list[str]:
    told = (TEACHING, assumed(r.grades for r in results), runs_words(results, shares=shares))
    first = " ".join(part for part in told if part)
    return [first, *([" ".join(extra)] if extra else []), made_by(imprint)]


def made_by(imprint: Imprint) -> str:
    return f"phased {imprint.version}: {imprint.command}"


def listed(items: Iterable[str], most: int = 8, join: Callable[[list[str]], str] = "; ".join) -> str:
    """For descriptions: the first few, and how many more."""
    every = list(items)
    return join(every[:most]) + (f"; and {len(every) - most} more" if len(every) > most else "")
