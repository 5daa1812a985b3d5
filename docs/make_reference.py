"""Writes the generated parts of docs/: run `python docs/make_reference.py` from the root of the checkout.

A page holds them between `<!-- made: NAME -->` and `<!-- end -->`; everything around is written by hand. The committed
schemas in docs/schema/ are made here too. tests/docs/test_docs.py fails when a part is out of date.
"""

from __future__ import annotations

import ast
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

os.environ.setdefault("COLUMNS", "100")

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
PARTS = re.compile(r"(<!-- made: (.+?) -->\n).*?(<!-- end -->)", re.DOTALL)
FILES = re.compile(r"```yaml\n# ([\w./-]+\.yaml)\n(.*?)```", re.DOTALL)


# The file reference ---------------------------------------------------------------------------------------------------------

NUMBERS = {"Number": "number", "Days": "days", "Rate": "rate"}
SHAPES = ("Uniform", "Triangular", "Normal", "Lognormal", "Percentiles", "MedianSigma", "Exponential", "Choice")
LINKED = {"WithinWindow": "{days: m, of: n}"}


def _schema(kind: str) -> dict[str, Any]:
    from sim.spec.schema import json_schema

    schema = json_schema(kind)
    whole: dict[str, Any] = schema.get("else", schema)  # of a file that stands alone, where variants have a schema of their own
    definitions = {name: each for name, each in schema["$defs"].items() if not name.endswith("Variant")}
    return {**whole, "$defs": definitions}


def _kind(prop: dict[str, Any]) -> str:
    """What may stand there, in a few words."""
    if "$ref" in prop:
        name = prop["$ref"].rsplit("/", 1)[1]
        return NUMBERS.get(name) or LINKED.get(name) or f"[{name}](#{name.lower()})"
    if "enum" in prop:
        return " \\| ".join(f"`{each}`" for each in prop["enum"])
    if "const" in prop:
        return f"`{prop['const']}`"
    options = prop.get("oneOf") or prop.get("anyOf")
    if options:
        return _options(options)
    if "patternProperties" in prop:
        return f"map of date to {_kind(next(iter(prop['patternProperties'].values())))}"
    if isinstance(prop.get("additionalProperties"), dict) and prop["additionalProperties"]:
        return f"map of name to {_kind(prop['additionalProperties'])}"
    if prop.get("prefixItems"):
        return "[" + ", ".join(_kind(each) for each in prop["prefixItems"]) + "]"
    if prop.get("type") == "array":
        return f"list of {_kind(prop.get('items', {}))}"
    if "pattern" in prop:
        return "date or `day N`" if "day" in prop["pattern"] else "date"
    plain = {"string": "text", "integer": "whole number", "boolean": "true or false", "number": "number"}
    return plain.get(str(prop.get("type")), "map")


def _options(options: list[dict[str, Any]]) -> str:
    refs = {each.get("$ref", "").rsplit("/", 1)[-1] for each in options}
    if "Uniform" in refs or any(
        "Uniform" in json.dumps(each) and "properties" not in each for each in options if "$ref" not in each
    ):
        return "number or distribution"
    words = [_kind(each) for each in options if each.get("type") != "null"]
    if words == ["text", "list of text"]:
        return "name or list of names"
    return " or ".join(dict.fromkeys(words))


def _default(key: str, definition: dict[str, Any]) -> str:
    prop = definition["properties"][key]
    if key in definition.get("required", ()):
        return "**required**"
    default = prop.get("default")
    if isinstance(default, dict) and "value" in default:
        value = default["value"]
        return f"{value:g}" if isinstance(value, float) else str(value)
    if default in (None, [], {}):
        return "–"
    return f"`{json.dumps(default)}`" if isinstance(default, bool) else f"`{default}`"


def _table(definition: dict[str, Any]) -> Iterator[str]:
    yield "| key | what may stand there | default | meaning |"
    yield "|---|---|---|---|"
    for key, prop in definition.get("properties", {}).items():
        meaning = prop.get("description", "") or FALLBACK.get(key, "")
        meaning = meaning.replace("|", "\\|").replace("\n", " ")
        yield f"| `{key}` | {_kind(prop)} | {_default(key, definition)} | {meaning} |"
    yield ""


FALLBACK = {
    "kind": "what kind of file this is",
    "name": "the name of the file, without `.yaml`",
    "title": "one line for tables and charts",
    "evidence": "ids of the facts that it rests on",
    "unit": "compared as text with other units",
    "reads": "the signposts that guards may name",
    "facts": "the facts, each under its id",
    "variables": "the true quantities of the world",
    "thresholds": "the numbers that guards compare signposts with",
    "injects": "dated events",
    "reactions": "how the other side answers",
    "delay": "days between the world and what is seen of it",
    "bias": "added to what is seen, the same all through a run",
    "error": "error of observation that lasts",
    "smooth": "a trailing or exponential mean",
    "round": "`nearest`: to whole numbers, half up, after all else",
    "text": "what participants read",
    "source": "where the report comes from",
    "reliability": "a word on how far it can be trusted",
    "csv": "the file",
    "days": "on so many days",
    "of": "of the last so many",
    "drift": "change per day",
    "volatility": "standard deviation of the daily change",
    "relative": "true: drift and volatility are of the level",
    "rate": "jumps per day, on average",
    "size": "of one jump",
    "down": "as `up`",
    "on": "the day",
    "walk": "a daily step",
    "jumps": "rare larger steps",
    "ladder": "whole steps by chance",
    "sd": "additive: standard deviation, in the signpost's unit",
    "log_sd": "multiplicative, with median 1: standard deviation of the logarithm",
    "grade": "`quoted` > `reported` > `implied` > `assumed`",
    "value": "the number",
}


def file_reference() -> str:
    lines: list[str] = []
    for kind in ("evidence", "policy", "scenario", "losses", "exercise"):
        schema = _schema(kind)
        lines += [f"## {kind.capitalize()}", ""]
        lines += _table(schema)
        for name, definition in schema.get("$defs", {}).items():
            if name in SHAPES or name in NUMBERS:
                continue
            lines += [f"### {name}", ""]
            definition = next((each for each in definition.get("anyOf", []) if "properties" in each), definition)
            if definition.get("description"):
                lines += [_told(definition["description"]), ""]
            lines += _table(definition)
    return "\n".join([*lines, *_numbers()]) + "\n"


def _numbers() -> Iterator[str]:
    schema = _schema("scenario")
    yield "## Numbers"
    yield ""
    yield "Wherever a *number*, *days* or *rate* may stand, a bare number, a distribution or this map may stand:"
    yield ""
    carried = next(each for each in schema["$defs"]["Number"]["anyOf"] if "properties" in each)
    yield from _table(carried)
    yield "| kind of number | written as |"
    yield "|---|---|"
    yield "| number | `3`, in the unit of its place |"
    for name in ("Days", "Rate"):
        definition = schema["$defs"][name]
        inner = next((each for each in definition.get("anyOf", []) if "properties" in each), definition)
        text = definition.get("description") or inner.get("description", "")
        yield f"| {NUMBERS[name]} | {text} |"
    yield ""
    yield "## Distributions"
    yield ""
    yield "| distribution | in brackets |"
    yield "|---|---|"
    for name in SHAPES:
        definition = schema["$defs"][name]
        for key, prop in definition["properties"].items():
            text = (
                prop.get("description")
                or {"p5": "5th percentile", "p95": "95th percentile", "median": "median", "sigma": "sd of the logarithm"}[key]
            )
            yield f"| `{key}`{'' if name not in ('Percentiles', 'MedianSigma') else ' (in `lognormal`)'} | {text} |"
    yield ""


def _told(text: str) -> str:
    """A docstring for a reader of the docs: no reference to the design notes."""
    text = " ".join(text.split())
    text = re.sub(r" \(design §[^)]*\)", "", text)
    return re.sub(r"design §[\d.]+( to §[\d.]+)?", "[semantics.md](semantics.md)", text)


# The command line -----------------------------------------------------------------------------------------------------------


def cli_reference() -> str:
    from click.testing import CliRunner

    from sim.cli import _COMMANDS, main

    parts = []
    for words in ([], *([name] for name in _COMMANDS)):
        done = CliRunner(env={"COLUMNS": "100"}).invoke(main, [*words, "--help"], prog_name="phased", terminal_width=100)
        title = " ".join(["phased", *words])
        parts.append(f"## {title}\n\n```text\n{done.output.rstrip()}\n```\n")
    return "\n".join(parts)


# The modules ----------------------------------------------------------------------------------------------------------------


def modules() -> str:
    folders: dict[str, list[str]] = {}
    for path in sorted(ROOT.glob("sim/**/*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text("utf-8")))
        name = path.relative_to(ROOT).as_posix()
        line = _told(doc.split("\n\n")[0]) if doc else "Makes the folder a package."
        folders.setdefault(path.parent.relative_to(ROOT).as_posix(), []).append(f"- `{name}`: {line}")
    return "\n".join(f"### {folder}/\n\n" + "\n".join(lines) + "\n" for folder, lines in folders.items())


# Tables of results ----------------------------------------------------------------------------------------------------------


def hindcast_table() -> str:
    from sim import api
    from sim.verbs.hindcasting import CODINGS

    done = api.hindcast(CODINGS)
    lines = [
        "| coding | reading of the trigger | phase | rule falls due | next reported act | latest act seen in a lower phase |"
    ]
    lines.append("|---|---|---|---|---|---|")
    for each in done.statements:
        reading, below, following = each.reading, each.last_seen_below, each.next_deed
        cells = (
            reading.coding,
            reading.reading,
            reading.phase_label,
            reading.due or "not within the run",
            f"{following.date} ({following.id})" if following else "–",
            f"{below.date} ({below.id}), {each.gap} days later" if below else "–",
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    first, last = done.deeds[0].date, done.deeds[-1].date
    shown = sorted({deed.phase for deed in done.deeds})
    told = ", ".join(f"`{phase}`" for phase in shown)
    facts = f"What was done, by the ledgers: {len(done.deeds)} facts, from {first} to {last}, which show: {told}."
    return "\n".join([*lines, "", facts, ""])


def exercises_table() -> str:
    """The shipped exercises, as their own files say it."""
    from sim.library import Library

    library = Library([])
    lines = ["| exercise | minutes | what it is about | objectives |", "|---|---|---|---|"]
    for entry in library.entries("exercise"):
        exercise = library.load_exercise(entry.name).spec
        objectives = "<br>".join(exercise.objectives.values())
        lines.append(f"| `{entry.name}`: {exercise.title} | {exercise.minutes} | {exercise.about} | {objectives} |")
    return "\n".join(lines) + "\n"


RUNS = 2_000
CONFIRM = (1, 7, 14, 21)
MEMORY = (0, 7, 21, 60)
SEEN = ("deployment_level", "observer_seoul", "observer_kyiv", "observer_washington")


def _reached(policy: str, *sets: str) -> str:
    from sim import api

    done = api.run("rear-labour-uncertain", policy, runs=RUNS, sets=sets)
    return f"{done.result.first_passage['defensive_weapons'].reached:.1%}"


def confirmation_table() -> str:
    """What waiting for confirmation buys, by how long misjudgement lasts."""
    head = [
        "error memory",
        *(f"one observer, confirm {days}" for days in CONFIRM),
        "`ambiguity-tolerant` (two of three, confirm 21)",
    ]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for days in MEMORY:
        memory = [f"signposts.{name}.error.memory={days}" for name in SEEN]
        cells = [_reached("phased-approach", *memory, f"transitions.arm_defensively.confirm={confirm}") for confirm in CONFIRM]
        cells.append(_reached("ambiguity-tolerant", *memory))
        lines.append(f"| {days} days{' (as shipped)' if days == 21 else ''} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def results() -> str:
    """The data dictionary of everything that commands write: files first, then the parts that several share."""
    from sim.cli.dictionary import sections

    files = {each.name: each for each in sections() if not each.name.startswith("@")}
    parts = [each for each in sections() if each.name.startswith("@")]
    lines: list[str] = []
    for table in files.values():
        twin = files.get(table.name.replace(".parquet", ".csv")) if table.name.endswith(".parquet") else None
        known = {each.path for each in twin.fields} if twin else set()
        lines += [f"### {table.name}", "", f"{table.about} Command: {table.commands}.", ""]
        lines += _fields([each for each in table.fields if each.path not in known], "key" if table.is_tree else "column")
    lines += ["## Parts", "", "Keys that several of these files share. They stand below the path that names the part.", ""]
    for part in parts:
        lines += [f"### {_part(part.name)}", "", *_fields(part.fields, "key")]
    return "\n".join(lines)


def _part(name: str) -> str:
    return f"part {name[1:].replace('_', ' ')}"


def _fields(fields: Any, column: str) -> list[str]:
    """A table of columns or keys; none of no fields."""
    if not fields:
        return []
    lines = [f"| {column} | type | unit | meaning | null or empty |", "|---|---|---|---|---|"]
    for each in fields:
        path = "here" if each.path == "@" else f"`{each.path}`"
        kind = f"[{_part(each.type)}](#{_part(each.type).replace(' ', '-')})" if each.type.startswith("@") else each.type
        lines.append(f"| {path} | {kind} | {each.unit} | {each.meaning} | {each.empty} |")
    return [*lines, ""]


# Worked examples ------------------------------------------------------------------------------------------------------------


def saved(page: str, folder: Path) -> None:
    """Write the files that a page gives as yaml blocks whose first line is a comment with a path."""
    for name, text in FILES.findall(page):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"# {name}\n{text}", "utf-8")


def example_table(name: str) -> str:
    """Scenario and policy NAME of semantics.md, day by day, by the plain loop."""
    from sim import reference
    from sim.api import model_of
    from sim.library import Library

    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        saved((DOCS / "semantics.md").read_text("utf-8"), Path(folder))
        model = model_of(Library().load_pair(name))
    trace = reference.walk(model, 1, 0, 0)
    columns: dict[str, list[str]] = {"day": [str(day) for day in range(model.world.days)]}
    columns |= {f"true {key}": [f"{value:g}" for value in values] for key, values in trace.variables.items()}
    columns |= {f"seen {key}": [f"{value:g}" for value in values] for key, values in trace.signposts.items()}
    for transition, held in zip(model.machine.transitions, trace.guards, strict=True):
        columns[f"guard {transition.name}"] = ["true" if each else "false" for each in held]
    columns["phase"] = [model.machine.phases[phase].name for phase in trace.phases]
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(row) + " |" for row in zip(*columns.values(), strict=True)]
    return "\n".join(lines) + "\n"


# Pages ----------------------------------------------------------------------------------------------------------------------

MADE: dict[str, Callable[[], str]] = {
    "file reference": file_reference,
    "commands": cli_reference,
    "modules": modules,
    "hindcast": hindcast_table,
    "confirmation": confirmation_table,
    "exercises": exercises_table,
    "results": results,
}


def part(name: str) -> str:
    kind, _, which = name.partition(" ")
    return example_table(which) if kind == "example" else MADE[name]()


def page(path: Path) -> str:
    """The page with its generated parts as they should be."""
    return PARTS.sub(lambda found: f"{found[1]}\n{part(found[2])}\n{found[3]}", path.read_text("utf-8"))


def schema(kind: str) -> str:
    from click.testing import CliRunner

    from sim.cli import main

    return CliRunner().invoke(main, ["schema", kind]).output


def wanted() -> Iterator[tuple[Path, str]]:
    """Every file that is generated, in whole or in part, and its text."""
    for kind in ("evidence", "policy", "scenario", "losses", "exercise"):
        yield DOCS / "schema" / f"{kind}.schema.json", schema(kind)
    for path in sorted(DOCS.glob("*.md")):
        if PARTS.search(path.read_text("utf-8")):
            yield path, page(path)


def write() -> None:
    for path, text in wanted():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


if __name__ == "__main__":
    write()
