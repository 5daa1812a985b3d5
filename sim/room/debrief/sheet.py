"""The debrief as a PDF, by typst: what people wrote goes in as data and is never read as markup."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sim.charts.style import phase_colours
from sim.kit.typeset import pdf
from sim.room.clock import shown
from sim.room.debrief.records import Debrief


def pdf_of(debrief: Debrief) -> bytes:
    """The PDF. Raises MissingExtra without typst."""
    return pdf("debrief", data_of(debrief))


def data_of(debrief: Debrief) -> dict[str, Any]:
    """What the template reads: the records as they are, with clock times in words."""
    data = asdict(debrief)
    data |= {"heading": "Debrief", "framing": f"{debrief.framing} {debrief.assumed}"}
    data["colours"] = list(phase_colours(len(debrief.phases)))
    for move in data["moves"]:
        move |= {"clock": shown(move["seconds"]), "took": shown(move["lasted"])}
        for each in (*move["known"], *move["decisions"]):
            each["clock"] = shown(each["seconds"])
    return data
