"""PDFs by typst, from a template and data: no text of a file or of a team is ever read as markup."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim import errors
from sim.errors import MissingExtra, WorkFailed

if TYPE_CHECKING:
    import typst

TEMPLATES = Path(__file__).parent / "templates"
_MISSING_GLYPH = "could not be displayed with font"
"""what typst says under PDF/UA-1 where no font has a character"""


@dataclass(frozen=True)
class Typeset:
    """A PDF, and what of it cannot be read."""

    pdf: bytes
    missing: str
    """characters that no font of this machine has, each once; they stand as empty boxes"""


def pdf(template: str, data: Mapping[str, Any]) -> bytes:
    """The PDF of a template of `sim/kit/templates` with such data. See `typeset`."""
    return typeset(template, data).pdf


def typeset(template: str, data: Mapping[str, Any]) -> Typeset:
    """The PDF of a template (`debrief` is `templates/debrief.typ`), which reads the data as JSON through `look.typ`.

    Tagged for screen readers by PDF/UA-1, with the same bytes for the same data: no date is in it, and the fonts are those of
    typst and matplotlib. Only where these lack a character (Korean, say) are the machine's own fonts used.
    Raises MissingExtra without typst, WorkFailed where the template and the data do not fit.
    """
    typst = _typst()
    fonts = _bundled_fonts()
    sources = {"main": (TEMPLATES / f"{template}.typ").read_bytes(), "look.typ": (TEMPLATES / "look.typ").read_bytes()}
    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        return Typeset(_compiled(sources, inputs, fonts), "")
    except typst.TypstError as error:
        _only_glyphs(error, template)
    with_system = _system_fonts()
    try:
        return Typeset(_compiled(sources, inputs, with_system), "")
    except typst.TypstError as error:
        missing = _only_glyphs(error, template)
    return Typeset(_compiled(sources, inputs, with_system, standards=[]), missing)


def need_papers() -> None:
    """Raises MissingExtra where nothing could be typeset, before anybody waits for runs."""
    errors.require("kit", "making PDFs", "typst")


def _typst() -> Any:
    try:
        import typst
    except ImportError:
        raise MissingExtra("kit", "making PDFs") from None
    return typst


def _compiled(sources: dict[str, bytes], inputs: dict[str, str], fonts: Any, standards: Any = "ua-1") -> bytes:
    made: bytes = _typst().compile(
        sources, sys_inputs=inputs, font_paths=fonts, ignore_system_fonts=True, pdf_standards=standards, timestamp=0
    )
    return made


def _only_glyphs(error: typst.TypstError, template: str) -> str:
    """The characters that no font had. Raises WorkFailed where something else went wrong."""
    lines = [line for line in error.diagnostic.splitlines() if line.startswith("error: ")]
    if not lines or not all(_MISSING_GLYPH in line for line in lines):
        raise WorkFailed(f"typst could not set {template}: {error.message}")
    return "".join(dict.fromkeys(line.split('`"')[1].split('"`')[0] for line in lines))


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """A folder with the sans-serif font that the charts are drawn in, and none of matplotlib's others: one of them draws a box
    for every character, so that none would ever count as missing. It is removed when the process ends.
    """
    from matplotlib import get_data_path

    folder = tempfile.TemporaryDirectory(prefix="phased-fonts-", ignore_cleanup_errors=True)
    for style in ("", "-Bold", "-Oblique", "-BoldOblique"):
        name = f"DejaVuSans{style}.ttf"
        shutil.copyfile(Path(get_data_path()) / "fonts" / "ttf" / name, Path(folder.name) / name)
    return folder


@cache
def _bundled_fonts() -> Any:
    return _typst().Fonts(include_system_fonts=False, font_paths=[_folder().name])


@cache
def _system_fonts() -> Any:
    return _typst().Fonts(include_system_fonts=True, font_paths=[_folder().name])
