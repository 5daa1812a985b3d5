"""The chart of a debrief: what the model saw and did, up to the last date that was played and no further."""

from __future__ import annotations

from sim import __version__, api
from sim.charts import Imprint, path_chart, render
from sim.errors import BadInput
from sim.library import Library
from sim.room.debrief.records import Picture
from sim.room.views import Scene

FEWEST_DAYS = 2


def picture_of(scene: Scene, library: Library, command: str) -> Picture | None:
    """One run up to the last date. None before there is anything to draw, or where the scenario cannot be cut there."""
    last = scene.script.date(scene.state.step)
    if last is None or (days := scene.course.day(last) + 1) < FEWEST_DAYS:
        return None
    alongside = scene.alongside
    base = alongside.base
    names = str(base.scenario.path.resolve()), str(base.policy.path.resolve())
    file = alongside.folder / "charted.yaml"
    file.write_text(alongside.text(scene.state.changes, *names, days=days), encoding="utf-8")
    try:
        pair = library.load_pair(str(file), names[1])
    except BadInput:  # a scenario whose own parts need all of its days
        return None
    single = api.path_of(pair, run=scene.course.report.run, seed=scene.course.report.seed)
    chart = path_chart(single.result, single.report.steps, Imprint(command, __version__))
    return Picture(chart.title, chart.description, render(chart, "svg").decode())
