"""A short search, always the same, and every find of the long one (`python tests/fuzz/long.py`)."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sim.errors import BadInput, Place, Problem
from tests.fuzz.judge import judged
from tests.fuzz.mutate import mutated
from tests.fuzz.targets import TARGETS, Target

HERE = Path(__file__).parent
FOUND = sorted((HERE / "found").glob("*/*"))
INPUTS = {
    "yaml": 60,
    "check": 30,
    "set": 60,
    "guard": 800,
    "store": 60,
    "manifest": 120,
    "report": 25,
    "table": 400,
    "design": 400,
}
"""Mutated inputs of the short search: about a second and a half for each target."""
SEEDS = 12
"""Seeds of a target that are tried as they are."""


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Target], Path]:
    """The scratch folder of a target, filled once."""
    made: dict[object, Path] = {}

    def folder(target: Target) -> Path:
        if target.prepare not in made:
            made[target.prepare] = tmp_path_factory.mktemp(target.name)
            target.prepare(made[target.prepare])
        return made[target.prepare]

    return folder


@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize("name", TARGETS)
def test_whatever_is_handed_over_is_read_or_refused_in_plain_words(name: str, work: Callable[[Target], Path]) -> None:
    target, dice = TARGETS[name], random.Random(1)
    folder = work(target)
    seeds = [each[: target.largest] for each in target.seeds(folder)]
    for seed in seeds[:: max(len(seeds) // SEEDS, 1)]:
        assert judged(target, folder, seed) is None
    for _ in range(INPUTS[name]):
        data = mutated(dice, dice.choice(seeds), seeds, target.words, text=target.text, largest=target.largest)
        find = judged(target, folder, data, slack=3)
        assert find is None, (find, data)


@pytest.mark.xdist_group("fuzz")
@pytest.mark.parametrize("path", FOUND, ids=[f"{path.parent.name}/{path.name}" for path in FOUND])
def test_what_was_found_is_mended(path: Path, work: Callable[[Target], Path]) -> None:
    target = TARGETS[path.parent.name]
    assert judged(target, work(target), path.read_bytes(), slack=3) is None


# The judge, on targets that are wrong on purpose ------------------------------------------------------------------------------


def _says(text: str) -> Callable[[Path, bytes], None]:
    def refuse(_: Path, __: bytes) -> None:
        raise BadInput([Problem(Place("f"), "", text)] if text else [])

    return refuse


def _waits(_: Path, __: bytes) -> None:
    end = time.process_time() + 60
    while time.process_time() < end:
        pass


def _fails(_: Path, data: bytes) -> None:
    data.decode("ascii")


def _grows(_: Path, __: bytes) -> None:
    bytearray(b"x" * (600 << 20))


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (_says("is wrong"), None),
        (_says(""), "no words"),
        (_says("x" * 2_000_000), "too many words"),
        (_waits, "hang"),
        (_fails, "UnicodeDecodeError"),
    ],
    ids=["an answer", "no words", "too many words", "a hang", "a crash"],
)
def test_the_judge_knows_an_answer(call: Callable[[Path, bytes], None], kind: str | None, tmp_path: Path) -> None:
    target = Target("wrong", call, lambda _: iter(()), seconds=0.2)
    find = judged(target, tmp_path, b"\xff")
    assert (find and find.kind) == kind
