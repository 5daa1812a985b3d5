"""Makes docs/tutorial.ipynb, which retells tutorial.md in Python: `python docs/make_notebook.py`.

The files that a reader writes are those of tutorial.md, taken from there. The notebook is run in an empty folder, and its outputs
are kept, so that it can be read where nothing runs. Nothing in it tells when or where that was.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).resolve().parent
NOTEBOOK = HERE / "tutorial.ipynb"
_FILE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_FILES = dict(_FILE.findall((HERE / "tutorial.md").read_text("utf-8")))


def told(text: str) -> dict[str, Any]:
    return nbformat.v4.new_markdown_cell(text.strip())


def code(text: str) -> dict[str, Any]:
    return nbformat.v4.new_code_cell(text.strip())


def file(name: str) -> dict[str, Any]:
    """A file of tutorial.md, as a cell that writes it."""
    return nbformat.v4.new_code_cell(f"%%writefile {name}\n# {name}\n{_FILES[name].rstrip()}")


CELLS = [
    told("""
# From a news article to a chart of your own, in Python

About 20 minutes. This retells [tutorial.md](tutorial.md), which does the same on the command line, with the same numbers. You
read what officials said, write it down as facts, turn words into thresholds, and see what the rule would do in a world that you
describe. The result is a teaching model of stated positions, not a forecast. It gives the *share of simulated runs* in which
something happens, which is not how probable it is that a government will do it.

`pip install jupyterlab` where phased is installed, and run the cells from top to bottom. [python.md](python.md) has every verb.

## 1. A folder of your own

Names are looked up in this folder's `scenarios/` and `configs/` first, then among the files that come with phased.
"""),
    code("""
import os
from pathlib import Path

import sim

for folder in ("lesson/configs/evidence", "lesson/scenarios"):
    Path(folder).mkdir(parents=True, exist_ok=True)
os.chdir("lesson")
"""),
    told("""
The shipped case can be named from any folder. `sim.list()` has every name, and `sim.load` shows what a file says: of a
policy its diagram, its ladder of phases, and its numbers with their grades and facts.
"""),
    code("""
sim.load("phased-approach")
"""),
    told("""
## 2. Words → facts

Around 24 October 2024 *The Daily Digest* reported what Seoul might do should North Korean troops join the war in Ukraine. Before
any number, write down who said what. Use your own words, and say how much each statement can carry:

| grade | the number is … |
|---|---|
| `quoted` | in somebody's quoted words |
| `reported` | in the report's own words |
| `implied` | our coding of words that hold no number |
| `assumed` | ours: the source is silent |

A ledger is a list of such facts. `supports` is the strongest grade that a fact can lend.
"""),
    file("configs/evidence/seoul-words.yaml"),
    code("""
sim.load("seoul-words")
"""),
    told("""
Note what is *not* there: no number of troops that triggers anything, no waiting time, no way back down.

## 3. Facts → thresholds → policy

"The front lines" needs a scale. Ours is a ladder: 0 none, 1 pact and warning, 2 in Russia, 3 at the front, 4 sustained combat.
That the front is rung 3 is our coding, so its grade is `implied`, though the words are reported. For "if necessary" there is
nothing to code: `assumed`. W3 can be read as an earlier trigger. Keep both readings, as `rivals`.
"""),
    file("configs/seoul.yaml"),
    code("""
sim.check("seoul")
"""),
    told("""
What if you claim too much? This variant says that rung 3 itself was quoted:
"""),
    file("configs/too-strong.yaml"),
    code("""
sim.check("too-strong")
"""),
    told("""
The message names line 7, column 18, and what W1 can lend. A check gives its findings back, and is false where one is an error;
any other verb raises `sim.BadInput` with every mistake in a file at once.

## 4. A world

A scenario says what happens, and how much of it is seen. Here the troops reach the front after three weeks, and reports come
five days late. All these numbers are ours.
"""),
    file("scenarios/autumn.yaml"),
    code("""
sim.run("autumn")
"""),
    told("""
Nothing is uncertain, so there is one path. `sim.path` says why each step was taken: the guard, what was seen, and each threshold
with its grade and facts. Three weeks (day 21) and five days of delay make day 26.
"""),
    code("""
autumn = sim.path("autumn")
(step,) = autumn.report.path
step.day, step.guard, step.values, step.thresholds
"""),
    told("""
## 5. Fog

Now the date of arrival is uncertain, and misjudgement lasts for weeks. A variant states only what differs:
"""),
    file("scenarios/autumn-fog.yaml"),
    code("""
fog = sim.run("autumn-fog")
fog
"""),
    told("""
Brackets hold 95% intervals: how well 1,000 runs tell a share or a day. `Over readings` is the range over the rival readings of
your thresholds, which no number of runs makes smaller ([how sure](error.md)). In half of these worlds the troops never reach the
front, and yet two thirds of the runs leave `no_action`: the rest are misreadings. So are all steps to offensive measures, since
nothing here ever reaches rung 4.

Behind the table stand records with arrays: `help(type(fog.result))` names them, with their shapes and units.
"""),
    code("""
passage = fog.result.first_passage["defensive"]
passage.reached, passage.interval, passage.quantile(0.5), passage.cumulative.shape
"""),
    code("""
sim.path("autumn-fog", run=3)
"""),
    told("""
## 6. One change at a time

`set` changes one value, as `--set` does, and what it changes counts as assumed.
"""),
    code("""
changes = [
    {"transitions.arm.confirm": 14},
    {"transitions.arm.confirm": {"days": 10, "of": 14}},
    {"signposts.level.error.memory": 0},
    {"thresholds.front": "rival:sending"},
]
[sim.run("autumn-fog", set=change) for change in changes]
"""),
    told("""
Waiting two weeks leaves fewer false steps; how many depends on how long misjudgement lasts, which nobody states. The last line
is the rival reading: under it nearly every run takes the first step on day 0. Say both when you report a result.

## 7. Policies side by side

Two policies meet the same draws, run by run. Keeping to no action is a policy too. A copy with other names is all it takes:
"""),
    file("configs/patient.yaml"),
    file("configs/unmoved.yaml"),
    code("""
three = sim.compare("autumn-fog", ["seoul", "patient", "unmoved"])
three
"""),
    told("""
The chart has one line for each policy: the share of runs that reached a phase by each day. An answer may have several charts;
`figure` gives any of them as a matplotlib Figure, to change or to save.
"""),
    code("""
three.charts
"""),
    code("""
three.figure("overview")
"""),
    told("""
The shipped case, by its own names:
"""),
    code("""
shipped = sim.compare("surge-to-front-uncertain", ["phased-approach", "restrained"], runs=300)
shipped
"""),
    told("""
## 8. Under your chart

Say four things: it is a model of stated positions and not a forecast; how many of its numbers are assumed (`fog.framing`); what
the rival readings give; and the command, which stands on the chart (`fog.command`: it writes the whole report folder). The
intervals in brackets say how well the model was sampled, not how true it is ([error.md](error.md)). What the model leaves out is
in [limits.md](limits.md).
"""),
    code("""
fog.framing, fog.command
"""),
    told("""
Next: [python.md](python.md) for every verb, [files.md](files.md) for every key of a file, [semantics.md](semantics.md) for what
happens on a day, [outputs.md](outputs.md) for what the numbers mean.
"""),
]


def made() -> Any:
    """The notebook without outputs."""
    cells = [{**cell, "id": f"cell-{number:02}"} for number, cell in enumerate(CELLS, 1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.from_dict(
        {
            "cells": cells,
            "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


def run(notebook: Any, folder: Path) -> Any:
    """The same with its outputs, run in a folder that is empty."""
    search = os.pathsep.join(filter(None, [str(HERE.parent), os.environ.get("PYTHONPATH")]))
    client = NotebookClient(
        notebook, timeout=300, kernel_name="python3", record_timing=False, resources={"metadata": {"path": str(folder)}}
    )
    client.execute(env={**os.environ, "PYTHONPATH": search})
    notebook.metadata = made().metadata
    return notebook


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        nbformat.write(run(made(), Path(folder)), NOTEBOOK)
    sys.stderr.write(f"Wrote {NOTEBOOK.name}: {NOTEBOOK.stat().st_size:,} bytes\n")


if __name__ == "__main__":
    main()
