"""One number varied over a grid, as `--vary PATH=FROM:TO[:STEP]` says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from sim.errors import BadUsage, quote
from sim.machine import Model
from sim.spec import guard
from sim.spec.values import Frozen, numbers
from sim.world import quantities

MOST = 100
"""Values in a grid: beyond this a picture shows nothing more."""
_FORM = "must be PATH=FROM:TO or PATH=FROM:TO:STEP, such as transitions.arm_defensively.confirm=1:28"


@dataclass(frozen=True)
class Vary:
    """A dotted path and the values that it takes, ascending, as `--set` would be given them."""

    path: str
    values: tuple[str, ...]

    def sets(self) -> tuple[str, ...]:
        """A `--set` for each value."""
        return tuple(f"{self.path}={value}" for value in self.values)

    @property
    def bare(self) -> str:
        """The path without what only says which file it is in, or that it is a number."""
        return self.path.removeprefix("policy.").removeprefix("scenario.").removesuffix(".value")


def parsed(text: str) -> Vary:
    """The grid from FROM to TO, both included where a whole number of steps lies between. Raises BadUsage.

    Decimal, so that 2.5:4:0.1 meets 2.6 and not 2.6000000000000001.
    """
    path, equals, span = text.partition("=")
    parts = span.split(":")
    if not equals or not path.strip() or len(parts) not in (2, 3):
        raise BadUsage(f"--vary {_FORM}, got {quote(text)}")
    low, high, step = (_number(part, text) for part in (*parts, "1")[:3])
    if step <= 0:
        raise BadUsage(f"--vary {quote(text)}: the step must be above 0, got {parts[-1].strip()}")
    if high < low:
        raise BadUsage(f"--vary {quote(text)}: goes from the lower to the higher value; write {parts[1]}:{parts[0]}")
    if (high - low) / step >= MOST:
        raise BadUsage(f"--vary {quote(text)}: has more than {MOST} values; take a larger step")
    count = int((high - low) / step) + 1
    return Vary(path.strip(), tuple(_plain(low + index * step) for index in range(count)))


def _number(text: str, whole: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadUsage(f"--vary {quote(whole)}: {quote(text)} is not a number; it {_FORM}")
    return number


def _plain(number: Decimal) -> str:
    """`3`, `2.75`: no exponent and no zeros at the end."""
    text = f"{number:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def stated(model: Model, vary: Vary, files: Sequence[Frozen] = ()) -> float | None:
    """What the number is worth where nothing varies it, in days, per day or its own unit; None: uncertain, or left out.

    `files`: the policy and scenario of the model. A number that can only be fixed, such as a delay, is found there alone.
    """
    found = [each for each in quantities((model.machine, model.world, model.defaults)) if each.path in (vary.bare, vary.path)]
    found += [each for each in quantities(model.machine.thresholds) if each.path.removesuffix(".value") == vary.bare]
    if found:
        return found[0].fixed
    named = (number for file in files for path, number in numbers(file) if path in (vary.bare, vary.path))
    return next((number.fixed for number in named), None)


def concerned(model: Model, vary: Vary) -> tuple[int, ...]:
    """The transitions that the number is about, by index: its own, or those whose guard names it; all where it is neither."""
    kind, _, rest = vary.bare.partition(".")
    name = rest.partition(".")[0]
    every = model.machine.transitions
    own = tuple(index for index, each in enumerate(every) if kind == "transitions" and each.name == name)
    used = tuple(
        index for index, each in enumerate(every) if kind in ("thresholds", "signposts") and name in guard.names(each.guard)
    )
    return own or used or tuple(range(len(every)))
