"""Every allowed transform gives MONAI's own numbers, and the geometry comes back to the image."""

from typing import Any

import monai.transforms
import numpy as np
import pytest
import torch
from monai.data import MetaTensor, set_track_meta
from numpy.typing import NDArray

from radsal.core.errors import KnownError
from radsal.inference.components import read_preprocessing
from radsal.inference.preprocessing import Prepared, prepare

CHANNEL = {"_target_": "EnsureChannelFirst", "channel_dim": "no_channel"}


def step(name: str, **arguments: Any) -> dict[str, Any]:
    return {"_target_": name, **arguments}


def film(shape: tuple[int, int] = (97, 61), seed: int = 0) -> NDArray[np.float32]:
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    smooth = 900 * np.sin(rows / 11) + 700 * np.cos(columns / 7) + 1500
    return np.maximum(smooth + rng.normal(0, 60, shape), 0).astype(np.float32)


def ours(image: NDArray[np.float32], nodes: list[dict[str, Any]]) -> Prepared:
    return prepare(read_preprocessing(nodes, "here"), image)


def monais(image: NDArray[np.float32], nodes: list[dict[str, Any]]) -> torch.Tensor:
    """MONAI's Compose of the same nodes, on a plain array."""
    made = [
        getattr(monai.transforms, n["_target_"])(**{k: v for k, v in n.items() if k != "_target_"})
        for n in nodes
    ]
    out = monai.transforms.Compose(made)(image.copy())
    return torch.as_tensor(np.asarray(out))[None]


CHAINS: dict[str, list[dict[str, Any]]] = {
    "nothing but a channel": [],
    "a type": [step("EnsureType", data_type="tensor", dtype="float32")],
    "area": [step("Resize", spatial_size=[32, 40])],
    "area enlarged": [step("Resize", spatial_size=[200, 130])],
    "bilinear": [step("Resize", spatial_size=[32, 40], mode="bilinear")],
    "bilinear corners": [
        step("Resize", spatial_size=[32, 40], mode="bilinear", align_corners=True)
    ],
    "bicubic": [step("Resize", spatial_size=[32, 40], mode="bicubic", align_corners=False)],
    "nearest exact": [step("Resize", spatial_size=[32, 40], mode="nearest-exact")],
    "one side kept": [step("Resize", spatial_size=[32, -1])],
    "longest side": [step("Resize", spatial_size=48, size_mode="longest", mode="bilinear")],
    "same size": [step("Resize", spatial_size=[97, 61])],
    "smoothed": [step("Resize", spatial_size=[24, 20], mode="bilinear", anti_aliasing=True)],
    "smoothed by a sigma": [
        step("Resize", spatial_size=[24, 80], anti_aliasing=True, anti_aliasing_sigma=1.5)
    ],
    "scale": [step("ScaleIntensity")],
    "scale to a range": [step("ScaleIntensity", minv=-1.0, maxv=2)],
    "scale without range": [step("ScaleIntensity", minv=None, maxv=1.0)],
    "scale by a factor": [step("ScaleIntensity", minv=None, maxv=None, factor=0.3)],
    "scale by channel": [step("RepeatChannel", repeats=3), step("ScaleIntensity", channel_wise=True)],
    "range": [step("ScaleIntensityRange", a_min=0, a_max=4095, b_min=-1024, b_max=1024)],
    "range clipped": [
        step("ScaleIntensityRange", a_min=500, a_max=2000, b_min=0.0, b_max=1.0, clip=True)
    ],
    "range without target": [step("ScaleIntensityRange", a_min=500, a_max=2000)],
    "range clipped on one side": [
        step("ScaleIntensityRange", a_min=500, a_max=2000, b_min=0.1, clip=True)
    ],
    "percentiles": [
        step("ScaleIntensityRangePercentiles", lower=1, upper=99, b_min=0, b_max=1, clip=True)
    ],
    "percentiles relative": [
        step(
            "ScaleIntensityRangePercentiles", lower=5, upper=90, b_min=0, b_max=255, relative=True
        )
    ],
    "percentiles by channel": [
        step("RepeatChannel", repeats=2),
        step(
            "ScaleIntensityRangePercentiles",
            lower=2.5, upper=97.5, b_min=-1, b_max=1, channel_wise=True,
        ),
    ],
    "normalize": [step("NormalizeIntensity")],
    "normalize by numbers": [step("NormalizeIntensity", subtrahend=1500.0, divisor=800.0)],
    "normalize nonzero": [step("NormalizeIntensity", nonzero=True)],
    "normalize by channel": [
        step("RepeatChannel", repeats=3),
        step(
            "NormalizeIntensity",
            subtrahend=[485.0, 456.0, 406.0], divisor=[229.0, 224.0, 225.0], channel_wise=True,
        ),
    ],
    "normalize nonzero by channel": [
        step("RepeatChannel", repeats=2),
        step("NormalizeIntensity", nonzero=True, channel_wise=True),
    ],
    "nearest": [step("Resize", spatial_size=[32, 40], mode="nearest")],
    "cropped": [step("CenterSpatialCrop", roi_size=[50, 37])],
    "cropped on one axis": [step("CenterSpatialCrop", roi_size=[-1, 20])],
    "cropped beyond the image": [step("CenterSpatialCrop", roi_size=[400, 20])],
    "cropped square": [step("CenterSpatialCrop", roi_size=41)],
    "padded": [step("SpatialPad", spatial_size=[140, 120])],
    "padded by a value": [step("SpatialPad", spatial_size=[100, 64], value=7.5)],
    "padded by numpy's value": [step("SpatialPad", spatial_size=120, constant_values=-3)],
    "padded at the end": [step("SpatialPad", spatial_size=[130, 99], method="end")],
    **{
        f"padded by {mode}": [step("SpatialPad", spatial_size=[128, -1], mode=mode)]
        for mode in ("edge", "replicate", "reflect", "symmetric", "wrap", "circular")
    },
    "cropped and padded": [step("ResizeWithPadOrCrop", spatial_size=[64, 80])],
    "padded and cropped at the end": [
        step("ResizeWithPadOrCrop", spatial_size=[110, 30], method="end", mode="edge")
    ],
    "resized, padded to a square, cropped": [
        step("Resize", spatial_size=70, size_mode="longest", mode="bilinear"),
        step("ResizeWithPadOrCrop", spatial_size=70),
        step("CenterSpatialCrop", roi_size=64),
    ],
    "a usual chain": [
        step("ScaleIntensityRangePercentiles", lower=1, upper=99, b_min=0, b_max=1, clip=True),
        step("Resize", spatial_size=[64, 64], mode="bilinear", anti_aliasing=True),
        step("NormalizeIntensity", subtrahend=0.5, divisor=0.25),
        step("RepeatChannel", repeats=3),
        step("EnsureType"),
    ],
}  # fmt: skip


@pytest.mark.parametrize("chain", CHAINS)
def test_that_the_input_is_monais_to_the_last_bit(chain: str) -> None:
    image = film()
    nodes = [CHANNEL, *CHAINS[chain]]
    prepared = ours(image, nodes)
    assert prepared.tensor.dtype == torch.float32
    assert type(prepared.tensor) is torch.Tensor
    torch.testing.assert_close(prepared.tensor, monais(image, nodes), rtol=0, atol=0)


@pytest.mark.parametrize("shape", [(1200, 900), (1001, 1000)])
def test_that_percentiles_of_a_large_image_are_monais(shape: tuple[int, int]) -> None:
    nodes = [CHANNEL, *CHAINS["percentiles"]]
    image = film(shape)
    torch.testing.assert_close(ours(image, nodes).tensor, monais(image, nodes), rtol=0, atol=0)


@pytest.mark.filterwarnings("ignore:Divide by zero")
@pytest.mark.parametrize("chain", ["scale to a range", "percentiles", "normalize", "range"])
def test_that_a_constant_image_gives_monais_numbers(chain: str) -> None:
    image = np.full((40, 30), 700, dtype=np.float32)
    nodes = [CHANNEL, *CHAINS[chain]]
    torch.testing.assert_close(ours(image, nodes).tensor, monais(image, nodes), rtol=0, atol=0)


def test_that_the_image_is_left_as_it_was() -> None:
    image = film()
    before = image.copy()
    image.setflags(write=False)
    ours(image, [CHANNEL, *CHAINS["a usual chain"]])
    np.testing.assert_array_equal(image, before)


@pytest.mark.parametrize("first", [[], [step("EnsureChannelFirst")], [CHANNEL]])
def test_that_without_load_image_the_array_is_channel_rows_columns(
    first: list[dict[str, Any]],
) -> None:
    prepared = ours(film((50, 30)), first)
    assert prepared.tensor.shape == (1, 1, 50, 30)
    assert not prepared.mapping.transposed


@pytest.mark.parametrize(
    ("load", "columns_first"),
    [
        ({}, True),
        ({"reader": "ITKReader"}, True),
        ({"reader": "ITKReader", "reverse_indexing": True}, False),
        ({"reader": "PydicomReader"}, True),
        ({"reader": "PydicomReader", "swap_ij": False}, False),
        ({"reader": "PILReader"}, True),
        ({"reader": "PILReader", "reverse_indexing": False}, False),
        ({"reader": "NumpyReader"}, False),
    ],
)
def test_that_behind_load_image_the_axes_are_those_of_the_reader(
    load: dict[str, Any], columns_first: bool
) -> None:
    image = film((50, 30))
    nodes = [step("LoadImage", ensure_channel_first=True, **load), step("ScaleIntensity")]
    prepared = ours(image, nodes)
    expected = monais(image.T if columns_first else image, [CHANNEL, step("ScaleIntensity")])
    torch.testing.assert_close(prepared.tensor, expected, rtol=0, atol=0)
    assert prepared.mapping.transposed is columns_first


RESIZES: dict[str, dict[str, Any]] = {
    "area": {"mode": "area"},
    "bilinear": {"mode": "bilinear"},
    "corners": {"mode": "bilinear", "align_corners": True},
    "bicubic": {"mode": "bicubic"},
    "smoothed": {"mode": "bilinear", "anti_aliasing": True},
}


@pytest.mark.parametrize("load", [[], [step("LoadImage", ensure_channel_first=True)]])
@pytest.mark.parametrize("resize", RESIZES)
def test_that_a_landmark_on_the_grid_lies_on_the_landmark_in_the_image(
    resize: str, load: list[dict[str, Any]]
) -> None:
    rows, columns = np.mgrid[:300, :210] + 0.5
    image = np.exp(-((rows - 90) ** 2 + (columns - 141) ** 2) / 400).astype(np.float32)
    nodes = [*load, step("Resize", spatial_size=[100, 84], **RESIZES[resize])]
    prepared = ours(image, nodes)
    grid = prepared.tensor[0, 0].numpy()
    back = prepared.mapping.resample(grid, (300, 210))
    assert abs((rows * back).sum() / back.sum() - 90) < 0.1
    assert abs((columns * back).sum() / back.sum() - 141) < 0.1


def test_that_two_resizes_in_a_row_are_followed() -> None:
    nodes = [step("Resize", spatial_size=[50, 40]), step("Resize", spatial_size=[25, 10])]
    mapping = ours(film((200, 120)), nodes).mapping
    assert mapping.to_image(25, 10) == pytest.approx((200, 120))
    assert mapping.to_image(0, 0) == (0, 0)
    assert (mapping.row_scale, mapping.column_scale) == pytest.approx((8, 12))


def test_that_preprocessing_does_not_depend_on_monais_global_switch() -> None:
    before = ours(film(), [CHANNEL, *CHAINS["a usual chain"]]).tensor
    set_track_meta(False)
    try:
        after = ours(film(), [CHANNEL, *CHAINS["a usual chain"]]).tensor
    finally:
        set_track_meta(True)
    assert torch.equal(before, after)
    assert not isinstance(before, MetaTensor)


@pytest.mark.parametrize("image", [np.zeros((4, 4)), np.zeros((1, 4, 4), np.float32)])
def test_that_only_a_plane_of_float32_is_taken(image: NDArray[Any]) -> None:
    with pytest.raises(ValueError, match="float32"):
        prepare((), image)


def test_that_an_input_too_large_for_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("radsal.inference.preprocessing.LARGEST_INPUT", 100)
    with pytest.raises(KnownError) as caught:
        ours(film(), [])
    assert "Resize" in caught.value.remedy


@pytest.mark.parametrize("mode", ["reflect", "wrap"])
def test_that_an_image_too_small_for_its_padding_is_refused_with_the_remedy(mode: str) -> None:
    with pytest.raises(KnownError) as caught:
        ours(film((20, 20)), [CHANNEL, step("SpatialPad", spatial_size=200, mode=mode)])
    assert caught.value.code == "model-input"
    assert "constant" in caught.value.remedy


@pytest.mark.parametrize(
    "swelling",
    [
        [step("RepeatChannel", repeats=16)] * 8,
        [step("Resize", spatial_size=4096), step("RepeatChannel", repeats=16)],
        [step("RepeatChannel", repeats=16), step("SpatialPad", spatial_size=4096)],
    ],
)
def test_that_steps_that_swell_are_refused_before_memory_is_spent(
    swelling: list[dict[str, Any]],
) -> None:
    with pytest.raises(KnownError, match="too large"):
        ours(film(), [CHANNEL, *swelling])
