"""list, show, help, completion, and what is imported for them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from sim import __version__
from sim.cli import _COMMANDS, main
from tests.cli.shell import SHIPPED, command, environment, phased, phased_json


@pytest.mark.parametrize("name", _COMMANDS)
def test_help(name: str) -> None:
    text = phased(name, "--help").stdout
    assert text.startswith(f"Usage: phased {name} ")
    assert phased(name, "-h").stdout == text
    assert max(map(len, text.splitlines())) <= 100
    assert "\b" not in text


def test_the_help_lists_every_command() -> None:
    text = phased("--help").stdout
    assert re.findall(r"^  (\S+) ", text.split("Commands:\n")[1], re.M) == list(_COMMANDS)
    assert "not a forecast" in text
    assert phased("--version").stdout == f"phased, version {__version__}\n"


def test_no_command_shows_the_help_and_is_wrong_usage() -> None:
    result = CliRunner().invoke(main, [])
    assert result.exit_code == 2
    assert "Usage:" in result.output


def test_list() -> None:
    document = phased_json("list")
    assert list(document) == ["scenarios", "policies", "exercises", "losses", "evidence"]
    for plural, folder in (("scenarios", "scenarios"), ("policies", "configs")):
        for each in document[plural]:
            assert list(each) == ["name", "title", "path"]
            assert Path(each["path"]) == SHIPPED / folder / f"{each['name']}.yaml"
            assert each["title"]
    assert "surge-to-front" in [each["name"] for each in document["scenarios"]]
    text = phased("list").stdout
    for plural in document:
        assert all(re.search(rf"^ *{re.escape(each['name'])} +\S", text, re.M) for each in document[plural])


def test_list_has_the_files_of_this_folder_first(here: Path) -> None:
    (here / "configs").mkdir()
    (here / "configs" / "phased-approach.yaml").write_text("kind: policy\nname: phased-approach\ntitle: Mine\n")
    first = phased_json("list")["policies"][0]
    assert first == {"name": "phased-approach", "title": "Mine", "path": str(here / "configs" / "phased-approach.yaml")}


def test_show_a_policy() -> None:
    text = phased("show", "phased-approach").stdout
    assert text.startswith("Seoul's phased approach, as stated in October 2024  [policy phased-approach]\n")
    assert re.search(r"^front_line +as stated +3 +rung +implied +F10 ", text, re.M)
    assert re.search(r"^front_line +sent +2 +rung +implied +F13 ", text, re.M)
    assert re.search(
        r"^go_offensive +defensive_weapons +offensive_measures +deployment_level >= sustained_combat +1 day ", text, re.M
    )
    document = phased_json("show", "phased-approach")
    assert document["thresholds"]["front_line"]["rivals"]["sent"]["grade"] == "implied"
    assert document["transitions"]["arm_defensively"]["from"] == ["no_action"]


def test_show_a_policy_without_transitions() -> None:
    assert "No transition: the policy never leaves its initial phase." in phased("show", "restrained").stdout


@pytest.mark.parametrize("name", ["ambiguity-tolerant", "capacity-limited", "step-down"])
def test_show_a_variant_with_what_it_extends(name: str) -> None:
    text = phased("show", name).stdout
    assert "arm_defensively" in text
    assert "no_action" in text


def test_show_a_scenario() -> None:
    text = phased("show", "surge-to-front-uncertain").stdout
    assert text.startswith("Deployment surges to the front, seen through intelligence  [scenario surge-to-front-uncertain]\n")
    assert "2024-10-24 for 365 days; policy: phased-approach; evidence: article-2024-10" in text
    assert re.search(r"^variables\.troops_in_russia\.path\.2024-10-24 +lognormal 3000–10000 \(5–95%\) +assumed +F08 ", text, re.M)
    assert phased_json("show", "special-forces")["injects"]["special_forces_reported"]["on"] == "2024-11-12"


def test_show_a_ledger() -> None:
    text = phased("show", "article-2024-10").stdout
    assert re.search(r"^F08 +– +reported +Ukrainian and U\.S\. officials +Between 3,000 and 10,000 ", text, re.M)
    facts = phased_json("show", "later-reporting")["facts"]
    assert facts["H04"]["date"] == "2024-10-31"
    assert facts["H04"]["hindsight"] is True


def test_every_shipped_file_is_listed_and_can_be_shown() -> None:
    document = phased_json("list")
    files = [path for folder in ("configs", "scenarios") for path in (SHIPPED / folder).rglob("*.yaml")]
    assert {each["path"] for entries in document.values() for each in entries} == set(map(str, files))
    document.pop("exercises")  # whose figures would be measured
    for each in (each for entries in document.values() for each in entries):
        assert each["title"] in phased("show", each["name"]).stdout


def completed(words: str) -> list[str]:
    env = {"_PHASED_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    result = CliRunner().invoke(main, [], prog_name="phased", env=env)
    assert result.exit_code == 0
    return result.stdout.splitlines()


def test_completion() -> None:
    assert completed("phased run surge") == ["plain,surge-to-front", "plain,surge-to-front-uncertain"]
    assert completed("phased run surge-to-front --policy hair") == ["plain,hair-trigger"]
    assert "plain,withdrawal" in completed("phased compare ")
    assert "plain,article-2024-10" in completed("phased show a")
    assert completed("phased run ./my") == ["file,./my"]
    assert completed("phased hin") == ["plain,hindcast"]


def imported(words: str, here: Path) -> set[str]:
    """The packages that a command leaves in sys.modules."""
    code = (
        "import sys\nfrom sim.cli import main\n"
        "main(prog_name='phased', standalone_mode=False)\n"
        "print(*{name.split('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    run = [*command()[:-1], code, *words.split()]
    done = subprocess.run(run, cwd=here, env=environment(), capture_output=True, text=True, check=True, timeout=60)
    return set(done.stderr.split())


def test_nothing_heavy_is_imported_before_it_is_needed(here: Path) -> None:
    heavy = {"numpy", "pydantic", "matplotlib", "ruamel"}
    assert not heavy & imported("--help", here)
    assert not {"numpy", "matplotlib"} & imported("list", here)
    assert "matplotlib" not in imported("run surge-to-front --no-charts", here)
    assert not heavy & imported("run --help", here)
