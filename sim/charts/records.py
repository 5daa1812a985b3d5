"""What a chart is given besides results, and what it gives back."""

from __future__ import annotations

from dataclasses import dataclass

from matplotlib.figure import Figure


@dataclass(frozen=True)
class Imprint:
    """What every chart says about how it was made."""

    command: str
    """the command that makes it again"""
    version: str


@dataclass(frozen=True)
class Chart:
    figure: Figure
    title: str
    """the headline, computed from the results"""
    description: str
    """a few generated sentences: the alt text"""
    imprint: Imprint
