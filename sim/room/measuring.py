"""Key figures measured in the background, while people find their seats."""

from __future__ import annotations

import threading
from collections.abc import Callable

from sim import api
from sim.errors import PhasedError
from sim.library import Library, Loaded
from sim.spec.exercise import Exercise

Told = Callable[[dict[str, str] | str], None]
"""Takes the texts of the figures by name, or why there are none."""


class _StoppedError(Exception):
    """Nobody waits for the figures any more."""


class Measuring:
    """A thread that measures the key figures of an exercise once, and can be stopped between two of them."""

    def __init__(self, loaded: Loaded[Exercise], library: Library, told: Told) -> None:
        self._loaded, self._library, self._told = loaded, library, told
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="key figures", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._told(measured(self._loaded, self._library, self))
        except _StoppedError:
            return
        except PhasedError as error:
            self._told(f"The key figures could not be measured: {error}")

    def stop(self) -> None:
        """Returns when the thread has ended."""
        self._stopped.set()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def wait(self) -> None:
        """Returns when the figures are there, or cannot be."""
        self._thread.join()

    # the meter of `figures_of`

    def expect(self, runs: int) -> None: ...

    def add(self, runs: float) -> None:  # noqa: ARG002 - a meter is given it
        if self._stopped.is_set():
            raise _StoppedError


def measured(loaded: Loaded[Exercise], library: Library, meter: api.Meter | None = None) -> dict[str, str]:
    """The texts of the key figures by name."""
    return {name: figure.text for name, figure in api.figures_of(loaded, library=library, meter=meter).items()}
