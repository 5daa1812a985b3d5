"""phased: simulate phased-response policies written as files."""

import sys
from importlib import import_module
from types import ModuleType

__version__ = "0.1.0"

_FOUND_IN = {
    "load": "sim.verbs.loading",
    "list": "sim.verbs.loading",
    "check": "sim.verbs.checking",
    "run": "sim.verbs.running",
    "path": "sim.verbs.tracing",
    "explain": "sim.verbs.explaining",
    "compare": "sim.verbs.comparing",
    "hindcast": "sim.verbs.hindcasting",
    "sensitivity": "sim.verbs.studying",
    "discover": "sim.verbs.discovering",
    "quality": "sim.verbs.judging",
    "Answer": "sim.verbs.answer",
    "BadInput": "sim.errors",
    "BadUsage": "sim.errors",
    "PhasedError": "sim.errors",
}
"""Where each public name is, so that `import sim` costs nothing before a verb is used. Types are in __init__.pyi: a module
that imports `__version__` from here must not seem to import the verbs."""

# `list` is left out: `from sim import *` is not to hide the list of Python.
__all__ = ["__version__", *sorted(name for name in _FOUND_IN if name != "list")]


def __getattr__(name: str) -> object:
    if name not in _FOUND_IN:
        raise AttributeError(f"module 'sim' has no attribute {name!r}")
    return getattr(import_module(_FOUND_IN[name]), "list_" if name == "list" else name)


def __dir__() -> list[str]:
    return sorted({"__version__", *_FOUND_IN})


class _Package(ModuleType):
    """Python would put the package of this name, which reads files, in place of the verb `sim.load` once it is imported."""

    @property
    def load(self) -> object:
        return __getattr__("load")

    @load.setter
    def load(self, package: ModuleType) -> None:
        """The package stays where imports look for it, in sys.modules."""


sys.modules[__name__].__class__ = _Package
