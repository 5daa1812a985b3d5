"""What must hold between the parts of a policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

from sim.errors import Place, Problem, quote, unknown_name
from sim.load import numbers
from sim.load.dates import ascending
from sim.load.source import Source
from sim.spec.guard import DAYS_IN_PHASE, RESERVED, GuardError, check_units, names, parse
from sim.spec.policy import ANY, Policy, Read, Rival, Threshold, Transition, WithinWindow

PolicySource = Source[Policy]
MOST = {"phases": 50, "transitions": 200, "reads": 100, "thresholds": 1_000}
"""Entries of a section, those of the files that it extends among them (docs/limits.md)."""


def policy_problems(source: PolicySource) -> Iterator[Problem]:
    yield from _names(source)
    for section, most in MOST.items():
        yield from source.at_most(section, most)
    for name, read in source.spec.reads.items():
        yield from _read(source, f"reads.{name}", read)
    for name, phase in source.spec.phases.items():
        yield from numbers.span(source, f"phases.{name}.min_stay", phase.min_stay)
    for name, threshold in source.spec.thresholds.items():
        yield from _threshold(source, f"thresholds.{name}", threshold)
    units = _units(source)
    for name, transition in source.spec.transitions.items():
        yield from _transition(source, f"transitions.{name}", transition)
        yield from _guard(source, f"transitions.{name}.when", transition.when, units)


def policy_warnings(source: PolicySource) -> Iterator[Problem]:
    """A default outside the range that the policy itself states."""
    for name, read in source.spec.reads.items():
        bounds = bounds_of(read)
        if bounds and read.default and not (bounds[0] <= read.default.support[0] and read.default.support[1] <= bounds[1]):
            yield source.problem(f"reads.{name}.default", f"the default lies outside the range {bounds[0]:g} to {bounds[1]:g}")


def bounds_of(read: Read) -> tuple[float, float] | None:
    low, high = (each.fixed for each in read.range) if read.range else (None, None)
    return None if low is None or high is None else (low, high)


def _names(source: PolicySource) -> Iterator[Problem]:
    reads = source.names("reads")
    for section in ("reads", "thresholds"):
        for name in source.names(section):
            if name in RESERVED:
                yield source.at_key(f"{section}.{name}", f"{quote(name)} is a word of the guard language; choose another name")
    for name in source.names("thresholds"):
        if name in reads:
            yield source.at_key(f"thresholds.{name}", f"{quote(name)} is also a signpost under reads; rename one of them")
    if ANY in source.names("phases"):
        yield source.at_key(f"phases.{ANY}", f"{quote(ANY)} means every phase; choose another name")
    if source.spec.initial is not None:
        yield from _phase(source, "initial", source.spec.initial)


def _phase(source: PolicySource, path: str, name: str) -> Iterator[Problem]:
    if source.whole("phases") and name not in source.names("phases"):
        yield source.problem(path, unknown_name("phase", name, [*source.names("phases")]))


def _read(source: PolicySource, path: str, read: Read) -> Iterator[Problem]:
    for index, bound in enumerate(read.range or ()):
        yield from numbers.plain(source, f"{path}.range.{index}", bound, read.unit)
    yield from numbers.plain(source, f"{path}.default", read.default, read.unit)
    bounds = bounds_of(read)
    if bounds and bounds[0] > bounds[1]:
        yield source.problem(f"{path}.range", f"low must not be above high, got [{bounds[0]:g}, {bounds[1]:g}]")


def _threshold(source: PolicySource, path: str, threshold: Threshold | Rival) -> Iterator[Problem]:
    unit = source.spec.thresholds[path.split(".")[1]].unit  # a rival has that of its threshold
    yield from ascending(source, f"{path}.dated", list(threshold.dated or ()), None)
    for when, number in (threshold.dated or {}).items():
        yield from numbers.plain(source, f"{path}.dated.{when}", number, unit)
    if isinstance(threshold, Threshold):
        for name, rival in threshold.rivals.items():
            yield from _threshold(source, f"{path}.rivals.{name}", rival)


def _transition(source: PolicySource, path: str, transition: Transition) -> Iterator[Problem]:
    listed = source.node(f"{path}.from")
    for index, name in enumerate(transition.from_):
        at = f"{path}.from.{index}" if listed and isinstance(listed.value, list) else f"{path}.from"
        if name != ANY:
            yield from _phase(source, at, name)
        if name == transition.to:
            yield source.problem(at, f"the transition leads from {quote(name)} to {quote(name)}; it must lead to another phase")
    yield from _phase(source, f"{path}.to", transition.to)
    yield from _confirm(source, f"{path}.confirm", transition)
    yield from numbers.span(source, f"{path}.lag", transition.lag)


def _confirm(source: PolicySource, path: str, transition: Transition) -> Iterator[Problem]:
    window = transition.confirm
    if not isinstance(window, WithinWindow):
        yield from numbers.span(source, path, window)
        return
    yield from chain(numbers.span(source, f"{path}.days", window.days, 1), numbers.span(source, f"{path}.of", window.of, 1))
    held, of = window.days.fixed or 0.0, window.of.fixed or 0.0
    if held > of >= 1:
        yield source.problem(f"{path}.days", f"must not be above of, got {held:g} of {of:g} days")


@dataclass(frozen=True)
class _Units:
    """The units of what guards may name, and the names that exist but are broken, so that nothing is known of them."""

    known: Mapping[str, str | None]
    broken: frozenset[str]
    all_known: bool


def _units(source: PolicySource) -> _Units:
    known: dict[str, str | None] = {DAYS_IN_PHASE: "days"}
    known |= {name: read.unit for name, read in source.spec.reads.items()}
    known |= {name: threshold.unit for name, threshold in source.spec.thresholds.items()}
    named = source.names("reads") | source.names("thresholds")
    return _Units(known, frozenset(named - known.keys()), source.whole("reads", "thresholds"))


def _guard(source: PolicySource, path: str, text: str, units: _Units) -> Iterator[Problem]:
    try:
        guard = parse(text)
    except GuardError as error:
        yield at_guard(source, path, error)
        return
    unknown = units.broken if units.all_known else units.broken | set(names(guard))
    for misfit in check_units(guard, units.known, frozenset(unknown)):
        yield at_guard(source, path, misfit)


def at_guard(source: PolicySource, path: str, error: GuardError) -> Problem:
    """A mistake in a guard, at its line and column in the file where the text stands there as it is."""
    node = source.node(path)
    place: Place = node.inside(error.at) if node else source.place(path)
    return Problem(place, path, str(error))


def used_names(policy: Policy) -> set[str]:
    """Every signpost and threshold that a guard names."""
    found: set[str] = set()
    for transition in policy.transitions.values():
        try:
            found.update(names(parse(transition.when)))
        except GuardError:
            continue
    return found
