"""Bytes of a chart: the same inputs give the same bytes."""

from __future__ import annotations

import io
import re
from typing import Any, Literal
from xml.sax.saxutils import escape

from sim.charts.records import Chart
from sim.charts.style import styled
from sim.charts.text import fallback_fonts, texts

Format = Literal["png", "svg", "pdf"]


def render(chart: Chart, format: Format) -> bytes:  # noqa: A002
    """The picture, with headline, description, version and command in its metadata, and no date."""
    # In SVG the viewer's own fonts draw what DejaVu Sans lacks; PNG and PDF need such a font here and now.
    fallback = () if format == "svg" else fallback_fonts(text.get_text() for text in texts(chart.figure))
    buffer = io.BytesIO()
    with styled(fallback):
        chart.figure.savefig(buffer, format=format, metadata=_metadata(chart, format))
    return _accessible(buffer.getvalue(), chart) if format == "svg" else buffer.getvalue()


def _metadata(chart: Chart, kind: Format) -> dict[str, Any]:
    maker, command = f"phased {chart.imprint.version}", chart.imprint.command
    if kind == "png":
        return {"Title": chart.title, "Description": chart.description, "Software": maker, "Source": command}
    if kind == "svg":
        return {"Title": chart.title, "Description": chart.description, "Creator": maker, "Source": command, "Date": None}
    return {"Title": chart.title, "Subject": chart.description, "Creator": maker, "Keywords": command, "CreationDate": None}


def _accessible(svg: bytes, chart: Chart) -> bytes:
    """Name and describe the picture for screen readers."""
    words = f"<title>{escape(chart.title)}</title>\n <desc>{escape(chart.description)}</desc>"
    opened = re.sub(r"<svg\b([^>]*)>", lambda tag: f'<svg role="img"{tag[1]}>\n {words}', svg.decode(), count=1)
    return opened.encode()
