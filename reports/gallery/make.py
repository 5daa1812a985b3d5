"""Make the pictures of this folder again: `python reports/gallery/make.py`, with phased installed."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from sim.cli import main

HERE = Path(__file__).parent
POLICIES = ("phased-approach", "hair-trigger", "restrained", "ambiguity-tolerant", "step-down", "consent-gated")
PICTURES = {
    "path": ("path.png", ("run", "surge-to-front")),
    "run": ("run.png", ("run", "gradual-rise-uncertain", "--policy", "step-down")),
    "first-passage": (
        "first-passage.png",
        ("compare", "gradual-rise-uncertain", *(word for policy in POLICIES[:4] for word in ("--policy", policy))),
    ),
    "overview": (
        "overview.png",
        (
            "compare",
            "rear-labour-uncertain",
            "gradual-rise-uncertain",
            "surge-to-front-uncertain",
            *(word for policy in POLICIES for word in ("--policy", policy)),
        ),
    ),
    "disagreement": (
        "disagreement.png",
        (
            *("compare", "surge-to-front-uncertain", "ambiguous-intelligence-uncertain"),
            *(word for policy in ("phased-approach", "hair-trigger", "step-down") for word in ("--policy", policy)),
        ),
    ),
    "regret": (
        "regret.png",
        (
            *("compare", "rear-labour-uncertain", "gradual-rise-uncertain", "surge-to-front-uncertain"),
            *("ambiguous-intelligence-uncertain", "--losses", "example"),
            *(word for policy in POLICIES for word in ("--policy", policy)),
        ),
    ),
    "quality": ("quality.png", ("quality", "ambiguous-intelligence-uncertain", "--tolerance", "7", "--runs", "10000")),
    "quality-curve": (
        "quality.png",
        ("quality", "ambiguous-intelligence-uncertain", "--vary", "transitions.arm_defensively.confirm=1:28", "--runs", "10000"),
    ),
    "tornado": (
        "tornado.png",
        (
            "sensitivity",
            "reciprocity-provoking-uncertain",
            *("--measure", "offensive_measures.first", "--samples", "512", "--replications", "20"),
        ),
    ),
    "indices": (
        "indices.png",
        (
            "sensitivity",
            "reciprocity-provoking-uncertain",
            *("--measure", "offensive_measures.first", "--samples", "512", "--replications", "20"),
        ),
    ),
    "boxes": (
        "boxes.png",
        ("discover", "ambiguous-intelligence-uncertain", "--phase", "offensive_measures", "--replications", "100"),
    ),
    "explanation": ("explanation.png", ("explain", "surge-to-front-uncertain", "--run", "17")),
    "hindcast": ("hindcast.png", ("hindcast",)),
    "austin": ("path.png", ("run", "austin/since-the-chart")),
    "austin-hindcast": ("hindcast.png", ("hindcast", "austin/since-the-chart")),
    "reach": ("reach.png", ("check", "allied-coordinated", "surge-to-front", "--reach")),
}
"""Name here → file of the report, and the command that writes the report."""


def make() -> None:
    for name, (picture, command) in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            main([*command, "--out", folder], standalone_mode=False)
            shutil.copyfile(Path(folder) / picture, HERE / f"{name}.png")


if __name__ == "__main__":
    make()
