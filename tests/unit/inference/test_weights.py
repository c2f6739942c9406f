"""Weights are tensors that fit, or they are refused; nothing in them ever runs."""

import pickle
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
from torch import nn

from radsal.core.errors import ModelRefusal
from radsal.inference.networks import load_network
from radsal.inference.package import read_package
from radsal.inference.weights import read_weights


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.write_text, (self.canary, "it ran")


class Writer(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x


def pt_package(write_package: Callable[..., Path], name: str = "test-model") -> Path:
    folder = write_package(name)
    (folder / "models/model.safetensors").unlink()
    return folder / "models/model.pt"


def load(path: Path) -> nn.Module:
    return load_network(read_package(path.parent.parent))


def test_that_safetensors_weights_arrive_bit_for_bit_frozen_and_in_evaluation_mode(
    write_package: Any, densenet: Any
) -> None:
    module = load_network(read_package(write_package()))
    expected = densenet(0).state_dict()
    assert {n: t.dtype for n, t in module.state_dict().items()} == {
        n: t.dtype for n, t in expected.items()
    }
    assert all(torch.equal(t, expected[n]) for n, t in module.state_dict().items())
    assert not any(parameter.requires_grad for parameter in module.parameters())
    assert not any(part.training for part in module.modules())


def test_that_loading_leaves_the_random_numbers_as_they_were(write_package: Any) -> None:
    package = read_package(write_package())
    before = torch.random.get_rng_state()
    load_network(package)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("wrapper", [None, "state_dict", "model", "net"])
@pytest.mark.parametrize("prefix", ["", "module."])
def test_that_a_plain_state_dict_in_a_pt_file_is_read(
    write_package: Any, densenet: Any, wrapper: str | None, prefix: str
) -> None:
    path = pt_package(write_package)
    state = {prefix + name: tensor for name, tensor in densenet(0).state_dict().items()}
    torch.save({wrapper: state} if wrapper else state, path)
    module = load(path)
    assert all(
        torch.equal(tensor, densenet(0).state_dict()[name])
        for name, tensor in module.state_dict().items()
    )


def test_that_safetensors_are_taken_where_both_files_are_there(
    write_package: Any, tmp_path: Path
) -> None:
    folder = write_package()
    torch.save({"evil": Payload(tmp_path / "canary")}, folder / "models/model.pt")
    load_network(read_package(folder))
    assert not (tmp_path / "canary").exists()


@pytest.mark.parametrize("depth", ["bare", "beside the weights", "in a wrapper"])
def test_that_a_malicious_pickle_is_refused_and_does_not_run(
    write_package: Any, densenet: Any, tmp_path: Path, depth: str
) -> None:
    canary = tmp_path / "canary"
    evil: Any = Payload(canary)
    if depth == "beside the weights":
        evil = {**densenet(0).state_dict(), "extra": evil}
    elif depth == "in a wrapper":
        evil = {"state_dict": densenet(0).state_dict(), "optimizer": evil}
    path = pt_package(write_package)
    torch.save(evil, path)
    with pytest.raises(ModelRefusal) as caught:
        load(path)
    assert caught.value.code == "model-code"
    assert "safetensors" in caught.value.remedy
    assert not canary.exists()


@pytest.mark.parametrize("protocol", [0, 2, 4])
def test_that_a_bare_pickle_is_refused_and_does_not_run(
    write_package: Any, tmp_path: Path, protocol: int
) -> None:
    canary, path = tmp_path / "canary", pt_package(write_package)
    path.write_bytes(pickle.dumps(Payload(canary), protocol))
    with pytest.raises(ModelRefusal):
        load(path)
    assert not canary.exists()


def test_that_a_pickled_whole_model_is_refused_with_the_way_to_convert_it(
    write_package: Any, densenet: Any
) -> None:
    path = pt_package(write_package)
    torch.save(densenet(0), path)
    with pytest.raises(ModelRefusal) as caught:
        load(path)
    assert "state dict" in caught.value.remedy


def test_that_torchscript_is_refused_as_code(write_package: Any) -> None:
    path = pt_package(write_package)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("model/data.pkl", b"x")
        archive.writestr("model/constants.pkl", b"x")
        archive.writestr("model/code/__torch__.py", b"x")
    with pytest.raises(ModelRefusal, match="TorchScript"):
        load(path)


def test_that_an_archive_with_a_damaged_directory_is_refused(write_package: Any) -> None:
    path = pt_package(write_package)
    torch.save({"features.conv0.weight": torch.zeros(1)}, path)
    raw = bytearray(path.read_bytes())
    raw[raw.rindex(b"PK\x01\x02")] ^= 0xFF
    path.write_bytes(raw)
    with pytest.raises(ModelRefusal) as caught:
        load(path)
    assert caught.value.code == "model-weights"


def test_that_an_archive_that_swells_when_unpacked_is_refused(
    write_package: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = pt_package(write_package)
    monkeypatch.setattr("radsal.inference.weights.LARGEST_WEIGHTS", 10_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data/0", b"\0" * 100_000)
    with pytest.raises(ModelRefusal) as caught:
        load(path)
    assert caught.value.code == "model-too-large"


def test_that_an_expanded_tensor_cannot_stand_for_a_large_one(write_package: Any) -> None:
    path = pt_package(write_package)
    torch.save({"features.conv0.weight": torch.zeros(1).expand(1 << 40)}, path)
    with pytest.raises(ModelRefusal):
        load(path)


BROKEN: list[tuple[str, Callable[[dict[str, torch.Tensor]], Any], str]] = [
    ("a tensor is missing", lambda s: s.pop("class_layers.out.bias"), "class_layers.out.bias"),
    ("a tensor is too many", lambda s: s.update(extra=torch.zeros(1)), "extra"),
    (
        "a shape differs",
        lambda s: s.update({"class_layers.out.bias": torch.zeros(3)}),
        "class_layers.out.bias",
    ),
    (
        "a dtype differs",
        lambda s: s.update({"class_layers.out.bias": torch.zeros(2, dtype=torch.float16)}),
        "class_layers.out.bias",
    ),
    (
        "a weight is not a number",
        lambda s: s.update({"class_layers.out.bias": torch.tensor([0.0, float("nan")])}),
        "class_layers.out.bias",
    ),
]


@pytest.mark.parametrize(("change", "named"), [b[1:] for b in BROKEN], ids=[b[0] for b in BROKEN])
@pytest.mark.parametrize("suffix", ["safetensors", "pt"])
def test_that_weights_are_refused_where(
    write_package: Any, densenet: Any, change: Any, named: str, suffix: str
) -> None:
    state = dict(densenet(0).state_dict())
    change(state)
    folder = write_package(state=state)
    if suffix == "pt":
        (folder / "models/model.safetensors").unlink()
        torch.save(state, folder / "models/model.pt")
    with pytest.raises(ModelRefusal, match=named):
        load_network(read_package(folder))


@pytest.mark.parametrize("content", [b"", b"\xff" * 64, b"\x08" + b"\0" * 7 + b"[1,2,3] "])
def test_that_a_damaged_safetensors_file_is_refused(write_package: Any, content: bytes) -> None:
    folder = write_package()
    (folder / "models/model.safetensors").write_bytes(content)
    with pytest.raises(ModelRefusal):
        load_network(read_package(folder))


def test_that_a_truncated_safetensors_file_is_refused(write_package: Any) -> None:
    path = write_package() / "models/model.safetensors"
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(ModelRefusal):
        read_weights(path)


def test_that_a_pickle_under_the_name_of_safetensors_does_not_run(
    write_package: Any, tmp_path: Path
) -> None:
    path = write_package() / "models/model.safetensors"
    torch.save({"x": Payload(tmp_path / "canary")}, tmp_path / "evil.pt")
    shutil.copy(tmp_path / "evil.pt", path)
    with pytest.raises(ModelRefusal):
        read_weights(path)
    assert not (tmp_path / "canary").exists()


def test_that_the_tensors_do_not_follow_the_file(write_package: Any, densenet: Any) -> None:
    folder = write_package()
    module = load_network(read_package(folder))
    other = {n: t + 1 for n, t in densenet(0).state_dict().items()}
    safetensors.torch.save_file(other, folder / "models/model.safetensors")
    assert torch.equal(
        module.state_dict()["class_layers.out.weight"],
        densenet(0).state_dict()["class_layers.out.weight"],
    )


def test_that_a_network_too_large_to_build_is_refused_before_memory_is_spent(
    write_package: Any, sound_inference: Any
) -> None:
    config = sound_inference()
    config["network_def"].update(init_features=4096, growth_rate=512, block_config=[128] * 4)
    with pytest.raises(ModelRefusal) as caught:
        load_network(read_package(write_package(config=config)))
    assert caught.value.code == "model-too-large"
