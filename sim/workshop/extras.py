"""What a lesson page needs beside the core: asked for first, before anybody waits for imports or runs."""

from __future__ import annotations

from sim.errors import require


def need_page() -> None:
    """Raises MissingExtra where no lesson page could be made."""
    require("workshop", "the page", "altair", "vl_convert")
