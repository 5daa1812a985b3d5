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
    "hindcast": ("hindcast.png", ("hindcast",)),
}
"""Name here → file of the report, and the command that writes the report."""


def make() -> None:
    for name, (picture, command) in PICTURES.items():
        with tempfile.TemporaryDirectory() as folder:
            main([*command, "--out", folder], standalone_mode=False)
            shutil.copyfile(Path(folder) / picture, HERE / f"{name}.png")


if __name__ == "__main__":
    make()
