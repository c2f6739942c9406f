"""Where the cells of the network's grid lie in the image, with MONAI's own transforms as oracle.

Two kinds of images go through MONAI's ``Compose``: one whose values are their own coordinates, so
that every cell of the result says where it comes from, and one with a bright square on black.
"""

from pathlib import Path
from typing import Any

import monai.transforms
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from radsal.core.geometry import GridMapping
from radsal.inference.components import read_preprocessing
from radsal.inference.preprocessing import prepare

CHANNEL = {"_target_": "EnsureChannelFirst", "channel_dim": "no_channel"}
Floats = NDArray[np.float32]


def monais(image: Floats | str, nodes: list[dict[str, Any]]) -> NDArray[np.float64]:
    made = [
        getattr(monai.transforms, n["_target_"])(**{k: v for k, v in n.items() if k != "_target_"})
        for n in nodes
    ]
    given_ = image if isinstance(image, str) else image.copy()
    return np.asarray(monai.transforms.Compose(made)(given_), dtype=np.float64)[0]


def mapping_of(shape: tuple[int, int], nodes: list[dict[str, Any]]) -> GridMapping:
    return prepare(read_preprocessing(nodes, "here"), np.ones(shape, np.float32)).mapping


def coordinates(shape: tuple[int, int]) -> tuple[Floats, Floats]:
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32) + 0.5
    return rows, columns


def worst(mapping: GridMapping, came_from: Floats, lit: Floats) -> float:
    """Largest distance, in image pixels, of a cell from where RadSal says that it lies.

    Parameters
    ----------
    came_from:
        (2, H, W), what MONAI made of the two images of coordinates.
    lit:
        (H, W), what MONAI made of an image of ones: less where padding has a part in a cell,
        which does not count.
    """
    whole = np.argwhere(np.abs(lit - 1) < 5e-4)
    assert len(whole)
    said = np.array([mapping.to_image(r + 0.5, c + 0.5) for r, c in whole])
    seen = (came_from / np.where(lit == 0, 1, lit))[:, whole[:, 0], whole[:, 1]].T
    return float(np.abs(said - seen).max())


side = st.integers(24, 90)
sizes = st.tuples(side, side).map(list)
resizes = st.builds(
    lambda size, mode, corners, smooth: {
        "_target_": "Resize", "spatial_size": size, "mode": mode, "anti_aliasing": smooth,
        **({"align_corners": corners} if mode in ("bilinear", "bicubic") else {}),
    },
    sizes, st.sampled_from(["area", "bilinear", "bicubic", "nearest-exact", "nearest"]),
    st.booleans(), st.booleans(),
)  # fmt: skip
longest = st.builds(
    lambda size: {
        "_target_": "Resize", "spatial_size": size, "size_mode": "longest", "mode": "bilinear",
    },
    side,
)  # fmt: skip
crops = st.builds(
    lambda size: {"_target_": "CenterSpatialCrop", "roi_size": size},
    st.tuples(side, st.just(-1)).map(list) | side,
)
paddings = st.builds(
    lambda name, size, method, mode: {
        "_target_": name, "spatial_size": size, "method": method, "mode": mode,
    },
    st.sampled_from(["SpatialPad", "ResizeWithPadOrCrop"]), sizes,
    st.sampled_from(["symmetric", "end"]), st.just("constant"),
)  # fmt: skip
moves = st.one_of(crops, paddings)


@settings(max_examples=150, deadline=None)
@given(
    st.tuples(side, side),
    st.lists(moves, max_size=2),
    resizes | longest,
    st.lists(moves, max_size=2),
)
def test_that_every_cell_lies_within_half_a_pixel_of_where_monai_took_it_from(
    shape: tuple[int, int],
    before: list[dict[str, Any]],
    resize: dict[str, Any],
    after: list[dict[str, Any]],
) -> None:
    nodes = [CHANNEL, *before, resize, *after]
    images = (*coordinates(shape), np.ones(shape, np.float32))
    rows, columns, lit = (monais(each, nodes) for each in images)
    assume((np.abs(lit - 1) < 5e-4).any())  # not all of it is padding
    assert worst(mapping_of(shape, nodes), np.stack([rows, columns]), lit) <= 0.5 + 0.02


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.integers(80, 160), st.integers(80, 160)),
    st.tuples(st.floats(0.35, 0.65), st.floats(0.35, 0.65)),
    st.lists(moves, max_size=1),
    resizes | longest,
    st.lists(
        st.builds(lambda size: {"_target_": "SpatialPad", "spatial_size": size}, sizes), max_size=1
    ),
)
def test_that_a_bright_square_comes_back_to_where_it_was(
    shape: tuple[int, int],
    place: tuple[float, float],
    before: list[dict[str, Any]],
    resize: dict[str, Any],
    after: list[dict[str, Any]],
) -> None:
    image = np.zeros(shape, np.float32)
    top, left = (round(part * length) - 6 for part, length in zip(place, shape, strict=True))
    image[top : top + 13, left : left + 13] = 1
    nodes = [CHANNEL, *before, resize, *after]
    mapping = mapping_of(shape, nodes)
    seen = np.clip(monais(image, nodes), 0, None)
    cropped = [CHANNEL, *before, resize]  # a later pad would count as kept what was cut off
    kept = monais(image, cropped).shape
    assume(whole_square_kept(mapping_of(shape, cropped), kept, (top, left)))
    rows, columns = np.mgrid[: seen.shape[0], : seen.shape[1]] + 0.5
    found = mapping.to_image(
        float((rows * seen).sum() / seen.sum()), float((columns * seen).sum() / seen.sum())
    )
    # one cell more or less of the square shifts its centre by half a cell
    allowed = 0.5 * max(1.0, mapping.row_scale, mapping.column_scale) + 0.05
    assert found == pytest.approx((top + 6.5, left + 6.5), abs=allowed)


def whole_square_kept(mapping: GridMapping, grid: tuple[int, int], corner: tuple[int, int]) -> bool:
    low, high = mapping.to_image(0, 0), mapping.to_image(*grid)
    far = 4 * max(mapping.row_scale, mapping.column_scale, 1)
    return all(
        lo + far < c and c + 13 + far < hi for lo, hi, c in zip(low, high, corner, strict=True)
    )


@pytest.mark.parametrize("old", [7, 48, 96, 97, 300])
@pytest.mark.parametrize("new", [1, 5, 24, 32, 96, 224])
def test_that_nearest_lies_within_half_a_pixel_in_every_ratio(old: int, new: int) -> None:
    nodes = [CHANNEL, {"_target_": "Resize", "spatial_size": [new, 8], "mode": "nearest"}]
    shape = (old, 8)
    rows, _ = coordinates(shape)
    mapping = mapping_of(shape, nodes)
    seen = monais(rows, nodes)[:, 0]
    said = [mapping.to_image(i + 0.5, 0.5)[0] for i in range(new)]
    assert np.abs(seen - said).max() <= 0.5 + 1e-4


READERS: list[tuple[str, dict[str, Any]]] = [
    (".dcm", {}),
    (".dcm", {"reader": "PydicomReader"}),
    (".dcm", {"reader": "PydicomReader", "swap_ij": False}),
    (".dcm", {"reader": "PydicomReader", "affine_lps_to_ras": False}),
    (".png", {"reader": "PILReader"}),
    (".png", {"reader": "PILReader", "reverse_indexing": False}),
    (".npy", {"reader": "NumpyReader"}),
]


@pytest.mark.filterwarnings("ignore:NvImgCodec", "ignore:PydicomReader")
@pytest.mark.parametrize(("suffix", "load"), READERS)
def test_that_behind_monais_readers_the_grid_comes_back_upright(
    suffix: str, load: dict[str, Any], tmp_path: Path, save_dicom: Any
) -> None:
    shape = (60, 42)
    nodes = [
        {"_target_": "LoadImage", "ensure_channel_first": True, **load},
        {"_target_": "CenterSpatialCrop", "roi_size": [40, 37]},
        {"_target_": "ResizeWithPadOrCrop", "spatial_size": [30, 50]},
        {"_target_": "Resize", "spatial_size": [90, 50], "mode": "area"},
    ]
    seen = []
    for name, pixels in zip("rc1", (*np.indices(shape), np.ones(shape)), strict=True):
        path = tmp_path / f"{name}{suffix}"
        stored = pixels.astype(np.uint8)
        if suffix == ".dcm":
            save_dicom(path, stored)
        elif suffix == ".png":
            Image.fromarray(stored).save(path)
        else:
            np.save(path, stored)
        seen.append(monais(str(path), nodes))
    came_from = np.stack(seen[:2]) + 0.5 * seen[2]
    assert worst(mapping_of(shape, nodes), came_from, seen[2]) <= 0.5
