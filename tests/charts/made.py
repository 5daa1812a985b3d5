"""Synthetic results: logistic first passages and noisy signposts, with nothing simulated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from sim.charts import Imprint
from sim.results import (
    FAN_LEVELS,
    Change,
    Deed,
    Dwell,
    Fan,
    FirstPassage,
    Grades,
    PhaseName,
    Reading,
    Result,
    RivalResult,
    Statement,
    ThresholdLine,
)

START = dt.date(2024, 10, 24)
IMPRINT = Imprint("phased run surge-to-front-uncertain --policy phased-approach --runs 1000 --seed 1", "0.1.0")
LABELS = (
    "No action",
    "Defensive weapons",
    "Offensive measures",
    "Fourth step",
    "Fifth step",
    "Sixth step",
    "Seventh step",
    "Eighth step",
)


def first_days(days: int, runs: int, phases: int, shares: Sequence[float], seed: int) -> NDArray[np.int64]:
    """(runs, phases − 1): first passages, `days` for never; each phase is reached by some of those that reached the one below."""
    rng = np.random.default_rng(seed)
    previous = np.zeros(runs, dtype=np.int64)
    out = np.empty((runs, phases - 1), dtype=np.int64)
    for step in range(phases - 1):
        share = shares[step] if step < len(shares) else 0.8
        wait = np.clip(rng.logistic(days * 0.15, days * 0.05, runs), 0, None).astype(np.int64)
        reached = (rng.random(runs) < share) & (previous < days)
        previous = out[:, step] = np.where(reached, np.minimum(previous + wait, days), days)
    return out


def fan_of(values: NDArray[np.float64], unit: str, samples: int = 6) -> Fan:
    return Fan(unit, np.quantile(values, FAN_LEVELS, axis=0), values[:samples], len(values))


def signposts(days: int, first: NDArray[np.int64], seed: int) -> dict[str, Fan]:
    rng = np.random.default_rng(seed + 1)
    runs = len(first)
    top = first[:, :1] if first.shape[1] else np.full((runs, 1), days)
    rungs = np.where(np.arange(days) >= top, 3.0, 2.0) + (rng.random((runs, days)) < 0.04)
    steps = rng.normal(0.004, 0.02, (runs, days)).cumsum(axis=1)
    troops = 5477 * np.exp(0.366 * rng.standard_normal((runs, 1)) + steps)
    return {
        "deployment_level": fan_of(rungs, "rung"),
        "troops_in_russia": fan_of(troops, "troops"),
        "special_forces": fan_of(np.zeros((runs, days)), "flag"),
    }


def line(
    name: str,
    signpost: str,
    unit: str,
    days: int,
    low: float,
    high: float | None = None,
    text: str = "",
    sources: tuple[str, ...] = ("F10",),
    grade: str = "implied",
) -> ThresholdLine:
    top = low if high is None else high
    full = np.full(days, 1.0)
    return ThresholdLine(
        name, signpost, unit, grade, sources, full * low, full * (low + top) / 2, full * top, high is not None, text or f"{low:g}"
    )


def thresholds(days: int) -> tuple[ThresholdLine, ...]:
    return (
        line("front_line", "deployment_level", "rung", days, 3),
        line("sustained_combat", "deployment_level", "rung", days, 4, grade="assumed", sources=("F11",)),
        line("mass_deployment", "troops_in_russia", "troops", days, 12000, 16000, "uniform 12,000–16,000", grade="assumed"),
    )


def rival(first: NDArray[np.int64], days: int = 365, name: str = "sent", single_path: bool = False) -> RivalResult:
    passages = {
        f"phase_{step + 1}": FirstPassage(len(first), np.bincount(column, minlength=days + 1)[:days], single_path)
        for step, column in enumerate(first.T)
    }
    return RivalResult("front_line", name, "implied", "2", passages)


def result(
    days: int = 365,
    runs: int = 1000,
    phases: int = 3,
    shares: Sequence[float] = (0.83, 0.4),
    seed: int = 1,
    scenario: str = "surge-to-front-uncertain",
    policy: str = "phased-approach",
    labels: Sequence[str] = LABELS,
    scenario_title: str = "Deployment surges to the front, seen through intelligence",
    policy_title: str = "Seoul's phased approach, as stated in October 2024",
    single_path: bool = False,
    lines: tuple[ThresholdLine, ...] | None = None,
    first: NDArray[np.int64] | None = None,
    fans: Mapping[str, Fan] | None = None,
    start: dt.date = START,
    reactive: bool = False,
    rivals: tuple[RivalResult, ...] = (),
) -> Result:
    first = first_days(days, runs, phases, shares, seed) if first is None else first
    names = tuple(PhaseName(f"phase_{index}", labels[index]) for index in range(phases))
    phase = sum((np.arange(days) >= first[:, [step]]).astype(np.int8) for step in range(phases - 1)) + np.zeros(
        (runs, days), np.int8
    )
    occupancy = np.array([(phase == rank).sum(axis=0) for rank in range(phases)])
    passages = {
        names[step + 1].name: FirstPassage(runs, np.bincount(first[:, step], minlength=days + 1)[:days], single_path)
        for step in range(phases - 1)
    }
    return Result(
        scenario,
        scenario_title,
        policy,
        policy_title,
        start,
        days,
        names,
        runs,
        seed,
        single_path,
        reactive,
        Grades(1, 3, 5, 31),
        occupancy,
        passages,
        {name.name: Dwell(runs, 0, 0, 0, 0.0) for name in names},
        (),
        signposts(days, first, seed) if fans is None else fans,
        {},
        thresholds(days) if lines is None else lines,
        rivals,
        phase[:400].astype(np.int8),
    )


def path(
    days: int = 120, changes: Sequence[tuple[int, int]] = ((7, 1), (40, 2)), phases: int = 3, labels: Sequence[str] = LABELS
) -> tuple[Result, list[Change]]:
    """One run that changes phase on the days given."""
    strip = np.zeros(days, np.int8)
    for day, to in changes:
        strip[day:] = to
    first = np.array([[next((day for day, to in changes if to >= rank), days) for rank in range(1, phases)]], dtype=np.int64)
    level = fan_of(np.maximum.accumulate(strip)[None, :] + 2.0, "rung")
    one = result(
        days, 1, phases, labels=labels, single_path=True, first=first.reshape(1, phases - 1), fans={"deployment_level": level}
    )
    made = []
    before = 0
    for day, to in changes:
        made.append(Change(day, max(0, day - 5), "arm_defensively" if to > before else "step_down", labels[before], labels[to]))
        before = to
    object.__setattr__(one, "strips", strip[None, :])
    return one, made


POLICIES = (
    "phased-approach",
    "hair-trigger",
    "restrained",
    "ambiguity-tolerant",
    "step-down",
    "allied-coordinated",
    "capacity-limited",
    "consent-gated",
)
SCENARIOS = (
    "as-known-2024-10-24",
    "withdrawal",
    "rear-labour",
    "gradual-rise",
    "surge-to-front",
    "special-forces",
    "attrition-and-rotation",
    "ambiguous-intelligence",
    "reciprocity-provokes",
    "reciprocity-nothing",
    "reciprocity-deters",
    "hindcast-2024-2026",
    "ambiguous-intelligence-uncertain",
)


def grid(policies: int, scenarios: int, days: int = 365, runs: int = 500, readings: bool = False) -> list[Result]:
    out = []
    for at, scenario in enumerate(SCENARIOS[:scenarios]):
        for index, policy in enumerate(POLICIES[:policies]):
            share = 0.0 if policy == "restrained" else (0.98, 0.7, 0.4)[(at + index) % 3]
            others = [(1.0, 0.8), (share / 2, 0.0)] if readings and policy != "restrained" else []
            out.append(
                result(
                    days,
                    runs,
                    first=first_days(days, runs, 3, (share, 0.5), at * 10 + index),
                    scenario=scenario,
                    policy=policy,
                    scenario_title=f"A longer title of {scenario}",
                    policy_title=f"The long title of {policy}, as stated",
                    rivals=tuple(rival(first_days(days, runs, 3, each, at * 10 + index), days) for each in others),
                )
            )
    return out


DEEDS = tuple(
    Deed(f"B{index:02}", dt.date.fromisoformat(date), "phase_0", says, None)
    for index, (date, says) in enumerate(
        (
            ("2024-10-30", "The opposition threatens impeachment if personnel go without consent."),
            ("2024-11-07", "Yoon: in phases with the level of involvement; weapons not ruled out; defensive first."),
            ("2024-11-20", "A softer stance since the U.S. election."),
            ("2024-11-27", "Ukraine's defence minister visits; sales declined."),
            ("2024-12-03", "Martial law is declared."),
            ("2024-12-14", "The president is impeached, 204 to 85."),
            ("2025-01-09", "Ukraine's ambassador: no direct arms."),
            ("2025-04-04", "Yoon is removed, unanimously."),
            ("2025-06-03", "Lee, an opponent of arms transfers, is elected."),
            ("2026-02-13", "Only non-lethal aid since 2022; a NATO scheme is under review."),
        ),
        1,
    )
)


def statements() -> list[Statement]:
    out = []
    codings = (("kursk", "Kursk counts as the front"), ("ukraine", "Only Ukraine's territory counts as the front"))
    for coding, title in codings:
        for reading, due in (
            ("as stated", dt.date(2024, 10, 28)),
            ("front_line: sent", dt.date(2024, 10, 24)),
            ("sustained_combat: any_combat", dt.date(2024, 10, 31)),
        ):
            for phase, delay in ((1, 0), (2, 49)):
                when = due + dt.timedelta(delay) if coding == "kursk" and (phase == 1 or "sent" not in reading) else None
                read = Reading(coding, title, reading, "", f"phase_{phase}", LABELS[phase], when)
                after = [deed for deed in DEEDS if when and deed.date >= when]
                out.append(Statement(read, after[0] if after else None, None, after[-1] if after else None))
    return out


def range_bars(figure: Figure) -> list[Line2D]:
    """The upright parts of the ranges over rival readings."""
    upright = [line for ax in figure.axes for line in ax.lines if len(set(line.get_xdata())) == 1]
    return [line for line in upright if line.get_transform() == line.axes.transAxes]
