"""The manifest as a file: read strictly, every mistake at its place, and held against what is here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import __version__, report
from sim.errors import BadInput, Place
from sim.library import shipped_root
from sim.manifest import differ
from sim.manifest.record import Manifest, read
from sim.manifest.tree import read_json

DIGEST = hashlib.sha256(b"").hexdigest()
SHIPPED = "shipped:scenarios/surge-to-front.yaml"


def document(**changes: Any) -> dict[str, Any]:
    raw = report.manifest(
        command="phased run surge-to-front",
        seed=1,
        inputs={SHIPPED: DIGEST},
        outputs={"summary.json": DIGEST},
        phased=__version__,
    )
    return {key: value for key, value in {**json.loads(raw), **changes}.items() if value is not ...}


def complaints(folder: Path, text: str | bytes, judge: Any = None) -> list[str]:
    path = folder / "manifest.json"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    with pytest.raises(BadInput) as caught:
        read(path, "m.json", judge)
    return str(caught.value).splitlines()


# the tree ---------------------------------------------------------------------------------------------------------------------

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4))


def tree(raw: bytes) -> Any:
    """The value read, or what is said of a text that a terminal or a file name could not bear."""
    try:
        root, problems = read_json(raw, "f")
    except BadInput as error:
        return str(error)
    return root.plain() if not problems else [str(each) for each in problems]


ODD = "the text holds the character U+"


@given(JSON, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_json_is_read_as_python_reads_it(value: Any, indent: Any, ascii_only: bool) -> None:
    found = tree(json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode())
    assert found == value or ODD in found


@given(st.text('[]{}",:0123456789.eE+-tfn \n\\u', max_size=30))
def test_what_python_refuses_is_refused(text: str) -> None:
    try:
        wanted = json.loads(text)
    except ValueError:
        with pytest.raises(BadInput):
            read_json(text.encode(), "f")
        return
    found = tree(text.encode())
    assert found == wanted or ODD in str(found) or "the key is here twice" in str(found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file is empty"),
        (" \n ", "2:2: the file is empty"),
        ('{"a": 1,}', "1:9: a key in double quotes is expected here"),
        ("{'a': 1}", "1:2: a key in double quotes is expected here"),
        ('{\n "a" 1}', "2:6: a colon is expected here, between a key and its value"),
        ('{"a": 1\n "b": 2}', "2:2: a comma or the closing } is expected here"),
        ("[1 2]", "1:4: a comma or the closing ] is expected here"),
        ('{"a": nil}', "1:7: a value is expected here: a text in double quotes, a number, true, false, null, a map or a list"),
        ('{"a": NaN}', "1:7: NaN is no JSON"),
        ('{"a": "x}', "1:7: the text that begins here is not closed"),
        ('{"a": "x\ny"}', "1:9: a line break or control character stands inside a text; close the text before it"),
        (r'{"a": "\x"}', "1:8: a backslash in a text begins an unknown or unfinished escape"),
        (r'{"a": "\u001b[2J"}', "1:7: the text holds the character U+001B, which may not stand there; remove it"),
        (r'{"a": "\ud800"}', "1:7: the text holds the character U+D800, which may not stand there; remove it"),
        ("{} {}", "1:4: the file goes on after its end; it holds one JSON value"),
        ("[" * 31, "1:31: maps and lists are nested deeper than 30 here"),
        ("[" * 100_000, "1:31: maps and lists are nested deeper than 30 here"),
        ("[" + "1," * 20_000, "the file holds more than 20,000 values"),
        ("[" + "1" * 1_000_000, "a comma or the closing ] is expected here"),
        (b'{"a": "\xff"}', "1:8: the file is not UTF-8 text: byte 0xff at offset 7; save it as UTF-8"),
        (b" " * ((1 << 20) + 1), "1:1: the file is too large: more than 1,048,576 bytes (1 MiB)"),
        ("[]", "1:1: a manifest is a map, got a list"),
        ("null", "1:1: a manifest is a map, got nothing"),
    ],
)
def test_wrong_json_is_told_at_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    (line,) = complaints(tmp_path, text)
    assert line.startswith("m.json:")
    assert line.endswith(message)


def test_a_key_that_is_here_twice(tmp_path: Path) -> None:
    text = json.dumps(document(), indent=1).replace('{\n "schema"', '{\n "seed": 2,\n "schema"', 1)
    assert complaints(tmp_path, text) == ["m.json:6:2: seed: the key is here twice; it first stands in line 2"]


# the record -------------------------------------------------------------------------------------------------------------------


def test_what_phased_writes_is_read(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    path.write_bytes(report.to_json(document(command="phased run x --set 'a={b: 1,\n c: 2}'")))
    found = read(path, "m.json").manifest
    assert found.words == ["run", "x", "--set", "a={b: 1,\n c: 2}"]
    assert found.model_dump(by_alias=True) == json.loads(path.read_bytes())


def test_every_mistake_at_once_and_at_its_place(tmp_path: Path) -> None:
    wrong = document(
        schema=2,
        comand="phased run x",
        command="phased path x",
        seed=-1,
        inputs={SHIPPED: "12", "shipped:../../etc/passwd": DIGEST},
        outputs={"../out.txt": DIGEST},
        python=None,
        machine=...,
        libraries=[],
    )
    assert complaints(tmp_path, json.dumps(wrong, indent=1)) == [
        "m.json:1:1: machine: is missing",
        "m.json:2:12: schema: must be 1, got 2: another version of phased wrote it, or none did",
        "m.json:4:13: command: 'path' is no command to run again; "
        "choose run, compare, hindcast, check, explain, quality, sensitivity or discover",
        "m.json:5:10: seed: must be a whole number, 0 or above, got -1",
        f"m.json:7:44: inputs.{SHIPPED}: must be a sha256: 64 digits and letters a to f, got '12'",
        "m.json:8:3: inputs.shipped:../../etc/passwd: leaves the folder of the shipped files",
        "m.json:11:3: outputs.../out.txt: leaves the folder of the report; an output is named by its path inside it",
        "m.json:13:12: python: must be text, got nothing",
        "m.json:14:2: libraries: must be a map of names, got a list",
        "m.json:15:2: comand: unknown key 'comand'; did you mean 'command'?",
    ]


@pytest.mark.parametrize("name", ["../x", "a/../../x", "/etc/passwd", "C:\\x", "C:x", "..\\x", "\\\\host\\x", "", ".", "a\nb"])
def test_an_output_stays_in_its_folder(tmp_path: Path, name: str) -> None:
    (line,) = complaints(tmp_path, json.dumps(document(outputs={name: DIGEST})))
    assert "leaves the folder" in line or "must be in one line" in line


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("", "must begin with phased run, compare, hindcast, check, explain, quality, sensitivity or discover, got ''"),
        (
            "phased",
            "must begin with phased run, compare, hindcast, check, explain, quality, sensitivity or discover, got 'phased'",
        ),
        ("rm -rf /", "must begin with phased run"),
        ("phased rnu x", "'rnu' is no command to run again; did you mean 'run'?"),
        ("phased init x", "'init' is no command to run again; choose run"),
        ("phased rerun m.json", "'rerun' is no command to run again; did you mean 'run'?"),
        ("phased run 'x", "cannot be split into words, as a shell does: no closing quotation"),
        ("phased run " + "x" * 100_000, "is too long: more than 100,000 letters"),
    ],
)
def test_a_command_that_is_none_of_the_three(tmp_path: Path, command: str, message: str) -> None:
    (line,) = complaints(tmp_path, json.dumps(document(command=command)))
    assert f": command: {message}" in line


def test_the_command_line_judges_the_words_beside_all_other_mistakes(tmp_path: Path) -> None:
    seen: list[list[str]] = []
    lines = complaints(tmp_path, json.dumps(document(seed="x")), lambda words: seen.append(words) or "is odd")
    assert [line.split(" ", 1)[1] for line in lines] == ["command: is odd", "seed: must be a whole number, 0 or above, got 'x'"]
    assert seen == [["run", "surge-to-front"]]


@pytest.mark.parametrize("key", ["inputs", "outputs"])
def test_no_files_at_all(tmp_path: Path, key: str) -> None:
    (line,) = complaints(tmp_path, json.dumps(document(**{key: {}})))
    assert line.endswith(f"{key}: must name at least one file")


@pytest.mark.parametrize("key", ["[key]", "schema_", "a.b", "model_config"])
def test_odd_keys(tmp_path: Path, key: str) -> None:
    (line,) = complaints(tmp_path, json.dumps(document(**{key: 1})))
    assert f": {key}: unknown key {key!r}; " in line
    lines = complaints(tmp_path, json.dumps(document(inputs={key: 1}, libraries={"[key]": "1"})))
    assert len(lines) == 2


# what differs -----------------------------------------------------------------------------------------------------------------


def manifest(**changes: Any) -> Manifest:
    return Manifest.model_validate(document(**changes))


def test_inputs(tmp_path: Path) -> None:
    (tmp_path / "same.yaml").write_bytes(b"")
    (tmp_path / "other.yaml").write_bytes(b"x")
    (tmp_path / "long.yaml").write_bytes(b"x" * (2 << 20))
    (tmp_path / "folder").mkdir()
    names = [SHIPPED, "same.yaml", "other.yaml", "long.yaml", "gone.yaml", "folder", "x" * 5_000, str(tmp_path / "same.yaml")]
    found = differ.inputs(manifest(inputs=dict.fromkeys(names, DIGEST)), tmp_path)
    assert [each.name for each in found] == names
    wanted = "changed unchanged changed changed missing missing missing unchanged".split()
    assert [each.status for each in found] == wanted
    assert found[0].here == hashlib.sha256((shipped_root() / "scenarios" / "surge-to-front.yaml").read_bytes()).hexdigest()


def test_the_folder_that_holds_more_of_the_inputs(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for name in ("here/a", "there/a", "there/b"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    assert differ.base(manifest(inputs={"a": DIGEST}), [here, there]) == here
    assert differ.base(manifest(inputs={"a": DIGEST, "b": DIGEST}), [here, there]) == there
    assert differ.base(manifest(), [here, there]) == here


def test_what_is_read_now_and_was_not_then(tmp_path: Path) -> None:
    for name in ("kept", "dropped", "more"):
        (tmp_path / name).write_bytes(b"")
    then = differ.inputs(manifest(inputs={"kept": DIGEST, "dropped": DIGEST}), tmp_path)
    made = manifest(inputs={str(tmp_path / "kept"): DIGEST, "more": DIGEST})
    now = differ.read_now(then, made, tmp_path)
    assert [(each.name, each.status) for each in now] == [("kept", "unchanged"), ("dropped", "not read"), ("more", "new")]


def test_versions() -> None:
    libraries = {**document()["libraries"], "numpy": "1.0", "abacus-lib": "1.0"}
    del libraries["pillow"]
    found = {each.name: each for each in differ.versions_of(manifest(machine="abacus", libraries=libraries))}
    assert list(found)[:3] == ["phased", "python", "machine"]
    assert {name for name, each in found.items() if not each.same} == {"machine", "numpy", "abacus-lib", "pillow"}
    assert (found["abacus-lib"].recorded, found["abacus-lib"].here) == ("1.0", None)
    assert (found["pillow"].recorded, found["machine"].recorded) == (None, "abacus")


def outputs(folder: Path, old: dict[str, bytes], new: dict[str, bytes]) -> dict[str, differ.Output]:
    for where, files in (("old", old), ("new", new)):
        (folder / where).mkdir()
        for name, content in files.items():
            (folder / where / name).write_bytes(content)
    recorded, made = (
        manifest(outputs={name: hashlib.sha256(each).hexdigest() for name, each in files.items()}) for files in (old, new)
    )
    found = differ.outputs(recorded, made, folder / "old", folder / "new")
    return {each.name: each for each in found}


def test_outputs(tmp_path: Path) -> None:
    old = {"same": b"1", "gone": b"2", "summary.json": b'{"a": {"b": [1, 2, 3]}, "c": "x"}', "daily.csv": b"1"}
    new = {"same": b"1", "more": b"3", "summary.json": b'{"a": {"b": [1, 5]}, "d": 4}', "daily.csv": b"2"}
    found = outputs(tmp_path, old, new)
    assert {name: each.status for name, each in found.items()} == {
        "same": "same",
        "gone": "missing",
        "summary.json": "differs",
        "daily.csv": "differs",
        "more": "new",
    }
    assert [(each.path, each.recorded, each.made) for each in found["summary.json"].fields] == [
        ("a.b.1", 2, 5),
        ("a.b.2", 3, None),
        ("c", "x", None),
        ("d", None, 4),
    ]


def test_only_the_first_few_fields(tmp_path: Path) -> None:
    old, new = (json.dumps([start + each for each in range(100)]).encode() for start in (0, 1))
    fields = outputs(tmp_path, {"a.json": old}, {"a.json": new})["a.json"].fields
    assert [(each.path, each.recorded, each.made) for each in fields] == [(str(at), at, at + 1) for at in range(differ.FEW)]


@pytest.mark.parametrize("old", [b"{", b"[" * 100_000, b'{"a": NaN}', b'{"a": 1e999}', b"\xff", b"1" * 10_000])
def test_an_old_file_that_is_no_json_tells_nothing(tmp_path: Path, old: bytes) -> None:
    assert outputs(tmp_path, {"a.json": old}, {"a.json": b"{}"})["a.json"].fields == ()


def test_an_old_file_that_is_not_the_recorded_one_tells_nothing(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    recorded, made = manifest(outputs={"a.json": DIGEST}), manifest(outputs={"a.json": "1" * 64})
    (tmp_path / "a.json").write_bytes(b'{"a": 1}')
    assert differ.outputs(recorded, made, tmp_path, tmp_path)[0].fields == ()
    assert differ.outputs(recorded, made, tmp_path / "old", tmp_path)[0].fields == ()


def test_places_count_from_one() -> None:
    root, _ = read_json(b'\xef\xbb\xbf{"a":\r\n  [1, "\xe2\x80\x93", 2]}', "f")
    values = root.items["a"].node.value
    assert isinstance(values, list)
    assert (root.place, root.items["a"].key) == (Place("f", 1, 1), Place("f", 1, 2))
    assert [each.place for each in values] == [Place("f", 2, 4), Place("f", 2, 7), Place("f", 2, 12)]
