"""The verbs of phased, for the command line, a notebook and a page alike: names in, typed records out."""

from sim.api.checks import Checked, Finding, Reached, check, reach_picture, verify
from sim.api.comparisons import Comparison, compare, compare_pairs, losses_of
from sim.api.designs import DesignRun, Study, design_of, run_design, study
from sim.api.diagrams import DIAGRAM_FORMATS, diagram, diagram_of
from sim.api.discovery import Discovery, discover, discover_of
from sim.api.ensembles import Meter, Rows, Run, job_of, run, run_pair
from sim.api.exercises import PlayedExercise, exercise, exercise_problems, figures_of, sets_of, side_by_side
from sim.api.explanations import Explained, explain, explain_pair
from sim.api.hindcasts import Hindcast, hindcast
from sim.api.pages import evidence_of
from sim.api.pairs import DEFAULT_SEED, inputs_of, model_of, pairs_of, read_of
from sim.api.paths import SinglePath, path, path_of
from sim.api.qualities import QualityQuestion, quality, quality_of, quality_question
from sim.api.sensitivity import Sensitivity, sensitivity, sensitivity_of

__all__ = [
    "DEFAULT_SEED",
    "DIAGRAM_FORMATS",
    "Checked",
    "Comparison",
    "DesignRun",
    "Discovery",
    "Explained",
    "Finding",
    "Hindcast",
    "Meter",
    "PlayedExercise",
    "QualityQuestion",
    "Reached",
    "Rows",
    "Run",
    "Sensitivity",
    "SinglePath",
    "Study",
    "check",
    "compare",
    "compare_pairs",
    "design_of",
    "diagram",
    "diagram_of",
    "discover",
    "discover_of",
    "evidence_of",
    "exercise",
    "exercise_problems",
    "explain",
    "explain_pair",
    "figures_of",
    "hindcast",
    "inputs_of",
    "job_of",
    "losses_of",
    "model_of",
    "pairs_of",
    "path",
    "path_of",
    "quality",
    "quality_of",
    "quality_question",
    "reach_picture",
    "read_of",
    "run",
    "run_design",
    "run_pair",
    "sensitivity",
    "sensitivity_of",
    "sets_of",
    "side_by_side",
    "study",
    "verify",
]
