"""The kit's steps: what is simulated, then what is typeset, each counted on a meter of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from sim.kit import make
from sim.kit.make import Asked, Manuscript, printed
from sim.kit.typeset import Typeset
from tests.kit.made import shipped


@dataclass
class Told:
    """A meter that keeps what it was told."""

    expected: int = 0
    done: list[float] = field(default_factory=list)

    def expect(self, runs: int) -> None:
        self.expected += runs

    def add(self, runs: float) -> None:
        self.done.append(runs)


def test_each_paper_counts_when_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    told, seen = Told(), []

    def typeset(template: str, _: object) -> Typeset:
        seen.append((template, told.expected, len(told.done)))
        return Typeset(template.encode(), "")

    monkeypatch.setattr(make, "typeset", typeset)
    papers = {f"{name}.pdf": (name, {}) for name in ("msel", "slides", "briefings")}
    kit = printed(Manuscript(shipped("fog"), Asked(), papers, {"lesson.html": b"page"}, ()), told)
    assert seen == [("msel", 3, 0), ("slides", 3, 1), ("briefings", 3, 2)]
    assert told.done == [1, 1, 1]
    assert list(kit.files) == ["lesson.html", "msel.pdf", "slides.pdf", "briefings.pdf", "msel.csv", "README.txt"]
