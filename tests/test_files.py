from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sim.files
from sim.errors import WorkFailed
from sim.files import write_all


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_makes_the_folder_and_its_subfolders(tmp_path: Path) -> None:
    files = {"a.json": b"{}", "deep/er/b.txt": b"b", "empty": b""}
    write_all(tmp_path / "new" / "one", files)
    assert contents(tmp_path / "new" / "one") == files


def test_replaces_what_it_writes_and_keeps_the_rest(tmp_path: Path) -> None:
    (tmp_path / "own.txt").write_text("mine")
    write_all(tmp_path, {"a": b"1"})
    write_all(tmp_path, {"a": b"2", "b": b"3"})
    assert contents(tmp_path) == {"a": b"2", "b": b"3", "own.txt": b"mine"}


@pytest.mark.parametrize("stop", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_in_the_middle_of_writing_leaves_the_old_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    write_all(tmp_path, {"a": b"old a", "b": b"old b"})
    write = Path.write_bytes

    def full(self: Path, content: bytes) -> int:
        if self.name == "b":
            write(self, content[:2])
            raise stop
        return write(self, content)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        expected = WorkFailed if isinstance(stop, OSError) else KeyboardInterrupt
        with pytest.raises(expected):
            write_all(tmp_path, {"a": b"new a", "b": b"new b", "c": b"new c"})
    assert contents(tmp_path) == {"a": b"old a", "b": b"old b"}
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_failure_while_moving_into_place_leaves_no_temporary_and_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_all(tmp_path, {"a": b"old a", "b": b"old b"})
    replace = os.replace

    def stubborn(source: Path, target: Path) -> None:
        if Path(target).name == "b":
            raise PermissionError(13, "Permission denied")
        replace(source, target)

    monkeypatch.setattr(os, "replace", stubborn)
    with pytest.raises(WorkFailed, match=f"cannot write to {tmp_path}: Permission denied"):
        write_all(tmp_path, {"a": b"new a", "b": b"new b"})
    assert contents(tmp_path) == {"a": b"new a", "b": b"old b"}
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_folder_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkFailed, match="Not a directory"):
        write_all(tmp_path / "file" / "out", {"a": b"1"})
    with pytest.raises(WorkFailed, match="File exists"):
        write_all(tmp_path / "file", {"a": b"1"})
    assert contents(tmp_path) == {"file": b"x"}


def test_a_target_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(WorkFailed, match="Is a directory"):
        write_all(tmp_path, {"a": b"1"})
    assert sorted(os.listdir(tmp_path)) == ["a"]


def test_what_a_killed_process_left_is_cleared_away_and_another_s_work_is_not(tmp_path: Path) -> None:
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True, check=True)
    dead, alive = (tmp_path / f"{sim.files._PREFIX}{number}-x" for number in (int(ended.stdout), os.getpid()))
    elsewhere = tmp_path / f".phased-01234567-{int(ended.stdout)}-x"  # another machine's, on a disk that both share
    for folder in (dead, alive, elsewhere):
        folder.mkdir()
        (folder / "half").write_text("a")
    write_all(tmp_path, {"a": b"1"})
    assert contents(tmp_path) == {"a": b"1", f"{alive.name}/half": b"a", f"{elsewhere.name}/half": b"a"}
    assert not dead.exists()


def test_what_describes_the_others_comes_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    real = os.replace
    monkeypatch.setattr(os, "replace", lambda source, target: (moved.append(Path(target).name), real(source, target)))
    with sim.files.staging(tmp_path) as stage:
        for name in ("a", "manifest.json", "z"):
            stage.path(name).write_text(name)
        stage.move(last="manifest.json", durable=True)
    assert moved == ["a", "z", "manifest.json"]
    assert contents(tmp_path) == {name: name.encode() for name in moved}


def test_a_folder_of_stale_files_goes_with_them(tmp_path: Path) -> None:
    write_all(tmp_path, {"days/a": b"1", "days/b": b"2", "own/c": b"3"})
    (tmp_path / "own" / "mine").write_text("m")
    write_all(tmp_path, {"d": b"4"}, stale=["days/a", "days/b", "own/c", "gone/e"])
    assert contents(tmp_path) == {"d": b"4", "own/mine": b"m"}
    assert not (tmp_path / "days").exists()
