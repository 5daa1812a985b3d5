"""The page and the installers of a stick."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from sim.usb.stick import Choice, instructions
from sim.usb.wheels import systems

CHOICE = Choice(systems(["windows", "linux"]), ("3.11", "3.12"), ("fog", "./own/ratchet.yaml"))


def test_the_page_names_what_lies_there() -> None:
    text = instructions(CHOICE)["START-HERE.txt"].decode()
    assert "Python 3.11 or 3.12" in text
    assert "  - lessons/fog.html\r\n  - lessons/ratchet.html\r\n" in text
    assert "Windows, 64 bit" in text
    assert "macOS 12" not in text
    assert "not a forecast" in text
    assert text.count("\n") == text.count("\r\n") <= 60  # a page


def test_nothing_is_left_to_fill_in_and_lines_end_as_systems_expect() -> None:
    for name, content in instructions(CHOICE).items():
        assert b"{{" not in content, name
        assert (b"\r\n" in content) == (not name.endswith(".sh")), name


def test_the_shell_reads_the_installer(tmp_path: Path) -> None:
    path = tmp_path / "install.sh"
    path.write_bytes(instructions(CHOICE)["install-mac-linux.sh"])
    shell = shutil.which("sh")
    assert shell is not None
    subprocess.run([shell, "-n", str(path)], check=True)
