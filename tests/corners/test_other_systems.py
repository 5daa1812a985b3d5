"""Files and words from Windows, and terminals that know few letters or little room."""

from __future__ import annotations

import json
from pathlib import Path, PureWindowsPath

import pytest

from sim.library import Library
from tests.cli.shell import phased
from tests.corners.made import PAIR, POLICY, ended, files, write


def test_line_ends_and_a_byte_order_mark_change_nothing_but_the_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    csv = "date,value\n2024-02-27,1\n2024-02-28,3\n"
    (tmp_path / "a.csv").write_bytes(csv.encode())
    text = (tmp_path / "s.yaml").read_text("utf-8").replace("{day 0: 0, day 1: 3}", "{csv: a.csv, date: date, value: value}")
    (tmp_path / "s.yaml").write_text(text, encoding="utf-8")
    plain = Library([]).load_pair("./s.yaml", "./p.yaml")
    for name in ("p.yaml", "s.yaml", "a.csv"):
        path = tmp_path / name
        path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    windows = Library([]).load_pair("./s.yaml", "./p.yaml")
    assert (windows.scenario.spec, windows.policy.spec) == (plain.scenario.spec, plain.policy.spec)
    assert windows.scenario.tables == plain.scenario.tables
    assert windows.inputs != plain.inputs


def test_a_mistake_has_the_same_place_with_either_line_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name, end in (("unix", "\n"), ("windows", "\r\n"), ("old_mac", "\r")):
        (tmp_path / f"{name}.yaml").write_bytes(POLICY.replace("to: high", "to: hihg").replace("\n", end).encode())
        assert f"{name}.yaml:8:23: transitions.up.to: unknown phase 'hihg'" in phased("check", f"{name}.yaml", code=1).stdout


@pytest.mark.parametrize("name", [".\\s.yaml", "C:\\s.yaml", "con", "nul", "s.yaml ", "x" * 5_000, "x\0y"])
def test_odd_names_are_told(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    said = phased("run", name, code=2).stderr
    assert len(said) < 2_000
    assert files(tmp_path) == ["p.yaml", "s.yaml"]


@pytest.mark.parametrize("name", ["con", "NUL", "aux", "COM1"])
def test_what_is_written_has_a_name_that_windows_takes_too(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where files bear the names of its devices."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    for each, kind in (("p.yaml", "p"), ("s.yaml", "s")):
        text = (tmp_path / each).read_text("utf-8").replace(f"name: {kind}\n", f"name: {name}\n")
        (tmp_path / each).write_text(text, encoding="utf-8")
    phased("run", *PAIR, "--runs", 5)
    written = [each for each in files(tmp_path) if each.startswith("reports/")]
    assert written
    for each in written:
        assert not any(PureWindowsPath(part).is_reserved() for part in PureWindowsPath(each).parts), each
        assert not set('<>:"|?*\\') & set(each)


def test_a_backslash_in_a_setting_is_only_a_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    said = phased("path", *PAIR, "--set", "variables.a.path={csv: data\\a.csv, date: d, value: v}", code=2).stderr
    assert "must be a csv file beside this file or below it" in said
    assert phased("path", *PAIR, "--set", "policy.title=C:\\temp").exit_code == 0


# Terminals --------------------------------------------------------------------------------------------------------------------

FEW_LETTERS = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "cp1252"}


def test_a_locale_without_these_letters(tmp_path: Path) -> None:
    write(tmp_path)
    done = ended("run", *PAIR, "--runs", 10, "--no-charts", "--out", "out", cwd=tmp_path, env=FEW_LETTERS)
    assert done.returncode == 0
    assert b"?? ? \x97 ein Jahr" in done.stdout  # better a ? than no answer
    assert "이른 해" in (tmp_path / "out" / "evidence.json").read_text("utf-8")


def test_json_is_whole_in_any_locale(tmp_path: Path) -> None:
    """A letter that the stream does not know is spelled out; a program that reads it gets it back."""
    folder = tmp_path / "scenarios"
    folder.mkdir()
    write(folder)
    done = ended("list", "--json", cwd=tmp_path, env=FEW_LETTERS)
    assert "이른 해 — ein Jahr" in {each["title"] for each in json.loads(done.stdout)["scenarios"]}


@pytest.mark.parametrize(
    "env", [{"COLUMNS": "20"}, {"COLUMNS": "20", "NO_COLOR": "1"}, {"COLUMNS": "1"}, {"COLUMNS": "x"}, {"TERM": "dumb"}]
)
def test_hardly_any_room(env: dict[str, str], tmp_path: Path) -> None:
    write(tmp_path)
    for words in (("run", *PAIR, "--runs", "10", "--no-charts"), ("run", "--help")):
        done = ended(*words, cwd=tmp_path, env=env)
        assert done.returncode == 0
        assert b"\x1b" not in done.stdout
