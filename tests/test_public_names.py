"""The public names of `import sim` and their signatures, frozen: notebooks and scripts of others rely on them."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import sim

WHAT_TO_DO = """
The public names of `import sim` are a promise (docs/python.md). If this change is meant:
1. A name or parameter more, at the end and with a default: put the new line into FROZEN below, and tell of it in docs/python.md.
2. One renamed, moved or removed: keep the old form working for a release, with a DeprecationWarning that says what to write
   instead, and say so in CHANGELOG.md; then change FROZEN.
A changed default changes the numbers of everybody who relies on it: say so in CHANGELOG.md. It must stay that of the command.
"""

FROZEN = """
check(files: Names, *, reach: bool = False) -> CheckAnswer
compare(scenarios: Names, policies: Names, *, losses: Name | None = None, runs: int = 1000, seed: int = 1, set: Set = (), \
precision: float | None = None, measure: str | None = None, workers: int = 1) -> CompareAnswer
discover(scenario: Name, policy: Name | None = None, *, phase: str, by: str | int | dt.date | None = None, cases: int = 1000, \
replications: int = 50, threshold: float = 0.5, boxes: int = 3, step: int | None = None, seed: int = 1, set: Set = (), \
workers: int = 1) -> DiscoverAnswer
explain(scenario: Name, policy: Name | None = None, *, run: int = 0, seed: int = 1, set: Set = ()) -> ExplainAnswer
hindcast(scenarios: Names = ('hindcast-kursk-counts', 'hindcast-ukraine-only'), policy: Name | None = None, *, \
set: Set = ()) -> HindcastAnswer
list() -> ListAnswer
load(name: Name) -> FileAnswer
path(scenario: Name, policy: Name | None = None, *, run: int = 0, seed: int = 1, set: Set = ()) -> PathAnswer
quality(scenario: Name, policy: Name | None = None, *, vary: str | None = None, \
memory: float | str | Sequence[float | str] = (), tolerance: int = 0, runs: int = 1000, seed: int = 1, set: Set = (), \
workers: int = 1) -> QualityAnswer
run(scenario: Name, policy: Name | None = None, *, runs: int = 1000, seed: int = 1, set: Set = (), \
precision: float | None = None, measure: str | None = None, workers: int = 1) -> RunAnswer
sensitivity(scenario: Name, policy: Name | None = None, *, measure: str | Sequence[str] = (), samples: int = 1024, \
replications: int = 10, seed: int = 1, set: Set = (), workers: int = 1) -> SensitivityAnswer
"""
OTHERS = ["Answer", "BadInput", "BadUsage", "PhasedError", "__version__"]
OF_ANSWERS = {
    "Answer": "about cautions charts command document figure framing picture record warnings",
    "CheckAnswer": "files findings reach",
    "CompareAnswer": "passages results",
    "DiscoverAnswer": "boxes",
    "ExplainAnswer": "explanation",
    "FileAnswer": "path spec text typed",
    "HindcastAnswer": "statements",
    "ListAnswer": "names",
    "PathAnswer": "report",
    "QualityAnswer": "pair",
    "RunAnswer": "result",
    "SensitivityAnswer": "answers",
}
"""public attributes of each answer beside those that every one has"""


def _verbs() -> dict[str, str]:
    """Each verb as it is written in FROZEN, by its name."""
    return {line.partition("(")[0]: line for line in FROZEN.strip().split("\n")}


def test_the_names_are_those_promised() -> None:
    public = sorted(name for name in dir(sim) if not name.startswith("_") and not inspect.ismodule(getattr(sim, name)))
    assert sorted([*public, "__version__"]) == sorted([*_verbs(), *OTHERS]), WHAT_TO_DO


@pytest.mark.parametrize("verb", _verbs())
def test_signatures_are_those_promised(verb: str) -> None:
    found = f"{verb}{inspect.signature(getattr(sim, verb))}".replace("'", '"')
    parsed = ast.dump(ast.parse(f"def {_unquoted(found)}: ..."))
    assert parsed == ast.dump(ast.parse(f"def {_verbs()[verb]}: ...")), f"{_unquoted(found)}\n{WHAT_TO_DO}"


def _unquoted(signature: str) -> str:
    """Annotations are text, as they are not evaluated."""
    tree = ast.parse(f"def {signature}: ...").body[0]
    assert isinstance(tree, ast.FunctionDef)
    for each in [*tree.args.args, *tree.args.kwonlyargs]:
        each.annotation = _read(each.annotation)
    tree.returns = _read(tree.returns)
    return ast.unparse(tree).removeprefix("def ").removesuffix(":\n    ...")


def _read(annotation: ast.expr | None) -> ast.expr | None:
    text = annotation.value if isinstance(annotation, ast.Constant) else None
    return ast.parse(text, mode="eval").body if isinstance(text, str) else annotation


def test_answers_have_what_is_promised() -> None:
    found = {"Answer": _public(sim.Answer)}
    for module in _modules():
        for name, each in vars(import_module(module)).items():
            if inspect.isclass(each) and issubclass(each, sim.Answer) and each is not sim.Answer:
                found[name] = _public(each) - _public(sim.Answer)
    assert {name: " ".join(sorted(each)) for name, each in found.items()} == OF_ANSWERS, WHAT_TO_DO


def _modules() -> list[str]:
    import sim.verbs

    return [f"sim.verbs.{each.name}" for each in pkgutil.iter_modules(sim.verbs.__path__)]


def _public(kind: type) -> set[str]:
    fields = {name for base in kind.__mro__ for name in getattr(base, "__dataclass_fields__", {})}
    return {name for name in {*dir(kind), *fields} if not name.startswith("_")}


def test_the_stub_tells_the_same_names() -> None:
    stub = ast.parse((Path(sim.__file__).with_suffix(".pyi")).read_text("utf-8"))
    named = {each.asname for node in stub.body if isinstance(node, ast.ImportFrom) for each in node.names if each.asname}
    named |= {node.name for node in stub.body if isinstance(node, ast.FunctionDef)}
    assert named == {*_verbs(), *OTHERS} - {"__version__"}


def test_no_verb_bears_the_name_of_a_module_but_one_that_is_seen_to() -> None:
    modules = {each.name for each in pkgutil.iter_modules([str(Path(sim.__file__).parent)])}
    assert modules & {*_verbs()} == {"load"}


def test_the_docstring_of_each_verb_names_what_it_raises() -> None:
    for verb in {*_verbs()} - {"list"}:
        assert "Raises" in (inspect.getdoc(getattr(sim, verb)) or ""), verb


def test_import_sim_is_cheap() -> None:
    """Nothing heavy before a verb is used; and a star brings the verbs without hiding Python's list."""
    code = """
import sys
before = set(sys.modules)
import sim
heavy = {"numpy", "pydantic", "matplotlib", "click", "rich", "ruamel"} & {name.partition(".")[0] for name in sys.modules}
assert not heavy, heavy
assert len(set(sys.modules) - before) < 12, set(sys.modules) - before
assert "run" in dir(sim) and "load" in dir(sim)
try:
    sim.nothing
except AttributeError as error:
    assert str(error) == "module 'sim' has no attribute 'nothing'"
else:
    raise SystemExit("no error")
import sim.load.files
import sim.load
assert callable(sim.load) and "load" in dir(sim)
from sim import *
assert list is type([]) and callable(load) and callable(run)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr


USED = """
from pathlib import Path

import sim
from matplotlib.figure import Figure

answer = sim.run("surge-to-front-uncertain", runs=100, set={"transitions.arm_defensively.confirm": 14})
share: float = answer.result.first_passage["defensive_weapons"].reached
figure: Figure = answer.figure()
png: bytes = answer.picture()
both = sim.compare("surge-to-front-uncertain", ["phased-approach", Path("mine.yaml"), sim.load("restrained")])
days: float = both.passages[0].mean_difference
taken: list[str] = [each.transition for each in sim.path("surge-to-front").report.path]
ok: bool = bool(sim.check("phased-approach"))
names: tuple[str, ...] = sim.list().names["policies"]


def told(answer: sim.Answer[object]) -> str:
    return f"{answer.about}: {answer.document}"


try:
    print(told(sim.hindcast()), sim.__version__)
except sim.BadInput as error:
    print(error.problems[0].place.line)
"""
WRONG = """
import sim

sim.run(3)
sim.run("surge-to-front", rnus=10)
sim.nothing("x")
"""


def test_scripts_of_users_are_type_checked(tmp_path: Path) -> None:
    """By mypy --strict, against the package: what is right passes, and what is wrong is told."""
    (tmp_path / "used.py").write_text(USED, "utf-8")
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    root = Path(sim.__file__).resolve().parents[1]
    kept = root / ".mypy_cache" / "of-users"  # a second run takes a tenth of the time
    words = ["--strict", "--no-error-summary", "--follow-imports=silent", f"--cache-dir={kept}", "used.py", "wrong.py"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *words],
        cwd=tmp_path,
        env={"MYPYPATH": str(root), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    wrong = [line.partition(": error: ")[0] for line in done.stdout.splitlines() if ": error: " in line]
    assert wrong == ["wrong.py:4", "wrong.py:5", "wrong.py:6"], done.stdout + done.stderr
