"""Charts: records in, a matplotlib Figure out. Nothing here simulates, and only `render` makes bytes (design §4)."""

from sim.charts.boxes import boxes_chart
from sim.charts.diagram import diagram_chart
from sim.charts.disagreement import disagreement_chart
from sim.charts.explanation import explanation_chart
from sim.charts.hindcast import hindcast_chart
from sim.charts.indices import indices_chart
from sim.charts.overview import overview_chart
from sim.charts.passage import first_passage_chart
from sim.charts.path import path_chart
from sim.charts.quality import quality_chart
from sim.charts.reach import reach_chart
from sim.charts.records import Chart, Imprint
from sim.charts.regret import regret_chart
from sim.charts.render import render
from sim.charts.run import run_chart
from sim.charts.tornado import tornado_chart

__all__ = [
    "Chart",
    "Imprint",
    "boxes_chart",
    "diagram_chart",
    "disagreement_chart",
    "explanation_chart",
    "first_passage_chart",
    "hindcast_chart",
    "indices_chart",
    "overview_chart",
    "path_chart",
    "quality_chart",
    "reach_chart",
    "regret_chart",
    "render",
    "run_chart",
    "tornado_chart",
]
