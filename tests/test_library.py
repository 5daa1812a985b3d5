from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.errors import BadInput, BadUsage
from sim.library import Library, shipped_root
from tests.load.worlds import BAD, copied, variant

shipped = Library([])
POLICIES = [entry.name for entry in shipped.entries("policy")]
SCENARIOS = [entry.name for entry in shipped.entries("scenario")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return copied(tmp_path)


@pytest.mark.parametrize("name", [entry.name for entry in shipped.entries("evidence")])
def test_shipped_ledgers_are_good(name: str) -> None:
    assert shipped.load_evidence(name).spec.facts


def world(name: str) -> str:
    """A sub-folder is a world of its own: the policies in it are for the scenarios in it."""
    return name.rpartition("/")[0]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_shipped_policies_fit_the_shipped_scenarios_of_their_world(scenario: str) -> None:
    policies = [policy for policy in POLICIES if world(policy) == world(scenario)]
    assert policies
    for policy in policies:
        pair = shipped.load_pair(scenario, policy)
        assert pair.warnings == (), f"{scenario} × {policy}"


def test_file_names_are_the_names_inside() -> None:
    assert all(shipped.load_policy(name).spec.name == name.split("/")[-1] for name in POLICIES)
    assert all(shipped.load_scenario(name).spec.name == name.split("/")[-1] for name in SCENARIOS)


def test_the_default_policy(folder: Path) -> None:
    assert Library([]).load_pair("good-scenario.yaml").policy.spec.name == "good-policy"
    Path("alone.yaml").write_text((folder / "good-scenario.yaml").read_text().replace("policy: good-policy\n", ""))
    with pytest.raises(BadUsage, match="names no policy of its own; give one with --policy"):
        Library([]).load_pair("alone.yaml")


def test_unknown_names() -> None:
    with pytest.raises(BadUsage, match="unknown policy 'phased-aproach'; did you mean 'phased-approach'\\?"):
        shipped.load_policy("phased-aproach")
    with pytest.raises(BadUsage, match="unknown scenario 'austin/since-teh-chart'; did you mean 'austin/since-the-chart'\\?"):
        shipped.load_scenario("austin/since-teh-chart")
    with pytest.raises(BadUsage, match=r"there is no scenario '\./none\.yaml': no such file"):
        shipped.load_scenario("./none.yaml")
    with pytest.raises(BadUsage):
        shipped.load_policy("\0")


def test_own_files_hide_the_shipped_ones(folder: Path) -> None:
    (folder / "configs" / "austin").mkdir(parents=True)
    text = (folder / "good-policy.yaml").read_text().replace("[ledger]", "[../ledger.yaml]")
    (folder / "configs" / "phased-approach.yaml").write_text(text)
    (folder / "configs" / "austin" / "stages.yaml").write_text(text.replace("../ledger", "../../ledger"))
    library = Library()
    assert library.load_policy("phased-approach").spec.name == "good-policy"
    assert library.load_policy("austin/stages").spec.name == "good-policy"
    entries = {entry.name: entry for entry in library.entries("policy")}
    assert entries["phased-approach"].title == "A policy without mistakes"
    assert "austin/stages" in entries
    assert "austin/staged-alert" in entries, "the shipped files of a sub-folder stay in sight beside one's own"
    assert Library([]).load_policy("phased-approach").spec.name == "phased-approach"


def test_a_world_in_a_folder_of_its_own(folder: Path) -> None:
    """A scenario in scenarios/hills/ finds its policy in configs/hills/ and its ledger in configs/hills/evidence/."""
    (folder / "configs" / "hills" / "evidence").mkdir(parents=True)
    (folder / "scenarios" / "hills").mkdir(parents=True)
    (folder / "configs" / "hills" / "good-policy.yaml").write_text((folder / "good-policy.yaml").read_text())
    (folder / "configs" / "hills" / "evidence" / "ledger.yaml").write_text((folder / "ledger.yaml").read_text())
    (folder / "scenarios" / "hills" / "good-scenario.yaml").write_text((folder / "good-scenario.yaml").read_text())
    for name in ("good-policy.yaml", "good-scenario.yaml", "ledger.yaml"):
        (folder / name).unlink()
    library = Library()
    pair = library.load_pair("hills/good-scenario")
    assert pair.policy.path == folder / "configs" / "hills" / "good-policy.yaml"
    assert folder / "configs" / "hills" / "evidence" / "ledger.yaml" in [each.path for each in pair.inputs]
    assert library.load_evidence("hills/ledger").spec.name == "ledger"
    names = {kind: [each.name for each in library.entries(kind)] for kind in ("policy", "scenario", "evidence")}
    assert "hills/good-policy" in names["policy"]
    assert "hills/good-scenario" in names["scenario"]
    assert "hills/ledger" in names["evidence"]
    assert not [name for name in names["policy"] if "ledger" in name]


def test_a_variant_may_bear_the_name_of_what_it_extends(folder: Path) -> None:
    (folder / "configs").mkdir()
    (folder / "configs" / "phased-approach.yaml").write_text("kind: policy\nname: mine\ntitle: Mine\nextends: phased-approach\n")
    assert Library().load_policy("phased-approach").spec.name == "mine"


def test_entries_are_cheap_and_forgiving(folder: Path) -> None:
    (folder / "scenarios" / "exercises").mkdir(parents=True)
    (folder / "scenarios" / "broken.yaml").write_bytes(b"title: [\xff\n")
    (folder / "scenarios" / "exercises" / "fog.yaml").write_text("kind: exercise\ntitle: 'Fog: of war' # yes\n")
    library = Library()
    titles = {entry.name: entry.title for entry in library.entries("scenario")}
    assert titles["broken"] == ""
    assert "exercises/fog" not in titles
    assert [(entry.name, entry.title) for entry in library.entries("exercise") if entry.name == "fog"] == [("fog", "Fog: of war")]


def test_labels_are_what_the_user_would_recognise(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    variant(folder, "policy", "initial: clam")
    inner = folder / "inner"
    inner.mkdir()
    for ref in ("variant.yaml", "./variant.yaml", str(folder / "variant.yaml")):
        with pytest.raises(BadInput) as caught:
            Library([]).load_policy(ref)
        assert str(caught.value).startswith(f"{ref}:5:10: ")
    monkeypatch.chdir(inner)
    with pytest.raises(BadInput) as caught:
        Library([]).load_policy("../variant.yaml")
    assert str(caught.value).startswith("../variant.yaml:5:10: ")


def test_digests_and_text(folder: Path) -> None:
    loaded = Library([]).load_policy("good-policy.yaml")
    raw = (folder / "good-policy.yaml").read_bytes()
    assert loaded.inputs[0].sha256 == hashlib.sha256(raw).hexdigest()
    assert loaded.text == raw.decode()


@pytest.mark.usefixtures("folder")
def test_pair_inputs_name_each_file_once() -> None:
    pair = Library([]).load_pair("good-scenario.yaml")
    assert [each.path.name for each in pair.inputs] == ["good-scenario.yaml", "ledger.yaml", "good-policy.yaml"]


@pytest.mark.usefixtures("folder")
def test_load_any() -> None:
    for name in ("good-policy", "good-scenario", "ledger"):
        assert Library([]).load_any(f"{name}.yaml").spec.name == name
    with pytest.raises(BadUsage, match="unknown file or name"):
        Library([]).load_any("none.yaml")


def test_warnings(folder: Path) -> None:
    walk = "variables: {level: {moves: {drift: {walk: {volatility: 0.1}}, leaps: {jumps: {rate: 0.1, size: 1}}}}}"
    variant(folder, "scenario", walk)
    warned = Library([]).load_scenario("variant.yaml").warnings
    assert [problem.field for problem in warned] == ["variables.level.moves.drift.walk"]
    variant(folder, "policy", "reads: {level: {range: [0, 2]}, troops: {range: [1, 2]}}", "narrow")
    pair = Library([]).load_pair("good-scenario.yaml", "narrow.yaml")
    assert [problem.field for problem in pair.warnings] == ["reads.troops.default", "reads.level.range", "reads.troops.range"]


def test_a_signpost_that_no_guard_uses_need_not_be_there(folder: Path) -> None:
    variant(folder, "policy", "reads: {morale: {unit: points}}")
    assert Library([]).load_pair("good-scenario.yaml", "variant.yaml").policy.spec.reads["morale"].default is None


def test_the_shipped_files_lie_beside_the_package_or_in_it() -> None:
    assert (shipped_root() / "configs" / "phased-approach.yaml").is_file()


_PIECES = ["", "3", "x", "[]", "{}", "[a]", "{a: b}", "null", ".nan", "-1", "{uniform: [1, 2]}", "{value: 1}", "[[]]", "true"]
_GOOD = (BAD / "good-policy.yaml").read_text(encoding="utf-8"), (BAD / "good-scenario.yaml").read_text(encoding="utf-8")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([0, 1]), st.data())
def test_a_damaged_file_is_refused_or_read(folder: Path, which: int, data: st.DataObject) -> None:
    """Any line of a good file replaced by another piece of YAML."""
    lines = _GOOD[which].splitlines()
    at = data.draw(st.integers(1, len(lines) - 1))
    key = lines[at].split(":")[0]
    value = data.draw(st.sampled_from(_PIECES))
    (folder / "damaged.yaml").write_text("\n".join([*lines[:at], f"{key}: {value}", *lines[at + 1 :]]), encoding="utf-8")
    try:
        Library([]).load_any("damaged.yaml")
    except BadInput as error:
        assert "does not fit, got" not in str(error)  # noqa: PT017  # most damage is refused, some is not


def test_a_name_that_no_file_can_have() -> None:
    with pytest.raises(BadUsage, match="unknown scenario"):
        Library([]).load_pair("a" * 300, None)
