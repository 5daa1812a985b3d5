"""Wheels: what is missing on another system is found, and a wheel put together from an installation is one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path

import pytest

from sim.errors import BadUsage
from sim.usb.wheels import PYTHONS, SYSTEMS, _from_installed, missing, pythons, systems


def wheel(folder: Path, name: str, *requires: str) -> Path:
    path = folder / f"{name}-1.0-py3-none-any.whl"
    told = "".join(f"Requires-Dist: {each}\n" for each in requires)
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(f"{name}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{told}")
    return path


@pytest.mark.parametrize(
    ("system", "python", "wanted"),
    [
        ("windows", "3.12", ["colorama>=0.4"]),
        ("windows", "3.11", ["colorama>=0.4", "typing-extensions"]),
        ("linux", "3.12", ["uvloop"]),
        ("macos-arm64", "3.12", ["accelerate"]),
        ("macos-x86_64", "3.12", []),
    ],
)
def test_what_other_systems_ask_for_is_found(tmp_path: Path, system: str, python: str, wanted: list[str]) -> None:
    wheel(
        tmp_path,
        "phased",
        "shell",
        'pages; extra == "workshop"',
        'cluster; extra == "cluster"',
    )
    wheel(tmp_path, "pages", 'uvloop; sys_platform == "linux"', 'accelerate; platform_machine == "arm64"')
    wheel(tmp_path, "shell", 'colorama>=0.4; platform_system == "Windows"', 'typing-extensions; python_version < "3.12"')
    (chosen,) = systems([system])
    expected = wanted + (["typing-extensions"] if python == "3.11" and "typing-extensions" not in wanted else [])
    assert missing(tmp_path.glob("*.whl"), ("workshop",), chosen.environment(python)) == expected


def test_a_wheel_made_from_an_installation_installs_the_same(tmp_path: Path) -> None:
    """By pip itself, which checks each file against the list of hashes."""
    site = tmp_path / "site"
    info = site / "phased-1.0.dist-info"
    (site / "sim" / "_shipped").mkdir(parents=True)
    info.mkdir()
    there = {
        "sim/__init__.py": "ANSWER = 42\n",
        "sim/_shipped/policy.yaml": "kind: policy\n",
        "phased-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: phased\nVersion: 1.0\n",
        "phased-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "phased-1.0.dist-info/entry_points.txt": "[console_scripts]\nphased = sim:main\n",
    }
    only_here = ["phased-1.0.dist-info/INSTALLER", "sim/__init__.pyc", "../bin/phased", "phased-1.0.dist-info/RECORD"]
    for name, text in there.items():
        (site / name).write_text(text)
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in [*there, *only_here]))
    made = _from_installed(PathDistribution(info), tmp_path)
    assert made.name == "phased-1.0-py3-none-any.whl"
    again = tmp_path / "again"
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", str(again), str(made)], check=True
    )
    assert {name: (again / name).read_text() for name in there} == there
    assert _from_installed(PathDistribution(info), tmp_path).read_bytes() == made.read_bytes()


def test_versions_and_systems_are_checked() -> None:
    assert pythons([]) == PYTHONS
    assert pythons(["3.12", "3.12"]) == ("3.12",)
    assert systems([]) == SYSTEMS
    for wrong in ("3.10", "3", "2.7", "3.x", "4.11"):
        with pytest.raises(BadUsage, match=r"from 3\.11 on"):
            pythons([wrong])
