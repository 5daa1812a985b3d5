"""What lies on the stick: wheels, lesson pages for all, kits for the facilitator, two installers and one page to read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from sim import __version__
from sim.files import Staging
from sim.kit.make import PAGE, Asked, kit
from sim.usb.wheels import NAME, System, download, own_wheel
from sim.work import How

EXTRAS = ("kit", "workshop")
"""What a facilitator needs beside the core: pages, the live exercise, papers."""
Done = Callable[[int], None]


@dataclass(frozen=True)
class Choice:
    """What is to lie on the stick."""

    systems: tuple[System, ...]
    pythons: tuple[str, ...]
    exercises: tuple[str, ...]

    @property
    def steps(self) -> int:
        return len(self.systems) * len(self.pythons) + len(self.exercises)


def fill(stage: Staging, choice: Choice, how: How, done: Done) -> None:
    """Everything, into a staging. `done` is called after each step.

    Raises WorkFailed where pip finds no wheel, and what `kit` raises.
    """
    for exercise in choice.exercises:
        _kit(stage, exercise, how)
        done(1)
    wheels = stage.path("wheels/.")
    own = own_wheel(wheels)
    for system in choice.systems:
        for python in choice.pythons:
            download(own, EXTRAS, system, python, wheels)
            done(1)
    for name, text in instructions(choice).items():
        stage.path(name).write_bytes(text)
    stage.path("install-mac-linux.sh").chmod(0o755)


def _kit(stage: Staging, exercise: str, how: How) -> None:
    """The kit; its lesson page lies where participants may look."""
    name = Path(exercise).stem
    made = kit(exercise, Asked(command=f"phased kit {exercise}"), how=how)
    for file, content in made.files.items():
        stage.path(f"lessons/{name}.html" if file == PAGE else f"for the facilitator/{name}/{file}").write_bytes(content)


def instructions(choice: Choice) -> dict[str, bytes]:
    """The page and the two installers, by their names; lines end as the systems expect it."""
    fills = {
        "version": __version__,
        "wanted": f"{NAME}[{','.join(EXTRAS)}]",
        "systems": "".join(f"  - {each.title}\n" for each in choice.systems),
        "pythons": _or(choice.pythons),
        "lessons": "".join(f"  - lessons/{Path(each).stem}.html\n" for each in choice.exercises),
        "exercise": Path(choice.exercises[0]).stem if choice.exercises else "fog",
    }
    windows = ("START-HERE.txt", "install-windows.bat")  # which any editor reads, the oldest Notepad too
    made = {name: _filled(name, fills) for name in (*windows, "install-mac-linux.sh")}
    return {name: (text.replace("\n", "\r\n") if name in windows else text).encode() for name, text in made.items()}


def _or(words: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _filled(name: str, fills: dict[str, str]) -> str:
    text = (files("sim.usb") / name).read_text("utf-8")
    for key, value in fills.items():
        text = text.replace(f"{{{{{key}}}}}", value)
    return text
