"""A report as one page: its frame and head, the parts in their order, and links between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib.resources import files as resources

from sim.framing import TEACHING
from sim.pages.html import Child, Element, document, el
from sim.pages.parts import Part, cautions, parts
from sim.pages.records import Report
from sim.pages.tables import Ids
from sim.pages.words import plural

MAKER = "phased report"
"""begins the page's `generator`, by which a page is known as one of ours"""


def page(report: Report) -> str:
    """The whole page as HTML. It needs no other file, runs nothing and asks for nothing."""
    ids = Ids()
    shown = [each for each in parts(ids, report) if each.body or each.inner]
    title, below = _title(report)
    body: list[Child] = [
        el("a", "Skip to the report", href="#main", class_="skip"),
        el("header", el("h1", title), el("p", below, class_="below") if below else None, _head(report)),
        el("nav", el("h2", "On this page", id="contents"), _contents(shown), aria_labelledby="contents"),
        el("main", map(_section, shown), id="main", tabindex=-1),
        el("footer", el("p", f"{TEACHING} Made by phased {report.phased} from the files of a report.")),
    ]
    style = (resources("sim.pages") / "page.css").read_text("utf-8")
    return document(f"{title}. {below}" if below else title, style, body, f"{MAKER} {report.phased}")


def is_page(start: bytes) -> bool:
    """Whether a file that begins so is a page that was made here."""
    return f'name="generator" content="{MAKER} '.encode() in start


def _title(report: Report) -> tuple[str, str]:
    """What was simulated, by the titles of its files: the heading, and what stands below it."""
    policies, scenarios = (_titles(report, kind) for kind in ("policy", "scenario"))
    if not policies or not scenarios:
        return "A report of phased", report.command
    one, many = f"Scenario: {scenarios[0]}", f"on {plural(len(scenarios), 'scenario')}"
    if len(policies) == 1:
        return policies[0], one if len(scenarios) == 1 else many
    compared = f"{len(policies)} policies compared"
    return (compared, one) if len(scenarios) == 1 else (f"{compared} {many}", "")


def _titles(report: Report, kind: str) -> list[str]:
    files = report.document("evidence.json").get("files")
    found = [each for each in files if isinstance(each, dict)] if isinstance(files, list) else []
    return [str(each.get("title")) for each in found if each.get("kind") == kind]


def _head(report: Report) -> Iterator[Element]:
    told = dict(cautions(report))
    yield el("p", " ".join(filter(None, (told["What this is"], told.get("What is assumed")))), class_="framing")
    named = {"Policies": _titles(report, "policy"), "Scenarios": _titles(report, "scenario")}
    if sum(map(len, named.values())) > 2:
        lists = (
            el("div", el("dt", name), el("dd", el("ul", (el("li", each) for each in found)))) for name, found in named.items()
        )
        yield el("dl", lists, class_="what")
    yield el("p", "Made by ", el("code", report.command))
    yield _checked(report)


def _checked(report: Report) -> Element:
    """Whether the files are those that the manifest records."""
    wrong = [each for each in report.files if each.status != "as recorded"]
    if not wrong:
        return el("p", f"All {plural(len(report.files), 'file')} of the report are as its manifest records.", class_="quiet")
    told = "; ".join(f"{each.name} {'is missing' if each.status == 'missing' else 'differs'}" for each in wrong)
    return el("p", el("strong", "Not as the manifest records: "), f"{told}.", class_="warning")


def _section(part: Part) -> Element:
    inner = (el("section", el("h3", each.heading, id=each.name), each.body) for each in part.inner)
    return el(
        "section", el("h2", part.heading, id=part.name), part.body, inner, aria_labelledby=part.name, class_=f"part-{part.name}"
    )


def _contents(shown: Sequence[Part]) -> Element:
    return el("ul", (el("li", _to(each), _list(each.inner) if each.inner else None) for each in shown))


def _list(inner: Sequence[Part]) -> Element:
    return el("ul", (el("li", _to(each)) for each in inner))


def _to(part: Part) -> Element:
    return el("a", part.heading, href=f"#{part.name}")
