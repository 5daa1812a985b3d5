"""The parser's complaints in plain words."""

from __future__ import annotations

import re

from ruamel.yaml.error import MarkedYAMLError

_PLAIN = (
    (r"mapping values are not allowed", "a colon is not expected here; put a text that holds ': ' in quotes, or check the indentation"),
    (r"found character '\\t'", "a tab stands where none may; use spaces"),
    (r"found character '(.)'", "a value cannot begin with {0}; put it in quotes"),
    (r"expected ',' or '\]'", "a list in [ ] lacks a comma or its closing ]"),
    (r"expected ',' or '\}'", "a map in {{ }} lacks a comma or its closing }}"),
    (r"expected <block end>, but found", "the line does not fit its neighbours; check its indentation, brackets and quotes"),
    (r"could not find expected ':'", "a key without a colon and a value after it, or a text over several lines without quotes"),
    (r"unexpected end of stream", "a quoted text is not closed"),
    (r"document separator", "a quoted text is not closed"),
    (r"unknown escape character '(.)'", "a text in double quotes holds the unknown escape \\{0}; use single quotes"),
    (r"sequence entries are not allowed", "a list item (- ) cannot stand here; begin it on a line of its own"),
    (r"mapping keys are not allowed", "a key marked by ? cannot stand here"),
    (r"block mapping|expected '<document start>'", "the line does not belong to what stands before it; check its indentation and quotes"),
    (r"expected the node content", "a value is missing, or begins with a character that none can begin with; put texts in quotes"),
    (r"chomping", "a text cannot begin with | or >; put it in quotes, or begin it on the next line"),
    (r"alphabetic or numeric|expected alphabet", "a value cannot begin with & or *; put it in quotes"),
    (r"duplicate .* directive|directive", "directives such as %YAML are not allowed; remove the line"),
    (r"tag handle|tag shorthand|'!'", "tags (!name) are not allowed; write the plain value"),
)


def plain_words(error: MarkedYAMLError, text: str) -> str:
    """What a syntax error means to somebody who knows no parser."""
    problem = " ".join(str(error.problem or error.context or "").split())
    if problem.startswith("while scanning") or not problem:
        problem = " ".join(str(error.context or problem).split())
    for pattern, words in _PLAIN:
        match = re.search(pattern, problem)
        if match:
            return words.format(*(quoted or "" for quoted in match.groups()))
    return f"cannot be read as YAML: {problem}"
