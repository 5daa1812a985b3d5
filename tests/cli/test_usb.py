"""A stick is filled, and a machine without network installs phased from it and plays."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import phased

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
CUT_OFF = [shutil.which("unshare") or "unshare", "--net", "--map-root-user"]
"""Linux: the command that follows has no network but itself."""


def _can_be_cut_off() -> bool:
    try:
        return subprocess.run([*CUT_OFF, "true"], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="the stick for Linux is tried on Linux")
def test_a_room_without_network(tmp_path: Path) -> None:
    stick, home = tmp_path / "stick", tmp_path / "home"
    home.mkdir()
    said = phased("usb", stick, "--exercise", "fog", "--system", "linux", "--python", HERE).output
    assert "START-HERE.txt" in said
    assert (stick / "lessons" / "fog.html").stat().st_size > 500_000
    assert (stick / "for the facilitator" / "fog" / "answer-key.pdf").read_bytes().startswith(b"%PDF")
    assert not (stick / "for the facilitator" / "fog" / "lesson.html").exists()
    bare = {"HOME": str(home), "PATH": f"{Path(sys.base_prefix) / 'bin'}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    alone = CUT_OFF if _can_be_cut_off() else []
    done = subprocess.run(
        [*alone, "sh", str(stick / "install-mac-linux.sh")],
        env=bare,
        cwd=home,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "phased serve --exercise fog" in done.stdout
    command = home / "phased" / "bin" / "phased"
    path = subprocess.run(
        [*alone, str(command), "path", "surge-to-front"], env=bare, capture_output=True, encoding="utf-8", check=True
    )
    assert "Defensive weapons" in path.stdout
    extra = subprocess.run([*alone, str(command), "serve", "--help"], env=bare, capture_output=True, encoding="utf-8", check=True)
    assert "--exercise" in extra.stdout


def test_mistakes_come_before_any_download(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    assert "3.11" in phased("usb", stick, "--python", "3.9", code=2).output
    assert "unknown exercise 'nowhere'" in phased("usb", stick, "--exercise", "nowhere", code=2).output
    assert not stick.exists()
