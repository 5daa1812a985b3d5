"""The page's file: markup, style, scripts and data in one, under a policy that allows no request and no other script."""

from __future__ import annotations

import base64
import functools
import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from sim.errors import MissingExtra
from sim.spec.values import GRADES
from sim.workshop.grid import SINGLES
from sim.workshop.words import NAMES

SOURCES = {"file": "packed.js", "server": "served.js"}
"""Where the page's numbers come from."""


def scripts(source: str) -> tuple[str, ...]:
    """Ours, in the order in which they run, after the libraries."""
    return "rules.js", "words.js", SOURCES[source], "page.js", "form.js"


def script(source: str) -> str:
    """Ours as one."""
    return "".join(map(own, scripts(source)))


@functools.cache
def libraries() -> str:
    """Vega, Vega-Lite and Vega-Embed as one script. Raises MissingExtra."""
    try:
        import vl_convert
    except ImportError:
        raise MissingExtra("workshop", "the page") from None
    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return _inside(bundle)


def _inside(script: str) -> str:
    """A script that cannot end its own element. In strings and patterns the backslash means nothing."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def own(name: str) -> str:
    return (files("sim.workshop") / name).read_text("utf-8")


def page(data: Mapping[str, Any], packed: str) -> bytes:
    """The file. `data` is what the script is told, `packed` are the numbers."""
    both = [libraries(), _inside(script("file"))]  # two modules, so that their names do not meet
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in both)
    return _page(data, packed, f"script-src {hashes}; {_STYLE}", "".join(f"<script{_MODULE}>{each}</script>\n" for each in both))


def served_page(data: Mapping[str, Any], packed: str, addresses: Sequence[str]) -> bytes:
    """The page of a server that has the scripts at some addresses; only these run, and only it is asked."""
    scripts = "".join(f'<script{_MODULE} src="{html.escape(each)}"></script>\n' for each in addresses)
    return _page(data, packed, SERVED, scripts)


_MODULE = ' type="module"'
_STYLE = "style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
SERVED = f"script-src 'self'; connect-src 'self'; {_STYLE}"
"""What the page of a server may do, after `default-src 'none'`."""


def _page(data: Mapping[str, Any], packed: str, allowed: str, scripts: str) -> bytes:
    fills = {
        "policy": html.escape(f"default-src 'none'; {allowed}"),
        "title": html.escape(str(data["title"])),
        "maker": html.escape(f"phased {data['version']}"),
        "style": own("page.css"),
        **_made(data),
        "data": told({**data, "languages": _with_choices(data), "specs": _spoken(data["specs"], data["languages"])}),
        "packed": packed,
        "scripts": scripts,
    }
    parts = own("page.html").split("{{")
    filled = [parts[0], *(fills[name] + rest for name, _, rest in (part.partition("}}") for part in parts[1:]))]
    return "".join(filled).encode()


def _made(data: Mapping[str, Any]) -> dict[str, str]:
    """What needs no script: texts, choices, and the frames of the charts."""
    policies = [each["title"] for each in data["policies"]]
    runs = max(pair["runs"] for scenario in data["scenarios"] for pair in scenario["pairs"])
    return {
        "languages": _languages(data["languages"]),
        "framing": _paragraphs(data["framing"]),
        "about": _paragraphs(data["about"]),
        "scenarios": _options([each["title"] for each in data["scenarios"]]),
        "policies": _options(policies),
        "policies-B": _options(policies, min(1, len(policies) - 1)),
        "runs": _options([f"run {run}" for run in range(min(SINGLES, runs))]),
        "signposts": "".join(
            f'<option value="{name}">{html.escape(f"{name} ({unit})")}</option>' for name, unit in _signposts(data)
        ),
        "assumed": f"<option>{GRADES[0]}</option>",
        "facts": _options([_fact(each) for each in data["form"]["facts"]]),
        "plain": _options(list(map(_choice, data["form"]["days"]))),
        "reached": "".join(_figure(f"reached-{each}", "reached") for each in range(len(data["phases"]))),
        "seen": _figure("seen", "seen"),
        "path-form": _figure("path-form", "path"),
        **{f"{kind}-{side}": _figure(f"{kind}-{side}", kind) for kind in ("shares", "path") for side in "AB"},
    }


def _choice(told: Mapping[str, Any]) -> str:
    """How a scenario or a policy stands in a list to choose from."""
    title: str = told["title"]
    return f"{title} ({told['note']})" if told.get("note") else title


def _with_choices(data: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """The page's words in each language, with what there is to choose as its files give it; the page's own words come first."""
    found = {language: dict(table) for language, table in data["languages"].items()}
    for each in (*data["scenarios"], *data["policies"], *data["form"]["days"]):
        for language, table in found.items():
            title = each.get("others", {}).get(language, each["title"])
            note = f" ({table[each['note']]})" if each.get("note") else ""
            table.setdefault(_choice(each).strip(), title + note)
    return found


def _spoken(specs: Any, languages: Mapping[str, Mapping[str, str]]) -> dict[str, Any]:
    """The charts in each language: titles and formats of dates."""

    def said(node: Any, table: Mapping[str, str]) -> Any:
        if isinstance(node, dict):
            return {key: said(each, table) for key, each in node.items()}
        if isinstance(node, list):
            return [said(each, table) for each in node]
        return table.get(node, node) if isinstance(node, str) else node

    return {language: said(specs, table) for language, table in {"en": {}, **languages}.items()}


def _languages(languages: Mapping[str, Any]) -> str:
    """A choice, where the files give labels in another language than English."""
    if not languages:
        return ""
    options = "".join(f'<option value="{each}" lang="{each}">{NAMES[each]}</option>' for each in ("en", *languages))
    choice = f'<select id="language" autocomplete="off">{options}</select>'
    return f'<p id="languages"><label for="language">Language</label> {choice}</p>'


def _signposts(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Those that stand in every plain scenario, with their units."""
    first, *others = (each["signposts"] for each in data["form"]["days"])
    return [
        (name, post["unit"])
        for name, post in first.items()
        if all(other.get(name, {}).get("unit") == post["unit"] for other in others)
    ]


def _fact(fact: Mapping[str, Any]) -> str:
    return f"{fact['id']}: {fact['says']}{' (known later)' if fact['hindsight'] else ''}"


def _paragraphs(lines: Sequence[str]) -> str:
    return "\n".join(f"<p{_language(each)}>{html.escape(each)}</p>" for each in lines)


def _options(texts: Sequence[str], chosen: int = 0) -> str:
    return "".join(
        f'<option value="{index}"{" selected" * (index == chosen > 0)}{_language(each)}>{html.escape(each)}</option>'
        for index, each in enumerate(texts)
    )


def _language(text: str) -> str:
    """Korean says that it is, so that it is read aloud and drawn as such."""
    return ' lang="ko"' if re.search("[\uac00-\ud7a3]", text) else ""


def _figure(name: str, spec: str) -> str:
    """A frame: caption, chart, note, table."""
    chart = '<div class="chart" role="img" aria-label="Chart"><div aria-hidden="true"></div></div>'
    table = '<div class="scroll" tabindex="0" role="region" aria-label="Table"></div>'
    return (
        f'<figure id="{name}" data-spec="{spec}"><figcaption></figcaption>{chart}<p class="note"></p>'
        f"<details><summary>As a table</summary>{table}</details></figure>"
    )


def told(data: Mapping[str, Any]) -> str:
    """JSON that cannot end the element that it stands in, whatever names it holds."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return (
        text.encode("utf-8", "replace").decode().replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    )
