"""Optional libraries of the extra `analysis`, imported where they are used."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from sim.errors import MissingExtra


def optional(module: str, what: str) -> Any:
    """A module of SALib, scipy or PRIM, none of which is typed. Raises MissingExtra, which says `what` needs it."""
    try:
        return import_module(module)
    except ImportError:
        raise MissingExtra("analysis", what) from None
