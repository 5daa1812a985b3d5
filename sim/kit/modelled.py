"""What the model adds to the papers: the policies as coded, rules side by side, charts, and how much is assumed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from sim import __version__, api
from sim.analysis.evidence import Number, of_policy, of_scenario
from sim.analysis.outcome import grades
from sim.api import Meter
from sim.charts import Chart, Imprint, first_passage_chart, path_chart, render
from sim.framing import TEACHING, assumed
from sim.kit.pieces import Data, rules_table
from sim.library import Library, Loaded, Pair
from sim.results import Result
from sim.spec.exercise import Blank, Coding, Exercise
from sim.work import How


@dataclass(frozen=True)
class Bench:
    """An exercise with what it plays, and how its runs are simulated."""

    loaded: Loaded[Exercise]
    pairs: Mapping[tuple[str, str], Pair]
    """by scenario and policy as the exercise names them: every policy on every scenario"""
    library: Library
    runs: int
    seed: int
    how: How

    @property
    def framing(self) -> str:
        """The sentences at the foot of each page."""
        return f"{TEACHING} {assumed(grades(each.policy.spec, each.scenario.spec) for each in self.pairs.values())}"


def bench_of(loaded: Loaded[Exercise], library: Library, *, runs: int, seed: int, how: How) -> Bench:
    """Loads what an exercise plays. Raises BadInput."""
    spec = loaded.spec
    pairs = {(one, two): library.pair_in(loaded, one, two) for one, two in product(spec.scenarios, spec.policies)}
    return Bench(loaded, pairs, library, runs, seed, how)


# the policies and the codings -------------------------------------------------------------------------------------------------


def policies_of(bench: Bench) -> list[Data]:
    """Each policy of the exercise as its file codes it: phases, transitions, and every number with its grade."""
    scenario = bench.loaded.spec.scenarios[0]
    return [_policy(bench.pairs[scenario, policy]) for policy in bench.loaded.spec.policies]


def _policy(pair: Pair) -> Data:
    spec = pair.policy.spec
    found = of_policy(spec, ())
    transitions = [
        [name, " → ".join((", ".join(map(_label(pair), each.from_)), _label(pair)(each.to))), each.when, " ".join(each.evidence)]
        for name, each in spec.transitions.items()
    ]
    return {
        "title": spec.title,
        "name": spec.name,
        "phases": [[each.label or name, " ".join(each.evidence)] for name, each in spec.phases.items()],
        "transitions": transitions,
        "numbers": [_row(each) for each in found.numbers],
    }


def _label(pair: Pair) -> _Labels:
    return _Labels({name: each.label or name for name, each in pair.policy.spec.phases.items()})


class _Labels(dict[str, str]):
    """What phases are called; what is no phase is called as it is."""

    def __call__(self, name: str) -> str:
        return self.get(name, name)


def _row(each: Number) -> list[str]:
    return [each.path.removesuffix(".value"), each.value, each.unit, " ".join((each.grade, *each.facts)), each.note]


def codings_of(bench: Bench, meter: Meter | None = None) -> list[Data]:
    """Each coding with the file's own answers and its rivals, and these run side by side."""
    found = []
    for name, move in bench.loaded.spec.moves.items():
        if move.code:
            found.append(_coding(bench, name, move.code))
            if meter:
                meter.add(bench.runs)
    return found


def _coding(bench: Bench, move: str, code: Coding) -> Data:
    scenario, policy = code.scenario or bench.loaded.spec.scenarios[0], code.policy or bench.loaded.spec.policies[0]
    pair = bench.library.pair_in(bench.loaded, scenario, policy)
    known = {each.path: each for each in (*of_policy(pair.policy.spec, ()).numbers, *of_scenario(pair.scenario.spec, ()).numbers)}
    rules = api.side_by_side(bench.loaded, move, {}, runs=bench.runs, seed=bench.seed, library=bench.library)
    return {
        "move": move,
        "scenario": pair.scenario.spec.title,
        "policy": pair.policy.spec.title,
        "blanks": [
            {"ask": blank.ask, "rows": [*_readings(blank, known)], "options": _options(blank)} for blank in code.blanks.values()
        ],
        "table": rules_table(rules, _label(pair)),
    }


def _options(blank: Blank) -> list[str]:
    """Each answer in words, and what it sets."""
    return [f"{words}: {value}" for words, value in blank.options.items()]


def _readings(blank: Blank, known: Mapping[str, Number]) -> Iterator[list[str]]:
    """What the file says where the blank is, and the rival readings there."""
    for path in blank.path:
        stated = known.get(path) or known.get(f"{path}.value")
        if stated:
            yield _row(stated)
        yield from (_row(each) for at, each in known.items() if at.startswith(f"{path}.rivals."))


# charts -----------------------------------------------------------------------------------------------------------------------


def charts_of(bench: Bench, command: str, meter: Meter | None = None) -> list[Data]:
    """For the slides: when the policies reach a phase, a chart a scenario and phase; and one run of what the model plays.

    A chart with one panel is wide and low, as a slide is, so that its words are large enough to be projected.
    """
    spec, imprint = bench.loaded.spec, Imprint(command, __version__)
    found = [_results(bench, scenario, meter) for scenario in spec.scenarios]
    charts = [first_passage_chart(each, imprint) for results in found for each in _by_phase(results)]
    played = bench.pairs[spec.scenarios[0], spec.policies[0]]
    single = api.path_of(played, seed=bench.seed)
    charts.append(path_chart(single.result, single.report.steps, imprint))
    return [_drawn(each) for each in charts]


def _results(bench: Bench, scenario: str, meter: Meter | None) -> Sequence[Result]:
    pairs = [bench.pairs[scenario, policy] for policy in bench.loaded.spec.policies]
    return [api.run_pair(pair, runs=bench.runs, seed=bench.seed, how=bench.how, meter=meter).result for pair in pairs]


def _by_phase(results: Sequence[Result]) -> Iterator[list[Result]]:
    """The same results as if there were one phase above the lowest, for each that some policy has."""
    for name in dict.fromkeys(phase.name for result in results for phase in result.phases[1:]):
        yield [
            replace(each, phases=(each.phases[0], *(phase for phase in each.phases[1:] if phase.name == name)))
            for each in results
        ]


def _drawn(chart: Chart) -> Data:
    wide, high = (float(each) for each in chart.figure.get_size_inches())
    return {"title": chart.title, "alt": chart.description, "svg": render(chart, "svg").decode(), "ratio": wide / high}
