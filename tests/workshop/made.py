"""Lessons made for tests, and what a participant does with them in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.workshop.lesson import Lesson, lesson
from sim.workshop.sliders import asked
from tests.browser import Open, Opened

RUNS = 200
FOUNDING: dict[str, Any] = {
    "scenarios": ("surge-to-front-uncertain", "gradual-rise"),
    "policies": ("phased-approach", "step-down"),
    "sliders": (
        "wait=transitions.arm_defensively.confirm:1:29:14",
        "threshold=thresholds.front_line:2:4:1",
        "error=signposts.deployment_level.error.sd:0:1:0.5",
    ),
    "runs": RUNS,
}


@dataclass(frozen=True)
class Page:
    path: Path
    lesson: Lesson


def made(folder: Path, sliders: tuple[str, ...] = (), **options: Any) -> Page:
    """The page in a file. It is made where its policies and scenarios can be found."""
    scenarios, policies = options.pop("scenarios"), options.pop("policies")
    found = lesson(scenarios, policies, wanted=tuple(map(asked, sliders)), command="phased page …", **options)
    path = folder / "lesson.html"
    path.write_bytes(found.html)
    return Page(path, found)


def opened(in_browser: Open, page: Page, **options: Any) -> Opened:
    """Drawn and ready."""
    found = in_browser(page.path, **options)
    found.page.wait_for_selector("body[data-ready]", timeout=20_000)
    return found


def move(page: Any, slider: str, value: int) -> None:
    """Put a slider on one of its values, as keys would."""
    page.eval_on_selector(
        slider, "(each, value) => { each.value = value; each.dispatchEvent(new Event('input', {bubbles: true})); }", value
    )


def table(page: Any, figure: str) -> dict[str, list[str]]:
    """The columns of a chart's table."""
    page.eval_on_selector(f"#{figure} details", "each => { each.open = true; }")
    page.wait_for_selector(f"#{figure} tbody tr")
    rows = page.eval_on_selector_all(f"#{figure} tr", "rows => rows.map(row => [...row.children].map(cell => cell.textContent))")
    return {head: list(column) for head, *column in zip(*rows, strict=True)}


def saved(page: Any, button: str, folder: Path) -> Path:
    """What a button puts into the downloads, under the name that it suggests."""
    with page.expect_download() as waiting:
        page.click(button)
    path = folder / str(waiting.value.suggested_filename)
    waiting.value.save_as(path)
    return path
