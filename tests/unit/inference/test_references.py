"""References inside one file: followed to what MONAI makes of them, refused by place otherwise."""

from collections.abc import Callable
from typing import Any

import pytest
from monai.bundle import ConfigParser

from radsal.core.errors import ModelRefusal
from radsal.inference.package import read_package
from radsal.inference.references import References

DOCUMENT: dict[str, Any] = {
    "size": [64, 48],
    "side": "@size::0",
    "channels": "@network_def::in_channels",
    "network_def": {"in_channels": 1, "widths": ["@channels", 2, "@size#1"]},
    "steps": [{"name": "a", "size": "@size"}, "@network_def"],
    "all": {"x": "@steps::0::name", "y": "@steps", "plain": "a@b", "z": {"w": "@side"}},
}


@pytest.mark.parametrize("entry", DOCUMENT)
def test_that_a_reference_stands_for_what_monai_resolves_it_to(entry: str) -> None:
    parser = ConfigParser(DOCUMENT)
    assert References(DOCUMENT, "file").entry(entry) == parser.get_parsed_content(entry)


def test_that_a_bundle_with_references_is_the_bundle_without(
    write_package: Any, sound_inference: Callable[[], dict[str, Any]]
) -> None:
    config = sound_inference()
    config["image_key"] = "image"
    config["size"] = [64, 48]
    config["labels"] = 2
    config["network_def"]["out_channels"] = "@labels"
    config["resizing"] = {
        "_target_": "Resized", "keys": "@image_key", "spatial_size": "@size", "mode": "bilinear",
    }  # fmt: skip
    config["preprocessing"]["transforms"] = [
        {
            "_target_": "EnsureChannelFirstd",
            "keys": ["@image_key"],
            "channel_dim": "no_channel",
        },
        {"_target_": "ScaleIntensityd", "keys": "@image_key"},
        "@resizing",
    ]
    config["activation"] = {"_target_": "Activationsd", "keys": "pred", "sigmoid": True}
    config["postprocessing"]["transforms"] = ["@activation"]
    package, plain = (
        read_package(write_package(config=config)),
        read_package(write_package("plain")),
    )
    assert (package.network, package.activation) == (plain.network, plain.activation)
    assert [(s.name, dict(s.arguments)) for s in package.preprocessing] == [
        (s.name, dict(s.arguments)) for s in plain.preprocessing
    ]


BAD: list[tuple[str, Callable[[dict[str, Any]], Any], str]] = [
    ("to itself", lambda c: c["network_def"].update(in_channels="@network_def::in_channels"), "network_def.in_channels"),
    ("to what holds it", lambda c: c["network_def"].update(in_channels="@network_def"), "network_def.in_channels"),
    ("round a ring", lambda c: (c.update(a="@b", b="@a"), c["network_def"].update(in_channels="@a")), "b"),
    ("to nothing", lambda c: c["network_def"].update(in_channels="@channels"), "network_def.in_channels"),
    ("beyond a list", lambda c: c["network_def"].update(in_channels="@preprocessing::transforms::7"), "network_def.in_channels"),
    ("before a list", lambda c: c["network_def"].update(in_channels="@preprocessing::transforms::-1"), "network_def.in_channels"),
    ("into a number", lambda c: c["network_def"].update(in_channels="@network_def::spatial_dims::0"), "network_def.in_channels"),
    ("from its own level", lambda c: c["network_def"].update(in_channels="@::spatial_dims"), "network_def.in_channels"),
    ("by the old sign from its own level", lambda c: c["network_def"].update(in_channels="@##spatial_dims"), "network_def.in_channels"),
    ("with more than its name", lambda c: c["network_def"].update(in_channels="@labels + 1"), "network_def.in_channels"),
    ("behind a blank", lambda c: c["network_def"].update(in_channels=" @labels"), "network_def.in_channels"),
    ("to another file", lambda c: c["network_def"].update(in_channels="@../train.json::a"), "network_def.in_channels"),
    ("in a key", lambda c: c["network_def"].update({"@a": 1}), "network_def.@a"),
    ("to a program", lambda c: (c.update(evil={"_target_": "os.system", "command": "x"}), c["preprocessing"]["transforms"].append("@evil")), "preprocessing.transforms[3]._target_"),
    ("for a name that is a program", lambda c: (c.update(evil="os.system"), c["network_def"].update(_target_="@evil")), "network_def._target_"),
    ("beside a program that nobody refers to", lambda c: (c.update(box={"a": 1, "b": {"_target_": "os.system"}}), c["network_def"].update(in_channels="@box::a")), "box.b"),
    ("to a thousand million values", lambda c: (c.update({f"x{i}": [f"@x{i + 1}"] * 10 for i in range(9)}, x9=[0]), c["network_def"].update(in_channels="@x0")), "x"),
    ("through sixty others", lambda c: (c.update({f"x{i}": f"@x{i + 1}" for i in range(80)}, x80=1), c["network_def"].update(in_channels="@x0")), "x"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "place"), [b[1:] for b in BAD], ids=[b[0] for b in BAD])
def test_that_a_reference_is_refused_at_its_place_when_it_leads(
    write_package: Any,
    sound_inference: Callable[[], dict[str, Any]],
    change: Callable[[dict[str, Any]], Any],
    place: str,
) -> None:
    config = sound_inference()
    change(config)
    with pytest.raises(ModelRefusal) as caught:
        read_package(write_package(config=config))
    assert caught.value.reason.startswith(f"configs/inference.json: {place}")
    assert caught.value.remedy


@pytest.mark.parametrize(
    "key", ["+preprocessing", "~network_def", "network_def::in_channels", "network_def#in_channels"]
)
def test_that_a_key_that_monai_would_fold_into_another_entry_is_refused(
    write_package: Any, sound_inference: Callable[[], dict[str, Any]], key: str
) -> None:
    with pytest.raises(ModelRefusal, match="fold"):
        read_package(write_package(config={**sound_inference(), key: 3}))
