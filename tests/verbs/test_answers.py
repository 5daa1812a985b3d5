"""What answers show of themselves, what verbs take, and what they refuse."""

from __future__ import annotations

import base64
import datetime as dt
import functools
import io
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from PIL import Image
from ruamel.yaml import YAML

import sim
from sim.framing import TEACHING
from sim.verbs.given import sets_of
from tests.verbs.test_against_commands import ASKED, answered

BAD = Path(__file__).resolve().parents[1] / "bad"


class _Tree(HTMLParser):
    """A page as a tree, by the parser of the standard library."""

    def __init__(self) -> None:
        super().__init__()
        self.made = ET.TreeBuilder()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.made.start(tag, {key: value or "" for key, value in attrs})
        if tag in ("img", "wbr", "br"):
            self.made.end(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.made.end(tag).tag == tag, "tags are closed in order"

    def handle_data(self, data: str) -> None:
        self.made.data(data)


def shown(answer: sim.Answer[Any]) -> ET.Element:
    """What a notebook shows."""
    tree = _Tree()
    tree.feed(page_of(answer))
    return tree.made.close()


@functools.cache
def page_of(answer: sim.Answer[Any]) -> str:
    return answer._repr_html_()


SHOWN = [name for name in ASKED if name not in ("run of another policy", "run until it is precise", "quality, varied")]


@pytest.mark.parametrize("name", SHOWN)
def test_every_answer_shows_itself(name: str) -> None:
    answer = answered(name)
    page = shown(answer)
    text = " ".join("".join(page.itertext()).split())
    assert TEACHING in text
    assert answer.command in text
    assert answer.about in text
    assert "\n" not in repr(answer)
    assert repr(answer).startswith(f"<{answer.about}: ")
    pictures = list(page.iter("img"))
    assert len(pictures) == (1 if answer.charts else 0)
    assert all(each.get("alt") for each in pictures)
    ids = [each.get("id") for each in page.iter() if each.get("id")]
    assert len(set(ids)) == len(ids)
    named = {each for part in page.iter() for each in (part.get("aria-labelledby") or "").split()}
    assert named <= set(ids)
    assert not [each.tag for each in page.iter() if each.tag in ("script", "style", "iframe", "link")]


@pytest.mark.parametrize("name", ["run", "compare", "explain", "quality", "sensitivity", "discover"])
def test_assumed_numbers_are_counted(name: str) -> None:
    assert re.search(r"\d+ of \d+ numbers are assumed", page_of(answered(name)))


def test_an_ensemble_is_shown_with_its_intervals() -> None:
    text = "".join(shown(answered("run")).itertext())
    assert re.search(r"\d+% \(\d+–\d+\)", text)
    assert "95%" in text
    assert "What sampling says" in text


def test_a_picture_in_a_notebook_is_the_chart() -> None:
    answer = answered("run")
    (image,) = shown(answer).iter("img")
    raw = base64.b64decode((image.get("src") or "").partition("base64,")[2])
    with Image.open(io.BytesIO(raw)) as small, Image.open(io.BytesIO(answer.picture())) as whole:
        assert small.size == whole.size
        apart = np.abs(np.asarray(small.convert("RGB"), float) - np.asarray(whole.convert("RGB"), float))
    assert apart.mean() < 2  # of 255: fewer colours, and the same picture
    assert len(raw) < 80_000


def test_text_of_a_file_cannot_become_markup(tmp_path: Path) -> None:
    evil = '<img src=x onerror="alert(1)">'
    file = tmp_path / "odd.yaml"
    file.write_text(f"kind: evidence\nname: odd\ntitle: '{evil}'\nfacts:\n  A1: {{says: '{evil}', supports: quoted}}\n", "utf-8")
    page = sim.load(file)._repr_html_()
    assert "<img" not in page
    assert page.count("&lt;img") == 2


def test_figures() -> None:
    answer = answered("compare")
    assert answer.charts == ("first-passage", "overview", "disagreement", "regret")
    figure = answer.figure("regret")
    assert isinstance(figure, Figure)
    picture = figure._repr_html_()
    assert 'src="data:image/png;base64,' in picture
    assert re.search(r'alt="[^"]{100,}"', picture)
    with pytest.raises(sim.BadUsage, match="unknown chart 'regrets'; did you mean 'regret'"):
        answer.figure("regrets")
    with pytest.raises(sim.BadUsage, match="nothing to draw of evidence article-2024-10"):
        sim.load("article-2024-10").figure()
    with pytest.raises(sim.BadUsage, match="png, svg or pdf"):
        answer.picture("gif")  # type: ignore[arg-type]


def test_a_policy_too_large_to_draw_is_shown_all_the_same(tmp_path: Path) -> None:
    phases = "\n".join(f"  p{number}: {{}}" for number in range(40))
    file = tmp_path / "tall.yaml"
    file.write_text(f"kind: policy\nname: tall\ntitle: Forty phases\nphases:\n{phases}\ntransitions: {{}}\n", "utf-8")
    page = page_of(sim.load(file))
    assert "No chart: a picture shows up to" in page
    assert "<img" not in page


def test_a_loaded_file_stands_for_its_name() -> None:
    scenario, policy = sim.load("surge-to-front"), sim.load("step-down")
    answer = sim.run(scenario, policy)
    assert answer.result == answer.result
    assert answer.command == "phased run surge-to-front --policy step-down --runs 1 --seed 1"
    assert (scenario.spec.kind, policy.spec.kind) == ("scenario", "policy")
    assert policy.path.read_text("utf-8") == policy.text


def test_paths_are_names_too(tmp_path: Path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_text("kind: policy\nname: mine\ntitle: Mine\nextends: step-down\n", "utf-8")
    assert sim.run("surge-to-front", copy).document["policy"] == "mine"


def test_a_check_is_true_where_there_is_no_error() -> None:
    assert sim.check("phased-approach")
    found = sim.check([BAD / "duplicate-keys.yaml", "phased-approach"])
    assert not found
    assert found.findings[0].level == "error"
    assert "2 files read" in repr(found)
    with pytest.raises(sim.BadUsage, match="needs a policy"):
        sim.check("article-2024-10", reach=True)


def test_mistakes_of_a_file_are_in_the_error() -> None:
    with pytest.raises(sim.BadInput, match=r"duplicate-keys\.yaml:\d+:\d+: "):
        sim.load(BAD / "duplicate-keys.yaml")
    with pytest.raises(sim.PhasedError, match="did you mean 'phased-approach'"):
        sim.load("phased-aproach")


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: sim.run("surge-to-front", runs=0), "runs must be a whole number, 1 or more, got 0"),
        (lambda: sim.run("surge-to-front", runs=10.0), "runs must be a whole number, 1 or more, got 10.0"),
        (lambda: sim.run("surge-to-front", runs=True), "runs must be a whole number"),
        (lambda: sim.run("surge-to-front", seed=-1), "seed must be a whole number, 0 or more, got -1"),
        (lambda: sim.run("surge-to-front", workers=0), "workers must be"),
        (lambda: sim.run("surge-to-front", measure="defensive_weapons.reached"), "give that too"),
        (lambda: sim.run(3), "a name or a path is needed, got 3"),
        (lambda: sim.path("surge-to-front", run=-1), "run must be a whole number, 0 or more"),
        (lambda: sim.discover("surge-to-front", phase="no", boxes=10), "boxes must be a whole number, 1 to 9, got 10"),
        (lambda: sim.run("surge-to-front", set={"days": object()}), "set: days cannot be"),
        (lambda: sim.run("surge-to-front", set={"days": float("nan")}), "set: days cannot be nan"),
        (lambda: sim.run("surge-to-front", set=3), "set takes 'PATH=YAML'"),
        (lambda: sim.hindcast([]), "at least one scenario"),
    ],
)
def test_wrong_calls_say_what_would_be_right(call: Any, told: str) -> None:
    with pytest.raises(sim.BadUsage, match=told):
        call()


def test_forms_of_a_change() -> None:
    path = "transitions.arm_defensively.confirm"
    assert sets_of(f"{path}=14") == sets_of([f"{path}=14"]) == sets_of({path: 14}) == sets_of({path: np.int64(14)})
    assert sets_of({path: "2 weeks"}) == (f"{path}=2 weeks",)
    assert sets_of({path: {"days": 10, "of": 14}}) == (f'{path}={{"days": 10, "of": 14}}',)
    assert sets_of({"a": None, "b": True, "c": dt.date(2024, 10, 24)}) == ("a=null", "b=true", 'c="2024-10-24"')
    assert sets_of({"p": {dt.date(2024, 10, 24): 2}}) == ('p={"2024-10-24": 2}',)
    assert sets_of({}) == sets_of(()) == ()


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.from_regex(r"[a-z]\w{0,5}", fullmatch=True), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(_PLAIN)
def test_a_change_is_read_as_it_was_given(value: object) -> None:
    """By a YAML reader that knows nothing of ours."""
    (text,) = sets_of({"x": value})
    assert YAML(typ="safe").load(text.removeprefix("x=")) == value


def test_the_verb_load_stays_beside_the_package_of_its_name() -> None:
    import sim.load.files

    assert sim.load("step-down").spec.kind == "policy"
