"""Names and paths to files, and files to records: the only way in for what a user wrote."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, cast

from sim.errors import BadInput, BadUsage, Problem, quote, unknown_name
from sim.load.files import (
    MODELS,
    SPOKEN,
    SUFFIXES,
    VARIED,
    File,
    Input,
    beside,
    kind_there,
    label,
    name_of,
    named,
    read_file,
    said_kind,
    seems_of_kind,
    title,
    top,
)
from sim.load.loaded import Draft, Loaded, loaded
from sim.load.losses import phases_problems
from sim.load.merge import merged, stray_before
from sim.load.nodes import Node
from sim.load.pair import pair_problems, pair_warnings
from sim.load.played import played_problems
from sim.load.sets import apply
from sim.load.validate import ENOUGH
from sim.spec.evidence import Evidence
from sim.spec.exercise import Exercise
from sim.spec.losses import Losses
from sim.spec.policy import Policy
from sim.spec.scenario import Scenario

__all__ = ["Entry", "Input", "Library", "Loaded", "Pair", "entries", "kind_of", "label", "load_any", "load_evidence", "load_pair"]
__all__ += ["load_exercise", "load_policy", "load_scenario", "shipped_root"]


MAX_BASES = 30
LISTED = {
    "scenario": "scenarios",
    "policy": "policies",
    "exercise": "exercises",
    "losses": "losses",
    "evidence": "evidence",
}
"""Every kind of file, in the order of `phased list`, and what its files are called together."""


@dataclass(frozen=True)
class Entry:
    """What `phased list` shows of a file."""

    name: str
    title: str
    path: Path
    kind: str


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that is too long for any file
        return False


@dataclass(frozen=True)
class Pair:
    """A policy on a scenario, found to fit."""

    scenario: Loaded[Scenario]
    policy: Loaded[Policy]
    warnings: tuple[Problem, ...]
    inputs: tuple[Input, ...]


def shipped_root() -> Path:
    """Where the shipped files are: inside an installed wheel, or beside the package in a checkout."""
    package = Path(__file__).resolve().parent
    inside = package / "_shipped"
    return inside if inside.is_dir() else package.parent


class Library:
    """Finds and reads files. `folders` are searched first, each with its scenarios/ and configs/; default: the own folder."""

    def __init__(self, folders: Sequence[Path] | None = None) -> None:
        self._folders = None if folders is None else [Path(folder) for folder in folders]

    @property
    def roots(self) -> list[Path]:
        """The folders that are searched, the shipped ones last."""
        own = [Path.cwd()] if self._folders is None else self._folders
        return list(dict.fromkeys([*own, shipped_root()]))

    # names → files

    def find(self, ref: str, kind: str) -> Path:
        """The file of a bare name or a path. Raises BadUsage, with a suggestion."""
        typed = "/" in ref or "\\" in ref or ref.endswith(SUFFIXES)
        found = next(self._files(ref, kind, [Path.cwd()] if typed else []), None)
        if found is None:
            raise BadUsage(self.not_found(ref, kind))
        return found

    def near(self, ref: str, kind: str, folder: Path) -> Path | None:
        """A file that another one names: beside that one, then in its world's folder (`beside`), then as any other."""
        return next(self._files(ref, kind, beside(kind, folder)), None)

    def _files(self, ref: str, kind: str, first: Sequence[Path]) -> Iterator[Path]:
        """The files that a name or path may mean, the nearest first."""
        names = [ref] if ref.endswith(SUFFIXES) else [ref + suffix for suffix in SUFFIXES]
        places = [folder / name for folder in first for name in names]
        places += [place for root in self.roots for name in names for place in named(kind, root, name)]
        if "\0" not in ref:
            yield from filter(_is_file, places)

    def not_found(self, ref: str, kind: str, beside: Path | None = None) -> str:
        """That there is no such file, and which one may be meant."""
        what = SPOKEN.get(kind, kind)
        world = ref.rpartition("/")[0]
        fellows = [entry.name for entry in self.entries(kind) if world and entry.name.startswith(f"{world}/")]
        if fellows and not ref.endswith(SUFFIXES):
            return unknown_name(what, ref, fellows)
        if "/" in ref or ref.endswith(SUFFIXES):
            return f"there is no {what} {quote(ref)}: no such file"
        other = next((each for each in MODELS if each != kind and next(self._files(ref, each, []), None)), None)
        if other:
            return f"{quote(ref)} is {_with_article(SPOKEN.get(other, other))}, not {_with_article(what)}"
        here = sorted(beside.iterdir()) if beside else []
        near = [path.stem for path in here if path.suffix in SUFFIXES and seems_of_kind(path, kind)]
        return unknown_name(what, ref, list(dict.fromkeys([*near, *(entry.name for entry in self.entries(kind))])))

    def entries(self, kind: str) -> list[Entry]:
        """Every file of a kind, own ones before the shipped ones that they hide. Of each, only the title is read."""
        found: dict[str, Entry] = {}
        for folder in [root / top(kind) for root in self.roots]:
            there = [(name_of(kind, folder, path), path) for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}")]
            for name, path in sorted(there):
                if kind_there(folder, path) == kind and name not in found:
                    found[name] = Entry(name, title(path), path, kind)
        return list(found.values())

    # files → records

    def load_evidence(self, ref: str) -> Loaded[Evidence]:
        """A ledger of facts. Raises BadInput with every mistake, BadUsage if there is no such ledger."""
        return cast(Loaded[Evidence], self._load(ref, "evidence", ()))

    def load_losses(self, ref: str) -> Loaded[Losses]:
        """A file of losses. Raises BadInput with every mistake, BadUsage if there is no such file."""
        return cast(Loaded[Losses], self._load(ref, "losses", ()))

    def load_exercise(self, ref: str) -> Loaded[Exercise]:
        """An exercise. Raises BadInput with every mistake in it and in the files that it plays, BadUsage if there is none."""
        return cast(Loaded[Exercise], self._load(ref, "exercise", ()))

    def load_policy(self, ref: str, sets: Sequence[str] = ()) -> Loaded[Policy]:
        """A policy, with `--set` changes. Raises BadInput with every mistake, BadUsage if there is no such policy."""
        return cast(Loaded[Policy], self._load(ref, "policy", sets))

    def load_scenario(self, ref: str, sets: Sequence[str] = ()) -> Loaded[Scenario]:
        """A scenario, with `--set` changes. Raises BadInput with every mistake, BadUsage if there is no such scenario."""
        return cast(Loaded[Scenario], self._load(ref, "scenario", sets))

    def kind_of(self, ref: str) -> str:
        """The `kind:` of a file given by its path or bare name. Raises BadInput where it says none that there is."""
        path = self._any(ref)
        return said_kind(read_file(path, label(path)))

    def _any(self, ref: str) -> Path:
        """A path as typed, or a bare name of whatever kind: policies first, then scenarios, ledgers, losses and exercises."""
        if "\0" not in ref and Path(ref).is_file():
            return Path(ref)
        found = next((path for kind in MODELS for path in self._files(ref, kind, [])), None)
        if found is None:
            known = [entry.name for kind in MODELS for entry in self.entries(kind)]
            raise BadUsage(unknown_name("file or name", ref, known))
        return found

    def load_any(self, ref: str) -> Loaded[Any]:
        """A policy, scenario, ledger, file of losses or exercise given by its path or bare name, whichever it says it is."""
        kind = self.kind_of(ref)
        if kind not in MODELS:
            raise BadUsage(f"{quote(ref)} is of kind {kind}, which is read elsewhere")
        path = self._any(ref)
        return self._whole(self._extended(read_file(path, label(path)), kind, ()), ())

    def load_pair(self, scenario_ref: str, policy_ref: str | None = None, sets: Sequence[str] = ()) -> Pair:
        """A policy on a scenario. Raises BadInput with every mistake in both files and between them."""
        drafts, problems = self._drafts(scenario_ref, policy_ref)
        drafts, wrong = _with_sets(drafts, sets)
        made = {kind: self._loaded(draft) for kind, draft in drafts.items()}
        problems += [*wrong, *(problem for _, found in made.values() for problem in found)]
        if len(made) < 2:
            raise BadInput(problems)
        scenario, policy = made["scenario"][0], made["policy"][0]
        problems += pair_problems(policy.source, scenario.source)
        if problems:
            raise BadInput(problems)
        warnings = (*scenario.warnings, *policy.warnings, *pair_warnings(policy.source, scenario.source, scenario.tables))
        return Pair(scenario, policy, warnings, tuple(dict.fromkeys(scenario.inputs + policy.inputs)))

    def pair_in(self, exercise: Loaded[Exercise], scenario: str, policy: str, sets: Sequence[str] = ()) -> Pair:
        """A policy on a scenario as an exercise names them: beside its own file, then as any other."""
        return self.load_pair(self._named(exercise, scenario, "scenario"), self._named(exercise, policy, "policy"), sets)

    def _named(self, exercise: Loaded[Exercise], ref: str, kind: str) -> str:
        path = self.near(ref, kind, exercise.path.parent)
        if path is None:
            raise BadUsage(self.not_found(ref, kind))
        return label(path)

    def _drafts(self, scenario_ref: str, policy_ref: str | None) -> tuple[dict[str, Draft], list[Problem]]:
        """Both files as far as they have a tree, and the mistakes of one that has none."""
        drafts: dict[str, Draft] = {}
        problems: list[Problem] = []
        try:
            drafts["scenario"] = self._draft(scenario_ref, "scenario")
            policy_ref = policy_ref or self._default_policy(drafts["scenario"])
        except BadInput as error:
            problems += error.problems
        try:
            if policy_ref:
                drafts["policy"] = self._draft(policy_ref, "policy")
        except BadInput as error:
            problems += error.problems
        return drafts, problems

    def _loaded(self, draft: Draft) -> tuple[Loaded[Any], list[Problem]]:
        return loaded(draft, self)

    def _default_policy(self, scenario: Draft) -> str:
        node = scenario.root.get("policy")
        if node is None or not isinstance(node.value, str):
            raise BadUsage(f"scenario {quote(scenario.file.label)} names no policy of its own; give one with --policy")
        path = self.near(node.value, "policy", scenario.folder(node.place))
        if path is None:
            raise BadInput([Problem(node.place, "policy", self.not_found(node.value, "policy", scenario.folder(node.place)))])
        return label(path)

    def _load(self, ref: str, kind: str, sets: Sequence[str]) -> Loaded[Any]:
        return self._whole(self._draft(ref, kind), sets)

    def _whole(self, draft: Draft, sets: Sequence[str]) -> Loaded[Any]:
        drafts, problems = _with_sets({draft.kind: draft}, sets)
        record, found = loaded(drafts[draft.kind], self)
        if draft.kind == "exercise":
            found += islice(played_problems(record, draft.file.path.parent, self), ENOUGH)
        if draft.kind == "losses":
            found += self._rule_problems(record)
        if problems or found:
            raise BadInput([*problems, *found])
        return record

    def _rule_problems(self, losses: Loaded[Losses]) -> list[Problem]:
        """What is wrong between losses and the policy whose rule they name, if they name one."""
        if losses.spec.against is None or not losses.source.whole("against"):
            return []
        path = self.near(losses.spec.against, "policy", losses.path.parent)
        if path is None:
            return [losses.source.problem("against", self.not_found(losses.spec.against, "policy", losses.path.parent))]
        return list(phases_problems(losses.source, list(self.load_policy(str(path)).spec.phases)))

    def _draft(self, ref: str, kind: str) -> Draft:
        """The file's tree with its bases under it. Raises BadInput where no tree can be had."""
        path = self.find(ref, kind)
        typed = path == Path.cwd() / ref
        return self._extended(read_file(path, ref if typed and Path(ref).is_file() else label(path)), kind, ())

    def _extended(self, file: File, kind: str, above: tuple[File, ...]) -> Draft:
        """A file laid over its bases. `above` are the files that extend it."""
        if (said := said_kind(file)) != kind:
            place = file.root.items["kind"].node.place
            raise BadInput([*file.problems, Problem(place, "kind", f"must be {kind} here, got {quote(said)}")])
        draft = Draft(kind, file, file.root, file.problems, (file.input,), {file.label: file.path.parent})
        extends = file.root.get("extends")
        if kind in VARIED and extends is not None and isinstance(extends.value, str):
            return self._laid(draft, extends, (*above, file))
        stray = stray_before(file.root) if kind == "policy" else []
        return replace(draft, problems=(*file.problems, *stray))

    def _laid(self, draft: Draft, extends: Node, chain: tuple[File, ...]) -> Draft:
        base_file = self._base(draft, extends, chain)
        base = self._extended(base_file, draft.kind, chain)
        root, problems = merged(MODELS[draft.kind], base.root, draft.root, quote(extends.value))
        folders = {**draft.folders, **base.folders}
        return replace(
            draft,
            root=root,
            problems=(*draft.problems, *base.problems, *problems),
            inputs=(*draft.inputs, *base.inputs),
            folders=folders,
        )

    def _base(self, draft: Draft, extends: Node, chain: tuple[File, ...]) -> File:
        """The file that `extends` names. A variant may bear the name of a shipped file that it extends."""

        def fail(message: str) -> BadInput:
            return BadInput([*draft.problems, Problem(extends.place, "extends", message)])

        ref, own = str(extends.value), draft.file.path
        found = list(self._files(ref, draft.kind, [own.parent]))
        path = next((each for each in found if each.resolve() != own.resolve()), next(iter(found), None))
        if path is None:
            raise fail(self.not_found(ref, draft.kind, own.parent))
        if path.resolve() in [each.path.resolve() for each in chain]:
            names = " → ".join([*(each.path.stem for each in chain), path.stem])
            raise fail(f"goes in a circle: {names}; one of them must stand alone")
        if len(chain) > MAX_BASES:
            raise fail(f"goes through more than {MAX_BASES} files; extend one that stands nearer to the base")
        file = read_file(path, label(path))
        if (said := said_kind(file)) != draft.kind:
            raise fail(f"{quote(ref)} is of kind {said}; a {draft.kind} extends another {draft.kind}")
        return file


def _with_article(what: str) -> str:
    return f"an {what}" if what[0] in "aeiou" else f"a {what}"


def _with_sets(drafts: Mapping[str, Draft], sets: Sequence[str]) -> tuple[dict[str, Draft], list[Problem]]:
    """The drafts with every `--set` made in the one that it is meant for."""
    roots, problems = apply({kind: (MODELS[kind], draft.root) for kind, draft in drafts.items()}, list(sets))
    return {kind: replace(draft, root=roots[kind]) for kind, draft in drafts.items()}, problems


_own = Library()
load_evidence = _own.load_evidence
load_policy = _own.load_policy
load_scenario = _own.load_scenario
load_pair = _own.load_pair
load_any = _own.load_any
load_exercise = _own.load_exercise
kind_of = _own.kind_of
entries = _own.entries
