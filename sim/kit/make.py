"""The kit of an exercise: from its file to every paper, as bytes by file name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sim import api
from sim.api import Meter, PlayedExercise
from sim.kit import content
from sim.kit.events import msel_csv
from sim.kit.modelled import Bench, bench_of, charts_of, codings_of, policies_of
from sim.kit.page import RUNS as PAGE_RUNS
from sim.kit.page import page_of
from sim.kit.pieces import Data, Source
from sim.kit.readme import readme
from sim.kit.typeset import need_papers, typeset
from sim.library import Library
from sim.work import How
from sim.workshop.extras import need_page

RUNS = 1_000
"""behind each chart and each rule side by side, unless somebody says otherwise"""
PAGE = "lesson.html"


@dataclass(frozen=True)
class Asked:
    """What a facilitator asks for."""

    teams: int = 4
    runs: int | None = None
    """None: as many as the file says for each key figure, RUNS for charts, PAGE_RUNS at each setting of the page"""
    seed: int = 1
    paper: str = "a4"
    page: bool = True
    """with the lesson page?"""
    command: str = "phased kit"
    """what makes the same kit again"""


@dataclass(frozen=True)
class Manuscript:
    """All that a kit says, before it is typeset."""

    source: Source
    asked: Asked
    papers: Mapping[str, tuple[str, Data]]
    """each PDF with its template and its data"""
    pages: Mapping[str, bytes]
    """what is a file already"""
    pairs: tuple[Any, ...]


@dataclass(frozen=True)
class Kit:
    """Every file of a kit, and what its reader must be told."""

    files: Mapping[str, bytes]
    missing: str
    """characters that no font of this machine has; they stand as empty boxes in the PDFs"""
    played: PlayedExercise
    pairs: tuple[Any, ...]


def kit(ref: str, asked: Asked, *, library: Library | None = None, how: How, meter: Meter | None = None) -> Kit:
    """All papers of an exercise, by name or path. The same inputs give the same bytes. Raises what `written` raises."""
    return printed(written(ref, asked, library=library, how=how, meter=meter))


def written(ref: str, asked: Asked, *, library: Library | None = None, how: How, meter: Meter | None = None) -> Manuscript:
    """What the papers say, with every figure simulated.

    Raises BadInput with every mistake of the files, BadUsage where there is no such exercise, MissingExtra where the kit could
    not be made in the end.
    """
    need_papers()
    if asked.page:
        need_page()
    library = library or Library()
    loaded = library.load_exercise(ref)
    bench = bench_of(loaded, library, runs=asked.runs or RUNS, seed=asked.seed, how=how)
    if meter:
        meter.expect(bench.runs * sum(1 for move in loaded.spec.moves.values() if move.code))
    pages: dict[str, bytes] = {}
    if asked.page:
        pages[PAGE] = page_of(bench, loaded.spec.title, runs=asked.runs or PAGE_RUNS, command=asked.command, meter=meter).html
    played = PlayedExercise(loaded, api.figures_of(loaded, runs=asked.runs, library=library, meter=meter))
    source = Source(played, asked.paper, bench.framing, asked.teams)
    papers = _papers(source, bench, asked.command, meter)
    return Manuscript(source, asked, papers, pages, tuple(bench.pairs.values()))


def printed(manuscript: Manuscript, meter: Meter | None = None) -> Kit:
    """Every file. `meter` counts papers: where a font is sought among the machine's own, one takes seconds."""
    if meter:
        meter.expect(len(manuscript.papers))
    files, missing = dict(manuscript.pages), ""
    for name, (template, data) in manuscript.papers.items():
        done = typeset(template, data)
        files[name], missing = done.pdf, missing + done.missing
        if meter:
            meter.add(1)
    source = manuscript.source
    files["msel.csv"] = msel_csv(source.played)
    files["README.txt"] = readme(source, tuple(files), manuscript.asked.command).encode()
    return Kit(files, "".join(dict.fromkeys(missing)), source.played, manuscript.pairs)


def _papers(source: Source, bench: Bench, command: str, meter: Meter | None) -> dict[str, tuple[str, Data]]:
    """Each PDF with its template and its data, in the order in which they are read."""
    policies, codings = policies_of(bench), codings_of(bench, meter)
    charts = charts_of(bench, command, meter)
    plain: dict[str, Callable[[Source], Data]] = {
        "situation-manual": content.situation_manual,
        "briefings": content.role_briefings,
        "team-sheets": content.team_sheets,
        "inject-cards": content.inject_cards,
        "facilitator-guide": content.facilitator_guide,
        "msel": content.msel,
        "observer-sheets": content.observer_sheets,
    }
    found = {f"{name}.pdf": (name, made(source)) for name, made in plain.items()}
    found["answer-key.pdf"] = ("answer-key", content.answer_key(source, codings, policies))
    found["policies.pdf"] = ("policies", content.policy_pages(source, policies))
    found["slides.pdf"] = ("slides", content.slides(source, charts))
    found["aar-template.pdf"] = ("after-action", content.after_action(source))
    return found
