"""Which optional libraries a command needs: asked for first, before anybody waits for imports or runs."""

from __future__ import annotations

from sim.errors import require


def need_page() -> None:
    """For lesson pages. Raises MissingExtra."""
    require("workshop", "the page", "altair", "vl_convert")


def need_server() -> None:
    """For whatever is served, the QR code to join it included. Raises MissingExtra."""
    require("workshop", "the server", "segno", "starlette", "uvicorn")


def need_papers() -> None:
    """For PDFs that are typeset. Raises MissingExtra."""
    require("kit", "making PDFs", "typst")
