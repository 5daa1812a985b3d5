"""The docs hold: every command runs, printed lines are real, generated parts are current, links and modules are there."""

from __future__ import annotations

import importlib.util
import re
import shlex
import sys
import tomllib
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from click.testing import CliRunner

from sim.cli import main

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), *(page for page in [ROOT / "README.md"] if page.exists())]
BLOCK = re.compile(r"^```(console|yaml)\n(.*?)^```", re.DOTALL | re.MULTILINE)
EXIT = re.compile(r"\s+# exit code (\d)$")


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


reference = _load(DOCS / "make_reference.py")


@dataclass
class Command:
    text: str
    code: int
    printed: list[str] = field(default_factory=list)


def _commands(block: str) -> Iterator[Command]:
    found: list[Command] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            wanted = EXIT.search(line)
            found.append(Command(EXIT.sub("", line[2:]), int(wanted[1]) if wanted else 0))
        elif found and line.strip() and line.strip() not in ("…", "..."):
            found[-1].printed.append(" ".join(line.split()))
    yield from found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    """In order and in one folder. `$ cd DIR` moves on, and a yaml block that starts with `# some/path.yaml` is saved first."""
    where = tmp_path
    for kind, block in BLOCK.findall(page.read_text("utf-8")):
        if kind == "yaml":
            reference.saved(f"```yaml\n{block}```", where)
            continue
        for command in _commands(block):
            words = shlex.split(command.text, comments=True)
            if words[0] == "cd":
                where = where / words[1]
            if words[0] != "phased":
                continue
            with chdir(where):
                done = CliRunner().invoke(main, words[1:], prog_name="phased")
            assert done.exit_code == command.code, f"{page.name}: {command.text}\n{done.output}\n{done.exception!r}"
            if page.parent == DOCS:
                output = [" ".join(line.split()) for line in done.output.splitlines()]
                for line in command.printed:
                    assert line in output, f"{page.name}: {command.text} did not print {line!r}, but:\n{done.output}"


def test_every_phased_line_stands_in_a_block_that_runs() -> None:
    for page in DOCS.glob("*.md"):
        text = page.read_text("utf-8")
        in_blocks = sum(len(list(_commands(block))) for kind, block in BLOCK.findall(text) if kind == "console")
        assert in_blocks == len(re.findall(r"^\$ ", text, re.MULTILINE)), page.name


def test_generated_parts_are_current() -> None:
    stale = [path.relative_to(ROOT) for path, text in reference.wanted() if not path.exists() or path.read_text("utf-8") != text]
    assert not stale, f"run python docs/make_reference.py: {stale}"


def test_every_key_of_a_file_has_a_meaning() -> None:
    assert not re.findall(r"^\| `(\w+)` \| .*\|  \|$", reference.file_reference(), re.MULTILINE)


def test_every_module_is_in_the_architecture() -> None:
    text = (DOCS / "architecture.md").read_text("utf-8")
    missing = [
        path for path in (each.relative_to(ROOT).as_posix() for each in ROOT.glob("sim/**/*.py")) if f"`{path}`" not in text
    ]
    assert not missing


def test_python_in_the_architecture_runs(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", (DOCS / "architecture.md").read_text("utf-8"), re.DOTALL)
    assert code is not None
    exec(compile(code[1], "architecture.md", "exec"), {})
    assert 0 <= float(capsys.readouterr().out) <= 1


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_relative_links_resolve(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (page.parent / name).resolve() if name else page
        assert path.exists(), f"{page.name}: {target}"
        if anchor and path.suffix == ".md":
            headings = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            assert anchor in map(_anchor, headings), f"{page.name}: {target}"


EXAMPLES = re.findall(r"<!-- made: example (\w+) -->\n(.*?)<!-- end -->", (DOCS / "semantics.md").read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize(("name", "table"), EXAMPLES, ids=[name for name, _ in EXAMPLES])
def test_worked_examples_agree_with_the_engine(name: str, table: str, tmp_path: Path) -> None:
    """The tables are made by the plain loop; here the vectorised engine goes through the same days."""
    from sim.api import model_of
    from sim.draws import Block
    from sim.engine import Engine
    from sim.library import Library
    from sim.measures import strips

    reference.saved((DOCS / "semantics.md").read_text("utf-8"), tmp_path)
    with chdir(tmp_path):
        model = model_of(Library().load_pair(name))
    header, _, *rows = ([cell.strip() for cell in line.strip("|").split("|")] for line in table.split("\n") if line)
    engine = Engine(model, 1, Block.plain(0, 1))
    for row in rows:
        engine.step()
        told = dict(zip(header, row, strict=True))
        for variable, level in zip(model.world.variables, engine.levels, strict=True):
            assert told[f"true {variable.name}"] == f"{level[0]:g}"
        for signpost, seen in zip(model.world.signposts, engine.observed, strict=True):
            assert told[f"seen {signpost.name}"] == f"{seen[0]:g}"
    strip = strips(engine.paths(), 1)[0]
    assert [row[-1] for row in rows] == [model.machine.phases[phase].name for phase in np.asarray(strip)]


def test_numbers_in_the_founding_example() -> None:
    """What outputs.md says of surge-to-front."""
    from sim import api, report

    summary = report.summary(api.run("surge-to-front").result)
    passage = summary["first_passage"]["defensive_weapons"]
    assert (passage["reached"], passage["counts"][7], passage["never"]) == (1.0, 1, 0)
    assert summary["dwell"]["no_action"]["mean_completed"] == 7.0
    assert (summary["evidence"]["numbers"], summary["evidence"]["assumed"]) == (16, 12)
    text = (DOCS / "outputs.md").read_text("utf-8")
    inner = [*passage, *summary["dwell"]["no_action"], *summary["rivals"][0]]
    pairs = report.pair(api.compare(["surge-to-front"], ["phased-approach", "restrained"]).pairs[0])
    assert not [key for key in (*summary, *inner, *pairs) if f"`{key}`" not in text]


def test_intervals_in_the_table_of_error() -> None:
    from sim.intervals import wilson

    text = (DOCS / "error.md").read_text("utf-8")
    rows = re.findall(r"^\| ([\d,]+) \| ([\d.]+)–([\d.]+)% \| 0–([\d.]+)% \|$", text, re.MULTILINE)
    assert len(rows) == 4
    for runs, *told in rows:
        number = int(runs.replace(",", ""))
        (_, low), (none, high) = wilson([0, number // 2], number)
        for text, bound in zip(told, (low, high, none), strict=True):
            assert text == f"{100 * bound:.{len(text.partition('.')[2])}f}"


def test_factors_of_common_random_numbers_in_the_table_of_error() -> None:
    from sim import api

    text = (DOCS / "error.md").read_text("utf-8")
    row = re.compile(r"^\| `([\w-]+)` \| ([\w ]+) \| ([\d.]+) ± ([\d.]+) (later|sooner) \| ([\d.]+) \|$", re.MULTILINE)
    rows = row.findall(text)
    assert len(rows) == 5
    policies = ["phased-approach", *dict.fromkeys(policy for policy, *_ in rows)]
    done = api.compare(["surge-to-front-uncertain"], policies, runs=10_000, seed=1)
    labels = {phase.label: phase.name for phase in done.cells[0].result.phases}
    pairs = {(each.b, each.phase): each for each in done.pairs if each.a == policies[0]}
    for policy, label, days, error, way, factor in rows:
        each = pairs[policy, labels[label]]
        assert (days, error) == (f"{abs(each.mean_difference):.1f}", f"{each.se:.1f}")
        assert way == ("later" if each.mean_difference > 0 else "sooner")
        assert each.variance_reduction is not None
        assert factor == f"{each.variance_reduction:.1f}"


def test_no_registry_host_and_no_path_of_a_machine() -> None:
    """In no file of the repository; the words are put together here so that this file passes too."""
    words = ["pypi" + ".org", "python" + "hosted.org", "conda" + ".anaconda.org", "/wo" + "rk/", "/ro" + "ot/", "/tm" + "p/w"]
    found = []
    for path in _repository():
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [f"{path.relative_to(ROOT)}: {word}" for word in words if re.search(rf"(?<![\w.]){re.escape(word)}", text)]
    assert not found


def _repository() -> Iterator[Path]:
    skipped = re.compile(r"(^|/)(\.git|\.[\w-]*cache|\.hypothesis|\.venv|__pycache__|dist|build|[^/]*\.egg-info)(/|$)")
    for path in ROOT.rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        ours = not skipped.search(name) and not (name.startswith("reports/") and not name.startswith("reports/gallery/"))
        if ours and path.is_file() and path.suffix not in (".png", ".pdf", ".whl"):
            yield path


def test_extras_are_installed_from_the_checkout_at_the_tested_versions() -> None:
    """No index holds phased, so that a line that asks one for it would fail, or bring somebody else's."""
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    texts = {page.name: page.read_text("utf-8") for page in [*PAGES, *DOCS.glob("*.ipynb")]}
    assert not [name for name, text in texts.items() if re.search(r"pip install [^`\n&;]*\bphased\b", text)]
    lines = [line for text in texts.values() for line in re.findall(r"pip install ([^`\n]*\.\[.*?\]'?)", text)]
    assert len(lines) > 8
    for line in lines:
        told = re.fullmatch(r"(--quiet )?--constraint constraints\.txt (--editable )?'\.\[([a-z,]+)\]'", line)
        assert told, line
        assert set(told[3].split(",")) <= set(extras), line


def test_house_words() -> None:
    """Shares of runs, never the probability of a deed; no note that only we could read."""
    for page in DOCS.glob("*.md"):
        text = page.read_text("utf-8")
        assert not re.search(r"probability that Seoul|shared/design|design §", text), page.name
