"""Wheels for machines without internet: this package's own, and what pip finds for other systems and Pythons."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlparse

import sim
from sim.errors import BadUsage, WorkFailed

if TYPE_CHECKING:
    from packaging.requirements import Requirement

NAME = "phased"
PYTHONS = ("3.11", "3.12", "3.13")
"""versions that the wheels are for, unless others are asked for"""


@dataclass(frozen=True)
class System:
    """A kind of computer that the wheels are for."""

    name: str
    title: str
    platforms: tuple[str, ...]
    """tags, as pip takes them: any wheel with one of them will do"""
    markers: Mapping[str, str]
    """what requirements may ask of a system (PEP 508)"""

    def environment(self, python: str) -> dict[str, str]:
        """All markers, of a Python on this system."""
        whole = {"python_version": python, "python_full_version": f"{python}.0", "implementation_version": f"{python}.0"}
        named = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return {**self.markers, **whole, **named, "platform_release": "", "platform_version": ""}


def _markers(os_name: str, sys_platform: str, platform_system: str, platform_machine: str) -> dict[str, str]:
    named = {"os_name": os_name, "sys_platform": sys_platform}
    return {**named, "platform_system": platform_system, "platform_machine": platform_machine}


_MANY_LINUX = ("manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64")
SYSTEMS = (
    System("windows", "Windows, 64 bit", ("win_amd64",), _markers("nt", "win32", "Windows", "AMD64")),
    System(
        "macos-arm64",
        "macOS 12 or later, Apple silicon",
        ("macosx_12_0_arm64",),
        _markers("posix", "darwin", "Darwin", "arm64"),
    ),
    System("macos-x86_64", "macOS 12 or later, Intel", ("macosx_12_0_x86_64",), _markers("posix", "darwin", "Darwin", "x86_64")),
    System("linux", "Linux, 64 bit, Intel or AMD", _MANY_LINUX, _markers("posix", "linux", "Linux", "x86_64")),
)


def systems(names: Sequence[str]) -> tuple[System, ...]:
    """Those of the names, or all."""
    return tuple(each for each in SYSTEMS if each.name in names or not names)


def pythons(versions: Sequence[str]) -> tuple[str, ...]:
    """Versions such as 3.12, or the usual ones. Raises BadUsage."""
    for each in versions:
        if not re.fullmatch(r"3\.\d{2}", each) or int(each.split(".")[1]) < 11:
            raise BadUsage(f"--python must be a version from 3.11 on, such as 3.12, got {each!r}")
    return tuple(dict.fromkeys(versions)) or PYTHONS


def download(wheel: Path, extras: Sequence[str], system: System, python: str, folder: Path) -> None:
    """All that the wheel and its extras need on a system with a Python, into a folder. Raises WorkFailed.

    pip holds requirements such as `colorama; platform_system == "Windows"` against the machine on which it runs, so what they
    ask for on the other system is looked for afterwards.
    """
    with tempfile.TemporaryDirectory() as fresh:
        found = Path(fresh)
        wanted = [f"{wheel}[{','.join(extras)}]"]
        while wanted:
            _download(wanted, system, python, found)
            wanted = missing(found.glob("*.whl"), extras, system.environment(python))
        folder.mkdir(parents=True, exist_ok=True)
        for each in found.glob("*.whl"):
            shutil.copyfile(each, folder / each.name)


def _download(wanted: Sequence[str], system: System, python: str, folder: Path) -> None:
    tags = [word for platform in system.platforms for word in ("--platform", platform)]
    _pip("download", "--only-binary=:all:", *tags, "--python-version", python, "--dest", str(folder), *wanted)


def missing(wheels: Iterable[Path], extras: Sequence[str], environment: Mapping[str, str]) -> list[str]:
    """What wheels require in an environment and is not among them; `extras` are those of this package. As pip takes it."""
    from packaging.utils import canonicalize_name, parse_wheel_filename

    there = {parse_wheel_filename(each.name)[0]: each for each in wheels}
    found: dict[str, str] = {}
    for name, wheel in there.items():
        for each in _required(wheel, extras if name == NAME else (), environment):
            if canonicalize_name(each.name) not in there:
                found[canonicalize_name(each.name)] = f"{each.name}{each.specifier}"
    return sorted(found.values())


def _required(wheel: Path, extras: Sequence[str], environment: Mapping[str, str]) -> Iterator[Requirement]:
    from packaging.requirements import Requirement

    with zipfile.ZipFile(wheel) as opened:
        name = next(name for name in opened.namelist() if name.endswith(".dist-info/METADATA"))
        told = BytesHeaderParser().parsebytes(opened.read(name))
    for each in map(Requirement, told.get_all("Requires-Dist") or ()):
        here = ({**environment, "extra": extra} for extra in ("", *extras))
        if each.marker is None or any(map(each.marker.evaluate, here)):
            yield each


def own_wheel(folder: Path) -> Path:
    """The wheel of the package that runs here: built from its sources, or put together from its installed files.

    Raises WorkFailed.
    """
    source = _source()
    if source is None:
        return _from_installed(distribution(NAME), folder)
    _pip("wheel", "--no-deps", "--wheel-dir", str(folder), str(source))
    return next(folder.glob(f"{NAME}-*.whl"))


def _source() -> Path | None:
    """The checkout that runs; None: it was installed from a wheel."""
    beside = Path(sim.__file__).parent.parent
    if (beside / "pyproject.toml").is_file():
        return beside
    try:
        told = distribution(NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        raise WorkFailed(f"{NAME} is not installed here, and its sources are not beside it: no wheel can be made") from None
    where = json.loads(told) if told else {}
    return Path(unquote(urlparse(where["url"]).path)) if where.get("dir_info", {}).get("editable") else None


_OURS_ALONE = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
"""Files of an installation that are not in its wheel."""


def _from_installed(installed: Distribution, folder: Path) -> Path:
    """A wheel is a zip of the installed files with a list of their hashes (PyPA, "Binary distribution format")."""
    files = dict(_installed(installed))
    info = next(name.split("/")[0] for name in files if name.endswith(".dist-info/WHEEL"))
    lines = [f"{name},{_digest(content)},{len(content)}" for name, content in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*lines, f"{info}/RECORD,,", ""]).encode()
    path = folder / f"{NAME}-{installed.version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in files.items():
            made.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return path


def _installed(installed: Distribution) -> Iterator[tuple[str, bytes]]:
    for file in sorted(installed.files or (), key=str):
        if file.parts[0] != ".." and file.suffix != ".pyc" and file.name not in _OURS_ALONE:
            yield file.as_posix(), Path(str(installed.locate_file(file))).read_bytes()


def _digest(content: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def _pip(*words: str) -> None:
    """Runs pip. Raises WorkFailed with its last words."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        raise WorkFailed(f"pip {words[0]} failed: " + (" ".join(said[-3:]) or "it said nothing"))
