"""The parser's complaints in plain words."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

_BY_CONTEXT = (
    (r"scanning an? directive", "directives (%YAML) are not allowed; remove the line"),
    (r"(?:scanning|parsing) an? tag", "tags (!name) are not allowed; write the plain value"),
    (r"scanning an? (?:anchor|alias)", "a value cannot begin with & or *; put it in quotes"),
    (r"scanning a block scalar", "a text cannot begin with | or >; put it in quotes, or begin it on the next line"),
)
_BY_PROBLEM = (
    (r"mapping values are not allowed", "a colon is not expected here; quote a text that holds ': ', or check the indentation"),
    (r"found character '\\t'", "a tab stands where none may; use spaces"),
    (r"found character '(.*)'", "a value cannot begin with {0}; put it in quotes"),
    (r"expected ',' or '\]'", "the list that opens with [{where} lacks a comma or its closing ]"),
    (r"expected ',' or '\}'", "the map that opens with {{{where} lacks a comma or its closing }}"),
    (r"expected <block end>", "the line does not fit its neighbours; check its indentation, brackets and quotes"),
    (r"could not find expected ':'", "a key without a colon and a value after it, or a text over several lines without quotes"),
    (r"end of stream|document separator", "the quoted text that begins{where} is not closed"),
    (r"unknown escape character '(.*)'", "a text in double quotes holds the unknown escape \\{0}; use single quotes"),
    (r"escape sequence", "a text in double quotes holds an unfinished escape; use single quotes"),
    (r"sequence entries are not allowed", "a list item (- ) cannot stand here; begin it on a line of its own"),
    (r"mapping keys are not allowed", "a key marked by ? cannot stand here"),
    (r"<document start>|document end", "the line does not belong to the one before it; check its indentation and quotes"),
    (r"expected the node content", "a value is missing, or begins with a sign that none can begin with; quote texts"),
    (r"found unexpected ':'", "a colon stands inside a text; put the text in quotes"),
    (r"directive|incompatible", "directives (%YAML) are not allowed; remove the line"),
    (r"tag", "tags (!name) are not allowed; write the plain value"),
)


def plain_words(error: MarkedYAMLError) -> str:
    """What a syntax error means to somebody who knows no parser."""
    context, problem = _line(error.context), _line(error.problem)
    where = f" in line {error.context_mark.line + 1}" if error.context_mark else ""
    for text, table in ((context, _BY_CONTEXT), (problem, _BY_PROBLEM)):
        for pattern, words in table:
            if match := re.search(pattern, text):
                return words.format(*match.groups(), where=where)
    return f"cannot be read as YAML: {problem or context}"


def _line(text: object) -> str:
    return " ".join(str(text or "").split())
