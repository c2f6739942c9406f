"""Bundles of MONAI's own tools, from the DICOM file to the logit, beside MONAI's own run of them.

The bundle is exported by MONAI's ``ConfigParser``, and the same file is then run by it (trusted:
the test wrote it): its ``PydicomReader`` reads the film, its ``Compose`` prepares it. For
MONOCHROME1, which MONAI's readers leave as it is stored, MONAI is given the same film stored as
MONOCHROME2.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from monai.bundle import ConfigParser
from numpy.typing import NDArray

from radsal.core.errors import ModelRefusal
from radsal.dicom.gray.model_input import model_input
from radsal.dicom.reading import read_radiograph
from radsal.inference.classifier import load_classifier
from radsal.inference.package import read_package
from radsal.workflow.analysis import AnalysisRequest
from radsal.workflow.compute import analyse

pytestmark = pytest.mark.filterwarnings("ignore:NvImgCodec", "ignore:PydicomReader")

LABELS = ("Opacity", "Effusion", "Nodule")
ROWS, COLUMNS = 150, 110

FAMILIES: dict[str, dict[str, Any]] = {
    "DenseNet121": {"spatial_dims": 2, "in_channels": 1, "out_channels": 3},
    "DenseNet": {
        "spatial_dims": 2, "in_channels": 1, "out_channels": 3, "init_features": 16,
        "growth_rate": 8, "block_config": [2, 3], "act": ["leakyrelu", {"negative_slope": 0.1}],
    },
    "resnet10": {
        "spatial_dims": 2, "n_input_channels": 1, "num_classes": 3, "widen_factor": 0.5,
        "conv1_t_size": 5, "conv1_t_stride": 2, "shortcut_type": "A", "bias_downsample": False,
    },
    "ResNet": {
        "block": "bottleneck", "layers": [1, 1, 1, 1], "block_inplanes": [8, 8, 16, 16],
        "spatial_dims": 2, "n_input_channels": 1, "num_classes": 3, "no_max_pool": True,
    },
    "SEResNet50": {
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3, "layers": [1, 1, 1, 1],
    },
    "SEResNext50": {
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3, "layers": [1, 1, 1, 1],
    },
    "SENet154": {
        "spatial_dims": 2, "in_channels": 1, "num_classes": 3, "layers": [1, 1, 1, 1],
        "dropout_prob": 0.2,
    },
    "EfficientNetBN": {
        "model_name": "efficientnet-b0", "pretrained": False, "spatial_dims": 2,
        "in_channels": 1, "num_classes": 3,
    },
    "ViT": {
        "in_channels": 1, "img_size": [64, 48], "patch_size": 16, "hidden_size": 48,
        "mlp_dim": 64, "num_layers": 2, "num_heads": 4, "classification": True,
        "num_classes": 3, "spatial_dims": 2, "post_activation": None, "qkv_bias": True,
    },
    "Classifier": {
        "in_shape": [1, 64, 48], "classes": 3, "channels": [4, 8, 8], "strides": [2, 2, 1],
        "act": "relu", "norm": "batch",
    },
    "Regressor": {
        "in_shape": [1, 64, 48], "out_shape": [3], "channels": [4, 8], "strides": [2, 2],
        "num_res_units": 0, "kernel_size": 5,
    },
}  # fmt: skip
"""One or more of each allow-listed family, in sizes that a test can pay for."""


def step(name: str, **arguments: Any) -> dict[str, Any]:
    return {"_target_": f"{name}d", "keys": "@image_key", **arguments}


def load(**arguments: Any) -> dict[str, Any]:
    return step("LoadImage", reader="PydicomReader", ensure_channel_first=True, **arguments)


CHAINS: dict[str, list[dict[str, Any]]] = {
    "column first": [
        load(),
        step("ScaleIntensityRangePercentiles", lower=1, upper=99, b_min=0, b_max=1, clip=True),
        step("Resize", spatial_size="@size", mode="bilinear", anti_aliasing=True),
        step("EnsureType"),
    ],
    "row first": [
        load(swap_ij=False),
        step("ScaleIntensity"),
        step("Resize", spatial_size="@size", mode="area"),
        step("NormalizeIntensity", subtrahend=0.449, divisor=0.226),
    ],
    "longest side and padding": [
        load(),
        step("ScaleIntensity", minv=-1.0, maxv=1.0),
        step("Resize", spatial_size=64, size_mode="longest", mode="bicubic"),
        step("ResizeWithPadOrCrop", spatial_size="@size", mode="constant", value=-1.0),
    ],
    "crop": [
        load(),
        step("CenterSpatialCrop", roi_size=[101, 120]),
        step("SpatialPad", spatial_size=[128, -1], mode="reflect"),
        step("NormalizeIntensity", nonzero=True),
        step("Resize", spatial_size="@size", mode="nearest-exact"),
    ],
}


def film(bits: int = 12) -> NDArray[np.int64]:
    """(rows, columns), a smooth body with noise over the whole range of the bits, asymmetric."""
    rng = np.random.default_rng(bits)
    rows, columns = np.mgrid[:ROWS, :COLUMNS] / 20.0
    waves = np.sin(rows * 1.3) * np.cos(columns) + 0.4 * rows / 7 + rng.normal(0, 0.1, rows.shape)
    part = (waves - waves.min()) / np.ptp(waves)
    return np.rint(part * ((1 << bits) - 1)).astype(np.int64)


SaveFilm = Callable[..., Path]


@pytest.fixture
def save_film(tmp_path: Path, new_film: Any) -> SaveFilm:
    def save(number: int, stored: NDArray[np.int64], bits: int, **changes: Any) -> Path:
        size = 8 if bits == 8 else 16
        raw = stored.astype(f"<u{size // 8}").tobytes()
        path: Path = new_film(
            number, Rows=stored.shape[0], Columns=stored.shape[1], PixelData=raw + b"\0" * (len(raw) % 2),
            BitsAllocated=size, BitsStored=bits, HighBit=bits - 1, **changes,
        )  # fmt: skip
        return path

    return save


@pytest.fixture
def make_bundle(tmp_path: Path) -> Callable[..., Path]:
    """A bundle with seeded weights, its inference file exported by MONAI."""

    def make(family: str, chain: str = "column first", fmt: str = "json", **changes: Any) -> Path:
        folder = tmp_path / "bundle"
        for part in ("configs", "models"):
            (folder / part).mkdir(parents=True)
        config = {
            "image_key": "image",
            "size": [64, 48],
            "network_def": {"_target_": family, **FAMILIES[family], **changes},
            "preprocessing": {"_target_": "Compose", "transforms": CHAINS[chain]},
            "postprocessing": {"_target_": "Activationsd", "keys": "pred", "sigmoid": True},
        }
        ConfigParser.export_config_file(config, str(folder / f"configs/inference.{fmt}"), fmt=fmt)
        (folder / "configs/metadata.json").write_text(json.dumps(METADATA))
        network = seeded(ConfigParser(config).get_parsed_content("network_def"))
        safetensors.torch.save_file(network.state_dict(), folder / "models/model.safetensors")
        return folder

    return make


METADATA = {
    "version": "1.0.0",
    "network_data_format": {
        "outputs": {"pred": {"channel_def": {str(i): name for i, name in enumerate(LABELS)}}}
    },
}


def seeded(network: torch.nn.Module) -> torch.nn.Module:
    """Weights that make the logits depend on the film, whatever a family starts with."""
    generator = torch.Generator().manual_seed(7)
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.uniform_(0.5, 1.5, generator=generator)
        elif name.endswith(("running_mean", "bias")):
            tensor.normal_(0, 0.1, generator=generator)
        elif tensor.ndim == 1 and tensor.is_floating_point():
            tensor.uniform_(0.8, 1.2, generator=generator)
        elif tensor.is_floating_point():
            tensor.normal_(0, (2 / max(tensor[0].numel(), 1)) ** 0.5, generator=generator)
    return network


Run = Callable[[Path], torch.Tensor]


def monais(folder: Path) -> Run:
    """The logits of a film by MONAI alone."""
    (config,) = (folder / "configs").glob("inference.*")
    parser = ConfigParser()
    parser.read_config(config)
    network = parser.get_parsed_content("network_def").eval()
    network.load_state_dict(safetensors.torch.load_file(folder / "models/model.safetensors"))
    prepare = parser.get_parsed_content("preprocessing")

    def run(path: Path) -> torch.Tensor:
        image = prepare({"image": str(path)})["image"]
        with torch.no_grad():
            out = network(torch.as_tensor(np.asarray(image))[None])
        return (out[0] if isinstance(out, tuple) else out)[0]

    return run


def ours(folder: Path) -> Run:
    """The logits of a film by RadSal."""
    classifier = load_classifier(read_package(folder), "cpu")

    def run(path: Path) -> torch.Tensor:
        prepared = classifier.prepare(model_input(read_radiograph(path)).pixels)
        return torch.tensor([p.logit for p in classifier.predict(prepared.tensor)])

    return run


def check_equal(found: torch.Tensor, expected: torch.Tensor) -> None:
    difference = float((found - expected).abs().max())
    print(f"largest difference {difference:.1e} of logits to {float(expected.abs().max()):.2f}")
    assert difference <= 1e-5


@pytest.mark.parametrize("family", FAMILIES)
def test_that_every_family_gives_monais_logits_of_the_film(
    family: str, make_bundle: Any, save_film: SaveFilm
) -> None:
    folder = make_bundle(family)
    expected, found = monais(folder), ours(folder)
    path, other = save_film(1, film(), 12), save_film(2, film()[::-1, ::-1], 12)
    check_equal(found(path), expected(path))
    moved = float((expected(other) - expected(path)).abs().max())
    assert moved > 1e-4, "the network does not look at the film"


@pytest.mark.parametrize("chain", CHAINS)
@pytest.mark.parametrize("fmt", ["json", "yaml"])
def test_that_every_kind_of_preprocessing_gives_monais_logits(
    chain: str, fmt: str, make_bundle: Any, save_film: SaveFilm
) -> None:
    folder, path = make_bundle("DenseNet", chain, fmt), save_film(1, film(), 12)
    check_equal(ours(folder)(path), monais(folder)(path))


@pytest.mark.parametrize("rescale", [{}, {"RescaleSlope": "0.5", "RescaleIntercept": "-1024"}])
@pytest.mark.parametrize("chain", ["column first", "row first"])
def test_that_films_of_every_depth_and_polarity_give_monais_logits(
    chain: str, rescale: dict[str, str], make_bundle: Any, save_film: SaveFilm
) -> None:
    folder = make_bundle("DenseNet", chain)
    expected, found = monais(folder), ours(folder)
    for bits in (8, 10, 12, 16):
        stored = film(bits)
        bright = save_film(1, stored, bits, **rescale)
        check_equal(found(bright), expected(bright))
        turned = save_film(
            2, (1 << bits) - 1 - stored, bits, PhotometricInterpretation="MONOCHROME1", **rescale
        )
        check_equal(found(turned), expected(bright))
        # it would be noticed: MONAI itself is wrong in silence about MONOCHROME1
        assert float((expected(turned) - expected(bright)).abs().max()) > 1e-3


def test_that_the_axes_matter_to_what_is_tested(make_bundle: Any, save_film: SaveFilm) -> None:
    expected, stored = monais(make_bundle("DenseNet")), film()
    first = expected(save_film(1, stored, 12))
    other = expected(save_film(2, np.ascontiguousarray(stored.T), 12))
    assert float((first - other).abs().max()) > 1e-3


EXPLAINED = (
    "DenseNet",
    "resnet10",
    "ResNet",
    "SEResNext50",
    "EfficientNetBN",
    "ViT",
    "Classifier",
    "Regressor",
)


@pytest.mark.parametrize("family", EXPLAINED)
def test_that_every_family_is_explained_from_end_to_end(
    family: str, make_bundle: Any, save_film: SaveFilm, finished: Any
) -> None:
    package, path = read_package(make_bundle(family)), save_film(1, film(), 12)
    analysis = finished(analyse(read_radiograph(path), AnalysisRequest.of(package)))
    assert [m.finding for m in analysis.maps] == list(LABELS)
    assert all(m.values.size > 1 and m.mapping.transposed for m in analysis.maps)
    logits = ours(package.folder)(path)
    assert [p.logit for p in analysis.predictions] == pytest.approx(logits.tolist(), abs=1e-5)


def test_that_the_vits_own_tanh_is_kept_and_noted(make_bundle: Any, save_film: SaveFilm) -> None:
    folder, path = make_bundle("ViT", post_activation="Tanh"), save_film(1, film(), 12)
    check_equal(ours(folder)(path), monais(folder)(path))
    assert "Tanh" in read_package(folder).notes[0]


@pytest.mark.parametrize("family", ["ViT", "Classifier", "Regressor"])
def test_that_an_input_of_another_size_than_the_networks_is_refused(
    family: str, make_bundle: Any, save_film: SaveFilm
) -> None:
    changes = {"img_size": [48, 64]} if family == "ViT" else {"in_shape": [1, 48, 64]}
    folder, path = make_bundle(family, **changes), save_film(1, film(), 12)
    with pytest.raises(ModelRefusal, match="64 x 48, the network takes 48 x 64 only"):
        ours(folder)(path)


# a hand-made network: what is bright, summed --------------------------------------------------


def sum_brightness(folder: Path) -> None:
    """MONAI's Classifier with weights by hand: one feature map, the input itself, and its sum."""
    state = safetensors.torch.load_file(folder / "models/model.safetensors")
    for name, tensor in state.items():
        tensor.fill_(0.0 if name.endswith("bias") else 1.0)
    safetensors.torch.save_file(state, folder / "models/model.safetensors")


LANDMARK: dict[str, list[dict[str, Any]]] = {
    "column first": [load(), step("Resize", spatial_size="@size", mode="area")],
    "row first": [load(swap_ij=False), step("Resize", spatial_size="@size", mode="bilinear")],
    "smoothed": [
        load(), step("Resize", spatial_size="@size", mode="bilinear", anti_aliasing=True),
    ],
    "corners": [
        load(), step("Resize", spatial_size="@size", mode="bilinear", align_corners=True),
    ],
    "nearest": [load(), step("Resize", spatial_size="@size", mode="nearest")],
    "padded": [
        load(swap_ij=False), step("SpatialPad", spatial_size=[200, 240]),
        step("Resize", spatial_size="@size", mode="area"),
    ],
    "padded at the end": [
        load(), step("SpatialPad", spatial_size=[200, 240], method="end"),
        step("Resize", spatial_size="@size", mode="area"),
    ],
    "cropped": [
        load(), step("CenterSpatialCrop", roi_size=[91, 120]),
        step("Resize", spatial_size="@size", mode="area"),
    ],
    "longest side": [
        load(swap_ij=False),
        step("Resize", spatial_size=64, size_mode="longest", mode="bilinear"),
        step("ResizeWithPadOrCrop", spatial_size="@size"),
    ],
    "cropped, not resized": [load(), step("ResizeWithPadOrCrop", spatial_size=[64, 48])],
}  # fmt: skip


@pytest.mark.parametrize("chain", LANDMARK)
def test_that_the_map_of_a_bright_square_lies_on_the_square_in_the_image(
    chain: str, make_bundle: Any, save_film: SaveFilm, finished: Any, monkeypatch: Any
) -> None:
    monkeypatch.setitem(CHAINS, chain, LANDMARK[chain])
    folder = make_bundle(
        "Classifier", chain, channels=[1], strides=[1], kernel_size=1, num_res_units=0
    )
    sum_brightness(folder)
    stored = np.zeros((ROWS, COLUMNS), np.int64)
    top, left, side = 82, 60, 12
    stored[top : top + side, left : left + side] = 4000
    radiograph = read_radiograph(save_film(1, stored, 12))
    request = AnalysisRequest.of(read_package(folder), "gradcam", LABELS[0])
    analysis = finished(analyse(radiograph, request))
    saliency = analysis.maps[0]
    rows, columns = np.mgrid[:ROWS, :COLUMNS] + 0.5
    image_map = np.clip(saliency.mapping.resample(saliency.values, (ROWS, COLUMNS)), 0, None)
    centre = [float((axis * image_map).sum() / image_map.sum()) for axis in (rows, columns)]
    cell = max(saliency.mapping.row_scale, saliency.mapping.column_scale)
    assert centre == pytest.approx([top + side / 2, left + side / 2], abs=0.5 * max(cell, 1))
    peak = analysis.hot_spots[0].peak
    assert top <= peak[0] <= top + side
    assert left <= peak[1] <= left + side
