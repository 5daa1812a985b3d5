"""Every bad file in tests/bad says what is wrong with it, word for word as in tests/bad/expected.txt.

After a change of wording: `python tests/load/test_bad_files.py` writes the table anew; read its diff as a newcomer would.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from sim.errors import BadInput, PhasedError
from sim.library import Library

BAD = Path(__file__).parent.parent / "bad"
TABLE = BAD / "expected.txt"


def messages(command: str) -> str:
    """What `FILE`, or `SCENARIO POLICY --set …`, is answered with."""
    files, *sets = command.split(" --set ")
    names, library = files.split(), Library([])
    try:
        if len(names) == 1:
            library.load_any(names[0])
        else:
            library.load_pair(names[0], names[1], sets)
    except PhasedError as error:
        return str(error)
    return "(no mistake found)"


def table() -> dict[str, str]:
    blocks = TABLE.read_text(encoding="utf-8").removeprefix("$ ").split("\n$ ")
    return {command: said.strip("\n") for command, _, said in (block.partition("\n") for block in blocks)}


@pytest.fixture(autouse=True)
def _among_bad_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)


@pytest.mark.parametrize("command", table())
def test_says_what_is_wrong(command: str) -> None:
    assert messages(command) == table()[command]


def test_every_bad_file_is_in_the_table() -> None:
    named = " ".join(table())
    helpers = {"ledger", "ledger-two", "circle-b", "circle-c", "pair-both-bad-scenario", "good-scenario", "good-policy"}
    assert {path.stem for path in BAD.glob("*.yaml") if path.name not in named} <= helpers


def test_messages_are_one_plain_line_each() -> None:
    for said in table().values():
        for line in said.splitlines():
            assert "Value error" not in line
            assert "Input should" not in line
            assert len(line) < 260


def test_the_good_ones_are_good() -> None:
    assert messages("good-scenario.yaml good-policy.yaml") == "(no mistake found)"


def test_no_file_ran_anything() -> None:
    for command in table():
        messages(command)
    assert not (BAD / "pwned").exists()


def _refusal(raw: bytes, folder: Path) -> str:
    path = folder / "made.yaml"
    path.write_bytes(raw)
    began = time.perf_counter()
    with pytest.raises(BadInput) as caught:
        Library([]).load_any(str(path))
    assert time.perf_counter() - began < 10, "an unguarded parser takes minutes"
    return str(caught.value).replace(f"{path}:", "")


MIB = 1 << 20
GENERATED = {
    "two mebibytes": (b"# x\n" * (MIB // 2), "1:1: the file is too large: more than 1,048,576 bytes (1 MiB)"),
    "20,000 brackets": (b"[" * 20_000, "1:31: maps and lists are nested deeper than 30 here"),
    "a mebibyte of brackets": (b"[" * MIB, "1:31: maps and lists are nested deeper than 30 here"),
    "a mebibyte of dashes": (b"- " * (MIB // 2), "1:61: maps and lists are nested deeper than 30 here"),
    "a mebibyte of braces": (b"{" * MIB, "1:2: a key must be a plain name, got a list or a map"),
    "a mebibyte of question marks": (b"? " * (MIB // 2), "1:3: a key must be a plain name, got a list or a map"),
    "a long tag": (b"!" * MIB, "1:1: tags (!name) are not allowed; write the plain value"),
    "many values": (
        b"- 1\n" * (MIB // 4),
        "20000:3: the file holds more than 20,000 keys and values; put long series into a csv file",
    ),
    "staircase": (
        "\n".join(" " * at + "a:" for at in range(1000)).encode(),
        "31:31: maps and lists are nested deeper than 30 here",
    ),
}


@pytest.mark.parametrize("name", GENERATED)
def test_nothing_hangs(name: str, tmp_path: Path) -> None:
    raw, said = GENERATED[name]
    assert _refusal(raw, tmp_path) == said


def test_an_alias_bomb_does_not_go_off(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x]"] + [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 25)]
    assert "anchors such as &a0 are not allowed" in _refusal("\n".join(lines).encode(), tmp_path)


if __name__ == "__main__":
    os.chdir(BAD)
    TABLE.write_text("\n".join(f"$ {command}\n{messages(command)}\n" for command in table()), encoding="utf-8")
