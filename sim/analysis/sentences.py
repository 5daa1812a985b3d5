"""A comparison in sentences: where two policies part, what a difference changes, on which readings an order hangs, regret."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from sim.analysis.differences import Differences, Effect
from sim.analysis.disagreement import Disagreement, Parted
from sim.analysis.orders import OverReadings, Read
from sim.analysis.regret import Regret, RegretTable, Worst
from sim.errors import every
from sim.results import PairedPassage

Labels = Mapping[str, str]
"""Of phases, by their names."""
_PLACES = 2
"""Most places of parting in a sentence."""
_NAMED = 4
"""Most readings in brackets."""


def share(value: float, runs: int) -> str:
    """In per cent, with a digit after the point only where the runs can carry it."""
    return f"{value:.0%}" if runs < 1_000 else f"{value:.1%}"


def days(count: float) -> str:
    return f"{count:g} day{'' if count == 1 else 's'}"


def _bracketed(value: float, interval: tuple[float, float], runs: int) -> str:
    """`41.2% (40.1–42.3)`."""
    low, high = (share(each, runs).rstrip("%") for each in interval)
    return f"{share(value, runs)} ({low}–{high})"


def _date(day: int, start: dt.date) -> str:
    return (start + dt.timedelta(days=day)).isoformat()


# where they part ----------------------------------------------------------------------------------------------------------------


def parting(each: Disagreement, labels: Labels) -> str:
    """In how many futures two policies disagree, from which day, and where they then stand."""
    if not each.share:
        always = "on every day" if each.single_path else "on every day of every simulated run"
        return f"{each.a} and {each.b} stand in the same phase {always}."
    if each.single_path:
        apart = f"on {int(each.apart.sum())} of {each.days} days, first on {_since_day(each)}"
        where = each.parted[0]
        return f"{each.a} and {each.b} stand in different phases {apart}: {_stand(each, where, labels)}."
    told = f"{each.a} and {each.b} disagree in {_bracketed(each.share, each.interval, each.runs)} of simulated runs"
    return f"{told}, {_since(each)}.{_places(each, labels)}"


def _since_day(each: Disagreement) -> str:
    day = each.quantiles[0.5]
    assert day is not None  # the one path parts
    return f"{_date(day, each.start)} (day {day})"


def _stand(each: Disagreement, where: Parted, labels: Labels) -> str:
    return f"{each.a} in {labels[where.phase_a]}, {each.b} in {labels[where.phase_b]}"


def _since(each: Disagreement) -> str:
    early, middle, late = each.quantiles.values()
    half = "in half of all runs never" if middle is None else f"in half of all runs by {_date(middle, each.start)} (day {middle})"
    rest = [f"5% by day {early}"] if early is not None else []
    rest += [f"95% by day {late}"] if late is not None else []
    return half + (f"; {', '.join(rest)}" if rest else "")


def _places(each: Disagreement, labels: Labels) -> str:
    told = [f"{_stand(each, at, labels)} ({share(at.runs / each.runs, each.runs)})" for at in each.parted[:_PLACES]]
    others = sum(at.runs for at in each.parted[_PLACES:])
    told += [f"elsewhere ({share(others / each.runs, each.runs)})"] if others else []
    return f" First apart with {'; '.join(told)}."


# what a difference changes ------------------------------------------------------------------------------------------------------


def effect(each: Effect, labels: Labels) -> str:
    """What a change of a policy changes: per phase in the median run and the restricted mean, and in how many futures at all."""
    parted = each.parting
    if not parted.share:
        return _unmoved(each)
    moved = [f"{labels[at.phase]} {_moved(at, parted.start)}" for at in each.passages if _differs(at)]
    futures = f"{_bracketed(parted.share, parted.interval, parted.runs)} of futures change"
    return "; ".join([*(moved or ["first passages stay"]), "the path changes" if parted.single_path else futures])


def _unmoved(each: Effect) -> str:
    return "the path stays as it is" if each.parting.single_path else "no future changes"


def _differs(each: PairedPassage) -> bool:
    return bool(each.mean_difference or each.se)


def _moved(each: PairedPassage, start: dt.date) -> str:
    if each.single_path:
        return _median(each, start)
    doubt = "" if each.told_apart else " (not told apart)"
    size = f"{amount(abs(each.mean_difference), each.se)} days {_way(each.mean_difference)} in the restricted mean"
    return f"{_median(each, start)} in the median run, {size}{doubt}"


def _way(difference: float) -> str:
    """Of b against a: a difference of days b − a below 0 is sooner."""
    return "sooner" if difference < 0 else "later"


def _median(each: PairedPassage, start: dt.date) -> str:
    before, after = each.median_a, each.median_b
    if before == after:
        return "not by the end as before" if after is None else "on the same day"
    if after is None or before is None:
        now, then = ("not by the end" if day is None else f"on {_date(day, start)}" for day in (after, before))
        return f"{now} instead of {then}"
    return f"{days(abs(after - before))} {_way(after - before)}"


def differences(each: Differences, labels: Labels) -> tuple[str, ...]:
    """What differs from one policy to another, as lines: all together first, then what each difference changes alone."""
    if not each.parts:
        return (f"From {each.a} to {each.b} nothing differs that shapes a run.",)
    whole = effect(each.whole, labels)
    if len(each.parts) == 1:
        return (f"From {each.a} to {each.b}: {each.parts[0].difference.text}: {whole}.",)
    tried = [(part.difference.text, part.effect) for part in each.parts if part.effect]
    moving = [f"  alone, {text}: {effect(its, labels)}." for text, its in tried if its.parting.share]
    idle = [text for text, its in tried if not its.parting.share]
    rest = [part.difference.text for part in each.parts if not part.effect]
    lines = [f"From {each.a} to {each.b}, all together: {whole}.", *moving]
    lines += [f"  alone, {'; '.join(idle)}: {_unmoved(each.whole)}{' under each' if len(idle) > 1 else ''}."] if idle else []
    return (*lines, *([f"  {'also' if tried else 'what differs'}: {'; '.join(rest)}."] if rest else []))


# on which readings an order hangs -----------------------------------------------------------------------------------------------


def readings(each: OverReadings, labels: Labels) -> str:
    """Under how many rival readings the order of two policies is kept, reversed or not told apart."""
    stated = each.stated
    label = labels[stated.phase]
    if stated.sooner is None:
        return f"{label}, {stated.a} and {stated.b}: {_untold(each)}."
    other = stated.b if stated.sooner == stated.a else stated.a
    kept = f"{label}: {stated.sooner} is sooner than {other} as stated"
    told = [
        f"{word} under {_some(those)}"
        for word, those in (("reversed", each.reversed), ("not told apart", _sampled(each)), ("no difference", _same(each)))
        if those
    ]
    return f"{kept} {_kept_under(each)} {_rivals(each)}{''.join('; ' + each for each in told)}."


def _kept_under(each: OverReadings) -> str:
    kept, count = len(each.kept), len(each.readings)
    if count == 1:
        return "and under its" if kept else "but not under its"
    return "and under all" if kept == count else f"and under {kept} of"


def _untold(each: OverReadings) -> str:
    stated = each.stated
    as_stated = "not told apart as stated" if _differs(stated) else "no difference as stated"
    sooner = {name: [at for at in each.readings if at.passage.sooner == name] for name in (stated.a, stated.b)}
    told = [f"{name} is sooner under {_some(those)}" for name, those in sooner.items() if those]
    if told:
        return f"{as_stated}; {'; '.join(told)}, of {_rivals(each)}"
    return f"{as_stated}, nor told apart under {'the' if len(each.readings) == 1 else 'any of'} {_rivals(each)}"


def _rivals(each: OverReadings) -> str:
    return f"{len(each.readings)} rival reading{'' if len(each.readings) == 1 else 's'}"


def _sampled(each: OverReadings) -> list[Read]:
    """Not told apart, though runs differ: sampling alone may make the difference."""
    return [at for at in each.untold if _differs(at.passage)]


def _same(each: OverReadings) -> list[Read]:
    return [at for at in each.untold if not _differs(at.passage)]


def _some(those: Sequence[Read]) -> str:
    """`2 (front_line: sent; front_line: deployed_to_war)`."""
    names = [f"{at.threshold}: {at.rival}" for at in those]
    return f"{len(names)} ({'; '.join([*names[:_NAMED], *(['…'] if len(names) > _NAMED else [])])})"


# regret -------------------------------------------------------------------------------------------------------------------------


def amount(value: float, se: float) -> str:
    """`29.3 ± 3.0`: as many digits as the standard error can carry; without an error where there is none."""
    digits = 1 if se == 0 else 0 if se >= 10 else 1 if se >= 0.05 else 2 if se >= 0.005 else 3
    return f"{value:,.{digits}f} ± {se:,.{digits}f}" if se else f"{value:,.1f}"


def regret(each: Regret) -> tuple[str, ...]:
    """Which policy has the least maximum regret by the losses as stated, then under each other set."""
    return tuple(_by(each, table) for table in each.tables)


def _by(whole: Regret, table: RegretTable) -> str:
    ranked = sorted(table.worst, key=lambda each: each.rank)
    title = f" ({table.title})" if table.title else ""
    least = [each for each in ranked if each.rank == 1]
    doubt = "" if table.told_apart else " Sampling alone may order the first and the next so."
    told = f"{every([each.policy for each in least])} {'has' if len(least) == 1 else 'have'} the least maximum regret"
    rest = "".join(f"; {_worst(each)}" for each in ranked if each.rank > 1)
    size = f"{amount(least[0].regret, least[0].se)} on {least[0].scenario}" if least[0].regret else "no regret on any scenario"
    return f"By {whole.losses}, {table.weights}{title}: {told}, {size}{rest}.{doubt}"


def _worst(each: Worst) -> str:
    return f"{each.policy} {amount(each.regret, each.se)} on {each.scenario}"
