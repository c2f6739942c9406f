"""YAML is read as plain data, as MONAI's loader reads it, or refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from monai.bundle import ConfigParser

from radsal.core.errors import ModelRefusal
from radsal.inference.components import Component
from radsal.inference.package import read_package
from radsal.inference.yaml_data import parse_yaml

_PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _PLAIN, max_size=5))
def test_that_what_monai_would_dump_is_read_as_pyyaml_reads_it(document: dict[str, Any]) -> None:
    text = yaml.dump(document, Dumper=_Plain)
    assert parse_yaml(text) == yaml.safe_load(text)


class _Plain(yaml.SafeDumper):
    """PyYAML writes a list that stands twice as anchor and alias, which a file by hand has not."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


@pytest.mark.parametrize(
    "text",
    ["yes", "on", "~", "1e-5", "1.0e-5", "0x1F", "017", "1_000", "1:30", "'1'", "a: b", "[1, two]"],
)
def test_that_a_value_is_read_as_monais_loader_reads_it(text: str, tmp_path: Path) -> None:
    path = tmp_path / "inference.yaml"
    path.write_text(f"key: {{v: {text}}}\n" if ":" not in text else f"key:\n  {text}\n")
    assert parse_yaml(path.read_text()) == ConfigParser.load_config_file(path)


BAD: dict[str, str] = {
    "a python object": "a: !!python/object/apply:os.system ['touch canary']",
    "a python name": "a: !!python/name:os.system",
    "a tag of one's own": "a: !evil 1",
    "a harmless tag": "a: !!str 1",
    "the empty tag": "a: ! 1",
    "binary": "a: !!binary aGVsbG8=",
    "an anchor": "a: &x 1",
    "an alias": "a: &x [1]\nb: *x",
    "a bomb of aliases": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "an alias to itself": "a: &a [*a]",
    "a merge": "a: {x: 1}\n<<: {b: 2}",
    "a date": "a: 2024-01-02",
    "a set": "a: !!set {x}",
    "a key twice": "a: 1\na: 2",
    "a key twice further down": "a: {b: 1, b: 2}",
    "a number for a key": "0: a",
    "a truth value for a key": "yes: a",
    "a list for a key": "? [a]\n: b",
    "infinity": "a: .inf",
    "no number": "a: .nan",
    "two documents": "a: 1\n---\nb: 2",
    "a directive": "%TAG ! tag:evil,2000:\n---\na: !x 1",
    "brackets a thousand deep": "a: " + "[" * 1000 + "]" * 1000,
    "blocks a thousand deep": "\n".join(" " * i + "a:" for i in range(1000)),
    "an endless number": "a: " + "9" * 10_000,
    "a control character": "a: \x07",
    "a tab for an indent": "a:\n\tb: 1",
    "an open bracket": "a: [1",
    "too much": "a: " + "x" * 300_000,
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_that_what_is_no_plain_data_is_refused(text: str, write_yaml: Any) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        parse_yaml(text)
    with pytest.raises(ModelRefusal) as caught:
        read_package(write_yaml(text))
    assert caught.value.reason.startswith("configs/inference.yaml: is not strict YAML (")
    assert "YAML" in caught.value.remedy


@pytest.fixture
def write_yaml(write_package: Any) -> Callable[[str], Path]:
    """A sound package whose inference file is that text."""

    def write(text: str) -> Path:
        folder: Path = write_package()
        (folder / "configs/inference.json").unlink()
        (folder / "configs/inference.yaml").write_text(text)
        return folder

    return write


def test_that_a_yaml_bundle_is_read_like_its_json_twin(
    write_yaml: Any, write_package: Any, sound_inference: Any, tmp_path: Path
) -> None:
    path = tmp_path / "exported.yaml"
    ConfigParser.export_config_file(sound_inference(), str(path), fmt="yaml")
    package = read_package(write_yaml(path.read_text()))
    assert package.inference == "configs/inference.yaml"
    twin = read_package(write_package("twin"))
    assert _plain(package.network, *package.preprocessing) == _plain(
        twin.network, *twin.preprocessing
    )
    assert package.identity.sha256 != twin.identity.sha256


def test_that_a_place_in_a_yaml_file_is_named_as_such(
    write_yaml: Any, sound_inference: Any
) -> None:
    config = sound_inference()
    config["network_def"]["out_channels"] = "$1 + 1"
    with pytest.raises(ModelRefusal) as caught:
        read_package(write_yaml(yaml.safe_dump(config)))
    assert caught.value.reason.startswith("configs/inference.yaml: network_def.out_channels: ")


def test_that_two_inference_files_are_one_too_many(
    write_package: Any, sound_inference: Any
) -> None:
    folder = write_package()
    (folder / "configs/inference.yaml").write_text(json.dumps(sound_inference()))
    with pytest.raises(ModelRefusal, match="which counts"):
        read_package(folder)


def _plain(*components: Component) -> list[tuple[str, dict[str, Any]]]:
    """Without the order of the arguments: MONAI's export sorts them."""
    return [(component.name, dict(component.arguments)) for component in components]
