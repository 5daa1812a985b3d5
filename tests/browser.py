"""A real browser for tests: Chromium, started once per worker when a test first asks for it.

Where there is none, such a test is skipped with a reason; under CI (environment variable CI=true) it fails instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync"
).split()
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""rules of axe-core: WCAG 2.0, 2.1 and 2.2, levels A and AA"""


@dataclass
class Opened:
    """A page in the browser, what it asked for, and what it complained of."""

    page: Any
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def violations(self, without: tuple[str, ...] = ()) -> list[str]:
        """What axe-core finds against WCAG A and AA, in a line each, `without` some rules."""
        from axe_playwright_python.sync_playwright import Axe

        options = {"runOnly": WCAG, "rules": {rule: {"enabled": False} for rule in without}, "resultTypes": ["violations"]}
        found = Axe().run(self.page, options=options).response["violations"]
        return [f"{each['id']}: {node['html'][:200]}" for each in found for node in each["nodes"]]

    @property
    def too_wide(self) -> list[str]:
        """What reaches over the right edge of the page, but for what a box of its own scrolls."""
        return list(self.page.evaluate(_TOO_WIDE))


Open = Callable[..., Opened]

_TOO_WIDE = """() => {
  const edge = document.documentElement.clientWidth + 1;
  const inside = each => { const box = each.closest('.scroll');
    return box && box !== each && getComputedStyle(box).overflowX === 'auto'; };
  return [...document.querySelectorAll('body *')]
    .filter(each => each.getBoundingClientRect().right > edge && !inside(each))
    .map(each => each.outerHTML.slice(0, 150));
}"""


def _without(reason: str) -> NoReturn:
    if os.environ.get("CI", "").lower() in ("1", "true"):
        pytest.fail(f"{reason}; under CI the tests in a browser must run")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser, as playwright gives it."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        _without("playwright is not installed (extra `dev`)")
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        _without(f"no {NAMES[0]} is installed")
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=[*FLAGS, *as_root])
        yield started
        started.close()


@pytest.fixture
def in_browser(chromium: Any) -> Iterator[Open]:
    """Opens files in the browser: `in_browser(path, width=390)`. Each page stands alone and is closed after the test."""
    contexts = []

    def opened(path: Path, width: int = 1280, height: int = 900, media: str | None = None) -> Opened:
        contexts.append(context := chromium.new_context(viewport={"width": width, "height": height}))
        found = Opened(context.new_page())
        found.page.on("request", lambda request: found.asked.append(request.url))
        found.page.on("console", lambda message: found.complaints.append(message.text))
        found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
        found.page.on("dialog", lambda dialog: (found.complaints.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        found.page.emulate_media(media=media)
        found.page.goto(path.resolve().as_uri())
        return found

    yield opened
    for context in contexts:
        context.close()
