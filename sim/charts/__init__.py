"""Charts: records in, a matplotlib Figure out. Nothing here simulates, and only `render` makes bytes (design §4)."""

from sim.charts.hindcast import hindcast_chart
from sim.charts.overview import overview_chart
from sim.charts.passage import first_passage_chart
from sim.charts.path import path_chart
from sim.charts.records import Chart, Imprint
from sim.charts.render import render
from sim.charts.run import run_chart

__all__ = [
    "Chart",
    "Imprint",
    "first_passage_chart",
    "hindcast_chart",
    "overview_chart",
    "path_chart",
    "render",
    "run_chart",
]
