"""The strict reader: sound packages are read as written, everything else is named and refused."""

import dataclasses
import hashlib
import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from radsal.core.errors import ModelRefusal
from radsal.inference.content import content_files, content_sha256
from radsal.inference.package import Intended, read_package, verify


def refusal(folder: Path) -> ModelRefusal:
    with pytest.raises(ModelRefusal) as caught:
        read_package(folder)
    assert caught.value.remedy
    return caught.value


def test_that_a_sound_package_is_read_as_written(write_package: Any) -> None:
    package = read_package(write_package())
    assert package.id == "test-model"
    assert package.version == "0.1.0"
    assert package.labels == ("Opacity", "Effusion")
    assert package.operating_points == (0.4, 0.6)
    assert package.activation == "sigmoid"
    assert package.network.name == "DenseNet"
    assert package.network.get("block_config") == (2, 2)
    assert [step.name for step in package.preprocessing] == [
        "EnsureChannelFirst",
        "ScaleIntensity",
        "Resize",
    ]
    assert package.weights.name == "model.safetensors"
    assert package.card_text() == "# A card\n"
    assert package.notes == ()
    assert package.label_index("Effusion") == 1


def test_that_a_package_is_frozen_and_can_cross_to_another_process(write_package: Any) -> None:
    package = read_package(write_package())
    with pytest.raises(dataclasses.FrozenInstanceError):
        package.version = "2"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(package)) == package


def test_that_missing_operating_points_become_one_half_with_a_note(
    write_package: Any, sound_metadata: Callable[..., dict[str, Any]]
) -> None:
    package = read_package(write_package(meta=sound_metadata(operating_points={"Opacity": 0.3})))
    assert package.operating_points == (0.3, 0.5)
    assert "Effusion" in package.notes[0]


def test_that_missing_postprocessing_means_sigmoid_with_a_note(
    write_package: Any, sound_inference: Callable[[], dict[str, Any]]
) -> None:
    config = sound_inference()
    del config["postprocessing"]
    package = read_package(write_package(config=config))
    assert package.activation == "sigmoid"
    assert "sigmoid" in package.notes[0]


def test_that_a_package_without_an_id_is_called_by_its_folder(
    write_package: Any, sound_metadata: Callable[..., dict[str, Any]]
) -> None:
    meta = sound_metadata()
    del meta["radsal"]
    assert read_package(write_package("plain-bundle", meta=meta)).id == "plain-bundle"


def test_that_an_image_outside_the_intended_use_meets_objections() -> None:
    intended = Intended(("DX", "CR"), ("CHEST",), ("PA", "AP"))
    assert intended.objections(modality="dx", body_part="CHEST", view="") == ()
    objections = intended.objections(modality="CT", body_part="CHEST", view="LL")
    assert [word in text for word, text in zip(("CT", "LL"), objections, strict=True)] == [True] * 2


# --- the identity ---------------------------------------------------------------------------


def test_that_the_sha256_is_that_of_the_stated_stream(write_package: Any) -> None:
    folder = write_package()
    stream = b""
    for name in ("configs/inference.json", "configs/metadata.json", "docs/README.md"):
        content = (folder / name).read_bytes()
        stream += name.encode() + b"\0" + len(content).to_bytes(8, "big") + content
    weights = (folder / "models/model.safetensors").read_bytes()
    stream += b"models/model.safetensors\0" + len(weights).to_bytes(8, "big") + weights
    assert content_sha256(folder) == hashlib.sha256(stream).hexdigest()


def test_that_one_changed_byte_anywhere_changes_the_identity(write_package: Any) -> None:
    folder = write_package()
    package = read_package(folder)
    for name in content_files(folder):
        path = folder / name
        before = path.read_bytes()
        path.write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
        with pytest.raises(ModelRefusal, match="changed"):
            verify(package)
        path.write_bytes(before)
    verify(package)


def test_that_hidden_files_and_files_beside_the_package_do_not_count(write_package: Any) -> None:
    folder = write_package()
    before = content_sha256(folder)
    (folder / "configs/.DS_Store").write_bytes(b"x")
    (folder / "scripts").mkdir()
    (folder / "scripts/evil.py").write_text("raise SystemExit")
    assert content_sha256(folder) == before


# --- layout ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "named"),
    [
        ("configs/metadata.json", "configs/metadata.json"),
        ("configs/inference.json", "configs/inference.json"),
        ("models/model.safetensors", "models/"),
    ],
)
def test_that_a_missing_file_is_named(write_package: Any, missing: str, named: str) -> None:
    folder = write_package()
    (folder / missing).unlink()
    assert refusal(folder).reason.startswith(named)


def test_that_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.pt"
    path.write_bytes(b"x")
    assert refusal(path).code == "model-layout"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("slot", ["docs/other.md", "models/model.pt", "configs/sub"])
def test_that_a_link_out_of_the_package_is_refused(
    write_package: Any, tmp_path: Path, slot: str
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("not yours")
    folder = write_package()
    (folder / slot).symlink_to(secret)
    assert "link" in refusal(folder).reason


@pytest.mark.parametrize("name", ["../escape", "/etc/passwd", "A B", "", "x" * 65, 7, ".hidden"])
def test_that_an_id_that_could_leave_its_folder_is_refused(
    write_package: Any, sound_metadata: Callable[..., dict[str, Any]], name: object
) -> None:
    found = refusal(write_package(meta=sound_metadata(id=name)))
    assert found.reason.startswith("configs/metadata.json: radsal.id")


def test_that_an_oversized_configuration_is_refused(
    write_package: Any, sound_inference: Callable[[], dict[str, Any]]
) -> None:
    config = {**sound_inference(), "padding": "x" * (1 << 20)}
    assert refusal(write_package(config=config)).code == "model-too-large"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        "[" * 100_000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        "\ufeff{}",
    ],
)
def test_that_what_is_not_strict_json_is_refused(write_package: Any, text: str) -> None:
    assert refusal(write_package(config=text)).reason.startswith("configs/inference.json")


# --- programs -------------------------------------------------------------------------------

EVIL: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    (
        "an import in a list of imports",
        lambda c: c.update(imports=["$import os"]),
        "configs/inference.json: imports[0]",
    ),
    ("an import section", lambda c: c.update(imports=["os"]), "configs/inference.json: imports"),
    (
        "an expression in a value",
        lambda c: c["network_def"].update(in_channels="$__import__('os').system('x')"),
        "configs/inference.json: network_def.in_channels",
    ),
    (
        "an expression in a key",
        lambda c: c.update({"$x": 1}),
        "configs/inference.json: $x",
    ),
    (
        "an expression behind blanks",
        lambda c: c["preprocessing"]["transforms"][1].update(minv="  $1"),
        "configs/inference.json: preprocessing.transforms[1].minv",
    ),
    (
        "an expression in an entry that nobody reads",
        lambda c: c.update(extra={"deep": [0, {"x": "$print(1)"}]}),
        "configs/inference.json: extra.deep[1].x",
    ),
    (
        "a reference",
        lambda c: c["network_def"].update(in_channels="@channels"),
        "configs/inference.json: network_def.in_channels",
    ),
    (
        "a macro",
        lambda c: c["network_def"].update(in_channels="%other.json#x"),
        "configs/inference.json: network_def.in_channels",
    ),
    (
        "a network that runs a command",
        lambda c: c["network_def"].update(_target_="os.system"),
        "configs/inference.json: network_def._target_",
    ),
    (
        "a network of another module with an allowed name",
        lambda c: c["network_def"].update(_target_="evil.DenseNet"),
        "configs/inference.json: network_def._target_",
    ),
    (
        "a segmentation network",
        lambda c: c["network_def"].update(_target_="UNet"),
        "configs/inference.json: network_def._target_",
    ),
    (
        "a network without a name",
        lambda c: c["network_def"].pop("_target_"),
        "configs/inference.json: network_def",
    ),
    (
        "a transform that runs a function",
        lambda c: c["preprocessing"]["transforms"].append({"_target_": "Lambda", "func": "x"}),
        "configs/inference.json: preprocessing.transforms[3]._target_",
    ),
    (
        "a transform of another library",
        lambda c: c["preprocessing"]["transforms"].insert(2, {"_target_": "subprocess.call"}),
        "configs/inference.json: preprocessing.transforms[2]._target_",
    ),
    (
        "something else than Compose",
        lambda c: c["preprocessing"].update(_target_="monai.transforms.RandomOrder"),
        "configs/inference.json: preprocessing._target_",
    ),
    (
        "a Compose with more than its transforms",
        lambda c: c["preprocessing"].update(lazy=True),
        "configs/inference.json: preprocessing.lazy",
    ),
    (
        "a target in an entry that nobody reads",
        lambda c: c.update(evaluator={"a": [{"_target_": "os.system", "command": "x"}]}),
        "configs/inference.json: evaluator.a[0]",
    ),
    (
        "an unknown argument",
        lambda c: c["network_def"].update(hooks=1),
        "configs/inference.json: network_def.hooks",
    ),
    (
        "an unknown argument of a transform",
        lambda c: c["preprocessing"]["transforms"][2].update(device="cuda"),
        "configs/inference.json: preprocessing.transforms[2].device",
    ),
    (
        "a missing argument",
        lambda c: c["network_def"].pop("in_channels"),
        "configs/inference.json: network_def.in_channels",
    ),
    (
        "a three-dimensional network",
        lambda c: c["network_def"].update(spatial_dims=3),
        "configs/inference.json: network_def.spatial_dims",
    ),
    (
        "a truth value for a number",
        lambda c: c["network_def"].update(in_channels=True),
        "configs/inference.json: network_def.in_channels",
    ),
    (
        "an absurd width",
        lambda c: c["network_def"].update(init_features=10**12),
        "configs/inference.json: network_def.init_features",
    ),
    (
        "a download of weights",
        lambda c: c["network_def"].update(_target_="DenseNet121", pretrained=True),
        "configs/inference.json: network_def.pretrained",
    ),
    (
        "an activation layer by an unknown name",
        lambda c: c["network_def"].update(act=["os.system", {}]),
        "configs/inference.json: network_def.act",
    ),
    (
        "an unknown argument of an activation layer",
        lambda c: c["network_def"].update(act=["relu", {"callback": 1}]),
        "configs/inference.json: network_def.act",
    ),
    (
        "a key that is not the image",
        lambda c: c.update(preprocessing=[{"_target_": "ScaleIntensityd", "keys": ["label"]}]),
        "configs/inference.json: preprocessing[0].keys",
    ),
    (
        "array and dictionary forms in one list",
        lambda c: c["preprocessing"]["transforms"].append(
            {"_target_": "ScaleIntensityd", "keys": "image"}
        ),
        "configs/inference.json: preprocessing.transforms",
    ),
    (
        "LoadImage in the middle",
        lambda c: c["preprocessing"]["transforms"].append({"_target_": "LoadImage"}),
        "configs/inference.json: preprocessing.transforms[3]",
    ),
    (
        "LoadImage that adds no channel",
        lambda c: c.update(preprocessing=[{"_target_": "LoadImage"}]),
        "configs/inference.json: preprocessing[0]",
    ),
    (
        "axes switched for a reader that has no such switch",
        lambda c: c.update(
            preprocessing=[
                {"_target_": "LoadImage", "ensure_channel_first": True, "swap_ij": False}
            ]
        ),
        "configs/inference.json: preprocessing[0].swap_ij",
    ),
    (
        "a reader of one's own",
        lambda c: c.update(preprocessing=[{"_target_": "LoadImage", "reader": "evil.Reader"}]),
        "configs/inference.json: preprocessing[0].reader",
    ),
    (
        "more outputs than labels",
        lambda c: c["network_def"].update(out_channels=3),
        "configs/inference.json: network_def",
    ),
    (
        "sigmoid and softmax at once",
        lambda c: c["postprocessing"]["transforms"][0].update(softmax=True),
        "configs/inference.json: postprocessing.transforms[0]",
    ),
    (
        "a threshold in the postprocessing",
        lambda c: c["postprocessing"]["transforms"].append({"_target_": "AsDiscrete"}),
        "configs/inference.json: postprocessing.transforms[1]._target_",
    ),
]


@pytest.mark.parametrize(("change", "place"), [e[1:] for e in EVIL], ids=[e[0] for e in EVIL])
def test_that_an_inference_file_is_refused_at_the_very_place_of(
    write_package: Any,
    sound_inference: Callable[[], dict[str, Any]],
    change: Callable[[dict[str, Any]], Any],
    place: str,
) -> None:
    config = sound_inference()
    change(config)
    assert refusal(write_package(config=config)).reason.startswith(f"{place}: ")


BAD_METADATA: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("an expression", lambda m: m.update(authors="$import os"), "authors"),
    (
        "no labels",
        lambda m: m["network_data_format"]["outputs"].pop("pred"),
        "network_data_format.outputs.pred",
    ),
    (
        "labels with a gap",
        lambda m: m["network_data_format"]["outputs"]["pred"].update(
            channel_def={"0": "Opacity", "2": "Effusion"}
        ),
        "network_data_format.outputs.pred.channel_def",
    ),
    (
        "a label twice",
        lambda m: m["network_data_format"]["outputs"]["pred"].update(
            channel_def={"0": "Opacity", "1": "Opacity"}
        ),
        "network_data_format.outputs.pred.channel_def",
    ),
    ("a block that is no object", lambda m: m.update(radsal=[1]), "radsal"),
    (
        "an operating point of no label",
        lambda m: m["radsal"]["operating_points"].update(Mass=0.5),
        "radsal.operating_points.Mass",
    ),
    (
        "an operating point above one",
        lambda m: m["radsal"]["operating_points"].update(Opacity=1.5),
        "radsal.operating_points.Opacity",
    ),
    (
        "an intended use in unknown terms",
        lambda m: m["radsal"]["intended"].update(age=["70"]),
        "radsal.intended",
    ),
    (
        "an intended modality that is no list",
        lambda m: m["radsal"]["intended"].update(modality="DX"),
        "radsal.intended.modality",
    ),
]


@pytest.mark.parametrize(
    ("change", "place"), [e[1:] for e in BAD_METADATA], ids=[e[0] for e in BAD_METADATA]
)
def test_that_a_metadata_file_is_refused_at_the_very_place_of(
    write_package: Any,
    sound_metadata: Callable[..., dict[str, Any]],
    change: Callable[[dict[str, Any]], Any],
    place: str,
) -> None:
    meta = sound_metadata()
    change(meta)
    found = refusal(write_package(meta=meta))
    assert found.reason.startswith(f"configs/metadata.json: {place}: ")


def test_that_a_dollar_inside_a_description_is_no_expression(
    write_package: Any, sound_metadata: Callable[..., dict[str, Any]]
) -> None:
    meta = {**sound_metadata(), "description": "Trained for 5 $ of electricity."}
    assert read_package(write_package(meta=meta)).id == "test-model"


@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e400", "-1e400"])
def test_that_a_number_beyond_any_float_is_refused(
    write_package: Any, sound_inference: Callable[[], dict[str, Any]], number: str
) -> None:
    config = sound_inference()
    config["network_def"]["dropout_prob"] = "HERE"
    text = json.dumps(config).replace('"HERE"', number)
    found = refusal(write_package(config=text))
    assert found.reason.startswith("configs/inference.json: network_def.dropout_prob: ")


def test_that_a_refusal_quotes_no_more_of_a_package_than_a_person_reads(
    write_package: Any, sound_inference: Callable[[], dict[str, Any]]
) -> None:
    config = sound_inference()
    config["network_def"]["_target_"] = "x" * 500_000
    assert len(refusal(write_package(config=config)).reason) < 1000
