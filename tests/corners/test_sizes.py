"""Files far larger than those that ship are read in time, and larger ones yet are refused at the place that is too much."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim import api
from sim.errors import BadInput
from sim.library import Library
from sim.spec.guard import GuardError, parse
from tests.cli.shell import ROOT


@pytest.fixture(scope="module")
def limits() -> Iterator[Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT / "benchmarks"))
        import limits

        yield limits
        sys.modules.pop("limits")


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[dict[str, str]], None]:
    monkeypatch.chdir(tmp_path)

    def write(files: dict[str, str]) -> None:
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")

    return write


def refused(*refs: str) -> list[str]:
    with pytest.raises(BadInput) as caught:
        Library([]).load_pair(*refs)
    return str(caught.value).splitlines()


@pytest.mark.parametrize("name", ["small", "phases", "signposts", "injects", "mebibyte", "deep", "long"])
def test_the_files_of_the_benchmark_are_read(name: str, limits: Any, put: Callable[[dict[str, str]], None]) -> None:
    put(limits.CASES[name][1]())
    begin = time.process_time()
    pair = Library([]).load_pair("s.yaml", "p.yaml")
    assert pair.warnings == ()
    assert time.process_time() - begin < 15  # a second or two on a quiet machine: docs/limits.md


def test_what_is_one_too_many_is_told_at_its_place(limits: Any, put: Callable[[dict[str, str]], None]) -> None:
    put({"p.yaml": limits.policy(51, 201, 101), "s.yaml": limits.scenario(signposts=101)})
    said = refused("s.yaml", "p.yaml")
    lines = Path("p.yaml").read_text().splitlines()
    for section, first, most, count in (
        ("phases", "p50", 50, 51),
        ("transitions", "r200", 200, 201),
        ("reads", "s100", 100, 101),
    ):
        line = next(number for number, text in enumerate(lines, 1) if text.startswith(f"  {first}:"))
        assert f"p.yaml:{line}:3: {section}.{first}: there are {count} {section}; at most {most} may be" in said
    assert any(each.startswith("s.yaml:") and "there are 101 signposts; at most 100 may be" in each for each in said)


def test_more_values_than_a_file_may_hold(limits: Any, put: Callable[[dict[str, str]], None]) -> None:
    put({"p.yaml": limits.policy(), "s.yaml": limits.scenario(injects=2_500)})
    (said,) = refused("s.yaml", "p.yaml")
    assert said.endswith("the file holds more than 20,000 keys and values; put long series into a csv file")
    put({"s.yaml": "#" * (1 << 20) + "\n"})
    assert refused("s.yaml", "p.yaml") == ["s.yaml:1:1: the file is too large: more than 1,048,576 bytes (1 MiB)"]


def test_guards_that_are_too_long_or_too_deep() -> None:
    parse("(" * 50 + "a > 1" + ")" * 50)
    with pytest.raises(GuardError, match="nested deeper than 50"):
        parse("(" * 51 + "a > 1" + ")" * 51)
    with pytest.raises(GuardError, match="longer than 2,000 characters"):
        parse("a > 1" + " " * 2_000)


def test_a_check_of_many_transitions_stays_bounded_and_says_what_it_leaves_open(
    limits: Any, put: Callable[[dict[str, str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sixty transitions ask some thousands of questions of pairs."""
    monkeypatch.setattr("sim.verify.view.MOST_TABLES", 300)
    put({"p.yaml": re.sub(r"from: p\d+", "from: any", limits.policy(20, 60, 20))})
    done = api.verify(["p.yaml"], reach=True, library=Library([]))
    open_ = [each for each in done.findings if each.rule == "not-decided"]
    assert open_
    assert all(len(each.problem.message) < 2_000 for each in open_)
    assert all(sum(other.rule == each.rule for other in done.findings) <= 201 for each in done.findings)
    assert not any(each.decided for each in done.reached[0].reaches.phases)
