"""The verbs of phased, for the command line, a notebook and a page alike: names in, typed records out."""

from sim.api.checks import Finding, check
from sim.api.ensembles import Comparison, Meter, Rows, Run, compare, compare_pairs, job_of, run, run_pair
from sim.api.hindcasts import Hindcast, hindcast
from sim.api.pairs import DEFAULT_SEED, inputs_of, model_of, pairs_of
from sim.api.paths import SinglePath, path, path_of

__all__ = [
    "DEFAULT_SEED",
    "Comparison",
    "Finding",
    "Hindcast",
    "Meter",
    "Rows",
    "Run",
    "SinglePath",
    "check",
    "compare",
    "compare_pairs",
    "hindcast",
    "inputs_of",
    "job_of",
    "model_of",
    "pairs_of",
    "path",
    "path_of",
    "run",
    "run_pair",
]
