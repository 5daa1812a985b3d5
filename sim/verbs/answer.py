"""What every answer can do: show itself in a notebook, draw its charts, and name the command that gives the same."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from sim import __version__
from sim.errors import BadUsage, listed, unknown_name
from sim.framing import TEACHING, assumed

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sim.charts import Chart, Imprint
    from sim.library import Pair
    from sim.pages.html import Element
    from sim.pages.tables import Ids

    Drawn = Mapping[str, Callable[[Imprint], Chart]]

R_co = TypeVar("R_co", covariant=True)


@dataclass(frozen=True, repr=False, eq=False)
class Answer(ABC, Generic[R_co]):
    """What a verb gives back. `repr` is one line; a notebook shows a small table, the first chart and the framing."""

    record: R_co
    """the typed record of `sim.api` behind it: arrays and numbers, with their shapes and units in its docstring"""
    command: str
    """gives the same on the command line, and writes its report"""

    _file: ClassVar[str] = ""
    """the JSON file that the command writes of it"""
    _tables: ClassVar[int] = 1
    """how many of the tables of a report page stand in a notebook"""

    @cached_property
    def document(self) -> dict[str, Any]:
        """What the command prints with `--json`, as maps and lists of plain values."""
        return self._document()

    @property
    def charts(self) -> tuple[str, ...]:
        """The names of its charts, as of the files that the command writes; empty where there is nothing to draw."""
        return tuple(self._drawn())

    def figure(self, chart: str | None = None) -> Figure:
        """One of its `charts` as a matplotlib Figure, new with each call; None: the first. Raises BadUsage."""
        from sim.verbs.shown import displayed

        return displayed(self._chart(chart))

    def picture(self, form: Literal["png", "svg", "pdf"] = "png", chart: str | None = None) -> bytes:
        """The same bytes as in the file that the command writes. Raises BadUsage."""
        from sim.charts import render

        if form not in ("png", "svg", "pdf"):
            raise BadUsage(f"a picture is png, svg or pdf, not {form!r}")
        return render(self._chart(chart), form)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Of the files read, each once; `phased` prints them on stderr."""
        return tuple(dict.fromkeys(str(each) for pair in self._pairs() for each in pair.warnings))

    @cached_property
    def cautions(self) -> Mapping[str, str]:
        """What it cannot say, by what each is about: what this is, what is assumed, what sampling says, …"""
        from sim import api, report
        from sim.pages.caveats import caveats

        pairs = self._pairs()
        evidence = {"evidence.json": report.evidence(api.evidence_of(pairs))} if pairs else {}
        return dict(caveats({self._file: self.document, **evidence}))

    @property
    def framing(self) -> str:
        """The sentences that stand with every output: a teaching model, and how much of it is assumed."""
        from sim.analysis.outcome import grades

        counts = [grades(pair.policy.spec, pair.scenario.spec) for pair in self._pairs()]
        return " ".join(filter(None, (self.cautions.get("What this is", TEACHING), assumed(counts))))

    def __repr__(self) -> str:
        return f"<{self.about}: {self._brief()}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        from sim.verbs.shown import html

        return html(self)

    # what each verb's answer says for itself

    @property
    @abstractmethod
    def about(self) -> str:
        """Which pair, and how it was asked, in a line."""

    @abstractmethod
    def _brief(self) -> str:
        """What came out, in a few words."""

    @abstractmethod
    def _document(self) -> dict[str, Any]: ...

    def _drawn(self) -> Drawn:
        return {}

    def _pairs(self) -> Sequence[Pair]:
        return ()

    def _body(self, ids: Ids) -> list[Element]:
        """The first tables that a report page has of it."""
        from itertools import islice

        from sim.pages.known import KNOWN

        return list(islice(KNOWN[self._file][1](ids, self.document), self._tables))

    def _chart(self, name: str | None) -> Chart:
        from sim.charts import Imprint

        drawn = self._drawn()
        if not drawn:
            raise BadUsage(f"there is nothing to draw of {self.about}")
        if name is not None and name not in drawn:
            raise BadUsage(f"{unknown_name('chart', name, list(drawn))} (there is {listed(list(drawn))})")
        return drawn[name or next(iter(drawn))](Imprint(self.command, __version__))
